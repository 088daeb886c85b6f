//! An agent's mail, proved by a token: commands are carried out, words go to the customer as the department's.
//!
//! All or nothing: a faulty command, a missing right or nothing to send brings the mail back to the agent untouched, and
//! nothing reaches the customer. What may be a mistake is held, and the agent asked (`held_answer`). A machine's mail in the
//! agent's name is never passed on and never answered.

use super::held_answer;
use super::judgement::{Judgement, carry_out, judge};
use super::understood::{Intent, understand};
use super::work::Work;
use crate::decide::AgentReply;
use crate::decide::customer::follow_up::is_outsider;
use crate::model::event::{EventKind, Withheld};
use crate::model::plan::Plan;
use crate::model::refusal::Refusal;
use crate::model::ticket::{MessageKind, Role};

/// What happens because of an agent's mail.
pub(in crate::decide) fn mail(case: &AgentReply<'_>) -> Plan {
    let mut work = Work::new(case);
    if let Some(machine) = case.mail.automated {
        // It has read nothing.
        work.plan.seen = None;
        work.record(MessageKind::Automatic, &case.mail.text);
        let why = format!("an automatic mail ({}) in the agent's name: not passed on", machine.as_str());
        work.event(EventKind::withheld(Withheld::Effect, why));
        work.plan.withheld.push("answer: no human wrote the mail".to_owned());
        work.believe_machine();
        return work.done();
    }
    if case.policy.desk.require_dmarc && !case.verified {
        work.plan.seen = None;
        // Said to the agent's own address, which is the only one that is told: a forger who has the token learns nothing.
        return work.refuse(vec![Refusal::Unverified]);
    }
    let reply = understand(&work);
    if let Some(verdict) = held_answer::verdict(case, &reply) {
        return held_answer::carry_out(work, &reply, verdict);
    }
    match judge(&work, &reply) {
        Judgement::Go => {
            if reply.intent == Intent::Answer {
                held_answer::replace(&mut work);
            }
            carry_out(work, &reply)
        }
        Judgement::Refuse(faults) => work.refuse(faults),
        Judgement::Silence(why) => work.hold(&why),
        Judgement::Hold(doubts) => held_answer::hold(work, &reply, doubts),
    }
}

/// Whether the agent writes as the only customer of their own ticket: their words are for their colleagues, not for themselves.
pub(in crate::decide) fn is_customer(case: &AgentReply<'_>) -> bool {
    let AgentReply { ticket, agent, .. } = *case;
    let own = case.policy.agent(agent).map(|agent| agent.addresses.as_slice()).unwrap_or_default();
    let requester = own.iter().any(|address| address.same_as(&ticket.requester.address));
    let alone = ticket
        .participants
        .iter()
        .all(|someone| someone.role == Role::Proposed || !is_outsider(case.policy, &someone.person.address));
    requester && alone && case.asked.is_nothing()
}

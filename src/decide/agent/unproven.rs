//! A mail in an agent's name that proves nothing comes back to the agent's first address, with the reason and all its words.
//!
//! It opens no ticket, stands on none and reaches no customer: anybody can write an agent's address into From. So that nobody
//! can be flooded through us, it comes back a few times an hour only.

use std::sync::Arc;

use super::loop_limits;
use crate::decide::customer::follow_up::is_old_import;
use crate::decide::customer::open;
use crate::decide::{Incoming, NewMatter, ignored};
use crate::model::breaker::{Breaker, Stopped};
use crate::model::id::AgentId;
use crate::model::link::Unproven;
use crate::model::outgoing::{Draft, NoticeBody, NoticeDraft};
use crate::model::plan::{Fate, Plan};
use crate::model::reader::Reader;
use crate::model::refusal::Refusal;
use crate::model::visibility::Internal;

/// Mails that come back to one agent within an hour.
const MAX_AN_HOUR: u32 = 5;

const BY_A_MACHINE: &str = "an automatic mail in an agent's name, which nothing proves";

/// What happens because of it.
pub(in crate::decide) fn mail(case: &Incoming<'_>, agent: &AgentId, why: &Unproven) -> Plan {
    if case.mail.automated.is_some() {
        return ignored(BY_A_MACHINE);
    }
    if is_old_import(case) {
        return open::new_ticket(&NewMatter::alone(case));
    }
    let refusal = Refusal::Unproven(why.clone());
    let first = case.policy.agent(agent).and_then(|agent| agent.addresses.first().cloned());
    // Whoever has an address that we signed wrote to us: after a restore all such words have to come back.
    let is_ours = matches!(why, Unproven::Void(_));
    if (case.counters.returned_to_sender >= MAX_AN_HOUR && !is_ours) || loop_limits::notices_spent(case) {
        let stopped = Stopped { breaker: Breaker::Returned, whose: agent.to_string(), limit: MAX_AN_HOUR };
        let fate = ignored(&format!("in the name of agent {agent}, {refusal}; too many of them came back already"));
        return Plan { stopped: vec![stopped], ..fate };
    }
    let notice = NoticeDraft {
        ticket: None,
        subject: case.mail.subject.clone(),
        agent: agent.clone(),
        mailbox: case.raw.mailbox.clone(),
        department: case.route.department.clone(),
        body: NoticeBody::Refused {
            reasons: vec![refusal.clone()],
            text: Internal::new(case.mail.words()),
            attachments: Arc::clone(case.attachments),
        },
        references: case.mail.message_id.iter().cloned().collect(),
        answered: Reader::Nobody,
        customers: Vec::new(),
        shows: None,
        serial: case.counters.next_serial,
    };
    let fate = Fate::Ignored(format!("in the name of agent {agent}, {refusal}: it came back to the agent"));
    Plan {
        fate: Some(fate),
        mails: vec![Draft::Notice(notice)],
        lost_words: if let Unproven::Void(ticket) = why { Some((agent.clone(), *ticket)) } else { None },
        came_back: first.filter(|_| !is_ours).map(|address| (address, why.clone())),
        ..Plan::default()
    }
}

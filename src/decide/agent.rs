//! An agent's mail, proved by a token: commands are carried out, words go to the customer as the department's.
//!
//! All or nothing: a faulty command, a missing right or nothing to send brings the mail back to the agent untouched, and
//! nothing reaches the customer. A machine's mail in the agent's name is never passed on and never answered.

use std::sync::Arc;

use super::command::{Command, Instructions, read};
use super::customer::is_outsider;
use super::work::Work;
use super::{Case, brake, leak, merge, notes, regroup, signature};
use crate::model::id::AgentId;
use crate::model::mail::Attachment;
use crate::model::plan::Plan;
use crate::model::policy::Agent;
use crate::model::ticket::{MessageKind, Role, Ticket};

/// Said to the agent's own address, which is the only one that is told: a forger who has the token learns nothing.
const UNVERIFIED: &str = "our mail server does not confirm that your mail comes from the domain in its From (DMARC), and \
    `require_dmarc` wants that: send it through the mail server of your own domain";

/// What an agent's mail asks for, read and judged before anything is done.
struct Request {
    commands: Vec<Command>,
    /// The words for the customer, or of the note.
    text: String,
    /// What travels along with an answer.
    attachments: Arc<[Attachment]>,
    intent: Intent,
    /// What was taken off, for the ticket's history.
    cut: Vec<String>,
    faults: Vec<String>,
}

/// What the mail is, beside its commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Answer,
    Note,
    CommandsOnly,
}

/// What happens because of an agent's mail on `ticket`.
pub(super) fn mail(case: &Case<'_>, ticket: &Ticket, agent: &AgentId) -> Plan {
    let mut work = Work::new(case, ticket, agent);
    if let Some(machine) = case.mail.automated {
        work.record(MessageKind::Automatic, &case.mail.text);
        work.event("withheld", format!("an automatic mail ({}) in the agent's name: not passed on", machine.as_str()));
        work.plan.withheld.push("answer: no human wrote the mail".to_owned());
        work.believe_machine();
        return work.done();
    }
    if case.policy.desk.require_dmarc && !case.verified {
        return work.refuse(vec![UNVERIFIED.to_owned()]);
    }
    let mut request = understand(case, agent);
    let with_words = request.intent != Intent::CommandsOnly;
    request.faults.extend(regroup::faults(case, ticket, agent, &request.commands, with_words));
    request.faults.extend(work.missing_rights(&request.commands, with_words));
    request.faults.extend(work.has_enough(&request.commands));
    request.faults.extend(work.cannot_be_away(&request.commands));
    if request.intent == Intent::Answer {
        request.faults.extend(no_customer(case, ticket));
        request.faults.extend(leak::remains(&request.text, &request.attachments, case.policy, case.phrases));
        let customer = case.last_words.map_or("", |(_, words)| words.as_str());
        request.faults.extend(leak::foreign_quote(&request.text, customer));
        request.faults.extend(merge::answers_a_stranger(case, ticket));
        request.faults.extend(notes::carried(&request.text, case.notes, customer));
        if let Some(why) = brake::answers_spent(ticket, case.now) {
            if brake::answers_a_notice(case.mail) {
                return work.hold(&why);
            }
            request.faults.push(why);
        }
    }
    if !request.faults.is_empty() {
        return work.refuse(request.faults);
    }
    carry_out(work, &request)
}

/// Whether the agent writes as the only customer of his own ticket: his words are for his colleagues, not for himself.
pub(super) fn is_customer(case: &Case<'_>, ticket: &Ticket, agent: &AgentId) -> bool {
    let own = case.policy.agent(agent).map(|agent| agent.addresses.as_slice()).unwrap_or_default();
    let requester = own.iter().any(|address| address.same_as(&ticket.requester.address));
    let alone = ticket
        .participants
        .iter()
        .all(|someone| someone.role == Role::Proposed || !is_outsider(case.policy, &someone.person.address));
    let instructions = read(&case.mail.reply, case.policy);
    requester && alone && instructions.commands.is_empty() && instructions.faults.is_empty()
}

fn understand(case: &Case<'_>, agent: &AgentId) -> Request {
    let Instructions { commands, mut faults, mut text } = read(&case.mail.reply, case.policy);
    let agent = case.policy.agent(agent);
    let mut cut = Vec::new();
    if let Some(reason) = commands.iter().find_map(Command::note_of_its_own) {
        let words = format!("{reason}\n{text}");
        words.trim().clone_into(&mut text);
    }
    let note = commands.contains(&Command::Note) || commands.iter().any(|command| command.note_of_its_own().is_some());
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('>')) {
        text.clear();
    }
    let (attachments, left) = leak::travelling(case.attachments, &text, agent);
    if !note {
        cut.extend(agent.and_then(|agent| cut_signature(&mut text, agent)));
        if let Some(agent) = agent
            && (!commands.is_empty() || !cut.is_empty())
            && attachments.is_empty()
            && signature::only_signs_off(&text, agent)
        {
            text.clear();
        }
        text = without_gaps(&text);
    }
    let intent = match (note, text.is_empty(), commands.is_empty()) {
        (true, _, _) => Intent::Note,
        (false, false, _) | (false, true, true) => Intent::Answer,
        (false, true, false) => Intent::CommandsOnly,
    };
    let files = attachments.iter().filter(|attachment| !attachment.inline).count();
    if intent == Intent::Answer && text.is_empty() && attachments.is_empty() && faults.is_empty() {
        faults.push("no words of yours were found above the quoted text: write your answer at the top".to_owned());
    }
    if intent == Intent::CommandsOnly && files > 0 {
        faults.push(
            "there is an attachment but no words to send it with: write a line to the customer, or `#note`".to_owned(),
        );
    }
    if note && text.is_empty() && attachments.is_empty() {
        faults.push("`#note` needs words: write the note below it".to_owned());
    }
    if intent == Intent::Answer && !left.is_empty() {
        cut.push(format!("not passed on: {}", left.join(", ")));
    }
    Request { commands, text, attachments, intent, cut, faults }
}

/// At most one blank line between paragraphs: programs make three of an empty one.
fn without_gaps(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.trim().lines().map(str::trim_end) {
        if !(line.is_empty() && kept.last().is_some_and(|last| last.is_empty())) {
            kept.push(line);
        }
    }
    kept.join("\n")
}

fn cut_signature(text: &mut String, agent: &Agent) -> Option<String> {
    let kept = signature::without(text, agent)?.len();
    let lines = text.get(kept..).unwrap_or_default().lines().filter(|line| !line.trim().is_empty()).count();
    text.truncate(kept);
    Some(format!("the agent's own signature: {lines} lines at the end"))
}

/// Why there is nobody to answer.
fn no_customer(case: &Case<'_>, ticket: &Ticket) -> Option<String> {
    let customer = &ticket.requester.address;
    if !customer.is_reachable() {
        return Some("the customer's address is not known, there is nobody to send an answer to".to_owned());
    }
    case.policy.is_own(customer).then(|| {
        format!("the ticket's customer is `{customer}`, an address of our own: there is nobody to send an answer to")
    })
}

fn carry_out(mut work: Work<'_>, request: &Request) -> Plan {
    for command in &request.commands {
        work.carry_out(command);
    }
    match request.intent {
        Intent::Note => work.note(&request.text),
        Intent::Answer => {
            if !request.cut.is_empty() {
                work.event("cut", request.cut.join("; "));
            }
            work.answer(&request.text, &request.attachments);
        }
        Intent::CommandsOnly => work.record(MessageKind::Note, work.case.mail.reply.trim()),
    }
    work.done()
}

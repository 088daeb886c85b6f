//! An agent's mail, proved by a token: commands are carried out, words go to the customer as the department's.
//!
//! All or nothing: a faulty command, a missing right or nothing to send brings the mail back to the agent untouched, and
//! nothing reaches the customer. What may be a mistake is held, and the agent asked (`held_answer`). A machine's mail in the
//! agent's name is never passed on and never answered.

use std::sync::Arc;

use super::commands::{self, Command, Instructions};
use super::customer::is_outsider;
use super::signature::Ending;
use super::work::Work;
use super::{
    Case, brake, doubts, dropped, echo, held_answer, leak, merge, notes, people, pictures, recipients, signature,
};
use crate::model::event::{EventKind, Withheld};
use crate::model::held::Doubt;
use crate::model::id::AgentId;
use crate::model::mail::{Attachment, ParsedMail};
use crate::model::plan::Plan;
use crate::model::policy::Agent;
use crate::model::reader::Reader;
use crate::model::refusal::Refusal;
use crate::model::text::{clean_line, unmarked_quote};
use crate::model::ticket::{MessageKind, Role, Ticket};

/// Characters of a line that are shown.
const MAX_SHOWN: usize = 100;

/// What an agent's mail asks for, read and judged before anything is done.
pub(super) struct Reply {
    pub(super) commands: Vec<Command>,
    /// The words for the customer, or of the note.
    pub(super) text: String,
    /// What travels along with an answer.
    pub(super) attachments: Arc<[Attachment]>,
    pub(super) intent: Intent,
    /// What was taken off, for the ticket's history.
    cut: Vec<String>,
    pub(super) faults: Vec<Refusal>,
    /// The line from which on it may be the agent's own signature.
    perhaps_signature: Option<String>,
    /// Whether its agent was asked about what looks doubtful in it, and insists.
    pub(super) confirmed: bool,
}

/// What the mail is, beside its commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Answer,
    Note,
    CommandsOnly,
}

/// What is to become of a mail that was read.
pub(super) enum Judgement {
    /// All of it is done.
    Go,
    /// Nothing is done, for these reasons.
    Refuse(Vec<Refusal>),
    /// Nothing is done and nobody is told.
    Silence(String),
    /// The answer is held until the agent says what to do: for these reasons, or because of messages that they had not seen.
    Hold(Vec<Doubt>),
}

/// What happens because of an agent's mail on `ticket`.
pub(super) fn mail(case: &Case<'_>, ticket: &Ticket, agent: &AgentId) -> Plan {
    let mut work = Work::new(case, ticket, agent);
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

/// What is wrong with the commands of a mail: how they are written, and whether they can be carried out here and now.
pub(super) fn faults(work: &Work<'_>, reply: &Reply) -> Vec<Refusal> {
    let (commands, with_words) = (&reply.commands, reply.intent != Intent::CommandsOnly);
    let mut faults = reply.faults.clone();
    faults.extend(commands::faults(work, commands, with_words));
    // Who was told by colleagues may tell them something, wherever the ticket has gone since.
    let remark = reply.intent == Intent::Note && commands.is_empty() && work.case.read_by == Some(Reader::Note);
    if !remark {
        faults.extend(work.missing_rights(commands, with_words));
    }
    faults.extend(work.has_enough(commands));
    faults.extend(work.cannot_be_away(commands));
    faults.extend(people::faults(work.case, work.before, commands));
    faults
}

/// Whether a mail may have its way, by the facts of its case.
pub(super) fn judge(work: &Work<'_>, reply: &Reply) -> Judgement {
    let (case, ticket) = (work.case, work.before);
    let mut faults = faults(work, reply);
    if reply.intent == Intent::Note && reply.text.is_empty() && reply.attachments.is_empty() {
        faults.push(Refusal::EmptyNote);
    }
    let means_words = |command: &Command| matches!(command, Command::To(_) | Command::Answer);
    if reply.intent == Intent::CommandsOnly && reply.commands.iter().any(means_words) {
        faults.push(Refusal::NoWords);
    }
    if reply.intent != Intent::Answer {
        return if faults.is_empty() { Judgement::Go } else { Judgement::Refuse(faults) };
    }
    faults.extend(no_customer(case, ticket));
    faults.extend(recipients::not_on_ticket(ticket, &reply.commands));
    faults.extend(leak::remains(&reply.text, &reply.attachments, case.policy, case.phrases));
    let customer = case.last_words.map_or("", |(_, words)| words.as_str());
    faults.extend(leak::foreign_quote(&reply.text, customer));
    faults.extend(leak::private_address(&reply.text, case.policy, ticket, customer));
    faults.extend(merge::answers_a_stranger(case, ticket));
    faults.extend(echo::sent_twice(case, ticket, reply));
    let machines = brake::answers_spent(ticket, case.now).or_else(|| echo::answers_an_echo(case, &reply.text));
    if let Some(why) = machines {
        let told = matches!(why, Refusal::Echo(_)) && echo::was_kept(case, &reply.text);
        if told || brake::answers_a_notice(case.mail) {
            return Judgement::Silence(why.to_string());
        }
        faults.push(why);
    }
    if !faults.is_empty() {
        return Judgement::Refuse(faults);
    }
    // What an agent wrote as a customer may quote what he read as an agent.
    let outside = case.last_words.is_some_and(|(author, _)| is_outsider(case.policy, &author.address));
    let known = if outside { customer } else { "" };
    let note = notes::carried(&reply.text, case.notes, known)
        .or_else(|| notes::carried_in_files(&reply.attachments, case.notes, known));
    let mut doubts = if reply.confirmed { Vec::new() } else { doubtful(work, reply) };
    doubts.extend(note.map(Doubt::Note));
    if doubts.is_empty() && case.reading.newer.is_empty() { Judgement::Go } else { Judgement::Hold(doubts) }
}

/// What looks doubtful in an answer, by the mail alone.
fn doubtful(work: &Work<'_>, reply: &Reply) -> Vec<Doubt> {
    let (case, ticket) = (work.case, work.before);
    let mut doubts = Vec::new();
    if !reply.commands.contains(&Command::Answer) {
        doubts = doubts::for_whom(case, ticket, work.agent, reply);
    }
    doubts.extend(leak::file_with_private_address(case, ticket, &reply.attachments));
    let newcomers = work.newcomers(&reply.commands);
    doubts.extend((!newcomers.is_empty()).then_some(Doubt::Newcomers(newcomers)));
    doubts.extend(reply.perhaps_signature.clone().map(Doubt::PerhapsSignature));
    doubts.extend(dropped::words(case, reply));
    doubts
}

/// Whether the agent writes as the only customer of his own ticket: his words are for his colleagues, not for himself.
pub(super) fn is_customer(case: &Case<'_>, ticket: &Ticket, agent: &AgentId) -> bool {
    let own = case.policy.agent(agent).map(|agent| agent.addresses.as_slice()).unwrap_or_default();
    let requester = own.iter().any(|address| address.same_as(&ticket.requester.address));
    let alone = ticket
        .participants
        .iter()
        .all(|someone| someone.role == Role::Proposed || !is_outsider(case.policy, &someone.person.address));
    requester && alone && case.asked.is_nothing()
}

pub(super) fn understand(work: &Work<'_>) -> Reply {
    let (case, agent) = (work.case, work.agent);
    let Instructions { commands, mut faults, mut text, verb } = case.asked.clone();
    let agent = case.policy.agent(agent);
    text = pictures::without_remote(&as_written(&text));
    let mut cut = Vec::new();
    if let Some(reason) = commands.iter().find_map(Command::note_of_its_own) {
        let words = format!("{reason}\n{text}");
        words.trim().clone_into(&mut text);
    }
    let reasons = commands.iter().filter_map(Command::reason).collect::<Vec<_>>().join("\n");
    if commands.contains(&Command::Note) {
        let words = format!("{reasons}\n{text}");
        words.trim().clone_into(&mut text);
    }
    let note = commands.contains(&Command::Note) || commands.iter().any(|command| command.note_of_its_own().is_some());
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('>')) {
        text.clear();
    }
    let (mut attachments, mut left) = leak::travelling(case.attachments, &text, None, agent);
    let mut perhaps_signature = None;
    if !note {
        if let Some(closing) = agent.filter(|_| !text.is_empty()).and_then(|agent| closing(case.mail, agent)) {
            text.truncate(text.trim_end().len());
            text.push_str(closing);
        }
        match agent.map_or(Ending::Words, |agent| signature::ending(&text, agent)) {
            Ending::Words => {}
            Ending::Signature(words) => {
                let kept = words.len();
                cut.push(cut_signature(&mut text, kept));
            }
            Ending::Unsure(line) => perhaps_signature = Some(clean_line(line, MAX_SHOWN)),
        }
        if let Some(agent) = agent
            && (!commands.is_empty() || !cut.is_empty())
            && attachments.is_empty()
            && signature::only_signs_off(&text, agent)
        {
            text.clear();
        }
        text = without_gaps(&text);
        if let Some(mut words) = case.rich.filter(|_| !text.is_empty()).and_then(|rich| rich.part_that_says(&text)) {
            if agent.is_some_and(|agent| signature::ends_in_closing(&text, agent)) {
                words = words.without_last_pictures();
            }
            (attachments, left) = leak::travelling(case.attachments, &text, Some(&words), agent);
        }
        text = without_gaps(&pictures::named(&text, &attachments, case.rich));
    }
    // What a colleague has to know is a note; beside words for the customer it is told with the command.
    let note = note || (text.is_empty() && !reasons.is_empty());
    if note && text.is_empty() {
        text = reasons;
    }
    let answer = commands.contains(&Command::Answer);
    let nothing = text.is_empty() && attachments.iter().all(|attachment| attachment.inline);
    let intent = match (note, text.is_empty(), commands.is_empty()) {
        (true, _, _) => Intent::Note,
        (false, false, _) | (false, true, true) => Intent::Answer,
        (false, true, false) if answer && !nothing => Intent::Answer,
        (false, true, false) => Intent::CommandsOnly,
    };
    // Who answers colleagues' words alone writes to colleagues; `#to` says that they mean a customer.
    let to_colleagues = case.read_by == Some(Reader::Note) && recipients::named(&commands).is_empty();
    let intent = match intent {
        Intent::Answer if to_colleagues && !answer && !nothing => Intent::Note,
        Intent::Answer | Intent::Note | Intent::CommandsOnly => intent,
    };
    if answer && commands.contains(&Command::Note) {
        faults.push(Refusal::AnswerAndNote);
    }
    if let Some(verb) = verb.filter(|_| intent == Intent::Answer) {
        faults.push(Refusal::AddressIsVerb(verb));
    }
    let files = attachments.iter().filter(|attachment| !attachment.inline).count();
    if intent == Intent::Answer && text.is_empty() && attachments.is_empty() && faults.is_empty() {
        faults.push(Refusal::NoWords);
    }
    if intent == Intent::CommandsOnly && files > 0 {
        faults.push(Refusal::FilesWithoutWords);
    }
    if intent == Intent::Answer && !left.is_empty() {
        cut.push(format!("not passed on: {}", left.join(", ")));
    }
    Reply { commands, text, attachments, intent, cut, faults, perhaps_signature, confirmed: false }
}

/// The customer's words that an agent answers between, without the mark that our mail put before them.
fn as_written(text: &str) -> String {
    text.split('\n').map(unmarked_quote).collect::<Vec<_>>().join("\n")
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

fn cut_signature(text: &mut String, kept: usize) -> String {
    let lines = text.get(kept..).unwrap_or_default().lines().filter(|line| !line.trim().is_empty()).count();
    text.truncate(kept);
    format!("the agent's own signature: {lines} lines at the end")
}

/// How the agent signs a letter, with the line ends above it, where that was taken for the beginning of a signature: not when
/// a separator stands above it.
fn closing<'m>(mail: &'m ParsedMail, agent: &Agent) -> Option<&'m str> {
    let closing = signature::closing_of(&mail.signature, agent)?;
    let at = mail.text.rfind(closing)?;
    let above = mail.text.get(..at)?.trim_end();
    let apart = mail.text.get(above.len()..at + closing.len()).filter(|closing| closing.starts_with('\n'))?;
    (!signature::is_rule(above.lines().last()?)).then_some(apart)
}

/// Why there is nobody to answer.
fn no_customer(case: &Case<'_>, ticket: &Ticket) -> Option<Refusal> {
    let customer = &ticket.requester.address;
    if !customer.is_reachable() {
        return Some(Refusal::CustomerUnknown);
    }
    case.policy.is_own(customer).then(|| Refusal::CustomerIsOurs(customer.clone()))
}

/// Does all that a mail asks for.
pub(super) fn carry_out(mut work: Work<'_>, reply: &Reply) -> Plan {
    for command in &reply.commands {
        work.carry_out(command);
    }
    work.pass_on();
    match reply.intent {
        Intent::Note => work.note(&reply.text),
        Intent::Answer => {
            if !reply.cut.is_empty() {
                work.event(EventKind::Cut { parts: reply.cut.clone() });
            }
            work.answer(&reply.text, &reply.attachments);
        }
        Intent::CommandsOnly => work.record(MessageKind::Note, work.case.mail.reply.trim()),
    }
    work.tell_of_taking();
    if reply.intent == Intent::CommandsOnly || !work.verdict.is_empty() {
        work.confirm(&reply.commands);
    }
    work.done()
}

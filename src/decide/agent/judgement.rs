//! Whether an agent's mail may have its way, by the facts of its case; and that it has it.

use super::understood::{Intent, Reply};
use super::work::Work;
use super::{doubts, dropped_words, loop_limits, recipients, repeats};
use crate::decide::AgentReply;
use crate::decide::actions::{merge, people};
use crate::decide::commands::permissions::{self, Standing};
use crate::decide::commands::{self, Command, Field, Right};
use crate::decide::customer::follow_up::is_outsider;
use crate::decide::outgoing::{leaks, notes};
use crate::model::event::EventKind;
use crate::model::held::Doubt;
use crate::model::plan::Plan;
use crate::model::reader::Reader;
use crate::model::refusal::Refusal;
use crate::model::ticket::{MessageKind, Ticket};

/// What is to become of a mail that was read.
pub(in crate::decide) enum Judgement {
    /// All of it is done.
    Go,
    /// Nothing is done, for these reasons.
    Refuse(Vec<Refusal>),
    /// Nothing is done and nobody is told.
    Silence(String),
    /// The answer is held until the agent says what to do: for these reasons, or because of messages that they had not seen.
    Hold(Vec<Doubt>),
}

/// What is wrong with the commands of a mail: how they are written, and whether they can be carried out here and now.
pub(in crate::decide) fn faults(work: &Work<'_>, reply: &Reply) -> Vec<Refusal> {
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
pub(in crate::decide) fn judge(work: &Work<'_>, reply: &Reply) -> Judgement {
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
    faults.extend(leaks::remains(&reply.text, &reply.attachments, case.policy, case.phrases));
    let customer = case.last_words.map_or("", |(_, words)| words.as_str());
    faults.extend(leaks::foreign_quote(&reply.text, customer));
    faults.extend(leaks::private_address(&reply.text, case.policy, ticket, customer));
    faults.extend(merge::answers_a_stranger(case, ticket));
    faults.extend(repeats::sent_twice(case, ticket, reply));
    let machines = loop_limits::answers_spent(ticket, case.now).or_else(|| repeats::answers_an_echo(case, &reply.text));
    if let Some(why) = machines {
        let told = matches!(why, Refusal::Echo(_)) && repeats::was_kept(case, &reply.text);
        if told || loop_limits::answers_a_notice(case.mail) {
            return Judgement::Silence(why.to_string());
        }
        faults.push(why);
    }
    if !faults.is_empty() {
        return Judgement::Refuse(faults);
    }
    // What an agent wrote as a customer may quote what they read as an agent.
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
    doubts.extend(leaks::file_with_private_address(case, ticket, &reply.attachments));
    let newcomers = work.newcomers(&reply.commands);
    doubts.extend((!newcomers.is_empty()).then_some(Doubt::Newcomers(newcomers)));
    doubts.extend(reply.perhaps_signature.clone().map(Doubt::PerhapsSignature));
    doubts.extend(dropped_words::words(case, reply));
    doubts
}

/// Why there is nobody to answer.
fn no_customer(case: &AgentReply<'_>, ticket: &Ticket) -> Option<Refusal> {
    let customer = &ticket.requester.address;
    if !customer.is_reachable() {
        return Some(Refusal::CustomerUnknown);
    }
    case.policy.is_own(customer).then(|| Refusal::CustomerIsOurs(customer.clone()))
}

/// Does all that a mail asks for.
pub(in crate::decide) fn carry_out(mut work: Work<'_>, reply: &Reply) -> Plan {
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

impl Work<'_> {
    /// These commands were carried out when the words beside them were held: what they said still counts for the answer.
    pub(in crate::decide) fn was_told(&mut self, commands: &[Command]) {
        self.assignee_set |= commands.iter().any(|command| command.spec().gives_away);
        self.status_set |= commands.iter().any(|command| command.spec().changes == Some(Field::Status));
    }

    /// Rights are those at the time of processing: a token of somebody who left the department does nothing.
    pub(in crate::decide) fn missing_rights(&self, commands: &[Command], with_words: bool) -> Vec<Refusal> {
        let about_words = |command: &Command| command.spec().right == Right::Words;
        let asked_in = self.asked_in.as_ref().filter(|_| commands.iter().all(about_words));
        let department = asked_in.unwrap_or(&self.shown.department);
        let standing = Standing { department, ..Standing::of(self.before) };
        permissions::faults(self.case.policy, standing, self.agent, commands, with_words)
    }
}

//! What an agent's mail says on its ticket: its commands, the words that remain, whom they are for, what travels along.

use std::sync::Arc;

use super::recipients;
use super::work::Work;
use crate::decide::commands::{Command, Instructions};
use crate::decide::outgoing::signature::{self, Ending};
use crate::decide::outgoing::{leaks, pictures};
use crate::model::mail::{Attachment, ParsedMail};
use crate::model::policy::Agent;
use crate::model::reader::Reader;
use crate::model::refusal::Refusal;
use crate::model::text::{clean_line, unmarked_quote};

/// Characters of a line that are shown.
const MAX_SHOWN: usize = 100;

/// What an agent's mail asks for, read and judged before anything is done.
pub(in crate::decide) struct Reply {
    pub(in crate::decide) commands: Vec<Command>,
    /// The words for the customer, or of the note.
    pub(in crate::decide) text: String,
    /// What travels along with an answer.
    pub(in crate::decide) attachments: Arc<[Attachment]>,
    pub(in crate::decide) intent: Intent,
    /// What was taken off, for the ticket's history.
    pub(in crate::decide) cut: Vec<String>,
    pub(in crate::decide) faults: Vec<Refusal>,
    /// The line from which on it may be the agent's own signature.
    pub(in crate::decide) perhaps_signature: Option<String>,
    /// Whether its agent was asked about what looks doubtful in it, and insists.
    pub(in crate::decide) confirmed: bool,
}

/// What the mail is, beside its commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Intent {
    Answer,
    Note,
    CommandsOnly,
}

/// Reads an agent's mail.
pub(in crate::decide) fn understand(work: &Work<'_>) -> Reply {
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
    let (mut attachments, mut left) = leaks::travelling(case.attachments, &text, None, agent);
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
            (attachments, left) = leaks::travelling(case.attachments, &text, Some(&words), agent);
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

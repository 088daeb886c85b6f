//! What stands around a ticket: read when an agent's commands need it, and nothing that they do not need.

use jiff::Timestamp;

use super::address::Person;
use super::event::PastEvent;
use super::id::{AgentId, DepartmentId, MailId, MessageKey, TicketNumber};
use super::plan::AttachmentInfo;
use super::ticket::{MessageKind, Status, Ticket};

/// What has to be looked up for an agent's mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The tickets that its commands name.
    pub tickets: Vec<TicketNumber>,
    /// The customers' mails on the ticket.
    pub mails: bool,
    /// The ids that the agent's mail answers: what it was about.
    pub answers: Vec<MailId>,
    /// What another department has to know.
    pub case_file: bool,
    /// All that was written and done.
    pub conversation: bool,
    /// The customer's last words as colleagues are shown them.
    pub told_words: bool,
    /// The most urgent ticket that nobody has.
    pub next: bool,
    /// What the agent leaves unanswered.
    pub unanswered: bool,
}

/// What stands around a ticket, read when an agent's mail asks for something that needs it.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The tickets that its commands name and, of those that were merged, the one that lives on.
    pub named: Vec<Ticket>,
    /// What is part of the ticket, the latest merge last.
    pub merged: Vec<Merged>,
    /// The ticket that this one was split from; the one that lives on for it is among the named.
    pub split_from: Option<TicketNumber>,
    /// The customers' mails on the ticket, oldest first, the oldest left out past some hundred.
    pub mails: Vec<MailHead>,
    /// The customer's mail that the notification showed which the agent answers.
    pub answered: Option<MessageKey>,
    /// Whether the customer's mails are ignored.
    pub muted: bool,
    /// How many addresses are.
    pub mutes: u32,
    /// How the ticket came to its department, if it was handed over.
    pub hand_over: Option<HandOver>,
    /// What the next department needs to know.
    pub case_file: CaseFile,
    /// What was written and done, when an agent wants to see it.
    pub conversation: Conversation,
}

impl Surroundings {
    /// Leaves of every customer's words what `new_words` finds new in them.
    pub fn cut_quotes(&mut self, new_words: impl Fn(&str) -> String) {
        self.mails.iter_mut().for_each(|mail| mail.text = new_words(&mail.text));
        self.merged
            .iter_mut()
            .filter_map(|part| part.last_words.as_mut())
            .for_each(|(_, text)| *text = new_words(text));
        let of_customers = self.conversation.said.iter_mut().filter(|said| said.kind == MessageKind::Customer);
        of_customers.for_each(|said| said.text = new_words(&said.text));
        self.case_file.first.iter_mut().for_each(|(_, text)| *text = new_words(text));
    }

    /// The living ticket behind a number that a command names.
    pub fn living(&self, number: TicketNumber) -> Option<&Ticket> {
        let mut found = self.named.iter().find(|ticket| ticket.number == number)?;
        for _ in 0..self.named.len() {
            let Some(lead) = found.merged_into else { break };
            found = self.named.iter().find(|ticket| ticket.number == lead)?;
        }
        found.merged_into.is_none().then_some(found)
    }
}

/// A ticket that is part of another one.
#[derive(Clone, Debug)]
pub struct Merged {
    /// It, as it stands.
    pub ticket: Ticket,
    /// How it stood before.
    pub status: Status,
    /// When it would have come back from `waiting`.
    pub wait_until: Option<Timestamp>,
    /// Whether a customer wrote to it since.
    pub written_to: bool,
    /// The latest words of a customer on it.
    pub last_words: Option<(Person, String)>,
    /// How the ticket that it was merged into stood before, if the merge opened that and nobody wrote to it since.
    pub lead_before: Option<(Status, Option<Timestamp>)>,
}

/// A customer's mail on a ticket.
#[derive(Clone, Debug)]
pub struct MailHead {
    /// Its number.
    pub key: MessageKey,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub date: Timestamp,
    /// Its words.
    pub text: String,
}

/// How a ticket came from one department to another.
#[derive(Clone, Debug, Default)]
pub struct HandOver {
    /// Where it was; `None` when nothing can be returned any more.
    pub from: Option<DepartmentId>,
    /// Who had it there.
    pub assignee: Option<AgentId>,
    /// Who moved it.
    pub by: Option<AgentId>,
    /// Whether somebody accepted it.
    pub accepted: bool,
    /// How often it went from one department to another, this time included.
    pub count: u32,
}

/// What is said of a ticket to the department that gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFile {
    /// The customer's first mail: when, and its words.
    pub first: Option<(Timestamp, String)>,
    /// Our latest answer: who wrote it, when, and its words.
    pub promised: Option<(AgentId, Timestamp, String)>,
    /// The latest internal notes: who, when, and what; the newest last.
    pub notes: Vec<(String, Timestamp, String)>,
    /// The latest lines of history; the newest last.
    pub history: Vec<PastEvent>,
    /// Files that customers sent, the latest ones.
    pub attachments: Vec<AttachmentInfo>,
    /// When it comes back by itself.
    pub wait_until: Option<Timestamp>,
}

/// What was written on a ticket, and done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Its messages, oldest first.
    pub said: Vec<SaidOnTicket>,
    /// How many older ones are left out.
    pub older: usize,
    /// Lines of history, oldest first.
    pub events: Vec<PastEvent>,
}

/// A message of a ticket as an agent is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidOnTicket {
    /// What it is.
    pub kind: MessageKind,
    /// Whose name it bears: a customer's, or the department's.
    pub author: Person,
    /// The agent who wrote it.
    pub agent: Option<AgentId>,
    /// When.
    pub at: Timestamp,
    /// Its words, the beginning of very long ones.
    pub text: String,
    /// The names of its files.
    pub files: Vec<String>,
}

//! What is to happen because of a mail, a command or the time: a value, written by the store in one transaction.

use jiff::Timestamp;

use super::address::{Address, Person};
use super::breaker::Stopped;
use super::event::Event;
use super::held::HeldStep;
use super::id::{AgentId, DepartmentId, MailId, MailboxId, MessageKey, TicketNumber};
use super::language::Language;
use super::link::{Route, Unproven};
use super::outgoing::{Draft, Returned};
use super::staff::Absence;
use super::step::Step;
use super::ticket::{MessageKind, Participant, Priority, SenderVerdict, Status, Visibility};
use super::token::TicketKey;

/// Why a note stands on its ticket: a colleague told the others. Refused mails and mere commands are kept as notes too.
pub const INTERNAL_NOTE: &str = "an internal note";

/// Why a copy of a mail to a customer stands on its ticket as a note: nothing proves that one of us wrote it.
pub const UNPROVEN_COPY: &str = "in our name, which nothing proves";

/// Everything that one mail (or one tick) causes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Tickets to open: one, or one a department that the mail was written to.
    pub open: Vec<NewTicket>,
    /// Changes to the ticket, in order.
    pub changes: Vec<(TicketNumber, Change)>,
    /// Message-IDs that a ticket's mails refer to, whether we have them or not: the rest of the conversation is known by them.
    pub refers: Vec<(TicketNumber, MailId)>,
    /// Messages to add.
    pub messages: Vec<NewMessage>,
    /// Lines of history.
    pub events: Vec<Event>,
    /// Agents who go away, or are back (`None`).
    pub absences: Vec<(AgentId, Option<Absence>)>,
    /// Mails to compose and put into the outbox.
    pub mails: Vec<Draft>,
    /// What our mail server says of the author of the customer's mail.
    pub sender: SenderVerdict,
    /// The merged ticket that the mail was written to: it stands on the one that lives on.
    pub came_for: Option<TicketNumber>,
    /// The muted address that the mail came from.
    pub muted: Option<Address>,
    /// The agent's address to which a mail comes back that nothing proves, and why: counted.
    pub came_back: Option<(Address, Unproven)>,
    /// Agents whose key on a ticket was seen in a customer's mail, with the new one.
    pub renewed: Vec<(TicketNumber, AgentId, TicketKey)>,
    /// The agent who wrote about a ticket that this database does not know any more, and its number.
    pub lost_words: Option<(AgentId, TicketNumber)>,
    /// The highest number of a ticket that was met in anything that we signed: it is not given again.
    pub named: Option<TicketNumber>,
    /// What becomes of answers that are held.
    pub held: Vec<HeldStep>,
    /// Up to which message of a ticket an agent has read.
    pub seen: Option<(TicketNumber, AgentId, MessageKey)>,
    /// A notification of ours that came back.
    pub returned: Option<Returned>,
    /// It may have happened before, in a state of the database that is lost: what it would send may have been sent.
    pub again: bool,
    /// What becomes of the mail in the ledger; `None` when no mail caused the plan.
    pub fate: Option<Fate>,
    /// What counts against its sender.
    pub begun: Option<TicketOpening>,
    /// The domain whose mail has a receipt sent to somebody at another.
    pub receipt_for_another: Option<String>,
    /// Tickets whose first mail a form or a relay wrote for another, and which.
    pub relays: Vec<(TicketNumber, Address)>,
    /// A bounce that nothing explains: about whom (may be empty), and the ticket that it stands on.
    pub stray: Option<(String, TicketNumber)>,
    /// Why the mail is taken for another's than its author's, or for a machine's, for `explain`.
    pub because: Vec<String>,
    /// What circuit breakers kept back.
    pub stopped: Vec<Stopped>,
    /// Why mails that one might expect are not sent, for `explain`.
    pub withheld: Vec<String>,
}

impl Plan {
    /// The number for one more mail: `least`, or behind those that it has.
    pub fn next_serial(&self, least: i64) -> i64 {
        self.mails.iter().map(|mail| mail.serial().saturating_add(1)).fold(least, i64::max)
    }
}

/// A mail that opened a ticket, or would have: counted for the guard against floods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketOpening {
    /// Who gets automatic mail because of it.
    pub by: Address,
    /// The ticket that it stands on.
    pub ticket: TicketNumber,
    /// How it came there.
    pub how: NewOrFolded,
}

/// How a mail that belongs to no ticket got one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewOrFolded {
    /// It opened one.
    Opened,
    /// It was folded into the newest one of its sender.
    Folded,
}

/// What became of a mail: the ledger's word for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is a message of this ticket.
    Ticket(TicketNumber),
    /// It was taken before and is a message of this ticket (of none if it was ignored then).
    Duplicate(Option<TicketNumber>),
    /// Nothing had to be done, for this reason; its bytes are kept.
    Ignored(String),
    /// It could not be handled, for this reason; a minimal ticket shows it to people.
    Quarantined(TicketNumber, String),
}

/// A ticket to open.
#[derive(Clone, Debug)]
pub struct NewTicket {
    /// Its number, from the counters.
    pub number: TicketNumber,
    /// What is its own beside the number, from the counters.
    pub key: TicketKey,
    /// The customer's subject, cleaned of tags and `Re:`.
    pub subject: String,
    /// Where it goes and why.
    pub route: Route,
    /// Who opened it.
    pub requester: Person,
    /// Everyone on it, the requester included.
    pub participants: Vec<Participant>,
    /// The language to write to the customer in.
    pub language: Language,
    /// The mailbox it came by.
    pub mailbox: MailboxId,
    /// A ticket that it may belong to, or that it follows.
    pub possibly_related: Option<TicketNumber>,
    /// The mailing list that brought its first mail.
    pub list: Option<String>,
    /// The closed ticket in whose place it was opened.
    pub follows: Option<TicketNumber>,
    /// The first of the tickets that the same mail opened in several departments; all of them name it.
    pub family: Option<TicketNumber>,
}

/// A change to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// New status; `wait_until` is set by it too.
    Status(Status, Option<Timestamp>),
    /// New assignee, or nobody.
    Assignee(Option<AgentId>),
    /// New assignee, given the ticket by this department: the next one goes to somebody else.
    Given(DepartmentId, AgentId),
    /// New department.
    Department(DepartmentId),
    /// New priority.
    Priority(Priority),
    /// One more tag.
    AddTag(String),
    /// One tag less.
    RemoveTag(String),
    /// Someone more on the ticket, or in a higher role.
    Participant(Participant),
    /// Someone less on the ticket.
    NoParticipant(Address),
    /// Someone else on it gets its answers first.
    Requester(Person),
    /// Tickets are regrouped.
    Step(Step),
}

/// A message to add to a ticket.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its key, from the counters.
    pub key: MessageKey,
    /// The ticket.
    pub ticket: TicketNumber,
    /// Who wrote it.
    pub kind: MessageKind,
    /// Who may read it.
    pub visibility: Visibility,
    /// The author: for an agent's answer the department, as the customer sees it.
    pub from: Person,
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// When it was written or received.
    pub date: Timestamp,
    /// Its Message-ID; for an agent's answer the one that we send under.
    pub message_id: Option<MailId>,
    /// The agent who wrote it.
    pub agent: Option<AgentId>,
    /// The whole text of a customer's mail; the new text of an agent's.
    pub text: String,
    /// Its attachments: name, media type, size in bytes.
    pub attachments: Vec<AttachmentInfo>,
    /// Why it stands on this ticket.
    pub thread_reason: String,
    /// What was wrong with the mail.
    pub defects: Vec<String>,
}

/// What is told of an attachment; its bytes stay in the raw mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentInfo {
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Shown inside the text.
    pub inline: bool,
}

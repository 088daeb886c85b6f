//! Mails to be written: decided, not yet bytes ([`Outgoing`]).

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::address::{Address, Person};
use super::breaker::Stopped;
use super::done::Confirmation;
use super::held::{Doubt, Newer};
use super::id::{AgentId, DepartmentId, MailId, MailboxId, MessageKey, TicketNumber};
use super::language::{Language, TextKey};
use super::link::Route;
use super::mail::Attachment;
use super::news::{DigestDraft, NotificationItem};
use super::reader::Reader;
use super::refusal::Refusal;
use super::surroundings::{CaseFile, Conversation};
use super::ticket::{Priority, SenderVerdict, Sibling, Status, Ticket};
use super::ticket_state::TicketState;
use super::visibility::{Formatted, Internal, Public};

pub use super::phrases::OwnPhrases;
pub use super::written::{Instead, Objection, Outgoing, OutgoingKind, Returned};

/// A mail decided, not yet written. Which variant it is decides what it can carry: nothing internal fits into a mail to a customer.
#[derive(Clone, Debug)]
pub enum Draft {
    /// An agent's answer, in the department's name.
    Answer(AnswerDraft),
    /// Receipt for a new ticket.
    Acknowledgement(AcknowledgementDraft),
    /// News to one agent.
    Notification(Box<NotificationDraft>),
    /// What happened in a day, for one agent.
    Digest(Box<DigestDraft>),
    /// An agent's own mail back, with the reason.
    Notice(NoticeDraft),
}

impl Draft {
    /// The number in its Message-ID.
    pub fn serial(&self) -> i64 {
        match self {
            Self::Answer(draft) => draft.serial,
            Self::Acknowledgement(draft) => draft.serial,
            Self::Notification(draft) => draft.serial,
            Self::Digest(draft) => draft.serial,
            Self::Notice(draft) => draft.serial,
        }
    }

    /// The tickets for which it bears tokens.
    pub fn tickets(&self) -> Vec<TicketNumber> {
        match self {
            Self::Answer(draft) => vec![draft.ticket],
            Self::Acknowledgement(draft) => vec![draft.ticket],
            Self::Notification(draft) => vec![draft.ticket],
            Self::Digest(draft) => draft.tickets.iter().map(|listed| listed.ticket).collect(),
            Self::Notice(draft) => {
                let handed_over = match &draft.body {
                    NoticeBody::Staff(StaffNotice::HandedOver { tickets, .. }) => tickets.as_slice(),
                    NoticeBody::Staff(StaffNotice::Said(_) | StaffNotice::Away { .. } | StaffNotice::Stopped(_))
                    | NoticeBody::Refused { .. }
                    | NoticeBody::Unticketed { .. }
                    | NoticeBody::Held { .. }
                    | NoticeBody::Expired { .. }
                    | NoticeBody::State(_)
                    | NoticeBody::Conversation(_)
                    | NoticeBody::Help(_)
                    | NoticeBody::Done(_)
                    | NoticeBody::NoteReached(_)
                    | NoticeBody::NotDelivered { .. }
                    | NoticeBody::Regrouped(_) => &[],
                };
                draft.ticket.into_iter().chain(handed_over.iter().map(|ticket| ticket.number)).collect()
            }
        }
    }
}

/// An agent's answer to the customers of a ticket.
#[derive(Clone, Debug)]
pub struct AnswerDraft {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Whose identity and signature it bears.
    pub department: DepartmentId,
    /// Who wrote it: told when it cannot be delivered, never named in the mail.
    pub agent: AgentId,
    /// The ticket's subject.
    pub subject: String,
    /// Main recipient.
    pub to: Vec<Person>,
    /// Others on the ticket.
    pub cc: Vec<Person>,
    /// The agent's words.
    pub body: Public,
    /// The same with its look, when they came as HTML.
    pub formatted: Option<Formatted>,
    /// The agent's attachments.
    pub attachments: Arc<[Attachment]>,
    /// Earlier Message-IDs of the conversation, oldest first; the last one is what it answers.
    pub references: Vec<MailId>,
    /// Who reads a reply to the mail that its agent answered.
    pub answered: Reader,
    /// Number for its Message-ID.
    pub serial: i64,
}

/// Whose words the subject of a receipt has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectWords {
    /// The customer's.
    Theirs,
    /// Our own, to an address that nobody has answered yet. Their helpdesk's number alone stays.
    Ours,
}

/// Receipt for a new ticket.
#[derive(Clone, Debug)]
pub struct AcknowledgementDraft {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Whose identity and signature it bears.
    pub department: DepartmentId,
    /// The customer's subject.
    pub subject: String,
    /// Whether the receipt bears it.
    pub words: SubjectWords,
    /// The customer.
    pub to: Person,
    /// Language to write in.
    pub language: Language,
    /// The customer's Message-ID.
    pub references: Vec<MailId>,
    /// Number for its Message-ID.
    pub serial: i64,
}

/// Why an agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A new ticket.
    Opened,
    /// A customer wrote again; whether that reopened the ticket.
    CustomerWrote {
        /// It was resolved, closed or waiting before.
        reopened: bool,
    },
    /// A colleague answered.
    ColleagueAnswered(String),
    /// A mail in a colleague's name went to the customer, and nothing proves who wrote it.
    Unproven(String),
    /// The reader's own key stands in a mail of this address, and counts no more.
    KeyDead(String),
    /// A colleague wrote a note.
    Note(String),
    /// A colleague assigned the ticket to the reader.
    AssignedToYou(String),
    /// A colleague gave the reader's ticket to somebody else, or took it.
    NoLongerYours(String),
    /// A mail that we sent could not be delivered; who reads a reply to the mail that it answered.
    DeliveryFailed(Reader),
    /// The mail could not be read and is in quarantine.
    Quarantined(String),
    /// `#wait` ran out.
    WaitOver,
    /// The customer writes so many mails that they are folded into this ticket.
    Flood,
    /// A colleague merged another ticket into this one.
    Absorbed {
        /// Who.
        by: String,
        /// The other one.
        merged: TicketNumber,
    },
    /// A colleague merged the reader's ticket into another one.
    MergedInto {
        /// Who.
        by: String,
        /// The one that lives on.
        lead: TicketNumber,
    },
    /// An agent made a mail of another ticket this one.
    Split {
        /// Who.
        by: String,
        /// The other ticket.
        from: TicketNumber,
    },
    /// Somebody moved the ticket's mail into the folder of the reader's department.
    Moved(String),
    /// A colleague handed the ticket over to the reader's department.
    HandedOver {
        /// Who.
        by: String,
        /// What is known of it.
        brief: Box<Brief>,
    },
    /// A colleague accepted the ticket that the reader's department handed over.
    Accepted(String),
    /// A colleague gave the ticket back to the reader's department.
    Returned(String),
    /// An agent took the ticket out of the one that it was merged into.
    Unmerged {
        /// Who.
        by: String,
        /// The one that it was part of.
        lead: TicketNumber,
    },
    /// The reader asked for the next ticket of the queue: it is theirs.
    Next,
    /// A colleague is away and has not answered the ticket: it is the reader's.
    YoursAsAway(String),
    /// A colleague is away and has not answered the ticket: whoever takes it has it.
    FreeAsAway(String),
    /// A colleague has taken the ticket that nobody had.
    Taken(String),
    /// A colleague released the ticket: it is the reader's.
    YoursAsReleased(String),
    /// A colleague released the ticket: whoever takes it has it.
    FreeAsReleased(String),
    /// The mail about the ticket could not be delivered to a colleague.
    NotTold {
        /// Who.
        agent: String,
        /// What the server said.
        reason: String,
    },
    /// The mail with the news was refused for this reason: this one is without a customer's words and files.
    WithoutWords(String),
}

/// What the department to which a ticket is handed over has to know. For colleagues alone: it holds their notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// The department that had it.
    pub from: DepartmentId,
    /// Who is on the ticket.
    pub people: Vec<Person>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What was written and done.
    pub file: CaseFile,
}

/// News of a ticket to one agent.
#[derive(Clone, Debug)]
pub struct NotificationDraft {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Its department.
    pub department: DepartmentId,
    /// Its subject.
    pub subject: String,
    /// Its status after the change.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Its assignee.
    pub assignee: Option<AgentId>,
    /// Who gets it.
    pub agent: AgentId,
    /// Why.
    pub news: News,
    /// Who wrote what it carries, as shown in From.
    pub author: Person,
    /// The words: a customer's, or a colleague's.
    pub body: Internal,
    /// What stood below a customer's words: a signature and what they quote, as far as nobody has seen it yet.
    pub below: Internal,
    /// The customer's attachments.
    pub attachments: Arc<[Attachment]>,
    /// All that is told, in order, when it is more than this one thing; `news`, `author` and `body` are then the latest.
    pub episodes: Vec<NotificationItem>,
    /// How many things happened before those.
    pub older: usize,
    /// Name and size of files that came and were not kept.
    pub left_out: Vec<(String, u64)>,
    /// Why the ticket is in the department (for a new one).
    pub route: Option<Route>,
    /// A ticket that it may belong to.
    pub possibly_related: Option<TicketNumber>,
    /// The closed ticket in whose place it was opened.
    pub follows: Option<TicketNumber>,
    /// Tickets that the same mail opened in other departments.
    pub siblings: Vec<Sibling>,
    /// Who gets an answer: the requester first.
    pub customers: Vec<Person>,
    /// Who was proposed and is not on the ticket.
    pub proposed: Vec<Address>,
    /// Who wrote the first mail, when answers are to go to another.
    pub relay: Option<Address>,
    /// What our mail server says of the customer whose mail it tells of, the worst of several; else of the latest one.
    pub sender: SenderVerdict,
    /// The mailbox whose address carries the reply token.
    pub mailbox: MailboxId,
    /// The latest message of the ticket that it shows.
    pub shows: MessageKey,
    /// Number for its Message-ID.
    pub serial: i64,
}

/// An agent's own mail back, with what was wrong, or an answer to a question.
#[derive(Clone, Debug)]
pub struct NoticeDraft {
    /// The ticket, when there is one.
    pub ticket: Option<TicketNumber>,
    /// Subject without tag.
    pub subject: String,
    /// Who gets it.
    pub agent: AgentId,
    /// The mailbox whose address carries the reply token.
    pub mailbox: MailboxId,
    /// The department in whose name we write.
    pub department: DepartmentId,
    /// What is to be said.
    pub body: NoticeBody,
    /// The Message-ID of the agent's mail that it answers.
    pub references: Vec<MailId>,
    /// Who reads a reply to the mail that its agent answered.
    pub answered: Reader,
    /// Who gets an answer: the requester first.
    pub customers: Vec<Person>,
    /// The latest message of the ticket that its reader knows.
    pub shows: Option<MessageKey>,
    /// Number for its Message-ID.
    pub serial: i64,
}

/// What a notice says about an agent's work as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffNotice {
    /// What a command has to say, in one line: that there is no ticket for `#next`, that the agent is back.
    Said(TextKey),
    /// `#away`: until which day, and how many unanswered tickets went on to others.
    Away {
        /// The day on which they are back.
        until: Option<Date>,
        /// Tickets.
        handed_on: usize,
    },
    /// All tickets of a colleague are the reader's.
    HandedOver {
        /// The colleague's name.
        from: String,
        /// The tickets.
        tickets: Vec<HandedOver>,
    },
    /// A circuit breaker keeps something back.
    Stopped(Stopped),
}

/// A ticket that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// Its number.
    pub number: TicketNumber,
    /// Its subject.
    pub subject: String,
    /// Its status.
    pub status: Status,
    /// Its customer.
    pub customer: Person,
    /// The mailbox whose address carries the reply token.
    pub mailbox: MailboxId,
}

impl From<&Ticket> for HandedOver {
    fn from(ticket: &Ticket) -> Self {
        Self {
            number: ticket.number,
            subject: ticket.subject.clone(),
            status: ticket.status,
            customer: ticket.requester.clone(),
            mailbox: ticket.mailbox.clone(),
        }
    }
}

/// What a notice says.
#[derive(Clone, Debug)]
pub enum NoticeBody {
    /// Nothing was done and nothing was sent: each reason, and the agent's whole text.
    Refused {
        /// What was wrong.
        reasons: Vec<Refusal>,
        /// The agent's own words, intact.
        text: Internal,
        /// The agent's attachments, so that they can send them again.
        attachments: Arc<[Attachment]>,
    },
    /// Nothing was done: their mail answers one of ours that stands on no ticket.
    Unticketed {
        /// The agent's own words, intact.
        text: Internal,
        /// Their attachments.
        attachments: Arc<[Attachment]>,
    },
    /// An answer is held until they say what to do with it.
    Held {
        /// The message that keeps it.
        message: MessageKey,
        /// What they had not seen when they wrote it.
        newer: Vec<Newer>,
        /// Why it is held, beside that.
        doubts: Vec<Doubt>,
        /// Their words, intact.
        text: Internal,
        /// What they wrote in answer to the question, when that did not say what to do: it is not sent either.
        also: Option<Internal>,
        /// When it will be dropped.
        until: Timestamp,
    },
    /// A held answer was dropped, as they said nothing.
    Expired {
        /// Their words, intact.
        text: Internal,
    },
    /// The state of the ticket (`#status`).
    State(Box<TicketState>),
    /// What was written on the ticket, and done (`#show`, `#history`).
    Conversation(Box<Conversation>),
    /// The commands (`#help`).
    Help(Vec<HelpLine>),
    /// What a click or commands alone did, and how to undo it.
    Done(Confirmation),
    /// The agent's own program sent their note to these customers too.
    NoteReached(Vec<Address>),
    /// Word about their work as a whole.
    Staff(StaffNotice),
    /// Their answer could not be delivered (yet).
    NotDelivered {
        /// To whom.
        recipient: Address,
        /// What the server said.
        reason: String,
        /// Whether we go on trying.
        permanent: bool,
    },
    /// What became of tickets that they regrouped.
    Regrouped(Regrouping),
}

/// A line of `#help`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// Commands, as one writes them.
    pub commands: Vec<&'static str>,
    /// The text that says what they do.
    pub text: TextKey,
}

/// How tickets were regrouped, for the agent who asked for it.
#[derive(Clone, Debug)]
pub enum Regrouping {
    /// Their ticket is part of the notice's.
    Merged {
        /// Their ticket.
        merged: TicketNumber,
        /// Who gets the answers.
        customer: Person,
        /// Who does not, as long as nobody names them.
        strangers: Vec<Address>,
    },
    /// The ticket is spam.
    Spam {
        /// Whose further mails are ignored.
        muted: Option<Address>,
    },
    /// It is not.
    NoSpam,
}

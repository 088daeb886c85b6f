//! A mail written: its bytes and its envelope, as the outbox holds it.

use jiff::Timestamp;

use super::address::Address;
use super::id::{AgentId, MailId, MessageKey, TicketNumber};
use super::ticket::word_enum;

word_enum!(
    /// What an outgoing mail is, which decides how it is retried.
    OutgoingKind {
        /// An agent's words to a customer: sent at least once.
        Answer = "answer",
        /// "We received your mail": sent at most once.
        Acknowledgement = "acknowledgement",
        /// News of a ticket to an agent: sent at most once.
        Notification = "notification",
        /// Word to an agent about their own mail (refused command, failed delivery): sent at least once.
        Notice = "notice",
    }
);

impl OutgoingKind {
    /// Whether a lost reply after the final dot is answered by sending again (RFC 1047: rather twice than never).
    pub fn at_least_once(self) -> bool {
        match self {
            Self::Answer | Self::Notice => true,
            Self::Acknowledgement | Self::Notification => false,
        }
    }
}

word_enum!(
    /// What a server objects to in a mail that it refuses for good.
    Objection {
        /// The recipient's address.
        Address = "address",
        /// What the mail says or carries.
        Content = "content",
        /// That it is too large.
        Size = "size",
        /// Who we are: no mail of ours passes.
        Sender = "sender",
    }
);

impl Objection {
    /// What an enhanced status code says (RFC 3463 §3), `5.1.1`; `None` when it says nothing.
    pub fn of_status(status: &str) -> Option<Self> {
        let mut numbers = status.trim().split('.').map(|number| number.parse::<u16>().ok());
        let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
        match (subject, detail) {
            _ if class != 5 || numbers.next().is_some() => None,
            (1, 7 | 8) => Some(Self::Sender),
            (2, 3) | (3, 4) => Some(Self::Size),
            (1 | 2 | 4, _) => Some(Self::Address),
            (6 | 7, _) => Some(Self::Content),
            _ => None,
        }
    }
}

word_enum!(
    /// Whether a notification is sent because another one failed for good.
    Instead {
        /// It is not.
        No = "",
        /// The same to the same agent without a customer's words and files.
        Bare = "bare",
        /// The same to the same agent without files.
        Smaller = "smaller",
        /// To others, as its agent could not be told.
        Passed = "passed",
        /// To others, without a customer's words and files.
        PassedBare = "passed-bare",
    }
);

/// A notification that was accepted and came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The ticket in its Message-ID.
    pub ticket: TicketNumber,
    /// Whose it was.
    pub agent: AgentId,
    /// Its Message-ID, when the report names it; else it is the latest one.
    pub id: Option<MailId>,
    /// What the report says.
    pub reason: String,
    /// What the server objected to.
    pub objection: Objection,
}

/// A mail as bytes, with its envelope: what the outbox holds.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What it is.
    pub kind: OutgoingKind,
    /// The ticket, when there is one.
    pub ticket: Option<TicketNumber>,
    /// Its Message-ID, the same for ever.
    pub message_id: MailId,
    /// The number in its Message-ID.
    pub serial: i64,
    /// Envelope sender; `None` is the null sender `<>`.
    pub envelope_from: Option<Address>,
    /// Envelope recipients; each gets a transaction of its own.
    pub recipients: Vec<Address>,
    /// The mail, line ends CR LF, ASCII only.
    pub bytes: Vec<u8>,
    /// The agent to tell when it cannot be delivered.
    pub agent: Option<AgentId>,
    /// The latest message of the ticket that it shows to its agent.
    pub shows: Option<MessageKey>,
    /// The held answer that it tells of.
    pub held: Option<MessageKey>,
    /// It must not leave before.
    pub not_before: Option<Timestamp>,
}

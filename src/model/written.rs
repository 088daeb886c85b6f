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
        /// Word to an agent about his own mail (refused command, failed delivery): sent at least once.
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

/// A mail as bytes, with its envelope: what the outbox holds.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What it is.
    pub kind: OutgoingKind,
    /// The ticket, when there is one.
    pub ticket: Option<TicketNumber>,
    /// Its Message-ID, the same for ever.
    pub message_id: MailId,
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

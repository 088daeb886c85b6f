//! A mail written: its bytes and its envelope, as the outbox holds it.

use jiff::Timestamp;

use super::address::Address;
use super::id::{AgentId, MailId, MessageKey, TicketNumber};
use super::outgoing::OutgoingKind;

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

//! What the store knows that a decision needs, read inside the transaction that will write the decision.

use super::id::{MailId, MessageKey, TicketNumber};
use super::ticket::Ticket;

/// The answer of the store to a mail's [`super::link::Clues`].
#[derive(Clone, Debug, Default)]
pub struct ThreadFacts {
    /// Whether the mail's own Message-ID is one that we minted and put into the outbox.
    pub is_own: bool,
    /// Where a mail with the same fingerprint already stands.
    pub duplicate_of: Option<Known>,
    /// Tickets of the ids in the clues.
    pub by_id: Vec<(MailId, TicketNumber)>,
    /// Tickets with a mail under the same Message-ID, then those with a mail that refers to an id which this one bears or
    /// refers to too.
    pub kin: Vec<Kin>,
    /// The tickets named by any clue (token, id, tag) that exist.
    pub tickets: Vec<Ticket>,
}

impl ThreadFacts {
    /// The ticket with this number, if a clue named it and it exists.
    pub fn ticket(&self, number: TicketNumber) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.number == number)
    }
}

/// A ticket that has an id in common with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kin {
    /// The ticket.
    pub number: TicketNumber,
    /// Whether a mail of it bears the very Message-ID of this one.
    pub same_id: bool,
}

/// A mail that we already have, in whatever folder and under whatever UID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The ticket it belongs to; `None` when it was ignored.
    pub ticket: Option<TicketNumber>,
}

/// Numbers that the decision needs: what comes next, and what the circuit breakers have counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// The number that a new ticket gets.
    pub next_ticket: TicketNumber,
    /// The key that the next message gets.
    pub next_message: MessageKey,
    /// A number for the next outgoing mail's Message-ID; never used before.
    pub next_serial: i64,
    /// Acknowledgements and notices decided in the last 24 hours for the address that gets automatic mail because of this one.
    pub machine_mails_to_sender: u32,
    /// Automatic mails to customers decided for this mailbox in the last hour.
    pub machine_mails_of_mailbox: u32,
}

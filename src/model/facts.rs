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
    /// The tickets named by any clue (token, id, tag) that exist.
    pub tickets: Vec<Ticket>,
}

impl ThreadFacts {
    /// The ticket with this number, if a clue named it and it exists.
    pub fn ticket(&self, number: TicketNumber) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.number == number)
    }
}

/// A mail that we already have, in whatever folder and under whatever UID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The ticket it belongs to; `None` when it was ignored.
    pub ticket: Option<TicketNumber>,
}

/// What one address began in the last hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderCount {
    /// Mails that opened a ticket, or would have.
    pub begun: u32,
    /// Those of them that were folded into a ticket.
    pub folded: u32,
    /// The newest ticket that it opened or that its mails were folded into.
    pub newest: Option<TicketNumber>,
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
    /// What the same address began in the last hour.
    pub sender: SenderCount,
}

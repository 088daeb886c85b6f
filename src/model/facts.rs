//! What the store knows that a decision needs, read inside the transaction that will write the decision.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::address::Address;
use super::id::{AgentId, MailId, MessageKey, TicketNumber};
use super::ticket::Ticket;
use super::token::TicketKey;

/// The answer of the store to a mail's [`super::link::Clues`].
#[derive(Clone, Debug, Default)]
pub struct ThreadFacts {
    /// Whether the mail's own Message-ID is one that we minted and put into the outbox.
    pub is_own: bool,
    /// Where a mail with the same fingerprint already stands.
    pub duplicate_of: Option<Known>,
    /// Tickets of the ids in the clues.
    pub by_id: Vec<(MailId, TicketNumber)>,
    /// Which of the mail's authors has a mail under one of these ids from us, or wrote it.
    pub held_by: Vec<(MailId, Address)>,
    /// Which of them wrote on which of the tickets before.
    pub wrote: Vec<(TicketNumber, Address)>,
    /// Which of them we wrote to on which of the tickets.
    pub told: Vec<(TicketNumber, Address)>,
    /// To whom we sent the mail that a bounce names.
    pub bounced_to: Vec<Address>,
    /// Tickets with a mail under the same Message-ID, then those with a mail that refers to an id which this one bears or
    /// refers to too, then those of the same mailing list under the same subject.
    pub kin: Vec<RelatedTicket>,
    /// Those of the tickets whose first mail the same form or relay wrote.
    pub relayed: Vec<TicketNumber>,
    /// The tickets of those whom a bounce says were not reached, the latest first.
    pub of_unreached: Vec<TicketNumber>,
    /// The tickets named by any clue (token, id, tag) that exist, and those that they lead on to.
    pub tickets: Vec<Ticket>,
    /// Which of them were merged, each with the ticket that lives on.
    pub leads: BTreeMap<TicketNumber, TicketNumber>,
}

impl ThreadFacts {
    /// The ticket with this number, if a clue named it and it exists.
    pub fn ticket(&self, number: TicketNumber) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.number == number)
    }

    /// The ticket that lives on when this one was merged, else the ticket itself.
    pub fn lead(&self, number: TicketNumber) -> TicketNumber {
        self.leads.get(&number).copied().unwrap_or(number)
    }
}

/// A ticket that has something in common with a mail that neither of them names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelatedTicket {
    /// The ticket.
    pub number: TicketNumber,
    /// What they have in common.
    pub bond: TicketRelation,
}

/// What a mail and a ticket have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketRelation {
    /// A mail of the ticket bears the Message-ID of this one, its author and its date.
    SameMail,
    /// A mail of the ticket bears the very Message-ID of this one.
    SameId,
    /// Both refer to an id, or the ticket's mails to this one.
    Reference,
    /// The conversation that Outlook names in both.
    ThreadIndex,
    /// The mailing list and the subject; this mail answers something.
    ListSubject,
}

/// A mail that we already have, in whatever folder and under whatever UID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The ticket it belongs to; `None` when it was ignored.
    pub ticket: Option<TicketNumber>,
}

/// The latest notification of a ticket to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastTold {
    /// When it was sent; when it was decided, while it has not been.
    pub at: Timestamp,
    /// Whether it still waits to be sent.
    pub waits: bool,
}

/// Who of us answered a customer of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub message: MessageKey,
    /// Who wrote it.
    pub agent: AgentId,
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

/// What one organisation's domain got and began; nothing of a provider of free mail, where only addresses count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainCount {
    /// Receipts to all its addresses in 24 hours, and in an hour.
    pub receipts_of_day: u32,
    /// The latter.
    pub receipts_of_hour: u32,
    /// Seconds since the latest of them.
    pub since_receipt: Option<i64>,
    /// What all its addresses began in the last hour.
    pub sender: SenderCount,
    /// Receipts of the last hour that mails from this domain had sent to others.
    pub for_others: u32,
}

/// Bounces that no mail of ours explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StrayCount {
    /// The ticket of the latest one about the same recipient in 24 hours.
    pub same: Option<TicketNumber>,
    /// Tickets opened for such bounces in the last hour.
    pub of_hour: u32,
    /// The newest of these tickets.
    pub newest: Option<TicketNumber>,
}

/// Numbers that the decision needs: what comes next, and what the circuit breakers have counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// The number that a new ticket gets.
    pub next_ticket: TicketNumber,
    /// A random key for a ticket that is opened now.
    pub fresh_key: TicketKey,
    /// The key that the next message gets.
    pub next_message: MessageKey,
    /// A number for the next outgoing mail's Message-ID; never used before.
    pub next_serial: i64,
    /// Acknowledgements and notices decided in the last 24 hours for the address that gets automatic mail because of this one.
    pub machine_mails_to_sender: u32,
    /// Mails that came back to that address in the last hour, as nothing proved whose they were.
    pub returned_to_sender: u32,
    /// Whether one of us has answered that address on some ticket.
    pub is_acquainted: bool,
    /// Automatic mails to customers decided for this mailbox in the last hour.
    pub machine_mails_of_mailbox: u32,
    /// What the same address began in the last hour.
    pub sender: SenderCount,
    /// The same for its domain.
    pub domain: DomainCount,
    /// Bounces that nothing explains.
    pub stray: StrayCount,
}

/// What is known of a ticket on which one of us answered past the desk.
#[derive(Clone, Debug, Default)]
pub struct DirectFacts {
    /// When the server received the latest mail of a customer.
    pub customer_wrote_at: Option<Timestamp>,
    /// The latest answers, the newest first: when they were written, and the words.
    pub answers: Vec<(Timestamp, String)>,
    /// Whether an answer with the mail's own Message-ID stands there, or on another ticket, already.
    pub is_answer: bool,
    /// Whether it stands there as a copy that proved nothing.
    pub is_unproven: bool,
}

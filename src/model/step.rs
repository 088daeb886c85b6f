//! Steps that regroup tickets, written by the store as one: what they change can be taken back exactly.

use super::id::TicketNumber;

/// A step on one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The ticket is part of `lead` from now on: its messages stand there, and what comes for it goes there.
    Merge {
        /// The ticket that lives on; it is itself part of none.
        lead: TicketNumber,
    },
    /// The ticket is part of none any more: its messages are its own again, and it stands as it stood.
    Unmerge,
}

//! Steps that regroup tickets, written by the store as one: what they change can be taken back exactly.

use super::address::Address;
use super::id::{AgentId, DepartmentId, MessageKey, TicketNumber};

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
    /// The message of another ticket is this one's from now on.
    Split {
        /// The ticket that it stands on.
        from: TicketNumber,
        /// The message.
        message: MessageKey,
    },
    /// A receipt that has not left is not sent.
    WithdrawReceipt,
    /// Mails of this address are ignored.
    Mute {
        /// Whose.
        address: Address,
        /// Who wants it so.
        by: AgentId,
    },
    /// They are taken again.
    Unmute(Address),
    /// Another department has the ticket.
    HandOver {
        /// The former one.
        from: DepartmentId,
        /// Who had it there.
        assignee: Option<AgentId>,
        /// Who moved it; `None` for somebody who moved its mail in the mailbox.
        by: Option<AgentId>,
    },
    /// It accepted the ticket.
    Accept,
    /// It gave the ticket back.
    Return,
}

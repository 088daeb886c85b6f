//! How a ticket stands, for the agent who asks with `#status`.

use jiff::Timestamp;

use super::address::{Address, Person};
use super::id::{AgentId, DepartmentId};
use super::ticket::{Priority, Status};

/// A ticket after all that the agent's mail did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketState {
    /// Where it is.
    pub department: DepartmentId,
    /// Its status.
    pub status: Status,
    /// When it comes back by itself.
    pub wait_until: Option<Timestamp>,
    /// Its priority.
    pub priority: Priority,
    /// Who has it.
    pub assignee: Option<AgentId>,
    /// Who asked.
    pub customer: Person,
    /// Who else gets an answer.
    pub others: Vec<Person>,
    /// Who was named in later mails and is not on the ticket.
    pub proposed: Vec<Address>,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When something last happened on it.
    pub changed_at: Timestamp,
}

//! What an agent's commands did, as it is confirmed to them, and what takes it back.

use jiff::Timestamp;

use super::address::Address;
use super::id::{AgentId, DepartmentId};
use super::ticket::{Priority, Status};

/// What was done by commands that stood alone in their mail, or by a click.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// What changed; empty when all was as asked already.
    pub done: Vec<Done>,
    /// The commands that take it back, as an agent writes them.
    pub undo: Vec<String>,
}

/// One thing that was done, as the ticket stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It has this status, until then.
    Status(Status, Option<Timestamp>),
    /// They have it, or nobody.
    Assignee(Option<AgentId>),
    /// It is in this department.
    Department(DepartmentId),
    /// It has this priority.
    Priority(Priority),
    /// These tags came and went: `+vip`, `-old`.
    Tags(Vec<String>),
    /// These people came and went.
    People {
        /// Who is on it from now on.
        added: Vec<Address>,
        /// Who is not any more.
        removed: Vec<Address>,
    },
    /// The answer that was held is on its way.
    Sent,
    /// The answer that was held is dropped.
    Dropped,
    /// The words that were held are a note.
    Noted,
    /// The answer that had not left is taken back.
    Withdrawn,
}

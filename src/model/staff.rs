//! The staff at work: roles, how a department gives out its tickets, who is away, who has how much to do.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::address::Person;
use super::id::{AgentId, DepartmentId};
use super::mail::Attachment;
use super::ticket::{Ticket, word_enum};

word_enum!(
    /// What an agent is (`role` of an `[[agent]]`). Leads are named by their departments, as one leads one and works in another.
    AgentRole {
        /// Works on the tickets of their departments.
        Agent = "agent",
        /// Works on all tickets, and assigns them, whatever department they are in.
        Manager = "manager",
    }
);

word_enum!(
    /// How a department gives out its new tickets.
    Assignment {
        /// Not at all: everybody is told of each, and the first to answer or to take it has it.
        None = "none",
        /// From a queue, by `#next`: told of a new one are those who have nothing open; everybody when all are busy.
        Pull = "pull",
        /// To one after another.
        RoundRobin = "round-robin",
        /// To whom has the fewest open ones.
        LeastOpen = "least-open",
    }
);

word_enum!(
    /// Who said that an agent is away.
    AwayBy {
        /// They themselves, with `#away`.
        Command = "command",
        /// Their answering machine.
        AutoReply = "auto-reply",
        /// Whoever ran `postroom agent away`.
        Admin = "admin",
        /// The mail server: it takes no mail to their address.
        Refused = "refused",
    }
);

/// Work that a department gives out by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivingOut {
    /// How.
    pub how: Assignment,
    /// Open tickets of an agent beyond which they are given no further one; `None`: no limit.
    pub max_open: Option<u32>,
    /// Whether the first to answer an unassigned ticket has it.
    pub take_on_reply: bool,
}

impl Default for GivingOut {
    fn default() -> Self {
        Self { how: Assignment::None, max_open: None, take_on_reply: true }
    }
}

/// That an agent is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// When it began.
    pub since: Timestamp,
    /// When they are back by themselves.
    pub until: Option<Timestamp>,
    /// Who said so.
    pub by: AwayBy,
}

/// A ticket with the last words of its customer: what is told of it to whom it is given.
#[derive(Clone, Debug)]
pub struct WorkItem {
    /// The ticket.
    pub ticket: Ticket,
    /// Who wrote them and what.
    pub words: Option<(Person, String)>,
    /// What came with them.
    pub attachments: Arc<[Attachment]>,
}

/// What decisions need to know of the staff, read inside the transaction that writes them.
#[derive(Clone, Debug, Default)]
pub struct Staff {
    /// Who is away.
    pub away: BTreeMap<AgentId, Absence>,
    /// Whose address took no mail lately, whatever else is known of them: they are given nothing.
    pub unreachable: Vec<AgentId>,
    /// How many open tickets (`new` or `open`) everybody has; who is not named has none.
    pub open: BTreeMap<AgentId, u32>,
    /// To whom each department gave a ticket last.
    pub given: BTreeMap<DepartmentId, AgentId>,
    /// The most urgent ticket that nobody has, read when an agent asks for it.
    pub next: Option<Box<WorkItem>>,
    /// Tickets of an agent that nobody has answered yet, read when they may go away.
    pub unanswered: Vec<WorkItem>,
}

impl Staff {
    /// Whether `agent` is away.
    pub fn is_away(&self, agent: &AgentId) -> bool {
        self.away.contains_key(agent) || self.unreachable.contains(agent)
    }

    /// How many open tickets `agent` has.
    pub fn open_of(&self, agent: &AgentId) -> u32 {
        self.open.get(agent).copied().unwrap_or(0)
    }
}

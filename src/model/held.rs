//! Answers that are held until their agent says what to do: written to an older state of the ticket, or with words of a note.

use jiff::Timestamp;

use super::address::{Address, Person};
use super::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use super::ticket::{Status, word_enum};

/// Days for which an answer is held.
pub const HELD_DAYS: i64 = 7;

word_enum!(
    /// How it stands with an answer that was held.
    HeldState {
        /// Waits for its agent's word.
        Held = "held",
        /// He had it sent as it stands.
        Sent = "sent",
        /// He dropped it.
        Cancelled = "cancelled",
        /// He made it an internal note.
        Noted = "noted",
        /// He wrote another one in its place.
        Replaced = "replaced",
        /// He said nothing for [`HELD_DAYS`].
        Expired = "expired",
    }
);

/// A step in the life of a held answer, written with the plan that decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldStep {
    /// It is held, or held again; its agent is shown the ticket up to `shows`.
    Hold {
        /// The message that keeps his words.
        message: MessageKey,
        /// Whose it is.
        agent: AgentId,
        /// The latest message that the notice shows.
        shows: MessageKey,
        /// Whether he was told that it carries words of a note.
        leak: bool,
    },
    /// It is held no longer.
    End(MessageKey, HeldState),
    /// An answer is on its way; how the ticket stood before it, and after.
    Leave {
        /// The answer.
        message: MessageKey,
        /// How the ticket stood.
        before: Footing,
        /// How it stands because of the answer.
        after: Footing,
        /// Who joined the ticket because the answer names him.
        joined: Vec<Address>,
    },
    /// An answer that has not left is taken back: it is never sent and no customer's to read.
    Withdraw(MessageKey),
}

/// What an answer changes of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footing {
    /// Its status.
    pub status: Status,
    /// When it comes back by itself.
    pub wait_until: Option<Timestamp>,
    /// Who has it.
    pub assignee: Option<AgentId>,
}

/// An agent's newest answer on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The answer.
    pub message: MessageKey,
    /// When it was decided.
    pub at: Timestamp,
    /// Whether all of it is still here.
    pub waits: bool,
    /// How the ticket stood before it, and after; `None` when that is no longer known.
    pub change: Option<(Footing, Footing)>,
    /// The department that the same mail moved the ticket from, if nobody accepted it or moved it on.
    pub moved_from: Option<DepartmentId>,
}

/// A held answer, or one that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The message that keeps the agent's words.
    pub message: MessageKey,
    /// How it stands with it.
    pub state: HeldState,
    /// The latest message that its notice shows.
    pub shows: MessageKey,
    /// Whether the agent was told that it carries words of a note.
    pub leak: bool,
    /// Whether the agent's mail answers its notice.
    pub named: bool,
}

/// A public message that an agent had not seen when he wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    /// Its author: a customer, or the department that answered.
    pub author: Person,
    /// The colleague who answered.
    pub agent: Option<AgentId>,
    /// When it reached us: clocks of others go wrong.
    pub date: Timestamp,
    /// Its words.
    pub text: String,
}

/// What was written on a ticket lately, the newest first: so that machines are known which repeat themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// By customers, without what they quote.
    pub customers: Vec<String>,
    /// By the agent, to customers.
    pub answers: Vec<String>,
    /// By the agent, kept for colleagues: notes, commands, what was refused.
    pub kept: Vec<String>,
    /// The newest words that customers see, if they are the agent's: when they came, and all of them.
    pub last: Option<(Timestamp, String)>,
}

/// What an agent knew of a ticket when he wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The latest message that he had seen; `None` when nothing tells.
    pub seen: Option<MessageKey>,
    /// The commands that the addresses of his mail stand for.
    pub verbs: Vec<String>,
    /// What was written to or by customers since, not by him; the latest ones, oldest first.
    pub newer: Vec<Newer>,
    /// The held answer that his mail is about: the one whose notice it answers, else his newest on the ticket.
    pub held: Option<Held>,
    /// His newest answer on the ticket that was sent on its way.
    pub leaving: Option<Leaving>,
    /// What was written there before.
    pub said: Said,
}

/// A held answer whose time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The message that keeps the agent's words.
    pub message: MessageKey,
    /// Its ticket.
    pub ticket: TicketNumber,
    /// Whose it is.
    pub agent: AgentId,
    /// The words.
    pub text: String,
}

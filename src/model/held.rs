//! Answers that are held until their agent says what to do, and why.

use std::fmt;

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
        /// They had it sent as it stands.
        Sent = "sent",
        /// They dropped it.
        Cancelled = "cancelled",
        /// They made it an internal note.
        Noted = "noted",
        /// They wrote another one in its place.
        Replaced = "replaced",
        /// They said nothing for [`HELD_DAYS`].
        Expired = "expired",
    }
);

/// Why an answer waits for its agent's word, beside news that they had not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It carries these words of an internal note.
    Note(String),
    /// Its words stand beside this command, which gives the ticket to somebody else.
    Beside(String),
    /// It begins with this line, which calls a colleague.
    Colleague(String),
    /// It begins with a line that looks like this command.
    PerhapsCommand {
        /// The line.
        line: String,
        /// The command.
        meant: String,
    },
    /// It answers the question whom words are for, and does not say it.
    AskedAgain,
    /// It answers a mail of ours whose replies nobody reads.
    ReadByNobody,
    /// Nothing says, or two signs contradict each other in, which mail of ours it answers.
    Unclear,
    /// This file holds an address of an agent's, which customers do not get to see.
    FileHolds {
        /// Its name.
        file: String,
        /// The address.
        address: Address,
    },
    /// It would reach these people, who are not on the ticket and whom no customer named.
    Newcomers(Vec<Address>),
    /// These words of the mail would not go out.
    Dropped(String),
    /// Below this line may stand the agent's own signature.
    PerhapsSignature(String),
}

impl Doubt {
    /// Whether it is about whom the words are for: what else the mail asks for is done at once, and only `#send` or `#note`
    /// lets them go.
    pub fn is_for_whom(&self) -> bool {
        match self {
            Self::Beside(_)
            | Self::Colleague(_)
            | Self::PerhapsCommand { .. }
            | Self::AskedAgain
            | Self::ReadByNobody
            | Self::Unclear => true,
            Self::Note(_)
            | Self::FileHolds { .. }
            | Self::Newcomers(_)
            | Self::Dropped(_)
            | Self::PerhapsSignature(_) => false,
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(words) => write!(f, "it carries words of an internal note (`{words}`)"),
            Self::Beside(command) => write!(f, "its words stand beside `{command}`"),
            Self::Colleague(line) => write!(f, "it calls a colleague (`{line}`)"),
            Self::PerhapsCommand { line, meant } => write!(f, "its first line looks like `{meant}` (`{line}`)"),
            Self::AskedAgain => f.write_str("it does not say whom the words are for"),
            Self::ReadByNobody => f.write_str("it answers a mail of ours whose replies nobody reads"),
            Self::Unclear => f.write_str("it is not clear which mail of ours it answers"),
            Self::FileHolds { file, address } => write!(f, "the file `{file}` holds the agent's address `{address}`"),
            Self::Newcomers(people) => {
                let people = people.iter().map(|address| format!("`{address}`")).collect::<Vec<_>>().join(", ");
                write!(f, "it would go to {people} too, whom no customer named")
            }
            Self::Dropped(words) => write!(f, "words of the mail would not go out (`{words}`)"),
            Self::PerhapsSignature(line) => write!(f, "it may end with the agent's own signature (`{line}`)"),
        }
    }
}

/// A step in the life of a held answer, written with the plan that decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldStep {
    /// It is held, or held again; its agent is shown the ticket up to `shows`.
    Hold {
        /// The message that keeps their words.
        message: MessageKey,
        /// Whose it is.
        agent: AgentId,
        /// The latest message that the notice shows.
        shows: MessageKey,
        /// Whether they were told that it carries words of a note.
        leak: bool,
        /// The department that had the ticket, when they are asked whom the words are for: all else that the mail asks for is
        /// done.
        asked_in: Option<DepartmentId>,
    },
    /// It is held no longer.
    End(MessageKey, HeldState),
    /// An answer is on its way; how the ticket stood before it, and after.
    Leave {
        /// The answer.
        message: MessageKey,
        /// How the ticket stood.
        before: StateSnapshot,
        /// How it stands because of the answer.
        after: StateSnapshot,
        /// Who joined the ticket because the answer names them.
        joined: Vec<Address>,
    },
    /// An answer that has not left is taken back: it is never sent and no customer's to read.
    Withdraw(MessageKey),
}

/// What an answer changes of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSnapshot {
    /// Its status.
    pub status: Status,
    /// When it comes back by itself.
    pub wait_until: Option<Timestamp>,
    /// Who has it.
    pub assignee: Option<AgentId>,
}

/// An agent's newest answer on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingAnswer {
    /// The answer.
    pub message: MessageKey,
    /// When it was decided.
    pub at: Timestamp,
    /// Whether all of it is still here.
    pub waits: bool,
    /// How the ticket stood before it, and after; `None` when that is no longer known.
    pub change: Option<(StateSnapshot, StateSnapshot)>,
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
    /// The department that had the ticket, when its agent was asked whom the words are for.
    pub asked_in: Option<DepartmentId>,
    /// Whether the agent's mail answers its notice.
    pub named: bool,
}

impl Held {
    /// Whether the agent's mail answers the question whom its words are for, and nobody has said it yet.
    pub fn is_asked_about(&self) -> bool {
        self.named && self.state == HeldState::Held && self.asked_in.is_some()
    }
}

/// A public message that an agent had not seen when they wrote.
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

/// What an agent knew of a ticket when they wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentContext {
    /// The latest message that they had seen; `None` when nothing tells.
    pub seen: Option<MessageKey>,
    /// What was written to or by customers since, not by them; the latest ones, oldest first.
    pub newer: Vec<Newer>,
    /// The held answer that their mail is about: the one whose notice it answers, else their newest on the ticket.
    pub held: Option<Held>,
    /// Their newest answer on the ticket that was sent on its way.
    pub leaving: Option<PendingAnswer>,
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

//! Words of a ticket's life: status, priority, visibility, kinds of messages and events.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::address::{Address, Person};
use super::id::{AgentId, DepartmentId, MailId, MailboxId, MessageKey, TicketNumber};
use super::language::Language;
use super::token::{Opening, Seal, TicketKey};

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in config, JSON, mails and the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word; `None` for any other.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use word_enum;

word_enum!(
    /// Where the ball is.
    Status {
        /// Nobody has answered.
        New = "new",
        /// The ball is with us.
        Open = "open",
        /// The ball is with the customer.
        Waiting = "waiting",
        /// Done, as far as we know.
        Resolved = "resolved",
        /// Done for good.
        Closed = "closed",
    }
);

word_enum!(
    /// How urgent.
    Priority {
        /// Can wait.
        Low = "low",
        /// As usual.
        Normal = "normal",
        /// Before others.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }
);

word_enum!(
    /// Who may read a message.
    Visibility {
        /// Customers too.
        Public = "public",
        /// Colleagues only.
        Internal = "internal",
    }
);

word_enum!(
    /// Who wrote a message.
    MessageKind {
        /// A customer.
        Customer = "customer",
        /// An agent, to the customer.
        Agent = "agent",
        /// An agent, to colleagues.
        Note = "note",
        /// A machine: theirs or ours.
        Automatic = "automatic",
        /// An agent, whose words came back: refused, or held until they say what to do.
        Returned = "returned",
    }
);

word_enum!(
    /// What our own mail server found out about the author of a customer's mail (DMARC, RFC 7489), the best first.
    #[derive(Default)]
    SenderVerdict {
        /// The mail comes from the domain in its From.
        Verified = "verified",
        /// It says nothing, or we do not know how it calls itself (`desk.authserv_id`).
        #[default]
        Unknown = "unknown",
        /// The mail does not come from there: anybody may have written it.
        Failed = "failed",
    }
);

word_enum!(
    /// Which tokens that name no key are a ticket's own: those made before tickets had keys.
    OldTokens {
        /// None: it was opened later.
        Never = "never",
        /// Those that say that they were made after it was opened: its number may have been given before.
        Dated = "dated",
        /// Those that do not say that they were made before it was opened.
        Any = "any",
    }
);

word_enum!(
    /// How someone stands to a ticket.
    Role {
        /// Opened it.
        Requester = "requester",
        /// Was on it from the start, or wrote to it.
        Participant = "participant",
        /// Named by somebody else, or not proved to be who they say: recorded, told nothing, may not join by headers until an
        /// agent includes them.
        Proposed = "proposed",
    }
);

/// A customer on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub person: Person,
    /// As what.
    pub role: Role,
}

/// A ticket of another department that the same mail opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sibling {
    /// Its number.
    pub number: TicketNumber,
    /// Its department.
    pub department: DepartmentId,
}

/// A ticket as it stands, with what decisions and mails need to know of it.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Its number.
    pub number: TicketNumber,
    /// What no other ticket under this number has: tokens are bound to it.
    pub key: TicketKey,
    /// The keys of agents whose own were seen in a customer's mail: tokens made for them before prove nothing.
    pub renewed: BTreeMap<AgentId, TicketKey>,
    /// Which tokens without a key are its own.
    pub old_tokens: OldTokens,
    /// The customer's own subject, without our tag and without `Re:`.
    pub subject: String,
    /// Its department.
    pub department: DepartmentId,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Who took it.
    pub assignee: Option<AgentId>,
    /// Who opened it.
    pub requester: Person,
    /// Everyone on it, the requester included.
    pub participants: Vec<Participant>,
    /// Tags, sorted.
    pub tags: Vec<String>,
    /// The language we write to the customer in.
    pub language: Language,
    /// The mailbox of its first mail; answers to tokens go there.
    pub mailbox: MailboxId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it comes back from `waiting` by itself.
    pub wait_until: Option<Timestamp>,
    /// A ticket that it may belong to, when a stranger used its tag or ids; or the one that it follows.
    pub possibly_related: Option<TicketNumber>,
    /// When it was closed, while it is.
    pub closed_at: Option<Timestamp>,
    /// Who wrote its first mail in the requester's name, when answers were to go to another than its author.
    pub relay: Option<Address>,
    /// What our mail server says of the latest mail of a customer on it.
    pub sender: SenderVerdict,
    /// The mailing list that brought its first mail.
    pub list: Option<String>,
    /// The closed ticket in whose place it was opened.
    pub follows: Option<TicketNumber>,
    /// The latest ticket that was opened because this one was closed.
    pub followed_by: Option<TicketNumber>,
    /// The subjects of the tickets that were merged into it: their notifications bear them.
    pub merged_subjects: Vec<String>,
    /// The ticket that this one was merged into.
    pub merged_into: Option<TicketNumber>,
    /// Tickets that the same first mail opened in other departments, by number.
    pub siblings: Vec<Sibling>,
    /// Message-IDs of its public messages, oldest first, the oldest left out past some sixty.
    pub public_ids: Vec<MailId>,
    /// When those of them were written that are answers.
    pub answered_at: Vec<Timestamp>,
    /// The latest message, for tokens that tell which state a notification showed.
    pub last_message: Option<MessageKey>,
    /// Agents who are away as it is looked at: whoever is told of it else.
    pub away: Vec<AgentId>,
}

impl Ticket {
    /// As tokens name it.
    pub fn opening(&self) -> Opening {
        Opening { number: self.number, key: self.key }
    }

    /// Whether a token of this number with this seal was made for this ticket, and not for another that had the number.
    pub fn made(&self, seal: Seal) -> bool {
        match seal {
            Seal::Key(key) => self.key == key,
            Seal::Old { minted } => match self.old_tokens {
                OldTokens::Never => false,
                OldTokens::Dated => minted.is_some_and(|minted| minted >= self.created_at),
                OldTokens::Any => minted.is_none_or(|minted| minted >= self.created_at),
            },
        }
    }

    /// Whether a token of this number with this seal proves something of `agent` here.
    pub fn made_for(&self, seal: Seal, agent: &AgentId) -> bool {
        self.renewed.get(agent).map_or_else(|| self.made(seal), |key| seal == Seal::Key(*key))
    }

    /// Whether tokens made for `agent` once prove nothing any more.
    pub fn is_renewed(&self, agent: &AgentId) -> bool {
        self.renewed.contains_key(agent)
    }

    /// Who was named in later mails and is told nothing.
    pub fn proposed(&self) -> impl Iterator<Item = &Person> {
        self.participants.iter().filter(|someone| someone.role == Role::Proposed).map(|someone| &someone.person)
    }

    /// Whether `address` is on the ticket as more than a proposal.
    pub fn is_participant(&self, address: &Address) -> bool {
        self.participants.iter().any(|p| p.role != Role::Proposed && p.person.address.same_as(address))
    }
}

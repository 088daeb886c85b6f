//! A ticket's history as data: who did what, and the values that changed.
//!
//! Words for people are made of it (`event_words` in English, `compose` in the reader's language); it is never read out of words.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::address::Address;
use super::id::{AgentId, DepartmentId, MailboxId, MessageKey, TicketNumber};
use super::language::Language;
use super::link::{AgentProof, RouteKind, ThreadReason};
use super::outgoing::OutgoingKind;
use super::staff::{Assignment, AwayBy};
use super::ticket::{Priority, Status, word_enum};

/// One line of a ticket's history, to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Who did it.
    pub actor: Actor,
    /// What.
    pub kind: EventKind,
}

/// A line of a ticket's history, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEvent {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What.
    pub kind: EventKind,
}

/// Who did something on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A customer.
    Customer,
    /// An agent.
    Agent(AgentId),
    /// Postroom itself.
    Desk,
    /// Whoever runs commands on the machine.
    Admin,
    /// Somebody who works in the mail account itself; who, is not known.
    Mailbox(MailboxId),
    /// A rule of the config, by its name.
    Rule(String),
}

impl Actor {
    /// The actor of a text that its `Display` made; `None` for any other.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text.split_once(' ') {
            Some(("agent", id)) => Self::Agent(AgentId::new(id)),
            Some(("mailbox", id)) => Self::Mailbox(MailboxId::new(id)),
            Some(("rule", name)) => Self::Rule(name.to_owned()),
            None if text == "customer" => Self::Customer,
            None if text == "postroom" => Self::Desk,
            None if text == "admin" => Self::Admin,
            Some(_) | None => return None,
        })
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer => f.pad("customer"),
            Self::Agent(id) => f.pad(&format!("agent {id}")),
            Self::Desk => f.pad("postroom"),
            Self::Admin => f.pad("admin"),
            Self::Mailbox(id) => f.pad(&format!("mailbox {id}")),
            Self::Rule(name) => f.pad(&format!("rule {name}")),
        }
    }
}

word_enum!(
    /// Why a ticket's status changed without anybody saying so.
    StatusWhy {
        /// We answered.
        Answered = "answered",
        /// The customer answered.
        CustomerAnswered = "customer-answered",
        /// More mail of a flood came.
        Flood = "flood",
        /// An answer of ours was not delivered.
        NotDelivered = "not-delivered",
        /// The recipient's server waits for a human to confirm our mail.
        HeldByRecipient = "held-by-recipient",
        /// The wait is over.
        WaitOver = "wait-over",
        /// Its mail was moved in the mailbox.
        Mailbox = "mailbox",
        /// A ticket that nobody answered was merged into it.
        Merged = "merged",
        /// A ticket was taken out of it again.
        Unmerged = "unmerged",
    }
);

word_enum!(
    /// Why somebody else has a ticket, where nobody just said so.
    AssignedWhy {
        /// The department gives its tickets to one after another.
        RoundRobin = "round-robin",
        /// The department gives them to whom has the fewest.
        LeastOpen = "least-open",
        /// Nobody of the department is there.
        NobodyThere = "nobody-there",
        /// Everybody has as many as allowed.
        MaxOpen = "max-open",
        /// They were the first to answer.
        FirstToAnswer = "first-to-answer",
        /// They asked for the next one.
        Next = "next",
        /// Its mail was moved in the mailbox.
        Mailbox = "mailbox",
        /// The former assignee does not work in the new department.
        OtherDepartment = "other-department",
        /// The former assignee is not in the config.
        LeftConfig = "left-config",
        /// All tickets of the former assignee are handed over.
        HandedOver = "handed-over",
        /// The former assignee is away.
        Away = "away",
        /// The hand-over was returned.
        Returned = "returned",
        /// The server refuses mail to the former assignee.
        Refused = "refused",
    }
);

impl AssignedWhy {
    /// How a department gave a ticket out; `None` where it gives out none.
    pub fn given(how: Assignment) -> Option<Self> {
        match how {
            Assignment::None | Assignment::Pull => None,
            Assignment::RoundRobin => Some(Self::RoundRobin),
            Assignment::LeastOpen => Some(Self::LeastOpen),
        }
    }
}

word_enum!(
    /// Why another department has a ticket, where nobody just said so.
    MovedWhy {
        /// Its mail was moved in the mailbox.
        Mailbox = "mailbox",
        /// The hand-over was returned.
        Returned = "returned",
        /// The former one is not in the config.
        LeftConfig = "left-config",
    }
);

word_enum!(
    /// Why somebody is on a ticket from now on.
    JoinedWhy {
        /// An agent's `#cc`.
        Command = "cc",
        /// An agent named them in an answer.
        Answer = "answer",
    }
);

word_enum!(
    /// Why somebody is on a ticket only if an agent includes them.
    ProposedWhy {
        /// A colleague of the requester's wrote.
        Colleague = "colleague",
        /// A later mail of a customer's names them.
        LaterMail = "later-mail",
        /// Our own mail server says that the mail which names them is not its author's.
        AuthorFailed = "author-failed",
        /// Reply-To names them beside others.
        ReplyTo = "reply-to",
    }
);

word_enum!(
    /// How an agent who was away came back.
    BackWhy {
        /// They said so.
        Command = "command",
        /// They wrote, and only their answering machine had spoken of an absence.
        Mail = "mail",
    }
);

word_enum!(
    /// What is withheld.
    Withheld {
        /// The receipt.
        Acknowledgement = "acknowledgement",
        /// News to agents.
        Notification = "notification",
        /// An agent's answer.
        Answer = "answer",
        /// Word to an agent about their own mail.
        Notice = "notice",
        /// What a mail would change.
        Effect = "effect",
        /// All that a mail would lead to, since it may have been said before the database was restored.
        Repetition = "repetition",
    }
);

word_enum!(
    /// Who is the requester of a mail that somebody else wrote.
    Stead {
        /// Reply-To names them alone.
        ReplyTo = "reply-to",
        /// Our own form names them in a line.
        FormLine = "form-line",
    }
);

word_enum!(
    /// What became of a mail in quarantine that was tried again.
    Retried {
        /// It cannot be handled.
        Failed = "failed",
        /// It stands on a ticket.
        Ticket = "ticket",
        /// It was taken before.
        Duplicate = "duplicate",
        /// Nothing had to be done.
        Ignored = "ignored",
    }
);

word_enum!(
    /// Whether a mail may still arrive.
    Failure {
        /// It may.
        Late = "late",
        /// It never will.
        Final = "final",
    }
);

/// The values of an event by their names: what is stored, and shown as JSON.
pub type Data = Vec<(String, Value)>;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// There is none.
    Null,
    /// A word, an id, an address, a time, or words.
    Text(String),
    /// The number of a ticket, a message, or a count.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Several.
    List(Vec<Value>),
}

/// What can stand in an event.
trait Field: Sized {
    fn write(&self) -> Value;
    fn read(value: &Value) -> Option<Self>;

    /// Some value, with all that is optional or without any of it.
    #[cfg(test)]
    fn sample(full: bool) -> Self;
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Null | Value::Number(_) | Value::Flag(_) | Value::List(_) => None,
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Null | Value::Text(_) | Value::Flag(_) | Value::List(_) => None,
    }
}

macro_rules! fields {
    ($($ty:ty: $write:expr, $read:expr, $sample:expr;)+) => { $(
        impl Field for $ty {
            fn write(&self) -> Value {
                let write: fn(&Self) -> Value = $write;
                write(self)
            }

            fn read(value: &Value) -> Option<Self> {
                let read: fn(&Value) -> Option<Self> = $read;
                read(value)
            }

            #[cfg(test)]
            fn sample(_: bool) -> Self {
                $sample
            }
        }
    )+ };
}

macro_rules! words {
    ($($ty:ty)+) => { fields! { $(
        $ty: |word| Value::Text(word.as_str().to_owned()), |value| <$ty>::from_word(text(value)?), <$ty>::ALL[0];
    )+ } };
}

fields! {
    String: |text| Value::Text(text.clone()), |value| text(value).map(str::to_owned), "xyzzy".to_owned();
    Address: |address| Value::Text(address.to_string()), |value| Address::parse(text(value)?),
        super::testing::address("ewa@client.example");
    AgentId: |id| Value::Text(id.to_string()), |value| text(value).map(AgentId::new), AgentId::new("anna");
    DepartmentId: |id| Value::Text(id.to_string()), |value| text(value).map(DepartmentId::new), "returns".into();
    Language: |language| Value::Text(language.tag().to_owned()), |value| Language::from_tag(text(value)?), super::testing::language("fil");
    Date: |day| Value::Text(day.to_string()), |value| text(value)?.parse().ok(), jiff::civil::date(2026, 12, 1);
    Timestamp: |at| Value::Text(at.to_string()), |value| text(value)?.parse().ok(), Timestamp::UNIX_EPOCH;
    TicketNumber: |ticket| Value::Number(ticket.0), |value| number(value).map(TicketNumber), TicketNumber(1002);
    MessageKey: |message| Value::Number(message.0), |value| number(value).map(MessageKey), MessageKey(7);
    u32: |count| Value::Number(i64::from(*count)), |value| number(value)?.try_into().ok(), 3;
    bool: |flag| Value::Flag(*flag), |value| (*value != Value::Null).then_some(*value == Value::Flag(true)), true;
    RouteKind: |kind| Value::Text(kind.as_str().to_owned()), |value| RouteKind::from_word(text(value)?), RouteKind::Rule;
}

words! {
    Status Priority OutgoingKind AwayBy StatusWhy AssignedWhy MovedWhy JoinedWhy ProposedWhy BackWhy Withheld Stead Retried
    Failure ThreadReason AgentProof
}

impl<T: Field> Field for Option<T> {
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::write)
    }

    fn read(value: &Value) -> Option<Self> {
        if *value == Value::Null { Some(None) } else { T::read(value).map(Some) }
    }

    #[cfg(test)]
    fn sample(full: bool) -> Self {
        full.then(|| T::sample(full))
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self) -> Value {
        Value::List(self.iter().map(Field::write).collect())
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::List(values) => values.iter().map(T::read).collect(),
            Value::Null | Value::Text(_) | Value::Number(_) | Value::Flag(_) => None,
        }
    }

    #[cfg(test)]
    fn sample(full: bool) -> Self {
        full.then(|| T::sample(full)).into_iter().collect()
    }
}

/// Makes the enum of all kinds: a doc line, its name, the word that it is stored and shown under, its fields. Kinds may share a
/// word when their fields differ; the one with more fields stands first.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $word:literal { $($field:ident: $ty:ty),* })+) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "fields bear the names that they have in JSON")]
        pub enum EventKind {
            $($(#[$doc])* $name { $($field: $ty),* },)+
            /// A line written before history was kept as data, or by a later postroom.
            Legacy {
                kind: String,
                words: String,
            },
        }

        impl EventKind {
            /// The words of all kinds and the names of their values.
            pub const SHAPES: &'static [(&'static str, &'static [&'static str])] =
                &[$(($word, &[$(stringify!($field)),*])),+];

            /// The word that it is stored and shown under.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$name { .. } => $word,)+
                    Self::Legacy { kind, .. } => kind,
                }
            }

            /// Its values; none for a line of old.
            pub fn data(&self) -> Data {
                match self {
                    $(Self::$name { $($field),* } => vec![$((stringify!($field).to_owned(), $field.write())),*],)+
                    Self::Legacy { .. } => Vec::new(),
                }
            }

            /// The event of a word and its values; `None` for what no kind fits.
            pub fn read(word: &str, data: &[(String, Value)]) -> Option<Self> {
                let find = |name: &str| {
                    data.iter().find(|(known, _)| known == name).map_or(&Value::Null, |(_, value)| value)
                };
                $(
                    let this = || Some(Self::$name { $($field: Field::read(find(stringify!($field)))?),* });
                    if word == $word && let Some(kind) = this() {
                        return Some(kind);
                    }
                )+
                None
            }

            /// One of every kind, with all that is optional and without any of it.
            #[cfg(test)]
            pub fn samples() -> Vec<Self> {
                let mut samples = Vec::new();
                for full in [true, false] {
                    $(samples.push(Self::$name { $($field: Field::sample(full)),* });)+
                }
                samples
            }
        }
    };
}

kinds! {
    // ---- how it began ----
    /// An agent split it off.
    SplitFrom "opened" { split_from: TicketNumber, message: MessageKey }
    /// One of us wrote to the customer first, past the desk.
    WroteFirst "opened" { to: Address, proof: AgentProof, author: String, message: MessageKey }
    /// A mail opened it.
    Opened "opened" { by: Address, machine: Option<String>, why: ThreadReason, message: MessageKey }
    /// Its first department.
    Routed "routed" { to: DepartmentId, by: RouteKind, found: Vec<String> }
    /// Its requester is not the author of the mail.
    Requester "requester" { requester: Address, author: Address, why: Stead }
    /// Somebody else on it is the requester from now on.
    NewRequester "requester" { from: Address, to: Address }
    /// It goes on for a closed one.
    Follows "follows" { ticket: TicketNumber, why: ThreadReason }
    /// Its first mail named another ticket without proof.
    PossiblyRelated "possibly-related" { ticket: TicketNumber, why: ThreadReason }
    /// The same mail opened others.
    Sibling "sibling" { tickets: Vec<TicketNumber>, departments: Vec<DepartmentId> }
    /// An agent passed a customer's mail on.
    Forwarded "forwarded" { customer: Address, proof: AgentProof }
    /// A mail cannot be handled; tried again.
    Retried "quarantined" { retried: Retried, ticket: Option<TicketNumber>, reason: Option<String> }
    /// A mail cannot be handled.
    Quarantined "quarantined" { reason: String }

    // ---- what was written ----
    /// A customer wrote.
    Wrote "wrote" { by: Address, through: Option<Address>, why: ThreadReason, message: MessageKey }
    /// A flood's further mails are added.
    Folded "folded" { by: Address, limit: String, message: MessageKey }
    /// An agent noted something for colleagues.
    Note "note" { message: MessageKey }
    /// The agent's own program sent a note to customers too.
    NoteReached "note-reached" { to: Vec<Address>, message: MessageKey }
    /// One of us answered past the desk.
    AnsweredAside "answered" { to: Vec<Address>, proof: AgentProof, author: String, overtaken: bool, message: MessageKey }
    /// An agent answered.
    Answered "answered" { to: Vec<Address>, message: MessageKey }
    /// What was cut off an answer.
    Cut "cut" { parts: Vec<String> }
    /// An agent's mail came back to them.
    Refused "refused" { why: String }
    /// One of us wrote about the ticket to others.
    Aside "aside" { to: Vec<Address>, author: String, message: MessageKey }
    /// A mail in our name that proves nothing.
    Unproven "unproven" { to: Vec<Address>, why: String, message: MessageKey }

    // ---- answers that wait ----
    /// An answer waits for its agent's word.
    Held "held" { message: MessageKey, why: String }
    /// Another took its place.
    Replaced "replaced" { message: MessageKey }
    /// Its agent dropped it.
    Cancelled "cancelled" { message: MessageKey }
    /// Its agent had it sent.
    Sent "sent" { message: MessageKey }
    /// Its agent said nothing.
    Expired "expired" { agent: AgentId, days: u32, message: MessageKey }
    /// An answer that had not left is taken back.
    Withdrawn "withdrawn" { message: MessageKey }

    // ---- how it stands ----
    /// Another status.
    Status "status" {
        from: Status, to: Status, until: Option<Timestamp>, why: Option<StatusWhy>, ticket: Option<TicketNumber>
    }
    /// Another priority.
    Priority "priority" { from: Priority, to: Priority }
    /// Other tags.
    Tags "tags" { added: Vec<String>, removed: Vec<String> }
    /// Another assignee.
    Assigned "assigned" { from: Option<AgentId>, to: Option<AgentId>, why: Option<AssignedWhy> }
    /// Another department; how often it went to and fro, from the second time on.
    Moved "moved" {
        from: DepartmentId, to: DepartmentId, why: Option<MovedWhy>, route: Option<String>, hand_over: Option<u32>
    }
    /// The department accepted it.
    Accepted "accepted" { from: Option<DepartmentId> }
    /// An agent is away.
    Away "away" { agent: AgentId, until: Option<Date>, by: AwayBy }
    /// An agent is back.
    Back "back" { agent: AgentId, why: BackWhy }

    // ---- who is on it ----
    /// Somebody is on it from now on.
    Joined "joined" { person: Address, why: JoinedWhy }
    /// Somebody is on it no more.
    Left "left" { person: Address }
    /// Somebody gets nothing until an agent includes them.
    Proposed "proposed" { person: Address, why: ProposedWhy }
    /// An agent's reply address stands in this author's mail, and counts no more.
    KeyDead "key" { agent: AgentId, author: Address }
    /// Our own mail server does not take the author for who they say they are.
    SenderFailed "sender" { from: Address }

    // ---- regrouped ----
    /// It is part of another from now on.
    MergedInto "merged" { into: TicketNumber }
    /// Another is part of it from now on.
    Absorbed "merged" { part: TicketNumber, subject: String, proposed: Vec<Address> }
    /// It stands alone again.
    UnmergedFrom "unmerged" { from: TicketNumber, status: Status }
    /// Another stands alone again.
    Unmerged "unmerged" { part: TicketNumber, subject: String }
    /// One of its mails is another ticket.
    Split "split" { author: Address, ticket: TicketNumber, message: MessageKey }
    /// It is spam.
    Spam "spam" { customer: Address }
    /// Further mails of its customer are ignored.
    Muted "muted" { customer: Address }
    /// They are taken again.
    Unmuted "unmuted" { customer: Address }

    // ---- our mails ----
    /// The receipt.
    Acknowledged "acknowledged" { to: Address, language: Language }
    /// Who was told of it.
    Notified "notified" { agents: Vec<AgentId> }
    /// News that waited is not told.
    NewsDropped "withheld" { what: Withheld, agent: AgentId, kept: u32, told: u32, why: String }
    /// Something is not sent, or not done.
    Withheld "withheld" { what: Withheld, why: String }
    /// A mail of ours that fails.
    Delivery "delivery" { mail: OutgoingKind, to: Address, failure: Failure, reason: String }
    /// A report on a mail of ours.
    Bounced "bounced" { mail: OutgoingKind, outcome: String }
    /// The recipient's server waits for a human to confirm our mail.
    HeldByRecipient "bounced" { held_by: Address }
    /// One more report that nothing explains.
    StrayAgain "bounced" { reporter: Address }
    /// A report that nothing explains.
    Stray "bounced" { }
}

impl Event {
    /// What postroom itself did.
    pub fn of_desk(ticket: TicketNumber, kind: EventKind) -> Self {
        Self { ticket, actor: Actor::Desk, kind }
    }
}

impl EventKind {
    /// Another status, as somebody wishes.
    pub fn status(from: Status, to: Status) -> Self {
        Self::Status { from, to, until: None, why: None, ticket: None }
    }

    /// Another status, for a reason.
    pub fn status_as(from: Status, to: Status, why: StatusWhy) -> Self {
        Self::Status { from, to, until: None, why: Some(why), ticket: None }
    }

    /// Something is not sent, or not done.
    pub fn withheld(what: Withheld, why: impl Into<String>) -> Self {
        Self::Withheld { what, why: why.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_as_it_was_written() {
        let samples = EventKind::samples();
        assert!(samples.len() > 100, "{}", samples.len());
        for kind in samples {
            assert_eq!(EventKind::read(kind.word(), &kind.data()), Some(kind.clone()), "{kind:?}");
            assert!(!kind.to_string().contains("None"), "{kind}");
        }
    }

    #[test]
    fn what_is_optional_may_be_left_out_and_nothing_else() {
        let at = |name: &str, word: &str| (name.to_owned(), Value::Text(word.to_owned()));
        let data = [at("from", "new"), at("to", "open")];
        assert_eq!(EventKind::read("status", &data), Some(EventKind::status(Status::New, Status::Open)));
        assert_eq!(EventKind::read("status", &data[1..]), None);
        assert_eq!(EventKind::read("status", &[at("from", "new"), at("to", "asleep")]), None);
        assert_eq!(EventKind::read("unheard-of", &data), None);
    }

    #[test]
    fn an_actor_is_read_back_as_it_was_written() {
        let (anna, info) = (AgentId::new("anna"), MailboxId::new("info"));
        for actor in [
            Actor::Customer,
            Actor::Agent(anna),
            Actor::Desk,
            Actor::Admin,
            Actor::Mailbox(info),
            Actor::Rule("VIP refunds".to_owned()),
        ] {
            assert_eq!(Actor::read(&actor.to_string()), Some(actor));
        }
        assert_eq!(Actor::read("somebody"), None);
    }
}

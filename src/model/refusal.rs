//! Why nothing of an agent's mail was done: each reason with what it names, in no language yet.
//!
//! `compose` says it to the agent in their language; `Display` is what the ticket's history says, in English like all of it.

use jiff::Timestamp;

use super::address::{Address, Person};
use super::held::HeldState;
use super::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use super::link::Unproven;

/// The longest `#wait`.
pub const MAX_WAIT_DAYS: i64 = 365;
/// Characters of a tag.
pub const MAX_TAG: usize = 40;

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is about this command, written as it stands here without its backquotes.
    In {
        /// The command.
        command: String,
        /// What is wrong with it.
        why: Box<Refusal>,
    },

    // ---- how commands are written ----
    /// More than this many commands.
    TooManyCommands(usize),
    /// This command stands below the words.
    Misplaced(String),
    /// No command has this name; which one was probably meant.
    UnknownCommand(String, Option<&'static str>),
    /// The command takes no argument, and has this one.
    TakesNothing(String),
    /// `#return` without its reason.
    NeedsReason,
    /// `#fwd` without a customer's mail below it.
    NothingForwarded,
    /// `#assign` alone: these agents there are.
    NeedsAgent(Vec<String>),
    /// No agent has this id; which one was probably meant, else which ones there are.
    NoSuchAgent(Nearest),
    /// `#move` alone: these departments there are.
    NeedsDepartment(Vec<String>),
    /// No department has this id.
    NoSuchDepartment(Nearest),
    /// What follows `#wait` is no time.
    NoTime,
    /// What follows `#away` is no day.
    NoDay,
    /// What follows `#priority` is none.
    NoPriority,
    /// What follows `#tag` is none.
    NoTag,
    /// What follows `#to` is no address.
    NoAddress,
    /// What follows `#cc` is no list of addresses.
    NoPeople,
    /// `#tag` alone.
    NeedsTag,
    /// The command alone, which needs the number of a ticket.
    NeedsNumber(String),
    /// What follows the command is no number.
    NoNumber(String),
    /// What follows `#spam` is none of its words.
    NoSpamWish,
    /// The command stands alone in its mail.
    StandsAlone(String),

    // ---- who may ----
    /// They are not in the config any more.
    NoAgent(AgentId),
    /// The ticket is in a department where they do not work.
    NotYours(TicketNumber, DepartmentId),
    /// A colleague's ticket is given away by leads alone.
    ForLeads {
        /// The ticket.
        ticket: TicketNumber,
        /// The colleague's name.
        owner: String,
        /// The department.
        department: DepartmentId,
        /// Its leads.
        leads: Vec<AgentId>,
    },
    /// Our mail server does not vouch for their From, and the config wants that.
    Unverified,
    /// The day of their return lies behind us.
    NotAhead,
    /// The day of their return is more than a year ahead.
    TooFarAhead,
    /// `#next` twice.
    OneNext,
    /// They have this many open tickets, and may have that many.
    HasEnough(u32, u32),

    /// Nothing proves that the mail is the agent's.
    Unproven(Unproven),

    // ---- who is on the ticket ----
    /// It is an address of ours, of an agent or of a machine.
    NoCustomersAddress,
    /// So many people may be on a ticket.
    TooManyPeople(usize),
    /// Not on the ticket; these are.
    NotAmong(Vec<String>),
    /// Nobody would be left to answer.
    LastCustomer,

    // ---- what is in the mail ----
    /// `#answer` and `#note` in one mail.
    AnswerAndNote,
    /// `#note` without words.
    EmptyNote,
    /// The address that they wrote to stands for this command and sends no words.
    AddressIsVerb(String),
    /// They name an address of an agent's, which customers do not get to see.
    PrivateAddress(Address),
    /// Nothing but what was quoted.
    NoWords,
    /// Files, commands, and no words.
    FilesWithoutWords,
    /// `#to` names an address that is not on the ticket; these are.
    NotOnTicket(Address, Vec<String>),
    /// Nobody knows whom an answer would go to.
    CustomerUnknown,
    /// The customer's address is one of ours.
    CustomerIsOurs(Address),
    /// The words hold our notification: this line shows it.
    HoldsOurMail(String),
    /// The words hold an address that is a key of theirs.
    HoldsKey(String),
    /// This attachment is one of our notifications.
    AttachedOurMail(String),
    /// The words quote a line that the customer did not write.
    ForeignQuote(String),
    /// The customer who gets the answer is not the one who wrote.
    AnswersStranger {
        /// Who would get it.
        customer: Address,
        /// Who wrote.
        stranger: Address,
        /// The ticket.
        ticket: TicketNumber,
    },
    /// So many answers went out within the hour that machines seem to be talking.
    TooManyAnswers(usize),
    /// The customer has these words this many times already, and repeats their own words too.
    Echo(usize),
    /// They are, letter for letter, the answer that they gave a moment ago, and nobody wrote since.
    SaidAlready(Timestamp),

    // ---- tickets that are regrouped ----
    /// A ticket is not merged into itself.
    SameTicket,
    /// There is no such ticket.
    NoSuchTicket(TicketNumber),
    /// The first is part of the second already.
    PartAlready(TicketNumber, TicketNumber),
    /// The ticket consists of this many already.
    TooManyParts(TicketNumber, usize),
    /// Nothing was merged into it.
    NothingMerged(TicketNumber),
    /// The first is not part of the second, which consists of these.
    NoPart(TicketNumber, TicketNumber, Vec<TicketNumber>),
    /// It has to be said which of these is meant.
    WhichPart(Vec<TicketNumber>),
    /// There is only one mail on it.
    NothingToSplit(TicketNumber),
    /// No mail on the ticket has this number; these do.
    NoSuchMail(TicketNumber, Vec<Splittable>),
    /// It has to be said which of these mails is meant.
    WhichMail(Vec<Splittable>),
    /// The ticket is not spam, and the address not muted.
    NoSpam(TicketNumber, Address),
    /// Who reports on deliveries is never muted.
    MutesReporter(Address),
    /// An address of ours, or nobody's.
    MutesUs(Address),
    /// An agent's address.
    MutesAgent(Address),
    /// As many as this are muted already.
    TooManyMutes(u32),
    /// The ticket was accepted already.
    AcceptedAlready(TicketNumber),
    /// Nobody handed it over.
    NotHandedOver(TicketNumber),
    /// No other department handed it over to this one.
    NothingToReturn(TicketNumber, DepartmentId),
    /// It is in the department already.
    ReturnedAlready(TicketNumber, DepartmentId),
    /// The department that it came from is gone.
    OriginGone(TicketNumber, DepartmentId),

    // ---- answers that are held ----
    /// The answer of this moment has left.
    HasLeft(Timestamp),
    /// It cannot be read any more.
    HeldUnreadable,
    /// `#send` and `#cancel` in one mail.
    SendAndCancel,
    /// Words beside `#send` or `#cancel`.
    VerdictAlone(&'static str),
    /// Nothing is held.
    NothingHeld,
    /// What was held is not any more.
    HeldNoMore(HeldState),
}

/// An id that there is none of, and what its writer may have meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The nearest one that there is.
    pub meant: Option<String>,
    /// All of them.
    pub known: Vec<String>,
}

/// A mail that could be split off, as the agent names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splittable {
    /// Its number.
    pub key: MessageKey,
    /// Its author.
    pub author: Person,
    /// The beginning of its words.
    pub words: String,
}

impl Refusal {
    /// The same, said of this command.
    #[must_use]
    pub fn of(self, command: impl Into<String>) -> Self {
        Self::In { command: command.into(), why: Box::new(self) }
    }
}

/// `a, b`, each between `mark`s.
pub fn listed<T: ToString>(items: &[T], before: &str, after: &str) -> String {
    items.iter().map(|item| format!("{before}{}{after}", item.to_string())).collect::<Vec<_>>().join(", ")
}

impl Splittable {
    /// As one writes it, with what shows which mail it is.
    pub fn choice(&self) -> String {
        format!("`#split {}` ({}: {})", self.key, self.author.label(), self.words)
    }
}

/// The reasons on one line, as the history has them.
pub fn in_one_line(reasons: &[Refusal]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

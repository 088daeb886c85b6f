//! Which ticket a mail belongs to and which department it goes to, each with its reason.

use jiff::Timestamp;

use super::address::Address;
use super::id::{AgentId, DepartmentId, MailId, MessageKey, TicketNumber};
use super::reader::Reader;
use super::ticket::word_enum;
use super::token::{OwnId, Seal};

/// What in a mail may point to a ticket; `thread` collects it, the store looks it up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clues {
    /// The mail's own Message-ID.
    pub own_id: Option<MailId>,
    /// Who wrote the mail and when, as its header says.
    pub written: Option<(Address, Timestamp)>,
    /// Tickets proved by a signed reply address or id, with the agent it belongs to.
    pub tokens: Vec<TokenClue>,
    /// Those of the mail that is answered: of In-Reply-To, else of the last one in References that says who reads a reply.
    pub answers: Vec<TokenClue>,
    /// Signed as well, and proof of nothing here: made for a ticket that had the same number in another state of the
    /// database, or for none that is known.
    pub void: Vec<TokenClue>,
    /// Whether it bears an address or an id that looks like ours and that our secret did not sign.
    pub unknown: bool,
    /// Whether the text holds the line above which agents reply: it quotes a mail of ours to one of them.
    pub quotes_us: bool,
    /// The highest number of a ticket in anything that we signed: no other ticket gets it.
    pub named: Option<TicketNumber>,
    /// The conversation that Outlook names.
    pub thread_index: Option<MailId>,
    /// In-Reply-To, then References from the right; no id twice.
    pub ids: Vec<IdClue>,
    /// The numbers of all `[#n]` in the subject, ours or another helpdesk's.
    pub tags: Vec<TicketNumber>,
    /// The number of the `[#n]` in the subject of the mail that is quoted, where the mail's own has none, and that subject.
    pub quoted_tag: Option<(TicketNumber, String)>,
    /// The mailing list that brought the mail and the subject of its conversation, when it answers something.
    pub list_subject: Option<(String, String)>,
    /// Those of `ids` that only we can have minted.
    pub minted: Vec<MailId>,
    /// Who may have written the mail: the author, and the human for whom a form or a relay wrote.
    pub authors: Vec<Address>,
    /// The Message-ID of ours that a bounce names.
    pub bounced_id: Option<MailId>,
    /// The mail of ours that a bounce reports on, by a Message-ID that only we can have minted.
    pub bounced: Option<OwnId>,
    /// The author, when Reply-To names another person: a form or a relay.
    pub relay: Option<Address>,
    /// Whom a bounce says that we did not reach.
    pub unreached: Vec<Address>,
}

/// A valid token in an address or Message-ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenClue {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Which ticket of that number.
    pub seal: Seal,
    /// The agent it was made for.
    pub agent: AgentId,
    /// Who reads what answers the mail that bore it, when the token says so.
    pub reader: Option<Reader>,
    /// Where it was found.
    pub place: TokenPlace,
    /// The latest message that the mail with this token showed, when the token says so.
    pub shows: Option<MessageKey>,
    /// The command that the address stands for.
    pub verb: Option<String>,
}

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// In a recipient's plus part.
    Address,
    /// In In-Reply-To or References.
    MessageId,
}

/// A Message-ID that the mail refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdClue {
    /// The id.
    pub id: MailId,
    /// Where it stood.
    pub header: HeaderClue,
}

/// Which header an id stood in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderClue {
    /// `In-Reply-To`.
    InReplyTo,
    /// `References`.
    References,
}

word_enum!(
    /// Why a mail belongs to a ticket, or to none.
    ThreadReason {
        /// It reports on one of our mails.
        Bounce = "bounce",
        /// A signed reply address.
        ReplyAddress = "reply-address",
        /// A signed Message-ID of a notification.
        NotificationId = "notification-id",
        /// In-Reply-To names a mail of the ticket.
        InReplyTo = "in-reply-to",
        /// References name a mail of the ticket.
        References = "references",
        /// The subject's tag, and the sender is a participant.
        SubjectTag = "subject-tag",
        /// The tag in the subject of the mail that is quoted, and the sender is a participant.
        QuotedTag = "quoted-tag",
        /// Nothing points to a ticket.
        Nothing = "nothing",
        /// A ticket is named, but the sender is no participant of it.
        Stranger = "stranger",
        /// A ticket is named by one of its people, who merely stands in Cc or writes under another subject, by an id or a number
        /// that others have too.
        InManyHands = "in-many-hands",
        /// A ticket is named, and our own mail server says that the mail does not come from its sender.
        Forged = "forged",
        /// It bears a reply address of an agent, and does not come from an address of theirs.
        AgentsToken = "agents-token",
        /// A participant of a ticket wrote its number above another subject.
        OtherSubject = "other-subject",
        /// A ticket is named by someone of the requester's own domain, which the mail server of ours has verified.
        Colleague = "colleague",
        /// It belongs to a closed ticket of a department that wants a new one then.
        Closed = "closed",
        /// A customer passed on a mail of a ticket to another department.
        PassedOn = "passed-on",
        /// The subject's tag, in a mail that one of us wrote to a participant.
        TaggedForParticipant = "tagged-for-participant",
        /// A mail of the ticket answers it.
        AnsweredBefore = "answered-before",
        /// Its sender floods us.
        Flood = "flood",
        /// It reports on the delivery of a mail that no ticket explains.
        StrayBounce = "stray-bounce",
        /// It belongs to a conversation of the mailing list that the ticket came by.
        SameList = "same-list",
        /// It answers a mail that never came here, on the list that the ticket came by and under its subject.
        ListSubject = "list-subject",
        /// It refers to the same mails as the ticket's, and the sender is a participant.
        SharedReference = "shared-reference",
        /// It stands in the same conversation of Outlook as the ticket's mails, and the sender is a participant.
        ThreadIndex = "thread-index",
        /// It is a mail of the ticket that came another way: its Message-ID, author and date.
        SameMail = "same-mail",
    }
);

impl ThreadReason {
    /// In words for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Bounce => "reports on a mail that we sent",
            Self::ReplyAddress => "signed reply address",
            Self::NotificationId => "answers a signed notification",
            Self::InReplyTo => "In-Reply-To names a mail of the ticket",
            Self::References => "References name a mail of the ticket",
            Self::QuotedTag => "subject tag of the quoted mail, written by a participant",
            Self::SubjectTag => "subject tag, written by a participant",
            Self::Nothing => "nothing in it points to a ticket",
            Self::Stranger => "it names a ticket, but its sender is no participant of it",
            Self::InManyHands => {
                "it names a mail of the ticket that others have too, and its sender has neither written on the ticket under that \
                 subject nor got this mail from us"
            }
            Self::Forged => {
                "it names a ticket, and our own mail server says that it does not come from its sender (dmarc=fail)"
            }
            Self::AgentsToken => "it bears an agent's reply address, and does not come from an address of the agent's",
            Self::OtherSubject => "the number in its subject stands above another subject than the ticket's",
            Self::Colleague => {
                "it names a mail of the ticket, and DMARC proves that it comes from the requester's domain"
            }
            Self::Closed => "it belongs to a closed ticket, which its department does not open again",
            Self::StrayBounce => "it reports on a mail that stands on no ticket, like others on this one",
            Self::Flood => "its sender has opened too many tickets within the hour",
            Self::SameList => "it refers to mails of the ticket, and the same mailing list brought it",
            Self::ListSubject => "it answers under the ticket's subject on the same mailing list",
            Self::ThreadIndex => "Thread-Index and subject are those of the ticket's mails, written by a participant",
            Self::SameMail => "a mail of the ticket that came another way: the same Message-ID, author and date",
            Self::SharedReference => "it and the ticket's mails refer to the same mails, written by a participant",
            Self::TaggedForParticipant => "subject tag, written to a participant",
            Self::AnsweredBefore => "a mail of the ticket refers to it",
            Self::PassedOn => "it passes on a mail of another department's ticket",
        }
    }
}

word_enum!(
    /// What shows that a mail comes from an agent.
    AgentProof {
        /// A token of theirs, in a mail from one of their addresses.
        Token = "token",
        /// One of their addresses, verified by our own mail server (DMARC).
        Dmarc = "dmarc",
        /// It lies in the Sent folder of a shared account, where only those write who hold the account.
        SentFolder = "sent-folder",
        /// One of their addresses in From, which anybody can write: nothing is sent to anybody but agents.
        FromAlone = "from-alone",
    }
);

impl AgentProof {
    /// In words for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Token => "proved by a signed reply address",
            Self::Dmarc => "proved by DMARC",
            Self::SentFolder => "proved by the Sent folder of the account",
            Self::FromAlone => "by From alone, which proves nothing",
        }
    }
}

/// What shows that a report on delivery is about a mail of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BounceProof {
    /// It names a mail that we sent to the address that it is about.
    Sent,
    /// Its words alone, which anybody can write: people look, and nothing changes.
    Words,
}

/// Why a mail in an agent's name proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// Its token is this agent's.
    OfAnother(AgentId),
    /// Its token was made for another ticket of this number, or for one that is not known.
    Void(TicketNumber),
    /// Its token was seen in a customer's mail, and counts for nothing since.
    Dead(TicketNumber),
    /// From names others beside the agent.
    CoAuthors,
    /// Our own mail server found that it is not from the domain in From.
    Forged,
    /// Its token was signed with another secret.
    Unknown,
    /// It begins with a command, and bears no token.
    Command,
    /// It answers or quotes a mail of ours, and bears no token.
    Lost,
}

/// What `thread` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Our own mail come back: nothing to do.
    Own,
    /// A report on the delivery of one of our mails.
    Bounce {
        /// The ticket that the mail was about.
        number: TicketNumber,
        /// What the mail was.
        of: OwnId,
        /// What shows it.
        proof: BounceProof,
    },
    /// Belongs to this ticket.
    Ticket {
        /// Which.
        number: TicketNumber,
        /// Why.
        reason: ThreadReason,
        /// The agent whose valid token it bears, when it also comes from one of that agent's addresses.
        agent: Option<AgentId>,
    },
    /// A customer's mail that an agent passed on to us with `#fwd`.
    Forward {
        /// Who.
        agent: AgentId,
        /// What shows that it was them.
        proof: AgentProof,
    },
    /// Written to a customer by one of us, past the desk: it stands on the ticket, if it has one, and goes to nobody.
    Direct {
        /// The ticket.
        number: Option<TicketNumber>,
        /// Why that one.
        reason: ThreadReason,
        /// The agent whose address stands in From; `None` for an address of the desk.
        agent: Option<AgentId>,
        /// What shows that one of us wrote it.
        proof: AgentProof,
    },
    /// An agent's answer to a mail of ours that stands on no ticket, such as a digest.
    Unticketed {
        /// Who.
        agent: AgentId,
    },
    /// In an agent's name, and nothing proves it; no new matter.
    Unproven {
        /// Whose address stands in From.
        agent: AgentId,
        /// What is missing.
        why: Unproven,
    },
    /// A new matter.
    New {
        /// Why it joins nothing.
        reason: ThreadReason,
        /// The ticket that it named without proof.
        possibly_related: Option<TicketNumber>,
    },
}

/// Why a mail goes to a department (INTERFACE: `explain --json`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// Stays with its ticket.
    FollowUp,
    /// A rule of the config.
    Rule,
    /// The customer chose it in a form.
    Form,
    /// An address of the department.
    Address,
    /// Keywords.
    Keywords,
    /// The mailbox's department.
    Mailbox,
}

impl RouteKind {
    /// The word used in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FollowUp => "follow-up",
            Self::Rule => "rule",
            Self::Form => "form",
            Self::Address => "address",
            Self::Keywords => "keywords",
            Self::Mailbox => "mailbox",
        }
    }

    /// The kind of a word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::FollowUp, Self::Rule, Self::Form, Self::Address, Self::Keywords, Self::Mailbox];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A department with the reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where the mail goes.
    pub department: DepartmentId,
    /// What decided.
    pub kind: RouteKind,
    /// What was found for it: keywords, an address, the mailbox.
    pub found: Vec<String>,
    /// In words: the address, the keywords, the runner-up.
    pub detail: String,
    /// Keyword scores, highest first; departments without a hit left out.
    pub scores: Vec<Score>,
}

/// The keyword score of one department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The department.
    pub department: DepartmentId,
    /// Sum of its keywords' weights, those in the subject twice.
    pub score: u32,
    /// What was found.
    pub hits: Vec<Hit>,
}

/// One keyword found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// As written in the config.
    pub keyword: String,
    /// `subject` or `text`.
    pub place: HitPlace,
    /// The words of the mail that matched, as written there.
    pub text: String,
    /// What it counted.
    pub score: u32,
}

/// Where a keyword was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitPlace {
    /// In the subject.
    Subject,
    /// In the new text.
    Text,
}

impl HitPlace {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
        }
    }
}

//! News as it is kept until it is an agent's time: its words for the database and for filters, and what a mail tells of it.
//!
//! The words are stable: people's filters and rows of old databases rely on them.

use jiff::Timestamp;

use super::address::Person;
use super::id::{AgentId, DepartmentId, MailboxId, MessageKey, TicketNumber};
use super::link::Route;
use super::mail::Attachment;
use super::outgoing::News;
use super::reader::Reader;
use super::ticket::{Priority, SenderVerdict, Status};
use super::visibility::Internal;

/// The word of a hand-over: its detail is the department that had the ticket and who handed it over.
pub const HANDED_OVER: &str = "handed-over";

/// Why news that waits for somebody is told with all else that waits for them, in one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// It is not.
    No,
    /// It was found again after a restore.
    Again,
    /// There is too much of it for single mails.
    Crowd,
}

impl Gathered {
    /// As it is stored.
    pub fn number(self) -> i64 {
        match self {
            Self::No => 0,
            Self::Again => 1,
            Self::Crowd => 2,
        }
    }
}

impl News {
    /// Its word in `X-Postroom-Reason` and in the database.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Opened => "new-ticket",
            Self::CustomerWrote { reopened: false } => "customer-wrote",
            Self::CustomerWrote { reopened: true } => "reopened",
            Self::ColleagueAnswered(_) => "colleague-answered",
            Self::Note(_) => "note",
            Self::AssignedToYou(_) => "assigned",
            Self::NoLongerYours(_) => "unassigned",
            Self::Moved(_) => "moved",
            Self::DeliveryFailed(_) => "delivery-failed",
            Self::Quarantined(_) => "quarantined",
            Self::WaitOver => "wait-over",
            Self::Flood => "flood",
            Self::Unproven(_) => "unproven",
            Self::Split { .. } => "split",
            Self::HandedOver { .. } => HANDED_OVER,
            Self::Accepted(_) => "accepted",
            Self::Returned(_) => "returned",
            Self::Absorbed { .. } => "absorbed",
            Self::MergedInto { .. } => "merged",
            Self::Unmerged { .. } => "unmerged",
            Self::Next => "next",
            Self::YoursAsAway(_) => "yours-as-away",
            Self::FreeAsAway(_) => "free-as-away",
            Self::Taken(_) => "taken",
            Self::YoursAsReleased(_) => "yours-as-released",
            Self::FreeAsReleased(_) => "free-as-released",
            Self::NotTold { .. } => "not-told",
            Self::WithoutWords(_) => "without-words",
            Self::KeyDead(_) => "key",
        }
    }

    /// Who did it (with which ticket before), or why; empty where the word says all.
    pub fn detail(&self) -> String {
        match self {
            Self::ColleagueAnswered(text)
            | Self::Unproven(text)
            | Self::Note(text)
            | Self::AssignedToYou(text)
            | Self::NoLongerYours(text)
            | Self::Moved(text)
            | Self::YoursAsAway(text)
            | Self::FreeAsAway(text)
            | Self::Taken(text)
            | Self::YoursAsReleased(text)
            | Self::FreeAsReleased(text)
            | Self::Accepted(text)
            | Self::Returned(text)
            | Self::WithoutWords(text)
            | Self::KeyDead(text)
            | Self::Quarantined(text) => text.clone(),
            Self::NotTold { agent, reason } => format!("{agent}\n{reason}"),
            Self::DeliveryFailed(answered) => answered.as_str().to_owned(),
            Self::HandedOver { by, brief } => format!("{} {by}", brief.from),
            Self::Absorbed { by, merged: number }
            | Self::Split { by, from: number }
            | Self::MergedInto { by, lead: number }
            | Self::Unmerged { by, lead: number } => format!("{number} {by}"),
            Self::Opened | Self::CustomerWrote { .. } | Self::WaitOver | Self::Flood | Self::Next => String::new(),
        }
    }

    /// The news of a word and its detail; a hand-over needs its brief beside them.
    pub fn from_word(word: &str, detail: &str) -> Option<Self> {
        let numbered = || {
            let (number, by) = detail.split_once(' ')?;
            Some((TicketNumber(number.parse().ok()?), by.to_owned()))
        };
        let text = detail;
        let detail = || text.to_owned();
        Some(match word {
            "unproven" => Self::Unproven(detail()),
            "split" => numbered().map(|(from, by)| Self::Split { by, from })?,
            "accepted" => Self::Accepted(detail()),
            "returned" => Self::Returned(detail()),
            "absorbed" => numbered().map(|(merged, by)| Self::Absorbed { by, merged })?,
            "merged" => numbered().map(|(lead, by)| Self::MergedInto { by, lead })?,
            "unmerged" => numbered().map(|(lead, by)| Self::Unmerged { by, lead })?,
            "next" => Self::Next,
            "yours-as-away" => Self::YoursAsAway(detail()),
            "free-as-away" => Self::FreeAsAway(detail()),
            "taken" => Self::Taken(detail()),
            "yours-as-released" => Self::YoursAsReleased(detail()),
            "free-as-released" => Self::FreeAsReleased(detail()),
            "new-ticket" => Self::Opened,
            "customer-wrote" => Self::CustomerWrote { reopened: false },
            "reopened" => Self::CustomerWrote { reopened: true },
            "colleague-answered" => Self::ColleagueAnswered(detail()),
            "note" => Self::Note(detail()),
            "assigned" => Self::AssignedToYou(detail()),
            "unassigned" => Self::NoLongerYours(detail()),
            "moved" => Self::Moved(detail()),
            // Kept by an older version, which answered customers alone.
            "delivery-failed" => Self::DeliveryFailed(Reader::from_word(&detail()).unwrap_or(Reader::Customer)),
            "quarantined" => Self::Quarantined(detail()),
            "wait-over" => Self::WaitOver,
            "not-told" => {
                let (agent, reason) = text.split_once('\n')?;
                Self::NotTold { agent: agent.to_owned(), reason: reason.to_owned() }
            }
            "without-words" => Self::WithoutWords(detail()),
            "key" => Self::KeyDead(detail()),
            "flood" => Self::Flood,
            _ => return None,
        })
    }

    /// Whether it waits for an answer of ours: then it matters who has answered since.
    pub fn wants_an_answer(&self) -> bool {
        match self {
            Self::Opened
            | Self::CustomerWrote { .. }
            | Self::WaitOver
            | Self::Flood
            | Self::Next
            | Self::YoursAsAway(_)
            | Self::HandedOver { .. }
            | Self::Returned(_)
            | Self::YoursAsReleased(_)
            | Self::FreeAsReleased(_)
            | Self::NotTold { .. }
            | Self::WithoutWords(_)
            | Self::FreeAsAway(_) => true,
            Self::ColleagueAnswered(_)
            | Self::KeyDead(_)
            | Self::Taken(_)
            | Self::Split { .. }
            | Self::Accepted(_)
            | Self::Unproven(_)
            | Self::Absorbed { .. }
            | Self::MergedInto { .. }
            | Self::Unmerged { .. }
            | Self::Note(_)
            | Self::AssignedToYou(_)
            | Self::NoLongerYours(_)
            | Self::Moved(_)
            | Self::DeliveryFailed(_)
            | Self::Quarantined(_) => false,
        }
    }

    /// Whether it shows a customer's mail that has just come.
    pub fn shows_a_mail(&self) -> bool {
        matches!(self, Self::Opened | Self::CustomerWrote { .. } | Self::Flood)
    }

    /// Whether the reader themselves asked for it by a mail: then they get it at once, like a notice, whatever else they were told.
    pub fn is_asked_for(&self) -> bool {
        match self {
            // Of the last two nobody else may hear.
            Self::Next | Self::NotTold { .. } | Self::WithoutWords(_) => true,
            Self::Opened
            | Self::KeyDead(_)
            | Self::Taken(_)
            | Self::Split { .. }
            | Self::HandedOver { .. }
            | Self::Accepted(_)
            | Self::Returned(_)
            | Self::CustomerWrote { .. }
            | Self::ColleagueAnswered(_)
            | Self::Unproven(_)
            | Self::Absorbed { .. }
            | Self::MergedInto { .. }
            | Self::Unmerged { .. }
            | Self::YoursAsAway(_)
            | Self::FreeAsAway(_)
            | Self::YoursAsReleased(_)
            | Self::FreeAsReleased(_)
            | Self::Note(_)
            | Self::AssignedToYou(_)
            | Self::NoLongerYours(_)
            | Self::Moved(_)
            | Self::DeliveryFailed(_)
            | Self::Quarantined(_)
            | Self::WaitOver
            | Self::Flood => false,
        }
    }
}

/// The words of news that is not about its reader themselves: whoever stands in for them has to hear it.
pub const FOR_ANYBODY: [&str; 14] = [
    "new-ticket",
    "customer-wrote",
    "reopened",
    "colleague-answered",
    "unproven",
    "note",
    "delivery-failed",
    "quarantined",
    "wait-over",
    "flood",
    "absorbed",
    "split",
    "returned",
    HANDED_OVER,
];

/// The words of news that a customer wrote: whoever reads the ticket in somebody's place has to hear it.
pub const OF_CUSTOMERS: [&str; 4] = ["new-ticket", "customer-wrote", "reopened", "flood"];

/// What was kept of a ticket for one agent.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The latest things that happened, in order.
    pub news: Vec<KeptNews>,
    /// How many happened before them.
    pub older: usize,
}

impl Kept {
    /// How many things happened in all.
    pub fn count(&self) -> usize {
        self.news.len() + self.older
    }
}

/// News of a ticket that was kept for one agent.
#[derive(Clone, Debug)]
pub struct KeptNews {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub news: News,
    /// Who wrote what it carries.
    pub author: Person,
    /// The words.
    pub words: Internal,
    /// What stood below them.
    pub below: Internal,
    /// The files that came with it, as far as they were kept.
    pub files: Vec<Attachment>,
    /// Name and size of those that were not.
    pub left_out: Vec<(String, u64)>,
    /// Why the ticket is in the department (for a new one).
    pub route: Option<Route>,
    /// The latest message of the ticket when it happened.
    pub shows: MessageKey,
    /// What our mail server says of the author of a customer's mail.
    pub sender: SenderVerdict,
}

/// One of several things that a mail to an agent tells, in the order in which they happened.
#[derive(Clone, Debug)]
pub struct NotificationItem {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub news: News,
    /// Who wrote what it carries.
    pub author: Person,
    /// The words.
    pub words: Internal,
    /// What stood below them.
    pub below: Internal,
    /// Names of the files that came with it.
    pub files: Vec<String>,
    /// What became of it before the mail was written.
    pub since: Option<Since>,
    /// What our mail server says of the author of a customer's mail.
    pub sender: SenderVerdict,
}

/// What happened in a day, for one agent.
#[derive(Clone, Debug)]
pub struct DigestDraft {
    /// Who gets it.
    pub agent: AgentId,
    /// The department in whose name we write.
    pub department: DepartmentId,
    /// The mailbox of the first ticket.
    pub mailbox: MailboxId,
    /// Ticket by ticket, the most urgent first.
    pub tickets: Vec<DigestTicket>,
    /// More tickets on which something happened.
    pub beyond: Vec<TicketNumber>,
    /// Some of it was found again after a restore from a backup.
    pub again: bool,
    /// Number for its Message-ID.
    pub serial: i64,
}

/// A ticket in a digest, as it stands.
#[derive(Clone, Debug)]
pub struct DigestTicket {
    /// Its number.
    pub ticket: TicketNumber,
    /// Its subject.
    pub subject: String,
    /// Its department.
    pub department: DepartmentId,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Its assignee.
    pub assignee: Option<AgentId>,
    /// The mailbox whose address carries the reply token.
    pub mailbox: MailboxId,
    /// The latest things that happened, in order.
    pub episodes: Vec<NotificationItem>,
    /// How many happened before them.
    pub older: usize,
}

/// What became of a customer's words before the agent was told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// A colleague has answered.
    Answered(String),
    /// The reader themselves has answered.
    YouAnswered,
    /// A colleague has taken the ticket.
    Taken(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_to_its_news() {
        let name = || "Anna".to_owned();
        for news in [
            News::Opened,
            News::CustomerWrote { reopened: false },
            News::CustomerWrote { reopened: true },
            News::ColleagueAnswered(name()),
            News::Note(name()),
            News::AssignedToYou(name()),
            News::NoLongerYours(name()),
            News::Moved(name()),
            News::DeliveryFailed(Reader::Note),
            News::Quarantined("reason".to_owned()),
            News::WaitOver,
            News::Flood,
            News::Unproven(name()),
            News::Accepted(name()),
            News::Returned(name()),
            News::Split { by: "Anna Nowak".to_owned(), from: TicketNumber(7) },
            News::Absorbed { by: "Anna Nowak".to_owned(), merged: TicketNumber(7) },
            News::MergedInto { by: "Anna Nowak".to_owned(), lead: TicketNumber(7) },
            News::Unmerged { by: "Anna Nowak".to_owned(), lead: TicketNumber(7) },
            News::Next,
            News::YoursAsAway(name()),
            News::FreeAsAway(name()),
            News::Taken(name()),
            News::YoursAsReleased(name()),
            News::FreeAsReleased(name()),
            News::NotTold { agent: name(), reason: "550 no: not here".to_owned() },
            News::WithoutWords("550 no".to_owned()),
            News::KeyDead("ewa@client.example".to_owned()),
        ] {
            assert_eq!(News::from_word(news.word(), &news.detail()), Some(news));
        }
        assert_eq!(News::from_word("other", ""), None);
    }
}

//! What is said in one line wherever it is said: what happened, a status, a priority, why a ticket is here.

use crate::compose::texts::{TextKey, Texts};
use crate::model::address::Person;
use crate::model::id::TicketNumber;
use crate::model::link::{Route, RouteKind};
use crate::model::outgoing::News;
use crate::model::text::{clean_line, clean_name};
use crate::model::ticket::{Priority, Status};

/// Characters of a reason or another line of facts.
pub const MAX_LINE: usize = 300;

/// What happened, in one line.
pub fn headline(news: &News, author: &Person, department: &str, texts: &Texts) -> String {
    let customer = clean_name(author.label());
    let by = |name: &str| clean_name(name);
    match news {
        News::Opened => texts.fill(TextKey::NewsOpened, &[("customer", &customer)]),
        News::CustomerWrote { reopened: false } => texts.fill(TextKey::NewsCustomerWrote, &[("customer", &customer)]),
        News::CustomerWrote { reopened: true } => texts.fill(TextKey::NewsReopened, &[("customer", &customer)]),
        News::ColleagueAnswered(name) => texts.fill(TextKey::NewsColleagueAnswered, &[("agent", &by(name))]),
        News::Unproven(name) => texts.fill(TextKey::NewsUnproven, &[("agent", &by(name))]),
        News::Note(name) => texts.fill(TextKey::NewsNote, &[("agent", &by(name))]),
        News::AssignedToYou(name) => texts.fill(TextKey::NewsAssigned, &[("agent", &by(name))]),
        News::NoLongerYours(name) => texts.fill(TextKey::NewsNoLongerYours, &[("agent", &by(name))]),
        News::Moved(name) | News::HandedOver { by: name, .. } => {
            texts.fill(TextKey::NewsMoved, &[("agent", &by(name)), ("department", department)])
        }
        News::Accepted(name) => texts.fill(TextKey::NewsAccepted, &[("agent", &by(name))]),
        News::Returned(name) => texts.fill(TextKey::NewsReturned, &[("agent", &by(name))]),
        News::Split { by, from } => with_number(TextKey::NewsSplit, by, *from, texts),
        News::DeliveryFailed(_) => texts.get(TextKey::NewsDeliveryFailed).to_owned(),
        News::Quarantined(reason) => texts.fill(TextKey::NewsQuarantined, &[("reason", &clean_line(reason, MAX_LINE))]),
        News::WaitOver => texts.get(TextKey::NewsWaitOver).to_owned(),
        News::Flood => texts.fill(TextKey::NewsFlood, &[("customer", &customer)]),
        News::Absorbed { by, merged } => with_number(TextKey::NewsAbsorbed, by, *merged, texts),
        News::MergedInto { by, lead } => with_number(TextKey::NewsMergedInto, by, *lead, texts),
        News::Unmerged { by, lead } => with_number(TextKey::NewsUnmerged, by, *lead, texts),
        News::Next => texts.get(TextKey::NewsNext).to_owned(),
        News::YoursAsAway(name) => texts.fill(TextKey::NewsYoursAsAway, &[("agent", &by(name))]),
        News::FreeAsAway(name) => texts.fill(TextKey::NewsFreeAsAway, &[("agent", &by(name))]),
        News::Taken(name) => texts.fill(TextKey::NewsTaken, &[("agent", &by(name))]),
        News::YoursAsReleased(name) => texts.fill(TextKey::NewsYoursAsReleased, &[("agent", &by(name))]),
        News::FreeAsReleased(name) => texts.fill(TextKey::NewsFreeAsReleased, &[("agent", &by(name))]),
        News::NotTold { agent, reason } => {
            let reason = clean_line(reason, MAX_LINE);
            texts.fill(TextKey::NewsNotTold, &[("agent", &by(agent)), ("reason", &reason)])
        }
        News::KeyDead(by) => texts.fill(TextKey::NewsKeyDead, &[("by", &clean_line(by, MAX_LINE))]),
        News::WithoutWords(reason) => {
            texts.fill(TextKey::NewsWithoutWords, &[("reason", &clean_line(reason, MAX_LINE))])
        }
    }
}

/// A headline that names a colleague and another ticket.
fn with_number(key: TextKey, by: &str, number: TicketNumber, texts: &Texts<'_>) -> String {
    texts.fill(key, &[("agent", &clean_name(by)), ("number", &number.to_string())])
}

/// The text of a status.
pub fn status_text(status: Status) -> TextKey {
    match status {
        Status::New => TextKey::StatusNew,
        Status::Open => TextKey::StatusOpen,
        Status::Waiting => TextKey::StatusWaiting,
        Status::Resolved => TextKey::StatusResolved,
        Status::Closed => TextKey::StatusClosed,
    }
}

/// The text of a priority.
pub fn priority_text(priority: Priority) -> TextKey {
    match priority {
        Priority::Low => TextKey::PriorityLow,
        Priority::Normal => TextKey::PriorityNormal,
        Priority::High => TextKey::PriorityHigh,
        Priority::Urgent => TextKey::PriorityUrgent,
    }
}

/// What decided, in the reader's language: the keywords as found, or the address or mailbox. The whole reason, which is
/// English, stands in `X-Postroom-Reason` and on the ticket.
pub fn why_here(route: &Route, texts: &Texts) -> String {
    let score = route.scores.iter().find(|score| score.department == route.department);
    let hits = score.into_iter().filter(|_| route.kind == RouteKind::Keywords).flat_map(|score| &score.hits);
    let hits: Vec<String> = hits.map(|hit| format!("{} ({})", hit.keyword, hit.text)).collect();
    // The hits are not kept with news that waits; the keywords are.
    reason(route.kind, if hits.is_empty() { &route.found } else { &hits }, texts)
}

/// What decided, and what was found for it.
pub fn reason(kind: RouteKind, found: &[String], texts: &Texts) -> String {
    let kind = texts.get(route_text(kind));
    if found.is_empty() { kind.to_owned() } else { format!("{kind}: {}", found.join(", ")) }
}

fn route_text(kind: RouteKind) -> TextKey {
    match kind {
        RouteKind::FollowUp => TextKey::RouteFollowUp,
        RouteKind::Rule => TextKey::RouteRule,
        RouteKind::Form => TextKey::RouteForm,
        RouteKind::Address => TextKey::RouteAddress,
        RouteKind::Keywords => TextKey::RouteKeywords,
        RouteKind::Mailbox => TextKey::RouteMailbox,
    }
}

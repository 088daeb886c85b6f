//! A flood of new matters from one address: its further mails are folded into its newest ticket, without acknowledgements and
//! with one word to the agents.
//!
//! Never drops a mail: each stands on the ticket as a message.

use super::draft::{Drafts, Shown, Story};
use super::home::settle;
use super::{Case, correspondent, customer};
use crate::model::facts::Counters;
use crate::model::id::TicketNumber;
use crate::model::link::{Link, ThreadReason};
use crate::model::mail::Arrival;
use crate::model::outgoing::News;
use crate::model::plan::{Beginning, Begun, Change, Event, Fate, Plan};
use crate::model::policy::Policy;
use crate::model::ticket::{Status, Ticket};

/// The ticket that a mail which belongs to none is folded into. What is imported is no flood: it came over years.
pub fn folds_into(policy: &Policy, link: &Link, arrival: Arrival, counters: &Counters) -> Option<TicketNumber> {
    let flooded = counters.sender.begun >= policy.limits.tickets_per_address_per_hour;
    let new = matches!(link, Link::New { .. }) && arrival == Arrival::Live;
    counters.sender.newest.filter(|_| new && flooded)
}

/// Counts a mail against its sender; nobody is counted who cannot be reached, for his address is everybody's.
pub(super) fn begun(case: &Case<'_>, ticket: TicketNumber, how: Beginning) -> Option<Begun> {
    let by = correspondent(case.policy, case.mail, case.link)?;
    (case.raw.arrival == Arrival::Live).then_some(Begun { by, ticket, how })
}

/// One more mail of a flood.
pub(super) fn fold(case: &Case<'_>, ticket: &Ticket) -> Plan {
    let author = customer::requester(case.policy, case.mail);
    let mut plan = Plan {
        messages: vec![customer::message(case, ticket.number, &author, ThreadReason::Flood)],
        begun: begun(case, ticket.number, Beginning::Folded),
        fate: Some(Fate::Ticket(ticket.number)),
        ..Plan::default()
    };
    let event = |kind, detail| Event { ticket: ticket.number, actor: "postroom".to_owned(), kind, detail };
    let mut shown = Shown::of(ticket);
    shown.shows = case.counters.next_message;
    settle(&mut shown, case.policy, Some(case.route), &mut plan);
    if matches!(ticket.status, Status::Waiting | Status::Resolved | Status::Closed) {
        shown.status = Status::Open;
        plan.changes.push((ticket.number, Change::Status(Status::Open, None)));
        plan.events.push(event("status", format!("{} to open: more mail of a flood came", ticket.status)));
    }
    let limit = case.policy.limits.tickets_per_address_per_hour;
    let why = format!("limit `tickets_per_address_per_hour` ({limit}) is reached by {}", author.address);
    plan.withheld.push(format!("acknowledgement: {why}"));
    if case.counters.sender.folded > 0 {
        plan.withheld.push("notification: the agents know of the flood".to_owned());
        return plan;
    }
    plan.events.push(event("folded", format!("{why}: its further mails are added here, without a word to anybody")));
    let mut drafts = Drafts::new(case.counters.next_serial).above(customer::below(case));
    let words = customer::words(case);
    let story = Story { news: News::Flood, author: &author, words: &words, attachments: case.attachments, route: None };
    let readers = customer::without_author(case, shown.readers(case.policy));
    plan.withheld.extend(drafts.notify(case.policy, &shown, readers, &story));
    plan.mails = drafts.mails;
    plan
}

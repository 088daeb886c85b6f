//! A flood of new matters from one address, or from one organisation's domain: its further mails are folded into its newest
//! ticket, without acknowledgements and with one word to the agents.
//!
//! Never drops a mail: each stands on the ticket as a message.

use super::follow_up;
use crate::decide::actions::orphaned::settle;
use crate::decide::notify::drafts::{Drafts, NotificationContent};
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::{TicketEditor, finish};
use crate::decide::{Incoming, correspondent};
use crate::model::breaker::{Breaker, Stopped};
use crate::model::event::{Event, EventKind, StatusWhy};
use crate::model::facts::{Counters, SenderCount};
use crate::model::id::TicketNumber;
use crate::model::link::{Link, ThreadReason};
use crate::model::mail::Arrival;
use crate::model::outgoing::News;
use crate::model::plan::{Fate, NewOrFolded, Plan, TicketOpening};
use crate::model::policy::Policy;
use crate::model::provider::organisation;
use crate::model::ticket::{Status, Ticket};

/// The ticket that a mail which belongs to none is folded into. What is imported is no flood: it came over years.
/// A robot behind many addresses counts as one.
pub fn folds_into(
    policy: &Policy,
    link: &Link,
    arrival: Arrival,
    counters: &Counters,
    robot: Option<&str>,
) -> Option<TicketNumber> {
    let new = matches!(link, Link::New { .. }) && arrival == Arrival::Live;
    spent(policy, counters, robot).and_then(|(count, _)| count.newest).filter(|_| new)
}

/// What has begun too much, and the limit that says so.
fn spent(policy: &Policy, counters: &Counters, robot: Option<&str>) -> Option<(SenderCount, String)> {
    let (by_address, by_domain) =
        (policy.limits.tickets_per_address_per_hour, policy.limits.tickets_per_domain_per_hour);
    let limit = |name: &str, limit: u32| format!("limit `{name}` ({limit}) is reached");
    if counters.sender.begun >= by_address {
        return Some((counters.sender, limit("tickets_per_address_per_hour", by_address)));
    }
    let domain = counters.domain.sender;
    if let Some(robot) = robot.filter(|_| domain.begun >= by_address) {
        return Some((domain, format!("{}, {robot}", limit("tickets_per_address_per_hour", by_address))));
    }
    (domain.begun >= by_domain).then(|| (domain, limit("tickets_per_domain_per_hour", by_domain)))
}

/// Counts a mail against its sender; nobody is counted who cannot be reached, for their address is everybody's.
pub(in crate::decide) fn begun(case: &Incoming<'_>, ticket: TicketNumber, how: NewOrFolded) -> Option<TicketOpening> {
    let by = correspondent(case.policy, case.mail, case.link)?;
    (case.raw.arrival == Arrival::Live).then_some(TicketOpening { by, ticket, how })
}

/// One more mail of a flood.
pub(in crate::decide) fn fold(case: &Incoming<'_>, ticket: &Ticket) -> Plan {
    let author = follow_up::requester(case.policy, case.mail);
    let mut plan = Plan {
        messages: vec![follow_up::message(case, ticket.number, &author, ThreadReason::Flood)],
        begun: begun(case, ticket.number, NewOrFolded::Folded),
        fate: Some(Fate::Ticket(ticket.number)),
        ..Plan::default()
    };
    let mut shown = TicketView::of(ticket);
    shown.shows = case.counters.next_message;
    shown.sender = case.sender;
    settle(&mut shown, case.policy, Some(case.route), &mut plan);
    if matches!(ticket.status, Status::Waiting | Status::Resolved | Status::Closed) {
        TicketEditor::of_desk(&mut shown, &mut plan).reopen(StatusWhy::Flood);
    }
    let (count, limit) = spent(case.policy, &case.counters, case.robot).unwrap_or_default();
    let (of_domain, most) = (case.counters.domain.sender.begun, case.policy.limits.tickets_per_domain_per_hour);
    if of_domain >= most {
        let whose = organisation(author.address.domain()).to_owned();
        plan.stopped.push(Stopped { breaker: Breaker::TicketsOfDomain, whose, limit: most });
    }
    plan.withheld.push(format!("acknowledgement: {limit} by {}", author.address));
    if count.folded > 0 {
        plan.withheld.push("notification: the agents know of the flood".to_owned());
        return plan;
    }
    let kind = EventKind::Folded { by: author.address.clone(), limit, message: case.counters.next_message };
    plan.events.push(Event::of_desk(ticket.number, kind));
    let mut drafts = Drafts::new(case.counters.next_serial).above(follow_up::below(case));
    let words = follow_up::words(case);
    let story = NotificationContent {
        news: News::Flood,
        author: &author,
        words: &words,
        attachments: case.attachments,
        route: None,
    };
    let readers = follow_up::without_author(case, shown.readers(case.policy));
    TicketEditor::of_desk(&mut shown, &mut plan).notify(&mut drafts, case.policy, readers, &story);
    finish(plan, drafts)
}

//! Where a ticket belongs when the config no longer has what it names: its department left, its mailbox is gone, its agent
//! is no agent any more.

use super::draft::Shown;
use crate::model::event::{AssignedWhy, Event, EventKind, MovedWhy};
use crate::model::id::MailboxId;
use crate::model::link::Route;
use crate::model::plan::{Change, Plan};
use crate::model::policy::{Department, Policy};
use crate::model::ticket::Ticket;

/// Moves a ticket whose department left the config to where `route` sends it, else to its mailbox's department. Whoever left
/// the config has it no longer: it is nobody's, so that `#next` finds it and the first to answer takes it.
pub(super) fn settle(shown: &mut Shown, policy: &Policy, route: Option<&Route>, plan: &mut Plan) {
    if let Some(gone) = shown.assignee.take_if(|assignee| policy.agent(assignee).is_none()) {
        plan.changes.push((shown.ticket, Change::Assignee(None)));
        let kind = EventKind::Assigned { from: Some(gone), to: None, why: Some(AssignedWhy::LeftConfig) };
        plan.events.push(Event::of_desk(shown.ticket, kind));
    }
    if policy.department(&shown.department).is_some() {
        return;
    }
    let routed = route.and_then(|route| policy.department(&route.department).map(|found| (found, route)));
    let (department, route) = match routed {
        Some((department, route)) => (department, Some(route.detail.clone())),
        None => match responsible(policy, &shown.mailbox) {
            Some(department) => (department, None),
            None => return,
        },
    };
    let from = std::mem::replace(&mut shown.department, department.id.clone());
    let (to, why) = (department.id.clone(), Some(MovedWhy::LeftConfig));
    plan.events.push(Event::of_desk(shown.ticket, EventKind::Moved { from, to, why, route, hand_over: None }));
    plan.changes.push((shown.ticket, Change::Department(department.id.clone())));
}

/// What becomes of a ticket whose department left the config, when nothing happens on it.
pub fn taken_in(policy: &Policy, ticket: &Ticket) -> Plan {
    let mut plan = Plan::default();
    settle(&mut Shown::of(ticket), policy, None, &mut plan);
    plan
}

/// The mailbox's department; the first one when the mailbox has left the config.
pub(super) fn responsible<'p>(policy: &'p Policy, mailbox: &MailboxId) -> Option<&'p Department> {
    let own = policy.mailbox(mailbox).and_then(|mailbox| policy.department(&mailbox.department));
    own.or(policy.departments.first())
}

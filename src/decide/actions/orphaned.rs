//! Where a ticket belongs when the config no longer has what it names: its department left, its mailbox is gone, its agent
//! is no agent any more.

use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::TicketEditor;
use crate::model::event::{AssignedWhy, MovedWhy};
use crate::model::id::MailboxId;
use crate::model::link::Route;
use crate::model::plan::Plan;
use crate::model::policy::{Department, Policy};
use crate::model::ticket::Ticket;

/// Moves a ticket whose department left the config to where `route` sends it, else to its mailbox's department. Whoever left
/// the config has it no longer: it is nobody's, so that `#next` finds it and the first to answer takes it.
pub(in crate::decide) fn settle(shown: &mut TicketView, policy: &Policy, route: Option<&Route>, plan: &mut Plan) {
    if shown.assignee.as_ref().is_some_and(|assignee| policy.agent(assignee).is_none()) {
        TicketEditor::of_desk(shown, plan).assign(None, Some(AssignedWhy::LeftConfig));
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
    TicketEditor::of_desk(shown, plan).move_to(department.id.clone(), Some(MovedWhy::LeftConfig), route, None);
}

/// What becomes of a ticket whose department left the config, when nothing happens on it.
pub fn taken_in(policy: &Policy, ticket: &Ticket) -> Plan {
    let mut plan = Plan::default();
    settle(&mut TicketView::of(ticket), policy, None, &mut plan);
    plan
}

/// The mailbox's department; the first one when the mailbox has left the config.
pub(in crate::decide) fn responsible<'p>(policy: &'p Policy, mailbox: &MailboxId) -> Option<&'p Department> {
    let own = policy.mailbox(mailbox).and_then(|mailbox| policy.department(&mailbox.department));
    own.or(policy.departments.first())
}

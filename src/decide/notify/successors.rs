//! Who hears what was kept for an agent, once a plan takes a ticket from them or sends them away: no customer's words are lost
//! between two departments, and nothing waits for somebody who is not there.

use jiff::Timestamp;

use super::audience::{gone, spared};
use super::ticket_view::TicketView;
use crate::model::habits::Notify;
use crate::model::id::{AgentId, MessageKey, TicketNumber};
use crate::model::outgoing::{Draft, News, NotificationDraft};
use crate::model::plan::{Change, Plan};
use crate::model::policy::Policy;
use crate::model::ticket::Ticket;

/// What a plan changes about who reads what.
pub struct Reassignments {
    /// Tickets whose readers may be others.
    pub tickets: Vec<TicketNumber>,
    /// Agents who go away.
    pub leaving: Vec<AgentId>,
    /// Who is told of which ticket by the plan itself.
    told: Vec<(AgentId, TicketNumber)>,
}

impl Reassignments {
    /// Looks into a plan whose notifications are partly told `later`.
    pub fn of<'p>(plan: &'p Plan, later: impl Iterator<Item = &'p NotificationDraft>) -> Self {
        let changes = plan.changes.iter().filter(|(_, change)| changes_readers(change));
        let mut tickets: Vec<TicketNumber> = changes.map(|(number, _)| *number).collect();
        tickets.dedup();
        let leaving = plan.absences.iter().filter(|(_, absence)| absence.is_some()).map(|(agent, _)| agent.clone());
        let at_once = plan.mails.iter().filter_map(|draft| match draft {
            Draft::Notification(draft) => Some(draft.as_ref()),
            Draft::Answer(_) | Draft::Acknowledgement(_) | Draft::Digest(_) | Draft::Notice(_) => None,
        });
        let told = at_once.chain(later).map(|draft| (draft.agent.clone(), draft.ticket));
        Self { tickets, leaving: leaving.collect(), told: told.collect() }
    }
}

fn changes_readers(change: &Change) -> bool {
    match change {
        Change::Department(_) | Change::Assignee(_) | Change::Given(..) => true,
        Change::Status(..)
        | Change::Priority(_)
        | Change::AddTag(_)
        | Change::RemoveTag(_)
        | Change::Participant(_)
        | Change::NoParticipant(_)
        | Change::Requester(_)
        | Change::Step(_) => false,
    }
}

/// Who is told in the place of `reader`, who may not read the ticket any more, what customers wrote and is kept for them: up to
/// which message. Whoever is told of the change reads the `latest` words with it. Nobody while they may read it.
pub fn successors(
    policy: &Policy,
    ticket: &Ticket,
    reader: &AgentId,
    latest: MessageKey,
    plan: &Reassignments,
) -> Vec<(AgentId, MessageKey)> {
    let shown = TicketView::of(ticket);
    if gone(policy, &shown, reader).is_none() {
        return Vec::new();
    }
    let wrote = News::CustomerWrote { reopened: false };
    let listens = |heir: &AgentId| heir != reader && spared(policy, &shown, heir, &wrote, "").is_none();
    let up_to = |heir: &AgentId| {
        let told = plan.told.iter().any(|(told, of)| told == heir && *of == ticket.number);
        if told { latest } else { MessageKey(i64::MAX) }
    };
    let heirs = shown.readers(policy).into_iter().filter(listens);
    heirs.map(|heir| (heir.clone(), up_to(&heir))).collect()
}

/// Who hears in the place of `agent`, who is away, what is kept for them of a ticket: the others of its department who are
/// there, as of a new mail, unless somebody else has it and is told themselves.
pub fn stand_ins(policy: &Policy, ticket: &Ticket, agent: &AgentId) -> Vec<AgentId> {
    let is_there = |other: &AgentId| policy.agent(other).is_some() && !ticket.away.contains(other);
    if ticket.assignee.as_ref().is_some_and(|assignee| assignee != agent && is_there(assignee)) {
        return Vec::new();
    }
    let members = policy.department(&ticket.department).map(|department| department.agents.as_slice());
    let listens = |other: &AgentId| {
        let habits = policy.agent(other).map(|agent| agent.habits.notify);
        matches!(habits, Some(Notify::All | Notify::Digest))
    };
    let others = members.unwrap_or_default().iter().filter(|other| *other != agent);
    others.filter(|other| is_there(other) && listens(other)).cloned().collect()
}

/// What somebody else knows of a ticket of which news is kept for an agent who goes away.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// When they were told of it last.
    pub last: Option<Timestamp>,
    /// Whether news of it is kept for them too.
    pub keeps: bool,
}

/// Whether somebody who stands in for `leaving` hears what is kept for them, the oldest of it `since` then. Of a ticket that is
/// not theirs all others were told when they were, unless they were away themselves.
pub fn takes_over(ticket: &Ticket, leaving: &AgentId, since: Option<Timestamp>, heard: Heard) -> bool {
    let told = heard.last.is_some_and(|last| Some(last) >= since);
    ticket.assignee.as_ref() == Some(leaving) || !(told || heard.keeps)
}

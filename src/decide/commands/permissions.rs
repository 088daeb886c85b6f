//! What an agent may do on a ticket, by the config as it stands when their mail is processed. Whoever carries out what an agent
//! asks for (a command, an answer, a command line) asks here.
//!
//! A plain agent works on the tickets of the departments that they are in, and on those that are assigned to them; a manager on
//! all. A ticket that nobody has, or that is their own, each of them gives to whom they like. A colleague's ticket is given to
//! somebody else, taken or released by a lead of its department or a manager; in a department without `leads` its members
//! do that among themselves. Who has left the config has nothing any more, and the tickets of a colleague who is away are
//! everybody's of the department.

use super::{Command, Right};
use crate::model::id::{AgentId, DepartmentId, TicketNumber};
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::ticket::Ticket;

/// What an agent wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Action<'a> {
    /// Work on the ticket: answer, note, status, marks, move, merge, split, spam.
    Work,
    /// Give it to somebody, or to nobody.
    Assign(Option<&'a AgentId>),
}

/// How a ticket stands, as far as rights depend on it.
#[derive(Clone, Copy)]
pub(in crate::decide) struct Standing<'a> {
    pub(in crate::decide) number: TicketNumber,
    pub(in crate::decide) department: &'a DepartmentId,
    pub(in crate::decide) assignee: Option<&'a AgentId>,
    /// Who is away: their tickets are taken as nobody's.
    pub(in crate::decide) away: &'a [AgentId],
}

impl<'a> Standing<'a> {
    pub(in crate::decide) fn of(ticket: &'a Ticket) -> Self {
        Self {
            number: ticket.number,
            department: &ticket.department,
            assignee: ticket.assignee.as_ref(),
            away: &ticket.away,
        }
    }
}

/// Why `agent` may not do `deed` on the ticket; `None` when they may.
pub(in crate::decide) fn refusal(
    policy: &Policy,
    on: Standing<'_>,
    agent: &AgentId,
    deed: Action<'_>,
) -> Option<Refusal> {
    if policy.agent(agent).is_none() {
        return Some(Refusal::NoAgent(agent.clone()));
    }
    let (manager, department) = (policy.is_manager(agent), policy.department(on.department));
    let member = department.is_some_and(|department| department.has_agent(agent));
    if !manager && !member && on.assignee != Some(agent) {
        return Some(Refusal::NotYours(on.number, on.department.clone()));
    }
    let Action::Assign(to) = deed else { return None };
    if on.assignee.is_some_and(|assignee| on.away.contains(assignee)) {
        return None;
    }
    let owner = policy.agent(on.assignee.filter(|assignee| *assignee != agent && Some(*assignee) != to)?)?;
    if manager || department.is_some_and(|department| department.has_lead(agent)) {
        return None;
    }
    Some(Refusal::ForLeads {
        ticket: on.number,
        owner: owner.name.clone(),
        department: on.department.clone(),
        leads: department.map(|department| department.leads.clone()).unwrap_or_default(),
    })
}

/// Why `agent` may not carry out `commands`, one after another, on the ticket. What is about themselves alone, and comes
/// without words, they may say in answer to any notification that was ever theirs.
pub(in crate::decide) fn faults(
    policy: &Policy,
    on: Standing<'_>,
    agent: &AgentId,
    commands: &[Command],
    with_words: bool,
) -> Vec<Refusal> {
    if !with_words && !commands.is_empty() && commands.iter().all(|command| command.spec().right == Right::Own) {
        return Vec::new();
    }
    if let Some(why) = refusal(policy, on, agent, Action::Work) {
        return vec![why];
    }
    let (mut faults, mut on) = (Vec::new(), on);
    for command in commands {
        let to = match command.spec().right {
            Right::Work | Right::Own | Right::Words => continue,
            Right::Take => Some(agent),
            Right::Give => command.assignee(),
            Right::Release => None,
        };
        match refusal(policy, on, agent, Action::Assign(to)) {
            Some(why) if faults.contains(&why) => {}
            Some(why) => faults.push(why),
            None => on.assignee = to,
        }
    }
    faults
}

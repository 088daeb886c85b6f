//! Whom a department gives a ticket that nobody has: in turn, by load, or nobody by itself. An agent who is away, or has as many
//! open tickets as `max_open` allows, is given none.

use crate::decide::notify::ticket_view;
use crate::model::event::AssignedWhy;
use crate::model::id::{AgentId, DepartmentId};
use crate::model::policy::{Department, Policy};
use crate::model::staff::{Assignment, Staff};

/// Whom a department gives a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Choice {
    /// It does not give out its tickets by itself.
    ByHand,
    /// Nobody can take one, for this reason.
    Nobody(AssignedWhy),
    /// This agent.
    Agent(AgentId),
}

impl Choice {
    /// The agent, if there is one.
    pub(in crate::decide) fn agent(self) -> Option<AgentId> {
        match self {
            Self::Agent(agent) => Some(agent),
            Self::ByHand | Self::Nobody(_) => None,
        }
    }
}

/// Whom `department` gives the next ticket, `but` none of these agents.
pub(in crate::decide) fn choose(policy: &Policy, department: &Department, staff: &Staff, but: &[&AgentId]) -> Choice {
    let last = staff.given.get(&department.id);
    let last = last.and_then(|last| department.agents.iter().position(|agent| agent == last));
    // In the order of the config, beginning behind the agent who was given a ticket last.
    let in_turn = department.agents.iter().cycle().skip(last.map_or(0, |last| last + 1)).take(department.agents.len());
    let mut here =
        in_turn.filter(|agent| policy.agent(agent).is_some() && !staff.is_away(agent) && !but.contains(agent));
    let mut free = here.clone().filter(|agent| room(policy, department, staff, agent));
    let chosen = match department.giving_out.how {
        Assignment::None | Assignment::Pull => return Choice::ByHand,
        Assignment::RoundRobin => free.next(),
        Assignment::LeastOpen => free.min_by_key(|agent| staff.open_of(agent)),
    };
    match chosen {
        Some(agent) => Choice::Agent(agent.clone()),
        None if here.next().is_none() => Choice::Nobody(AssignedWhy::NobodyThere),
        None => Choice::Nobody(AssignedWhy::MaxOpen),
    }
}

/// Whether `agent` may be given one more ticket.
fn room(policy: &Policy, department: &Department, staff: &Staff, agent: &AgentId) -> bool {
    limit(policy, department, agent).is_none_or(|limit| staff.open_of(agent) < limit)
}

pub(in crate::decide) fn limit(policy: &Policy, department: &Department, agent: &AgentId) -> Option<u32> {
    policy.agent(agent).and_then(|agent| agent.max_open).or(department.giving_out.max_open)
}

/// Remembers within one plan that `agent` was given a ticket.
pub(in crate::decide) fn note_given(staff: &mut Staff, department: &DepartmentId, agent: &AgentId) {
    staff.given.insert(department.clone(), agent.clone());
    *staff.open.entry(agent.clone()).or_default() += 1;
}

/// Those of a department who are told of a new ticket that nobody has. From a queue (`pull`) it is told to those who have
/// nothing to do; when everybody is busy, all hear of it, so that none is ever announced to nobody.
pub(in crate::decide) fn told_of_new(department: &Department, staff: &Staff) -> Vec<AgentId> {
    let here = ticket_view::present(&department.agents, |agent| staff.is_away(agent));
    if department.giving_out.how != Assignment::Pull {
        return here;
    }
    let idle: Vec<AgentId> = here.iter().filter(|agent| staff.open_of(agent) == 0).cloned().collect();
    if idle.is_empty() { here } else { idle }
}

/// The departments whose queue `agent` takes from: their own; a manager without one takes from all.
pub fn queues(policy: &Policy, agent: &AgentId) -> Vec<DepartmentId> {
    let own = policy.departments.iter().filter(|department| department.has_agent(agent));
    let own: Vec<DepartmentId> = own.map(|department| department.id.clone()).collect();
    if own.is_empty() && policy.is_manager(agent) {
        return policy.departments.iter().map(|department| department.id.clone()).collect();
    }
    own
}

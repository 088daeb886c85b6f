//! How a ticket stands: what agents are shown of it, who is on it, who reads of it.

use crate::model::address::{Address, Person};
use crate::model::correspondent::is_outsider;
use crate::model::id::{AgentId, DepartmentId, MailboxId, MessageKey, TicketNumber};
use crate::model::plan::NewTicket;
use crate::model::policy::Policy;
use crate::model::ticket::{Participant, Priority, Role, SenderVerdict, Sibling, Status, Ticket};

/// How a ticket stands after the plan: what notifications show.
#[derive(Clone)]
pub(in crate::decide) struct TicketView {
    pub(in crate::decide) ticket: TicketNumber,
    pub(in crate::decide) department: DepartmentId,
    pub(in crate::decide) subject: String,
    pub(in crate::decide) status: Status,
    pub(in crate::decide) priority: Priority,
    pub(in crate::decide) assignee: Option<AgentId>,
    pub(in crate::decide) mailbox: MailboxId,
    pub(in crate::decide) possibly_related: Option<TicketNumber>,
    pub(in crate::decide) follows: Option<TicketNumber>,
    pub(in crate::decide) siblings: Vec<Sibling>,
    /// Who is on it, the requester first.
    pub(in crate::decide) people: Vec<Person>,
    pub(in crate::decide) proposed: Vec<Address>,
    /// Who wrote the first mail in the requester's name.
    pub(in crate::decide) relay: Option<Address>,
    /// What our mail server says of the latest mail of a customer.
    pub(in crate::decide) sender: SenderVerdict,
    pub(in crate::decide) shows: MessageKey,
    /// Who is away.
    pub(in crate::decide) away: Vec<AgentId>,
}

/// Those of `agents` who are there; all of them when nobody is, so that somebody is told.
pub(in crate::decide) fn present(agents: &[AgentId], is_away: impl Fn(&AgentId) -> bool) -> Vec<AgentId> {
    let here: Vec<AgentId> = agents.iter().filter(|agent| !is_away(agent)).cloned().collect();
    if here.is_empty() { agents.to_vec() } else { here }
}

impl TicketView {
    pub(in crate::decide) fn of(ticket: &Ticket) -> Self {
        Self {
            ticket: ticket.number,
            department: ticket.department.clone(),
            subject: ticket.subject.clone(),
            status: ticket.status,
            priority: ticket.priority,
            assignee: ticket.assignee.clone(),
            mailbox: ticket.mailbox.clone(),
            possibly_related: ticket.possibly_related,
            follows: ticket.follows,
            siblings: ticket.siblings.clone(),
            people: people(&ticket.requester, &ticket.participants),
            proposed: ticket.proposed().map(|person| person.address.clone()).collect(),
            relay: ticket.relay.clone(),
            sender: ticket.sender,
            shows: ticket.last_message.unwrap_or(MessageKey(0)),
            away: ticket.away.clone(),
        }
    }

    /// A ticket that begins with message `shows`.
    pub(in crate::decide) fn of_new(ticket: &NewTicket, shows: MessageKey) -> Self {
        let proposed = ticket.participants.iter().filter(|someone| someone.role == Role::Proposed);
        Self {
            ticket: ticket.number,
            department: ticket.route.department.clone(),
            subject: ticket.subject.clone(),
            status: Status::New,
            priority: Priority::Normal,
            assignee: None,
            mailbox: ticket.mailbox.clone(),
            possibly_related: ticket.possibly_related,
            follows: ticket.follows,
            siblings: Vec::new(),
            people: people(&ticket.requester, &ticket.participants),
            proposed: proposed.map(|someone| someone.person.address.clone()).collect(),
            relay: None,
            sender: SenderVerdict::Unknown,
            shows,
            away: Vec::new(),
        }
    }

    /// Who is told of what happens: the assignee once somebody took it, else those of the department who are there. While
    /// the assignee is away, both.
    pub(in crate::decide) fn readers(&self, policy: &Policy) -> Vec<AgentId> {
        let is_away = |agent: &AgentId| self.away.contains(agent);
        let assignee = self.assignee.as_ref().filter(|agent| policy.agent(agent).is_some());
        if let Some(assignee) = assignee.filter(|assignee| !is_away(assignee)) {
            return vec![assignee.clone()];
        }
        let members = policy.department(&self.department).map(|department| department.agents.as_slice());
        assignee.cloned().into_iter().chain(present(members.unwrap_or_default(), is_away)).collect()
    }
}

/// Who is on a ticket, the requester first, who was only proposed left out.
pub(in crate::decide) fn people(requester: &Person, participants: &[Participant]) -> Vec<Person> {
    let others = participants.iter().filter(|someone| someone.role != Role::Proposed).map(|someone| &someone.person);
    let others = others.filter(|person| !person.address.same_as(&requester.address));
    std::iter::once(requester).chain(others).cloned().collect()
}

/// Whom of them an answer reaches. An address that became ours or an agent's since is left out; the first always stays.
pub(in crate::decide) fn reached(policy: &Policy, people: &[Person]) -> Vec<Person> {
    let usable = |(place, person): &(usize, &Person)| *place == 0 || is_outsider(policy, &person.address);
    people.iter().enumerate().filter(usable).map(|(_, person)| person.clone()).collect()
}

//! The one way in which a ticket is changed: what is written, what history says, and how it stands afterwards stay together.
//!
//! Who is to hear of a change, and in which words, is for whoever makes it.

use jiff::Timestamp;

use super::actions::giving_out::choose;
use super::notify::drafts::{Drafts, NotificationContent};
use super::notify::ticket_view::TicketView;
use crate::model::address::{Address, Person};
use crate::model::event::{Actor, AssignedWhy, Event, EventKind, JoinedWhy, MovedWhy, ProposedWhy, StatusWhy};
use crate::model::id::{AgentId, DepartmentId, TicketNumber};
use crate::model::plan::{Change, Plan};
use crate::model::policy::{Department, Policy};
use crate::model::staff::Staff;
use crate::model::step::Step;
use crate::model::ticket::{Participant, Priority, Role, Status};

/// Changes one ticket.
pub(super) struct TicketEditor<'e> {
    /// Which.
    pub(super) ticket: TicketNumber,
    /// Who changes it.
    pub(super) actor: Actor,
    /// How it stands, with all changes so far.
    pub(super) shown: &'e mut TicketView,
    /// Where the changes go.
    pub(super) plan: &'e mut Plan,
}

impl<'e> TicketEditor<'e> {
    /// Changes by postroom itself.
    pub(super) fn of_desk(shown: &'e mut TicketView, plan: &'e mut Plan) -> Self {
        Self { ticket: shown.ticket, actor: Actor::Desk, shown, plan }
    }

    /// A line of history.
    pub(super) fn record(&mut self, kind: EventKind) {
        self.plan.events.push(Event { ticket: self.ticket, actor: self.actor.clone(), kind });
    }

    /// Tickets are regrouped, or mail is muted; what is done has its own lines of history.
    pub(super) fn step(&mut self, step: Step) {
        self.change(Change::Step(step));
    }

    fn change(&mut self, change: Change) {
        self.plan.changes.push((self.ticket, change));
    }

    /// It has this status from now on, as another line of history tells: how it began, or what it was taken out of.
    pub(super) fn stand(&mut self, status: Status) {
        self.shown.status = status;
        self.change(Change::Status(status, None));
    }

    /// It began as this agent's, as another line of history tells.
    pub(super) fn begin_with(&mut self, agent: AgentId) {
        self.shown.assignee = Some(agent.clone());
        self.change(Change::Assignee(Some(agent)));
    }

    /// Another status, or another end of waiting.
    pub(super) fn set_status(&mut self, status: Status, until: Option<Timestamp>, why: Option<StatusWhy>) {
        self.set_status_with(status, until, why, None);
    }

    /// The same, as another ticket is regrouped.
    pub(super) fn set_status_with(
        &mut self,
        status: Status,
        until: Option<Timestamp>,
        why: Option<StatusWhy>,
        ticket: Option<TicketNumber>,
    ) {
        let from = std::mem::replace(&mut self.shown.status, status);
        self.record(EventKind::Status { from, to: status, until, why, ticket });
        self.change(Change::Status(status, until));
    }

    /// It is open again, for this reason.
    pub(super) fn reopen(&mut self, why: StatusWhy) {
        self.set_status(Status::Open, None, Some(why));
    }

    pub(super) fn prioritise(&mut self, priority: Priority) {
        if self.shown.priority != priority {
            let from = std::mem::replace(&mut self.shown.priority, priority);
            self.record(EventKind::Priority { from, to: priority });
            self.change(Change::Priority(priority));
        }
    }

    /// Puts tags on and takes them off; `tags` are those that it has.
    pub(super) fn tag(&mut self, tags: &mut Vec<String>, add: &[String], remove: &[String]) {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for tag in add {
            if !tags.contains(tag) {
                tags.push(tag.clone());
                self.change(Change::AddTag(tag.clone()));
                added.push(tag.clone());
            }
        }
        for tag in remove {
            if tags.contains(tag) {
                tags.retain(|known| known != tag);
                self.change(Change::RemoveTag(tag.clone()));
                removed.push(tag.clone());
            }
        }
        tags.sort();
        if !added.is_empty() || !removed.is_empty() {
            self.record(EventKind::Tags { added, removed });
        }
    }

    /// Somebody else has it, or nobody. Returns who had it.
    pub(super) fn assign(&mut self, to: Option<AgentId>, why: Option<AssignedWhy>) -> Option<AgentId> {
        let former = std::mem::replace(&mut self.shown.assignee, to.clone());
        self.record(EventKind::Assigned { from: former.clone(), to: to.clone(), why });
        self.change(Change::Assignee(to));
        former
    }

    /// The first to answer a ticket that nobody has gets it, where the department wants it so.
    pub(super) fn claim(&mut self, policy: &Policy, agent: &AgentId) {
        let department = policy.department(&self.shown.department);
        if self.shown.assignee.is_none() && department.is_some_and(|department| department.takes_by_answer(agent)) {
            self.assign(Some(agent.clone()), Some(AssignedWhy::FirstToAnswer));
        }
    }

    /// Somebody is on it from now on, and gets what customers get.
    pub(super) fn join(&mut self, person: &Person, why: JoinedWhy) {
        self.record(EventKind::Joined { person: person.address.clone(), why });
        self.change(Change::Participant(Participant { person: person.clone(), role: Role::Participant }));
        self.shown.proposed.retain(|proposed| !proposed.same_as(&person.address));
    }

    /// Somebody was named, and is not on it unless an agent includes them.
    pub(super) fn propose(&mut self, person: &Person, why: ProposedWhy) {
        self.change(Change::Participant(Participant { person: person.clone(), role: Role::Proposed }));
        self.record(EventKind::Proposed { person: person.address.clone(), why });
        self.shown.proposed.push(person.address.clone());
    }

    /// Somebody is not on it any more.
    pub(super) fn take_off(&mut self, address: &Address) {
        self.record(EventKind::Left { person: address.clone() });
        self.change(Change::NoParticipant(address.clone()));
        self.shown.people.retain(|person| !person.address.same_as(address));
        self.shown.proposed.retain(|proposed| !proposed.same_as(address));
    }

    /// Its answers go first to somebody else who is on it.
    pub(super) fn put_first(&mut self, former: &Address, requester: Person) {
        self.record(EventKind::NewRequester { from: former.clone(), to: requester.address.clone() });
        self.change(Change::Requester(requester));
    }

    /// Tells agents of it as it stands now; why others are not told stands in the plan.
    pub(super) fn notify(
        &mut self,
        drafts: &mut Drafts,
        policy: &Policy,
        readers: impl IntoIterator<Item = AgentId>,
        story: &NotificationContent<'_>,
    ) {
        drafts.notify(self.plan, policy, self.shown, readers, story);
    }

    /// The department gives a ticket that nobody has to one of its agents, `but` none of these, if it gives out its tickets
    /// by itself.
    pub(super) fn give_out(&mut self, policy: &Policy, staff: &Staff, but: &[&AgentId]) {
        let Some(department) = policy.department(&self.shown.department) else { return };
        if self.shown.assignee.is_some() {
            return;
        }
        if let Some(agent) = choose(policy, department, staff, but).agent() {
            self.give(department, agent, None);
        }
    }

    /// The department gives it to this agent. Returns who had it.
    pub(super) fn give(
        &mut self,
        department: &Department,
        agent: AgentId,
        why: Option<AssignedWhy>,
    ) -> Option<AgentId> {
        let why = why.or_else(|| AssignedWhy::given(department.giving_out.how));
        let former = self.shown.assignee.replace(agent.clone());
        self.record(EventKind::Assigned { from: former.clone(), to: Some(agent.clone()), why });
        self.change(Change::Given(department.id.clone(), agent));
        former
    }

    /// An agent who cannot see to it loses it, to this one or for whoever takes it. Returns who had it.
    pub(super) fn pass_on(
        &mut self,
        department: &Department,
        to: Option<AgentId>,
        why: AssignedWhy,
    ) -> Option<AgentId> {
        match to {
            Some(to) => self.give(department, to, Some(why)),
            None => self.assign(None, Some(why)),
        }
    }

    /// Another department has it. `route` are the words of a route that led there.
    pub(super) fn move_to(
        &mut self,
        department: DepartmentId,
        why: Option<MovedWhy>,
        route: Option<String>,
        hand_over: Option<u32>,
    ) -> DepartmentId {
        let from = std::mem::replace(&mut self.shown.department, department.clone());
        self.record(EventKind::Moved { from: from.clone(), to: department.clone(), why, route, hand_over });
        self.change(Change::Department(department));
        from
    }

    /// Another department has it, to be accepted or given back; who does not work there loses it, and it is given out where
    /// that is done. Returns who lost it.
    pub(super) fn hand_over(
        &mut self,
        policy: &Policy,
        staff: &Staff,
        to: DepartmentId,
        why: Option<MovedWhy>,
        count: Option<u32>,
        by: Option<AgentId>,
    ) -> Option<AgentId> {
        let assignee = self.shown.assignee.clone();
        let from = self.move_to(to, why, None, count);
        self.step(Step::HandOver { from, assignee, by });
        let department = policy.department(&self.shown.department);
        let works = |agent: &AgentId| department.is_some_and(|department| department.has_agent(agent));
        let outsider = self.shown.assignee.clone().filter(|assignee| !works(assignee));
        if outsider.is_some() {
            self.assign(None, Some(AssignedWhy::OtherDepartment));
        }
        self.give_out(policy, staff, &[]);
        outsider
    }
}

/// The plan with all mails that were written for it.
pub(super) fn finish(mut plan: Plan, drafts: Drafts) -> Plan {
    plan.mails.extend(drafts.mails);
    plan
}

//! What it means that a person moved a ticket's mail in the mailbox: to another department, to an agent, to what is done.
//!
//! Who it was is not known, so nobody is named and nobody left out. Nothing goes to a customer.

use super::assignment::{Choice, choose};
use super::draft::{Drafts, Shown, Story, nothing_attached};
use super::home::settle;
use crate::model::address::Person;
use crate::model::event::{Actor, AssignedWhy, Event, EventKind, MovedWhy, StatusWhy};
use crate::model::facts::Counters;
use crate::model::id::{AgentId, DepartmentId, MailboxId};
use crate::model::mirror::{Place, Stand};
use crate::model::outgoing::{Brief, News};
use crate::model::plan::{Change, Plan};
use crate::model::policy::Policy;
use crate::model::staff::Staff;
use crate::model::step::Step;
use crate::model::surroundings::CaseFile;
use crate::model::ticket::{Status, Ticket};

/// A mail of a ticket lies where a person put it.
pub struct MovedMail<'a> {
    /// Where that is.
    pub place: &'a Place,
    /// The mailbox.
    pub mailbox: &'a MailboxId,
    /// The last words of a customer on the ticket.
    pub last_words: Option<&'a (Person, String)>,
    /// What is known of the staff.
    pub staff: &'a Staff,
    /// What the next department has to know of it.
    pub file: &'a CaseFile,
}

/// What follows; nothing when the ticket stands like that already.
pub fn moved_in_mailbox(policy: &Policy, ticket: &Ticket, moved: &MovedMail<'_>, counters: Counters) -> Plan {
    if Stand::of(ticket).may_lie_in(moved.place) {
        return Plan::default();
    }
    let mut plan = Plan::default();
    let mut shown = Shown::of(ticket);
    settle(&mut shown, policy, None, &mut plan);
    let mut steps = Steps { policy, ticket, moved, shown, plan, told: Vec::new() };
    match moved.place {
        Place::Done => steps.set_status(Status::Closed),
        Place::Department(department) => {
            steps.reopen();
            if steps.shown.department != *department {
                steps.hand_over(department);
            }
        }
        Place::Agent(agent) => {
            steps.reopen();
            steps.assign(agent);
        }
    }
    steps.done(counters)
}

struct Steps<'a> {
    policy: &'a Policy,
    ticket: &'a Ticket,
    moved: &'a MovedMail<'a>,
    shown: Shown,
    plan: Plan,
    told: Vec<(AgentId, News)>,
}

impl Steps<'_> {
    fn event(&mut self, kind: EventKind) {
        let actor = Actor::Mailbox(self.moved.mailbox.clone());
        self.plan.events.push(Event { ticket: self.ticket.number, actor, kind });
    }

    fn set_status(&mut self, status: Status) {
        self.event(EventKind::status_as(self.shown.status, status, StatusWhy::Mailbox));
        self.shown.status = status;
        self.plan.changes.push((self.ticket.number, Change::Status(status, None)));
    }

    /// What was done is taken up again by whoever puts it back into a queue.
    fn reopen(&mut self) {
        if Stand::of(self.ticket).is_done() {
            self.set_status(Status::Open);
        }
    }

    fn assign(&mut self, agent: &AgentId) {
        if self.shown.assignee.as_ref() == Some(agent) {
            return;
        }
        let former = self.shown.assignee.replace(agent.clone());
        let why = Some(AssignedWhy::Mailbox);
        self.event(EventKind::Assigned { from: former.clone(), to: Some(agent.clone()), why });
        self.plan.changes.push((self.ticket.number, Change::Assignee(Some(agent.clone()))));
        self.told.push((agent.clone(), News::AssignedToYou(self.name())));
        self.told.extend(former.map(|former| (former, News::NoLongerYours(self.name()))));
    }

    /// Another department has the ticket, as after `#move`: with a brief, to be accepted or given back.
    fn hand_over(&mut self, department: &DepartmentId) {
        let from = std::mem::replace(&mut self.shown.department, department.clone());
        let (to, why) = (department.clone(), Some(MovedWhy::Mailbox));
        self.event(EventKind::Moved { from: from.clone(), to, why, route: None, hand_over: None });
        let number = self.ticket.number;
        self.plan.changes.push((number, Change::Department(department.clone())));
        let step = Step::HandOver { from, assignee: self.shown.assignee.clone(), by: None };
        self.plan.changes.push((number, Change::Step(step)));
        self.release_outsider();
        self.give_out();
        self.tell_members();
    }

    /// Who does not work in the new department no longer has the ticket.
    fn release_outsider(&mut self) {
        let department = self.policy.department(&self.shown.department);
        let works = |agent: &AgentId| department.is_some_and(|department| department.has_agent(agent));
        if let Some(former) = self.shown.assignee.take_if(|assignee| !works(assignee)) {
            self.plan.changes.push((self.ticket.number, Change::Assignee(None)));
            let why = Some(AssignedWhy::OtherDepartment);
            self.event(EventKind::Assigned { from: Some(former.clone()), to: None, why });
            self.told.push((former, News::NoLongerYours(self.name())));
        }
    }

    /// The department that the ticket comes to gives it to somebody, if it gives out its tickets by itself.
    fn give_out(&mut self) {
        let Some(department) = self.policy.department(&self.shown.department) else { return };
        if self.shown.assignee.is_some() {
            return;
        }
        let Choice::Agent(agent) = choose(self.policy, department, self.moved.staff, &[]) else { return };
        let why = AssignedWhy::given(department.giving_out.how);
        self.event(EventKind::Assigned { from: None, to: Some(agent.clone()), why });
        let change = Change::Given(department.id.clone(), agent.clone());
        self.plan.changes.push((self.ticket.number, change));
        self.shown.assignee = Some(agent);
    }

    /// Who has the ticket now, or may take it.
    fn tell_members(&mut self) {
        let ticket = self.ticket;
        let brief = Brief {
            from: ticket.department.clone(),
            people: ticket.participants.iter().map(|someone| someone.person.clone()).collect(),
            opened_at: ticket.created_at,
            file: self.moved.file.clone(),
        };
        let news = News::HandedOver { by: self.name(), brief: Box::new(brief) };
        for reader in self.shown.readers(self.policy) {
            if self.told.iter().all(|(told, _)| *told != reader) {
                self.told.push((reader, news.clone()));
            }
        }
    }

    /// The account stands for the person.
    fn name(&self) -> String {
        let mailbox = self.policy.mailbox(self.moved.mailbox);
        mailbox.map_or_else(|| self.moved.mailbox.to_string(), |mailbox| mailbox.address.to_string())
    }

    fn done(mut self, counters: Counters) -> Plan {
        let nobody = (self.ticket.requester.clone(), String::new());
        let (author, words) = self.moved.last_words.unwrap_or(&nobody);
        let files = nothing_attached();
        let mut drafts = Drafts::new(counters.next_serial);
        for (reader, news) in std::mem::take(&mut self.told) {
            if self.policy.agent(&reader).is_some() {
                let story = Story { news, author, words, attachments: &files, route: None };
                self.plan.withheld.extend(drafts.notify(self.policy, &self.shown, [reader], &story));
            }
        }
        self.plan.mails = drafts.mails;
        self.plan
    }
}

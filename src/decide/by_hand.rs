//! A ticket that is changed without a mail: by somebody who moves its mail in the mailbox, or on the command line.
//!
//! Those of the staff whom it concerns are told. Nothing goes to a customer.

use jiff::Timestamp;

use super::assignment::told_of_new;
use super::draft::{Drafts, NotificationContent, TicketView, nothing_attached, present};
use super::editor::TicketEditor;
use super::home::settle;
use super::spam;
use crate::model::address::{Address, Person};
use crate::model::event::{Actor, AssignedWhy, EventKind, MovedWhy, StatusWhy};
use crate::model::facts::Counters;
use crate::model::id::{AgentId, DepartmentId};
use crate::model::outgoing::{Brief, News};
use crate::model::plan::{INTERNAL_NOTE, NewMessage, Plan};
use crate::model::policy::Policy;
use crate::model::staff::Staff;
use crate::model::surroundings::CaseFile;
use crate::model::ticket::{MessageKind, Status, Ticket, Visibility};

/// What is wanted of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandChange {
    /// This status.
    Status(Status),
    /// This assignee, or nobody.
    Assign(Option<AgentId>),
    /// This department.
    Move(DepartmentId),
    /// These tags, and those no more.
    Tag {
        /// Put on.
        add: Vec<String>,
        /// Taken off.
        remove: Vec<String>,
    },
    /// An internal note.
    Note(String),
}

/// What is known beside the ticket.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    /// The last words of a customer on the ticket.
    pub last_words: Option<&'a (Person, String)>,
    /// What is known of the staff.
    pub staff: &'a Staff,
    /// What the next department has to know of it.
    pub file: &'a CaseFile,
    /// The next numbers.
    pub counters: Counters,
    /// Now.
    pub now: Timestamp,
}

/// What follows when whoever runs commands on the machine wants this; no change and no event when it is so already.
pub fn change_by_admin(policy: &Policy, ticket: &Ticket, change: &HandChange, knowledge: Knowledge<'_>) -> Plan {
    let mut hand = Hand::new(policy, ticket, (Actor::Admin, "admin".to_owned()), knowledge);
    match change {
        HandChange::Status(status) => hand.put_status(*status),
        HandChange::Assign(Some(agent)) => hand.assign(agent, None),
        HandChange::Assign(None) => hand.release(),
        HandChange::Move(department) => hand.hand_over(department, None),
        HandChange::Tag { add, remove } => hand.tag(add, remove),
        HandChange::Note(text) => hand.note(text),
    }
    hand.done()
}

/// The changes of one ticket, and who is told of them.
pub(super) struct Hand<'a> {
    policy: &'a Policy,
    ticket: &'a Ticket,
    actor: Actor,
    /// How colleagues read who it was.
    name: String,
    knowledge: Knowledge<'a>,
    shown: TicketView,
    plan: Plan,
    told: Vec<(AgentId, News)>,
    /// The words of a note.
    note: Option<String>,
}

impl<'a> Hand<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        ticket: &'a Ticket,
        (actor, name): (Actor, String),
        knowledge: Knowledge<'a>,
    ) -> Self {
        let mut plan = Plan::default();
        let mut shown = TicketView::of(ticket);
        settle(&mut shown, policy, None, &mut plan);
        Self { policy, ticket, actor, name, knowledge, shown, plan, told: Vec::new(), note: None }
    }

    fn edit(&mut self) -> TicketEditor<'_> {
        let (ticket, actor) = (self.ticket.number, self.actor.clone());
        TicketEditor { ticket, actor, shown: &mut self.shown, plan: &mut self.plan }
    }

    pub(super) fn set_status(&mut self, status: Status, why: Option<StatusWhy>) {
        self.edit().set_status(status, None, why);
    }

    /// As somebody says it: what waits until a day waits no more, and what is opened is no spam.
    fn put_status(&mut self, status: Status) {
        if status == Status::Open {
            self.tag(&[], &[spam::TAG.to_owned()]);
        }
        if self.shown.status != status || self.ticket.wait_until.is_some() {
            self.set_status(status, None);
        }
    }

    fn tag(&mut self, add: &[String], remove: &[String]) {
        let mut tags = self.ticket.tags.clone();
        self.edit().tag(&mut tags, add, remove);
    }

    pub(super) fn assign(&mut self, agent: &AgentId, why: Option<AssignedWhy>) {
        if self.shown.assignee.as_ref() == Some(agent) {
            return;
        }
        let former = self.edit().assign(Some(agent.clone()), why);
        self.told.push((agent.clone(), News::AssignedToYou(self.name.clone())));
        self.told.extend(former.map(|former| (former, News::NoLongerYours(self.name.clone()))));
    }

    /// Nobody has it: the department gives it to the next agent, or those hear of it who may take it.
    fn release(&mut self) {
        let Some(former) = self.shown.assignee.clone() else { return };
        self.edit().assign(None, None);
        self.told.push((former.clone(), News::NoLongerYours(self.name.clone())));
        let done = matches!(self.shown.status, Status::Resolved | Status::Closed);
        let Some(department) = self.policy.department(&self.shown.department).filter(|_| !done) else { return };
        let (policy, staff) = (self.policy, self.knowledge.staff);
        self.edit().give_out(policy, staff, &[&former]);
        match self.shown.assignee.clone() {
            Some(next) => self.told.push((next, News::YoursAsReleased(self.name.clone()))),
            None => self.tell(told_of_new(department, staff), &News::FreeAsReleased(self.name.clone())),
        }
    }

    /// Another department has the ticket, as after `#move`: with a brief, to be accepted or given back.
    pub(super) fn hand_over(&mut self, department: &DepartmentId, why: Option<MovedWhy>) {
        if self.shown.department == *department {
            return;
        }
        let (policy, staff) = (self.policy, self.knowledge.staff);
        let outsider = self.edit().hand_over(policy, staff, department.clone(), why, None, None);
        self.told.extend(outsider.map(|former| (former, News::NoLongerYours(self.name.clone()))));
        let ticket = self.ticket;
        let brief = Brief {
            from: ticket.department.clone(),
            people: ticket.participants.iter().map(|someone| someone.person.clone()).collect(),
            opened_at: ticket.created_at,
            file: self.knowledge.file.clone(),
        };
        self.tell(self.shown.readers(policy), &News::HandedOver { by: self.name.clone(), brief: Box::new(brief) });
    }

    /// An internal note: colleagues are told, customers never.
    fn note(&mut self, text: &str) {
        let Knowledge { counters, now, .. } = self.knowledge;
        self.plan.messages.push(NewMessage {
            key: counters.next_message,
            ticket: self.ticket.number,
            kind: MessageKind::Note,
            visibility: Visibility::Internal,
            from: self.author(),
            to: Vec::new(),
            cc: Vec::new(),
            date: now,
            message_id: None,
            agent: None,
            text: text.to_owned(),
            attachments: Vec::new(),
            thread_reason: INTERNAL_NOTE.to_owned(),
            defects: Vec::new(),
        });
        self.shown.shows = counters.next_message;
        self.edit().record(EventKind::Note { message: counters.next_message });
        self.note = Some(text.to_owned());
        let department = self.policy.department(&self.shown.department);
        let members = department.map(|department| department.agents.as_slice()).unwrap_or_default();
        let here = present(members, |agent| self.shown.away.contains(agent));
        let colleagues = self.shown.assignee.iter().cloned().chain(here).collect();
        self.tell(colleagues, &News::Note(self.name.clone()));
    }

    /// Nobody twice: the first reason counts.
    fn tell(&mut self, readers: Vec<AgentId>, news: &News) {
        for reader in readers {
            if self.told.iter().all(|(told, _)| *told != reader) {
                self.told.push((reader, news.clone()));
            }
        }
    }

    /// Who it was, as the author of a note.
    fn author(&self) -> Person {
        let mailbox = self.policy.mailbox(&self.ticket.mailbox).or(self.policy.mailboxes.first());
        let address = mailbox.map_or_else(Address::unknown_sender, |mailbox| mailbox.address.clone());
        Person { name: self.name.clone(), address }
    }

    pub(super) fn done(mut self) -> Plan {
        let nobody = (self.ticket.requester.clone(), String::new());
        let (author, words) = self.knowledge.last_words.unwrap_or(&nobody);
        let own = (self.author(), self.note.take().unwrap_or_default());
        let files = nothing_attached();
        let mut drafts = Drafts::new(self.knowledge.counters.next_serial);
        for (reader, news) in std::mem::take(&mut self.told) {
            if self.policy.agent(&reader).is_some() {
                let (author, words) = if matches!(news, News::Note(_)) { (&own.0, &own.1) } else { (author, words) };
                let story = NotificationContent { news, author, words, attachments: &files, route: None };
                self.plan.withheld.extend(drafts.notify(self.policy, &self.shown, [reader], &story));
            }
        }
        self.plan.mails = drafts.mails;
        self.plan
    }
}

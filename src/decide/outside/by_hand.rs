//! A ticket that is changed without a mail: by somebody who moves its mail in the mailbox, or on the command line.
//!
//! Those of the staff whom it concerns are told. Nothing goes to a customer.

use jiff::Timestamp;

use crate::decide::actions::giving_out::told_of_new;
use crate::decide::actions::orphaned::settle;
use crate::decide::actions::spam;
use crate::decide::notify::drafts::{Drafts, NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::{TicketView, present};
use crate::decide::ticket::{TicketEditor, finish};
use crate::model::address::{Address, Person};
use crate::model::event::{Actor, AssignedWhy, EventKind, MovedWhy, StatusWhy};
use crate::model::facts::Counters;
use crate::model::id::{AgentId, DepartmentId, MailboxId};
use crate::model::mirror::{Place, Stand};
use crate::model::outgoing::{Brief, News};
use crate::model::plan::{INTERNAL_NOTE, NewMessage, Plan};
use crate::model::policy::Policy;
use crate::model::staff::Staff;
use crate::model::surroundings::CaseFile;
use crate::model::text::marked;
use crate::model::ticket::{MessageKind, Status, Ticket, Visibility};

/// What is wanted of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandChange {
    /// This status.
    Status(Status),
    /// This assignee, or nobody.
    Assign(Option<AgentId>),
    /// This department, with what they have to know there.
    Move(DepartmentId, Option<String>),
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
        HandChange::Move(department, reason) => {
            hand.hand_over(department, None);
            if let Some(reason) = reason.as_ref().filter(|_| ticket.department != *department) {
                hand.record_note(reason);
            }
        }
        HandChange::Tag { add, remove } => hand.tag(add, remove),
        HandChange::Note(text) => hand.note(text),
    }
    hand.done()
}

/// The changes of one ticket, and who is told of them.
pub(in crate::decide) struct Hand<'a> {
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
    pub(in crate::decide) fn new(
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

    pub(in crate::decide) fn set_status(&mut self, status: Status, why: Option<StatusWhy>) {
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

    pub(in crate::decide) fn assign(&mut self, agent: &AgentId, why: Option<AssignedWhy>) {
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
    pub(in crate::decide) fn hand_over(&mut self, department: &DepartmentId, why: Option<MovedWhy>) {
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
        self.record_note(text);
        let department = self.policy.department(&self.shown.department);
        let members = department.map(|department| department.agents.as_slice()).unwrap_or_default();
        let here = present(members, |agent| self.shown.away.contains(agent));
        let colleagues = self.shown.assignee.iter().cloned().chain(here).collect();
        self.tell(colleagues, &News::Note(self.name.clone()));
    }

    /// Keeps words for colleagues; whoever is told of what happens reads them.
    fn record_note(&mut self, text: &str) {
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

    pub(in crate::decide) fn done(mut self) -> Plan {
        let nobody = (self.ticket.requester.clone(), String::new());
        let (author, words) = self.knowledge.last_words.unwrap_or(&nobody);
        let own = (self.author(), self.note.take().unwrap_or_default());
        let both = match own.1.as_str() {
            "" => words.clone(),
            note => format!("{}:\n{note}\n\n{}:\n{}", self.name, author.label(), marked(words)),
        };
        let files = nothing_attached();
        let mut drafts = Drafts::new(self.knowledge.counters.next_serial);
        for (reader, news) in std::mem::take(&mut self.told) {
            if self.policy.agent(&reader).is_some() {
                let (author, words) = if matches!(news, News::Note(_)) { (&own.0, &own.1) } else { (author, &both) };
                let story = NotificationContent { news, author, words, attachments: &files, route: None };
                drafts.notify(&mut self.plan, self.policy, &self.shown, [reader], &story);
            }
        }
        finish(self.plan, drafts)
    }
}

/// What follows when a mail of the ticket lies where a person put it in `mailbox`; nothing when the ticket stands like that
/// already.
pub fn moved_in_mailbox(
    policy: &Policy,
    ticket: &Ticket,
    place: &Place,
    mailbox: &MailboxId,
    knowledge: Knowledge<'_>,
) -> Plan {
    let stand = Stand::of(ticket);
    if stand.may_lie_in(place) {
        return Plan::default();
    }
    // The account stands for the person.
    let name = policy.mailbox(mailbox).map_or_else(|| mailbox.to_string(), |mailbox| mailbox.address.to_string());
    let mut hand = Hand::new(policy, ticket, (Actor::Mailbox(mailbox.clone()), name), knowledge);
    let is_queue = matches!(place, Place::Department(_) | Place::Agent(_));
    // What was done is taken up again by whoever puts it back into a queue.
    if is_queue && stand.is_done() {
        hand.set_status(Status::Open, Some(StatusWhy::Mailbox));
    }
    match place {
        Place::Done => hand.set_status(Status::Closed, Some(StatusWhy::Mailbox)),
        Place::Department(department) => hand.hand_over(department, Some(MovedWhy::Mailbox)),
        Place::Agent(agent) => hand.assign(agent, Some(AssignedWhy::Mailbox)),
    }
    hand.done()
}

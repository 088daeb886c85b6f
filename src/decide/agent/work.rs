//! The steps that an agent's mail leads to, collected into a plan: changes, one message, at most one mail to each colleague.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::decide::actions::orphaned::settle;
use crate::decide::notify::drafts::{Drafts, NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::{TicketView, present};
use crate::decide::ticket::{TicketEditor, finish};
use crate::decide::{AgentReply, attachment_infos};
use crate::model::address::{Address, Person};
use crate::model::done::Done;
use crate::model::event::{Actor, EventKind};
use crate::model::held::HeldState;
use crate::model::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use crate::model::mail::Attachment;
use crate::model::outgoing::{News, NoticeBody};
use crate::model::plan::{Fate, INTERNAL_NOTE, NewMessage, Plan};
use crate::model::reader::Reader;
use crate::model::text::marked;
use crate::model::ticket::{MessageKind, Status, Ticket, Visibility};

/// What an agent's mail leads to, collected step by step.
pub(in crate::decide) struct Work<'a> {
    pub(in crate::decide) case: &'a AgentReply<'a>,
    pub(in crate::decide) plan: Plan,
    pub(in crate::decide) before: &'a Ticket,
    pub(in crate::decide) agent: &'a AgentId,
    pub(in crate::decide) name: String,
    pub(in crate::decide) shown: TicketView,
    /// The department in which the agent was asked whom words are for, as long as nobody has written to the customer or been
    /// written to since: there their word about them counts, though the ticket has gone elsewhere.
    pub(in crate::decide) asked_in: Option<DepartmentId>,
    /// The ticket that the agent's mail stands on: another one once this was merged.
    pub(in crate::decide) stands_on: TicketNumber,
    pub(in crate::decide) tags: Vec<String>,
    pub(in crate::decide) drafts: Drafts,
    /// When the ticket comes back by itself, as it stands now.
    pub(in crate::decide) wait_until: Option<Timestamp>,
    /// The agent said which status the ticket is to have.
    pub(in crate::decide) status_set: bool,
    /// The agent said who is to have the ticket.
    pub(in crate::decide) assignee_set: bool,
    /// Who had the ticket that the agent released.
    pub(in crate::decide) released: Option<AgentId>,
    /// Who alone gets the answer; everybody on the ticket when empty.
    pub(in crate::decide) only: Vec<Address>,
    /// Who is to be told, for the first reason that came up.
    told: Vec<(AgentId, News)>,
    /// The agent's words for the customer or for colleagues.
    pub(in crate::decide) words: String,
    /// What the agent's word about a held answer did.
    pub(in crate::decide) verdict: Vec<Done>,
    /// The files of a note.
    files: Arc<[Attachment]>,
}

impl<'a> Work<'a> {
    pub(in crate::decide) fn new(case: &'a AgentReply<'a>) -> Self {
        let AgentReply { ticket, agent, .. } = *case;
        let name = case.policy.agent_name(agent);
        let mut plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
        let mut shown = TicketView::of(ticket);
        shown.shows = case.counters.next_message;
        plan.seen = case.reading.seen.map(|seen| (ticket.number, agent.clone(), seen));
        settle(&mut shown, case.policy, Some(case.route), &mut plan);
        let mut drafts = Drafts::new(case.counters.next_serial);
        drafts.seen = case.reading.seen;
        drafts.answered = case.read_by.unwrap_or(Reader::Nobody);
        let held = case.reading.held.as_ref().filter(|held| held.state == HeldState::Held);
        let asked_in = held.filter(|_| case.reading.newer.is_empty()).and_then(|held| held.asked_in.clone());
        Self {
            case,
            plan,
            asked_in,
            before: ticket,
            agent,
            name,
            shown,
            stands_on: ticket.number,
            tags: ticket.tags.clone(),
            drafts,
            wait_until: ticket.wait_until,
            status_set: false,
            assignee_set: false,
            released: None,
            only: Vec::new(),
            told: Vec::new(),
            words: String::new(),
            verdict: Vec::new(),
            files: nothing_attached(),
        }
    }

    /// Where the agent is asked whom words are for.
    pub(in crate::decide) fn asking_in(&self) -> DepartmentId {
        self.asked_in.clone().unwrap_or_else(|| self.before.department.clone())
    }

    /// The plan, with one notification to each colleague who is told.
    pub(in crate::decide) fn done(mut self) -> Plan {
        for (reader, news) in std::mem::take(&mut self.told) {
            self.notify(reader, news);
        }
        finish(self.plan, self.drafts)
    }

    pub(in crate::decide) fn edit(&mut self) -> TicketEditor<'_> {
        let (ticket, actor) = (self.before.number, Actor::Agent(self.agent.clone()));
        TicketEditor { ticket, actor, shown: &mut self.shown, plan: &mut self.plan }
    }

    /// The same with another ticket that stands like this.
    pub(in crate::decide) fn edit_other<'e>(&'e mut self, shown: &'e mut TicketView) -> TicketEditor<'e> {
        let (ticket, actor) = (shown.ticket, Actor::Agent(self.agent.clone()));
        TicketEditor { ticket, actor, shown, plan: &mut self.plan }
    }

    pub(in crate::decide) fn event(&mut self, kind: EventKind) {
        self.edit().record(kind);
    }

    /// Keeps the agent's mail on the ticket, for colleagues only.
    pub(in crate::decide) fn record(&mut self, kind: MessageKind, text: &str) {
        self.plan.messages.push(NewMessage {
            key: self.case.counters.next_message,
            ticket: self.stands_on,
            kind,
            visibility: Visibility::Internal,
            from: self.me(),
            to: Vec::new(),
            cc: Vec::new(),
            date: self.case.mail.date.unwrap_or(self.case.raw.received_at),
            message_id: self.case.mail.message_id.clone(),
            agent: Some(self.agent.clone()),
            text: text.to_owned(),
            attachments: attachment_infos(self.case.attachments),
            thread_reason: "an agent's mail".to_owned(),
            defects: self.case.mail.defects.clone(),
        });
    }

    /// Whoever is told of what happens reads this reason above all else.
    pub(in crate::decide) fn says(&mut self, reason: Option<&str>) {
        if let Some(reason) = reason {
            reason.clone_into(&mut self.words);
        }
    }

    /// The answer goes to these alone.
    pub(in crate::decide) fn answers_only(&mut self, addresses: &[Address]) {
        self.only.extend(addresses.iter().cloned());
    }

    /// The ticket is open, and no spam.
    pub(in crate::decide) fn reopen(&mut self) {
        self.no_spam();
        self.set_status(Status::Open, None);
    }

    /// An internal note: colleagues are told, customers never.
    pub(in crate::decide) fn note(&mut self, text: &str) {
        self.record(MessageKind::Note, text);
        if let Some(message) = self.plan.messages.last_mut() {
            INTERNAL_NOTE.clone_into(&mut message.thread_reason);
        }
        self.event(EventKind::Note { message: self.case.counters.next_message });
        text.clone_into(&mut self.words);
        self.files = Arc::clone(self.case.attachments);
        self.tell(self.colleagues(), &News::Note(self.name.clone()));
        self.tell_of_readers();
    }

    /// Customers to whom the agent's own program sent the note too: it is too late for all but knowing it.
    fn tell_of_readers(&mut self) {
        let reached = self.customers_written_to();
        if reached.is_empty() {
            return;
        }
        self.event(EventKind::NoteReached { to: reached.clone(), message: self.case.counters.next_message });
        self.notice(NoticeBody::NoteReached(reached));
    }

    /// A note beside the message that the mail itself is: why its command gives the ticket away.
    pub(in crate::decide) fn note_beside(&mut self, text: &str) {
        self.record(MessageKind::Note, text);
        if let Some(message) = self.plan.messages.last_mut() {
            message.key = MessageKey(message.key.0 + 1);
            message.message_id = None;
            message.attachments.clear();
            INTERNAL_NOTE.clone_into(&mut message.thread_reason);
        }
        self.event(EventKind::Note { message: MessageKey(self.case.counters.next_message.0 + 1) });
    }

    pub(in crate::decide) fn set_status(&mut self, status: Status, wait: Option<jiff::SignedDuration>) {
        self.put_status(status, wait.and_then(|wait| self.case.now.checked_add(wait).ok()));
    }

    /// The ticket has this status, until then.
    pub(in crate::decide) fn put_status(&mut self, status: Status, until: Option<Timestamp>) {
        self.status_set = true;
        self.wait_until = until;
        if status == self.shown.status && until.is_none() && self.before.wait_until.is_none() {
            return;
        }
        self.edit().set_status(status, until, None);
    }

    pub(in crate::decide) fn tag(&mut self, add: &[String], remove: &[String]) {
        let mut tags = std::mem::take(&mut self.tags);
        self.edit().tag(&mut tags, add, remove);
        self.tags = tags;
    }

    pub(in crate::decide) fn assign(&mut self, to: Option<AgentId>) {
        self.assignee_set = true;
        if self.shown.assignee == to {
            return;
        }
        let former = self.edit().assign(to.clone(), None);
        self.tell(to.into_iter().collect(), &News::AssignedToYou(self.name.clone()));
        self.tell(former.into_iter().collect(), &News::NoLongerYours(self.name.clone()));
    }

    /// Colleagues to be told when all is done. Nobody twice: the first reason counts.
    pub(in crate::decide) fn tell(&mut self, readers: Vec<AgentId>, news: &News) {
        for reader in readers {
            let known = self.case.policy.agent(&reader).is_some();
            if known && reader != *self.agent && self.told.iter().all(|(told, _)| *told != reader) {
                self.told.push((reader, news.clone()));
            }
        }
    }

    fn notify(&mut self, reader: AgentId, news: News) {
        let me = self.me();
        let customer = self.case.told_words.map_or((&me, ""), |(author, words)| (author, words.as_str()));
        let own_words = news.reader() == Reader::Note;
        let both = |by: &Person, theirs: &str| {
            format!("{}:\n{}\n\n{}:\n{}", self.name, self.words, by.label(), marked(theirs))
        };
        let (author, words) = match (own_words, self.words.is_empty()) {
            (true, _) => (&me, Cow::Borrowed(self.words.as_str())),
            (false, true) => (customer.0, Cow::Borrowed(customer.1)),
            (false, false) => (customer.0, Cow::Owned(both(customer.0, customer.1))),
        };
        let story = NotificationContent { news, author, words: &words, attachments: &self.files, route: None };
        self.drafts.notify(&mut self.plan, self.case.policy, &self.shown, [reader], &story);
    }

    /// All agents of the department; the assignee too.
    pub(in crate::decide) fn colleagues(&self) -> Vec<AgentId> {
        self.shown.assignee.iter().cloned().chain(self.members()).collect()
    }

    pub(in crate::decide) fn members(&self) -> Vec<AgentId> {
        let department = self.case.policy.department(&self.shown.department);
        let agents = department.map(|department| department.agents.as_slice()).unwrap_or_default();
        present(agents, |agent| self.shown.away.contains(agent))
    }

    pub(in crate::decide) fn is_member(&self, agent: &AgentId) -> bool {
        self.case.policy.department(&self.shown.department).is_some_and(|department| department.has_agent(agent))
    }

    pub(in crate::decide) fn me(&self) -> Person {
        let address = self.case.mail.from.as_ref().map(|from| from.address.clone());
        Person { name: self.name.clone(), address: address.unwrap_or_else(Address::unknown_sender) }
    }
}

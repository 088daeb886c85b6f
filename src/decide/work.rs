//! The steps that an agent's mail leads to, collected into a plan: changes, one message, at most one mail to each colleague.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::commands::{Command, Field, Right};
use super::draft::{Drafts, NotificationContent, TicketView, nothing_attached, present};
use super::editor::TicketEditor;
use super::home::settle;
use super::recipients::Recipients;
use super::rights::{self, Standing};
use super::{Case, attachment_infos};
use crate::model::address::{Address, Person};
use crate::model::done::Done;
use crate::model::event::{Actor, EventKind, StatusWhy};
use crate::model::held::{HeldState, HeldStep, StateSnapshot};
use crate::model::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use crate::model::mail::Attachment;
use crate::model::outgoing::{AnswerDraft, Draft, News, NoticeBody};
use crate::model::plan::{Change, Fate, INTERNAL_NOTE, NewMessage, Plan};
use crate::model::reader::Reader;
use crate::model::refusal::Refusal;
use crate::model::text::marked;
use crate::model::ticket::{MessageKind, Status, Ticket, Visibility};
use crate::model::visibility::Public;

/// What an agent's mail leads to, collected step by step.
pub(super) struct Work<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) plan: Plan,
    pub(super) before: &'a Ticket,
    pub(super) agent: &'a AgentId,
    pub(super) name: String,
    pub(super) shown: TicketView,
    /// The department in which the agent was asked whom words are for, as long as nobody has written to the customer or been
    /// written to since: there their word about them counts, though the ticket has gone elsewhere.
    asked_in: Option<DepartmentId>,
    /// The ticket that the agent's mail stands on: another one once this was merged.
    pub(super) stands_on: TicketNumber,
    pub(super) tags: Vec<String>,
    pub(super) drafts: Drafts,
    /// When the ticket comes back by itself, as it stands now.
    pub(super) wait_until: Option<Timestamp>,
    /// The agent said which status the ticket is to have.
    status_set: bool,
    /// The agent said who is to have the ticket.
    assignee_set: bool,
    /// Who had the ticket that the agent released.
    pub(super) released: Option<AgentId>,
    /// Who alone gets the answer; everybody on the ticket when empty.
    only: Vec<Address>,
    /// Who is to be told, for the first reason that came up.
    told: Vec<(AgentId, News)>,
    /// The agent's words for the customer or for colleagues.
    words: String,
    /// What the agent's word about a held answer did.
    pub(super) verdict: Vec<Done>,
    /// The files of a note.
    files: Arc<[Attachment]>,
}

impl<'a> Work<'a> {
    pub(super) fn new(case: &'a Case<'a>, ticket: &'a Ticket, agent: &'a AgentId) -> Self {
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
    pub(super) fn asking_in(&self) -> DepartmentId {
        self.asked_in.clone().unwrap_or_else(|| self.before.department.clone())
    }

    /// These commands were carried out when the words beside them were held: what they said still counts for the answer.
    pub(super) fn was_told(&mut self, commands: &[Command]) {
        self.assignee_set |= commands.iter().any(|command| command.spec().gives_away);
        self.status_set |= commands.iter().any(|command| command.spec().changes == Some(Field::Status));
    }

    /// The plan, with one notification to each colleague who is told.
    pub(super) fn done(mut self) -> Plan {
        for (reader, news) in std::mem::take(&mut self.told) {
            self.notify(reader, news);
        }
        self.plan.mails = self.drafts.mails;
        self.plan
    }

    /// Rights are those at the time of processing: a token of somebody who left the department does nothing.
    pub(super) fn missing_rights(&self, commands: &[Command], with_words: bool) -> Vec<Refusal> {
        let about_words = |command: &Command| command.spec().right == Right::Words;
        let asked_in = self.asked_in.as_ref().filter(|_| commands.iter().all(about_words));
        let department = asked_in.unwrap_or(&self.shown.department);
        let standing = Standing { department, ..Standing::of(self.before) };
        rights::faults(self.case.policy, standing, self.agent, commands, with_words)
    }

    pub(super) fn edit(&mut self) -> TicketEditor<'_> {
        let (ticket, actor) = (self.before.number, Actor::Agent(self.agent.clone()));
        TicketEditor { ticket, actor, shown: &mut self.shown, plan: &mut self.plan }
    }

    pub(super) fn event(&mut self, kind: EventKind) {
        self.edit().record(kind);
    }

    /// Keeps the agent's mail on the ticket, for colleagues only.
    pub(super) fn record(&mut self, kind: MessageKind, text: &str) {
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
    pub(super) fn says(&mut self, reason: Option<&str>) {
        if let Some(reason) = reason {
            reason.clone_into(&mut self.words);
        }
    }

    /// The answer goes to these alone.
    pub(super) fn answers_only(&mut self, addresses: &[Address]) {
        self.only.extend(addresses.iter().cloned());
    }

    /// The ticket is open, and no spam.
    pub(super) fn reopen(&mut self) {
        self.no_spam();
        self.set_status(Status::Open, None);
    }

    /// An internal note: colleagues are told, customers never.
    pub(super) fn note(&mut self, text: &str) {
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
    pub(super) fn note_beside(&mut self, text: &str) {
        self.record(MessageKind::Note, text);
        if let Some(message) = self.plan.messages.last_mut() {
            message.key = MessageKey(message.key.0 + 1);
            message.message_id = None;
            message.attachments.clear();
            INTERNAL_NOTE.clone_into(&mut message.thread_reason);
        }
        self.event(EventKind::Note { message: MessageKey(self.case.counters.next_message.0 + 1) });
    }

    /// The words go to the customers in the department's name.
    pub(super) fn answer(&mut self, text: &str, attachments: &Arc<[Attachment]>) {
        let taken_before = self.before.assignee.as_ref().is_some_and(|had| self.case.policy.agent(had).is_some());
        self.claim();
        if !self.status_set && self.shown.status != Status::Waiting {
            self.wait_until = None;
            self.edit().set_status(Status::Waiting, None, Some(StatusWhy::Answered));
        }
        let only = std::mem::take(&mut self.only);
        let Recipients { to, cc, joined } = self.recipients(&only);
        self.leave(joined);
        self.event(EventKind::Answered {
            to: to.iter().chain(&cc).map(|person| person.address.clone()).collect(),
            message: self.case.counters.next_message,
        });
        self.publish(text, attachments, &to, &cc);
        let (serial, body) = (self.drafts.serial(), Public::new(text));
        self.drafts.mails.push(Draft::Answer(AnswerDraft {
            ticket: self.before.number,
            department: self.shown.department.clone(),
            agent: self.agent.clone(),
            subject: self.before.subject.clone(),
            to,
            cc,
            formatted: self.case.rich.and_then(|rich| body.formatted(rich)),
            body,
            attachments: Arc::clone(attachments),
            references: self.before.public_ids.clone(),
            answered: self.drafts.answered,
            serial,
        }));
        text.clone_into(&mut self.words);
        // The first answer tells the department that the ticket is taken; later ones only an assignee who did not write them,
        // and while he is away those who are there.
        let readers = match &self.shown.assignee {
            _ if !taken_before => self.colleagues(),
            Some(assignee) if assignee == self.agent => Vec::new(),
            Some(_) | None => self.shown.readers(self.case.policy),
        };
        self.tell(readers, &News::ColleagueAnswered(self.name.clone()));
    }

    /// Notes what the answer changes, so that it can be taken back.
    fn leave(&mut self, joined: Vec<Address>) {
        let Ticket { status, wait_until, assignee, .. } = self.before;
        let before = StateSnapshot { status: *status, wait_until: *wait_until, assignee: assignee.clone() };
        let after = StateSnapshot {
            status: self.shown.status,
            wait_until: self.wait_until,
            assignee: self.shown.assignee.clone(),
        };
        self.plan.held.push(HeldStep::Leave { message: self.case.counters.next_message, before, after, joined });
    }

    /// The first to answer has the ticket, unless he just gave it away.
    fn claim(&mut self) {
        let (policy, agent) = (self.case.policy, self.agent);
        if !self.assignee_set {
            self.edit().claim(policy, agent);
        }
    }

    /// The answer as it stands on the ticket: from the department, as customers see it.
    fn publish(&mut self, text: &str, attachments: &[Attachment], to: &[Person], cc: &[Person]) {
        let department = self.case.policy.department(&self.shown.department);
        let nobody = || Person { name: String::new(), address: Address::unknown_sender() };
        self.plan.messages.push(NewMessage {
            key: self.case.counters.next_message,
            ticket: self.before.number,
            kind: MessageKind::Agent,
            visibility: Visibility::Public,
            from: department.map_or_else(nobody, |department| department.from.clone()),
            to: to.to_vec(),
            cc: cc.to_vec(),
            date: self.case.now,
            // Filled in once the mail is written.
            message_id: None,
            agent: Some(self.agent.clone()),
            text: text.to_owned(),
            attachments: attachment_infos(attachments),
            thread_reason: "an agent's answer".to_owned(),
            defects: self.case.mail.defects.clone(),
        });
    }

    pub(super) fn set_status(&mut self, status: Status, wait: Option<jiff::SignedDuration>) {
        self.put_status(status, wait.and_then(|wait| self.case.now.checked_add(wait).ok()));
    }

    /// The ticket has this status, until then.
    pub(super) fn put_status(&mut self, status: Status, until: Option<Timestamp>) {
        self.status_set = true;
        self.wait_until = until;
        if status == self.shown.status && until.is_none() && self.before.wait_until.is_none() {
            return;
        }
        self.edit().set_status(status, until, None);
    }

    pub(super) fn tag(&mut self, add: &[String], remove: &[String]) {
        let mut tags = std::mem::take(&mut self.tags);
        self.edit().tag(&mut tags, add, remove);
        self.tags = tags;
    }

    pub(super) fn assign(&mut self, to: Option<AgentId>) {
        self.assignee_set = true;
        if self.shown.assignee == to {
            return;
        }
        let former = self.edit().assign(to.clone(), None);
        self.tell(to.into_iter().collect(), &News::AssignedToYou(self.name.clone()));
        self.tell(former.into_iter().collect(), &News::NoLongerYours(self.name.clone()));
    }

    /// Colleagues to be told when all is done. Nobody twice: the first reason counts.
    pub(super) fn tell(&mut self, readers: Vec<AgentId>, news: &News) {
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
        let spared = self.drafts.notify(self.case.policy, &self.shown, [reader], &story);
        self.plan.withheld.extend(spared);
    }

    /// All agents of the department; the assignee too.
    fn colleagues(&self) -> Vec<AgentId> {
        self.shown.assignee.iter().cloned().chain(self.members()).collect()
    }

    pub(super) fn members(&self) -> Vec<AgentId> {
        let department = self.case.policy.department(&self.shown.department);
        let agents = department.map(|department| department.agents.as_slice()).unwrap_or_default();
        present(agents, |agent| self.shown.away.contains(agent))
    }

    pub(super) fn is_member(&self, agent: &AgentId) -> bool {
        self.case.policy.department(&self.shown.department).is_some_and(|department| department.has_agent(agent))
    }

    pub(super) fn change(&mut self, change: Change) {
        self.edit().change(change);
    }

    pub(super) fn me(&self) -> Person {
        let address = self.case.mail.from.as_ref().map(|from| from.address.clone());
        Person { name: self.name.clone(), address: address.unwrap_or_else(Address::unknown_sender) }
    }
}

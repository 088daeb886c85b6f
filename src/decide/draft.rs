//! Drafts for the people of a ticket, each with a number of its own for its Message-ID.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{audience, recipients};
use crate::model::MailId;
use crate::model::address::{Address, Person};
use crate::model::id::{AgentId, DepartmentId, MailboxId, MessageKey, TicketNumber};
use crate::model::link::Route;
use crate::model::mail::Attachment;
use crate::model::outgoing::{Draft, News, NoticeBody, NoticeDraft, NotificationDraft};
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::ticket::{Priority, SenderVerdict, Sibling, Status, Ticket};
use crate::model::visibility::Internal;

/// Hands out serials and collects the drafts of one plan.
pub(super) struct Drafts {
    next_serial: i64,
    /// What the reader of a notice knows of the ticket.
    pub(super) seen: Option<MessageKey>,
    /// Who reads a reply to the mail that a notice is about.
    pub(super) answered: Reader,
    /// What stands below the words of the customer's mail that is told.
    below: String,
    pub(super) mails: Vec<Draft>,
}

/// How a ticket stands after the plan: what notifications show.
#[derive(Clone)]
pub(super) struct TicketView {
    pub(super) ticket: TicketNumber,
    pub(super) department: DepartmentId,
    pub(super) subject: String,
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) assignee: Option<AgentId>,
    pub(super) mailbox: MailboxId,
    pub(super) possibly_related: Option<TicketNumber>,
    pub(super) follows: Option<TicketNumber>,
    pub(super) siblings: Vec<Sibling>,
    /// Who is on it, the requester first.
    pub(super) people: Vec<Person>,
    pub(super) proposed: Vec<Address>,
    /// Who wrote the first mail in the requester's name.
    pub(super) relay: Option<Address>,
    /// What our mail server says of the latest mail of a customer.
    pub(super) sender: SenderVerdict,
    pub(super) shows: MessageKey,
    /// Who is away.
    pub(super) away: Vec<AgentId>,
}

/// Those of `agents` who are there; all of them when nobody is, so that somebody is told.
pub(super) fn present(agents: &[AgentId], is_away: impl Fn(&AgentId) -> bool) -> Vec<AgentId> {
    let here: Vec<AgentId> = agents.iter().filter(|agent| !is_away(agent)).cloned().collect();
    if here.is_empty() { agents.to_vec() } else { here }
}

impl TicketView {
    pub(super) fn of(ticket: &Ticket) -> Self {
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
            people: recipients::people(&ticket.requester, &ticket.participants),
            proposed: ticket.proposed().map(|person| person.address.clone()).collect(),
            relay: ticket.relay.clone(),
            sender: ticket.sender,
            shows: ticket.last_message.unwrap_or(MessageKey(0)),
            away: ticket.away.clone(),
        }
    }

    /// Who is told of what happens: the assignee once somebody took it, else those of the department who are there. While
    /// the assignee is away, both.
    pub(super) fn readers(&self, policy: &Policy) -> Vec<AgentId> {
        let is_away = |agent: &AgentId| self.away.contains(agent);
        let assignee = self.assignee.as_ref().filter(|agent| policy.agent(agent).is_some());
        if let Some(assignee) = assignee.filter(|assignee| !is_away(assignee)) {
            return vec![assignee.clone()];
        }
        let members = policy.department(&self.department).map(|department| department.agents.as_slice());
        assignee.cloned().into_iter().chain(present(members.unwrap_or_default(), is_away)).collect()
    }
}

/// What a notification carries.
pub(super) struct NotificationContent<'a> {
    pub(super) news: News,
    pub(super) author: &'a Person,
    pub(super) words: &'a str,
    pub(super) attachments: &'a Arc<[Attachment]>,
    pub(super) route: Option<&'a Route>,
}

impl Drafts {
    pub(super) fn new(next_serial: i64) -> Self {
        Self { next_serial, seen: None, answered: Reader::Nobody, below: String::new(), mails: Vec::new() }
    }

    /// Drafts that show a customer's mail with `below` under its words.
    pub(super) fn above(self, below: String) -> Self {
        Self { below, ..self }
    }

    pub(super) fn serial(&mut self) -> i64 {
        let serial = self.next_serial;
        self.next_serial += 1;
        serial
    }

    /// One notification to each of `readers` who wants it, nobody twice. Returns why others are spared it.
    pub(super) fn notify(
        &mut self,
        policy: &Policy,
        shown: &TicketView,
        readers: impl IntoIterator<Item = AgentId>,
        story: &NotificationContent<'_>,
    ) -> Vec<String> {
        let mut told = BTreeSet::new();
        let mut spared = Vec::new();
        for agent in readers {
            if !told.insert(agent.clone()) {
                continue;
            }
            if let Some(why) = audience::spared(policy, shown, &agent, &story.news, story.words) {
                spared.push(format!("notification: {why}"));
                continue;
            }
            let notification = self.notification(policy, shown, agent, story);
            self.mails.push(Draft::Notification(Box::new(notification)));
        }
        spared
    }

    /// A notification to one agent.
    pub(super) fn notification(
        &mut self,
        policy: &Policy,
        shown: &TicketView,
        agent: AgentId,
        story: &NotificationContent<'_>,
    ) -> NotificationDraft {
        NotificationDraft {
            ticket: shown.ticket,
            department: shown.department.clone(),
            subject: shown.subject.clone(),
            status: shown.status,
            priority: shown.priority,
            assignee: shown.assignee.clone(),
            agent,
            news: story.news.clone(),
            author: story.author.clone(),
            body: Internal::new(story.words),
            below: Internal::new(if story.news.shows_a_mail() { self.below.as_str() } else { "" }),
            attachments: Arc::clone(story.attachments),
            episodes: Vec::new(),
            older: 0,
            left_out: Vec::new(),
            route: story.route.cloned(),
            possibly_related: shown.possibly_related,
            follows: shown.follows,
            siblings: shown.siblings.clone(),
            customers: recipients::reached(policy, &shown.people),
            proposed: shown.proposed.clone(),
            relay: shown.relay.clone(),
            sender: shown.sender,
            mailbox: shown.mailbox.clone(),
            shows: shown.shows,
            serial: self.serial(),
        }
    }

    /// Word to an agent that answers no mail of his and stands on no ticket.
    pub(super) fn notice_beside(&mut self, policy: &Policy, shown: &TicketView, agent: &AgentId, body: NoticeBody) {
        self.notice(policy, shown, agent, body, Vec::new());
        if let Some(Draft::Notice(notice)) = self.mails.last_mut() {
            notice.ticket = None;
            notice.subject.clear();
        }
    }

    /// Word to an agent about his own mail.
    pub(super) fn notice(
        &mut self,
        policy: &Policy,
        shown: &TicketView,
        agent: &AgentId,
        body: NoticeBody,
        references: Vec<MailId>,
    ) {
        let serial = self.serial();
        self.mails.push(Draft::Notice(NoticeDraft {
            ticket: Some(shown.ticket),
            subject: shown.subject.clone(),
            agent: agent.clone(),
            mailbox: shown.mailbox.clone(),
            department: shown.department.clone(),
            body,
            references,
            answered: self.answered,
            customers: recipients::reached(policy, &shown.people),
            shows: self.seen,
            serial,
        }));
    }
}

/// No attachments.
pub(super) fn nothing_attached() -> Arc<[Attachment]> {
    Arc::from([])
}

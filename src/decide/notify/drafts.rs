//! Drafts for the people of a ticket, each with a number of its own for its Message-ID.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::audience;
use super::ticket_view::{self, TicketView};
use crate::model::MailId;
use crate::model::address::Person;
use crate::model::id::{AgentId, MessageKey};
use crate::model::link::Route;
use crate::model::mail::Attachment;
use crate::model::outgoing::{Draft, News, NoticeBody, NoticeDraft, NotificationDraft};
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::visibility::Internal;

/// Hands out serials and collects the drafts of one plan.
pub(in crate::decide) struct Drafts {
    next_serial: i64,
    /// What the reader of a notice knows of the ticket.
    pub(in crate::decide) seen: Option<MessageKey>,
    /// Who reads a reply to the mail that a notice is about.
    pub(in crate::decide) answered: Reader,
    /// What stands below the words of the customer's mail that is told.
    below: String,
    pub(in crate::decide) mails: Vec<Draft>,
}

/// What a notification carries.
pub(in crate::decide) struct NotificationContent<'a> {
    pub(in crate::decide) news: News,
    pub(in crate::decide) author: &'a Person,
    pub(in crate::decide) words: &'a str,
    pub(in crate::decide) attachments: &'a Arc<[Attachment]>,
    pub(in crate::decide) route: Option<&'a Route>,
}

impl Drafts {
    pub(in crate::decide) fn new(next_serial: i64) -> Self {
        Self { next_serial, seen: None, answered: Reader::Nobody, below: String::new(), mails: Vec::new() }
    }

    /// Drafts that show a customer's mail with `below` under its words.
    pub(in crate::decide) fn above(self, below: String) -> Self {
        Self { below, ..self }
    }

    pub(in crate::decide) fn serial(&mut self) -> i64 {
        let serial = self.next_serial;
        self.next_serial += 1;
        serial
    }

    /// One notification to each of `readers` who wants it, nobody twice. Why others are spared it stands in the plan.
    pub(in crate::decide) fn notify(
        &mut self,
        plan: &mut Plan,
        policy: &Policy,
        shown: &TicketView,
        readers: impl IntoIterator<Item = AgentId>,
        story: &NotificationContent<'_>,
    ) {
        let mut told = BTreeSet::new();
        for agent in readers {
            if !told.insert(agent.clone()) {
                continue;
            }
            if let Some(why) = audience::spared(policy, shown, &agent, &story.news, story.words) {
                plan.withheld.push(format!("notification: {why}"));
                continue;
            }
            let notification = self.notification(policy, shown, agent, story);
            self.mails.push(Draft::Notification(Box::new(notification)));
        }
    }

    /// A notification to one agent.
    pub(in crate::decide) fn notification(
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
            customers: ticket_view::reached(policy, &shown.people),
            proposed: shown.proposed.clone(),
            relay: shown.relay.clone(),
            sender: shown.sender,
            mailbox: shown.mailbox.clone(),
            shows: shown.shows,
            serial: self.serial(),
        }
    }

    /// Word to an agent that answers no mail of theirs and stands on no ticket.
    pub(in crate::decide) fn notice_beside(
        &mut self,
        policy: &Policy,
        shown: &TicketView,
        agent: &AgentId,
        body: NoticeBody,
    ) {
        self.notice(policy, shown, agent, body, Vec::new());
        if let Some(Draft::Notice(notice)) = self.mails.last_mut() {
            notice.ticket = None;
            notice.subject.clear();
        }
    }

    /// Word to an agent about their own mail.
    pub(in crate::decide) fn notice(
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
            customers: ticket_view::reached(policy, &shown.people),
            shows: self.seen,
            serial,
        }));
    }
}

/// No attachments.
pub(in crate::decide) fn nothing_attached() -> Arc<[Attachment]> {
    Arc::from([])
}

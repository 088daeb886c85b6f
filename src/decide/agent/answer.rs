//! An agent's answer: in the department's name to the customers on the ticket, which waits for them then.

use std::sync::Arc;

use super::recipients::Recipients;
use super::work::Work;
use crate::decide::attachment_infos;
use crate::model::address::{Address, Person};
use crate::model::event::{EventKind, StatusWhy};
use crate::model::held::{HeldStep, StateSnapshot};
use crate::model::mail::Attachment;
use crate::model::outgoing::{AnswerDraft, Draft, News};
use crate::model::plan::NewMessage;
use crate::model::ticket::{MessageKind, Status, Ticket, Visibility};
use crate::model::visibility::Public;

impl Work<'_> {
    /// The words go to the customers in the department's name.
    pub(in crate::decide) fn answer(&mut self, text: &str, attachments: &Arc<[Attachment]>) {
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
        // and while they are away those who are there.
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

    /// The first to answer has the ticket, unless they just gave it away.
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
}

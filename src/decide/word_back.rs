//! Word to an agent about his own mail: what was wrong with it, how the ticket stands.

use std::sync::Arc;

use super::brake;
use super::work::Work;
use crate::model::id::AgentId;
use crate::model::mail::Attachment;
use crate::model::outgoing::NoticeBody;
use crate::model::plan::Plan;
use crate::model::ticket::MessageKind;
use crate::model::visibility::Internal;

impl Work<'_> {
    /// Nothing is done; the agent hears why and gets his words back.
    pub(super) fn refuse(self, reasons: Vec<String>) -> Plan {
        let case = self.case;
        let text = case.mail.words();
        self.refuse_with(reasons, text, case.attachments)
    }

    /// The same with other words than those of the mail.
    pub(super) fn refuse_with(mut self, reasons: Vec<String>, text: &str, attachments: &Arc<[Attachment]>) -> Plan {
        let own = self.case.mail.words();
        self.record(MessageKind::Note, own);
        self.event("refused", reasons.join("; "));
        self.plan.withheld.push(format!("answer: {}", reasons.join("; ")));
        let attachments = Arc::clone(attachments);
        self.notice(NoticeBody::Refused { reasons, text: Internal::new(text), attachments });
        self.done()
    }

    /// Keeps the mail and says nothing to anybody.
    pub(super) fn hold(mut self, why: &str) -> Plan {
        self.record(MessageKind::Note, &self.case.mail.reply);
        self.event("withheld", format!("answer: {why}"));
        self.plan.withheld.push(format!("answer: {why}"));
        self.done()
    }

    /// The state of the ticket, for `#status`.
    pub(super) fn tell_state(&mut self) {
        let ticket = self.before;
        let lines = vec![
            format!("department: {}", self.shown.department),
            format!("status: {}", self.shown.status),
            format!("priority: {}", self.shown.priority),
            format!("assignee: {}", self.shown.assignee.as_ref().map_or("nobody", AgentId::as_str)),
            format!("customer: {} <{}>", ticket.requester.name, ticket.requester.address),
            format!("tags: {}", if self.tags.is_empty() { "none".to_owned() } else { self.tags.join(", ") }),
            format!("opened: {}", ticket.created_at),
            format!("last changed: {}", ticket.updated_at),
        ];
        self.notice(NoticeBody::State(lines));
    }

    /// Word to the agent about his mail, unless a machine seems to be reading it.
    pub(super) fn notice(&mut self, body: NoticeBody) {
        if brake::notices_spent(self.case) {
            self.plan.withheld.push("notice: the agent was sent too many automatic mails today".to_owned());
            let sent = self.case.counters.machine_mails_to_sender;
            self.event("withheld", format!("notice: {sent} automatic mails went to the agent in 24 hours"));
            return;
        }
        let references = self.case.mail.message_id.iter().cloned().collect();
        self.drafts.notice(&self.shown, self.agent, body, references);
    }
}

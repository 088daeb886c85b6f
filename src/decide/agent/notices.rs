//! Word to an agent about their own mail: what was wrong with it, how the ticket stands.

use std::sync::Arc;

use super::work::Work;
use super::{loop_limits, repeats};
use crate::decide::notify::drafts::{NotificationContent, nothing_attached};
use crate::decide::notify::{stopped, ticket_view};
use crate::model::event::{EventKind, Withheld};
use crate::model::language::TextKey;
use crate::model::mail::Attachment;
use crate::model::outgoing::{News, NoticeBody, StaffNotice};
use crate::model::plan::Plan;
use crate::model::refusal::{Refusal, in_one_line};
use crate::model::surroundings::Conversation;
use crate::model::ticket::MessageKind;
use crate::model::ticket_state::TicketState;
use crate::model::visibility::Internal;

impl Work<'_> {
    /// Nothing is done; the agent hears why and gets their words back.
    pub(in crate::decide) fn refuse(self, reasons: Vec<Refusal>) -> Plan {
        let case = self.case;
        let text = case.mail.words();
        self.refuse_with(reasons, text, case.attachments)
    }

    /// The same with other words than those of the mail.
    pub(in crate::decide) fn refuse_with(
        mut self,
        reasons: Vec<Refusal>,
        text: &str,
        attachments: &Arc<[Attachment]>,
    ) -> Plan {
        let own = self.case.mail.words();
        if repeats::was_told(self.case, own) {
            let why = format!("refused again, {}: a machine seems to be writing these words", in_one_line(&reasons));
            return self.hold(&why);
        }
        self.record(MessageKind::Returned, own);
        let why = in_one_line(&reasons);
        self.plan.withheld.push(format!("answer: {why}"));
        self.event(EventKind::Refused { why });
        let attachments = Arc::clone(attachments);
        self.notice(NoticeBody::Refused { reasons, text: Internal::new(text), attachments });
        self.done()
    }

    /// Keeps the mail and says nothing to anybody.
    pub(in crate::decide) fn hold(mut self, why: &str) -> Plan {
        self.record(MessageKind::Note, &self.case.mail.reply);
        self.event(EventKind::withheld(Withheld::Answer, why));
        self.plan.withheld.push(format!("answer: {why}"));
        self.done()
    }

    /// The state of the ticket, for `#status`.
    pub(in crate::decide) fn tell_state(&mut self) {
        let ticket = self.before;
        let state = TicketState {
            department: self.shown.department.clone(),
            status: self.shown.status,
            wait_until: self.wait_until,
            priority: self.shown.priority,
            assignee: self.shown.assignee.clone(),
            customer: self.shown.people.first().unwrap_or(&ticket.requester).clone(),
            others: ticket_view::reached(self.case.policy, &self.shown.people).into_iter().skip(1).collect(),
            proposed: self.shown.proposed.clone(),
            tags: self.tags.clone(),
            opened_at: ticket.created_at,
            changed_at: ticket.updated_at,
        };
        self.notice(NoticeBody::State(Box::new(state)));
    }

    /// All that was written on the ticket, for `#show`.
    pub(in crate::decide) fn tell_conversation(&mut self) {
        let conversation = Conversation { events: Vec::new(), ..self.case.surroundings.conversation.clone() };
        self.notice(NoticeBody::Conversation(Box::new(conversation)));
    }

    /// The same with all that was done, for `#history`.
    pub(in crate::decide) fn tell_history(&mut self) {
        self.notice(NoticeBody::Conversation(Box::new(self.case.surroundings.conversation.clone())));
    }

    /// What an agent wrote and does not hear of is told to others who may read the ticket.
    fn tell_others(&mut self, body: &NoticeBody, sent: u32) {
        let text = match body {
            NoticeBody::Refused { text, .. } | NoticeBody::Unticketed { text, .. } | NoticeBody::Expired { text } => {
                text
            }
            NoticeBody::Held { text, also, .. } => also.as_ref().unwrap_or(text),
            NoticeBody::State(_)
            | NoticeBody::Conversation(_)
            | NoticeBody::Help(_)
            | NoticeBody::Done(_)
            | NoticeBody::NoteReached(_)
            | NoticeBody::Staff(_)
            | NoticeBody::NotDelivered { .. }
            | NoticeBody::Regrouped(_) => return,
        };
        self.plan.stopped.push(loop_limits::stopped(self.agent));
        let reason = format!("{sent} automatic mails in 24 hours");
        let story = NotificationContent {
            news: News::NotTold { agent: self.name.clone(), reason },
            author: &self.me(),
            words: text.as_str(),
            attachments: &nothing_attached(),
            route: None,
        };
        let others = stopped::stand_ins(self.case.policy, &self.shown.department, self.agent);
        self.drafts.notify(&mut self.plan, self.case.policy, &self.shown, others, &story);
    }

    /// One line in answer to a command.
    pub(in crate::decide) fn say(&mut self, text: TextKey) {
        self.notice(NoticeBody::Staff(StaffNotice::Said(text)));
    }

    /// Word to the agent about their mail, unless a machine seems to be reading it.
    pub(in crate::decide) fn notice(&mut self, body: NoticeBody) {
        if loop_limits::notices_spent(self.case) {
            self.plan.withheld.push("notice: the agent was sent too many automatic mails today".to_owned());
            let sent = self.case.counters.machine_mails_to_sender;
            let why = format!("{sent} automatic mails went to the agent in 24 hours");
            self.event(EventKind::withheld(Withheld::Notice, why));
            return self.tell_others(&body, sent);
        }
        let references = self.case.mail.message_id.iter().cloned().collect();
        self.drafts.notice(self.case.policy, &self.shown, self.agent, body, references);
    }
}

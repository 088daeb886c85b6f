//! `#next`, `#take` and `#release`: a released ticket goes to the next agent, or its department is notified; what is taken is told.
//!
//! Decided inside the write transaction, like everything: two agents never get the same ticket.

use super::giving_out::{limit, told_of_new};
use crate::decide::agent::work::Work;
use crate::decide::commands::Command;
use crate::decide::notify::drafts::NotificationContent;
use crate::decide::notify::ticket_view;
use crate::model::event::AssignedWhy;
use crate::model::id::AgentId;
use crate::model::language::TextKey;
use crate::model::outgoing::{Draft, News};
use crate::model::refusal::Refusal;
use crate::model::ticket::Status;

impl Work<'_> {
    /// Why `#next` gives nothing: they were given enough.
    pub(in crate::decide) fn has_enough(&self, commands: &[Command]) -> Option<Refusal> {
        let asked = commands.iter().filter(|command| **command == Command::Next).count();
        if asked > 1 {
            return Some(Refusal::OneNext);
        }
        let staff = self.case.staff;
        let next = staff.next.as_ref().filter(|_| asked == 1)?;
        let department = self.case.policy.department(&next.ticket.department)?;
        let limit = limit(self.case.policy, department, self.agent)?;
        let open = staff.open_of(self.agent);
        (open >= limit).then_some(Refusal::HasEnough(open, limit))
    }

    /// The most urgent ticket that nobody has is the agent's from now on, with all that a notification of it tells.
    pub(in crate::decide) fn next(&mut self) {
        let Some(next) = &self.case.staff.next else {
            return self.say(TextKey::NoticeQueueIsEmpty);
        };
        let mut shown = ticket_view::TicketView::of(&next.ticket);
        let me = self.agent.clone();
        self.edit_other(&mut shown).assign(Some(me), Some(AssignedWhy::Next));
        let (author, words) = next.words.as_ref().map_or((&next.ticket.requester, ""), |(who, words)| (who, words));
        let story =
            NotificationContent { news: News::Next, author, words, attachments: &next.attachments, route: None };
        self.drafts.notify(&mut self.plan, self.case.policy, &shown, [self.agent.clone()], &story);
    }

    /// A ticket that came into the department without an agent is given to one, where the department does that.
    pub(in crate::decide) fn give_out(&mut self, but: &[&AgentId]) {
        let case = self.case;
        self.edit().give_out(case.policy, case.staff, but);
    }
}

impl Work<'_> {
    /// Nobody has the ticket, until all commands are carried out.
    pub(in crate::decide) fn release(&mut self) {
        self.released = self.shown.assignee.clone();
        self.assign(None);
    }

    /// Agents who would be told of a new ticket hear once that somebody has this one now, unless they hear more of it.
    pub(in crate::decide) fn tell_of_taking(&mut self) {
        let had = self.before.assignee.as_ref().is_some_and(|had| self.case.policy.agent(had).is_some());
        // What a ticket was merged into had its assignee before.
        let merged = self.stands_on != self.before.number;
        if had || merged || self.shown.assignee.as_ref() != Some(self.agent) {
            return;
        }
        let Some(department) = self.case.policy.department(&self.shown.department) else { return };
        let hears = |agent: &AgentId| {
            let of_it = |draft: &Draft| matches!(draft, Draft::Notification(told) if told.agent == *agent);
            self.drafts.mails.iter().any(of_it)
        };
        let told = told_of_new(department, self.case.staff);
        let told = told.into_iter().filter(|agent| !hears(agent)).collect();
        self.tell(told, &News::Taken(self.name.clone()));
    }

    /// Finds somebody for a ticket that was released, once all commands are carried out.
    pub(in crate::decide) fn pass_on(&mut self) {
        let Some(former) = self.released.take() else { return };
        let done = matches!(self.shown.status, Status::Resolved | Status::Closed);
        let Some(department) = self.case.policy.department(&self.shown.department) else { return };
        if done || self.shown.assignee.is_some() {
            return;
        }
        self.give_out(&[&former, self.agent]);
        if let Some(next) = self.shown.assignee.clone() {
            self.tell(vec![next], &News::YoursAsReleased(self.name.clone()));
        } else {
            let told = told_of_new(department, self.case.staff);
            self.tell(told, &News::FreeAsReleased(self.name.clone()));
        }
    }
}

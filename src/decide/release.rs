//! `#take` and `#release`: nobody is to be left alone with a ticket, and no ticket with nobody who knows of it.
//!
//! A department that gives out its tickets gives it to the next agent, never back to who released it; elsewhere, and when
//! nobody has room, whoever would be told of a new ticket hears that this one is free. What is done is only released.

use super::assignment;
use super::work::Work;
use crate::model::id::AgentId;
use crate::model::outgoing::{Draft, News};
use crate::model::ticket::Status;

impl Work<'_> {
    /// Nobody has the ticket, until all commands are carried out.
    pub(super) fn release(&mut self) {
        self.released = self.shown.assignee.clone();
        self.assign(None);
    }

    /// Whoever would be told of a new ticket hears once that somebody has this one now, unless he hears more of it.
    pub(super) fn tell_of_taking(&mut self) {
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
        let told = assignment::told_of_new(department, self.case.staff);
        let told = told.into_iter().filter(|agent| !hears(agent)).collect();
        self.tell(told, &News::Taken(self.name.clone()));
    }

    /// Finds somebody for a ticket that was released, once all commands are carried out.
    pub(super) fn pass_on(&mut self) {
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
            let told = assignment::told_of_new(department, self.case.staff);
            self.tell(told, &News::FreeAsReleased(self.name.clone()));
        }
    }
}

//! `#move`, `#accept` and `#return`: a ticket goes to another department with all that is known of it, and back.
//!
//! Customers see nothing of it but the next answer's identity, which is that of the department that sends it.

use crate::decide::AgentReply;
use crate::decide::agent::work::Work;
use crate::decide::notify::drafts::{NotificationContent, nothing_attached};
use crate::model::event::{AssignedWhy, EventKind, MovedWhy};
use crate::model::id::{AgentId, DepartmentId};
use crate::model::outgoing::{Brief, News};
use crate::model::refusal::Refusal;
use crate::model::step::Step;
use crate::model::surroundings::HandOver;
use crate::model::ticket::Ticket;

/// Why there is nothing to accept.
pub(in crate::decide) fn accept_refusal(case: &AgentReply<'_>, ticket: &Ticket) -> Option<Refusal> {
    match &case.surroundings.hand_over {
        Some(HandOver { from: Some(_), accepted: false, .. }) => None,
        Some(HandOver { from: Some(_), accepted: true, .. }) => {
            Some(Refusal::AcceptedAlready(ticket.number).of("#accept"))
        }
        Some(_) | None => Some(Refusal::NotHandedOver(ticket.number).of("#accept")),
    }
}

/// Why the ticket cannot be given back.
pub(in crate::decide) fn return_refusal(case: &AgentReply<'_>, ticket: &Ticket) -> Option<Refusal> {
    let from = case.surroundings.hand_over.as_ref().and_then(|hand_over| hand_over.from.as_ref());
    let why = match from {
        None => Some(Refusal::NothingToReturn(ticket.number, ticket.department.clone())),
        Some(from) if *from == ticket.department => Some(Refusal::ReturnedAlready(ticket.number, from.clone())),
        Some(from) if case.policy.department(from).is_none() => Some(Refusal::OriginGone(ticket.number, from.clone())),
        Some(_) => None,
    };
    why.map(|why| why.of("#return"))
}

impl Work<'_> {
    /// Another department has the ticket from now on, with a brief; who does not work there loses it.
    pub(in crate::decide) fn move_to(&mut self, department: DepartmentId) {
        if self.shown.department == department {
            return;
        }
        let (case, by, count) = (self.case, Some(self.agent.clone()), self.nth());
        let former = self.edit().hand_over(case.policy, case.staff, department, None, count, by);
        let news = News::HandedOver { by: self.name.clone(), brief: Box::new(self.brief()) };
        self.tell(self.shown.readers(self.case.policy), &news);
        self.tell(former.into_iter().collect(), &News::NoLongerYours(self.name.clone()));
    }

    /// The ticket is in the department again that it was moved from.
    fn go_back(&mut self, from: DepartmentId) {
        let count = self.nth();
        self.edit().move_to(from, Some(MovedWhy::Returned), None, count);
        self.edit().step(Step::Return);
    }

    /// The agent has the ticket that was handed over; who handed it over is told.
    pub(in crate::decide) fn accept_hand_over(&mut self) {
        let Some(hand_over) = self.case.surroundings.hand_over.clone() else { return };
        self.event(EventKind::Accepted { from: hand_over.from });
        self.edit().step(Step::Accept);
        let before = self.shown.assignee.clone();
        self.assign(Some(self.agent.clone()));
        let mut givers: Vec<AgentId> = hand_over.by.into_iter().chain(hand_over.assignee).collect();
        givers.retain(|giver| {
            giver != self.agent && Some(giver) != before.as_ref() && self.case.policy.agent(giver).is_some()
        });
        // They may not work here: that it was accepted is all that they are told.
        let news = News::Accepted(self.name.clone());
        let me = self.me();
        let story = NotificationContent { news, author: &me, words: "", attachments: &nothing_attached(), route: None };
        self.drafts.notify(&mut self.plan, self.case.policy, &self.shown, givers, &story);
    }

    /// The department and the agent that had the ticket before have it again; the reason stands in the note that this mail is.
    pub(in crate::decide) fn return_hand_over(&mut self) {
        let Some(HandOver { from: Some(from), assignee, .. }) = self.case.surroundings.hand_over.clone() else {
            return;
        };
        self.go_back(from);
        let again = assignee.filter(|assignee| self.is_member(assignee));
        let loser = self.shown.assignee.clone().filter(|loser| Some(loser) != again.as_ref());
        if self.shown.assignee != again {
            self.edit().assign(again, Some(AssignedWhy::Returned));
        }
        self.tell(self.shown.readers(self.case.policy), &News::Returned(self.name.clone()));
        self.tell(loser.into_iter().collect(), &News::NoLongerYours(self.name.clone()));
    }

    /// How often the ticket went to and fro, from the second time on.
    fn nth(&self) -> Option<u32> {
        let before = self.case.surroundings.hand_over.as_ref().map_or(0, |hand_over| hand_over.count);
        (before > 0).then_some(before + 1)
    }

    fn brief(&self) -> Brief {
        let ticket = self.before;
        let others = ticket.participants.iter().map(|someone| someone.person.clone());
        Brief {
            from: self.before.department.clone(),
            people: others.collect(),
            opened_at: ticket.created_at,
            file: self.case.surroundings.case_file.clone(),
        }
    }
}

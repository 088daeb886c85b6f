//! One line to the agent about what a click or commands alone did, and how to undo it.
//!
//! Never about what answers by itself: `#status`, `#show`, `#next`, `#help`, and commands that regroup tickets.

use super::work::Work;
use crate::decide::commands::permissions::{self, Standing};
use crate::decide::commands::{Command, Field};
use crate::model::done::{Confirmation, Done};
use crate::model::outgoing::{Draft, NoticeBody};
use crate::model::refusal::MAX_WAIT_DAYS;
use crate::model::text::plus_minus;
use crate::model::ticket::Status;

impl Work<'_> {
    /// Tells the agent what their commands did, after all of them were carried out.
    pub(in crate::decide) fn confirm(&mut self, commands: &[Command]) {
        let mut told = Confirmation { done: std::mem::take(&mut self.verdict), undo: Vec::new() };
        if told.done.contains(&Done::Sent) && !self.case.policy.desk.hold.is_zero() {
            told.undo.push("#cancel".to_owned());
        }
        let changed: Vec<Field> = commands.iter().filter_map(|command| command.spec().changes).collect();
        for field in Field::ALL.iter().filter(|field| changed.contains(field)) {
            match field {
                Field::Status => self.confirm_status(&mut told),
                Field::Assignee => self.confirm_assignee(&mut told),
                Field::Department => self.confirm_department(&mut told),
                Field::Priority => self.confirm_priority(&mut told),
                Field::Tags => self.confirm_tags(&mut told),
                Field::People => self.confirm_people(&mut told),
            }
        }
        let state = |draft: &Draft| matches!(draft, Draft::Notice(told) if matches!(told.body, NoticeBody::State(_)));
        let answers = self.drafts.mails.iter().any(state);
        if !answers && (!told.done.is_empty() || !changed.is_empty()) {
            self.notice(NoticeBody::Done(told));
        }
    }

    fn confirm_status(&self, told: &mut Confirmation) {
        let (now, before) = ((self.shown.status, self.wait_until), (self.before.status, self.before.wait_until));
        if now == before {
            return;
        }
        told.done.push(Done::Status(now.0, now.1));
        let hours = before.1.map_or(0, |until| (until.duration_since(self.case.now).as_mins() + 59) / 60);
        told.undo.push(match before.0 {
            Status::New | Status::Open => "#open".to_owned(),
            Status::Waiting if (1..=MAX_WAIT_DAYS * 24).contains(&hours) => format!("#wait {hours}h"),
            Status::Waiting => "#wait".to_owned(),
            Status::Resolved => "#resolve".to_owned(),
            Status::Closed => "#close".to_owned(),
        });
    }

    fn confirm_assignee(&self, told: &mut Confirmation) {
        let before = self.before.assignee.clone();
        if self.shown.assignee == before {
            return;
        }
        told.done.push(Done::Assignee(self.shown.assignee.clone()));
        told.undo.extend(match before.filter(|before| self.case.policy.agent(before).is_some()) {
            None => self.allowed(Command::Release, "#release", ""),
            Some(before) if before == *self.agent => self.allowed(Command::Take, "#take", ""),
            Some(before) => self.allowed(Command::Assign(before.clone(), None), "#assign", before),
        });
    }

    fn confirm_department(&self, told: &mut Confirmation) {
        let before = &self.before.department;
        if self.shown.department == *before {
            return;
        }
        told.done.push(Done::Department(self.shown.department.clone()));
        if self.case.policy.department(before).is_some() {
            told.undo.extend(self.allowed(Command::Move(before.clone(), None), "#move", before));
        }
    }

    fn confirm_priority(&self, told: &mut Confirmation) {
        let before = self.before.priority;
        if self.shown.priority != before {
            told.done.push(Done::Priority(self.shown.priority));
            told.undo.extend(self.allowed(Command::Priority(before), "#priority", before));
        }
    }

    fn confirm_tags(&self, told: &mut Confirmation) {
        let came = self.tags.iter().filter(|tag| !self.before.tags.contains(tag));
        let went = self.before.tags.iter().filter(|tag| !self.tags.contains(tag));
        let signed = |plus: char, minus: char| {
            let came = came.clone().map(move |tag| format!("{plus}{tag}"));
            came.chain(went.clone().map(move |tag| format!("{minus}{tag}"))).collect::<Vec<_>>()
        };
        let changed = signed('+', '-');
        if !changed.is_empty() {
            told.undo.push(format!("#tag {}", signed('-', '+').join(" ")));
            told.done.push(Done::Tags(changed));
        }
    }

    fn confirm_people(&self, told: &mut Confirmation) {
        let before = crate::decide::notify::ticket_view::people(&self.before.requester, &self.before.participants);
        let missing = |among: &[crate::model::Person], other: &[crate::model::Person]| {
            let gone = among.iter().filter(|one| !other.iter().any(|person| person.address.same_as(&one.address)));
            gone.map(|person| person.address.clone()).collect::<Vec<_>>()
        };
        let (added, removed) = (missing(&self.shown.people, &before), missing(&before, &self.shown.people));
        if added.is_empty() && removed.is_empty() {
            return;
        }
        told.undo.push(format!("#cc {}", plus_minus(&removed, &added)));
        told.done.push(Done::People { added, removed });
    }

    /// The command as it is written, when the agent may still give it as the ticket stands now.
    fn allowed(&self, command: Command, word: &str, argument: impl std::fmt::Display) -> Option<String> {
        let standing = Standing {
            number: self.before.number,
            department: &self.shown.department,
            assignee: self.shown.assignee.as_ref(),
            away: &self.shown.away,
        };
        let faults = permissions::faults(self.case.policy, standing, self.agent, &[command], false);
        faults.is_empty().then(|| format!("{word} {argument}").trim_end().to_owned())
    }
}

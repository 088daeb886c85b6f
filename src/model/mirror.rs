//! The shared mailbox as the queue: which folder stands for what, where a ticket's mails belong, which marks they bear.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::id::{AgentId, DepartmentId};
use super::policy::{Mirror, Policy};
use super::text::clean_line;
use super::ticket::{Priority, Status, Ticket};

/// Folders of one mirror.
const MAX_PLACES: usize = 300;
/// Characters of one folder's name.
const MAX_NAME: usize = 60;
/// The marks of a ticket that comes back by itself: that it does, and that it does so today. Few, as servers limit how many
/// there may be. No agent's id has a dot.
const DUE: &str = "$postroom.due";
const DUE_TODAY: &str = "$postroom.due.today";

/// What a folder of the mirror stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Open tickets of a department.
    Department(DepartmentId),
    /// Open tickets that an agent has.
    Agent(AgentId),
    /// Tickets that are resolved or closed.
    Done,
}

/// The folders of a mirror, in the order of the config. No two have names that differ in case alone.
pub fn places(policy: &Policy, mirror: &Mirror) -> Vec<(String, Place)> {
    let done = [("Done".to_owned(), "done", Place::Done)];
    let departments = policy
        .departments
        .iter()
        .map(|department| (department.name.clone(), department.id.as_str(), Place::Department(department.id.clone())));
    let agents =
        policy.agents.iter().map(|agent| (agent.name.clone(), agent.id.as_str(), Place::Agent(agent.id.clone())));
    let mut taken = BTreeSet::new();
    let mut places = Vec::new();
    for (name, id, place) in done.into_iter().chain(departments).chain(agents).take(MAX_PLACES) {
        let plain = folder_part(&name);
        let candidates = [plain.clone(), format!("{plain} ({id})"), id.to_owned()];
        let free = candidates.into_iter().find(|name| !name.is_empty() && taken.insert(name.to_lowercase()));
        places.extend(free.map(|name| (format!("{}/{name}", mirror.root), place)));
    }
    places
}

/// A name without what servers take for a hierarchy or a pattern.
fn folder_part(name: &str) -> String {
    let plain: String = name.chars().map(|c| if "/\\.%*\"^~&#".contains(c) { ' ' } else { c }).collect();
    clean_line(&plain, MAX_NAME).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What decides where a ticket's mails belong and which marks they bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Its department.
    pub department: DepartmentId,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Who has it.
    pub assignee: Option<AgentId>,
    /// When it comes back by itself.
    pub wait_until: Option<Timestamp>,
}

impl Stand {
    /// How a ticket stands.
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            department: ticket.department.clone(),
            status: ticket.status,
            priority: ticket.priority,
            assignee: ticket.assignee.clone(),
            wait_until: ticket.wait_until,
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        match self.status {
            Status::Resolved | Status::Closed => true,
            Status::New | Status::Open | Status::Waiting => false,
        }
    }

    /// Where we put its mails.
    pub fn home(&self) -> Place {
        if self.is_done() { Place::Done } else { Place::Department(self.department.clone()) }
    }

    /// Whether its mails may lie in `place`: where we put them, or where a person put them who gave it to an agent.
    pub fn may_lie_in(&self, place: &Place) -> bool {
        match place {
            Place::Agent(agent) => !self.is_done() && self.assignee.as_ref() == Some(agent),
            Place::Department(_) | Place::Done => self.home() == *place,
        }
    }

    /// The flags and keywords that its mails bear on this day, sorted.
    pub fn marks(&self, today: Date, timezone: &TimeZone) -> Vec<String> {
        let due = self.wait_until.map(|until| until.to_zoned(timezone.clone()).date());
        let due_today = due.is_some_and(|due| due <= today);
        let answered = self.is_done() || self.status == Status::Waiting;
        let mut marks: Vec<String> = Vec::new();
        marks.extend(answered.then(|| "\\Answered".to_owned()));
        marks.extend((self.priority == Priority::Urgent || due_today).then(|| "\\Flagged".to_owned()));
        marks.extend(self.assignee.as_ref().map(|agent| format!("$postroom-{agent}")));
        marks.extend(due.is_some().then(|| DUE.to_owned()));
        marks.extend(due_today.then(|| DUE_TODAY.to_owned()));
        marks.sort();
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TicketNumber;
    use crate::model::testing::{policy, ticket};

    fn stand(status: Status) -> Stand {
        Stand { status, ..Stand::of(&ticket(TicketNumber(1))) }
    }

    #[test]
    fn names_are_flat_and_no_two_are_alike() {
        let mut policy = policy();
        policy.departments[0].name = "Zwroty/Returns. 100%".to_owned();
        policy.departments[1].name = "ANNA nowak".to_owned();
        let names: Vec<String> =
            places(&policy, &Mirror { root: "Helpdesk".to_owned() }).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "Helpdesk/Done",
                "Helpdesk/Zwroty Returns 100",
                "Helpdesk/ANNA nowak",
                "Helpdesk/Anna Nowak (anna)",
                "Helpdesk/Jan Kos"
            ]
        );
    }

    #[test]
    fn a_mail_lies_with_its_department_with_its_agent_or_is_done() {
        let support = Place::Department(DepartmentId::new("support"));
        let anna = Place::Agent(AgentId::new("anna"));
        let mut open = stand(Status::Open);
        assert_eq!(open.home(), support);
        assert!(open.may_lie_in(&support) && !open.may_lie_in(&anna) && !open.may_lie_in(&Place::Done));
        open.assignee = Some(AgentId::new("anna"));
        assert!(open.may_lie_in(&support) && open.may_lie_in(&anna));
        open.status = Status::Closed;
        assert!(open.may_lie_in(&Place::Done) && !open.may_lie_in(&anna) && !open.may_lie_in(&support));
    }

    #[test]
    fn marks_say_what_people_want_to_see_in_a_list() {
        let (today, utc) = (jiff::civil::date(2026, 11, 25), TimeZone::UTC);
        let mut stand = stand(Status::Open);
        assert!(stand.marks(today, &utc).is_empty());
        stand.status = Status::Waiting;
        stand.priority = Priority::Urgent;
        stand.assignee = Some(AgentId::new("anna"));
        stand.wait_until = Some("2026-11-26T09:00:00Z".parse().unwrap());
        assert_eq!(stand.marks(today, &utc), ["$postroom-anna", "$postroom.due", "\\Answered", "\\Flagged"]);
        stand.priority = Priority::Normal;
        assert_eq!(stand.marks(today, &utc), ["$postroom-anna", "$postroom.due", "\\Answered"]);
        let tomorrow = today.tomorrow().unwrap();
        let due = ["$postroom-anna", "$postroom.due", "$postroom.due.today", "\\Answered", "\\Flagged"];
        assert_eq!(stand.marks(tomorrow, &utc), due);
    }
}

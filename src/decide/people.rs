//! `#cc`: who is on a ticket. Nobody is written to because of it before the next answer, which reaches whoever is on it then.

use super::Case;
use super::commands::{Command, written};
use super::customer::{MAX_PARTICIPANTS, is_outsider};
use super::recipients;
use super::work::Work;
use crate::model::address::{Address, Person};
use crate::model::event::{EventKind, JoinedWhy};
use crate::model::plan::Change;
use crate::model::proposal::{include_verb, is_include};
use crate::model::refusal::Refusal;
use crate::model::ticket::{Participant, Role, Ticket};

/// What the address of an `include` link asks for: that somebody who was proposed is on the ticket. `None` for another verb.
pub(super) fn included(verb: &str, ticket: &Ticket) -> Option<Result<Command, Refusal>> {
    if !is_include(verb) {
        return None;
    }
    let mut meant = ticket.participants.iter().filter(|someone| include_verb(&someone.person.address) == verb);
    let known = || ticket.participants.iter().map(|someone| someone.person.address.to_string()).collect();
    Some(match (meant.next(), meant.next()) {
        (Some(someone), None) => Ok(Command::Cc { add: vec![someone.person.address.clone()], remove: Vec::new() }),
        (None | Some(_), _) => Err(Refusal::NotAmong(known()).of("#cc")),
    })
}

/// Why `#cc` cannot be carried out: whom it names, and that somebody has to stay.
pub(super) fn faults(case: &Case<'_>, ticket: &Ticket, commands: &[Command]) -> Vec<Refusal> {
    let mut on = recipients::people(&ticket.requester, &ticket.participants);
    let mut faults = Vec::new();
    for command in commands {
        let Command::Cc { add, remove } = command else { continue };
        let mut fault = |sign: &str, address: &Address, why: Refusal| {
            faults.push(why.of(written("#cc", &format!("{sign}{address}"))));
        };
        for address in add {
            if !is_outsider(case.policy, address) {
                fault("+", address, Refusal::NoCustomersAddress);
            } else if on.len() >= MAX_PARTICIPANTS {
                fault("+", address, Refusal::TooManyPeople(MAX_PARTICIPANTS));
            } else if !on.iter().any(|person| person.address.same_as(address)) {
                on.push(Person { name: String::new(), address: address.clone() });
            }
        }
        for address in remove {
            let proposed = ticket.proposed().any(|person| person.address.same_as(address));
            let before = on.len();
            on.retain(|person| !person.address.same_as(address));
            if on.len() == before && !proposed {
                let known = on.iter().map(|person| person.address.to_string()).collect();
                fault("-", address, Refusal::NotAmong(known));
            }
            if !on.iter().any(|person| is_outsider(case.policy, &person.address)) {
                fault("-", address, Refusal::LastCustomer);
                return faults;
            }
        }
    }
    faults
}

impl Work<'_> {
    /// Who is added gets the next answer, who is taken off does not; the first of those who stay stands in for the requester.
    pub(super) fn change_people(&mut self, add: &[Address], remove: &[Address]) {
        for address in add {
            if self.shown.people.iter().any(|person| person.address.same_as(address)) {
                continue;
            }
            let known = self.before.participants.iter().find(|someone| someone.person.address.same_as(address));
            let nameless = || Person { name: String::new(), address: address.clone() };
            let person = known.map_or_else(nameless, |someone| someone.person.clone());
            self.event(EventKind::Joined { person: address.clone(), why: JoinedWhy::Command });
            self.change(Change::Participant(Participant { person: person.clone(), role: Role::Participant }));
            self.shown.proposed.retain(|proposed| !proposed.same_as(address));
            self.shown.people.push(person);
        }
        let Some(first) = self.shown.people.first().cloned() else { return };
        for address in remove {
            self.event(EventKind::Left { person: address.clone() });
            self.change(Change::NoParticipant(address.clone()));
            self.shown.people.retain(|person| !person.address.same_as(address));
            self.shown.proposed.retain(|proposed| !proposed.same_as(address));
        }
        if self.shown.people.iter().any(|person| person.address.same_as(&first.address)) {
            return;
        }
        let policy = self.case.policy;
        self.shown.people.sort_by_key(|person| !is_outsider(policy, &person.address));
        if let Some(requester) = self.shown.people.first().cloned() {
            let (from, to) = (first.address.clone(), requester.address.clone());
            self.event(EventKind::NewRequester { from, to });
            self.change(Change::Requester(requester));
        }
    }
}

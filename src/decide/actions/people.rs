//! `#cc`: who is on a ticket. Nobody is written to because of it before the next answer, which reaches whoever is on it then.

use crate::decide::AgentReply;
use crate::decide::agent::work::Work;
use crate::decide::commands::{Command, written};
use crate::decide::customer::follow_up::{MAX_PARTICIPANTS, is_outsider};
use crate::decide::notify::ticket_view;
use crate::model::address::{Address, Person};
use crate::model::event::JoinedWhy;
use crate::model::refusal::Refusal;
use crate::model::ticket::Ticket;

/// Why `#cc` cannot be carried out: whom it names, and that somebody has to stay.
pub(in crate::decide) fn faults(case: &AgentReply<'_>, ticket: &Ticket, commands: &[Command]) -> Vec<Refusal> {
    let mut on = ticket_view::people(&ticket.requester, &ticket.participants);
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
    pub(in crate::decide) fn change_people(&mut self, add: &[Address], remove: &[Address]) {
        for address in add {
            if self.shown.people.iter().any(|person| person.address.same_as(address)) {
                continue;
            }
            let known = self.before.participants.iter().find(|someone| someone.person.address.same_as(address));
            let nameless = || Person { name: String::new(), address: address.clone() };
            let person = known.map_or_else(nameless, |someone| someone.person.clone());
            self.edit().join(&person, JoinedWhy::Command);
            self.shown.people.push(person);
        }
        let Some(first) = self.shown.people.first().cloned() else { return };
        for address in remove {
            self.edit().take_off(address);
        }
        if self.shown.people.iter().any(|person| person.address.same_as(&first.address)) {
            return;
        }
        let policy = self.case.policy;
        self.shown.people.sort_by_key(|person| !is_outsider(policy, &person.address));
        if let Some(requester) = self.shown.people.first().cloned() {
            self.edit().put_first(&first.address, requester);
        }
    }
}

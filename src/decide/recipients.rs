//! Who gets an answer: everybody on the ticket, or those alone whom the agent names by `#to`; and whom he copies it to.

use super::customer::{MAX_PARTICIPANTS, is_outsider};
use super::signature::holds_address;
use super::work::Work;
use crate::model::address::{Address, Person};
use crate::model::event::{EventKind, JoinedWhy};
use crate::model::fold::fold;
use crate::model::plan::Change;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::ticket::{Participant, Role, Ticket};

use super::commands::Command;

/// The addresses that `#to` names, over all its lines.
pub(super) fn named(commands: &[Command]) -> Vec<&Address> {
    let lists = commands.iter().filter_map(|command| if let Command::To(list) = command { Some(list) } else { None });
    lists.flatten().collect()
}

/// Why an answer cannot go to whom `#to` names: nobody but people of the ticket gets one so.
pub(super) fn not_on_ticket(ticket: &Ticket, commands: &[Command]) -> Option<Refusal> {
    let stranger = named(commands).into_iter().find(|address| on_ticket(ticket, address).is_none())?;
    let known = std::iter::once(&ticket.requester).chain(ticket.participants.iter().map(|on| &on.person));
    let mut people: Vec<String> = Vec::new();
    for person in known.map(|person| person.address.to_string()) {
        if !people.contains(&person) {
            people.push(person);
        }
    }
    Some(Refusal::NotOnTicket(stranger.clone(), people))
}

fn on_ticket<'t>(ticket: &'t Ticket, address: &Address) -> Option<&'t Person> {
    let people = std::iter::once(&ticket.requester).chain(ticket.participants.iter().map(|on| &on.person));
    people.into_iter().find(|person| person.address.same_as(address))
}

/// Who is on a ticket, the requester first, who was only proposed left out.
pub(super) fn people(requester: &Person, participants: &[Participant]) -> Vec<Person> {
    let others = participants.iter().filter(|someone| someone.role != Role::Proposed).map(|someone| &someone.person);
    let others = others.filter(|person| !person.address.same_as(&requester.address));
    std::iter::once(requester).chain(others).cloned().collect()
}

/// Whom of them an answer reaches. An address that became ours or an agent's since is left out; the first always stays.
pub(super) fn reached(policy: &Policy, people: &[Person]) -> Vec<Person> {
    let usable = |(place, person): &(usize, &Person)| *place == 0 || is_outsider(policy, &person.address);
    people.iter().enumerate().filter(usable).map(|(_, person)| person.clone()).collect()
}

/// Who gets an answer.
pub(super) struct Recipients {
    pub(super) to: Vec<Person>,
    pub(super) cc: Vec<Person>,
    /// Who of them is on the ticket because of it.
    pub(super) joined: Vec<Address>,
}

impl Work<'_> {
    /// Whom the answer goes to, and who gets a copy.
    pub(super) fn recipients(&mut self, only: &[Address]) -> Recipients {
        let accepted = self.accept(only);
        let joined = accepted.iter().map(|person| person.address.clone()).collect();
        if only.is_empty() {
            let mut to = reached(self.case.policy, &self.shown.people);
            let mut cc = to.split_off(1.min(to.len()));
            cc.extend(accepted);
            return Recipients { to, cc, joined };
        }
        let mut to: Vec<Person> = Vec::new();
        for person in only.iter().filter_map(|address| on_ticket(self.before, address)) {
            let known = to.iter().chain(&accepted).any(|known| known.address.same_as(&person.address));
            let usable = person.address.same_as(&self.before.requester.address)
                || is_outsider(self.case.policy, &person.address);
            if !known && usable {
                to.push(person.clone());
            }
        }
        let (named, cc): (Vec<Person>, _) =
            accepted.into_iter().partition(|person| only.iter().any(|to| to.same_as(&person.address)));
        to.extend(named);
        Recipients { to, cc, joined }
    }

    /// Whom the agent writes to beside us: who was named in a customer's mail, or is new, joins the ticket.
    fn accept(&mut self, only: &[Address]) -> Vec<Person> {
        let ticket = self.before;
        let mail = self.case.mail;
        let mut accepted: Vec<Person> = Vec::new();
        let written = mail.to.iter().chain(&mail.cc);
        let chosen = only.iter().filter_map(|address| on_ticket(ticket, address));
        for person in written.chain(chosen) {
            let on = ticket.participants.iter().find(|on| on.person.address.same_as(&person.address));
            let proposed = on.is_some_and(|on| on.role == Role::Proposed);
            let new = self.is_new(person);
            let here = self.shown.people.iter().any(|here| here.address.same_as(&person.address));
            let known = here || accepted.iter().any(|known| known.address.same_as(&person.address));
            let room = ticket.participants.len() + accepted.len() < MAX_PARTICIPANTS;
            if known || !is_outsider(self.case.policy, &person.address) || !(proposed || new && room) {
                continue;
            }
            accepted.push(on.map_or(person, |on| &on.person).clone());
        }
        for person in &accepted {
            self.event(EventKind::Joined { person: person.address.clone(), why: JoinedWhy::Answer });
            let participant = Participant { person: person.clone(), role: Role::Participant };
            self.change(Change::Participant(participant));
            self.shown.proposed.retain(|proposed| !proposed.same_as(&person.address));
        }
        accepted
    }

    fn is_new(&self, person: &Person) -> bool {
        on_ticket(self.before, &person.address).is_none() && !self.is_self(person)
    }

    /// Whom the answer would reach because of the agent's own To and Cc alone: no customer named them, no command does.
    pub(super) fn newcomers(&self, commands: &[Command]) -> Vec<Address> {
        let case = self.case;
        let words = case.last_words.map_or(String::new(), |(_, words)| words.to_lowercase());
        let added = |address: &Address| {
            let adds = |command: &Command| matches!(command, Command::Cc { add, .. } if add.iter().any(|added| added.same_as(address)));
            commands.iter().any(adds)
        };
        let mut newcomers: Vec<Address> = Vec::new();
        for person in case.mail.to.iter().chain(&case.mail.cc) {
            let address = &person.address;
            let known = newcomers.iter().any(|known| known.same_as(address));
            if !known
                && is_outsider(case.policy, address)
                && self.is_new(person)
                && !added(address)
                && !holds_address(&words, &address.key())
            {
                newcomers.push(address.clone());
            }
        }
        newcomers
    }

    /// Customers to whom the agent's own program sent the mail: people on the ticket, and whoever else is none of ours.
    pub(super) fn customers_written_to(&self) -> Vec<Address> {
        let (mail, domain) = (self.case.mail, &self.case.policy.desk.domain);
        let mut reached: Vec<Address> = Vec::new();
        for person in mail.to.iter().chain(&mail.cc).filter(|person| !self.is_self(person)) {
            let address = &person.address;
            let outside = on_ticket(self.before, address).is_some() || address.domain() != domain;
            if outside && is_outsider(self.case.policy, address) && !reached.iter().any(|known| known.same_as(address))
            {
                reached.push(address.clone());
            }
        }
        reached
    }

    /// Whether the agent writes to himself at an address that the config lacks: programs copy all that is sent to one.
    fn is_self(&self, person: &Person) -> bool {
        let Some(agent) = self.case.policy.agent(self.agent) else { return false };
        let named = !person.name.is_empty() && fold(&person.name) == fold(&agent.name);
        let local = fold(person.address.local());
        named || agent.addresses.iter().any(|own| fold(own.local()) == local)
    }
}

//! Who gets an answer: everybody on the ticket, or those alone whom the agent names by `#to`; and whom they copy it to.

use super::work::Work;
use crate::decide::commands::Command;
use crate::decide::customer::follow_up::{MAX_PARTICIPANTS, is_outsider};
use crate::decide::notify::ticket_view::reached;
use crate::decide::outgoing::signature::holds_address;
use crate::model::address::{Address, Person};
use crate::model::event::JoinedWhy;
use crate::model::fold::fold;
use crate::model::refusal::Refusal;
use crate::model::ticket::{Role, Ticket};

/// The addresses that `#to` names, over all its lines.
pub(in crate::decide) fn named(commands: &[Command]) -> Vec<&Address> {
    let lists = commands.iter().filter_map(|command| if let Command::To(list) = command { Some(list) } else { None });
    lists.flatten().collect()
}

/// Why an answer cannot go to whom `#to` names: nobody but people of the ticket gets one so.
pub(in crate::decide) fn not_on_ticket(ticket: &Ticket, commands: &[Command]) -> Option<Refusal> {
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

/// Who gets an answer.
pub(in crate::decide) struct Recipients {
    pub(in crate::decide) to: Vec<Person>,
    pub(in crate::decide) cc: Vec<Person>,
    /// Who of them is on the ticket because of it.
    pub(in crate::decide) joined: Vec<Address>,
}

impl Work<'_> {
    /// Whom the answer goes to, and who gets a copy.
    pub(in crate::decide) fn recipients(&mut self, only: &[Address]) -> Recipients {
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
            self.edit().join(person, JoinedWhy::Answer);
        }
        accepted
    }

    fn is_new(&self, person: &Person) -> bool {
        on_ticket(self.before, &person.address).is_none() && !self.is_self(person)
    }

    /// Whom the answer would reach because of the agent's own To and Cc alone: no customer named them, no command does.
    pub(in crate::decide) fn newcomers(&self, commands: &[Command]) -> Vec<Address> {
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
    pub(in crate::decide) fn customers_written_to(&self) -> Vec<Address> {
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

    /// Whether the agent writes to themselves at an address that the config lacks: programs copy all that is sent to one.
    fn is_self(&self, person: &Person) -> bool {
        let Some(agent) = self.case.policy.agent(self.agent) else { return false };
        let named = !person.name.is_empty() && fold(&person.name) == fold(&agent.name);
        let local = fold(person.address.local());
        named || agent.addresses.iter().any(|own| fold(own.local()) == local)
    }
}

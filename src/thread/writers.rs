//! Who may have written a mail, and by what they may join a ticket that they are on.
//!
//! Ids and numbers get into many hands: a newsletter's Message-ID is in everybody's, and whoever stands in Cc has read what others
//! wrote. So a mail that names a ticket joins it when its writer has the very mail that it names, from us or as its author; the
//! requester, and whoever wrote on the ticket before, also under the ticket's subject. Whom our own mail server does not take for
//! who they say they are joins by a Message-ID alone that we signed and sent to that address.

use super::tags::is_titled;
use crate::model::address::Address;
use crate::model::correspondent::correspondent;
use crate::model::facts::ThreadFacts;
use crate::model::id::{MailId, TicketNumber};
use crate::model::link::Clues;
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::ticket::SenderVerdict;

/// The author of a mail, and the human in whose name the form or relay wrote that began the ticket. Who only names a
/// participant in Reply-To is a stranger.
pub(super) struct Writers<'a> {
    mail: &'a ParsedMail,
    clues: &'a Clues,
    facts: &'a ThreadFacts,
    verdict: SenderVerdict,
    from: Option<Address>,
    behind: Address,
}

impl<'a> Writers<'a> {
    pub(super) fn of(mail: &'a ParsedMail, clues: &'a Clues, facts: &'a ThreadFacts, policy: &Policy) -> Self {
        let behind = correspondent(policy, mail).person.address;
        let from = mail.from.as_ref().map(|from| from.address.clone());
        let verdict = super::authenticity::verdict(mail, policy);
        Self { mail, clues, facts, verdict, from, behind }
    }

    /// The mail.
    pub(super) fn mail(&self) -> &ParsedMail {
        self.mail
    }

    /// Whether our own mail server says that they are not who they say.
    pub(super) fn are_forged(&self) -> bool {
        self.verdict == SenderVerdict::Failed
    }

    /// Whether one of them is on the ticket, or on the one that lives on.
    pub(super) fn are_on(&self, number: TicketNumber) -> bool {
        self.on(number).next().is_some()
    }

    /// Whether they join a ticket because their mail names this one of its mails.
    pub(super) fn join_by_id(&self, id: &MailId, number: TicketNumber) -> bool {
        self.on(number).any(|one| {
            let has_it = self.facts.held_by.iter().any(|(held, by)| held == id && by.same_as(one));
            if self.are_forged() {
                return has_it && self.clues.minted.contains(id);
            }
            has_it || (self.has_spoken(one, number) && is_titled(self.mail, number, self.facts))
        })
    }

    /// Whether they join a ticket by its number above its subject: they know both from what they wrote or got from us.
    pub(super) fn join_by_tag(&self, number: TicketNumber) -> bool {
        let told = |one: &Address| [number, self.facts.lead(number)].iter().any(|number| self.was_told(one, *number));
        !self.are_forged() && self.on(number).any(|one| self.has_spoken(one, number) || told(one))
    }

    /// Whether they join a ticket by what its mails and theirs have in common, when the subjects agree.
    pub(super) fn join_by_kinship(&self, number: TicketNumber) -> bool {
        !self.are_forged() && self.on(number).any(|one| self.has_spoken(one, number))
    }

    /// Those of them who are on the ticket, or on the one that lives on.
    fn on(&self, number: TicketNumber) -> impl Iterator<Item = &Address> {
        let lead = self.facts.lead(number);
        let relayed = self.facts.relayed.contains(&number) || self.facts.relayed.contains(&lead);
        let ones = self.from.iter().chain(Some(&self.behind).filter(|_| relayed));
        ones.filter(move |one| {
            let on = |number| self.facts.ticket(number).is_some_and(|ticket| ticket.is_participant(one));
            on(number) || on(lead)
        })
    }

    /// Whether somebody is the requester, or wrote on the ticket before.
    fn has_spoken(&self, one: &Address, number: TicketNumber) -> bool {
        [number, self.facts.lead(number)].into_iter().any(|number| {
            let requester = self.facts.ticket(number).map(|ticket| &ticket.requester.address);
            requester.is_some_and(|requester| requester.same_as(one))
                || self.facts.wrote.iter().any(|(on, by)| *on == number && by.same_as(one))
        })
    }

    fn was_told(&self, one: &Address, number: TicketNumber) -> bool {
        self.facts.told.iter().any(|(of, whom)| *of == number && whom.same_as(one))
    }
}

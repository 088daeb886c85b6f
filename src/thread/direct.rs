//! What one of us wrote to a customer past the desk: it lies in the account's Sent folder, or the desk got a copy of it.
//!
//! The Sent folder is trusted because only who holds the account can put a mail there; a mail that bears the marks of a
//! delivery was put there by a rule, and From of a mail that arrived proves nothing.

use super::authenticity::is_verified;
use super::tags::tagged;
use crate::model::address::Address;
use crate::model::facts::{ThreadFacts, TicketRelation};
use crate::model::id::TicketNumber;
use crate::model::link::{AgentProof, Clues, HeaderClue, Link, ThreadReason};
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;

/// A mail in the Sent folder, if one of us wrote it: on the ticket that it names, best on one whose people it is written to.
pub(super) fn filed_by_us(mail: &ParsedMail, clues: &Clues, facts: &ThreadFacts, policy: &Policy) -> Option<Link> {
    let sender = &mail.from.as_ref()?.address;
    let agent = policy.agent_by_address(sender);
    if mail.delivered || (agent.is_none() && !policy.is_own(sender)) {
        return None;
    }
    let reached = named(mail, clues, facts, policy).find(|(number, _)| reaches(mail, *number, facts));
    // A subject or a mail that came later says nothing about a mail to somebody else.
    let named = named(mail, clues, facts, policy).find(|(_, reason)| is_by_id(*reason));
    let (number, reason) = reached.or(named).map_or((None, ThreadReason::Nothing), |(n, reason)| (Some(n), reason));
    let agent = agent.map(|agent| agent.id.clone());
    Some(Link::Direct { number, reason, agent, proof: AgentProof::SentFolder })
}

/// A copy that arrived of what one of us, or somebody in our name, wrote to the people of a ticket; or, when our own mail
/// server vouches for From, to anybody else.
pub(super) fn past_the_desk(mail: &ParsedMail, clues: &Clues, facts: &ThreadFacts, policy: &Policy) -> Option<Link> {
    let sender = &mail.from.as_ref()?.address;
    let agent = policy.agent_by_address(sender);
    if mail.automated.is_some() || (agent.is_none() && !policy.is_own(sender)) {
        return None;
    }
    let proof = if is_verified(mail, policy) { AgentProof::Dmarc } else { AgentProof::FromAlone };
    let on = named(mail, clues, facts, policy).find(|(number, _)| reaches(mail, *number, facts));
    // Who is on a ticket themselves writes on it as anybody else does.
    if on.is_some_and(|(number, _)| is_on(number, sender, facts)) {
        return None;
    }
    let agent = agent.map(|agent| agent.id.clone());
    match on {
        Some((number, reason)) => Some(Link::Direct { number: Some(number), reason, agent, proof }),
        None if proof == AgentProof::Dmarc && begins_a_matter(mail, clues, facts, policy) => {
            Some(Link::Direct { number: None, reason: ThreadReason::Nothing, agent, proof })
        }
        None => None,
    }
}

/// Whether a mail is written to others than us and names nothing: the desk got a copy, it was not asked.
fn begins_a_matter(mail: &ParsedMail, clues: &Clues, facts: &ThreadFacts, policy: &Policy) -> bool {
    let ours = |address: &Address| policy.is_own(address) || policy.agent_by_address(address).is_some();
    let asked = mail.to.is_empty() || mail.to.iter().any(|person| ours(&person.address));
    !asked && named(mail, clues, facts, policy).next().is_none()
}

/// The tickets that a mail names, the surest first.
fn named<'a>(
    mail: &'a ParsedMail,
    clues: &'a Clues,
    facts: &'a ThreadFacts,
    policy: &'a Policy,
) -> impl Iterator<Item = (TicketNumber, ThreadReason)> + 'a {
    let by_id = clues.ids.iter().filter_map(|clue| {
        let (_, number) = facts.by_id.iter().find(|(id, _)| *id == clue.id)?;
        let reason = match clue.header {
            HeaderClue::InReplyTo => ThreadReason::InReplyTo,
            HeaderClue::References => ThreadReason::References,
        };
        Some((*number, reason))
    });
    let by_tag = tagged(mail, clues, facts, policy).map(|number| (number, ThreadReason::TaggedForParticipant));
    let answered = facts.kin.iter().filter(|kin| kin.bond == TicketRelation::Reference);
    let answered = answered.map(|kin| (kin.number, ThreadReason::AnsweredBefore));
    by_id.chain(by_tag).chain(answered).filter(|(number, _)| facts.ticket(*number).is_some())
}

fn is_by_id(reason: ThreadReason) -> bool {
    matches!(reason, ThreadReason::InReplyTo | ThreadReason::References)
}

/// Whether somebody on the ticket is among those to whom the mail is written.
fn reaches(mail: &ParsedMail, number: TicketNumber, facts: &ThreadFacts) -> bool {
    let written = mail.to.iter().chain(&mail.cc).chain(&mail.bcc);
    written.map(|person| &person.address).any(|address| is_on(number, address, facts))
}

fn is_on(number: TicketNumber, address: &Address, facts: &ThreadFacts) -> bool {
    let ticket = facts.ticket(number);
    ticket.is_some_and(|ticket| ticket.participants.iter().any(|on| on.person.address.same_as(address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{AgentId, MailId};
    use crate::model::link::IdClue;
    use crate::model::testing::{person, policy, ticket};

    const NUMBER: TicketNumber = TicketNumber(1042);

    fn mail(from: &str, to: &str) -> ParsedMail {
        ParsedMail { from: Some(person("", from)), to: vec![person("", to)], ..ParsedMail::default() }
    }

    fn clues() -> Clues {
        let clue = IdClue { id: MailId::new("a@x"), header: HeaderClue::InReplyTo };
        Clues { ids: vec![clue], ..Clues::default() }
    }

    fn facts() -> ThreadFacts {
        let by_id = vec![(MailId::new("a@x"), NUMBER)];
        ThreadFacts { tickets: vec![ticket(NUMBER)], by_id, ..ThreadFacts::default() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "so that a test hands over what it got")]
    fn check(found: Option<Link>, proof: AgentProof, agent: Option<&str>) {
        let agent = agent.map(AgentId::new);
        assert_eq!(found, Some(Link::Direct { number: Some(NUMBER), reason: ThreadReason::InReplyTo, agent, proof }));
    }

    const CUSTOMER: &str = "customer@client.example";

    #[test]
    fn the_sent_folder_proves_the_account_and_an_arrival_proves_nothing() {
        for (from, agent) in [("info@shop.example", None), ("anna@shop.example", Some("anna"))] {
            let mail = mail(from, CUSTOMER);
            check(filed_by_us(&mail, &clues(), &facts(), &policy()), AgentProof::SentFolder, agent);
            check(past_the_desk(&mail, &clues(), &facts(), &policy()), AgentProof::FromAlone, agent);
        }
    }

    #[test]
    fn what_was_delivered_into_the_sent_folder_was_not_filed_by_us() {
        let delivered = ParsedMail { delivered: true, ..mail("info@shop.example", CUSTOMER) };
        assert_eq!(filed_by_us(&delivered, &clues(), &facts(), &policy()), None);
    }

    #[test]
    fn a_customers_mail_that_somebody_dragged_there_is_his() {
        assert_eq!(filed_by_us(&mail(CUSTOMER, "info@shop.example"), &clues(), &facts(), &policy()), None);
    }

    #[test]
    fn a_copy_counts_for_the_people_of_the_ticket_only_and_never_for_a_participants_own_mail() {
        let stranger = mail("anna@shop.example", "other@client.example");
        assert_eq!(past_the_desk(&stranger, &clues(), &facts(), &policy()), None);
        let mut facts = facts();
        let own = facts.tickets[0].participants[0].clone();
        facts.tickets[0]
            .participants
            .push(crate::model::ticket::Participant { person: person("", "anna@shop.example"), ..own });
        assert_eq!(past_the_desk(&mail("anna@shop.example", CUSTOMER), &clues(), &facts, &policy()), None);
    }
}

//! A mail in an agent's name that proves nothing, and is no new matter: it answers or quotes a mail of ours, or begins with a
//! command. It comes back to the agent with the reason.
//!
//! From can be written by anybody: nothing is concluded here but where the mail goes back to. What an agent begins anew, as any
//! customer does, is none of it, and neither is what they write on a ticket where they are a customer.

use crate::model::address::Address;
use crate::model::facts::ThreadFacts;
use crate::model::link::{Clues, Link, TokenClue, Unproven};
use crate::model::mail::ParsedMail;
use crate::model::policy::{Agent, Policy};
use crate::model::ticket::SenderVerdict;

use super::authenticity::verdict;

/// The agent in From, and what is missing.
pub(super) fn by_agent(
    mail: &ParsedMail,
    sender: Option<&Address>,
    clues: &Clues,
    facts: &ThreadFacts,
    policy: &Policy,
) -> Option<Link> {
    let agent = policy.agent_by_address(sender?)?;
    let is_forged = verdict(mail, policy) == SenderVerdict::Failed;
    let why = what_is_missing(mail, agent, is_forged, clues, facts)?;
    Some(Link::Unproven { agent: agent.id.clone(), why })
}

fn what_is_missing(
    mail: &ParsedMail,
    agent: &Agent,
    is_forged: bool,
    clues: &Clues,
    facts: &ThreadFacts,
) -> Option<Unproven> {
    if let Some(other) = clues.tokens.iter().chain(&clues.void).find(|token| token.agent != agent.id) {
        return Some(Unproven::OfAnother(other.agent.clone()));
    }
    if mail.has_co_authors && !clues.tokens.is_empty() {
        return Some(Unproven::CoAuthors);
    }
    let dead = |token: &&TokenClue| facts.ticket(token.ticket).is_some_and(|ticket| ticket.is_renewed(&token.agent));
    if let Some(dead) = clues.void.iter().find(dead) {
        return Some(Unproven::Dead(dead.ticket));
    }
    if let Some(void) = clues.void.first() {
        return Some(Unproven::Void(void.ticket));
    }
    // A token of theirs that did not count.
    if is_forged && !clues.tokens.is_empty() {
        return Some(Unproven::Forged);
    }
    if clues.unknown {
        return Some(Unproven::Unknown);
    }
    if mail.automated.is_none() && begins_with_a_command(mail) {
        return Some(Unproven::Command);
    }
    let quoted = clues.quoted_tag.iter().map(|(number, _)| number);
    let named = clues.tags.iter().chain(quoted).any(|number| facts.ticket(*number).is_some());
    let answers = clues.ids.iter().any(|clue| facts.by_id.iter().any(|(id, _)| *id == clue.id));
    (named || answers || clues.quotes_us).then_some(Unproven::Lost)
}

/// Whether the first words are `#` (`№` on a Russian keyboard) and a word.
fn begins_with_a_command(mail: &ParsedMail) -> bool {
    let invisible = |c: char| c.is_whitespace() || c == '\u{feff}';
    let first = mail.text.trim_start_matches(invisible);
    first.strip_prefix(['#', '№']).is_some_and(|word| word.starts_with(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{AgentId, MailId, TicketNumber};
    use crate::model::link::{HeaderClue, IdClue, TokenPlace};
    use crate::model::testing::{opening, person, policy, ticket};
    use crate::model::token::Seal;

    const NUMBER: TicketNumber = TicketNumber(1042);

    fn check(text: &str, clues: &Clues, expected: Option<Unproven>) {
        let mail = ParsedMail {
            from: Some(person("", "anna.nowak@home.example")),
            text: text.to_owned(),
            ..ParsedMail::default()
        };
        let facts = ThreadFacts {
            tickets: vec![ticket(NUMBER)],
            by_id: vec![(MailId::new("a@x"), NUMBER)],
            ..ThreadFacts::default()
        };
        let sender = mail.from.as_ref().map(|from| &from.address);
        let found = by_agent(&mail, sender, clues, &facts, &policy());
        let anna = AgentId::new("anna");
        assert_eq!(found, expected.map(|why| Link::Unproven { agent: anna, why }), "{text}");
    }

    fn token(agent: &str) -> TokenClue {
        let (seal, agent) = (Seal::Key(opening(NUMBER).key), AgentId::new(agent));
        TokenClue { ticket: NUMBER, seal, agent, reader: None, place: TokenPlace::Address, shows: None, verb: None }
    }

    #[test]
    fn what_answers_us_or_begins_with_a_command_comes_back_and_a_new_matter_does_not() {
        let none = Clues::default();
        check("My chair is broken.", &none, None);
        check("#1 is broken", &none, None);
        check("\n #close", &none, Some(Unproven::Command));
        check("№взять", &none, Some(Unproven::Command));
        let tagged = Clues { tags: vec![NUMBER], ..Clues::default() };
        check("Yes", &tagged, Some(Unproven::Lost));
        check("Yes", &Clues { tags: vec![TicketNumber(7)], ..Clues::default() }, None);
        check("Yes", &Clues { quotes_us: true, ..Clues::default() }, Some(Unproven::Lost));
        let id = IdClue { id: MailId::new("a@x"), header: HeaderClue::References };
        check("Yes", &Clues { ids: vec![id], ..Clues::default() }, Some(Unproven::Lost));
    }

    #[test]
    fn the_reason_says_whose_token_it_is_and_why_it_is_worth_nothing() {
        let jan = Clues { tokens: vec![token("jan")], ..Clues::default() };
        check("Yes", &jan, Some(Unproven::OfAnother(AgentId::new("jan"))));
        check("Yes", &Clues { void: vec![token("anna")], ..Clues::default() }, Some(Unproven::Void(NUMBER)));
        check("Yes", &Clues { unknown: true, ..Clues::default() }, Some(Unproven::Unknown));
    }
}

//! Who reads the words of an agent's mail: said by the mail of ours that it answers.

use crate::model::facts::ThreadFacts;
use crate::model::id::{AgentId, TicketNumber};
use crate::model::link::{Clues, TokenClue, TokenPlace};
use crate::model::reader::Reader;

/// Who reads the words of `agent`'s mail on this ticket; `None` when nothing says so, or two signs contradict each other.
///
/// The signs are the mail that In-Reply-To names (else the last of References), and the address that was written to. One
/// that was made before they said it leaves the word to the other.
pub fn reader(clues: &Clues, facts: &ThreadFacts, ticket: TicketNumber, agent: &AgentId) -> Option<Reader> {
    let theirs = |token: &&TokenClue| token.agent == *agent && facts.lead(token.ticket) == ticket;
    let addresses =
        clues.tokens.iter().filter(|token| token.place == TokenPlace::Address && token.verb.is_none()).filter(theirs);
    let mut said = clues.answers.iter().filter(theirs).chain(addresses).filter_map(|token| token.reader);
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::opening;
    use crate::model::token::Seal;

    const TICKET: TicketNumber = TicketNumber(1042);

    fn token(place: TokenPlace, agent: &str, reader: Option<Reader>) -> TokenClue {
        let (seal, agent) = (Seal::Key(opening(TICKET).key), AgentId::new(agent));
        TokenClue { ticket: TICKET, seal, agent, reader, place, shows: None, verb: None }
    }

    fn check(answered: &[Option<Reader>], address: &[Option<Reader>], expected: Option<Reader>) {
        let of = |place, readers: &[Option<Reader>]| {
            readers.iter().map(|reader| token(place, "anna", *reader)).collect::<Vec<_>>()
        };
        let answers = of(TokenPlace::MessageId, answered);
        let tokens: Vec<TokenClue> = of(TokenPlace::Address, address).into_iter().chain(answers.clone()).collect();
        let clues = Clues { tokens, answers, ..Clues::default() };
        assert_eq!(reader(&clues, &ThreadFacts::default(), TICKET, &AgentId::new("anna")), expected, "{clues:?}");
        assert_eq!(reader(&clues, &ThreadFacts::default(), TICKET, &AgentId::new("jan")), None);
    }

    #[test]
    fn the_mail_that_is_answered_and_the_address_say_who_reads_a_reply_and_must_agree() {
        let (customer, note, nobody) = (Some(Reader::Customer), Some(Reader::Note), Some(Reader::Nobody));
        for one in [customer, note, nobody] {
            check(&[one], &[one], one);
            check(&[one], &[], one);
            check(&[], &[one], one);
            check(&[None], &[one], one);
            check(&[one], &[None], one);
        }
        for (one, other) in [(customer, note), (note, customer), (customer, nobody), (nobody, note)] {
            check(&[one], &[other], None);
            check(&[one, other], &[], None);
            check(&[], &[one, other], None);
        }
        check(&[], &[], None);
        check(&[None], &[None], None);
    }
}

//! Keeps what colleagues told each other from reaching a customer: an answer that carries words of an internal note is held.
//!
//! Never looks at who quoted or how: only at the words, so that it also finds what a program quoted without any mark.

use std::collections::HashSet;

use crate::model::fold::fold;
use crate::model::text::clean_line;

/// Consecutive words that an answer and a note have in common only if one was copied from the other.
const RUN: usize = 8;
/// Characters of the words that are shown to the agent.
const MAX_SHOWN: usize = 100;

/// The words of one of `notes` that `text` carries, when there are [`RUN`] consecutive ones. Words that stand in the customer's
/// own mail are his already, also when a note quotes them.
pub(super) fn carried(text: &str, notes: &[String], customer: &str) -> Option<String> {
    let (text, customer) = (words(text), words(customer));
    let notes: Vec<Vec<String>> = notes.iter().map(|note| words(note)).collect();
    let internal: HashSet<&[String]> = notes.iter().flat_map(|note| note.windows(RUN)).collect();
    let known: HashSet<&[String]> = customer.windows(RUN).collect();
    let found = text.windows(RUN).find(|run| internal.contains(run) && !known.contains(run))?;
    Some(clean_line(&found.join(" "), MAX_SHOWN))
}

/// The words of a text, without regard to case, accents, punctuation, quote marks and line breaks.
fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "Careful, this customer never paid the last two invoices and shouts at everybody.";

    fn check(text: &str, customer: &str, held: bool) {
        assert_eq!(carried(text, &[NOTE.to_owned()], customer).is_some(), held, "{text}");
    }

    #[test]
    fn eight_words_of_a_note_hold_the_answer_however_they_are_wrapped_or_quoted() {
        check("Hello!\n> this customer never paid\n> the last two INVOICES, and", "", true);
        check("Hello | this customer néver paid: the last\ntwo (invoices)", "", true);
        check("Hello, this customer never paid the last two", "", false);
        check("We never paid the last two invoices and nobody shouts.", "", false);
    }

    #[test]
    fn the_customers_own_words_may_go_back_to_him() {
        let mail = "Somebody wrote: this customer never paid the last two invoices and shouts. Why?";
        check("You ask about: customer never paid the last two invoices and", mail, false);
    }

    #[test]
    fn the_agent_is_told_which_words() {
        let why = carried("x customer never paid the last two invoices and", &[NOTE.to_owned()], "").unwrap();
        assert_eq!(why, "customer never paid the last two invoices and");
    }
}

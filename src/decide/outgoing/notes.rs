//! Keeps what colleagues told each other from reaching a customer: an answer that carries words of an internal note is held.
//!
//! Never looks at who quoted or how: only at the words, so that it also finds what a program quoted without any mark.

use std::collections::HashSet;

use crate::model::fold::fold;
use crate::model::mail::Attachment;
use crate::model::text::clean_line;

/// Consecutive words that an answer and a note have in common only if one was copied from the other.
const RUN: usize = 8;
/// Characters of the words that are shown to the agent.
const MAX_SHOWN: usize = 100;
/// Bytes of a file of text that are read.
const MAX_READ: usize = 256 * 1024;

/// The words of one of `notes` that `text` carries, when there are [`RUN`] consecutive ones. Words that stand in the customer's
/// own mail are theirs already, also when a note quotes them.
pub(in crate::decide) fn carried(text: &str, notes: &[String], customer: &str) -> Option<String> {
    let (text, customer) = (words(text), words(customer));
    let notes: Vec<Vec<String>> = notes.iter().map(|note| words(note)).collect();
    let internal: HashSet<&[String]> = notes.iter().flat_map(|note| note.windows(RUN)).collect();
    let known: HashSet<&[String]> = customer.windows(RUN).collect();
    let found = text.windows(RUN).find(|run| internal.contains(run) && !known.contains(run))?;
    Some(clean_line(&found.join(" "), MAX_SHOWN))
}

/// As [`carried`], in the names of an answer's files, and in those files that are text.
pub(in crate::decide) fn carried_in_files(files: &[Attachment], notes: &[String], customer: &str) -> Option<String> {
    if notes.is_empty() {
        return None;
    }
    files.iter().find_map(|file| {
        let read = file.content.get(..MAX_READ).unwrap_or(&file.content);
        let is_text = ["text/", "message/"].iter().any(|kind| file.media_type.starts_with(kind));
        let text = if is_text { String::from_utf8_lossy(read) } else { String::new().into() };
        carried(&file.name, notes, customer).or_else(|| carried(&text, notes, customer))
    })
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
    fn a_note_is_found_in_the_name_of_a_file_and_in_a_file_of_text() {
        let file = |name: &str, media_type: &str, content: &str| Attachment {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            inline: false,
            content_id: None,
            content: content.as_bytes().to_vec(),
        };
        let held = |file: Attachment| carried_in_files(&[file], &[NOTE.to_owned()], "").is_some();
        assert!(held(file("customer_never_paid_the_last_two_invoices_and.pdf", "application/pdf", "")));
        assert!(held(file("a.txt", "text/plain", "this customer never paid\r\nthe last two invoices")));
        assert!(!held(file("invoice.pdf", "application/pdf", "")));
        assert!(!held(file("a.txt", "text/plain", "We never paid the last two invoices.")));
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

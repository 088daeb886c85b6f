//! Our own words inside a customer's mail: quoted without any mark, they are known from what we wrote on the ticket.
//!
//! Shortens only what is shown to agents; the whole text stays on the ticket. What the customer wrote is never cut: a run of
//! words counts as ours only when it is too long to be written twice by chance.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// Words in a row that nobody writes a second time by chance.
const RUN: usize = 12;
/// Words of the mail that are compared.
const MAX_WORDS: usize = 50_000;
/// Stands where our words were.
const CUT: &str = "[…]";

/// `words` without runs of what we sent before; as it is when nothing else would be left.
pub(in crate::decide) fn without<'w>(words: &'w str, sent: &[String]) -> Cow<'w, str> {
    let ours: Vec<Vec<&str>> =
        sent.iter().map(|text| tokens(text).into_iter().map(|(word, _)| word).collect()).collect();
    let runs: HashSet<&[&str]> = ours.iter().flat_map(|words| words.windows(RUN)).collect();
    if runs.is_empty() {
        return Cow::Borrowed(words);
    }
    let tokens = tokens(words);
    let theirs: Vec<&str> = tokens.iter().map(|(word, _)| *word).collect();
    let mut cut: Vec<Range<usize>> = Vec::new();
    for (index, _) in theirs.windows(RUN).enumerate().filter(|(_, run)| runs.contains(run)) {
        let (Some((_, first)), Some((_, last))) = (tokens.get(index), tokens.get(index + RUN - 1)) else { continue };
        match cut.last_mut() {
            Some(before) if first.start <= before.end => before.end = last.end,
            Some(_) | None => cut.push(first.start..last.end),
        }
    }
    if cut.is_empty() {
        return Cow::Borrowed(words);
    }
    let mut kept = String::with_capacity(words.len());
    let mut from = 0;
    for range in cut {
        kept.push_str(words.get(from..range.start).unwrap_or_default().trim_end_matches(['>', ' ', '\t']));
        kept.push_str(CUT);
        from = range.end;
    }
    kept.push_str(words.get(from..).unwrap_or_default());
    let left = kept.replace(CUT, "");
    if left.chars().any(char::is_alphanumeric) { Cow::Owned(kept.trim().to_owned()) } else { Cow::Borrowed(words) }
}

/// The words of a text with where they stand; marks of a quote are none.
fn tokens(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut tokens = Vec::new();
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (index, c) in ends {
        match (c.is_whitespace(), start) {
            (false, None) => start = Some(index),
            (true, Some(from)) => {
                start = None;
                let word = text.get(from..index).unwrap_or_default();
                if !word.trim_matches('>').is_empty() && tokens.len() < MAX_WORDS {
                    tokens.push((word, from..index));
                }
            }
            (true, None) | (false, Some(_)) => {}
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "Dear Ewa, please send the lamp back to us in its box. The label is attached to this mail; it costs you nothing.";

    fn check(words: &str, kept: &str) {
        assert_eq!(without(words, &[OURS.to_owned()]), kept, "{words}");
    }

    #[test]
    fn our_own_words_are_cut_however_they_are_wrapped() {
        check(
            "I did so yesterday.\n\nDear Ewa, please send the lamp back\nto us in its box. The label is attached\nto this mail; it costs you nothing.",
            "I did so yesterday.\n\n[…]",
        );
        check(
            "> Dear Ewa, please send the lamp back to us in its box. The\n> label is attached to this mail; it costs you nothing.\nDone!",
            "[…]\nDone!",
        );
    }

    #[test]
    fn the_customers_words_between_ours_stay() {
        check(
            "Dear Ewa, please send the lamp back to us in its box.\nWhich box?\nThe label is attached to this mail; it costs you nothing.",
            "[…]\nWhich box?\nThe label is attached to this mail; it costs you nothing.",
        );
    }

    #[test]
    fn a_few_words_of_ours_are_the_customers_too() {
        for text in ["You wrote: please send the lamp back to us in its box. Which box?", "", "Thanks"] {
            check(text, text);
        }
    }

    #[test]
    fn a_mail_of_nothing_but_our_words_is_shown_whole() {
        check(OURS, OURS);
        assert_eq!(without("anything", &[]), "anything");
    }
}

//! What stands below a customer's words: the signature, and what the mail quotes or passes on. Agents are shown what they have
//! not read yet: all of it with a first mail, later whatever no mail on the ticket says.
//!
//! Never part of what goes to customers.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::decide::case::Traces;
use crate::decide::outgoing::leaks::MARKER;
use crate::model::mail::ParsedMail;

/// Characters that are shown.
const MAX_SHOWN: usize = 20_000;
/// Words in a row by which a text is known again, however its lines were wrapped.
const RUN: usize = 4;
/// Of ten words of a line, those that have to be known for the line to be; every number has to.
const KNOWN_OF_TEN: usize = 8;
/// Words of a text that are compared.
const MAX_WORDS: usize = 100_000;
/// Lines above a quoted mail of ours that introduce it.
const MAX_INTRODUCTION: usize = 8;
/// Stands where a text goes on.
const MORE: &str = "[…]";

/// All that stands below the words of a mail; empty when these are the whole of it.
pub fn whole(mail: &ParsedMail, traces: Traces) -> String {
    if mail.reply.trim().is_empty() {
        return String::new();
    }
    shown(&mail.signature, &mail.quoted, traces)
}

/// Whether anything stands there.
pub fn is_anything(mail: &ParsedMail) -> bool {
    let filled = |text: &str| text.contains(char::is_alphanumeric);
    !mail.reply.trim().is_empty() && (filled(&mail.signature) || filled(&mail.quoted))
}

/// What none of `known` says of what stands below the words of a mail. `quoted` is what it quotes without the lines by which
/// programs introduce a quote; these are shown with it when most of it is unknown.
pub fn unseen(mail: &ParsedMail, quoted: &str, known: &[String], traces: Traces) -> String {
    let known = Known::of(known);
    let signature = known.left_of(&mail.signature);
    let left = known.left_of(quoted);
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let most = letters(&left) * 2 > letters(quoted);
    shown(&signature, if most { &mail.quoted } else { &left }, traces)
}

fn shown(signature: &str, quoted: &str, traces: Traces) -> String {
    let quoted = if traces == Traces::Key { not_ours(quoted) } else { quoted };
    let pieces = [signature, quoted].map(|text| text.trim_matches('\n').trim_end());
    let filled = pieces.into_iter().filter(|text| text.contains(char::is_alphanumeric));
    let mut text = filled.collect::<Vec<_>>().join("\n\n");
    if let Some((end, _)) = text.char_indices().nth(MAX_SHOWN) {
        text.truncate(end);
        text.push('\n');
        text.push_str(MORE);
    }
    text
}

/// What a mail quotes above one of ours to an agent, whose text may be for others than the readers; nothing when that is little
/// more than its introduction.
fn not_ours(quoted: &str) -> &str {
    let mut at = 0;
    for (index, line) in quoted.split_inclusive('\n').enumerate() {
        if line.trim_start_matches(['>', '|', ' ', '\t', '\u{a0}']).starts_with(MARKER) {
            return if index <= MAX_INTRODUCTION { "" } else { quoted.get(..at).unwrap_or_default() };
        }
        at += line.len();
    }
    quoted
}

/// Texts by which others are known again.
struct Known {
    runs: HashSet<u64>,
    lines: HashSet<u64>,
}

impl Known {
    fn of(texts: &[String]) -> Self {
        let mut known = Self { runs: HashSet::new(), lines: HashSet::new() };
        for text in texts {
            let mut all = Vec::new();
            for line in text.lines() {
                let words = words(line);
                known.lines.insert(hash(&words));
                all.extend(words.into_iter().take(MAX_WORDS.saturating_sub(all.len())));
            }
            known.runs.extend(all.windows(RUN).map(hash));
        }
        known
    }

    /// The lines of `text` that are not known.
    fn left_of(&self, text: &str) -> String {
        let lines: Vec<(&str, Vec<String>)> = text.lines().map(|line| (line, words(line))).collect();
        let all: Vec<String> = lines.iter().flat_map(|(_, words)| words.clone()).take(MAX_WORDS).collect();
        let mut covered = vec![false; all.len()];
        for (at, run) in all.windows(RUN).enumerate() {
            if self.runs.contains(&hash(run)) {
                covered.iter_mut().skip(at).take(RUN).for_each(|word| *word = true);
            }
        }
        let mut left = String::new();
        let mut covered = covered.into_iter();
        for (line, words) in &lines {
            let (mut count, mut numbers) = (0, true);
            for (word, known) in words.iter().zip(covered.by_ref()) {
                count += usize::from(known);
                numbers &= known || !word.contains(|c: char| c.is_numeric());
            }
            let most = numbers && count * 10 >= words.len() * KNOWN_OF_TEN;
            let known = most || self.lines.contains(&hash(words));
            if !known {
                left.push_str(line);
                left.push('\n');
            } else if words.is_empty() && !left.is_empty() && !left.ends_with("\n\n") {
                left.push('\n');
            }
        }
        left.trim_end().to_owned()
    }
}

/// The words of a line in small letters, without marks.
fn words(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn hash(words: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(signature: &str, quoted: &str) -> ParsedMail {
        ParsedMail {
            reply: "Words.".to_owned(),
            signature: signature.to_owned(),
            quoted: quoted.to_owned(),
            ..ParsedMail::default()
        }
    }

    #[test]
    fn what_stands_on_the_ticket_is_not_shown_again_however_it_is_wrapped() {
        let known = [
            "Dear Ewa,\n\nplease send the lamp back to us in its box.\nYes.".to_owned(),
            "Hi\n-- \nEwa\n600 100 200".to_owned(),
        ];
        let quoted = "> Dear Ewa,\n>\n> please send the lamp\n> back to us in its\n> box.\n> Yes.";
        assert_eq!(unseen(&mail("Ewa\n600 100 200", quoted), quoted, &known, Traces::None), "");
        assert_eq!(unseen(&mail("Ewa\n600 100 201", quoted), quoted, &known, Traces::None), "600 100 201");
        let known = ["-- \nEwa\ntel. +48 600 100 200".to_owned()];
        assert_eq!(unseen(&mail("Ewa\ntel. +48 600 100 300", ""), "", &known, Traces::None), "tel. +48 600 100 300");
    }

    #[test]
    fn words_between_known_lines_and_mails_that_nobody_has_read_are_shown() {
        let known = ["Which size do you need?\nWhere shall we send the parcel?".to_owned()];
        let quoted = "Which size do you need?\nSize 42.\nWhere shall we send the parcel?\nTo my office.";
        let below = unseen(&mail("", quoted), quoted, &known, Traces::None);
        assert_eq!(below, "Size 42.\nTo my office.");
        let forward = mail("", "From: Courier\n\nYour parcel 99 was damaged.");
        assert_eq!(unseen(&forward, "Your parcel 99 was damaged.", &known, Traces::None), forward.quoted);
    }

    #[test]
    fn a_mail_of_ours_to_an_agent_is_shown_to_nobody_again() {
        let ours = "> ##- Reply above this line -##\n> a note";
        let quoted = format!("On Monday Anna wrote:\n{ours}");
        assert_eq!(whole(&mail("Ewa", &quoted), Traces::Key), "Ewa");
        assert_eq!(
            whole(&mail("Ewa", &quoted), Traces::None),
            format!("Ewa\n\n{quoted}"),
            "a line that anybody writes"
        );
        let old = "older words\n".repeat(20);
        assert_eq!(whole(&mail("", &format!("{old}{ours}")), Traces::Key), old.trim_end());
    }

    #[test]
    fn with_a_first_mail_all_of_it_is_shown_up_to_a_limit() {
        assert_eq!(whole(&mail("Ewa", "> old"), Traces::None), "Ewa\n\n> old");
        assert_eq!(whole(&mail("", "--"), Traces::None), "");
        assert!(whole(&ParsedMail { quoted: "> old".to_owned(), ..ParsedMail::default() }, Traces::None).is_empty());
        let long = whole(&mail("", &"word ".repeat(10_000)), Traces::None);
        assert!(long.chars().count() < MAX_SHOWN + 10 && long.ends_with(MORE));
    }
}

//! Separator lines that stand for themselves: "-----Original Message-----", "---------- Forwarded message ---------".
//!
//! Only recognises; what to cut is decided in `reply`.

use std::sync::LazyLock;

use crate::parse::phrase_set::{Stems, Words, fold};
use crate::parse::phrases::{BEGIN, BEGINS, FORWARDED, MESSAGE, ORIGINAL};

/// Words between rules, or in front of a colon.
const MAX_WORDS: usize = 6;

static FORWARDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&FORWARDED));
static BEGINNING: LazyLock<Stems> = LazyLock::new(|| Stems::new(&BEGIN));
static ENDING: LazyLock<Stems> = LazyLock::new(|| Stems::new(&BEGINS));
static ORIGINALS: LazyLock<Words> = LazyLock::new(|| Words::new(&ORIGINAL));
static MESSAGES: LazyLock<Words> = LazyLock::new(|| Words::new(&MESSAGE));

/// What a separator line announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The mail that is answered.
    Original,
    /// A mail that is passed on.
    Forward,
}

/// What a separator line such as `-----Original Message-----` announces.
pub fn mark(line: &str) -> Option<Mark> {
    let line = line.trim();
    if line.is_empty() || line.len() > 200 {
        return None;
    }
    let inner =
        line.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | '—' | '–' | '‐' | ' ' | '\u{a0}' | '#'));
    // Almost no line has to be read in lower case.
    let processed = ["rocessed ", "ROCESSED "].iter().any(|word| inner.contains(word));
    if processed && let Some((words, program)) = inner.to_lowercase().split_once(" processed by ") {
        // Tobit's david draws no rule.
        let known = program.starts_with("david") || program.starts_with("tobit");
        return (known && is_original(&fold(words))).then_some(Mark::Original);
    }
    let ruled = line.starts_with("--")
        || line.starts_with("‐‐")
        || line.starts_with("__")
        || line.starts_with("==")
        || line.starts_with('—')
        || line.starts_with("*-");
    if !ruled && !inner.ends_with([':', '：']) {
        return None;
    }
    let folded = fold(inner);
    let introduces = folded.ends_with(':');
    let words = folded.trim_end_matches([':', ' ']);
    let count = words.split_whitespace().count();
    if count > MAX_WORDS {
        return None;
    }
    if FORWARDS.stand_in(words) {
        // "Forwarded message:" and Apple's "Begin forwarded message:" stand without a rule.
        let begins = BEGINNING.begin(words) || ENDING.stand_in(words);
        let alone = count <= 3 && MESSAGES.stand_in(words);
        return (ruled || (introduces && (begins || alone))).then_some(Mark::Forward);
    }
    (ruled && (ORIGINALS.are(words) || (is_closed(line) || is_known(words)) && is_original(words)))
        .then_some(Mark::Original)
}

/// `--- Message ---`: a heading as people draw them as well, and a mark above headers.
pub fn is_lone_message_word(line: &str) -> bool {
    let line = line.trim();
    let word = fold(line.trim_matches(['-', ' ']));
    is_closed(line) && !word.contains(' ') && MESSAGES.are(&word)
}

/// Whether a line begins and ends with a rule of dashes.
fn is_closed(line: &str) -> bool {
    line.starts_with("---") && line.ends_with("---")
}

/// `original message`: with the word for it in front or behind, as programs write it above a mail whatever the rule.
fn is_known(words: &str) -> bool {
    words.contains("original")
        || words
            .split(' ')
            .any(|word| ["исходное", "oorspronkelijk", "eredeti", "urspr"].iter().any(|stem| word.starts_with(stem)))
}

/// `Antwort Nachricht`: a few words, one of which means a message.
fn is_original(words: &str) -> bool {
    let count = words.split_whitespace().count();
    let one = |word: &str| word.len() > 12 && MESSAGES.are(word) || word.contains(|c: char| c > '\u{2e80}');
    (2..=3).contains(&count) && MESSAGES.stand_in(words) || (count == 1 && one(words) && MESSAGES.stand_in(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_known() {
        for (line, want) in [
            ("-----Original Message-----", Some(Mark::Original)),
            ("-------- Исходное сообщение --------", Some(Mark::Original)),
            ("---------- Forwarded message ---------", Some(Mark::Forward)),
            ("Begin forwarded message:", Some(Mark::Forward)),
            ("original message", None),
            ("-----", None),
        ] {
            assert_eq!(mark(line), want, "{line}");
        }
    }
}

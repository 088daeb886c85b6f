//! Separator lines that stand for themselves: "-----Original Message-----", "---------- Forwarded message ---------".
//!
//! Only recognises; what to cut is decided in `reply`.

use crate::parse::phrases_marks::{FORWARD_MARKS, MESSAGE_WORDS, ORIGINAL_MARKS};

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
        let known =
            ORIGINAL_MARKS.contains(&words.trim()) && (program.starts_with("david") || program.starts_with("tobit"));
        return known.then_some(Mark::Original);
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
    // The dot that lower case leaves above the i of `İleti`.
    let lower = inner.to_lowercase().replace('\u{307}', "");
    let words = lower.trim_end_matches([':', '：', ' ', '\u{a0}']);
    if FORWARD_MARKS.contains(&words) && (ruled || lower.ends_with([':', '：'])) {
        return Some(Mark::Forward);
    }
    (ruled && (ORIGINAL_MARKS.contains(&words) || is_message_word(line, words))).then_some(Mark::Original)
}

/// `--- Message ---`: a heading as people draw them as well, and a mark above headers.
pub fn is_lone_message_word(line: &str) -> bool {
    let line = line.trim();
    let word = line.trim_matches(['-', ' ']).to_lowercase();
    line.starts_with("---") && line.ends_with("---") && MESSAGE_WORDS.contains(&word.as_str())
}

/// `-----Antwort Nachricht-----`: a few words between rules, one of which means a message.
fn is_message_word(line: &str, words: &str) -> bool {
    let between = line.starts_with("---") && line.ends_with("---");
    let count = words.split_whitespace().count();
    between && (2..=3).contains(&count) && words.split_whitespace().any(|word| MESSAGE_WORDS.contains(&word))
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

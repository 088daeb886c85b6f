//! How much of a text is taken apart: whatever a mail consists of, reading it has an end.
//!
//! A line that may introduce a quote costs as much as many others. A mail that people write stays far below the budget; of
//! one that does not, the lines above are taken apart as always, and what stands below is kept as words.

use crate::parse::quotes::attribution;

/// What taking one text apart may cost, in plain lines.
const BUDGET: usize = 60_000;
/// What a line costs that may introduce a quote or end an introduction.
const CANDIDATE: usize = 12;
/// Bytes of a line that cost as much as a plain line.
const LONG: usize = 80;
/// Bytes in which the colon of a header stands, and with it what marks a rule.
const MAX_LABEL: usize = 48;

/// Parts `text` in what is taken apart and the rest, which mostly is empty.
pub fn affordable(text: &str) -> (&str, &str) {
    // Most texts could hold nothing but the dearest lines.
    if text.len() < BUDGET / (CANDIDATE + 1) {
        return (text, "");
    }
    let (mut cost, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        cost += 1 + line.len() / LONG + if is_candidate(line) { CANDIDATE } else { 0 };
        if cost > BUDGET {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
        at += line.len();
    }
    (text, "")
}

/// Whether a line may begin or end what introduces a quote.
fn is_candidate(line: &str) -> bool {
    let start = line.as_bytes();
    let start = start.get(..MAX_LABEL).unwrap_or(start);
    start.contains(&b':') || start.starts_with(b"--") || start.starts_with(b"__") || attribution::may_end(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_taken_apart_as_a_whole() {
        let letter = "Dear all,\nplease see the list below:\n- a lamp\n\n> old words\n".repeat(3_000);
        assert_eq!(affordable(&letter), (letter.as_str(), ""));
        assert_eq!(affordable(""), ("", ""));
    }

    #[test]
    fn a_text_of_nothing_but_beginnings_is_cut_between_lines() {
        for piece in ["1:\n", "a\n", "a@b.example wrote:\n", &"x".repeat(10_000)] {
            let text = piece.repeat(2_000_000 / piece.len());
            let (head, rest) = affordable(&text);
            let whole = head.len() + rest.len() == text.len();
            assert!(whole && (rest.is_empty() || head.ends_with('\n')), "{}", head.len());
            assert_eq!(rest.is_empty(), piece.len() > 100, "{}", head.len());
        }
    }
}

//! Which lines of an agent's mail are commands, whatever his program put around them: bold print, the mark of a list, a link.
//!
//! Never takes a line for a command that is quoted: `>` is no decoration.

use crate::model::text::is_invisible;

/// What the keyboards of some phones write for `#`.
pub(super) const HASH_OF_PHONES: char = '\u{ff03}';
/// Bold and italic print, as programs write it into plain text.
const EMPHASIS: [char; 3] = ['*', '_', '~'];
/// What else stands around a command that was formatted: marks of lists, quotation marks, an escape.
const MARKS: &str = "*_~-–—•·◦▪‣●+`'\"“”„«»\\";
/// Digits of the number that a list puts before a line.
const MAX_LIST_DIGITS: usize = 2;
/// The commands that are none of a customer's business, whatever follows them: a line that begins with one is no prose.
const NEVER_PROSE: &[&str] = &["note", "assign", "move", "priority", "merge", "unmerge", "tag"];

/// Words that the interface knows.
pub(super) const WORDS: &[&str] = &[
    "take", "assign", "release", "move", "note", "resolve", "close", "open", "wait", "priority", "tag", "send",
    "cancel", "status", "help", "fwd", "merge", "unmerge", "next", "away", "back", "split", "spam", "accept", "return",
    "to",
];

/// What stands behind the `#` of a command line; `None` when `line` is none. Behind decoration only a word that is known
/// makes one: `- #1 is the lamp` is a list.
pub(super) fn behind_hash(line: &str) -> Option<&str> {
    let line = line.trim_matches(blank);
    if let Some(words) = line.strip_prefix(['#', HASH_OF_PHONES]) {
        return Some(words.trim_matches(blank));
    }
    let decorated = |c: char| blank(c) || MARKS.contains(c);
    let bare = without_number(line).trim_start_matches(decorated).strip_prefix(['#', HASH_OF_PHONES])?;
    let bare = bare.trim_matches(decorated);
    WORDS.contains(&first_word(bare).0.as_str()).then_some(bare)
}

/// The word of a command in small letters, without bold print, and its argument.
pub(super) fn first_word(words: &str) -> (String, &str) {
    let (word, argument) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    (word.trim_matches(EMPHASIS).to_lowercase(), argument.trim_matches(blank))
}

/// Whether a line that begins with this word cannot be meant for a customer.
pub(super) fn is_never_prose(words: &str) -> bool {
    NEVER_PROSE.contains(&first_word(words).0.as_str())
}

/// What a command names, without what programs put around it: a link behind an address, quotation marks, doubled blanks.
pub(super) fn named(argument: &str) -> String {
    let plain = argument.split('<').next().map(str::trim).filter(|plain| !plain.is_empty()).unwrap_or(argument);
    let plain = plain.trim_matches(|c: char| "*_'\"“”„«»<>@,;.".contains(c));
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Blanks, and what programs write that nobody sees: marks of direction, soft hyphens, the place of a picture.
pub(super) fn blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || c == '\u{fffc}'
}

/// `line` without the number of an ordered list.
fn without_number(line: &str) -> &str {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=MAX_LIST_DIGITS).contains(&digits) {
        return line;
    }
    line.get(digits..).and_then(|rest| rest.strip_prefix(['.', ')'])).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_known_under_bold_print_marks_of_lists_and_what_phones_write() {
        for line in
            ["#note", " ＃note", "*#note*", "**#note**", "_#Note_", "- #note", "\u{2022} #note", "1. #note", "“#note”"]
        {
            let words = behind_hash(line).map(|words| first_word(words).0);
            assert_eq!(words.as_deref(), Some("note"), "{line}");
        }
        assert_eq!(behind_hash("*#move* billing").map(first_word), Some(("move".to_owned(), "billing")));
        assert_eq!(behind_hash("#*move* billing").map(first_word), Some(("move".to_owned(), "billing")));
    }

    #[test]
    fn lists_and_quotes_without_a_command_are_text() {
        for line in ["- #1 is the lamp", "* #lamp", "> #close", "1234. #close", "Order #close", "", "-", "100 #close"] {
            assert_eq!(behind_hash(line), None, "{line}");
        }
    }

    #[test]
    fn what_a_command_names_is_read_without_links_and_marks() {
        for argument in ["jan@x.example <mailto:jan@x.example>", "<jan@x.example>", "\u{201c}Jan@x.example\u{201d}"] {
            assert_eq!(named(argument), "jan@x.example", "{argument}");
        }
        assert_eq!(named("@jan"), "jan");
        assert_eq!(named("Jan   Kos,"), "jan kos");
    }
}

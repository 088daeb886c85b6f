//! Which lines of an agent's mail are commands, whatever their program put around them: bold print, the mark of a list, a link.
//!
//! Never takes a line for a command that is quoted: `>` is no decoration.

use crate::model::command_words::english;
use crate::model::fold::fold;
use crate::model::text::is_invisible;

/// What some keyboards write for `#`: those of phones, and Russian ones.
pub(super) const OTHER_HASHES: [char; 2] = ['\u{ff03}', NUMERO];
/// Also what Russian prose puts before a number.
const NUMERO: char = '№';
/// Bold and italic print, as programs write it into plain text.
const EMPHASIS: [char; 3] = ['*', '_', '~'];
/// What else stands around a command that was formatted: marks of lists, quotation marks, an escape.
const MARKS: &str = "*_~-–—•·◦▪‣●+`'\"“”„«»\\";
/// Digits of the number that a list puts before a line.
const MAX_LIST_DIGITS: usize = 2;
/// How people say that words are no customer's, without a command.
const INTERNAL: &[&str] =
    &["internal", "internal note", "wewnętrzne", "notatka wewnętrzna", "внутреннее", "внутренняя заметка"];

/// What stands behind the `#` of a command line; `None` when `line` is none. Behind decoration only a word that is known
/// makes one: `- #1 is the lamp` is a list.
pub(super) fn behind_hash(line: &str) -> Option<&str> {
    let line = line.trim_matches(blank);
    let known = |words: &str| english(&first_word(words).0).is_some();
    if let Some(words) = line.strip_prefix(['#', '\u{ff03}']) {
        return Some(words.trim_matches(blank));
    }
    if let Some(words) = line.strip_prefix(NUMERO) {
        // `№ 4711` is a number, `№notw` a slip.
        let glued = words.starts_with(char::is_alphabetic);
        return Some(words.trim_matches(blank)).filter(|words| glued || known(words));
    }
    let decorated = |c: char| blank(c) || MARKS.contains(c);
    let bare = without_number(line).trim_start_matches(decorated).strip_prefix(['#', '\u{ff03}', NUMERO])?;
    let bare = bare.trim_matches(decorated);
    known(bare).then_some(bare)
}

/// The word of a command in small letters, without bold print, in English if it is known, and its argument.
pub(super) fn first_word(words: &str) -> (String, &str) {
    let (word, argument) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let word = word.trim_matches(EMPHASIS);
    // `#note: words` and `#take,` are meant, whatever a hand adds to them.
    let word = word.trim_end_matches([':', '：', ',']).trim_matches(EMPHASIS);
    let word = english(word).map_or_else(|| word.to_lowercase(), str::to_owned);
    (word, argument.trim_matches(blank))
}

/// What a first line probably means that looks like a command without `#`: `@note …`, `/take`, `!close`, or the word alone.
pub(in crate::decide) fn looks_like_command(line: &str) -> Option<&'static str> {
    let line = line.trim_matches(|c: char| blank(c) || MARKS.contains(c));
    if let Some(words) = line.strip_prefix(['@', '/', '!', '＠', '／', '！']) {
        let word = words.trim_start_matches(blank).split(|c: char| !c.is_alphanumeric()).next()?;
        return english(word);
    }
    // What a note says must reach no customer, also when it stands in the same line.
    let label = line
        .split_once([':', '：', '–', '—'])
        .or_else(|| line.split_once(" - "))
        .and_then(|(word, _)| label_of(word.trim_matches(|c: char| blank(c) || MARKS.contains(c))));
    if let Some(note) = label.filter(|meant| *meant == "note") {
        return Some(note);
    }
    let alone = line.trim_matches(|c: char| "[](){}<>".contains(c)).trim_end_matches([':', '.', '：', '!']);
    english(alone.trim_matches(|c: char| blank(c) || MARKS.contains(c)))
}

/// What stands before words that are for colleagues: the word of a command, or that they are internal.
fn label_of(word: &str) -> Option<&'static str> {
    let folded = fold(word);
    INTERNAL.iter().any(|internal| fold(internal) == folded).then_some("note").or_else(|| english(word))
}

/// What a command names, without what programs put around it: a link behind an address, quotation marks, doubled blanks.
pub(super) fn named(argument: &str) -> String {
    let plain = argument.split('<').next().map(str::trim).filter(|plain| !plain.is_empty()).unwrap_or(argument);
    let plain = plain.trim_matches(|c: char| "*_'\"“”„«»<>@,;.".contains(c));
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Blanks, and what programs write that nobody sees: marks of direction, soft hyphens, the place of a picture.
pub(in crate::decide) fn blank(c: char) -> bool {
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
        for line in [
            "#note",
            " ＃note",
            "№note",
            "№ Notatka",
            "№ заметка: она злая",
            "#note: she is angry",
            "#ЗАМЕТКА",
            "*№tala*",
            "*#note*",
            "**#note**",
            "_#Note_",
            "- #note",
            "\u{2022} #note",
            "1. #note",
            "“#note”",
        ] {
            let words = behind_hash(line).map(|words| first_word(words).0);
            assert_eq!(words.as_deref(), Some("note"), "{line}");
        }
        assert_eq!(behind_hash("*#move* billing").map(first_word), Some(("move".to_owned(), "billing")));
        assert_eq!(behind_hash("#*move* billing").map(first_word), Some(("move".to_owned(), "billing")));
    }

    #[test]
    fn lists_and_quotes_without_a_command_are_text() {
        for line in [
            "№ 4711 ещё не пришёл",
            "№4711",
            "№ заказа",
            "- #1 is the lamp",
            "* #lamp",
            "> #close",
            "1234. #close",
            "Order #close",
            "",
            "-",
            "100 #close",
        ] {
            assert_eq!(behind_hash(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_that_only_lacks_its_hash_looks_like_a_command_and_a_sentence_does_not() {
        for line in [
            "@note he is rude",
            "/note",
            "!Note",
            "Note:",
            "notatka:",
            "**Заметка.**",
            "[note]",
            " tala ",
            "/ note",
            "Note: keep the receipt",
            "NOTE - she is angry",
            "Notatka – jest zła",
            "Internal: she is angry",
            "**Notatka:** nie płaci",
        ] {
            assert_eq!(looks_like_command(line), Some("note"), "{line}");
        }
        for line in [
            "Open: the box",
            "Open - the box",
            "Note that",
            "Open?",
            "@support",
            "/home/anna",
            "Thanks,",
            "",
            "@",
            "Note,",
        ] {
            assert_eq!(looks_like_command(line), None, "{line}");
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

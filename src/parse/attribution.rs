//! Lines that introduce a quoted mail: "On … wrote:", "-----Original Message-----", a block of From/Sent/To/Subject.
//!
//! Only recognises; what to cut is decided in `reply`.

use super::clause;
use super::phrases::{OPENERS, OWN_VERBS, SENDER_WORDS, TO_ME, VERBS};
use super::phrases_labels::{DATE_LABELS, FROM_LABELS, SUBJECT_LABELS, TO_LABELS};
use super::phrases_marks::{FORWARD_MARKS, MESSAGE_WORDS, ORIGINAL_MARKS};

/// Lines that one attribution may take.
const MAX_LINES: usize = 6;
/// Characters that one attribution may have.
const MAX_CHARACTERS: usize = 500;
/// Lines looked through for the labels of a header block.
const HEADER_LINES: usize = 9;

/// How sure an attribution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It needs quoted lines after it.
    Weak,
    /// A date and a verb, but nobody's address: enough in a mail that answers another.
    Fair,
    /// It stands for itself: a date, a person's address, a verb or a program's form.
    Strong,
}

/// What a separator line announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The mail that is answered.
    Original,
    /// A mail that is passed on.
    Forward,
}

/// The number of lines of the attribution that starts at the first of `lines`.
pub fn attribution(lines: &[&str]) -> Option<(usize, Certainty)> {
    let first = lines.first()?.trim();
    if first.is_empty() || first.starts_with('>') {
        return None;
    }
    // Almost no line of a letter gets past this.
    let end = lines.iter().take(MAX_LINES).position(|line| may_end(line))?;
    if end > 0 && !may_begin(first) {
        return None;
    }
    let mut joined = String::new();
    // What would do, should the verb not follow on the next line.
    let mut fallback = None;
    for (index, line) in lines.iter().take(MAX_LINES).enumerate() {
        let line = line.trim();
        if index > 0 && !may_continue(&joined, first, line) {
            break;
        }
        if index > 0 {
            joined.push(' ');
        }
        joined.push_str(line);
        if joined.chars().count() > MAX_CHARACTERS {
            break;
        }
        if index < end {
            continue;
        }
        match judge(&joined) {
            Some(Certainty::Weak) if !line.ends_with([':', '：']) => {
                fallback = fallback.or(Some((index + 1, Certainty::Weak)));
            }
            Some(certainty) => return Some((index + 1, certainty)),
            None => {}
        }
    }
    fallback
}

/// Whether a line may be the last of an attribution.
fn may_end(line: &str) -> bool {
    line.trim_end_matches(['*', '_', ' ', '-', '\u{a0}', '\t']).ends_with([':', '：', '>'])
        || line.trim_end().ends_with("---")
}

/// Whether `line` may go on an attribution that began with `first`.
fn may_continue(joined: &str, first: &str, line: &str) -> bool {
    // An address broken at its bracket: `Anna <anna@x.example` and then `> wrote:`.
    let bracket = joined.matches('<').count() > joined.matches('>').count();
    let blank = line.is_empty() && joined.ends_with(|c: char| c != ' ') && has_date_shape(&joined.to_lowercase());
    let text =
        if line.is_empty() { blank } else { !line.starts_with('>') || (bracket && line.ends_with([':', '：'])) };
    text && may_begin(first)
}

/// Whether a line may be the first of an attribution of several lines.
fn may_begin(line: &str) -> bool {
    let lower = line.trim_start_matches(['-', '*', '_', ' ', '[', '"', '\'', '«', '“']).to_lowercase();
    lower.starts_with(|c: char| c.is_ascii_digit())
        || OPENERS.iter().any(|opener| lower.starts_with(opener))
        || (line.contains('<') && line.contains('@'))
        || (has_year(&lower) && has_clock(&lower))
}

/// A year of our times, in digits.
fn has_year(lower: &str) -> bool {
    lower
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")))
}

/// `10:15` or `10.15`, and nothing longer that looks so.
pub fn has_clock(lower: &str) -> bool {
    lower.split(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | '∶'))).any(|word| {
        let mut fields = word.trim_end_matches([':', '.']).split([':', '.', '∶']);
        let hour = fields.next().is_some_and(|field| (1..=2).contains(&field.len()));
        let minute = fields.next().is_some_and(|field| field.len() == 2);
        hour && minute && fields.next().is_none_or(|second| second.len() == 2)
    })
}

fn judge(text: &str) -> Option<Certainty> {
    let ended = text.trim_end_matches(['*', '_', ' ', '-', '\u{a0}']);
    let lower = in_our_digits(&ended.to_lowercase());
    let verb = VERBS.iter().any(|verb| has_phrase(&lower, verb));
    if !ended.ends_with([':', '：']) {
        return judge_without_colon(text, &lower, verb);
    }
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let address = lower.contains('@') && lower.contains(['<', '(', '[']) || lower.contains("mailto:");
    let dated = digits >= 3 && has_date_shape(&lower);
    let bare = lower.trim_start_matches(['-', '*', '_', ' ', '"', '\'']);
    // A date in front is what programs write; people begin with a word.
    let opener = OPENERS.iter().any(|opener| bare.starts_with(opener))
        || (bare.starts_with(|c: char| c.is_ascii_digit()) && has_clock(bare));
    match (verb, dated, address || opener) {
        (true, ..) if TO_ME.iter().any(|words| has_phrase(&lower, words)) => None,
        (true, ..) if OWN_VERBS.iter().any(|words| has_phrase(&lower, words)) => Some(Certainty::Weak),
        (true, true, true) if lower.contains('@') && (address || names_nobody_else(ended)) => Some(Certainty::Strong),
        (true, true, true) if clause::is_programs(ended) => Some(Certainty::Fair),
        (false, true, true)
            if address
                && digits >= 5
                && ends_in_address(&lower)
                && (!has_clock(&lower) || clause::names_somebody(ended)) =>
        {
            Some(Certainty::Strong)
        }
        (false, true, _) if is_date_and_sender(&lower) => Some(Certainty::Fair),
        (true, false, true) if address && is_name_and_verb(&lower) => Some(Certainty::Strong),
        (true, _, _) if lower.chars().count() < 200 => Some(Certainty::Weak),
        // In a language that we do not know: somebody's address and a time of day, above marked lines.
        (false, _, _) if address && has_clock(&lower) && lower.chars().count() < 200 => Some(Certainty::Weak),
        _ => None,
    }
}

/// Whether a line with a bare address is in the form of a program once the address is left out.
fn names_nobody_else(text: &str) -> bool {
    clause::is_programs(&text.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" "))
}

/// With the digits of Arabic, Persian, Indian and other scripts as ours.
fn in_our_digits(lower: &str) -> String {
    const ZEROS: [char; 6] = ['٠', '۰', '०', '০', '๐', '０'];
    let ours = |c: char| {
        let digit = |zero: &char| (u32::from(c).checked_sub(u32::from(*zero))).and_then(|at| char::from_digit(at, 10));
        if c.is_ascii() { c } else { ZEROS.iter().find_map(digit).unwrap_or(c) }
    };
    lower.chars().map(ours).collect()
}

/// `---- On …, Anna wrote ----` of Zoho, and the bare `2026/11/3 Anna <anna@x.example>` of old web mails.
fn judge_without_colon(text: &str, lower: &str, verb: bool) -> Option<Certainty> {
    if verb && text.starts_with("---") && text.ends_with("---") {
        return Some(Certainty::Strong);
    }
    let bare = lower.starts_with(|c: char| c.is_ascii_digit())
        && has_date_shape(lower)
        && lower.ends_with('>')
        && lower.contains('@');
    bare.then_some(Certainty::Weak)
}

/// `3. Nov. 2026, 10:15 von anna@x.example:` of Tutanota and Mail.ru: date, time, "by", perhaps a name, a bare address.
fn is_date_and_sender(lower: &str) -> bool {
    let words: Vec<&str> = lower.trim_end_matches([':', '：', ' ']).split_whitespace().collect();
    let sender = words.iter().rev().take(5).position(|word| SENDER_WORDS.contains(word));
    let address = words.last().is_some_and(|word| word.split_once('@').is_some_and(|(_, domain)| domain.contains('.')));
    words.len() <= 14 && address && sender.is_some() && has_year(lower) && has_clock(lower)
}

/// `… <anna@x.example>:`, with nothing between the address and the colon.
fn ends_in_address(lower: &str) -> bool {
    lower.trim_end_matches([':', '：', ' ']).ends_with(['>', ')', ']'])
}

/// `Anna Nowak <anna@x.example> wrote:` and nothing else.
fn is_name_and_verb(lower: &str) -> bool {
    let Some((name, rest)) = lower.split_once('<') else { return false };
    let Some((_, verb)) = rest.split_once('>') else { return false };
    let verb = verb.trim().trim_end_matches([':', '：', ' ']);
    name.split_whitespace().count() <= 5 && VERBS.contains(&verb)
}

/// A year, a clock time or a date in digits.
fn has_date_shape(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    bytes.windows(3).any(|window| {
        matches!(window, [a, separator, b] if a.is_ascii_digit() && b.is_ascii_digit() && matches!(separator, b':' | b'/' | b'.' | b'-' | b'h'))
    }) || bytes.windows(4).any(|window| window.iter().all(u8::is_ascii_digit))
        || lower.contains('年')
}

/// Whether `phrase` stands in `text` as whole words; scripts without blanks need no edges.
pub fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, found)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphabetic());
        phrase.chars().any(|c| c > '\u{2e80}') || (edge(before) && edge(after))
    })
}

/// What a separator line such as `-----Original Message-----` announces.
pub fn mark(line: &str) -> Option<Mark> {
    let line = line.trim();
    if line.is_empty() || line.len() > 200 {
        return None;
    }
    let inner =
        line.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | '—' | '–' | '‐' | ' ' | '\u{a0}' | '#'));
    if let Some((words, program)) = inner.to_lowercase().split_once(" processed by ") {
        // Tobit's david draws no rule.
        let known = ORIGINAL_MARKS.contains(&words) && (program.starts_with("david") || program.starts_with("tobit"));
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

/// `-----Antwort Nachricht-----`: a few words between rules, one of which means a message.
fn is_message_word(line: &str, words: &str) -> bool {
    let between = line.starts_with("---") && line.ends_with("---");
    let count = words.split_whitespace().count();
    between && (1..=3).contains(&count) && words.split_whitespace().any(|word| MESSAGE_WORDS.contains(&word))
}

/// Which label a header line of a quoted mail starts with: 0 from, 1 date, 2 to, 3 subject.
pub fn label(line: &str) -> Option<(usize, &str)> {
    let line = line.trim().trim_start_matches(['*', '_', '>', ' ', '|']);
    let (name, value) = line.split_once([':', '：'])?;
    if name.len() > 40 {
        return None;
    }
    let name = name.trim_matches(|c: char| c == '*' || c == '_' || c.is_whitespace()).to_lowercase();
    let kind = [FROM_LABELS, DATE_LABELS, TO_LABELS, SUBJECT_LABELS]
        .iter()
        .position(|labels| labels.contains(&name.as_str()))?;
    if name == "no" && !value.contains('@') {
        // "From" in Latvian, a number in most forms.
        return None;
    }
    Some((kind, value.trim_matches(|c: char| c == '*' || c == '_' || c.is_whitespace())))
}

/// Which label a line is that holds nothing but the label, with or without a colon.
pub fn bare_label(line: &str) -> Option<usize> {
    let name = line.trim_end_matches([':', '：', ' ']).to_lowercase();
    let all = [FROM_LABELS, DATE_LABELS, TO_LABELS, SUBJECT_LABELS];
    all.iter().position(|labels| labels.contains(&name.as_str()))
}

/// Whether lines under a rule begin with the sender's address of a quoted mail and one more of its headers.
pub fn sender_block(lines: &[&str]) -> bool {
    let Some((0, value)) = lines.first().and_then(|line| label(line)) else { return false };
    let inside = || {
        let words = value.split_whitespace().filter_map(|word| word.strip_suffix(':'));
        words.into_iter().any(|word| DATE_LABELS.contains(&word.to_lowercase().as_str()))
    };
    let under = || lines.iter().skip(1).any(|line| label(line).is_some_and(|(kind, _)| kind != 0));
    value.contains('@') && (inside() || under())
}

/// How surely a block of headers of a quoted mail starts at the first of `lines`.
pub fn header_block(lines: &[&str]) -> Option<Certainty> {
    let (first, value) = lines.first().and_then(|line| label(line))?;
    if first == 2 {
        return None;
    }
    let mut address = false;
    let mut seen = [false; 4];
    let mut misses = 0;
    for line in lines.iter().take(HEADER_LINES) {
        match label(line) {
            Some((kind, value)) => {
                address |= kind == 0 && value.contains('@');
                if let Some(slot) = seen.get_mut(kind) {
                    *slot = true;
                }
                misses = 0;
            }
            // A value on lines of its own, or a blank line between.
            None => misses += 1,
        }
        if misses > 2 {
            break;
        }
    }
    let kinds = seen.iter().filter(|seen| **seen).count();
    match (seen, first) {
        ([true, ..], _) if kinds >= 3 && address => Some(Certainty::Strong),
        // From, to and a date alone are a journey as well.
        ([true, .., true], 0) if kinds >= 3 => Some(Certainty::Fair),
        ([true, ..], 0) if kinds == 2 && value.contains('@') => Some(Certainty::Strong),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributions_of_many_programs_and_languages_are_known() {
        for line in [
            "On Tue, Nov 3, 2026 at 10:15 AM Anna Nowak <anna@x.example> wrote:",
            "On 3 Nov 2026, at 10:15, Anna <anna@x.example> wrote:",
            "W dniu 3.11.2026 o 10:15, Anna Nowak pisze:",
            "wt., 3 lis 2026 o 10:15 Anna Nowak <anna@x.example> napisał(a):",
            "вт, 3 нояб. 2026 г. в 10:15, Анна <anna@x.example>:",
            "Вторник, 3 ноября 2026, 10:15 +03:00 от Анна <anna@x.example>:",
            "03.11.2026, 10:15, \"Анна\" <anna@x.example>:",
            "Am 03.11.26 um 10:15 schrieb Anna:",
            "Le mar. 3 nov. 2026 à 10:15, Anna <anna@x.example> a écrit :",
            "El mar, 3 nov 2026 a las 10:15, Anna (<anna@x.example>) escribió:",
            "Noong Mar, Nob 3, 2026 nang 10:15, sumulat si Anna <anna@x.example>:",
            "Dne 3. 11. 2026 v 10:15 Anna napsal(a):",
            "في ٣ نوفمبر ٢٠٢٦ في ١٠:١٥ تمت كتابة ما يلي بواسطة Anna <anna@x.example>:",
            "در تاریخ ۳ نوامبر ۲۰۲۶، ۱۰:۱۵ Anna <anna@x.example> نوشت:",
        ] {
            let (length, certainty) = attribution(&[line]).unwrap();
            assert!(length == 1 && certainty != Certainty::Weak, "{line}");
        }
    }

    #[test]
    fn attributions_may_be_wrapped() {
        let lines = ["On Tue, Nov 3, 2026 at 10:15 AM Anna Nowak", "<anna@x.example> wrote:", "> x"];
        assert_eq!(attribution(&lines), Some((2, Certainty::Strong)));
    }

    #[test]
    fn sentences_are_no_attributions() {
        for line in [
            "Please send me the following:",
            "On Monday I wrote you about it.",
            "My order 123456 of 2026:",
            "As Anna wrote, it is broken",
        ] {
            assert!(
                !matches!(attribution(&[line, "next line of text", "and so on"]), Some((_, Certainty::Strong))),
                "{line}"
            );
        }
    }

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

    #[test]
    fn header_blocks_need_several_labels() {
        assert_eq!(header_block(&["From: Anna <a@b>", "Sent: Monday", "To: x", "Subject: y"]), Some(Certainty::Strong));
        assert_eq!(header_block(&["*Od:* Anna", "*Wysłano:* wtorek", "*Do:* x", "*Temat:* y"]), Some(Certainty::Fair));
        assert_eq!(header_block(&["From: here to there", "and back again", "x", "y", "z"]), None);
        assert_eq!(header_block(&["Date: today", "To: London", "From: Paris", "Subject: trip"]), None);
    }
}

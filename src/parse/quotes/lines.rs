//! How quoted mails look line by line: marks in front of lines, rules, blocks of headers, and what belongs to them.
//!
//! Knows nothing of whose words a line is; `reply` decides that.

use std::sync::LazyLock;

use crate::parse::phrase_set::{Stems, fold};
use crate::parse::phrases::REPLY_HERE;
use crate::parse::quotes::attribution::{self, Certainty, Mark};
use crate::parse::quotes::budget;
use crate::parse::quotes::dates::has_time;
use crate::parse::quotes::labels::unknown_block;
use crate::parse::quotes::split::Intent;

static REPLY_LINES: LazyLock<Stems> = LazyLock::new(|| Stems::new(&REPLY_HERE));

/// Lines of a rule with the headers and the attribution under it.
const MAX_BLOCK: usize = 16;
/// Characters of a name or a date on a line of its own, in the block of Lotus Notes.
const MAX_NOTES_LINE: usize = 80;

/// Whether a line is marked as quoted.
pub fn is_quote(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '\u{a0}']);
    line.starts_with('>') || is_initialled(line)
}

/// The rest of a quoted line that was wrapped on the way: between quoted lines, a piece of a link or a lower-case end.
pub fn is_broken_quote(lines: &[&str], index: usize) -> bool {
    let Some(before) = index.checked_sub(1).and_then(|above| lines.get(above)) else { return false };
    let line = lines.get(index).map(|line| line.trim()).unwrap_or_default();
    let between = is_quote(before) && lines.get(index + 1).is_some_and(|line| is_quote(line));
    let fragment = !line.contains(' ') && line.len() > 8 || line.starts_with("(http") || line.starts_with("<http");
    let wrapped = before.chars().count() >= 65 && line.starts_with(char::is_lowercase);
    between && !line.is_empty() && (fragment || wrapped)
}

/// `AN> text`, as The Bat! and Usenet readers quote.
fn is_initialled(line: &str) -> bool {
    line.split_once('>').is_some_and(|(initials, _)| {
        (1..=4).contains(&initials.chars().count()) && initials.chars().all(char::is_uppercase)
    })
}

/// `| text`, as some programs quote; a table's line ends in another bar.
pub fn is_barred(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('|') && (line.len() == 1 || !line.ends_with('|'))
}

/// "Reply above this line" of helpdesks.
pub fn is_reply_line(line: &str) -> bool {
    let line = line.trim();
    (line.starts_with("--") || line.starts_with("##") || line.starts_with("==") || line.starts_with("__"))
        && line.len() < 200
        && { REPLY_LINES.stand_in(&fold(line)) }
}

/// A block of headers, perhaps under Outlook's rule.
pub fn starts_header_block(rest: &[&str], intent: Intent) -> bool {
    let rule = rest.first().copied().filter(|line| is_rule(line));
    let skip = match rule {
        Some(_) => 1 + rest.iter().skip(1).take(3).take_while(|line| line.trim().is_empty()).count(),
        None => 0,
    };
    let lines = rest.get(skip..).unwrap_or_default();
    let Some(certainty) = attribution::header_block(lines) else {
        return intent == Intent::Answer && unknown_block(lines);
    };
    // A program's rule makes up for an address that is not shown.
    rule.is_some_and(is_programs_rule) || (intent == Intent::Answer && intent.believes(certainty) && !is_form(lines))
}

/// Words between rules that part the writer's text from the headers or the introduction of a quoted mail under them, in a
/// language that we do not know: `-----Zumel brako-----`.
pub fn is_unknown_separator(rest: &[&str], intent: Intent) -> bool {
    let Some(line) = rest.first().map(|line| line.trim()) else { return false };
    let ruled = ["---", "___", "==="].iter().any(|rule| line.starts_with(rule) && line.ends_with(rule));
    if !ruled || intent != Intent::Answer {
        return false;
    }
    let words = line.trim_matches(['-', '_', '=', ' ']);
    let skip = 1 + rest.iter().skip(1).take(3).take_while(|line| line.trim().is_empty()).count();
    let below = rest.get(skip..).unwrap_or_default();
    let introduced = || attribution::attribution(below).is_some_and(|(_, certainty)| certainty != Certainty::Weak);
    (1..=5).contains(&words.split_whitespace().count())
        && words.contains(char::is_alphabetic)
        && (attribution::header_block(below).is_some() || unknown_block(below) || introduced())
}

/// Whether labels are of a form that somebody filled in: a program begins with a capital, and shows a time or an address.
fn is_form(lines: &[&str]) -> bool {
    let small = |line: &&str| line.trim_start_matches(['*', '_', ' ', '|']).starts_with(char::is_lowercase);
    let shows = |line: &str| line.contains('@') || has_time(line);
    // The value may stand under its label.
    let (mut shown, mut open) = (false, false);
    let mut gap = false;
    for line in lines.iter().take(MAX_BLOCK) {
        let label = attribution::label(line);
        if gap && label.is_some_and(|(kind, _)| kind == 0) {
            break;
        }
        shown |= (label.is_some() || open) && shows(line);
        gap |= line.trim().is_empty();
        open = label.map_or(open && line.trim().is_empty(), |(_, value)| value.is_empty());
    }
    !shown || lines.first().is_some_and(small)
}

/// A rule as programs draw it; people underline their headings with others.
fn is_programs_rule(line: &str) -> bool {
    let line = line.trim();
    is_rule(line) && (line.starts_with('_') || line.chars().count() >= 20)
}

/// A line of nothing but dashes or the like.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '—'))
}

/// Lines of a rule, a separator or headers that stand directly above quoted lines and introduce them; `None` when what
/// follows is not marked as quoted.
pub fn introduces_quote(rest: &[&str]) -> Option<usize> {
    let first = rest.first()?;
    let mut length = usize::from(attribution::mark(first) == Some(Mark::Original) || is_rule(first));
    while let Some(line) = rest.get(length).filter(|_| length < MAX_BLOCK) {
        if line.trim().is_empty() || (attribution::label(line).is_some() && !is_quote(line)) {
            length += 1;
        } else if let Some((lines, certainty)) = rest.get(length..).and_then(attribution::attribution) {
            length += lines;
            // "That is what your colleague wrote:" above an attribution is a sentence.
            if certainty == Certainty::Weak && begins_surely(rest.get(length..).unwrap_or_default()) {
                return None;
            }
        } else {
            break;
        }
    }
    (length > 0 && rest.get(length).is_some_and(|line| is_quote(line))).then_some(length)
}

/// Whether the first filled line begins an attribution that leaves little doubt.
fn begins_surely(lines: &[&str]) -> bool {
    let start = lines.iter().take(MAX_BLOCK).position(|line| !line.trim().is_empty()).unwrap_or_default();
    let found = lines.get(start..).and_then(attribution::attribution);
    found.is_some_and(|(_, certainty)| certainty != Certainty::Weak)
}

/// Whether the line above names a recipient, as a letter's or a form's own head begins: "To: …, From: …". The headers of a
/// quoted mail begin with its author or date; below a date or a subject, an author without any address is a form's too.
pub fn continues_a_form(lines: &[&str], index: usize) -> bool {
    let above = index.checked_sub(1).and_then(|at| lines.get(at));
    // Headers as they stand in the source of a mail, which only people put into a text.
    let source = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        ["received", "return-path", "message-id", "delivered-to", "mime-version"].contains(&name.as_str())
            && line.contains(':')
    };
    if above.is_some_and(source) {
        return true;
    }
    let anonymous = || lines.get(index).is_some_and(|line| attribution::label(line).is_some() && !line.contains('@'));
    above.and_then(|line| attribution::label(line)).is_some_and(|(kind, value)| match kind {
        2 => !value.contains('@'),
        1 | 3 => anonymous(),
        _ => false,
    })
}

/// How many lines directly above `index` are a rule and the headers under it, as Yandex puts them above its attribution.
pub fn headers_above(lines: &[&str], index: usize) -> usize {
    let line = |back: usize| index.checked_sub(back).and_then(|at| lines.get(at)).copied();
    let labels = (1..=MAX_BLOCK).take_while(|back| line(*back).and_then(attribution::label).is_some()).count();
    if labels > 0 && line(labels + 1).is_some_and(is_rule) { labels + 1 } else { 0 }
}

/// `>>> Anna <anna@x.example> 11/3/2026 10:15 AM >>>` of `GroupWise`: what follows is not marked.
pub fn is_groupwise(line: &str) -> bool {
    let inner = line.trim().strip_prefix(">>>").and_then(|line| line.strip_suffix(">>>"));
    inner.is_some_and(|inner| !inner.contains('>') || inner.contains('@'))
        && line.chars().filter(char::is_ascii_digit).count() >= 5
}

/// The table of Lotus Notes: a sender and a date on lines of their own, then labels that stand alone.
pub fn is_notes_block(rest: &[&str]) -> bool {
    if !rest.first().is_some_and(|line| line.contains('@')) {
        return false;
    }
    let mut filled =
        rest.iter().take(2 * MAX_BLOCK).map(|line| line.trim()).filter(|line| !line.is_empty()).take(MAX_BLOCK);
    let (Some(sender), Some(date)) = (filled.next(), filled.next()) else { return false };
    let short = sender.chars().count() <= MAX_NOTES_LINE && date.chars().count() <= MAX_NOTES_LINE;
    let dated = date.starts_with(|c: char| c.is_ascii_digit()) && attribution::has_clock(&date.to_lowercase());
    if !short || !dated || !sender.contains('@') {
        return false;
    }
    let labels: Vec<usize> = filled.filter_map(attribution::bare_label).collect();
    labels.contains(&2) && labels.contains(&3)
}

/// Quoted lines without their marks, and without the lines by which programs introduce them.
pub fn without_introductions(quoted: &str) -> String {
    let (looked, rest) = budget::affordable(quoted);
    let lines: Vec<&str> = looked.lines().map(without_marks).collect();
    let mut left = String::with_capacity(quoted.len());
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let rest = lines.get(index..).unwrap_or_default();
        let labels = || rest.iter().take(MAX_BLOCK).take_while(|line| attribution::label(line).is_some()).count();
        let skipped = if is_rule(line) || attribution::mark(line).is_some() || is_reply_line(line) {
            1
        } else if let Some((length, _)) = attribution::attribution(rest) {
            length
        } else if attribution::label(line).is_some() && attribution::header_block(rest).is_some() {
            labels()
        } else {
            0
        };
        if skipped == 0 {
            left.push_str(line);
            left.push('\n');
        }
        index += skipped.max(1);
    }
    for line in rest.lines() {
        left.push_str(without_marks(line));
        left.push('\n');
    }
    left
}

fn without_marks(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t', '\u{a0}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_introduces_a_quote_is_counted_up_to_it() {
        let quote = "> Shall we?";
        for (head, length) in [
            (&["----- Original Message -----", "From: A <a@b.example>", "Sent: today", "Subject: x", ""][..], Some(5)),
            (&["______________"][..], Some(1)),
            (&["‐‐‐‐ Original Message ‐‐‐‐", "On 3 Nov 2026 10:15, A <a@b.example> wrote:", ""][..], Some(3)),
            (&["Hello"][..], None),
            (&["______________", "Hello"][..], None),
            (&[][..], None),
        ] {
            assert_eq!(introduces_quote(&[head, &[quote]].concat()), length, "{head:?}");
        }
        assert_eq!(introduces_quote(&["----- Original Message -----", "From: A <a@b.example>", "", "Shall we?"]), None);
    }

    #[test]
    fn what_programs_add_to_a_quote_is_left_out() {
        let on = "On Tue, Nov 3, 2026 at 10:15 AM Anna <anna@x.example> wrote:";
        let head = "-----Original Message-----\nFrom: Anna <anna@x.example>\nSent: today\nTo: Kim\nSubject: x";
        let quoted = format!("{on}\n\n> Which size?\n> {on}\n>> Hello\n______\n{head}\n\nOld words: none.");
        assert_eq!(without_introductions(&quoted), "\nWhich size?\nHello\n\nOld words: none.\n");
    }

    #[test]
    fn forms_of_old_office_programs_are_known() {
        assert!(is_groupwise(">>> Anna <anna@x.example> 11/3/2026 10:15 AM >>>"));
        assert!(!is_groupwise(">>> see >>>") && !is_groupwise(">>> order 12345"));
        let notes =
            ["Anna <anna@x.example>", "11/03/2026 10:15 AM", "", "To", "kim@y.example", "cc", "", "Subject", "Re"];
        assert!(is_notes_block(&notes));
        assert!(!is_notes_block(&["kim@y.example", "call me at 10:15", "To", "Subject"]));
        assert!(!is_notes_block(&["kim@y.example", "11/03/2026 10:15", "my order", "is lost"]));
    }
}

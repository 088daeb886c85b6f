//! What stands in the element in which a mail program puts the mail that is answered: its introduction, marked lines, and
//! words that the writer put between them, or a whole letter that something wrapped in an element of that name.
//!
//! Only what a program introduces, and what is marked, is the quote.

use std::ops::Range;

use crate::parse::quotes::attribution::{self, Mark};
use crate::parse::quotes::lines::is_quote;
use crate::parse::quotes::split::CUT_MARK;

/// Filled lines at the top of a container, and above its first marked line, among which the introduction is looked for.
const MAX_LOOKED: usize = 12;
/// Characters of an introduction in a language that we do not know.
const MAX_UNKNOWN: usize = 300;
/// Filled lines above a quote that may introduce it.
const MAX_ABOVE: usize = 3;
/// Lines of a block of headers.
const MAX_HEADERS: usize = 8;

/// An element that a mail program calls a quote, as offsets in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container {
    /// Where it begins.
    pub start: usize,
    /// Where it ends; `None` when the text ends first.
    pub end: Option<usize>,
    /// Where an element in it begins that the program calls the introduction.
    pub introduction: Option<usize>,
    /// Whether its program marks every line that it quotes.
    pub marks_lines: bool,
}

/// What is quoted of a text, by the marks of mail programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Byte offset from which everything is quoted.
    pub quoted_from: Option<usize>,
    /// Bytes in which a program introduces a quote of which only the marked lines are quoted.
    pub introduced: Option<Range<usize>>,
    /// Bytes that the writer set off as a quote of their own: no program introduces them.
    pub own: Vec<Range<usize>>,
}

impl From<Option<usize>> for Marks {
    fn from(quoted_from: Option<usize>) -> Self {
        Self { quoted_from, ..Self::default() }
    }
}

/// A line of a container.
struct Line<'a> {
    at: usize,
    text: &'a str,
}

/// Finds what is quoted in a container of `text`.
pub fn quoted(text: &str, container: Container) -> Marks {
    let end = container.end.unwrap_or(text.len());
    let inside = text.get(container.start..end).unwrap_or_default();
    let is_last = text.get(end..).unwrap_or_default().trim().is_empty();
    let mut at = container.start;
    let lines: Vec<Line<'_>> = inside
        .split('\n')
        .map(|text| {
            let line = Line { at, text };
            at += text.len() + 1;
            line
        })
        .collect();
    let filled: Vec<usize> = (0..lines.len()).filter(|&index| is_filled(&lines, index)).collect();
    let marked = filled.iter().position(|&index| is_marked(&lines, index));
    let above = filled.get(..marked.unwrap_or(filled.len())).unwrap_or_default();
    let head = head(&lines, above, container.introduction, marked.is_some());
    let offset = |index: usize| lines.get(index).map_or(end, |line| line.at);
    let Some(marked) = marked else {
        return Marks::from(head.filter(|_| is_last).map(|head| offset(head.start)));
    };
    let forwards = head.as_ref().is_some_and(|head| {
        lines.get(head.start).is_some_and(|line| attribution::mark(line.text) == Some(Mark::Forward))
    });
    let under = |head: &Range<usize>| above.iter().any(|&index| index >= head.end);
    let unmarked = !container.marks_lines && head.as_ref().is_some_and(under);
    if forwards || unmarked {
        return Marks::from(head.filter(|_| is_last).map(|head| offset(head.start)));
    }
    let between = head.as_ref().is_some_and(under);
    let answered = filled.iter().skip(marked).any(|&index| !is_marked(&lines, index));
    let from = head.as_ref().map_or_else(|| above.last().map_or(0, |last| last + 1), |head| head.start);
    if is_last && !between && !answered {
        let nothing_above = head.is_none() && above.is_empty();
        return Marks::from(Some(if nothing_above { container.start } else { offset(from) }));
    }
    let introduced = head.map(|head| offset(head.start)..offset(head.end).min(end));
    Marks { introduced, ..Marks::default() }
}

/// Of the quotes in `text` that no program calls one, those that nothing introduces, above or inside: whoever wrote set
/// something off.
pub fn own_quotes(text: &str, quotes: &[Range<usize>]) -> Vec<Range<usize>> {
    let introduced = |range: &Range<usize>| {
        let above = text.get(..range.start).unwrap_or_default();
        let mut above: Vec<&str> = above.lines().rev().filter(|line| !line.trim().is_empty()).take(MAX_ABOVE).collect();
        above.reverse();
        let inside =
            text.get(range.clone()).unwrap_or_default().lines().map(|line| line.trim_start_matches(['>', ' ']));
        let inside: Vec<&str> = inside.filter(|line| !line.is_empty()).take(MAX_HEADERS + 1).collect();
        ends_in_introduction(&above) || introduces_at(&inside) || inside.iter().any(|line| line.starts_with(CUT_MARK))
    };
    quotes.iter().filter(|range| !introduced(range)).cloned().collect()
}

/// Whether the last of some lines introduce what follows: an attribution, a mark, headers.
fn ends_in_introduction(lines: &[&str]) -> bool {
    (0..lines.len()).any(|start| {
        let rest = lines.get(start..).unwrap_or_default();
        let alone = rest.len() == 1;
        attribution::attribution(rest).is_some_and(|(length, _)| length == rest.len())
            || (alone
                && rest.iter().any(|line| attribution::mark(line).is_some() || attribution::label(line).is_some()))
    })
}

/// Whether the first of some lines introduce what follows them.
fn introduces_at(lines: &[&str]) -> bool {
    let is_mark = lines.first().is_some_and(|line| attribution::mark(line).is_some());
    is_mark || attribution::attribution(lines).is_some() || labels(lines) >= 2
}

fn is_filled(lines: &[Line<'_>], index: usize) -> bool {
    lines.get(index).is_some_and(|line| !line.text.trim().is_empty())
}

fn is_marked(lines: &[Line<'_>], index: usize) -> bool {
    lines.get(index).is_some_and(|line| is_quote(line.text))
}

/// The lines with which a program introduces what it quotes, among the filled lines `above` the first marked one.
fn head(lines: &[Line<'_>], above: &[usize], named: Option<usize>, marked: bool) -> Option<Range<usize>> {
    if let Some(named) = named {
        // The line ends owed before the element are not written yet when it is met.
        let first = above
            .iter()
            .copied()
            .find(|&index| lines.get(index).is_some_and(|line| line.at + line.text.len() > named))?;
        return Some(first..first + length(lines, first));
    }
    let near = above.len().saturating_sub(MAX_LOOKED);
    let looked = above.iter().enumerate().filter(|(place, _)| *place < MAX_LOOKED || *place >= near);
    let known = looked.map(|(_, &index)| index).find(|&index| introduces(lines, index));
    if let Some(first) = known {
        return Some(first..first + length(lines, first));
    }
    // In a language that we do not know: a lone line with a time or an address above the marked ones.
    let last = above.last().copied().filter(|_| marked)?;
    let line = lines.get(last)?.text.trim();
    let dated = line.chars().filter(char::is_ascii_digit).count() >= 3 || line.contains('@');
    let short = line.chars().count() <= MAX_UNKNOWN;
    (dated && short && line.ends_with([':', '：', '>', ')', '-'])).then_some(last..last + 1)
}

/// The lines from `index` on, as many as an introduction may have.
fn rest<'a>(lines: &[Line<'a>], index: usize) -> Vec<&'a str> {
    lines.iter().skip(index).take(MAX_HEADERS + 1).map(|line| line.text).collect()
}

fn introduces(lines: &[Line<'_>], index: usize) -> bool {
    introduces_at(&rest(lines, index))
}

/// How many lines from `index` on introduce.
fn length(lines: &[Line<'_>], index: usize) -> usize {
    let rest = rest(lines, index);
    let mark = usize::from(rest.first().is_some_and(|line| attribution::mark(line).is_some()));
    let under = rest.get(mark..).unwrap_or_default();
    let labels = labels(under);
    let sentence = attribution::attribution(under).map_or(0, |(length, _)| length);
    mark + labels.max(sentence).max(usize::from(mark == 0))
}

/// How many of the first lines are headers of a quoted mail.
fn labels(lines: &[&str]) -> usize {
    lines.iter().take(MAX_HEADERS).take_while(|line| attribution::label(line).is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: &str = "On Tue, Nov 3, 2026 at 10:15 AM Anna <anna@x.example> wrote:";

    /// What is quoted from somewhere on, and what introduces; the container begins at `[` and ends at `]`.
    fn check(text: &str, marks_lines: bool, quoted: &str, introduced: &str) {
        let start = text.find('[').unwrap();
        let text = text.replacen('[', "", 1);
        let end = text.find(']');
        let text = text.replacen(']', "", 1);
        let marks = super::quoted(&text, Container { start, end, introduction: None, marks_lines });
        let found = marks.quoted_from.map_or("", |at| text.get(at..).unwrap().trim());
        assert_eq!(found, quoted, "{text}");
        assert_eq!(marks.introduced.map_or("", |range| text.get(range).unwrap().trim()), introduced, "{text}");
    }

    #[test]
    fn what_is_introduced_is_quoted_to_the_end() {
        check(&format!("Yes.\n[{ON}\n\n> Shall we?\n>\n> Anna"), true, &format!("{ON}\n\n> Shall we?\n>\n> Anna"), "");
        check(&format!("Yes.\n[{ON}\n\nShall we?]\n"), false, &format!("{ON}\n\nShall we?"), "");
        let labels = "Von: Anna <anna@x.example>\nAn: Kim";
        check(&format!("Ja.\n[{labels}\n\nWollen wir?\n> alt"), false, &format!("{labels}\n\nWollen wir?\n> alt"), "");
        check("[\u{1019} 3.11.2026 10:15 Anna:\n> old]", true, "\u{1019} 3.11.2026 10:15 Anna:\n> old", "");
        check("Yes.\n[> old]", true, "> old", "");
    }

    #[test]
    fn words_between_marked_lines_are_not_quoted() {
        check(&format!("See below.\n[{ON}\n> Which size?\n\n42.\n\n> Where to?\n\nOslo.]"), true, "", ON);
        check(&format!("[{ON}\n\nAll of it.\n> Which size?]"), true, "", ON);
        check(&format!("[{ON}\n> Which size?]\n\n42."), true, "", ON);
    }

    #[test]
    fn a_letter_in_a_container_is_no_quote() {
        check("Heather,\n[I would like size 42.\n\nPat]", true, "", "");
        check(&format!("Heather,\n[I would like size 42.\n\nPat\n{ON}\n> old]"), true, &format!("{ON}\n> old"), "");
    }
}

//! Where the copy of the mail that came back begins in a text, and what the headers of the returned mail say.
//!
//! A copy is known by its headers, or by a heading above it; a sentence that speaks of the copy is none.

use std::sync::LazyLock;

use crate::model::address::Address;
use crate::parse::bounce::candidates::addresses_of;
use crate::parse::bounce::codes::has_reply;
use crate::parse::bounce::{MAX_REPORT, original};
use crate::parse::mime::addresses;
use crate::parse::mime::fields::{Fields, unfold};
use crate::parse::mime::parts::Parts;
use crate::parse::phrase_set::{Stems, fold};
use crate::parse::phrases::{COPY, FAILED, NOT};

/// Lines in which a block of headers shows what it is.
const BLOCK: usize = 14;
/// Lines of the copy whose headers are read.
const MAX_HEAD: usize = 60;
/// Words of a heading.
const MAX_HEADING: usize = 14;
/// Recipients of the returned mail that are read.
const MAX_TO: usize = 50;
/// Headers by which a block is the source of a mail and no summary of one.
const SOURCE: [&str; 8] = [
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "delivered-to",
    "dkim-signature",
];
/// Headers that summaries show as well.
const SHOWN: [&str; 8] = ["from", "to", "cc", "subject", "date", "reply-to", "in-reply-to", "references"];

static HEADINGS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&COPY));
static NOT_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&NOT));
static FAILED_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&FAILED));

/// The mail that came back, as far as it is shown.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// Whether its headers are there.
    pub shown: bool,
    /// Who wrote it.
    pub from: Vec<Address>,
    /// To whom it went.
    pub to: Vec<Address>,
}

impl Returned {
    /// Reads it from a part, else from the copy that begins in `lines`.
    pub fn find(parts: &Parts<'_>, copy: &[&str]) -> Self {
        if let Some(part) = parts.leaves.iter().find(|part| original::is_returned(part)) {
            let head = part.text(MAX_REPORT);
            let (fields, _) = Fields::scan(original::without_mbox_line(head.trim_start().as_bytes()), &mut Vec::new());
            return Self::read(&fields);
        }
        let start = copy.iter().take(BLOCK).position(|line| header_name(line).is_some());
        let Some(start) = start else { return Self::default() };
        let head: Vec<&str> = copy.iter().skip(start).take(MAX_HEAD).map(|line| unquoted(line)).collect();
        let head = head.join("\n");
        let (fields, _) = Fields::scan(head.as_bytes(), &mut Vec::new());
        Self::read(&fields)
    }

    fn read(fields: &Fields<'_>) -> Self {
        let people = |name: &str| {
            let all = fields.all(name).flat_map(|raw| addresses::read(&unfold(raw)));
            all.map(|person| person.address).take(MAX_TO).collect::<Vec<_>>()
        };
        Self { shown: !fields.is_empty(), from: people("From"), to: people("To") }
    }

    /// Whether one of `own` wrote it, or somebody of their domain.
    pub fn is_from(&self, own: &[Address]) -> bool {
        self.from.iter().any(|from| own.iter().any(|own| own.same_as(from) || own.domain() == from.domain()))
    }
}

/// The line at which the copy begins, or the end of the text.
pub fn begins(lines: &[&str], own: &[Address]) -> usize {
    let mut named = false;
    for (index, line) in lines.iter().enumerate() {
        let rest = lines.get(index..).unwrap_or_default();
        if is_source(rest) || is_heading(rest, index.checked_sub(1).and_then(|at| lines.get(at)), named) {
            return index;
        }
        named |= addresses_of(line).iter().any(|address| !own.iter().any(|own| own.same_as(address)));
    }
    lines.len()
}

/// Whether the headers of a mail begin at the first line, as they stand in its source.
pub fn is_source(lines: &[&str]) -> bool {
    let Some(first) = lines.first().and_then(|line| header_name(line)) else { return false };
    if first == "return-path" || (first == "received" && lines.first().is_some_and(|line| line.contains("from "))) {
        return true;
    }
    let block = lines.iter().take(BLOCK).take_while(|line| !line.trim().is_empty());
    let mut names: Vec<&str> = block.filter_map(|line| header_name(line)).collect();
    names.sort_unstable();
    names.dedup();
    names.len() >= 3 && names.iter().any(|name| SOURCE.contains(name))
}

/// Whether a line is a heading above the copy. `named`: whether somebody who was not reached stands above.
fn is_heading(lines: &[&str], above: Option<&&str>, named: bool) -> bool {
    let Some(line) = lines.first().map(|line| line.trim()) else { return false };
    let words = line.split_whitespace().count();
    if line.is_empty() || words > MAX_HEADING || line.contains('@') {
        return false;
    }
    let ruled = line.starts_with("--") || line.starts_with("==") || line.starts_with("**") || line.starts_with("__");
    let lone =
        above.is_none_or(|above| above.trim().is_empty()) && lines.get(1).is_none_or(|under| under.trim().is_empty());
    let titled = line.ends_with(':') || line.ends_with('：');
    if !(ruled || lone || titled) {
        return false;
    }
    let folded = fold(line);
    if !HEADINGS.stand_in(&folded) || folded.contains("transcript") {
        return false;
    }
    let under = lines.iter().skip(1).position(|line| !line.trim().is_empty()).map_or(lines.len(), |at| at + 1);
    let next = lines.get(under);
    let headed = next.is_some_and(|next| header_name(next).is_some());
    if headed && (ruled || named || lines.get(under..).is_some_and(is_source)) {
        return true;
    }
    // What the other server said has a heading too.
    if next.is_some_and(|next| has_reply(&next.to_lowercase())) {
        return false;
    }
    let contrary = NOT_WORDS.stand_whole_in(&folded) || FAILED_WORDS.stand_in(&folded);
    let listed = next.is_some_and(|next| !addresses_of(next).is_empty());
    !contrary && (named || ((ruled || titled) && !listed))
}

/// The name of the header with which a line begins, quoted or not, in small letters.
fn header_name(line: &str) -> Option<&'static str> {
    let (name, _) = unquoted(line).split_once(':')?;
    SOURCE.iter().chain(&SHOWN).find(|known| known.eq_ignore_ascii_case(name.trim_end())).copied()
}

fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['>', '|']).trim_start_matches([' ', '>', '|'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, lines: usize) {
        let text: Vec<&str> = text.lines().collect();
        assert_eq!(begins(&text, &[]), lines, "{text:?}");
    }

    #[test]
    fn a_copy_begins_at_its_headers_or_under_a_heading() {
        check("<kim@y.example>: unknown\n\nThis is a copy of the message.\n\n<lee@y.example>", 2);
        check("kim@y.example is unknown\n----- Original message follows -----\nhello", 1);
        check("kim@y.example\nYour mail was:\n\nhello", 1);
        check("unknown\n>Received: from a by b\n>From: c", 1);
        check("unknown\nFrom: a@b.example\nTo: kim@y.example\nMessage-ID: <1@b.example>", 1);
    }

    #[test]
    fn a_sentence_about_the_copy_does_not_begin_it() {
        check("If so, you can\ndelete your text from the returned message.\n\n<kim@y.example>: unknown", 4);
        check("These people did NOT get a copy of your message:\n\n> kim@y.example", 3);
        check("The returned message is attached, the reason stands here:\n<kim@y.example> 552", 2);
        check("Your message\n\n  To:  a@x.example\n\ndid not reach the following:\n\nkim@y.example", 7);
    }
}

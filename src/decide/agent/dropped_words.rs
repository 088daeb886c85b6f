//! Words of an agent's that would not go out with their answer: between quoted lines that nothing marks, in the HTML beside a
//! plain text that says less.
//!
//! Compares what was left out with what is known: what we sent, what customers wrote, what goes out. What is not known there
//! is the agent's own, and is asked about, never lost.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::understood::Reply;
use crate::decide::AgentReply;
use crate::model::fold::fold;
use crate::model::held::Doubt;
use crate::model::text::clean_line;

/// Characters of the words that are shown.
const MAX_SHOWN: usize = 100;
/// Lines that are compared, and characters of what they are compared with.
const MAX_LINES: usize = 5_000;
const MAX_KNOWN: usize = 2_000_000;
/// Words in a row by which a line is known again.
const RUN: usize = 4;
/// Words with which a line in HTML says something that the plain text does not.
const MIN_WORDS: usize = 2;

/// The words that would be lost.
pub(in crate::decide) fn words(case: &AgentReply<'_>, reply: &Reply) -> Option<Doubt> {
    let sent = Known::of([reply.text.as_str(), &case.mail.reply, &case.mail.signature]);
    let quoted = case.reading.said.customers.iter().chain(case.last_words.map(|(_, words)| words));
    let known = Known::of(case.answered.iter().chain(quoted).map(String::as_str));
    let line = between_quotes(&case.mail.quoted, &known, &sent)
        .or_else(|| beside_plain_text(case.beside.unwrap_or_default(), &known, &sent))?;
    Some(Doubt::Dropped(clean_line(line, MAX_SHOWN)))
}

/// Texts as runs of words, whatever their line breaks and marks are.
struct Known(HashSet<u64>);

impl Known {
    fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let (mut all, mut size) = (Vec::new(), 0);
        for text in texts {
            if size + text.len() < MAX_KNOWN {
                size += text.len();
                all.extend(words_of(text));
            }
        }
        let runs = (1..=RUN).flat_map(|length| all.windows(length));
        Self(runs.map(hash).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all words of a line are known, in their order.
    fn says(&self, line: &str) -> bool {
        let words = words_of(line);
        words.is_empty() || words.windows(RUN.min(words.len())).all(|run| self.0.contains(&hash(run)))
    }
}

fn hash(words: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

/// The words of a text, folded.
fn words_of(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// The first line of a quote that nobody but the writer can have written: above all that introduces it, between lines that we
/// sent, or in one where nothing that we sent and nothing that quotes is.
fn between_quotes<'q>(quoted: &'q str, known: &Known, sent: &Known) -> Option<&'q str> {
    if known.is_empty() {
        return None;
    }
    let lines: Vec<&str> =
        quoted.lines().take(MAX_LINES).map(str::trim).filter(|line| !words_of(line).is_empty()).collect();
    let is_known: Vec<bool> = lines.iter().map(|line| known.says(line)).collect();
    let first = is_known.iter().position(|known| *known);
    let last = is_known.iter().rposition(|known| *known);
    let begins = lines.iter().zip(&is_known).position(|(line, known)| *known || introduces(line) || parts(line));
    let own = |line: &&str| !line.starts_with('>') && may_be_own(bare(line)) && !sent.says(line);
    let long = |line: &&str| words_of(line).len() >= MIN_WORDS;
    let mut above = lines.iter().take(begins.unwrap_or_default()).copied().filter(own);
    if let Some(line) = above.find(long) {
        return Some(line);
    }
    match (first, last) {
        (Some(first), Some(last)) => {
            let between = lines.iter().zip(&is_known).skip(first).take(last - first);
            between.filter(|(_, known)| !**known).map(|(line, _)| *line).find(own)
        }
        _ if lines.iter().any(|line| line.starts_with('>') || introduces(line)) => None,
        _ => lines.iter().copied().find(own),
    }
}

/// The first line of the writer's words in HTML of which the plain text says next to nothing.
fn beside_plain_text<'h>(html: &'h str, known: &Known, sent: &Known) -> Option<&'h str> {
    let lines =
        html.lines().take(MAX_LINES).map(str::trim).filter(|line| !line.starts_with('>') && may_be_own(bare(line)));
    lines.filter(|line| !known.says(line) && !sent.says(line)).find(|line| {
        let words = words_of(line);
        let missing = words.iter().filter(|word| !sent.says(word)).count();
        words.len() >= MIN_WORDS && missing * 2 > words.len()
    })
}

fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || "|>*_".contains(c))
}

/// A line that can be somebody's words: no mark of a picture, no link, no address, no label, no line that introduces a quote.
fn may_be_own(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let linked = ["http", "www.", "mailto:", "[cid:", "[image"].iter().any(|mark| line.contains(mark));
    letters >= 2 && !linked && !introduces(line) && !line.contains('@')
}

/// A line that parts words from a quote, or holds the date of one: `--- Original message ---`, `On 22 Nov 2026 at 10:00 Ewa`.
fn parts(line: &str) -> bool {
    line.starts_with(['>', '-', '_', '—', '=', '#']) || line.chars().filter(char::is_ascii_digit).count() >= 4
}

/// `On … wrote:`, `From: …`.
fn introduces(line: &str) -> bool {
    let line = bare(line);
    let first = line.split_whitespace().next().map(|word| word.trim_end_matches(['*', '_']));
    let label = first.is_some_and(|word| word.len() > 1 && word.ends_with(':'));
    label || line.trim_end().ends_with(':') || (line.contains('@') && line.contains(['<', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str =
        "##- Reply above this line -##\nTicket: #1042\n\nIs size 42 in stock?\n\nDo you ship to Norway?\n\nTake Close";

    fn lost<'q>(quoted: &'q str, sent: &str) -> Option<&'q str> {
        between_quotes(quoted, &Known::of([TOLD]), &Known::of([sent]))
    }

    #[test]
    fn what_stands_between_lines_that_we_sent_is_the_writers() {
        let quote =
            "On Tuesday Pat via Support wrote:\nIs size 42 in stock?\nYes, it is.\nDo you ship to\nNorway?\nTake Close";
        assert_eq!(lost(quote, "Hello Pat"), Some("Yes, it is."));
        assert_eq!(lost(quote, "Hello Pat. Yes, it is."), None);
        assert_eq!(lost("Size 42 is in stock.\nYes, we ship.", "Hello Pat,"), Some("Size 42 is in stock."));
        let list =
            "1. Size 42 is in stock.\nFrom: Pat via Support <s@shop.example>\nSent: Tuesday\nIs size 42 in stock?";
        assert_eq!(lost(list, "Two answers:"), Some("1. Size 42 is in stock."));
    }

    #[test]
    fn what_programs_put_around_and_into_a_quote_is_nobodys_words() {
        for quote in [
            "> Is size 42 in stock?\n> Do you ship to Norway?",
            "From: Pat\nCAUTION: this mail came from outside.\nIs size 42\nin stock?\nDo you ship to Norway?\nScanned for viruses.",
            "Is size 42 in stock?\n[cid:image001.png]\nTake<mailto:x@y.example>\nDo you ship to Norway?",
            "On Monday Jan wrote:\nanother mail altogether",
            "----- Original Message -----\nFrom: Pat\nIs size 42 in stock?",
            "*From:* Pat of Customers\n*Sent:* Tuesday\nIs size 42 in stock?",
            "Am 25.11.2026 um 18:40 schrieb Pat via\nSupport <s@shop.example>:\nIs size 42 in stock?",
            "",
        ] {
            assert_eq!(lost(quote, "Yes."), None, "{quote}");
        }
    }

    #[test]
    fn html_says_more_than_a_stub_and_not_more_than_the_same_words() {
        let more = |html: &'static str, plain: &str| beside_plain_text(html, &Known::of([TOLD]), &Known::of([plain]));
        assert!(more("Size 42 is in stock.\nYes, we ship.", "Your program cannot show this.").is_some());
        assert_eq!(more("See our page for more.", "See our page <https://x.example> for *more*."), None);
        assert_eq!(more("Is size 42 in stock?\nYes.", "Yes."), None);
    }
}

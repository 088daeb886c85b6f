//! Blocks of From, Sent, To and Subject above a quoted mail, and the labels of which they consist.
//!
//! Only recognises; what to cut is decided in `reply`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::subject::is_reply;
use crate::model::text::beginning;
use crate::parse::phrase_set::fold;
use crate::parse::phrases::{DATE_LABELS, FROM_LABELS, SUBJECT_LABELS, TO_LABELS};
use crate::parse::quotes::attribution::Certainty;
use crate::parse::quotes::dates::has_whole_date;

/// Bytes in which a label and its colon stand.
const MAX_LABEL: usize = 43;
/// Characters of a label of a language that we do not know.
const MAX_UNKNOWN: usize = 24;
/// Lines of a block with such labels.
const MIN_BLOCK: usize = 3;
/// Lines under it of which one is filled.
const MAX_BELOW: usize = 4;
/// Lines looked through for the labels of a header block.
const HEADER_LINES: usize = 9;

/// What each label names, folded; the first list that has it counts.
static KINDS: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let lists = [&FROM_LABELS, &DATE_LABELS, &TO_LABELS, &SUBJECT_LABELS];
    let labels = lists.into_iter().enumerate().rev();
    labels.flat_map(|(kind, labels)| labels.iter().map(move |label| (fold(label), kind))).collect()
});
/// Bytes of the longest label.
static LONGEST: LazyLock<usize> = LazyLock::new(|| KINDS.keys().map(|label| label.len()).max().unwrap_or_default());

/// Which label a header line of a quoted mail starts with: 0 from, 1 date, 2 to, 3 subject.
pub fn label(line: &str) -> Option<(usize, &str)> {
    let line = line.trim().trim_start_matches(['*', '_', '>', ' ', '|']);
    let head = beginning(line, MAX_LABEL);
    let (name, _) = head.split_once([':', '：'])?;
    let mut value = line.get(name.len()..).unwrap_or_default().chars();
    value.next();
    let value = value.as_str();
    let name = fold(name.trim_matches(|c: char| c == '*' || c == '_' || c.is_whitespace()));
    let kind = *KINDS.get(name.as_str())?;
    if name == "no" && !value.contains('@') {
        // "From" in Latvian, a number in most forms.
        return None;
    }
    Some((kind, value.trim_matches(|c: char| c == '*' || c == '_' || c.is_whitespace())))
}

/// Which label a line is that holds nothing but the label, with or without a colon.
pub fn bare_label(line: &str) -> Option<usize> {
    let name = line.trim_end_matches([':', '：', ' ']);
    // Lower case makes no letter much shorter.
    if name.len() > 2 * *LONGEST {
        return None;
    }
    KINDS.get(fold(name).as_str()).copied()
}

/// Whether lines under a rule begin with the sender's address of a quoted mail and one more of its headers.
pub fn sender_block(lines: &[&str]) -> bool {
    let Some((0, value)) = lines.first().and_then(|line| label(line)) else { return false };
    let inside = || {
        let words = value.split_whitespace().filter_map(|word| word.strip_suffix(':'));
        words.into_iter().any(|word| KINDS.get(fold(word).as_str()) == Some(&1))
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
            // Another block begins; `Reply-To` follows without a gap.
            Some((0, _)) if misses > 0 && seen.first() == Some(&true) => break,
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

/// Whether a block of headers with labels of a language that we do not know begins at the first line: lines of a short word,
/// a colon and a value, the first with somebody's name and address, one with all of a date, one more with an address or an
/// answer's prefix. Below it something is quoted.
pub fn unknown_block(lines: &[&str]) -> bool {
    let Some(first) = lines.first().and_then(|line| labelled(line)) else { return false };
    if !names_sender(first) {
        return false;
    }
    let block = || lines.iter().take(HEADER_LINES).map_while(|line| labelled(line));
    let count = block().count();
    let dated = block().any(has_whole_date);
    let more = block().skip(1).any(|value| value.contains('@') || is_reply(value) || value.starts_with('['));
    let below = lines.get(count).is_none_or(|line| line.trim().is_empty())
        && lines.iter().skip(count).take(MAX_BELOW).any(|line| !line.trim().is_empty());
    count >= MIN_BLOCK && dated && (more || count > MIN_BLOCK) && below
}

/// Whether lines under a line that is drawn are headers of a quoted mail, whatever their language: three or more labels, the
/// first with somebody's address (`linked`: it is in a link), one with all of a date.
pub fn drawn_block(lines: &[&str], linked: bool) -> bool {
    let block = || lines.iter().take(HEADER_LINES).map_while(|line| labelled(line));
    block().count() >= MIN_BLOCK
        && block().any(has_whole_date)
        && (linked || block().next().is_some_and(|first| first.contains('@')))
}

/// The value of a line that a short label begins, perhaps between stars.
pub fn labelled(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(['*', '_', '>', ' ', '|']);
    let (name, _) = beginning(line, MAX_LABEL).split_once([':', '：'])?;
    let name = name.trim_matches(['*', '_', ' ']);
    let value =
        line.get(line.find([':', '：'])?..)?.trim_start_matches([':', '：']).trim_matches(['*', '_', ' ', '\u{a0}']);
    let short = (1..=3).contains(&name.split_whitespace().count()) && name.chars().count() <= MAX_UNKNOWN;
    let word = name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.')) && !name.is_empty();
    (short && word && !value.is_empty()).then_some(value)
}

/// `Anna Nowak <anna@x.example>`: a name and an address, as no form asks for them on one line.
fn names_sender(value: &str) -> bool {
    let Some((name, rest)) = value.split_once(['<', '[', '(']) else { return false };
    let words = name.split_whitespace().count();
    let address = rest.split(['>', ']', ')']).next().unwrap_or_default().trim_start_matches("mailto:");
    words <= 6 && address.split_once('@').is_some_and(|(_, domain)| domain.contains('.')) && !address.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_blocks_need_several_labels() {
        assert_eq!(header_block(&["From: Anna <a@b>", "Sent: Monday", "To: x", "Subject: y"]), Some(Certainty::Strong));
        assert_eq!(header_block(&["*Od:* Anna", "*Wysłano:* wtorek", "*Do:* x", "*Temat:* y"]), Some(Certainty::Fair));
        assert_eq!(header_block(&["From: here to there", "and back again", "x", "y", "z"]), None);
        assert_eq!(header_block(&["Date: today", "To: London", "From: Paris", "Subject: trip"]), None);
    }
}

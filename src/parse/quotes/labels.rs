//! Blocks of From, Sent, To and Subject above a quoted mail, and the labels of which they consist.
//!
//! Only recognises; what to cut is decided in `reply`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::text::beginning;
use crate::parse::phrases_labels::{DATE_LABELS, FROM_LABELS, SUBJECT_LABELS, TO_LABELS};
use crate::parse::quotes::attribution::Certainty;

/// Bytes in which a label and its colon stand.
const MAX_LABEL: usize = 43;
/// Lines looked through for the labels of a header block.
const HEADER_LINES: usize = 9;

/// What each label names; the first list that has it counts.
static KINDS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    let lists = [FROM_LABELS, DATE_LABELS, TO_LABELS, SUBJECT_LABELS];
    let labels = lists.iter().enumerate().rev();
    labels.flat_map(|(kind, labels)| labels.iter().map(move |label| (*label, kind))).collect()
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
    let name = name.trim_matches(|c: char| c == '*' || c == '_' || c.is_whitespace()).to_lowercase();
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
    KINDS.get(name.to_lowercase().as_str()).copied()
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

//! What the writer wrote anew, what was quoted, and the signature.
//!
//! When in doubt it stays with the writer's words: a reader can skip a quote, but nobody finds a sentence that was cut.

use super::attribution::{self, Certainty, Mark};
use super::phrases::FORWARD_PREFIXES;
use super::signature;

/// Start of the line in our notifications under which everything is ours.
pub const CUT_MARK: &str = "##- ";

/// A text taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What the writer wrote anew.
    pub reply: String,
    /// What was quoted.
    pub quoted: String,
    /// The signature without its separator.
    pub signature: String,
}

/// Whose words a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Writer,
    /// A quoted line (`> `).
    Quote,
    /// The line that introduces a quote.
    Attribution,
    /// Below a separator: quoted without marks.
    Rest,
}

/// Takes `text` apart. `quoted_from`: byte offset from which a mail program says that all is quoted.
pub fn split(text: &str, quoted_from: Option<usize>, subject: &str) -> Split {
    let lines: Vec<&str> = text.split('\n').collect();
    let marked = quoted_from.map(|at| text.get(..at).unwrap_or(text).matches('\n').count());
    let marked = marked.filter(|_| !is_forward_subject(subject));
    let mut owners = own(&lines, marked, is_forward_subject(subject));
    release_middle_quotes(&lines, &mut owners);
    assemble(&lines, &owners)
}

/// Whether a subject says that the mail was passed on.
pub fn is_forward_subject(subject: &str) -> bool {
    subject.split_once(':').is_some_and(|(prefix, _)| FORWARD_PREFIXES.contains(&prefix.trim().to_lowercase().as_str()))
}

/// The owner of every line.
fn own(lines: &[&str], marked: Option<usize>, forward: bool) -> Vec<Owner> {
    let mut owners = vec![Owner::Writer; lines.len()];
    let mut index = 0;
    while index < lines.len() {
        let rest = lines.get(index..).unwrap_or_default();
        let line = rest.first().copied().unwrap_or_default();
        if is_quote(line) {
            set(&mut owners, index, 1, Owner::Quote);
            index += 1;
            continue;
        }
        let mark = attribution::mark(line);
        if mark == Some(Mark::Forward) {
            // A forwarded mail is what the writer has to say.
            break;
        }
        let ends = mark == Some(Mark::Original)
            || line.trim_start().starts_with(CUT_MARK)
            || is_reply_line(line)
            || marked == Some(index)
            || (!forward && starts_header_block(rest));
        if ends {
            set(&mut owners, index, lines.len(), Owner::Rest);
            cover_attribution_above(lines, &mut owners, index);
            break;
        }
        if let Some((length, certainty)) = attribution::attribution(rest) {
            let below = rest.iter().skip(length).find(|line| !line.trim().is_empty());
            let quoted = below.is_some_and(|line| is_quote(line));
            if quoted {
                set(&mut owners, index, length, Owner::Attribution);
                index += length;
                continue;
            }
            if certainty == Certainty::Strong && !(forward && index == 0) {
                set(&mut owners, index, lines.len(), Owner::Rest);
                break;
            }
        }
        index += 1;
    }
    owners
}

fn set(owners: &mut [Owner], from: usize, count: usize, owner: Owner) {
    for slot in owners.iter_mut().skip(from).take(count) {
        *slot = owner;
    }
}

fn is_quote(line: &str) -> bool {
    line.trim_start_matches([' ', '\t', '\u{a0}']).starts_with('>')
}

/// "Reply above this line" of helpdesks.
fn is_reply_line(line: &str) -> bool {
    let line = line.trim();
    (line.starts_with("--") || line.starts_with("##") || line.starts_with("==") || line.starts_with("__"))
        && line.len() < 200
        && {
            let lower = line.to_lowercase();
            lower.contains("above this line")
                || lower.contains("powyżej tej linii")
                || lower.contains("выше этой линии")
                || lower.contains("выше этой строки")
        }
}

/// A block of headers, perhaps under Outlook's rule.
fn starts_header_block(rest: &[&str]) -> bool {
    let first = rest.first().map(|line| line.trim()).unwrap_or_default();
    if first.len() >= 5 && first.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '—')) {
        let skip = 1 + rest.iter().skip(1).take(3).take_while(|line| line.trim().is_empty()).count();
        return attribution::header_block(rest.get(skip..).unwrap_or_default());
    }
    attribution::header_block(rest)
}

/// The line above a cut mark often is "Anna via Returns <…> wrote:".
fn cover_attribution_above(lines: &[&str], owners: &mut [Owner], cut: usize) {
    let mut above = cut;
    while above > 0 && lines.get(above - 1).is_some_and(|line| line.trim().is_empty()) {
        above -= 1;
    }
    for length in 1..=above.min(4) {
        let start = above - length;
        let ends_there =
            lines.get(start..above).and_then(attribution::attribution).is_some_and(|(found, _)| found == length);
        if ends_there {
            set(owners, start, cut - start, Owner::Attribution);
            return;
        }
    }
}

/// Gives quotes that the writer answers line by line back to the text; a quote above or below all new words stays cut.
fn release_middle_quotes(lines: &[&str], owners: &mut [Owner]) {
    let writes = |index: usize, owners: &[Owner]| {
        owners.get(index) == Some(&Owner::Writer) && lines.get(index).is_some_and(|line| !line.trim().is_empty())
    };
    let Some(first) = (0..lines.len()).find(|&index| writes(index, owners)) else { return };
    let Some(last) = (0..lines.len()).rev().find(|&index| writes(index, owners)) else { return };
    let ours = |range: std::ops::Range<usize>| {
        lines
            .get(range)
            .unwrap_or_default()
            .iter()
            .any(|line| line.trim_start_matches(['>', ' ']).starts_with(CUT_MARK))
    };
    // A signature below the quote does not make it an answer line by line.
    let tail = lines.get(last..).unwrap_or_default();
    let _ = tail;
    let introduced = owners.iter().take(first).any(|owner| *owner == Owner::Attribution);
    let inner_quotes = owners.iter().take(last).skip(first).any(|owner| *owner == Owner::Quote);
    let from = if introduced && !inner_quotes { first } else { 0 };
    if ours(from..last) {
        return;
    }
    let signed = signature::below_quote(lines, owners.iter().map(|owner| *owner == Owner::Writer));
    let until = signed.unwrap_or(last);
    for owner in owners.iter_mut().take(until).skip(from) {
        if matches!(owner, Owner::Quote) {
            *owner = Owner::Writer;
        }
    }
}

fn assemble(lines: &[&str], owners: &[Owner]) -> Split {
    let pick = |wanted: &dyn Fn(Owner) -> bool| {
        let mut text = String::new();
        for (line, _) in lines.iter().zip(owners).filter(|(_, owner)| wanted(**owner)) {
            text.push_str(line);
            text.push('\n');
        }
        text
    };
    let written = pick(&|owner| owner == Owner::Writer);
    let quoted = pick(&|owner| owner != Owner::Writer);
    let (reply, signature) = signature::cut(&written);
    Split { reply: tidy(reply), quoted: tidy(&quoted), signature: tidy(signature) }
}

/// Without blank lines at both ends and white space at the end.
fn tidy(text: &str) -> String {
    let start = text.len() - text.trim_start_matches(['\n', '\r']).len();
    // A first line of blanks only is blank too.
    let mut text = text.get(start..).unwrap_or_default();
    while let Some((line, rest)) = text.split_once('\n').filter(|(line, _)| line.trim().is_empty()) {
        let _ = line;
        text = rest;
    }
    text.trim_end().to_owned()
}

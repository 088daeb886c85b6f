//! Where the signature of a text begins.
//!
//! Three kinds: under the separator `-- `, a line that a device adds, and a closing ("Kind regards") with an address
//! block under it. A closing with only a name stays: it is part of the letter.

use super::phrases::{CLOSINGS, SENT_FROM};

/// Lines under `-- ` that may be a signature.
const MAX_SIGNATURE: usize = 40;
/// Lines under a closing that may be an address block.
const MAX_BLOCK: usize = 14;

/// Cuts `text` into the words and the signature under them (without its separator).
pub fn cut(text: &str) -> (&str, &str) {
    let lines: Vec<&str> = text.split('\n').collect();
    let Some((start, skip)) = find(&lines) else { return (text, "") };
    let before: usize = lines.iter().take(start).map(|line| line.len() + 1).sum();
    let from: usize = lines.iter().take(start + skip).map(|line| line.len() + 1).sum();
    (text.get(..before.min(text.len())).unwrap_or(text), text.get(from.min(text.len())..).unwrap_or_default())
}

/// First line of the signature and the lines of its separator.
fn find(lines: &[&str]) -> Option<(usize, usize)> {
    let filled: Vec<usize> =
        (0..lines.len()).filter(|&index| lines.get(index).is_some_and(|line| !line.trim().is_empty())).collect();
    let last = *filled.last()?;
    let separator = lines
        .iter()
        .enumerate()
        .take(last + 1)
        .find(|(index, line)| is_separator(line) && last - index <= MAX_SIGNATURE)
        .map(|(index, _)| index);
    let device =
        filled.iter().rev().take(6).copied().find(|&index| lines.get(index).is_some_and(|line| is_device_line(line)));
    let block = closing_block(lines, &filled);
    let start =
        [separator.map(|at| (at, 1)), device.map(|at| (at, 0)), block.map(|at| (at, 0))].into_iter().flatten().min()?;
    Some(start)
}

/// `-- `, and what remains of it when white space was cut off.
fn is_separator(line: &str) -> bool {
    matches!(line.trim_end(), "--" | "—" | "–" | "- --") && !line.starts_with(' ')
}

/// Whether a line is one that a device or a program adds.
pub fn is_device_line(line: &str) -> bool {
    let line = line.trim().trim_matches(['*', '_', '-', ' ', '[', ']', '(', ')', '“', '"']);
    if line.chars().count() > 160 {
        return false;
    }
    let lower = line.to_lowercase();
    SENT_FROM.iter().any(|start| lower.starts_with(start)) && (lower.chars().count() < 80 || lower.contains("http"))
}

/// A closing with an address block of short lines under it, at the end.
fn closing_block(lines: &[&str], filled: &[usize]) -> Option<usize> {
    let tail: Vec<usize> = filled.iter().rev().take(MAX_BLOCK + 1).copied().collect();
    let at = *tail.iter().find(|&&index| lines.get(index).is_some_and(|line| is_closing(line)))?;
    let under: Vec<&str> = filled
        .iter()
        .filter(|&&index| index > at)
        .filter_map(|&index| lines.get(index))
        .map(|line| line.trim())
        .collect();
    let short = under.iter().all(|line| line.chars().count() <= 100 || line.contains("http"));
    let contact = under.iter().any(|line| has_contact(line));
    (under.len() >= 2 && short && contact).then_some(at)
}

fn is_closing(line: &str) -> bool {
    let lower =
        line.trim().trim_end_matches([',', '.', '!', ' ', ';', '*']).trim_start_matches(['*', ' ']).to_lowercase();
    CLOSINGS.contains(&lower.as_str())
}

/// A phone number, an address of the web or of mail.
fn has_contact(line: &str) -> bool {
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let lower = line.to_lowercase();
    (digits >= 7 && letters <= 20)
        || lower.contains("www.")
        || lower.contains("http")
        || (line.contains('@') && line.contains('.'))
}

/// The line from which everything is signature though it stands under a quote, if so; `written` says whose lines they are.
pub fn below_quote(lines: &[&str], written: impl Iterator<Item = bool>) -> Option<usize> {
    let written: Vec<bool> = written.collect();
    let last_quoted = written
        .iter()
        .enumerate()
        .rev()
        .find(|(index, written)| !**written && lines.get(*index).is_some_and(|line| !line.trim().is_empty()))?
        .0;
    let below: Vec<&&str> = lines.iter().skip(last_quoted + 1).filter(|line| !line.trim().is_empty()).collect();
    let signed = below.first().is_some_and(|line| is_separator(line) || is_device_line(line));
    let others =
        lines.iter().take(last_quoted).zip(&written).any(|(line, written)| *written && !line.trim().is_empty());
    (signed && others).then(|| {
        (0..=last_quoted)
            .rev()
            .find(|&index| {
                written.get(index) == Some(&true) && lines.get(index).is_some_and(|line| !line.trim().is_empty())
            })
            .unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, words: &str, signature: &str) {
        let (a, b) = cut(text);
        assert_eq!((a.trim(), b.trim()), (words, signature), "{text}");
    }

    #[test]
    fn the_separator_starts_the_signature() {
        check("Hello\n-- \nAnna\nShop", "Hello", "Anna\nShop");
        check("a\n----\nb", "a\n----\nb", "");
    }

    #[test]
    fn device_lines_are_signatures() {
        check("Hello\n\nSent from my iPhone\n", "Hello", "Sent from my iPhone");
        check("Witam\n\nWysłane z iPhone'a", "Witam", "Wysłane z iPhone'a");
        check(
            "I saw what you sent from my account yesterday, please check it again",
            "I saw what you sent from my account yesterday, please check it again",
            "",
        );
    }

    #[test]
    fn a_closing_with_an_address_block_is_a_signature_and_a_name_alone_is_not() {
        check("Hello\n\nBest regards,\nAnna", "Hello\n\nBest regards,\nAnna", "");
        check(
            "Hello\n\nPozdrawiam,\nAnna Nowak\ntel. +48 22 123 45 67",
            "Hello",
            "Pozdrawiam,\nAnna Nowak\ntel. +48 22 123 45 67",
        );
    }
}

//! Content-Transfer-Encodings, read leniently: what cannot be decoded is skipped or kept as it is, never an error.

use std::borrow::Cow;

use data_encoding::BASE64_NOPAD;

use crate::parse::mime::fields::{next_line, trim_end};

/// How a part's bytes are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// 7bit, 8bit, binary and anything unknown.
    Plain,
    /// base64.
    Base64,
    /// quoted-printable.
    QuotedPrintable,
    /// x-uuencode and its other names.
    Uuencode,
}

impl Transfer {
    /// The encoding of a Content-Transfer-Encoding value.
    pub fn from_name(name: &str) -> Self {
        let name = name.trim().trim_matches('"').to_ascii_lowercase();
        match name.as_str() {
            "base64" => Self::Base64,
            "quoted-printable" | "quoted_printable" | "quotedprintable" => Self::QuotedPrintable,
            "x-uuencode" | "uuencode" | "x-uue" | "uue" => Self::Uuencode,
            _ => Self::Plain,
        }
    }

    /// The bytes meant by `raw`.
    pub fn decode(self, raw: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Plain => Cow::Borrowed(raw),
            Self::Base64 if is_prose(raw) => Cow::Borrowed(raw),
            Self::Base64 => Cow::Owned(base64(raw)),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(raw)),
            Self::Uuencode => Cow::Owned(uuencode(raw)),
        }
    }
}

/// Whether what is said to be base64 is a text written down as it is: words with blanks between them and signs that base64
/// does not have.
fn is_prose(raw: &[u8]) -> bool {
    let head = raw.get(..PROBE).unwrap_or(raw).trim_ascii();
    let blanks = head.split(|byte| *byte == b' ').skip(1).count();
    let foreign = head.iter().filter(|byte| !byte.is_ascii_whitespace() && sextet(**byte) == SKIP).count();
    blanks >= 3 && foreign >= 1 && blanks + foreign >= head.len() / 12
}

/// Bytes of a part by which its encoding is checked.
const PROBE: usize = 512;
/// Signs from which on a line of them is a rule.
const RULE: usize = 3;
/// Lines above base64 that are looked at.
const BANNER: usize = 16;
const SKIP: u8 = 64;
const PAD: u8 = 65;

/// Value of each byte in base64, [`SKIP`] for what does not belong there, [`PAD`] for `=`.
const BASE64: [u8; 256] = base64_table();

#[expect(clippy::indexing_slicing, reason = "constant indexes, checked when the crate is compiled")]
const fn base64_table() -> [u8; 256] {
    let mut table = [SKIP; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0u8;
    while value < SKIP {
        table[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    table[b'=' as usize] = PAD;
    // The URL alphabet, which some generators use.
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
}

fn sextet(byte: u8) -> u8 {
    BASE64.get(usize::from(byte)).copied().unwrap_or(SKIP)
}

/// Decodes base64, skipping foreign bytes; padding ends a group, not the text. Lines of prose above it, and under its padding
/// or its short last line, are what lists and gateways put beside a mail without looking at its encoding.
pub fn base64(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() / 4 * 3 + 3);
    let mut rest = below_banner(raw);
    let (mut bits, mut count) = (0u32, 0u8);
    let mut padded = false;
    // Length of the first line; all but the last one are as long.
    let mut first = None;
    let mut short = false;
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        rest = after;
        let line = trim_end(line);
        if padded && is_no_base64(line) || short && count == 0 && is_beside(line) {
            break;
        }
        short |= line.len() < *first.get_or_insert(line.len());
        // The usual case: a line of whole groups.
        if count == 0 && whole_groups(line, &mut out) {
            continue;
        }
        for byte in line {
            match sextet(*byte) {
                SKIP => {}
                PAD => {
                    padded = true;
                    flush_base64(&mut out, bits, count);
                    (bits, count) = (0, 0);
                }
                value => {
                    bits = bits << 6 | u32::from(value);
                    count += 1;
                    if count == 4 {
                        out.extend_from_slice(low_bytes(bits).as_slice());
                        (bits, count) = (0, 0);
                    }
                }
            }
        }
    }
    flush_base64(&mut out, bits, count);
    out
}

/// A rule, or words with blanks or signs between them.
fn is_no_base64(line: &[u8]) -> bool {
    let rule = |byte: &u8| matches!(byte, b'-' | b'_');
    !line.is_empty() && (line.iter().all(rule) || line.iter().any(|byte| sextet(*byte) == SKIP))
}

/// A line that somebody wrote beside base64: a rule, or words with so many signs between them that it is no damaged base64.
/// Blanks alone prove nothing, some programs put them between groups.
fn is_beside(line: &[u8]) -> bool {
    let rule = |byte: &u8| matches!(byte, b'-' | b'_' | b'=');
    let foreign = line.iter().filter(|byte| sextet(**byte) == SKIP).count();
    let sign = line.iter().any(|byte| sextet(*byte) == SKIP && !byte.is_ascii_whitespace());
    line == b"--" || line.len() >= RULE && line.iter().all(rule) || sign && foreign * 12 >= line.len()
}

/// The base64 under the lines that a gateway put above it; all of `raw` when that is not what it looks like.
fn below_banner(raw: &[u8]) -> &[u8] {
    let mut rest = raw;
    let mut banner = false;
    for _ in 0..BANNER {
        let (line, after) = next_line(rest);
        let text = trim_end(line);
        if !text.is_empty() && !is_beside(text) {
            let whole = text.len() >= RULE * 4 && text.len().is_multiple_of(4);
            return if banner && whole && !is_no_base64(text) { rest } else { raw };
        }
        banner |= !text.is_empty();
        rest = after;
    }
    raw
}

/// Decodes a line that is nothing but groups of four letters of the alphabet; `false`, and nothing done, for any other.
fn whole_groups(line: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    out.resize(start + line.len() / 4 * 3, 0);
    let decoded = match out.get_mut(start..) {
        Some(room) if line.len().is_multiple_of(4) && !line.ends_with(b"=") => {
            BASE64_NOPAD.decode_mut(line, room).is_ok()
        }
        _ => false,
    };
    if !decoded {
        out.truncate(start);
    }
    decoded
}

fn flush_base64(out: &mut Vec<u8>, bits: u32, count: u8) {
    let [first, second, _] = low_bytes(bits << (6 * u32::from(4 - count.min(4))));
    match count {
        2 => out.push(first),
        3 => out.extend_from_slice(&[first, second]),
        _ => {}
    }
}

/// The three low bytes, highest first.
fn low_bytes(word: u32) -> [u8; 3] {
    let [_, rest @ ..] = word.to_be_bytes();
    rest
}

/// The byte of two hexadecimal digits.
pub fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// Decodes quoted-printable (RFC 2045 §6.7); a `=` that starts nothing stays.
pub fn quoted_printable(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        rest = after;
        let content = trim_end(line);
        let soft = content.last() == Some(&b'=');
        let content = if soft { content.split_last().map_or(content, |(_, head)| head) } else { content };
        push_quoted_line(&mut out, content);
        if !soft {
            let kept = line.len() - trim_end(line).len();
            let end = line.get(line.len() - kept..).unwrap_or_default();
            // Blanks at the end of a line were added on the way; the line end itself is text.
            out.extend(end.iter().filter(|&&byte| byte == b'\r' || byte == b'\n'));
        }
    }
    out
}

fn push_quoted_line(out: &mut Vec<u8>, line: &[u8]) {
    let mut rest = line;
    while let Some(at) = rest.iter().position(|&byte| byte == b'=') {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(before);
        match from {
            [_, high, low, tail @ ..] if hex_pair(*high, *low).is_some() => {
                out.extend(hex_pair(*high, *low));
                rest = tail;
            }
            [_, tail @ ..] => {
                out.push(b'=');
                rest = tail;
            }
            [] => rest = &[],
        }
    }
    out.extend_from_slice(rest);
}

/// Decodes uuencoded lines between `begin` and `end`.
pub fn uuencode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() / 4 * 3);
    let mut rest = raw;
    let mut started = false;
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        rest = after;
        let line = trim_end(line);
        if !started {
            started = line.starts_with(b"begin ");
            continue;
        }
        if line == b"end" {
            break;
        }
        push_uu_line(&mut out, line);
    }
    out
}

fn push_uu_line(out: &mut Vec<u8>, line: &[u8]) {
    let Some((&first, data)) = line.split_first() else { return };
    let wanted = usize::from(first.wrapping_sub(32) & 63);
    let start = out.len();
    for group in data.chunks(4) {
        let mut word = 0u32;
        for index in 0..4 {
            let byte = group.get(index).copied().unwrap_or(b' ');
            word = word << 6 | u32::from(byte.wrapping_sub(32) & 63);
        }
        out.extend_from_slice(low_bytes(word).as_slice());
    }
    out.truncate(start + wanted);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_whatever_stands_between() {
        for (from, to) in [
            ("aGVsbG8=", "hello"),
            ("aGVs\r\nbG8=", "hello"),
            ("aGVsbG8", "hello"),
            ("aGV!sbG8=", "hello"),
            ("aGVsbG8=aGVsbG8=", "hellohello"),
            ("", ""),
            ("=", ""),
            ("a", ""),
        ] {
            assert_eq!(base64(from.as_bytes()), to.as_bytes(), "{from}");
        }
    }

    #[test]
    fn words_beside_base64_are_no_part_of_it() {
        for text in [
            "aGVsbG8gd29ybGQh\r\n\r\n_______________\r\nlist mailing list\r\nlist@x.example\r\n",
            "aGVsbG8gd29y\nbGQh\n-- \nlist@x.example\n",
            "aGVsbG8gd29ybGQh\n\n[EXTERNAL] be careful\n",
            "[EXTERNAL]\n\naGVsbG8gd29ybGQh\n",
            "*** be careful ***\naGVsbG8gd29ybGQh",
            // Blanks alone.
            "aGVs bG8g d29y bGQh",
        ] {
            assert_eq!(base64(text.as_bytes()), b"hello world!", "{text:?}");
        }
    }

    #[test]
    fn quoted_printable_keeps_what_is_no_escape() {
        for (from, to) in [
            ("a=3Db", "a=b"),
            ("soft=\r\nline", "softline"),
            ("blank  \r\nend", "blank\r\nend"),
            ("x=ZZ y=", "x=ZZ y"),
            ("=e4=C3", "\u{e4}\u{c3}"),
            ("a=\n", "a"),
        ] {
            let want: Vec<u8> = to.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
            assert_eq!(quoted_printable(from.as_bytes()), want, "{from}");
        }
    }

    #[test]
    fn uuencoded_files_are_read() {
        assert_eq!(uuencode(b"begin 644 a.txt\n%:&5L;&\\\n`\nend\n"), b"hello");
    }
}

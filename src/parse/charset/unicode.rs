//! Unicode in its rarer dress: UTF-16 under labels that cannot be true, UTF-7, surrogates written as UTF-8, and UTF-8 with
//! lines of another charset in it.
//!
//! Knows no charset but those of Unicode: what is none is given to the caller's detector.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes of valid UTF-8 from which on they are no chance under a label of UTF-16.
const NO_CHANCE: usize = 12;

/// Text said to be UTF-16, by `label` in the order of `encoding`. Its byte order mark says the order, then its zero bytes,
/// then the label; `utf-16` alone means big-endian (RFC 2781 §4.3). Valid UTF-8 without a zero byte is UTF-8.
pub fn utf16<'a>(bytes: &'a [u8], label: &str, encoding: &'static Encoding) -> Cow<'a, str> {
    for (mark, encoding) in [(b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            return encoding.decode_without_bom_handling(rest).0;
        }
    }
    let odd_length = !bytes.len().is_multiple_of(2);
    if (odd_length || bytes.len() >= NO_CHANCE)
        && let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return Cow::Borrowed(text);
    }
    let zeros = |start: usize| bytes.iter().skip(start).step_by(2).filter(|byte| **byte == 0).count();
    let encoding = match zeros(0).cmp(&zeros(1)) {
        std::cmp::Ordering::Greater => UTF_16BE,
        std::cmp::Ordering::Less => UTF_16LE,
        std::cmp::Ordering::Equal if label == "utf-16" => UTF_16BE,
        std::cmp::Ordering::Equal => encoding,
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// UTF-7 (RFC 2152): a `-` after a shift is swallowed and nothing else is, `+-` is a plus sign, and what is no shift stays.
pub fn utf7(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, shifted)) = rest.split_once('+') {
        out.push_str(before);
        let end = shifted.find(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/').unwrap_or(shifted.len());
        let (code, after) = shifted.split_at_checked(end).unwrap_or((shifted, ""));
        let decoded = if code.is_empty() && after.starts_with('-') { Some("+".to_owned()) } else { shift(code) };
        if let Some(decoded) = decoded {
            out.push_str(&decoded);
            rest = after.strip_prefix('-').unwrap_or(after);
        } else {
            out.push('+');
            out.push_str(code);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The text of one shift: whole units of UTF-16 in base64, the bits left over zero. Digits alone are a telephone number.
fn shift(code: &str) -> Option<String> {
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let bytes = data_encoding::BASE64_NOPAD.decode(code.as_bytes()).ok()?;
    let units = bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(u16::from_be_bytes).ok());
    String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()
}

/// Surrogate pairs that were written as two characters of three bytes (CESU-8, old Java and Oracle) as one of four;
/// `None` when there are none.
pub fn joined_surrogates(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut rest, mut kept) = (bytes, bytes);
    while let Some(at) = memchr::memchr(0xed, rest) {
        rest = rest.get(at..).unwrap_or_default();
        if let [_, a @ 0xa0..=0xaf, b @ 0x80..=0xbf, 0xed, c @ 0xb0..=0xbf, d @ 0x80..=0xbf, after @ ..] = rest {
            out.extend_from_slice(kept.get(..kept.len() - rest.len()).unwrap_or_default());
            let high = u32::from(a & 0x0f) << 6 | u32::from(b & 0x3f);
            let low = u32::from(c & 0x0f) << 6 | u32::from(d & 0x3f);
            let c = char::from_u32(0x1_0000 + (high << 10 | low)).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            (rest, kept) = (after, after);
        } else {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    (kept.len() < bytes.len()).then(|| {
        out.extend_from_slice(kept);
        out
    })
}

/// UTF-8 in which somebody on the way put lines of another charset (footers of lists, warnings of gateways): valid lines as
/// they are, the others as `other` reads them. `None` unless the valid lines hold at least `enough` characters that show
/// them to be UTF-8.
pub fn with_foreign_lines(bytes: &[u8], enough: usize, other: impl Fn(&[u8]) -> &'static Encoding) -> Option<String> {
    let mut valid = 0;
    let mut foreign = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        match std::str::from_utf8(line) {
            Ok(text) => valid += convincing(text),
            Err(_) if !nearly(line) => foreign.extend_from_slice(line),
            Err(_) => {}
        }
    }
    if valid < enough || foreign.is_empty() {
        return None;
    }
    let encoding = other(&foreign);
    let mut out = String::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if std::str::from_utf8(line).is_ok() || nearly(line) {
            out.push_str(&String::from_utf8_lossy(line));
        } else {
            out.push_str(&encoding.decode_without_bom_handling(line).0);
        }
    }
    Some(out)
}

/// Characters above ASCII of a line that stand beside a letter, as in words of Latin script, or in a row of others: two bytes
/// of another charset that happen to be UTF-8 stand alone.
fn convincing(line: &str) -> usize {
    let mut count = 0;
    let mut last = ' ';
    for c in line.chars() {
        let pair = |a: char, b: char| !a.is_ascii() && a.is_alphabetic() && b.is_alphabetic();
        count += usize::from(pair(c, last) || pair(last, c) && c.is_ascii());
        last = c;
    }
    count
}

/// Whether a line is UTF-8 but for a few broken bytes (cut in the middle of a character, one stray byte).
pub fn nearly(bytes: &[u8]) -> bool {
    let mut good = 0usize;
    let mut bad = 0usize;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|&byte| byte >= 0xc0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad > 0 && good >= 4 && bad * 4 <= good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_of_utf7_swallow_their_hyphen_alone() {
        for (from, to) in [
            ("prosz+ARk o", "proszę o"),
            ("+AUE-ukasz. +AUE.", "Łukasz. Ł."),
            ("1 +- 2", "1 + 2"),
            ("tel +48 600, +48600123456, a+b, +", "tel +48 600, +48600123456, a+b, +"),
            ("+2D3eAA", "\u{1f600}"),
        ] {
            assert_eq!(utf7(from), to, "{from}");
        }
    }

    #[test]
    fn utf16_is_in_the_order_that_its_zeros_show() {
        let bytes = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let text = "Zażółć gęślą jaźń";
        for label in ["utf-16", "utf-16le", "utf-16be", "unicode"] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            assert_eq!(utf16(&bytes(text, u16::to_be_bytes), label, encoding), text, "{label}");
            assert_eq!(utf16(&bytes(text, u16::to_le_bytes), label, encoding), text, "{label}");
            assert_eq!(utf16(text.as_bytes(), label, encoding), text, "{label}");
        }
        assert_eq!(utf16(&bytes("返金", u16::to_be_bytes), "utf-16", UTF_16LE), "返金");
        assert_eq!(utf16(&bytes("返金", u16::to_le_bytes), "utf-16le", UTF_16LE), "返金");
    }

    #[test]
    fn surrogates_become_one_character() {
        let joined = joined_surrogates(b"a \xed\xa0\xbd\xed\xb8\x80 \xed\x95\x9c").unwrap();
        assert_eq!(std::str::from_utf8(&joined).unwrap(), "a \u{1f600} \u{d55c}");
        assert_eq!(joined_surrogates("\u{d55c}".as_bytes()), None);
    }

    #[test]
    fn lines_of_another_charset_leave_the_rest_as_it_is() {
        let footer = encoding_rs::WINDOWS_1250.encode("Zażółć, Łódź").0;
        let mail = ["Dzień dobry, proszę o zwrot\n".as_bytes(), &footer].concat();
        let read = |bytes: &[u8]| with_foreign_lines(bytes, 2, |_| encoding_rs::WINDOWS_1250);
        assert_eq!(read(&mail).unwrap(), "Dzień dobry, proszę o zwrot\nZażółć, Łódź");
        assert_eq!(read("proszę".as_bytes()), None);
        // Two bytes of a pair that are UTF-8 by chance.
        assert_eq!(read(b"a \xdf\xbb b\n\xe4\xf6\xfc"), None);
    }
}

//! Brings the bytes of a mail into the one shape that the rest reads: no mbox line, no byte order mark, line feeds.
//!
//! Copies only mails that need it.

use std::borrow::Cow;

use crate::parse::MAX_MAIL;

/// How far to look for a line feed before a mail counts as one with bare carriage returns.
const PROBE: usize = 64 * 1024;

/// The mail without what stands before its headers, and with line feeds.
pub fn normalise<'a>(bytes: &'a [u8], defects: &mut Vec<String>) -> Cow<'a, [u8]> {
    let mut bytes = bytes;
    if let Some((kept, _)) = bytes.split_at_checked(MAX_MAIL).filter(|(_, rest)| !rest.is_empty()) {
        defects.push(format!("mail cut after {MAX_MAIL} bytes"));
        bytes = kept;
    }
    bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let probe = bytes.get(..PROBE).unwrap_or(bytes);
    let mut bytes = if !probe.contains(&b'\n') && probe.contains(&b'\r') {
        defects.push("lines end in bare carriage returns".to_owned());
        Cow::Owned(bytes.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect::<Vec<u8>>())
    } else {
        Cow::Borrowed(bytes)
    };
    // A gateway turned line feeds into line ends where line ends were: all of them then, so the first one tells.
    let first = bytes.iter().position(|byte| *byte == b'\n').and_then(|end| bytes.get(..end));
    if first.is_some_and(|line| line.ends_with(b"\r\r")) {
        defects.push("lines end in two carriage returns".to_owned());
        bytes = Cow::Owned(without_doubled_returns(&bytes));
    }
    let skip = before_headers(&bytes);
    if skip > 0 {
        match &mut bytes {
            Cow::Borrowed(slice) => *slice = slice.get(skip..).unwrap_or_default(),
            Cow::Owned(vector) => drop(vector.drain(..skip.min(vector.len()))),
        }
    }
    bytes
}

/// `CR* LF` as one line end.
fn without_doubled_returns(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                let ends = text.iter().rev().take_while(|byte| **byte == b'\r').count();
                kept.extend_from_slice(text.get(..text.len() - ends).unwrap_or_default());
                kept.push(b'\n');
            }
            None => kept.extend_from_slice(line),
        }
    }
    kept
}

/// Bytes of blank lines and of an mbox `From ` line before the headers.
fn before_headers(bytes: &[u8]) -> usize {
    let blank = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    // Leading white space of the first line would make it a continuation: keep the line whole.
    let rest = bytes.get(blank..).unwrap_or_default();
    if rest.starts_with(b"From ") || rest.starts_with(b">From ") {
        let line = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |end| end + 1);
        return blank + line;
    }
    blank
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_with_bare_carriage_returns_get_line_feeds() {
        let mut defects = Vec::new();
        assert_eq!(&*normalise(b"A: b\r\rtext\r", &mut defects), b"A: b\n\ntext\n");
        assert_eq!(defects.len(), 1);
    }

    #[test]
    fn doubled_carriage_returns_are_one_line_end() {
        let mut defects = Vec::new();
        assert_eq!(&*normalise(b"A: b\r\r\n\r\r\ntext\r\r\nmore", &mut defects), b"A: b\n\ntext\nmore");
        assert_eq!(&*normalise(b"A: b\r\n\r\ntext\r\r\n", &mut Vec::new()), b"A: b\r\n\r\ntext\r\r\n");
        assert_eq!(defects.len(), 1);
    }

    #[test]
    fn mbox_lines_and_byte_order_marks_are_skipped() {
        let mut defects = Vec::new();
        assert_eq!(&*normalise(b"\n\nFrom a@b Mon Jan 1\nA: b\n", &mut defects), b"A: b\n");
        assert_eq!(&*normalise(b"\xef\xbb\xbfA: b\n", &mut defects), b"A: b\n");
        assert_eq!(&*normalise(b"", &mut defects), b"");
        assert!(defects.is_empty());
    }
}

//! A header block cut into its fields, as raw slices of the mail, with limits.
//!
//! Knows nothing of what a field means. Works for the mail, for its parts and for headers quoted in a bounce.

use std::borrow::Cow;

use crate::parse::charset;
use crate::parse::mime::words;
use crate::parse::{MAX_HEADER, MAX_HEADER_LINES};

/// One field: its name and its raw value, folds included.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Name as written, without the colon.
    pub name: &'a [u8],
    /// Everything after the colon up to the end of the last folded line.
    pub value: &'a [u8],
}

/// The fields of one header block, in order.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a> {
    fields: Vec<Field<'a>>,
}

impl<'a> Fields<'a> {
    /// Reads the header block at the start of `bytes`; returns it and the body after it.
    ///
    /// A line that is no field ends the block as a blank line would, unless fields follow it (mbox lines, broken folds).
    pub fn scan(bytes: &'a [u8], defects: &mut Vec<String>) -> (Self, &'a [u8]) {
        let mut fields: Vec<Field<'a>> = Vec::with_capacity(32);
        let mut rest = bytes;
        let mut lines = 0;
        let mut odd = false;
        // Start of the value of the field being read, and the length of that value so far.
        let mut open: Option<(&'a [u8], &'a [u8], usize)> = None;
        while !rest.is_empty() {
            let (line, after) = next_line(rest);
            let content = trim_end(line);
            if content.is_empty() {
                let begun = open.is_some() || !fields.is_empty();
                if let Some(next) = after_blanks(rest).filter(|_| begun) {
                    odd = true;
                    lines += 1;
                    rest = next;
                    continue;
                }
                rest = after;
                break;
            }
            lines += 1;
            if content.starts_with(b"--") {
                // A boundary, never a field: the part has no body.
                break;
            }
            let continued = content.first().is_some_and(|&byte| byte == b' ' || byte == b'\t');
            if continued && open.is_some() {
                if let Some((_, value, length)) = &mut open {
                    *length = value.len() - after.len().min(value.len());
                }
            } else if let Some((name, value)) = split_field(rest, content) {
                if lines > MAX_HEADER_LINES {
                    rest = after;
                    continue;
                }
                close(&mut fields, open.take());
                open = Some((name, value, value.len() - after.len().min(value.len())));
            } else if continued || looks_like_field(next_line(after).0) {
                odd = true;
            } else {
                // No blank line between headers and body.
                if !fields.is_empty() || open.is_some() {
                    odd = true;
                }
                break;
            }
            rest = after;
        }
        close(&mut fields, open);
        if odd {
            defects.push("a header line is no header".to_owned());
        }
        if lines > MAX_HEADER_LINES {
            defects.push(format!("only the first {MAX_HEADER_LINES} header lines were read"));
        }
        (Self { fields }, rest)
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The raw values of all fields with this name (in lower or any case), in order.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a [u8]> + 's {
        self.fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|field| field.value)
    }

    /// The raw value of the first field with this name.
    pub fn raw(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// Whether a field with this name exists.
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The first field with this name, unfolded, its 8-bit bytes decoded, encoded words left as they are.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).map(unfold)
    }

    /// The first field with this name, unfolded and with its encoded words decoded.
    pub fn decoded(&self, name: &str) -> Option<String> {
        self.text(name).map(|text| words::decode(&text))
    }

    /// The first field with this name in lower case, without comments and parameters (RFC 3834 §5): a keyword.
    pub fn keyword(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let mut text = text.trim();
        while let Some((_, after)) = text.strip_prefix('(').and_then(|comment| comment.split_once(')')) {
            text = after.trim_start();
        }
        let word = text.split(['(', ';']).next().unwrap_or_default().trim();
        Some(word.to_ascii_lowercase())
    }
}

/// Where the header block goes on after lines of nothing but blanks, which may be folds of the obsolete syntax (RFC 5322
/// §4.2). `None` where it ends: the next line is neither folded nor a field that only headers have. A contact form's
/// `Name: Anna` below a line with a blank in it is text.
fn after_blanks(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    loop {
        let (line, after) = next_line(rest);
        let folded = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        let content = trim_end(line);
        if !content.is_empty() {
            return (folded || is_header_only(content)).then_some(rest);
        }
        if !folded {
            return None;
        }
        rest = after;
    }
}

/// Whether `line` starts with the name of a field that no one writes at the start of a text.
fn is_header_only(line: &[u8]) -> bool {
    let Some((name, _)) = split_field(line, line) else { return false };
    let name = name.to_ascii_lowercase();
    let starts: [&[u8]; 6] = [b"x-", b"content-", b"list-", b"arc-", b"resent-", b"thread-"];
    let names: [&[u8]; 11] = [
        b"received",
        b"return-path",
        b"delivered-to",
        b"dkim-signature",
        b"authentication-results",
        b"received-spf",
        b"mime-version",
        b"message-id",
        b"in-reply-to",
        b"references",
        b"auto-submitted",
    ];
    starts.iter().any(|start| name.starts_with(start)) || names.contains(&name.as_slice())
}

fn close<'a>(fields: &mut Vec<Field<'a>>, open: Option<(&'a [u8], &'a [u8], usize)>) {
    if let Some((name, value, length)) = open {
        let value = value.get(..length.min(MAX_HEADER)).unwrap_or(value);
        fields.push(Field { name, value: trim(value) });
    }
}

/// A raw value as text: folds become one blank, 8-bit bytes are decoded by guessing their charset.
pub fn unfold(raw: &[u8]) -> Cow<'_, str> {
    let text = charset::decode_unlabelled(raw);
    if text.contains(['\n', '\r']) {
        Cow::Owned(
            text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "),
        )
    } else {
        text
    }
}

/// Name and value (to the end of the input) of a field that starts at `rest`, whose first line is `line`.
fn split_field<'a>(rest: &'a [u8], line: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = trim_end(rest.get(..colon)?);
    let named = !name.is_empty() && name.iter().all(|&byte| byte > b' ' && byte < 0x7f);
    named.then_some((name, rest.get(colon + 1..)?))
}

fn looks_like_field(line: &[u8]) -> bool {
    split_field(line, line).is_some_and(|(name, _)| {
        name.len() > 1 && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    })
}

/// The first line with its line feed, and what follows.
pub fn next_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |index| index + 1);
    bytes.split_at_checked(end).unwrap_or((bytes, &[]))
}

/// Without white space at both ends.
pub fn trim(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}

/// Without white space at the end.
pub fn trim_end(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> (Vec<(String, String)>, String) {
        let (fields, body) = Fields::scan(text.as_bytes(), &mut Vec::new());
        let list = fields
            .iter()
            .map(|field| (String::from_utf8_lossy(field.name).into_owned(), unfold(field.value).into_owned()))
            .collect();
        (list, String::from_utf8_lossy(body).into_owned())
    }

    #[test]
    fn folded_lines_belong_to_their_field() {
        let (fields, body) = scan("A: b\r\n  c\r\n\td\r\nE:\r\n f\r\n\r\nbody\r\n");
        assert_eq!(fields, [("A".into(), "b c d".into()), ("E".into(), "f".into())]);
        assert_eq!(body, "body\r\n");
    }

    #[test]
    fn a_line_of_blanks_ends_the_headers_unless_they_go_on() {
        for (text, count, body) in [
            ("A: b\n \nHello\n", 1, "Hello\n"),
            ("A: b\n \nName: Anna\n", 1, "Name: Anna\n"),
            ("A: b\n \n\nX-C: d\n", 1, "\nX-C: d\n"),
            ("A: b\n \nX-C: d\n\nHello", 2, "Hello"),
            ("A: b\n \n\t\n  c\n\t\nMIME-Version: 1.0\n\nHello", 2, "Hello"),
        ] {
            let (fields, rest) = scan(text);
            assert_eq!((fields.len(), rest.as_str()), (count, body), "{text:?}");
        }
        assert_eq!(scan("Subject: a\n \n b\n\nx").0, [("Subject".into(), "a b".into())]);
    }

    #[test]
    fn headers_may_end_without_a_blank_line() {
        let (fields, body) = scan("A: b\nHello there, no colon\nmore\n");
        assert_eq!(fields.len(), 1);
        assert_eq!(body, "Hello there, no colon\nmore\n");
    }

    #[test]
    fn a_stray_line_between_headers_is_skipped() {
        let (fields, body) = scan("A: b\n>From x Mon\nSubject: d\n\nbody");
        assert_eq!(fields.len(), 2);
        assert_eq!(body, "body");
    }

    #[test]
    fn text_without_any_header_is_all_body() {
        let (fields, body) = scan("Hello\nthere\n");
        assert!(fields.is_empty());
        assert_eq!(body, "Hello\nthere\n");
    }

    #[test]
    fn only_so_many_header_lines_are_read() {
        let (fields, body) = scan(&format!("{}\nbody", "A: b\n".repeat(MAX_HEADER_LINES + 5)));
        assert_eq!(fields.len(), MAX_HEADER_LINES);
        assert_eq!(body, "body");
    }
}

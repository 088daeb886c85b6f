//! Values with parameters: Content-Type and Content-Disposition, with RFC 2231 and with what is written instead of it.

use crate::parse::charset;
use crate::parse::mime::transfer;
use crate::parse::mime::words;

/// Parameters of one header that are read.
const MAX_PARAMS: usize = 200;

/// A value such as `text/plain` with its parameters.
#[derive(Debug, Default)]
pub struct Value {
    /// What stands before the first `;`, lower case, no blanks.
    pub main: String,
    params: Vec<(String, String)>,
}

impl Value {
    /// Reads an unfolded header value.
    pub fn read(text: &str) -> Self {
        let mut pieces = pieces(text).into_iter();
        let first = pieces.next().unwrap_or_default();
        // `text/plain charset=utf-8`, `filename=x.pdf`: the `;` was forgotten.
        let (main, forgotten) = if first.contains('=') { without_params(first) } else { (first, None) };
        let main = main.split('(').next().unwrap_or_default();
        let main: String = main.chars().filter(|c| !c.is_whitespace() && *c != '"').collect::<String>().to_lowercase();
        let mut value = Self { main, params: Vec::new() };
        let mut continued: Vec<Segment> = Vec::new();
        for piece in forgotten.into_iter().chain(pieces).take(MAX_PARAMS) {
            let Some((name, text)) = piece.split_once('=') else { continue };
            let name = name.trim().to_ascii_lowercase();
            let text = text.trim();
            match Segment::read(&name, text) {
                Some(segment) => continued.push(segment),
                // A boundary is what it is, quotes and all.
                None if name == "boundary" && text.starts_with('\'') => value.params.push((name, text.to_owned())),
                None => value.params.push((name, unquote(text))),
            }
        }
        value.join(continued);
        value
    }

    /// A parameter by its lower-case name.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is text for people: encoded words in it are decoded though RFC 2047 forbids them there.
    pub fn text(&self, name: &str) -> Option<String> {
        self.param(name).map(words::decode)
    }

    /// Puts the pieces of RFC 2231 together; they win over a plain parameter of the same name.
    fn join(&mut self, mut segments: Vec<Segment>) {
        segments.sort_by(|a, b| a.name.cmp(&b.name).then(a.index.cmp(&b.index)));
        let mut start = 0;
        while let Some(first) = segments.get(start) {
            let name = first.name.clone();
            let run = segments.iter().skip(start).take_while(|segment| segment.name == name).count();
            let mut label = None;
            let mut bytes = Vec::new();
            for (position, segment) in segments.iter().skip(start).take(run).enumerate() {
                let mut text = segment.text.as_str();
                if segment.encoded && position == 0 {
                    let mut fields = text.splitn(3, '\'');
                    if let (Some(charset), Some(_), Some(rest)) = (fields.next(), fields.next(), fields.next()) {
                        label = Some(charset.to_owned());
                        text = rest;
                    }
                }
                if segment.encoded {
                    percent_decode(text, &mut bytes);
                } else {
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
            let value = charset::decode(&bytes, label.as_deref()).into_owned();
            self.params.insert(0, (name, value));
            start += run;
        }
    }
}

/// A value and the parameter behind it without a `;`.
fn without_params(first: &str) -> (&str, Option<&str>) {
    let start = first.len() - first.trim_start().len();
    let end = first.get(start..).and_then(|rest| rest.find(char::is_whitespace)).map(|at| start + at);
    let equals = first.find('=').unwrap_or(first.len());
    match end.filter(|&end| end < equals) {
        Some(end) => (first.get(..end).unwrap_or_default(), first.get(end..)),
        None => ("", Some(first)),
    }
}

/// One `name*3*=text` of RFC 2231.
struct Segment {
    name: String,
    index: u32,
    encoded: bool,
    text: String,
}

impl Segment {
    fn read(name: &str, text: &str) -> Option<Self> {
        let (base, rest) = name.split_once('*')?;
        let encoded = rest.is_empty() || rest.ends_with('*');
        let digits = rest.trim_end_matches('*');
        let index = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        Some(Self { name: base.trim().to_owned(), index, encoded, text: unquote(text) })
    }
}

fn percent_decode(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, tail @ ..]) => match transfer::hex_pair(*high, *low) {
                Some(value) => {
                    out.push(value);
                    rest = tail;
                }
                None => out.push(b'%'),
            },
            _ => out.push(byte),
        }
    }
}

/// Splits at the `;` that are outside quotes.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                pieces.extend(text.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    pieces.extend(text.get(start..));
    pieces
}

/// The text of a quoted string, or the bare token; a backslash that escapes nothing is part of a Windows path.
fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else {
        return text.trim_matches('\'').trim_end().to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' if matches!(characters.peek(), Some('"' | '\\')) => out.extend(characters.next()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, want: &str) {
        assert_eq!(Value::read(text).text(name).as_deref(), Some(want), "{text}");
    }

    #[test]
    fn parameters_are_read_quoted_and_bare() {
        assert_eq!(Value::read("Text/HTML; charset=x").main, "text/html");
        check("text/plain; charset=\"UTF-8\"", "charset", "UTF-8");
        check("text/plain; charset = utf-8 ; format=flowed", "charset", "utf-8");
        check("a/b; name=\"x;y=\\\"z\\\".txt\"", "name", "x;y=\"z\".txt");
        check("a/b; name=\"C:\\dir\\x.txt\"", "name", "C:\\dir\\x.txt");
        check("a/b; name=two words.txt", "name", "two words.txt");
        check("text/plain charset=\"utf-8\"; format=flowed", "charset", "utf-8");
        check("text/plain charset=\"utf-8\"; format=flowed", "format", "flowed");
        assert_eq!(Value::read("text/plain charset=utf-8").main, "text/plain");
        check("filename=a.pdf", "filename", "a.pdf");
        check("multipart/mixed; boundary='x'", "boundary", "'x'");
    }

    #[test]
    fn rfc_2231_names_are_decoded_and_joined() {
        check("attachment; filename*=UTF-8''za%C5%BC.pdf", "filename", "zaż.pdf");
        check("attachment; filename*1=\"b.pdf\"; filename*0=\"a\"", "filename", "ab.pdf");
        check("attachment; filename*0*=utf-8'pl'%C5; filename*1*=%BC.txt; filename=x.txt", "filename", "ż.txt");
        check("attachment; filename*=iso-8859-2''%B1.txt", "filename", "ą.txt");
    }

    #[test]
    fn encoded_words_in_parameters_are_decoded() {
        check("a/b; name=\"=?utf-8?q?=C5=BC.txt?=\"", "name", "ż.txt");
    }
}

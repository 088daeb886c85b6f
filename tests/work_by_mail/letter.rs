//! The bytes of a mail: parts within parts, transfer codings, charsets, flowed text.

use std::fmt::Write as _;

use data_encoding::BASE64;
use encoding_rs::Encoding;

use super::support::mail::base64_lines;

/// Characters of a line of flowed text (RFC 3676).
const FLOWED: usize = 72;
/// Characters of a quoted-printable line.
const QUOTED: usize = 75;

/// How text travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Quoted,
    Base64,
    /// As it is, lines that are too long broken softly.
    Flowed,
}

impl Coding {
    /// What a program that flows its plain text does with its HTML.
    pub fn for_html(self) -> Self {
        if self == Self::Flowed { Self::Quoted } else { self }
    }
}

/// A part of a mail: its headers and its body.
pub struct Part {
    headers: String,
    body: Vec<u8>,
}

impl Part {
    /// `text/KIND`.
    pub fn text(kind: &str, text: &str, charset: &str, coding: Coding) -> Self {
        let (text, flowed) =
            if coding == Coding::Flowed { (flow(text), "; format=flowed") } else { (text.to_owned(), "") };
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        let (bytes, _, _) = Encoding::for_label(charset.as_bytes()).unwrap().encode(&text);
        let (name, body) = match coding {
            Coding::Quoted => ("quoted-printable", quoted_printable(&bytes).into_bytes()),
            Coding::Base64 => ("base64", base64_lines(&bytes).into_bytes()),
            Coding::Flowed => ("8bit", bytes.into_owned()),
        };
        let headers =
            format!("Content-Type: text/{kind}; charset={charset}{flowed}\r\nContent-Transfer-Encoding: {name}\r\n");
        Self { headers, body }
    }

    /// A file.
    pub fn file(name: &str, kind: &str, bytes: &[u8]) -> Self {
        let headers = format!(
            "Content-Type: {kind}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n"
        );
        Self { headers, body: base64_lines(bytes).into_bytes() }
    }

    /// The file as a picture that the HTML shows.
    pub fn shown(mut self, id: &str) -> Self {
        self.headers = self.headers.replace("attachment;", "inline;");
        write!(self.headers, "Content-ID: <{id}>\r\n").unwrap();
        self
    }

    /// `multipart/KIND`.
    pub fn several(kind: &str, parts: Vec<Self>) -> Self {
        let boundary = format!("=_{kind}_7f3");
        let mut body = Vec::new();
        for part in parts {
            body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
            body.extend(part.bytes());
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Self { headers: format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n"), body }
    }

    /// Headers, an empty line, the body.
    pub fn bytes(self) -> Vec<u8> {
        let mut bytes = self.headers.into_bytes();
        bytes.extend_from_slice(b"\r\n");
        bytes.extend(self.body);
        bytes
    }
}

/// Whether both texts can be written in a charset.
pub fn fits(charset: &str, plain: &str, html: &str) -> bool {
    let encoding = Encoding::for_label(charset.as_bytes()).unwrap();
    [plain, html].iter().all(|text| !encoding.encode(text).2)
}

/// A header's text (RFC 2047), in as many words as it takes.
pub fn encoded_word(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let words = chars.chunks(20).map(|chunk| {
        let chunk: String = chunk.iter().collect();
        format!("=?utf-8?B?{}?=", BASE64.encode(chunk.as_bytes()))
    });
    words.collect::<Vec<_>>().join("\n ")
}

/// Long lines broken at blanks, which stay at the ends; quoted lines keep their mark.
fn flow(text: &str) -> String {
    let mut flowed = String::new();
    for line in text.lines() {
        let (mark, rest) = line.strip_prefix("> ").map_or(("", line), |rest| ("> ", rest));
        let mut width = 0;
        flowed.push_str(mark);
        for word in rest.split_inclusive(' ') {
            if width > 0 && width + word.chars().count() > FLOWED && flowed.ends_with(' ') {
                flowed.push('\n');
                flowed.push_str(mark);
                width = 0;
            }
            flowed.push_str(word);
            width += word.chars().count();
        }
        // A line that ends in a blank would go on in the next one; the mark of a signature may.
        if line != "-- " {
            flowed.truncate(flowed.trim_end_matches(' ').len());
        }
        flowed.push('\n');
    }
    flowed
}

fn quoted_printable(bytes: &[u8]) -> String {
    let mut out = String::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut width = 0;
        for (index, byte) in line.iter().enumerate() {
            let last = index + 1 == line.len();
            let plain = (b'!'..=b'~').contains(byte) && *byte != b'=' || *byte == b' ' && !last;
            let piece = if plain { char::from(*byte).to_string() } else { format!("={byte:02X}") };
            if width + piece.len() > QUOTED {
                out.push_str("=\r\n");
                width = 0;
            }
            width += piece.len();
            out.push_str(&piece);
        }
        out.push_str("\r\n");
    }
    out.truncate(out.len() - 2);
    out
}

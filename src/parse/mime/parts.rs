//! The parts of a mail (RFC 2046) as raw slices, found in one pass over its lines.
//!
//! Nothing is decoded here. Missing closing boundaries, missing boundaries, parts without headers and hostile nesting
//! are survived; a nested mail stays one part, so nothing recurses deeper than [`MAX_NESTING`].

use std::borrow::Cow;

use crate::parse::charset;
use crate::parse::mime::fields::{Fields, next_line, trim_end, unfold};
use crate::parse::mime::params::Value;
use crate::parse::mime::transfer::Transfer;
use crate::parse::{MAX_NESTING, MAX_PARTS};

/// What a multipart means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The same thing in several forms.
    Alternative,
    /// A text with what it shows.
    Related,
    /// A report (RFC 6522).
    Report,
    /// A digest: its parts are mails by default.
    Digest,
    /// Mixed and all others.
    Mixed,
}

/// A multipart.
#[derive(Clone, Debug)]
pub struct Container {
    /// What it means.
    pub kind: Kind,
    /// The multipart it stands in.
    pub parent: Option<usize>,
    /// `report-type`, lower case.
    pub report_type: String,
}

/// How a part wants to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Nothing said.
    None,
    /// Inside the text.
    Inline,
    /// As a file.
    Attachment,
}

/// A part that is no multipart.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// Media type, lower case; `text/plain` when none is given.
    pub media_type: String,
    /// Declared charset.
    pub charset: Option<String>,
    /// Declared file name, decoded, not sanitised.
    pub name: Option<String>,
    /// How it wants to be shown.
    pub disposition: Disposition,
    /// `Content-ID` without brackets.
    pub content_id: Option<String>,
    /// `format=flowed`.
    pub flowed: bool,
    /// `delsp=yes`.
    pub delsp: bool,
    /// How the bytes are written down.
    pub transfer: Transfer,
    /// The bytes as they stand in the mail.
    pub raw: &'a [u8],
    /// The multipart it stands in.
    pub parent: Option<usize>,
}

impl<'a> Part<'a> {
    /// The decoded bytes.
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        self.transfer.decode(self.raw)
    }

    /// Whether it is running text unless its place says otherwise.
    pub fn is_text(&self) -> bool {
        self.media_type == "text/plain" || self.media_type == "text/html"
    }

    /// The decoded text of at most `limit` bytes, line ends and all.
    pub fn text(&self, limit: usize) -> String {
        let bytes = self.bytes();
        let bytes = bytes.get(..limit).unwrap_or(&bytes);
        charset::decode(bytes, self.charset.as_deref()).into_owned()
    }
}

/// All parts of a mail.
#[derive(Clone, Debug, Default)]
pub struct Parts<'a> {
    /// The multiparts; the outermost first.
    pub containers: Vec<Container>,
    /// The others, in order.
    pub leaves: Vec<Part<'a>>,
}

impl Parts<'_> {
    /// The kind of the multipart that a part stands in.
    pub fn kind(&self, part: &Part<'_>) -> Option<Kind> {
        self.containers.get(part.parent?).map(|container| container.kind)
    }

    /// The nearest `multipart/alternative` around a part, or around the multipart it stands in.
    pub fn alternative(&self, part: &Part<'_>) -> Option<usize> {
        let mut at = part.parent;
        while let Some(index) = at {
            let container = self.containers.get(index)?;
            if container.kind == Kind::Alternative {
                return Some(index);
            }
            at = container.parent;
        }
        None
    }

    /// The multipart directly inside the multipart `group` in which a part stands; `None` when it stands in `group` itself.
    pub fn member_of(&self, group: usize, part: &Part<'_>) -> Option<usize> {
        let mut at = part.parent.filter(|&parent| parent != group)?;
        while let Some(parent) = self.containers.get(at)?.parent {
            if parent == group {
                return Some(at);
            }
            at = parent;
        }
        None
    }
}

/// Why a part ended.
enum End {
    /// The mail ended.
    Mail,
    /// A boundary of the multipart at this depth began another part.
    Next(usize),
    /// The multipart at this depth was closed.
    Close(usize),
}

struct Walker<'a, 'd> {
    rest: &'a [u8],
    boundaries: Vec<Vec<u8>>,
    parts: Parts<'a>,
    entities: usize,
    defects: &'d mut Vec<String>,
}

/// Splits a mail with these headers and this body.
pub fn split<'a>(fields: &Fields<'_>, body: &'a [u8], defects: &mut Vec<String>) -> Parts<'a> {
    let mut walker = Walker { rest: body, boundaries: Vec::new(), parts: Parts::default(), entities: 0, defects };
    walker.entity(fields, None, "text/plain");
    walker.parts
}

impl<'a> Walker<'a, '_> {
    /// Reads the part whose headers were just read.
    fn entity(&mut self, fields: &Fields<'_>, parent: Option<usize>, default_type: &str) -> End {
        self.entities += 1;
        if self.entities > MAX_PARTS {
            if self.entities == MAX_PARTS + 1 {
                self.defects.push(format!("more than {MAX_PARTS} parts"));
            }
            self.rest = &[];
            return End::Mail;
        }
        let value = Value::read(&fields.text("Content-Type").unwrap_or_default());
        let main = match value.main.as_str() {
            "plain/text" => "text/plain",
            "html/text" => "text/html",
            main if main.contains('/') => main,
            _ => default_type,
        };
        if main.starts_with("multipart/") {
            if self.boundaries.len() >= MAX_NESTING {
                self.defects.push(format!("multiparts nested deeper than {MAX_NESTING}"));
            } else if let Some(boundary) = self.boundary(&value) {
                return self.multipart(main, &value, boundary, parent);
            } else {
                self.defects.push("multipart without its boundary".to_owned());
            }
        }
        let (raw, end) = self.until_boundary();
        let part = leaf(fields, &value, main, raw, parent);
        self.parts.leaves.push(part);
        end
    }

    /// The boundary of a multipart: as declared if it occurs, else the first line that looks like one.
    fn boundary(&self, value: &Value) -> Option<Vec<u8>> {
        let declared = value.param("boundary").map(|boundary| boundary.trim_end().as_bytes().to_vec());
        // In single quotes, which are a part of it by RFC 2045 and for some programs are not.
        let inner = declared.as_deref().and_then(|text| text.strip_prefix(b"'")?.strip_suffix(b"'"));
        let bare = inner.filter(|inner| !inner.is_empty()).map(<[u8]>::to_vec);
        let mut rest = self.rest;
        let mut guess: Option<Vec<u8>> = None;
        while !rest.is_empty() {
            let (line, after) = next_line(rest);
            rest = after;
            let Some(name) = trim_end(line).strip_prefix(b"--") else { continue };
            if declared.as_deref().is_some_and(|declared| !declared.is_empty() && name.starts_with(declared)) {
                return declared;
            }
            if bare.as_deref().is_some_and(|bare| name.starts_with(bare)) {
                return bare;
            }
            let followed = next_line(rest).0.to_ascii_lowercase().starts_with(b"content-");
            if guess.is_none() && followed && name.len() > 3 && !name.contains(&b' ') {
                guess = Some(name.to_vec());
            }
        }
        guess
    }

    fn multipart(&mut self, main: &str, value: &Value, boundary: Vec<u8>, parent: Option<usize>) -> End {
        let kind = match main {
            "multipart/alternative" => Kind::Alternative,
            "multipart/related" => Kind::Related,
            "multipart/report" => Kind::Report,
            "multipart/digest" => Kind::Digest,
            _ => Kind::Mixed,
        };
        let report_type = value.param("report-type").unwrap_or_default().to_ascii_lowercase();
        self.parts.containers.push(Container { kind, parent, report_type });
        let container = Some(self.parts.containers.len() - 1);
        let depth = self.boundaries.len();
        self.boundaries.push(boundary);
        let default_type = if kind == Kind::Digest { "message/rfc822" } else { "text/plain" };
        // The preamble is for programs that know no MIME.
        let (_, mut end) = self.until_boundary();
        while matches!(end, End::Next(level) if level == depth) {
            let (fields, rest) = Fields::scan(self.rest, self.defects);
            self.rest = rest;
            end = self.entity(&fields, container, default_type);
        }
        self.boundaries.truncate(depth);
        match end {
            End::Close(level) if level == depth => {
                if depth == 0 {
                    // The epilogue; nothing of it is meant to be read.
                    self.rest = &[];
                    return End::Mail;
                }
                self.until_boundary().1
            }
            End::Mail | End::Next(_) | End::Close(_) => end,
        }
    }

    /// Everything up to the next boundary of any open multipart, without the line end before it.
    fn until_boundary(&mut self) -> (&'a [u8], End) {
        let start = self.rest;
        if self.boundaries.is_empty() {
            self.rest = &[];
            return (start, End::Mail);
        }
        while !self.rest.is_empty() {
            let (line, after) = next_line(self.rest);
            if let Some(end) = self.match_boundary(line) {
                let content = start.get(..start.len() - self.rest.len()).unwrap_or_default();
                self.rest = after;
                return (without_line_end(content), end);
            }
            self.rest = after;
        }
        (start, End::Mail)
    }

    fn match_boundary(&self, line: &[u8]) -> Option<End> {
        let name = trim_end(line.strip_prefix(b"--")?);
        let open = || self.boundaries.iter().enumerate().rev();
        let exact = open().find_map(|(level, boundary)| match name.strip_prefix(boundary.as_slice()) {
            Some(b"") => Some(End::Next(level)),
            Some([b'-', b'-', ..]) => Some(End::Close(level)),
            _ => None,
        });
        // RFC 2046 §5.1.1: what follows a boundary on its line is to be ignored.
        exact.or_else(|| {
            let begins = |boundary: &[u8]| {
                name.strip_prefix(boundary).is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b"\t"))
            };
            open().find(|(_, boundary)| begins(boundary)).map(|(level, _)| End::Next(level))
        })
    }
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

fn leaf<'a>(fields: &Fields<'_>, value: &Value, main: &str, raw: &'a [u8], parent: Option<usize>) -> Part<'a> {
    let disposition = Value::read(&fields.text("Content-Disposition").unwrap_or_default());
    let name = disposition.text("filename").or_else(|| value.text("name")).filter(|name| !name.trim().is_empty());
    let media_type = if main.starts_with("multipart/") { "text/plain" } else { main };
    Part {
        media_type: media_type.to_owned(),
        charset: value.param("charset").map(str::to_owned),
        name,
        disposition: match disposition.main.as_str() {
            "" => Disposition::None,
            "inline" => Disposition::Inline,
            _ => Disposition::Attachment,
        },
        content_id: fields
            .text("Content-ID")
            .map(|id| id.trim().trim_matches(['<', '>']).to_owned())
            .filter(|id| !id.is_empty()),
        flowed: value.param("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed")),
        delsp: value.param("delsp").is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes")),
        transfer: fields.raw("Content-Transfer-Encoding").map_or(Transfer::Plain, |raw| {
            let name = unfold(raw);
            Transfer::from_name(name.split([';', '(']).next().unwrap_or_default())
        }),
        raw,
        parent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mail: &str, want: &[(&str, &str)]) -> Vec<String> {
        let mut defects = Vec::new();
        let (fields, body) = Fields::scan(mail.as_bytes(), &mut defects);
        let parts = split(&fields, body, &mut defects);
        let got: Vec<(&str, &str)> = parts
            .leaves
            .iter()
            .map(|part| (part.media_type.as_str(), std::str::from_utf8(part.raw).unwrap()))
            .collect();
        assert_eq!(got, want, "{mail}");
        defects
    }

    #[test]
    fn parts_end_where_their_boundary_says() {
        let mail = "Content-Type: multipart/mixed; boundary=a\n\npre\n--a\n\none\n--a\nContent-Type: text/html\n\ntwo\n\n--a--\nepilogue\n";
        check(mail, &[("text/plain", "one"), ("text/html", "two\n")]);
    }

    #[test]
    fn an_outer_boundary_closes_inner_multiparts() {
        let mail = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=ab\n\n--ab\n\none\n--a\n\ntwo\n--a--\n";
        check(mail, &[("text/plain", "one"), ("text/plain", "two")]);
    }

    #[test]
    fn a_missing_or_wrong_boundary_is_found_in_the_body() {
        let mail = "Content-Type: multipart/mixed\n\n--xyzzy\nContent-Type: text/html\n\none\n--xyzzy--\n";
        check(mail, &[("text/html", "one")]);
        let defects = check("Content-Type: multipart/mixed; boundary=q\n\nplain\n", &[("text/plain", "plain\n")]);
        assert_eq!(defects, ["multipart without its boundary"]);
    }

    #[test]
    fn words_after_a_boundary_are_ignored() {
        let mail = "Content-Type: multipart/mixed; boundary=a\n\n--a ignored\n\none\n--a-- ignored\nepilogue\n";
        check(mail, &[("text/plain", "one")]);
    }

    #[test]
    fn a_part_may_have_no_headers_and_no_body() {
        let mail = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/html\n--a\n--a--\n";
        check(mail, &[("text/html", ""), ("text/plain", "")]);
    }

    #[test]
    fn hostile_nesting_and_numbers_end_somewhere() {
        let levels =
            (0..20_000).map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"));
        let mail = levels.collect::<Vec<_>>().concat();
        let (fields, body) = Fields::scan(mail.as_bytes(), &mut Vec::new());
        assert!(split(&fields, body, &mut Vec::new()).containers.len() <= MAX_NESTING);
        let mail = format!("Content-Type: multipart/mixed; boundary=a\n\n{}", "--a\n\nx\n".repeat(5_000));
        let (fields, body) = Fields::scan(mail.as_bytes(), &mut Vec::new());
        assert!(split(&fields, body, &mut Vec::new()).leaves.len() <= MAX_PARTS);
    }
}

//! HTML cut into text and tags, in one forward pass whatever the input.
//!
//! No tree is built: mail HTML is hostile (deep, unclosed, huge) and only its text is wanted. Comments, scripts, styles and
//! declarations never come out.

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::html::add_html_token;

use crate::model::text::{clean_text, is_running};

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Text, entities not decoded.
    Text(&'a str),
    /// `<name attributes>`; the name as written.
    Open(&'a str, &'a str),
    /// `</name>`.
    Close(&'a str),
}

/// Elements whose content is no text.
const RAW: [&str; 5] = ["style", "script", "title", "xml", "noembed"];

/// Reads tokens from HTML.
pub struct Tokens<'a> {
    rest: &'a str,
    /// Closing tags that do not occur any more, so that nobody looks for them again.
    missing: Vec<&'static str>,
    comments_end: bool,
}

impl<'a> Tokens<'a> {
    /// A reader of `html`.
    pub fn new(html: &'a str) -> Self {
        Self { rest: html, missing: Vec::new(), comments_end: true }
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    /// Skips a comment or a declaration at the start of the rest.
    fn skip_declaration(&mut self) {
        // `<!-->` and `<!--->` are whole comments.
        let short = ["<!-->", "<!--->"].into_iter().find(|short| self.rest.starts_with(short)).map(str::len);
        let end = if short.is_none() && self.rest.starts_with("<!--") && self.comments_end {
            let found = self.rest.get(4..).and_then(comment_end).map(|at| at + 4);
            self.comments_end = found.is_some();
            found
        } else {
            short
        };
        let end = end.or_else(|| self.rest.find('>').map(|at| at + 1)).unwrap_or(self.rest.len());
        self.advance(end);
    }

    /// Skips to the closing tag of an element without text; stays when there is none.
    fn skip_raw(&mut self, name: &'static str) {
        if self.missing.contains(&name) {
            return;
        }
        if let Some(at) = find_close(self.rest, name) {
            self.advance(at);
            return;
        }
        self.missing.push(name);
        // Code to the end, unless there is markup in it: then it is words that would be lost.
        if !self.rest.contains('<') && matches!(name, "script" | "style") {
            self.rest = "";
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(tag) = self.rest.strip_prefix('<') else {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Token::Text(self.advance(end)));
            };
            match tag.bytes().next() {
                Some(b'!' | b'?') => self.skip_declaration(),
                Some(b'/') if tag.get(1..).is_some_and(starts_with_letter) => {
                    let end = tag.find('>').map_or(self.rest.len(), |at| at + 2);
                    let text = self.advance(end).trim_start_matches("</").trim_end_matches('>');
                    return Some(Token::Close(name_of(text)));
                }
                Some(_) if starts_with_letter(tag) => {
                    let end = tag_end(tag);
                    let text = self.advance(end + 2);
                    let inner = text.get(1..).unwrap_or_default().trim_end_matches('>');
                    let name = name_of(inner);
                    if let Some(raw) = RAW.into_iter().find(|raw| raw.eq_ignore_ascii_case(name)) {
                        if !inner.ends_with('/') {
                            self.skip_raw(raw);
                        }
                        continue;
                    }
                    return Some(Token::Open(name, inner.get(name.len()..).unwrap_or_default()));
                }
                _ => {
                    // A lone `<` is text.
                    let end = tag.find('<').map_or(self.rest.len(), |at| at + 1);
                    return Some(Token::Text(self.advance(end)));
                }
            }
        }
    }
}

/// Bytes up to the end of a comment: `-->`, and `--!>` as browsers have it.
fn comment_end(text: &str) -> Option<usize> {
    text.match_indices('>').find_map(|(at, _)| {
        let head = text.get(..at)?;
        (head.ends_with("--") || head.ends_with("--!")).then_some(at + 1)
    })
}

fn starts_with_letter(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

/// Bytes of a tag's inside: up to the `>` that is outside quotes, or up to the first one when quotes do not close soon.
fn tag_end(tag: &str) -> usize {
    const QUOTED: usize = 64 * 1024;
    let mut quote = None;
    for (index, byte) in tag.bytes().enumerate().take(QUOTED) {
        match (byte, quote) {
            (b'>', None) => return index,
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    tag.find('>').unwrap_or(tag.len())
}

fn name_of(inner: &str) -> &str {
    let end = inner.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(inner.len());
    inner.get(..end).unwrap_or(inner)
}

fn find_close(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("</") {
        let start = from + at;
        let tail = text.get(start + 2..).unwrap_or_default();
        if tail.get(..name.len()).is_some_and(|have| have.eq_ignore_ascii_case(name)) {
            return Some(start);
        }
        from = start + 2;
    }
    None
}

/// The value of an attribute, entities decoded; the first of that name wins.
pub fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
        let (key, after) = rest.split_at_checked(end)?;
        let after = after.trim_start();
        let value;
        if let Some(text) = after.strip_prefix('=') {
            let text = text.trim_start();
            (value, rest) = attribute_value(text);
        } else {
            (value, rest) = ("", after);
        }
        if key.eq_ignore_ascii_case(name) {
            let mut decoded = String::new();
            decode_entities(value, &mut decoded);
            return Some(decoded);
        }
        let skipped = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if end == 0 && skipped.len() == attributes.len() {
            return None;
        }
        rest =
            if end == 0 && key.is_empty() && skipped == after { skipped.get(1..).unwrap_or_default() } else { skipped };
    }
    None
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Appends `text` with its entities decoded.
pub fn decode_entities(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let length =
            from.bytes().skip(1).take(32).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count() + 1;
        let name = from.get(..length).unwrap_or_default();
        let after = from.get(length..).unwrap_or_default();
        if length > 1 && after.starts_with(';') {
            // The text itself was cleaned before; what an entity hides was not.
            let begin = out.len();
            match numbered(name) {
                Some(c) => out.push(c),
                None => add_html_token(out, from.get(..=length).unwrap_or_default().as_bytes(), false),
            }
            if out.get(begin..).is_some_and(|decoded| !decoded.chars().all(is_running)) {
                let decoded = out.split_off(begin);
                let is_space = decoded.starts_with(['\u{b}', '\u{c}', '\r']);
                out.push_str(&if is_space { " ".to_owned() } else { clean_text(&decoded) });
            }
            rest = after.get(1..).unwrap_or_default();
        } else if let Some(plain) = unterminated(name) {
            out.push(plain);
            rest = after;
        } else {
            out.push('&');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
}

/// `&#150;`: numbers between 128 and 159 mean windows-1252 (HTML, "numeric character reference end state").
fn numbered(name: &str) -> Option<char> {
    let number = name.strip_prefix("&#")?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u8::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    let known = (0x80..0xa0).contains(&code);
    known.then(|| WINDOWS_1252.decode_without_bom_handling(&[code]).0.chars().next()).flatten()
}

/// Entities that real mails leave without their `;`.
fn unterminated(name: &str) -> Option<char> {
    Some(match name {
        "&nbsp" => '\u{a0}',
        "&lt" => '<',
        "&gt" => '>',
        "&quot" => '"',
        "&amp" => '&',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(html: &str) -> Vec<Token<'_>> {
        Tokens::new(html).collect()
    }

    #[test]
    fn tags_text_and_comments_are_told_apart() {
        assert_eq!(
            tokens("a<b class=\"x>y\">c</b ><!-- no --><br/>5 < 6"),
            [
                Token::Text("a"),
                Token::Open("b", " class=\"x>y\""),
                Token::Text("c"),
                Token::Close("b"),
                Token::Open("br", "/"),
                Token::Text("5 "),
                Token::Text("< 6")
            ]
        );
    }

    #[test]
    fn comments_end_as_in_browsers() {
        for html in ["<!-- a -->x", "<!-- a --!>x", "<!-->x", "<!--->x", "<!-- > -- > -->x", "<!-- a -->x<!-->"] {
            assert_eq!(tokens(html), [Token::Text("x")], "{html}");
        }
    }

    #[test]
    fn styles_and_scripts_are_no_text() {
        assert_eq!(
            tokens("<style>a{}</STYLE>x<script>1<2</script>"),
            [Token::Close("STYLE"), Token::Text("x"), Token::Close("script")]
        );
        assert_eq!(tokens("<style>a"), []);
        assert_eq!(tokens("<style>a<p>b").len(), 3);
    }

    #[test]
    fn attributes_are_found_in_any_form() {
        for (attributes, want) in [
            (" href='a b' x=1", Some("a b")),
            (" x HREF=\"a&amp;b\"", Some("a&b")),
            (" href=abc/", Some("abc/")),
            (" data-href=1", None),
            (" = = href=x", Some("x")),
            (" /", None),
        ] {
            assert_eq!(attribute(attributes, "href").as_deref(), want, "{attributes}");
        }
    }

    #[test]
    fn entities_are_decoded_once() {
        let mut out = String::new();
        decode_entities("&lt;&eacute;&#322;&#x142;&amp;lt;&bogus;&nbsp&", &mut out);
        assert_eq!(out, "<éłł&lt;&bogus;\u{a0}&");
    }

    #[test]
    fn no_entity_brings_control_or_reordering_characters() {
        let mut out = String::new();
        decode_entities("a&#11;b&#27;c&#x202e;d&rlm;ef&#10;g&#9;h&#7", &mut out);
        assert_eq!(out, "a bcdef\ng\th&#7");
    }
}

//! Rich text (RTF) of Outlook: its words, or the HTML that it was made of (MS-OXRTFEX).
//!
//! Knows the letters and where lines end; looks, pictures and objects are passed over. Nothing is run or fetched.

use std::collections::BTreeMap;

use crate::parse::MAX_TEXT;
use crate::parse::charset;

/// Groups inside one another that are followed.
const MAX_GROUPS: usize = 500;
/// Fonts whose charset is remembered.
const MAX_FONTS: usize = 500;
/// Bytes in which a text says that it was made of HTML.
const HEAD: usize = 2_000;
/// Groups that hold no words of the text.
const SILENT: [&str; 16] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "listtable",
    "nonshppict",
];

/// What a rich text holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    /// The HTML that it was made of.
    Html(String),
    /// Its words.
    Text(String),
}

/// The HTML or the words of a rich text.
pub fn read(rtf: &[u8]) -> Option<Body> {
    if !rtf.trim_ascii_start().starts_with(b"{\\rtf") {
        return None;
    }
    let head = rtf.get(..HEAD).unwrap_or(rtf);
    let html = head.windows(9).any(|window| window == b"\\fromhtml");
    let mut reader = Reader { rest: rtf, html, codepage: "windows-1252".to_owned(), ..Reader::default() };
    reader.run();
    reader.flush();
    Some(if html { Body::Html(reader.out) } else { Body::Text(reader.out) })
}

/// What a group changes until it ends.
#[derive(Clone, Copy, Default)]
struct Group {
    /// Nothing in it is shown.
    silent: bool,
    /// It is a part of the HTML that the text was made of.
    tag: bool,
    /// What is shown to those who read no HTML.
    rich_only: bool,
    /// The table of fonts.
    fonts: bool,
    /// The font.
    font: i32,
    /// Characters that stand for one that is named by number.
    substitutes: usize,
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a [u8],
    html: bool,
    codepage: String,
    fonts: BTreeMap<i32, String>,
    group: Group,
    outer: Vec<Group>,
    /// Bytes in the charset of the font.
    pending: Vec<u8>,
    out: String,
    /// Characters to be passed over.
    skip: usize,
    /// The first half of a character beyond the first plane.
    half: Option<u16>,
    /// Whether the next word names a group that may be passed over.
    optional: bool,
}

impl Reader<'_> {
    fn run(&mut self) {
        self.group.substitutes = 1;
        while let Some((&byte, rest)) = self.rest.split_first() {
            if self.out.len() + self.pending.len() > MAX_TEXT {
                return;
            }
            self.rest = rest;
            match byte {
                b'{' => {
                    if self.outer.len() >= MAX_GROUPS {
                        return;
                    }
                    self.outer.push(self.group);
                    self.skip = 0;
                }
                b'}' => {
                    self.flush();
                    self.skip = 0;
                    let Some(outer) = self.outer.pop() else { return };
                    self.group = outer;
                    if self.outer.is_empty() {
                        return;
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => self.byte(byte),
            }
        }
    }

    fn control(&mut self) {
        let Some((&first, rest)) = self.rest.split_first() else { return };
        if !first.is_ascii_alphabetic() {
            self.rest = rest;
            match first {
                b'\'' => {
                    let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                    let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                    self.rest = rest.get(2..).unwrap_or_default();
                    if let Some(value) = value {
                        self.byte(value);
                    }
                }
                b'*' => self.optional = true,
                b'~' => self.character('\u{a0}'),
                b'_' => self.character('-'),
                b'\r' | b'\n' => self.character('\n'),
                b'\\' | b'{' | b'}' => self.byte(first),
                _ => {}
            }
            return;
        }
        let letters = self.rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, rest) = self.rest.split_at_checked(letters).unwrap_or_default();
        let word = String::from_utf8_lossy(word).into_owned();
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.iter().skip(sign).take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let length = if digits > 0 { sign + digits } else { 0 };
        let number = rest.get(..length).and_then(|text| std::str::from_utf8(text).ok()?.parse::<i32>().ok());
        let rest = rest.get(length..).unwrap_or_default();
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        self.word(&word, number);
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        let optional = std::mem::take(&mut self.optional);
        if word == "bin" {
            let length = number.and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
            self.rest = self.rest.get(length..).unwrap_or_default();
            return;
        }
        if word == "htmltag" && self.html {
            self.flush();
            self.group.tag = true;
            return;
        }
        if optional || SILENT.contains(&word) {
            self.flush();
            self.group.silent = true;
            self.group.fonts = word == "fonttbl";
            return;
        }
        match (word, number) {
            ("ansicpg", Some(page)) if page > 0 => {
                self.codepage = crate::parse::formats::tnef::codepage_label(page.unsigned_abs());
            }
            ("htmlrtf", number) => {
                self.flush();
                self.group.rich_only = number != Some(0);
            }
            ("uc", Some(count)) => self.group.substitutes = usize::try_from(count).unwrap_or_default().min(10),
            ("u", Some(code)) => self.unicode(code),
            ("f", Some(font)) => {
                self.flush();
                self.group.font = font;
            }
            ("fcharset", Some(number)) if self.group.fonts && self.fonts.len() < MAX_FONTS => {
                if let Some(label) = font_charset(number) {
                    self.fonts.insert(self.group.font, label.to_owned());
                }
            }
            ("par" | "line" | "row" | "sect" | "page", _) => self.character('\n'),
            ("tab" | "cell", _) => self.character('\t'),
            ("emdash", _) => self.character('—'),
            ("endash", _) => self.character('–'),
            ("lquote", _) => self.character('‘'),
            ("rquote", _) => self.character('’'),
            ("ldblquote", _) => self.character('“'),
            ("rdblquote", _) => self.character('”'),
            ("bullet", _) => self.character('•'),
            _ => {}
        }
    }

    fn shown(&self) -> bool {
        !self.group.silent && (self.group.tag || !self.group.rich_only)
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.shown() {
            self.pending.push(byte);
        }
    }

    fn character(&mut self, character: char) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.shown() {
            self.flush();
            self.out.push(character);
        }
    }

    /// A character by its number, negative above 32,767; characters for those who cannot show it follow.
    fn unicode(&mut self, code: i32) {
        let unit = u16::try_from(code & 0xffff).unwrap_or_default();
        let units: Vec<u16> = self.half.take().into_iter().chain([unit]).collect();
        self.skip = 0;
        if (0xd800..0xdc00).contains(&unit) {
            self.half = Some(unit);
        } else {
            for character in char::decode_utf16(units).flatten() {
                self.character(character);
            }
        }
        self.skip = self.group.substitutes;
    }

    /// Writes down the bytes in the charset of the font that they stand in.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let label = self.fonts.get(&self.group.font).unwrap_or(&self.codepage);
        let text = charset::decode(&self.pending, Some(label).filter(|label| !label.is_empty()).map(String::as_str));
        self.out.push_str(&text);
        self.pending.clear();
    }
}

/// The charset of `\fcharset`, where it says one.
fn font_charset(number: i32) -> Option<&'static str> {
    Some(match number {
        128 => "shift_jis",
        129 => "euc-kr",
        134 => "gbk",
        136 => "big5",
        161 => "windows-1253",
        162 => "windows-1254",
        163 => "windows-1258",
        177 => "windows-1255",
        178 => "windows-1256",
        186 => "windows-1257",
        204 => "windows-1251",
        222 => "windows-874",
        238 => "windows-1250",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rtf: &str) -> String {
        match read(rtf.as_bytes()) {
            Some(Body::Text(text) | Body::Html(text)) => text,
            None => "none".to_owned(),
        }
    }

    #[test]
    fn words_are_read_without_their_looks() {
        for (rtf, want) in [
            ("{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator X;}\\f0 One\\par Two\\tab 3\\par}", "One\nTwo\t3\n"),
            ("{\\rtf1\\ansicpg1250 Dzie\\'f1 dobry \\{\\}\\\\}", "Dzień dobry {}\\"),
            ("{\\rtf1{\\fonttbl{\\f1\\fcharset204 X;}}\\f1\\'c7\\'e0\\'ea\\'e0\\'e7{\\f0  a}}", "Заказ a"),
            ("{\\rtf1{\\fonttbl{\\f1\\fcharset128 X;}}\\f1\\'83e\\'83X}", "テス"),
            ("{\\rtf1\\uc1\\u322?\\u-10179?\\u-8704?\\uc0\\u8364 x}", "ł😀€x"),
            ("{\\rtf1{\\pict\\bin3 {{{abc}a{\\field{\\*\\fldinst HYPERLINK \"x\"}{\\fldrslt link}}}", "alink"),
            ("{\\rtf1 a\\~b\\_c\\endash  \\ldblquote q\\rdblquote}", "a\u{a0}b-c– “q”"),
            ("no rtf", "none"),
        ] {
            assert_eq!(text(rtf), want, "{rtf}");
        }
    }

    #[test]
    fn html_inside_is_given_back() {
        let rtf = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 A;}}{\\*\\htmltag19 <html>}{\\*\\htmltag64 <p>}\
                   \\htmlrtf {\\f0 \\htmlrtf0 caf\\'e9 {\\*\\htmltag84 &amp;}\\htmlrtf &\\htmlrtf0  tea\\htmlrtf \\par}\\htmlrtf0 \
                   {\\*\\mhtmltag4 no}{\\*\\htmltag72 </p>}{\\*\\htmltag27 </html>}}";
        let want = "<html><p>café &amp; tea</p></html>";
        assert_eq!(read(rtf.as_bytes()), Some(Body::Html(want.to_owned())));
    }

    #[test]
    fn hostile_texts_end_somewhere() {
        for rtf in
            ["{".repeat(100_000), "\\u1".repeat(100_000), "\\bin99999999 ".repeat(1_000), "{\\*\\x".repeat(100_000)]
        {
            text(&format!("{{\\rtf1 {rtf}"));
        }
    }
}

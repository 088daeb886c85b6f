//! HTML to readable text: blocks, lists, links, quotes as `> `; hidden text gone.
//!
//! Also finds where a mail program put the quoted mail, which plain text does not say. Fetches nothing, follows nothing.

use super::attribution;
use super::html_marks::{is_hidden, is_indentation, is_quote_container, is_quote_start, margin, zero_font};
use super::html_tokens::{Token, Tokens, attribute, decode_entities};
use super::html_writer::Writer;

/// Open elements that are remembered.
const MAX_OPEN: usize = 300;
/// Lines under a rule that are looked at.
const MAX_UNDER_RULE: usize = 6;
/// Bytes of them.
const MAX_BLOCK: usize = 2_000;
/// Characters of a link that is shown.
const MAX_LINK: usize = 500;

/// The text of an HTML part.
#[derive(Debug, Default)]
pub struct HtmlText {
    /// Readable text, `\n` for line ends.
    pub text: String,
    /// Byte offset in `text` from which everything is quoted, by the marks of mail programs.
    pub quoted_from: Option<usize>,
    /// Content-IDs that the HTML shows.
    pub referred: Vec<String>,
}

/// What closing an element must undo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effect {
    hidden: bool,
    quote: bool,
    container: bool,
    list: bool,
    pre: bool,
    link: bool,
    block: u8,
    /// Whether text had no size outside this element, when the element sets one.
    font: Option<bool>,
}

#[derive(Default)]
struct Converter<'a> {
    writer: Writer,
    open: Vec<(&'a str, Effect)>,
    hidden: usize,
    /// Whether text has no size here.
    zero_font: bool,
    /// Where rules were drawn.
    rules: Vec<usize>,
    lists: Vec<Option<u32>>,
    link: Option<(String, usize)>,
    /// Start and, once closed, end of the quoted mail.
    quoted: Option<(usize, Option<usize>)>,
    referred: Vec<String>,
}

/// Converts HTML of any shape.
pub fn convert(html: &str) -> HtmlText {
    let mut converter = Converter::default();
    converter.writer.out.reserve(html.len() / 3);
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => converter.text(text),
            Token::Open(name, attributes) => converter.open(name, attributes),
            Token::Close(name) => converter.close(name),
        }
    }
    converter.end_link();
    let quoted_from = converter.quoted.and_then(|(start, end)| {
        let tail = end.and_then(|end| converter.writer.out.get(end..)).unwrap_or_default();
        tail.trim().is_empty().then_some(start)
    });
    let quoted_from = quoted_from.or_else(|| sender_under_rule(&converter.writer.out, &converter.rules));
    HtmlText { text: converter.writer.out, quoted_from, referred: converter.referred }
}

/// A rule with the sender of the quoted mail right under it, which the text alone does not show.
fn sender_under_rule(text: &str, rules: &[usize]) -> Option<usize> {
    rules.iter().copied().find(|&at| {
        let below = text.get(at..).unwrap_or_default();
        let below: Vec<&str> = below
            .get(..below.floor_char_boundary(MAX_BLOCK))
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(MAX_UNDER_RULE)
            .collect();
        attribution::sender_block(&below)
    })
}

impl<'a> Converter<'a> {
    fn text(&mut self, text: &str) {
        if self.hidden > 0 || self.zero_font {
            return;
        }
        if text.contains('&') {
            let mut decoded = String::with_capacity(text.len());
            decode_entities(text, &mut decoded);
            self.writer.text(&decoded);
        } else {
            self.writer.text(text);
        }
    }

    fn open(&mut self, name: &'a str, attributes: &'a str) {
        let lower = lower(name);
        let lower = lower.as_str();
        match lower {
            "br" => {
                if self.hidden == 0 {
                    self.writer.line_end();
                }
                return;
            }
            "hr" => {
                self.mark_open_end(lower, attributes);
                if self.hidden == 0 && self.rules.len() < MAX_OPEN {
                    self.rules.push(self.writer.out.len());
                }
                self.writer.block(1);
                return;
            }
            "img" => return self.image(attributes),
            "meta" | "link" | "input" | "base" | "col" | "area" | "wbr" | "source" | "o:p" | "param" | "basefont" => {
                return;
            }
            _ => {}
        }
        let mut effect = Effect { block: margin(lower, attributes), ..Effect::default() };
        if matches!(lower, "head" | "template" | "noframes" | "object" | "select" | "textarea" | "datalist")
            || is_hidden(attributes)
        {
            effect.hidden = true;
            self.hidden += 1;
        }
        if self.hidden == 0 {
            self.writer.block(effect.block);
            self.enter(lower, attributes, &mut effect);
        }
        if let Some(zero) = zero_font(attributes) {
            effect.font = Some(std::mem::replace(&mut self.zero_font, zero));
        }
        if attributes.ends_with('/') && effect == (Effect { block: effect.block, ..Effect::default() }) {
            return;
        }
        if self.open.len() < MAX_OPEN {
            self.open.push((name, effect));
        } else {
            self.undo(effect);
        }
    }

    /// What is special about an element that is shown.
    fn enter(&mut self, lower: &str, attributes: &str, effect: &mut Effect) {
        match lower {
            "blockquote" if !is_indentation(attributes) => {
                self.writer.begin_quote();
                effect.quote = true;
            }
            "ul" | "ol" => {
                self.lists.push((lower == "ol").then_some(0));
                effect.list = true;
            }
            "li" => self.bullet(),
            "pre" => {
                self.writer.pre += 1;
                effect.pre = true;
            }
            "td" | "th" => self.writer.blank = true,
            "a" => {
                self.end_link();
                if let Some(href) = attribute(attributes, "href") {
                    self.link = Some((href, self.writer.out.len()));
                    effect.link = true;
                }
            }
            _ => {}
        }
        if attributes.len() > 4 {
            if self.quoted.is_none() && is_quote_container(lower, attributes) {
                self.quoted = Some((self.writer.out.len(), None));
                effect.container = true;
            }
            self.mark_open_end(lower, attributes);
        }
    }

    /// Marks of programs that put the quoted mail after an element, not inside it.
    fn mark_open_end(&mut self, lower: &str, attributes: &str) {
        let is_new = !matches!(self.quoted, Some((_, None)));
        if self.hidden == 0 && is_new && is_quote_start(lower, attributes) {
            let start = self.quoted.map_or(self.writer.out.len(), |(start, end)| {
                if end == Some(self.writer.out.len()) { start } else { self.writer.out.len() }
            });
            self.quoted = Some((start, None));
        }
    }

    fn bullet(&mut self) {
        self.writer.block(1);
        let depth = self.lists.len().clamp(1, 10);
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}{number}.", "  ".repeat(depth - 1))
            }
            _ => format!("{}-", "  ".repeat(depth - 1)),
        };
        self.writer.word(&mark);
        self.writer.blank = true;
    }

    fn image(&mut self, attributes: &str) {
        if let Some(source) = attribute(attributes, "src")
            && let Some(id) = source.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("cid:")).and(source.get(4..))
            && self.referred.len() < super::MAX_PARTS
        {
            self.referred.push(id.to_owned());
        }
        if self.hidden > 0 || is_hidden(attributes) {
            return;
        }
        // Emoji are images in several web mails; other alternative texts describe decoration.
        if let Some(text) = attribute(attributes, "alt").filter(|text| !text.is_ascii() && text.chars().count() <= 4) {
            self.writer.word(text.trim());
        }
    }

    fn close(&mut self, name: &str) {
        let Some(depth) = self.open.iter().rev().take(100).position(|(open, _)| open.eq_ignore_ascii_case(name)) else {
            if name.eq_ignore_ascii_case("p") && self.hidden == 0 {
                self.writer.block(2);
            }
            return;
        };
        for _ in 0..=depth {
            if let Some((_, effect)) = self.open.pop() {
                self.undo(effect);
            }
        }
    }

    fn undo(&mut self, effect: Effect) {
        if let Some(zero) = effect.font {
            self.zero_font = zero;
        }
        if effect.hidden {
            self.hidden = self.hidden.saturating_sub(1);
            return;
        }
        if self.hidden > 0 {
            return;
        }
        if effect.link {
            self.end_link();
        }
        self.writer.block(effect.block);
        if effect.quote {
            self.writer.end_quote();
        }
        if effect.container
            && let Some((_, end @ None)) = &mut self.quoted
        {
            *end = Some(self.writer.out.len());
        }
        if effect.list {
            self.lists.pop();
        }
        if effect.pre {
            self.writer.pre = self.writer.pre.saturating_sub(1);
        }
    }

    /// Appends the target of a link whose text does not show it.
    fn end_link(&mut self) {
        let Some((href, start)) = self.link.take() else { return };
        let href = href.trim();
        let web = href.starts_with("http://") || href.starts_with("https://");
        let shown = self.writer.out.get(start..).unwrap_or_default().trim();
        if !web || shown.is_empty() || href.len() > MAX_LINK || href.contains(char::is_whitespace) {
            return;
        }
        let bare = |text: &str| {
            text.trim_start_matches("https://")
                .trim_start_matches("http://")
                .trim_start_matches("www.")
                .trim_end_matches('/')
                .to_lowercase()
        };
        if bare(shown) != bare(href) && !shown.contains(href) {
            let target = format!(" <{href}>");
            self.writer.out.push_str(&target);
        }
    }
}

fn lower(name: &str) -> String {
    name.get(..name.len().min(16)).unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, want: &str) {
        assert_eq!(convert(html).text.trim_end(), want, "{html}");
    }

    #[test]
    fn blocks_become_lines() {
        check(
            "<html><head><title>t</title></head><body>\n<p>Hello,</p>\n<p>a<br>b</p><div>c</div><div>d</div></body>",
            "Hello,\n\na\nb\n\nc\nd",
        );
        check("<div>a</div><div><br></div><div>b</div>", "a\n\nb");
        check("a   b\n c", "a b c");
        check("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n- b\n  1. c");
        check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc");
        check("<pre>a\n  b</pre>", "a\n  b");
    }

    #[test]
    fn links_show_where_they_lead_when_their_text_does_not() {
        check("<a href=\"https://x.example/a\">here</a>!", "here <https://x.example/a>!");
        check("<a href=\"https://x.example/\">x.example</a>", "x.example");
        check("<a href=\"mailto:a@b\">Anna</a>", "Anna");
    }

    #[test]
    fn hidden_text_is_gone() {
        check("<div style=\"display: none\">no<p>no</p></div><span style='font-size:0'>no</span>yes", "yes");
        check("<style>p{}</style><!-- c -->yes", "yes");
        check("<td style=\"font-size:0px;padding:0\">no<div style='font-size:14px'>yes</div>no</td>!", "yes\n!");
    }

    #[test]
    fn quotes_are_prefixed() {
        check(
            "new<blockquote>old<br>older<blockquote>oldest</blockquote></blockquote>under",
            "new\n\n> old\n> older\n>\n>> oldest\n\nunder",
        );
        check("<blockquote style=\"margin:0 0 0 40px;border:none;padding:0\">mine</blockquote>", "mine");
    }

    #[test]
    fn the_quoted_mail_is_found_by_the_marks_of_mail_programs() {
        for html in [
            "<div>new</div><div class=\"gmail_quote\">On x wrote:<blockquote>old</blockquote></div>",
            "<div>new</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\">From: x</div>old",
            "<p>new</p><div class='yahoo_quoted'>old</div><br>",
        ] {
            let converted = convert(html);
            assert_eq!(converted.text.get(..converted.quoted_from.unwrap()).unwrap().trim(), "new", "{html}");
        }
        assert_eq!(convert("new<div class=gmail_quote>old</div>under the quote").quoted_from, None);
    }

    #[test]
    fn hostile_html_is_linear() {
        for html in [
            "<div>".repeat(200_000),
            "<style>".repeat(100_000),
            "<!--".repeat(200_000),
            "<a href=\"".repeat(50_000),
            "</p>".repeat(200_000),
            "<blockquote>".repeat(100_000) + "x",
        ] {
            convert(&html);
        }
    }
}

//! HTML to readable text: blocks, lists, links, quotes as `> `; hidden text gone.
//!
//! Also finds where a mail program put the quoted mail, which plain text does not say. Fetches nothing, follows nothing.

use crate::parse::html::containers::{Container, Marks, quoted};
use crate::parse::html::nesting::{closed_by, is_self_closed};
use crate::parse::html::pictures::remote_picture;
use crate::parse::html::styles::{
    Space, introduces_marked_lines, is_hidden, is_indentation, is_introduction, is_quote_container, is_quote_start,
    margin, marks_lines, sender_under_rule, space, zero_font,
};
use crate::parse::html::tokens::{Token, Tokens, attribute, decode_entities};
use crate::parse::html::writer::Writer;

/// Open elements that are remembered.
const MAX_OPEN: usize = 300;
/// Pictures on other machines that are named.
const MAX_PICTURES: usize = 30;

/// The text of an HTML part.
#[derive(Debug, Default)]
pub struct HtmlText {
    /// Readable text, `\n` for line ends.
    pub text: String,
    /// What of it is quoted.
    pub marks: Marks,
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
    link: bool,
    block: u8,
    /// How white space counted outside this element, when the element sets it.
    space: Option<Space>,
    /// Whether text had no size outside this element, when the element sets one.
    font: Option<bool>,
}

/// What is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reading {
    /// What is shown.
    #[default]
    Shown,
    /// What is hidden too, and what pictures say of themselves.
    Everything,
}

#[derive(Default)]
struct Converter<'a> {
    reading: Reading,
    writer: Writer,
    open: Vec<(&'a str, Effect)>,
    hidden: usize,
    /// Whether text has no size here.
    zero_font: bool,
    /// Where rules were drawn.
    rules: Vec<usize>,
    lists: Vec<Option<i32>>,
    link: Option<(String, usize)>,
    /// The first element with the quoted mail.
    container: Option<Container>,
    /// Where everything that follows is the quoted mail.
    quoted_from: Option<usize>,
    /// Pictures that were named.
    pictures: usize,
    referred: Vec<String>,
}

/// Converts HTML of any shape. Where nothing is shown, what is hidden is better than nothing.
pub fn convert(html: &str) -> HtmlText {
    let shown = read(html, Reading::Shown);
    if !shown.text.trim().is_empty() {
        return shown;
    }
    let everything = read(html, Reading::Everything);
    // Programs fill the preview of a mail with characters that have no width.
    if everything.text.contains(char::is_alphanumeric) { everything } else { shown }
}

fn read(html: &str, reading: Reading) -> HtmlText {
    let mut converter = Converter { reading, ..Converter::default() };
    converter.writer.out.reserve(html.len() / 3);
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => converter.text(text),
            Token::Open(name, attributes) => converter.open(name, attributes),
            Token::Close(name) => converter.close(name),
        }
    }
    converter.end_link();
    let text = converter.writer.out;
    let mut marks = match (converter.quoted_from, converter.container) {
        (Some(start), _) => Marks::from(Some(start)),
        (None, Some(container)) => quoted(&text, container),
        (None, None) => Marks::default(),
    };
    if marks == Marks::default() {
        marks.quoted_from = sender_under_rule(&text, &converter.rules);
    }
    HtmlText { text, marks, referred: converter.referred }
}

impl<'a> Converter<'a> {
    fn text(&mut self, text: &str) {
        // Between blocks line ends are the layout of the markup, even where they count.
        let layout = || self.writer.at_edge() && text.contains('\n') && text.trim_ascii().is_empty();
        if self.hidden > 0 || self.zero_font || layout() {
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
        if self.hidden > 0 || self.zero_font || self.writer.space != Space::Collapsed {
            for _ in 0..closed_by(lower, self.open.iter().rev().map(|(open, _)| *open)) {
                self.close_last();
            }
        }
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
        let unread = matches!(lower, "head" | "template" | "noframes" | "object" | "select" | "textarea" | "datalist");
        // What the markup calls empty hides nothing, though browsers would let it hide all that follows.
        let empty = is_self_closed(attributes);
        if self.reading == Reading::Shown && !empty && (unread || is_hidden(lower, attributes)) {
            effect.hidden = true;
            self.hidden += 1;
        }
        if self.hidden == 0 {
            self.writer.block(effect.block);
            self.enter(lower, attributes, &mut effect);
        }
        if let Some(zero) = zero_font(attributes).filter(|_| self.reading == Reading::Shown && !empty) {
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
                let first = number(attributes, "start").unwrap_or(1);
                self.lists.push((lower == "ol").then_some(first.saturating_sub(1)));
                effect.list = true;
            }
            "li" => self.bullet(number(attributes, "value")),
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
        if let Some(space) = space(lower, attributes) {
            effect.space = Some(std::mem::replace(&mut self.writer.space, space));
        }
        if attributes.len() > 4 {
            self.mark_container(lower, attributes, effect);
            self.mark_open_end(lower, attributes);
        }
    }

    /// Marks of programs that put the quoted mail inside an element.
    fn mark_container(&mut self, lower: &str, attributes: &str, effect: &mut Effect) {
        let at = self.writer.out.len();
        match &mut self.container {
            None if self.quoted_from.is_none() && is_quote_container(lower, attributes) => {
                let marks_lines = marks_lines(attributes);
                self.container = Some(Container { start: at, end: None, introduction: None, marks_lines });
                effect.container = true;
            }
            Some(Container { end: None, introduction: introduction @ None, .. }) if is_introduction(attributes) => {
                *introduction = Some(at);
            }
            Some(_) | None => {}
        }
    }

    /// Marks of programs that put the quoted mail after an element, not inside it.
    fn mark_open_end(&mut self, lower: &str, attributes: &str) {
        if self.container.is_none() && self.quoted_from.is_none() && introduces_marked_lines(attributes) {
            let start = self.writer.out.len();
            self.container = Some(Container { start, end: None, introduction: Some(start), marks_lines: true });
        }
        let inside = matches!(self.container, Some(Container { end: None, .. }));
        let is_new = !inside && self.quoted_from.is_none();
        if self.hidden == 0 && is_new && is_quote_start(lower, attributes) {
            let at = self.writer.out.len();
            let container = self.container.filter(|container| container.end == Some(at));
            self.quoted_from = Some(container.map_or(at, |container| container.start));
        }
    }

    fn bullet(&mut self, value: Option<i32>) {
        self.writer.block(1);
        let depth = self.lists.len().clamp(1, 10);
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = value.unwrap_or(number.saturating_add(1));
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
            && self.referred.len() < crate::parse::MAX_PARTS
        {
            self.referred.push(id.to_owned());
        }
        if self.hidden > 0 || self.reading == Reading::Shown && is_hidden("img", attributes) {
            return;
        }
        let text = attribute(attributes, "alt").unwrap_or_default();
        // Emoji are images in several web mails; other alternative texts describe decoration or name a file.
        let emoji = !text.is_ascii() && text.chars().count() <= 4;
        let words = || text.split_whitespace().nth(1).is_some() && !text.contains(['.', '/', '\n']);
        if emoji || self.reading == Reading::Everything && words() {
            self.writer.block(u8::from(!emoji));
            self.writer.word(text.trim());
        } else if self.reading == Reading::Shown
            && self.pictures < MAX_PICTURES
            && let Some(mark) = remote_picture(attributes, &text)
        {
            self.pictures += 1;
            self.writer.word(&mark);
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
            self.close_last();
        }
    }

    fn close_last(&mut self) {
        if let Some((_, effect)) = self.open.pop() {
            self.undo(effect);
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
            && let Some(Container { end: end @ None, .. }) = &mut self.container
        {
            *end = Some(self.writer.out.len());
        }
        if effect.list {
            self.lists.pop();
        }
        if let Some(space) = effect.space {
            self.writer.space = space;
        }
    }

    fn end_link(&mut self) {
        if let Some((href, start)) = self.link.take() {
            self.writer.link(href.trim(), start);
        }
    }
}

fn lower(name: &str) -> String {
    name.get(..name.len().min(16)).unwrap_or_default().to_ascii_lowercase()
}

fn number(attributes: &str, name: &str) -> Option<i32> {
    attribute(attributes, name)?.trim().parse().ok()
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
        check("<ol start=3><li>a<li value=7>b<li>c</ol>", "3. a\n7. b\n8. c");
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
        check("<p style='display:none'>no<p>yes<div hidden>no</div>", "yes");
        check("<table><tr><td style='display:none'>no<td>yes</table><span style='display:none'/>yes", "yes\n\nyes");
        check("<head><meta charset=utf-8><body>yes", "yes");
        check("<td style=\"font-size:0px;padding:0\">no<div style='font-size:14px'>yes</div>no</td>!", "yes\n!");
    }

    #[test]
    fn where_nothing_is_shown_what_is_hidden_is_read() {
        check("<div style='display:none'>this<p>and</div><img alt='that too' src='x'>", "this\n\nand\n\nthat too");
        check("<img alt='IMG_1.jpg' src='cid:a'><p style='display:none'>&zwnj;&nbsp;</p>", "");
    }

    #[test]
    fn white_space_counts_where_the_style_says_so() {
        check("<div style='white-space:pre-wrap'>a\n  b</div>c\nd", "a\n  b\nc d");
        check("<p style='white-space: pre-line'>a  b\nc<p>d", "a b\nc\n\nd");
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
            "<p>new</p><div class='yahoo_quoted'>On 3 Nov 2026 at 10:15, Anna &lt;a@x.example&gt; wrote:<div>old</div></div><br>",
        ] {
            let converted = convert(html);
            assert_eq!(converted.text.get(..converted.marks.quoted_from.unwrap()).unwrap().trim(), "new", "{html}");
        }
        assert_eq!(convert("new<div class=gmail_quote>old</div>under the quote").marks, Marks::default());
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

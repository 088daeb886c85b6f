//! HTML to readable text: blocks, lists, links, quotes as `> `; hidden text gone.
//!
//! Also finds where a mail program put the quoted mail, which plain text does not say. Fetches nothing, follows nothing.

use std::ops::Range;

use crate::parse::html::containers::{Container, Marks, own_quotes, quoted};
use crate::parse::html::pictures::remote_picture;
use crate::parse::html::styles::{
    Space, draws_line_above, introduces_marked_lines, is_cited, is_indentation, is_introduction, is_quote_container,
    is_quote_start, margin, marks_lines, sender_under_rule,
};
use crate::parse::html::tokens::{Token, Tokens, attribute, decode_entities};
use crate::parse::html::walk::{MAX_OPEN, Reading, Renderer, lower, walk};
use crate::parse::html::writer::Writer;

/// Elements that begin no block; with those that do, all by which markup is known.
const ELEMENTS: [&str; 32] = [
    "html", "head", "title", "meta", "link", "style", "script", "base", "br", "hr", "img", "a", "b", "strong", "i",
    "em", "u", "s", "del", "ins", "strike", "span", "font", "small", "big", "sub", "sup", "tt", "code", "td", "th",
    "input",
];
/// What stands on both sides of words that are struck out.
const STRUCK: &str = "~~";
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

/// What leaving an element must undo.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    quote: bool,
    container: bool,
    list: bool,
    link: bool,
    /// Where the words begin that are struck out in it.
    struck: Option<usize>,
    /// Line ends owed behind it.
    block: u8,
}

#[derive(Default)]
struct Converter {
    reading: Reading,
    writer: Writer,
    /// Where rules were drawn.
    rules: Vec<usize>,
    /// Where mail addresses are linked.
    addresses: Vec<usize>,
    /// Blockquotes that no program calls a quote of a mail: where each begins and ends in the text.
    plain_quotes: Vec<Range<usize>>,
    /// Line ends that the markup writes since the last words.
    line_ends: usize,
    /// Whether words are struck out here.
    struck: bool,
    /// Blockquotes that are open.
    quotes: usize,
    /// Where the outermost open one begins, if no program calls it a quote of a mail.
    plain_from: Option<usize>,
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
    if !has_markup(html) {
        let mut text = String::with_capacity(html.len());
        decode_entities(html, &mut text);
        return HtmlText { text, ..HtmlText::default() };
    }
    let shown = read(html, Reading::Shown);
    if !shown.text.trim().is_empty() {
        return shown;
    }
    let everything = read(html, Reading::Everything);
    // Programs fill the preview of a mail with characters that have no width.
    if everything.text.contains(char::is_alphanumeric) { everything } else { shown }
}

/// Whether one element that HTML knows stands in a text; addresses in brackets are none.
fn has_markup(html: &str) -> bool {
    let known = |name: &str| {
        let lower = lower(name);
        margin(&lower, "") > 0 || ELEMENTS.contains(&lower.as_str()) || lower.contains(':')
    };
    Tokens::new(html).any(|token| match token {
        Token::Open(name, _) | Token::Close(name) => known(name),
        Token::Text(_) => false,
    })
}

fn read(html: &str, reading: Reading) -> HtmlText {
    let mut converter = Converter { reading, ..Converter::default() };
    converter.writer.out.reserve(html.len() / 3);
    walk(html, reading, &mut converter);
    converter.end_link();
    let text = converter.writer.out;
    let mut marks = match (converter.quoted_from, converter.container) {
        (Some(start), _) => Marks::from(Some(start)),
        (None, Some(container)) => quoted(&text, container),
        (None, None) => Marks::default(),
    };
    if marks == Marks::default() {
        marks.quoted_from = sender_under_rule(&text, &converter.rules, &converter.addresses);
    }
    if marks.quoted_from.is_none() {
        marks.own = own_quotes(&text, &converter.plain_quotes);
    }
    HtmlText { text, marks, referred: converter.referred }
}

impl Renderer for Converter {
    type Mark = Mark;

    fn text(&mut self, text: &str, space: Space) {
        self.writer.space = space;
        // Between blocks line ends are the layout of the markup, even where they count.
        let blank = text.trim_ascii().is_empty();
        if blank && text.contains('\n') && self.writer.at_edge() {
            return;
        }
        if !blank {
            self.line_ends = 0;
        }
        if text.contains('&') {
            let mut decoded = String::with_capacity(text.len());
            decode_entities(text, &mut decoded);
            self.writer.text(&decoded);
        } else {
            self.writer.text(text);
        }
    }

    fn line_end(&mut self) {
        self.writer.line_end();
        self.line_ends += 1;
    }

    fn rule(&mut self, attributes: &str) {
        self.mark_open_end("hr", attributes);
        if self.rules.len() < MAX_OPEN {
            self.rules.push(self.writer.out.len());
        }
        self.writer.block(1);
    }

    fn picture(&mut self, attributes: &str) {
        self.hidden_picture(attributes);
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

    fn hidden_picture(&mut self, attributes: &str) {
        if let Some(source) = attribute(attributes, "src")
            && let Some(id) = source.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("cid:")).and(source.get(4..))
            && self.referred.len() < crate::parse::MAX_PARTS
        {
            self.referred.push(id.to_owned());
        }
    }

    fn enter(&mut self, name: &str, attributes: &str) -> Mark {
        let block = margin(name, attributes);
        self.writer.block(block);
        let mut mark = Mark { block, ..Mark::default() };
        self.begin(name, attributes, &mut mark);
        mark
    }

    fn leave(&mut self, mark: Mark) {
        if let Some(start) = mark.struck {
            self.end_struck(start);
        }
        if mark.link {
            self.end_link();
        }
        self.writer.block(mark.block);
        if mark.quote {
            self.quotes = self.quotes.saturating_sub(1);
            if self.quotes == 0
                && let Some(start) = self.plain_from.take()
                && self.plain_quotes.len() < MAX_OPEN
            {
                self.plain_quotes.push(start..self.writer.out.len());
            }
            self.writer.end_quote();
        }
        if mark.container
            && let Some(Container { end: end @ None, .. }) = &mut self.container
        {
            *end = Some(self.writer.out.len());
        }
        if mark.list {
            self.lists.pop();
        }
    }

    fn changes(mark: &Mark) -> bool {
        mark.quote || mark.container || mark.list || mark.link || mark.struck.is_some()
    }

    fn empty_paragraph(&mut self) {
        self.writer.block(2);
    }
}

impl Converter {
    /// What is special about an element that is shown.
    fn begin(&mut self, lower: &str, attributes: &str, mark: &mut Mark) {
        match lower {
            "blockquote" if !is_indentation(attributes) => {
                self.writer.begin_quote();
                mark.quote = true;
                let outside = self.quotes == 0 && self.container.is_none_or(|container| container.end.is_some());
                if outside && !is_cited(attributes) && self.leads_over() {
                    self.plain_from = Some(self.writer.out.len());
                }
                self.quotes += 1;
            }
            "ul" | "ol" => {
                let first = number(attributes, "start").unwrap_or(1);
                self.lists.push((lower == "ol").then_some(first.saturating_sub(1)));
                mark.list = true;
            }
            "li" => self.bullet(number(attributes, "value")),
            "td" | "th" => self.writer.blank = true,
            // Without a mark they would say the contrary.
            "s" | "strike" | "del" if !self.struck => {
                self.struck = true;
                self.writer.word(STRUCK);
                mark.struck = Some(self.writer.out.len());
            }
            "a" => {
                self.end_link();
                if let Some(href) = attribute(attributes, "href") {
                    if href.starts_with("mailto:") && self.addresses.len() < MAX_OPEN {
                        self.addresses.push(self.writer.out.len());
                    }
                    self.link = Some((href, self.writer.out.len()));
                    mark.link = true;
                }
            }
            _ => {}
        }
        if attributes.len() > 4 {
            if draws_line_above(attributes) && self.rules.len() < MAX_OPEN {
                self.rules.push(self.writer.out.len());
            }
            self.mark_container(lower, attributes, mark);
            self.mark_open_end(lower, attributes);
        }
    }

    /// Ends what is struck out, in front of a blank that is owed; nothing at all needs no marks.
    fn end_struck(&mut self, start: usize) {
        self.struck = false;
        if self.writer.out.len() <= start {
            self.writer.out.truncate(start.saturating_sub(STRUCK.len()));
            return;
        }
        let blank = std::mem::take(&mut self.writer.blank);
        self.writer.word(STRUCK);
        self.writer.blank = blank;
    }

    /// Whether the words above lead over to what follows: no empty line stands between, or they end in a colon.
    fn leads_over(&self) -> bool {
        self.line_ends <= 1 || self.writer.out.trim_end().ends_with([':', '：'])
    }

    /// Marks of programs that put the quoted mail inside an element.
    fn mark_container(&mut self, lower: &str, attributes: &str, mark: &mut Mark) {
        let at = self.writer.out.len();
        match &mut self.container {
            None if self.quoted_from.is_none() && is_quote_container(lower, attributes) => {
                let marks_lines = marks_lines(attributes);
                self.container = Some(Container { start: at, end: None, introduction: None, marks_lines });
                mark.container = true;
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
        if is_new && is_quote_start(lower, attributes) {
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

    fn end_link(&mut self) {
        if let Some((href, start)) = self.link.take() {
            self.writer.link(href.trim(), start);
        }
    }
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
        check("<p>a   b\n c", "a b c");
        check("<p>for <s>10 </s>8, <del></del>not <strike>9</strike>", "for ~~10~~ 8, not ~~9~~");
        check("It &amp; he\n\n<kim@y.example>: unknown", "It & he\n\n<kim@y.example>: unknown");
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

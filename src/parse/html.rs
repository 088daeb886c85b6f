//! HTML to readable text: blocks, lists, links, quotes as `> `; hidden text gone.
//!
//! Also finds where a mail program put the quoted mail, which plain text does not say. Fetches nothing, follows nothing.

use super::html_tokens::{Token, Tokens, attribute, decode_entities};

/// Open elements that are remembered.
const MAX_OPEN: usize = 300;
/// Depth of `> ` that is shown.
const MAX_QUOTE: usize = 10;
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
}

#[derive(Default)]
struct Converter<'a> {
    out: String,
    open: Vec<(&'a str, Effect)>,
    hidden: usize,
    quotes: usize,
    lists: Vec<Option<u32>>,
    pre: usize,
    /// Line ends owed before the next text.
    breaks: u8,
    /// A blank owed before the next text.
    blank: bool,
    /// Whether the current line has its prefix already.
    started: bool,
    link: Option<(String, usize)>,
    /// Start and, once closed, end of the quoted mail.
    quoted: Option<(usize, Option<usize>)>,
    referred: Vec<String>,
}

/// Converts HTML of any shape.
pub fn convert(html: &str) -> HtmlText {
    let mut converter = Converter { out: String::with_capacity(html.len() / 3), ..Converter::default() };
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => converter.text(text),
            Token::Open(name, attributes) => converter.open(name, attributes),
            Token::Close(name) => converter.close(name),
        }
    }
    converter.end_link();
    let quoted_from = converter.quoted.and_then(|(start, end)| {
        let tail = end.and_then(|end| converter.out.get(end..)).unwrap_or_default();
        tail.trim().is_empty().then_some(start)
    });
    HtmlText { text: converter.out, quoted_from, referred: converter.referred }
}

impl<'a> Converter<'a> {
    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        let mut decoded = String::new();
        let text = if text.contains('&') {
            decode_entities(text, &mut decoded);
            decoded.as_str()
        } else {
            text
        };
        if self.pre > 0 {
            self.preformatted(text);
            return;
        }
        for (index, word) in text.split([' ', '\t', '\n', '\r', '\u{c}']).enumerate() {
            self.blank |= index > 0;
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    fn preformatted(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.line_end();
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.word(line);
            }
        }
    }

    /// Appends text that holds no line end.
    fn word(&mut self, word: &str) {
        self.settle();
        if self.blank && !self.out.is_empty() && !self.out.ends_with(['\n', ' ']) {
            self.out.push(' ');
        }
        self.blank = false;
        // No-break spaces are layout in mail.
        for (index, piece) in word.split('\u{a0}').enumerate() {
            if index > 0 {
                self.out.push(' ');
            }
            self.out.push_str(piece);
        }
    }

    /// Writes the line ends that are owed, blank lines in the current depth of quoting.
    fn end_lines(&mut self) {
        if self.breaks == 0 {
            return;
        }
        self.blank = false;
        if !self.out.is_empty() {
            for _ in 0..self.breaks {
                if !self.started {
                    self.prefix();
                }
                trim_line(&mut self.out);
                self.out.push('\n');
                self.started = false;
            }
        }
        self.breaks = 0;
    }

    /// Makes ready for text: ends the lines that are owed, prefixes a quoted line.
    fn settle(&mut self) {
        self.end_lines();
        if !self.started {
            self.prefix();
            self.started = true;
        }
    }

    fn prefix(&mut self) {
        let depth = self.quotes.min(MAX_QUOTE);
        if depth > 0 {
            self.out.extend(std::iter::repeat_n('>', depth));
            self.out.push(' ');
        }
    }

    /// One line end that counts, as `<br>` gives.
    fn line_end(&mut self) {
        self.breaks = if self.breaks > 0 { self.breaks.saturating_add(1).min(3) } else { 1 };
    }

    /// At least `lines` line ends before the next text.
    fn block(&mut self, lines: u8) {
        if lines > 0 {
            self.breaks = self.breaks.max(lines);
        }
    }

    fn open(&mut self, name: &'a str, attributes: &'a str) {
        let lower = lower(name);
        let lower = lower.as_str();
        match lower {
            "br" => {
                if self.hidden == 0 {
                    self.line_end();
                }
                return;
            }
            "hr" => {
                self.mark_open_end(lower, attributes);
                self.block(1);
                return;
            }
            "img" => return self.image(attributes),
            "meta" | "link" | "input" | "base" | "col" | "area" | "wbr" | "source" | "o:p" | "param" | "basefont" => {
                return;
            }
            _ => {}
        }
        let mut effect = Effect { block: margin(lower), ..Effect::default() };
        if matches!(lower, "head" | "template" | "noframes" | "object" | "select" | "textarea" | "datalist")
            || is_hidden(attributes)
        {
            effect.hidden = true;
            self.hidden += 1;
        }
        if self.hidden == 0 {
            self.block(effect.block);
            self.enter(lower, attributes, &mut effect);
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
                self.end_lines();
                self.quotes += 1;
                effect.quote = true;
            }
            "ul" | "ol" => {
                self.lists.push((lower == "ol").then_some(0));
                effect.list = true;
            }
            "li" => self.bullet(),
            "pre" => {
                self.pre += 1;
                effect.pre = true;
            }
            "td" | "th" => self.blank = true,
            "a" => {
                self.end_link();
                if let Some(href) = attribute(attributes, "href") {
                    self.link = Some((href, self.out.len()));
                    effect.link = true;
                }
            }
            _ => {}
        }
        if attributes.len() > 4 {
            if self.quoted.is_none() && is_quote_container(lower, attributes) {
                self.quoted = Some((self.out.len(), None));
                effect.container = true;
            }
            self.mark_open_end(lower, attributes);
        }
    }

    /// Marks of programs that put the quoted mail after an element, not inside it.
    fn mark_open_end(&mut self, lower: &str, attributes: &str) {
        let is_new = !matches!(self.quoted, Some((_, None)));
        if self.hidden == 0 && is_new && is_quote_start(lower, attributes) {
            let start =
                self.quoted.map_or(
                    self.out.len(),
                    |(start, end)| if end == Some(self.out.len()) { start } else { self.out.len() },
                );
            self.quoted = Some((start, None));
        }
    }

    fn bullet(&mut self) {
        self.block(1);
        let depth = self.lists.len().clamp(1, 10);
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}{number}.", "  ".repeat(depth - 1))
            }
            _ => format!("{}-", "  ".repeat(depth - 1)),
        };
        self.word(&mark);
        self.blank = true;
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
            self.word(text.trim());
        }
    }

    fn close(&mut self, name: &str) {
        if name.eq_ignore_ascii_case("p") && self.hidden == 0 {
            self.block(2);
        }
        let Some(depth) = self.open.iter().rev().take(100).position(|(open, _)| open.eq_ignore_ascii_case(name)) else {
            return;
        };
        for _ in 0..=depth {
            if let Some((_, effect)) = self.open.pop() {
                self.undo(effect);
            }
        }
    }

    fn undo(&mut self, effect: Effect) {
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
        self.block(effect.block);
        if effect.quote {
            self.settle_before_quote_ends();
            self.quotes = self.quotes.saturating_sub(1);
        }
        if effect.container
            && let Some((_, end @ None)) = &mut self.quoted
        {
            *end = Some(self.out.len());
        }
        if effect.list {
            self.lists.pop();
        }
        if effect.pre {
            self.pre = self.pre.saturating_sub(1);
        }
    }

    /// The blank line after a quote is not quoted.
    fn settle_before_quote_ends(&mut self) {
        if self.started {
            trim_line(&mut self.out);
            self.out.push('\n');
            self.started = false;
        }
        self.breaks = u8::from(!self.out.is_empty());
    }

    /// Appends the target of a link whose text does not show it.
    fn end_link(&mut self) {
        let Some((href, start)) = self.link.take() else { return };
        let href = href.trim();
        let web = href.starts_with("http://") || href.starts_with("https://");
        let shown = self.out.get(start..).unwrap_or_default().trim();
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
            self.out.push_str(&target);
        }
    }
}

fn trim_line(out: &mut String) {
    while out.ends_with([' ', '\t']) {
        out.pop();
    }
}

fn lower(name: &str) -> String {
    name.get(..name.len().min(16)).unwrap_or_default().to_ascii_lowercase()
}

/// Line ends around an element.
fn margin(name: &str) -> u8 {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre" | "table" | "dl" | "fieldset" => 2,
        "div" | "tr" | "ul" | "ol" | "li" | "section" | "article" | "header" | "footer" | "address" | "main"
        | "aside" | "nav" | "center" | "form" | "dt" | "dd" | "figure" | "figcaption" | "body" | "tbody" | "thead"
        | "caption" => 1,
        _ => 0,
    }
}

fn is_hidden(attributes: &str) -> bool {
    if attributes.len() < 6 {
        return false;
    }
    let style = attribute(attributes, "style").unwrap_or_default();
    if !style.is_empty() {
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let style = format!(";{style};");
        let marks = [
            "display:none",
            "visibility:hidden",
            "mso-hide:all",
            ";font-size:0;",
            ";font-size:0px",
            ";font-size:0pt",
            ";max-height:0;",
            ";max-height:0px",
            ";opacity:0;",
        ];
        if marks.iter().any(|mark| style.contains(mark)) {
            return true;
        }
    }
    attributes.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("hidden"))
}

/// Gmail writes indentation as a blockquote without a border.
fn is_indentation(attributes: &str) -> bool {
    let style: String =
        attribute(attributes, "style").unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    style.to_ascii_lowercase().contains("border:none") && attribute(attributes, "type").is_none()
}

/// Elements in which a mail program puts the quoted mail.
fn is_quote_container(name: &str, attributes: &str) -> bool {
    const CLASSES: [&str; 14] = [
        "gmail_quote",
        "gmail_quote_container",
        "yahoo_quoted",
        "protonmail_quote",
        "tutanota_quote",
        "zmail_extra",
        "mailru-blockquote",
        "ox_quote",
        "airmail_on",
        "moz-cite-prefix",
        "moz-forward-container",
        "gmx_quote",
        "freebirdfxmailquote",
        "front-blockquote",
    ];
    let class = attribute(attributes, "class").unwrap_or_default();
    if class.split_ascii_whitespace().any(|word| CLASSES.iter().any(|known| known.eq_ignore_ascii_case(word))) {
        // The cite prefix is the attribution line; the quote itself follows it.
        return !class.contains("moz-cite-prefix") && !class.contains("moz-forward-container");
    }
    name == "div"
        && attribute(attributes, "id").is_some_and(|id| {
            id.starts_with("yahoo_quoted")
                || id == "protonmail_quote"
                || id == "isForwardContent"
                || id == "oriMsgHtmlSeperator"
        })
}

/// Elements after which everything is the quoted mail.
fn is_quote_start(name: &str, attributes: &str) -> bool {
    let id = attribute(attributes, "id").unwrap_or_default();
    let id = id.trim_start_matches("x_");
    if matches!(
        id,
        "divRplyFwdMsg"
            | "appendonsend"
            | "mail-editor-reference-message-container"
            | "stopSpelling"
            | "OLK_SRC_BODY_SECTION"
            | "replySplit"
            | "ms-outlook-mobile-reference"
    ) || id.starts_with("reply-intro")
    {
        return true;
    }
    let class = attribute(attributes, "class").unwrap_or_default();
    class
        .split_ascii_whitespace()
        .any(|word| matches!(word, "OutlookMessageHeader" | "WordSection1-reply" | "gmail_attr_reply"))
        && name != "span"
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

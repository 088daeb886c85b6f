//! HTML to formatted text: words with their look, line ends, lists, tables, quotes, pictures; everything else is gone.
//!
//! Shows what `html` shows and hides what it hides. Takes no style, class or address but the targets of links.

use crate::model::rich::{Block, Gap, Look, MAX_PIECES, Piece, Rich};
use crate::parse::html::nesting::{closed_by, is_self_closed};
use crate::parse::html::styles::{Space, is_hidden, is_indentation, margin, space, zero_font};
use crate::parse::html::tokens::{Token, Tokens, attribute, decode_entities};

/// Open elements that are remembered.
const MAX_OPEN: usize = 300;
/// Links of one text.
const MAX_LINKS: usize = 500;
/// Characters of a link.
const MAX_LINK: usize = 500;

/// What closing an element must undo.
struct Effect {
    hidden: bool,
    zero_font: bool,
    pre: bool,
    look: Look,
    gap: Option<Gap>,
    block: Option<Block>,
}

#[derive(Default)]
struct Converter<'a> {
    rich: Rich,
    open: Vec<(&'a str, Effect)>,
    look: Look,
    hidden: bool,
    zero_font: bool,
    pre: bool,
    blank: bool,
}

/// Converts HTML of any shape; `None` when it is larger than a mail written by hand.
pub fn convert(html: &str) -> Option<Rich> {
    let mut converter = Converter::default();
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => converter.text(text),
            Token::Open(name, attributes) => converter.open(name, attributes),
            Token::Close(name) => converter.close(name),
        }
        if converter.rich.pieces.len() > MAX_PIECES {
            return None;
        }
    }
    while let Some((_, effect)) = converter.open.pop() {
        converter.undo(&effect);
    }
    Some(plain_tables(converter.rich))
}

impl<'a> Converter<'a> {
    fn text(&mut self, text: &str) {
        if self.hidden || self.zero_font {
            return;
        }
        let mut decoded = String::with_capacity(text.len());
        decode_entities(text, &mut decoded);
        for (index, line) in decoded.split('\n').enumerate() {
            if index > 0 && self.pre {
                self.gap(Gap::Break);
            }
            self.blank |= index > 0;
            // No-break spaces are layout in mail.
            for (index, word) in line.split(|c: char| c.is_whitespace()).enumerate() {
                self.blank |= index > 0;
                if !word.is_empty() {
                    let text = word.chars().filter(|c| !c.is_control()).collect();
                    let glued = !std::mem::take(&mut self.blank);
                    self.rich.pieces.push(Piece::Word { text, glued, look: self.look });
                }
            }
        }
    }

    fn gap(&mut self, gap: Gap) {
        self.blank = true;
        self.rich.pieces.push(Piece::Gap(gap));
    }

    fn open(&mut self, name: &'a str, attributes: &'a str) {
        let lower = name.get(..name.len().min(16)).unwrap_or_default().to_ascii_lowercase();
        if self.hidden || self.zero_font || self.pre {
            for _ in 0..closed_by(&lower, self.open.iter().rev().map(|(open, _)| *open)) {
                self.close_last();
            }
        }
        let shown = !self.hidden;
        match lower.as_str() {
            "br" | "hr" => {
                if shown {
                    self.gap(if lower == "br" { Gap::Break } else { Gap::Paragraph });
                }
                return;
            }
            "img" => return self.picture(attributes),
            "meta" | "link" | "input" | "base" | "col" | "area" | "wbr" | "source" | "o:p" | "param" | "basefont" => {
                return;
            }
            _ => {}
        }
        let mut effect = Effect {
            hidden: self.hidden,
            zero_font: self.zero_font,
            pre: self.pre,
            look: self.look,
            gap: gap_of(&lower).filter(|_| shown),
            block: block_of(&lower, attributes).filter(|_| shown),
        };
        let unread =
            matches!(lower.as_str(), "head" | "template" | "noframes" | "object" | "select" | "textarea" | "datalist");
        // What the markup calls empty hides nothing.
        if !is_self_closed(attributes) {
            self.hidden |= unread || is_hidden(&lower, attributes);
            self.zero_font = zero_font(attributes).unwrap_or(self.zero_font);
        }
        if self.hidden {
            (effect.gap, effect.block) = (None, None);
        }
        self.pre = space(&lower, attributes).map_or(self.pre, |space| space != Space::Collapsed);
        self.look = self.look_inside(&lower, attributes);
        if let Some(gap) = effect.gap {
            self.gap(gap);
        }
        if let Some(block) = effect.block {
            self.blank = true;
            self.rich.pieces.push(Piece::Begin(block));
        }
        if self.open.len() < MAX_OPEN {
            self.open.push((name, effect));
        } else {
            self.undo(&effect);
        }
    }

    fn look_inside(&mut self, lower: &str, attributes: &str) -> Look {
        let mut look = self.look;
        match lower {
            "b" | "strong" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "th" => look.bold = true,
            "i" | "em" => look.italic = true,
            "u" | "ins" => look.underlined = true,
            "s" | "strike" | "del" => look.struck = true,
            "a" => look.link = attribute(attributes, "href").and_then(|href| self.link(href.trim())),
            _ => {}
        }
        if let Some(style) = attribute(attributes, "style") {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            look.bold |=
                ["font-weight:bold", "font-weight:700", "font-weight:600"].iter().any(|bold| style.contains(bold));
            look.italic |= style.contains("font-style:italic");
            if lower != "a" {
                look.underlined |= style.contains("text-decoration:underline");
                look.struck |= style.contains("text-decoration:line-through");
            }
        }
        look
    }

    fn link(&mut self, href: &str) -> Option<usize> {
        let usable = href.len() <= MAX_LINK && !href.contains(|c: char| c.is_whitespace() || c.is_control());
        if !usable || self.rich.links.len() >= MAX_LINKS {
            return None;
        }
        self.rich.links.push(href.to_owned());
        Some(self.rich.links.len() - 1)
    }

    fn picture(&mut self, attributes: &str) {
        if self.hidden || is_hidden("img", attributes) {
            return;
        }
        let name = attribute(attributes, "alt").unwrap_or_default();
        let source = attribute(attributes, "src").unwrap_or_default();
        let cid = source.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("cid:")).and(source.get(4..));
        if let Some(id) = cid {
            self.rich.pieces.push(Piece::Picture { id: id.to_owned(), name });
        } else if !name.is_ascii() && name.chars().count() <= 4 {
            // Emoji are images in several web mails.
            let glued = !std::mem::take(&mut self.blank);
            self.rich.pieces.push(Piece::Word { text: name.trim().to_owned(), glued, look: self.look });
        }
    }

    fn close(&mut self, name: &str) {
        if name.eq_ignore_ascii_case("p") && !self.hidden {
            self.gap(Gap::Paragraph);
        }
        let Some(depth) = self.open.iter().rev().take(100).position(|(open, _)| open.eq_ignore_ascii_case(name)) else {
            return;
        };
        for _ in 0..=depth {
            self.close_last();
        }
    }

    fn close_last(&mut self) {
        if let Some((_, effect)) = self.open.pop() {
            self.undo(&effect);
        }
    }

    fn undo(&mut self, effect: &Effect) {
        let Effect { hidden, zero_font, pre, look, gap, block } = *effect;
        (self.hidden, self.zero_font, self.pre, self.look) = (hidden, zero_font, pre, look);
        if let Some(block) = block {
            self.blank = true;
            self.rich.pieces.push(Piece::End(block));
        }
        if let Some(gap) = gap {
            self.gap(gap);
        }
    }
}

fn gap_of(name: &str) -> Option<Gap> {
    match (name, margin(name, "")) {
        ("ul" | "ol" | "li" | "table" | "tr" | "tbody" | "thead" | "blockquote", _) | (_, 0) => None,
        (_, 1) => Some(Gap::Line),
        (_, _) => Some(Gap::Paragraph),
    }
}

fn block_of(name: &str, attributes: &str) -> Option<Block> {
    match name {
        "ul" => Some(Block::List),
        "ol" => Some(Block::Numbered),
        "li" => Some(Block::Item),
        "table" => Some(Block::Table),
        "tr" => Some(Block::Row),
        "td" | "th" => Some(Block::Cell),
        "blockquote" if !is_indentation(attributes) => Some(Block::Quote),
        _ => None,
    }
}

/// Tables that only arrange a page (one field a row, or tables inside) become lines.
fn plain_tables(mut rich: Rich) -> Rich {
    struct Open {
        start: usize,
        fields: usize,
        widest: usize,
        nested: bool,
    }
    let mut open: Vec<Open> = Vec::new();
    let mut layout = vec![false; rich.pieces.len()];
    let mut owners: Vec<Option<usize>> = vec![None; rich.pieces.len()];
    for (index, piece) in rich.pieces.iter().enumerate() {
        match piece {
            Piece::Begin(Block::Table) => {
                for outer in &mut open {
                    outer.nested = true;
                }
                open.push(Open { start: index, fields: 0, widest: 0, nested: false });
            }
            Piece::Begin(Block::Row) => {
                if let Some(table) = open.last_mut() {
                    table.fields = 0;
                }
            }
            Piece::Begin(Block::Cell) => {
                if let Some(table) = open.last_mut() {
                    table.fields += 1;
                    table.widest = table.widest.max(table.fields);
                }
            }
            Piece::Word { .. } | Piece::Gap(_) | Piece::Begin(_) | Piece::End(_) | Piece::Picture { .. } => {}
        }
        if let Some(owner) = owners.get_mut(index) {
            *owner = open.last().map(|table| table.start);
        }
        if matches!(piece, Piece::End(Block::Table))
            && let Some(table) = open.pop()
            && let Some(found) = layout.get_mut(table.start)
        {
            *found = table.nested || table.widest < 2;
        }
    }
    for (piece, owner) in rich.pieces.iter_mut().zip(owners) {
        let arranges = owner.is_none_or(|start| layout.get(start).copied().unwrap_or(true));
        if arranges
            && let Piece::Begin(block) | Piece::End(block) = piece
            && matches!(block, Block::Table | Block::Row | Block::Cell)
        {
            *piece = Piece::Gap(Gap::Line);
        }
    }
    rich
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for piece in convert(html).unwrap().pieces {
            if let Piece::Word { text, glued, .. } = piece {
                match words.last_mut() {
                    Some(last) if glued => last.push_str(&text),
                    _ => words.push(text),
                }
            }
        }
        words
    }

    #[test]
    fn what_is_hidden_is_gone_and_what_is_shown_stays() {
        assert_eq!(
            words("<style>p{}</style><p style='display:none'>no</p><b>He</b>llo&nbsp;you<!-- no -->!"),
            ["Hello", "you!"]
        );
        assert_eq!(words("<span style='font-size:0'>no</span><script>no()</script>yes"), ["yes"]);
        assert_eq!(words("<p style='display:none'>no<div>yes</div><span style='display:none'/>too"), ["yes", "too"]);
    }

    #[test]
    fn a_table_with_fields_stays_and_one_that_arranges_a_page_does_not() {
        let tables = |html: &str| {
            let tables = |piece: &&Piece| matches!(piece, Piece::Begin(Block::Table | Block::Row | Block::Cell));
            convert(html).unwrap().pieces.iter().filter(tables).count()
        };
        assert_eq!(tables("<table><tr><td>a</td><td>b</td></tr></table>"), 4);
        assert_eq!(tables("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>"), 0);
        assert_eq!(
            tables("<table><tr><td>x</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>"),
            4
        );
        assert_eq!(tables("<tr><td>a</td><td>b</td></tr>"), 0);
    }

    #[test]
    fn hostile_html_is_linear() {
        for html in [
            "<div>".repeat(200_000),
            "<a href=\"".repeat(50_000),
            "<table>".repeat(100_000) + "x",
            "<b>x".repeat(100_000),
        ] {
            convert(&html);
        }
    }
}

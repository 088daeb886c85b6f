//! HTML to formatted text: words with their look, line ends, lists, tables, quotes, pictures; everything else is gone.
//!
//! Shows what `html` shows and hides what it hides. Takes no style, class or address but the targets of links.

use crate::model::rich::{Block, Gap, Look, MAX_PIECES, Piece, Rich};
use crate::parse::html::styles::{Space, is_indentation, margin};
use crate::parse::html::tokens::{attribute, decode_entities};
use crate::parse::html::walk::{Reading, Renderer, walk};

/// Links of one text.
const MAX_LINKS: usize = 500;
/// Characters of a link.
const MAX_LINK: usize = 500;

/// What leaving an element must undo.
#[derive(Clone, Copy, Default)]
pub struct Mark {
    /// How words looked outside, when the element changes it.
    look: Option<Look>,
    gap: Option<Gap>,
    block: Option<Block>,
}

#[derive(Default)]
struct Converter {
    rich: Rich,
    look: Look,
    blank: bool,
}

/// Converts HTML of any shape; `None` when it is larger than a mail written by hand.
pub fn convert(html: &str) -> Option<Rich> {
    let mut converter = Converter::default();
    walk(html, Reading::Shown, &mut converter);
    (!converter.is_full()).then(|| plain_tables(converter.rich))
}

impl Renderer for Converter {
    type Mark = Mark;

    fn text(&mut self, text: &str, space: Space) {
        let mut decoded = String::with_capacity(text.len());
        decode_entities(text, &mut decoded);
        for (index, line) in decoded.split('\n').enumerate() {
            if index > 0 && space != Space::Collapsed {
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

    fn line_end(&mut self) {
        self.gap(Gap::Break);
    }

    fn rule(&mut self, _attributes: &str) {
        self.gap(Gap::Paragraph);
    }

    fn picture(&mut self, attributes: &str) {
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

    fn enter(&mut self, name: &str, attributes: &str) -> Mark {
        let look = self.look_inside(name, attributes);
        let outside = std::mem::replace(&mut self.look, look);
        let mark =
            Mark { look: (look != outside).then_some(outside), gap: gap_of(name), block: block_of(name, attributes) };
        if let Some(gap) = mark.gap {
            self.gap(gap);
        }
        if let Some(block) = mark.block {
            self.blank = true;
            self.rich.pieces.push(Piece::Begin(block));
        }
        mark
    }

    fn leave(&mut self, mark: Mark) {
        self.look = mark.look.unwrap_or(self.look);
        if let Some(block) = mark.block {
            self.blank = true;
            self.rich.pieces.push(Piece::End(block));
        }
        if let Some(gap) = mark.gap {
            self.gap(gap);
        }
    }

    fn changes(mark: &Mark) -> bool {
        mark.look.is_some() || mark.block.is_some()
    }

    fn empty_paragraph(&mut self) {
        self.gap(Gap::Paragraph);
    }

    fn is_full(&self) -> bool {
        self.rich.pieces.len() > MAX_PIECES
    }
}

impl Converter {
    fn gap(&mut self, gap: Gap) {
        self.blank = true;
        self.rich.pieces.push(Piece::Gap(gap));
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

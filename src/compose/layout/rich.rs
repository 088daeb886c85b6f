//! Formatted text as simple HTML: a handful of elements with our own styles, always balanced, every letter escaped.
//!
//! Writes what a [`Rich`] holds and nothing else.

use super::html::{Escaped, GREY, INK, LINE, LINK, add};
use crate::model::mail::Attachment;
use crate::model::rich::{Block, Gap, Look, Piece, Rich};

/// A text as HTML, with the pictures that it shows.
pub struct Written {
    /// The markup.
    pub html: String,
    /// For each picture the Content-ID that the markup names, and its place among the files.
    pub pictures: Vec<(String, usize)>,
}

/// Writes `rich`; pictures are looked for among `files` and named anew, for a Content-ID may name its writer's computer.
pub fn write(rich: &Rich, files: &[Attachment], domain: &str) -> Written {
    let mut writer = Writer {
        html: String::with_capacity(1024),
        pictures: Vec::new(),
        links: &rich.links,
        breaks: 0,
        started: false,
        holders: Vec::new(),
        look: Look::default(),
    };
    for piece in &rich.pieces {
        match piece {
            Piece::Word { text, glued, look } => writer.word(text, *glued, *look),
            Piece::Gap(Gap::Line) => writer.breaks = writer.breaks.max(1),
            Piece::Gap(Gap::Break) => writer.breaks = (writer.breaks + 1).min(3),
            Piece::Gap(Gap::Paragraph) => writer.breaks = writer.breaks.max(2),
            Piece::Begin(block) => writer.begin(*block),
            Piece::End(_) => writer.end(),
            Piece::Picture { id, name } => writer.picture(id, name, files, domain),
        }
    }
    while !writer.holders.is_empty() {
        writer.end();
    }
    writer.close();
    Written { html: writer.html, pictures: writer.pictures }
}

struct Writer<'a> {
    html: String,
    pictures: Vec<(String, usize)>,
    links: &'a [String],
    /// Line ends owed before the next word.
    breaks: u8,
    /// Whether the current paragraph, entry or field has words.
    started: bool,
    /// Open blocks; `None` for one that had no place here and is not written.
    holders: Vec<Option<Block>>,
    look: Look,
}

impl Writer<'_> {
    fn word(&mut self, text: &str, glued: bool, look: Look) {
        let blank = self.settle() && !glued;
        let look =
            Look { link: look.link.filter(|link| self.links.get(*link).is_some_and(|to| !to.is_empty())), ..look };
        if blank {
            // What two words do not share ends before the blank.
            let (old, new) = (self.look, look);
            self.set(Look {
                bold: old.bold && new.bold,
                italic: old.italic && new.italic,
                underlined: old.underlined && new.underlined,
                struck: old.struck && new.struck,
                link: old.link.filter(|_| old.link == new.link),
            });
            self.html.push(' ');
        }
        self.set(look);
        self.html.push_str(&Escaped(text).to_string());
    }

    fn picture(&mut self, id: &str, name: &str, files: &[Attachment], domain: &str) {
        let shown = |file: &Attachment| file.content_id.as_deref() == Some(id) && file.media_type.starts_with("image/");
        let Some(place) = files.iter().position(shown) else { return };
        if self.settle() {
            self.html.push(' ');
        }
        self.set(Look::default());
        let known = self.pictures.iter().find(|(_, known)| *known == place).map(|(id, _)| id.clone());
        let id = known.unwrap_or_else(|| {
            let id = format!("picture-{}@{domain}", self.pictures.len() + 1);
            self.pictures.push((id.clone(), place));
            id
        });
        let name = Escaped(name).to_string();
        add(&mut self.html, format_args!("<img src=\"cid:{}\" alt=\"{name}\" style=\"max-width:100%\">", Escaped(&id)));
    }

    /// Makes ready for a word; says whether it follows another one on the line.
    fn settle(&mut self) -> bool {
        let breaks = std::mem::take(&mut self.breaks);
        let inside = self.holder().is_some_and(|holder| matches!(holder, Block::Item | Block::Cell));
        if self.started && breaks > 1 && !inside {
            self.close();
        }
        if !self.started {
            if !inside {
                add(&mut self.html, format_args!("<p style=\"margin:0 0 14px 0;color:{INK}\">"));
            }
            self.started = true;
            return false;
        }
        if breaks > 0 {
            self.set(Look::default());
            self.html.push_str(if breaks > 1 { "<br>\n<br>\n" } else { "<br>\n" });
        }
        breaks == 0
    }

    fn set(&mut self, look: Look) {
        if look == self.look {
            return;
        }
        let tags = |look: Look| [(look.bold, "b"), (look.italic, "i"), (look.underlined, "u"), (look.struck, "s")];
        for (_, tag) in tags(self.look).into_iter().rev().filter(|(on, _)| *on) {
            self.html.extend(["</", tag, ">"]);
        }
        if look.link != self.look.link {
            if self.look.link.is_some() {
                self.html.push_str("</a>");
            }
            if let Some(to) = look.link.and_then(|link| self.links.get(link)) {
                add(&mut self.html, format_args!("<a href=\"{}\" style=\"color:{LINK}\">", Escaped(to)));
            }
        }
        for (_, tag) in tags(look).into_iter().filter(|(on, _)| *on) {
            self.html.extend(["<", tag, ">"]);
        }
        self.look = look;
    }

    /// Ends the words of a paragraph, entry or field.
    fn close(&mut self) {
        self.set(Look::default());
        let inside = self.holder().is_some_and(|holder| matches!(holder, Block::Item | Block::Cell));
        if std::mem::take(&mut self.started) && !inside {
            self.html.push_str("</p>\n");
        }
    }

    fn holder(&self) -> Option<Block> {
        self.holders.iter().rev().find_map(|holder| *holder)
    }

    fn begin(&mut self, block: Block) {
        let fits = match block {
            Block::Item => matches!(self.holder(), Some(Block::List | Block::Numbered)),
            Block::Row => self.holder() == Some(Block::Table),
            Block::Cell => self.holder() == Some(Block::Row),
            Block::List | Block::Numbered | Block::Table | Block::Quote => true,
        };
        if !fits {
            self.breaks = self.breaks.max(1);
            self.holders.push(None);
            return;
        }
        self.close();
        self.breaks = 0;
        let tag = match block {
            Block::List => "<ul style=\"margin:0 0 14px 0;padding-left:24px\">\n".to_owned(),
            Block::Numbered => "<ol style=\"margin:0 0 14px 0;padding-left:24px\">\n".to_owned(),
            Block::Item => "<li style=\"margin:0 0 4px 0\">".to_owned(),
            Block::Table => "<table cellpadding=\"6\" cellspacing=\"0\" border=\"0\" style=\"margin:0 0 14px 0;border-collapse:collapse\">\n".to_owned(),
            Block::Row => "<tr>".to_owned(),
            Block::Cell => format!("<td valign=\"top\" style=\"padding:5px 10px;border:1px solid {LINE}\">"),
            Block::Quote => format!("<blockquote style=\"margin:0 0 14px 0;padding:0 0 0 12px;border-left:3px solid {LINE};color:{GREY}\">\n"),
        };
        self.html.push_str(&tag);
        self.holders.push(Some(block));
    }

    fn end(&mut self) {
        let Some(Some(block)) = self.holders.last().copied() else {
            self.breaks = self.breaks.max(1);
            self.holders.pop();
            return;
        };
        self.close();
        self.breaks = 0;
        self.html.push_str(match block {
            Block::List => "</ul>\n",
            Block::Numbered => "</ol>\n",
            Block::Item => "</li>\n",
            Block::Table => "</table>\n",
            Block::Row => "</tr>\n",
            Block::Cell => "</td>",
            Block::Quote => "</blockquote>\n",
        });
        self.holders.pop();
        self.started = matches!(self.holder(), Some(Block::Item | Block::Cell));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, look: Look) -> Piece {
        Piece::Word { text: text.to_owned(), glued: false, look }
    }

    fn check(pieces: Vec<Piece>, expected: &str) {
        let rich = Rich { pieces, links: vec!["https://shop.example/a?b=1&c=2".to_owned(), String::new()] };
        let html = write(&rich, &[], "shop.example").html;
        let mut bare = String::new();
        for (index, piece) in html.split(" style=\"").enumerate() {
            bare.push_str(if index == 0 { piece } else { piece.split_once('"').unwrap().1 });
        }
        assert_eq!(bare.replace('\n', ""), expected);
    }

    #[test]
    fn words_keep_their_look_and_are_escaped() {
        let bold = Look { bold: true, ..Look::default() };
        let link = |link| Look { link: Some(link), ..Look::default() };
        check(
            vec![
                word("a", Look::default()),
                word("<b>", bold),
                word("c", bold),
                word("d", link(0)),
                word("e", link(1)),
            ],
            "<p>a <b>&lt;b&gt; c</b> <a href=\"https://shop.example/a?b=1&amp;c=2\">d</a> e</p>",
        );
    }

    #[test]
    fn lines_and_paragraphs_are_told_apart() {
        let w = |text| word(text, Look::default());
        check(
            vec![Piece::Gap(Gap::Line), w("a"), Piece::Gap(Gap::Break), w("b"), Piece::Gap(Gap::Paragraph), w("c")],
            "<p>a<br>b</p><p>c</p>",
        );
    }

    #[test]
    fn blocks_are_balanced_whatever_comes() {
        let w = |text| word(text, Look::default());
        check(
            vec![
                w("a"),
                Piece::Begin(Block::List),
                Piece::Begin(Block::Item),
                w("b"),
                Piece::Begin(Block::Numbered),
                Piece::Begin(Block::Item),
                w("c"),
            ],
            "<p>a</p><ul><li>b<ol><li>c</li></ol></li></ul>",
        );
        check(vec![Piece::Begin(Block::Cell), w("a"), Piece::End(Block::Cell), w("b")], "<p>a<br>b</p>");
    }
}

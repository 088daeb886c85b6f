//! Formatted text as far as a mail to a customer carries it: words with a look, line ends, lists, tables, quotes, pictures.
//!
//! No markup, no styles, no addresses but links: what a program writes beside these is lost where this is made. That it says
//! the same as a plain text is proved by comparing every letter and digit of both, in order.

/// Pieces of one text, at most.
pub const MAX_PIECES: usize = 20_000;
/// Steps of one comparison, at most; hostile texts are given up.
const MAX_STEPS: usize = 2_000_000;

/// A formatted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rich {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
    /// Where its links lead.
    pub links: Vec<String>,
}

/// A piece of a formatted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Letters without white space.
    Word {
        /// The letters.
        text: String,
        /// Whether no blank stands before it.
        glued: bool,
        /// How it looks.
        look: Look,
    },
    /// The end of a line or of a paragraph.
    Gap(Gap),
    /// The beginning of a block.
    Begin(Block),
    /// Its end.
    End(Block),
    /// A picture that came with the mail.
    Picture {
        /// Its Content-ID.
        id: String,
        /// What stands in its place where there are no pictures.
        name: String,
    },
}

/// What parts two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A new line, unless one begins here already.
    Line,
    /// One more new line.
    Break,
    /// A new paragraph, unless one begins here already.
    Paragraph,
}

/// A block that holds others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// A list with dots.
    List,
    /// A list with numbers.
    Numbered,
    /// An entry of a list.
    Item,
    /// A table.
    Table,
    /// A row of it.
    Row,
    /// A field of that.
    Cell,
    /// Words of somebody else.
    Quote,
}

/// How a word looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underlined: bool,
    /// Struck through.
    pub struck: bool,
    /// The link that it is part of.
    pub link: Option<usize>,
}

impl Rich {
    /// The part of this that says exactly what `plain` says: every letter and digit, in order, and nothing else. Links are
    /// kept where `plain` shows the target. `None` when there is no such part.
    pub fn part_that_says(&self, plain: &str) -> Option<Rich> {
        let wanted: Vec<char> = letters(plain).collect();
        let mut steps = 0;
        let starts = (0..self.pieces.len()).filter(|index| self.word(*index).is_some());
        for start in starts {
            if let Some(end) = self.matches(start, &wanted, &mut steps) {
                return Some(self.cut(start, end, plain));
            }
            if steps > MAX_STEPS {
                return None;
            }
        }
        None
    }

    /// Whether all of this says exactly what `plain` says, and leads nowhere that `plain` does not show.
    pub fn says(&self, plain: &str) -> bool {
        let wanted: Vec<char> = letters(plain).collect();
        let first =
            (0..self.pieces.len()).find(|index| self.word(*index).is_some_and(|word| letters(word).next().is_some()));
        let end = first.and_then(|first| self.matches(first, &wanted, &mut 0));
        let rest = end.and_then(|end| self.pieces.get(end..)).unwrap_or_default();
        let silent = rest.iter().all(|piece| match piece {
            Piece::Word { text, .. } => letters(text).next().is_none(),
            Piece::Gap(_) | Piece::Begin(_) | Piece::End(_) | Piece::Picture { .. } => true,
        });
        end.is_some() && silent && self.links.iter().all(|link| link.is_empty() || plain.contains(bare(link)))
    }

    /// This without the pictures below its last word.
    #[must_use]
    pub fn without_last_pictures(mut self) -> Rich {
        let words =
            self.pieces.iter().rposition(|piece| matches!(piece, Piece::Word { .. })).map_or(0, |last| last + 1);
        let below = self.pieces.split_off(words.min(self.pieces.len()));
        self.pieces.extend(below.into_iter().filter(|piece| !matches!(piece, Piece::Picture { .. })));
        self
    }

    /// Content-IDs of its pictures.
    pub fn pictures(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Picture { id, .. } => Some(id.as_str()),
            Piece::Word { .. } | Piece::Gap(_) | Piece::Begin(_) | Piece::End(_) => None,
        })
    }

    /// What stands in the place of a picture where there are no pictures; `None` when it has none such.
    pub fn name_of(&self, picture: &str) -> Option<&str> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Picture { id, name } => (id == picture).then_some(name.as_str()),
            Piece::Word { .. } | Piece::Gap(_) | Piece::Begin(_) | Piece::End(_) => None,
        })
    }

    fn word(&self, index: usize) -> Option<&str> {
        match self.pieces.get(index)? {
            Piece::Word { text, .. } => Some(text),
            Piece::Gap(_) | Piece::Begin(_) | Piece::End(_) | Piece::Picture { .. } => None,
        }
    }

    /// The piece behind the last one of those from `start` that say `wanted`. What programs add to a plain text (targets of
    /// links, numbers of lists, names of pictures) may stand in it or not.
    fn matches(&self, start: usize, wanted: &[char], steps: &mut usize) -> Option<usize> {
        let mut rest = wanted;
        let mut link: Option<usize> = None;
        let mut lists: Vec<Option<u32>> = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate().skip(start) {
            *steps += 1;
            let next_link = match piece {
                Piece::Word { look, .. } => look.link,
                Piece::Begin(_) | Piece::End(_) => None,
                Piece::Gap(_) | Piece::Picture { .. } => link,
            };
            if let Some(ended) = link.filter(|_| link != next_link) {
                rest = without(rest, self.links.get(ended).map_or("", String::as_str));
            }
            link = next_link;
            if rest.is_empty() {
                return Some(index);
            }
            match piece {
                Piece::Word { text, .. } => {
                    let found = letters(text).count();
                    *steps += found;
                    rest = starts_with(rest, text)?;
                }
                Piece::Begin(Block::List) => lists.push(None),
                Piece::Begin(Block::Numbered) => lists.push(Some(0)),
                Piece::End(Block::List | Block::Numbered) => drop(lists.pop()),
                Piece::Begin(Block::Item) => {
                    if let Some(Some(number)) = lists.last_mut() {
                        *number += 1;
                        rest = without(rest, &number.to_string());
                    }
                }
                Piece::Picture { id, name } => {
                    let shorter = without(rest, &format!("image{name}"));
                    rest = if shorter.len() < rest.len() { shorter } else { without(rest, &format!("cid{id}")) };
                }
                Piece::Begin(Block::Table | Block::Row | Block::Cell | Block::Quote)
                | Piece::End(Block::Item | Block::Table | Block::Row | Block::Cell | Block::Quote)
                | Piece::Gap(_) => {}
            }
        }
        let rest = link.map_or(rest, |ended| without(rest, self.links.get(ended).map_or("", String::as_str)));
        rest.is_empty().then_some(self.pieces.len())
    }

    /// The pieces from `start` to `end` with what belongs to them: signs and pictures that follow on the line, blocks that
    /// lie inside as a whole.
    fn cut(&self, start: usize, end: usize, plain: &str) -> Rich {
        let follows = self.pieces.get(end..).unwrap_or_default().iter().take_while(|piece| match piece {
            Piece::Word { text, .. } => letters(text).next().is_none(),
            Piece::Picture { .. } | Piece::End(_) => true,
            Piece::Gap(_) | Piece::Begin(_) => false,
        });
        let mut end = end + follows.count();
        end += pictures_beside(self.pieces.get(end..).unwrap_or_default().iter());
        // Blocks that hold all of it begin before it.
        let lead = self.pieces.get(..start).unwrap_or_default().iter().rev();
        let mut start =
            start - lead.take_while(|piece| matches!(piece, Piece::Begin(_) | Piece::Picture { .. })).count();
        start -= pictures_beside(self.pieces.get(..start).unwrap_or_default().iter().rev());
        let pieces: Vec<Piece> = self.pieces.get(start..end).unwrap_or_default().to_vec();
        let whole = whole_blocks(&pieces);
        // Half a table is no table; its words are lines.
        let kept =
            pieces.into_iter().zip(whole).map(|(piece, whole)| if whole { piece } else { Piece::Gap(Gap::Line) });
        let links = self.links.iter().map(|link| {
            let safe = ["http://", "https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
            if safe && plain.contains(bare(link)) { link.clone() } else { String::new() }
        });
        Rich { pieces: kept.collect(), links: links.collect() }
    }
}

/// How many of these pieces it takes to the last picture that nothing but line ends part from the words: what one writes often
/// ends in a picture, and it stands on a line of its own.
fn pictures_beside<'p>(pieces: impl Iterator<Item = &'p Piece>) -> usize {
    let beside = pieces.take_while(|piece| matches!(piece, Piece::Picture { .. } | Piece::Gap(_)));
    beside
        .enumerate()
        .filter(|(_, piece)| matches!(piece, Piece::Picture { .. }))
        .last()
        .map_or(0, |(index, _)| index + 1)
}

/// For each piece whether it is no end of a block, or the other end is there too.
fn whole_blocks(pieces: &[Piece]) -> Vec<bool> {
    let mut whole = vec![true; pieces.len()];
    let mut open: Vec<(usize, Block)> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Begin(block) => open.push((index, *block)),
            Piece::End(block) if open.last().is_some_and(|(_, last)| last == block) => drop(open.pop()),
            Piece::End(_) => mark(&mut whole, index),
            Piece::Word { .. } | Piece::Gap(_) | Piece::Picture { .. } => {}
        }
    }
    for (index, _) in open {
        mark(&mut whole, index);
    }
    whole
}

fn mark(whole: &mut [bool], index: usize) {
    if let Some(whole) = whole.get_mut(index) {
        *whole = false;
    }
}

/// What a text shows of the address that a link leads to.
fn bare(link: &str) -> &str {
    let link = ["https://", "http://", "mailto:"].iter().find_map(|scheme| link.strip_prefix(scheme)).unwrap_or(link);
    link.strip_suffix('/').unwrap_or(link)
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric())
}

fn starts_with<'w>(wanted: &'w [char], text: &str) -> Option<&'w [char]> {
    let mut rest = wanted;
    for letter in letters(text) {
        let (first, others) = rest.split_first()?;
        if *first != letter {
            return None;
        }
        rest = others;
    }
    Some(rest)
}

fn without<'w>(wanted: &'w [char], text: &str) -> &'w [char] {
    starts_with(wanted, text).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rich(text: &str) -> Rich {
        let mut pieces = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if index > 0 {
                pieces.push(Piece::Gap(Gap::Break));
            }
            let word = |word: &str| Piece::Word { text: word.to_owned(), glued: false, look: Look::default() };
            pieces.extend(line.split(' ').filter(|word| !word.is_empty()).map(word));
        }
        Rich { pieces, links: vec![] }
    }

    fn linked(href: &str, shown: &str) -> Rich {
        let mut rich = rich(shown);
        for piece in &mut rich.pieces {
            if let Piece::Word { look, .. } = piece {
                look.link = Some(0);
            }
        }
        rich.links.push(href.to_owned());
        rich
    }

    #[test]
    fn the_part_says_all_of_the_plain_text_and_nothing_else() {
        let whole = rich("#take\nDear Ewa,\nit is on its way.\n-- \nAnna Nowak");
        let part = whole.part_that_says("Dear Ewa,\nit is on its way.").unwrap();
        assert_eq!(part, rich("Dear Ewa,\nit is on its way."));
        assert!(part.says("Dear Ewa, it is on its way") && !whole.says("Dear Ewa, it is on its way."));
        for other in ["Dear Ewa, it is on the way.", "Dear it is on its way.", "Dear Ewa, it is on its wa"] {
            assert_eq!(whole.part_that_says(other), None, "{other}");
        }
    }

    #[test]
    fn a_link_is_kept_where_the_plain_text_shows_its_target() {
        let link = linked("https://shop.example/label", "the label");
        let shown = link.part_that_says("the label <https://shop.example/label>").unwrap();
        assert_eq!(shown.links, ["https://shop.example/label"]);
        let hidden = link.part_that_says("the label").unwrap();
        assert_eq!(hidden.links, [""]);
        assert!(hidden.says("the label") && !link.says("the label"));
        let script = linked("javascript:shop", "the label javascript:shop").part_that_says("the label javascript:shop");
        assert_eq!(script.unwrap().links, [""]);
    }

    #[test]
    fn pictures_among_the_words_and_beside_them_belong_to_them_and_those_of_the_signature_do_not() {
        let picture = |id: &str| Piece::Picture { id: id.to_owned(), name: String::new() };
        let mut whole = rich("Dear Ewa,\nsee here.\n--\nAnna");
        let end = whole.pieces.len();
        whole.pieces.insert(end, picture("logo"));
        whole.pieces.insert(end - 3, Piece::Gap(Gap::Paragraph));
        whole.pieces.insert(end - 3, picture("last"));
        whole.pieces.insert(3, picture("inside"));
        whole.pieces.insert(0, Piece::Gap(Gap::Line));
        whole.pieces.insert(0, picture("first"));
        let part = whole.part_that_says("Dear Ewa, see here.").unwrap();
        assert_eq!(part.pictures().collect::<Vec<_>>(), ["first", "inside", "last"]);
        assert!(part.says("Dear Ewa, see here."));
    }

    #[test]
    fn half_a_block_becomes_lines() {
        let mut whole = rich("one two three");
        whole.pieces.insert(0, Piece::Begin(Block::Quote));
        whole.pieces.push(Piece::End(Block::Quote));
        let part = whole.part_that_says("two three").unwrap();
        assert_eq!(part.pieces.last(), Some(&Piece::Gap(Gap::Line)));
        assert_eq!(whole.part_that_says("one two three"), Some(whole));
    }

    #[test]
    fn hostile_texts_are_given_up_in_time() {
        let whole = rich(&"a ".repeat(MAX_PIECES));
        assert_eq!(whole.part_that_says(&format!("{}b", "a".repeat(MAX_PIECES / 2))), None);
    }
}

//! The one walk through the elements of a mail's HTML: what is open, what is hidden, how white space counts.
//!
//! Writes nothing; a renderer is told what is shown.

use crate::parse::html::nesting::{closed_by, is_self_closed};
use crate::parse::html::styles::{Space, is_hidden, space, zero_font};
use crate::parse::html::tokens::{Token, Tokens};

/// Open elements that are remembered.
pub const MAX_OPEN: usize = 300;
/// Bytes of an element's name.
const MAX_NAME: usize = 16;
/// Open elements among which the one is looked for that an end tag closes.
const MAX_DEPTH: usize = 100;

/// What is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// What is shown.
    #[default]
    Shown,
    /// What is hidden too, and what pictures say of themselves.
    Everything,
}

/// Makes something of what is shown, in the order of the text.
pub trait Renderer {
    /// What leaving an element must undo.
    type Mark;

    /// Running text, entities and all.
    fn text(&mut self, text: &str, space: Space);
    /// The line end that `<br>` is.
    fn line_end(&mut self);
    /// The line that `<hr>` draws.
    fn rule(&mut self, attributes: &str);
    /// A picture that is shown.
    fn picture(&mut self, attributes: &str);
    /// A picture that is not.
    fn hidden_picture(&mut self, _attributes: &str) {}
    /// An element begins; its name is in small letters.
    fn enter(&mut self, name: &str, attributes: &str) -> Self::Mark;
    /// An element ends.
    fn leave(&mut self, mark: Self::Mark);
    /// Whether an element changes more than line ends; one that does not, and that the markup calls empty, is over at once.
    fn changes(mark: &Self::Mark) -> bool;
    /// `</p>` without its beginning: a paragraph of nothing.
    fn empty_paragraph(&mut self);
    /// Whether no more is wanted.
    fn is_full(&self) -> bool {
        false
    }
}

/// What closing an element must undo.
struct Effect<Mark> {
    hidden: bool,
    /// What the renderer made of it; `None` for one that is not shown.
    mark: Option<Mark>,
    /// How white space counted outside this element, when the element sets it.
    space: Option<Space>,
    /// Whether text had no size outside this element, when the element sets one.
    font: Option<bool>,
}

struct Walk<'a, 'r, R: Renderer> {
    reading: Reading,
    renderer: &'r mut R,
    open: Vec<(&'a str, Effect<R::Mark>)>,
    hidden: usize,
    /// Whether text has no size here.
    zero_font: bool,
    space: Space,
}

/// Walks through HTML of any shape.
pub fn walk<R: Renderer>(html: &str, reading: Reading, renderer: &mut R) {
    let mut walk = Walk { reading, renderer, open: Vec::new(), hidden: 0, zero_font: false, space: Space::default() };
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) if walk.hidden == 0 && !walk.zero_font => walk.renderer.text(text, walk.space),
            Token::Text(_) => {}
            Token::Open(name, attributes) => walk.open(name, attributes),
            Token::Close(name) => walk.close(name),
        }
        if walk.renderer.is_full() {
            return;
        }
    }
    while !walk.open.is_empty() {
        walk.close_last();
    }
}

impl<'a, R: Renderer> Walk<'a, '_, R> {
    fn open(&mut self, name: &'a str, attributes: &'a str) {
        let lower = lower(name);
        let lower = lower.as_str();
        if self.hidden > 0 || self.zero_font || self.space != Space::Collapsed {
            for _ in 0..closed_by(lower, self.open.iter().rev().map(|(open, _)| *open)) {
                self.close_last();
            }
        }
        let shown = self.hidden == 0;
        match lower {
            "br" if shown => return self.renderer.line_end(),
            "hr" if shown => return self.renderer.rule(attributes),
            "img" if shown && !(self.reading == Reading::Shown && is_hidden("img", attributes)) => {
                return self.renderer.picture(attributes);
            }
            "img" => return self.renderer.hidden_picture(attributes),
            "br" | "hr" | "meta" | "link" | "input" | "base" | "col" | "area" | "wbr" | "source" | "o:p" | "param"
            | "basefont" => return,
            _ => {}
        }
        let unread = matches!(lower, "head" | "template" | "noframes" | "object" | "select" | "textarea" | "datalist");
        // What the markup calls empty hides nothing, though browsers would let it hide all that follows.
        let hides = self.reading == Reading::Shown && !is_self_closed(attributes);
        let mut effect =
            Effect { hidden: hides && (unread || is_hidden(lower, attributes)), mark: None, space: None, font: None };
        self.hidden += usize::from(effect.hidden);
        if self.hidden == 0 {
            effect.mark = Some(self.renderer.enter(lower, attributes));
            effect.space = space(lower, attributes).map(|space| std::mem::replace(&mut self.space, space));
        }
        if let Some(zero) = zero_font(attributes).filter(|_| hides) {
            effect.font = Some(std::mem::replace(&mut self.zero_font, zero));
        }
        let plain = !effect.hidden && effect.space.is_none() && effect.font.is_none();
        if attributes.ends_with('/') && plain && !effect.mark.as_ref().is_some_and(R::changes) {
            return;
        }
        if self.open.len() < MAX_OPEN {
            self.open.push((name, effect));
        } else {
            self.undo(effect);
        }
    }

    fn close(&mut self, name: &str) {
        let mut open = self.open.iter().rev().take(MAX_DEPTH);
        let Some(depth) = open.position(|(open, _)| open.eq_ignore_ascii_case(name)) else {
            if name.eq_ignore_ascii_case("p") && self.hidden == 0 {
                self.renderer.empty_paragraph();
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

    fn undo(&mut self, effect: Effect<R::Mark>) {
        if let Some(zero) = effect.font {
            self.zero_font = zero;
        }
        if let Some(space) = effect.space {
            self.space = space;
        }
        if effect.hidden {
            self.hidden = self.hidden.saturating_sub(1);
        }
        if let Some(mark) = effect.mark {
            self.renderer.leave(mark);
        }
    }
}

/// A name in small letters, cut to a length that no element has.
pub fn lower(name: &str) -> String {
    name.get(..name.len().min(MAX_NAME)).unwrap_or_default().to_ascii_lowercase()
}

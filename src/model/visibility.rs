//! Who may read a text, as a type: what renders a mail to a customer takes [`Public`] and nothing else.

use super::rich::Rich;

/// Text that a customer may read. Made from an agent's own new words or from our templates, never from a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public(String);

/// Text for colleagues only. There is no way from here to [`Public`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Internal(String);

/// Formatted text that a customer may read: it says what a [`Public`] text says and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted(Rich);

impl Formatted {
    /// The text with its look.
    pub fn rich(&self) -> &Rich {
        &self.0
    }
}

impl Public {
    /// The part of `rich` that says exactly what this says; `None` when there is none. The only way to formatted text for a
    /// customer, so that whatever was looked for in the plain text was looked for in that too.
    pub fn formatted(&self, rich: &Rich) -> Option<Formatted> {
        rich.part_that_says(&self.0).filter(|part| part.says(&self.0)).map(Formatted)
    }

    /// Declares `text` fit for customers. Call it where the decision is made (`decide`), nowhere else.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Internal {
    /// Marks `text` as internal.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for a reader who is a colleague.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

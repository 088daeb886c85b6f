//! Who may read a text, as a type: what renders a mail to a customer takes [`Public`] and nothing else.

/// Text that a customer may read. Made from an agent's own new words or from our templates, never from a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public(String);

/// Text for colleagues only. There is no way from here to [`Public`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Internal(String);

impl Public {
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

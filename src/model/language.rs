//! The languages that postroom writes in.

use std::fmt;

/// A language of our texts. `fil` is Filipino; mails in Tagalog count as it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English.
    En,
    /// Polish.
    Pl,
    /// Russian.
    Ru,
    /// Filipino.
    Fil,
}

impl Language {
    /// All of them, in the order they are documented.
    pub const ALL: [Self; 4] = [Self::En, Self::Pl, Self::Ru, Self::Fil];

    /// The BCP 47 tag, as in the config: `en`, `pl`, `ru`, `fil`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pl => "pl",
            Self::Ru => "ru",
            Self::Fil => "fil",
        }
    }

    /// The language of a tag; `None` for one we have no texts in.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

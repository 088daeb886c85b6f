//! What a table of texts is: keys, each with its word for the config, its placeholders and its text in every language.
//!
//! Every table is an enum of its own, so that no file has to hold them all; the config knows all of them by their words.

use crate::model::language::Language;

/// A text that postroom writes.
pub trait Key: Copy {
    /// What is known of it.
    fn entry(self) -> &'static Entry;
}

/// A text with its names.
#[derive(Debug)]
pub struct Entry {
    /// The key in `[texts.LANGUAGE]`.
    pub word: &'static str,
    /// What can be filled in.
    pub placeholders: &'static [&'static str],
    /// The texts that ship with postroom: English, Polish, Russian, Filipino.
    pub builtin: [&'static str; 4],
}

impl Entry {
    /// The text that ships with postroom.
    pub fn builtin(&self, language: Language) -> &'static str {
        let [en, pl, ru, fil] = self.builtin;
        match language {
            Language::En => en,
            Language::Pl => pl,
            Language::Ru => ru,
            Language::Fil => fil,
        }
    }
}

/// Makes a table: a doc line, the name of its enum, then its texts.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident;
     $($variant:ident $word:literal [$($placeholder:literal)*] { $en:literal $pl:literal $ru:literal $fil:literal })+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// All of them, in the order they are written below.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl $crate::compose::texts::Key for $name {
            fn entry(self) -> &'static $crate::compose::texts::Entry {
                match self {
                    $(Self::$variant => &$crate::compose::texts::Entry {
                        word: $word,
                        placeholders: &[$($placeholder),*],
                        builtin: [$en, $pl, $ru, $fil],
                    }),+
                }
            }
        }
    };
}
pub(super) use texts;

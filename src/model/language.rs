//! The languages that postroom writes in: each is one file of `locales/`, which `build/locales.rs` checks and makes into the
//! tables here. Nothing of a language stands in Rust.

use std::fmt;

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// A language of our texts. `fil` is Filipino; mails in Tagalog count as it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(usize);

/// All that a file of `locales/` says.
struct Locale {
    tag: &'static str,
    names: &'static [&'static str],
    iso639_3: &'static str,
    /// A number belongs to the first of these of which one list of relations holds; to `Other` if none does.
    plural: &'static [(Category, &'static [&'static [Relation]])],
    dates: Dates,
    commands: &'static [(&'static str, &'static [&'static str])],
    texts: [&'static str; TextKey::ALL.len()],
    counted: [[Option<&'static str>; Category::ALL.len()]; CountedKey::ALL.len()],
}

/// A text's key in `[texts.LANGUAGE]`, and what can be filled in.
#[derive(Debug)]
pub struct Entry {
    /// The key.
    pub word: &'static str,
    /// The names that stand in braces.
    pub placeholders: &'static [&'static str],
}

/// What the form of a text depends on, as CLDR calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// In Arabic: 0.
    Zero,
    /// In English: 1. In Russian: 1, 21, 31.
    One,
    /// In Arabic: 2.
    Two,
    /// In Polish and Russian: 2 to 4, 22 to 24.
    Few,
    /// In Polish and Russian: 5 to 21, 25.
    Many,
    /// Every number left.
    Other,
}

/// A part of a rule: whether the number, or what is left of it by division, is in one of the ranges.
struct Relation {
    /// 0: the number itself.
    modulus: u64,
    /// Whether it must be in one of them, or in none.
    holds: bool,
    ranges: &'static [(u64, u64)],
}

/// How a language writes days and times.
#[derive(Debug)]
pub struct Dates {
    /// January to December, as they stand in a date.
    pub months: &'static [&'static str],
    /// A day: `{day} {month} {year}`.
    pub day: &'static str,
    /// A time: `{hour}:{minute}`.
    pub time: &'static str,
    /// Both: `{date}, {time}`.
    pub day_and_time: &'static str,
    /// AM and PM, where hours are counted to twelve.
    pub halves: &'static [&'static str],
}

impl Language {
    /// English, which every other language is held to.
    pub const ENGLISH: Self = Self(0);

    /// All of them: English, then the others by their tags.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + Clone {
        (0..LOCALES.len()).map(Self)
    }

    /// The BCP 47 tag, as in the config and in the name of the file: `en`, `pl`, `ru`, `fil`.
    pub fn tag(self) -> &'static str {
        self.locale().tag
    }

    /// What people call it: its own name, and those that speakers of the others may write instead of the tag.
    pub fn names(self) -> &'static [&'static str] {
        self.locale().names
    }

    /// The language of a tag; `None` for one we have no texts in.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::all().find(|language| language.tag() == tag)
    }

    /// A text that ships with postroom.
    pub fn text(self, text: TextKey) -> &'static str {
        self.locale().texts.get(text as usize).copied().unwrap_or_default()
    }

    /// One form of a text that goes with a number; `None` for a form that the language does not have.
    pub fn form(self, text: CountedKey, category: Category) -> Option<&'static str> {
        self.locale().counted.get(text as usize)?.get(category as usize).copied()?
    }

    /// The form that goes with `number`.
    pub fn category(self, number: u64) -> Category {
        let fits = |(_, lists): &&(Category, &[&[Relation]])| {
            lists.iter().any(|relations| relations.iter().all(|relation| relation.holds_for(number)))
        };
        self.locale().plural.iter().find(fits).map_or(Category::Other, |(category, _)| *category)
    }

    /// How it writes days and times.
    pub fn dates(self) -> &'static Dates {
        &self.locale().dates
    }

    /// Its words for commands, by the English word; those that have none are not there.
    pub fn commands(self) -> &'static [(&'static str, &'static [&'static str])] {
        self.locale().commands
    }

    /// Its code in ISO 639-3.
    pub fn iso639_3(self) -> &'static str {
        self.locale().iso639_3
    }

    fn locale(self) -> &'static Locale {
        LOCALES.get(self.0).unwrap_or(const { &LOCALES[0] })
    }
}

impl Category {
    /// All of them, in the order of CLDR.
    pub const ALL: [Self; 6] = [Self::Zero, Self::One, Self::Two, Self::Few, Self::Many, Self::Other];

    /// Its name in the files and in the config.
    pub fn word(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }
}

impl Relation {
    fn holds_for(&self, number: u64) -> bool {
        let part = number.checked_rem(self.modulus).unwrap_or(number);
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&part)) == self.holds
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

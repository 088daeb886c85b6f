//! Every text that postroom writes, in every language it writes, and how the config replaces one.
//!
//! The texts stand in tables (`table` and those that [`entries`] names), all languages of a text together, so that a reader
//! can compare them.

mod bad_command;
mod delivery;
mod done;
mod held;
mod history;
mod keys;
mod refused;
mod regroup;
mod staff;
mod table;

pub use self::bad_command::BadCommandText;
pub use self::delivery::DeliveryText;
pub use self::done::DoneText;
pub use self::held::HeldText;
pub use self::history::HistoryText;
pub use self::keys::{Entry, Key};
pub use self::refused::RefusedText;
pub use self::regroup::RegroupText;
pub use self::staff::StaffText;
pub use self::table::TextKey;

use super::audience::marker;
use crate::model::language::Language;
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::suggest::nearest;

/// What the line above which one replies begins with; `parse` cuts an agent's mail there.
pub const MARKER: &str = "##- ";
/// Names that a hint offers.
const MAX_ALIKE: usize = 5;

/// Every text of every table.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    let regroup = RegroupText::ALL.iter().map(|key| key.entry());
    let staff = StaffText::ALL.iter().map(|key| key.entry());
    let held = HeldText::ALL.iter().map(|key| key.entry());
    let history = HistoryText::ALL.iter().map(|key| key.entry());
    let bad_command = BadCommandText::ALL.iter().map(|key| key.entry());
    let delivery = DeliveryText::ALL.iter().map(|key| key.entry());
    let done = DoneText::ALL.iter().map(|key| key.entry());
    let refused = RefusedText::ALL.iter().map(|key| key.entry());
    TextKey::ALL
        .iter()
        .map(|key| key.entry())
        .chain(regroup)
        .chain(staff)
        .chain(held)
        .chain(history)
        .chain(bad_command)
        .chain(refused)
        .chain(delivery)
        .chain(done)
}

/// The texts of one language, as the config has them.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    overrides: &'a [(Language, String, String)],
    /// The language.
    pub language: Language,
}

impl<'a> Texts<'a> {
    /// The texts of `language`.
    pub fn new(policy: &'a Policy, language: Language) -> Self {
        Self { overrides: &policy.texts, language }
    }

    /// A text as it is, without filling anything in.
    pub fn get(&self, key: impl Key) -> &'a str {
        self.of(key.entry())
    }

    fn of(&self, entry: &'static Entry) -> &'a str {
        self.overrides
            .iter()
            .find(|(language, word, _)| *language == self.language && word == entry.word)
            .map_or_else(|| entry.builtin(self.language), |(_, _, text)| text.as_str())
    }

    /// The text with this word, if there is one.
    pub fn named(&self, word: &str) -> Option<&'a str> {
        entries().find(|entry| entry.word == word).map(|entry| self.of(entry))
    }

    /// A text with its placeholders filled in. What is filled in is not read again for placeholders.
    pub fn fill(&self, key: impl Key, values: &[(&str, &str)]) -> String {
        let mut filled = String::with_capacity(256);
        for piece in pieces(self.get(key)) {
            match piece {
                Piece::Literal(text) => filled.push_str(text),
                Piece::Placeholder(name) => match values.iter().find(|(known, _)| *known == name) {
                    Some((_, value)) => filled.push_str(value),
                    None => filled.extend(["{", name, "}"]),
                },
            }
        }
        filled
    }

    /// The line above which one replies: one line that begins with [`MARKER`], whatever the config says.
    pub fn marker(&self, key: TextKey) -> String {
        let text = self.get(key);
        if is_marker(text) { text.trim_end().to_owned() } else { key.entry().builtin(self.language).to_owned() }
    }
}

/// What is wrong with one text of the config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFault {
    /// Which of the config's texts.
    pub index: usize,
    /// What is wrong.
    pub message: String,
    /// What can be done.
    pub hint: String,
}

/// What is wrong with texts of the config.
pub fn check(overrides: &[(Language, String, String)]) -> Vec<TextFault> {
    let one = |(index, (language, word, text)): (usize, &(Language, String, String))| {
        let faults = check_one(*language, word, text);
        faults.into_iter().map(move |(message, hint)| TextFault { index, message, hint })
    };
    overrides.iter().enumerate().flat_map(one).collect()
}

/// Messages with their hints.
fn check_one(language: Language, word: &str, text: &str) -> Vec<(String, String)> {
    let at = format!("text `{word}` of `[texts.{language}]`");
    let Some(entry) = entries().find(|entry| entry.word == word) else {
        return vec![(format!("unknown {at}"), unknown_hint(word))];
    };
    let mut faults = Vec::new();
    if text.trim().is_empty() {
        faults.push((format!("{at} is empty"), "leave it out to keep the built-in text".to_owned()));
    }
    for piece in pieces(text) {
        match piece {
            Piece::Placeholder(name) if !entry.placeholders.contains(&name) => {
                faults.push((format!("unknown placeholder `{{{name}}}` in {at}"), known_placeholders(entry)));
            }
            Piece::Placeholder(_) | Piece::Literal(_) => {}
        }
    }
    let is = |key: TextKey| key.entry().word == word;
    if Reader::ALL.iter().any(|reader| is(marker(*reader))) && !is_marker(text) {
        let hint = "agents' answers are cut there".to_owned();
        faults.push((format!("{at} must be one line that begins with `{MARKER}`"), hint));
    }
    if is(TextKey::AcknowledgementBody) && !text.contains("{number}") {
        faults.push((format!("{at} lacks `{{number}}`"), "it is what the customer needs to know".to_owned()));
    }
    faults
}

/// The texts that may be meant: the nearest name, else those that share its first word.
fn unknown_hint(word: &str) -> String {
    let known: Vec<&str> = entries().map(|entry| entry.word).collect();
    if let Some(near) = nearest(word, &known) {
        return format!("did you mean `{near}`?");
    }
    let first = word.split('_').next().filter(|first| first.len() > 2).unwrap_or(word);
    let alike: Vec<String> = known
        .iter()
        .filter(|known| known.split('_').any(|part| part == first))
        .map(|known| format!("`{known}`"))
        .collect();
    match alike.as_slice() {
        [] => "`postroom texts` lists all texts".to_owned(),
        [one] => format!("did you mean {one}?"),
        several => {
            let some = several.get(..several.len().min(MAX_ALIKE)).unwrap_or_default();
            format!("there are {}; `postroom texts` lists all", some.join(", "))
        }
    }
}

fn known_placeholders(entry: &Entry) -> String {
    if entry.placeholders.is_empty() {
        return "this text has none".to_owned();
    }
    let list: Vec<String> = entry.placeholders.iter().map(|name| format!("`{{{name}}}`")).collect();
    format!("this text knows {}", list.join(", "))
}

fn is_marker(text: &str) -> bool {
    let text = text.trim_end();
    text.starts_with(MARKER) && text.len() > MARKER.len() && !text.contains(['\n', '\r'])
}

enum Piece<'a> {
    Literal(&'a str),
    Placeholder(&'a str),
}

/// Splits at `{word}`; a brace that opens no placeholder is a letter like any other.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (literal, from_brace) = rest.split_at(open);
        let name = from_brace.strip_prefix('{').and_then(|inner| inner.split_once('}')).map(|(name, _)| name);
        match name {
            Some(name) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
                pieces.push(Piece::Literal(literal));
                pieces.push(Piece::Placeholder(name));
                rest = from_brace.get(name.len() + 2..).unwrap_or_default();
            }
            _ => {
                let (brace_too, after) = rest.split_at(open + 1);
                pieces.push(Piece::Literal(brace_too));
                rest = after;
            }
        }
    }
    pieces.push(Piece::Literal(rest));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_text_uses_only_its_own_placeholders_and_all_of_them_in_every_language() {
        for entry in entries() {
            assert_eq!(entries().filter(|other| other.word == entry.word).count(), 1, "{}", entry.word);
            for language in Language::ALL {
                let text = entry.builtin(language);
                assert_eq!(check_one(language, entry.word, text), vec![]);
                for name in entry.placeholders {
                    assert!(text.contains(&format!("{{{name}}}")), "{} {language} lacks {name}", entry.word);
                }
            }
        }
    }

    #[test]
    fn markers_are_short_enough_not_to_be_wrapped_when_quoted() {
        for key in Reader::ALL.iter().map(|reader| marker(*reader)) {
            for language in Language::ALL {
                let text = key.entry().builtin(language);
                assert!(text.chars().count() <= 70, "{text}");
            }
        }
    }

    #[test]
    fn faults_in_the_config_are_named() {
        let texts = [
            (Language::Pl, "acknowledgement".to_owned(), "x".to_owned()),
            (Language::En, "acknowledgement_body".to_owned(), "Hi {name}, {number} {x".to_owned()),
            (Language::Ru, "marker".to_owned(), "Reply above".to_owned()),
            (Language::Fil, "nobody".to_owned(), " ".to_owned()),
        ];
        let faults = check(&texts);
        assert_eq!(faults.len(), 4, "{faults:#?}");
        assert_eq!(faults[0].message, "unknown text `acknowledgement` of `[texts.pl]`");
        assert_eq!(faults[0].hint, "did you mean `acknowledgement_body`?");
        assert_eq!((faults[1].index, faults[2].index), (1, 2));
        assert!(faults[1].message.starts_with("unknown placeholder `{name}` in text `acknowledgement_body`"));
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let overrides = [(Language::En, "news_opened".to_owned(), "{customer} {unknown} { {".to_owned())];
        let texts = Texts { overrides: &overrides, language: Language::En };
        assert_eq!(texts.fill(TextKey::NewsOpened, &[("customer", "{customer}")]), "{customer} {unknown} { {");
    }
}

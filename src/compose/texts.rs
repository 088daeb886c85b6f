//! The texts of one language as the config has them: what ships with postroom (`locales/`), and what `[texts]` replaces.

use std::fmt::Display;

pub use crate::model::language::{CountedKey, TextKey};

use crate::model::language::{Category, Entry, Language};
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::suggest::nearest;

/// What the line above which one replies begins with; `parse` cuts an agent's mail there.
pub const MARKER: &str = "##- ";
/// Names that a hint offers.
const MAX_ALIKE: usize = 5;

/// A text that `[texts.LANGUAGE]` can replace: one that goes with a number has an entry a form.
#[derive(Debug)]
pub struct TextEntry {
    /// The key in `[texts.LANGUAGE]`, such as `marker` and `older_news.few`.
    pub word: String,
    /// What can be filled in.
    pub placeholders: &'static [&'static str],
    /// The text in each language that has it.
    pub builtin: Vec<(Language, &'static str)>,
}

/// Every text, in the order of the files.
pub fn entries() -> Vec<TextEntry> {
    let plain = TextKey::ALL.iter().map(|key| {
        let Entry { word, placeholders } = key.entry();
        let builtin = Language::all().map(|language| (language, language.text(*key))).collect();
        TextEntry { word: (*word).to_owned(), placeholders, builtin }
    });
    let counted = CountedKey::ALL.iter().flat_map(|key| {
        let Entry { word, placeholders } = key.entry();
        Category::ALL.map(|form| {
            let builtin = Language::all().filter_map(|language| Some((language, language.form(*key, form)?))).collect();
            TextEntry { word: format!("{word}.{}", form.word()), placeholders, builtin }
        })
    });
    plain.chain(counted).filter(|entry| !entry.builtin.is_empty()).collect()
}

/// The line above which one replies, by who reads it.
pub fn marker(reader: Reader) -> TextKey {
    match reader {
        Reader::Customer => TextKey::Marker,
        Reader::Note => TextKey::MarkerNote,
        Reader::Nobody => TextKey::MarkerNobody,
    }
}

/// What a reply does, at the foot.
pub fn hint(reader: Reader) -> TextKey {
    match reader {
        Reader::Customer => TextKey::HintReply,
        Reader::Note => TextKey::HintNote,
        Reader::Nobody => TextKey::HintNobody,
    }
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
    pub fn get(&self, key: TextKey) -> &'a str {
        self.replaced(key.entry().word).unwrap_or_else(|| self.language.text(key))
    }

    /// A text with its placeholders filled in. What is filled in is not read again for placeholders.
    pub fn fill(&self, key: TextKey, values: &[(&str, &str)]) -> String {
        filled(self.get(key), values)
    }

    /// The same for a text with a number, which stands in it as `name`, in the form that goes with the number.
    pub fn count<N>(&self, key: CountedKey, (name, number): (&str, N), values: &[(&str, &str)]) -> String
    where
        N: TryInto<u64> + Display + Copy,
    {
        let form = self.language.category(number.try_into().unwrap_or(u64::MAX));
        let word = key.entry().word;
        let replaced = self.replaced(&format!("{word}.{}", form.word())).or_else(|| self.replaced(word));
        let text = replaced.or_else(|| self.language.form(key, form)).unwrap_or_default();
        let number = number.to_string();
        let values: Vec<(&str, &str)> = values.iter().copied().chain([(name, number.as_str())]).collect();
        filled(text, &values)
    }

    /// The line above which one replies: one line that begins with [`MARKER`], whatever the config says.
    pub fn marker(&self, key: TextKey) -> String {
        let text = self.get(key);
        if is_marker(text) { text.trim_end().to_owned() } else { self.language.text(key).to_owned() }
    }

    fn replaced(&self, word: &str) -> Option<&'a str> {
        let found = self.overrides.iter().find(|(language, known, _)| *language == self.language && known == word);
        found.map(|(_, _, text)| text.as_str())
    }
}

/// A text with its placeholders filled in.
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(256);
    for piece in pieces(text) {
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

/// What can be filled in where the config says `word`: a key, or a key with one of the language's forms.
fn placeholders(language: Language, word: &str) -> Option<&'static [&'static str]> {
    let plain = TextKey::ALL.iter().map(|key| key.entry()).find(|entry| entry.word == word);
    let (key, form) = word.split_once('.').map_or((word, None), |(key, form)| (key, Some(form)));
    let counted = || {
        let key = CountedKey::ALL.iter().find(|known| known.entry().word == key)?;
        let has = |wanted: &str| {
            Category::ALL.iter().any(|form| form.word() == wanted && language.form(*key, *form).is_some())
        };
        form.is_none_or(has).then(|| key.entry())
    };
    plain.or_else(counted).map(|entry| entry.placeholders)
}

/// Messages with their hints.
fn check_one(language: Language, word: &str, text: &str) -> Vec<(String, String)> {
    let at = format!("text `{word}` of `[texts.{language}]`");
    let Some(known) = placeholders(language, word) else {
        return vec![(format!("unknown {at}"), unknown_hint(language, word))];
    };
    let mut faults = Vec::new();
    if text.trim().is_empty() {
        faults.push((format!("{at} is empty"), "leave it out to keep the built-in text".to_owned()));
    }
    for piece in pieces(text) {
        match piece {
            Piece::Placeholder(name) if !known.contains(&name) => {
                faults.push((format!("unknown placeholder `{{{name}}}` in {at}"), known_placeholders(known)));
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
fn unknown_hint(language: Language, word: &str) -> String {
    let entries = entries();
    let has = |entry: &&TextEntry| entry.builtin.iter().any(|(known, _)| *known == language);
    let known: Vec<&str> = entries.iter().filter(has).map(|entry| entry.word.as_str()).collect();
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

fn known_placeholders(known: &[&str]) -> String {
    if known.is_empty() {
        return "this text has none".to_owned();
    }
    let list: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
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
    use crate::model::testing::language;

    #[test]
    fn every_built_in_text_would_pass_as_one_of_the_config() {
        for entry in entries() {
            for (language, text) in &entry.builtin {
                assert_eq!(check_one(*language, &entry.word, text), vec![]);
            }
        }
    }

    #[test]
    fn markers_are_short_enough_not_to_be_wrapped_when_quoted() {
        for key in Reader::ALL.iter().map(|reader| marker(*reader)) {
            for language in Language::all() {
                let text = language.text(key);
                assert!(text.chars().count() <= 70, "{text}");
            }
        }
    }

    #[test]
    fn faults_in_the_config_are_named() {
        let texts = [
            (language("pl"), "acknowledgement".to_owned(), "x".to_owned()),
            (Language::ENGLISH, "acknowledgement_body".to_owned(), "Hi {name}, {number} {x".to_owned()),
            (language("ru"), "marker".to_owned(), "Reply above".to_owned()),
            (language("fil"), "nobody".to_owned(), " ".to_owned()),
            (Language::ENGLISH, "older_news.few".to_owned(), "{count}".to_owned()),
            (language("pl"), "older_news.few".to_owned(), "{count}".to_owned()),
            (language("pl"), "older_news".to_owned(), "{count}".to_owned()),
        ];
        let faults = check(&texts);
        assert_eq!(faults.len(), 5, "{faults:#?}");
        assert_eq!(faults[0].message, "unknown text `acknowledgement` of `[texts.pl]`");
        assert_eq!(faults[0].hint, "did you mean `acknowledgement_body`?");
        assert_eq!((faults[1].index, faults[2].index), (1, 2));
        assert!(faults[1].message.starts_with("unknown placeholder `{name}` in text `acknowledgement_body`"));
        assert_eq!(faults[4].message, "unknown text `older_news.few` of `[texts.en]`");
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let overrides = [(Language::ENGLISH, "news_opened".to_owned(), "{customer} {unknown} { {".to_owned())];
        let texts = Texts { overrides: &overrides, language: Language::ENGLISH };
        assert_eq!(texts.fill(TextKey::NewsOpened, &[("customer", "{customer}")]), "{customer} {unknown} { {");
    }

    #[test]
    fn a_number_has_the_form_of_its_language_unless_the_config_says_otherwise() {
        let count = |overrides: &[(Language, String, String)], number: u64| {
            let texts = Texts { overrides, language: language("pl") };
            texts.count(CountedKey::DigestBeyond, ("count", number), &[("tickets", "…")])
        };
        let by_number = [(1, "zgłoszenie"), (2, "zgłoszenia"), (5, "zgłoszeń"), (12, "zgłoszeń"), (22, "zgłoszenia")];
        for (number, word) in by_number {
            assert_eq!(count(&[], number), format!("Jeszcze {number} {word} ze zmianami: …"));
        }
        let of_few = (language("pl"), "digest_beyond.few".to_owned(), "{count} few".to_owned());
        let of_all = (language("pl"), "digest_beyond".to_owned(), "{count} all".to_owned());
        assert_eq!(count(std::slice::from_ref(&of_few), 3), "3 few");
        assert_eq!(count(&[of_all.clone(), of_few], 3), "3 few");
        assert_eq!(count(&[of_all], 5), "5 all");
    }
}

//! Lists of phrases looked up by their first word: a line is read once, however many phrases are known.

use std::collections::{HashMap, HashSet};

/// From this character on a script needs no blanks between words.
const UNSPACED: char = '\u{2e80}';

/// Phrases in lower case.
pub struct PhraseSet {
    /// The phrases that begin with a word.
    by_word: HashMap<&'static str, Vec<&'static str>>,
    /// Phrases of scripts without blanks, which may stand anywhere.
    unspaced: Vec<&'static str>,
}

impl PhraseSet {
    /// A set of phrases, each of which begins with a letter.
    pub fn new(phrases: &[&'static str]) -> Self {
        let (unspaced, spaced): (Vec<_>, Vec<_>) =
            phrases.iter().copied().partition(|phrase| phrase.contains(|c| c > UNSPACED));
        let mut by_word = HashMap::<_, Vec<_>>::new();
        for phrase in spaced {
            by_word.entry(first_word(phrase)).or_default().push(phrase);
        }
        Self { by_word, unspaced }
    }

    /// Whether one of the phrases stands in `text` as whole words.
    pub fn stands_in(&self, text: &str) -> bool {
        let mut rest = text;
        while let Some(start) = rest.find(char::is_alphabetic) {
            let from = rest.get(start..).unwrap_or_default();
            let word = first_word(from);
            let begins =
                |phrase: &&str| from.strip_prefix(*phrase).is_some_and(|after| !after.starts_with(char::is_alphabetic));
            if self.by_word.get(word).is_some_and(|phrases| phrases.iter().any(begins)) {
                return true;
            }
            rest = from.get(word.len()..).unwrap_or_default();
        }
        !text.is_ascii() && self.unspaced.iter().any(|phrase| text.contains(phrase))
    }
}

/// Beginnings in lower case.
pub struct Beginnings(HashMap<char, Vec<&'static str>>);

impl Beginnings {
    /// A set of beginnings.
    pub fn new(beginnings: &[&'static str]) -> Self {
        let mut by_letter = HashMap::<_, Vec<_>>::new();
        for beginning in beginnings {
            if let Some(first) = beginning.chars().next() {
                by_letter.entry(first).or_default().push(*beginning);
            }
        }
        Self(by_letter)
    }

    /// Whether `text` begins with one of them.
    pub fn begin(&self, text: &str) -> bool {
        let known = text.chars().next().and_then(|first| self.0.get(&first));
        known.is_some_and(|beginnings| beginnings.iter().any(|beginning| text.starts_with(beginning)))
    }
}

/// The words of all `phrases`, each for itself.
pub fn words_of(phrases: &[&'static str]) -> HashSet<&'static str> {
    phrases
        .iter()
        .flat_map(|phrase| phrase.split(|c: char| !c.is_alphabetic()))
        .filter(|word| !word.is_empty())
        .collect()
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::phrases::{OWN_VERBS, TO_ME, VERBS};
    use crate::parse::quotes::attribution::has_phrase;

    #[test]
    fn a_set_finds_what_each_of_its_phrases_finds() {
        for list in [VERBS, OWN_VERBS, TO_ME] {
            let set = PhraseSet::new(list);
            for phrase in list {
                for text in [
                    (*phrase).to_owned(),
                    format!("3 anna {phrase}: x"),
                    format!("a{phrase}b"),
                    format!("{phrase}x"),
                    format!("({phrase})"),
                    phrase.chars().skip(1).collect(),
                ] {
                    let one_by_one = list.iter().any(|phrase| has_phrase(&text, phrase));
                    assert_eq!(set.stands_in(&text), one_by_one, "{text}");
                }
            }
        }
    }

    #[test]
    fn beginnings_are_found_at_the_start_alone() {
        let set = Beginnings::new(&["on ", "in data "]);
        assert!(
            set.begin("on monday")
                && set.begin("in data 3")
                && !set.begin("one")
                && !set.begin("")
                && !set.begin("a on ")
        );
    }
}

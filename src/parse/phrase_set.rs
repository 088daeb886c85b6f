//! Lists of phrases looked up by their first letter: a line is read once, however many phrases are known.

use std::collections::HashMap;

use crate::model::fold;

/// From this character on a script needs no blanks between words.
const UNSPACED: char = '\u{2e80}';

/// Folds a text (see [`fold::fold`]); most lines need no tables of Unicode for it.
pub fn fold(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let blanks = text.starts_with(' ') || text.contains("  ");
    if !blanks && text.bytes().all(plain) { text.to_ascii_lowercase() } else { fold::fold(text) }
}

/// Words and phrases, folded, that stand as a whole; one that ends in a star is only the beginning of its last word.
pub struct Words {
    whole: Stems,
    begun: Stems,
}

impl Words {
    /// A set of phrases.
    pub fn new(phrases: &[&'static str]) -> Self {
        let (begun, whole): (Vec<&'static str>, Vec<&'static str>) =
            phrases.iter().copied().partition(|phrase| phrase.ends_with('*'));
        let begun: Vec<&'static str> = begun.into_iter().map(|phrase| phrase.trim_end_matches('*')).collect();
        Self { whole: Stems::new(&whole), begun: Stems::new(&begun) }
    }

    /// Whether one of them stands in `folded`.
    pub fn stand_in(&self, folded: &str) -> bool {
        self.whole.stand_whole_in(folded) || self.begun.stand_in(folded)
    }

    /// Whether `folded` begins with one of them.
    pub fn begin(&self, folded: &str) -> bool {
        self.whole.begin_whole(folded) || self.begun.begin(folded)
    }

    /// Whether `folded` is one of them.
    pub fn are(&self, folded: &str) -> bool {
        self.whole.are(folded) || (!folded.contains(' ') && self.begun.begin(folded))
    }
}

/// Beginnings of words, folded; of scripts without blanks they may stand anywhere.
pub struct Stems {
    /// The stems that begin with a letter of ASCII, by its number: most texts need no other.
    ascii: Vec<Vec<String>>,
    /// Those that begin with another one.
    others: HashMap<char, Vec<String>>,
    unspaced: Vec<String>,
}

impl Stems {
    /// A set of stems.
    pub fn new(stems: &[&'static str]) -> Self {
        let (unspaced, spaced): (Vec<_>, Vec<_>) =
            stems.iter().map(|stem| fold(stem)).partition(|stem| stem.contains(is_unspaced));
        let mut stems = Self { ascii: vec![Vec::new(); 128], others: HashMap::new(), unspaced };
        for stem in spaced {
            let Some(first) = stem.chars().next() else { continue };
            match stems.ascii.get_mut(first as usize) {
                Some(slot) => slot.push(stem),
                None => stems.others.entry(first).or_default().push(stem),
            }
        }
        stems
    }

    /// The stems that begin with a letter.
    fn by(&self, letter: char) -> Option<&Vec<String>> {
        self.ascii.get(letter as usize).or_else(|| self.others.get(&letter)).filter(|stems| !stems.is_empty())
    }

    /// Whether a word of `folded` begins with one of them.
    pub fn stand_in(&self, folded: &str) -> bool {
        self.find(folded, |_| true).is_some()
    }

    /// Whether `folded` begins with one of them.
    pub fn begin(&self, folded: &str) -> bool {
        let spaced = folded.chars().next().and_then(|first| self.by(first));
        let begins = |stem: &String| folded.starts_with(stem.as_str());
        spaced.is_some_and(|stems| stems.iter().any(begins)) || (!folded.is_ascii() && self.unspaced.iter().any(begins))
    }

    /// Whether `folded` begins with one of them as whole words.
    pub fn begin_whole(&self, folded: &str) -> bool {
        let spaced = folded.chars().next().and_then(|first| self.by(first));
        let begins = |stem: &String| {
            folded.strip_prefix(stem.as_str()).is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        };
        spaced.is_some_and(|stems| stems.iter().any(begins))
            || (!folded.is_ascii() && self.unspaced.iter().any(|stem| folded.starts_with(stem.as_str())))
    }

    /// Whether `folded` ends in one of them.
    pub fn end(&self, folded: &str) -> bool {
        self.ascii
            .iter()
            .flatten()
            .chain(self.others.values().flatten())
            .chain(&self.unspaced)
            .any(|stem| folded.ends_with(stem.as_str()))
    }

    /// Whether `folded` is one of them.
    pub fn are(&self, folded: &str) -> bool {
        let spaced = folded.chars().next().and_then(|first| self.by(first));
        spaced.is_some_and(|stems| stems.iter().any(|stem| stem == folded))
            || self.unspaced.iter().any(|stem| stem == folded)
    }

    /// Whether one of them stands in `folded` as whole words.
    pub fn stand_whole_in(&self, folded: &str) -> bool {
        self.find(folded, |after| !after.starts_with(char::is_alphanumeric)).is_some()
    }

    /// Where the first of them begins whose rest of the text is as wanted.
    fn find(&self, folded: &str, wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let mut inside = false;
        for (at, letter) in folded.char_indices() {
            let begins = !inside;
            inside = letter.is_alphanumeric();
            if !begins && letter.is_alphanumeric() {
                continue;
            }
            let Some(stems) = self.by(letter) else { continue };
            let from = folded.get(at..).unwrap_or_default();
            if stems.iter().any(|stem| from.strip_prefix(stem.as_str()).is_some_and(&wanted)) {
                return Some(at);
            }
        }
        // Most texts have no letter of such a script.
        let unspaced = || self.unspaced.iter().find_map(|stem| folded.find(stem.as_str()));
        if self.unspaced.is_empty() || !folded.contains(is_unspaced) { None } else { unspaced() }
    }
}

/// Whether a script needs no blanks between words; Korean, in the letters that folding leaves, has them.
fn is_unspaced(c: char) -> bool {
    c > UNSPACED || ('\u{1100}'..'\u{1200}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_whole_and_stems_begin_words() {
        let words = Words::new(&["wrote", "napisa*", "a scris", "写道"]);
        for (text, want) in [
            ("anna wrote:", true),
            ("anna wroteth:", false),
            ("anna napisala:", true),
            ("anna a scris:", true),
            ("anna scris:", false),
            ("安娜写道", true),
            ("xnapisala", false),
        ] {
            assert_eq!(words.stand_in(text), want, "{text}");
        }
        assert!(words.begin("wrote it") && !words.begin("wroteth") && words.are("napisal") && !words.are("napisal to"));
        let stems = Stems::new(&["deliver", "배달"]);
        assert!(stems.stand_in("not delivered") && !stems.stand_in("undelivered") && stems.stand_in(&fold("배달됨")));
        assert!(!stems.stand_whole_in("delivered") && stems.end("to deliver") && stems.begin("delivery"));
    }
}

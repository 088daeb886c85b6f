//! The words of commands: English, and what agents who write another language say instead (`[commands]` in `locales/`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::fold::fold;
use super::language::Language;

/// The commands in English.
fn commands() -> impl Iterator<Item = &'static str> {
    Language::ENGLISH.commands().iter().map(|(english, _)| *english)
}

static BY_WORD: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let others = others().map(|(english, word)| (fold(word), english));
    others.chain(commands().map(|english| (english.to_owned(), english))).collect()
});

/// Each word of a language with the command that it stands for.
fn others() -> impl Iterator<Item = (&'static str, &'static str)> {
    let commands = Language::all().flat_map(Language::commands);
    commands.flat_map(|(english, words)| words.iter().map(|word| (*english, *word)))
}

/// The command that `word` stands for, by its English word: in any case, with accents or without.
pub fn english(word: &str) -> Option<&'static str> {
    BY_WORD.get(&fold(word)).copied()
}

/// Every word of every language.
pub fn all() -> impl Iterator<Item = &'static str> {
    commands().chain(others().map(|(_, word)| word))
}

/// What an agent who writes `language` says for an English word; `None` where that is the same.
pub fn local(english: &str, language: Language) -> Option<&'static str> {
    let (_, words) = language.commands().iter().find(|(known, _)| *known == english)?;
    words.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_any_language_stands_for_one_command() {
        for (word, command) in [
            ("Note", "note"),
            ("NOTATKA", "note"),
            ("Załatwione", "resolve"),
            ("zalatwione", "resolve"),
            ("Решено", "resolve"),
        ] {
            assert_eq!(english(word), Some(command), "{word}");
        }
        let polish = crate::model::testing::language("pl");
        assert_eq!((local("note", polish), local("note", Language::ENGLISH)), (Some("notatka"), None));
        assert_eq!(english("notes"), None);
        for (command, word) in others() {
            assert_eq!(english(word), Some(command), "`{word}` stands for two commands");
        }
    }
}

//! The words of commands: English, and what agents who write another language say instead.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::fold::fold;
use super::language::Language;

/// A command in English, and its words in Polish, Russian and Filipino; the first of each language is shown.
pub const WORDS: &[(&str, [&[&str]; 3])] = &[
    ("take", [&["biorę"], &["беру"], &["kunin"]]),
    ("assign", [&["przypisz"], &["назначить"], &["italaga"]]),
    ("release", [&["oddaj"], &["отдать"], &["bitawan"]]),
    ("move", [&["przenieś"], &["передать"], &["ilipat"]]),
    ("note", [&["notatka"], &["заметка"], &["tala"]]),
    ("resolve", [&["załatwione"], &["решено"], &["lutas"]]),
    ("close", [&["zamknij"], &["закрыть"], &["isara"]]),
    ("open", [&["otwórz"], &["открыть"], &["buksan"]]),
    ("wait", [&["czekaj"], &["ждать"], &["hintay"]]),
    ("priority", [&["priorytet"], &["приоритет"], &["prayoridad"]]),
    ("tag", [&[], &[], &[]]),
    ("send", [&["wyślij"], &["отправить"], &["ipadala"]]),
    ("cancel", [&["anuluj"], &["отменить"], &["kanselahin"]]),
    ("status", [&[], &[], &[]]),
    ("help", [&["pomoc"], &["помощь"], &["tulong"]]),
    ("fwd", [&[], &[], &[]]),
    ("merge", [&["połącz"], &["объединить"], &["pagsamahin"]]),
    ("unmerge", [&[], &[], &[]]),
    ("next", [&["następne"], &["следующее"], &["susunod"]]),
    ("away", [&["nieobecność"], &["отсутствие"], &["wala"]]),
    ("back", [&["wróciłem", "wróciłam"], &["вернулся", "вернулась"], &["bumalik"]]),
    ("split", [&[], &[], &[]]),
    ("spam", [&[], &[], &[]]),
    ("accept", [&[], &[], &[]]),
    ("return", [&[], &[], &[]]),
    ("to", [&[], &[], &[]]),
    ("answer", [&["odpowiedź"], &["ответ"], &["sagot"]]),
    ("cc", [&[], &[], &[]]),
    ("show", [&["pokaż"], &["показать"], &["ipakita"]]),
    ("history", [&[], &[], &[]]),
];

static BY_WORD: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let others =
        WORDS.iter().flat_map(|(english, others)| others.iter().copied().flatten().map(|word| (fold(word), *english)));
    others.chain(WORDS.iter().map(|(english, _)| ((*english).to_owned(), *english))).collect()
});

/// The command that `word` stands for, by its English word: in any case, with accents or without.
pub fn english(word: &str) -> Option<&'static str> {
    BY_WORD.get(&fold(word)).copied()
}

/// Every word of every language.
pub fn all() -> impl Iterator<Item = &'static str> {
    WORDS.iter().flat_map(|(english, others)| [*english].into_iter().chain(others.iter().copied().flatten().copied()))
}

/// What an agent who writes `language` says for an English word; `None` where that is the same.
pub fn local(english: &str, language: Language) -> Option<&'static str> {
    let index = match language {
        Language::En => return None,
        Language::Pl => 0,
        Language::Ru => 1,
        Language::Fil => 2,
    };
    let (_, others) = WORDS.iter().find(|(word, _)| *word == english)?;
    others.get(index)?.first().copied()
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
        assert_eq!((local("note", Language::Pl), local("note", Language::En)), (Some("notatka"), None));
        assert_eq!(english("notes"), None);
        assert_eq!(BY_WORD.len(), all().count(), "a word stands for two commands");
    }
}

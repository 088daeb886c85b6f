//! The greeting that a phone's signature or an agent's habit puts above a command.

use crate::model::fold::fold;

/// How mails begin.
const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "hej",
    "pan",
    "pani",
    "dear",
    "good morning",
    "good afternoon",
    "good evening",
    "cześć",
    "dzień dobry",
    "dobry wieczór",
    "witam",
    "witaj",
    "szanowni",
    "szanowna",
    "szanowny",
    "здравствуйте",
    "здравствуй",
    "привет",
    "добрый день",
    "доброе утро",
    "добрый вечер",
    "уважаемый",
    "уважаемая",
    "уважаемые",
    "magandang araw",
    "magandang umaga",
    "magandang hapon",
    "magandang gabi",
    "kumusta",
    "kamusta",
    "mahal na",
];
/// Words of a greeting with the name of whoever is greeted.
const MAX_WORDS: usize = 6;

/// The greeting in the first line of `words`, and what stands below it.
pub(in crate::decide) fn above(words: &str) -> Option<(&str, &str)> {
    let (line, below) = words.split_once('\n')?;
    is_greeting(line).then_some((line.trim(), below))
}

/// Whom a line of nothing but a greeting greets (`hi jan,`); `line` is folded.
pub(in crate::decide) fn of(line: &str) -> Option<&str> {
    let line = line.trim_end_matches([',', '!', '.', ':', ' ']);
    let mut greeted = GREETINGS.iter().filter_map(|greeting| line.strip_prefix(fold(greeting).as_str()));
    greeted.find_map(|rest| rest.strip_prefix([' ', ','])).map(str::trim)
}

/// Whether a folded word is one of a greeting.
pub(in crate::decide) fn has(word: &str) -> bool {
    GREETINGS.iter().flat_map(|greeting| greeting.split(' ')).any(|known| fold(known) == word)
}

fn is_greeting(line: &str) -> bool {
    let line = fold(line.trim().trim_end_matches([',', '!', '.', ':']));
    let known = GREETINGS.iter().any(|greeting| {
        line.strip_prefix(fold(greeting).as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    known && line.split_whitespace().count() <= MAX_WORDS
}

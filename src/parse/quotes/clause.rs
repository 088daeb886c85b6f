//! Whether a line with a date and "wrote" is what a program puts above a quote, or a sentence of the writer's.
//!
//! Programs write a date, a name and the verb. People say whom they mean: "wrote to me", "your agent Anna said".

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::parse::phrase_set::words_of;
use crate::parse::phrases::VERBS;
use crate::parse::quotes::attribution::has_phrase;
use crate::parse::quotes::dates::{has_clock, has_time, has_year};

/// Words in lower case that belong to dates, names and the verbs of programs, in the languages we meet.
const LITTLE: &[&str] = &[
    "am",
    "pm",
    "uhr",
    "kl",
    "klo",
    "kello",
    "om",
    "godz",
    "godzinie",
    "at",
    "by",
    "via",
    "the",
    "von",
    "van",
    "vom",
    "der",
    "den",
    "ten",
    "ter",
    "zu",
    "und",
    "and",
    "de",
    "del",
    "della",
    "di",
    "da",
    "dos",
    "das",
    "do",
    "du",
    "des",
    "la",
    "le",
    "el",
    "al",
    "bin",
    "ibn",
    "y",
    "e",
    "i",
    "si",
    "ni",
    "ang",
    "nang",
    "hat",
    "heeft",
    "het",
    "ha",
    "je",
    "ob",
    "ora",
    "ore",
    "alle",
    "alas",
    "las",
    "hrs",
    "gmt",
    "utc",
    "cet",
    "cest",
    "est",
    "pst",
    "edt",
    "pdt",
    "msk",
    "mez",
    "mesz",
    "użytkownik",
    "odesílatel",
    "пользователь",
    "користувач",
    "г",
    "р",
    "в",
    "о",
    "об",
    "от",
    "від",
    "од",
    "lietotājs",
    "oseba",
    "keltezéssel",
    "időpont",
    "időpontban",
    "tarihinde",
    "пт",
    "следующее",
    "folgendes",
    "følgende",
    "följande",
    "volgende",
    "siguiente",
    "seguinte",
    "sumusunod",
    "poniższe",
    "o/η",
    "χρήστης",
    "ο",
    "η",
    "om",
    "fra",
    "från",
    "av",
    "from",
    "af",
    "przez",
    "par",
    "por",
    "sagte",
    "w",
    "u",
    "kirjutas",
    "klockan",
    "à",
    "às",
    "às",
    "plkst",
    "kell",
    "tot",
];

static KNOWN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LITTLE.iter().copied().chain(words_of(VERBS)).collect());

/// Whether a word in lower case is one of those, or a part of a verb of programs.
fn is_known(word: &str) -> bool {
    // Of scripts without blanks, and of words with signs in them, any part may be one.
    let whole = word.chars().all(|c| c.is_alphabetic() && c < '\u{2e80}');
    KNOWN.contains(word) || (!whole && VERBS.iter().any(|verb| has_phrase(verb, word)))
}

/// Whether words with a date, a verb and no address are in the form of a program.
pub fn is_programs(text: &str) -> bool {
    if has_sentence(text) {
        return false;
    }
    let after_date = text.rfind(|c: char| c.is_ascii_digit()).and_then(|at| text.get(at + 1..)).unwrap_or(text);
    let lower = after_date.to_lowercase();
    let words = || {
        after_date.split(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’' | '/' | '(' | ')' | '_' | '.' | '-')))
    };
    let plain = words().map(|word| word.trim_matches(['(', ')', '/'])).filter(|word| !word.is_empty());
    let strange = |word: &&str| word.starts_with(char::is_lowercase) && !is_known(&word.to_lowercase());
    let mut strangers = plain.filter(strange);
    let first = strangers.next();
    // One word after the date's comma is a name by which somebody logs in.
    let login = first
        .is_some_and(|word| after_date.split_once(',').is_some_and(|(_, rest)| rest.trim_start().starts_with(word)));
    (first.is_none() || (login && strangers.next().is_none())) && lower.chars().count() < 120
}

/// Whether words are a date with its year or time and nothing else: names of days and months, numbers, particles.
pub fn is_bare_date(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words =
        text.split(|c: char| !(c.is_alphabetic() || c == '.')).filter(|word| word.contains(char::is_alphabetic));
    let of_date = |word: &str| {
        word.starts_with(char::is_uppercase) || word.ends_with('.') || LITTLE.contains(&word.to_lowercase().as_str())
    };
    (has_year(&lower) || has_clock(&lower)) && words.clone().count() <= 8 && words.all(of_date)
}

/// Whether a full stop ends a sentence inside: after a word that is no abbreviation.
fn has_sentence(text: &str) -> bool {
    text.match_indices(". ").any(|(at, _)| {
        let before: Vec<char> =
            text.get(..at).unwrap_or_default().chars().rev().take_while(|c| c.is_alphabetic()).collect();
        let after = text.get(at + 2..).and_then(|rest| rest.chars().next());
        before.len() >= 6 && before.last().is_some_and(|c| c.is_lowercase()) && after.is_some_and(char::is_uppercase)
    })
}

/// Whether what stands between the time and an address can be somebody's name; a log says what happened there.
pub fn names_somebody(text: &str) -> bool {
    let words = words_before_address(text);
    let small =
        words.iter().filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && word.len() > 3).count();
    (small < 2 || small < words.len()) && !speaks(text)
}

/// Whether the words between the date and an address speak of somebody: "your agent Anna", "I received a mail from Anna".
/// A name is in small letters as a whole, is two words (`sklep Ania`) or begins with a capital.
pub fn speaks(text: &str) -> bool {
    let words = words_before_address(text);
    let known = |word: &str| is_known(&word.to_lowercase());
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    let mut words = words.into_iter().map(bare).skip_while(|word| word.chars().count() <= 3 || known(word));
    let first = words.next();
    let small = first.is_some_and(|word| word.starts_with(char::is_lowercase) && !word.contains(char::is_uppercase));
    let others: Vec<String> = words.collect();
    small && others.len() >= 2 && others.iter().any(|word| word.starts_with(char::is_uppercase))
}

/// The words between the last digit of a date and the address behind it.
fn words_before_address(text: &str) -> Vec<&str> {
    let head =
        text.split(['<', '(', '"']).find(|piece| piece.contains(|c: char| c.is_ascii_digit())).unwrap_or_default();
    let after = head.rfind(|c: char| c.is_ascii_digit()).and_then(|at| head.get(at + 1..)).unwrap_or_default();
    after.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).collect()
}

/// Whether a date, a name and a verb without any address are told by somebody: with the title of a person, with a first word
/// that no program writes small, or without the time of day.
pub fn is_told(text: &str) -> bool {
    const TITLES: [&str; 17] = [
        "pani",
        "pan",
        "herr",
        "frau",
        "mr",
        "mrs",
        "ms",
        "mr.",
        "mrs.",
        "ms.",
        "mme",
        "señor",
        "señora",
        "sig.",
        "sig.ra",
        "господин",
        "госпожа",
    ];
    const OPENINGS: [&str; 12] =
        ["w dniu ", "dnia ", "on ", "am ", "le ", "el ", "il ", "em ", "op ", "noong ", "dne ", "dňa "];
    let titled = text.split_whitespace().any(|word| TITLES.contains(&word.to_lowercase().as_str()));
    titled || OPENINGS.iter().any(|opening| text.starts_with(opening)) || !has_time(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_write_a_date_a_name_and_a_verb() {
        for text in [
            "On 11/3/26 10:15, Shop Support wrote:",
            "W dniu 3.11.2026 o 10:15, Anna Nowak pisze:",
            "Am 03.11.26 um 10:15 Uhr schrieb Anna von der Heide:",
            "Dne 3. 11. 2026 v 10:15 Anna napsal(a):",
            "Le 03/11/2026 à 10:15, Anna a écrit :",
            "3 ноября 2026 г. 10:15:00 MSK пользователь Анна написал:",
            "Noong Nob 3, 2026 sumulat si Anna:",
            "On Wed, Nov 3, 2026, at 10:15 AM, anna_nowak wrote:",
        ] {
            assert!(is_programs(text), "{text}");
        }
    }

    #[test]
    fn people_say_whom_they_mean() {
        for text in [
            "w dniu 3.11.2026 otrzymałam paczkę. Kurier napisał na niej:",
            "am 3.11.2026 um 10:15 schrieb mir Ihr Kollege:",
            "noong Nob 3, 2026 sumulat po si Anna:",
            "dne 3. 11. 2026 mi váš kolega napsal:",
            "On Monday 3 Nov 2026 at 10:15 your agent Anna said:",
        ] {
            assert!(!is_programs(text), "{text}");
        }
        for text in [
            "On 3 Nov 2026 at 10:15 your agent Anna <a@x.example> wrote:",
            "3.11.2026 в 10:15 мне пришло письмо от Анна <a@x.example>:",
        ] {
            assert!(speaks(text), "{text}");
        }
        for text in [
            "On Tue, Nov 3, 2026 at 10:15 AM shop support <a@x.example> wrote:",
            "On Tue, Nov 3, 2026 at 10:15 AM sklep Ania <a@x.example> wrote:",
            "El mar, 3 nov 2026 a las 10:15 a. m., Anna (<a@x.example>) escribió:",
            "út 3. 11. 2026 v 10:15 odesílatel Anna <a@x.example> napsal:",
        ] {
            assert!(!speaks(text), "{text}");
        }
        assert!(
            is_told("w dniu 3.11.2026 o 10:15 Anna napisała:")
                && is_told("W dniu 3.11.2026 o 10:15 Pani Anna napisała:")
        );
        assert!(!names_somebody("2026-11-03 10:15 login failed <kim@y.example>:"));
        assert!(names_somebody("03.11.2026, 10:15, info <info@x.example>:"));
    }
}

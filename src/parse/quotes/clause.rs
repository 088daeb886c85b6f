//! Whether a line with a date and "wrote" is what a program puts above a quote, or a sentence of the writer's.
//!
//! Programs write a date, a name and the verb. People say whom they mean: "wrote to me", "your agent Anna said".

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::parse::phrase_set::{Words, fold};
use crate::parse::phrases::{LITTLE, TITLES, WROTE};
use crate::parse::quotes::dates::{has_clock, has_time, has_year};

/// Small words in front of a name by which somebody speaks of it.
const MIN_SPEECH: usize = 2;
/// Words of a name.
const MAX_NAME: usize = 5;
/// Small words behind a capitalised one that can be of the same name.
const MAX_SMALL: usize = 2;

static LITTLES: LazyLock<Words> = LazyLock::new(|| Words::new(&LITTLE));
static WRITES: LazyLock<Words> = LazyLock::new(|| Words::new(&WROTE));
static TITLED: LazyLock<Words> = LazyLock::new(|| Words::new(&TITLES));
/// The words of phrases such as "a scris".
static PARTS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let words = WROTE.iter().flat_map(|phrase| phrase.split(|c: char| !c.is_alphabetic()));
    words.filter(|word| !word.is_empty()).map(fold).collect()
});

/// Whether a word is one of those, or a part of a verb of programs.
fn is_known(word: &str) -> bool {
    let folded = fold(word);
    // Of scripts without blanks, and of words with signs in them, any part may be one.
    let whole = word.chars().all(|c| c.is_alphabetic() && c < '\u{2e80}');
    LITTLES.are(&folded) || PARTS.contains(folded.as_str()) || WRITES.are(&folded) || (!whole && is_gendered(&folded))
}

/// `napisał(a)`, `napisao/la`: both endings of a verb; and any part of a script without blanks.
fn is_gendered(folded: &str) -> bool {
    let stem = folded.split(['(', '/']).next().unwrap_or_default();
    WRITES.are(stem) || PARTS.iter().any(|part| part.contains(folded))
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
    // `Biuro obsługi klienta`: small words behind a capital are a name's.
    let mut named = 0;
    let strange = |word: &&str| {
        if word.starts_with(char::is_uppercase) {
            named = MAX_SMALL;
            return false;
        }
        let small = word.starts_with(char::is_lowercase) && !is_known(&word.to_lowercase());
        let of_name = small && named > 0;
        named = if of_name { named - 1 } else { 0 };
        small && !of_name
    };
    let mut strangers = plain.filter(strange);
    let first = strangers.next();
    // One word after the date's comma is a name by which somebody logs in.
    let login = first
        .is_some_and(|word| after_date.split_once(',').is_some_and(|(_, rest)| rest.trim_start().starts_with(word)));
    (first.is_none() || (login && strangers.next().is_none())) && lower.chars().count() < 120
}

/// Whether words begin with a name, one to five capitalised words, and a verb that we know.
pub fn begins_with_name(text: &str) -> bool {
    let name = |word: &&str| word.starts_with(char::is_uppercase) || word.ends_with('.');
    let before = text.split_whitespace().take(MAX_NAME).take_while(|word| name(word)).count();
    before > 0 && text.split_whitespace().nth(before).is_some_and(|word| WRITES.are(&fold(word)))
}

/// Whether words are a date with its year or time and nothing else: names of days and months, numbers, particles.
pub fn is_bare_date(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words =
        text.split(|c: char| !(c.is_alphabetic() || c == '.')).filter(|word| word.contains(char::is_alphabetic));
    let of_date = |word: &str| word.starts_with(char::is_uppercase) || word.ends_with('.') || LITTLES.are(&fold(word));
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
    let words = words.into_iter().map(bare).skip_while(|word| word.chars().count() <= 3 || known(word));
    let small = |word: &String| word.starts_with(char::is_lowercase) && !word.contains(char::is_uppercase);
    let words: Vec<String> = words.collect();
    let before = words.iter().take_while(|word| small(word)).count();
    // One word alone is the verb of a language that we do not know: `kruvit Anna Nowak`.
    before >= MIN_SPEECH && words.iter().skip(before).any(|word| word.starts_with(char::is_uppercase))
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
    const OPENINGS: [&str; 12] =
        ["w dniu ", "dnia ", "on ", "am ", "le ", "el ", "il ", "em ", "op ", "noong ", "dne ", "dňa "];
    let titled = text.split_whitespace().any(|word| TITLED.are(&fold(word)));
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

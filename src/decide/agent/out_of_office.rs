//! The day on which an out-of-office says that its writer is back: read only when there is no doubt about which one it is.
//!
//! Dates are read as `2026-12-01`, `1.12.2026`, `1.12.`, `1 December 2026`, `December 1`, `1 grudnia`, `1 декабря`,
//! `Disyembre 1`. `12/1` is left alone: half the world reads it the other way round.

use jiff::civil::Date;

use crate::model::fold::fold;

/// Words of a text that are looked at.
const MAX_WORDS: usize = 400;
/// Days ahead that an absence of which a machine speaks may last.
const MAX_AHEAD: i32 = 180;
/// Words before a date that may still belong to it (`until Monday, 1 December`).
const REACH: usize = 3;

/// What stands before the day of return, folded.
const ENDINGS: &[&str] = &[
    "until", "till", "til", "through", "thru", "to", "on", "do", "az", "dnia", "dniu", "od", "po", "до", "по", "с",
    "bis", "zum", "am", "jusqu", "au", "le", "hasta", "el", "fino", "al", "hanggang", "sa",
];
/// Words that show that what follows is when it began.
const BEGINNINGS: &[&str] = &["from", "since", "od", "von", "vom", "du", "depuis", "desde", "dal", "с", "mula"];

/// Beginnings of the names of months, folded, in every language that we write and a few more.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "stycz", "январ", "enero", "januar", "janvier", "gennaio"],
    &["february", "feb", "lut", "феврал", "pebrero", "fevrier"],
    &["march", "mar", "marz", "март", "marso", "maerz", "mars"],
    &["april", "apr", "kwie", "апрел", "abril", "avril"],
    &["may", "maj", "мая", "май", "mayo", "mai", "maggio"],
    &["june", "jun", "czerw", "июн", "hunyo", "juin", "giugno"],
    &["july", "jul", "lip", "июл", "hulyo", "juillet", "luglio"],
    &["august", "aug", "sierp", "август", "agosto", "aout"],
    &["september", "sep", "wrze", "сентябр", "setyembre", "settembre"],
    &["october", "oct", "paz", "октябр", "oktubre", "oktober", "octobre", "ottobre"],
    &["november", "nov", "listopad", "ноябр", "nobyembre"],
    &["december", "dec", "grud", "декабр", "disyembre", "dezember", "dicembre"],
];

/// The day of return that `text` names, as seen on `today`.
pub(in crate::decide) fn read(text: &str, today: Date) -> Option<Date> {
    let folded = fold(text);
    let words: Vec<&str> = folded
        .split(|c: char| c.is_whitespace() || ",;()".contains(c))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.'))
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .collect();
    let mut marked = Vec::new();
    let mut all = Vec::new();
    for index in 0..words.len() {
        let Some(day) = date(words.get(index..).unwrap_or_default(), today) else { continue };
        let before = words.get(index.saturating_sub(REACH)..index).unwrap_or_default();
        let ends = before.iter().rposition(|word| ENDINGS.contains(word));
        let begins = before.iter().rposition(|word| BEGINNINGS.contains(word));
        if begins > ends || (begins.is_some() && begins == ends) {
            continue;
        }
        all.push(day);
        if ends.is_some() {
            marked.push(day);
        }
    }
    let one_of = |mut days: Vec<Date>| {
        days.sort_unstable();
        days.dedup();
        if days.len() == 1 { days.pop() } else { None }
    };
    // `until 30 November, back on 1 December`: the later of the two.
    marked.into_iter().max().or_else(|| one_of(all))
}

/// The date at the beginning of `words`, if it lies ahead.
fn date(words: &[&str], today: Date) -> Option<Date> {
    let first = words.first()?;
    let numbers: Vec<Option<i16>> =
        first.trim_end_matches('.').split(['-', '.']).map(|part| part.parse().ok()).collect();
    let named = |day: &str, month: &str, year: Option<&&str>| {
        let year = year.and_then(|year| year.trim_end_matches('.').parse::<i16>().ok()).filter(|year| *year > 2000);
        Some((year, month_of(month)?, ordinal(day)?))
    };
    let (year, month, day) = match numbers.as_slice() {
        [Some(year), Some(month), Some(day)] if *year > 2000 && first.contains('-') => (Some(*year), *month, *day),
        [Some(day), Some(month), Some(year)] if *year > 2000 => (Some(*year), *month, *day),
        [Some(day), Some(month), Some(year)] if first.contains('.') && (0..100).contains(year) => {
            (Some(2000 + *year), *month, *day)
        }
        [Some(day), Some(month)] if first.contains('.') => (None, *month, *day),
        _ => {
            let second = words.get(1)?;
            named(first, second, words.get(2)).or_else(|| named(second, first, words.get(2)))?
        }
    };
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let found = match year {
        Some(year) => Date::new(year, month, day).ok()?,
        // The next such day.
        None => [today.year(), today.year() + 1]
            .into_iter()
            .filter_map(|year| Date::new(year, month, day).ok())
            .find(|day| *day > today)?,
    };
    let ahead = (found - today).get_days();
    (1..=MAX_AHEAD).contains(&ahead).then_some(found)
}

/// `1`, `1.`, `1st`, `22nd`.
fn ordinal(word: &str) -> Option<i16> {
    let word = word.trim_end_matches('.');
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let ending = word.get(digits.len()..)?;
    let fits = matches!(ending, "" | "st" | "nd" | "rd" | "th" | "go" | "er" | "-go");
    digits.parse().ok().filter(|day| fits && (1..=31).contains(day))
}

fn month_of(word: &str) -> Option<i16> {
    let word = word.trim_end_matches('.');
    let found = MONTHS.iter().position(|names| {
        names.iter().any(|name| {
            word == *name
                || (name.chars().count() > 3 && word.starts_with(name))
                || word.strip_prefix(name).is_some_and(|rest| !rest.is_empty() && !rest.is_ascii())
        }) || names.first().is_some_and(|name| word.len() >= 3 && name.starts_with(word))
    })?;
    i16::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let today = Date::constant(2026, 11, 22);
        assert_eq!(read(text, today).map(|day| day.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn the_day_of_return_is_read_in_the_ways_that_people_write_it() {
        check("I am out of the office until 1 December 2026.", Some("2026-12-01"));
        check("I am away from 20 November until Monday, December 7th. Regards", Some("2026-12-07"));
        check("Away until 2026-12-01", Some("2026-12-01"));
        check("Out until 30.11., back on 1.12.2026!", Some("2026-12-01"));
        check("Jestem na urlopie do 4 stycznia 2027 r.", Some("2027-01-04"));
        check("Wracam 1 grudnia.", Some("2026-12-01"));
        check("Nie ma mnie do dnia 1.12.26", Some("2026-12-01"));
        check("Меня не будет до 1 декабря.", Some("2026-12-01"));
        check("Wala po ako sa opisina hanggang Disyembre 1.", Some("2026-12-01"));
        check("Ich bin bis zum 3. Dezember nicht im Hause.", Some("2026-12-03"));
    }

    #[test]
    fn what_is_in_doubt_is_left_alone() {
        check("I am away until 12/01/2026.", None);
        check("I am out of the office today.", None);
        check("Away since 1 November.", None);
        check("I left on 1 November 2026.", None);
        check("Our sale is 5 December, our party 12 December.", None);
        check("Call 555 1 2 or 2.0.1", None);
        check("Away until 1 December 2031.", None);
    }
}

//! `keywords` of a department: words and phrases, with weights and places; and what is hardly meant by one.

use toml::Spanned;
use toml::de::DeValue;

use crate::config::reader::values::{Complaint, choice, complain};
use crate::config::reader::{Keys, Report, Section, wrong_type};
use crate::model::fold::fold;
use crate::model::policy::{Keyword, KeywordPlace};

pub const KEYWORD: Keys = Keys { table: "a keyword", keys: &["match", "weight", "in"] };
/// Keywords of one department.
const MAX_KEYWORDS: usize = 5000;
/// Characters of one keyword.
const MAX_KEYWORD: usize = 200;
const MAX_WEIGHT: u32 = 1000;

/// The `keywords` of a department.
pub fn keywords(section: &Section<'_>) -> Vec<Spanned<Keyword>> {
    let items = section.list("keywords", MAX_KEYWORDS).unwrap_or_default();
    let keywords: Vec<Spanned<Keyword>> = items.iter().filter_map(|item| keyword(item, section.report())).collect();
    for keyword in &keywords {
        doubtful(keyword, section.report());
    }
    keywords
}

fn keyword(value: &Spanned<DeValue<'_>>, report: &Report<'_>) -> Option<Spanned<Keyword>> {
    match value.get_ref() {
        DeValue::String(written) => {
            let keyword = report.accept(value.span(), plain_keyword(written))?;
            Some(Spanned::new(value.span(), keyword))
        }
        DeValue::Table(table) => weighted_keyword(&Section::open(table, value.span(), &KEYWORD, report)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) => {
            wrong_type(value, "keywords", "text or `{ match = \"…\" }`", report);
            None
        }
    }
}

fn weighted_keyword(section: &Section<'_>) -> Option<Spanned<Keyword>> {
    let keyword = section.required("match", "zwrot*", plain_keyword);
    let weight = section.number_or("weight", 1, 1..=MAX_WEIGHT);
    let place = section.parsed_or("in", KeywordPlace::Anywhere, |text| match text {
        "anywhere" => Ok(KeywordPlace::Anywhere),
        "subject" => Ok(KeywordPlace::Subject),
        "text" => Ok(KeywordPlace::Text),
        other => choice("in", other, &["subject", "text", "anywhere"]),
    });
    let keyword = keyword?;
    let span = keyword.span();
    Some(Spanned::new(span, Keyword { weight: weight?, place: place?, ..keyword.into_inner() }))
}

/// A keyword as written, of weight 1, that counts anywhere.
pub fn plain_keyword(written: &str) -> Result<Keyword, Complaint> {
    let trimmed = written.trim();
    let nobody_types = |c: char| c.is_control() && !c.is_whitespace();
    if trimmed.contains(nobody_types) {
        // `"\brefund\b"` has two backspaces: no mail has the word so.
        let plain = trimmed.split(nobody_types).map(str::trim).find(|part| !part.is_empty());
        let what =
            if trimmed.contains('\u{8}') { "`\\b` in double quotes is a backspace" } else { "a `\\` begins an escape" };
        return complain(
            format!("this keyword holds a sign that nobody types ({what})"),
            format!("keywords match whole words by themselves: write `{}`", plain.unwrap_or("refund")),
        );
    }
    let (word, prefix) = trimmed.strip_suffix('*').map_or((trimmed, false), |word| (word, true));
    if written.chars().count() > MAX_KEYWORD {
        return complain("this keyword is too long", format!("keep it to {MAX_KEYWORD} characters"));
    }
    if word.contains('*') || (prefix && is_pattern(trimmed)) {
        if is_pattern(trimmed) {
            let plain: String = trimmed.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace()).collect();
            return complain(
                format!("the keyword `{trimmed}` is no regular expression"),
                format!("keywords are words and phrases, `*` at the end stands for any ending: `{}*`", plain.trim()),
            );
        }
        return complain(
            format!("`*` inside the keyword `{trimmed}`"),
            format!(
                "`*` may stand at the end alone, for any ending: `{}*`",
                word.split('*').map(str::trim).find(|part| !part.is_empty()).unwrap_or("refund")
            ),
        );
    }
    let folded = fold(word).split_whitespace().collect::<Vec<_>>().join(" ");
    if !folded.contains(char::is_alphanumeric) {
        return complain(
            format!("the keyword `{trimmed}` has no letter and no digit"),
            "write a word, the start of one and `*`, or a phrase",
        );
    }
    if prefix && (word.ends_with(char::is_whitespace) || !folded.ends_with(char::is_alphanumeric)) {
        return complain(
            format!("`*` in `{trimmed}` follows no letter"),
            format!("write `{}` or `{}*`", word.trim_end(), word.trim_end()),
        );
    }
    Ok(Keyword { text: trimmed.to_owned(), folded, prefix, weight: 1, place: KeywordPlace::Anywhere })
}

/// Warns of a keyword that is written for another program, or in letters of two scripts.
fn doubtful(keyword: &Spanned<Keyword>, report: &Report<'_>) {
    let text = &keyword.get_ref().text;
    if is_pattern(text) {
        let message = format!("the keyword `{text}` looks like a regular expression, and is looked for as it stands");
        report.warning(keyword.span(), message, "keywords are words and phrases; `*` at the end stands for any ending");
    }
    if let Some((word, odd, scripts)) = text.split_whitespace().find_map(mixed) {
        let message = format!("the keyword `{word}` mixes {scripts} letters: customers' words do not");
        let hint = format!("type it anew on one keyboard: `{odd}` only looks like its neighbours");
        report.warning(keyword.span(), message, hint);
    }
}

/// Whether a keyword uses signs that regular expressions have and words do not.
fn is_pattern(text: &str) -> bool {
    let grouped =
        |open: char, close: char| text.find(open).is_some_and(|at| text.get(at..).unwrap_or("").contains(close));
    text.starts_with('^')
        || text.ends_with('$') && text.len() > 1 && !text.ends_with(" $") && text.chars().any(char::is_alphabetic)
        || text.contains(['\\', '|'])
        || [".*", ".+", "(?", "]*", "]+", ")*", ")+", ".?"].iter().any(|sign| text.contains(sign))
        || grouped('[', ']')
}

/// The word, the letter that is in the minority and the names of the two scripts, when it has letters of two that look alike.
fn mixed(word: &str) -> Option<(String, char, &'static str)> {
    let of = |scripts: [std::ops::RangeInclusive<char>; 2]| -> Vec<char> {
        word.chars().filter(|c| c.is_alphabetic() && scripts.iter().any(|range| range.contains(c))).collect()
    };
    // Latin with its accents, Greek, Cyrillic.
    let latin: Vec<char> = of(['a'..='z', 'A'..='Z']).into_iter().chain(of(['À'..='ɏ', 'Ḁ'..='ỿ'])).collect();
    let (greek, cyrillic) = (of(['Ͱ'..='Ͽ', 'ἀ'..='῾']), of(['Ѐ'..='ӿ', 'Ԁ'..='ԯ']));
    let pairs = [
        (&latin, &cyrillic, "Latin and Cyrillic"),
        (&latin, &greek, "Latin and Greek"),
        (&greek, &cyrillic, "Greek and Cyrillic"),
    ];
    let (one, two, scripts) = pairs.into_iter().find(|(one, two, _)| !one.is_empty() && !two.is_empty())?;
    let odd = if one.len() <= two.len() { one.first() } else { two.first() };
    Some((word.to_owned(), *odd?, scripts))
}

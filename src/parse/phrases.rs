//! The words of languages by which mails are understood, read from the files in `data/`.
//!
//! Data is no code there: a section has its name and its reason, a line its language. Knows no meaning.

use std::sync::LazyLock;

/// A list of words as it stands in its file.
pub type List = LazyLock<Vec<&'static str>>;

/// The files, each with its name.
const FILES: [(&str, &str); 6] = [
    ("automatic", include_str!("../../data/automatic.txt")),
    ("bounces", include_str!("../../data/bounces.txt")),
    ("languages", include_str!("../../data/languages.txt")),
    ("quotes", include_str!("../../data/quotes.txt")),
    ("reasons", include_str!("../../data/reasons.txt")),
    ("signatures", include_str!("../../data/signatures.txt")),
];

macro_rules! lists {
    ($($name:ident = $file:literal / $section:literal;)*) => {
        $(#[doc = concat!("See `[", $section, "]` in `data/", $file, ".txt`.")]
        pub static $name: List = LazyLock::new(|| entries($file, $section));)*
        #[cfg(test)]
        const READ: &[(&str, &str)] = &[$(($file, $section)),*];
    };
}

lists! {
    AUTOMATIC = "automatic" / "automatic";
    ANSWER = "automatic" / "answer";
    AWAY_FORMS = "automatic" / "forms";
    ABSENT = "automatic" / "absent";
    I = "automatic" / "i";
    I_AM_AWAY = "automatic" / "i-am-away";
    SOMEBODY_AWAY = "automatic" / "somebody-away";
    PROOF = "automatic" / "proof";
    SILENT = "automatic" / "silent";
    HELD_BACK = "automatic" / "held-back";
    DAEMONS = "bounces" / "daemons";
    BOUNCE_SENDERS = "bounces" / "senders";
    BOUNCE_NAMES = "bounces" / "names";
    FIXED = "bounces" / "fixed";
    PREFACES = "bounces" / "prefaces";
    FAILED = "bounces" / "failed";
    NOT = "bounces" / "not";
    UNLESS = "bounces" / "unless";
    DELIVERED = "bounces" / "delivered";
    GOODS = "bounces" / "goods";
    KEPT = "bounces" / "kept";
    MAIL_WORDS = "bounces" / "mail";
    LATE = "bounces" / "late";
    COPY = "bounces" / "copy";
    ANNOUNCE = "bounces" / "announce";
    OTHERS = "bounces" / "others";
    WROTE = "quotes" / "wrote";
    WROTE_SELF = "quotes" / "wrote-self";
    WROTE_ME = "quotes" / "wrote-me";
    BY = "quotes" / "by";
    OPENERS = "quotes" / "openers";
    LITTLE = "quotes" / "little";
    TITLES = "quotes" / "titles";
    FROM_LABELS = "quotes" / "from";
    DATE_LABELS = "quotes" / "date";
    TO_LABELS = "quotes" / "to";
    SUBJECT_LABELS = "quotes" / "subject";
    ORIGINAL = "quotes" / "original";
    FORWARDED = "quotes" / "forwarded";
    BEGIN = "quotes" / "begin";
    BEGINS = "quotes" / "begins";
    MESSAGE = "quotes" / "message";
    REPLY_HERE = "quotes" / "reply-here";
    FORWARD_PREFIXES = "quotes" / "forward-prefixes";
    REPLY_PREFIXES = "quotes" / "reply-prefixes";
    CLOSINGS = "signatures" / "closings";
    CLOSING_LINES = "signatures" / "closing-lines";
    THANKS = "signatures" / "thanks";
    MATTERS = "signatures" / "matters";
    SENT = "signatures" / "sent";
    FROM_MY = "signatures" / "from-my";
    SENT_LAST = "signatures" / "sent-last";
    GET = "signatures" / "get";
    FETCH = "signatures" / "fetch";
    WHOLE = "signatures" / "whole";
    PROGRAMS = "signatures" / "programs";
    THINGS = "signatures" / "things";
    NOTICES = "signatures" / "notices";
    JOINS = "signatures" / "joins";
    OF_ME = "signatures" / "of-me";
}

/// The words of each language in a section of the file of languages.
pub fn by_language(section: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    lines("languages", section).map(|(tag, words)| (tag, words.split(" | ").map(str::trim).collect())).collect()
}

/// What servers say, a status each in the order of the file.
pub fn reasons() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    let text = FILES.iter().find(|(name, _)| *name == "reasons").map_or("", |(_, text)| text);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((status, _)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            reasons.push((status, Vec::new()));
        } else if let (Some((_, words)), Some((_, known))) = (line.split_once(": "), reasons.last_mut()) {
            known.extend(words.split(" | ").map(str::trim));
        }
    }
    reasons
}

/// The entries of a section, languages left out.
fn entries(file: &str, section: &str) -> Vec<&'static str> {
    lines(file, section).flat_map(|(_, words)| words.split(" | ")).map(str::trim).collect()
}

/// The lines of a section, each with its language.
fn lines(file: &str, section: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let text = FILES.iter().find(|(name, _)| *name == file).map_or("", |(_, text)| text);
    let named = move |line: &&str| {
        line.strip_prefix('[').and_then(|line| line.split_once(']')).map(|(name, _)| name) == Some(section)
    };
    let inside = text.lines().skip_while(move |line| !named(line)).skip(1).take_while(|line| !line.starts_with('['));
    inside.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use unicode_normalization::UnicodeNormalization;

    use super::*;
    use crate::model::fold::fold;

    /// Every language that a line may name; `mul` is many at once.
    const LANGUAGES: &str = "mul af ar be bg bn ca cs da de el en es et eu fa fi fil fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk ms \
        nl pl pt ro ru sk sl sq sr sv sw ta th tr uk ur vi zh";

    #[test]
    fn data_files_name_sections_reasons_and_languages_and_repeat_nothing() {
        let known: BTreeSet<&str> = LANGUAGES.split_whitespace().collect();
        let mut faults = Vec::new();
        for (file, text) in FILES {
            assert!(text.starts_with("# "), "{file}: the first line says what the file is for");
            let (mut section, mut seen, mut tags) = ("", BTreeSet::new(), BTreeSet::new());
            for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                if let Some((name, reason)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
                    assert!(reason.trim().ends_with('.') && reason.trim().len() > 10, "{file} [{name}]: a reason each");
                    (section, seen, tags) = (name, BTreeSet::new(), BTreeSet::new());
                    continue;
                }
                let Some((language, words)) = line.split_once(": ") else {
                    faults.push(format!("{file} [{section}]: {line}"));
                    continue;
                };
                if !known.contains(language) || !tags.insert(language) {
                    faults.push(format!("{file} [{section}]: language `{language}`"));
                }
                for word in words.split(" | ") {
                    let plain: String =
                        if file == "languages" { word.to_lowercase() } else { fold(word).nfc().collect() };
                    // A stem may be of two languages in a file whose letters count.
                    let new = seen.insert(format!("{}{word}", if file == "languages" { language } else { "" }));
                    if word != plain || !new {
                        faults.push(format!(
                            "{file} [{section}] {language}: `{word}` for `{plain}`{}",
                            if new { "" } else { ", twice" }
                        ));
                    }
                }
            }
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }

    #[test]
    fn every_section_is_read() {
        for (file, text) in FILES.iter().filter(|(file, _)| !["languages", "reasons"].contains(file)) {
            for line in text.lines() {
                if let Some((name, _)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
                    assert!(READ.contains(&(*file, name)) && !entries(file, name).is_empty(), "{file} [{name}]");
                }
            }
        }
        assert!(READ.iter().all(|(file, section)| !entries(file, section).is_empty()));
        assert!(reasons().len() > 5 && by_language("own").len() == 5);
    }
}

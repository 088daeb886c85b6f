//! Address lists (RFC 5322 §3.4), as strict as needed to never take a display name for an address.
//!
//! Reads names in quotes and without, comments, groups, obsolete routes, encoded words, and bare addresses. Encoded words
//! are decoded in names only: an address made of encoded words is no address.

use crate::model::address::{Address, Person};
use crate::model::text::clean_name;
use crate::parse::mime::words;

/// People of one header that are read.
pub const MAX_PEOPLE: usize = 1_000;

/// What is being collected for one entry of the list.
#[derive(Default)]
struct Entry {
    /// Words outside angle brackets and quotes: a name, or the bare address.
    words: String,
    /// Whether some of `words` was in quotes.
    quoted: bool,
    /// Whether the quotes held the local part of an address, in letters that we do not write to.
    local: bool,
    /// Text of comments.
    comment: String,
    /// What stood in angle brackets.
    angle: Option<String>,
    /// A word in front of a comma that belongs to this name: `Nowak, Anna <anna@x.example>` without quotes.
    before: Option<String>,
}

/// The people of an unfolded, still encoded address list. A list that stands as a whole in encoded words, against RFC 2047 §5,
/// is opened when nobody is found otherwise: not where a server that judged the mail may have seen an address in it.
pub fn read(value: &str) -> Vec<Person> {
    let people = read_list(value);
    let whole = value.trim();
    if people.is_empty() && whole.starts_with("=?") && whole.ends_with("?=") && !whole.contains(['@', '<']) {
        return read_list(&words::decode(whole));
    }
    people
}

fn read_list(value: &str) -> Vec<Person> {
    let mut people = Vec::new();
    let mut entry = Entry::default();
    // `Anna [mailto:anna@x.example]` of Outlook's header blocks.
    let brackets = value.contains("[mailto:").then(|| value.replace("[mailto:", "<").replace(']', ">"));
    let value = brackets.as_deref().unwrap_or(value);
    let mut characters = value.chars().peekable();
    let mut unclosed = false;
    while let Some(c) = characters.next() {
        if people.len() >= MAX_PEOPLE {
            return people;
        }
        match c {
            // A quote that nothing closes is no quote, and neither is any that follows.
            '"' if unclosed || quoted(&mut characters.clone()).is_none() => unclosed = true,
            '"' => {
                let text = quoted(&mut characters).unwrap_or_default();
                entry.quoted = true;
                entry.local |=
                    characters.peek() == Some(&'@') && Address::parse(&format!("{text}@x.example")).is_none();
                entry.words.push_str(&text);
            }
            '(' => {
                let text = comment(&mut characters);
                if !entry.comment.is_empty() {
                    entry.comment.push(' ');
                }
                entry.comment.push_str(&text);
            }
            '<' => {
                let text = angle(&mut characters);
                // `<<a@b>>` and a second pair: the last that is an address wins.
                if entry.angle.as_deref().and_then(bare).is_none() {
                    entry.angle = Some(text);
                }
            }
            '>' => {}
            ',' => finish(&mut people, &mut entry),
            ';' => {
                finish(&mut people, &mut entry);
                entry.before = None;
            }
            // `Group name: a@b, c@d;`; an IPv6 literal or a URL in a name is not worth the care.
            ':' if entry.angle.is_none()
                && !entry.words.contains('@')
                && !entry.words.trim_start().starts_with("=?") =>
            {
                entry = Entry::default();
            }
            '\\' => entry.words.extend(characters.next()),
            c => entry.words.push(c),
        }
    }
    finish(&mut people, &mut entry);
    people
}

fn finish(people: &mut Vec<Person>, next: &mut Entry) {
    let mut entry = std::mem::take(next);
    if entry.angle.is_none() && is_surname(&entry.words) && entry.before.is_none() {
        next.before = Some(entry.words);
        return;
    }
    if let Some(before) = entry.before.take().filter(|_| entry.angle.is_some() && !entry.words.trim().is_empty()) {
        entry.words = format!("{},{}", before.trim(), entry.words);
    }
    let (address, name) = match &entry.angle {
        Some(angle) => match bare(angle) {
            Some(address) => (address, entry.words),
            // `a@b <>` or `<Name> a@b`.
            None => match bare(&entry.words) {
                Some(address) => (address, angle.clone()),
                None => return,
            },
        },
        None if entry.local => return,
        None if people_in_a_row(&entry) => {
            let all = entry.words.split_whitespace().filter_map(bare).take(MAX_PEOPLE - people.len());
            people.extend(all.map(|address| Person { name: String::new(), address }));
            return;
        }
        None => match bare(&entry.words).or_else(|| last_word(&entry)) {
            Some(address) => {
                let name = entry.words.replace(address.as_str(), " ");
                (address, if entry.quoted || name.contains('@') { String::new() } else { name })
            }
            None => return,
        },
    };
    let mut name = clean_name(&words::decode(&name));
    if name.is_empty() {
        name = clean_name(&words::decode(&entry.comment));
    }
    people.push(Person { name, address });
}

/// A word or two that cannot be an address.
fn is_surname(words: &str) -> bool {
    (1..=2).contains(&words.split_whitespace().count()) && !words.contains('@')
}

/// `a@b c@d`: addresses with nothing but blanks between them.
fn people_in_a_row(entry: &Entry) -> bool {
    let mut words = entry.words.split_whitespace();
    !entry.quoted && entry.words.split_whitespace().nth(1).is_some() && words.all(|word| bare(word).is_some())
}

/// `Name a@b` without brackets: the last word that is an address.
fn last_word(entry: &Entry) -> Option<Address> {
    if entry.quoted && !entry.words.contains(' ') {
        return None;
    }
    entry.words.split_whitespace().rev().take(20).find_map(bare)
}

/// A bare address, with the obsolete route and the white space that some senders put in.
fn bare(text: &str) -> Option<Address> {
    // A domain's own full stop, as DNS writes it.
    let text = text.trim().trim_end_matches('.').trim_matches(['\'', '<', '>', '"']);
    // RFC 5322 §4.4: `<@relay.example:user@domain>`.
    let text = if text.starts_with('@') { text.split_once(':').map_or(text, |(_, rest)| rest) } else { text };
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    if text.contains("=?") {
        return None;
    }
    Address::parse(text).or_else(|| joined(text))
}

/// `user . name @ host . example`, as the obsolete syntax allows.
fn joined(text: &str) -> Option<Address> {
    let pieces: Vec<&str> = text.split_whitespace().collect();
    let joints = pieces.windows(2).all(|pair| match pair {
        [left, right] => left.ends_with(['.', '@']) || right.starts_with(['.', '@']),
        _ => false,
    });
    (pieces.len() > 1 && joints).then(|| Address::parse(&pieces.concat())).flatten()
}

/// What stands up to the closing quote; `None` when there is none.
fn quoted(characters: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::new();
    while let Some(c) = characters.next() {
        match c {
            '"' => return Some(text),
            '\\' => text.extend(characters.next()),
            c => text.push(c),
        }
    }
    None
}

fn comment(characters: &mut impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    let mut depth = 1;
    while let Some(c) = characters.next() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            '\\' => {
                text.extend(characters.next());
                continue;
            }
            _ => {}
        }
        text.push(c);
    }
    text
}

fn angle(characters: &mut impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    let mut quotes = false;
    for c in characters {
        match c {
            '>' if !quotes => break,
            '"' => quotes = !quotes,
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, want: &[(&str, &str)]) {
        let people = read(value);
        let got: Vec<(&str, &str)> = people.iter().map(|p| (p.name.as_str(), p.address.as_str())).collect();
        assert_eq!(got, want, "{value}");
    }

    #[test]
    fn a_surname_in_front_of_a_comma_belongs_to_the_name_behind_it() {
        check("Nowak, Anna <anna@x.example>", &[("Nowak, Anna", "anna@x.example")]);
        check("a@b.example, Nowak, Anna <anna@x.example>", &[("", "a@b.example"), ("Nowak, Anna", "anna@x.example")]);
        check("Nowak, <anna@x.example>", &[("", "anna@x.example")]);
        check("Nowak, anna@x.example", &[("", "anna@x.example")]);
        check("Nowak,", &[]);
        check("Nowak; Anna <anna@x.example>", &[("Anna", "anna@x.example")]);
        check("team: Nowak, Anna <anna@x.example>;", &[("Nowak, Anna", "anna@x.example")]);
    }

    #[test]
    fn names_and_addresses_are_told_apart() {
        check("a@b.example", &[("", "a@b.example")]);
        check(
            "\"Nowak, Anna\" <anna@B.example>, jan@x.example",
            &[("Nowak, Anna", "anna@b.example"), ("", "jan@x.example")],
        );
        check("anna@b.example (Anna Nowak)", &[("Anna Nowak", "anna@b.example")]);
        check("=?utf-8?q?Za=C5=BC?= <a@b.example>", &[("Zaż", "a@b.example")]);
        check("<a@b.example>", &[("", "a@b.example")]);
        check("Anna a@b.example", &[("Anna", "a@b.example")]);
        check("\"a@b.example\" <c@d.example>", &[("a@b.example", "c@d.example")]);
        check("<@relay.example:a@b.example>", &[("", "a@b.example")]);
    }

    #[test]
    fn a_quote_that_nothing_closes_is_no_quote() {
        check("\"Jan Kowalski <jan@x.example>", &[("Jan Kowalski", "jan@x.example")]);
        check("\"Nowak, Anna <anna@x.example>, a@b.example", &[("Nowak, Anna", "anna@x.example"), ("", "a@b.example")]);
        check("\"Anna \\\"Ania\\\" Nowak\" <anna@x.example>", &[("Anna \"Ania\" Nowak", "anna@x.example")]);
    }

    #[test]
    fn groups_are_opened() {
        check("undisclosed-recipients:;", &[]);
        check(
            "Team: a@b.example, C <c@d.example>;, e@f.example",
            &[("", "a@b.example"), ("C", "c@d.example"), ("", "e@f.example")],
        );
    }

    #[test]
    fn an_address_made_of_encoded_words_is_none() {
        check("=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?=@evil.example", &[]);
        check(
            "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?= <x@evil.example>",
            &[("potus@whitehouse.gov", "x@evil.example")],
        );
    }

    #[test]
    fn a_whole_list_in_an_encoded_word_is_opened() {
        check("=?utf-8?Q?Jan_=3Cjan=40a=2Eexample=3E?=", &[("Jan", "jan@a.example")]);
        check("=?utf-8?Q?Jan_=3Cjan=40a=2Eexample=3E?= <x@b.example>", &[("Jan <jan@a.example>", "x@b.example")]);
        check("=?utf-8?Q?Jan?=", &[]);
        check("=?utf-8?Q?=3Cjan=40a=2Eexample=3E_x@evil.example?=", &[]);
    }

    #[test]
    fn line_breaks_in_names_are_gone() {
        check("=?utf-8?b?Qm9iDQpCY2M6IHhAeQ==?= <a@b.example>", &[("Bob Bcc: x@y", "a@b.example")]);
    }
}

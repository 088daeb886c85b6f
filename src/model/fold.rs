//! Folding: what makes `wysylka` find `wysyłka`, `е` find `ё` and `STRASSE` find `straße`.
//!
//! NFKD, combining marks dropped (but `й` kept a letter of its own), a few letters that Unicode does not decompose mapped
//! by hand, everything in lower case, invisible characters gone, white space collapsed to one blank.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::text::is_invisible;

/// Folded text that remembers where each of its bytes came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// For each byte of `text`, the byte offset in the original of the character it came from.
    offsets: Vec<u32>,
    original_len: u32,
}

impl Folded {
    /// The range in the original text that the folded range `start..end` came from.
    pub fn original(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        let at = |index: usize| self.offsets.get(index).copied().unwrap_or(self.original_len) as usize;
        at(start)..at(end)
    }
}

/// Folds `text`.
pub fn fold(text: &str) -> String {
    fold_with_offsets(text).text
}

/// Folds `text` and keeps the way back to the original.
pub fn fold_with_offsets(text: &str) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len()),
        offsets: Vec::with_capacity(text.len()),
        original_len: u32::try_from(text.len()).unwrap_or(u32::MAX),
    };
    let mut gap = false;
    for (index, c) in text.char_indices() {
        let offset = u32::try_from(index).unwrap_or(u32::MAX);
        // The characters of most mails need none of the tables of Unicode.
        if c.is_ascii_graphic() {
            folded.text.push(c.to_ascii_lowercase());
            folded.offsets.push(offset);
            gap = false;
        } else if let Some(letter) = plain_letter(c) {
            push(&mut folded, letter, offset);
            gap = false;
        } else if c.is_whitespace() || c.is_control() {
            if !gap && !folded.text.is_empty() {
                push(&mut folded, ' ', offset);
            }
            gap = true;
        } else if !is_invisible(c) {
            fold_character(&mut folded, c, offset);
            gap = folded.text.ends_with(' ');
        }
    }
    if folded.text.ends_with(' ') {
        folded.text.pop();
        folded.offsets.pop();
    }
    folded
}

fn push(folded: &mut Folded, c: char, offset: u32) {
    folded.text.push(c);
    for _ in 0..c.len_utf8() {
        folded.offsets.push(offset);
    }
}

/// What the commonest letters beyond ASCII fold to, found without the tables: from А to я no letter has a mark to drop
/// (й keeps its own), and the Polish ones are known.
fn plain_letter(c: char) -> Option<char> {
    Some(match c {
        'а'..='я' => c,
        'А'..='Я' => char::from_u32(u32::from(c) + 0x20)?,
        'ą' | 'Ą' => 'a',
        'ć' | 'Ć' => 'c',
        'ę' | 'Ę' => 'e',
        'ł' | 'Ł' => 'l',
        'ń' | 'Ń' => 'n',
        'ó' | 'Ó' => 'o',
        'ś' | 'Ś' => 's',
        'ź' | 'Ź' | 'ż' | 'Ż' => 'z',
        _ => return None,
    })
}

fn fold_character(folded: &mut Folded, c: char, offset: u32) {
    // U+0306 on и is what makes й, a letter of its own; ё and accents on vowels are only marks.
    if c == '\u{306}' && folded.text.ends_with('и') {
        folded.text.pop();
        folded.text.push('й');
        return;
    }
    if matches!(c, 'й' | 'Й') {
        return push(folded, 'й', offset);
    }
    for part in std::iter::once(c).nfkd() {
        if is_combining_mark(part) {
            continue;
        }
        for lower in part.to_lowercase() {
            match special(lower) {
                Some(letters) => letters.chars().for_each(|letter| push(folded, letter, offset)),
                None if is_combining_mark(lower) => {}
                None if lower.is_whitespace() => push(folded, ' ', offset),
                None => push(folded, lower, offset),
            }
        }
    }
}

/// Letters that carry their mark inside and that NFKD leaves alone.
fn special(c: char) -> Option<&'static str> {
    Some(match c {
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ø' => "o",
        'ı' => "i",
        'ħ' => "h",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ß' => "ss",
        'ς' => "σ",
        // What phones type for an apostrophe and some editors for a hyphen.
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => "'",
        '\u{2010}' => "-",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_polish_and_cyrillic_fold() {
        for (from, to) in [
            ("Zażółć GĘŚLĄ jaźń", "zazolc gesla jazn"),
            ("wysyłka", "wysylka"),
            ("ёлка Счёт", "елка счет"),
            ("йод и\u{306}од МОЙ", "йод йод мой"),
            ("straße", "strasse"),
            ("STRASSE", "strasse"),
            ("piñata", "pinata"),
            ("a \u{a0}\r\n b\u{200b}c ", "a bc"),
            ("ﬁne", "fine"),
            ("İstanbul", "istanbul"),
            ("don’t e\u{2011}mail", "don't e-mail"),
        ] {
            assert_eq!(fold(from), to, "{from}");
        }
    }

    #[test]
    fn letters_folded_without_the_tables_fold_as_with_them() {
        for c in ('\u{80}'..='\u{5ff}').filter(|c| plain_letter(*c).is_some()) {
            let mut folded = Folded::default();
            fold_character(&mut folded, c, 0);
            assert_eq!(fold(&c.to_string()), folded.text, "{c}");
        }
    }

    #[test]
    fn offsets_lead_back_to_the_original() {
        let text = "Mój  Zwrót!";
        let folded = fold_with_offsets(text);
        let start = folded.text.find("zwrot").unwrap();
        assert_eq!(text.get(folded.original(start, start + 5)), Some("Zwrót"));
        let all = fold_with_offsets("straße");
        assert_eq!(all.original(0, all.text.len()), 0.."straße".len());
    }
}

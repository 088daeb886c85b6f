//! What somebody reads where letters of other alphabets look like those of an address: `jаn@shop.example` with a Cyrillic `а`
//! is `jan@shop.example` to everybody who sees it.
//!
//! For comparing alone: two different addresses may read the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::text::is_invisible;

/// `text` in small Latin letters as far as its letters look like such, without marks on letters and invisible characters.
pub fn as_read(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut read = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            read.push(c.to_ascii_lowercase());
        } else if !is_invisible(c) {
            let plain = std::iter::once(c).nfkd().filter(|part| !is_combining_mark(*part));
            read.extend(plain.flat_map(|part| latin(part).unwrap_or(part).to_lowercase()));
        }
    }
    read
}

/// The Latin letter or sign that a character looks like, in capitals and in small letters.
fn latin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'А' | 'α' | 'Α' | 'ɑ' => 'a',
        'В' | 'в' | 'ь' | 'Ь' | 'β' | 'Β' => 'b',
        'с' | 'С' | 'ϲ' | 'Ϲ' => 'c',
        'ԁ' | 'đ' | 'ɗ' => 'd',
        'е' | 'Е' | 'є' | 'ε' | 'Ε' => 'e',
        'ɡ' | 'ց' | 'ԍ' => 'g',
        'н' | 'Н' | 'һ' | 'Һ' | 'Η' | 'հ' => 'h',
        'і' | 'І' | 'ι' | 'Ι' | 'ı' | 'ɩ' => 'i',
        'ј' | 'Ј' | 'ϳ' | 'յ' => 'j',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'ӏ' | 'Ӏ' | 'ł' | 'Ł' => 'l',
        'м' | 'М' | 'Μ' => 'm',
        'п' | 'η' | 'Ν' | 'ո' => 'n',
        'о' | 'О' | 'ο' | 'Ο' | 'օ' | 'ø' | 'Ø' | 'σ' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' | 'ɼ' => 'r',
        'ѕ' | 'Ѕ' => 's',
        'т' | 'Т' | 'τ' | 'Τ' => 't',
        'υ' | 'ս' => 'u',
        'ѵ' | 'Ѵ' | 'ν' => 'v',
        'ԝ' | 'ѡ' | 'ω' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'γ' | 'Υ' => 'y',
        'Ζ' => 'z',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '。' => '.',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_read_as_what_they_look_like() {
        for text in [
            "JAN@shop.example",
            "jаn@ѕhор.ехаmрlе",
            "ϳαn@shοp.examρle",
            "ｊａｎ＠ｓｈｏｐ．ｅｘａｍｐｌｅ",
            "ja\u{200b}n@sh\u{ad}op.exa\u{2060}mple",
            "ja\u{301}n@shop\u{2024}example",
            "𝗷𝗮𝗻@𝓼𝓱𝓸𝓹.example",
            "jan﹫shop｡example",
        ] {
            assert_eq!(as_read(text), "jan@shop.example", "{text}");
        }
    }

    #[test]
    fn other_letters_stay() {
        assert_eq!(as_read("Żółw щ@sklep.example"), "zolw щ@sklep.example");
        assert_eq!(as_read("\u{fffd}x"), "\u{fffd}x");
    }
}

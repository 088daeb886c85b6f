//! Names that are one name in two alphabets: `Ян` is `Jan`, `Юлия` is `Julia`.
//!
//! For asking back alone: several names sound the same.

use crate::model::fold::fold;

/// A name as it sounds, roughly: in Latin letters, those that spellings differ in as one, double ones once.
pub(super) fn sound(name: &str) -> String {
    let folded = fold(name);
    let mut heard = String::with_capacity(folded.len());
    let mut letters = folded.chars().peekable();
    while let Some(letter) = letters.next() {
        if let ('s' | 'c', Some('z' | 'h')) | ('z' | 'k', Some('h')) = (letter, letters.peek()) {
            letters.next();
        }
        match latin(letter) {
            Some(latin) => latin.chars().for_each(|c| push(&mut heard, c)),
            None => push(&mut heard, letter),
        }
    }
    heard.trim().to_owned()
}

fn push(heard: &mut String, c: char) {
    if !heard.ends_with(c) {
        heard.push(c);
    }
}

/// What a letter sounds like, or a blank for what is none; `None` for one of another alphabet.
fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' | 'a' => "a",
        'б' | 'b' => "b",
        'в' | 'v' | 'w' => "v",
        'г' | 'ґ' | 'g' => "g",
        'д' | 'd' => "d",
        'е' | 'э' | 'є' | 'e' => "e",
        'ж' | 'з' | 'z' => "z",
        'и' | 'й' | 'ы' | 'і' | 'ї' | 'i' | 'j' | 'y' => "i",
        'к' | 'k' => "k",
        'л' | 'l' => "l",
        'м' | 'm' => "m",
        'н' | 'n' => "n",
        'о' | 'o' => "o",
        'п' | 'p' => "p",
        'р' | 'r' => "r",
        'с' | 'ш' | 'щ' | 's' => "s",
        'т' | 't' => "t",
        'у' | 'u' => "u",
        'ф' | 'f' => "f",
        'х' | 'h' => "h",
        'ц' | 'ч' | 'c' => "c",
        'ю' => "iu",
        'я' => "ia",
        'ь' | 'ъ' => "",
        'x' => "ks",
        c if c.is_alphabetic() => return None,
        _ => " ",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_sounds_the_same_in_both_alphabets() {
        for (cyrillic, latin) in [
            ("Ян", "Jan"),
            ("Ян Кос", "Jan Kos"),
            ("Анна", "Anna"),
            ("Юлия", "Julia"),
            ("Мария", "Maria"),
            ("Ева", "Ewa"),
            ("Игорь", "Igor"),
            ("Саша", "Sasza"),
        ] {
            assert_eq!(sound(cyrillic), sound(latin), "{cyrillic}");
        }
        assert_ne!(sound("Ян"), sound("Anna"));
        assert_ne!(sound("Jan"), sound("Jana"));
    }
}

//! The language of a text, when it is sure.
//!
//! A guess that is wrong is worse than none: the customer would be answered in a foreign language.

use std::collections::HashMap;
use std::sync::LazyLock;

use whatlang::Lang;

use crate::parse::phrases::by_language;

/// Characters that are looked at.
const LOOK_AT: usize = 500;
/// Letters below which only our own word lists are asked.
const MIN_LETTERS: usize = 40;
/// Letters below which a guess by their frequency mixes neighbours up.
const FEW_LETTERS: usize = 120;

/// The languages that are told apart in a line of a few words, as in their file.
const LANGUAGES: [&str; 5] = ["uk", "pl", "ru", "fil", "en"];
/// Letters of the shortest beginning of a word that is known.
const MIN_BEGINNING: usize = 2;
/// Where Russian stands among them.
const RUSSIAN: usize = 2;

/// BCP 47 tag of the language of `text`; `None` when unsure.
pub fn guess(text: &str) -> Option<String> {
    let end = text.char_indices().nth(LOOK_AT).map_or(text.len(), |(index, _)| index);
    let text = text.get(..end).unwrap_or(text);
    // Many languages in Cyrillic letters share words and letters with Russian and Ukrainian.
    let possible = |tag: &str| !matches!(tag, "ru" | "uk") || !is_other_cyrillic(text);
    if let Some(tag) = by_words(text).filter(|tag| possible(tag)) {
        return Some(tag.to_owned());
    }
    if let Some(tag) = by_letters(text).filter(|tag| possible(tag)) {
        return Some(tag.to_owned());
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters < MIN_LETTERS {
        return None;
    }
    let info = whatlang::detect(text)?;
    let tag = tag(info.lang()).filter(|tag| info.is_reliable() && possible(tag))?;
    (letters >= FEW_LETTERS || has_letters_of(text, tag)).then(|| tag.to_owned())
}

/// Whether a text in Cyrillic letters is written as no Russian or Ukrainian one is.
fn is_other_cyrillic(text: &str) -> bool {
    let lower = text.to_lowercase();
    // Serbian, Macedonian, Belarusian; then Tatar, Bashkir, Kazakh, Mongolian, Chuvash, Tajik and their neighbours.
    if lower.contains(|c| "јљњћђџѓќѝўәңүұөһқғҡҙҫҥҗҳҷӣӯӑӗӳ".contains(c)) {
        return true;
    }
    // Bulgarian: in Russian the hard sign stands before a vowel alone.
    let mut pairs = lower.chars().zip(lower.chars().skip(1));
    if pairs.any(|(c, next)| c == 'ъ' && next.is_alphabetic() && !"еёюя".contains(next)) {
        return true;
    }
    // Belarusian and Kazakh have both; a name in capitals may be Ukrainian.
    let words = || text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.starts_with(char::is_uppercase));
    lower.contains('ы') && words().any(|word| word.contains('і'))
}

/// Whether a text has a letter by which a language differs from neighbours that look the same without it.
fn has_letters_of(text: &str, tag: &str) -> bool {
    let letters = match tag {
        "hr" => "čćđšž",
        "sl" => "čšž",
        "cs" => "ěřůčšžýáíé",
        "sk" => "ľĺŕťôäčšžýáíé",
        _ => return true,
    };
    text.chars().flat_map(char::to_lowercase).any(|c| letters.contains(c))
}

/// What each word that we know says for each of [`LANGUAGES`]: 2 for one that it alone has, 1 for one that it shares.
static WORDS: LazyLock<HashMap<&'static str, [u8; LANGUAGES.len()]>> = LazyLock::new(|| {
    let mut words = HashMap::<_, [u8; LANGUAGES.len()]>::new();
    for (section, weight) in [("shared", 1), ("own", 2)] {
        for (tag, list) in by_language(section) {
            let Some(index) = LANGUAGES.iter().position(|known| *known == tag) else { continue };
            for word in list.into_iter().filter(|word| !word.ends_with('*')) {
                if let Some(slot) = words.entry(word).or_default().get_mut(index) {
                    *slot = weight;
                }
            }
        }
    }
    words
});

/// Beginnings of words that one language alone has, each with the place of its language.
static BEGINNINGS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    let own = by_language("own").into_iter().filter_map(|(tag, list)| {
        let index = LANGUAGES.iter().position(|known| *known == tag)?;
        Some(list.into_iter().filter_map(move |word| Some((word.strip_suffix('*')?, index))))
    });
    own.flatten().collect()
});

/// What a word in small letters says for each language.
fn weights(word: &str) -> Option<[u8; LANGUAGES.len()]> {
    WORDS.get(word).copied().or_else(|| {
        let ends = word.char_indices().skip(MIN_BEGINNING).map(|(at, _)| at).chain([word.len()]);
        let index = ends.filter_map(|end| word.get(..end)).find_map(|begun| BEGINNINGS.get(begun))?;
        let mut weights = [0; LANGUAGES.len()];
        *weights.get_mut(*index)? = 2;
        Some(weights)
    })
}

/// The language whose words clearly outnumber those of the others, one of which at least no other language has.
fn by_words(text: &str) -> Option<&'static str> {
    let mut scores = [(0usize, false); LANGUAGES.len()];
    let (mut hits, mut total) = (0usize, 0usize);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        total += 1;
        let Some(weights) = weights(&word.to_lowercase()) else { continue };
        hits += 1;
        for ((score, own), weight) in scores.iter_mut().zip(weights) {
            *score += usize::from(weight);
            *own |= weight == 2;
        }
    }
    let best = (0..scores.len()).max_by_key(|&index| scores.get(index).copied())?;
    let (most, own) = scores.get(best).copied()?;
    let second = scores.iter().enumerate().filter(|(index, _)| *index != best).map(|(_, (score, _))| *score).max()?;
    let sure = own && most >= 3 * second && hits * 6 >= total;
    sure.then(|| LANGUAGES.get(best).copied()).flatten()
}

/// The language that alone has the letters of several words: a name or two in a foreign text does not decide.
fn by_letters(text: &str) -> Option<&'static str> {
    let (mut polish, mut russian, mut ukrainian, mut others, mut total) = (0usize, 0usize, 0usize, 0usize, 0usize);
    let mut russian_words = 0usize;
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        total += 1;
        let said = weights(&word.to_lowercase()).and_then(|weights| weights.get(RUSSIAN).copied());
        russian_words += usize::from(said.unwrap_or_default());
        if word.starts_with(char::is_uppercase) || word.chars().nth(2).is_none() {
            // A name says where somebody is from.
            continue;
        }
        let has = |letters: &str| word.chars().flat_map(char::to_lowercase).any(|c| letters.contains(c));
        // Croatian has the `ć` too.
        polish += usize::from(has("łżśźńęą"));
        russian += usize::from(has("ыэё"));
        ukrainian += usize::from(has("їєґі"));
        others += usize::from(has("ўјљњћђџқңөүһәřěůőűūėįųāēīķļņģășțâîõäöüñãçø"));
    }
    // In a line of a few words one is enough.
    let few = if total <= 6 { 1 } else { 2 };
    let sure = |count: usize, rivals: usize| count >= few && count * 5 >= total && rivals == 0;
    if sure(polish, others + russian + ukrainian) {
        Some("pl")
    } else if sure(russian, others + ukrainian + polish) && russian_words >= 2 {
        // Tatar, Kyrgyz and Mongolian have these letters too.
        Some("ru")
    } else if sure(ukrainian, others + russian + polish) {
        Some("uk")
    } else {
        None
    }
}

fn tag(lang: Lang) -> Option<&'static str> {
    Some(match lang.code() {
        "eng" => "en",
        "pol" => "pl",
        "rus" => "ru",
        "tgl" => "fil",
        "ukr" => "uk",
        "bel" => "be",
        "bul" => "bg",
        "srp" => "sr",
        "deu" => "de",
        "fra" => "fr",
        "spa" => "es",
        "por" => "pt",
        "ita" => "it",
        "nld" => "nl",
        "ces" => "cs",
        "slk" => "sk",
        "hun" => "hu",
        "ron" => "ro",
        "swe" => "sv",
        "dan" => "da",
        "nob" => "nb",
        "fin" => "fi",
        "est" => "et",
        "lit" => "lt",
        "lav" => "lv",
        "tur" => "tr",
        "ell" => "el",
        "cmn" => "zh",
        "jpn" => "ja",
        "kor" => "ko",
        "vie" => "vi",
        "tha" => "th",
        "heb" => "he",
        "ara" => "ar",
        "hin" => "hi",
        "ind" => "id",
        "hrv" => "hr",
        "slv" => "sl",
        "cat" => "ca",
        code => {
            let mut ours = crate::model::language::Language::all();
            return ours.find(|language| language.iso639_3() == code).map(|language| language.tag());
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_of_our_languages_are_told_apart() {
        for (text, want) in [
            ("Dzień dobry, gdzie jest moje zamówienie?", Some("pl")),
            ("Здравствуйте, когда придёт мой заказ?", Some("ru")),
            ("Magandang araw po, nasaan na ang order ko?", Some("fil")),
            ("Hello, where is my order?", Some("en")),
            ("Доброго дня, коли прийде моє замовлення? Дуже дякую за вашу допомогу.", Some("uk")),
            ("Guten Tag, wo bleibt meine Bestellung? Ich warte schon seit zwei Wochen darauf.", Some("de")),
            ("Tak, poproszę o kuriera, będę wcześniej.", Some("pl")),
            ("Это мы ещё вчера выслали", Some("ru")),
            ("Potwierdzam odbiór", Some("pl")),
            ("Zapłaciłem wczoraj przelewem", Some("pl")),
            ("Хочу вернуть обувь", Some("ru")),
            ("Къде е моята поръчка?", None),
            ("Где је моја поруџбина?", None),
            ("Paki-cancel po ang order", Some("fil")),
            ("Ako sa dostanem na stránku?", None),
            ("See attached photos", Some("en")),
            ("Chcialabym zwrocic sukienke", Some("pl")),
            ("Kurier dzisiaj nie przyjechal", Some("pl")),
            ("Salamat po sa mabilis na sagot", Some("fil")),
            ("My code isn't accepted", Some("en")),
            ("Paki-change po ng delivery address", Some("fil")),
            ("Минем заказым кайда? Рәхмәт", None),
            ("Хэзээ ирэх вэ", None),
            ("Не съм получил пакета", None),
            ("Не магу зайсці, дапамажыце калі ласка", None),
            ("Мы ещё ждём посылку в Харків, когда она придёт?", Some("ru")),
            ("Kedy pride moja zasielka, stale som ju nedostal", None),
            ("Gdje je moja kuća", None),
            ("Да, всё верно", Some("ru")),
            ("OK", None),
            ("Łukasz Wójcik, Łódź", None),
            ("12345", None),
            ("", None),
        ] {
            assert_eq!(guess(text).as_deref(), want, "{text}");
        }
    }
}

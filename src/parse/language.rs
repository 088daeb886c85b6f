//! The language of a text, when it is sure.
//!
//! A guess that is wrong is worse than none: the customer would be answered in a foreign language.

use whatlang::Lang;

/// Characters that are looked at.
const LOOK_AT: usize = 500;
/// Letters below which only our own word lists are asked.
const MIN_LETTERS: usize = 40;

/// Frequent short words that the languages of our texts do not share.
const WORDS: [(&str, &[&str]); 5] = [
    (
        "uk",
        &[
            "доброго",
            "дня",
            "дякую",
            "будь",
            "ласка",
            "моє",
            "коли",
            "що",
            "мені",
            "є",
            "та",
            "це",
            "і",
            "не",
            "за",
            "вашу",
            "від",
            "привіт",
            "мій",
            "як",
            "чи",
            "ви",
            "вас",
            "замовлення",
            "щоб",
            "повагою",
        ],
    ),
    (
        "pl",
        &[
            "nie",
            "się",
            "jest",
            "proszę",
            "dzień",
            "dobry",
            "witam",
            "dziękuję",
            "czy",
            "mam",
            "państwa",
            "prosze",
            "dziekuje",
            "pozdrawiam",
            "dla",
            "przez",
            "zwrot",
            "zamówienie",
            "że",
            "jak",
            "kiedy",
            "będzie",
            "oraz",
            "gdzie",
            "ile",
            "mogę",
        ],
    ),
    (
        "ru",
        &[
            "не",
            "на",
            "что",
            "здравствуйте",
            "спасибо",
            "добрый",
            "день",
            "пожалуйста",
            "как",
            "мой",
            "мне",
            "вы",
            "для",
            "это",
            "когда",
            "заказ",
            "привет",
            "и",
            "я",
            "у",
            "с",
            "уважением",
            "где",
        ],
    ),
    (
        "fil",
        &[
            "ang",
            "ng",
            "mga",
            "sa",
            "po",
            "ko",
            "ako",
            "hindi",
            "naman",
            "salamat",
            "ba",
            "ano",
            "paano",
            "pwede",
            "yung",
            "lang",
            "kayo",
            "namin",
            "nyo",
            "ninyo",
            "kung",
            "ay",
            "magandang",
            "wala",
            "nasaan",
            "kailan",
            "gusto",
            "aking",
            "na",
        ],
    ),
    (
        "en",
        &[
            "the", "is", "and", "please", "you", "my", "not", "hello", "thanks", "thank", "have", "with", "for",
            "this", "when", "where", "how", "i", "your", "to", "of", "are", "can", "it", "hi", "was", "would", "order",
        ],
    ),
];

/// BCP 47 tag of the language of `text`; `None` when unsure.
pub fn guess(text: &str) -> Option<String> {
    let end = text.char_indices().nth(LOOK_AT).map_or(text.len(), |(index, _)| index);
    let text = text.get(..end).unwrap_or(text);
    if let Some(tag) = by_words(text) {
        return Some(tag.to_owned());
    }
    if let Some(tag) = by_letters(text) {
        return Some(tag.to_owned());
    }
    if text.chars().filter(|c| c.is_alphabetic()).count() < MIN_LETTERS {
        return None;
    }
    let info = whatlang::detect(text)?;
    info.is_reliable().then(|| tag(info.lang())).flatten().map(str::to_owned)
}

/// The language whose words clearly outnumber those of the others.
fn by_words(text: &str) -> Option<&'static str> {
    let mut counts = [0usize; WORDS.len()];
    let mut total = 0usize;
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        total += 1;
        let word = word.to_lowercase();
        for (count, (_, list)) in counts.iter_mut().zip(WORDS) {
            *count += usize::from(list.contains(&word.as_str()));
        }
    }
    let best = (0..counts.len()).max_by_key(|&index| counts.get(index).copied())?;
    let most = counts.get(best).copied()?;
    let second = counts.iter().enumerate().filter(|(index, _)| *index != best).map(|(_, count)| *count).max()?;
    let sure = most >= 2 && most >= 3 * second && most * 6 >= total;
    sure.then(|| WORDS.get(best).map(|(tag, _)| *tag)).flatten()
}

/// The language that alone has the letters of several words: a name or two in a foreign text does not decide.
fn by_letters(text: &str) -> Option<&'static str> {
    let (mut polish, mut russian, mut ukrainian, mut others, mut total) = (0usize, 0usize, 0usize, 0usize, 0usize);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        total += 1;
        if word.starts_with(char::is_uppercase) {
            // A name says where somebody is from.
            continue;
        }
        let has = |letters: &str| word.chars().flat_map(char::to_lowercase).any(|c| letters.contains(c));
        polish += usize::from(has("łżśźćńęą"));
        russian += usize::from(has("ыэё"));
        ukrainian += usize::from(has("їєґі"));
        others += usize::from(has("ўјљњћђџқңөүһәřěůőűūėįųāēīķļņģășțâîõäöüñãçø"));
    }
    let sure = |count: usize, rivals: usize| count >= 2 && count * 5 >= total && rivals == 0;
    if sure(polish, others + russian + ukrainian) {
        Some("pl")
    } else if sure(russian, others + ukrainian + polish) {
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
        _ => return None,
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
            ("OK", None),
            ("Łukasz Wójcik, Łódź", None),
            ("12345", None),
            ("", None),
        ] {
            assert_eq!(guess(text).as_deref(), want, "{text}");
        }
    }
}

//! Bytes to text: declared charsets, wrong ones, none at all.
//!
//! A declared charset is believed when the bytes fit it; otherwise the bytes decide.

mod codepages;
mod unicode;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, ISO_2022_JP, ISO_8859_2, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252,
    X_USER_DEFINED,
};

/// Bytes that are shown to the detector.
const DETECT: usize = 64 * 1024;
/// Letters above ASCII from which on they tell the language.
const MIN_LETTERS: usize = 5;
/// Multi-byte characters from which on valid UTF-8 is no chance in a charset of two bytes a character.
const NO_CHANCE: usize = 6;
/// Words of nothing but letters above ASCII from which on a text is in no Latin script.
const FOREIGN_WORDS: usize = 2;
/// Letters above ASCII of such a word.
const FOREIGN_LETTERS: usize = 4;
/// Bytes above ASCII in such words, of scripts that have no blanks, from which on it is so.
const FOREIGN_TEXT: usize = 24;
/// Signs inside words from which on a text is in another charset.
const SIGNS: usize = 2;
/// Characters in valid lines that show these to be UTF-8, whatever the others are: under its label, and under none.
const UTF8_LABELLED: usize = 2;
const UTF8_UNLABELLED: usize = 6;

/// Decodes `bytes` said to be in `label`; guesses when there is no label, or one that cannot be right.
pub fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Cow<'a, str> {
    let label = label.map(clean_label).filter(|label| !label.is_empty());
    let Some(label) = label else { return decode_unlabelled(bytes) };
    let known = lookup(&label);
    if let Some(encoding) = known.filter(|encoding| [UTF_16LE, UTF_16BE].contains(encoding)) {
        return unicode::utf16(bytes, &label, encoding);
    }
    if bytes.is_ascii() && is_ascii_superset(&label) {
        return decode_unlabelled(bytes);
    }
    if let Some(text) = codepages::decode(&label, bytes) {
        return Cow::Owned(text);
    }
    match known {
        Some(encoding) if encoding == UTF_8 => decode_nearly(bytes, UTF8_LABELLED),
        Some(_) if label == "us-ascii" || label == "ascii" => decode_unlabelled(bytes),
        // Bytes that mean nothing, or are not to be read (names of the web's standard): as good as no label.
        Some(encoding) if [X_USER_DEFINED, REPLACEMENT].contains(&encoding) => decode_unlabelled(bytes),
        Some(encoding) if fits_utf8_better(bytes, encoding) => String::from_utf8_lossy(bytes),
        // A charset of seven bits cannot hold these bytes.
        Some(encoding) if encoding == ISO_2022_JP && !bytes.is_ascii() => decode_unlabelled(bytes),
        Some(encoding) if encoding == WINDOWS_1252 => run(instead_of_latin(bytes).unwrap_or(encoding), bytes),
        Some(encoding) if encoding == ISO_8859_2 || encoding == WINDOWS_1250 => {
            run(central_european(encoding, bytes), bytes)
        }
        Some(encoding) => run(encoding, bytes),
        None if label.ends_with("utf-7") => match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Cow::Owned(unicode::utf7(text)),
            _ => decode_unlabelled(bytes),
        },
        None => match mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()) {
            Some(decoder) => Cow::Owned(decoder(bytes)),
            None => decode_unlabelled(bytes),
        },
    }
}

/// Decodes bytes of unknown charset: UTF-8 when valid, else what the detector says.
pub fn decode_unlabelled(bytes: &[u8]) -> Cow<'_, str> {
    decode_nearly(bytes, UTF8_UNLABELLED)
}

/// UTF-8 when valid or nearly so, else what the detector says; `enough` characters in valid lines keep these UTF-8.
fn decode_nearly(bytes: &[u8], enough: usize) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\u{1b}')
    {
        return Cow::Borrowed(text);
    }
    // A byte order mark is as good as a label.
    for (mark, encoding) in [(b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            return encoding.decode_without_bom_handling(rest).0;
        }
    }
    let joined = unicode::joined_surrogates(bytes);
    let whole = joined.as_deref().unwrap_or(bytes);
    if joined.is_some()
        && let Ok(text) = std::str::from_utf8(whole)
    {
        return Cow::Owned(text.to_owned());
    }
    if let Some(text) = unicode::with_foreign_lines(whole, enough, detect) {
        return Cow::Owned(text);
    }
    if unicode::nearly(bytes) {
        return String::from_utf8_lossy(bytes);
    }
    run(detect(bytes), bytes)
}

/// The two charsets of central Europe, which programs take for one another. What is a letter in the one is a control character
/// in the other (`ś`, `ź`, `š`, `ž` of Windows), or a sign that does not stand inside words (`±`, `¶` for `ą`, `ś` of ISO).
fn central_european(declared: &'static Encoding, bytes: &[u8]) -> &'static Encoding {
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0xc0;
    let sign = |window: &&[u8]| matches!(window, [a, b'\xb1' | b'\xb6', c] if letter(a) && letter(c));
    if bytes.iter().any(|byte| matches!(byte, 0x8a | 0x8c..=0x8f | 0x9a | 0x9c..=0x9f)) {
        WINDOWS_1250
    } else if bytes.windows(3).filter(sign).take(SIGNS).count() == SIGNS {
        ISO_8859_2
    } else {
        declared
    }
}

/// Decodes. Encoded words of ISO-2022-JP each end in ASCII and begin anew (RFC 2047 §3): put together they hold two escape
/// sequences in a row, of which only the last means anything.
fn run<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Cow<'a, str> {
    let doubled = |window: &[u8]| matches!(window, [0x1b, b'(', _, 0x1b]);
    if encoding != ISO_2022_JP || !bytes.windows(4).any(doubled) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if rest.get(..4).is_some_and(doubled) {
            rest = rest.get(3..).unwrap_or_default();
            continue;
        }
        kept.push(byte);
        rest = after;
    }
    Cow::Owned(encoding.decode_without_bom_handling(&kept).0.into_owned())
}

/// The charset of bytes declared as Latin-1, which many programs write whatever they send, when they are of another: whole
/// words of letters above ASCII (Cyrillic, Greek, Chinese), or signs such as `³` and `¿` inside words (Polish `ł` and `ż`).
fn instead_of_latin(bytes: &[u8]) -> Option<&'static Encoding> {
    let bytes = bytes.get(..DETECT).unwrap_or(bytes);
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0xc0;
    let between =
        |byte: u8| matches!(byte, b'\x9f' | b'\xa3' | b'\xb1' | b'\xb3' | b'\xb6' | b'\xb9' | b'\xbc' | b'\xbf');
    let sign = |window: &&[u8]| matches!(window, [a, b, c] if between(*b) && letter(a) && letter(c));
    if bytes.windows(3).filter(sign).take(SIGNS).count() == SIGNS {
        return Some(detect(bytes)).filter(|guess| [WINDOWS_1250, ISO_8859_2].contains(guess));
    }
    let (mut foreign, mut letters, mut mixed) = (0usize, 0usize, 0usize);
    for word in bytes.split(|byte| *byte < 0xa0 && !byte.is_ascii_alphabetic()) {
        let high = word.iter().filter(|byte| !byte.is_ascii()).count();
        // A row of one sign is an ornament.
        let varied = word.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count() >= FOREIGN_LETTERS / 2;
        if high == word.len() && high >= FOREIGN_LETTERS && varied {
            foreign += 1;
            letters += high;
        }
        mixed += usize::from(high > 0 && high < word.len());
    }
    ((foreign >= FOREIGN_WORDS || letters >= FOREIGN_TEXT) && foreign > mixed).then(|| detect(bytes))
}

/// What the detector says of 8-bit bytes that are not UTF-8.
pub fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let bytes = bytes.get(..DETECT).unwrap_or(bytes);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    if guess.is_single_byte() { by_letters(bytes).unwrap_or(guess) } else { guess }
}

/// Turkish and Hungarian, whose few letters of their own the detector gives to their neighbours: nothing but their letters
/// above ASCII, and some that tell them from others.
fn by_letters(bytes: &[u8]) -> Option<&'static Encoding> {
    let high = || bytes.iter().filter(|byte| **byte >= 0xa0);
    let only = |letters: &[u8]| high().all(|byte| letters.contains(byte));
    let some = |letters: &[u8]| letters.iter().filter(|letter| bytes.contains(letter)).count();
    if high().take(MIN_LETTERS).count() < MIN_LETTERS || bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) {
        return None;
    }
    // ı ş ğ of three Turkish kinds, with ö ü ç and the circumflexes.
    if only(b"\xc7\xd0\xd6\xdc\xdd\xde\xe7\xf0\xf6\xfc\xfd\xfe\xe2\xee\xfb") && some(b"\xf0\xfd\xfe") >= 2 {
        return Some(encoding_rs::WINDOWS_1254);
    }
    // ő or ű, with an accent that neither Estonian nor French has.
    let hungarian = b"\xc1\xc9\xcd\xd3\xd5\xd6\xda\xdb\xdc\xe1\xe9\xed\xf3\xf5\xf6\xfa\xfb\xfc";
    if only(hungarian) && some(b"\xf5\xfb") >= 1 && some(b"\xe1\xed\xf3\xfa") >= 2 {
        return Some(ISO_8859_2);
    }
    None
}

/// The encoding of a label, with the names that mail software writes and the web does not know.
pub fn lookup(label: &str) -> Option<&'static Encoding> {
    if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
        // `us-ascii` and `iso-8859-1` mean windows-1252 here, as on the web: right for mail too.
        return Some(encoding);
    }
    let alias: &[u8] = match label {
        "cp932" | "ms932" | "windows-31j" | "shift-jis" => b"shift_jis",
        "cp936" | "ms936" | "gb18030-2005" | "x-gbk" | "hz-gb-2312" => b"gb18030",
        "cp949" | "ms949" | "ks_c_5601" | "x-windows-949" => b"euc-kr",
        "cp950" | "big5-eten" => b"big5",
        "cp1250" | "win1250" | "windows1250" => b"windows-1250",
        "cp1251" | "win-1251" | "win1251" | "windows1251" => b"windows-1251",
        "cp1252" | "win1252" | "windows1252" | "ansi" | "8bit" | "ansi_x3.110-1983" => b"windows-1252",
        "cp866" | "dos-866" => b"ibm866",
        "koi8r" | "koi-8" | "koi8" => b"koi8-r",
        "utf8" | "unicode-1-1-utf-8" | "utf-8mb4" | "utf8mb4" | "utf_8" => b"utf-8",
        "iso8859_1" | "latin-1" => b"iso-8859-1",
        "iso8859_2" | "latin-2" => b"iso-8859-2",
        "mac" | "x-mac-roman" => b"macintosh",
        _ => return None,
    };
    Encoding::for_label(alias)
}

fn clean_label(label: &str) -> String {
    label.trim_matches(|c: char| c.is_whitespace() || "\"'<>;=".contains(c)).to_ascii_lowercase()
}

/// Whether ASCII bytes mean ASCII in this charset.
fn is_ascii_superset(label: &str) -> bool {
    !(label.starts_with("utf-16")
        || label.starts_with("utf-32")
        || label.starts_with("utf-7")
        || label.starts_with("unicode-1-1-utf-7")
        || label.starts_with("iso-2022")
        || label.starts_with("hz")
        || label.starts_with("csiso2022"))
}

/// Whether bytes declared as another charset are really UTF-8: valid, and with several multi-byte characters.
fn fits_utf8_better(bytes: &[u8], declared: &'static Encoding) -> bool {
    let enough = match () {
        () if declared.is_single_byte() => 2,
        () if declared.is_ascii_compatible() => NO_CHANCE,
        () => return false,
    };
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    text.chars().filter(|c| !c.is_ascii()).take(enough).count() == enough
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_is_known_under_a_wrong_label_of_two_bytes_a_character() {
        let text = "Zażółć gęślą jaźń";
        for label in ["gb2312", "gbk", "big5", "euc-kr", "shift_jis"] {
            assert_eq!(decode(text.as_bytes(), Some(label)), text, "{label}");
        }
        // Two characters that happen to be valid UTF-8 as well.
        let (bytes, _, _) = encoding_rs::GBK.encode("联通");
        assert_eq!(decode(&bytes, Some("gb2312")), "联通");
    }

    #[test]
    fn turkish_and_hungarian_are_known_by_their_letters() {
        for (encoding, text) in [
            (encoding_rs::WINDOWS_1254, "Siparişim gelmedi, lütfen parayı iade edin. Şoförün ğ harfi."),
            (ISO_8859_2, "Árvíztűrő tükörfúrógép, a rendelés nem érkezett meg."),
            (WINDOWS_1250, "Příliš žluťoučký kůň úpěl ďábelské ódy, objednávka nepřišla."),
            (WINDOWS_1252, "Já não recebi a encomenda, não há razões para isto às vezes."),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(decode_unlabelled(&bytes), text);
        }
    }

    #[test]
    fn undeclared_charsets_are_guessed() {
        for (text, charset) in [
            ("Dzień dobry, proszę o zwrot pieniędzy za zamówienie złożone w zeszłym tygodniu", "iso-8859-2"),
            ("Dzień dobry, proszę o zwrot pieniędzy za zamówienie złożone w zeszłym tygodniu", "windows-1250"),
            ("Здравствуйте, хочу вернуть заказ и получить деньги обратно", "windows-1251"),
            ("Здравствуйте, хочу вернуть заказ и получить деньги обратно", "koi8-r"),
        ] {
            let bytes = Encoding::for_label(charset.as_bytes()).unwrap().encode(text).0;
            assert_eq!(decode(&bytes, None), text, "{charset}");
            assert_eq!(decode(&bytes, Some("us-ascii")), text, "{charset}");
            assert_eq!(decode(&bytes, Some("utf-8")), text, "{charset}");
            assert_eq!(decode(&bytes, Some("x-unknown")), text, "{charset}");
            assert_eq!(decode(&bytes, Some("iso-8859-1")), text, "{charset}");
        }
    }

    #[test]
    fn latin_letters_under_their_own_label_stay() {
        for text in [
            "Où est le numéro de série ? Être à l'hôtel, c'est là.",
            "¿Dónde está? 5 m³ y 2 m², ±3, señor, ¡adiós!",
            "Fläche: a³b + x³y = ½ größer",
            "ÄÖÜ: größer, ab 30°, ½ Liter, 10 µm",
            "ÄÄÄÄ ÖÖÖÖ größer",
            "°°°°°°°°°°°°°°°° ¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯ ---- ¯¯¯¯¯¯¯¯¯¯",
        ] {
            let (bytes, _, _) = WINDOWS_1252.encode(text);
            assert_eq!(decode(&bytes, Some("iso-8859-1")), text);
        }
    }

    #[test]
    fn japanese_may_change_its_charset_twice_in_a_row() {
        let twice = [&b"\x1b$B%i\x1b(B"[..], b"\x1b$B%s\x1b(B!"].concat();
        assert_eq!(decode(&twice, Some("iso-2022-jp")), "ラン!");
    }

    #[test]
    fn eight_bit_letters_under_a_label_of_seven_bits_are_of_another_charset() {
        for label in ["iso-2022-jp", "utf-7"] {
            assert_eq!(decode("zażółć gęślą".as_bytes(), Some(label)), "zażółć gęślą");
        }
        let text = "ランプが壊れました。返金をお願いします。";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(text);
        assert_eq!(decode(&bytes, Some("iso-2022-jp")), text);
        let (bytes, _, _) = encoding_rs::EUC_JP.encode(text);
        assert_eq!(decode(&bytes, Some("iso-8859-1")), text);
    }

    #[test]
    fn a_byte_order_mark_tells_the_charset() {
        assert_eq!(decode_unlabelled(b"\xff\xfeH\0i\0\x42\x01"), "Hi\u{142}");
        assert_eq!(decode_unlabelled(b"\xfe\xff\0H\0i\x01\x42"), "Hi\u{142}");
    }

    #[test]
    fn utf8_declared_as_something_else_is_utf8() {
        assert_eq!(decode("zażółć gęślą".as_bytes(), Some("iso-8859-1")), "zażółć gęślą");
    }

    #[test]
    fn utf8_cut_in_the_middle_of_a_character_stays_utf8() {
        let bytes = "zażółć gęślą jaźń".as_bytes();
        assert!(decode(&bytes[..bytes.len() - 1], None).starts_with("zażółć gęślą"));
    }

    #[test]
    fn the_two_charsets_of_central_europe_are_told_apart() {
        let text = "Zażółć gęślą jaźń, Łódź. Święta: wśród, ciąża.";
        for label in ["iso-8859-2", "windows-1250", "x-user-defined"] {
            for encoding in [ISO_8859_2, WINDOWS_1250] {
                assert_eq!(decode(&encoding.encode(text).0, Some(label)), text, "{label}");
            }
        }
        assert_eq!(decode(b"5\xb13, \xb6 2", Some("windows-1250")), "5±3, ¶ 2");
    }

    #[test]
    fn utf8_with_surrogates_or_a_foreign_footer_stays_utf8() {
        assert_eq!(decode(b"Super \xed\xa0\xbd\xed\xb8\x80 dzi\xc4\x99ki", Some("utf-8")), "Super \u{1f600} dzięki");
        let footer = WINDOWS_1250.encode("Spółka, Łódź, Święta, następna część").0;
        let mail = ["Dzień dobry, proszę.\n".as_bytes(), &footer].concat();
        assert_eq!(decode(&mail, Some("utf-8")), "Dzień dobry, proszę.\nSpółka, Łódź, Święta, następna część");
    }

    #[test]
    fn labels_of_mail_software_are_known() {
        for label in ["cp1251", "\"UTF8\"", "latin-2", "ks_c_5601-1987", "ibm866", "cp932"] {
            assert!(lookup(&clean_label(label)).is_some(), "{label}");
        }
        for label in ["utf-7", "unicode-1-1-utf-7"] {
            assert_eq!(decode(b"Hi Mom +Jjo-!", Some(label)), "Hi Mom \u{263a}!");
        }
    }
}

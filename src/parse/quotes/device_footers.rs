//! Lines that devices and mail programs add under a letter: "Sent from my iPhone".
//!
//! Known by their form: short, "sent" or "from my" in front, what it was sent from behind it, and no sentence going on.

use std::sync::LazyLock;

use crate::parse::phrase_set::{Stems, fold};
use crate::parse::phrases::{FETCH, FROM_MY, GET, JOINS, NOTICES, OF_ME, PROGRAMS, SENT, SENT_LAST, THINGS, WHOLE};

/// Characters of such a line.
const MAX_LINE: usize = 160;
/// Words of it before its first full stop.
const MAX_WORDS: usize = 14;
/// Words of a line without a verb.
const MAX_BARE: usize = 6;
/// Words in front of the device.
const MAX_BEFORE: usize = 8;
/// Words behind a comma: "sorry for typos".
const MAX_EXCUSE: usize = 5;
/// Words of a line under it that can belong to it.
const MAX_UNDER: usize = 5;
/// Systems that programs are made for.
const SYSTEMS: [&str; 7] = ["ios", "android", "iphone", "ipad", "mac", "windows", "iphone/ipad"];

static SENT_STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&SENT));
static SENT_ENDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&SENT_LAST));
static FROM_MY_STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&FROM_MY));
static GET_STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&GET));
static FETCH_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&FETCH));
static WHOLES: LazyLock<Stems> = LazyLock::new(|| Stems::new(&WHOLE));
static JOIN_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&JOINS));
static MY_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&OF_ME));
static THING_STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&THINGS));
static PROGRAM_NAMES: LazyLock<Stems> = LazyLock::new(|| Stems::new(&PROGRAMS));
static NOTICE_STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&NOTICES));

/// Whether a line is one that a device or a program adds.
pub fn is_device_line(line: &str) -> bool {
    let line =
        line.trim().trim_matches(['*', '_', '-', ' ', '[', ']', '(', ')', '“', '"', '<', '>', '«', '»', '~', '/']);
    if line.is_empty() || line.len() > 4 * MAX_LINE || line.chars().count() > MAX_LINE || line.ends_with('?') {
        return false;
    }
    // The program's name often is a link: `Sent from Mail <https://…> for Windows`.
    let linked = line.split_once(" <http").and_then(|(head, tail)| Some((head, tail.split_once('>')?.1)));
    let unlinked;
    let line = match linked {
        Some((head, tail)) if !tail.is_empty() => {
            unlinked = format!("{head}{tail}");
            unlinked.as_str()
        }
        Some(_) | None => line,
    };
    let folded = fold(line);
    let folded = folded.strip_prefix("disclaimer: ").unwrap_or(&folded);
    if WHOLES.begin(folded) || offers_itself(folded) || ends_as_sent(folded) {
        return true;
    }
    // Android's standard letters excuse themselves, before or after.
    let excuse = ["excuse", "brevity", "typos"].iter().any(|word| folded.contains(word));
    let mut sentences = line.split(". ").take(if excuse { 2 } else { 1 });
    let alone = excuse || !line.contains(". ");
    sentences.any(|sentence| is_sent_from(sentence, alone))
}

/// `alone`: whether no sentence follows on the line.
fn is_sent_from(line: &str, alone: bool) -> bool {
    let folded = fold(line);
    let folded = folded.strip_prefix("excuse brevity, ").unwrap_or(&folded);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let bare = FROM_MY_STEMS.begin(folded) && words.len() <= MAX_BARE;
    // What was sent to a device did not come from it.
    let to = words.get(1) == Some(&"to");
    if to || words.len() > MAX_WORDS || !(bare || SENT_STEMS.begin(folded)) {
        return false;
    }
    let written: Vec<&str> = line.split_whitespace().collect();
    let written = written.get(written.len().saturating_sub(words.len())..).unwrap_or_default();
    if let Some(at) = words.iter().position(|word| is_thing(word)) {
        return at > 0 && at <= MAX_BEFORE && ends_after(&words, written, at) || (at == 0 && words.len() == 1);
    }
    if !folded.is_ascii() && folded.chars().any(|c| c > '\u{2e80}') {
        return THING_STEMS.stand_in(folded);
    }
    let capital = |word: &&&str| word.starts_with(char::is_uppercase) || word.starts_with(|c: char| c.is_ascii_digit());
    // `Sent from my Zorbi 7`: a name that we do not know and nothing else.
    let my = words.iter().position(|word| MY_WORDS.are(word));
    let named = my.and_then(|my| written.get(my + 1..)).unwrap_or_default();
    let owned = (1..=4).contains(&named.len()) && named.iter().all(|word| capital(&word)) && !line.contains(',');
    // `Sent from Mailbird`. "Sent from the Warsaw shop" is a sentence, and so is "Sent via DHL".
    let little = ["sent", "from", "for", "on", "em", "the", "app"];
    let titled = alone
        && folded.starts_with("sent from ")
        && words.len() <= MAX_BARE
        && !folded.ends_with('.')
        && written.iter().all(|word| capital(&word) || little.contains(&word.to_lowercase().as_str()))
        && !line.contains(',');
    let mail = words.len() <= MAX_BARE && written.iter().any(|word| *word == "Mail" || *word == "Почты");
    titled || owned || mail
}

/// Whether nothing but the further name of a device, a clause of the network or an excuse follows the thing at `at`.
fn ends_after(words: &[&str], written: &[&str], at: usize) -> bool {
    let mut index = at;
    let stops =
        |index: usize| words.get(index).is_some_and(|word| word.ends_with([',', '.', ';', ':', '-', '–', ')', '!']));
    let named = |index: usize| {
        written.get(index).is_some_and(|word| {
            word.starts_with(char::is_uppercase) && *word != "I"
                || word.contains(|c: char| c.is_ascii_digit())
                || !word.contains(char::is_alphabetic)
        }) || words.get(index).is_some_and(|word| is_thing(word))
    };
    // `Outlook for Android`: what it runs on stands a word or two behind.
    let further =
        |index: usize| (index + 2..=index + 3).find(|&next| words.get(next).is_some_and(|word| is_thing(word)));
    while !stops(index) && index + 1 < words.len() {
        match further(index) {
            _ if named(index + 1) => index += 1,
            Some(next) => index = next,
            None => break,
        }
    }
    let rest = words.get(index + 1..).unwrap_or_default();
    // `Sent with Proton Mail secure email`.
    let program = words.iter().take(at + 1).any(|word| PROGRAM_NAMES.are(word));
    match rest.first() {
        None => true,
        Some(_) if stops(index) => rest.len() <= MAX_EXCUSE,
        Some(next) => {
            rest.len() <= if program { 2 } else { 1 }
                || JOIN_WORDS.are(next.trim_matches(|c: char| !c.is_alphabetic())) && rest.len() <= MAX_BEFORE
        }
    }
}

/// Whether a folded word names a device or a mail program.
fn is_thing(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    // Grammar bends the last of these names: `iphone'a`.
    let bare = word.split(['\'', '’']).next().unwrap_or_default();
    PROGRAM_NAMES.are(word) || THING_STEMS.stand_in(word) || bare.ends_with("phone")
}

/// "Get Outlook for iOS": few words and nothing else.
fn offers_itself(folded: &str) -> bool {
    if !GET_STEMS.begin(folded) {
        return false;
    }
    let words: Vec<&str> =
        folded.split(|c: char| !(c.is_alphanumeric() || c == '/')).filter(|word| !word.is_empty()).collect();
    if words.len() > 20 {
        return false;
    }
    let system = SYSTEMS
        .iter()
        .any(|system| words.iter().any(|word| word.starts_with(system)) || folded.contains(&format!("{system}版")));
    let app =
        folded.contains("outlook") || folded.contains("yahoo mail") || words.iter().any(|word| PROGRAM_NAMES.are(word));
    let short = words.len() <= 10 && !folded.trim_end_matches(['.', '!']).contains(['.', ',', '!', '?'])
        || folded.contains("http");
    // "Outlook für Windows funktioniert nicht" begins with the program.
    let named_first = folded.starts_with("outlook") && words.len() > 3;
    app && system && short && (!named_first || FETCH_WORDS.stand_in(folded))
}

/// A line that names a device and ends in "sent from", as languages do that put the verb last.
fn ends_as_sent(folded: &str) -> bool {
    let ended = folded.trim_end_matches('.');
    let words = || folded.split_whitespace();
    let thing = || words().any(is_thing) || THING_STEMS.stand_in(folded);
    words().count() <= MAX_BARE && SENT_ENDS.end(ended) && thing()
}

/// Whether a line can stand under such a line and still be no words of the writer: a few words, a notice of the office.
pub fn stands_under(line: &str) -> bool {
    line.split_whitespace().count() <= MAX_UNDER && !line.trim_end().ends_with('?')
        || is_notice(line)
        || is_device_line(line)
}

/// Whether a line is of the notices that offices put under every mail.
pub fn is_notice(line: &str) -> bool {
    NOTICE_STEMS.stand_in(&fold(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_devices_and_programs_write_is_known() {
        for line in [
            "Sent from my iPhone",
            "Sent from Mailbird",
            "Sent from Workspace ONE Boxer",
            "Sent from eM Client for Windows",
            "Sent via the Samsung Galaxy S22 5G, an AT&T 5G smartphone",
            "Sent from Mail<https://go.example/?id=1> for Windows",
            "Please excuse the brevity. Sent from mobile.",
            "Wysłane z mojego urządzenia Android za pomocą K-9 Mail. Proszę wybaczyć moją zwięzłość.",
            "Отправлено из мобильной Яндекс Почты",
            "Надіслано з мого Galaxy",
            "Von meinem iPhone gesendet",
            "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
            "Outlook voor Android downloaden",
            "Android 版 Outlook を入手する",
            "Get Outlook for iOS<https://aka.example/o0ukef>",
            "나의 iPhone에서 보냄",
            "发自我的iPhone",
            "Elküldve az iPhone-omról",
        ] {
            assert!(is_device_line(line), "{line}");
        }
    }

    #[test]
    fn sentences_that_begin_like_them_are_a_writers() {
        for line in [
            "Sent by courier on Monday, nothing came.",
            "Sent from my iPhone is under all your mails. How do I stop that?",
            "Sent from my iPad pictures do not reach you",
            "Sent via DHL, number 12345.",
            "Sent from the Warsaw shop on 3 Nov.",
            "Sent from Warsaw. The parcel number is 12345.",
            "Sent from my old address, the new one is below.",
            "Sent with the wrong invoice again.",
            "Wysłane z Krakowa w poniedziałek, nadal brak.",
            "Wysłano za pomocą InPost.",
            "Отправлено с другого адреса, старый не работает.",
            "Надіслано з Києва 3 листопада.",
            "Von meinem Telefon aus kann ich nicht bestellen",
            "Gesendet mit DHL, Nummer 12345.",
            "Envoyé avec la facture.",
            "Outlook für Windows funktioniert nicht",
            "Download the Outlook file for me, please. It is for Windows, and I cannot open it.",
            "Ipinadala mula sa Cebu noong Lunes.",
        ] {
            assert!(!is_device_line(line), "{line}");
        }
    }
}

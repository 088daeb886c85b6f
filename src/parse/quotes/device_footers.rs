//! Lines that devices and mail programs add under a letter: "Sent from my iPhone".
//!
//! "Sent by courier on Monday" begins like one, so a line counts only when it names what it was sent from.

use crate::parse::phrases_device::{GET_APP, SENT_FROM, SENT_FROM_END, WHOLE};
use crate::parse::phrases_things::{DISCLAIMERS, PROGRAMS, THINGS};

/// Characters of such a line.
const MAX_LINE: usize = 160;
/// Words of it before its first full stop.
const MAX_WORDS: usize = 14;
/// Words of a line under it that can belong to it.
const MAX_UNDER: usize = 5;
/// Systems that programs are made for.
const SYSTEMS: [&str; 7] = ["ios", "android", "iphone", "ipad", "mac", "windows", "iphone/ipad"];

/// Whether a line is one that a device or a program adds.
pub fn is_device_line(line: &str) -> bool {
    let line = line.trim().trim_matches(['*', '_', '-', ' ', '[', ']', '(', ')', '“', '"']);
    if line.chars().count() > MAX_LINE || line.ends_with('?') {
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
    let lower = line.to_lowercase();
    if WHOLE.iter().any(|start| lower.starts_with(start)) || offers_itself(&lower) || ends_as_sent(&lower) {
        return true;
    }
    // Android's standard letters excuse themselves, before or after.
    let excuse = ["excuse", "brevity", "typos"].iter().any(|word| lower.contains(word));
    let sentences = lower.split(". ").zip(line.split(". ")).take(if excuse { 2 } else { 1 });
    let alone = excuse || !lower.contains(". ");
    sentences.into_iter().any(|(lower, line)| is_sent_from(lower, line, alone))
}

/// `alone`: whether no sentence follows on the line.
fn is_sent_from(lower: &str, line: &str, alone: bool) -> bool {
    let lower = lower.strip_prefix("excuse brevity, ").unwrap_or(lower);
    let Some(start) = SENT_FROM.iter().find(|start| lower.starts_with(**start)) else { return false };
    let words = lower.split_whitespace().count();
    if words > MAX_WORDS {
        return false;
    }
    if goes_on(lower) {
        return false;
    }
    // "Sent from my desk, which is easier" is a sentence.
    let owned = lower.strip_prefix("sent from my ").zip(line.get("sent from my ".len()..));
    if owned.is_some_and(|(lower, line)| {
        !names_thing(&first_words(lower), &first_words(line)) && !first_words(line).contains(char::is_uppercase)
    }) {
        return false;
    }
    // The verb stands last in German.
    if *start == "von meinem " && !lower.contains("gesendet") && !lower.contains("geschickt") {
        return false;
    }
    // `Sent from Mailbird`: a name and nothing else. "Sent from the Warsaw shop" is a sentence, and so is "Sent via DHL".
    let little = ["sent", "from", "for", "on", "em", "the", "app"];
    let name = |word: &str| word.starts_with(char::is_uppercase) || little.contains(&word.to_lowercase().as_str());
    let titled = alone
        && lower.starts_with("sent from ")
        && words <= 6
        && !lower.ends_with('.')
        && line.split_whitespace().all(name)
        && !line.contains(',');
    titled || names_thing(lower, line)
}

/// "Sent from my iPad photos never arrive": whether a sentence goes on behind a device that has no further name.
fn goes_on(lower: &str) -> bool {
    const TAILS: [&str; 17] = [
        "using", "via", "on", "with", "please", "so", "and", "by", "over", "through", "for", "excuse", "sorry",
        "pardon", "device", "mobile", "app",
    ];
    let rest = ["sent from my iphone ", "sent from my ipad "].iter().find_map(|device| lower.strip_prefix(device));
    let mut words = rest.unwrap_or_default().split_whitespace();
    let known = words.next().is_none_or(|word| TAILS.contains(&word) || !word.starts_with(char::is_alphabetic));
    !known && words.count() >= 2
}

fn first_words(text: &str) -> String {
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Whether a device or a mail program is named.
fn names_thing(lower: &str, line: &str) -> bool {
    let edge = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '+'));
    let named = |word: &str| {
        let word = word.trim_matches('.');
        PROGRAMS.contains(&word) || THINGS.iter().any(|stem| word.starts_with(stem))
    };
    let mail =
        || lower.split_whitespace().count() <= 6 && line.split(edge).any(|word| word == "Mail" || word == "Почты");
    // Grammar bends the last of these names, and some scripts stand close to them.
    lower.split(edge).any(named)
        || ["iphon", "ipad", "android", "手机", "手機", "携帯", "スマホ", "iphon", "ipad", "android"]
            .iter()
            .any(|thing| lower.contains(thing))
        || mail()
}

/// "Get Outlook for iOS": few words and nothing else.
fn offers_itself(lower: &str) -> bool {
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '/')).filter(|word| !word.is_empty()).collect();
    let system = SYSTEMS
        .iter()
        .any(|system| words.iter().any(|word| word.starts_with(system)) || lower.contains(&format!("{system}版")));
    let app =
        lower.contains("outlook") || PROGRAMS.iter().any(|app| words.contains(app)) || lower.contains("yahoo mail");
    let short = words.len() <= 10 && !lower.trim_end_matches(['.', '!']).contains(['.', ',', '!', '?'])
        || lower.contains("http");
    let start = GET_APP.iter().find(|start| lower.starts_with(**start));
    // "Outlook für Windows funktioniert nicht" begins with the program.
    let named_first = start.is_some_and(|start| start.starts_with("outlook")) && words.len() > 3;
    let fetched = ["herunterladen", "holen", "laden", "beziehen", "abrufen", "downloaden", "ophalen"]
        .iter()
        .any(|verb| lower.contains(verb));
    app && system && short && start.is_some() && words.len() <= 20 && (!named_first || fetched)
}

/// A line that names a device and ends in "sent from", as languages do that put the verb last.
fn ends_as_sent(lower: &str) -> bool {
    let ended = lower.trim_end_matches('.');
    SENT_FROM_END.iter().any(|end| ended.ends_with(end))
        && lower.split_whitespace().count() <= 6
        && names_thing(lower, "")
}

/// Whether a line can stand under such a line and still be no words of the writer: a few words, a notice of the office.
pub fn stands_under(line: &str) -> bool {
    line.split_whitespace().count() <= MAX_UNDER && !line.trim_end().ends_with('?')
        || is_notice(line)
        || is_device_line(line)
}

/// Whether a line is of the notices that offices put under every mail.
pub fn is_notice(line: &str) -> bool {
    let lower = line.to_lowercase();
    DISCLAIMERS.iter().any(|words| lower.contains(words))
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

//! Where the signature of a text begins.
//!
//! Three kinds: under the separator `-- `, a line that a device adds, and a closing ("Kind regards") with an address
//! block or a name under it. "Thanks, Anna" stays: it says something.

use super::device::{is_device_line, is_notice, stands_under};
use super::phrases_closings::CLOSINGS;

/// Lines under `-- ` that may be a signature.
pub const MAX_SIGNATURE: usize = 40;
/// Lines under a closing that may be an address block.
const MAX_BLOCK: usize = 14;
/// Words of a line that says something.
const MIN_SENTENCE: usize = 4;

/// Cuts `text` into the words and the signature under them (without its separator).
pub fn cut(text: &str) -> (&str, &str) {
    let lines: Vec<&str> = text.split('\n').collect();
    let Some((start, skip)) = find(&lines) else { return (text, "") };
    let before: usize = lines.iter().take(start).map(|line| line.len() + 1).sum();
    let from: usize = lines.iter().take(start + skip).map(|line| line.len() + 1).sum();
    (text.get(..before.min(text.len())).unwrap_or(text), text.get(from.min(text.len())..).unwrap_or_default())
}

/// First line of the signature and the lines of its separator.
fn find(lines: &[&str]) -> Option<(usize, usize)> {
    let filled: Vec<usize> =
        (0..lines.len()).filter(|&index| lines.get(index).is_some_and(|line| !line.trim().is_empty())).collect();
    let last = *filled.last()?;
    let separator = lines
        .iter()
        .enumerate()
        .take(last + 1)
        .find(|(index, line)| is_separator(line) && last - index <= MAX_SIGNATURE && signs_under(lines, *index))
        .map(|(index, _)| index);
    let device =
        filled.iter().rev().take(6).copied().find(|&index| lines.get(index).is_some_and(|line| is_device_line(line)));
    // Whoever writes on under the line of the device is no signature.
    let device = device.filter(|&at| {
        let mut under = filled.iter().filter(|&&index| index > at).filter_map(|&index| lines.get(index));
        under.all(|line| stands_under(line) || has_contact(line) || is_separator(line) || is_person(line.trim()))
    });
    // What stands under a separator says nothing about a closing above it.
    let above = separator.or(device).unwrap_or(lines.len());
    let above: Vec<usize> = filled.iter().copied().filter(|&index| index < above).collect();
    let block = closing_block(lines, &above);
    let named = [dashed_name(lines, &above), closing_name(lines, &above)].into_iter().flatten().map(|at| (at, 0));
    let marked = [separator.map(|at| (at, 1)), device.map(|at| (at, 0)), block.map(|at| (at, 0))];
    marked.into_iter().flatten().chain(named).min()
}

/// Whether what stands under a separator can be a signature. Underscores also part one section of a text from the next, so
/// under them there has to be a name or where to find somebody; so do bare dashes, unless under them somebody speaks.
fn signs_under(lines: &[&str], index: usize) -> bool {
    let separator = lines.get(index).copied().unwrap_or_default();
    if separator == "-- " {
        return true;
    }
    // A long dash alone parts two paragraphs as well.
    if !separator.contains(['_', '—', '–']) {
        return !speaks(lines.get(index + 1..).unwrap_or_default());
    }
    let mut under = lines.iter().skip(index + 1).map(|line| line.trim()).filter(|line| !line.is_empty());
    under.clone().next().is_none_or(is_person) || under.any(|line| has_contact(line) || is_device_line(line))
}

/// Whether lines under a separator that no program wrote are a section of the text: they ask something, begin with a heading
/// or an item of a list, or end as a letter does.
fn speaks(lines: &[&str]) -> bool {
    let filled: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let words = |line: &str| line.split_whitespace().count();
    let says = |line: &&str| words(line) >= MIN_SENTENCE && !has_contact(line) && !is_notice(line);
    let asks = filled.iter().any(|line| line.ends_with('?') && says(line));
    let second = filled.get(1).is_some_and(says);
    let heads = filled.first().is_some_and(|line| line.ends_with(':') && words(line) >= 2 && second);
    let lists = filled.first().is_some_and(|line| says(line) && is_item(line));
    let sentence = filled.iter().position(|line| says(line) && line.ends_with(['.', '!', ',', ';', ':']));
    let closes = sentence.is_some_and(|at| filled.iter().skip(at + 1).any(|line| is_closing(line)));
    asks || heads || lists || closes
}

/// `1. …`, `2) …`, `Step 3: …`.
fn is_item(line: &str) -> bool {
    let mut words = line.split_whitespace().take(2);
    words.any(|word| {
        let number = word.trim_end_matches(['.', ')', ':']);
        number.len() < word.len() && (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A name after a dash on the last line (`-anna`, `- Anna Nowak`), or under a line of three dashes.
fn dashed_name(lines: &[&str], filled: &[usize]) -> Option<usize> {
    let at = |back: usize| filled.len().checked_sub(back).and_then(|index| filled.get(index)).copied();
    let line = |index: usize| lines.get(index).map(|line| line.trim()).unwrap_or_default();
    let (last, above) = (at(1)?, at(2)?);
    let is_name = |name: &str| {
        let name = name.strip_suffix('.').unwrap_or(name);
        let words: Vec<&str> = name.split_whitespace().collect();
        let letters = name.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '.' || c == '\'');
        let capital = words.iter().all(|word| word.starts_with(char::is_uppercase));
        letters && (words.len() == 1 || (words.len() <= 3 && capital)) && (2..=30).contains(&name.chars().count())
    };
    if line(above) == "---" && is_name(line(last)) {
        return Some(above);
    }
    let dashed = line(last).strip_prefix('-')?.trim_start_matches('-');
    let name = dashed.trim();
    // `- red` after "Sizes" is an item; after a full sentence it signs.
    if dashed.starts_with(' ') && !line(above).ends_with(['.', '!', '?', ',', ')']) {
        return None;
    }
    // In a list a dash is a bullet.
    let list = line(above).starts_with('-') || line(above).ends_with(':');
    (is_name(name) && !list).then_some(last)
}

/// A formal closing with a name under it and nothing else: "Pozdrawiam, / Anna". "Thanks, / Anna" says something.
fn closing_name(lines: &[&str], filled: &[usize]) -> Option<usize> {
    let line = |index: usize| lines.get(index).map(|line| line.trim()).unwrap_or_default();
    (2..=3).find_map(|back| {
        let at = *filled.get(filled.len().checked_sub(back)?)?;
        let names = filled.iter().filter(|&&index| index > at).all(|&index| is_person(line(index)));
        let thanks = ["thank", "cheers", "best wishes", "dzięk", "спасибо", "merci", "danke"];
        let formal = is_closing(line(at)) && !thanks.iter().any(|word| line(at).to_lowercase().starts_with(word));
        (formal && names && filled.first() != Some(&at)).then_some(at)
    })
}

/// One to four words in capitals' first letters, no sentence.
fn is_person(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    (1..=4).contains(&words.len())
        && words.iter().all(|word| word.starts_with(char::is_uppercase))
        && line.chars().all(|c| c.is_alphabetic() || " .-'’,".contains(c))
        && line.chars().count() <= 40
}

/// `-- `, and what remains of it when white space was cut off.
fn is_separator(line: &str) -> bool {
    let line = line.trim_end();
    matches!(line, "--" | "—" | "–" | "- --") || (line.len() >= 10 && line.bytes().all(|byte| byte == b'_'))
}

/// A closing with an address block of short lines under it, at the end.
fn closing_block(lines: &[&str], filled: &[usize]) -> Option<usize> {
    let tail: Vec<usize> = filled.iter().rev().take(MAX_BLOCK + 1).copied().collect();
    let at = *tail.iter().find(|&&index| lines.get(index).is_some_and(|line| is_closing(line)))?;
    let under: Vec<&str> = filled
        .iter()
        .filter(|&&index| index > at)
        .filter_map(|&index| lines.get(index))
        .map(|line| line.trim())
        .collect();
    let short = under.iter().all(|line| line.chars().count() <= 100 || line.contains("http") || is_notice(line));
    let contact = under.iter().any(|line| has_contact(line));
    let more = under.iter().any(|line| is_postscript(line) || asks(line));
    (under.len() >= 2 && short && contact && !more).then_some(at)
}

/// "PS: …": the writer goes on under his signature.
fn is_postscript(line: &str) -> bool {
    let letters: String = line.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}')).take(3).collect();
    let letters = letters.to_lowercase();
    let known = letters.starts_with("ps") || letters.starts_with("пс") || letters.starts_with("nb");
    known && (letters.ends_with([':', '-', ',']) || line.get(..5).is_some_and(|start| start.contains('.')))
}

/// A question of several words.
fn asks(line: &str) -> bool {
    line.ends_with('?') && line.split_whitespace().count() >= MIN_SENTENCE && !is_notice(line)
}

fn is_closing(line: &str) -> bool {
    let lower =
        line.trim().trim_end_matches([',', '.', '!', ' ', ';', '*']).trim_start_matches(['*', ' ']).to_lowercase();
    CLOSINGS.contains(&lower.as_str())
}

/// A phone number, an address of the web or of mail.
fn has_contact(line: &str) -> bool {
    let digits: usize = line.split_whitespace().map(phone_digits).sum();
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let lower = line.to_lowercase();
    (digits >= 7 && letters <= 20 && !is_data(&lower))
        || lower.contains("www.")
        || lower.contains("http")
        || (line.contains('@') && line.contains('.'))
}

/// The digits of a word that can be of a telephone's number: `FV/4711/2026` and `3.11.2026` are none.
fn phone_digits(word: &str) -> usize {
    // `Tel:+48…` is a telephone's.
    let word = word.rsplit(':').next().unwrap_or_default();
    if word.contains('/') && word.contains(char::is_alphabetic) {
        return 0;
    }
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let fields = || word.split(['.', '/', '-']);
    let year = |field: &str| field.len() == 4 && (field.starts_with("19") || field.starts_with("20"));
    let date = fields().count() == 3 && fields().any(year) && fields().all(|field| field.len() <= 2 || year(field));
    if date { 0 } else { word.chars().filter(char::is_ascii_digit).count() }
}

/// `Serial: AB-12345678`: a number under a name that is no telephone's.
fn is_data(lower: &str) -> bool {
    const PHONES: [&str; 12] =
        ["tel", "pho", "mob", "cel", "fax", "gsm", "what", "handy", "kont", "cont", "direct", "kom"];
    lower.split_once(':').is_some_and(|(name, _)| {
        let name = name.trim();
        let word = name.len() > 3 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        word && !PHONES.iter().any(|phone| name.starts_with(phone))
    })
}

/// Whether everything from a line on is a signature: `-- ` or what a device adds.
pub fn is_signature_start(line: &str) -> bool {
    is_separator(line) || is_device_line(line)
}

/// Whether a line only closes or signs: "Regards, Anna", "-- ", a device line.
pub fn is_greeting(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let closes = CLOSINGS.iter().any(|closing| {
        lower.strip_prefix(closing).is_some_and(|rest| {
            rest.is_empty() || (rest.starts_with([',', ' ', '!', '.']) && rest.chars().count() < 40)
        })
    });
    closes || is_signature_start(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, words: &str, signature: &str) {
        let (a, b) = cut(text);
        assert_eq!((a.trim(), b.trim()), (words, signature), "{text}");
    }

    #[test]
    fn the_separator_starts_the_signature() {
        check("Hello\n-- \nAnna\nShop", "Hello", "Anna\nShop");
        check("a\n----\nb", "a\n----\nb", "");
        check("Hello\n—\nAnna Nowak", "Hello", "Anna Nowak");
        check("The lamp hums.\n—\nThe box was open", "The lamp hums.\n—\nThe box was open", "");
        check("Hello\n--\nAnna Nowak\nLamps that never go out.", "Hello", "Anna Nowak\nLamps that never go out.");
        check("Hello\n--\nBest regards,\nAnna", "Hello", "Best regards,\nAnna");
        check("Hello\n--\nAnna\nPlease do not print this mail.", "Hello", "Anna\nPlease do not print this mail.");
    }

    #[test]
    fn bare_dashes_between_two_sections_are_no_separator() {
        for section in [
            "Order 2:\nthe chair came without its screws",
            "The chair came without screws. Can you send them to my new address?",
            "Step 1: open the box\nStep 2: read the manual",
            "2) the chair has no screws",
            "And the chair came without its screws.\n\nKind regards,\nEwa",
        ] {
            let text = format!("Order 1: broken.\n--\n{section}");
            let (words, _) = cut(&text);
            assert!(words.contains("chair") || words.contains("Step 2"), "{text}");
            check(&format!("Broken.\n-- \n{section}"), "Broken.", section);
        }
    }

    #[test]
    fn device_lines_are_signatures() {
        check("Hello\n\nSent from my iPhone\n", "Hello", "Sent from my iPhone");
        check("Witam\n\nWysłane z iPhone'a", "Witam", "Wysłane z iPhone'a");
        check(
            "I saw what you sent from my account yesterday, please check it again",
            "I saw what you sent from my account yesterday, please check it again",
            "",
        );
    }

    #[test]
    fn a_formal_closing_with_a_name_or_an_address_block_is_a_signature() {
        check("Hello\n\nThanks,\nAnna", "Hello\n\nThanks,\nAnna", "");
        check("Hello\n\nBest regards,\nAnna", "Hello", "Best regards,\nAnna");
        check("Best regards,\nAnna", "Best regards,\nAnna", "");
        for more in ["PS: I moved, write to kim@y.example.", "P.S. I moved.", "Can you call me there?"] {
            let text = format!("Hello\n\nBest regards,\nAnna\n+48 22 123 45 67\n{more}");
            check(&text, &text, "");
        }
        let data = "As you asked.\n\nRegards\n\nOrder: 4711\nSerial: AB-12345678\nLamp: red";
        check(data, data, "");
        check("Sizes\n- red", "Sizes\n- red", "");
        check("See you.\n- anna", "See you.", "- anna");
        check("Which sizes:\n- red", "Which sizes:\n- red", "");
        check(
            "Hello\n\nPozdrawiam,\nAnna Nowak\ntel. +48 22 123 45 67",
            "Hello",
            "Pozdrawiam,\nAnna Nowak\ntel. +48 22 123 45 67",
        );
    }
}

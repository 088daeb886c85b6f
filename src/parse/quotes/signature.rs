//! Where the signature of a text begins.
//!
//! Three kinds: under the separator `-- `, a line that a device adds, and a closing ("Kind regards") with an address
//! block or a name under it. "Thanks, Anna" stays: it says something, and so does what stands below a signature: a postscript,
//! a question, the number of an order, a mail that is passed on.

use crate::parse::phrase_set::{Stems, fold};
use crate::parse::phrases::{CLOSING_LINES, CLOSINGS, MATTERS, THANKS};
use std::sync::LazyLock;

use crate::parse::quotes::attribution::{self, Certainty};
use crate::parse::quotes::device_footers::{is_device_line, is_notice, stands_under};
use crate::parse::quotes::labels::unknown_block;

/// Lines under `-- ` that may be a signature.
pub const MAX_SIGNATURE: usize = 40;
/// Lines under a closing that may be an address block.
const MAX_BLOCK: usize = 14;
/// Lines under a row of underscores that may be a signature.
const MAX_UNDER_ROW: usize = 7;
/// Filled lines from that of a device on to the end.
const MAX_UNDER_DEVICE: usize = 6;
/// Bytes of a line that can begin a mail.
const MIN_MARK: usize = 5;
/// Words of a line that says something.
const MIN_SENTENCE: usize = 4;

/// Signs in front of a name.
const SIGNS: [char; 5] = ['-', '/', '~', '*', '|'];
/// Bytes of a closing line.
const MAX_CLOSING: usize = 80;
/// Words of it.
const MAX_CLOSING_WORDS: usize = 5;
/// Characters of the name behind it.
const MAX_CLOSING_NAME: usize = 40;
/// The sign of a plug-in that counts who opens a mail, on a line of its own.
const PLUGIN: &str = "\u{1427}";

static CLOSING_STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&CLOSINGS));
static CLOSING_WHOLES: LazyLock<Stems> = LazyLock::new(|| Stems::new(&CLOSING_LINES));
static THANKING: LazyLock<Stems> = LazyLock::new(|| Stems::new(&THANKS));
static MATTER_STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&MATTERS));

/// A text taken apart at its signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The words above it.
    pub words: &'a str,
    /// The signature without its separator.
    pub signature: &'a str,
    /// What the writer added below it.
    pub more: &'a str,
}

/// Cuts `text` into the words and the signature under them.
pub fn cut(text: &str) -> Cut<'_> {
    let end = text.trim_end();
    // Nobody wrote it.
    let text = end.strip_suffix(PLUGIN).filter(|rest| rest.is_empty() || rest.ends_with('\n')).unwrap_or(text);
    let lines: Vec<&str> = text.split('\n').collect();
    let whole = Cut { words: text, ..Cut::default() };
    // A mail that is passed on is what the writer has to say, with all that stands above it.
    if holds_mail(&lines) {
        return whole;
    }
    let Some((start, skip)) = find(&lines) else { return whole };
    let at = |line: usize| {
        let before: usize = lines.iter().take(line).map(|line| line.len() + 1).sum();
        before.min(text.len())
    };
    let added = (start + skip + 1..lines.len()).find(|&index| goes_on(&lines, index));
    let end = added.map_or(text.len(), at);
    Cut {
        words: text.get(..at(start)).unwrap_or(text),
        signature: text.get(at(start + skip)..end).unwrap_or_default(),
        more: text.get(end..).unwrap_or_default(),
    }
}

/// Whether the writer goes on in a line below their signature: with a postscript, or with a question or what the mail is about
/// in a paragraph of its own.
fn goes_on(lines: &[&str], index: usize) -> bool {
    let line = lines.get(index).map(|line| line.trim()).unwrap_or_default();
    let apart = index.checked_sub(1).and_then(|above| lines.get(above)).is_some_and(|above| above.trim().is_empty());
    is_postscript(line) || (apart && (asks(line) || is_matter(line)))
}

/// Whether another mail stands in the text: below a mark, or below its headers.
fn holds_mail(lines: &[&str]) -> bool {
    let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or_default();
    // At the top they are those of the text itself, which somebody pasted.
    (first + 1..lines.len()).any(|index| {
        let rest = lines.get(index..).unwrap_or_default();
        let line = rest.first().copied().unwrap_or_default();
        if line.len() < MIN_MARK {
            return false;
        }
        let ruled = || line.trim_start().starts_with("--") && begins_mail(line);
        attribution::mark(line).is_some()
            || ruled()
            || (attribution::label(line).is_some() && attribution::header_block(rest).is_some())
            || unknown_block(rest)
            || (line.contains([':', '@'])
                && attribution::attribution(rest).is_some_and(|(_, certainty)| certainty != Certainty::Weak))
    })
}

/// `----- Forwarded message ----- From: …` on one line, as Yahoo's apps write it.
fn begins_mail(line: &str) -> bool {
    let line = line.trim().trim_start_matches('-');
    let end = line.find("---").filter(|end| *end < 100);
    end.and_then(|end| line.get(..end)).is_some_and(|words| attribution::mark(&format!("---{words}---")).is_some())
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
    // Whoever writes on under the line of the device is no signature.
    let ends = |at: usize| {
        let mut under = filled.iter().filter(|&&index| index > at).filter_map(|&index| lines.get(index));
        under.all(|line| {
            (stands_under(line) && !is_sentence(line))
                || has_contact(line)
                || is_separator(line)
                || is_person(line.trim())
        })
    };
    let tail = filled.get(filled.len().saturating_sub(MAX_UNDER_DEVICE)..).unwrap_or_default();
    let is_device = |at: usize| lines.get(at).is_some_and(|line| is_device_line(line));
    let device = tail.iter().copied().find(|&at| is_device(at) && ends(at));
    // What stands under a separator says nothing about a closing above it.
    let above = separator.or(device).unwrap_or(lines.len());
    let above: Vec<usize> = filled.iter().copied().filter(|&index| index < above).collect();
    let block = closing_block(lines, &above);
    let named = [dashed_name(lines, &above), closing_name(lines, &above)].into_iter().flatten().map(|at| (at, 0));
    let marked = [separator.map(|at| (at, 1)), device.map(|at| (at, 0)), block.map(|at| (at, 0))];
    marked.into_iter().flatten().chain(named).min()
}

/// "The zip is broken.": some words with a stop behind them.
fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace().count();
    line.trim_end().ends_with(['.', '!']) && words > 2 && !is_notice(line) && !is_device_line(line)
}

/// Whether what stands under a separator can be a signature. Underscores also part one section of a text from the next, so
/// under them there has to be a name or where to find somebody; so do bare dashes, unless under them somebody speaks.
fn signs_under(lines: &[&str], index: usize) -> bool {
    let separator = lines.get(index).copied().unwrap_or_default();
    let below = || lines.iter().skip(index + 1).map(|line| line.trim()).filter(|line| !line.is_empty());
    // "Please call me:" goes on under the separator.
    let above = lines.iter().take(index).rev().map(|line| line.trim()).find(|line| !line.is_empty());
    let goes_on =
        above.is_some_and(|line| line.ends_with([':', '：']) && !is_greeting(line.trim_end_matches([':', '：'])));
    if goes_on
        && !below().next().is_some_and(|line| is_person(line) || is_person(line.split(',').next().unwrap_or(line)))
    {
        return false;
    }
    if separator == "-- " {
        return true;
    }
    // A long dash alone parts two paragraphs as well.
    let names =
        || below().next().is_none_or(is_person) || below().any(|line| has_contact(line) || is_device_line(line));
    if !separator.contains(['_', '—', '–']) {
        // What stands between two of them is a section, and so is what follows.
        let parted = lines.iter().take(index).any(|line| is_separator(line));
        return (!parted || names()) && !speaks(lines.get(index + 1..).unwrap_or_default());
    }
    // Sections of a form are parted by them too, and so is the whole of a letter from the next one.
    let rows = below().filter(|line| is_separator(line)).count();
    let fields = below().filter(|line| is_field(line)).count();
    if rows > 0 || fields > 1 || (separator.contains('_') && below().count() > MAX_UNDER_ROW) {
        return false;
    }
    names()
}

/// `Complaint: torn shoe`: a field of a form, and nothing by which one reaches somebody.
fn is_field(line: &str) -> bool {
    let name = line.split_once([':', '：']).map(|(name, value)| (name.trim(), value.trim()));
    name.is_some_and(|(name, value)| {
        // A number alone is a firm's as well.
        let said = value.split_whitespace().any(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 3);
        name.chars().count() >= 3 && name.split_whitespace().count() <= 4 && said && !has_contact(line)
    })
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

/// A name after one sign on the last line (`-anna`, `/ Anna Nowak`), or under a line of three dashes.
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
    let sign = line(last).chars().next().filter(|sign| SIGNS.contains(sign))?;
    let dashed = line(last).trim_start_matches(sign);
    let name = dashed.trim();
    // `/red` is a path, a name has a capital; and under a closing it belongs to that.
    if sign != '-' && (!name.starts_with(char::is_uppercase) || is_closing(line(above))) {
        return None;
    }
    // `- red` after "Sizes" is an item; after a full sentence it signs.
    if dashed.starts_with(' ') && !line(above).ends_with(['.', '!', '?', ',', ')']) {
        return None;
    }
    // In a list a dash is a bullet.
    let list = line(above).starts_with(sign) || line(above).ends_with(':');
    (is_name(name) && !list).then_some(last)
}

/// A formal closing with a name under it and nothing else: "Pozdrawiam, / Anna". "Thanks, / Anna" says something.
fn closing_name(lines: &[&str], filled: &[usize]) -> Option<usize> {
    let line = |index: usize| lines.get(index).map(|line| line.trim()).unwrap_or_default();
    (2..=3).find_map(|back| {
        let at = *filled.get(filled.len().checked_sub(back)?)?;
        let names = filled.iter().filter(|&&index| index > at).all(|&index| is_person(line(index)));
        let formal = is_closing(line(at)) && !THANKING.begin(&fold(line(at)));
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
    // A link into a site is what the mail is about.
    let contact = under.iter().any(|line| has_contact(line) && !is_deep_link(line));
    let more = under.iter().any(|line| is_postscript(line) || asks(line) || is_matter(line));
    (under.len() >= 2 && short && contact && !more).then_some(at)
}

/// `https://shop.example/shoes/17` and nothing else by which one reaches somebody.
fn is_deep_link(line: &str) -> bool {
    let Some((before, link)) = line.split_once("://") else { return false };
    let link = link.split_whitespace().next().unwrap_or_default();
    let path = link.split_once('/').map(|(_, path)| path.trim_end_matches(['/', '>'])).unwrap_or_default();
    !before.contains('@') && !path.is_empty()
}

/// "PS: …": the writer goes on under their signature.
fn is_postscript(line: &str) -> bool {
    let letters: String = line.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}')).take(3).collect();
    let letters = letters.to_lowercase();
    let known = ["ps", "пс", "зы", "nb"].iter().any(|mark| letters.starts_with(mark));
    let loud = ["PS ", "ПС ", "ЗЫ ", "PPS "].iter().any(|mark| line.starts_with(mark));
    loud || known && (letters.ends_with([':', '-', ',']) || line.get(..5).is_some_and(|start| start.contains('.')))
}

/// `Order 4711`, `Номер заказа: 4711`: what the mail is about, below the name of who wrote it.
fn is_matter(line: &str) -> bool {
    let short = line.split_whitespace().count() <= 8 && line.chars().any(|c| c.is_ascii_digit());
    short && MATTER_STEMS.stand_in(&fold(line))
}

/// A question of several words.
fn asks(line: &str) -> bool {
    line.ends_with('?') && line.split_whitespace().count() >= MIN_SENTENCE && !is_notice(line)
}

/// Whether a line closes a letter: "Kind regards,".
pub fn is_closing(line: &str) -> bool {
    // "Kind regards Flowers Ltd." is a name.
    let named = || {
        let mut words = line.split_whitespace().skip_while(|word| !CLOSING_STEMS.stand_in(&fold(word))).skip(1);
        words.any(|word| word.starts_with(char::is_uppercase))
    };
    line.len() <= MAX_CLOSING && closes(&fold(line)) && !named()
}

/// Whether folded words close a letter and do nothing else.
fn closes(folded: &str) -> bool {
    let folded = folded.trim_matches(|c: char| matches!(c, ',' | '.' | '!' | ' ' | ';' | '*' | '-' | '~'));
    if CLOSING_WHOLES.are(folded) {
        return true;
    }
    let words = folded.split_whitespace().count();
    words <= MAX_CLOSING_WORDS
        && !folded.contains(|c: char| c.is_ascii_digit() || matches!(c, ',' | '?' | ':' | '@'))
        && CLOSING_STEMS.stand_in(folded)
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
    let greets = || {
        let folded = fold(line);
        let (head, name) = folded.split_once([',', '!', '.']).unwrap_or((folded.as_str(), ""));
        (closes(head) || THANKING.begin(&folded)) && name.chars().count() < MAX_CLOSING_NAME
    };
    line.len() <= 2 * MAX_CLOSING && greets() || is_signature_start(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, words: &str, signature: &str) {
        let cut = cut(text);
        assert_eq!((cut.words.trim(), cut.signature.trim(), cut.more), (words, signature, ""), "{text}");
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
            let Cut { words, .. } = cut(&text);
            assert!(words.contains("chair") || words.contains("Step 2"), "{text}");
            check(&format!("Broken.\n-- \n{section}"), "Broken.", section);
        }
    }

    #[test]
    fn what_the_writer_adds_below_his_signature_is_no_part_of_it() {
        let ps = "Refund order 4711.\n-- \nPat Brown\n\nPS: I moved to Mill Lane 7.";
        let Cut { words, signature, more } = cut(ps);
        assert_eq!(
            (words.trim(), signature.trim(), more),
            ("Refund order 4711.", "Pat Brown", "PS: I moved to Mill Lane 7.")
        );
        for kept in [
            "Hello\n\nKind regards,\nPat Brown\nphone 600 100 200\nOrder 4711",
            "Dzień dobry\n\nPozdrawiam,\nJan\ntel. 600 100 200\nnr zamówienia: 4711",
            "Please call me:\n\n-- \n+48 600 100 200 (after 5 pm please)",
            "Problem:\n--\nThe app crashes at start\n--\nVersion 5",
            "Name: Pat\n____________\nComplaint: torn shoe\nPhone: 600 100 200\nWish: refund",
        ] {
            check(kept, kept, "");
        }
    }

    #[test]
    fn no_signature_reaches_over_a_mail_that_is_passed_on() {
        let head = "From: Courier <info@courier.example>\nSent: Thursday 9:14\nTo: Kim\nSubject: Parcel 99";
        for above in [
            "________________________________\n",
            "-----Original Message-----\n",
            "Kind regards,\nKim\ntel. 600 100 200\n\n",
            "Sent from my phone\n\n----- Forwarded message ----- From: \"Courier\" <info@courier.example>Sent: Thu\n",
            "-- \nKim\n\n",
        ] {
            let text = format!("Please see below.\n\n{above}{head}\n\nYour parcel was damaged.\n-- \nCourier team");
            check(&text, &text, "");
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

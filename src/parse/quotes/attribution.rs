//! Lines that introduce a quoted mail: "On … wrote:", "-----Original Message-----", a block of From/Sent/To/Subject.
//!
//! Only recognises; what to cut is decided in `reply`.

use std::sync::LazyLock;

use crate::model::text::beginning;

use crate::parse::phrase_set::{Words, fold};
use crate::parse::phrases::{BY, OPENERS, WROTE, WROTE_ME, WROTE_SELF};
use crate::parse::quotes::clause;
pub use crate::parse::quotes::dates::has_clock;
use crate::parse::quotes::dates::{has_date_shape, has_time, has_whole_date, has_year, in_our_digits};
pub use crate::parse::quotes::labels::{bare_label, drawn_block, header_block, label, sender_block};
pub use crate::parse::quotes::separators::{Mark, mark};

/// Lines that one attribution may take.
const MAX_LINES: usize = 6;
/// Characters that one attribution may have.
const MAX_CHARACTERS: usize = 500;

static WRITES: LazyLock<Words> = LazyLock::new(|| Words::new(&WROTE));
static WRITES_OF_SELF: LazyLock<Words> = LazyLock::new(|| Words::new(&WROTE_SELF));
static WRITES_TO_ME: LazyLock<Words> = LazyLock::new(|| Words::new(&WROTE_ME));
static OPENS: LazyLock<Words> = LazyLock::new(|| Words::new(&OPENERS));
static SENDERS: LazyLock<Words> = LazyLock::new(|| Words::new(&BY));

/// Bytes in which an attribution says that a date follows.
const MAX_OPENER: usize = 60;

/// How sure an attribution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It needs quoted lines after it.
    Weak,
    /// A date and a verb, but nobody's address: enough in a mail that answers another.
    Fair,
    /// It stands for itself: a date, a person's address, a verb or a program's form.
    Strong,
}

/// The number of lines of the attribution that starts at the first of `lines`.
pub fn attribution(lines: &[&str]) -> Option<(usize, Certainty)> {
    let (length, certainty) = longest(lines)?;
    let whole = lines.get(..length)?;
    let later =
        (1..length).any(|start| whole.split_at_checked(start).is_some_and(|(head, tail)| parts(head, tail, certainty)));
    (!later).then_some((length, certainty))
}

/// Whether `head` is the writer's and the attribution is `tail` alone: their last lines may well begin as attributions do, with
/// a number or with "On". `certainty` is that of both together.
fn parts(head: &[&str], tail: &[&str], certainty: Certainty) -> bool {
    let Some((length, alone)) = longest(tail) else { return false };
    if length != tail.len() {
        return false;
    }
    let apart = head.last().is_some_and(|line| line.trim().is_empty());
    let whole = has_whole_date(&tail.join(" "));
    let above = head.join(" ");
    let sure = alone == certainty || alone == Certainty::Strong || (apart && !is_sender(&above));
    match (whole, apart) {
        (true, true) => sure,
        (true, false) => sure && !is_opening(&above),
        // `Quoting Anna <anna@x.example>:` has no date.
        (false, true) => {
            let words = tail.join(" ");
            let named = alone != Certainty::Weak
                || (alone == certainty && words.split_whitespace().count() >= 2)
                || (words.contains('@') && !above.contains('@'));
            named && !clause::is_bare_date(&above)
        }
        (false, false) => false,
    }
}

/// `Anna Nowak <anna@x.example>,`, behind which some programs write the date.
fn is_sender(text: &str) -> bool {
    text.trim_end_matches([' ', ',']).ends_with(['>', ')'])
}

/// A first word or a weekday (`On Mon,`), which may be parted from the date by the end of a line.
fn is_opening(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let short = text.split_whitespace().count() <= 3 && text.chars().count() <= 20;
    short && (digits == 0 || (digits == 1 && text.ends_with([',', '،'])))
}

/// As `attribution`, however much the lines above the date have to do with it.
fn longest(lines: &[&str]) -> Option<(usize, Certainty)> {
    let first = lines.first()?.trim();
    if first.is_empty() || first.starts_with('>') {
        return None;
    }
    // Almost no line of a letter gets past this.
    let end = lines.iter().take(MAX_LINES).position(|line| may_end(line))?;
    if end > 0 && !may_begin(first) {
        return None;
    }
    let mut joined = String::new();
    // What would do, should the verb not follow on the next line.
    let mut fallback = None;
    for (index, line) in lines.iter().take(MAX_LINES).enumerate() {
        let line = line.trim();
        if index > 0 && !may_continue(&joined, first, line) {
            break;
        }
        if index > 0 {
            joined.push(' ');
        }
        joined.push_str(line);
        if joined.chars().count() > MAX_CHARACTERS {
            break;
        }
        if index < end {
            continue;
        }
        match judge(&joined) {
            Some(Certainty::Weak) if !line.ends_with([':', '：']) => {
                fallback = fallback.or(Some((index + 1, Certainty::Weak)));
            }
            Some(certainty) => return Some((index + 1, certainty)),
            None => {}
        }
    }
    fallback
}

/// Whether a line may be the last of an attribution.
pub fn may_end(line: &str) -> bool {
    line.trim_end_matches(['*', '_', ' ', '-', '\u{a0}', '\t']).ends_with([':', '：', '>'])
        || line.trim_end().ends_with("---")
        // Some programs forget the colon behind the verb.
        || (line.contains('@') && line.contains('>') && line.contains(|c: char| c.is_ascii_digit()))
}

/// Whether `line` may go on an attribution that began with `first`.
fn may_continue(joined: &str, first: &str, line: &str) -> bool {
    // An address broken at its bracket: `Anna <anna@x.example` and then `> wrote:`.
    let bracket = joined.matches('<').count() > joined.matches('>').count();
    let blank = line.is_empty() && joined.ends_with(|c: char| c != ' ') && has_date_shape(&joined.to_lowercase());
    let text =
        if line.is_empty() { blank } else { !line.starts_with('>') || (bracket && line.ends_with([':', '：'])) };
    text && may_begin(first)
}

/// Whether a line may be the first of an attribution of several lines.
fn may_begin(line: &str) -> bool {
    let lower = line.trim_start_matches(['-', '*', '_', ' ', '[', '"', '\'', '«', '“']).to_lowercase();
    lower.starts_with(|c: char| c.is_ascii_digit())
        || opens(&lower)
        || (line.contains('<') && line.contains('@'))
        || (has_year(&lower) && has_clock(&lower))
}

/// Whether words, in small letters, begin as a date does: with "on" or its like, or with a weekday.
fn opens(lower: &str) -> bool {
    let head = beginning(lower, MAX_OPENER);
    OPENS.begin(&fold(head)) || begins_with_weekday(head)
}

/// `pon., 3 lis`, `вт, 3`, `monday, november 3`: a short word, and a number soon behind it.
fn begins_with_weekday(lower: &str) -> bool {
    let mut words = lower.split_whitespace();
    let Some(first) = words.next() else { return false };
    let bare = first.trim_end_matches(['.', ',']);
    let short = (2..=14).contains(&bare.chars().count()) && bare.chars().all(|c| c.is_alphabetic() || c == '\'');
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let marked = bare.len() < first.len();
    short && (words.next().is_some_and(|second| number(second) || (marked && words.next().is_some_and(number))))
}

fn judge(text: &str) -> Option<Certainty> {
    let ended = text.trim_end_matches(['*', '_', ' ', '-', '\u{a0}']);
    let lower = in_our_digits(&ended.to_lowercase());
    let folded = fold(&lower);
    let verb = WRITES.stand_in(&folded);
    if !ended.ends_with([':', '：']) {
        return judge_without_colon(text, &lower, verb);
    }
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let dated = digits >= 3 && has_date_shape(&lower);
    let bare = lower.trim_start_matches(['-', '*', '_', ' ', '"', '\'']);
    // A date in front is what programs write; people begin with a word.
    let opener = opens(bare) || (bare.starts_with(|c: char| c.is_ascii_digit()) && has_clock(bare));
    // Round brackets are a person's, unless a date stands in front: "my colleague (anna@x.example) wrote".
    let bracketed = lower.contains(['<', '[']) || (lower.contains('(') && opener);
    let address = lower.contains('@') && bracketed || lower.contains("mailto:");
    match (verb, dated, address || opener) {
        (true, ..) if WRITES_TO_ME.stand_in(&folded) => None,
        (true, ..) if WRITES_OF_SELF.stand_in(&folded) => Some(Certainty::Weak),
        (true, true, true) if address && clause::speaks(ended) => Some(Certainty::Weak),
        (true, true, true) if lower.contains('@') && (address || names_nobody_else(ended)) => Some(Certainty::Strong),
        (true, true, true) if clause::is_programs(ended) && !clause::is_told(text) => Some(Certainty::Fair),
        (false, true, true)
            if address
                && digits >= 5
                && ends_in_address(&lower)
                && has_time(&lower)
                && clause::names_somebody(ended) =>
        {
            Some(Certainty::Strong)
        }
        (false, true, _) if is_date_and_sender(&lower) && !clause::speaks(ended) => Some(Certainty::Fair),
        (true, false, true) if address && is_name_and_verb(&lower) => Some(Certainty::Strong),
        // Apple Mail in Finnish: `Anna Nowak kirjoitti 3.11.2026 kello 10.15:`.
        (true, true, false) if has_whole_date(&lower) && clause::begins_with_name(ended) => Some(Certainty::Fair),
        // In a language that we do not know: all of a date, somebody's address and at most a word or two behind it.
        (false, true, _)
            if address && has_whole_date(&lower) && is_near_the_end(&lower) && clause::names_somebody(ended) =>
        {
            Some(Certainty::Fair)
        }
        (true, _, _) if lower.chars().count() < 200 => Some(Certainty::Weak),
        // In a language that we do not know: somebody's address and a time of day, above marked lines.
        (false, _, _) if address && has_clock(&lower) && lower.chars().count() < 200 => Some(Certainty::Weak),
        _ => None,
    }
}

/// Whether a line with a bare address is in the form of a program once the address is left out.
fn names_nobody_else(text: &str) -> bool {
    clause::is_programs(&text.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" "))
}

/// `---- On …, Anna wrote ----` of Zoho, and the bare `2026/11/3 Anna <anna@x.example>` of old web mails.
fn judge_without_colon(text: &str, lower: &str, verb: bool) -> Option<Certainty> {
    if verb && text.starts_with("---") && text.ends_with("---") {
        return Some(Certainty::Strong);
    }
    if verb && lower.contains('<') && lower.contains('@') && has_whole_date(lower) && ends_in_verb(lower) {
        return Some(if clause::speaks(text) { Certainty::Weak } else { Certainty::Fair });
    }
    let bare = lower.starts_with(|c: char| c.is_ascii_digit())
        && has_date_shape(lower)
        && lower.ends_with('>')
        && lower.contains('@');
    bare.then_some(Certainty::Weak)
}

/// `3. Nov. 2026, 10:15 von anna@x.example:` of Tutanota and Mail.ru: date, time, "by", perhaps a name, a bare address.
fn is_date_and_sender(lower: &str) -> bool {
    let words: Vec<&str> = lower.trim_end_matches([':', '：', ' ']).split_whitespace().collect();
    let sender = words.iter().rev().take(5).position(|word| SENDERS.are(&fold(word)));
    let address = words.last().is_some_and(|word| word.split_once('@').is_some_and(|(_, domain)| domain.contains('.')));
    words.len() <= 14 && address && sender.is_some() && has_year(lower) && has_clock(lower)
}

/// Whether one of the last two words is a verb of programs.
fn ends_in_verb(lower: &str) -> bool {
    let tail = lower.rsplit('>').next().unwrap_or_default();
    tail.split_whitespace().count() <= 3 && WRITES.stand_in(&fold(tail))
}

/// Whether an address in brackets stands at most two words before the end, or a date after it as some programs write it.
fn is_near_the_end(lower: &str) -> bool {
    let tail = lower.rsplit(['>', ')', ']']).next().unwrap_or_default();
    let words = tail.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    words <= 2 || (has_whole_date(tail) && words <= 8)
}

/// `anna@x.example wrote:` and nothing else.
pub fn is_bare_sender(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    let Some(rest) = line.strip_suffix([':', '：']) else { return false };
    let mut words = rest.split_whitespace();
    let address = words.next().is_some_and(|word| {
        word.trim_matches(['<', '>']).split_once('@').is_some_and(|(_, domain)| domain.contains('.'))
    });
    address && words.clone().count() <= 3 && WRITES.stand_in(&fold(&words.collect::<Vec<_>>().join(" ")))
}

/// `… <anna@x.example>:`, with nothing between the address and the colon.
fn ends_in_address(lower: &str) -> bool {
    lower.trim_end_matches([':', '：', ' ']).ends_with(['>', ')', ']'])
}

/// `Anna Nowak <anna@x.example> wrote:` and nothing else.
fn is_name_and_verb(lower: &str) -> bool {
    let Some((name, rest)) = lower.split_once('<') else { return false };
    let Some((_, verb)) = rest.split_once('>') else { return false };
    let verb = verb.trim().trim_end_matches([':', '：', ' ']);
    name.split_whitespace().count() <= 5 && WRITES.are(&fold(verb))
}

/// Whether `phrase` stands in `text` as whole words; scripts without blanks need no edges.
pub fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, found)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphabetic());
        phrase.chars().any(|c| c > '\u{2e80}') || (edge(before) && edge(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributions_of_many_programs_and_languages_are_known() {
        for line in [
            "On Tue, Nov 3, 2026 at 10:15 AM Anna Nowak <anna@x.example> wrote:",
            "On 3 Nov 2026, at 10:15, Anna <anna@x.example> wrote:",
            "W dniu 3.11.2026 o 10:15, Anna Nowak pisze:",
            "wt., 3 lis 2026 o 10:15 Anna Nowak <anna@x.example> napisał(a):",
            "вт, 3 нояб. 2026 г. в 10:15, Анна <anna@x.example>:",
            "Вторник, 3 ноября 2026, 10:15 +03:00 от Анна <anna@x.example>:",
            "03.11.2026, 10:15, \"Анна\" <anna@x.example>:",
            "Am 03.11.26 um 10:15 schrieb Anna:",
            "Le mar. 3 nov. 2026 à 10:15, Anna <anna@x.example> a écrit :",
            "Le 3 novembre 2026 à 10h15, Anna a écrit :",
            "El mar, 3 nov 2026 a las 10:15, Anna (<anna@x.example>) escribió:",
            "Noong Mar, Nob 3, 2026 nang 10:15, sumulat si Anna <anna@x.example>:",
            "Dne 3. 11. 2026 v 10:15 Anna napsal(a):",
            "في ٣ نوفمبر ٢٠٢٦ في ١٠:١٥ تمت كتابة ما يلي بواسطة Anna <anna@x.example>:",
            "در تاریخ ۳ نوامبر ۲۰۲۶، ۱۰:۱۵ Anna <anna@x.example> نوشت:",
        ] {
            let (length, certainty) = attribution(&[line]).unwrap();
            assert!(length == 1 && certainty != Certainty::Weak, "{line}");
        }
    }

    #[test]
    fn whoever_wrote_may_have_small_letters_no_brackets_or_nothing_but_an_address() {
        for line in [
            "Le 3 nov. 2026 à 10:15, Service client a écrit :",
            "W dniu 3.11.2026 o 10:15, Biuro obsługi klienta pisze:",
            "03.11.2026 10:15, Служба поддержки пишет:",
            "No dia 3 de nov. de 2026, às 10:15, Anna Nowak <anna@x.example> escreveu:",
            "Anna Nowak kirjoitti 3.11.2026 kello 10.15:",
            "Anna Nowak <anna@x.example> schrieb am 10:15 Dienstag, 3.November 2026:",
            "W dniu 3.11.2026 o 10:15 użytkownik Anna Nowak anna@x.example napisał:",
            "2026-11-03 10:15 GMT+01:00 Anna Nowak <anna@x.example> wrote",
            "On Tue, Nov 3, 2026 at 10:15 AM anna@x.example <anna@x.example> wrote:",
            "Am 03.11.2026 um 10:15 schrieb anna@x.example:",
            "El dt., 3 de nov. 2026, 10:15, Anna <anna@x.example> va escriure:",
            "2026年11月3日(火) 10:15、Annaさん <anna@x.example> が書きました:",
            "2026 թ. նոյ. 3-ին, 10:15, Anna <anna@x.example> գրել է:",
        ] {
            let (length, certainty) = attribution(&[line]).unwrap();
            assert!(length == 1 && certainty != Certainty::Weak, "{line}");
        }
        assert!(is_bare_sender("anna@x.example wrote:") && !is_bare_sender("ask anna@x.example, she wrote:"));
    }

    #[test]
    fn attributions_may_be_wrapped() {
        let lines = ["On Tue, Nov 3, 2026 at 10:15 AM Anna Nowak", "<anna@x.example> wrote:", "> x"];
        assert_eq!(attribution(&lines), Some((2, Certainty::Strong)));
    }

    #[test]
    fn the_writers_last_lines_are_no_part_of_an_attribution() {
        let gmail = "On Tue, Nov 3, 2026 at 10:15 AM Anna <anna@x.example> wrote:";
        for last in ["4711", "10115 Berlin", "On the box it says 4711.", "3 December 2026", "le 4711, merci"] {
            assert_eq!(attribution(&[last, "", gmail]), None, "{last}");
            assert_eq!(attribution(&[last, gmail]), None, "{last}");
            assert_eq!(attribution(&[last, "", "On 3.11.2026 10:15, Anna wrote:"]), None, "{last}");
        }
        for lines in [
            ["On Tue,", "Nov 3, 2026 at 10:15 AM Anna <anna@x.example> wrote:"],
            ["Anna <anna@x.example>,", "3 Kas 2026 Sal, 10:15 tarihinde şunu yazdı:"],
            ["On Tue, 3 Nov 2026 10:15:00 +0100", "Anna <anna@x.example> wrote:"],
            ["Noong Mar,", "Nob 3, 2026 nang 10:15, sumulat si Anna <anna@x.example>:"],
        ] {
            assert_eq!(attribution(&lines), Some((2, Certainty::Strong)), "{lines:?}");
        }
    }

    #[test]
    fn sentences_are_no_attributions() {
        for line in [
            "Please send me the following:",
            "On Monday I wrote you about it.",
            "My order 123456 of 2026:",
            "As Anna wrote, it is broken",
        ] {
            assert!(
                !matches!(attribution(&[line, "next line of text", "and so on"]), Some((_, Certainty::Strong))),
                "{line}"
            );
        }
    }
}

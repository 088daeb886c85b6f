//! Whether a mail is one that a machine returned because it failed: a sum of evidence on two axes, both of which are
//! required. No word and no sender decides alone.

use std::sync::LazyLock;

use crate::model::address::Address;
use crate::model::mail::ParsedMail;
use crate::model::subject::is_reply;
use crate::model::text::beginning;
use crate::parse::bounce::candidates::{Found, addresses_of};
use crate::parse::bounce::codes::{failure_in, has_reply, is_dialogue};
use crate::parse::bounce::copy::Returned;
use crate::parse::bounce::status;
use crate::parse::mime::fields::Fields;
use crate::parse::origin::automated;
use crate::parse::origin::envelope::Envelope;
use crate::parse::origin::mailing_list;
use crate::parse::phrase_set::{Stems, fold};
use crate::parse::phrases::{
    ANNOUNCE, BOUNCE_NAMES, BOUNCE_SENDERS, DAEMONS, DELIVERED, FAILED, FIXED, GOODS, KEPT, LATE, MAIL_WORDS, NOT,
    PREFACES, UNLESS,
};
use crate::parse::quotes::attribution::has_phrase;
use crate::parse::quotes::signature;

/// What a machine, and what a failure, must be worth.
const ENOUGH: i32 = 2;
/// What one axis must be worth when the other is worth no more than one.
const PLENTY: i32 = 4;
/// Characters in which a server's text says what it is.
const PROBE: usize = 300;
/// Lines over which such words may be wrapped.
const FIXED_LINES: usize = 3;
/// Bytes of a text in which it is looked for a failure.
const MAX_TEXT: usize = 16 * 1024;
/// Paragraphs at the top in which a server says what failed.
const MAX_PARAGRAPHS: usize = 12;
/// Lines of a text with little but one address and its fate, and with nothing but that.
const SHORT: usize = 8;
const VERY_SHORT: usize = 2;

static NOT_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&NOT));
static FAILED_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&FAILED));
static DELIVERED_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&DELIVERED));
static KEPT_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&KEPT));
static GOODS_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&GOODS));
static UNLESS_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&UNLESS));
static LATE_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&LATE));
static ANNOUNCING: LazyLock<Stems> = LazyLock::new(|| Stems::new(&ANNOUNCE));
static MAILS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&MAIL_WORDS));

/// How much speaks for a machine that returned a mail, by the headers and the first words.
pub fn machine(fields: &Fields<'_>, mail: &ParsedMail, envelope: Envelope) -> i32 {
    let mut worth = match envelope {
        Envelope::Nobody => 2,
        // A forwarding server's name in the place of the writer's is no person's.
        Envelope::Somebody => -i32::from(names_writer(fields, mail)),
        Envelope::Unknown => 0,
    };
    worth += match sender(fields, mail) {
        Sender::Daemon => 3,
        Sender::Likely => 1,
        Sender::Other => 0,
    };
    if fields.raw("From").is_some_and(|from| from.trim_ascii().ends_with(b"<>")) {
        worth += 1;
    }
    worth += i32::from(fields.keyword("Auto-Submitted").is_some_and(|word| word != "no"));
    worth += i32::from(says_failure(&mail.subject));
    if is_reply(&mail.subject) {
        worth -= 2;
    }
    worth
}

/// Whether the envelope names whoever From names.
fn names_writer(fields: &Fields<'_>, mail: &ParsedMail) -> bool {
    let path = mailing_list::return_path(fields);
    path.zip(mail.from.as_ref()).is_some_and(|(path, from)| path.same_as(&from.address))
}

/// What a mail's sender is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// As nobody but a returning machine.
    Daemon,
    /// As such machines are, and some people.
    Likely,
    /// Otherwise.
    Other,
}

/// What the sender of a mail is called.
pub fn sender(fields: &Fields<'_>, mail: &ParsedMail) -> Sender {
    let Some(from) = &mail.from else {
        let raw = String::from_utf8_lossy(fields.raw("From").unwrap_or_default()).to_lowercase();
        if DAEMONS.iter().any(|known| raw.contains(known)) {
            return Sender::Daemon;
        }
        // A program's name without any address is a sender too.
        return if fields.has("From") || fields.has("Received") { Sender::Likely } else { Sender::Other };
    };
    let local = from.address.local().to_lowercase();
    let begins = |known: &str| {
        let rest = local.strip_prefix(known);
        // `dsn` and `dsn-7`, and not `dsnyder`.
        rest.is_some_and(|rest| known.ends_with('-') || !rest.starts_with(char::is_alphabetic) || known.len() > 5)
    };
    if DAEMONS.iter().any(|known| local.starts_with(known)) {
        return Sender::Daemon;
    }
    let name = from.name.to_lowercase();
    let likely = BOUNCE_SENDERS.iter().any(|known| begins(known))
        || local.contains("smtp_mail")
        || BOUNCE_NAMES.iter().any(|known| has_phrase(&name, known));
    if likely { Sender::Likely } else { Sender::Other }
}

/// Whether a text begins in the fixed words of a mail server. People also quote and pass on such words, under words of their own.
pub fn is_fixed(text: &str) -> bool {
    let head: String = text.chars().take(PROBE).flat_map(char::to_lowercase).collect();
    let ornament = |line: &str| line.trim_matches(|c: char| !c.is_alphanumeric() && c != '>').to_owned();
    let lines: Vec<String> = head.lines().map(ornament).filter(|line| !line.is_empty()).collect();
    let said = |from: usize| {
        let words = lines.iter().skip(from).take(FIXED_LINES).map(String::as_str).collect::<Vec<_>>().join(" ");
        let words = words.strip_prefix("hi. ").unwrap_or(&words);
        FIXED.iter().any(|fixed| words.starts_with(fixed))
    };
    let prefaced = lines.first().is_some_and(|first| PREFACES.iter().any(|preface| first.starts_with(preface)));
    said(0) || (prefaced && (1..lines.len()).any(said))
}

/// Whether a text begins as only a machine's does: perhaps a heading, one paragraph about a mail that failed, then an address.
pub fn begins_with_recipient(text: &str) -> bool {
    let head = beginning(text, 4 * PROBE);
    let ornament = |c: char| c.is_whitespace() || matches!(c, '*' | '-' | '=' | '#' | '_');
    let mut lines = head.lines().map(str::trim).filter(|line| !line.trim_matches(ornament).is_empty()).peekable();
    let heading = |line: &&str| line.starts_with(['*', '-', '=', '#']) && line.ends_with(['*', '-', '=', '#']);
    let _ = lines.next_if(heading);
    let mut words = String::new();
    for line in lines.take(SHORT) {
        let bare = line.trim_start_matches(['>', '*', '-', '•', ' ']).trim_end_matches(['*', '-', ' ']);
        // `kim@y.example`, `"Kim" <kim@y.example>`: nothing else on its line.
        let alone = bare.split_whitespace().count() <= 4 && (bare.ends_with('>') || !bare.contains(' '));
        if alone && addresses_of(bare).len() == 1 {
            return tells_of_mail(&fold(&words));
        }
        words.push(' ');
        words.push_str(line);
    }
    false
}

/// Whether a sentence, folded, says that a mail failed. Whoever greets first is a person.
fn tells_of_mail(words: &str) -> bool {
    let words = words.trim();
    let greeted = words.split_once(',').is_some_and(|(greeting, _)| greeting.split_whitespace().count() <= 3);
    !greeted && fails(words) && MAILS.stand_in(words)
}

/// Whether words, folded, say that something did not reach its reader.
pub fn fails(folded: &str) -> bool {
    FAILED_WORDS.stand_in(folded)
        || LATE_WORDS.stand_in(folded)
        || (is_negated(folded) && DELIVERED_WORDS.stand_in(folded))
}

fn is_negated(folded: &str) -> bool {
    NOT_WORDS.stand_whole_in(folded) || folded.contains("n't") || folded.contains("n’t")
}

/// Whether a subject says that a mail failed, in whatever words.
pub fn says_failure(subject: &str) -> bool {
    let folded = fold(subject);
    FAILED_WORDS.stand_in(&folded)
        || (is_negated(&folded) && DELIVERED_WORDS.stand_in(&folded) && MAILS.stand_in(&folded))
}

/// What the text above the copy is worth as a report of a failure.
pub struct Failure<'a> {
    /// The lines above the copy.
    pub lines: &'a [&'a str],
    /// Who was not reached.
    pub recipients: &'a [Found],
    /// The mail that came back.
    pub returned: &'a Returned,
    /// Addresses of those who got this mail.
    pub own: &'a [Address],
}

impl Failure<'_> {
    /// How much speaks for a mail of ours that failed.
    pub fn worth(&self, mail: &ParsedMail) -> i32 {
        let text = self.lines.join("\n");
        let text = beginning(&text, MAX_TEXT);
        let told = self.told(text);
        let foreign = |found: &&Found| !self.own.iter().any(|own| own.same_as(&found.address));
        let named: Vec<&Found> = self.recipients.iter().filter(foreign).collect();
        let coded = named.iter().any(|found| !found.status.is_empty());
        let lower = text.to_lowercase();
        let replied = lower.lines().any(has_reply);
        let dialogue = replied && lower.lines().any(is_dialogue);
        let near = || named.iter().any(|found| has_reply(&found.diagnostic.to_lowercase()));
        let mut worth = told;
        worth += if coded { 2 } else { i32::from(failure_in(text).is_some()) };
        worth += if dialogue { 2 } else { i32::from(near()) };
        let reader = self.returned.to.iter().any(|to| named.iter().any(|found| found.address.same_as(to)));
        if reader || worth > 0 {
            worth += i32::from(reader) + i32::from(self.returned.shown) + i32::from(self.returned.is_from(self.own));
        }
        worth += i32::from(says_failure(&mail.subject));
        // A text with little but somebody's address and what became of a mail.
        let filled = self.lines.iter().filter(|line| !line.trim().is_empty()).count();
        let short = named.len() == 1 && filled <= SHORT && !GOODS_WORDS.stand_in(&fold(text));
        let of_mail = || MAILS.stand_in(&fold(beginning(&mail.text, MAX_TEXT)));
        let bare = filled <= VERY_SHORT && told <= 0 && !near();
        let listed = || named.iter().any(|found| found.listed) && ANNOUNCING.stand_in(&fold(text));
        worth += i32::from(short && (bare || of_mail() || listed()));
        if told <= 0 && !replied && only_succeeds(text) {
            worth -= 3;
        }
        if automated::is_away(mail) {
            worth -= 4;
        }
        worth
    }

    /// What the sentences at the top are worth: one that says that a mail failed, more with an address at it.
    fn told(&self, text: &str) -> i32 {
        let mut best = 0;
        let mut paragraphs =
            text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()).take(MAX_PARAGRAPHS).peekable();
        while let Some(paragraph) = paragraphs.next() {
            let next = paragraphs.peek().copied().unwrap_or_default();
            let named = |folded: &str| self.recipients.iter().any(|found| folded.contains(&found.address.key()));
            let listed = self.recipients.iter().any(|found| found.listed);
            let explained = self.recipients.iter().any(|found| found.explained);
            let (folded, next) = (fold(paragraph), fold(next));
            if folded.contains('?') {
                continue;
            }
            for sentence in folded.split(['!', ';', '。']).flat_map(|sentence| sentence.split(". ")) {
                let of_mail = MAILS.stand_in(sentence) || is_box(sentence);
                let near = explained || named(&folded) || named(&next);
                let other = GOODS_WORDS.stand_in(sentence) || UNLESS_WORDS.stand_whole_in(sentence);
                // What a server's reasons are costs more to see than the rest.
                if other || !(of_mail || near) || !(fails(sentence) || is_reason(sentence)) {
                    continue;
                }
                let announced = ANNOUNCING.stand_in(sentence) && (listed || sentence.trim_end().ends_with(':'));
                best = best.max(if near && (of_mail || announced) { 2 } else { i32::from(near || of_mail) });
            }
        }
        best
    }
}

/// Whether a text tells of success and of nothing else.
fn only_succeeds(text: &str) -> bool {
    let folded = fold(text);
    KEPT_WORDS.stand_in(&folded) && !is_negated(&folded) && !FAILED_WORDS.stand_in(&folded)
}

/// Whether words are a reason as mail servers give it.
fn is_reason(folded: &str) -> bool {
    status::status(folded).is_some_and(|status| !status.ends_with(".0.0"))
}

/// Whether words speak of somebody's box as only servers of mail do.
fn is_box(folded: &str) -> bool {
    ["user unknown", "unknown user", "no such user", "mailbox", "quota", "over limit"]
        .iter()
        .any(|words| folded.contains(words))
}

/// Whether a machine's evidence and a failure's do together.
pub fn suffice(machine: i32, failure: i32) -> bool {
    (machine >= ENOUGH && failure >= ENOUGH) || (machine >= PLENTY && failure >= 1)
}

/// Whether a text asks, or closes as a letter does.
pub fn is_personal(lines: &[&str]) -> bool {
    let filled: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let asks =
        filled.iter().any(|line| line.ends_with('?') && !line.contains('@') && line.split_whitespace().count() >= 4);
    let closes = filled.iter().rev().take(3).any(|line| signature::is_closing(line));
    asks || closes
}

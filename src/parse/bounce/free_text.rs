//! Reads what mail programs write for people when they return a mail: who was not reached, and why.

use crate::model::address::Address;
use crate::parse::phrases_bounce_text::{
    ANNOUNCE, CERTAIN, CHALLENGE, CONFIRM, CONTACT, COPY_MARKS, DELAYED, FAILURE, PREFACES, YOUR_MESSAGE,
};

/// Lines of the text that are read.
const MAX_LINES: usize = 400;
/// Characters looked at for the fixed words of a mail server.
const PROBE: usize = 300;
/// Lines over which such words may be wrapped.
const CERTAIN_LINES: usize = 3;
/// Recipients that are read.
const MAX_FOUND: usize = 200;
/// Lines under an address that may say why.
const REASON_LINES: usize = 8;

/// A recipient named in the text.
#[derive(Clone, Debug)]
pub struct Found {
    /// Who was not reached.
    pub address: Address,
    /// Enhanced status code near the address; empty when none.
    pub status: String,
    /// The words near the address.
    pub diagnostic: String,
}

/// What a text says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The recipients named.
    pub recipients: Vec<Found>,
    /// A recipient named without a domain: the returning machine's own.
    pub local: Option<String>,
    /// The first enhanced status code anywhere in the text.
    pub status: String,
    /// The words up to the copy of the mail, in lower case on one line.
    pub words: String,
    /// Whether it says that a mail was not delivered.
    pub failure: bool,
    /// Whether it says so in the fixed words of a mail server.
    pub certain: bool,
    /// Whether it speaks of a mail, or in the codes of a mail server.
    pub of_mail: bool,
    /// Whether it only says that delivery takes longer.
    pub delayed: bool,
}

/// Whether a text begins in the fixed words of a mail server. People also quote and pass on such words, under words of their own.
pub fn is_certain(text: &str) -> bool {
    let head: String = text.chars().take(PROBE).flat_map(char::to_lowercase).collect();
    let ornament = |line: &str| line.trim_matches(|c: char| !c.is_alphanumeric() && c != '>').to_owned();
    let lines: Vec<String> = head.lines().map(ornament).filter(|line| !line.is_empty()).collect();
    let said = |from: usize| {
        let words = lines.iter().skip(from).take(CERTAIN_LINES).map(String::as_str).collect::<Vec<_>>().join(" ");
        let words = words.strip_prefix("hi. ").unwrap_or(&words);
        CERTAIN.iter().any(|certain| words.starts_with(certain))
    };
    let prefaced = lines.first().is_some_and(|first| PREFACES.iter().any(|preface| first.starts_with(preface)));
    said(0) || (prefaced && (1..lines.len()).any(said))
}

/// Whether a text asks its reader to prove that they are human. To be asked of a machine's text alone.
pub fn asks_to_confirm(text: &str) -> bool {
    let lines: Vec<String> = text.lines().take(MAX_LINES).map(|line| line.trim().to_lowercase()).collect();
    let whole = lines.join(" ");
    CONFIRM.iter().any(|words| whole.contains(words))
}

/// Whether a text begins as only a machine's does: one sentence about "your message", then nothing but an address.
pub fn begins_with_recipient(text: &str) -> bool {
    let mut filled = text
        .lines()
        .take(MAX_LINES)
        .map(|line| line.trim().trim_matches(['<', '>', '*', '-', '=']).trim())
        .filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (filled.next(), filled.next()) else { return false };
    let first = first.to_lowercase();
    YOUR_MESSAGE.iter().any(|words| first.starts_with(words))
        && FAILURE.iter().any(|words| first.contains(words))
        && Address::parse(second).is_some()
}

/// Reads the text of a mail. `own`: addresses of those who got it, which are recipients only when nobody else is named.
pub fn read(text: &str, own: &[Address]) -> Said {
    let mut said = Said::default();
    let mut lines: Vec<&str> = text.lines().take(MAX_LINES).collect();
    lines.truncate((0..lines.len()).find(|&index| is_copy_mark(&lines, index)).unwrap_or(lines.len()));
    let lower: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    let whole = lower.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let has = |list: &[&str]| list.iter().any(|words| whole.contains(words));
    said.delayed = has(DELAYED);
    // Servers that hold a mail back, until its writer proves that he is one, begin in the same words.
    said.certain = is_certain(text) && (said.delayed || has(FAILURE)) && !has(CHALLENGE);
    said.failure = said.certain || has(FAILURE);
    said.status = lines.iter().find_map(|line| failure_in(line)).unwrap_or_default();
    said.of_mail = !said.status.is_empty() || has(YOUR_MESSAGE) || whole.contains("smtp");
    let announced = lower.iter().position(|line| ANNOUNCE.iter().any(|words| line.contains(words)));
    let mut after = false;
    let mut ourselves: Vec<Found> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut addresses = addresses_of(line);
        if let Some(first) = listed_first(line) {
            // What the other server said follows, whom to ask among it.
            addresses = vec![first];
        } else if lower.get(index).is_some_and(|line| names_others(line)) {
            continue;
        }
        for address in addresses {
            let known = said.recipients.iter().any(|found| found.address.same_as(&address));
            if said.recipients.len() >= MAX_FOUND || known {
                continue;
            }
            if own.iter().any(|own| own.same_as(&address)) {
                if ourselves.len() < MAX_FOUND {
                    ourselves.push(found(&lines, index, address));
                }
                continue;
            }
            if announced.is_some_and(|at| index > at || stands_after(line, &address)) && !after {
                // What stood above the announcement is the sender or the headers of the mail.
                said.recipients.clear();
                after = true;
            }
            said.recipients.push(found(&lines, index, address));
        }
    }
    if let Some(at) = announced.filter(|_| !after) {
        said.local = lines
            .iter()
            .skip(at + 1)
            .map(|line| line.trim())
            .find(|line| !line.is_empty())
            // `kim (user not found)`
            .map(|line| line.split_once(" (").map_or(line, |(name, _)| name))
            .filter(|line| is_local_part(line))
            .map(str::to_owned);
    }
    if said.recipients.is_empty() && said.local.is_none() {
        said.recipients = ourselves;
    }
    prefer_marked(&mut said, &lines);
    said.words = whole;
    said
}

/// A recipient named on the line at `index`.
fn found(lines: &[&str], index: usize, address: Address) -> Found {
    let diagnostic = reason(lines.get(index..).unwrap_or_default(), &address);
    let status = failure_in(&diagnostic).unwrap_or_default();
    Found { address, status, diagnostic }
}

/// Whether a line, in lower case, names somebody who is no recipient: whom to ask, or who sent the mail.
fn names_others(line: &str) -> bool {
    let start = line.trim_start_matches(['>', '<', ' ', '\t', '*']);
    let words_alone = || line.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
    CONTACT.iter().any(|words| line.contains(words) && words_alone().contains(words))
        || ["from:", "mail from:", "sender:", "sender address:", "in:  mail from"]
            .iter()
            .any(|word| start.starts_with(word))
}

/// Whether the address follows the announcing words of its own line.
fn stands_after(line: &str, address: &Address) -> bool {
    let lower = line.to_lowercase();
    let words = ANNOUNCE.iter().find_map(|words| lower.find(words));
    words.zip(lower.find(&address.key())).is_some_and(|(words, address)| words < address)
}

/// A name without a domain, as large providers list their own users.
fn is_local_part(line: &str) -> bool {
    (3..=64).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// The lines under a recipient that say why, up to the next recipient.
fn reason(lines: &[&str], address: &Address) -> String {
    let others =
        |line: &str| listed_first(line).is_some() || addresses_of(line).iter().any(|other| !other.same_as(address));
    let more =
        lines.iter().skip(1).take(REASON_LINES).take_while(|line| !line.trim().is_empty() && !others(line)).count();
    lines.iter().take(1 + more).map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Where the copy of the returned mail begins. In the middle of a paragraph such words only speak of the copy.
fn is_copy_mark(lines: &[&str], index: usize) -> bool {
    let lower = lines.get(index).map(|line| line.trim().to_lowercase()).unwrap_or_default();
    let above = index.checked_sub(1).and_then(|above| lines.get(above)).map(|line| line.trim()).unwrap_or_default();
    let prose = above.contains(' ') && lower.ends_with('.') && lower.starts_with(char::is_alphabetic);
    (!prose && COPY_MARKS.iter().any(|mark| lower.contains(mark)) && !lower.contains("transcript"))
        || lower.starts_with("received: from ")
        || lower.starts_with("return-path:")
}

/// When some addresses stand alone on their line, as servers list recipients, others in the text are not recipients.
fn prefer_marked(said: &mut Said, lines: &[&str]) {
    let listed = |address: &Address| {
        lines.iter().any(|line| {
            let line = line.trim().trim_start_matches(['*', '-', '•', ' ']);
            let line = line.strip_prefix('<').unwrap_or(line);
            line.get(..address.as_str().len()).is_some_and(|start| start.eq_ignore_ascii_case(address.as_str()))
        })
    };
    if said.recipients.iter().any(|found| listed(&found.address)) {
        said.recipients.retain(|found| listed(&found.address));
    }
}

/// The recipient with whom a line begins as servers list them: `<kim@y.example>: why`.
fn listed_first(line: &str) -> Option<Address> {
    let (address, rest) = line.trim_start().strip_prefix('<')?.split_once('>')?;
    rest.trim_start().starts_with(':').then(|| Address::parse(address)).flatten()
}

/// The addresses in a line that can be recipients: no Message-IDs, no postmasters.
fn addresses_of(line: &str) -> Vec<Address> {
    if !line.contains('@') || line.to_lowercase().contains("message-id") {
        return Vec::new();
    }
    line.split(|c: char| c.is_whitespace() || "<>()[]\"',;|：（），、；".contains(c))
        .filter(|word| word.contains('@'))
        .filter_map(|word| {
            // `dda:SMTP=anna@x.example` of X.400 gateways.
            let word = word.rsplit_once("SMTP=").map_or(word, |(_, rest)| rest);
            let word = word
                .trim_start_matches("mailto:")
                .trim_start_matches("SMTP:")
                .trim_start_matches("smtp:")
                .trim_start_matches("rfc822;");
            Address::parse(word.trim_matches([':', '.', '*', '=', '?', '!', '-']))
        })
        .filter(|address| address.domain().contains('.'))
        .filter(|address| !matches!(address.local().to_lowercase().as_str(), "postmaster" | "mailer-daemon" | "abuse"))
        .collect()
}

/// The first enhanced status code (RFC 3463) in `text`.
pub fn status_in(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (index, window) in bytes.windows(5).enumerate() {
        let [class, b'.', subject, ..] = window else { continue };
        if !matches!(class, b'2' | b'4' | b'5') || !subject.is_ascii_digit() {
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| bytes.get(at));
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.' || *byte == b'-') {
            continue;
        }
        let code: String = text
            .get(index..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .take(9)
            .collect();
        let code = code.trim_end_matches('.');
        let fields: Vec<&str> = code.split('.').collect();
        let after = bytes.get(index + code.len());
        let ended = after.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if fields.len() == 3 && fields.iter().all(|field| (1..=3).contains(&field.len())) && ended {
            return Some(code.to_owned());
        }
    }
    None
}

/// The first enhanced status code of a failure in `text`; a transcript also has those of success.
pub fn failure_in(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some(status) = status_in(rest) {
        if !status.starts_with('2') {
            return Some(status);
        }
        let at = rest.find(&status).unwrap_or_default() + status.len();
        rest = rest.get(at..).unwrap_or_default();
    }
    None
}

/// The last enhanced status code in `text`: of nested answers the innermost is the reason.
pub fn last_status_in(text: &str) -> Option<String> {
    let mut last = None;
    let mut rest = text;
    while let Some(status) = status_in(rest) {
        let at = rest.find(&status).unwrap_or_default() + status.len();
        rest = rest.get(at..).unwrap_or_default();
        last = Some(status);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_foreign(text: &str) -> Said {
        read(text, &[])
    }

    #[test]
    fn status_codes_are_told_from_other_numbers() {
        for (text, want) in [
            ("550 5.1.1 User unknown", Some("5.1.1")),
            ("(#5.7.1)", Some("5.7.1")),
            ("dsn=4.4.2, status", Some("4.4.2")),
            ("192.5.1.1", None),
            ("version 5.1.1b", None),
            ("5.1", None),
            ("Status: 5.2.2.", Some("5.2.2")),
        ] {
            assert_eq!(status_in(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_sentence_about_your_message_and_a_bare_address_are_a_machines() {
        assert!(begins_with_recipient("*****\nYour message could not be delivered to\n<kim@y.example>\n*****"));
        assert!(begins_with_recipient("Ihre Nachricht konnte nicht zugestellt werden an\n\nkim@y.example"));
        assert!(!begins_with_recipient("Hi,\nyour message could not be delivered to\nkim@y.example"));
        assert!(!begins_with_recipient("Your message was not delivered to me,\nask kim@y.example"));
        assert!(!begins_with_recipient("Your message"));
    }

    #[test]
    fn fixed_words_that_a_person_quotes_are_no_machines() {
        let words = "The following addresses had permanent fatal errors";
        assert!(is_certain(&format!("   ----- {words} -----\n<kim@y.example>")));
        assert!(!is_certain(&format!("What does this mean?\n\n> {words}\n> <kim@y.example>")));
        let words = "This is the mail system at host mx.example.";
        assert!(is_certain(words) && is_certain("Hi. This is the qmail-send program at mx.example."));
        assert!(!is_certain(&format!("Your address does not work.\n\n--- Forwarded message ---\n\n{words}")));
        assert!(!is_certain(&format!("What is \"{words}\"?")));
    }

    #[test]
    fn recipients_stand_under_the_words_that_announce_them() {
        let said = read_foreign(
            "Your message\n\n  To:      a@x.example\n\ndid not reach the following recipient(s):\n\nc=US;a= ;dda:SMTP=userx@y.example; on Fri\n",
        );
        let found: Vec<&str> = said.recipients.iter().map(|found| found.address.as_str()).collect();
        assert_eq!(found, ["userx@y.example"]);
    }

    #[test]
    fn a_sentence_about_the_copy_does_not_begin_it() {
        let said =
            read_foreign("If so, you can\ndelete your text from the returned message.\n\n<kim@y.example>: unknown");
        assert_eq!(said.recipients.len(), 1);
        let said = read_foreign("<kim@y.example>: unknown\n\nThis is a copy of the message.\n\n<lee@y.example>");
        assert_eq!(said.recipients.len(), 1);
    }

    #[test]
    fn recipients_are_those_listed_on_their_own_line() {
        let said = read_foreign(
            "This is the mail system.\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. Ask help@x.example.\n\n<anna@y.example>: host mx.y.example said: 550 5.1.1\n    User unknown\n",
        );
        assert_eq!(said.recipients.len(), 1);
        assert_eq!(said.recipients[0].address.as_str(), "anna@y.example");
        assert_eq!(said.recipients[0].status, "5.1.1");
    }
}

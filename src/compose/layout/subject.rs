//! The subject: the customer's own words, tags of their own helpdesk among them, with `[#1042]` exactly once.

use crate::model::id::TicketNumber;
use crate::model::subject::{of_desk, tagged_tickets, without_tag};
use crate::model::text::{clean_line, clean_subject};

/// Characters of a customer's subject that we repeat.
const MAX_WORDS: usize = 200;
/// Numbers of other helpdesks that we repeat.
const MAX_NUMBERS: usize = 3;
/// What mail programs put before the subject of a reply, in lower case, without the colon.
const REPLY_PREFIXES: [&str; 15] =
    ["re", "odp", "отв", "ответ", "на", "sagot", "tugon", "aw", "antw", "sv", "vs", "rif", "res", "ynt", "回复"];

/// `Re: [#1042] words`, for what answers the customer.
pub fn reply(ticket: TicketNumber, subject: &str) -> String {
    join(&format!("Re: [#{ticket}]"), &of(ticket, subject))
}

/// `Re: words`, for what answers an agent's mail that stands on no ticket.
pub fn again(subject: &str) -> String {
    let words = bare(subject);
    if words.is_empty() { words } else { join("Re:", &words) }
}

/// `Re: [#1042] words` for what no human wrote: words that are links are left out, so that nobody can have us deliver their
/// advertisement to an address that they forged.
pub fn automatic_reply(ticket: TicketNumber, subject: &str) -> String {
    let words = of(ticket, subject);
    let harmless: Vec<&str> = words.split(' ').filter(|word| !is_link(word)).collect();
    join(&format!("Re: [#{ticket}]"), &harmless.join(" "))
}

/// `[#1042] [#55512] Example Shop: words`, of nothing but our own and the numbers by which their helpdesk knows the matter.
/// `thread` knows a reply to it by the desk's name.
pub fn of_our_own(ticket: TicketNumber, subject: &str, desk: &str, words: &str) -> String {
    let numbers = tagged_tickets(subject).into_iter().filter(|number| *number != ticket).take(MAX_NUMBERS);
    let tags = std::iter::once(ticket).chain(numbers).map(|number| format!("[#{number}]"));
    let tags = tags.collect::<Vec<_>>().join(" ");
    join(&tags, &clean_line(&format!("{}: {words}", of_desk(desk)), MAX_WORDS))
}

/// `[#1042] words`, the same for all notifications of a ticket.
pub fn notification(ticket: TicketNumber, subject: &str) -> String {
    join(&format!("[#{ticket}]"), &of(ticket, subject))
}

/// The words without the ticket's own tag. Tags of other helpdesks stay: their owners know our answer by them.
fn of(ticket: TicketNumber, subject: &str) -> String {
    bare(&without_tag(subject, ticket))
}

/// The words alone: no stack of `Re:` and its like, one line, at most 200 characters.
pub fn bare(subject: &str) -> String {
    let line = clean_subject(subject);
    // What reads like an encoded-word would be decoded by the reader's program into something that nobody checked.
    let line = line.replace("=?", "= ?");
    clean_line(without_reply_prefixes(&line), MAX_WORDS)
}

fn join(tag: &str, words: &str) -> String {
    if words.is_empty() { tag.to_owned() } else { format!("{tag} {words}") }
}

fn is_link(word: &str) -> bool {
    let word = word.to_lowercase();
    word.contains("://") || word.contains("www.")
}

fn without_reply_prefixes(line: &str) -> &str {
    let mut rest = line.trim();
    while let Some((head, tail)) = rest.split_once([':', '\u{ff1a}']) {
        if !is_reply_prefix(head) {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

/// `Re`, `RE[2]`, `Re(3)`, `Odp.`; not `Fwd`, which says something.
fn is_reply_prefix(head: &str) -> bool {
    let head = head.trim().to_lowercase();
    let word = head
        .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '.' | ' ' | '^' | '*'));
    REPLY_PREFIXES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_stands_once_and_reply_prefixes_do_not_pile_up() {
        for (from, to) in [
            ("Zwrot butów", "Re: [#1042] Zwrot butów"),
            ("Re: Odp: RE[2]: [#1042] Zwrot", "Re: [#1042] Zwrot"),
            ("Отв: [#1042] Re: Возврат [#1042]", "Re: [#1042] Возврат"),
            ("[#55512] Your delivery [#1042]", "Re: [#1042] [#55512] Your delivery"),
            ("Fwd: Re: Zwrot", "Re: [#1042] Fwd: Re: Zwrot"),
            ("Resume: my order", "Re: [#1042] Resume: my order"),
            ("[#x] [#] [#12", "Re: [#1042] [#x] [#] [#12"),
            ("", "Re: [#1042]"),
            ("Re:", "Re: [#1042]"),
            ("a\r\nBcc: x@y.example", "Re: [#1042] a Bcc: x@y.example"),
            ("=?utf-8?q?x?=", "Re: [#1042] = ?utf-8?q?x?="),
        ] {
            assert_eq!(reply(TicketNumber(1042), from), to, "{from}");
        }
        assert_eq!(notification(TicketNumber(1), "Re: x"), "[#1] x");
    }

    #[test]
    fn links_are_not_repeated_to_an_address_that_may_be_forged() {
        assert_eq!(
            automatic_reply(TicketNumber(1), "Win https://evil.example now at www.evil.example"),
            "Re: [#1] Win now at"
        );
    }

    #[test]
    fn long_subjects_are_cut() {
        assert_eq!(bare(&"ż".repeat(500)).chars().count(), MAX_WORDS);
    }
}

//! The mail's own headers as values: subject, people, ids, date. All sanitised here, once.

use jiff::Timestamp;
use mail_parser::DateTime;

use crate::model::address::{Address, Person};
use crate::model::id::MailId;
use crate::model::mail::ParsedMail;
use crate::model::text::{clean_mail_id, clean_subject};
use crate::parse::mime::addresses;
use crate::parse::mime::fields::{Fields, unfold};
use crate::parse::mime::transfer;
use crate::parse::mime::words;

/// Ids of one header that are read; the newest are kept.
const MAX_IDS: usize = 200;
/// Bytes of a Thread-Index that all mails of a conversation share.
const THREAD_INDEX_HEAD: usize = 22;
/// Headers in which servers record the envelope's recipient, most reliable first.
const ENVELOPE: [&str; 5] = ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"];

/// Months as RFC 5322 writes them.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What else only a delivery leaves in a mail (RFC 5321 §4.4, RFC 8601).
const DELIVERY: [&str; 2] = ["Return-Path", "Authentication-Results"];

/// A mail with what its headers say, the rest empty.
pub fn read(fields: &Fields<'_>, defects: &mut Vec<String>) -> ParsedMail {
    if fields.is_empty() {
        defects.push("no headers".to_owned());
    }
    for name in ["From", "Subject", "Message-ID", "Date"] {
        if fields.all(name).nth(1).is_some() {
            defects.push(format!("more than one {name}"));
        }
    }
    let from = people(fields, "From");
    if fields.has("From") && from.is_empty() {
        defects.push("no usable address in From".to_owned());
    }
    let date = fields.text("Date").and_then(|text| date(&text));
    if fields.has("Date") && date.is_none() {
        defects.push("no usable Date".to_owned());
    }
    ParsedMail {
        subject: clean_subject(&fields.decoded("Subject").unwrap_or_default()),
        has_co_authors: has_co_authors(fields),
        from: from.into_iter().next(),
        sender: people(fields, "Sender").into_iter().next(),
        reply_to: people(fields, "Reply-To"),
        to: people(fields, "To"),
        cc: people(fields, "Cc"),
        bcc: people(fields, "Bcc"),
        delivered_to: delivered_to(fields),
        handed_to: handed_to(fields),
        delivered: ENVELOPE.iter().chain(&DELIVERY).any(|name| fields.has(name)),
        date,
        message_id: ids(fields, "Message-ID").into_iter().next(),
        in_reply_to: ids(fields, "In-Reply-To"),
        references: ids(fields, "References"),
        thread_index: fields.text("Thread-Index").and_then(|text| thread_index(&text)),
        ..ParsedMail::default()
    }
}

/// Whether From names more than one mailbox, in however many headers (RFC 5322 §3.6.2 wants one header).
fn has_co_authors(fields: &Fields<'_>) -> bool {
    let mut others = fields.all("From").flat_map(|raw| addresses::read(&unfold(raw))).map(|person| person.address);
    others.next().is_some_and(|first| others.any(|other| !other.same_as(&first)))
}

/// The people of all headers with this name; of From only the first header that has an address.
fn people(fields: &Fields<'_>, name: &str) -> Vec<Person> {
    let mut all = Vec::new();
    for raw in fields.all(name) {
        all.extend(addresses::read(&unfold(raw)));
        if (name == "From" && !all.is_empty()) || all.len() >= addresses::MAX_PEOPLE {
            break;
        }
    }
    all.truncate(addresses::MAX_PEOPLE);
    all
}

fn delivered_to(fields: &Fields<'_>) -> Vec<Address> {
    let mut found: Vec<Address> = Vec::new();
    for raw in ENVELOPE.iter().flat_map(|name| fields.all(name)) {
        for person in addresses::read(&unfold(raw)) {
            if found.len() < addresses::MAX_PEOPLE && !found.contains(&person.address) {
                found.push(person.address);
            }
        }
    }
    found
}

/// The envelope recipients above the first Received.
fn handed_to(fields: &Fields<'_>) -> Vec<Address> {
    let on_top = fields.iter().take_while(|field| !field.name.eq_ignore_ascii_case(b"Received"));
    let recorded = on_top.filter(|field| ENVELOPE.iter().any(|name| field.name.eq_ignore_ascii_case(name.as_bytes())));
    let people = recorded.flat_map(|field| addresses::read(&unfold(field.value)));
    people.map(|person| person.address).take(addresses::MAX_PEOPLE).collect()
}

/// The ids of a header: what stands in angle brackets, else the words that look like ids.
pub fn ids(fields: &Fields<'_>, name: &str) -> Vec<MailId> {
    let mut found = Vec::new();
    for raw in fields.all(name) {
        read_ids(&unfold(raw), &mut found);
        if found.len() > MAX_IDS * 10 {
            break;
        }
    }
    if found.len() > MAX_IDS {
        // The first is the thread's root, the last ones are the nearest.
        found.drain(1..found.len() - (MAX_IDS - 1));
    }
    found
}

/// What all mails of one conversation have in common: a time and a GUID, to which each answer adds five bytes
/// (MS-OXOMSG 2.2.1.3, `PidTagConversationIndex`).
fn thread_index(text: &str) -> Option<MailId> {
    let bytes = transfer::base64(text.trim().as_bytes());
    let conversation = bytes.get(..THREAD_INDEX_HEAD)?;
    let hex = conversation.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    Some(MailId::new(&format!("{hex}@thread-index.invalid")))
}

/// Appends the ids that stand in `text`.
pub fn read_ids(text: &str, found: &mut Vec<MailId>) {
    let decoded;
    let text = if text.contains("=?") {
        decoded = words::decode(text);
        decoded.as_str()
    } else {
        text
    };
    let mut push = |id: &str| {
        if let Some(id) = clean_mail_id(id).map(|id| MailId::new(&id))
            && !found.contains(&id)
        {
            found.push(id);
        }
    };
    if text.contains('<') {
        for piece in text.split('<').skip(1).take(MAX_IDS * 10) {
            push(piece.split('>').next().unwrap_or_default());
        }
    } else {
        for word in text.split_whitespace().filter(|word| word.contains('@')).take(MAX_IDS * 10) {
            push(word.trim_matches(['>', ',', ';', '"']));
        }
    }
}

/// A date as RFC 5322 writes it: months in full, dashes between, `10.15.00`, `GMT+0100` and the order of asctime put right.
fn standard(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let numbers =
            |mark: char| word.split(mark).all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let dashed: Vec<&str> = word.split('-').collect();
        if matches!(dashed.as_slice(), [_, month, _] if month.get(..3).is_some_and(|start| MONTHS.contains(&start))) {
            words.extend(dashed.into_iter().map(str::to_owned));
        } else if word.matches('.').count() == 2 && word.len() <= 8 && numbers('.') {
            words.push(word.replace('.', ":"));
        } else if let Some(zone) =
            ["GMT", "UTC"].iter().find_map(|name| word.strip_prefix(name)).filter(|zone| zone.len() == 5)
        {
            words.push(zone.to_owned());
        } else {
            words.push(word.to_owned());
        }
    }
    for word in &mut words {
        let month = word.get(..3).is_some_and(|start| MONTHS.contains(&start));
        if month && word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            word.truncate(3);
        }
    }
    // `Tue Nov  3 10:15:00 2026`
    if let [_, month, day, clock, year, ..] = words.as_slice()
        && MONTHS.contains(&month.as_str())
        && clock.contains(':')
        && year.len() == 4
    {
        let zone = words.get(5).map_or("+0000", String::as_str);
        return format!("{day} {month} {year} {clock} {zone}");
    }
    words.join(" ")
}

/// A Date header as a time; `None` unless it is one.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.get(..200).unwrap_or(text);
    let parsed = DateTime::parse_rfc822(&standard(text)).or_else(|| DateTime::parse_rfc3339(text))?;
    if !parsed.is_valid() || parsed.year < 1970 {
        return None;
    }
    Timestamp::from_second(parsed.to_timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &str) -> ParsedMail {
        let mut defects = Vec::new();
        let (fields, _) = Fields::scan(headers.as_bytes(), &mut defects);
        read(&fields, &mut defects)
    }

    #[test]
    fn the_first_from_counts_and_a_second_is_a_defect() {
        let mut defects = Vec::new();
        let (fields, _) = Fields::scan(b"From: a@b.example\nFrom: c@d.example\n\n", &mut defects);
        let mail = read(&fields, &mut defects);
        assert_eq!(mail.from.unwrap().address.as_str(), "a@b.example");
        assert_eq!(defects, ["more than one From"]);
        assert!(mail.has_co_authors);
        assert!(check("From: a@b.example, c@d.example\n").has_co_authors);
        assert!(!check("From: A <a@b.example>, a@B.example\n").has_co_authors);
    }

    #[test]
    fn subjects_are_one_line() {
        assert_eq!(check("Subject: =?utf-8?q?a=0D=0AX:_b?=\n  c\n").subject, "a X: b c");
    }

    #[test]
    fn ids_are_read_with_and_without_brackets() {
        let mail = check("References: <a@b>\n <c d@e><f@g>\nIn-Reply-To: x@y (note)\nMessage-ID: <m@n>\n");
        let ids: Vec<&str> = mail.references.iter().map(MailId::as_str).collect();
        assert_eq!(ids, ["a@b", "cd@e", "f@g"]);
        assert_eq!(mail.in_reply_to, [MailId::new("x@y")]);
        assert_eq!(mail.message_id, Some(MailId::new("m@n")));
    }

    #[test]
    fn all_mails_of_an_outlook_conversation_share_an_id() {
        let opener = check("Thread-Index: AQHaAQIDBAUGBwgJCgsMDQ4PEBESEw==\n").thread_index;
        assert_eq!(opener, Some(MailId::new("0101da0102030405060708090a0b0c0d0e0f10111213@thread-index.invalid")));
        assert_eq!(check("Thread-Index: AQHaAQIDBAUGBwgJCgsMDQ4PEBESEwECAwQF\n").thread_index, opener);
        for short in ["", "AQHaAQID", "no base64 at all", "???"] {
            assert_eq!(check(&format!("Thread-Index: {short}\n")).thread_index, None, "{short}");
        }
    }

    #[test]
    fn many_references_keep_the_root_and_the_newest() {
        let list = (0..500).map(|n| format!("<{n}@x>")).collect::<Vec<_>>().join(" ");
        let mail = check(&format!("References: {list}\n"));
        assert_eq!(mail.references.len(), MAX_IDS);
        assert_eq!(mail.references[0].as_str(), "0@x");
        assert_eq!(mail.references[MAX_IDS - 1].as_str(), "499@x");
    }

    #[test]
    fn envelope_recipients_come_in_order_of_trust() {
        let mail = check("X-Original-To: b@x.example\nDelivered-To: a@x.example\nDelivered-To: b@x.example\n");
        let list: Vec<&str> = mail.delivered_to.iter().map(Address::as_str).collect();
        assert_eq!(list, ["a@x.example", "b@x.example"]);
    }

    #[test]
    fn a_delivery_leaves_marks_and_a_mail_program_none() {
        assert!(!check("From: a@b.example\nBcc: c@d.example\nReceived: from x by y\n").delivered);
        for mark in ["Return-Path: <>", "Delivered-To: a@b.example", "Authentication-Results: mx; spf=none"] {
            assert!(check(&format!("{mark}\nFrom: a@b.example\n")).delivered, "{mark}");
        }
    }

    #[test]
    fn dates_are_times_or_none() {
        assert_eq!(check("Date: Sun, 22 Nov 2026 02:02:03 +0100\n").date.unwrap().to_string(), "2026-11-22T01:02:03Z");
        assert_eq!(check("Date: yesterday\n").date, None);
    }
}

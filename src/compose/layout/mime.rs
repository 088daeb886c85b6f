//! The frame of a mail: headers, parts and line ends; the only place that names lettre.
//!
//! Every byte that leaves here is ASCII, every line ends in CR LF, every header value is one (folded) line whatever came in.

use data_encoding::BASE64_MIME;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue, Headers,
    InReplyTo, MessageId, References, Subject,
};
use lettre::message::{Body, Mailbox, Mailboxes, MultiPart, SinglePart};

use crate::compose::Desk;
use crate::model::address::{Address, Person};
use crate::model::id::MailId;
use crate::model::mail::Attachment;
use crate::model::text::{clean_file_name, clean_line, clean_name, clean_text};

/// Message-IDs in References: the first one and as many of the latest as make this many.
const MAX_REFERENCES: usize = 21;
/// Characters of a header that we make up from texts.
const MAX_VALUE: usize = 200;
/// Longest line of a header without its end: what RFC 2047 allows where encoded words stand.
const MAX_LINE: usize = 76;

/// The headers of a mail, in the order they are written.
pub struct Head(Headers);

/// The running text of a mail in both forms.
pub struct Text {
    /// Plain, line ends `\n`.
    pub plain: String,
    /// A whole HTML document.
    pub html: String,
}

impl Head {
    /// The headers every mail has. `id` also names the parts' boundary.
    pub fn new(now: Timestamp, zone: &TimeZone, id: &MailId) -> Self {
        let mut headers = Headers::with_capacity(16);
        // lettre's own Date knows only UTC.
        let date = date(now, zone);
        headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(
            HeaderName::new_from_ascii_str("Date"),
            date.clone(),
            date,
        ));
        headers.set(MessageId::from(format!("<{id}>")));
        Self(headers)
    }

    /// From; nothing when there is nobody.
    pub fn from(&mut self, from: Option<&Person>) {
        self.people::<lettre::message::header::From>(from);
    }

    /// To. When none of the addresses can be written in ASCII, an empty group stands for them (RFC 6854).
    pub fn to<'a>(&mut self, to: impl IntoIterator<Item = &'a Person>) {
        let mut to = to.into_iter().peekable();
        let somebody = to.peek().is_some();
        if !self.people::<lettre::message::header::To>(to) && somebody {
            let nobody = "undisclosed-recipients:;".to_owned();
            self.0.insert_raw(HeaderValue::dangerous_new_pre_encoded(
                HeaderName::new_from_ascii_str("To"),
                nobody.clone(),
                nobody,
            ));
        }
    }

    /// Cc.
    pub fn cc<'a>(&mut self, cc: impl IntoIterator<Item = &'a Person>) {
        self.people::<lettre::message::header::Cc>(cc);
    }

    /// Reply-To.
    pub fn reply_to(&mut self, person: &Person) {
        self.people::<lettre::message::header::ReplyTo>([person]);
    }

    /// Subject.
    pub fn subject(&mut self, subject: String) {
        self.0.set(Subject::from(subject));
    }

    /// A mail to an agent: under the root of its thread, with the id that stands in for its Message-ID among the References,
    /// and the mails of theirs that it answers.
    pub fn under(&mut self, root: Option<&MailId>, stand_in: &MailId, answered: &[MailId]) {
        self.answers(root.into_iter().chain([stand_in]).chain(answered));
        match root {
            _ if !answered.is_empty() => {}
            // The root is the parent: programs that go by In-Reply-To alone show one thread too.
            Some(root) => self.0.set(InReplyTo::from(format!("<{root}>"))),
            None => drop(self.0.remove::<InReplyTo>()),
        }
    }

    /// In-Reply-To (the last of `ids`) and References (all of them, the middle left out when there are many).
    pub fn answers<'a>(&mut self, ids: impl IntoIterator<Item = &'a MailId>) {
        let usable: Vec<&str> = ids.into_iter().map(MailId::as_str).filter(|id| is_plain(id)).collect();
        let Some(last) = usable.last() else { return };
        self.0.set(InReplyTo::from(format!("<{last}>")));
        let skipped = usable.len().saturating_sub(MAX_REFERENCES);
        let kept = usable.iter().enumerate().filter(|(index, _)| *index == 0 || *index > skipped);
        let list: Vec<String> = kept.map(|(_, id)| format!("<{id}>")).collect();
        self.0.set(References::from(list.join(" ")));
    }

    /// A header of our own.
    pub fn mark(&mut self, name: &'static str, value: &str) {
        let value = clean_line(value, MAX_VALUE).replace("=?", "= ?");
        self.0.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }

    /// The marks of a mail that no human wrote: other machines shall not answer it, and we know it when it comes back.
    /// `auto` is the value of Auto-Submitted (RFC 3834).
    pub fn automatic(&mut self, auto: &str, id: &MailId, desk: &Desk) {
        self.mark("Auto-Submitted", auto);
        // Exchange honours this one, old robots the other.
        self.mark("X-Auto-Response-Suppress", "All");
        self.mark("Precedence", "bulk");
        self.mark("X-Postroom-Loop", &desk.signer.loop_mark(id));
    }

    /// Writes the addresses that are ASCII; says whether there were any.
    fn people<'a, H: Header + From<Mailboxes>>(&mut self, people: impl IntoIterator<Item = &'a Person>) -> bool {
        let list: Mailboxes = people.into_iter().filter_map(mailbox).collect();
        let any = list.iter().next().is_some();
        if any {
            self.0.set(H::from(list));
        }
        any
    }

    /// The whole mail as bytes.
    pub fn with(self, id: &MailId, text: &Text, attachments: &[&Attachment]) -> Vec<u8> {
        self.with_pictures(id, text, &[], attachments)
    }

    /// The whole mail as bytes, with pictures that the HTML shows, each under its Content-ID.
    pub fn with_pictures(
        mut self,
        id: &MailId,
        text: &Text,
        pictures: &[(&str, &Attachment)],
        attachments: &[&Attachment],
    ) -> Vec<u8> {
        let alternative = MultiPart::builder()
            .header(multipart("alternative", "a", id))
            .singlepart(part(ContentType::TEXT_PLAIN, &text.plain));
        let html = part(ContentType::TEXT_HTML, &text.html);
        let alternative = if pictures.is_empty() {
            alternative.singlepart(html)
        } else {
            let related = MultiPart::builder().header(multipart("related", "r", id)).singlepart(html);
            alternative
                .multipart(pictures.iter().fold(related, |related, (id, file)| related.singlepart(shown(id, file))))
        };
        let whole = if attachments.is_empty() {
            alternative
        } else {
            let mixed = MultiPart::builder().header(multipart("mixed", "m", id)).multipart(alternative);
            attachments.iter().fold(mixed, |mixed, attachment| mixed.singlepart(attached(attachment)))
        };
        self.0.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("MIME-Version"), "1.0".to_owned()));
        let mut bytes = refolded(&self.0.to_string()).into_bytes();
        bytes.extend_from_slice(&whole.formatted());
        bytes
    }
}

/// `headers` with the lines that lettre leaves too long (it breaks behind the word that is too many) broken at a blank.
fn refolded(headers: &str) -> String {
    let mut folded = String::with_capacity(headers.len());
    for line in headers.split_inclusive("\r\n") {
        let mut rest = line;
        while rest.trim_end().len() > MAX_LINE {
            let Some((head, tail)) = last_blank(rest).and_then(|at| rest.split_at_checked(at)) else { break };
            folded.push_str(head.trim_end());
            folded.push_str("\r\n");
            rest = tail;
        }
        folded.push_str(rest);
    }
    folded
}

/// Where a line of a header may be broken: at its last blank that is not too late, with something of its value before it.
fn last_blank(line: &str) -> Option<usize> {
    let value = if line.starts_with([' ', '\t']) { 1 } else { line.find(": ")? + 2 };
    let text = line.get(value..=MAX_LINE)?;
    let at = text.rfind(' ')?;
    (!text.get(..at)?.trim().is_empty()).then_some(value + at)
}

/// Each address once, in order.
pub fn recipients<'a>(people: impl IntoIterator<Item = &'a Person>) -> Vec<Address> {
    let mut recipients: Vec<Address> = Vec::new();
    for person in people {
        if !recipients.iter().any(|known| known.same_as(&person.address)) {
            recipients.push(person.address.clone());
        }
    }
    recipients
}

fn date(now: Timestamp, zone: &TimeZone) -> String {
    // Fails for years before 0 alone.
    jiff::fmt::rfc2822::to_string(&now.to_zoned(zone.clone()))
        .unwrap_or_else(|_| "Thu, 1 Jan 1970 00:00:00 +0000".to_owned())
}

/// `None` for an address with letters beyond ASCII: a header can hold it only under SMTPUTF8.
fn mailbox(person: &Person) -> Option<Mailbox> {
    let address = &person.address;
    if !is_plain(address.as_str()) {
        return None;
    }
    // Cleaned again: lettre panics on a line break in a name.
    let name = clean_name(&person.name).replace("=?", "= ?");
    // Our own addresses are wider than lettre's (`a..b@x` exists), and as safe to write.
    let address = lettre::Address::new_dangerous(address.local(), address.domain());
    Some(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// Whether `text` can stand in a header as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The boundary holds the signature in our Message-ID, so that no sender can guess it.
fn multipart(kind: &str, letter: &str, id: &MailId) -> ContentType {
    let local = id.as_str().rsplit_once('@').map_or(id.as_str(), |(local, _)| local);
    let secret = local.rsplit('.').next().unwrap_or_default();
    let secret: String = secret.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    ContentType::parse(&format!("multipart/{kind}; boundary=\"postroom-{letter}-{secret}\""))
        .unwrap_or(ContentType::TEXT_PLAIN)
}

/// Bytes of a text in both its forms, encoded.
pub fn encoded_len(text: &Text) -> usize {
    let len = |kind, text| part(kind, text).formatted().len();
    len(ContentType::TEXT_PLAIN, &text.plain) + len(ContentType::TEXT_HTML, &text.html)
}

fn part(content_type: ContentType, text: &str) -> SinglePart {
    // lettre would turn line ends in time that grows with the square of the length; given CR LF it has nothing to do.
    let text = clean_text(text).replace('\n', "\r\n");
    SinglePart::builder().content_type(content_type).body(text)
}

/// A picture that stands in the text.
fn shown(id: &str, picture: &Attachment) -> SinglePart {
    let name = clean_file_name(&picture.name, "picture");
    let encoded = BASE64_MIME.encode(&picture.content).into_bytes();
    SinglePart::builder()
        .content_type(media_type(&picture.media_type))
        .header(ContentDisposition::inline_with_name(&name))
        .header(ContentId::from(format!("<{id}>")))
        .body(Body::dangerous_pre_encoded(encoded, ContentTransferEncoding::Base64))
}

fn attached(attachment: &Attachment) -> SinglePart {
    let name = clean_file_name(&attachment.name, "attachment");
    let encoded = BASE64_MIME.encode(&attachment.content).into_bytes();
    SinglePart::builder()
        .content_type(media_type(&attachment.media_type))
        .header(ContentDisposition::attachment(&name))
        .body(Body::dangerous_pre_encoded(encoded, ContentTransferEncoding::Base64))
}

/// The type as the sender gave it, if it is a plain `type/subtype` that may be base64 (RFC 2046 §5.2.1 forbids that for
/// mails inside mails).
fn media_type(text: &str) -> ContentType {
    let text = text.to_ascii_lowercase();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.+-_".contains(&byte));
    let composite = text.starts_with("message/") || text.starts_with("multipart/");
    let text = if plain && !composite { text.as_str() } else { "application/octet-stream" };
    ContentType::parse(text)
        .or_else(|_| ContentType::parse("application/octet-stream"))
        .unwrap_or(ContentType::TEXT_PLAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_keep_the_first_and_the_latest_twenty() {
        let ids: Vec<MailId> = (0..50).map(|n| MailId::new(&format!("{n}@x"))).collect();
        let mut head = Head(Headers::new());
        head.answers(&ids);
        let text = head.0.to_string().replace("\r\n ", " ");
        assert!(
            text.contains("References: <0@x> <30@x> <31@x> ") && text.contains("In-Reply-To: <49@x>\r\n"),
            "{text}"
        );
        assert_eq!(text.matches('@').count(), MAX_REFERENCES + 1);
    }

    #[test]
    fn a_few_references_are_all_kept() {
        let ids: Vec<MailId> = (0..21).map(|n| MailId::new(&format!("{n}@x"))).collect();
        let mut head = Head(Headers::new());
        head.answers(&ids);
        assert_eq!(head.0.to_string().matches('@').count(), MAX_REFERENCES + 1);
    }

    #[test]
    fn no_line_of_addresses_is_longer_than_encoded_words_may_be() {
        let person =
            |name: &str, address: &str| Person { name: name.to_owned(), address: Address::parse(address).unwrap() };
        let people = [
            person("Олег Петров via Returns", "returns@shop.example"),
            person("Bob", "bob@client.example"),
            person("Carol", "carol@client.example"),
            person("Daniel", "daniel.the.third@client.example"),
            person("A  very, \"long\" name of somebody who has one in every line of it", "long@client.example"),
        ];
        let mut head = Head(Headers::new());
        head.from(people.first());
        head.cc(&people);
        let (long, short) = (head.0.to_string(), refolded(&head.0.to_string()));
        assert!(long.lines().any(|line| line.len() > MAX_LINE), "{long}");
        assert!(short.lines().all(|line| line.len() <= MAX_LINE && !line.trim().is_empty()), "{short}");
        let unfolded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(unfolded(&long), unfolded(&short));
        let unbroken = format!("X: {}\r\n", "x".repeat(200));
        assert_eq!(refolded(&unbroken), unbroken);
    }

    #[test]
    fn the_date_is_in_the_desks_zone() {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let now = "2026-07-01T10:00:00Z".parse().unwrap();
        assert_eq!(date(now, &zone), "Wed, 1 Jul 2026 12:00:00 +0200");
    }

    #[test]
    fn odd_media_types_become_plain_bytes() {
        for (from, to) in [
            ("image/png", "image/png"),
            ("message/rfc822", "application/octet-stream"),
            ("multipart/mixed", "application/octet-stream"),
            ("text/plain\r\nx: y", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert!(
                Headers::to_string(&{
                    let mut h = Headers::new();
                    h.set(media_type(from));
                    h
                })
                .contains(to),
                "{from}"
            );
        }
    }
}

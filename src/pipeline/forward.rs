//! A customer's mail taken out of an agent's forward: the attached one as it is, else the one that stands in their text.

use std::sync::Arc;

use crate::decide::HandedOn;
use crate::model::address::Person;
use crate::model::link::Link;
use crate::model::mail::{Attachment, ParsedMail, RawMail};
use crate::parse::parse;
use crate::thread::asks_to_forward;

/// Lines of headers that a program puts above a forwarded mail, at most.
const MAX_HEAD: usize = 20;

/// What a forward holds.
pub(super) struct Handed {
    /// The agent's part.
    pub(super) on: HandedOn,
    /// The customer's mail, as written to the agent's recipients.
    pub(super) mail: ParsedMail,
    /// What travels with it.
    pub(super) attachments: Arc<[Attachment]>,
}

/// Takes the customer's mail out of `outer`, when `link` says that it is an agent's forward.
pub(super) fn unwrap(
    link: &Link,
    outer: &ParsedMail,
    attachments: &Arc<[Attachment]>,
    raw: &RawMail,
) -> Option<Handed> {
    let Link::Forward { agent, proof } = link else { return None };
    let customer = outer.forwarded.as_ref()?.from.as_ref()?;
    let (remark, inline) = divide(&outer.text, customer);
    let (mut mail, attachments) = match attached(attachments, customer) {
        Some(mut inner) => {
            let own = std::mem::take(&mut inner.attachments);
            (inner, own.into())
        }
        None => (written_out(outer, customer, &inline), Arc::clone(attachments)),
    };
    // Where it goes is what the agent wrote it to, and it is known again as their mail is.
    mail.to.clone_from(&outer.to);
    mail.cc.clone_from(&outer.cc);
    mail.delivered_to.clone_from(&outer.delivered_to);
    mail.fingerprint = outer.fingerprint;
    mail.defects.extend(outer.defects.iter().cloned());
    let on = HandedOn {
        agent: agent.clone(),
        from: outer.from.clone()?,
        proof: *proof,
        remark,
        date: outer.date.unwrap_or(raw.received_at),
        message_id: outer.message_id.clone(),
    };
    Some(Handed { on, mail, attachments })
}

/// The attached mail of the customer.
fn attached(attachments: &[Attachment], customer: &Person) -> Option<ParsedMail> {
    let is_mail = |attachment: &&Attachment| {
        // Several programs pass a mail on as a file of no known type.
        matches!(attachment.media_type.as_str(), "message/rfc822" | "message/global")
            || attachment.name.to_lowercase().ends_with(".eml")
    };
    attachments
        .iter()
        .filter(is_mail)
        .map(|attachment| parse(attachment.content.trim_ascii_start(), None))
        .find(|mail| mail.from.as_ref().is_some_and(|from| from.address.same_as(&customer.address)))
}

/// The mail that stands in the agent's text, read like any other.
fn written_out(outer: &ParsedMail, customer: &Person, text: &str) -> ParsedMail {
    let mut bytes =
        b"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n".to_vec();
    bytes.extend_from_slice(text.as_bytes());
    let mut mail = parse(&bytes, None);
    mail.from = Some(customer.clone());
    let subject = outer.forwarded.as_ref().map_or("", |forwarded| forwarded.subject.as_str());
    mail.subject = if subject.is_empty() { outer.subject.clone() } else { subject.to_owned() };
    mail.date = outer.forwarded.as_ref().and_then(|forwarded| date(&forwarded.date));
    mail.automated = None;
    mail.defects.clear();
    mail
}

/// The date as programs that write it like a header do; in any other form it is unknown.
fn date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

/// The agent's remark, and the words of the mail below the headers that their program wrote.
fn divide(text: &str, customer: &Person) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    let key = customer.address.key();
    let start = lines.iter().position(|line| line.to_lowercase().contains(&key)).unwrap_or(lines.len());
    let quoted = lines.get(start).is_some_and(|line| line.trim_start().starts_with('>'));
    let bare = |line: &&str| {
        let line = if quoted {
            line.trim_start().strip_prefix('>').map_or(*line, |rest| rest.strip_prefix(' ').unwrap_or(rest))
        } else {
            line
        };
        line.to_owned()
    };
    let below: Vec<String> = lines.get(start..).unwrap_or_default().iter().map(bare).collect();
    let head = below.iter().take(MAX_HEAD).position(|line| line.trim().is_empty()).unwrap_or(1);
    let words = below.get(head..).unwrap_or_default().join("\n").trim().to_owned();
    (remark(lines.get(..start).unwrap_or_default()), words)
}

/// The agent's words: below `#fwd`, above the line with which their program announces the mail and other headers.
fn remark(lines: &[&str]) -> String {
    let asked = ParsedMail { text: lines.join("\n"), ..ParsedMail::default() };
    let first = lines.iter().position(|line| !line.trim().is_empty()).filter(|_| asks_to_forward(&asked));
    let own = lines.get(first.map_or(0, |first| first + 1)..).unwrap_or_default();
    let paragraphs = own.join("\n");
    let paragraphs = paragraphs.trim_end_matches(|c: char| c.is_whitespace() || c == '>');
    // The last paragraph belongs to the forwarded mail when it is a rule, an announcement or the first of its headers.
    let announces = |line: &str| {
        let line = line.trim_start_matches('>').trim();
        line.is_empty()
            || line.starts_with("---")
            || line.starts_with("___")
            || line.starts_with("***")
            || line.ends_with(':')
            || line.split_once(": ").is_some_and(|(label, _)| label.split_whitespace().count() <= 2)
    };
    let mut kept: Vec<&str> = paragraphs.lines().collect();
    while kept.last().is_some_and(|line| announces(line)) {
        kept.pop();
    }
    kept.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::link::AgentProof;
    use crate::model::testing::person;

    fn check(text: &str, remark: &str, words: &str) {
        let customer = person("Ewa", "ewa@client.example");
        assert_eq!(divide(text, &customer), (remark.to_owned(), words.to_owned()), "{text}");
    }

    #[test]
    fn the_remark_stands_above_and_the_words_below_the_headers_in_the_ways_of_programs() {
        let words = "Hello,\n\nmy lamp is broken.";
        check(
            "#fwd\nBe nice.\n\n---------- Forwarded message ---------\nFrom: Ewa <ewa@client.example>\nDate: Mon\nSubject: x\nTo: a\n\n\nHello,\n\nmy lamp is broken.",
            "Be nice.",
            words,
        );
        check(
            "\n#FWD \n\nPan Kowalski: stały klient.\nMiło odpisz.\n\nWiadomość napisana przez Ewa w dniu 2.11.2026:\n\n> Od: Ewa <EWA@client.example>\n> Temat: x\n> \n> Hello,\n> \n> my lamp is broken.",
            "Pan Kowalski: stały klient.\nMiło odpisz.",
            words,
        );
        check(
            "#fwd\n\n________________________________\nОт: Ewa <ewa@client.example>\nОтправлено: x\nКому: y\nТема: z\n\nHello,\n\nmy lamp is broken.\n",
            "",
            words,
        );
        check(
            "#fwd\nSee below\n\n-----Original Message-----\nSubject: x\nDate: y\nFrom: Ewa <ewa@client.example>\nTo: z\n\nHello,\n\nmy lamp is broken.",
            "See below",
            words,
        );
    }

    /// Anna's forward of what `inner` holds, as one mail.
    fn outer(inner: &str) -> ParsedMail {
        let text = format!(
            "From: Anna <anna@shop.example>\nTo: returns@shop.example\nSubject: Fwd: Lamp\nMessage-ID: <outer@shop.example>\n\
             MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n#fwd\nBe nice.\n\
             --b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
        );
        parse(text.as_bytes(), None)
    }

    const INNER: &str = "From: Ewa <ewa@client.example>\nReply-To: ewa@phone.example\nTo: anna@shop.example\nSubject: Broken lamp\n\
        Date: Sat, 21 Nov 2026 08:00:00 +0100\nMessage-ID: <inner@client.example>\n\nIt is broken.\n";

    fn handed(proof: AgentProof) -> Handed {
        let mut mail = outer(INNER);
        let attachments: Arc<[Attachment]> = std::mem::take(&mut mail.attachments).into();
        let raw = RawMail {
            mailbox: crate::model::MailboxId::new("info"),
            folder: "INBOX".to_owned(),
            bytes: Arc::from(*b""),
            received_at: jiff::Timestamp::UNIX_EPOCH,
            arrival: crate::model::mail::Arrival::Live,
            omitted: None,
        };
        let link = Link::Forward { agent: crate::model::AgentId::new("anna"), proof };
        unwrap(&link, &mail, &attachments, &raw).unwrap()
    }

    #[test]
    fn an_attached_mail_is_the_customers_as_it_is_and_goes_where_the_agent_wrote() {
        let Handed { on, mail, attachments } = handed(AgentProof::Token);
        assert_eq!((on.remark.as_str(), on.message_id.unwrap().as_str()), ("Be nice.", "outer@shop.example"));
        assert_eq!((mail.subject.as_str(), mail.text.trim()), ("Broken lamp", "It is broken."));
        assert_eq!(mail.from.unwrap().address.as_str(), "ewa@client.example");
        assert_eq!(mail.reply_to[0].address.as_str(), "ewa@phone.example");
        assert_eq!(mail.to[0].address.as_str(), "returns@shop.example");
        assert_eq!(mail.date, Some("2026-11-21T07:00:00Z".parse().unwrap()));
        assert_eq!(mail.message_id.unwrap().as_str(), "inner@client.example");
        assert_eq!(mail.fingerprint, outer(INNER).fingerprint);
        assert!(attachments.is_empty());
    }
}

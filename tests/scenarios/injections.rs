//! Sixty ways to write a header of one's own into what we send: none adds a line, a recipient or a part.

use super::desk::{Desk, Sent};
use super::script::reply_head;

/// What stands behind the words of a header: a line of the attacker's, in each of the disguises in which mails carry it.
const PAYLOADS: &[&str] = &[
    "=?utf-8?q?x=0D=0ABcc:_evil@else.example=0D=0A=0D=0Aowned?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQGVsc2UuZXhhbXBsZQ0KDQpvd25lZA==?=",
    "x\rBcc: evil@else.example\r\rowned",
    "x\u{2028}Bcc: evil@else.example\u{85}X-Evil: yes\u{2029}owned",
    "x%0D%0ABcc:%20evil@else.example\0\u{b}X-Evil: yes",
];

/// Where it stands: a mail with `PAYLOAD` in one place.
const PLACES: &[(&str, &str)] = &[
    ("the name in From", "From: \"Ewa PAYLOAD\" <ewa@client.example>"),
    ("the name in From, unquoted", "From: Ewa PAYLOAD <ewa@client.example>"),
    ("the name in Reply-To", "From: Ewa <ewa@client.example>\nReply-To: \"PAYLOAD\" <ewa@client.example>"),
    ("the subject", "From: Ewa <ewa@client.example>\nSubject: Lamp PAYLOAD"),
    ("the Message-ID", "From: Ewa <ewa@client.example>\nMessage-ID: <1PAYLOAD@client.example>"),
    ("References", "From: Ewa <ewa@client.example>\nReferences: <aPAYLOAD@client.example> <b@client.example>"),
    ("In-Reply-To", "From: Ewa <ewa@client.example>\nIn-Reply-To: <PAYLOAD@client.example>"),
    ("a name in To", "From: Ewa <ewa@client.example>\nTo: \"PAYLOAD\" <info@shop.example>"),
    ("a name in Cc", "From: Ewa <ewa@client.example>\nCc: \"PAYLOAD\" <kim@client.example>"),
    (
        "the name of a file",
        "From: Ewa <ewa@client.example>\nContent-Type: text/csv; name=\"PAYLOAD\"\nContent-Disposition: attachment; filename=\"PAYLOAD\"",
    ),
    (
        "the name of a file, as RFC 2231 has it",
        "From: Ewa <ewa@client.example>\nContent-Type: text/csv\nContent-Disposition: attachment; filename*=utf-8''PAYLOAD",
    ),
    ("the list's name", "From: Ewa <ewa@client.example>\nList-Id: PAYLOAD <lamps.client.example>"),
];

/// Headers that a mail of ours has once at the most, and no others.
const OURS: &[&str] = &[
    "date",
    "message-id",
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "x-auto-response-suppress",
    "precedence",
];

#[track_caller]
fn check(sent: &Sent, what: &str) {
    let known = ["ewa@client.example", "kim@client.example", "jan@shop.example", "anna@shop.example"];
    assert!(known.contains(&sent.recipient.as_str()), "{what}: {}", sent.recipient);
    let text = String::from_utf8(sent.bytes.clone()).unwrap();
    assert!(text.is_ascii() && !text.replace("\r\n", "").contains(['\r', '\n', '\0']), "{what}: lines end in CR LF");
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let mut seen = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        let (name, _) = line.split_once(": ").unwrap_or_else(|| panic!("{what}: no header: {line}"));
        let name = name.to_lowercase();
        assert!(OURS.contains(&name.as_str()) || name.starts_with("x-postroom-"), "{what}: {name}");
        assert!(!seen.contains(&name), "{what}: {name} stands twice");
        seen.push(name);
    }
    let to: Vec<&str> = sent.mail.to.iter().chain(&sent.mail.cc).map(|person| person.address.as_str()).collect();
    assert!(to.iter().all(|to| known.contains(to)), "{what}: {to:?}");
    assert!(sent.mail.bcc.is_empty() && !sent.mail.subject.contains(['\r', '\n']), "{what}");
}

#[tokio::test(start_paused = true)]
async fn no_header_is_injected_into_receipts_notifications_and_answers() {
    let mut mails = 0;
    for (place, head) in PLACES {
        for payload in PAYLOADS {
            let what = format!("{place}: {payload:?}");
            let mut desk = Desk::open().await;
            let mut head = format!("{}\n", head.replace("PAYLOAD", payload));
            for (name, value) in
                [("Message-ID", "<1@client.example>"), ("To", "info@shop.example"), ("Subject", "Lamp")]
            {
                if !head.contains(&format!("{name}: ")) {
                    head.extend([name, ": ", value, "\n"]);
                }
            }
            desk.take(&format!("{head}MIME-Version: 1.0\n\nWhere is it?\n")).await;
            assert_eq!(desk.tickets().await.len(), 1, "{what}");
            if let Some(told) = desk.latest("jan@shop.example") {
                let reply = reply_head(told);
                desk.take(&format!("Message-ID: <2@jan>\nFrom: jan@shop.example\n{reply}\nOn its way.\n")).await;
            }
            assert!(!desk.sent.is_empty(), "{what}");
            desk.sent.iter().for_each(|sent| check(sent, &what));
            mails += 1;
        }
    }
    assert_eq!(mails, 60);
}

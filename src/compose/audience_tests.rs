//! A mail to an agent says who reads a reply in its first line, its colour, its Reply-To, a header and its tokens, and all of
//! them say the same.

use mail_parser::MessageParser;

use super::compose;
use super::samples::{keys, notification, now, of_every_kind, person, policy, signer};
use crate::model::address::{Address, Person};
use crate::model::language::Language;
use crate::model::outgoing::{Draft, NotificationDraft, Outgoing};
use crate::model::policy::Policy;
use crate::model::reader::Reader;

/// What is seen of a mail's audience.
struct Seen {
    marker: String,
    colour: String,
    name: String,
    address: Address,
    header: String,
    plain: String,
}

fn seen(outgoing: &Outgoing) -> Seen {
    let mail = MessageParser::default().parse(&outgoing.bytes).unwrap();
    let html = mail.body_html(0).unwrap().into_owned();
    let plain = mail.body_text(0).unwrap().replace("\r\n", "\n");
    let reply_to = mail.reply_to().unwrap().first().unwrap();
    Seen {
        marker: plain.lines().next().unwrap().to_owned(),
        colour: html.split("bgcolor=\"").nth(1).unwrap().split('"').next().unwrap().to_owned(),
        name: reply_to.name().unwrap_or_default().to_owned(),
        address: Address::parse(reply_to.address().unwrap()).unwrap(),
        header: mail.header("X-Postroom-Reader").unwrap().as_text().unwrap().to_owned(),
        plain,
    }
}

fn reader_of(draft: &Draft) -> Reader {
    match draft {
        Draft::Notification(draft) => draft.reader(),
        Draft::Notice(draft) => draft.reader(),
        Draft::Digest(_) => Reader::Nobody,
        Draft::Answer(_) | Draft::Acknowledgement(_) => panic!("a mail to a customer"),
    }
}

fn in_language(language: Language) -> Policy {
    let mut policy = policy();
    policy.agents.iter_mut().for_each(|agent| agent.language = language);
    policy
}

#[test]
fn marker_colour_reply_to_header_and_tokens_of_every_kind_of_mail_say_the_same() {
    for language in Language::all() {
        let policy = in_language(language);
        for draft in of_every_kind() {
            let reader = reader_of(&draft);
            let outgoing = compose(&draft, &policy, &signer(), &keys(), now());
            let Seen { marker, colour, name, address, header, plain } = seen(&outgoing);
            let ground = match reader {
                Reader::Customer => "#0b5cad",
                Reader::Note => "#ffe9a8",
                Reader::Nobody => "#ffffff",
            };
            assert_eq!(marker, language.text(super::texts::marker(reader)));
            assert_eq!((colour.as_str(), header.as_str()), (ground, reader.as_str()), "{plain}");
            let customer = name.starts_with("Ewa Żółć (") && name.ends_with(')');
            let note = name.ends_with(" #1042") && !name.contains("Ewa");
            assert_eq!(
                (customer, note, name == "postroom"),
                match reader {
                    Reader::Customer => (true, false, false),
                    Reader::Note => (false, true, false),
                    Reader::Nobody => (false, false, true),
                },
                "{name}"
            );
            let detail = address.local().split_once('+').unwrap().1;
            assert_eq!(signer().check_reply_detail(detail).unwrap().reader, Some(reader), "{address}");
            assert_eq!(signer().check_mail_id(&outgoing.message_id).unwrap().reader, Some(reader));
        }
    }
}

#[test]
fn a_mail_whose_answer_reaches_several_people_names_them_all_and_one_that_does_not_names_nobody() {
    let on = |customers: Vec<Person>| {
        let draft = NotificationDraft { customers, ..notification() };
        seen(&compose(
            &Draft::Notification(Box::new(draft)),
            &in_language(Language::ENGLISH),
            &signer(),
            &keys(),
            now(),
        ))
    };
    let ewa = || person("Ewa Żak", "ewa@client.example");
    let one = on(vec![notification().author]);
    assert_eq!(one.name, "Ewa Żółć (customer)");
    assert!(!one.plain.contains("Goes to:"), "{}", one.plain);
    let another = on(vec![ewa()]);
    assert!(another.plain.contains("Goes to:         Ewa Żak <ewa@client.example>\n"), "{}", another.plain);
    let people = vec![ewa(), person("", "jo@client.example"), person("Lis, Ola (HR)", "ola@client.example")];
    let three = on(people);
    assert_eq!(three.name, "Ewa Żak +2 (customers)");
    let line = three.plain.lines().find(|line| line.starts_with("Goes to:")).unwrap();
    assert!(
        line.ends_with("Ewa Żak <ewa@client.example>, jo@client.example, Lis, Ola (HR) <ola@client.example>"),
        "{line}"
    );
    assert_eq!(on(vec![person("", "jo@client.example")]).name, "jo@client.example (customer)");
    let many: Vec<Person> =
        (0..21).map(|n| person("A rather long name", &format!("customer{n}@client.example"))).collect();
    assert!(on(many).plain.contains("customer20@client.example"), "none is left out");
}

#[test]
fn a_name_that_looks_like_an_address_or_a_comment_stays_a_name() {
    for name in [
        "a@b.example",
        "Ewa (x) <evil@x.example>",
        "\"Ewa\", x",
        "Ewa\r\nBcc: x@y.example",
        "Zażółć gęślą ",
        ")(",
        "=?utf-8?q?x?=",
    ] {
        let draft = NotificationDraft { customers: vec![person(name, "ewa@client.example")], ..notification() };
        let outgoing = compose(&Draft::Notification(Box::new(draft)), &policy(), &signer(), &keys(), now());
        let mail = MessageParser::default().parse(&outgoing.bytes).unwrap();
        assert_eq!(mail.reply_to().unwrap().clone().into_list().len(), 1, "{name}");
        assert!(seen(&outgoing).address.as_str().ends_with("@shop.example"), "{name}");
        let raw = String::from_utf8_lossy(&outgoing.bytes).replace("\r\n ", " ");
        let line = raw.lines().find(|line| line.starts_with("Reply-To: ")).unwrap();
        let value = line.trim_start_matches("Reply-To: ");
        assert!(value.starts_with('"') || value.starts_with("=?utf-8?"), "brackets alone are a comment: {line}");
    }
}

//! The script can be played on mails as postroom writes them.

use super::STEPS;
use super::script::{Step, What};
use crate::model::address::{Address, Person};
use crate::model::id::MailId;
use crate::model::mail::ParsedMail;

fn person(name: &str, address: &str) -> Person {
    Person { name: name.to_owned(), address: Address::parse(address).unwrap() }
}

fn ours(to: &str, subject: &str, reply_to: Option<&str>) -> ParsedMail {
    ParsedMail {
        subject: subject.to_owned(),
        from: Some(person("Example Shop Returns", "returns@shop.example")),
        reply_to: reply_to.map(|address| person("", address)).into_iter().collect(),
        to: vec![person("", to)],
        message_id: Some(MailId::new(&format!("id-of-{}", to.replace('@', ".at.")))),
        references: vec![MailId::new("root@shop.example")],
        text: "##- Reply above this line -##\n\nDzień dobry".to_owned(),
        ..ParsedMail::default()
    }
}

/// One mail to each customer, one notification of it to each agent.
fn outbox() -> Vec<ParsedMail> {
    let customers = [
        "ewa.zolc@poczta.example",
        "accounts@mill.example",
        "zakupki@lavka.example",
        "liza.reyes@koreo.example",
        "nina@fjell.example",
    ];
    let mut mails = Vec::new();
    for (index, customer) in customers.iter().enumerate() {
        mails.push(ours(customer, &format!("Re: [#{index}] Zwrot butów"), None));
        for agent in ["anna", "jan", "olga", "maria"] {
            let reply = format!("info+{index}.{agent}.token@shop.example");
            mails.push(ours(&format!("{agent}@staff.example"), &format!("[#{index}] Zwrot butów"), Some(&reply)));
        }
    }
    mails
}

fn mail(step: &Step, index: usize) -> Vec<u8> {
    step.mail(index, "2026-11-22T10:00:00Z".parse().unwrap(), &outbox()).unwrap()
}

fn find(wanted: impl Fn(&What) -> bool) -> String {
    let (index, step) = STEPS.iter().enumerate().find(|(_, step)| wanted(&step.what)).unwrap();
    String::from_utf8(mail(step, index)).unwrap()
}

#[test]
fn every_step_makes_a_mail_with_a_date() {
    for (index, step) in STEPS.iter().enumerate() {
        let bytes = mail(step, index);
        assert!(!bytes.windows(8).any(|window| window == b"{{DATE}}"), "{}", step.title);
        assert!(!bytes.contains(&b'\r'), "{}", step.title);
        if !step.title.contains("garbage") {
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            let (head, _) = text.split_once("\n\n").unwrap();
            for name in ["date: ", "message-id: <", "from: ", "to: ", "subject: "] {
                assert!(head.contains(&format!("\n{name}")), "{} lacks {name}", step.title);
            }
        }
    }
}

#[test]
fn the_same_mail_delivered_twice_is_the_same_bytes() {
    let copies: Vec<Vec<u8>> = STEPS
        .iter()
        .enumerate()
        .filter(|(_, step)| step.title.contains("return boots") || step.title.contains("once more"))
        .map(|(index, step)| mail(step, index))
        .collect();
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0], copies[1]);
}

#[test]
fn an_agents_reply_goes_to_the_token_address_and_quotes_the_notification() {
    let text = find(|what| matches!(what, What::AgentReplies { file: Some(_), .. }));
    for part in [
        "To: info+0.anna.token@shop.example\n",
        "In-Reply-To: <id-of-anna.at.staff.example>\n",
        "W dniu 22.11.2026 o 10:00, Example Shop Returns pisze:\n> ##- Reply above this line -##\n",
        "\n-- \nAnna Nowak\nprywatnie: ",
        "filename=\"etykieta-55120.pdf\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_customers_reply_that_keeps_the_subject_alone_names_no_mail() {
    let text = find(|what| matches!(what, What::CustomerReplies { keeps: super::script::Keeps::SubjectOnly, .. }));
    assert!(!text.contains("In-Reply-To") && !text.contains("> ##-"), "{text}");
}

#[test]
fn forgeries_bear_no_token() {
    for text in
        [find(|what| matches!(what, What::SpoofedAgent { .. })), find(|what| matches!(what, What::StolenTag { .. }))]
    {
        assert!(text.contains("To: info@shop.example\n") && !text.contains("token"), "{text}");
    }
}

#[test]
fn without_a_mail_to_answer_a_step_says_so() {
    let step = STEPS.iter().find(|step| matches!(step.what, What::Bounce { .. })).unwrap();
    let failed = step.mail(0, "2026-11-22T10:00:00Z".parse().unwrap(), &[]);
    assert_eq!(failed.unwrap_err(), "there is no mail to `accounts@mill.example` yet");
}

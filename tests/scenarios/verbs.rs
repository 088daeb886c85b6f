//! Addresses that stand for one command: one click does it, a changed or borrowed one does nothing.
//!
//! `POSTROOM_FORGERIES` sets how many changed addresses are tried.

use std::fmt::Write as _;

use postroom::model::address::Address;
use postroom::model::id::{AgentId, MessageKey, TicketNumber};
use postroom::model::outgoing::OutgoingKind;
use postroom::model::reader::Reader;
use postroom::model::ticket::{Priority, Status};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::desk::{Desk, Sent, signer};

/// Two tickets in a department of Anna and Jan.
async fn opened() -> Desk {
    let mut desk = Desk::open().await;
    for (number, name) in ["ewa", "adam"].iter().enumerate() {
        desk.take(&format!(
            "Message-ID: <first-{number}@client.example>\nFrom: {name}@client.example\nTo: returns@shop.example\n\
             Subject: Lamp {number}\n\nIt is broken.\n"
        ))
        .await;
    }
    desk
}

/// Address and subject of the link behind a word of a mail.
pub fn link(sent: &Sent, word: &str) -> (String, String) {
    let line = sent.mail.text.lines().find_map(|line| line.strip_prefix(&format!("{word}: mailto:"))).unwrap();
    let (address, fields) = line.split_once("?subject=").unwrap();
    let decode = |text: &str| {
        let mut pieces = text.split('%');
        let mut decoded = pieces.next().unwrap().to_owned();
        pieces.for_each(|piece| {
            decoded.push(char::from(u8::from_str_radix(&piece[..2], 16).unwrap()));
            decoded.push_str(&piece[2..]);
        });
        decoded
    };
    assert!(!fields.contains("&body="), "the address says it all: {fields}");
    (decode(address), decode(fields))
}

fn mail(number: usize, from: &str, to: &str, subject: &str, words: &str) -> String {
    format!("Message-ID: <click-{number}@mail.example>\nFrom: {from}\nTo: {to}\nSubject: {subject}\n\n{words}\n")
}

#[tokio::test(start_paused = true)]
async fn one_click_does_what_the_word_says_and_sends_nothing() {
    let mut desk = opened().await;
    let newest = desk.latest_for("anna@shop.example", "", "new").unwrap();
    let (take, close) = (link(newest, "Take"), link(newest, "Close"));
    // Programs put the agent's own signature into a new mail.
    desk.take(&mail(1, "anna@shop.example", &take.0, &take.1, "\n-- \nAnna Nowak\nExample Shop")).await;
    let assignee = |desk: &Desk| desk.store.clone();
    let ticket = assignee(&desk).read(|view| view.ticket(TicketNumber(1002))).await.unwrap().unwrap();
    assert_eq!(ticket.assignee.as_ref().map(AgentId::as_str), Some("anna"));
    // Somebody else's click, and a click with words, do nothing.
    desk.take(&mail(2, "jan@shop.example", &close.0, &close.1, "")).await;
    desk.take(&mail(3, "anna@shop.example", &close.0, &close.1, "Dear Adam, it is on its way.")).await;
    let told = desk.latest("anna@shop.example").unwrap();
    assert!(told.mail.text.contains("Dear Adam, it is on its way."), "{}", told.mail.text);
    let ticket = desk.store.read(|view| view.ticket(TicketNumber(1002))).await.unwrap().unwrap();
    assert_eq!(ticket.status, Status::New);
    desk.take(&mail(4, "anna@shop.example", &close.0.to_uppercase(), &close.1, "")).await;
    let ticket = desk.store.read(|view| view.ticket(TicketNumber(1002))).await.unwrap().unwrap();
    assert_eq!(ticket.status, Status::Closed);
    assert!(desk.sent.iter().all(|sent| sent.kind != OutgoingKind::Answer));
}

#[tokio::test(start_paused = true)]
async fn a_subject_of_commands_is_one_more_way() {
    let mut desk = opened().await;
    let sent = desk.latest_for("anna@shop.example", "", "new").unwrap();
    let to = sent.mail.reply_to[0].address.to_string();
    desk.take(&mail(1, "anna@shop.example", &to, "Re: [#1002] #take #priority high", "")).await;
    let ticket = desk.store.read(|view| view.ticket(TicketNumber(1002))).await.unwrap().unwrap();
    assert_eq!(ticket.assignee.as_ref().map(AgentId::as_str), Some("anna"));
    assert_eq!(ticket.priority.as_str(), "high");
}

/// What is done to a real address.
#[derive(Clone, Debug)]
enum Change {
    Letter(usize, char),
    Insert(usize, char),
    Remove(usize),
    /// A field between dots becomes that of another address.
    Field(usize, usize),
    Swap(usize, usize),
    Double(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let letter = || proptest::sample::select("abcxyz234567.+-0189".chars().collect::<Vec<_>>());
    let place = || 0_usize..70;
    prop_oneof![
        (place(), letter()).prop_map(|(at, letter)| Change::Letter(at, letter)),
        (place(), letter()).prop_map(|(at, letter)| Change::Insert(at, letter)),
        place().prop_map(Change::Remove),
        (0_usize..4, 0_usize..20).prop_map(|(field, other)| Change::Field(field, other)),
        (0_usize..4, 0_usize..4).prop_map(|(one, other)| Change::Swap(one, other)),
        (0_usize..4).prop_map(Change::Double),
    ]
}

/// The detail behind `+`, changed.
fn changed(detail: &str, change: &Change, others: &[String]) -> String {
    let mut letters: Vec<char> = detail.chars().collect();
    let mut fields: Vec<String> = detail.split('.').map(str::to_owned).collect();
    match change {
        Change::Letter(at, letter) => {
            let at = at % letters.len();
            letters[at] = *letter;
        }
        Change::Insert(at, letter) => letters.insert(at % letters.len(), *letter),
        Change::Remove(at) => drop(letters.remove(at % letters.len())),
        Change::Field(field, other) => {
            let donor: Vec<&str> = others[other % others.len()].split('.').collect();
            let at = field % fields.len();
            donor[field % donor.len()].clone_into(&mut fields[at]);
            return fields.join(".");
        }
        Change::Swap(one, other) => {
            let (one, other) = (one % fields.len(), other % fields.len());
            fields.swap(one, other);
            return fields.join(".");
        }
        Change::Double(field) => {
            let at = field % fields.len();
            fields.insert(at, fields[at].clone());
            return fields.join(".");
        }
    }
    letters.into_iter().collect()
}

/// All that a wrong action would change.
async fn state(desk: &Desk) -> String {
    let mut state = String::new();
    for number in [TicketNumber(1001), TicketNumber(1002)] {
        let (ticket, messages) = desk
            .store
            .read(move |view| Ok((view.ticket(number)?.unwrap(), view.messages(number)?.len())))
            .await
            .unwrap();
        writeln!(state, "{} {} {:?} {} {messages}", ticket.status, ticket.priority, ticket.assignee, ticket.department)
            .unwrap();
    }
    state
}

#[tokio::test(start_paused = true)]
async fn a_customers_subject_is_no_command_on_whatever_ticket_it_ends_up() {
    for subject in [
        "#close",
        "Re: #close",
        "№close",
        "#resolve",
        "[EXTERNAL] #close",
        "#priority urgent",
        "#spam mute",
        "#wait 3d",
    ] {
        let mut desk = Desk::open().await;
        for (number, subject) in ["Lamp", subject].into_iter().enumerate() {
            desk.take(&format!(
                "Message-ID: <s{number}@client.example>\nFrom: ewa@client.example\nTo: orders@shop.example\nSubject: {subject}\n\nWords {number}.\n"
            ))
            .await;
        }
        let anna = "anna@shop.example";
        let old = super::script::reply_head(desk.latest_for(anna, "1002", "").unwrap());
        desk.take(&format!("Message-ID: <m@anna>\nFrom: {anna}\n{old}\n#merge 1001\n")).await;
        desk.take(&format!("Message-ID: <a@anna>\nFrom: {anna}\n{old}\n#answer\nIt is on its way.\n")).await;
        let ticket = desk.store.read(|view| view.ticket(TicketNumber(1001))).await.unwrap().unwrap();
        assert_eq!((ticket.status, ticket.priority), (Status::Waiting, Priority::Normal), "{subject}");
        assert!(desk.sent.iter().any(|sent| sent.kind == OutgoingKind::Answer), "{subject}");
        // A subject that the agent wrote is one.
        let lines = old
            .lines()
            .map(|line| if line.starts_with("Subject: ") { "Subject: Re: [#1002] #tag +seen" } else { line });
        let own = lines.collect::<Vec<_>>().join("\n");
        desk.take(&format!("Message-ID: <c@anna>\nFrom: {anna}\n{own}\n\n")).await;
        let ticket = desk.store.read(|view| view.ticket(TicketNumber(1001))).await.unwrap().unwrap();
        assert_eq!(ticket.tags, ["seen"], "{subject}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_changed_address_does_anything() {
    let count = std::env::var("POSTROOM_FORGERIES").ok().and_then(|count| count.parse().ok()).unwrap_or(200);
    let mut desk = opened().await;
    let (signer, info) = (signer(), Address::parse("info@shop.example").unwrap());
    let mut details = Vec::new();
    for agent in ["anna", "jan"].map(AgentId::new) {
        for number in [TicketNumber(1001), TicketNumber(1002)] {
            let ticket = desk.opening(number).await;
            details.push(signer.reply_detail(ticket, &agent, Reader::Customer, None));
            details.push(signer.reply_detail(ticket, &agent, Reader::Customer, Some(MessageKey(2))));
            for verb in ["close", "take", "release", "send", "cancel"] {
                let address = signer.verb_address(&info, "+", ticket, &agent, verb).unwrap();
                details.push(address.detail("+").unwrap().to_owned());
            }
        }
    }
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]));
    let before = state(&desk).await;
    let strategy = (0..details.len(), change(), 0_usize..3, 0_usize..4);
    for number in 0..count {
        let (which, change, from, words) = strategy.new_tree(&mut runner).unwrap().current();
        let detail = changed(&details[which], &change, &details);
        let from = ["anna@shop.example", "jan@shop.example", "mallory@evil.example"][from];
        if details.contains(&detail) && !from.starts_with("mallory") {
            continue;
        }
        let words = ["", "#close", "#note\nHe is rude.", "Here is your money."][words];
        desk.take(&mail(number, from, &format!("info+{detail}@shop.example"), "Re: Lamp", words)).await;
        assert!(desk.sent.iter().all(|sent| sent.kind != OutgoingKind::Answer), "{detail} from {from}: {words}");
        if number % 20 == 0 || number + 1 == count {
            assert_eq!(state(&desk).await, before, "by {detail} from {from} or one before it: {words}");
        }
        desk.sent.clear();
    }
}

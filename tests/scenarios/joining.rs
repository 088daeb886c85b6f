//! Who may join a ticket by what: ids, numbers and conversations get into many hands, and each of the people of a ticket joins by
//! what is theirs alone.

use std::fmt::Write as _;

use postroom::model::id::TicketNumber;
use postroom::model::plan::Fate;
use postroom::model::ticket::Role;

use super::desk::Desk;
use super::script::reply_head;

const SECRET: &str = "the safe opens with 4711";
const INDEX: &str = "AQHaAQIDBAUGBwgJCgsMDQ4PEBESEw==";
const FAILED: &str = "Authentication-Results: mx.shop.example; dmarc=fail header.from=client.example\n";
const PASSED: &str = "Authentication-Results: mx.shop.example; dmarc=pass header.from=client.example\n";

/// #1001 of Ewa's, an answer to a newsletter that half the town has got; Kim stands in its Cc.
async fn opened() -> Desk {
    let mut desk = Desk::open().await;
    desk.take(&format!(
        "Message-ID: <first@client.example>\nDate: Sun, 22 Nov 2026 08:00:00 +0000\nFrom: Ewa <ewa@client.example>\n\
         To: returns@shop.example\nCc: Kim <kim@partner.example>\nReferences: <news@letters.example>\nThread-Index: {INDEX}\n\
         Subject: Safe\n\nRemember, {SECRET}.\n"
    ))
    .await;
    desk
}

async fn on_it(desk: &Desk, wanted: bool) -> Vec<String> {
    let ticket = desk.store.read(|view| view.ticket(TicketNumber(1001))).await.unwrap().unwrap();
    let people = ticket.participants.into_iter().filter(|someone| (someone.role != Role::Proposed) == wanted);
    people.map(|someone| someone.person.address.to_string()).collect()
}

/// Everything by which a mail can name the ticket, each as the headers below From and To.
fn clues(desk: &Desk) -> Vec<(&'static str, String)> {
    let id = |recipient: &str| desk.latest(recipient).unwrap().mail.message_id.clone().unwrap();
    let door = desk.latest("anna@shop.example").unwrap().mail.reply_to[0].address.to_string();
    vec![
        ("the customer's id", "Subject: Re: Safe\nIn-Reply-To: <first@client.example>\n".to_owned()),
        ("the same among others", "Subject: Re: Safe\nReferences: <x@y.example> <first@client.example>\n".to_owned()),
        ("an id that both refer to", "Subject: Re: Safe\nReferences: <news@letters.example>\n".to_owned()),
        ("the newsletter itself", "Subject: Safe\nIn-Reply-To: <news@letters.example>\n".to_owned()),
        ("the number", "Subject: Re: [#1001] Safe\n".to_owned()),
        ("the number alone", "Subject: [#1001]\n".to_owned()),
        ("the conversation", format!("Subject: RE: Safe\nThread-Index: {INDEX}\n")),
        ("the receipt", format!("Subject: Re: [#1001] Safe\nIn-Reply-To: <{}>\n", id("ewa@client.example"))),
        ("the notification", format!("Subject: Re: [#1001] Safe\nReferences: <{}>\n", id("anna@shop.example"))),
        ("the agent's address", format!("Cc: {door}\nSubject: Re: [#1001] Safe\n")),
    ]
}

#[tokio::test(start_paused = true)]
async fn sixty_forgeries_join_nothing_and_learn_nothing() {
    let mut desk = opened().await;
    let writers = [
        ("", "mallory@evil.example", ""),
        ("", "ewa@client.example.evil.example", "Reply-To: ewa@client.example\n"),
        ("", "mallory@client.example", ""),
        ("", "ewa+x@client.example", ""),
        ("", "kim@partner.example", ""),
        (FAILED, "ewa@client.example", ""),
    ];
    let (clues, known) = (clues(&desk), desk.sent.len());
    let mut tried = 0;
    for (verdict, from, more) in writers {
        for (name, head) in &clues {
            if name == &"the receipt" && from == "ewa@client.example" {
                continue; // It is hers alone: the test below.
            }
            tried += 1;
            let mail = format!(
                "{verdict}Message-ID: <f{tried}@evil.example>\nFrom: {from}\nTo: returns@shop.example\n{more}{head}\nTell me, {tried}.\n"
            );
            let (fate, _) = desk.take(&mail).await;
            assert!(fate != Fate::Ticket(TicketNumber(1001)), "{from} by {name}: {mail}");
        }
    }
    assert_eq!(tried, 59);
    // A mail that bears the id, author or date of the first one is no copy of it either.
    for (verdict, from) in [("", "mallory@evil.example"), ("", "kim@partner.example"), (FAILED, "ewa@client.example")] {
        let copy = format!(
            "{verdict}Message-ID: <first@client.example>\nDate: Sun, 22 Nov 2026 08:00:00 +0000\nFrom: {from}\nTo: returns@shop.example\n\
             Subject: Re: Safe\n\nA copy, they say.\n"
        );
        assert!(desk.take(&copy).await.0 != Fate::Ticket(TicketNumber(1001)), "{from}");
    }
    let messages = desk.store.read(|view| view.messages(TicketNumber(1001))).await.unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(on_it(&desk, true).await, ["ewa@client.example", "kim@partner.example"]);
    for sent in desk.sent.iter().skip(known) {
        assert!(!String::from_utf8_lossy(&sent.bytes).contains(SECRET), "to {}", sent.recipient);
    }
}

#[tokio::test(start_paused = true)]
async fn each_of_a_tickets_people_joins_by_what_is_theirs() {
    let mut desk = opened().await;
    let receipt = desk.latest("ewa@client.example").unwrap().mail.message_id.clone().unwrap();
    let mut number = 0;
    let mut write = |from: &str, head: &str| {
        number += 1;
        format!(
            "Message-ID: <w{number}@mail.example>\nFrom: {from}\nTo: returns@shop.example\n{head}\nWords {number}.\n"
        )
    };
    for (head, joins) in [
        ("Subject: Re: Safe\nIn-Reply-To: <first@client.example>\n".to_owned(), true),
        ("Subject: And the key?\nReferences: <first@client.example>\n".to_owned(), true),
        (format!("Subject: And the key?\nIn-Reply-To: <{receipt}>\n"), true),
        ("Subject: Re: [#1001] Safe\n".to_owned(), true),
        ("Subject: Safe\nReferences: <news@letters.example>\n".to_owned(), true),
        ("Subject: Your letter\nReferences: <news@letters.example>\n".to_owned(), false),
    ] {
        let (fate, _) = desk.take(&write("ewa@client.example", &head)).await;
        assert_eq!(fate == Fate::Ticket(TicketNumber(1001)), joins, "{head}");
    }
    // Our server does not believe that it is Ewa: what we signed and sent to her joins, and says so.
    let mail = format!("{FAILED}{}", write("ewa@client.example", &format!("Subject: x\nIn-Reply-To: <{receipt}>\n")));
    assert_eq!(desk.take(&mail).await.0, Fate::Ticket(TicketNumber(1001)));
    desk.wait(std::time::Duration::from_mins(10)).await;
    let told = desk.latest_for("anna@shop.example", "1001", "").unwrap();
    assert!(told.mail.text.contains("this email isn't from its sender (DMARC failed)"), "{}", told.mail.text);
    assert!(String::from_utf8_lossy(&told.bytes).contains("X-Postroom-Sender: failed\r\n"));

    // Kim merely stands in Cc, until Anna's answer is theirs as well.
    let by_number = "Subject: Re: [#1001] Safe\n";
    assert!(desk.take(&write("kim@partner.example", by_number)).await.0 != Fate::Ticket(TicketNumber(1001)));
    let head = reply_head(desk.latest_for("anna@shop.example", "1001", "").unwrap());
    desk.take(&format!("Message-ID: <a@anna>\nFrom: anna@shop.example\n{head}\nIt is noted.\n")).await;
    let answer = desk.latest("kim@partner.example").unwrap().mail.message_id.clone().unwrap();
    for head in [
        format!("Subject: Whatever\nIn-Reply-To: <{answer}>\n"),
        by_number.to_owned(),
        "Subject: Re: Safe\nIn-Reply-To: <first@client.example>\n".to_owned(),
    ] {
        let (fate, _) = desk.take(&write("kim@partner.example", &head)).await;
        assert_eq!(fate, Fate::Ticket(TicketNumber(1001)), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_colleague_whom_our_server_vouches_for_is_heard_and_only_proposed() {
    let mut desk = opened().await;
    let write = |number: usize, head: &str| {
        format!(
            "{PASSED}Message-ID: <c{number}@client.example>\nFrom: Olga <olga@client.example>\nTo: returns@shop.example\n{head}\nIt is {number}.\n"
        )
    };
    let (fate, _) = desk.take(&write(1, "Subject: Re: [#1001] Safe\n")).await;
    assert_eq!(fate, Fate::Ticket(TicketNumber(1002)), "the number can be guessed");
    let (fate, _) = desk.take(&write(2, "Subject: Re: Safe\nIn-Reply-To: <first@client.example>\n")).await;
    assert_eq!(fate, Fate::Ticket(TicketNumber(1001)));
    assert_eq!(on_it(&desk, true).await, ["ewa@client.example", "kim@partner.example"]);
    assert_eq!(on_it(&desk, false).await, ["olga@client.example"]);
    let events = desk.store.read(|view| view.events(TicketNumber(1001))).await.unwrap();
    let mut history = String::new();
    for event in &events {
        writeln!(history, "{}: {}", event.kind.word(), event.kind).unwrap();
    }
    let why = "olga@client.example gets nothing until an agent includes them: it names a mail of the ticket, and DMARC proves";
    assert!(history.contains(why) && !history.contains("joined"), "{history}");
    desk.wait(std::time::Duration::from_mins(10)).await;
    let told = desk.latest_for("anna@shop.example", "1001", "").unwrap();
    let (include, subject) = super::verbs::link(told, "Include olga@client.example");
    let text = told.mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Goes to: Ewa <ewa@client.example>, Kim <kim@partner.example>"), "{text}");
    desk.take(&format!("Message-ID: <i@anna>\nFrom: anna@shop.example\nTo: {include}\nSubject: {subject}\n\n")).await;
    assert_eq!(on_it(&desk, true).await.len(), 3);
    let head = reply_head(desk.latest_news("anna@shop.example").unwrap());
    let (_, sent) =
        desk.take(&format!("Message-ID: <b@anna>\nFrom: anna@shop.example\n{head}\nThank you, Olga.\n")).await;
    assert!(desk.sent[sent..].iter().any(|sent| sent.recipient == "olga@client.example"), "they get the answer");
}

//! A customer sees one unbroken thread whoever answers, and nothing in it of anybody else's mails.

use std::time::Duration;

use postroom::model::id::MailId;

use super::desk::Desk;
use super::script::reply_head;

/// `writer` answers the latest mail that he got, once all that has happened was told.
async fn reply(desk: &mut Desk, id: &str, writer: &str, words: &str) {
    desk.wait(Duration::from_mins(10)).await;
    let head = reply_head(desk.latest(writer).unwrap());
    desk.take(&format!("Message-ID: <{id}>\nFrom: {writer}\n{head}\n{words}\n")).await;
}

async fn write(desk: &mut Desk, id: &str, writer: &str, words: &str) {
    let head = "To: orders@shop.example\nSubject: Order 4711\n";
    desk.take(&format!("Message-ID: <{id}>\nFrom: {writer}\n{head}\n{words}\n")).await;
}

/// From, In-Reply-To and References of the latest mail to Ewa, and its own id.
fn latest(desk: &Desk) -> (String, Vec<MailId>, Vec<MailId>, MailId) {
    let mail = &desk.latest("ewa@client.example").unwrap().mail;
    let from = mail.from.as_ref().unwrap().address.to_string();
    (from, mail.in_reply_to.clone(), mail.references.clone(), mail.message_id.clone().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_customer_sees_one_thread_whoever_answers_and_no_strangers_mail_in_it() {
    let mut desk = Desk::open().await;
    let (ewa, anna, jan) = ("ewa@client.example", "anna@shop.example", "jan@shop.example");
    write(&mut desk, "1@client.example", ewa, "Where is it?").await;
    reply(&mut desk, "a1@shop.example", anna, "It comes on Friday.").await;
    let (from, _, _, first) = latest(&desk);
    assert_eq!(from, "orders@shop.example");
    reply(&mut desk, "2@client.example", ewa, "And I paid twice.").await;
    reply(&mut desk, "a2@shop.example", anna, "#move billing").await;
    reply(&mut desk, "j1@shop.example", jan, "You get it back.").await;
    let (from, answers, thread, second) = latest(&desk);
    assert_eq!(from, "billing@shop.example");
    assert_eq!(answers, [MailId::new("2@client.example")]);
    assert_eq!(thread, [MailId::new("1@client.example"), first.clone(), MailId::new("2@client.example")]);

    // Adam's ticket becomes part of hers. Nothing of it, and no agent's own id, stands in what she gets.
    write(&mut desk, "adam@elsewhere.example", "adam@elsewhere.example", "And mine?").await;
    reply(&mut desk, "a3@shop.example", anna, "#move billing").await;
    reply(&mut desk, "j2@shop.example", jan, "#merge 1001").await;
    let merged = desk.tickets().await.into_iter().find(|ticket| ticket.merged_into.is_some());
    assert_eq!(merged.unwrap().requester.address.as_str(), "adam@elsewhere.example");
    reply(&mut desk, "3@client.example", ewa, "Thank you.").await;
    reply(&mut desk, "j3@shop.example", jan, "You are welcome.").await;
    let (_, answers, thread, _) = latest(&desk);
    assert_eq!(answers, [MailId::new("3@client.example")]);
    let ids = ["1@client.example", first.as_str(), "2@client.example", second.as_str(), "3@client.example"];
    assert_eq!(thread, ids.map(MailId::new));
}

/// The number and the mails from customers of each ticket.
async fn written(desk: &Desk) -> Vec<(u64, usize)> {
    let tickets = desk.tickets().await.into_iter().map(|ticket| ticket.number);
    let mut written = Vec::new();
    for number in tickets {
        let (_, messages) = desk.store.read(move |view| Ok((number, view.messages(number)?))).await.unwrap();
        written.push((u64::try_from(number.0).unwrap(), messages.len()));
    }
    written
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_comes_twice_under_two_subjects_is_on_one_ticket() {
    let mut desk = Desk::open().await;
    let copy = |subject: &str, author: &str, date: &str| {
        let head = format!("Message-ID: <1@client.example>\nFrom: {author}\nDate: {date}\nTo: orders@shop.example\n");
        format!("{head}Subject: {subject}\n\n{subject}: raised.\n")
    };
    let (ewa, date) = ("ewa@client.example", "Tue, 1 Dec 2026 10:00:00 +0100");
    desk.take(&copy("[bugs] #7: lamp", ewa, date)).await;
    desk.take(&copy("[bugs] #8: bulb", ewa, date)).await;
    assert_eq!(written(&desk).await, [(1001, 2)]);
    let listed = |subject: &str| {
        let head = "List-Id: <bugs.lists.example>\nPrecedence: list\n";
        format!("{head}{}", copy(subject, "kim@lists.example", date).replace("<1@", "<2@"))
    };
    desk.take(&listed("[lamps] #7: lamp")).await;
    desk.take(&listed("[halls] #8: bulb")).await;
    assert_eq!(written(&desk).await, [(1001, 2), (1002, 2)]);
    // Shops give one Message-ID to many mails, and anybody can write one.
    desk.take(&copy("[bugs] #9: cord", ewa, "Tue, 1 Dec 2026 10:00:01 +0100")).await;
    desk.take(&copy("[bugs] #10: plug", "mallory@evil.example", date)).await;
    assert_eq!(written(&desk).await, [(1001, 2), (1002, 2), (1003, 1), (1004, 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_outlook_conversation_without_references_is_one_ticket() {
    let mut desk = Desk::open().await;
    let mail = |author: &str, subject: &str, index: &str| {
        let head = format!("From: {author}\nTo: orders@shop.example\nSubject: {subject}\nThread-Index: {index}\n");
        format!("{head}\nAbout {subject}, {index}.\n")
    };
    let (ewa, opener) = ("ewa@client.example", "AQHaAQIDBAUGBwgJCgsMDQ4PEBESEw==");
    desk.take(&mail(ewa, "Broken lamp", opener)).await;
    desk.take(&mail(ewa, "RE: Broken lamp", "AQHaAQIDBAUGBwgJCgsMDQ4PEBESEwECAwQF")).await;
    assert_eq!(written(&desk).await, [(1001, 2)]);
    for (author, subject, index) in [
        (ewa, "My invoice", "AQHaAQIDBAUGBwgJCgsMDQ4PEBESEwECAwQF"),
        (ewa, "RE: Broken lamp", "AQHaAQIDBAUGBwgJCgsMDQ4PEBESFAECAwQF"),
        ("mallory@evil.example", "RE: Broken lamp", "AQHaAQIDBAUGBwgJCgsMDQ4PEBESEwECAwQF"),
    ] {
        desk.take(&mail(author, subject, index)).await;
    }
    assert_eq!(written(&desk).await, [(1001, 2), (1002, 1), (1003, 1), (1004, 1)]);
}

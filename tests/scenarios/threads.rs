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

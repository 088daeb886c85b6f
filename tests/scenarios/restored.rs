//! What a desk does after it forgot something: a backup was put back, the database is a new one beside an old secret, or the
//! secret is lost. An old notification never answers another customer, and whoever replies to one is told.

use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;

use super::desk::{Desk, Restore, Sent};
use super::script::{quoted, reply_head};

const SECRET: &str = "the safe opens with 4711";

fn customer(name: &str, words: &str) -> String {
    format!(
        "Message-ID: <{name}@client.example>\nFrom: {name} <{name}@client.example>\nTo: orders@shop.example\n\
         Subject: Matter of {name}\n\n{words}\n"
    )
}

/// Anna's answer to the latest notification that she has about `ticket`.
fn answer(desk: &Desk, ticket: &str, words: &str) -> String {
    let answered = desk.latest_for("anna@shop.example", ticket, "").unwrap();
    let (head, quote) = (reply_head(answered), quoted(answered));
    format!("Message-ID: <answer{ticket}@home.example>\nFrom: anna@shop.example\n{head}\n{words}\n{quote}")
}

/// A desk with #1001; what Anna writes to Alfa, who had #1002 before it was put back to that state; and Beta's ticket.
async fn put_back(restore: Restore) -> (Desk, String, TicketNumber) {
    let mut desk = Desk::open().await;
    desk.take(&customer("first", "Where is my parcel?")).await;
    let copy = desk.copy();
    desk.take(&customer("alfa", SECRET)).await;
    desk.take(&customer("beta", "Where is mine?")).await;
    let to_alfa = answer(&desk, "1002", "Dear Alfa, the code of your safe is now 4712.");
    let first = answer(&desk, "1001", "It is on its way.");
    let mut desk = desk.put_back(&copy, restore).await;
    desk.wait(Duration::from_secs(5)).await;
    let (fate, _) = desk.take(&customer("beta", "Where is mine?")).await;
    let Fate::Ticket(beta) = fate else { panic!("{fate:?}") };
    // What was there when the copy was made is as it was.
    let (fate, before) = desk.take(&first).await;
    assert_eq!(fate, Fate::Ticket(TicketNumber(1001)));
    assert!(desk.sent[before..].iter().any(|sent| sent.recipient == "first@client.example"));
    (desk, to_alfa, beta)
}

/// What a mail says, however its lines are broken.
fn plain(sent: &Sent) -> String {
    sent.mail.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn alfas_answer_reaches_nobody_and_comes_back(desk: &mut Desk, to_alfa: &str) {
    let (messages, tickets) = (desk.messages().await, desk.tickets().await.len());
    let (fate, before) = desk.take(to_alfa).await;
    assert!(matches!(&fate, Fate::Ignored(_)), "{fate:?}");
    let sent: Vec<_> = desk.sent[before..].iter().collect();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].recipient.as_str(), sent[0].kind), ("anna@shop.example", OutgoingKind::Notice));
    let text = plain(sent[0]);
    assert!(text.contains("no longer valid") && text.contains("the code of your safe is now 4712"), "{text}");
    assert_eq!((desk.messages().await, desk.tickets().await.len()), (messages, tickets));
    let to_beta = desk.sent.iter().filter(|sent| sent.recipient == "beta@client.example");
    assert!(to_beta.map(|sent| &sent.mail.text).all(|text| !text.contains("471")));
}

#[tokio::test(start_paused = true)]
async fn after_a_restore_a_reply_to_an_old_notification_comes_back_and_no_number_is_given_twice() {
    let (mut desk, to_alfa, beta) = put_back(Restore::ByPostroom).await;
    assert!(beta > TicketNumber(1003), "#{beta} may be Alfa's or Beta's of before");
    alfas_answer_reaches_nobody_and_comes_back(&mut desk, &to_alfa).await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_to_an_old_notification_never_answers_the_customer_who_has_its_number_now() {
    let (mut desk, to_alfa, beta) = put_back(Restore::Unnoticed).await;
    assert_eq!(beta, TicketNumber(1002));
    alfas_answer_reaches_nobody_and_comes_back(&mut desk, &to_alfa).await;
}

#[tokio::test(start_paused = true)]
async fn a_number_that_a_mail_of_ours_names_is_not_given_again() {
    let (mut desk, to_alfa, _) = put_back(Restore::Unnoticed).await;
    // Of #1003 nothing is known here but that a reply to it came.
    desk.take(&to_alfa).await;
    let (fate, _) = desk.take(&customer("gamma", "Hello")).await;
    assert_eq!(fate, Fate::Ticket(TicketNumber(1003)), "numbers go on behind #1002");
    let mut desk = Desk::open().await;
    desk.take(&customer("first", "Hello")).await;
    let copy = desk.copy();
    for name in ["alfa", "beta", "gamma"] {
        desk.take(&customer(name, "Hello")).await;
    }
    let to_gamma = answer(&desk, "1004", "Hello Gamma");
    let mut desk = desk.put_back(&copy, Restore::Unnoticed).await;
    desk.take(&to_gamma).await;
    let (fate, _) = desk.take(&customer("delta", "Hello")).await;
    assert_eq!(fate, Fate::Ticket(TicketNumber(1005)));
}

#[tokio::test(start_paused = true)]
async fn beside_a_new_database_old_notifications_answer_nobody() {
    let mut desk = Desk::open().await;
    desk.take(&customer("alfa", SECRET)).await;
    let to_alfa = answer(&desk, "1001", "Dear Alfa, the code of your safe is now 4712.");
    let mut desk = Desk::open().await;
    desk.take(&customer("beta", "Where is mine?")).await;
    alfas_answer_reaches_nobody_and_comes_back(&mut desk, &to_alfa).await;
}

#[tokio::test(start_paused = true)]
async fn with_a_lost_secret_a_reply_comes_back_and_gets_no_receipt() {
    let mut desk = Desk::open().await;
    desk.take(&customer("alfa", SECRET)).await;
    let to_alfa = answer(&desk, "1001", "Dear Alfa, the code of your safe is now 4712.");
    desk.loses_its_secret();
    alfas_answer_reaches_nobody_and_comes_back(&mut desk, &to_alfa).await;
}

#[tokio::test(start_paused = true)]
async fn each_of_several_words_about_lost_tickets_comes_back_and_is_listed() {
    const LOST: i64 = 12;
    let mut desk = Desk::open().await;
    desk.take(&customer("first", "Where is my parcel?")).await;
    let copy = desk.copy();
    let mut answers = Vec::new();
    for number in 0..LOST {
        let name = format!("customer{number}");
        desk.take(&customer(&name, "Where is mine?")).await;
        answers.push(answer(&desk, &(1002 + number).to_string(), &format!("Dear {name}, it left on day {number}.")));
    }
    let mut desk = desk.put_back(&copy, Restore::ByPostroom).await;
    desk.wait(Duration::from_secs(5)).await;
    for (number, answer) in answers.iter().enumerate() {
        let (fate, before) = desk.take(answer).await;
        assert!(matches!(fate, Fate::Ignored(_)), "{fate:?}");
        let words = format!("it left on day {number}.");
        let back = desk.sent[before..].iter().filter(|sent| plain(sent).contains(&words)).count();
        assert_eq!((back, desk.sent.len() - before), (1, 1), "{number}");
    }
    let (listed, count) = desk.store.status().await.unwrap().lost_words;
    assert_eq!(count, u64::try_from(LOST).unwrap());
    let mut tickets: Vec<i64> = listed.iter().map(|words| words.ticket.0).collect();
    tickets.sort_unstable();
    assert_eq!(tickets, (1002..1002 + LOST).collect::<Vec<_>>());
    assert!(listed.iter().all(|words| words.agent.as_str() == "anna"));
    let eight_days = desk.now() + jiff::SignedDuration::from_hours(8 * 24);
    desk.store.write(move |tx| tx.tidy_up(eight_days)).await.unwrap();
    assert_eq!(desk.store.status().await.unwrap().lost_words.1, 0, "it is said for a week");
}

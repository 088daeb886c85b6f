//! Nobody gets an answer whom the agent cannot see: who is on a ticket, who is only proposed, and what the notification says of it.

use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::ticket::Ticket;
use postroom::report::json;

use super::desk::Desk;
use super::script::reply_head;
use super::verbs::link;

const ANNA: &str = "anna@shop.example";
const FAILED: &str = "Authentication-Results: mx.shop.example; dmarc=fail header.from=client.example\n";

async fn ticket(desk: &Desk) -> Ticket {
    desk.store.read(|view| view.ticket(TicketNumber(1001))).await.unwrap().unwrap()
}

/// The people of #1001 under a key of `ticket show --json`.
async fn listed(desk: &Desk, key: &str) -> Vec<String> {
    let value = json::ticket(&ticket(desk).await);
    value[key].as_array().unwrap().iter().map(|person| person["address"].as_str().unwrap().to_owned()).collect()
}

/// Whom Anna's answer to the latest notification reaches.
async fn answered(desk: &mut Desk, number: usize) -> Vec<String> {
    desk.wait(Duration::from_mins(10)).await;
    let head = reply_head(desk.latest_news(ANNA).unwrap());
    let (_, sent) =
        desk.take(&format!("Message-ID: <a{number}@anna>\nFrom: {ANNA}\n{head}\nIt is on its way ({number}).\n")).await;
    let answers = desk.sent[sent..].iter().filter(|sent| sent.kind == OutgoingKind::Answer);
    let mut reached: Vec<String> = answers.map(|sent| sent.recipient.clone()).collect();
    reached.sort();
    reached
}

fn told(desk: &Desk) -> &str {
    &desk.latest(ANNA).unwrap().mail.text
}

#[tokio::test(start_paused = true)]
async fn the_cc_of_a_first_mail_is_on_the_ticket_unless_our_server_says_that_its_author_is_not() {
    let first = "Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
                 Cc: Lee <lee@partner.example>\nSubject: Lamp\n\nIt is broken.\n";
    let mut desk = Desk::open().await;
    desk.take(first).await;
    assert!(
        told(&desk).contains("Goes to:    Ewa <ewa@client.example>, Lee <lee@partner.example>\n"),
        "{}",
        told(&desk)
    );
    assert_eq!(listed(&desk, "proposed").await, [] as [&str; 0]);
    assert_eq!(answered(&mut desk, 1).await, ["ewa@client.example", "lee@partner.example"]);

    let mut desk = Desk::open().await;
    desk.take(&format!("{FAILED}{first}")).await;
    assert!(told(&desk).contains("DMARC failed") && told(&desk).contains("lee@partner.example"), "{}", told(&desk));
    assert_eq!(listed(&desk, "participants").await, ["ewa@client.example"]);
    assert_eq!(listed(&desk, "proposed").await, ["lee@partner.example"]);
    assert_eq!(answered(&mut desk, 1).await, ["ewa@client.example"]);
}

#[tokio::test(start_paused = true)]
async fn people_of_later_mails_are_included_by_a_click_or_a_command_and_never_silently() {
    let mut desk = Desk::open().await;
    let mail = |number: usize, more: &str| {
        format!(
            "Message-ID: <{number}@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n{more}\
             Subject: Re: [#1001] Lamp\n\nWords {number}.\n"
        )
    };
    desk.take(&mail(1, "").replace("Re: [#1001] ", "")).await;
    desk.take(&mail(2, "Cc: lee@partner.example, kim@partner.example\nReply-To: ewa@home.example\n")).await;
    assert_eq!(listed(&desk, "participants").await, ["ewa@client.example"]);
    let mut proposed = listed(&desk, "proposed").await;
    proposed.sort();
    assert_eq!(proposed, ["ewa@home.example", "kim@partner.example", "lee@partner.example"]);
    assert_eq!(answered(&mut desk, 1).await, ["ewa@client.example"]);
    desk.take(&mail(3, "")).await;
    desk.wait(Duration::from_mins(10)).await;
    let (include, subject) = link(desk.latest(ANNA).unwrap(), "Include lee@partner.example");
    let click = |include: &str, from: &str, number: usize| {
        format!("Message-ID: <click{number}@shop.example>\nFrom: {from}\nTo: {include}\nSubject: {subject}\n\n")
    };
    // In other hands the link does nothing, and is dead when a customer had it: its agent has a new one.
    for (number, from) in ["lee@partner.example", "jan@shop.example"].into_iter().enumerate() {
        desk.take(&click(&include, from, number)).await;
        assert_eq!(listed(&desk, "participants").await, ["ewa@client.example"], "{from}");
    }
    desk.wait(Duration::from_mins(10)).await;
    let told =
        desk.sent.iter().rfind(|sent| sent.recipient == ANNA && sent.mail.text.contains("no longer counts, and"));
    let (include, _) = link(told.unwrap(), "Include lee@partner.example");
    desk.take(&click(&include, ANNA, 3)).await;
    desk.take(&click(&include, ANNA, 4)).await;
    assert_eq!(listed(&desk, "participants").await, ["ewa@client.example", "lee@partner.example"]);
    assert_eq!(answered(&mut desk, 2).await, ["ewa@client.example", "lee@partner.example"]);
    let head = reply_head(desk.latest(ANNA).unwrap());
    desk.take(&format!("Message-ID: <cc@anna>\nFrom: {ANNA}\n{head}\n#cc +kim@partner.example\n")).await;
    assert_eq!(listed(&desk, "proposed").await, ["ewa@home.example"]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_to_elsewhere_is_shown_and_used_alone() {
    let first = |more: &str| {
        format!(
            "Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\n{more}To: returns@shop.example\nSubject: Lamp\n\nIt is broken.\n"
        )
    };
    let mut desk = Desk::open().await;
    desk.take(&first("Reply-To: Ewa <ewa@home.example>\n")).await;
    assert!(
        told(&desk).contains("Answers go to: Ewa <ewa@home.example> (the email itself came from ewa@client.example)"),
        "{}",
        told(&desk)
    );
    assert_eq!(listed(&desk, "participants").await, ["ewa@home.example"]);
    assert_eq!(answered(&mut desk, 1).await, ["ewa@home.example"], "never beside From");

    // Two of them are nobody's one address: the author is answered, and an agent decides about the others.
    let mut desk = Desk::open().await;
    desk.take(&first("Reply-To: one@evil.example, two@evil.example\n")).await;
    assert_eq!(listed(&desk, "proposed").await.len(), 2);
    assert_eq!(answered(&mut desk, 1).await, ["ewa@client.example"]);
}

#[tokio::test(start_paused = true)]
async fn an_include_link_without_plus_addressing_is_a_command_in_the_body() {
    let config = super::desk::CONFIG.replace("maildir = \"info\"\n", "maildir = \"info\"\nsubaddress = \"\"\n");
    let mut desk = Desk::open_with(&config).await;
    desk.take(&format!(
        "{FAILED}Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\nCc: lee@partner.example\n\
         Subject: Lamp\n\nIt is broken.\n"
    ))
    .await;
    assert!(told(&desk).contains("body=%23cc%20%2Blee%40partner.example"), "{}", told(&desk));
}

//! Keys of agents that get about: seen in a customer's mail they are dead, and their agent has a new one.

use std::time::Duration;

use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;

use super::desk::{Desk, Sent};
use super::script::{quoted, reply_head};

const ANNA: &str = "anna@shop.example";
const EWA: &str = "ewa@client.example";

async fn opened() -> Desk {
    let mut desk = Desk::open().await;
    desk.take("Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: orders@shop.example\nSubject: Lamp\n\nWhere is it?\n")
        .await;
    desk
}

fn address(told: &Sent) -> String {
    told.mail.reply_to[0].address.to_string()
}

fn reply(told: &Sent, number: usize, words: &str) -> String {
    format!("Message-ID: <{number}@anna>\nFrom: {ANNA}\n{}\n{words}\n", reply_head(told))
}

/// How a key gets into a customer's mail.
fn leaks(told: &Sent) -> Vec<(&'static str, String)> {
    let (address, id) = (address(told), told.mail.message_id.clone().unwrap());
    let head = "Message-ID: <2@client.example>\nFrom: Ewa <ewa@client.example>\nIn-Reply-To: <1@client.example>\nReferences: <1@client.example>\n";
    let plain = format!("{head}To: orders@shop.example\nSubject: Re: Lamp\n");
    let file = |kind: &str, content: &str| {
        format!(
            "{plain}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the file.\n--b\nContent-Type: {kind}\n\
             Content-Disposition: attachment; filename=\"x\"\n\n{content}\n--b--\n"
        )
    };
    let forwarded = format!(
        "From: info@shop.example\nTo: anna@shop.example\nReply-To: {address}\nSubject: [#1001] Lamp\n\nWhere is it?\n"
    );
    vec![
        ("in To", format!("{head}To: {address}\nSubject: Re: Lamp\n\nThank you.\n")),
        (
            "in Cc",
            format!(
                "{head}To: orders@shop.example\nCc: Anna <{}>\nSubject: Re: Lamp\n\nThank you.\n",
                address.to_uppercase()
            ),
        ),
        ("in References", format!("{}\nThank you.\n", plain.replace("References: ", &format!("References: <{id}> ")))),
        ("in the text", format!("{plain}\nI write to {address}, as she said.\n")),
        ("in two lines", {
            let (before, after) = address.split_at(address.len() / 2);
            format!("{plain}\nI write to:\n> {before}\n> {after}\n")
        }),
        (
            "under a From that cannot be read",
            format!("{plain}\nI write to {address}.\n").replace("From: Ewa <ewa@client.example>", "From: Ewa"),
        ),
        ("in a quote", format!("{plain}\nThank you.\n{}", quoted(told))),
        ("in a link", format!("{plain}\nSee <mailto:{}>.\n", address.replace('+', "%2B"))),
        ("in a text file", file("text/plain", &format!("Reply-To: {address}"))),
        ("in an attached mail", file("message/rfc822", &forwarded)),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_key_that_a_customers_mail_shows_is_dead_and_its_agent_has_a_new_one() {
    let count = leaks(opened().await.latest(ANNA).unwrap()).len();
    for index in 0..count {
        let mut desk = opened().await;
        let told = desk.latest(ANNA).unwrap();
        let (how, leak) = leaks(told).swap_remove(index);
        let old = reply(told, 0, "Dear Ewa, it is on its way.");
        let (fate, _) = desk.take(&leak).await;
        assert!(matches!(fate, Fate::Ticket(_)), "{how}: a customer's mail like any other: {fate:?}");
        desk.wait(Duration::from_mins(5)).await;
        let before = desk.sent.len();
        let (fate, _) = desk.take(&old).await;
        assert!(matches!(&fate, Fate::Ignored(why) if why.contains("seen in a customer's mail")), "{how}: {fate:?}");
        assert!(desk.sent[before..].iter().all(|sent| sent.recipient == ANNA), "{how}: nothing reaches the customer");
        let about: Vec<&Sent> =
            desk.sent.iter().filter(|sent| sent.mail.text.contains("no longer counts, and the one")).collect();
        assert_eq!(about.len(), 1, "{how}: the agent is told once");
        assert_eq!(about[0].recipient, ANNA);
        let fresh = reply(about[0], 1, "#answer\nDear Ewa, it is on its way.");
        desk.take(&fresh).await;
        let answer = desk.latest(EWA).unwrap();
        assert!(answer.kind == OutgoingKind::Answer && answer.mail.text.contains("on its way"), "{how}");
        // The same leak again is of a key that is dead: nobody hears of it.
        let again = desk.sent.len();
        desk.take(&leak.replace("<2@client.example>", "<3@client.example>")).await;
        desk.wait(Duration::from_mins(5)).await;
        assert!(
            !desk.sent[again..].iter().any(|sent| sent.mail.text.contains("and the address of this email")),
            "{how}"
        );
    }
}

/// An answer of Anna's that her mail program sends to others too, and what somebody who got it writes in her name.
fn shown_and_copied(told: &Sent, verdict: &str, forged: &str) -> (String, String) {
    let head = |id: &str, results: &str| format!("{results}Message-ID: <{id}@anna>\nFrom: {ANNA}\n");
    let subject = format!("Cc: {EWA}\nSubject:");
    let answer = format!("{}{}\nDear Ewa, it is on its way.\n", head("0", verdict), reply_head(told));
    let copied = format!("{}To: {}\nSubject: Re: Lamp\n\n#close\n", head("1", forged), address(told));
    (answer.replace("Subject:", &subject), copied)
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_agents_own_mail_shows_to_others_is_dead_where_no_server_vouches_for_the_agent() {
    let mut desk = opened().await;
    let (answer, copied) = shown_and_copied(desk.latest(ANNA).unwrap(), "", "");
    let (_, before) = desk.take(&answer).await;
    desk.wait(Duration::from_mins(5)).await;
    let about: Vec<&Sent> = desk.sent[before..].iter().filter(|sent| sent.recipient == ANNA).collect();
    assert!(about.len() == 1 && about[0].mail.text.contains(EWA), "the agent is told once, and who has it");
    let fresh = reply(about[0], 2, "#close");
    let (fate, _) = desk.take(&copied).await;
    assert!(matches!(&fate, Fate::Ignored(why) if why.contains("seen in a customer's mail")), "{fate:?}");
    assert_ne!(desk.tickets().await[0].status.as_str(), "closed");
    desk.take(&fresh).await;
    assert_eq!(desk.tickets().await[0].status.as_str(), "closed", "the new key counts");
}

#[tokio::test(start_paused = true)]
async fn where_our_server_vouches_for_an_agent_their_key_stays_and_a_forgery_comes_back_to_them() {
    let [pass, fail] = ["pass", "fail"]
        .map(|result| format!("Authentication-Results: mx.shop.example; dmarc={result} header.from=shop.example\n"));
    let mut desk = opened().await;
    let (answer, copied) = shown_and_copied(desk.latest(ANNA).unwrap(), &pass, &fail);
    let (_, before) = desk.take(&answer).await;
    desk.wait(Duration::from_mins(5)).await;
    assert_eq!(desk.sent.len(), before, "nothing to tell the agent");
    let (fate, before) = desk.take(&copied).await;
    assert!(matches!(&fate, Fate::Ignored(why) if why.contains("dmarc=fail")), "{fate:?}");
    assert_ne!(desk.tickets().await[0].status.as_str(), "closed");
    let back: Vec<&Sent> = desk.sent[before..].iter().collect();
    assert!(back.len() == 1 && back[0].recipient == ANNA && back[0].mail.text.contains("dmarc=fail"));
    desk.take(&copied.replace(&fail, &pass).replace("<1@anna>", "<2@anna>")).await;
    assert_eq!(desk.tickets().await[0].status.as_str(), "closed", "the agent's own mail");
}

#[tokio::test(start_paused = true)]
async fn a_key_from_an_unknown_address_does_nothing_and_the_agent_is_told_once() {
    let mut desk = opened().await;
    let stolen =
        reply(desk.latest(ANNA).unwrap(), 0, "#close\nPay to this account.").replace(ANNA, "thief@else.example");
    for number in 0..3 {
        let (_, before) = desk.take(&stolen.replace("<0@anna>", &format!("<{number}@thief>"))).await;
        assert!(
            desk.sent[before..].iter().all(|sent| sent.kind == OutgoingKind::Notification),
            "no receipt, no answer"
        );
        desk.wait(Duration::from_mins(5)).await;
    }
    assert_eq!(desk.tickets().await.last().unwrap().status.as_str(), "new", "the ticket of the key is as it was");
    let about = desk.sent.iter().filter(|sent| sent.mail.text.contains("no longer counts, and the one"));
    assert_eq!(about.map(|sent| sent.recipient.as_str()).collect::<Vec<_>>(), [ANNA]);
}

#[tokio::test(start_paused = true)]
async fn an_agent_stands_alone_in_from() {
    for from in [
        "anna@shop.example, thief@else.example",
        "anna@shop.example\nFrom: thief@else.example",
        "Anna <anna@shop.example>, jan@shop.example",
    ] {
        let mut desk = opened().await;
        let mail = reply(desk.latest(ANNA).unwrap(), 0, "#close\nPay to this account.");
        let mail = mail.replace(&format!("From: {ANNA}"), &format!("From: {from}"));
        let (fate, before) = desk.take(&mail).await;
        assert!(matches!(&fate, Fate::Ignored(why) if why.contains("beside the agent in From")), "{from}: {fate:?}");
        assert_eq!(
            desk.sent[before..].iter().map(|sent| sent.recipient.as_str()).collect::<Vec<_>>(),
            [ANNA],
            "{from}"
        );
        assert_eq!(desk.tickets().await[0].status.as_str(), "new", "{from}");
    }
    let mut desk = opened().await;
    let mail = reply(desk.latest(ANNA).unwrap(), 0, "It is on its way.")
        .replace(&format!("From: {ANNA}"), "From: A <anna@shop.example>, anna@Shop.example");
    desk.take(&mail).await;
    assert_eq!(desk.latest(EWA).unwrap().kind, OutgoingKind::Answer, "one mailbox, however often it is named");
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_to_people_whom_no_customer_named_after_the_agents_word_alone() {
    let mut desk = opened().await;
    let told = reply(desk.latest(ANNA).unwrap(), 0, "Dear Ewa, it is on its way.");
    let (_, before) = desk.take(&told.replace("Subject:", "Cc: kim@other.example\nSubject:")).await;
    let asked: Vec<&str> = desk.sent[before..].iter().map(|sent| sent.recipient.as_str()).collect();
    assert_eq!(asked, [ANNA], "held, and the agent asked");
    let question = desk.latest(ANNA).unwrap();
    assert!(question.mail.text.contains("kim@other.example"), "{}", question.mail.text);
    let (_, before) = desk.take(&reply(question, 1, "#send")).await;
    let mut reached: Vec<&str> = desk.sent[before..].iter().map(|sent| sent.recipient.as_str()).collect();
    reached.sort_unstable();
    assert_eq!(reached, [ANNA, EWA, "kim@other.example"], "and the agent hears that it left");
    // Whom the customer names is no stranger.
    let mut desk = opened().await;
    desk.take("Message-ID: <2@client.example>\nFrom: Ewa <ewa@client.example>\nTo: orders@shop.example\nIn-Reply-To: <1@client.example>\nSubject: Re: Lamp\n\nPlease write to kim@other.example too.\n").await;
    desk.wait(Duration::from_mins(5)).await;
    let mail = reply(desk.latest(ANNA).unwrap(), 0, "Dear Ewa, it is on its way.");
    let (_, before) = desk.take(&mail.replace("Subject:", "Cc: kim@other.example\nSubject:")).await;
    assert!(desk.sent[before..].iter().any(|sent| sent.recipient == "kim@other.example"));
}

#[tokio::test(start_paused = true)]
async fn no_key_stands_in_the_history_of_a_ticket() {
    let mut desk = opened().await;
    let key = address(desk.latest(ANNA).unwrap());
    let mail = format!(
        "Message-ID: <2@client.example>\nFrom: ewa@client.example\nTo: {key}\nIn-Reply-To: <1@client.example>\nSubject: Re: Lamp\n\nSee {key}\n"
    );
    desk.take(&mail).await;
    desk.wait(Duration::from_mins(5)).await;
    let secret = key.split('@').next().unwrap().rsplit('.').next().unwrap();
    for event in desk.store.read(|view| view.events_since(0)).await.unwrap() {
        let all = format!("{event} {event:?}");
        assert!(!all.contains(secret), "{all}");
    }
}

//! What a reply of an agent goes through: relays that write a Message-ID of their own, servers and forwarders that cut or lower
//! the plus part, programs that keep no headers. The customer gets the answer, or the agent gets it back with the reason.

use std::fmt::Write as _;

use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;

use super::desk::{Desk, Sent};
use super::script::quoted;

const ANNA: &str = "anna@shop.example";
const WORDS: &str = "Dear Ewa, it is on its way.";

/// What is left of the notification's traces in the reply.
#[derive(Clone, Copy)]
struct Left {
    to: To,
    traces: &'static [Trace],
}

#[derive(Clone, Copy)]
enum To {
    Whole,
    Lower,
    Cut,
}

#[derive(Clone, Copy, PartialEq)]
enum Trace {
    MessageId,
    References,
    Subject,
    Quote,
}

use Trace::{MessageId, Quote, References, Subject};

async fn opened() -> Desk {
    let mut desk = Desk::open().await;
    let mail = "Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: orders@shop.example\nSubject: Lamp\n\nWhere is it?\n";
    desk.take(mail).await;
    desk
}

/// Anna's reply to `answered`, which came to her through a relay that replaced its Message-ID.
fn reply(answered: &Sent, left: Left, words: &str, number: usize) -> String {
    let mail = &answered.mail;
    let whole = mail.reply_to[0].address.as_str();
    let to = match left.to {
        To::Whole => whole.to_owned(),
        To::Lower => whole.to_lowercase(),
        To::Cut => "orders@shop.example".to_owned(),
    };
    let id = match &mail.message_id {
        Some(id) if left.traces.contains(&MessageId) => id.to_string(),
        _ => "0102018c7e5f-e1d2@eu-west-1.amazonses.com".to_owned(),
    };
    let mut text = format!("Message-ID: <reply{number}@home.example>\nFrom: {ANNA}\nTo: {to}\nIn-Reply-To: <{id}>\n");
    let subject = if left.traces.contains(&Subject) { mail.subject.as_str() } else { "your mail" };
    writeln!(text, "Subject: Re: {subject}").unwrap();
    if left.traces.contains(&References) {
        let chain: String = mail.references.iter().flat_map(|id| [" <", id.as_str(), ">"]).collect();
        writeln!(text, "References:{chain} <{id}>").unwrap();
    }
    writeln!(text, "\n{words}").unwrap();
    if left.traces.contains(&Quote) { text + &quoted(answered) } else { text }
}

/// What a mail says, however its lines are broken.
fn plain(sent: &Sent) -> String {
    sent.mail.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn check(left: Left, answers: bool) {
    let mut desk = opened().await;
    let mail = reply(desk.latest(ANNA).unwrap(), left, WORDS, 0);
    let tickets = desk.tickets().await.len();
    let (fate, before) = desk.take(&mail).await;
    assert_eq!(desk.tickets().await.len(), tickets, "never a ticket of the agent's own: {fate:?}");
    let sent = &desk.sent[before..];
    assert!(sent.iter().all(|sent| sent.kind != OutgoingKind::Acknowledgement), "no receipt");
    if answers {
        let answer = sent.iter().find(|sent| sent.recipient == "ewa@client.example").unwrap();
        assert!(answer.mail.text.contains(WORDS));
    } else {
        assert_eq!(sent.iter().map(|sent| sent.recipient.as_str()).collect::<Vec<_>>(), [ANNA]);
        let text = plain(&sent[0]);
        assert!(text.contains(WORDS) && text.contains("nothing in it proves"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn behind_a_relay_that_rewrites_message_ids_the_references_prove_the_agent() {
    check(Left { to: To::Cut, traces: &[References] }, true).await;
    check(Left { to: To::Cut, traces: &[References, Subject, Quote] }, true).await;
}

#[tokio::test(start_paused = true)]
async fn an_address_in_lower_case_or_a_message_id_alone_proves_the_agent() {
    check(Left { to: To::Whole, traces: &[] }, true).await;
    check(Left { to: To::Lower, traces: &[] }, true).await;
    check(Left { to: To::Cut, traces: &[MessageId] }, true).await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_proves_nothing_comes_back_and_is_no_ticket_of_the_agents() {
    check(Left { to: To::Cut, traces: &[Subject] }, false).await;
    check(Left { to: To::Cut, traces: &[Quote] }, false).await;
    check(Left { to: To::Cut, traces: &[Subject, Quote] }, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_command_without_a_proof_comes_back_and_a_new_matter_of_an_agent_is_a_ticket() {
    let mut desk = opened().await;
    let mail = |words: &str| format!("From: {ANNA}\nTo: info@shop.example\nSubject: Chair\n\n{words}\n");
    let (fate, before) = desk.take(&mail("#next")).await;
    assert!(matches!(fate, Fate::Ignored(_)), "{fate:?}");
    assert!(plain(&desk.sent[before]).contains("begins with a command"));
    let (fate, _) = desk.take(&mail("My chair is broken.")).await;
    assert!(matches!(fate, Fate::Ticket(_)), "{fate:?}");
}

#[tokio::test(start_paused = true)]
async fn a_colleagues_reply_address_comes_back_with_the_reason() {
    let mut desk = Desk::open().await;
    desk.take("Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\nSubject: Lamp\n\nWhere is it?\n")
        .await;
    let left = Left { to: To::Whole, traces: &[MessageId, References, Subject, Quote] };
    let mail = reply(desk.latest("jan@shop.example").unwrap(), left, WORDS, 0);
    let (fate, before) = desk.take(&mail).await;
    assert!(matches!(fate, Fate::Ignored(_)), "{fate:?}");
    assert_eq!(desk.sent.len(), before + 1);
    let back = &desk.sent[before];
    assert_eq!(back.recipient, ANNA);
    let text = plain(back);
    assert!(text.contains("belongs to Jan Kos") && text.contains(WORDS), "{text}");
}

#[tokio::test(start_paused = true)]
async fn whoever_floods_an_agent_through_us_gets_five_mails_an_hour_back() {
    let mut desk = opened().await;
    let before = desk.sent.len();
    for number in 0..9 {
        let mail =
            reply(desk.latest_for(ANNA, "1001", "").unwrap(), Left { to: To::Cut, traces: &[Subject] }, WORDS, number);
        desk.take(&mail).await;
    }
    let back = |desk: &Desk| desk.sent[before..].iter().filter(|sent| sent.recipient == ANNA).count();
    assert_eq!(back(&desk), 5);
    assert_eq!(desk.sent.len() - before, 6, "a colleague hears once that there are more");
    desk.wait(std::time::Duration::from_secs(3_700)).await;
    let mail = reply(desk.latest_for(ANNA, "1001", "").unwrap(), Left { to: To::Cut, traces: &[Subject] }, WORDS, 10);
    let (_, before) = desk.take(&mail).await;
    assert_eq!(desk.sent.len() - before, 1);
}

#[tokio::test(start_paused = true)]
async fn a_good_reply_address_in_other_hands_joins_nothing_and_answers_nobody() {
    let mut desk = opened().await;
    let left = Left { to: To::Whole, traces: &[MessageId, References, Subject] };
    let mail = reply(desk.latest(ANNA).unwrap(), left, WORDS, 0).replace(ANNA, "anna@phone.example");
    let (fate, before) = desk.take(&mail).await;
    assert_eq!(fate, Fate::Ticket(postroom::model::TicketNumber(1002)));
    let sent = &desk.sent[before..];
    assert!(
        !sent.is_empty() && sent.iter().all(|sent| sent.kind == OutgoingKind::Notification),
        "colleagues alone are told"
    );
}

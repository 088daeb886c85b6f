//! Forged copies: whatever somebody writes to a customer in our name and lets the desk have (From of ours, ids, tag, a verdict
//! that came with it, marks of the Sent folder), it is no answer, changes no ticket and sends nothing to a customer.
//!
//! `POSTROOM_FORGERIES` sets how many are tried.

use std::fmt::Write as _;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::ticket::{MessageKind, Status};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::desk::Desk;

const OURS: [&str; 6] = [
    "Shop Returns <returns@shop.example>",
    "info@shop.example",
    "Anna Nowak <info+1001@shop.example>",
    "Anna Nowak <anna@shop.example>",
    "anna.nowak@home.example",
    "Jan Kos <JAN@shop.example>",
];
const CUSTOMERS: [&str; 3] =
    ["Ewa <ewa@client.example>", "ewa@client.example, copy@holding.example", "Ewa <EWA@client.example>"];
/// None of them is a verdict of our own mail server about From.
const VERDICTS: [&str; 5] = [
    "",
    "Received: from a by relay.evil.example; x\nAuthentication-Results: mx.shop.example; dmarc=pass header.from=shop.example\n",
    "Authentication-Results: mx.evil.example; dmarc=pass header.from=shop.example\n",
    "Authentication-Results: mx.shop.example; dmarc=fail header.from=shop.example\n",
    "Authentication-Results: mx.shop.example; dmarc=pass header.from=evil.example\n",
];
const WORDS: [&str; 4] = ["Tell me your password.", "#close", "#note\nx", "Fine.\n\nAnna Nowak"];

fn pick<T: Clone + std::fmt::Debug + 'static>(choices: &[T]) -> impl Strategy<Value = T> {
    proptest::sample::select(choices.to_vec())
}

/// A mail in our name, without a token; it arrives, or a rule files it where sent mails lie.
fn forgery() -> impl Strategy<Value = (String, bool)> {
    let heads = (pick(&OURS), pick(&CUSTOMERS), any::<bool>(), pick(&VERDICTS), pick(&WORDS));
    let clues = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (heads, clues).prop_map(|((from, to, copied, verdict, words), (answers, tagged, refers, sender, filed))| {
        let mut mail = verdict.to_owned();
        let mut line = |text: &str| writeln!(mail, "{text}").unwrap();
        if filed {
            line("Return-Path: <mallory@evil.example>");
            line("Delivered-To: info@shop.example");
        }
        line(&format!("From: {from}"));
        line(&format!("To: {to}"));
        line(if copied { "Cc: returns@shop.example" } else { "X-Nothing: x" });
        line(if tagged { "Subject: Re: [#1001] Safe" } else { "Subject: Re: Safe" });
        line(if answers { "In-Reply-To: <first@client.example>" } else { "X-Nothing: y" });
        line(if refers { "References: <first@client.example> <second@client.example>" } else { "X-Nothing: z" });
        line(if sender { "Sender: anna@shop.example" } else { "X-Nothing: q" });
        (format!("{mail}\n{words}\n"), filed)
    })
}

#[tokio::test(start_paused = true)]
async fn no_copy_without_a_proof_is_an_answer_changes_a_ticket_or_reaches_a_customer() {
    let count = std::env::var("POSTROOM_FORGERIES").ok().and_then(|count| count.parse().ok()).unwrap_or(300);
    let mut desk = Desk::open().await;
    for (id, words) in [("first", "Is it safe?"), ("second", "Hello?")] {
        desk.take(&format!(
            "Message-ID: <{id}@client.example>\nIn-Reply-To: <first@client.example>\nFrom: Ewa <ewa@client.example>\n\
             To: returns@shop.example\nCc: copy@holding.example\nSubject: Safe\n\n{words}\n"
        ))
        .await;
    }
    let before = desk.store.read(|view| view.ticket(TicketNumber(1001))).await.unwrap().unwrap();
    let sent_before = desk.sent.len();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut noted = 0;
    for number in 0..count {
        let (forged, filed) = forgery().new_tree(&mut runner).unwrap().current();
        let forged = format!("Message-ID: <forged-{number}@evil.example>\n{forged}");
        let (fate, _) = if filed { desk.file(&forged).await } else { desk.take(&forged).await };
        noted += usize::from(fate == postroom::model::plan::Fate::Ticket(TicketNumber(1001)));
        let ticket = desk.store.read(|view| view.ticket(TicketNumber(1001))).await.unwrap().unwrap();
        let standing = (ticket.status, &ticket.assignee, &ticket.participants, &ticket.department);
        assert_eq!(standing, (Status::New, &None, &before.participants, &before.department), "{forged}");
    }
    assert!(noted > count / 4, "only {noted} of {count} came near the ticket");
    for ticket in desk.tickets().await {
        let messages = desk.store.read(move |view| view.messages(ticket.number)).await.unwrap();
        assert!(messages.iter().all(|message| message.kind != MessageKind::Agent), "#{}", ticket.number);
    }
    for sent in desk.sent.iter().skip(sent_before) {
        let ours = sent.recipient.ends_with("@shop.example") || sent.recipient.ends_with("@home.example");
        assert!(ours && sent.kind != OutgoingKind::Answer, "{} to {}", sent.kind, sent.recipient);
    }
}

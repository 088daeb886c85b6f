//! Answers that are held: what tells which state an agent saw, and that none is sent twice, whatever comes in between.
//!
//! `POSTROOM_COLLISIONS` sets how many histories are played.

use jiff::SignedDuration;
use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::ticket::{MessageKind, Visibility};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::desk::{Desk, Sent};
use super::script::reply_head;

const NUMBER: TicketNumber = TicketNumber(1001);

async fn opened() -> Desk {
    let mut desk = Desk::open().await;
    desk.take(
        "Message-ID: <first@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
         Subject: Lamp\n\nIt is broken.\n",
    )
    .await;
    desk
}

fn mail(id: &str, from: &str, head: &str, words: &str) -> String {
    format!("Message-ID: <{id}@mail.example>\nFrom: {from}\n{head}\n{words}\n")
}

/// Only To and Subject of a reply: what a program sends that knows nothing of threads.
fn address_only(answered: &Sent) -> String {
    format!("To: {}\nSubject: Re: {}\n", answered.mail.reply_to[0].address, answered.mail.subject)
}

fn answers(desk: &Desk) -> Vec<String> {
    let answers = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer);
    answers.map(|sent| sent.mail.text.lines().next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_reply_address_alone_tells_what_its_agent_had_seen() {
    let mut desk = opened().await;
    let anna = address_only(desk.latest("anna@shop.example").unwrap());
    let jan = address_only(desk.latest("jan@shop.example").unwrap());
    desk.take(&mail("a", "jan@shop.example", &jan, "We are sorry.")).await;
    desk.take(&mail("b", "anna@shop.example", &anna, "Send it back.")).await;
    assert_eq!(answers(&desk), ["We are sorry."]);
    // Jan saw what he wrote himself; Anna has read of it in what she answers now.
    desk.take(&mail("c", "jan@shop.example", &jan, "The label is attached.")).await;
    let notice = address_only(desk.latest_for("anna@shop.example", "", "held").unwrap());
    desk.take(&mail("d", "anna@shop.example", &notice, "#send")).await;
    let again = desk.latest_for("anna@shop.example", "", "held").unwrap();
    assert!(again.mail.text.contains("The label is attached.") && !again.mail.text.contains("We are sorry."));
    let notice = address_only(again);
    desk.take(&mail("e", "anna@shop.example", &notice, "#send")).await;
    assert_eq!(answers(&desk), ["We are sorry.", "The label is attached.", "Send it back."]);
}

#[tokio::test(start_paused = true)]
async fn commands_and_notes_are_never_held() {
    let mut desk = opened().await;
    let anna = reply_head(desk.latest("anna@shop.example").unwrap());
    let jan = reply_head(desk.latest("jan@shop.example").unwrap());
    desk.take(&mail("a", "jan@shop.example", &jan, "We are sorry.")).await;
    desk.take(&mail("b", "anna@shop.example", &anna, "#priority high")).await;
    desk.take(&mail("c", "anna@shop.example", &anna, "#note\nShe is a friend of mine.")).await;
    assert!(desk.latest_for("anna@shop.example", "", "held").is_none());
    let kinds: Vec<String> =
        desk.store.read(|view| view.events_since(0)).await.unwrap().iter().map(|kind| kind.word().to_owned()).collect();
    assert!(kinds.contains(&"priority".to_owned()) && kinds.contains(&"note".to_owned()), "{kinds:?}");
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Step {
    CustomerWrites,
    JanAnswers,
    /// Anna answers one of the mails that she got.
    AnnaAnswers(usize),
    AnnaSays(&'static str, usize),
    /// A mail comes a second time.
    Again(usize),
    Killed,
    HourPasses,
}

fn step() -> impl Strategy<Value = Step> {
    let verdicts = proptest::sample::select(&["#send", "#send", "#cancel", "#note", "#send\n#close"][..]);
    prop_oneof![
        2 => Just(Step::CustomerWrites),
        2 => Just(Step::JanAnswers),
        4 => (0_usize..50).prop_map(Step::AnnaAnswers),
        5 => (verdicts, 0_usize..50).prop_map(|(words, which)| Step::AnnaSays(words, which)),
        3 => (0_usize..50).prop_map(Step::Again),
        1 => Just(Step::Killed),
        1 => Just(Step::HourPasses),
    ]
}

/// Heads of replies to what somebody got, from before a kill too.
fn heads(desk: &Desk, reader: &str) -> Vec<String> {
    desk.sent.iter().filter(|sent| sent.recipient == reader).map(reply_head).collect()
}

#[tokio::test(start_paused = true)]
async fn a_held_answer_is_sent_at_most_once_and_never_when_dropped() {
    let count = std::env::var("POSTROOM_COLLISIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(12);
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]));
    let (mut held, mut sent_on_demand) = (0, 0);
    for _ in 0..count {
        let steps = proptest::collection::vec(step(), 10..40).new_tree(&mut runner).unwrap().current();
        let kinds = play(&steps).await;
        held += kinds.iter().filter(|kind| *kind == "held").count();
        sent_on_demand += kinds.iter().filter(|kind| *kind == "sent").count();
    }
    assert!(
        held > count && sent_on_demand > count / 2,
        "{held} held, {sent_on_demand} sent: the histories are too tame"
    );
}

async fn play(steps: &[Step]) -> Vec<String> {
    let mut desk = opened().await;
    let (mut mails, mut annas, mut jans) = (Vec::<String>::new(), Vec::new(), Vec::new());
    let mut customers = vec!["To: returns@shop.example\nSubject: Re: [#1001] Lamp\n".to_owned()];
    for (number, step) in steps.iter().enumerate() {
        annas.extend(heads(&desk, "anna@shop.example"));
        jans.extend(heads(&desk, "jan@shop.example"));
        customers.extend(heads(&desk, "ewa@client.example"));
        desk.sent.clear();
        let pick = |heads: &[String], which: usize| heads[heads.len() - 1 - which % heads.len().min(6)].clone();
        let id = format!("step-{number}");
        let written = match step {
            Step::CustomerWrites => mail(&id, "Ewa <ewa@client.example>", &pick(&customers, 0), "Hello?"),
            Step::JanAnswers => mail(&id, "jan@shop.example", &pick(&jans, 0), &format!("Words {number} of Jan.")),
            Step::AnnaAnswers(which) => {
                mail(&id, "anna@shop.example", &pick(&annas, *which), &format!("Words {number} of Anna."))
            }
            Step::AnnaSays(words, which) => mail(&id, "anna@shop.example", &pick(&annas, *which), words),
            Step::Again(which) if mails.is_empty() => {
                mail(&id, "x@y.example", "To: info@shop.example\n", &which.to_string())
            }
            Step::Again(which) => mails[which % mails.len()].clone(),
            Step::Killed => {
                desk = desk.killed(SignedDuration::from_secs(1)).await;
                continue;
            }
            Step::HourPasses => {
                desk.wait(std::time::Duration::from_hours(1)).await;
                continue;
            }
        };
        desk.take(&written).await;
        mails.push(written);
    }
    let messages = desk.store.read(|view| view.messages(NUMBER)).await.unwrap();
    for number in 0..steps.len() {
        let words = format!("Words {number} of Anna.");
        let out = messages.iter().filter(|message| message.visibility == Visibility::Public && message.text == words);
        assert!(out.clone().count() <= 1, "{words} left twice: {steps:?}");
        assert!(out.clone().all(|message| message.kind == MessageKind::Agent));
    }
    desk.store.read(|view| view.events_since(0)).await.unwrap().iter().map(|kind| kind.word().to_owned()).collect()
}

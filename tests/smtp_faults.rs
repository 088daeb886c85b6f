//! Sending to a server that misbehaves: a human's answer arrives at least once under one Message-ID, a machine's mail at
//! most once, and what happens to one recipient is no other's trouble.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use serde_json::Value;
use support::sink::{Fault, Sink, Step};
use support::*;

const INFO: &str = "info@example.test";

/// Faults that a sender can tell: the mail was not taken.
const CERTAIN: &[(Step, Fault)] = &[
    (Step::Greeting, Fault::Reply("421 4.3.2 come back later")),
    (Step::Greeting, Fault::Drop),
    (Step::Mail, Fault::Reply("451 4.3.0 not now")),
    (Step::Rcpt, Fault::Reply("450 4.2.0 greylisted")),
    (Step::Rcpt, Fault::Drop),
    (Step::Data, Fault::Reply("451 4.3.0 not now")),
    (Step::Data, Fault::Drop),
    (Step::Dot, Fault::Reply("452 4.3.1 disk full")),
];

/// Faults after which a sender cannot know.
const DOUBTFUL: &[(Step, Fault)] = &[(Step::Dot, Fault::Drop), (Step::Dot, Fault::KeepAndDrop)];

/// Every fault, each for a customer of its own.
fn faults() -> Vec<(&'static str, Step, Fault)> {
    let all = CERTAIN.iter().chain(DOUBTFUL).enumerate();
    all.map(|(index, (step, fault))| {
        let customer: &'static str = format!("customer{index}@client.example").leak();
        (customer, *step, fault.clone())
    })
    .collect()
}

struct Scene {
    sink: Sink,
    desk: Desk,
    mails: u64,
}

impl Scene {
    fn new() -> Self {
        let sink = Sink::start();
        let config = DeskConfig::shop().plain_smtp(sink.port).maildir("info", "support", "");
        let mut desk = Desk::new(&config);
        desk.start();
        Self { sink, desk, mails: 0 }
    }

    /// Makes the server misbehave once: to this customer, or to whoever is first where the recipient is not yet known.
    fn misbehave(&self, customer: &'static str, step: Step, fault: &Fault) {
        let early = matches!(step, Step::Greeting | Step::Mail);
        self.sink.misbehave(step, if early { "" } else { customer }, fault.clone(), 1);
    }

    fn deliver(&mut self, mail: &Mail) {
        self.mails += 1;
        self.desk.deliver("info", &mail.bytes());
    }

    /// A customer's mail; returns the notification to Jan.
    fn ask(&mut self, customer: &str, cc: &str) -> Received {
        let mail = Mail::new(customer, INFO, "Question", &format!("It is {customer} who asks."));
        let mail = if cc.is_empty() { mail } else { mail.header("Cc", cc) };
        self.deliver(&mail);
        let words = format!("It is {customer} who asks.");
        eventually(PATIENCE, "Jan is notified", || {
            let found =
                self.sink.taken_for("jan@example.test").into_iter().find(|taken| taken.mail.text().contains(&words));
            found.map(|taken| taken.mail)
        })
    }

    fn answer(&mut self, notification: &Received, text: &str) {
        let reply_to = notification.answer_address();
        let answer = Mail::new("jan@example.test", &reply_to, &format!("Re: {}", notification.subject()), text)
            .answering(&notification.message_id())
            .header("Delivered-To", &reply_to);
        self.deliver(&answer);
    }

    /// Waits until all is decided and nothing is left to try, asking for an immediate retry of what is deferred.
    fn settle(&self) {
        eventually(PATIENCE, "everything is decided and tried", || {
            for mail in self.outbox() {
                if mail["state"] == "deferred" {
                    self.desk.run(&["outbox", "retry", mail["id"].to_string().trim_matches('"')]);
                }
            }
            (self.desk.decided() >= self.mails && self.desk.nothing_to_send()).then_some(())
        });
    }

    fn outbox(&self) -> Vec<Value> {
        self.desk.json(&["outbox", "list"]).as_array().expect("an array").clone()
    }

    /// The copies of mails to this recipient whose text holds these words.
    fn copies(&self, recipient: &str, words: &str) -> Vec<Received> {
        let taken = self.sink.taken_for(recipient).into_iter().map(|taken| taken.mail);
        taken.filter(|mail| mail.text().contains(words)).collect()
    }
}

#[test]
fn an_answer_arrives_at_least_once_and_always_under_one_message_id() {
    let mut scene = Scene::new();
    let faults = faults();
    let notifications: Vec<Received> = faults.iter().map(|(customer, ..)| scene.ask(customer, "")).collect();
    scene.settle();
    for ((customer, step, fault), notification) in faults.iter().zip(&notifications) {
        scene.misbehave(customer, *step, fault);
        scene.answer(notification, "This is the answer.");
    }
    scene.settle();
    for (customer, step, fault) in faults {
        let copies = scene.copies(customer, "This is the answer.");
        let most = if matches!(fault, Fault::KeepAndDrop) { 2 } else { 1 };
        assert!((1..=most).contains(&copies.len()), "{step:?} {fault:?}: {} copies", copies.len());
        assert!(copies.iter().all(|copy| copy.message_id() == copies[0].message_id()), "{step:?} {fault:?}");
        assert!(copies.iter().all(|copy| copy.raw == copies[0].raw), "a retry is the same mail, byte by byte");
    }
}

#[test]
fn an_acknowledgement_arrives_once_after_a_certain_failure_and_at_most_once_after_a_doubtful_one() {
    let mut scene = Scene::new();
    let faults = faults();
    for (customer, step, fault) in &faults {
        scene.misbehave(customer, *step, fault);
        scene.deliver(&Mail::new(customer, INFO, "Question", "Are you there?"));
    }
    scene.settle();
    for (customer, step, fault) in faults {
        let copies = scene.sink.taken_for(customer).len();
        let expected = usize::from(!matches!((step, &fault), (Step::Dot, Fault::Drop)));
        assert_eq!(copies, expected, "{step:?} {fault:?}");
    }
    let uncertain = scene.desk.status()["outbox"]["uncertain"].as_u64();
    assert_eq!(uncertain, Some(DOUBTFUL.len() as u64), "what cannot be known is counted");
    for ((recipient, id), copies) in scene.sink.copies() {
        assert_eq!(copies, 1, "{id} to {recipient}");
    }
}

#[test]
fn one_refused_recipient_does_not_keep_the_mail_from_the_other() {
    let mut scene = Scene::new();
    let notification = scene.ask("requester@client.example", "Second <second@client.example>");
    scene.settle();
    scene.sink.misbehave(Step::Rcpt, "second@", Fault::Reply("550 5.1.1 no such user"), 100);
    scene.answer(&notification, "An answer to both of you.");
    scene.settle();
    assert_eq!(scene.copies("requester@client.example", "answer to both").len(), 1);
    assert_eq!(scene.copies("second@client.example", "answer to both").len(), 0);
    assert_eq!(scene.desk.status()["outbox"]["failed"], 1);
    let told = eventually(PATIENCE, "the agent is told", || scene.copies("jan@example.test", "no such user").pop());
    assert!(told.text().contains("second@client.example"), "{}", told.text());
    let ticket = scene.desk.ticket(scene.desk.ticket_of("requester@client.example"));
    assert_eq!(ticket["status"], "open", "a failed delivery puts the ball back to us: {ticket}");
}

#[test]
fn a_slow_server_gets_no_mail_twice() {
    let mut scene = Scene::new();
    scene.sink.misbehave(Step::Dot, "", Fault::Delay(Duration::from_secs(4)), 2);
    scene.ask("slow@client.example", "");
    scene.settle();
    for ((recipient, id), copies) in scene.sink.copies() {
        assert_eq!(copies, 1, "{id} to {recipient}");
    }
}

#[test]
fn an_unreachable_server_loses_nothing() {
    let mut scene = Scene::new();
    scene.sink.misbehave(Step::Greeting, "", Fault::Drop, 2);
    for number in 0..5 {
        scene.deliver(&Mail::new(&format!("c{number}@client.example"), INFO, "Question", "Hello?"));
    }
    scene.settle();
    for number in 0..5 {
        assert_eq!(scene.sink.taken_for(&format!("c{number}@client.example")).len(), 1);
    }
    assert_eq!(scene.sink.taken_for("jan@example.test").len(), 5);
}

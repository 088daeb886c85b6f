//! `kill -9` at random moments under load: no mail is lost, none becomes two tickets, nothing is sent twice.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use support::random::Random;
use support::sink::{Fault, Sink, Step};
use support::smtp::Client;
use support::*;

/// Mails that arrive while the daemon is killed again and again.
const MAILS: usize = 200;
/// Agents who are notified of each.
const AGENTS: usize = 2;

#[test]
fn no_mail_is_lost_or_doubled_by_kill_minus_nine() {
    let (kills, mut random) = dose();
    let servers = MailServers::dovecot_only();
    let sink = slow_sink();
    let ca = servers.ca_file();
    let config = DeskConfig::shop().plain_smtp(sink.port).imap("info", "support", &servers.tls(&ca), "");
    let mut desk = Desk::new(&config);

    let mut delivered = BTreeSet::new();
    let mut deliver = |upto: usize| {
        let mut lmtp = Client::lmtp(servers.lmtp());
        while delivered.len() < upto {
            let number = delivered.len();
            let from = format!("customer{number}@client.example");
            let text = format!("Question number {number}, please.\n{}", "All of it matters. ".repeat(100));
            let mail = Mail::new(&from, "info@example.test", &format!("Question {number}"), &text);
            lmtp.deliver(&from, &["info@example.test"], &mail.bytes());
            delivered.insert(mail.message_id().to_owned());
        }
    };
    for kill in 1..=kills {
        // Half of the mails are there before the start, half arrive while it runs.
        deliver(MAILS * (2 * kill - 1) / (2 * kills));
        desk.spawn();
        let before = Duration::from_millis(random.between(5..400));
        let after = Duration::from_millis(random.between(5..400));
        std::thread::sleep(before);
        deliver(MAILS * kill / kills);
        std::thread::sleep(after);
        if let Some(status) = desk.daemon().ended() {
            panic!("the daemon ended by itself: {status}");
        }
        desk.kill();
    }
    desk.start();
    desk.settled(MAILS as u64);
    audit(&desk, &sink, &delivered, kills);
    assert!(desk.stop().0.success());
}

#[test]
fn every_answer_of_an_agent_arrives_under_one_message_id_whatever_is_killed() {
    const ANSWERS: usize = 60;
    let (kills, mut random) = dose();
    let sink = slow_sink();
    let mut desk = Desk::new(&DeskConfig::shop().plain_smtp(sink.port).maildir("info", "support", ""));
    for number in 0..ANSWERS {
        let from = format!("customer{number}@client.example");
        desk.deliver("info", &Mail::new(&from, "info@example.test", "Question", "Is anybody there?").bytes());
    }
    desk.start();
    desk.settled(ANSWERS as u64);
    let mut notifications = sink.taken_for("jan@example.test");
    assert_eq!(notifications.len(), ANSWERS);
    desk.kill();

    for kill in 0..kills {
        let rest = notifications.len() - ANSWERS * (kills - kill - 1) / kills;
        for taken in notifications.drain(..rest) {
            let reply_to = taken.mail.answer_address();
            let words = format!("This is the answer of {}.", taken.mail.header("X-Postroom-Ticket"));
            let answer = Mail::new("jan@example.test", &reply_to, &format!("Re: {}", taken.mail.subject()), &words)
                .answering(&taken.mail.message_id())
                .header("Delivered-To", &reply_to);
            desk.deliver("info", &answer.bytes());
        }
        desk.spawn();
        std::thread::sleep(Duration::from_millis(random.between(10..90)));
        desk.kill();
    }
    desk.start();
    desk.settled(2 * ANSWERS as u64);
    let mut doubles = 0;
    for number in 0..ANSWERS {
        let copies = sink.taken_for(&format!("customer{number}@client.example"));
        let answers: Vec<_> = copies.iter().filter(|taken| taken.mail.text().contains("This is the answer")).collect();
        let ids: BTreeSet<String> = answers.iter().map(|taken| taken.mail.message_id()).collect();
        assert_eq!(ids.len(), 1, "customer {number} got {} copies", answers.len());
        doubles += answers.len() - 1;
    }
    eprintln!("{doubles} answers arrived twice");
    // Two connections can each lose one final reply at a kill.
    assert!(doubles <= 2 * kills, "{doubles} doubles after {kills} kills");
}

/// A server that takes its time over the last reply, so that kills fall into the moment that matters.
fn slow_sink() -> Sink {
    let sink = Sink::start();
    sink.misbehave(Step::Dot, "", Fault::Delay(Duration::from_millis(5)), usize::MAX);
    sink
}

/// How often to kill, and when: `POSTROOM_KILLS` and `POSTROOM_SEED`.
fn dose() -> (usize, Random) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("POSTROOM_KILLS").unwrap_or(10);
    let seed = number("POSTROOM_SEED").unwrap_or_else(|| Random::from_time().next() % 1_000_000);
    eprintln!("{kills} kills, POSTROOM_SEED={seed}");
    (usize::try_from(kills).unwrap(), Random::new(seed))
}

fn audit(desk: &Desk, sink: &Sink, delivered: &BTreeSet<String>, kills: usize) {
    let status = desk.status();
    assert_eq!(status.pointer("/mailboxes/0/gap"), Some(&0.into()), "{status}");
    assert_eq!(status.pointer("/mailboxes/0/ledger/ticket"), Some(&MAILS.into()), "{status}");

    let mut found = BTreeMap::<String, usize>::new();
    let tickets = desk.tickets();
    for ticket in &tickets {
        let ticket = desk.ticket(ticket.get("number").and_then(serde_json::Value::as_u64).unwrap());
        let messages = ticket.get("messages").and_then(serde_json::Value::as_array).expect("messages");
        for message in messages.iter().filter(|message| message.get("kind") == Some(&"customer".into())) {
            let id = message.get("message_id").and_then(serde_json::Value::as_str).expect("a Message-ID");
            *found.entry(id.to_owned()).or_default() += 1;
        }
    }
    let lost: Vec<_> = delivered.iter().filter(|id| !found.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{} mails are no message of any ticket: {lost:?}", lost.len());
    let doubled: Vec<_> = found.iter().filter(|(_, times)| **times != 1).collect();
    assert!(doubled.is_empty(), "mails that are several messages: {doubled:?}");
    assert_eq!(tickets.len(), MAILS);

    // One acknowledgement a customer and one notification a ticket and agent; by what they are, not only by Message-ID.
    let mut sent = BTreeMap::<(String, String), usize>::new();
    for taken in sink.taken() {
        let ticket = match taken.mail.header("X-Postroom-Ticket") {
            ticket if ticket.is_empty() => taken.mail.subject(),
            ticket => ticket,
        };
        for recipient in taken.to {
            *sent.entry((recipient, ticket.clone())).or_default() += 1;
        }
    }
    let twice: Vec<_> = sent.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "sent more than once: {twice:?}");
    let expected = MAILS * (1 + AGENTS);
    let uncertain = status.pointer("/outbox/uncertain").and_then(serde_json::Value::as_u64).unwrap();
    let unsent = expected - sent.len();
    eprintln!("{} of {expected} automatic mails arrived, {uncertain} are marked as uncertain", sent.len());
    assert!(unsent as u64 <= uncertain, "{unsent} automatic mails are missing, only {uncertain} are uncertain");
    // One connection sends one mail at a time, so that a kill leaves few in doubt.
    assert!(uncertain <= 4 * kills as u64, "{uncertain} mails in doubt after {kills} kills");
}

//! `kill -9` at random moments under load: no mail is lost or altered, none becomes two tickets, nothing is sent twice.
//!
//! `POSTROOM_KILLS=1000` is the full dose. A cycle is a fresh desk on a fresh server: 200 mails arrive while it is killed 20 times.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use postroom::model::digest::{Digest, sha256};
use support::database::{Database, each_once};
use support::random::Random;
use support::sink::{Fault, Sink, Step};
use support::smtp::Client;
use support::*;

/// Mails that arrive in a cycle while the daemon is killed again and again.
const MAILS: usize = 200;
/// Kills in a cycle.
const KILLS: usize = 20;
/// Agents who are notified of each.
const AGENTS: usize = 2;
/// Cycles that run at a time.
const AT_A_TIME: usize = 2;
/// What is done on the server once a mail is safe; the cycles take turns.
const AFTER: [&str; 3] = ["keep", "seen", "move:Done"];

#[test]
fn no_mail_is_lost_altered_or_doubled_by_kill_minus_nine() {
    in_cycles(|cycle, kills, random| {
        let servers = MailServers::dovecot_only();
        let sink = slow_sink();
        let ca = servers.ca_file();
        let after = AFTER[cycle % AFTER.len()];
        let extra = format!("after = \"{after}\"");
        let config = DeskConfig::shop().plain_smtp(sink.port).imap("info", "support", &servers.tls(&ca), &extra);
        let mut desk = Desk::new(&config);

        let mut delivered = 0;
        let mut deliver = |upto: usize| {
            let mut lmtp = Client::lmtp(servers.lmtp());
            for number in delivered..upto {
                let from = format!("customer{number}@client.example");
                let text = format!("Question number {number}, please.\n{}", "All of it matters. ".repeat(100));
                let mail = Mail::new(&from, "info@example.test", &format!("Question {number}"), &text);
                lmtp.deliver(&from, &["info@example.test"], &mail.bytes());
            }
            delivered = upto;
        };
        for kill in 1..=kills {
            // Half of the mails are there before the start, half arrive while it runs.
            deliver(MAILS * (2 * kill - 1) / (2 * kills));
            desk.spawn();
            let before = Duration::from_millis(random.between(5..250));
            let after = Duration::from_millis(random.between(5..250));
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
        let on_server = mails_on_server(&servers, after);
        assert!(desk.stop().0.success());
        audit(&desk, &sink, &on_server, kills);
    });
}

#[test]
fn every_answer_of_an_agent_arrives_under_one_message_id_whatever_is_killed() {
    in_cycles(|_, kills, random| answer_while_killed(kills, random));
}

fn answer_while_killed(kills: usize, random: &mut Random) {
    const ANSWERS: usize = 60;
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
    assert!(desk.stop().0.success());
    let mut doubles = 0;
    for number in 0..ANSWERS {
        let copies = sink.taken_for(&format!("customer{number}@client.example"));
        let answers: Vec<_> = copies.iter().filter(|taken| taken.mail.text().contains("This is the answer")).collect();
        let ids: BTreeSet<String> = answers.iter().map(|taken| taken.mail.message_id()).collect();
        assert_eq!(ids.len(), 1, "customer {number} got {} copies", answers.len());
        doubles += answers.len() - 1;
    }
    // Two connections can each lose one final reply at a kill.
    assert!(doubles <= 2 * kills, "{doubles} doubles after {kills} kills");
}

/// A server that takes its time over the last reply, so that kills fall into the moment that matters.
fn slow_sink() -> Sink {
    let sink = Sink::start();
    sink.misbehave(Step::Dot, "", Fault::Delay(Duration::from_millis(5)), usize::MAX);
    sink
}

/// Runs cycles until there were as many kills as asked for: `POSTROOM_KILLS` and `POSTROOM_SEED`.
fn in_cycles(cycle: impl Fn(usize, usize, &mut Random) + Sync) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = usize::try_from(number("POSTROOM_KILLS").unwrap_or(10)).unwrap();
    let seed = number("POSTROOM_SEED").unwrap_or_else(|| Random::from_time().next() % 1_000_000);
    eprintln!("{kills} kills, POSTROOM_SEED={seed}");
    let started = Instant::now();
    let left = Mutex::new((0..kills).step_by(KILLS));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(first) = left.lock().unwrap().next() else { return };
                    let mut random = Random::new(seed.wrapping_add(first as u64));
                    cycle(first / KILLS, KILLS.min(kills - first), &mut random);
                }
            });
        }
    });
    eprintln!("{kills} kills in {:.0} s", started.elapsed().as_secs_f64());
}

/// Digests of all mails on the server, once everything that `after` asks for is done there.
fn mails_on_server(servers: &MailServers, after: &str) -> Vec<Digest> {
    let mut session = servers.login("info@example.test");
    let mails = eventually(PATIENCE, &format!("`{after}` is done"), || {
        let (inbox, done) = (session.mails("INBOX"), session.mails("Done"));
        let all_done = match after {
            "seen" => inbox.iter().all(|mail| mail.flags.iter().any(|flag| flag == "\\Seen")),
            "move:Done" => inbox.is_empty(),
            _ => true,
        };
        all_done.then(|| [inbox, done].concat())
    });
    assert_eq!(mails.len(), MAILS, "mails on the server");
    mails.iter().map(|mail| sha256(&mail.raw)).collect()
}

fn audit(desk: &Desk, sink: &Sink, on_server: &[Digest], kills: usize) {
    let status = desk.status();
    assert_eq!(status.pointer("/mailboxes/0/ledger/ticket"), Some(&MAILS.into()), "{status}");
    let database = Database::open(&desk.path("postroom.db"));
    assert_eq!(database.integrity(), "ok");
    each_once(on_server, &database.mails()).unwrap();
    assert_eq!(database.tickets(), i64::try_from(MAILS).unwrap(), "tickets");

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

//! A long day: many mailboxes, a steady stream of mail, connections cut again and again. Memory and file descriptors stay
//! where they are, and every mail becomes exactly one ticket.
//!
//! The full dose is `POSTROOM_SOAK_SECS=3600`; it measures, so give it a release build: `POSTROOM_BIN=target/release/postroom`.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use support::process::Running;
use support::sink::Sink;
use support::smtp::Client;
use support::*;

/// Shared mailboxes, each with a connection of its own.
const MAILBOXES: usize = 20;
/// Mails a second, over all mailboxes.
const RATE: u64 = 10;
/// Of a run, this part is warm-up: caches fill, the allocator finds its size.
const WARM_UP: u32 = 6;
/// A run this long is held to the bounds for memory; a shorter one is all warm-up.
const MEASURED_FROM: Duration = Duration::from_mins(20);
/// Samples that make a level.
const SAMPLES_AT_LEAST: usize = 5;

/// What the daemon holds at one moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Duration,
    memory_kib: u64,
    descriptors: usize,
}

#[test]
fn memory_and_descriptors_stay_where_they_are_while_mail_streams_in_and_connections_break() {
    let length = Duration::from_secs(dose("POSTROOM_SOAK_SECS", 20));
    let reconnect = (length / 4).min(Duration::from_secs(30));
    let servers = MailServers::dovecot_only();
    let sink = Sink::start();
    sink.discard();
    let ca = servers.ca_file();
    let mut config = DeskConfig::shop().plain_smtp(sink.port);
    config.limits = "per_address_per_day = 3\nper_mailbox_per_hour = 100000\nnotify_every = \"0s\"".to_owned();
    for number in 0..MAILBOXES {
        config = config.imap(&format!("m{number}"), "support", &servers.tls(&ca), "");
    }
    let mut desk = Desk::new(&config);
    desk.start();

    let (mut delivered, mut cuts, mut samples) = (0u64, 0u32, Vec::new());
    let started = Instant::now();
    let mut lmtp = Client::lmtp(servers.lmtp());
    while started.elapsed() < length {
        let due = u64::try_from(started.elapsed().as_millis()).unwrap() * RATE / 1000;
        while delivered < due {
            let to = format!("m{}@example.test", delivered % MAILBOXES as u64);
            let from = format!("customer{delivered}@client.example");
            let text = format!("Question number {delivered}, please.\n{}", "All of it matters. ".repeat(100));
            let mail = Mail::new(&from, &to, &format!("Question {delivered}"), &text);
            lmtp.deliver(&from, &[&to], &mail.bytes());
            delivered += 1;
        }
        if started.elapsed() > reconnect * (cuts + 1) {
            servers.cut_connections();
            cuts += 1;
        }
        if started.elapsed() > Duration::from_secs(5) * u32::try_from(samples.len() + 1).unwrap() {
            samples.push(sample(desk.daemon(), started.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    desk.settled(delivered);
    report(&samples, delivered, cuts);

    assert_eq!(desk.tickets().len() as u64, delivered, "one ticket a mail");
    assert!(cuts >= 3 && delivered > 0);
    let lost = desk.log().matches("mailbox in trouble").count();
    let expected = MAILBOXES * usize::try_from(cuts).unwrap();
    assert!(lost * 2 >= expected, "only {lost} of {expected} connections were really cut");
    judge(&samples, length);
    assert!(desk.stop().0.success());
}

/// Descriptors never grow with the cuts; memory grows by at most 5 % once warm.
fn judge(samples: &[Sample], length: Duration) {
    let measured = length >= MEASURED_FROM;
    let warm: Vec<_> = samples.iter().filter(|sample| sample.at > length / WARM_UP).collect();
    let (first, last) = warm.split_at(warm.len() / 2);
    let descriptors = |part: &[&Sample]| part.iter().map(|sample| sample.descriptors).max().unwrap();
    // A short run has few samples, and a cut may lie between them: it finds only a leak of every connection.
    let slack = if measured { 5 } else { MAILBOXES };
    let (early, late) = (descriptors(first), descriptors(last));
    assert!(late <= early + slack, "{early} descriptors became {late}");
    if !measured {
        return;
    }
    // The level at the end of the warm-up is the highest of the minute after it, since a single sample may hit a valley.
    // On a machine that stands still for a while there may be none: then it is the next few.
    let minute = first.iter().filter(|sample| sample.at < length / WARM_UP + Duration::from_mins(1)).count();
    let before = first.iter().take(minute.max(SAMPLES_AT_LEAST)).map(|sample| sample.memory_kib).max().unwrap();
    let after = warm.iter().map(|sample| sample.memory_kib).max().unwrap();
    assert!(after * 100 <= before * 105, "memory grew from {before} KiB to {after} KiB");
}

fn report(samples: &[Sample], delivered: u64, cuts: u32) {
    eprintln!("{delivered} mails, connections cut {cuts} times");
    let step = (samples.len() / 24).max(1);
    for Sample { at, memory_kib, descriptors } in samples.iter().step_by(step).chain(samples.last()) {
        eprintln!("{:5} s  {memory_kib:7} KiB  {descriptors:3} descriptors", at.as_secs());
    }
}

fn sample(daemon: &Running, at: Duration) -> Sample {
    let open = std::fs::read_dir(format!("/proc/{}/fd", daemon.pid())).map_or(0, Iterator::count);
    Sample { at, memory_kib: daemon.status_kib("VmRSS"), descriptors: open }
}

fn dose(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

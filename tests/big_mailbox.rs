//! A big mailbox: the first start takes every mail once, the next one fetches nothing and is soon waiting for news.
//!
//! `POSTROOM_BIG` is the number of mails of 20 kB (1000 without it). The full dose of 100000 is for a release build; then
//! the times and the memory count: 6 minutes, 200 MiB, 5 seconds.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::chown;
use std::time::{Duration, Instant};

use support::random::{Random, unix_now};
use support::*;

const INFO: &str = "info@example.test";
const FULL_DOSE: usize = 100_000;
/// Whoever owns the mail on the test server.
const NOBODY: u32 = 65534;

#[test]
fn nothing_is_fetched_twice_and_a_restart_is_quick() {
    let mails: usize = std::env::var("POSTROOM_BIG").map_or(1000, |text| text.parse().unwrap());
    let servers = MailServers::dovecot_only();
    servers.login(INFO).open("INBOX");
    fill(&servers, mails);
    let ca = servers.ca_file();
    let mut desk = Desk::new(&DeskConfig::shop().imap("info", "support", &servers.tls(&ca), ""));

    let began = Instant::now();
    desk.start();
    eventually(Duration::from_mins(20), "all mails are decided", || {
        std::thread::sleep(Duration::from_millis(200));
        (desk.decided() == mails as u64).then_some(())
    });
    let cold = began.elapsed();
    let memory = desk.daemon().status_kib("VmHWM");
    assert!(desk.stop().0.success());
    let fetched = fetched_from_dovecot(&servers);

    let began = Instant::now();
    desk.start();
    eventually(PATIENCE, "connected again", || {
        let status = desk.status();
        (status.pointer("/mailboxes/0/connected") == Some(&true.into())).then_some(())
    });
    let again = began.elapsed();
    // a mail that comes now shows that it waits for news
    let news = Mail::new("c@client.example", INFO, "News", "Is anybody there?");
    smtp::Client::lmtp(servers.lmtp()).deliver("c@client.example", &[INFO], &news.bytes());
    desk.settled(mails as u64 + 1);
    assert!(desk.stop().0.success());
    let fetched_again = fetched_from_dovecot(&servers) - fetched;

    eprintln!(
        "{mails} mails: cold {:.1} s, {} MiB; restart {:.2} s",
        cold.as_secs_f64(),
        memory >> 10,
        again.as_secs_f64()
    );
    assert_eq!(fetched, mails as u64, "every mail is fetched once");
    assert_eq!(fetched_again, 1, "after a restart only what is new is fetched");
    if mails >= FULL_DOSE {
        assert!(cold <= Duration::from_mins(6) && memory <= 200 << 10 && again <= Duration::from_secs(5));
    }
}

/// Puts mails of days ago into the inbox, which send nothing to anybody.
fn fill(servers: &MailServers, mails: usize) {
    let directory = servers.maildir(INFO).join("cur");
    let mut random = Random::new(7);
    let days_ago = std::time::UNIX_EPOCH + unix_now() - Duration::from_hours(72);
    for number in 0..mails {
        let path = directory.join(format!("{}.M{number}P1.test:2,", 1_700_000_000 + number));
        let mut file = File::create(&path).unwrap();
        let mut text = format!(
            "From: Customer {number} <c{number}@client.example>\r\nTo: {INFO}\r\nSubject: Order {number}\r\n\
             Message-ID: <{number}@client.example>\r\nDate: Sun, 22 Nov 2026 01:02:03 +0000\r\n\r\n"
        );
        while text.len() < 20_000 {
            let (parcel, item) = (random.next(), random.next());
            write!(text, "Parcel {parcel:016x} came back, item {item:016x} did not.\r\n").unwrap();
        }
        file.write_all(text.as_bytes()).unwrap();
        file.set_modified(days_ago).unwrap();
        drop(file);
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// Mails of which Dovecot has sent the body in IMAP sessions that are over, as its log says.
fn fetched_from_dovecot(servers: &MailServers) -> u64 {
    eventually(PATIENCE, "Dovecot notices the end of the session", || {
        let log = servers.dovecot_log();
        let sent: Vec<u64> = log
            .lines()
            .filter_map(|line| line.split(" body_count=").nth(1)?.split(' ').next()?.trim().parse().ok())
            .collect();
        let logins = log.lines().filter(|line| line.contains(" Login: user=")).count();
        (logins > 0 && sent.len() == logins).then(|| sent.iter().sum())
    })
}

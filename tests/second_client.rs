//! A shared mailbox in which people work: a second IMAP client marks, moves and deletes while postroom fetches. Every mail
//! that stood in the folder for a poll is in the database; what was gone before is counted and not asked for for ever.
//!
//! `POSTROOM_SECOND_CLIENT` is the number of mails (200 without it; the full dose is 2000).
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use support::imap::Imap;
use support::random::Random;
use support::smtp::Client;
use support::*;

const INFO: &str = "info@example.test";
/// A poll, and the time that a busy machine takes for it.
const STOOD: Duration = Duration::from_secs(4);
/// Operations of the second client, and deliveries, in a second.
const A_SECOND: u32 = 20;

/// When a mail came, and when it was taken away.
struct Stay {
    message_id: String,
    came: Instant,
    went: Option<Instant>,
}

#[test]
fn people_who_work_in_the_mailbox_take_no_mail_away_from_us() {
    let mails: usize = std::env::var("POSTROOM_SECOND_CLIENT").map_or(200, |text| text.parse().unwrap());
    let seed = std::env::var("POSTROOM_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| Random::from_time().next() % 1_000_000);
    eprintln!("POSTROOM_SEED={seed}");
    let servers = MailServers::dovecot_only();
    let ca = servers.ca_file();
    let config = DeskConfig::shop().imap("info", "support", &servers.tls(&ca), "poll = \"1s\"");
    let mut desk = Desk::new(&config);
    desk.start();

    let stays = work(&servers, mails, &mut Random::new(seed));
    let needed: BTreeSet<&str> = stays
        .iter()
        .filter(|stay| stay.went.is_none_or(|went| went.duration_since(stay.came) >= STOOD))
        .map(|stay| stay.message_id.as_str())
        .collect();
    let database = desk.path("postroom.db");
    let found = || -> BTreeMap<String, usize> {
        let database = rusqlite::Connection::open(&database).unwrap();
        let sql = "SELECT message_id FROM message WHERE kind = 'customer' AND message_id IS NOT NULL";
        let mut statement = database.prepare(sql).unwrap();
        let mut found = BTreeMap::new();
        for id in statement.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            *found.entry(id.unwrap()).or_default() += 1;
        }
        found
    };
    let began = Instant::now();
    while began.elapsed() < PATIENCE && needed.iter().any(|id| !found().contains_key(*id)) {
        std::thread::sleep(Duration::from_millis(200));
    }
    let found = found();
    let missing: Vec<&&str> = needed.iter().filter(|id| !found.contains_key(**id)).collect();
    let removed = stays.iter().filter(|stay| stay.went.is_some()).count();
    eprintln!("{mails} mails, {removed} taken away, {} had to be found, {} were", needed.len(), found.len());
    assert!(missing.is_empty(), "{} of {} are missing: {missing:?}", missing.len(), needed.len());
    assert!(removed > mails / 10 && needed.len() > mails / 4, "nothing was put to the test");
    assert!(found.values().all(|times| *times == 1), "a mail is two messages");

    let count = |sql: &str| -> i64 {
        rusqlite::Connection::open(&database).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count("SELECT count(*) FROM ledger WHERE fate IN ('quarantined', 'fetching')"), 0, "{}", desk.log());
    let status = desk.status();
    assert_eq!(status.pointer("/mailboxes/0/gap"), Some(&0.into()), "{status}");
    assert!(desk.stop().0.success());
}

/// Delivers and works in the mailbox by turns.
fn work(servers: &MailServers, mails: usize, random: &mut Random) -> Vec<Stay> {
    let mut lmtp = Client::lmtp(servers.lmtp());
    let mut people: Imap = servers.login(INFO);
    let mut stays: Vec<Stay> = Vec::new();
    let mut next = Instant::now();
    people.open("INBOX");
    while stays.len() < mails {
        let number = stays.len();
        let from = format!("customer{number}@client.example");
        let text = format!("Question number {number}, please.\n{}", "All of it matters. ".repeat(200));
        let mail = Mail::new(&from, INFO, &format!("Question {number}"), &text);
        lmtp.deliver(&from, &[INFO], &mail.bytes());
        stays.push(Stay { message_id: mail.message_id().to_owned(), came: Instant::now(), went: None });
        // the UIDs are those of the deliveries; half of the work is done on the newest mails
        let range = if random.between(0..2) == 0 { number.saturating_sub(20) as u64 } else { 0 };
        let index = usize::try_from(random.between(range..number as u64 + 1)).unwrap();
        let (stay, uid) = (&mut stays[index], index + 1);
        if stay.went.is_none() {
            match random.between(0..5) {
                0 => {
                    stay.went = Some(Instant::now());
                    people.run(&format!("UID MOVE {uid} \"Done\""));
                }
                1 => {
                    stay.went = Some(Instant::now());
                    people.run(&format!("UID STORE {uid} +FLAGS (\\Deleted)"));
                    people.run(&format!("UID EXPUNGE {uid}"));
                }
                2 => people.run(&format!("UID STORE {uid} +FLAGS (\\Flagged $Work)")),
                3 => people.run(&format!("UID STORE {uid} -FLAGS (\\Seen)")),
                _ => people.run(&format!("UID STORE {uid} +FLAGS (\\Seen)")),
            }
        }
        next += Duration::from_secs(1) / A_SECOND;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    stays
}

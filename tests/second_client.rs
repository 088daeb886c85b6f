//! A shared mailbox in which people work: other IMAP clients mark, move and delete while postroom fetches. Every mail
//! that stood in the folder for a poll is in the database; what was gone before is counted and not asked for for ever.
//!
//! `POSTROOM_SECOND_CLIENT` is the number of mails (200 without it; the full dose is 2000).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::imap::Imap;
use support::random::Random;
use support::smtp::Client;
use support::*;

const INFO: &str = "info@example.test";
/// A poll, and the time that a busy machine takes for it.
const STOOD: Duration = Duration::from_secs(4);
/// Operations of all people together, and deliveries, in a second.
const A_SECOND: u32 = 20;
/// People who work in the mailbox at once.
const PEOPLE: u32 = 4;

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

    let (stays, rate) = work(&servers, mails, &mut Random::new(seed));
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
    eprintln!(
        "{mails} mails, {rate:.1} operations a second, {removed} taken away, {} had to be found, {} were",
        needed.len(),
        found.len()
    );
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

/// Delivers, while people work in the mailbox. What was there and when it went, and how much people did in a second.
fn work(servers: &MailServers, mails: usize, random: &mut Random) -> (Vec<Stay>, f64) {
    let stays = Mutex::new(Vec::with_capacity(mails));
    let (delivered, operations) = (AtomicBool::new(false), AtomicUsize::new(0));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..PEOPLE {
            let seed = random.next();
            let (stays, delivered, operations) = (&stays, &delivered, &operations);
            scope.spawn(move || {
                let mut people = servers.login(INFO);
                people.open("INBOX");
                let mut random = Random::new(seed);
                paced(A_SECOND / PEOPLE, || {
                    if one_of(&mut people, &mut random, stays) {
                        operations.fetch_add(1, Ordering::Relaxed);
                    }
                    !delivered.load(Ordering::Relaxed)
                });
            });
        }
        let mut lmtp = Client::lmtp(servers.lmtp());
        paced(A_SECOND, || {
            let number = stays.lock().unwrap().len();
            let from = format!("customer{number}@client.example");
            let text = format!("Question number {number}, please.\n{}", "All of it matters. ".repeat(200));
            let mail = Mail::new(&from, INFO, &format!("Question {number}"), &text);
            lmtp.deliver(&from, &[INFO], &mail.bytes());
            let stay = Stay { message_id: mail.message_id().to_owned(), came: Instant::now(), went: None };
            stays.lock().unwrap().push(stay);
            number + 1 < mails
        });
        delivered.store(true, Ordering::Relaxed);
    });
    let rate = operations.into_inner() as f64 / began.elapsed().as_secs_f64();
    (stays.into_inner().unwrap(), rate)
}

/// One thing that a person does to a mail, half of the time to one of the newest. The UIDs are those of the deliveries.
fn one_of(people: &mut Imap, random: &mut Random, stays: &Mutex<Vec<Stay>>) -> bool {
    let (uid, what) = {
        let mut stays = stays.lock().unwrap();
        let newest = if random.between(0..2) == 0 { stays.len().saturating_sub(20) } else { 0 };
        let there: Vec<usize> = (newest..stays.len()).filter(|index| stays[*index].went.is_none()).collect();
        if there.is_empty() {
            return false;
        }
        let index = there[usize::try_from(random.between(0..there.len() as u64)).unwrap()];
        let what = random.between(0..5);
        if what < 2 {
            stays[index].went = Some(Instant::now());
        }
        (index + 1, what)
    };
    match what {
        0 => people.run(&format!("UID MOVE {uid} \"Done\"")),
        1 => {
            people.run(&format!("UID STORE {uid} +FLAGS (\\Deleted)"));
            people.run(&format!("UID EXPUNGE {uid}"));
        }
        2 => people.run(&format!("UID STORE {uid} +FLAGS (\\Flagged $Work)")),
        3 => people.run(&format!("UID STORE {uid} -FLAGS (\\Seen)")),
        _ => people.run(&format!("UID STORE {uid} +FLAGS (\\Seen)")),
    }
    true
}

/// Does something so many times a second until it says that it was enough.
fn paced(a_second: u32, mut something: impl FnMut() -> bool) {
    let mut next = Instant::now();
    while something() {
        next += Duration::from_secs(1) / a_second;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

//! Somebody with an IMAP client of his own who works in the shared mailboxes: marks mails at any time, and moves and deletes
//! those that the desk has.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::support::imap::Imap;
use super::support::random::Random;
use super::support::*;

/// Accounts that he is in.
const ACCOUNTS: [&str; 2] = ["info", "returns"];
/// Where he puts what he moves.
const ARCHIVE: &str = "Archive";

/// He is at work until he is stopped or dropped.
pub struct SecondPerson {
    ends: Arc<AtomicBool>,
    moved: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl SecondPerson {
    /// Logs in and begins.
    pub fn at_work(servers: &MailServers, desk: &Desk) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let moved = Arc::new(AtomicUsize::new(0));
        let sessions = ACCOUNTS.map(|account| servers.login(&format!("{account}@example.test")));
        let (database, until, count) = (desk.path("postroom.db"), Arc::clone(&ends), Arc::clone(&moved));
        let thread = std::thread::spawn(move || work(sessions, &database, &until, &count));
        Self { ends, moved, thread: Some(thread) }
    }

    /// Ends his work; panics when something went wrong in it, or he never moved a mail.
    pub fn stop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok(), "the second person failed");
        }
        assert!(self.moved.load(Ordering::Relaxed) > 0, "the second person moved and deleted nothing");
    }
}

impl Drop for SecondPerson {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn work(mut sessions: [Imap; 2], database: &PathBuf, ends: &AtomicBool, moved: &AtomicUsize) {
    let mut random = Random::from_time();
    for session in &mut sessions {
        session.create(ARCHIVE);
    }
    while !ends.load(Ordering::Relaxed) {
        let which = random.index(sessions.len());
        let session = &mut sessions[which];
        let there = session.uids("INBOX");
        let known = taken(database, ACCOUNTS[which]);
        let safe: Vec<u32> = there.iter().copied().filter(|uid| known.contains(uid)).collect();
        if !there.is_empty() {
            let flag = *random.pick(&[
                "+FLAGS (\\Seen)",
                "-FLAGS (\\Seen)",
                "+FLAGS (\\Flagged $Work)",
                "+FLAGS (\\Answered)",
            ]);
            session.run(&format!("UID STORE {} {flag}", random.pick(&there)));
        }
        if !safe.is_empty() && random.per_cent(60) {
            let uid = *random.pick(&safe);
            if random.per_cent(50) {
                session.run(&format!("UID MOVE {uid} {ARCHIVE}"));
            } else {
                session.run(&format!("UID STORE {uid} +FLAGS (\\Deleted)"));
                session.run(&format!("UID EXPUNGE {uid}"));
            }
            moved.fetch_add(1, Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_millis(random.between(20..120)));
    }
}

/// UIDs of mails that the desk has from this account's inbox.
fn taken(database: &PathBuf, mailbox: &str) -> Vec<u32> {
    let sql = "SELECT uid FROM ledger JOIN folder ON folder.id = ledger.folder
               WHERE mailbox = ?1 AND name = 'INBOX' AND ledger.mail IS NOT NULL";
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.busy_timeout(PATIENCE).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([mailbox], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

//! Somebody with an IMAP client of his own who works in the shared mailboxes: marks mails at any time, and moves and deletes
//! those that the desk has, or moves them about in the queue.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::support::imap::Imap;
use super::support::random::Random;
use super::support::*;

/// Accounts that he is in.
const ACCOUNTS: [&str; 2] = ["info", "returns"];
/// Where he puts what he moves.
pub const ARCHIVE: &str = "Archive";
/// Folders of the queue between which he moves mails about.
pub const QUEUE: [&str; 4] = ["Helpdesk/Support", "Helpdesk/Returns", "Helpdesk/Done", "Helpdesk/Jan Kowalski"];
/// Whose mails he moves about there.
pub const NOISE: &str = "noise";

/// What he does beside marking mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Archives and deletes what the desk has.
    Tidies,
    /// Moves mails of customers called [`NOISE`] between the folders of the queue, and what the desk has from Sent away.
    Queues,
}

/// He is at work until he is stopped or dropped.
pub struct SecondPerson {
    ends: Arc<AtomicBool>,
    moved: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

struct Work {
    sessions: [Imap; 2],
    database: std::path::PathBuf,
    moved: Arc<AtomicUsize>,
    random: Random,
}

impl SecondPerson {
    /// Logs in and begins.
    pub fn at_work(servers: &MailServers, desk: &Desk, habit: Habit) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let moved = Arc::new(AtomicUsize::new(0));
        let sessions = ACCOUNTS.map(|account| servers.login(&format!("{account}@example.test")));
        let (database, count) = (desk.path("postroom.db"), Arc::clone(&moved));
        let mut work = Work { sessions, database, moved: count, random: Random::from_time() };
        let until = Arc::clone(&ends);
        let thread = std::thread::spawn(move || {
            work.sessions.iter_mut().for_each(|session| session.create(ARCHIVE));
            while !until.load(Ordering::Relaxed) {
                match habit {
                    Habit::Tidies => work.tidy(),
                    Habit::Queues => work.queue(),
                }
                std::thread::sleep(Duration::from_millis(work.random.between(20..120)));
            }
        });
        Self { ends, moved, thread: Some(thread) }
    }

    /// Ends his work, once he moved a mail: a short test may be over before he came to it. Panics when something went wrong in it, or he never moved a mail.
    pub fn stop(&mut self) {
        let patience = Instant::now() + PATIENCE;
        let works = |thread: &JoinHandle<()>| !thread.is_finished() && self.moved.load(Ordering::Relaxed) == 0;
        while self.thread.as_ref().is_some_and(works) && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
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

impl Work {
    fn tidy(&mut self) {
        let which = self.random.index(ACCOUNTS.len());
        let there = self.sessions[which].uids("INBOX");
        self.mark(which, &there);
        let known = taken(&self.database, ACCOUNTS[which], "INBOX");
        let safe: Vec<u32> = there.iter().copied().filter(|uid| known.contains(uid)).collect();
        if safe.is_empty() || self.random.per_cent(40) {
            return;
        }
        let uid = *self.random.pick(&safe);
        let session = &mut self.sessions[which];
        if self.random.per_cent(50) {
            session.run(&format!("UID MOVE {uid} {ARCHIVE}"));
        } else {
            session.run(&format!("UID STORE {uid} +FLAGS (\\Deleted)"));
            session.run(&format!("UID EXPUNGE {uid}"));
        }
        self.moved.fetch_add(1, Ordering::Relaxed);
    }

    fn queue(&mut self) {
        let folders = self.sessions[0].folders();
        let from = *self.random.pick(&[QUEUE[0], QUEUE[1], QUEUE[2], QUEUE[3], "INBOX", "Sent"]);
        let to = *self.random.pick(&QUEUE);
        if from == to || [from, to].iter().any(|name| folders.iter().all(|folder| folder != name)) {
            return;
        }
        let there = self.sessions[0].uids(from);
        self.mark(0, &there);
        let (may_go, to) = if from == "Sent" {
            (taken(&self.database, "info", "Sent").into_iter().filter(|uid| there.contains(uid)).collect(), ARCHIVE)
        } else {
            (self.sessions[0].search(from, &format!("FROM {NOISE}")), to)
        };
        if !may_go.is_empty() {
            let uid = *self.random.pick(&may_go);
            self.sessions[0].run(&format!("UID MOVE {uid} \"{to}\""));
            self.moved.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Marks one of the mails of the folder that is open.
    fn mark(&mut self, which: usize, there: &[u32]) {
        if there.is_empty() {
            return;
        }
        let marks = ["+FLAGS (\\Seen)", "-FLAGS (\\Seen)", "+FLAGS (\\Flagged $Work)", "+FLAGS (\\Answered)"];
        let (uid, mark) = (*self.random.pick(there), *self.random.pick(&marks));
        self.sessions[which].run(&format!("UID STORE {uid} {mark}"));
    }
}

/// UIDs of mails that the desk has from a folder of this account.
fn taken(database: &Path, mailbox: &str, folder: &str) -> Vec<u32> {
    let sql = "SELECT uid FROM ledger JOIN folder ON folder.id = ledger.folder
               WHERE mailbox = ?1 AND name = ?2 AND ledger.mail IS NOT NULL";
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.busy_timeout(PATIENCE).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([mailbox, folder], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

//! A kill at every write syscall of ingest, send and migrate: nothing is lost, nothing is doubled.
//!
//! `POSTROOM_CRASH_POINTS=all` tries every point that a clean run has, a list like `fsync:3,pwrite64:50` these; by default
//! it is a sample spread over them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use postroom::model::digest::{Digest, sha256};
use support::database::{Database, OutboxKey, OutboxRow, each_once};
use support::desk::files_below;
use support::sink::Sink;
use support::strace::{self, Point};
use support::*;
use tempfile::TempDir;

/// Points of each phase in the small dose.
const SAMPLE: usize = 12;
/// Desks that run at a time.
const AT_A_TIME: usize = 2;
/// A run under strace that is neither killed nor done by then is stuck.
const RUN_LIMIT: Duration = Duration::from_secs(90);

/// What a phase starts from and what it does.
struct Scene {
    /// Files to begin with: database, secret, Maildir.
    base: TempDir,
    /// Mails decided in the base.
    earlier: Vec<Vec<u8>>,
    /// What was sent in the base.
    sent_earlier: BTreeSet<OutboxKey>,
    /// Mails that stand in the Maildir when the phase begins.
    arriving: Vec<Vec<u8>>,
}

/// What a run without a kill leads to.
struct Clean {
    points: Vec<Point>,
    /// Kind and recipient of every mail sent.
    sends: Vec<(String, String)>,
    /// How many of them left in this phase.
    sent: usize,
    /// Tickets, and the version of the schema.
    tickets_and_version: (i64, i64),
}

/// What stood in the outbox when the kill fell.
type AtKill = BTreeMap<OutboxKey, OutboxRow>;

#[test]
fn a_kill_at_any_write_of_ingest_loses_and_doubles_nothing() {
    let sink = Sink::start();
    let mut desk = desk(&sink, None);
    desk.start();
    assert!(desk.stop().0.success());
    try_points("ingest", &Scene::new(keep(&desk), Vec::new(), (1..=3).map(question).collect()));
}

#[test]
fn a_kill_at_any_write_of_send_loses_no_answer_and_doubles_no_machine_mail() {
    let sink = Sink::start();
    let mut desk = desk(&sink, None);
    let earlier: Vec<_> = (1..=2).map(question).collect();
    for mail in &earlier {
        desk.deliver("info", mail);
    }
    desk.start();
    desk.settled(earlier.len() as u64);
    assert!(desk.stop().0.success());
    let mut arriving: Vec<_> = sink.taken_for("jan@example.test").iter().map(|taken| answer(&taken.mail)).collect();
    assert_eq!(arriving.len(), earlier.len(), "notifications to answer");
    arriving.push(question(3));
    try_points("send", &Scene::new(keep(&desk), earlier, arriving));
}

#[test]
fn a_kill_at_any_write_of_the_first_start_leaves_a_desk_that_works() {
    try_points("first start", &Scene::new(tempfile::tempdir().unwrap(), Vec::new(), vec![question(1)]));
}

/// From the first version, which passes through all that came later: a kill between two of them leaves each in turn.
#[test]
fn a_kill_at_any_write_of_an_upgrade_leaves_a_desk_that_works() {
    let base = tempfile::tempdir().unwrap();
    database::made_of(include_str!("fixtures/databases/version-1.sql"), &base.path().join("postroom.db"));
    try_points("upgrade", &Scene::new(base, Vec::new(), vec![question(1)]));
}

/// Kills one desk after another, each at another point, and audits what its next start makes of it.
fn try_points(phase: &str, scene: &Scene) {
    let started = Instant::now();
    let clean = scene.clean_run();
    let all = clean.points.len();
    let chosen: Vec<Point> = match std::env::var("POSTROOM_CRASH_POINTS").as_deref() {
        Ok("all") => clean.points.clone(),
        Ok(named) => clean.points.iter().copied().filter(|point| point.is_named_in(named)).collect(),
        Err(_) => (0..SAMPLE.min(all)).map(|index| clean.points[index * all / SAMPLE.min(all)]).collect(),
    };
    let left = Mutex::new(chosen.iter().copied());
    let (killed, failed) = (Mutex::new(0_usize), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(point) = left.lock().unwrap().next() else { return };
                    match catch_unwind(AssertUnwindSafe(|| scene.run_killed_at(point, &clean))) {
                        Ok(hit) => *killed.lock().unwrap() += usize::from(hit),
                        Err(_) => failed.lock().unwrap().push(point),
                    }
                }
            });
        }
    });
    let (killed, failed) = (killed.into_inner().unwrap(), failed.into_inner().unwrap());
    let tried = chosen.len();
    eprintln!("{phase}: {all} points, {tried} tried, {killed} killed, {:.0} s", started.elapsed().as_secs_f64());
    assert!(failed.is_empty(), "{phase}: {} of {tried} points failed: {failed:?}", failed.len());
    // A thread makes a call more or less from run to run; most points must be met all the same.
    assert!(killed * 10 >= tried * 8, "{phase}: only {killed} of {tried} kills fell");
}

impl Scene {
    fn new(base: TempDir, earlier: Vec<Vec<u8>>, arriving: Vec<Vec<u8>>) -> Self {
        let database = base.path().join("postroom.db");
        let sent_earlier = if database.exists() { outbox_keys(&database) } else { BTreeSet::new() };
        Self { base, earlier, sent_earlier, arriving }
    }

    fn desk(&self, sink: &Sink) -> Desk {
        let mut desk = desk(sink, Some(self.base.path()));
        for mail in &self.arriving {
            desk.deliver("info", mail);
        }
        desk
    }

    /// Digests of all mails there are.
    fn digests(&self) -> Vec<Digest> {
        self.earlier.iter().chain(&self.arriving).map(|mail| sha256(mail)).collect()
    }

    fn clean_run(&self) -> Clean {
        let sink = Sink::start();
        let mut desk = self.desk(&sink);
        let log = desk.path("strace");
        desk.spawn_as(|command| strace::logged(&reproducible(command), &log));
        desk.await_notice("READY=1");
        desk.settled(self.digests().len() as u64);
        assert!(desk.stop().0.success());
        strace::finished(&log);
        let database = Database::open(&desk.path("postroom.db"));
        each_once(&self.digests(), &database.mails()).unwrap();
        let tickets_and_version = (database.tickets(), database.version());
        Clean { points: strace::points(&log), sends: sends(&database), sent: sink.count(), tickets_and_version }
    }

    /// Whether the kill fell (the run may have ended before); panics when the next start does not make up for it.
    fn run_killed_at(&self, point: Point, clean: &Clean) -> bool {
        let sink = Sink::start();
        let mut desk = self.desk(&sink);
        let log = desk.path("strace");
        desk.spawn_as(|command| strace::killed_at(&reproducible(command), &log, point));
        let killed = until_killed_or_done(&mut desk, &sink, clean);

        let database = desk.path("postroom.db");
        let left = Database::copy_of(&database);
        told_only_of_what_is_stored(&desk, left.as_ref());
        let at_kill = left.filter(|left| left.version() > 0).map(|left| left.outbox()).unwrap_or_default();

        desk.start();
        let reader = Database::open(&database);
        eventually(PATIENCE, &format!("rest after a kill at {point:?}"), || {
            (inbox(&desk).is_empty() && self.at_rest(&reader, &at_kill)).then_some(())
        });
        drop(reader);
        assert!(desk.stop().0.success());
        self.audit(&desk, &sink, clean, &at_kill);
        killed
    }

    /// All decided, and nothing on its way; what was in doubt at the kill may stay so.
    fn at_rest(&self, database: &Database, at_kill: &AtKill) -> bool {
        let (decided, waiting) = database.decided_and_waiting();
        let in_doubt = |key: &OutboxKey| at_kill.get(key).is_some_and(|row| row.state == "uncertain");
        let at_rest = |(key, row): (&OutboxKey, &OutboxRow)| match row.state.as_str() {
            "sent" => true,
            "uncertain" => in_doubt(key) && row.kind != "answer",
            _ => false,
        };
        waiting == 0 && decided >= self.digests().len().try_into().unwrap() && database.outbox().iter().all(at_rest)
    }

    fn audit(&self, desk: &Desk, sink: &Sink, clean: &Clean, at_kill: &AtKill) {
        let database = Database::open(&desk.path("postroom.db"));
        assert_eq!(database.integrity(), "ok");
        each_once(&self.digests(), &database.mails()).unwrap();
        assert_eq!(inbox(desk), Vec::<std::path::PathBuf>::new(), "mails that were never moved");
        let moved: BTreeSet<Digest> =
            files_below(&desk.path("info/.Done")).iter().map(|path| sha256(&std::fs::read(path).unwrap())).collect();
        assert_eq!(moved, self.digests().into_iter().collect(), "mails on the server");
        assert_eq!(sends(&database), clean.sends, "mails decided, against a run without a kill");

        assert_eq!((database.tickets(), database.version()), clean.tickets_and_version, "tickets, and the schema");

        let copies = sink.copies();
        let outbox = database.outbox();
        for (key, row) in &outbox {
            let then = at_kill.get(key).map_or("", |row| row.state.as_str());
            let in_all = copies.get(key).copied().unwrap_or(0);
            let allowed = match (row.kind.as_str(), then) {
                _ if self.sent_earlier.contains(key) => 0..=0,
                // The kill fell after the dot (or shortly before it) and before the reply was on record.
                ("answer", "uncertain") => 1..=2,
                ("acknowledgement" | "notification", "uncertain") => 0..=1,
                _ => 1..=1,
            };
            assert!(allowed.contains(&in_all), "{key:?} ({row:?}, `{then}` at the kill) arrived {in_all} times");
        }
        let unknown: Vec<_> = copies.keys().filter(|key| !outbox.contains_key(key)).collect();
        assert!(unknown.is_empty(), "sent under a Message-ID that is not on record: {unknown:?}");
    }
}

/// Lets the desk run until the kill falls, or stops it in order when all is done without one.
fn until_killed_or_done(desk: &mut Desk, sink: &Sink, clean: &Clean) -> bool {
    let started = Instant::now();
    let mut ready = false;
    let status = loop {
        if let Some(status) = desk.daemon().ended() {
            break status;
        }
        assert!(started.elapsed() < RUN_LIMIT, "neither killed nor done");
        ready = ready || desk.noticed("READY=1");
        if ready && sink.count() >= clean.sent && inbox(desk).is_empty() {
            desk.daemon().signal("TERM");
            break desk.daemon().wait(RUN_LIMIT).expect("the daemon ends");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    desk.kill();
    assert!(status.success() || status.code().is_none(), "the daemon ended by itself: {status}");
    !status.success()
}

/// No mail was moved on the server whose bytes are not safe.
fn told_only_of_what_is_stored(desk: &Desk, left: Option<&Database>) {
    let stored = left.filter(|left| left.version() > 0).map(Database::mails).unwrap_or_default();
    for path in files_below(&desk.path("info/.Done")) {
        let digest = sha256(&std::fs::read(&path).unwrap());
        assert!(stored.contains_key(&digest), "`{}` was moved and is not in the database", path.display());
    }
}

/// A desk with one Maildir, whose mails are moved once they are stored, and mail leaving to `sink`.
fn desk(sink: &Sink, base: Option<&Path>) -> Desk {
    let desk = Desk::new(&DeskConfig::shop().plain_smtp(sink.port).maildir("info", "support", "after = \"move:Done\""));
    if let Some(base) = base {
        copy_all(base, &desk.path(""));
    }
    desk
}

/// The files of a stopped desk that its next start needs.
fn keep(desk: &Desk) -> TempDir {
    let base = tempfile::tempdir().unwrap();
    for name in ["postroom.db", "secret"] {
        std::fs::copy(desk.path(name), base.path().join(name)).unwrap();
    }
    let log = std::fs::metadata(desk.path("postroom.db-wal")).map_or(0, |metadata| metadata.len());
    assert_eq!(log, 0, "a desk stopped in order leaves nothing in the write-ahead log");
    copy_all(&desk.path("info"), &base.path().join("info"));
    base
}

fn copy_all(from: &Path, to: &Path) {
    for path in files_below(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&path, &target).unwrap();
    }
}

/// One worker thread, so that one run makes its calls much as another.
fn reproducible(mut command: std::process::Command) -> std::process::Command {
    command.env("TOKIO_WORKER_THREADS", "1");
    command
}

fn question(number: usize) -> Vec<u8> {
    let text = format!("Question number {number}, please.\n{}", "All of it matters. ".repeat(50));
    Mail::new(&format!("customer{number}@client.example"), "info@example.test", "Question", &text).bytes()
}

/// What an agent answers to a notification.
fn answer(notification: &Received) -> Vec<u8> {
    let to = notification.answer_address();
    Mail::new("jan@example.test", &to, &format!("Re: {}", notification.subject()), "This is the answer.")
        .answering(&notification.message_id())
        .header("Delivered-To", &to)
        .bytes()
}

/// Mails that stand in the inbox.
fn inbox(desk: &Desk) -> Vec<std::path::PathBuf> {
    ["info/new", "info/cur"].iter().flat_map(|part| files_below(&desk.path(part))).collect()
}

fn outbox_keys(database: &Path) -> BTreeSet<OutboxKey> {
    Database::open(database).outbox().into_keys().collect()
}

/// Kind and recipient of all mails ever decided, in order.
fn sends(database: &Database) -> Vec<(String, String)> {
    let outbox = database.outbox();
    let mut sends: Vec<_> = outbox.into_iter().map(|((recipient, _), row)| (row.kind, recipient)).collect();
    sends.sort();
    sends
}

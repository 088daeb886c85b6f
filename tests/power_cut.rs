//! Power cuts replayed from a log of every write: no mail is missing that the server was told about, the database is whole.
//!
//! `POSTROOM_POWER_CUTS=5000` is the full dose: that many states of a disk, cut out of the taking of 1,000 mails.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use postroom::model::digest::{Digest, sha256};
use postroom::store::Store;
use support::database::Database;
use support::desk::files_below;
use support::disk::{Disk, LOSSES};
use support::random::Random;
use support::write_log::{self, Event};
use support::*;
use tempfile::TempDir;

/// States in the small dose.
const FEW: usize = 150;
/// Runs of the daemon in a recording, every other one ended by `kill -9`.
const RUNS: usize = 4;
/// States tried at a time.
const AT_A_TIME: usize = 2;

/// What was done to the disk and to the server, in order.
struct Recording {
    events: Vec<Event>,
    /// The mails by the names of their files.
    mails: BTreeMap<String, Digest>,
}

/// What was found wrong with states.
#[derive(Debug, Default)]
struct Faults {
    /// States that lack mails which the server was told about.
    losing: usize,
    /// States in which the database is damaged or cannot be opened.
    damaged: usize,
    /// Some of it in words.
    examples: Vec<String>,
}

#[test]
fn no_power_cut_loses_a_mail_that_the_server_was_told_about() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let states = number("POSTROOM_POWER_CUTS").unwrap_or(FEW);
    let seed = number("POSTROOM_SEED").map_or_else(|| Random::from_time().next() % 1_000_000, |seed| seed as u64);
    let mails = if states > FEW { 1000 } else { 150 };
    let started = Instant::now();
    let recording = Recording::make(mails);
    let recorded = started.elapsed();
    let faults = recording.try_cuts(&recording.events, states, seed);
    eprintln!(
        "{states} states of {} events, {mails} mails, POSTROOM_SEED={seed}: {faults:?}, {:.0} s, {:.0} of them recording",
        recording.events.len(),
        started.elapsed().as_secs_f64(),
        recorded.as_secs_f64()
    );
    assert!(faults.losing == 0 && faults.damaged == 0, "POSTROOM_SEED={seed}: {faults:?}");
}

/// The proof that the replay finds what it looks for.
#[test]
fn the_replay_finds_the_losses_of_weaker_syncs() {
    let recording = Recording::make(60);
    let off = recording.events.iter().filter(|event| !matches!(event, Event::SyncBegin { name: Some(_), .. }));
    let off = recording.try_cuts(&off.cloned().collect::<Vec<_>>(), 100, 1);
    assert!(off.losing > 10, "synchronous = OFF: {off:?}");
    let normal = recording.try_cuts(&as_if_normal(&recording.events), 100, 1);
    assert!(normal.losing > 10, "synchronous = NORMAL: {normal:?}");
    let full = recording.try_cuts(&recording.events, 100, 1);
    assert!(full.losing == 0 && full.damaged == 0, "synchronous = FULL: {full:?}");
}

impl Recording {
    /// Lets a daemon take mails while they arrive, under strace.
    fn make(mails: usize) -> Self {
        // Nobody listens there: the mails that would go out stay in the outbox.
        let nowhere = ports::reserve();
        let config = DeskConfig::shop().plain_smtp(nowhere.number).maildir("info", "support", "after = \"move:Done\"");
        let mut desk = Desk::new(&config);
        let mut events = Vec::new();
        for run in 0..RUNS {
            let log = desk.path("strace");
            desk.spawn_as(|command| write_log::logged(&command, &log));
            for number in mails * run / RUNS..mails * (run + 1) / RUNS {
                desk.deliver("info", &question(number));
                std::thread::sleep(Duration::from_millis(20));
            }
            eventually(PATIENCE, "all mails are moved", || {
                files_below(&desk.path("info/new")).is_empty().then_some(())
            });
            if run % 2 == 0 {
                desk.kill();
            } else {
                assert!(desk.stop().0.success());
            }
            strace::finished(&log);
            events.extend(write_log::read(&log, &desk.path("postroom.db"), &desk.path("info")));
            std::fs::remove_file(&log).unwrap();
        }
        let moved = files_below(&desk.path("info/.Done/cur"));
        let mails: BTreeMap<_, _> =
            moved.iter().map(|path| (base_name(path), sha256(&std::fs::read(path).unwrap()))).collect();
        let told = events.iter().filter(|event| matches!(event, Event::Told(_))).count();
        assert_eq!(told, mails.len(), "every mail was moved once");
        Self { events, mails }
    }

    /// Cuts the power at `states` moments of `events` (these, or weakened ones) and looks at what is left.
    fn try_cuts(&self, events: &[Event], states: usize, seed: u64) -> Faults {
        let mut random = Random::new(seed);
        let told: Vec<usize> = (0..events.len()).filter(|at| matches!(events[*at], Event::Told(_))).collect();
        // Half of the cuts come right after the server was told, when it matters most; the others at any moment.
        let mut cuts: Vec<usize> =
            (0..states)
                .map(|_| {
                    if random.per_cent(50) {
                        told[random.index(told.len())] + 1
                    } else {
                        random.index(events.len()) + 1
                    }
                })
                .collect();
        cuts.sort_unstable();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_A_TIME)
                .map(|worker| {
                    let cuts: Vec<usize> = cuts.iter().copied().skip(worker).step_by(AT_A_TIME).collect();
                    let mut random = Random::new(seed ^ (worker as u64 + 1) << 32);
                    scope.spawn(move || self.try_some_cuts(events, &cuts, &mut random))
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker")).fold(Faults::default(), Faults::and)
        })
    }

    fn try_some_cuts(&self, events: &[Event], cuts: &[usize], random: &mut Random) -> Faults {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mut disk, mut told, mut done) = (Disk::default(), BTreeSet::new(), 0);
        let mut faults = Faults::default();
        for cut in cuts {
            for position in done..*cut {
                disk.carry_out(events, position);
                if let Event::Told(name) = &events[position] {
                    told.insert(self.mails[&base_name(Path::new(name))]);
                }
            }
            done = *cut;
            let loss = *random.pick(&LOSSES);
            let files = disk.after_power_cut(events, loss, random);
            let what = format!("cut after event {cut}, lost {loss:?}");
            match runtime.block_on(stored_after(&files)) {
                Err(damage) => faults.damaging(format!("{what}: {damage}")),
                Ok(stored) => {
                    let missing = told.difference(&stored).count();
                    if missing > 0 {
                        faults.losing(format!("{what}: {missing} of {}", told.len()));
                    }
                }
            }
        }
        faults
    }
}

impl Faults {
    fn and(mut self, other: Self) -> Self {
        self.losing += other.losing;
        self.damaged += other.damaged;
        self.examples.extend(other.examples);
        self.examples.truncate(6);
        self
    }

    fn losing(&mut self, example: String) {
        *self = std::mem::take(self).and(Self { losing: 1, damaged: 0, examples: vec![example] });
    }

    fn damaging(&mut self, example: String) {
        *self = std::mem::take(self).and(Self { losing: 0, damaged: 1, examples: vec![example] });
    }
}

/// Opens the database as the daemon does, and returns the digests of the mails in it, or what is wrong with it.
async fn stored_after(files: &BTreeMap<String, Vec<u8>>) -> Result<BTreeSet<Digest>, String> {
    let directory = scratch();
    for (name, content) in files {
        std::fs::write(directory.path().join(name), content).unwrap();
    }
    let path = directory.path().join("postroom.db");
    let store = Store::open(&path).map_err(|error| format!("cannot be opened: {error}"))?;
    store.close().await;
    let database = Database::open(&path);
    match database.integrity().as_str() {
        "ok" => Ok(database.mails().into_keys().collect()),
        damage => Err(damage.to_owned()),
    }
}

/// In memory where there is such a place: thousands of states are written.
fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// The log as `synchronous = NORMAL` would have left it: the write-ahead log is synced only before it is put into the database.
fn as_if_normal(events: &[Event]) -> Vec<Event> {
    let is_log = |name: &str| name.ends_with("-wal");
    let before_checkpoint = |from: usize| {
        let next = events[from..].iter().find_map(|event| match event {
            Event::Write { name, .. } => Some(!is_log(name)),
            Event::Create(_)
            | Event::Truncate { .. }
            | Event::Unlink(_)
            | Event::SyncBegin { .. }
            | Event::SyncEnd { .. }
            | Event::Told(_) => None,
        });
        next.unwrap_or(false)
    };
    let kept = |at: usize| {
        let of_the_log = matches!(&events[at], Event::SyncBegin { name: Some(name), .. } if is_log(name));
        !of_the_log || before_checkpoint(at)
    };
    (0..events.len()).filter(|at| kept(*at)).map(|at| events[at].clone()).collect()
}

/// A Maildir file's name without its flags.
fn base_name(path: &Path) -> String {
    let name = path.file_name().unwrap().to_str().unwrap();
    name.split(':').next().unwrap().to_owned()
}

fn question(number: usize) -> Vec<u8> {
    let text = format!("Question number {number}, please.\n{}", "All of it matters. ".repeat(number % 60));
    Mail::new(&format!("customer{number}@client.example"), "info@example.test", "Question", &text).bytes()
}

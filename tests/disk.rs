//! Disks that fill up, lie or break: nothing is lost, nothing comes twice, people are told, and it goes on by itself.
//!
//! Full doses: `POSTROOM_DISK_CYCLES=20`, `POSTROOM_DISK_FSYNCS=200`, `POSTROOM_DISK_WRITES=100`,
//! `POSTROOM_DISK_FLIPS=200`. Needs root (tmpfs) and strace.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::random::Random;
use support::*;

/// A tmpfs, unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, size: &str) -> Self {
        fs::create_dir_all(&at).unwrap();
        sh("mount", &["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs", at.to_str().unwrap()]);
        Self(at)
    }

    fn resize(&self, size: &str) {
        self.remount(&format!("size={size}"));
    }

    fn remount(&self, options: &str) {
        sh("mount", &["-o", &format!("remount,{options}"), self.0.to_str().unwrap()]);
    }

    /// Bytes in use.
    fn used(&self) -> u64 {
        fs::read_dir(&self.0).unwrap().flatten().map(|file| file.metadata().unwrap().len()).sum()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

fn sh(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output().unwrap();
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Mails of a run in which a fault is waited for.
const MAILS_AT_MOST: u64 = 120;

fn dose(name: &str, small: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(small)
}

/// The shop with one Maildir and its database in `state/`.
fn shop() -> Desk {
    let config = DeskConfig::shop().maildir("info", "support", "");
    let desk = Desk::new(&config);
    desk.write_config(&config.toml().replace("\"postroom.db\"", "\"state/postroom.db\""));
    desk
}

fn mail(number: u64) -> Mail {
    long_mail(number, 1_000)
}

/// A mail with this many bytes that cannot be packed.
fn long_mail(number: u64, len: usize) -> Mail {
    let noise: Vec<String> = Random::new(number).bytes(len).chunks(30).map(|line| format!("{line:02x?}")).collect();
    let text = format!("Question number {number}, please.\n{}", noise.join("\n"));
    Mail::new(&format!("customer{number}@client.example"), "info@example.test", &format!("Question {number}"), &text)
}

/// Every mail is one ticket, and every automatic mail was written once.
fn audit(desk: &Desk, mails: u64) {
    let tickets = desk.tickets();
    let mut requesters = BTreeMap::<String, usize>::new();
    for ticket in &tickets {
        *requesters.entry(ticket["requester"]["address"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let lost: Vec<u64> =
        (0..mails).filter(|n| !requesters.contains_key(&format!("customer{n}@client.example"))).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let doubled: Vec<_> = requesters.iter().filter(|(_, count)| **count != 1).collect();
    assert!(doubled.is_empty() && tickets.len() as u64 == mails, "doubled: {doubled:?}");
    let mut sent = BTreeMap::<(String, String), usize>::new();
    for mail in desk.sent() {
        *sent.entry((mail.header("To"), mail.header("Subject"))).or_default() += 1;
    }
    let twice: Vec<_> = sent.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "sent twice: {twice:?}");
}

fn trouble(status: &Value) -> String {
    status["mailboxes"][0]["error"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_full_disk_loses_nothing_and_is_over_soon_after_there_is_space() {
    let (cycles, mails) = (dose("POSTROOM_DISK_CYCLES", 2), dose("POSTROOM_DISK_MAILS", 100).max(20));
    let mut desk = shop();
    let disk = Disk::mount(desk.path("state"), "64m");
    desk.start();
    let (mut delivered, mut slowest) = (0, Duration::ZERO);
    for _ in 0..cycles {
        // So little room that the mails of this cycle cannot all be stored.
        disk.resize(&format!("{}k", (disk.used() >> 10) + 2_200));
        for _ in 0..mails / cycles {
            desk.deliver("info", &mail(delivered).bytes());
            delivered += 1;
        }
        let mut large = 0;
        let told = eventually(PATIENCE, "the trouble in `status`", || {
            if large < 40 {
                desk.deliver("info", &long_mail(delivered, 20_000).bytes());
                (large, delivered) = (large + 1, delivered + 1);
            }
            Some(trouble(&desk.status())).filter(|text| text.starts_with("nothing can be stored"))
        });
        assert!(told.contains("hint: free space"), "{told}");
        // What was taken before is decided; what comes now is left where it is.
        std::thread::sleep(Duration::from_millis(1_500));
        desk.deliver("info", &mail(delivered).bytes());
        delivered += 1;
        let before = desk.decided();
        std::thread::sleep(Duration::from_millis(1_500));
        assert_eq!(desk.decided(), before, "a full disk takes nothing");
        disk.resize(&format!("{}m", (disk.used() >> 20) + 256));
        let freed = Instant::now();
        eventually(Duration::from_mins(1), "recovery", || {
            let status = desk.status();
            (status["mailboxes"][0]["connected"] == true && trouble(&status).is_empty()).then_some(())
        });
        slowest = slowest.max(freed.elapsed());
        desk.drain_notices();
        desk.settled(delivered);
    }
    let mails = delivered;
    audit(&desk, mails);
    let log = desk.log();
    let lines = log.lines().filter(|line| line.contains("nothing can be stored")).count() as u64;
    assert!(lines <= 3 * cycles, "{lines} lines of log for {cycles} full disks");
    eprintln!("{cycles} full disks, {mails} mails, 0 lost, slowest recovery {slowest:?}, {lines} lines of log");
    assert!(desk.stop().0.success());
}

#[test]
fn a_disk_that_is_full_at_the_start_is_waited_for() {
    let mut desk = shop();
    let disk = Disk::mount(desk.path("state"), "16k");
    desk.deliver("info", &mail(0).bytes());
    desk.spawn();
    desk.await_notice("READY=1");
    let status = desk.run(&["status"]);
    assert!(status.stdout.contains("disk is full"), "{}{}", status.stdout, status.stderr);
    disk.resize("32m");
    eventually(PATIENCE, "the mail", || (desk.run(&["status"]).code == 0 && desk.decided() == 1).then_some(()));
    assert_eq!(desk.log().matches("waiting for the database").count(), 1);
    assert!(desk.stop().0.success());
}

#[test]
fn a_read_only_file_system_at_the_start_is_waited_for() {
    let mut desk = shop();
    let disk = Disk::mount(desk.path("state"), "32m");
    desk.start();
    assert!(desk.stop().0.success());
    disk.remount("ro");
    desk.deliver("info", &mail(0).bytes());
    desk.spawn();
    desk.await_notice("READY=1");
    let status = desk.run(&["status"]);
    let said = format!("{}{}", status.stdout, status.stderr);
    assert!(said.contains("read-only") && said.contains("hint:"), "{said}");
    disk.remount("rw");
    eventually(PATIENCE, "the mail", || (desk.run(&["status"]).code == 0 && desk.decided() == 1).then_some(()));
    audit(&desk, 1);
    assert!(desk.stop().0.success());
}

#[test]
fn after_a_failed_fsync_nothing_is_lost_and_nothing_comes_twice() {
    let doses = dose("POSTROOM_DISK_FSYNCS", 4);
    for number in 1..=doses {
        // Spread over the first syncs (start, first contact, mails), then one after another.
        let which = if doses < 20 { 2 + 3 * number } else { number };
        assert!(outlives("fdatasync,fsync", &format!("error=EIO:when={which}")), "no sync number {which} in this run");
    }
    eprintln!("{doses} failed syncs, 0 lost, 0 doubled");
}

/// A disk that breaks, and one that the system made read-only for a while because of it.
#[test]
fn after_failed_reads_and_writes_nothing_is_lost_and_nothing_comes_twice() {
    let doses = dose("POSTROOM_DISK_WRITES", 1);
    let (mut reads, mut writes) = (0, 0);
    for number in 1..=doses {
        // Counted by thread, and each attempt to open the database is a thread of its own: its first calls would always fail.
        let which = if doses < 20 { 40 * number } else { 20 + number };
        let failed = outlives("pwrite64", &format!("error=EIO:when={which}"));
        let read_only = outlives("pwrite64,ftruncate,fallocate", &format!("error=EROFS:when={which}..{}", which + 3));
        assert!(failed && read_only, "no write number {which} in this run");
        writes += 2;
        // A desk remembers what it has read: the later reads do not come.
        reads += u64::from(outlives("pread64", &format!("error=EIO:when={which}")));
    }
    assert!(reads > 0, "no read failed");
    eprintln!("{writes} failed writes and read-only times, {reads} failed reads, 0 lost, 0 doubled");
}

/// Every mail becomes one ticket although calls on the database's files meet this fault, and so after a kill: six mails, and
/// one more after another until the fault came. Returns whether it did.
fn outlives(calls: &str, fault: &str) -> bool {
    let mut desk = shop();
    let mut mails = 6;
    for number in 0..mails {
        desk.deliver("info", &mail(number).bytes());
    }
    let faults = desk.path("strace.log");
    let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:{fault}"));
    let [database, log] = ["", "-wal"].map(|ending| desk.path(&format!("state/postroom.db{ending}")));
    let of_the_database = ["-P", database.to_str().unwrap(), "-P", log.to_str().unwrap()];
    let how = ["-f", "-qq", "-o", faults.to_str().unwrap(), "-e", &trace, "-e", &inject];
    desk.spawn_under("strace", &[&how[..], &of_the_database].concat());
    let met = || fs::read_to_string(&faults).is_ok_and(|log| log.contains("(INJECTED)"));
    loop {
        let done = || desk.run(&["status"]).code == 0 && desk.decided() == mails && desk.nothing_to_send();
        eventually(PATIENCE, &format!("{mails} tickets in spite of {calls} with {fault}"), || done().then_some(()));
        if met() || mails == MAILS_AT_MOST {
            break;
        }
        desk.deliver("info", &mail(mails).bytes());
        mails += 1;
    }
    audit(&desk, mails);
    desk.kill();
    desk.start();
    desk.settled(mails);
    audit(&desk, mails);
    assert_eq!(desk.run(&["doctor", "--json"]).code, 0, "{}", desk.run(&["doctor"]).stdout);
    desk.kill();
    met()
}

/// A stopped desk with some tickets, and what it says of itself.
fn used_desk() -> (Desk, Vec<Value>) {
    let mut desk = shop();
    for number in 0..20 {
        desk.deliver("info", &mail(number).bytes());
    }
    desk.start();
    desk.settled(20);
    let tickets = all_of(&desk).unwrap();
    (desk, tickets)
}

/// Every ticket with its messages, or what was said instead.
fn all_of(desk: &Desk) -> Result<Vec<Value>, String> {
    let json = |arguments: &[&str]| {
        let done = desk.run(arguments);
        if done.code == 0 { Ok(serde_json::from_str::<Value>(&done.stdout).unwrap()) } else { Err(done.stderr) }
    };
    let listed = json(&["ticket", "list", "--json"])?;
    let numbers = listed.as_array().unwrap().iter().map(|ticket| ticket["number"].as_u64().unwrap().to_string());
    numbers.map(|number| json(&["ticket", "show", &number, "--json"])).collect()
}

#[test]
fn a_damaged_byte_is_refused_or_found_by_doctor_unless_it_changes_nothing() {
    let (mut desk, tickets) = used_desk();
    assert!(desk.stop().0.success());
    let database = desk.path("state/postroom.db");
    let whole = fs::read(&database).unwrap();
    let seed = dose("POSTROOM_SEED", Random::from_time().next() % 1_000_000);
    let (flips, mut random) = (dose("POSTROOM_DISK_FLIPS", 12), Random::new(seed));
    let (mut refused, mut harmless, mut found, mut text) = (0, 0, 0, 0);
    for _ in 0..flips {
        fs::write(&database, &whole).unwrap();
        let offset = random.next() % whole.len() as u64;
        flip(&database, offset);
        let doctor = desk.run(&["doctor", "--json"]);
        let report: Value = serde_json::from_str(&doctor.stdout).unwrap_or_default();
        let knows = report["checks"].as_array().into_iter().flatten().any(|check| {
            check["check"] == "database"
                && check["ok"] == false
                && check["hint"].as_str().is_some_and(|hint| hint.contains("postroom backup"))
        });
        let started = desk.run_for(&["run"], Duration::from_secs(2));
        match started {
            Some((code, log)) => {
                assert!(code == 1 && log.contains("hint:"), "offset {offset}, seed {seed}: {log}");
                refused += 1;
            }
            None if knows => found += 1,
            None => match all_of(&desk) {
                Ok(now) if now == tickets => harmless += 1,
                Err(said) => {
                    assert!(said.contains("database"), "offset {offset}, seed {seed}: {said}");
                    found += 1;
                }
                // SQLite has no checksum over the words themselves: other letters in a text are not damage to it.
                Ok(_) => text += 1,
            },
        }
    }
    eprintln!(
        "{flips} bytes (seed {seed}): {refused} refused at the start, {found} found, {harmless} change nothing, \
         {text} other letters in a text"
    );
    assert!(text * 4 <= flips, "{text} of {flips} changes were seen by nobody");
}

#[test]
fn a_lost_or_truncated_log_takes_the_latest_mails_along_and_they_are_found_again() {
    for damage in ["removed", "cut in half", "emptied"] {
        let (mut desk, _) = used_desk();
        desk.kill();
        let log = desk.path("state/postroom.db-wal");
        let len = log.metadata().unwrap().len();
        assert!(len > 0, "there is something to lose");
        match damage {
            "removed" => fs::remove_file(&log).unwrap(),
            "emptied" => File::options().write(true).open(&log).unwrap().set_len(0).unwrap(),
            _ => File::options().write(true).open(&log).unwrap().set_len(len / 2).unwrap(),
        }
        desk.start();
        eventually(PATIENCE, &format!("all mails after the log was {damage}"), || (desk.decided() == 20).then_some(()));
        let requesters: std::collections::BTreeSet<String> =
            desk.tickets().iter().map(|ticket| ticket["requester"]["address"].to_string()).collect();
        assert_eq!(requesters.len(), 20, "the log was {damage}");
        assert!(desk.stop().0.success());
    }
}

#[test]
fn a_log_removed_from_a_running_daemon_is_no_loss() {
    let (mut desk, tickets) = used_desk();
    fs::remove_file(desk.path("state/postroom.db-wal")).unwrap();
    eventually(PATIENCE, "the repair", || desk.log().contains("write-ahead log of").then_some(()));
    desk.deliver("info", &mail(20).bytes());
    eventually(PATIENCE, "the next mail", || (desk.run(&["status"]).code == 0 && desk.decided() == 21).then_some(()));
    desk.kill();
    desk.start();
    assert_eq!(all_of(&desk).unwrap()[..20], tickets[..]);
    assert!(desk.stop().0.success());
}

#[test]
fn a_database_replaced_under_a_running_daemon_is_left_alone() {
    let (mut desk, _) = used_desk();
    let database = desk.path("state/postroom.db");
    let copy = desk.path("copy.db");
    assert_eq!(desk.run(&["backup", copy.to_str().unwrap()]).code, 0);
    fs::rename(&copy, &database).unwrap();
    let before = fs::read(&database).unwrap();
    let told = eventually(PATIENCE, "the trouble", || {
        let done = desk.run(&["status"]);
        Some(done.stdout).filter(|text| text.contains("replaced by another file"))
    });
    assert!(told.contains("hint: stop postroom before"), "{told}");
    desk.deliver("info", &mail(20).bytes());
    std::thread::sleep(Duration::from_secs(1));
    assert!(fs::read(&database).unwrap() == before, "nothing is written into a file that is not ours");
    assert!(desk.stop().0.success());
}

#[test]
fn a_backup_for_which_there_is_no_room_leaves_nothing_behind() {
    let (desk, _) = used_desk();
    let small = Disk::mount(desk.path("small"), "64k");
    let full = desk.run(&["backup", small.0.join("copy.db").to_str().unwrap()]);
    assert!(full.code == 1 && full.stderr.contains("no room for the copy"), "{}", full.stderr);
    assert_eq!(fs::read_dir(&small.0).unwrap().count(), 0);
}

fn flip(path: &Path, offset: u64) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ 0x55], offset).unwrap();
}

//! The daemon's life from outside: signals, crashes, a full disk, and the commands beside it.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::random::Random;
use support::*;

const INFO: &str = "info@example.test";

fn shop() -> DeskConfig {
    DeskConfig::shop().maildir("info", "support", "")
}

fn started() -> Desk {
    let mut desk = Desk::new(&shop());
    desk.start();
    desk
}

fn question(number: usize) -> Mail {
    Mail::new(&format!("c{number}@client.example"), INFO, &format!("Question {number}"), "Where is it?")
}

fn connected(desk: &Desk) -> bool {
    desk.status()["mailboxes"][0]["connected"] == true
}

#[test]
fn status_says_connected_while_the_daemon_lives_and_not_after() {
    let mut desk = started();
    eventually(PATIENCE, "the mailbox is connected", || connected(&desk).then_some(()));
    desk.kill();
    let status = desk.status();
    assert_eq!(status["mailboxes"][0]["connected"], false, "after kill -9");
    assert_eq!(status["mailboxes"][0]["error"], "no daemon is running");
    desk.start();
    eventually(PATIENCE, "the mailbox is connected again", || connected(&desk).then_some(()));
    assert!(desk.stop().0.success());
    assert!(!connected(&desk), "after SIGTERM");
}

#[test]
fn reloads_in_quick_succession_all_end_and_nothing_is_lost() {
    let mut desk = started();
    for number in 0..10 {
        desk.deliver("info", &question(number).bytes());
        desk.daemon().signal("HUP");
        desk.daemon().signal("HUP");
        desk.await_notice("READY=1");
    }
    desk.settled(10);
    assert_eq!(desk.tickets().len(), 10);
    assert!(desk.stop().0.success());
    assert!(desk.log().contains("config reloaded"));
}

#[test]
fn sigterm_during_a_reload_stops_the_daemon() {
    let mut desk = started();
    for _ in 0..3 {
        desk.daemon().signal("HUP");
    }
    let (status, took) = desk.stop();
    assert!(status.success() && took < Duration::from_secs(10), "{status} {took:?}");
}

#[test]
fn sigterm_at_any_moment_of_the_start_ends_in_order() {
    let mut desk = Desk::new(&shop());
    for pause in [20, 40, 80, 120] {
        desk.spawn();
        std::thread::sleep(Duration::from_millis(pause));
        let (status, _) = desk.stop();
        // Before it can listen to signals, the signal itself ends it.
        assert!(status.success() || status.code().is_none(), "{status}");
    }
    desk.start();
    desk.receive("info", &question(1), 1);
}

#[test]
fn a_secret_that_vanishes_is_not_replaced_by_a_reload() {
    let mut desk = started();
    std::fs::remove_file(desk.path("secret")).expect("the secret was made");
    desk.daemon().signal("HUP");
    eventually(PATIENCE, "the fault is logged", || desk.log().contains("is gone").then_some(()));
    assert!(!desk.path("secret").exists());
    desk.receive("info", &question(1), 1);
    assert!(desk.stop().0.success());
    desk.start();
    assert!(desk.log().contains("the secret is new"), "a start makes one, and warns");
}

#[test]
fn a_new_config_is_in_force_after_a_reload() {
    let mut desk = started();
    let changed = shop().maildir("sales", "returns", "").toml();
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(desk.path("sales").join(part)).expect("a directory");
    }
    desk.write_config(&changed.replace("database = \"postroom.db\"", "database = \"other.db\""));
    desk.daemon().signal("HUP");
    desk.await_notice("STATUS=watching 2 mailboxes");
    assert!(desk.log().contains("`desk.database` changed: that needs a restart"));
    desk.write_config(&changed);
    desk.receive("sales", &question(1), 1);
    assert!(!desk.path("other.db").exists());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut desk = started();
    for number in 0..200 {
        desk.deliver("info", &question(number).bytes());
    }
    desk.settled(200);
    for args in [&["ticket", "list"][..], &["ticket", "list", "--json"]] {
        let mut command = desk.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let done = child.wait_with_output().expect("it ends");
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// A small disk that can be filled; unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where only root may mount.
    fn mount(at: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&at).expect("a directory");
        mount(&["-t", "tmpfs", "-o", "size=4m,mode=0700", "none"], &at).then_some(Self(at))
    }

    fn grow(&self) {
        assert!(mount(&["-o", "remount,size=300m"], &self.0));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

fn mount(args: &[&str], at: &std::path::Path) -> bool {
    let done = Command::new("mount").args(args).arg(at).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_is_reported_loses_nothing_and_is_over_when_there_is_space() {
    let mut desk = Desk::new(&shop());
    let Some(disk) = SmallDisk::mount(desk.path("small")) else {
        eprintln!("skipped: this user may not mount a file system");
        return;
    };
    desk.write_config(&shop().toml().replace("\"postroom.db\"", "\"small/postroom.db\""));
    let mut random = Random::new(7);
    let mut noise = || -> Vec<u8> { (0..30_000).map(|_| u8::try_from(random.next() % 256).expect("a byte")).collect() };
    for number in 0..100 {
        desk.deliver("info", &question(number).attach("noise.bin", &noise()).bytes());
    }
    desk.start();
    eventually(PATIENCE, "the full disk is logged", || desk.log().contains("disk is full").then_some(()));
    assert!(desk.daemon().ended().is_none(), "it goes on");
    assert!(desk.decided() < 100);
    disk.grow();
    desk.settled(100);
    assert_eq!(desk.tickets().len(), 100);
    assert_eq!(desk.sent_to("jan@example.test").len(), 100);
    let log = desk.log();
    let (_, after) = log.rsplit_once("disk is full").unwrap();
    let told = after.contains("the database can be written again") || after.contains("mailbox connected");
    assert!(told, "nobody was told that it is over");
    let complaints = desk.log().matches("the database cannot be written").count();
    assert!(complaints < 20, "{complaints} complaints about one full disk");
    assert!(desk.stop().0.success());
}

//! The daemon's life from outside: signals, crashes, a full disk, and the commands beside it.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::desk::files_below;
use support::random::Random;
use support::sink::{Fault, Sink, Step};
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

/// The desk's files are this user's, as under the shipped unit; `None` where files cannot be given away.
fn owned_by_nobody() -> Option<(Desk, u32)> {
    let nobody = 65_534;
    let desk = Desk::new(&shop());
    let all = files_below(&desk.path("")).into_iter().chain(["", "info", "out", "notify"].map(|name| desk.path(name)));
    for path in all.chain(["cur", "new", "tmp"].map(|part| desk.path("info").join(part))) {
        std::os::unix::fs::chown(path, Some(nobody), Some(nobody)).ok()?;
    }
    Some((desk, nobody))
}

fn of_others(desk: &Desk, user: u32) -> Vec<PathBuf> {
    let is_foreign = |path: &PathBuf| std::fs::symlink_metadata(path).is_ok_and(|file| file.uid() != user);
    // Of the test itself.
    let ours = ["log", "notify", "run_for.log"].map(|name| desk.path(name));
    files_below(&desk.path("")).into_iter().filter(is_foreign).filter(|path| !ours.contains(path)).collect()
}

#[test]
fn commands_of_root_act_as_the_owner_of_the_database_and_leave_no_file_of_root() {
    let Some((mut desk, user)) = owned_by_nobody() else {
        eprintln!("skipped: only root can give files away");
        return;
    };
    desk.deliver("info", &question(1).bytes());
    std::os::unix::fs::chown(files_below(&desk.path("info"))[0].clone(), Some(user), Some(user)).unwrap();
    desk.start();
    desk.settled(1);
    assert_eq!(of_others(&desk, user), Vec::<PathBuf>::new(), "the daemon itself");
    // A mail that root alone can read may be asked about all the same.
    let private = tempfile::tempdir().unwrap();
    let mail = private.path().join("mail.eml");
    std::fs::write(&mail, question(2).bytes()).unwrap();
    let explain = ["explain", mail.to_str().unwrap()];
    let commands: [&[&str]; 6] = [
        &["status"],
        &["ticket", "list"],
        &["ticket", "show", "1001"],
        &["outbox", "list"],
        &["agent", "list"],
        &explain,
    ];
    for command in commands {
        let done = desk.run(command);
        assert_eq!(done.code, 0, "{command:?}: {}", done.stderr);
        assert_eq!(of_others(&desk, user), Vec::<PathBuf>::new(), "{command:?}");
    }
    assert!(desk.stop().0.success());
    for command in commands {
        // Without a daemon `status` has something to tell.
        let expected = i32::from(command == ["status"]);
        assert_eq!(desk.run(command).code, expected, "{command:?} without the daemon");
        assert_eq!(of_others(&desk, user), Vec::<PathBuf>::new(), "{command:?} without the daemon");
    }
    let copy = private.path().join("copy.db");
    assert_eq!(desk.run(&["backup", copy.to_str().unwrap()]).code, 0);
    assert_eq!(copy.metadata().unwrap().uid(), user, "a copy that can be put in the place of the database");
}

#[test]
fn commands_need_no_passwords_and_check_warns_of_missing_ones() {
    let mut desk = Desk::new(&shop());
    desk.start();
    assert!(desk.stop().0.success());
    let server = "host = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\nusername = \"desk\"\npassword_file = \"gone\"";
    desk.write_config(&shop().toml().replace("directory = \"out/\"", server));
    for command in [&["agent", "list"], &["ticket", "list"], &["outbox", "list"]] {
        assert_eq!(desk.run(command).code, 0, "{command:?}");
    }
    let checked = desk.run(&["check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(
        checked.stderr.contains("warning: cannot read") && checked.stderr.contains("no such file"),
        "{}",
        checked.stderr
    );
    for strict in [&["check", "--secrets"][..], &["check", "--online"], &["run"]] {
        let done = desk.run(strict);
        assert_eq!(done.code, 78, "{strict:?}: {}", done.stderr);
    }
}

#[test]
fn check_online_asks_for_every_sender_and_plus_address_and_sends_nothing() {
    let sink = Sink::start();
    let desk = Desk::new(&shop().plain_smtp(sink.port));
    let good = desk.run(&["check", "--online"]);
    assert_eq!(good.code, 0, "{}{}", good.stdout, good.stderr);
    assert!(good.stdout.contains("and 1 plus address; nothing was sent"), "{}", good.stdout);
    sink.misbehave(Step::Rcpt, "info+check@", Fault::Reply("550 5.1.1 no such user"), 1);
    let warned = desk.run(&["check", "--online"]);
    assert_eq!(warned.code, 0, "a warning: {}{}", warned.stdout, warned.stderr);
    assert!(
        warned.stdout.contains("550 5.1.1 no such user") && warned.stdout.contains("`subaddress = \"\"`"),
        "{}",
        warned.stdout
    );
    sink.misbehave(Step::Mail, "", Fault::Reply("553 5.7.1 not yours"), 1);
    let refused = desk.run(&["check", "--online"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(refused.stdout.contains("is refused as a sender: 553 5.7.1 not yours"), "{}", refused.stdout);
    assert_eq!(sink.count(), 0, "nothing was sent");
}

#[test]
fn check_counts_the_open_tickets_of_a_department_that_is_gone() {
    let mut desk = started();
    desk.receive("info", &question(1), 1);
    let department = desk.tickets()[0]["department"].as_str().expect("its department").to_owned();
    let gone = shop().toml().replace(&format!("\"{department}\""), "\"elsewhere\"");
    desk.write_config(&gone);
    let checked = desk.run(&["check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let told = format!("warning: 1 open ticket belongs to the department `{department}`, which is not in the config");
    assert!(checked.stderr.contains(&told), "{}", checked.stderr);
}

#[test]
fn what_the_system_says_is_told_once_and_in_words() {
    let desk = Desk::new(&shop());
    for (command, told) in [
        (&["explain", "/nowhere/mail.eml"][..], "error: `/nowhere/mail.eml`: no such file\n"),
        (&["parse", "/"][..], "error: `/`: it is a directory\n"),
        (&["outbox", "retry", "x"][..], "an id is a number"),
        (&["texts", "acknowledgment_body"][..], "did you mean `acknowledgement_body`?"),
    ] {
        let done = desk.run(command);
        assert!(done.stderr.contains(told), "{command:?}: {}", done.stderr);
        assert!(!done.stderr.contains("os error"), "{command:?}: {}", done.stderr);
    }
    desk.write_config(&(shop().toml() + "\n[texts.en]\nacknowledgment_body = \"x\"\n"));
    let checked = desk.run(&["check"]);
    assert_eq!(checked.code, 78);
    assert!(
        checked.stderr.contains("did you mean `acknowledgement_body`?") && checked.stderr.contains("postroom.toml:"),
        "{}",
        checked.stderr
    );
}

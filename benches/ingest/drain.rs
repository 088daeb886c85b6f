//! The outbox draining notifications to Postfix's `smtp-sink`.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::process::Running;
use crate::support::{Desk, DeskConfig, Mail, PATIENCE, eventually, ports};
use crate::{Bar, figure};

const MAILS: u64 = 1000;
const AGENTS: u64 = 2;

/// Runs it.
pub fn run() {
    let port = ports::reserve();
    let mut config = DeskConfig::shop().plain_smtp(port.number).maildir("info", "support", "");
    config.people = config.people.replace("acknowledge = true", "acknowledge = false");
    let mut desk = Desk::new(&config);
    for number in 0..MAILS {
        let from = format!("customer{number}@client.example");
        desk.deliver("info", &Mail::new(&from, "info@example.test", "Question", "Is anybody there?").bytes());
    }
    // A server that takes connections and says nothing: the outbox fills up.
    let silent = TcpListener::bind(("127.0.0.1", port.number)).unwrap();
    desk.start();
    eventually(PATIENCE, "all mails decided", || (desk.decided() == MAILS).then_some(()));
    desk.kill();
    drop(silent);
    let waiting = desk.json(&["outbox", "list"]).as_array().map_or(0, Vec::len);
    assert_eq!(waiting as u64, MAILS * AGENTS, "notifications in the outbox");

    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new("smtp-sink");
    command.args(["-u", "nobody", &format!("127.0.0.1:{}", port.number), "500"]);
    let mut sink = Running::start(command, &directory.path().join("log"));
    eventually(PATIENCE, "smtp-sink listens", || {
        assert!(sink.ended().is_none(), "smtp-sink ended: {}", crate::support::process::read(&sink.log));
        std::net::TcpStream::connect(("127.0.0.1", port.number)).ok()
    });
    let started = Instant::now();
    desk.start();
    while !desk.nothing_to_send() {
        assert!(started.elapsed() < Duration::from_mins(5), "{}", desk.status());
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = started.elapsed().as_secs_f64();
    println!("{} notifications, one SMTP transaction each, from the start of the daemon", MAILS * AGENTS);
    figure("outbox drained in", took, "s", Bar::None);
    figure("outbox", (MAILS * AGENTS) as f64 / took, "mails/s", Bar::AtLeast(500.0));
    desk.stop();
    sink.terminate(Duration::from_secs(5));
}

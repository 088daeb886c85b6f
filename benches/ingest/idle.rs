//! What fifty quiet mailboxes cost, each with a connection in IDLE.

use std::time::Duration;

use crate::support::{Desk, DeskConfig, MailServers, PATIENCE, eventually};
use crate::{Bar, figure};

const MAILBOXES: usize = 50;
const WATCH: Duration = Duration::from_secs(30);
/// Clock ticks a second on Linux.
const TICKS: f64 = 100.0;

/// Runs it.
pub fn run() {
    let servers = MailServers::dovecot_only();
    let ca = servers.ca_file();
    let config = (0..MAILBOXES).fold(DeskConfig::shop(), |config, number| {
        config.imap(&format!("box{number}"), "support", &servers.tls(&ca), "")
    });
    let mut desk = Desk::new(&config);
    desk.start();
    eventually(PATIENCE, "all mailboxes are connected", || {
        let status = desk.status();
        let mailboxes = status["mailboxes"].as_array().unwrap();
        mailboxes.iter().all(|mailbox| mailbox["connected"] == true).then_some(())
    });
    let before = desk.daemon().cpu_ticks();
    std::thread::sleep(WATCH);
    let used = (desk.daemon().cpu_ticks() - before) as f64 / TICKS;
    println!("{MAILBOXES} mailboxes in IDLE, watched for {} s", WATCH.as_secs());
    figure("processor", used / WATCH.as_secs_f64() * 100.0, "% core", Bar::AtMost(1.0));
    figure("resident memory", desk.daemon().status_kib("VmRSS") as f64 / 1024.0, "MiB", Bar::AtMost(60.0));
    desk.stop();
}

//! Mails made to exhaust a program, on the way from a mailbox into the database: each costs little time and memory, and
//! the mail behind it is handled.
//!
//! The figures of a release build count: a second and 256 MiB each.

mod shapes;
#[path = "../support/mod.rs"]
mod support;
mod way;

use std::time::{Duration, Instant};

use support::*;

const MIB: u64 = 1 << 10;

fn hostile() -> Vec<(&'static str, String)> {
    let top = "From: a@client.example\r\nTo: info@example.test\r\nSubject: Hello\r\n";
    // unoptimised code reads a tenth of what a release build does
    let scale = if cfg!(debug_assertions) { 10 } else { 1 };
    let levels =
        (0..20_000).map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"));
    let nested = levels.collect::<Vec<_>>().concat();
    let line = "x".repeat(30_000_000 / scale);
    vec![
        ("a million headers", format!("{top}{}\r\nHello\r\n", "X-A: b\r\n".repeat(1_000_000 / scale))),
        ("20,000 nested parts", format!("{top}{nested}Hello\r\n")),
        ("a line of 30 MB", format!("{top}\r\n{line}\r\n")),
        ("a header of 30 MB", format!("{top}X-Line: {line}\r\n\r\nHello\r\n")),
        ("a line of HTML of 30 MB", format!("{top}Content-Type: text/html\r\n\r\n<p>{line}\r\n")),
    ]
}

#[test]
fn hostile_mails_cost_little_and_the_next_mail_is_handled() {
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
    for (name, mail) in hostile() {
        let mut desk = Desk::new(&DeskConfig::shop().maildir("info", "support", ""));
        desk.start();
        let first = Mail::new("b@client.example", "info@example.test", "Before", "Is anybody there?");
        desk.receive("info", &first, 1);
        let before = desk.daemon().status_kib("VmHWM");
        desk.deliver("info", mail.as_bytes());
        // from the moment at which the poll can see it; a poll is a second
        let began = Instant::now();
        eventually(PATIENCE, name, || (desk.decided() == 2).then_some(()));
        let took = began.elapsed().saturating_sub(Duration::from_secs(1));
        let memory = desk.daemon().status_kib("VmHWM") - before;
        eprintln!(
            "{name}: {} kB, {:.2} s after the poll, {} MiB more",
            mail.len() >> 10,
            took.as_secs_f64(),
            memory / MIB
        );
        assert!(took < limit, "{name}: {took:?}");
        assert!(memory < 256 * MIB, "{name}: {} MiB", memory / MIB);
        let next = Mail::new("c@client.example", "info@example.test", "After", "Is anybody there?");
        desk.receive("info", &next, 3);
        assert!(desk.stop().0.success());
    }
}

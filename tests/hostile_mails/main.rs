//! Mails made to exhaust a program, on the way from a mailbox into the database: each costs little time and memory, and
//! the mail behind it is handled.
//!
//! The figures of a release build count: a second and 256 MiB each. `cargo bench --bench parse -- bombs` takes the shapes of
//! `shapes.rs` at sizes up to 10 MiB.

mod shapes;
#[path = "../support/mod.rs"]
mod support;
mod way;

use std::time::{Duration, Instant};

use postroom::parse::parse;
use shapes::{Envelope, SHAPES};
use support::*;
use way::{STEPS, Way};

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
        ("a megabyte of 1:", format!("{top}\r\n{}", "1:\r\n".repeat(1_000_000 / 4))),
        ("a megabyte of 7: and blank lines", format!("{top}\r\n{}", "7:\r\n\r\n".repeat(1_000_000 / 6))),
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

/// Sizes of which the larger may cost so many times what the smaller does: four times as much work, and a machine's moods.
/// What grows with the square of the size costs sixteen times as much.
const SIZES: [usize; 2] = [16 << 10, 64 << 10];
const MOST: f64 = 10.0;
/// Where it is looked again.
const FURTHER: usize = 256 << 10;
/// Processor seconds that nobody counts.
const FLOOR: f64 = 0.03;

/// Takes every `parts`th shape, from `part` on, the whole way at both sizes.
fn check(part: usize, parts: usize) {
    let mut faults = Vec::new();
    for shape in SHAPES.iter().skip(part).step_by(parts) {
        let mut way = Way::new();
        let [small, large] = SIZES.map(|size| way.cost(shape, size, f64::MAX));
        let grows = |small: f64, large: f64| large > MOST * small.max(FLOOR);
        if small.iter().zip(&large).all(|(small, large)| !grows(*small, *large)) {
            continue;
        }
        // A step at which a limit begins to count is no growth: what grows goes on growing.
        let further = way.cost(shape, FURTHER, f64::MAX);
        for (name, (small, large)) in STEPS.iter().zip(large.iter().zip(&further)) {
            if grows(*small, *large) {
                faults.push(format!("{}, {name}: {small:.3} s became {large:.3} s", shape.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn work_grows_with_the_size_of_a_mail_and_no_faster() {
    check(0, 4);
}

#[test]
fn work_grows_with_the_size_of_other_mails_and_no_faster() {
    check(1, 4);
}

#[test]
fn work_grows_with_the_size_of_further_mails_and_no_faster() {
    check(2, 4);
}

#[test]
fn work_grows_with_the_size_of_the_last_mails_and_no_faster() {
    check(3, 4);
}

#[test]
fn no_word_is_lost_of_a_mail_that_is_not_taken_apart_as_a_whole() {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let envelope = Envelope { headers: "From: a@client.example\nSubject: Re: x\n", above: "Words.\n", mark: "" };
    for name in
        ["1:", "<a@b> wrote:", "header blocks", "signatures in front of quotes", "closings", "> and words in turn"]
    {
        let shape = SHAPES.iter().find(|shape| shape.name == name).unwrap();
        let mail = parse(&shape.mail(&envelope, 900_000), None);
        let kept = letters(&mail.reply) + letters(&mail.quoted) + letters(&mail.signature);
        assert_eq!(letters(&mail.text), kept, "{name}");
        let told = mail.defects.iter().any(|defect| defect.contains("only the beginning"));
        let below = mail.text.len() / 2;
        assert!(!told || mail.reply.ends_with(mail.text.get(below..).unwrap().trim_end()), "{name}");
        assert!(
            told || name == "header blocks" || name.starts_with('>') || name.starts_with('<'),
            "{name}: {:?}",
            mail.defects
        );
    }
}

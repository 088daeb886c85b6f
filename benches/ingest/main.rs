//! How fast postroom is beside real mail software, on this machine, in one run.
//!
//! `cargo bench --bench ingest [-- PART…]` with the parts `backlog`, `latency`, `drain`, `idle` (all by default).
//! Needs root and the packages dovecot-imapd, dovecot-lmtpd, isync (mbsync) and postfix (smtp-sink); everything stays on
//! loopback and in temporary directories. `POSTROOM_BENCH_MAILS` sets the size of the backlog (5000).
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::naive_bytecount,
    reason = "a bench prints figures and fails by panicking"
)]

mod backlog;
mod corpus;
mod drain;
mod idle;
mod latency;
#[path = "../../tests/support/mod.rs"]
mod support;

/// One part of the bench.
type Part = (&'static str, fn());

const PARTS: [Part; 4] =
    [("backlog", backlog::run), ("latency", latency::run), ("drain", drain::run), ("idle", idle::run)];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let known = |name: &str| PARTS.iter().any(|(part, _)| *part == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        println!("no part `{unknown}`; there are: {}", PARTS.map(|(name, _)| name).join(", "));
        return;
    }
    for (name, run) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|part| part == name) {
            println!("\n== {name}");
            run();
        }
    }
}

/// Prints a figure, its bar, and whether it holds.
fn figure(what: &str, value: f64, unit: &str, bar: Bar) {
    let (holds, text) = match bar {
        Bar::AtMost(limit) => (value <= limit, format!("bar ≤ {limit} {unit}")),
        Bar::AtLeast(limit) => (value >= limit, format!("bar ≥ {limit} {unit}")),
        Bar::None => (true, String::new()),
    };
    let verdict = if holds { "" } else { "  MISSED" };
    println!("{what:<52} {value:>10.2} {unit:<8} {text}{verdict}");
}

/// What a figure is held to.
#[derive(Clone, Copy, Debug)]
enum Bar {
    AtMost(f64),
    AtLeast(f64),
    None,
}

//! A desk with a million tickets: how long lists and figures take, how much memory, and what a quiet mailbox costs.
//!
//! `cargo bench --bench million [-- PART…]` with the parts `commands` and `idle` (both by default). `POSTROOM_BENCH_TICKETS`
//! is the number of tickets (1000000), `POSTROOM_BENCH_KEEP=DIR` keeps the database for `postroom -c DIR/postroom.toml` and
//! uses it again, `POSTROOM_BIN` names another build to be measured. Everything stays on loopback.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a bench prints figures and fails by panicking"
)]

mod fill;
mod server;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use support::process::Running;
use support::{Desk, DeskConfig, PATIENCE, eventually};

const WATCH: Duration = Duration::from_secs(30);
/// Clock ticks a second on Linux.
const TICKS: f64 = 100.0;
/// The bar for everything that people ask for.
const BAR_SECS: f64 = 0.1;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == part);
    let count: u32 = std::env::var("POSTROOM_BENCH_TICKETS").map_or(1_000_000, |text| text.parse().unwrap());
    let port = server::start(count);
    let mut desk = desk(port);
    fill::fill(&mut desk, count);
    let size = std::fs::metadata(desk.path("postroom.db")).unwrap().len();
    println!("{count} tickets, as many mails in one folder, {} MB", size >> 20);
    if is_wanted("commands") {
        commands(&desk);
    }
    if is_wanted("idle") {
        idle(&mut desk);
    }
}

fn desk(port: u16) -> Desk {
    let imap = format!(
        "id = \"info\"\naddress = \"info@example.test\"\ndepartment = \"support\"\npoll = \"2s\"\nidle = false\nimport = \"all\"\n\
         imap = {{ host = \"127.0.0.1\", port = {port}, security = \"none\", username = \"info\", password_file = \"password\" }}"
    );
    let mut config = DeskConfig::shop();
    config.mailboxes.push(imap);
    Desk::new(&config)
}

fn commands(desk: &Desk) {
    let lists: [&[&str]; 13] = [
        &["ticket", "list"],
        &["ticket", "list", "--limit", "200"],
        &["ticket", "list", "--status", "new"],
        &["ticket", "list", "--status", "closed"],
        &["ticket", "list", "--department", "returns"],
        &["ticket", "list", "--department", "returns", "--status", "waiting"],
        &["ticket", "list", "--assignee", "anna"],
        &["ticket", "list", "--department", "support", "--assignee", "anna"],
        &["ticket", "list", "--requester", "client77@customer77.example"],
        &["ticket", "list", "--tag", "vip"],
        &["ticket", "list", "--json", "--limit", "50"],
        &["status", "--json"],
        &["agent", "list"],
    ];
    for args in lists {
        let took = (0..3).map(|_| measure(desk, args).0).fold(f64::MAX, f64::min);
        let verdict = if took <= BAR_SECS { "" } else { "  MISSED" };
        println!("{:<58} {took:>8.3} s   bar ≤ {BAR_SECS} s{verdict}", args.join(" "));
    }
    for args in [&["ticket", "list", "--json"][..], &["ticket", "list", "--all"], &["doctor", "--quick"]] {
        let (took, peak) = measure(desk, args);
        println!("{:<58} {took:>8.3} s   peak {:.1} MiB", args.join(" "), peak as f64 / 1024.0);
    }
}

/// Seconds that a command takes, and the most memory that it was seen to use, in KiB.
fn measure(desk: &Desk, args: &[&str]) -> (f64, u64) {
    let started = Instant::now();
    let mut running = Running::start(desk.command(args), &desk.path("measured"));
    let mut peak = 0;
    while running.ended().is_none() {
        let pid = running.pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let field = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = field.and_then(|field| field.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    (started.elapsed().as_secs_f64(), peak)
}

fn idle(desk: &mut Desk) {
    desk.start();
    eventually(PATIENCE, "the mailbox is connected and compared", || {
        let mailbox = desk.status()["mailboxes"][0].clone();
        (mailbox["connected"] == true && mailbox["gap"] == 0).then_some(())
    });
    std::thread::sleep(WATCH / 3);
    let before = desk.daemon().cpu_ticks();
    std::thread::sleep(WATCH);
    let used = (desk.daemon().cpu_ticks() - before) as f64 / TICKS;
    println!("polled every 2 s for {} s", WATCH.as_secs());
    println!("{:<58} {:>8.2} % core", "processor", used / WATCH.as_secs_f64() * 100.0);
    println!("{:<58} {:>8.1} MiB", "resident memory", desk.daemon().status_kib("VmRSS") as f64 / 1024.0);
    desk.stop();
}

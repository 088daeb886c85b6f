//! How fast mails are read: megabytes a second of processor time, on one thread.
//!
//! `cargo bench --bench parse [-- FOLDER]` reads mails of its own making (the corpus of the ingest bench), or every file of
//! a folder. `cargo bench --bench parse -- bombs [SHAPE…]` takes hostile mails the whole way at five sizes instead, and says
//! which of their steps take more than a second. `POSTROOM_BENCH_MAILS` sets how many mails it makes (2000). Processor time is what counts: on a busy machine
//! the clock on the wall measures the others.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a bench prints figures"
)]

mod bombs;
#[path = "../ingest/corpus.rs"]
mod corpus;
#[path = "../../tests/hostile_mails/shapes.rs"]
mod shapes;
#[path = "../../tests/support/mod.rs"]
mod support;
#[path = "../../tests/hostile_mails/way.rs"]
mod way;

use std::hint::black_box;
use std::path::Path;

use corpus::Corpus;
use postroom::parse::parse;

/// Rounds over all mails; the best counts, as the others were disturbed.
const ROUNDS: usize = 7;
/// Megabytes a second that must be reached.
const BAR: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(("bombs", wanted)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return bombs::run(wanted);
    }
    let folder = arguments.first();
    let mails = match folder {
        Some(folder) => read(Path::new(folder)),
        None => make(),
    };
    let size: usize = mails.iter().map(Vec::len).sum();
    let megabytes = size as f64 / 1e6;
    println!("{} mails, {megabytes:.1} MB", mails.len());
    let mut best: f64 = 0.0;
    for round in 1..=ROUNDS {
        let began = processor_seconds();
        for mail in &mails {
            black_box(parse(black_box(mail), None));
        }
        let speed = megabytes / (processor_seconds() - began);
        println!("round {round}: {speed:.1} MB/s");
        best = best.max(speed);
    }
    let verdict = if best >= BAR { "" } else { "  MISSED" };
    println!("best: {best:.1} MB for each second of processor time (bar ≥ {BAR}){verdict}");
}

fn make() -> Vec<Vec<u8>> {
    let count = std::env::var("POSTROOM_BENCH_MAILS").ok().and_then(|count| count.parse().ok()).unwrap_or(2000);
    let mut corpus = Corpus::new(7);
    (0..count).map(|_| corpus.mail()).collect()
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap()).collect()
}

/// What the kernel says this thread has computed (`/proc/thread-self/schedstat`, the first field, in nanoseconds).
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: u64 = stat.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds as f64 / 1e9
}

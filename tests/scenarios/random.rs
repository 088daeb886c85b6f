//! Random correspondence: whatever customers, agents, strangers, robots and servers do in whatever order, and however tickets
//! are moved, merged, split, muted meanwhile, no note reaches a customer, no agent's address or program does, no department
//! speaks for another, nobody gets two receipts for one ticket, no mail is answered twice, no word of anybody is lost, nobody
//! reads what is not his, an agent has one thread a ticket and no two news of it in two minutes, and every mail has one fate.
//!
//! `POSTROOM_HISTORIES=10000` plays the full dose, `POSTROOM_SEED` chooses which; without it the same few are played. A table
//! of what took effect is printed at the end.

#![expect(clippy::print_stdout, reason = "a history that failed is told, and the dose reports what took effect")]

mod checks;
mod choosing;
mod happening;
mod history;
mod record;
mod tally;
mod writing;

use std::sync::Mutex;

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use self::history::{History, Tell};
use self::tally::Tally;
use crate::desk::Sent;

const CUSTOMERS: [&str; 3] = ["ewa@client.example", "adam@client.example", "mallory@evil.example"];
const STAFF: [&str; 6] = [
    "anna@shop.example",
    "jan@shop.example",
    "anna.nowak@home.example",
    "maja@shop.example",
    "piotr@shop.example",
    "ola@shop.example",
];

fn id_of(address: &str) -> Option<&'static str> {
    let ids = ["anna", "jan", "anna", "maja", "piotr", "ola"];
    STAFF.iter().zip(ids).find(|(own, _)| **own == address).map(|(_, id)| id)
}

fn name_of(address: &str) -> Option<&'static str> {
    let names = ["Anna Nowak", "Jan Kos", "Anna Nowak", "Maja Lis", "Piotr Zych", "Ola Kot"];
    STAFF.iter().zip(names).find(|(own, _)| **own == address).map(|(_, name)| name)
}

/// A server's report that this mail was not delivered.
pub fn bounce_of(sent: &Sent) -> String {
    writing::bounce(0, sent).mail
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

#[test]
fn no_correspondence_leaks_or_doubles() {
    let cases = number("POSTROOM_HISTORIES").and_then(|cases| cases.try_into().ok()).unwrap_or(96);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("POSTROOM_SEED").unwrap_or(5).to_le_bytes());
    let config = Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let tally = Mutex::new(Tally::default());
    let histories = (happening::setting(), proptest::collection::vec(happening::happening(), 6..40));
    let play = |setting, happenings: &[_], tell| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(History::play(setting, happenings, &tally, tell));
    };
    let outcome = runner.run(&histories, |(setting, happenings)| {
        play(setting, &happenings, Tell::Nothing);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, (setting, happenings))) => {
            println!("{setting:?}: {why}");
            play(setting, &happenings, Tell::All);
            panic!("only sometimes: {why}");
        }
        Err(error) => panic!("{error}"),
    }
    let tally = tally.into_inner().unwrap();
    println!("{cases} histories:\n{tally}");
    tally.check();
}

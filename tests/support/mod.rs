//! What the integration tests share: a desk (the real binary on a config of its own), private mail servers, small mail
//! clients, a misbehaving SMTP server, and mails to send. Everything lives on loopback and in temporary directories.
//!
//! Never sleeps for a fixed time: [`eventually`] polls until a deadline, and every child process ends with its owner.
#![allow(dead_code, unused_imports, reason = "every test crate uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::missing_panics_doc,
    clippy::print_stderr,
    clippy::let_underscore_must_use,
    reason = "a test fails by panicking"
)]

pub mod config;
pub mod database;
pub mod desk;
pub mod disk;
pub mod imap;
pub mod mail;
pub mod ports;
pub mod process;
pub mod random;
pub mod servers;
pub mod sink;
pub mod smtp;
pub mod strace;
pub mod write_log;

use std::time::{Duration, Instant};

pub use config::DeskConfig;
pub use desk::Desk;
pub use mail::{Mail, Received};
pub use servers::MailServers;

/// How long a step of a mail's way may take before the test gives up on it: generous, because machines are busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Asks again and again until there is an answer, at most for `limit`; then panics with `what` was missing.
pub fn eventually<T>(limit: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < limit, "not within {} s: {what}", limit.as_secs());
        std::thread::sleep(Duration::from_millis(25));
    }
}

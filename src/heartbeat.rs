//! A loop's sign of life, which the watchdog compares between two looks.
//!
//! Never beaten by a free-running timer: only work done and waits with a bound of their own move it.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

/// The longest that a loop waits without beating.
pub const BEAT: Duration = Duration::from_secs(10);

/// A counter that moves while its loop is alive.
#[derive(Debug, Default)]
pub struct Heartbeat(AtomicU64);

impl Heartbeat {
    /// Says that the loop is alive.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the loop has beaten so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits for `duration`, beating meanwhile.
    pub async fn sleep(&self, duration: Duration) {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.beat();
            sleep_until(end.min(Instant::now() + BEAT)).await;
        }
        self.beat();
    }

    /// Awaits work that has a time limit of its own, beating meanwhile.
    pub async fn during<F: Future>(&self, work: F) -> F::Output {
        let mut work = Box::pin(work);
        loop {
            self.beat();
            if let Ok(output) = timeout_at(Instant::now() + BEAT, &mut work).await {
                self.beat();
                return output;
            }
        }
    }
}

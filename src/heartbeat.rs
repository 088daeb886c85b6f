//! A sign of life: a loop counts it up, the supervisor looks whether it moved before it feeds the watchdog.
//!
//! Says nothing about success: a loop that waits for an unreachable server is alive.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the turns of one loop.
#[derive(Debug, Default)]
pub struct Heartbeat(AtomicU64);

impl Heartbeat {
    /// One more turn.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many turns there were.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

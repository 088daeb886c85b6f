//! The one place that reads the wall clock. Handed to the loops from outside, so that a test can run a day in a second.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Tells the time.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's wall clock.
    System,
    /// A wall clock that started at a fixed moment and runs with tokio's (which a test can pause and advance).
    Simulated {
        /// The wall-clock time at `started`.
        base: Timestamp,
        /// When it was started.
        started: Instant,
    },
}

impl Clock {
    /// A simulated clock that shows `base` now.
    pub fn simulated(base: Timestamp) -> Self {
        Self::Simulated { base, started: Instant::now() }
    }

    /// The time, in UTC.
    pub fn now(self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the edge")]
            Self::System => Timestamp::now(),
            Self::Simulated { base, started } => {
                let passed = SignedDuration::try_from(started.elapsed()).unwrap_or(SignedDuration::MAX);
                base.checked_add(passed).unwrap_or(base)
            }
        }
    }
}

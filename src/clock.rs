//! The one place that reads the wall clock, and a stopwatch that nobody can set. Handed to the loops from outside, so that a test can run a day in a second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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

/// Measures how long we run, whatever happens to the wall clock.
#[derive(Debug)]
pub struct Stopwatch {
    /// Up to when the time was taken, and whether it ever was.
    taken: Mutex<(Instant, bool)>,
}

impl Stopwatch {
    /// One that runs from now on.
    pub fn start() -> Self {
        Self { taken: Mutex::new((Instant::now(), false)) }
    }

    /// Whole seconds since the start or since they were last taken; after the first time nothing before one has passed.
    pub fn take(&self) -> Option<i64> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, again) = *taken;
        let seconds = last.elapsed().as_secs();
        *taken = (last + Duration::from_secs(seconds), true);
        i64::try_from(seconds).ok().filter(|seconds| *seconds > 0 || !again)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stopwatch_gives_out_each_second_once() {
        let watch = Stopwatch::start();
        assert_eq!((watch.take(), watch.take()), (Some(0), None));
        tokio::time::advance(Duration::from_millis(1_700)).await;
        assert_eq!((watch.take(), watch.take()), (Some(1), None));
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(watch.take(), Some(1));
    }
}

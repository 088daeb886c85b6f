//! Waits that show signs of life.
//!
//! Never beats from a free-running timer: only waits that have a limit of their own move the heartbeat.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::heartbeat::Heartbeat;

/// The longest that a loop waits without beating.
pub const BEAT: Duration = Duration::from_secs(10);

/// Waits for `duration`, beating meanwhile.
pub async fn sleep(heartbeat: &Heartbeat, duration: Duration) {
    let end = Instant::now() + duration;
    while Instant::now() < end {
        heartbeat.beat();
        sleep_until(end.min(Instant::now() + BEAT)).await;
    }
    heartbeat.beat();
}

/// Awaits work that has a time limit of its own, beating meanwhile.
pub async fn during<F: Future>(heartbeat: &Heartbeat, work: F) -> F::Output {
    let mut work = Box::pin(work);
    loop {
        heartbeat.beat();
        if let Ok(output) = timeout_at(Instant::now() + BEAT, &mut work).await {
            heartbeat.beat();
            return output;
        }
    }
}

//! The loop of the timers: failed deliveries are told, waiting tickets woken, quarantined mails shown, old bytes forgotten.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::clock::Clock;
use crate::heartbeat::Heartbeat;
use crate::pipeline::Pipeline;
use crate::store::Store;

/// How often to look.
const EVERY: Duration = Duration::from_secs(5);
/// How often to tidy up.
const TIDY_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The loop, ready to run.
pub(super) struct Timers {
    pub(super) store: Store,
    pub(super) pipeline: watch::Receiver<Pipeline>,
    pub(super) clock: Clock,
    pub(super) heartbeat: Arc<Heartbeat>,
}

impl Timers {
    /// Does what is due every few seconds until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut turn = interval(EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tidied: Option<Timestamp> = None;
        let mut in_trouble = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = turn.tick() => {}
                () = self.store.work_due().notified() => {}
            }
            self.heartbeat.beat();
            let pipeline = self.pipeline.borrow().clone();
            // Whether or not anything is due, the writer thread has to answer: a loop that waits for it does not beat.
            let result = match self.store.write(|_| Ok(())).await {
                Ok(()) => pipeline.tick().await,
                Err(error) => Err(error),
            };
            if let Err(error) = &result
                && !in_trouble
            {
                error!("what is due could not be done, it will be tried again: {error}");
            }
            in_trouble = result.is_err();
            let now = self.clock.now();
            if tidied.is_none_or(|last| now.duration_since(last) >= TIDY_EVERY) {
                tidied = Some(now);
                if let Err(error) = pipeline.tidy_up().await {
                    error!("the database could not be tidied up, it will be tried again in an hour: {error}");
                }
            }
        }
    }
}

//! The service manager: READY, RELOADING, STOPPING, and the watchdog, fed only while every loop shows that it lives.

use std::collections::BTreeMap;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tracing::warn;

use crate::heartbeat::BEAT;

/// How often to look when no watchdog is set.
const IDLE: Duration = Duration::from_mins(1);

/// What we tell the service manager.
pub(super) struct ServiceManager {
    /// How long a loop may stand still.
    limit: Option<Duration>,
    turn: Interval,
    seen: BTreeMap<String, (u64, Instant)>,
}

impl ServiceManager {
    pub(super) fn new() -> Self {
        let watchdog = sd_notify::watchdog_enabled();
        let every = watchdog.map_or(IDLE, |watchdog| (watchdog / 4).max(Duration::from_millis(100)));
        // Once we no longer feed it, the watchdog waits as long again: half of it is enough, but never less than a
        // healthy loop may need.
        let limit = watchdog.map(|watchdog| (watchdog / 2).max(3 * BEAT));
        let mut turn = interval(every);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { limit, turn, seen: BTreeMap::new() }
    }

    /// Started, or reloaded; `status` is what `systemctl status` shows.
    #[expect(clippy::unused_self, reason = "whoever tells has a manager")]
    pub(super) fn ready(&self, status: &str) {
        tell(&[NotifyState::Ready, NotifyState::Status(status)]);
    }

    /// What `systemctl status` shows from now on.
    #[expect(clippy::unused_self, reason = "whoever tells has a manager")]
    pub(super) fn status(&self, status: &str) {
        tell(&[NotifyState::Status(status)]);
    }

    #[expect(clippy::unused_self, reason = "whoever tells has a manager")]
    pub(super) fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
    }

    #[expect(clippy::unused_self, reason = "whoever tells has a manager")]
    pub(super) fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    /// Returns when it is time to look at the heartbeats.
    pub(super) async fn turn(&mut self) {
        self.turn.tick().await;
    }

    /// Feeds the watchdog when every loop moved within its time.
    pub(super) fn feed<'a>(&mut self, heartbeats: impl Iterator<Item = (&'a str, u64)>) {
        let Some(limit) = self.limit else { return };
        let now = Instant::now();
        let mut seen = BTreeMap::new();
        let mut all_alive = true;
        for (name, count) in heartbeats {
            let moved = match self.seen.get(name) {
                Some((before, since)) if *before == count => *since,
                Some(_) | None => now,
            };
            if now.duration_since(moved) > limit {
                warn!(name, "loop stands still, the watchdog is not fed");
                all_alive = false;
            }
            seen.insert(name.to_owned(), (count, moved));
        }
        self.seen = seen;
        if all_alive {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

/// Without a service manager nothing happens.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "the service manager cannot be told");
    }
}

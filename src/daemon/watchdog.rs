//! The service manager: READY, RELOADING, STOPPING, and the watchdog, fed only while every loop shows that it lives.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tracing::warn;

use crate::heartbeat::BEAT;

/// Notices that wait for a service manager which is busy.
const WAITING_NOTICES: usize = 64;
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
    #[expect(clippy::unused_self, reason = "only what has a manager tells it")]
    pub(super) fn ready(&self, status: &str) {
        tell(Notice::Ready(status.to_owned()));
    }

    /// What `systemctl status` shows from now on.
    #[expect(clippy::unused_self, reason = "only what has a manager tells it")]
    pub(super) fn status(&self, status: &str) {
        tell(Notice::Status(status.to_owned()));
    }

    #[expect(clippy::unused_self, reason = "only what has a manager tells it")]
    pub(super) fn reloading(&self) {
        tell(Notice::Reloading);
    }

    #[expect(clippy::unused_self, reason = "only what has a manager tells it")]
    pub(super) fn stopping(&self) {
        tell(Notice::Stopping);
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
            tell(Notice::Watchdog);
        }
    }
}

/// What the service manager is told.
enum Notice {
    Ready(String),
    Status(String),
    Reloading,
    Stopping,
    Watchdog,
}

/// Without a service manager nothing happens. One that does not read its socket holds up a thread of its own and nothing
/// else: what does not fit any more is not told.
fn tell(notice: Notice) {
    static TELLER: OnceLock<Option<SyncSender<Notice>>> = OnceLock::new();
    let teller = TELLER.get_or_init(|| {
        let (teller, notices) = sync_channel(WAITING_NOTICES);
        let thread = std::thread::Builder::new().name("service-manager".to_owned());
        let started = thread.spawn(move || notices.into_iter().for_each(|notice| send(&notice)));
        started.inspect_err(|error| warn!(%error, "the service manager cannot be told")).ok().map(|_| teller)
    });
    if teller.as_ref().is_some_and(|teller| teller.try_send(notice).is_err()) {
        warn!("the service manager does not listen");
    }
}

/// Waits as long as the service manager takes.
fn send(notice: &Notice) {
    let told = match notice {
        Notice::Ready(status) => sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(status)]),
        Notice::Status(status) => sd_notify::notify(&[NotifyState::Status(status)]),
        Notice::Reloading => match NotifyState::monotonic_usec_now() {
            Ok(now) => sd_notify::notify(&[NotifyState::Reloading, now]),
            Err(_) => sd_notify::notify(&[NotifyState::Reloading]),
        },
        Notice::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
        Notice::Watchdog => sd_notify::notify(&[NotifyState::Watchdog]),
    };
    if let Err(error) = told {
        warn!(%error, "the service manager cannot be told");
    }
}

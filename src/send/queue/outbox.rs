//! The loop that empties the outbox: takes what is due, spreads it over two lanes, waits for more.
//!
//! Never ends before it is told to, whatever the network or the database does, and never has more than two connections.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::time::{interval, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::account::Account;
use super::lane::{Lane, Shared};
use super::outcome::Recorder;
use crate::clock::Clock;
use crate::heartbeat::Heartbeat;
use crate::model::policy::Smtp;
use crate::send::smtp::timeouts::Timeouts;
use crate::store::outbox::Due;
use crate::store::{Store, StoreError};

/// Mails taken at once: few, for each may be as large as mails get.
const BATCH: usize = 8;
/// Mails taken and not yet with a lane, at most.
const AHEAD: usize = 2 * BATCH;
/// How often the loop shows that it lives, and looks at the clock, which may have been set.
const BEAT: Duration = Duration::from_secs(10);
/// Shortest wait for something that is due.
const SHORTEST: Duration = Duration::from_millis(100);
/// Wait after the database said no.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// The outbox loop, ready to run.
pub struct OutboxLoop {
    /// Where the mails are.
    pub store: Store,
    /// How mail leaves; a new value ends every pause at once.
    pub smtp: watch::Receiver<Smtp>,
    /// The time.
    pub clock: Clock,
    /// Moves at least every 20 seconds.
    pub heartbeat: Arc<Heartbeat>,
    /// How long the steps of SMTP may take.
    pub timeouts: Timeouts,
}

impl OutboxLoop {
    /// Sends until `stop`; then the mails being sent are ended (at most 20 seconds) and the others put back.
    pub async fn run(self, stop: CancellationToken) {
        let Self { store, smtp, clock, heartbeat, timeouts } = self;
        let (queue, mails) = mpsc::channel(AHEAD);
        let halt = CancellationToken::new();
        let shared = Shared {
            recorder: Recorder { store, clock, halt: halt.clone() },
            account: Arc::new(Account::new()),
            mails: Arc::new(Mutex::new(mails)),
            put_back: Arc::new(Notify::new()),
            timeouts,
            stop: stop.clone(),
        };
        let lanes = [Lane::new(shared.clone(), smtp.clone()), Lane::new(shared.clone(), smtp.clone())];
        let [one, two] = lanes.map(|lane| Box::pin(lane.run()));
        let taker = Taker { shared: shared.clone(), smtp: Some(smtp), told: None };
        let work = async { tokio::join!(Box::pin(taker.run(queue)), one, two) };
        let beating = async {
            let mut ticks = interval(BEAT);
            loop {
                ticks.tick().await;
                heartbeat.beat();
            }
        };
        let halting = async {
            stop.cancelled().await;
            sleep(timeouts.stop).await;
            halt.cancel();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = work => {}
            () = beating => {}
            () = halting => {}
        }
        put_rest_back(&shared).await;
    }
}

async fn put_rest_back(shared: &Shared) {
    let mut rest = Vec::new();
    let mut mails = shared.mails.lock().await;
    while let Ok(mail) = mails.try_recv() {
        rest.push(mail.id);
    }
    drop(mails);
    shared.recorder.release(rest, "stopped before it was sent", shared.recorder.clock.now()).await;
}

/// Takes what is due, as fast as the lanes send it.
struct Taker {
    shared: Shared,
    /// `None` once nobody can send new settings any more.
    smtp: Option<watch::Receiver<Smtp>>,
    /// What was last said about the database.
    told: Option<String>,
}

impl Taker {
    async fn run(mut self, queue: mpsc::Sender<Due>) {
        self.recover().await;
        let shared = self.shared.clone();
        while !shared.stop.is_cancelled() {
            // Listen before looking, or what comes in between is missed.
            let mut changed = pin!(shared.recorder.store.outbox_changed().notified());
            changed.as_mut().enable();
            let now = shared.recorder.clock.now();
            if let Some(pause) = shared.account.pause(now) {
                if self.somebody_asks(now).await && shared.account.asked(now) {
                    info!("somebody wants a mail tried: the pause ends");
                    self.end_waits().await;
                } else {
                    self.wait(until(now, pause.until), std::future::pending()).await;
                }
                continue;
            }
            let permits = tokio::select! {
                () = shared.stop.cancelled() => return,
                permits = queue.reserve_many(BATCH) => permits,
            };
            let Ok(permits) = permits else { return };
            match shared.recorder.store.outbox_take(now, BATCH).await {
                Ok(mails) if mails.is_empty() => {
                    drop(permits);
                    let rest = self.rest(now).await;
                    self.wait(rest, changed).await;
                }
                Ok(mails) => {
                    self.told = None;
                    permits.zip(mails).for_each(|(permit, mail)| permit.send(mail));
                }
                Err(fault) => {
                    self.tell("the outbox cannot be read", &fault);
                    self.wait(STORE_PAUSE, std::future::pending()).await;
                }
            }
        }
    }

    /// All that waits for another attempt is due at once.
    async fn end_waits(&mut self) {
        let recorder = self.shared.recorder.clone();
        if let Err(fault) = recorder.store.outbox_due_now(recorder.clock.now()).await {
            self.tell("the outbox cannot be read", &fault);
        }
    }

    /// Rows that an earlier run left half done; and a start ends every wait.
    async fn recover(&mut self) {
        let recorder = self.shared.recorder.clone();
        while let Err(fault) = recorder.store.outbox_recover(recorder.clock.now()).await {
            self.tell("the outbox cannot be recovered", &fault);
            self.wait(STORE_PAUSE, std::future::pending()).await;
            if self.shared.stop.is_cancelled() {
                return;
            }
        }
        self.end_waits().await;
    }

    /// Whether `outbox retry` was said of a mail that waits. A fault of the database is told where mails are taken.
    async fn somebody_asks(&self, now: Timestamp) -> bool {
        self.shared.recorder.store.outbox_asked(now).await.unwrap_or(false)
    }

    /// How long until something is due.
    async fn rest(&mut self, now: Timestamp) -> Duration {
        match self.shared.recorder.store.outbox_next_due().await {
            Ok(Some(next)) => until(now, next),
            Ok(None) => BEAT,
            Err(fault) => {
                self.tell("the outbox cannot be read", &fault);
                STORE_PAUSE
            }
        }
    }

    /// Waits for the time, for mail, for mail put back, for new settings, for the end.
    async fn wait(&mut self, limit: Duration, changed: impl Future<Output = ()>) {
        let smtp = &mut self.smtp;
        let reloaded = async {
            match smtp {
                Some(receiver) => receiver.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        let reload = tokio::select! {
            () = self.shared.stop.cancelled() => None,
            () = sleep(limit) => None,
            () = changed => None,
            () = self.shared.put_back.notified() => None,
            alive = reloaded => Some(alive),
        };
        match reload {
            Some(true) => {
                info!("new settings for outgoing mail");
                self.shared.account.reloaded();
                self.end_waits().await;
            }
            Some(false) => self.smtp = None,
            None => {}
        }
    }

    fn tell(&mut self, what: &str, fault: &StoreError) {
        let text = format!("{what}: {fault}");
        if self.told.as_ref() != Some(&text) {
            error!("{text}");
            self.told = Some(text);
        }
    }
}

/// The time from `now` until `then`, but not so long that a clock that is set could matter, nor so short that we spin.
fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or_default().clamp(SHORTEST, BEAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn without_a_database_the_loop_lives_on_and_stops_when_told() {
        let directory = tempfile::tempdir().unwrap();
        let heartbeat = Arc::new(Heartbeat::default());
        let (_settings, smtp) = watch::channel(Smtp::Directory(directory.path().join("outbox")));
        let outbox = OutboxLoop {
            store: Store::open(&directory.path().join("postroom.db")).unwrap(),
            smtp,
            clock: Clock::simulated(Timestamp::UNIX_EPOCH),
            heartbeat: Arc::clone(&heartbeat),
            timeouts: Timeouts::default(),
        };
        let stop = CancellationToken::new();
        let stopping = async {
            sleep(Duration::from_mins(10)).await;
            assert!(heartbeat.count() >= 30, "{}", heartbeat.count());
            stop.cancel();
        };
        tokio::join!(outbox.run(stop.clone()), stopping);
    }
}

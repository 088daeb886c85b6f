//! The named loops: one a mailbox, one for the outbox, one for the timers. Started, replaced on reload, stopped in order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::progress;
use super::timers::Timers;
use crate::clock::Clock;
use crate::heartbeat::Heartbeat;
use crate::intake::MailboxLoop;
use crate::model::policy::{Desk, Smtp};
use crate::pipeline::Pipeline;
use crate::send::{OutboxLoop, Timeouts};
use crate::store::Store;

/// Time for a group of loops to stop; the outbox has 20 seconds of its own for the mail being sent.
const STOP_LIMIT: Duration = Duration::from_secs(25);

/// A group of loops that stop together.
struct Group {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    names: HashMap<Id, String>,
}

impl Group {
    fn new() -> Self {
        Self { stop: CancellationToken::new(), tasks: JoinSet::new(), names: HashMap::new() }
    }

    fn spawn(&mut self, name: &str, task: impl Future<Output = ()> + Send + 'static) {
        let handle = self.tasks.spawn(task);
        self.names.insert(handle.id(), name.to_owned());
    }

    async fn stop(&mut self) {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(STOP_LIMIT, all).await.is_err() {
            warn!("some loops did not stop in {} seconds and are cut off", STOP_LIMIT.as_secs());
            self.tasks.shutdown().await;
        }
    }

    /// The name of a loop that ended by itself, and how if it panicked.
    async fn ended(&mut self) -> String {
        let name = |id| self.names.get(&id).map_or("unknown", String::as_str);
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => name(id).to_owned(),
            Some(Err(error)) => format!("{}: {error}", name(error.id())),
            None => std::future::pending().await,
        }
    }
}

/// All loops of the daemon.
pub(super) struct Loops {
    mailboxes: Group,
    mailbox_names: Vec<(String, Arc<Heartbeat>)>,
    timers: Group,
    outbox: Group,
    others: Vec<(String, Arc<Heartbeat>)>,
    pipeline: watch::Sender<Pipeline>,
    smtp: watch::Sender<Smtp>,
    database: PathBuf,
}

impl Loops {
    pub(super) fn start(pipeline: Pipeline, store: &Store) -> Self {
        let policy = pipeline.policy();
        let database = policy.desk.database.clone();
        let (smtp, _) = watch::channel(policy.smtp.clone());
        let (pipeline, _) = watch::channel(pipeline);
        let (outbox, timers) = (Group::new(), Group::new());
        let mut loops = Self {
            mailboxes: Group::new(),
            mailbox_names: Vec::new(),
            timers,
            outbox,
            others: Vec::new(),
            pipeline,
            smtp,
            database,
        };
        loops.start_outbox(store);
        loops.start_timers(store);
        loops.start_mailboxes(store);
        loops
    }

    pub(super) fn mailbox_count(&self) -> usize {
        self.mailbox_names.len()
    }

    /// The database in use, whatever a later config says.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// `[desk]` of the config in force.
    pub(super) fn desk(&self) -> Desk {
        self.pipeline.borrow().policy().desk.clone()
    }

    /// The signs of life of all loops, by name.
    pub(super) fn heartbeats(&self) -> impl Iterator<Item = (&str, u64)> {
        self.mailbox_names.iter().chain(&self.others).map(|(name, heartbeat)| (name.as_str(), heartbeat.count()))
    }

    /// The name of a loop that ended by itself.
    pub(super) async fn ended(&mut self) -> String {
        tokio::select! {
            name = self.mailboxes.ended() => name,
            name = self.timers.ended() => name,
            name = self.outbox.ended() => name,
        }
    }

    /// Stops the loops of the mailboxes, so that a new config can take their place.
    pub(super) async fn stop_mailboxes(&mut self) {
        self.mailboxes.stop().await;
    }

    /// Puts a new config in force: mailboxes are watched anew, mail leaves the new way, waiting accounts are tried at once.
    pub(super) fn put_in_force(&mut self, pipeline: Pipeline, store: &Store) {
        self.smtp.send_replace(pipeline.policy().smtp.clone());
        self.pipeline.send_replace(pipeline);
        self.start_mailboxes(store);
    }

    /// Intake first, then timers, then the mail being sent.
    pub(super) async fn stop(&mut self) {
        self.mailboxes.stop().await;
        self.timers.stop().await;
        self.outbox.stop().await;
    }

    /// Shows the progress of a backlog on the terminal.
    pub(super) fn show_progress(&mut self, store: &Store) {
        let (store, stop) = (store.clone(), self.timers.stop.clone());
        self.timers.spawn("progress", progress::show(store, stop));
    }

    /// Watches the mailboxes of the config in force.
    pub(super) fn start_mailboxes(&mut self, store: &Store) {
        self.mailboxes = Group::new();
        self.mailbox_names.clear();
        let mailboxes = self.pipeline.borrow().policy().mailboxes.clone();
        for mailbox in mailboxes {
            let name = format!("mailbox {}", mailbox.id);
            let heartbeat = Arc::new(Heartbeat::default());
            self.mailbox_names.push((name.clone(), Arc::clone(&heartbeat)));
            let pipeline = self.pipeline.subscribe();
            let watching = MailboxLoop { mailbox, store: store.clone(), pipeline, clock: Clock::System, heartbeat };
            let stop = self.mailboxes.stop.clone();
            self.mailboxes.spawn(&name, watching.run(stop));
        }
    }

    fn start_outbox(&mut self, store: &Store) {
        let heartbeat = self.heartbeat("outbox");
        let smtp = self.smtp.subscribe();
        let timeouts = Timeouts::default();
        let sending = OutboxLoop { store: store.clone(), smtp, clock: Clock::System, heartbeat, timeouts };
        let stop = self.outbox.stop.clone();
        self.outbox.spawn("outbox", sending.run(stop));
    }

    fn start_timers(&mut self, store: &Store) {
        let heartbeat = self.heartbeat("timers");
        let timers =
            Timers { store: store.clone(), pipeline: self.pipeline.subscribe(), clock: Clock::System, heartbeat };
        let stop = self.timers.stop.clone();
        self.timers.spawn("timers", timers.run(stop));
    }

    fn heartbeat(&mut self, name: &str) -> Arc<Heartbeat> {
        let heartbeat = Arc::new(Heartbeat::default());
        self.others.push((name.to_owned(), Arc::clone(&heartbeat)));
        info!(name, "loop started");
        heartbeat
    }
}

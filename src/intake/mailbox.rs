//! The loop of one mailbox: watch it, and when that breaks, wait and begin again.
//!
//! Never ends but on request: no fault of a network, a server, a disk or the database ends it.

use std::convert::Infallible;
use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::backoff::{Backoff, Failure, STABLE};
use super::fault::Fault;
use super::health::{MirrorStatus, Reporter};
use super::maildir::watch::MaildirWatch;
use super::mirror::watch::MirrorWatch;
use super::spooler::Spooler;
use super::sync::connection::ImapWatch;
use crate::clock::Clock;
use crate::heartbeat::Heartbeat;
use crate::model::policy::{ImapAccount, Mailbox, Source};
use crate::pipeline::Pipeline;
use crate::store::Store;
use crate::store::ledger::MailboxHealth;

/// The loop of one mailbox.
pub struct MailboxLoop {
    /// What to watch.
    pub mailbox: Mailbox,
    /// Where mails go.
    pub store: Store,
    /// What decides them; the newest value is used for every batch.
    pub pipeline: watch::Receiver<Pipeline>,
    /// For the time of spooling.
    pub clock: Clock,
    /// Moves at least every 20 seconds while the loop is alive.
    pub heartbeat: Arc<Heartbeat>,
}

/// Where the mailbox is, and what is remembered of it.
enum Watch<'a> {
    Imap(Box<ImapWatch>, &'a ImapAccount),
    Maildir(MaildirWatch),
}

impl MailboxLoop {
    /// Watches the mailbox until `stop`. Batches of mails that have begun are finished before it returns.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let spooler = self.spooler(&tasks);
        let mut reporter = Reporter::new(&spooler);
        let mirror_status = Arc::new(MirrorStatus::default());
        tokio::select! {
            never = watch_forever(&self.mailbox, &spooler, &mut reporter, &mirror_status) => match never {},
            never = self.mirror(&tasks, &mirror_status) => match never {},
            never = spooler.try_suspects() => match never {},
            () = stop.cancelled() => {}
        }
        tasks.close();
        tasks.wait().await;
        if let Err(error) = reporter.show(MailboxHealth::default()).await {
            tracing::debug!(mailbox = %self.mailbox.id, "the end of watching was not recorded: {error}");
        }
    }

    /// Looks once at every folder and returns how many mails were taken; for `postroom demo`.
    pub async fn run_once(&self) -> Result<u64, Fault> {
        let spooler = self.spooler(&TaskTracker::new());
        spooler.recover().await.map_err(Fault::Store)?;
        spooler.decide_suspects().await.map_err(Fault::Store)?;
        match &self.mailbox.source {
            Source::Imap(account) => {
                ImapWatch::new(&self.mailbox, Arc::default()).look_once(&self.mailbox, account, &spooler).await
            }
            Source::Maildir(path) => MaildirWatch::new(&self.mailbox, path).look(&self.mailbox, &spooler).await,
        }
    }

    /// Shows in the mailbox how its tickets stand, if the config says so. The watchdog does not wait for it.
    async fn mirror(&self, tasks: &TaskTracker, mirror_status: &Arc<MirrorStatus>) -> Infallible {
        let (Some(mirror), Source::Imap(account)) = (&self.mailbox.mirror, &self.mailbox.source) else {
            return std::future::pending().await;
        };
        let spooler = Spooler { heartbeat: Arc::default(), ..self.spooler(tasks) };
        // Boxed: large, and few mailboxes have one.
        Box::pin(MirrorWatch::new(&self.mailbox, mirror, account, spooler, Arc::clone(mirror_status)).run()).await
    }

    fn spooler(&self, tasks: &TaskTracker) -> Spooler {
        Spooler {
            mailbox: self.mailbox.id.clone(),
            store: self.store.clone(),
            pipeline: self.pipeline.clone(),
            clock: self.clock,
            heartbeat: Arc::clone(&self.heartbeat),
            tasks: tasks.clone(),
        }
    }
}

async fn watch_forever(
    mailbox: &Mailbox,
    spooler: &Spooler,
    reporter: &mut Reporter,
    mirror_status: &Arc<MirrorStatus>,
) -> Infallible {
    let mut backoff = Backoff::default();
    let mut watch = match &mailbox.source {
        Source::Imap(account) => Watch::Imap(Box::new(ImapWatch::new(mailbox, Arc::clone(mirror_status))), account),
        Source::Maildir(path) => Watch::Maildir(MaildirWatch::new(mailbox, path)),
    };
    loop {
        let began = Instant::now();
        // What cannot be stored is not fetched: as long as that lasts, nobody even logs in.
        let (watched, gap) = match (spooler.store.ready().await, &mut watch) {
            (Err(error), Watch::Imap(watch, _)) => (Err(Fault::Store(error)), watch.gap()),
            (Err(error), Watch::Maildir(watch)) => (Err(Fault::Store(error)), watch.gap()),
            (Ok(()), Watch::Imap(watch, account)) => {
                (watch.watch(mailbox, account, spooler, reporter).await, watch.gap())
            }
            (Ok(()), Watch::Maildir(watch)) => (watch.watch(mailbox, spooler, reporter).await, watch.gap()),
        };
        let fault = match watched {
            Ok(never) => match never {},
            Err(fault) => fault,
        };
        mirror_status.set_connected(false);
        if began.elapsed() >= STABLE && fault.failure().may_have_worked() {
            backoff.reset();
        }
        let wait = backoff.next(fault.failure());
        let next_try_at =
            SignedDuration::try_from(wait).ok().and_then(|wait| spooler.clock.now().checked_add(wait).ok());
        let login_refused = fault.failure() == Failure::Login;
        let health =
            MailboxHealth { connected: false, error: Some(fault.to_string()), gap, next_try_at, login_refused };
        if let Err(error) = reporter.show(health).await {
            tracing::debug!(mailbox = %mailbox.id, "the trouble was not recorded: {error}");
        }
        spooler.heartbeat.sleep(wait).await;
    }
}

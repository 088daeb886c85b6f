//! The store's side of intake: raw mails in, durable and decided out; and what `status` shows of the mailbox.
//!
//! Never lets a mail be decided whose bytes are not durable, and never gives up a batch in the middle: batches run in
//! tasks that the loop awaits before it ends.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::heartbeat::Heartbeat;
use crate::model::id::{LedgerId, MailboxId};
use crate::pipeline::Pipeline;
use crate::store::ledger::{FolderKey, SpoolItem, Spooled};
use crate::store::{Store, StoreError};

/// Mails decided in one go after a crash.
const RECOVERY_BATCH: usize = 64;
/// How long the process must have lived before a suspect is tried.
const PROBATION: Duration = Duration::from_secs(5);
/// Batches that may wait between fetching and deciding.
const QUEUE: usize = 4;
/// Kilobytes that may wait between fetching and deciding; a larger mail takes all of it.
const QUEUE_KIB: u32 = 16 << 10;

/// Hands mails to the store and the pipeline.
#[derive(Clone)]
pub struct Spooler {
    /// Whose mails.
    pub mailbox: MailboxId,
    /// Where they go.
    pub store: Store,
    /// What decides them; replaced on reload.
    pub pipeline: watch::Receiver<Pipeline>,
    /// For the time of spooling.
    pub clock: Clock,
    /// Moves with every batch.
    pub heartbeat: Arc<Heartbeat>,
    /// Owns the batches being taken.
    pub tasks: TaskTracker,
}

/// A batch on its way from the server to the store, and its share of memory.
pub struct Batch {
    /// The mails.
    pub items: Vec<SpoolItem>,
    /// Given back once they are taken.
    pub share: OwnedSemaphorePermit,
}

/// The way from fetching to deciding: bounded in batches and in bytes.
pub struct IngestQueue {
    batches: mpsc::Sender<Batch>,
    memory: Arc<Semaphore>,
    end: JoinHandle<Result<u64, StoreError>>,
}

impl IngestQueue {
    /// A share of the memory for this many bytes; waits until it is free.
    pub async fn share(&self, bytes: u64) -> OwnedSemaphorePermit {
        let wanted = u32::try_from(bytes >> 10).unwrap_or(QUEUE_KIB).clamp(1, QUEUE_KIB);
        loop {
            if let Ok(share) = Arc::clone(&self.memory).acquire_many_owned(wanted).await {
                return share;
            }
        }
    }

    /// Sends a batch on; `false` if the store no longer takes any (see [`IngestQueue::finish`]).
    pub async fn send(&self, batch: Batch) -> bool {
        self.batches.send(batch).await.is_ok()
    }

    /// Waits until all that was sent is decided; returns how many mails that were.
    pub async fn finish(self) -> Result<u64, StoreError> {
        drop(self.batches);
        joined(self.end.await)
    }
}

impl Spooler {
    /// Starts taking batches for a folder while more are being fetched.
    pub fn queue(&self, key: &FolderKey) -> IngestQueue {
        let (batches, mut queue) = mpsc::channel::<Batch>(QUEUE);
        let (spooler, key) = (self.clone(), key.clone());
        let end = self.tasks.spawn(async move {
            let mut taken = 0;
            let mut deciding: Option<JoinHandle<Result<(), StoreError>>> = None;
            while let Some(Batch { items, share }) = queue.recv().await {
                // the next batch becomes durable while the last one is decided
                let spooled = spooler.store.spool(&key, items, spooler.clock.now()).await?;
                spooler.heartbeat.beat();
                taken += spooled.len() as u64;
                if let Some(last) = deciding.take() {
                    joined(last.await)?;
                }
                deciding = (!spooled.is_empty()).then(|| spooler.start_deciding(spooled, Some(share)));
            }
            match deciding {
                Some(last) => joined(last.await).map(|()| taken),
                None => Ok(taken),
            }
        });
        IngestQueue { batches, memory: Arc::new(Semaphore::new(QUEUE_KIB as usize)), end }
    }

    /// Decides what was spooled before a crash, but for suspects.
    pub async fn recover(&self) -> Result<(), StoreError> {
        loop {
            let spooled = self.store.undecided(&self.mailbox, RECOVERY_BATCH).await?;
            if spooled.is_empty() {
                return Ok(());
            }
            info!(mailbox = %self.mailbox, mails = spooled.len(), "deciding mails that were spooled before the last stop");
            joined(self.start_deciding(spooled, None).await)?;
        }
    }

    /// Decides suspects, one at a time, each time that the process has lived for a while. Whoever kills it again and again from
    /// outside then kills no innocent mail's last attempt, and a mail that is to blame lets the others pass first.
    pub async fn try_suspects(&self) -> Infallible {
        loop {
            sleep(PROBATION).await;
            if let Err(error) = self.decide_suspects().await {
                tracing::debug!(mailbox = %self.mailbox, "suspects stay undecided: {error}");
            }
        }
    }

    /// Decides suspects now.
    pub async fn decide_suspects(&self) -> Result<(), StoreError> {
        let mut before: Option<LedgerId> = None;
        while let Some(suspect) = self.store.suspect(&self.mailbox).await? {
            let (ledger, attempt) = (suspect.ledger, suspect.attempts);
            if before == Some(ledger) {
                warn!(mailbox = %self.mailbox, attempt, "a mail spooled earlier remains undecided");
                return Ok(());
            }
            info!(mailbox = %self.mailbox, attempt, "deciding a mail alone: twice the program ended while it was at it");
            joined(self.start_deciding(vec![suspect], None).await)?;
            before = Some(ledger);
        }
        Ok(())
    }

    /// Decides a batch in a task of its own, which gives back the batch's share of memory.
    fn start_deciding(
        &self,
        spooled: Vec<Spooled>,
        share: Option<OwnedSemaphorePermit>,
    ) -> JoinHandle<Result<(), StoreError>> {
        let spooler = self.clone();
        self.tasks.spawn(async move {
            let pipeline = spooler.pipeline.borrow().clone();
            pipeline.ingest(spooled).await?;
            spooler.heartbeat.beat();
            drop(share);
            Ok(())
        })
    }
}

/// The outcome of a task of ours; its panic goes on here, because a loop that panics must be seen.
fn joined<T>(outcome: Result<Result<T, StoreError>, tokio::task::JoinError>) -> Result<T, StoreError> {
    match outcome {
        Ok(outcome) => outcome,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(StoreError::Closed),
    }
}

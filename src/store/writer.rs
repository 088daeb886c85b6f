//! The single writer thread: takes jobs by channel, runs each under a savepoint, commits them together, answers after the commit.
//!
//! A job that fails or panics is rolled back alone. A commit that fails answers every job of the group with the fault. The
//! lock file lives as long as the thread.

use std::any::Any;
use std::cell::Cell;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Notify, mpsc, oneshot};

use super::connection;
use super::error::StoreError;
use super::facts::View;

/// Jobs that may wait for the writer.
const QUEUE: usize = 256;
/// Jobs that share a commit at most.
const GROUP: usize = 128;
/// A group is closed after this time, so that nobody waits long for its commit.
const GROUP_TIME: Duration = Duration::from_millis(20);

/// The open write transaction, as a job sees it. Reads through [`View`].
pub struct Tx<'c> {
    view: View<'c>,
    pub(super) queued_mail: &'c Cell<bool>,
}

impl<'c> std::ops::Deref for Tx<'c> {
    type Target = View<'c>;

    fn deref(&self) -> &View<'c> {
        &self.view
    }
}

/// Runs after the commit with its result.
type Answer = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;
/// Runs inside the transaction; gets `None` when none could be begun.
type Job = Box<dyn FnOnce(Option<(&Connection, &Cell<bool>)>) -> Answer + Send>;

/// Handle on the writer thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    pub(super) fn start(
        path: PathBuf,
        connection: Connection,
        lock: Option<File>,
        outbox_changed: Arc<Notify>,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn({
            let path = path.clone();
            move || {
                run(&path, connection, receiver, &outbox_changed);
                drop(lock);
            }
        });
        let thread = thread.map_err(|source| StoreError::File { path, source })?;
        Ok(Self { jobs: Arc::new(Mutex::new(Some(sender))), thread: Arc::new(Mutex::new(Some(thread))) })
    }

    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |open| {
            let result = match open {
                Some((connection, queued_mail)) => under_savepoint(connection, queued_mail, job),
                None => Err(StoreError::Closed),
            };
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(error) => Err(StoreError::Commit(error.to_string())),
                };
                // The one who asked may be gone (a stop); what was committed stays committed.
                drop(reply.send(result));
            })
        });
        let sender = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreError::Closed)?;
        sender.send(job).await.map_err(|_| StoreError::Closed)?;
        drop(sender);
        answer.await.map_err(|_| StoreError::Closed)?
    }

    pub(super) async fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}

fn run(path: &std::path::Path, mut connection: Connection, mut jobs: mpsc::Receiver<Job>, outbox_changed: &Notify) {
    while let Some(first) = jobs.blocking_recv() {
        let queued_mail = Cell::new(false);
        let mut answers = Vec::new();
        let committed = group(&connection, first, &mut jobs, &queued_mail, &mut answers);
        if let Err(error) = &committed {
            tracing::error!(%error, "the database cannot be written");
            // After an I/O error the kernel may have dropped dirty pages: never go on with the same file handles.
            if let Ok(fresh) = connection::open_writer(path) {
                connection = fresh;
            }
        }
        for answer in answers {
            answer(committed.as_ref().map(|_| ()));
        }
        if committed.is_ok() && queued_mail.get() {
            outbox_changed.notify_one();
        }
    }
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the write-ahead log stays until the next start");
    }
}

fn group(
    connection: &Connection,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    queued_mail: &Cell<bool>,
    answers: &mut Vec<Answer>,
) -> Result<(), StoreError> {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        answers.push(first(None));
        return Err(error.into());
    }
    let started = Instant::now();
    answers.push(first(Some((connection, queued_mail))));
    while answers.len() < GROUP && started.elapsed() < GROUP_TIME {
        let Ok(job) = jobs.try_recv() else { break };
        answers.push(job(Some((connection, queued_mail))));
    }
    let committed = connection.execute_batch("COMMIT");
    if committed.is_err() && !connection.is_autocommit() {
        if let Err(error) = connection.execute_batch("ROLLBACK") {
            tracing::warn!(%error, "a failed commit could not be rolled back");
        }
    }
    committed.map_err(StoreError::from)
}

fn under_savepoint<T>(
    connection: &Connection,
    queued_mail: &Cell<bool>,
    job: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| job(&Tx { view: View::new(connection), queued_mail })))
        .unwrap_or_else(|panic| Err(StoreError::Panicked(panic_text(&*panic))));
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    result
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic without a message").to_owned()
}

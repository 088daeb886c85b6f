//! The single writer thread: takes jobs by channel, runs each under a savepoint, commits them together, answers after the commit.
//!
//! A job that fails or panics is rolled back alone. A commit that fails answers every job of the group with the fault. The
//! lock file lives as long as the thread.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::store::engine::check;
use crate::store::engine::error::StoreError;
use crate::store::engine::guard::Guard;
use crate::store::engine::high_water_mark::HighWaterMark;
use crate::store::engine::ids::Ids;
use crate::store::engine::view::{Tx, View};

/// Jobs that may wait for the writer.
const QUEUE: usize = 256;
/// Jobs that share a commit at most.
const GROUP: usize = 128;
/// A group is closed after this time, so that nobody waits long for its commit. Tests do not depend on how busy a machine is.
const GROUP_TIME: Duration = if cfg!(test) { Duration::from_mins(1) } else { Duration::from_millis(20) };

/// Runs after the commit with its result.
type Answer = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;
/// Runs inside the transaction; gets `None` when none could be begun.
type Job = Box<dyn FnOnce(Option<&Group<'_>>) -> Answer + Send>;

/// Jobs that share a transaction.
struct Group<'c> {
    connection: &'c Connection,
    queued_mail: Cell<bool>,
    ids: Ids,
    sending: Cell<Option<HighWaterMark>>,
    /// Why SQLite gave up the whole transaction in the middle of a job (full disk, I/O error), if it did.
    lost: RefCell<Option<StoreError>>,
}

/// Handle on the writer thread.
#[derive(Clone)]
pub(in crate::store) struct Writer {
    jobs: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    pub(in crate::store) fn start(
        path: &Path,
        mut guard: Guard,
        outbox_changed: Arc<Notify>,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || {
            run(&mut guard, receiver, &outbox_changed);
            // The lock goes with it.
            guard.close();
        });
        let thread = thread.map_err(|source| StoreError::File { path: path.to_owned(), source })?;
        Ok(Self { jobs: Arc::new(Mutex::new(Some(sender))), thread: Arc::new(Mutex::new(Some(thread))) })
    }

    pub(in crate::store) async fn run<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |open| {
            let result = match open {
                Some(group) => under_savepoint(group, job),
                None => Err(StoreError::Closed),
            };
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(StoreError::Unwritable(why)) => Err(StoreError::Unwritable(why.clone())),
                    Err(error) => Err(StoreError::Commit {
                        words: error.to_string().trim_start_matches("database: ").to_owned(),
                        full: error.is_full(),
                    }),
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

    pub(in crate::store) async fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}

/// Takes jobs until nobody can send any more.
fn run(guard: &mut Guard, mut jobs: mpsc::Receiver<Job>, outbox_changed: &Notify) {
    while let Some(first) = jobs.blocking_recv() {
        let mut answers = Vec::new();
        let committed = match guard.connection() {
            Ok(connection) => {
                commit_group(connection, first, &mut jobs, &mut answers).inspect_err(|error| guard.failed(error))
            }
            Err(error) => {
                answers.push(first(None));
                Err(error)
            }
        };
        if let Ok(Committed { sending: Some(mark), .. }) = committed {
            guard.note(mark);
        }
        for answer in answers {
            answer(committed.as_ref().map(|_| ()));
        }
        if committed.is_ok_and(|committed| committed.queued_mail) {
            outbox_changed.notify_one();
        }
    }
}

/// What is durable.
#[derive(Clone, Copy)]
struct Committed {
    queued_mail: bool,
    sending: Option<HighWaterMark>,
}

/// Runs `first` and what waits behind it in one transaction; says whether it is durable.
fn commit_group(
    connection: &Connection,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> Result<Committed, StoreError> {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        answers.push(first(None));
        return Err(error.into());
    }
    let group = Group {
        connection,
        queued_mail: Cell::new(false),
        ids: Ids::default(),
        sending: Cell::new(None),
        lost: RefCell::new(None),
    };
    let started = Instant::now();
    answers.push(first(Some(&group)));
    while answers.len() < GROUP && started.elapsed() < GROUP_TIME && group.lost.borrow().is_none() {
        let Ok(job) = jobs.try_recv() else { break };
        answers.push(job(Some(&group)));
    }
    if group.lost.borrow().is_none()
        && let Err(error) = group.ids.write(connection)
    {
        group.lost.replace(Some(error));
    }
    if let Some(why) = group.lost.take() {
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "a transaction on a damaged database could not be rolled back");
        }
        return Err(why);
    }
    let committed = connection.execute_batch("COMMIT");
    if committed.is_err()
        && !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::warn!(%error, "a failed commit could not be rolled back");
    }
    committed?;
    Ok(Committed { queued_mail: group.queued_mail.get(), sending: group.sending.get() })
}

fn under_savepoint<T>(group: &Group<'_>, job: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let Group { connection, queued_mail, ids, sending, lost } = group;
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let (queued_before, sending_before) = (queued_mail.get(), sending.get());
    let tx = Tx::new(View::new(connection), queued_mail, ids, sending);
    let mut result = catch_unwind(AssertUnwindSafe(|| job(&tx)))
        .unwrap_or_else(|panic| Err(StoreError::Panicked(panic_text(&*panic))));
    if connection.is_autocommit() {
        // SQLite ends the whole transaction when it runs out of disk or memory, or on an I/O error (lang_transaction.html).
        let error = result.err().unwrap_or_else(|| StoreError::lost("a statement failed"));
        let answer = StoreError::Lost { words: error.to_string(), full: error.is_full() };
        lost.replace(Some(error));
        return Err(answer);
    }
    if let Err(error) = result.as_ref()
        && check::is_damage(error)
    {
        // What shares a transaction with a read of damaged pages is not written either.
        let answer = StoreError::lost(error.to_string());
        lost.replace(result.err());
        return Err(answer);
    }
    if result.is_err() {
        queued_mail.set(queued_before);
        sending.set(sending_before);
        result = connection.prepare_cached("ROLLBACK TO job")?.execute([]).map_err(StoreError::from).and(result);
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    result
}

/// What a panic said.
pub(in crate::store) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic without a message").to_owned()
}

//! The database: schema, one writer thread with group commit, readers, facts, apply, outbox, ledger, reports.
//!
//! The only place with SQL. What a method that writes has returned `Ok` for is durable (WAL, `synchronous = FULL`).

mod apply;
mod connection;
mod error;
mod facts;
mod fate;
mod folders;
pub mod ledger;
pub mod outbox;
mod pack;
pub mod quarantine;
pub mod reports;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod timers;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Notify;

pub use self::apply::Application;
pub use self::error::StoreError;
pub use self::facts::View;
pub use self::fate::Standing;
pub use self::timers::{DueWork, FailedDelivery, Unseen, WaitingOver};
pub use self::writer::Tx;
use self::writer::Writer;

/// Read-only connections kept open.
const MAX_IDLE_READERS: usize = 4;

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    path: Arc<PathBuf>,
    readers: Arc<Mutex<Vec<Connection>>>,
    outbox_changed: Arc<Notify>,
    work_due: Arc<Notify>,
}

impl Store {
    /// Opens (and creates or migrates) the database at `path`, locks it against a second daemon and starts the writer thread.
    ///
    /// Fails when another daemon has it, when it is newer than this program, or when SQLite finds it damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = connection::lock(path)?;
        let connection = connection::open_writer(path)?;
        let outbox_changed = Arc::new(Notify::new());
        let writer = Writer::start(path.to_owned(), connection, lock, Arc::clone(&outbox_changed))?;
        Ok(Self::with(writer, path, outbox_changed))
    }

    fn with(writer: Writer, path: &Path, outbox_changed: Arc<Notify>) -> Self {
        Self {
            writer,
            path: Arc::new(path.to_owned()),
            readers: Arc::default(),
            outbox_changed,
            work_due: Arc::default(),
        }
    }

    /// Opens the database for a command beside the daemon: reads, and single writes through SQLite's own lock. Never
    /// migrates: that is the daemon's work.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let connection = connection::reopen_writer(path)?;
        let outbox_changed = Arc::new(Notify::new());
        let writer = Writer::start(path.to_owned(), connection, None, Arc::clone(&outbox_changed))?;
        Ok(Self::with(writer, path, outbox_changed))
    }

    /// Runs `job` inside the write transaction, in turn with others, and returns once its commit is durable. Jobs that
    /// wait at the same time share one commit; one that fails or panics is rolled back alone.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.run(job).await
    }

    /// Runs `job` on a read-only snapshot.
    pub async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&View<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (path, readers) = (Arc::clone(&self.path), Arc::clone(&self.readers));
        let reading = tokio::task::spawn_blocking(move || {
            let idle = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match idle {
                Some(connection) => connection,
                None => connection::open_reader(&path)?,
            };
            let transaction = connection.transaction()?;
            let result = job(&View::new(&transaction));
            drop(transaction);
            // What failed once (an I/O error, a file put in the place of ours) is not used again.
            if matches!(&result, Err(StoreError::Sqlite(_))) {
                return result;
            }
            let mut idle = readers.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < MAX_IDLE_READERS {
                idle.push(connection);
            }
            result
        });
        reading.await.map_err(|error| StoreError::Panicked(error.to_string()))?
    }

    /// Whether a daemon has the database open, this one included.
    pub fn daemon_runs(&self) -> bool {
        connection::is_locked(&self.path)
    }

    /// Woken after each commit that put mails into the outbox.
    pub fn outbox_changed(&self) -> &Notify {
        &self.outbox_changed
    }

    /// Woken when a delivery failed or a mail could not be fetched, so that people hear of it at once.
    pub fn work_due(&self) -> &Notify {
        &self.work_due
    }

    /// Ends the writer thread once everything asked for is committed, and checkpoints the write-ahead log.
    pub async fn close(&self) {
        self.writer.close().await;
    }
}

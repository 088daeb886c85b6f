//! The handle on the database that all of postroom goes by.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rusqlite::Connection;
use tokio::sync::{Notify, watch};

use crate::store::engine::disk::Room;
use crate::store::engine::error::StoreError;
use crate::store::engine::guard::Guard;
use crate::store::engine::readers::Readers;
use crate::store::engine::register::Register;
use crate::store::engine::view::{Tx, View};
use crate::store::engine::workers::Workers;
use crate::store::engine::writer::Writer;
use crate::store::engine::{check, connection, disk, opening};

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    pub(in crate::store) path: Arc<PathBuf>,
    pub(in crate::store) readers: Readers,
    /// Set once the desk is settled: commands note nothing.
    pub(in crate::store) register: Arc<OnceLock<Register>>,
    workers: Workers,
    notices: watch::Receiver<String>,
    outbox_changed: Arc<Notify>,
    work_due: Arc<Notify>,
}

impl Store {
    /// Opens (and creates or migrates) the database at `path`, locks it against a second daemon and starts the writer thread.
    ///
    /// Fails when another daemon has it, when it is newer than this program, or when SQLite finds it damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = connection::lock(path).map_err(|error| opening::told(error, path))?;
        Self::start(path, connection::open_writer(path)?, lock)
    }

    fn start(path: &Path, connection: Connection, lock: Option<File>) -> Result<Self, StoreError> {
        let (readers, outbox_changed) = (Readers::default(), Arc::new(Notify::new()));
        let (sender, notices) = watch::channel(String::new());
        let path = Arc::new(path.to_owned());
        let (pool, wake) = (readers.clone(), Arc::clone(&outbox_changed));
        let register = Arc::new(OnceLock::new());
        let guard = Guard::new(&path, connection, lock, Arc::clone(&register), pool, sender);
        let writer = Writer::start(&path, guard, wake)?;
        let workers = Workers::start(&path)?;
        Ok(Self { writer, path, readers, register, workers, notices, outbox_changed, work_due: Arc::default() })
    }

    /// Opens the database for a command beside the daemon: reads, and single writes through SQLite's own lock. Never
    /// migrates: that is the daemon's work.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        opening::require(path)?;
        let connection = connection::reopen_writer(path).map_err(|error| check::named(error, path))?;
        Self::start(path, connection, None)
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
        let (path, readers) = (Arc::clone(&self.path), self.readers.clone());
        let reading = self.in_turn(move || {
            let mut loan = readers.lend(&path)?;
            let transaction = loan.connection.transaction()?;
            let result = job(&View::new(&transaction));
            drop(transaction);
            if let Err(error) = &result
                && check::is_damage(error)
            {
                readers.report_damage();
            }
            // What failed once (an I/O error, a file put in the place of ours) is not used again.
            if !matches!(&result, Err(StoreError::Sqlite(_))) {
                readers.take_back(loan);
            }
            result.map_err(|error| check::named(error, &path))
        });
        reading.await?
    }

    /// Runs a job that keeps a thread busy or waits for the disk, on one of a few threads for such jobs, when it is its turn.
    /// One that panics is [`StoreError::Panicked`].
    pub async fn in_turn<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.workers.run(job).await
    }

    /// Whether a daemon has the database open, this one included.
    pub fn daemon_runs(&self) -> bool {
        connection::is_locked(&self.path)
    }

    /// Proves that what is fetched from now on can be stored: there is room for it, and the writer thread commits.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let path = Arc::clone(&self.path);
        match self.in_turn(move || Room::beside(&path).and_then(Room::trouble)).await? {
            Some(trouble) => Err(StoreError::Unwritable(trouble)),
            None => self.write(|_| Ok(())).await,
        }
    }

    /// Why nothing can be stored, whenever that changes; empty when all is well. For the daemon.
    pub fn notices(&self) -> watch::Receiver<String> {
        self.notices.clone()
    }

    /// Why nothing can be stored in the database at `path`: what the daemon says, else what its file system says. For
    /// commands; works when the database can be neither read nor written.
    pub fn trouble(path: &Path) -> Option<String> {
        connection::read_board(path).or_else(|| Room::beside(path).and_then(Room::trouble))
    }

    /// The files of the database at `path`: itself, its write-ahead log, what the log is shared by, and the daemon's lock.
    pub fn files(path: &Path) -> impl Iterator<Item = PathBuf> {
        ["", "-wal", "-shm", ".lock"].into_iter().map(|ending| disk::beside(path, ending))
    }

    /// Whether a daemon has the database at `path` open.
    pub fn is_in_use(path: &Path) -> bool {
        connection::is_locked(path)
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

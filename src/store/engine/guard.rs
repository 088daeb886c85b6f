//! Keeps the writer's connection honest: drops it after a fault, proves a new one by a real commit, notices files that
//! were removed or replaced under it, and says on the notice board why nothing can be stored.
//!
//! Never goes on with a connection whose commit failed: after a failed fsync the kernel counts the pages as written.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::watch;

use crate::store::engine::check::{advice, is_damage, quick};
use crate::store::engine::connection::{self, BOARD_LEN, open_reader};
use crate::store::engine::disk::{BROKEN_DISK, Marks, REPLACED, Room};
use crate::store::engine::error::StoreError;
use crate::store::engine::high_water_mark::HighWaterMark;
use crate::store::engine::readers::Readers;
use crate::store::engine::register::Register;

/// The least time between two attempts to write again after a fault.
const PAUSE: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_secs(1) };
/// Damage that was not found on a second look, and again within this time, is believed: it lies where that look does not reach.
const BELIEVED: Duration = Duration::from_hours(1);

/// The writer's connection and how it is.
pub(in crate::store) struct Guard {
    path: PathBuf,
    connection: Option<Connection>,
    /// The one whose commit failed, never used again, but open until a new one has committed something: with the last
    /// connection gone, SQLite would read the log anew and take the commit that failed for one that did not.
    parked: Option<Connection>,
    marks: Marks,
    /// The lock file of the daemon, which is the notice board too; `None` for a command.
    board: Option<File>,
    /// This database's line beside the secret.
    register: Arc<OnceLock<Register>>,
    readers: Readers,
    /// Why nothing can be stored, for the daemon; empty when all is well.
    notices: watch::Sender<String>,
    trouble: Option<Trouble>,
    /// When damage was last found that was none on a second look.
    doubted_at: Option<Instant>,
}

struct Trouble {
    reason: String,
    tried_at: Instant,
    /// Found damaged: nothing is written any more until a restart looks at the file anew.
    for_good: bool,
}

impl Guard {
    pub(in crate::store) fn new(
        path: &Path,
        connection: Connection,
        board: Option<File>,
        register: Arc<OnceLock<Register>>,
        readers: Readers,
        notices: watch::Sender<String>,
    ) -> Self {
        let (path, marks) = (path.to_owned(), Marks::of(path));
        Self {
            path,
            connection: Some(connection),
            parked: None,
            marks,
            board,
            register,
            readers,
            notices,
            trouble: None,
            doubted_at: None,
        }
    }

    /// A connection that may be written to, or why there is none.
    pub(in crate::store) fn connection(&mut self) -> Result<&Connection, StoreError> {
        if self.readers.found_damage() && !self.trouble.as_ref().is_some_and(|trouble| trouble.for_good) {
            self.failed(&StoreError::Damaged { path: self.path.clone(), detail: "found while reading".to_owned() });
        }
        if let Some(trouble) = &self.trouble
            && (trouble.for_good || trouble.tried_at.elapsed() < PAUSE)
        {
            return Err(StoreError::Unwritable(trouble.reason.clone()));
        }
        let sound = if self.trouble.is_some() { self.prove() } else { self.same_files() };
        if let Err(error) = sound {
            self.failed(&error);
            return Err(error);
        }
        self.connection.as_ref().ok_or(StoreError::Closed)
    }

    /// A commit failed: the connection is not used again.
    pub(in crate::store) fn failed(&mut self, error: &StoreError) {
        let damage = is_damage(error) && self.believes_damage();
        let mut reason = if is_damage(error) && !damage {
            format!("reading `{}` failed, but it is not damaged; {BROKEN_DISK}", self.path.display())
        } else {
            error.to_string()
        };
        if let Some(hint) = advice(error).filter(|_| !reason.contains("hint:")) {
            reason = format!("{reason}; {hint}");
        }
        let for_good = damage || self.trouble.as_ref().is_some_and(|trouble| trouble.for_good);
        if self.trouble.is_none() {
            tracing::error!("nothing can be stored, the mail servers are left alone: {reason}");
        }
        self.post(&reason);
        self.trouble = Some(Trouble { reason, tried_at: Instant::now(), for_good });
        // The file may be another one meanwhile: that is found by its marks, and needs the old connection.
        if !matches!(error, StoreError::Unwritable(_)) {
            // One that could not even roll back would hold up the next.
            let failed = self.connection.take().filter(Connection::is_autocommit);
            self.parked = self.parked.take().or(failed);
            self.readers.forget();
        }
    }

    /// Looks a second time before nothing is written any more for good.
    fn believes_damage(&mut self) -> bool {
        if self.doubted_at.is_some_and(|at| at.elapsed() < BELIEVED) || is_damaged(&self.path) {
            return true;
        }
        self.doubted_at = Some(Instant::now());
        false
    }

    /// Opens the database anew if need be and commits something, so that what follows is not built on hope.
    fn prove(&mut self) -> Result<(), StoreError> {
        if let Some(trouble) = Room::beside(&self.path).and_then(Room::trouble) {
            return Err(StoreError::Unwritable(trouble));
        }
        self.same_files()?;
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connection::reopen_writer(&self.path)?,
        };
        match connection::checkpoint(&connection).map_err(StoreError::from) {
            // There may be room for one more commit before there is room for the whole log.
            Err(error) if !error.is_full() => return Err(error),
            Ok(()) | Err(_) => {}
        }
        connection.execute_batch(
            "BEGIN IMMEDIATE;
             INSERT INTO counter (name, value) VALUES ('recoveries', 1)
                 ON CONFLICT (name) DO UPDATE SET value = counter.value + 1;
             COMMIT;",
        )?;
        self.marks = Marks::of(&self.path);
        self.connection = Some(connection);
        self.parked = None;
        self.trouble = None;
        self.post("");
        tracing::info!("the database can be written again");
        Ok(())
    }

    /// Whether the database is still the file at its path. A log that was removed is no loss: its content is put into the
    /// database through the handle that we still have.
    fn same_files(&mut self) -> Result<(), StoreError> {
        let now = Marks::of(&self.path);
        if now.database != self.marks.database {
            let what = if now.database.is_some() { "replaced by another file" } else { "removed" };
            let text = format!("the database `{}` was {what} while it was in use; {REPLACED}", self.path.display());
            return Err(StoreError::Unwritable(text));
        }
        let log_is_gone = self.marks.log.is_some() && now.log != self.marks.log;
        if log_is_gone && let Some(old) = self.connection.take() {
            tracing::warn!(
                "the write-ahead log of `{}` was removed while it was in use; its content is put into the database",
                self.path.display()
            );
            self.readers.forget();
            connection::checkpoint(&old)?;
            drop(old);
            self.connection = Some(connection::reopen_writer(&self.path)?);
        }
        // The log comes into being with the first access.
        if now.log.is_none() || log_is_gone {
            self.marks = Marks::of(&self.path);
        }
        Ok(())
    }

    /// Writes the trouble where `status` finds it when the database cannot be written: over bytes that the file has already.
    fn post(&self, text: &str) {
        self.notices.send_if_modified(|posted| {
            let news = posted != text;
            text.clone_into(posted);
            news
        });
        let Some(board) = &self.board else { return };
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(BOARD_LEN, b' ');
        // `status` then looks at the file system by itself.
        drop(board.write_all_at(&bytes, 0));
    }

    /// Notes how far the desk has come, before anybody is answered.
    pub(in crate::store) fn note(&self, mark: HighWaterMark) {
        if let Some(board) = &self.board {
            mark.note(board);
        }
        if let Some(register) = self.register.get() {
            register.note(mark);
        }
    }

    /// The end: the log is put into the database, by the daemon alone.
    pub(in crate::store) fn close(self) {
        if let (Some(connection), Some(_), None) = (&self.connection, &self.board, &self.trouble)
            && let Err(error) = connection::checkpoint(connection)
        {
            tracing::warn!(%error, "the write-ahead log stays until the next start");
        }
        self.post("");
    }
}

/// Whether the file at `path` is damaged on another look too. A read that failed (EIO) looks like damage to SQLite, and passes.
fn is_damaged(path: &Path) -> bool {
    let looked = open_reader(path).and_then(|connection| quick(&connection, path));
    looked.is_err_and(|error| is_damage(&error))
}

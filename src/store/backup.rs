//! A copy of the database while the daemon runs, and what it means to start from one.
//!
//! Never overwrites a file, never leaves half a copy under the name asked for, and never lets a restored copy do again
//! what was done after it was made: mails received since are recorded and lead to nothing, mails queued in it are held.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::error::StoreError;
use super::facts::View;
use super::rows::time;
use super::witness::Witness;
use super::writer::Tx;
use super::{Store, check, connection, schema};
use crate::model::outgoing::Outgoing;

/// In a copy: when it was made. The daemon takes it out when it starts from the copy.
const TAKEN_AT: &str = "backup_taken_at_s";
/// Mails received up to then may have been handled before the restore.
const RESTORED_AT: &str = "restored_at_s";

/// Why a mail is held.
const MAY_HAVE_LEFT: &str = "the database was restored from a backup: it may have been sent since";
/// Holds mails of the outbox: nobody is told of them as failures, `outbox retry` sends them.
const HOLD: &str =
    "UPDATE outbox SET told = CASE WHEN rank = 0 THEN 'failure' ELSE told END, updated_at_s = ?1, reason = ?2,
                        state = CASE WHEN rank = 0 THEN 'failed' ELSE 'uncertain' END";

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Bytes of the copy.
    pub size: u64,
    /// Tickets in it.
    pub tickets: i64,
    /// Mails in it.
    pub mails: i64,
}

/// An older state of a desk, from which it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made; `None` for a database that is no copy made by `postroom backup`.
    pub taken_at: Option<Timestamp>,
    /// Mails of its outbox that are held.
    pub held: usize,
}

impl Store {
    /// Copies the database at `path` to the new file `target`, whatever else reads or writes it, looks the copy over and
    /// makes it durable. Blocks. Nothing is left behind when it fails.
    pub fn backup(path: &Path, target: &Path, now: Timestamp) -> Result<Backup, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let fault = |path: &Path, source| StoreError::File { path: path.to_owned(), source };
        if target.symlink_metadata().is_ok() {
            return Err(fault(target, io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        let partial = Partial::create(target)?;
        let copied = copy(path, &partial.0, now).map_err(|error| check::named(error, path))?;
        File::open(&partial.0).and_then(|file| file.sync_all()).map_err(|source| fault(&partial.0, source))?;
        let size = partial.0.metadata().map_err(|source| fault(&partial.0, source))?.len();
        rename_to_new(&partial.0, target).map_err(|source| fault(target, source))?;
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| fault(folder, source))?;
        Ok(Backup { size, ..copied })
    }

    /// When this database is a copy that the daemon starts from for the first time, or an older state of the one that it
    /// had: holds what was queued in it, and remembers `now`, so that mails received before lead to nothing again.
    pub async fn settle_restored(&self, now: Timestamp) -> Result<Option<Restored>, StoreError> {
        let noted = Witness::noted(&self.path);
        self.write(move |tx| {
            let taken = counter(tx.connection, TAKEN_AT)?;
            let ahead = Witness::of(tx.connection).map(|own| noted.filter(|noted| own.is_behind(*noted)))?;
            if taken.is_none() && ahead.is_none() {
                return Ok(None);
            }
            let sql = format!("{HOLD} WHERE state IN ('queued', 'sending', 'deferred', 'uncertain')");
            let held = tx.connection.execute(&sql, params![now.as_second(), MAY_HAVE_LEFT])?;
            tx.drop_news(MAY_HAVE_LEFT, now)?;
            set_counter(tx.connection, RESTORED_AT, now.as_second())?;
            tx.connection.execute("DELETE FROM counter WHERE name = ?1", [TAKEN_AT])?;
            ahead.map(|noted| tx.catch_up(noted)).transpose()?;
            Ok(Some(Restored { taken_at: taken.map(time).transpose()?, held }))
        })
        .await
    }
}

impl Tx<'_> {
    /// Mails that were just queued are held: what caused them came before a restore.
    pub(super) fn hold_queued(&self, mails: &[Outgoing], now: Timestamp) -> Result<(), StoreError> {
        let sql = format!("{HOLD} WHERE outgoing = (SELECT id FROM outgoing WHERE message_id = ?3)");
        for mail in mails {
            let parameters = params![now.as_second(), MAY_HAVE_LEFT, mail.message_id.as_str()];
            self.connection.prepare_cached(&sql)?.execute(parameters)?;
        }
        Ok(())
    }
}

impl View<'_> {
    /// The moment of the last restore from a backup, if there was one: what mails received before it led to may have
    /// happened already.
    pub fn restored_at(&self) -> Result<Option<Timestamp>, StoreError> {
        counter(self.connection, RESTORED_AT)?.map(time).transpose()
    }
}

pub(super) fn counter(connection: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn set_counter(connection: &Connection, name: &str, value: i64) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute(params![name, value])?;
    Ok(())
}

/// A file in the making, removed unless it got its name.
struct Partial(PathBuf);

impl Partial {
    fn create(target: &Path) -> Result<Self, StoreError> {
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let path = PathBuf::from(name);
        let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path);
        made.map(drop).map_err(|source| StoreError::File { path: path.clone(), source })?;
        Ok(Self(path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for ending in ["", "-journal"] {
            // Most often it has its name by now.
            drop(std::fs::remove_file(super::disk::beside(&self.0, ending)));
        }
    }
}

/// One consistent picture: in WAL mode a reader holds up no writer.
fn copy(path: &Path, target: &Path, now: Timestamp) -> Result<Backup, StoreError> {
    let source = connection::open_reader(path)?;
    if schema::check_version(&source, path)? == 0 {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut made = Connection::open_with_flags(target, flags)?;
    let step = Copying::new(&source, &mut made)?.step(-1)?;
    if step != StepResult::Done {
        return Err(StoreError::Lost(format!("the copy was not finished ({step:?}), try again")));
    }
    // A copy is one file.
    made.pragma_update(None, "journal_mode", "delete")?;
    set_counter(&made, TAKEN_AT, now.as_second())?;
    if let Some(fault) = check::thorough(&made)?.first() {
        return Err(StoreError::Damaged { path: path.to_owned(), detail: fault.replace('\n', " ") });
    }
    let sql = "SELECT (SELECT count(*) FROM ticket), (SELECT count(*) FROM mail)";
    let (tickets, mails) = made.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Backup { size: 0, tickets, mails })
}

/// Gives a file its name unless a file has it.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some network file systems cannot; then there is an instant in which another file could come into being.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if to.symlink_metadata().is_err() => {
            std::fs::rename(from, to)
        }
        done => Ok(done?),
    }
}

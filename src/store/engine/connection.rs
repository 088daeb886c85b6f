//! Opening the database file: settings, the lock against a second daemon, file modes.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{DirBuilderExt, FileExt as _, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::store::engine::disk::beside;
use crate::store::engine::error::StoreError;
use crate::store::engine::{check, schema};

/// Prepared statements kept by a connection.
const STATEMENT_CACHE: usize = 128;

/// A command may hold the daemon's lock for an instant, to learn whether there is a daemon.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// Pages that the writer keeps in memory, and each of the readers, which come and go.
const CACHE_KIB: i64 = 16_000;
const READER_CACHE_KIB: i64 = 512;
/// Bytes of the notice board in the lock file.
pub(in crate::store) const BOARD_LEN: usize = 1024;
/// How long one writer waits for another.
const BUSY_TIME: Duration = Duration::from_secs(30);
/// How long a checkpoint waits for readers.
const CHECKPOINT_TIME: Duration = Duration::from_secs(2);

/// Takes the lock that only one daemon can have; released when the file is dropped.
pub(in crate::store) fn lock(path: &Path) -> Result<Option<File>, StoreError> {
    let lock_path = lock_path(path);
    let fault = |source| StoreError::File { path: lock_path.clone(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| StoreError::File { path: folder.to_owned(), source })?;
    }
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path).map_err(fault)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => {
                // Room for the notice board, while there is some; without it `status` knows less of a full disk.
                drop(file.write_all_at(&[b' '; BOARD_LEN], 0));
                return Ok(Some(file));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(source)) => return Err(fault(source)),
        }
    }
    Err(StoreError::InUse(path.to_owned()))
}

/// Whether a daemon holds the lock.
pub(in crate::store) fn is_locked(path: &Path) -> bool {
    let Ok(file) = File::open(lock_path(path)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Why the daemon cannot store anything, if it runs and has said so.
pub(in crate::store) fn read_board(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(lock_path(path)).ok()?.take(BOARD_LEN as u64).read_to_string(&mut text).ok()?;
    let text = text.trim_end();
    (is_locked(path) && !text.is_empty()).then(|| text.to_owned())
}

pub(in crate::store) fn lock_path(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// Opens the database for the daemon: creates or migrates it.
pub(in crate::store) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let opened = match create_and_open(path) {
        // A read that failed looks like damage to SQLite: what is damaged is so the next time too.
        Err(error) if check::is_damage(&error) => create_and_open(path),
        opened => opened,
    };
    opened.map_err(|error| check::named(error, path))
}

fn create_and_open(path: &Path) -> Result<Connection, StoreError> {
    create(path)?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Only an empty database takes these two.
    connection.pragma_update(None, "page_size", 16_384)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    configure_writer(&connection)?;
    check::quick(&connection, path)?;
    schema::migrate(&mut connection, path)?;
    // What an earlier run believed to be on the disk, after a failed fsync say, is written anew.
    match checkpoint(&connection).map_err(StoreError::from) {
        Err(error) if !error.is_full() => Err(error),
        Ok(()) | Err(_) => Ok(connection),
    }
}

/// Puts the write-ahead log into the database and empties it, as far as readers allow within two seconds.
pub(in crate::store) fn checkpoint(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(CHECKPOINT_TIME)?;
    // A reader that takes its time holds up nothing: the log is as durable as the database.
    let done = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    connection.busy_timeout(BUSY_TIME)?;
    done
}

/// Opens the database for writing as it is: after a fault, or beside the daemon.
pub(in crate::store) fn reopen_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    configure_writer(&connection)?;
    schema::require_newest(&connection, path)?;
    Ok(connection)
}

/// Opens the database for reading.
pub(in crate::store) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    configure(&connection)?;
    // While mail is written, what a reader remembers is out of date by its next transaction.
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    Ok(connection)
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    Ok(Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// Customers' mails are for the daemon's user alone, from the first byte; SQLite gives the same mode to the files beside it.
fn create(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().create_new(true).write(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::File { path: path.to_owned(), source }),
    }
}

fn configure_writer(connection: &Connection) -> Result<(), StoreError> {
    configure(connection)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "secure_delete", "on")?;
    connection.pragma_update(None, "wal_autocheckpoint", 2_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    Ok(())
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIME)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // Else SQLite plans some statements anew for every value that is bound (a LIMIT, a partial index): a sixth of our time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(())
}

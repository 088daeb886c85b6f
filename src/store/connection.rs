//! Opening the database file: settings, the lock against a second daemon, file modes.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;
use super::schema;

/// Prepared statements kept by a connection.
const STATEMENT_CACHE: usize = 128;

/// Takes the lock that only one daemon can have; released when the file is dropped.
pub(super) fn lock(path: &Path) -> Result<Option<File>, StoreError> {
    let lock_path = lock_path(path);
    let fault = |source| StoreError::File { path: lock_path.clone(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::File { path: folder.to_owned(), source })?;
    }
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path).map_err(fault)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(fault(source)),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Opens the database for writing, creates or migrates it.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let new = !path.exists();
    let mut connection = Connection::open(path)?;
    if new {
        restrict(path)?;
        connection.pragma_update(None, "page_size", 16_384)?;
    }
    connection.pragma_update(None, "journal_mode", "wal")?;
    configure(&connection)?;
    connection.pragma_update(None, "secure_delete", "on")?;
    connection.pragma_update(None, "wal_autocheckpoint", 2_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Opens the database for reading.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&connection)?;
    Ok(connection)
}

/// Refuses a database that a newer program made, or that was never set up.
pub(super) fn check_version(path: &Path) -> Result<(), StoreError> {
    let connection = open_reader(path)?;
    schema::check_version(&connection).map(|_| ())
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(())
}

/// Customers' mails are for the daemon's user alone.
fn restrict(path: &Path) -> Result<(), StoreError> {
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, mode).map_err(|source| StoreError::File { path: path.to_owned(), source })
}

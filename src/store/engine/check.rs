//! Looking for damage: quickly and in bounded time at every start, thoroughly on demand. And the faults that mean damage.
//!
//! SQLite has no checksums over pages: what these find is structure that is broken. Stored mails have a digest each.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use crate::store::engine::disk::{BROKEN_DISK, FULL, READ_ONLY};
use crate::store::engine::error::StoreError;
use crate::store::engine::opening;

/// How long a start looks for damage at most.
const QUICK_LIMIT: Duration = Duration::from_secs(2);
/// Faults named by a thorough look at most.
const MAX_FAULTS: i64 = 20;

/// Looks over the structure for two seconds at most; damage is an error, not having come to the end is none.
pub(in crate::store) fn quick(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let handle = connection.get_interrupt_handle();
    let (end, ended) = channel::<()>();
    let found = std::thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(QUICK_LIMIT) == Err(RecvTimeoutError::Timeout) {
                handle.interrupt();
            }
        });
        let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        drop(end);
        found
    });
    match found {
        Ok(text) if text == "ok" => Ok(()),
        Ok(text) => Err(damaged(path, &text)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            tracing::info!("the database is large: it was looked over in part, `postroom doctor` looks at all of it");
            Ok(())
        }
        Err(error) => Err(named(error.into(), path)),
    }
}

/// Everything that is broken, in words: structure, indexes, references. Empty when all is well. Takes as long as it takes.
pub(in crate::store) fn thorough(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MAX_FAULTS})"))?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    for text in found {
        faults.push(text?);
    }
    faults.retain(|text| text != "ok");
    let sql = "SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY 1";
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    for row in found {
        let (table, count) = row?;
        faults.push(format!("{count} rows of table `{table}` refer to rows that do not exist"));
    }
    Ok(faults)
}

/// The fault with the file named, when it means that the file is damaged or may not be opened.
pub(in crate::store) fn named(error: StoreError, path: &Path) -> StoreError {
    if code(&error) == Some(ErrorCode::NotADatabase) {
        return damaged(path, "it does not begin as a database does: perhaps `desk.database` names another file");
    }
    if is_damage(&error) {
        return damaged(path, error.to_string().trim_start_matches("database: "));
    }
    opening::told(error, path)
}

fn damaged(path: &Path, detail: &str) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), detail: detail.replace('\n', " ").trim().to_owned() }
}

/// Whether SQLite found that what it read is no sound database.
pub(in crate::store) fn is_damage(error: &StoreError) -> bool {
    match code(error) {
        Some(code) => matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase),
        None => matches!(error, StoreError::Damaged { .. }),
    }
}

/// What people can do about a fault of the database or the disk under it.
pub(in crate::store) fn advice(error: &StoreError) -> Option<&'static str> {
    let known = [
        (ErrorCode::DiskFull, FULL),
        (ErrorCode::ReadOnly, READ_ONLY),
        (ErrorCode::SystemIoFailure, BROKEN_DISK),
        (ErrorCode::CannotOpen, BROKEN_DISK),
    ];
    let code = code(error)?;
    known.into_iter().find(|(known, _)| *known == code).map(|(_, advice)| advice)
}

fn code(error: &StoreError) -> Option<ErrorCode> {
    if let StoreError::Sqlite(error) = error { error.sqlite_error_code() } else { None }
}

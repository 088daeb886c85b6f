//! What can go wrong with the database, in words that say what to do.

use std::io::ErrorKind;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::model::text::os_words;
use crate::store::engine::disk::RESTORE;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The commit that the job shared failed; nothing of it was written.
    #[error("database: commit failed, nothing was written: {words}")]
    Commit {
        /// What SQLite said.
        words: String,
        /// Whether the disk is full.
        full: bool,
    },
    /// SQLite gave up the transaction in the middle; nothing of it was written.
    #[error("{words}")]
    Lost {
        /// What SQLite said.
        words: String,
        /// Whether the disk is full.
        full: bool,
    },
    /// There is no database yet.
    #[error("{words}")]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// That it is not there, and what to do.
        words: String,
    },
    /// There is something, and we may not or cannot open it: why, and what to do.
    #[error("{0}")]
    Unopenable(String),
    /// Another daemon has it.
    #[error("database `{}` is in use by another postroom daemon", .0.display())]
    InUse(PathBuf),
    /// Made by a newer program.
    #[error("database has schema version {found}, this program knows versions up to {known}: install a newer postroom")]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// Made by an older program.
    #[error(
        "database has schema version {found}, this program needs {known}: the daemon brings it up to date when it \
             is started with `postroom run`"
    )]
    Older {
        /// The version found.
        found: i64,
        /// The version needed.
        known: i64,
    },
    /// A database, but not one of ours.
    #[error("`{}` is the database of another program", .0.display())]
    Foreign(PathBuf),
    /// A file operation failed.
    #[error("`{}`: {}", path.display(), os_words(source))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A row holds what no row should.
    #[error("database: unexpected value in {0}")]
    Corrupt(String),
    /// SQLite finds the database damaged.
    #[error("database `{}` is damaged ({detail}); {RESTORE}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// Nothing can be stored at the moment: why, and what to do.
    #[error("{0}")]
    Unwritable(String),
    /// The job panicked; nothing of it was written.
    #[error("internal fault: {0}")]
    Panicked(String),
    /// No such row.
    #[error("{0}")]
    NotFound(String),
    /// The writer thread has stopped.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// A transaction that was given up, not because the disk is full.
    pub(in crate::store) fn lost(words: impl Into<String>) -> Self {
        Self::Lost { words: words.into(), full: false }
    }

    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::DiskFull),
            Self::Commit { full, .. } | Self::Lost { full, .. } => *full,
            Self::Missing { .. }
            | Self::Unopenable(_)
            | Self::InUse(_)
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Foreign(_)
            | Self::File { .. }
            | Self::Corrupt(_)
            | Self::Damaged { .. }
            | Self::Unwritable(_)
            | Self::Panicked(_)
            | Self::NotFound(_)
            | Self::Closed => false,
        }
    }

    /// Whether it may pass by itself: the disk is full, ill, or read-only for now.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::DatabaseBusy
                )
            ),
            Self::File { source, .. } => {
                matches!(
                    source.kind(),
                    ErrorKind::StorageFull | ErrorKind::ReadOnlyFilesystem | ErrorKind::QuotaExceeded
                )
            }
            Self::Unwritable(_) | Self::Commit { .. } | Self::Lost { .. } => true,
            Self::Missing { .. }
            | Self::Unopenable(_)
            | Self::InUse(_)
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Foreign(_)
            | Self::Corrupt(_)
            | Self::Damaged { .. }
            | Self::Panicked(_)
            | Self::NotFound(_)
            | Self::Closed => false,
        }
    }

    /// Whether the fault lies in this one job (a panic, an odd value), not in the database.
    pub fn concerns_one_job(&self) -> bool {
        match self {
            Self::Panicked(_) | Self::Corrupt(_) | Self::NotFound(_) => true,
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation),
            Self::Commit { .. }
            | Self::Lost { .. }
            | Self::Missing { .. }
            | Self::Unopenable(_)
            | Self::InUse(_)
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Foreign(_)
            | Self::File { .. }
            | Self::Damaged { .. }
            | Self::Unwritable(_)
            | Self::Closed => false,
        }
    }
}

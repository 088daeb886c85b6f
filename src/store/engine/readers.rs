//! Read-only connections kept open, and given up together when the database under them may be another one.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::store::engine::connection;
use crate::store::engine::error::StoreError;

/// Connections kept open.
const MAX_IDLE: usize = 4;

/// The pool; cheap to clone.
#[derive(Clone, Default)]
pub(in crate::store) struct Readers(Arc<Inner>);

#[derive(Default)]
struct Inner {
    idle: Mutex<Vec<Connection>>,
    /// Grows when connections opened so far must not be used any more.
    generation: AtomicU64,
    damage: AtomicBool,
}

/// A connection on loan.
pub(in crate::store) struct Loan {
    pub(in crate::store) connection: Connection,
    generation: u64,
}

impl Readers {
    /// An idle connection, or a new one.
    pub(in crate::store) fn lend(&self, path: &Path) -> Result<Loan, StoreError> {
        let generation = self.0.generation.load(Ordering::Acquire);
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_reader(path)?,
        };
        Ok(Loan { connection, generation })
    }

    /// Takes a connection back.
    pub(in crate::store) fn take_back(&self, loan: Loan) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if loan.generation == self.0.generation.load(Ordering::Acquire) && idle.len() < MAX_IDLE {
            idle.push(loan.connection);
        }
    }

    /// Gives up all connections; those on loan are not taken back.
    pub(in crate::store) fn forget(&self) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.generation.fetch_add(1, Ordering::AcqRel);
        idle.clear();
    }

    #[cfg(test)]
    pub(in crate::store) fn idle(&self) -> usize {
        self.0.idle.lock().unwrap().len()
    }

    /// A reader found the database damaged: the writer must not write to it.
    pub(in crate::store) fn report_damage(&self) {
        self.0.damage.store(true, Ordering::Release);
    }

    /// Whether one did since this was last asked.
    pub(in crate::store) fn found_damage(&self) -> bool {
        self.0.damage.swap(false, Ordering::AcqRel)
    }
}

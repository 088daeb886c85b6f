//! What a tick has done so far, and when the last one was.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::store::StoreError;

/// Jobs done, and the fault of one that could not be done.
#[derive(Default)]
pub(super) struct Tally {
    done: usize,
    fault: Option<StoreError>,
}

impl Tally {
    /// Counts a job. The fault of one job is remembered, a fault of the database ends the tick.
    pub(super) fn count(&mut self, job: Result<(), StoreError>) -> Result<(), StoreError> {
        match job {
            Ok(()) => self.done += 1,
            Err(error) if error.concerns_one_job() => self.fault = Some(error),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// How many jobs were done, or the fault of one.
    pub(super) fn result(self) -> Result<usize, StoreError> {
        self.fault.map_or(Ok(self.done), Err)
    }
}

/// When a tick last looked at what is due.
#[derive(Default)]
pub(super) struct LastLook(Mutex<Option<Timestamp>>);

impl LastLook {
    /// Whether nobody looked before with this config, or the clock was put back since: then times that were worked out
    /// earlier are worth nothing.
    pub(super) fn is_first_or_back(&self, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.replace(now);
        before.is_none_or(|before| now < before)
    }
}

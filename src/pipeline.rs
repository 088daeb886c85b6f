//! The flow: parse → facts → thread → classify → decide → compose → apply, one transaction a mail.

use crate::model::plan::Fate;
use crate::store::StoreError;
use crate::store::ledger::Spooled;

/// The parts of one config, ready to take mails.
#[derive(Clone)]
pub struct Pipeline {}

impl Pipeline {
    /// Decides each mail of the batch, in order; durable when it returns. A mail that cannot be handled is quarantined.
    pub async fn ingest(&self, batch: Vec<Spooled>) -> Result<Vec<Fate>, StoreError> {
        let _ = batch;
        Err(StoreError::Closed)
    }
}

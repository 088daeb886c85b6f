//! The outbox: one row a mail and recipient, with the SMTP phase on record.

use jiff::Timestamp;

use super::{Store, StoreError};
use crate::model::address::Address;
use crate::model::id::{MailId, OutboxId};
use crate::model::outgoing::OutgoingKind;

/// A mail that is due, taken into the state `sending`.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its row.
    pub id: OutboxId,
    /// What it is.
    pub kind: OutgoingKind,
    /// The one envelope recipient.
    pub recipient: Address,
    /// Envelope sender; `None` is `<>`.
    pub envelope_from: Option<Address>,
    /// An own address to fall back to when the server refuses the null sender.
    pub fallback_from: Address,
    /// Its Message-ID.
    pub message_id: MailId,
    /// The mail, CR LF, ASCII.
    pub bytes: Vec<u8>,
    /// Earlier attempts.
    pub attempts: u32,
    /// When it was decided.
    pub queued_at: Timestamp,
}

impl Store {
    /// After a start, before the first [`Store::outbox_take`]: rows left in `sending` are queued again (nothing was said after DATA);
    /// rows left `uncertain` are queued again when their kind is sent at least once, else they stay `uncertain` for good.
    pub async fn outbox_recover(&self, now: Timestamp) -> Result<(), StoreError> {
        let _ = now;
        Err(StoreError::Closed)
    }

    /// Takes up to `limit` mails that are due into `sending`: answers before machine mail, oldest first.
    pub async fn outbox_take(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        let _ = (now, limit);
        Err(StoreError::Closed)
    }

    /// When the next deferred mail is due.
    pub async fn outbox_next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        Err(StoreError::Closed)
    }

    /// Durable before the final dot goes out: from now on the server may have the mail.
    pub async fn outbox_uncertain(&self, id: OutboxId, now: Timestamp) -> Result<(), StoreError> {
        let _ = (id, now);
        Err(StoreError::Closed)
    }

    /// The server took it; `reply` is what it said.
    pub async fn outbox_sent(&self, id: OutboxId, reply: &str, now: Timestamp) -> Result<(), StoreError> {
        let _ = (id, reply, now);
        Err(StoreError::Closed)
    }

    /// To be tried again at `next_at`; counts the attempt.
    pub async fn outbox_deferred(
        &self,
        id: OutboxId,
        reason: &str,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _ = (id, reason, next_at, now);
        Err(StoreError::Closed)
    }

    /// Will never arrive. The ticket is reopened and the agent told by the next tick of the pipeline.
    pub async fn outbox_failed(&self, id: OutboxId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let _ = (id, reason, now);
        Err(StoreError::Closed)
    }

    /// The reply after the final dot was lost and the kind is sent at most once: stays `uncertain` with the reason.
    pub async fn outbox_left_uncertain(&self, id: OutboxId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let _ = (id, reason, now);
        Err(StoreError::Closed)
    }

    /// Back to `queued`, nothing counted: they were taken but not tried (stop, no connection).
    pub async fn outbox_release(&self, ids: Vec<OutboxId>, reason: &str, next_at: Timestamp) -> Result<(), StoreError> {
        let _ = (ids, reason, next_at);
        Err(StoreError::Closed)
    }
}

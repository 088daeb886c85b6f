//! The ledger: for every (mailbox, folder, UIDVALIDITY, UID) what became of it. And the spool: raw bytes, written once.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Store, StoreError};
use crate::model::id::{LedgerId, MailboxId};
use crate::model::mail::{Arrival, RawMail};

/// One folder of one mailbox under one UIDVALIDITY. A Maildir has the UIDVALIDITY 1 and hashes of file names as UIDs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderKey {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The folder's name, decoded (`INBOX`, `Wysłane`).
    pub folder: String,
    /// UIDVALIDITY (RFC 3501 §2.3.1.1).
    pub uid_validity: u32,
}

/// Whether we have seen a folder before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// Never: the mailbox's `import` decides what is taken of what stands there.
    First,
    /// Under this UIDVALIDITY, since that moment.
    Known {
        /// First contact with the folder.
        since: Timestamp,
    },
    /// Under another UIDVALIDITY, since that moment: all of it is fetched again as [`Arrival::Import`] and matched by fingerprint.
    Renumbered {
        /// First contact with the folder.
        since: Timestamp,
    },
}

/// A mail to spool.
#[derive(Clone, Debug)]
pub struct SpoolItem {
    /// Its UID, below 2^63.
    pub uid: u64,
    /// INTERNALDATE.
    pub received_at: Timestamp,
    /// How it reached us.
    pub arrival: Arrival,
    /// Raw bytes (headers alone if `omitted`).
    pub bytes: Arc<[u8]>,
    /// Size on the server when the body was left there.
    pub omitted: Option<u64>,
}

/// A mail whose bytes are durable, ready to be decided.
#[derive(Clone, Debug)]
pub struct Spooled {
    /// Its row in the ledger.
    pub ledger: LedgerId,
    /// Its UID, to act on the server afterwards.
    pub uid: u64,
    /// Times we have begun to decide it, this one included (counted before trying).
    pub attempts: u32,
    /// Its bytes and what the server said.
    pub mail: RawMail,
}

/// What `status` shows of a mailbox; the daemon writes it when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxHealth {
    /// Logged in (or the Maildir is readable).
    pub connected: bool,
    /// What is wrong, in words; `None` when nothing is.
    pub error: Option<String>,
    /// UIDs on the server that the ledger lacks, over all folders, at the last look.
    pub gap: u64,
}

impl Store {
    /// Notes that we look at a folder under this UIDVALIDITY, and says whether we know it. `First` and `Renumbered` are
    /// said again until [`Store::folder_ready`] has been called.
    pub async fn folder_contact(&self, key: &FolderKey, now: Timestamp) -> Result<Contact, StoreError> {
        let _ = (key, now);
        Err(StoreError::Closed)
    }

    /// The backlog of first contact has been taken or ignored: what comes from now on is [`Arrival::Live`].
    pub async fn folder_ready(&self, key: &FolderKey) -> Result<(), StoreError> {
        let _ = key;
        Err(StoreError::Closed)
    }

    /// All UIDs of the folder that the ledger has, in ascending order.
    pub async fn known_uids(&self, key: &FolderKey) -> Result<Vec<u64>, StoreError> {
        let _ = key;
        Err(StoreError::Closed)
    }

    /// Records UIDs whose mail is not taken, with the reason (import policy); never overwrites a row.
    pub async fn ignore_uids(
        &self,
        key: &FolderKey,
        uids: Vec<u64>,
        reason: &'static str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _ = (key, uids, reason, now);
        Err(StoreError::Closed)
    }

    /// Makes mails durable, one commit for the batch (shared with whatever else is being written). UIDs that the ledger
    /// already has are left out of the answer.
    pub async fn spool(
        &self,
        key: &FolderKey,
        batch: Vec<SpoolItem>,
        now: Timestamp,
    ) -> Result<Vec<Spooled>, StoreError> {
        let _ = (key, batch, now);
        Err(StoreError::Closed)
    }

    /// Mails of the mailbox spooled and not yet decided (after a crash), oldest first, at most `limit`, with their folder
    /// key. Counts the attempt.
    pub async fn undecided(&self, mailbox: &MailboxId, limit: usize) -> Result<Vec<Spooled>, StoreError> {
        let _ = (mailbox, limit);
        Err(StoreError::Closed)
    }

    /// UIDs decided whose server action (`seen`, `move:`) has not been done yet.
    pub async fn pending_actions(&self, key: &FolderKey, limit: usize) -> Result<Vec<(LedgerId, u64)>, StoreError> {
        let _ = (key, limit);
        Err(StoreError::Closed)
    }

    /// The server action of these is done (or can never be done: the mail is gone).
    pub async fn actions_done(&self, rows: Vec<LedgerId>) -> Result<(), StoreError> {
        let _ = rows;
        Err(StoreError::Closed)
    }

    /// A mail that could not even be fetched three times: recorded as quarantined without bytes so that the rest goes on.
    /// Counts a failed fetch of `uid` and returns the number of failures so far, this one included.
    pub async fn count_fetch_failure(&self, key: &FolderKey, uid: u64, now: Timestamp) -> Result<u32, StoreError> {
        let _ = (key, uid, now);
        Err(StoreError::Closed)
    }

    /// Writes what `status` shows of a mailbox.
    pub async fn report_health(
        &self,
        mailbox: &MailboxId,
        health: MailboxHealth,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _ = (mailbox, health, now);
        Err(StoreError::Closed)
    }
}

//! The folders that are watched, each under every UIDVALIDITY it has had.
//!
//! Never trusts a UID once its folder was numbered anew, and never forgets what became of a mail.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::model::id::MailboxId;
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::time;
use crate::store::engine::store::Store;
use crate::store::engine::view::{Tx, View};

/// Recorded for mail that could not be fetched before its folder was numbered anew: it has another UID now.
const RENUMBERED: &str = "its folder was numbered anew before it could be fetched";
/// A row whose UIDVALIDITY came back keeps it, with a generation above these bits.
const GENERATION_BITS: u32 = 32;

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
    First {
        /// When a daemon was first told to watch it; `None` when none was before this moment.
        since: Option<Timestamp>,
    },
    /// Under this UIDVALIDITY, since that moment.
    Known {
        /// First contact with the folder.
        since: Timestamp,
    },
    /// Under another UIDVALIDITY, since that moment: all of it is fetched again as [`crate::model::mail::Arrival::Import`] and matched by fingerprint.
    Renumbered {
        /// First contact with the folder.
        since: Timestamp,
    },
}

/// A folder under one UIDVALIDITY.
struct KnownFolder {
    id: i64,
    uid_validity: i64,
    ready: bool,
    first_contact: i64,
}

impl Store {
    /// Notes that we look at a folder under this UIDVALIDITY, and says whether we know it. `First` and `Renumbered` are
    /// said again until [`Store::folder_ready`] has been called. After a change, what was due on the server under
    /// another UIDVALIDITY is dropped. An old value that comes back is a change too: its UIDs may name other mails now.
    pub async fn folder_contact(&self, key: &FolderKey, now: Timestamp) -> Result<Contact, StoreError> {
        let key = key.clone();
        self.write(move |tx| tx.folder_contact(&key, now)).await
    }

    /// The backlog of first contact has been taken or ignored: what comes from now on is [`crate::model::mail::Arrival::Live`].
    pub async fn folder_ready(&self, key: &FolderKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.write(move |tx| {
            let sql = "UPDATE folder SET ready = 1 WHERE id = ?1";
            tx.connection.prepare_cached(sql)?.execute([tx.folder(&key)?])?;
            Ok(())
        })
        .await
    }

    /// The server numbers the folder anew under the same UIDVALIDITY: nothing is known of its UIDs any more.
    pub async fn folder_numbered_anew(&self, key: &FolderKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.write(move |tx| {
            let known = tx.folders(&key)?;
            tx.retire(&key, &known)
        })
        .await
    }
}

impl View<'_> {
    pub(in crate::store) fn folder(&self, key: &FolderKey) -> Result<i64, StoreError> {
        let sql = "SELECT id FROM folder WHERE mailbox = ?1 AND name = ?2 AND uid_validity = ?3";
        let parameters = params![key.mailbox.as_str(), key.folder, key.uid_validity];
        let id = self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0)).optional()?;
        id.ok_or_else(|| StoreError::NotFound(format!("folder `{}` of `{}` is not known yet", key.folder, key.mailbox)))
    }
}

impl Tx<'_> {
    fn folder_contact(&self, key: &FolderKey, now: Timestamp) -> Result<Contact, StoreError> {
        let known = self.folders(key)?;
        let watched = self.watched_since(key)?;
        let first = watched.unwrap_or(now).min(now).as_second();
        let since = known.iter().map(|folder| folder.first_contact).min().unwrap_or(first);
        let contact = match known.last() {
            Some(newest) if newest.uid_validity == i64::from(key.uid_validity) => match (newest.ready, known.len()) {
                (true, _) => Contact::Known { since: time(since)? },
                (false, 1) => Contact::First { since: watched },
                (false, _) => Contact::Renumbered { since: time(since)? },
            },
            Some(_) => {
                self.retire(key, &known)?;
                self.add_folder(key, since)?;
                Contact::Renumbered { since: time(since)? }
            }
            None => {
                self.add_folder(key, since)?;
                Contact::First { since: watched }
            }
        };
        Ok(contact)
    }

    /// What is known of the folder under every UIDVALIDITY; the one in force is the last.
    fn folders(&self, key: &FolderKey) -> Result<Vec<KnownFolder>, StoreError> {
        let sql = "SELECT id, uid_validity, ready, first_contact_at_s FROM folder
                   WHERE mailbox = ?1 AND name = ?2 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let folders = statement.query_map(params![key.mailbox.as_str(), key.folder], |row| {
            Ok(KnownFolder {
                id: row.get(0)?,
                uid_validity: row.get(1)?,
                ready: row.get(2)?,
                first_contact: row.get(3)?,
            })
        })?;
        Ok(folders.collect::<Result<_, _>>()?)
    }

    fn add_folder(&self, key: &FolderKey, first_contact: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO folder (id, mailbox, name, uid_validity, first_contact_at_s, ready) VALUES (?1, ?2, ?3, ?4, ?5, 0)";
        let id = self.next_id(Numbered::Folder)?;
        let parameters = params![id, key.mailbox.as_str(), key.folder, key.uid_validity, first_contact];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        Ok(())
    }

    /// Nothing is known of the UIDs of a mailbox any more: another server may give the same ones under the same UIDVALIDITY.
    pub(in crate::store) fn retire_all(&self, mailbox: &MailboxId) -> Result<(), StoreError> {
        let sql = "SELECT name, uid_validity FROM folder WHERE mailbox = ?1 AND uid_validity < ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let current = statement
            .query_map(params![mailbox.as_str(), 1_i64 << GENERATION_BITS], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let current: Vec<(String, u32)> = current.collect::<Result<_, _>>()?;
        for (folder, uid_validity) in current {
            let key = FolderKey { mailbox: mailbox.clone(), folder, uid_validity };
            self.retire(&key, &self.folders(&key)?)?;
        }
        Ok(())
    }

    /// Ends what is known: its UIDs name nothing any more, so what was due to be done or fetched by them is dropped. The
    /// fates stay; a row that has the UIDVALIDITY which is to come gets a number that no server can use.
    fn retire(&self, key: &FolderKey, known: &[KnownFolder]) -> Result<(), StoreError> {
        let low = |value: i64| value & ((1 << GENERATION_BITS) - 1);
        let same = known.iter().filter(|folder| low(folder.uid_validity) == i64::from(key.uid_validity));
        let generation = 1 + same.map(|folder| folder.uid_validity >> GENERATION_BITS).max().unwrap_or_default();
        for folder in known {
            let sql = "UPDATE ledger SET action_done = 1 WHERE folder = ?1 AND action_done = 0 AND mail IS NOT NULL";
            self.connection.prepare_cached(sql)?.execute([folder.id])?;
            let sql = "UPDATE ledger SET fate = 'ignored', detail = ?2 WHERE folder = ?1 AND fate = 'fetching'";
            let ended = self.connection.prepare_cached(sql)?.execute(params![folder.id, RENUMBERED])?;
            self.count_fates(folder.id, "ignored", i64::try_from(ended).unwrap_or(i64::MAX))?;
            if folder.uid_validity == i64::from(key.uid_validity) {
                let sql = "UPDATE folder SET uid_validity = ?2 WHERE id = ?1";
                let retired = folder.uid_validity | (generation << GENERATION_BITS);
                self.connection.prepare_cached(sql)?.execute([folder.id, retired])?;
            }
        }
        Ok(())
    }
}

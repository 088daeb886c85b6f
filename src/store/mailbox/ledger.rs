//! The ledger: for every (mailbox, folder, UIDVALIDITY, UID) what became of it. And the spool: raw bytes, written once.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use zstd::bulk::Compressor;

use crate::model::digest::{Digest, sha256};
use crate::model::id::{LedgerId, MailboxId};
use crate::model::mail::{Arrival, RawMail};
use crate::store::engine::disk::Room;
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{signed, unsigned};
use crate::store::engine::store::Store;
use crate::store::engine::view::Tx;
pub use crate::store::mailbox::folders::{Contact, FolderKey};

/// Fetches of one UID that may fail before it is quarantined.
pub const MAX_FETCH_FAILURES: u32 = 3;
/// Attempts to decide a mail that make it a suspect when none of them came to its end.
const SUSPECT: u32 = 2;

/// Recorded for mail that was listed and gone when it was to be fetched. Should it stand there again, it is fetched.
pub const GONE: &str = "it was gone before it could be fetched";
/// Mails up to this size are mostly text, which packs well and is soon done.
const SMALL: usize = 16 * 1024;
/// For small mails: about half their size.
const SMALL_LEVEL: i32 = 1;
/// For large ones, mostly base64: their text is packed, the rest is passed through at a gigabyte a second. Squeezing a
/// quarter out of base64 would cost more time than all else that is done to a mail.
const LARGE_LEVEL: i32 = -1;

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
    /// When it is tried again, while it is not connected.
    pub next_try_at: Option<Timestamp>,
    /// The server refuses the login: somebody must act.
    pub login_refused: bool,
}

impl Store {
    /// All UIDs of the folder that the ledger has, in ascending order; without those that were [`GONE`].
    pub async fn known_uids(&self, key: &FolderKey) -> Result<Vec<u64>, StoreError> {
        let key = key.clone();
        self.read(move |view| {
            let sql = "SELECT uid FROM ledger
                       WHERE folder = ?1 AND fate <> 'fetching' AND NOT (fate = 'ignored' AND detail = ?2) ORDER BY uid";
            let mut statement = view.connection.prepare_cached(sql)?;
            let uids = statement.query_map(params![view.folder(&key)?, GONE], |row| row.get::<_, i64>(0))?;
            Ok(uids.map(|uid| uid.map(unsigned)).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Records UIDs whose mail is not taken, with the reason; never overwrites a fate.
    pub async fn ignore_uids(
        &self,
        key: &FolderKey,
        uids: Vec<u64>,
        reason: &'static str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if uids.is_empty() {
            return Ok(());
        }
        let key = key.clone();
        self.write(move |tx| {
            let folder = tx.folder(&key)?;
            let sql =
                "INSERT INTO ledger (id, folder, uid, fate, arrival, attempts, action_done, detail, recorded_at_s)
                       VALUES (?5, ?1, ?2, 'ignored', 'import', 0, 1, ?3, ?4)
                       ON CONFLICT (folder, uid) DO UPDATE SET fate = 'ignored', detail = excluded.detail,
                           recorded_at_s = excluded.recorded_at_s WHERE ledger.fate = 'fetching'";
            let mut statement = tx.connection.prepare_cached(sql)?;
            let mut ignored = 0;
            for uid in uids {
                let id = tx.next_id(Numbered::Ledger)?;
                let changed = statement.execute(params![folder, signed(uid), reason, now.as_second(), id])?;
                ignored += i64::from(changed > 0);
            }
            tx.count_fates(folder, "ignored", ignored)
        })
        .await
    }

    /// Makes mails durable, one commit for the batch (shared with whatever else is being written). UIDs that the ledger
    /// already has are left out of the answer. Refused while the disk is nearly full.
    pub async fn spool(
        &self,
        key: &FolderKey,
        batch: Vec<SpoolItem>,
        now: Timestamp,
    ) -> Result<Vec<Spooled>, StoreError> {
        let path = Arc::clone(&self.path);
        // Nothing is taken once the reserve is touched: what becomes of the mails that we have must find room.
        let packing = self.in_turn(move || match Room::beside(&path).and_then(Room::trouble) {
            Some(trouble) => Err(StoreError::Unwritable(trouble)),
            None => Ok(pack(batch)),
        });
        let packed = packing.await??;
        let key = key.clone();
        self.write(move |tx| {
            let folder = tx.folder(&key)?;
            let mut spooled = Vec::with_capacity(packed.len());
            for mail in packed {
                spooled.extend(tx.spool_one(&key, folder, mail, now)?);
            }
            if !spooled.is_empty() {
                tx.note_last_mail(&key.mailbox, now)?;
            }
            Ok(spooled)
        })
        .await
    }

    /// Mails of the mailbox spooled and not yet decided (after a crash), oldest first, at most `limit`. Counts the
    /// attempt. Leaves out suspects: see [`Store::suspect`].
    pub async fn undecided(&self, mailbox: &MailboxId, limit: usize) -> Result<Vec<Spooled>, StoreError> {
        let mailbox = mailbox.clone();
        self.write(move |tx| tx.take_waiting(&mailbox, 0..SUSPECT, limit)).await
    }

    /// A mail that was twice among those being decided when the process died. Counts the attempt. To be decided alone, so
    /// that a mail that kills us takes no other with it into quarantine.
    pub async fn suspect(&self, mailbox: &MailboxId) -> Result<Option<Spooled>, StoreError> {
        let mailbox = mailbox.clone();
        let found = self.write(move |tx| tx.take_waiting(&mailbox, SUSPECT..u32::MAX, 1)).await?;
        Ok(found.into_iter().next())
    }

    /// UIDs decided whose server action (`seen`, `move:`) has not been done yet.
    pub async fn pending_actions(&self, key: &FolderKey, limit: usize) -> Result<Vec<(LedgerId, u64)>, StoreError> {
        let key = key.clone();
        self.read(move |view| {
            let sql = "SELECT id, uid FROM ledger
                       WHERE folder = ?1 AND action_done = 0 AND mail IS NOT NULL AND fate IN ('ticket', 'duplicate', 'ignored')
                       ORDER BY uid LIMIT ?2";
            let mut statement = view.connection.prepare_cached(sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![view.folder(&key)?, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
            Ok(rows.into_iter().map(|(id, uid)| (LedgerId(id), unsigned(uid))).collect())
        })
        .await
    }

    /// The server action of these is done (or can never be done: the mail is gone).
    pub async fn actions_done(&self, rows: Vec<LedgerId>) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut statement = tx.connection.prepare_cached("UPDATE ledger SET action_done = 1 WHERE id = ?1")?;
            for row in rows {
                statement.execute([row.0])?;
            }
            Ok(())
        })
        .await
    }

    /// Counts a failed fetch of `uid` and returns the number of failures so far, this one included. At
    /// [`MAX_FETCH_FAILURES`] it is quarantined without bytes, so that the rest goes on.
    pub async fn count_fetch_failure(&self, key: &FolderKey, uid: u64, now: Timestamp) -> Result<u32, StoreError> {
        let key = key.clone();
        let failures = self.write(move |tx| tx.count_fetch_failure(&key, uid, now)).await?;
        if failures >= MAX_FETCH_FAILURES {
            self.work_due().notify_one();
        }
        Ok(failures)
    }

    /// After a start: no mailbox is connected yet, whatever an earlier run left behind.
    pub async fn forget_connections(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE mailbox_health SET connected = 0, error = NULL, next_try_at_s = NULL, refused = 0,
                           failing_since_s = NULL, updated_at_s = ?1";
            tx.connection.prepare_cached(sql)?.execute([now.as_second()])?;
            Ok(())
        })
        .await
    }

    /// Writes what `status` shows of a mailbox.
    pub async fn report_health(
        &self,
        mailbox: &MailboxId,
        health: MailboxHealth,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mailbox = mailbox.clone();
        self.write(move |tx| {
            let sql = "INSERT INTO mailbox_health (mailbox, connected, error, gap, last_mail_at_s, updated_at_s,
                           next_try_at_s, refused, failing_since_s)
                       VALUES (?1, ?2, ?3, ?4, NULL, ?5, ?6, ?7, ?8)
                       ON CONFLICT (mailbox) DO UPDATE SET connected = excluded.connected, error = excluded.error,
                           gap = excluded.gap, updated_at_s = excluded.updated_at_s,
                           next_try_at_s = excluded.next_try_at_s, refused = excluded.refused,
                           failing_since_s = CASE WHEN excluded.error IS NULL THEN NULL
                               ELSE coalesce(mailbox_health.failing_since_s, excluded.failing_since_s) END";
            let MailboxHealth { connected, error, gap, next_try_at, login_refused } = health;
            let (gap, failing_since) = (signed(gap), error.as_ref().map(|_| now.as_second()));
            tx.connection.prepare_cached(sql)?.execute(params![
                mailbox.as_str(),
                connected,
                error,
                gap,
                now.as_second(),
                next_try_at.map(Timestamp::as_second),
                login_refused,
                failing_since,
            ])?;
            Ok(())
        })
        .await
    }
}

impl Tx<'_> {
    fn spool_one(
        &self,
        key: &FolderKey,
        folder: i64,
        packed: Packed,
        now: Timestamp,
    ) -> Result<Option<Spooled>, StoreError> {
        let Packed { item, sha256, compressed } = packed;
        let sql = "SELECT id, fate = 'fetching' OR (fate = 'ignored' AND detail = ?3) FROM ledger
                   WHERE folder = ?1 AND uid = ?2";
        let earlier: Option<(i64, bool)> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![folder, signed(item.uid), GONE], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match earlier {
            Some((id, true)) => {
                self.counting_fate(id, || {
                    self.connection.prepare_cached("DELETE FROM ledger WHERE id = ?1")?.execute([id])?;
                    Ok(())
                })?;
            }
            Some(_) => return Ok(None),
            None => {}
        }
        let sql = "INSERT INTO mail (id, sha256, size, omitted_size, received_at_s, encoding, bytes)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (encoding, bytes) = match &compressed {
            Some(bytes) => ("zstd", bytes.as_slice()),
            None => ("plain", &*item.bytes),
        };
        let size = i64::try_from(item.bytes.len()).unwrap_or(i64::MAX);
        let omitted = item.omitted.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
        let received = item.received_at.as_second();
        let mail = self.next_id(Numbered::Mail)?;
        let parameters = params![mail, sha256, size, omitted, received, encoding, bytes];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        let sql =
            "INSERT INTO ledger (id, folder, uid, fate, arrival, mail, attempts, action_done, detail, recorded_at_s)
                   VALUES (?1, ?2, ?3, 'waiting', ?4, ?5, 1, 0, '', ?6)";
        let ledger = self.next_id(Numbered::Ledger)?;
        let parameters = params![ledger, folder, signed(item.uid), arrival_word(item.arrival), mail, now.as_second()];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        let SpoolItem { uid, received_at, arrival, bytes, omitted } = item;
        let mail =
            RawMail { mailbox: key.mailbox.clone(), folder: key.folder.clone(), bytes, received_at, arrival, omitted };
        Ok(Some(Spooled { ledger: LedgerId(ledger), uid, attempts: 1, mail }))
    }

    fn count_fetch_failure(&self, key: &FolderKey, uid: u64, now: Timestamp) -> Result<u32, StoreError> {
        let folder = self.folder(key)?;
        let sql = "SELECT id, attempts, fate, detail = ?3 FROM ledger WHERE folder = ?1 AND uid = ?2";
        let known: Option<(i64, u32, String, bool)> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![folder, signed(uid), GONE], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let (ledger, failures) = match known {
            Some((ledger, attempts, fate, gone)) if fate == "fetching" || (fate == "ignored" && gone) => {
                self.count_fates(folder, "ignored", -i64::from(fate == "ignored"))?;
                let sql = "UPDATE ledger SET fate = 'fetching', detail = '', attempts = ?2 WHERE id = ?1";
                self.connection.prepare_cached(sql)?.execute(params![ledger, attempts + 1])?;
                (ledger, attempts + 1)
            }
            Some(_) => return Ok(MAX_FETCH_FAILURES),
            None => {
                let sql =
                    "INSERT INTO ledger (id, folder, uid, fate, arrival, attempts, action_done, detail, recorded_at_s)
                           VALUES (?1, ?2, ?3, 'fetching', 'live', 1, 1, '', ?4)";
                let ledger = self.next_id(Numbered::Ledger)?;
                let parameters = params![ledger, folder, signed(uid), now.as_second()];
                self.connection.prepare_cached(sql)?.execute(parameters)?;
                (ledger, 1)
            }
        };
        if failures >= MAX_FETCH_FAILURES {
            let reason = "the server could not hand it out, three times over";
            let sql = "UPDATE ledger SET fate = 'quarantined', detail = ?2 WHERE id = ?1";
            self.connection.prepare_cached(sql)?.execute(params![ledger, reason])?;
            self.count_fates(folder, "quarantined", 1)?;
            self.hold(LedgerId(ledger), reason, None, now)?;
        }
        Ok(failures)
    }

    fn note_last_mail(&self, mailbox: &MailboxId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO mailbox_health (mailbox, connected, error, gap, last_mail_at_s, updated_at_s)
                   VALUES (?1, 1, NULL, 0, ?2, ?2)
                   ON CONFLICT (mailbox) DO UPDATE SET last_mail_at_s = excluded.last_mail_at_s";
        self.connection.prepare_cached(sql)?.execute(params![mailbox.as_str(), now.as_second()])?;
        Ok(())
    }
}

fn arrival_word(arrival: Arrival) -> &'static str {
    match arrival {
        Arrival::Live => "live",
        Arrival::Import => "import",
    }
}

pub(in crate::store) fn arrival_from_word(word: &str) -> Result<Arrival, StoreError> {
    match word {
        "live" => Ok(Arrival::Live),
        "import" => Ok(Arrival::Import),
        other => Err(StoreError::Corrupt(format!("an arrival (`{other}`)"))),
    }
}

/// A mail hashed and compressed.
struct Packed {
    item: SpoolItem,
    sha256: Digest,
    /// `None` when compression gains nothing.
    compressed: Option<Vec<u8>>,
}

/// Packs a batch. Setting up a compressor costs as much as a mail: the batch shares them.
fn pack(batch: Vec<SpoolItem>) -> Vec<Packed> {
    let mut small = Compressor::new(SMALL_LEVEL).ok();
    let mut large = Compressor::new(LARGE_LEVEL).ok();
    let mut pack_one = |item: SpoolItem| {
        let compressor = if item.bytes.len() <= SMALL { &mut small } else { &mut large };
        let compressed = compressor.as_mut().and_then(|compressor| compressor.compress(&item.bytes).ok());
        let compressed = compressed.filter(|bytes| bytes.len() < item.bytes.len());
        Packed { sha256: sha256(&item.bytes), compressed, item }
    };
    batch.into_iter().map(&mut pack_one).collect()
}

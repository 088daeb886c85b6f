//! What is known of the mails of tickets in the folders of a mailbox: where each lies, what was done to it, who moved it.
//!
//! A mail is known again by its fingerprint. What we are about to move is written down before, so that it is not taken for
//! a person's move when it arrives, whatever happens in between.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::model::id::{AgentId, DepartmentId, LedgerId, MailboxId, TicketNumber};
use crate::model::mirror::Stand;
use crate::model::ticket::{Priority, Status};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, optional_time, signed, unsigned, word};
use crate::store::engine::store::Store;
use crate::store::engine::view::{Tx, View};
use crate::store::mailbox::folders::FolderKey;

/// Mails of one folder that are looked at in one go.
pub const MIRROR_BATCH: i64 = 500;

/// A mail of a ticket that has come to lie in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Its ticket.
    pub ticket: TicketNumber,
    /// Whether a person put it there, while we were watching.
    pub by_person: bool,
}

/// A mail in a folder whose ticket has changed since it was last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// Its row.
    pub ledger: LedgerId,
    /// Its UID.
    pub uid: u64,
    /// How its ticket stands.
    pub stand: Stand,
    /// The marks that we gave it, sorted.
    pub marks: Vec<String>,
}

impl Mirrored {
    /// Its UID as the server has it.
    pub fn uid_on_server(&self) -> Option<u32> {
        u32::try_from(self.uid).ok()
    }
}

/// Which mails of a folder have to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All: the folder stands for nothing any more.
    All,
    /// Those whose ticket has changed, or comes back by itself and was not looked at on the day that began then.
    Changed {
        /// The beginning of today.
        day: Timestamp,
    },
}

/// How mails came to another folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// They lie there alone.
    Moved,
    /// They still lie where they were, too.
    Copied,
}

/// Where mails went: UIDVALIDITY, and old and new UIDs pairwise (COPYUID, RFC 4315).
pub type Landed = (u32, Vec<(u32, u32)>);

impl Store {
    /// Whether there are mails in the folder that [`Tx::mirror_arrivals`] has not seen.
    pub async fn mirror_has_news(&self, key: &FolderKey) -> Result<bool, StoreError> {
        let key = key.clone();
        self.read(move |view| {
            let Some(folder) = view.known_folder(&key)? else { return Ok(false) };
            Ok(view.connection.prepare_cached(NEWS)?.exists(params![folder, 1])?)
        })
        .await
    }

    /// Mails that lie in the folder, as far as is known, and have to be looked at.
    pub async fn mirror_work(&self, key: &FolderKey, scope: Scope) -> Result<Vec<Mirrored>, StoreError> {
        let key = key.clone();
        self.read(move |view| view.mirror_work(&key, scope)).await
    }

    /// The folders of a mailbox in which mails of tickets lie, as far as is known.
    pub async fn mirror_folders(&self, mailbox: &MailboxId) -> Result<Vec<String>, StoreError> {
        let mailbox = mailbox.clone();
        self.read(move |view| {
            let sql = "SELECT DISTINCT name FROM folder WHERE mailbox = ?1
                           AND EXISTS (SELECT 1 FROM mirror WHERE mirror.folder = folder.id AND mirror.gone = 0)";
            let mut statement = view.connection.prepare_cached(sql)?;
            let names = statement.query_map([mailbox.as_str()], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Which of these mails have a copy in the folder with this name, as far as is known: a move that was cut short. Each
    /// with UIDVALIDITY and UID of the copy.
    pub async fn mirror_copies(
        &self,
        mailbox: &MailboxId,
        target: &str,
        rows: Vec<LedgerId>,
    ) -> Result<Vec<(LedgerId, u32, u32)>, StoreError> {
        let (mailbox, target) = (mailbox.clone(), target.to_owned());
        self.read(move |view| {
            let sql = "SELECT folder.uid_validity, copy.uid FROM ledger AS own
                           JOIN ledger AS copy ON copy.fingerprint = own.fingerprint
                           JOIN mirror ON mirror.ledger = copy.id AND mirror.gone = 0
                           JOIN folder ON folder.id = copy.folder
                       WHERE own.id = ?1 AND folder.mailbox = ?2 AND folder.name = ?3
                       ORDER BY copy.id DESC LIMIT 1";
            let mut statement = view.connection.prepare_cached(sql)?;
            let mut copies = Vec::new();
            for row in rows {
                let copy = statement
                    .query_row(params![row.0, mailbox.as_str(), target], |found| Ok((found.get(0)?, found.get(1)?)))
                    .optional()?;
                copies.extend(copy.map(|(uid_validity, uid)| (row, uid_validity, uid)));
            }
            Ok(copies)
        })
        .await
    }

    /// These mails are about to be moved to the folder with this name.
    pub async fn mirror_moving(&self, rows: Vec<LedgerId>, target: String) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut statement = tx.connection.prepare_cached("UPDATE mirror SET moving_to = ?2 WHERE ledger = ?1")?;
            rows.iter().try_for_each(|row| statement.execute(params![row.0, target]).map(drop))?;
            Ok(())
        })
        .await
    }

    /// These mails no longer lie in the folder.
    pub async fn mirror_gone(&self, rows: Vec<LedgerId>) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut statement = tx.connection.prepare_cached("UPDATE mirror SET gone = 1 WHERE ledger = ?1")?;
            rows.iter().try_for_each(|row| statement.execute([row.0]).map(drop))?;
            Ok(())
        })
        .await
    }

    /// These mails, each with its UID, were moved to `target`, or copied: then they still lie where they were. If the server
    /// said where they landed, they are not fetched again to be known there.
    pub async fn mirror_went(
        &self,
        how: Went,
        rows: Vec<(LedgerId, u64)>,
        target: FolderKey,
        landed: Option<Landed>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let gone = "UPDATE mirror SET gone = 1 WHERE ledger = ?1";
            for (row, uid) in &rows {
                if how == Went::Moved {
                    tx.connection.prepare_cached(gone)?.execute([row.0])?;
                }
                let Some((uid_validity, pairs)) = &landed else { continue };
                let new = pairs.iter().find(|(old, _)| u64::from(*old) == *uid).map(|(_, new)| *new);
                let key = FolderKey { uid_validity: *uid_validity, ..target.clone() };
                if let (Some(new), Some(folder)) = (new, tx.known_folder(&key)?) {
                    tx.mirror_landed(*row, folder, new, now)?;
                }
            }
            Ok(())
        })
        .await
    }

    /// These mails were looked at and bear these marks.
    pub async fn mirror_checked(&self, rows: Vec<(LedgerId, Vec<String>)>, at: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE mirror SET marks = ?2, checked_at_s = ?3 WHERE ledger = ?1";
            let mut statement = tx.connection.prepare_cached(sql)?;
            for (row, marks) in &rows {
                statement.execute(params![row.0, marks.join(" "), at.as_second()])?;
            }
            Ok(())
        })
        .await
    }
}

/// Mails of tickets in a folder that have no row yet.
const NEWS: &str = "SELECT ledger.id, ledger.ticket, ledger.arrival, ledger.fingerprint
    FROM ledger LEFT JOIN mirror ON mirror.ledger = ledger.id
    WHERE ledger.folder = ?1 AND ledger.fate IN ('ticket', 'duplicate') AND ledger.ticket IS NOT NULL
      AND mirror.ledger IS NULL
    ORDER BY ledger.id LIMIT ?2";

impl View<'_> {
    fn known_folder(&self, key: &FolderKey) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM folder WHERE mailbox = ?1 AND name = ?2 AND uid_validity = ?3";
        let parameters = params![key.mailbox.as_str(), key.folder, key.uid_validity];
        Ok(self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0)).optional()?)
    }

    fn mirror_work(&self, key: &FolderKey, scope: Scope) -> Result<Vec<Mirrored>, StoreError> {
        let Some(folder) = self.known_folder(key)? else { return Ok(Vec::new()) };
        let sql = "SELECT mirror.ledger, ledger.uid, mirror.marks, ticket.department, ticket.status, ticket.priority,
                          ticket.assignee, ticket.wait_until_s
                   FROM mirror JOIN ledger ON ledger.id = mirror.ledger
                       JOIN ticket AS own ON own.number = ledger.ticket
                       JOIN ticket ON ticket.number = (
                           WITH RECURSIVE up (number, step) AS (
                               SELECT CAST(ledger.ticket AS bigint), 0 UNION ALL
                               SELECT merge.lead, step + 1 FROM up JOIN merge ON merge.ticket = up.number WHERE step < 1000)
                           SELECT number FROM up ORDER BY step DESC LIMIT 1)
                   WHERE mirror.folder = ?1 AND mirror.gone = 0
                     AND (?3 <> 0 OR ticket.updated_at_s >= mirror.checked_at_s OR own.updated_at_s >= mirror.checked_at_s
                          OR (ticket.wait_until_s IS NOT NULL AND mirror.checked_at_s < ?4))
                   ORDER BY ledger.uid LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (all, day) = match scope {
            Scope::All => (true, 0),
            Scope::Changed { day } => (false, day.as_second()),
        };
        let mut rows = statement.query(params![folder, MIRROR_BATCH, all, day])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Mirrored {
                ledger: LedgerId(get(row, 0)?),
                uid: unsigned(get(row, 1)?),
                marks: get::<String>(row, 2)?.split_whitespace().map(str::to_owned).collect(),
                stand: Stand {
                    department: DepartmentId::new(&get::<String>(row, 3)?),
                    status: word(&get::<String>(row, 4)?, Status::from_word)?,
                    priority: word(&get::<String>(row, 5)?, Priority::from_word)?,
                    assignee: get::<Option<String>>(row, 6)?.map(|id| AgentId::new(&id)),
                    wait_until: optional_time(get(row, 7)?)?,
                },
            });
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// Mails that have come to lie in the folder since this was asked last, at most [`MIRROR_BATCH`]. None is said twice.
    pub fn mirror_arrivals(&self, key: &FolderKey) -> Result<Vec<Arrived>, StoreError> {
        let Some(folder) = self.known_folder(key)? else { return Ok(Vec::new()) };
        let mut statement = self.connection.prepare_cached(NEWS)?;
        let rows = statement
            .query_map(params![folder, MIRROR_BATCH], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let rows: Vec<(i64, i64, String, Option<Vec<u8>>)> = rows.collect::<Result<_, _>>()?;
        let mut arrived = Vec::with_capacity(rows.len());
        for (ledger, ticket, arrival, fingerprint) in rows {
            let fingerprint = fingerprint.unwrap_or_default();
            let by_us = self.was_moved_by_us(&fingerprint, &key.folder)?;
            let marks = self.marks_of(&fingerprint)?;
            self.add_mirrored(ledger, folder, &marks)?;
            arrived.push(Arrived { ticket: TicketNumber(ticket), by_person: !by_us && arrival == "live" });
        }
        Ok(arrived)
    }

    /// Whether we were moving this mail to the folder; what we had in mind with it is over once it has arrived anywhere.
    fn was_moved_by_us(&self, fingerprint: &[u8], folder: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM mirror
                   WHERE ledger IN (SELECT id FROM ledger WHERE fingerprint = ?1) AND moving_to = ?2";
        let by_us = self.connection.prepare_cached(sql)?.exists(params![fingerprint, folder])?;
        let sql = "UPDATE mirror SET moving_to = ''
                   WHERE ledger IN (SELECT id FROM ledger WHERE fingerprint = ?1) AND moving_to <> ''";
        self.connection.prepare_cached(sql)?.execute([fingerprint])?;
        Ok(by_us)
    }

    /// The marks that a mail bore where it lay last: servers keep them when it is moved.
    fn marks_of(&self, fingerprint: &[u8]) -> Result<String, StoreError> {
        let sql = "SELECT mirror.marks FROM mirror JOIN ledger ON ledger.id = mirror.ledger
                   WHERE ledger.fingerprint = ?1 ORDER BY mirror.ledger DESC LIMIT 1";
        let marks = self.connection.prepare_cached(sql)?.query_row([fingerprint], |row| row.get(0)).optional()?;
        Ok(marks.unwrap_or_default())
    }

    fn add_mirrored(&self, ledger: i64, folder: i64, marks: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO mirror (ledger, folder, gone, moving_to, marks, checked_at_s)
                   VALUES (?1, ?2, 0, '', ?3, 0)";
        self.connection.prepare_cached(sql)?.execute(params![ledger, folder, marks])?;
        Ok(())
    }

    /// The mail of `row` lies in `folder` under a new UID: it is known there without being fetched. What the ledger has of
    /// that UID already stands.
    fn mirror_landed(&self, row: LedgerId, folder: i64, uid: u32, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO ledger (id, folder, uid, fate, arrival, fingerprint, ticket, attempts, action_done, detail, recorded_at_s)
                   SELECT ?5, ?2, ?3, 'duplicate', 'live', fingerprint, ticket, 0, 1, '', ?4 FROM ledger WHERE id = ?1
                   ON CONFLICT (folder, uid) DO NOTHING";
        let new = self.next_id(Numbered::Ledger)?;
        let parameters = params![row.0, folder, signed(uid.into()), now.as_second(), new];
        if self.connection.prepare_cached(sql)?.execute(parameters)? == 0 {
            return Ok(());
        }
        self.count_fates(folder, "duplicate", 1)?;
        let sql = "SELECT marks FROM mirror WHERE ledger = ?1";
        let marks: String = self.connection.prepare_cached(sql)?.query_row([row.0], |row| row.get(0))?;
        self.add_mirrored(new, folder, &marks)?;
        self.connection.prepare_cached("UPDATE mirror SET moving_to = '' WHERE ledger = ?1")?.execute([row.0])?;
        Ok(())
    }
}

/// Pairs of old and new UIDs out of the two sets of a COPYUID; `None` when they are not of one size, or too large.
pub fn pairs(old: &[RangeInclusive<u32>], new: &[RangeInclusive<u32>]) -> Option<Vec<(u32, u32)>> {
    let limit = usize::try_from(MIRROR_BATCH).ok()?;
    let all =
        |ranges: &[RangeInclusive<u32>]| -> Vec<u32> { ranges.iter().cloned().flatten().take(limit + 1).collect() };
    let (old, new) = (all(old), all(new));
    (old.len() == new.len() && old.len() <= limit).then(|| old.into_iter().zip(new).collect())
}

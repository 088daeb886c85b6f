//! What `doctor` wants to know of the database: damage, times, what is stuck. Reads only, whatever the daemon does meanwhile.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::params;

use crate::model::id::{MailboxId, OutboxId};
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, optional_time, time, unsigned};
use crate::store::engine::store::Store;
use crate::store::engine::view::View;
use crate::store::engine::{check, connection, disk, opening, schema};

/// A mail being sent for longer than this is stuck.
const SENDING_SECS: i64 = 3_600;
/// A mail waiting for longer than this is old.
const OLD_SECS: i64 = 4 * 3_600;
/// A mail spooled and not decided for longer than this is stuck.
const UNDECIDED_SECS: i64 = 600;
/// Mails of the outbox that are named.
const MAX_NAMED: i64 = 20;

/// Rows of each kind, the last ones, whose times a quick look reads.
const MAX_QUICK: i64 = 1_000;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// What is due, stuck or held.
    Quick,
    /// Every page and every stored mail too.
    Thorough,
}

/// A mail of the outbox that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StuckMail {
    /// Its row.
    pub id: OutboxId,
    /// Its state, as a word.
    pub state: String,
    /// Why, as said last.
    pub reason: String,
    /// Since when it waits.
    pub since: Timestamp,
}

/// How the database is.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// What is broken, in words.
    pub damage: Vec<String>,
    /// Stored mails whose bytes are not those that were stored.
    pub altered_mails: u64,
    /// Counts of tickets and mails that are not those of its rows.
    pub wrong_counts: u64,
    /// The newest time of anything in it.
    pub newest: Option<Timestamp>,
    /// Mails of the outbox that are uncertain, failed, old, or being sent for too long; the first twenty.
    pub stuck: Vec<StuckMail>,
    /// All such mails.
    pub stuck_count: u64,
    /// Mails held in quarantine.
    pub held: u64,
    /// Mails spooled and not decided for ten minutes, by mailbox.
    pub undecided: Vec<(MailboxId, u64)>,
    /// Bytes of the write-ahead log.
    pub log_size: u64,
    /// Whether the database is new and the secret is not.
    pub secret_is_older: bool,
    /// Whether the secret is not the one that signed before.
    pub secret_is_newer: bool,
    /// When a reply of an agent came last without anything that proves whose it is.
    pub lost_proof_at: Option<Timestamp>,
}

impl Store {
    /// Looks over the database at `path`. Blocks; a thorough look for as long as it takes to read all of it.
    pub fn health(path: &Path, look: Look, now: Timestamp) -> Result<Health, StoreError> {
        opening::require(path)?;
        look_over(path, look, now).map_err(|error| check::named(error, path))
    }

    /// All UIDs that the ledger of the database at `path` has of a folder; none of a folder that it does not know. Blocks.
    pub fn known_to_ledger(
        path: &Path,
        key: &crate::store::mailbox::ledger::FolderKey,
    ) -> Result<Vec<u64>, StoreError> {
        let connection = connection::open_reader(path)?;
        let sql = "SELECT uid FROM ledger JOIN folder ON folder.id = ledger.folder
                   WHERE mailbox = ?1 AND name = ?2 AND uid_validity = ?3 AND fate <> 'fetching'";
        let mut statement = connection.prepare(sql)?;
        let parameters = params![key.mailbox.as_str(), key.folder, key.uid_validity];
        let uids = statement.query_map(parameters, |row| row.get(0))?;
        Ok(uids.map(|uid| uid.map(unsigned)).collect::<Result<_, _>>()?)
    }
}

fn look_over(path: &Path, look: Look, now: Timestamp) -> Result<Health, StoreError> {
    let mut connection = connection::open_reader(path)?;
    schema::require_newest(&connection, path)?;
    let transaction = connection.transaction()?;
    let damage = match look {
        Look::Quick => Vec::new(),
        Look::Thorough => check::thorough(&transaction)?,
    };
    if !damage.is_empty() {
        return Ok(Health { damage, ..Health::default() });
    }
    let view = View::new(&transaction);
    let (stuck, stuck_count) = view.stuck(now)?;
    Ok(Health {
        damage,
        altered_mails: match look {
            Look::Quick => 0,
            Look::Thorough => view.altered_mails()?,
        },
        wrong_counts: match look {
            Look::Quick => 0,
            Look::Thorough => view.wrong_counts()?,
        },
        newest: view.newest(look)?,
        stuck,
        stuck_count,
        held: view.held()?,
        undecided: view.undecided_since(now)?,
        log_size: disk::log_path(path).metadata().map_or(0, |log| log.len()),
        secret_is_older: view.secret_is_older()?,
        secret_is_newer: view.secret_is_newer()?,
        lost_proof_at: view.lost_proof_at()?,
    })
}

impl View<'_> {
    fn stuck(&self, now: Timestamp) -> Result<(Vec<StuckMail>, u64), StoreError> {
        let sql = "SELECT outbox.id, state, reason, created_at_s, count(*) OVER ()
                   FROM outbox JOIN outgoing ON outgoing.id = outbox.outgoing
                   WHERE state <> 'sent' AND state IN ('failed', 'uncertain', 'sending', 'queued', 'deferred')
                     AND (state = 'failed'
                      OR (state = 'uncertain' AND updated_at_s < ?3)
                      OR (state = 'sending' AND updated_at_s < ?1)
                      OR (state IN ('queued', 'deferred') AND created_at_s < ?2))
                   ORDER BY outbox.id LIMIT ?4";
        let mut statement = self.connection.prepare(sql)?;
        let now = now.as_second();
        let mut rows = statement.query(params![now - SENDING_SECS, now - OLD_SECS, now - UNDECIDED_SECS, MAX_NAMED])?;
        let (mut stuck, mut count) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            count = unsigned(get(row, 4)?);
            stuck.push(StuckMail {
                id: OutboxId(get(row, 0)?),
                state: get(row, 1)?,
                reason: get(row, 2)?,
                since: time(get(row, 3)?)?,
            });
        }
        Ok((stuck, count))
    }

    fn newest(&self, look: Look) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT max(at) FROM (
                       SELECT max(at) AS at FROM (SELECT recorded_at_s AS at FROM ledger ORDER BY id DESC LIMIT ?1) AS mails
                       UNION ALL
                       SELECT max(at) FROM (SELECT at_s AS at FROM event ORDER BY id DESC LIMIT ?1) AS events
                       UNION ALL
                       SELECT max(at) FROM (SELECT created_at_s AS at FROM outgoing ORDER BY id DESC LIMIT ?1) AS sent
                       UNION ALL
                       SELECT max(updated_at_s) FROM mailbox_health) AS times";
        let limit = match look {
            Look::Quick => MAX_QUICK,
            Look::Thorough => i64::MAX,
        };
        optional_time(self.connection.query_row(sql, [limit], |row| row.get(0))?)
    }

    pub(in crate::store) fn held(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM quarantine WHERE state = 'held'";
        Ok(unsigned(self.connection.query_row(sql, [], |row| row.get(0))?))
    }

    fn undecided_since(&self, now: Timestamp) -> Result<Vec<(MailboxId, u64)>, StoreError> {
        let sql = "SELECT folder.mailbox, count(*) FROM ledger JOIN folder ON folder.id = ledger.folder
                   WHERE fate = 'waiting' AND recorded_at_s < ?1 GROUP BY 1 ORDER BY 1";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([now.as_second() - UNDECIDED_SECS], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })?;
        rows.map(|row| row.map(|(mailbox, count)| (MailboxId::new(&mailbox), unsigned(count))).map_err(Into::into))
            .collect()
    }

    /// Compares every stored mail with the digest that was stored with it.
    fn altered_mails(&self) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare("SELECT id FROM mail ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut altered = 0;
        while let Some(row) = rows.next()? {
            match self.mail_bytes(get(row, 0)?) {
                Err(error) if error.concerns_one_job() => altered += 1,
                read => drop(read?),
            }
        }
        Ok(altered)
    }
}

//! What the daemon says of itself and of the submission server, for `status` and `doctor`: two tables of one row each.
//!
//! Counts only while a daemon lives: whoever shows it asks for that first.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use crate::model::digest::Digest;
use crate::model::id::{DepartmentId, TicketNumber};
use crate::model::ticket::word_enum;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, optional_time, signed, time, unsigned, word};
use crate::store::engine::store::Store;
use crate::store::engine::view::{Tx, View};

word_enum!(
    /// How the submission account is.
    SmtpState {
        /// No mail was sent since the daemon started.
        Untried = "untried",
        /// The server takes our login.
        Working = "working",
        /// The server refuses our login: somebody must act.
        LoginRefused = "login-refused",
        /// No connection, or no login for now.
        Unreachable = "unreachable",
    }
);

/// How mail leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpHealth {
    /// In a word.
    pub state: SmtpState,
    /// What is wrong, in words.
    pub error: Option<String>,
    /// When it is tried next, while something is wrong.
    pub next_try_at: Option<Timestamp>,
    /// The largest mail in bytes that the server said it takes, as far as known.
    pub largest_mail: Option<u64>,
    /// Since when something is wrong; the store says so.
    pub since: Option<Timestamp>,
}

impl Default for SmtpHealth {
    fn default() -> Self {
        Self { state: SmtpState::Untried, error: None, next_try_at: None, largest_mail: None, since: None }
    }
}

/// The daemon that was started last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its process.
    pub pid: u32,
    /// When it started.
    pub since: Timestamp,
    /// The digest of the config file that is in force.
    pub config: Digest,
    /// Why a newer config was not taken.
    pub trouble: Option<String>,
}

impl Store {
    /// A daemon starts: what the last one said of its connections counts no more. What servers take is remembered.
    pub async fn daemon_starts(&self, running: Running) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "INSERT INTO daemon (id, pid, since_s, config, trouble) VALUES (1, ?1, ?2, ?3, ?4)
                       ON CONFLICT (id) DO UPDATE SET pid = excluded.pid, since_s = excluded.since_s,
                           config = excluded.config, trouble = excluded.trouble";
            let Running { pid, since, config, trouble } = running;
            tx.connection.prepare_cached(sql)?.execute(params![pid, since.as_second(), config, trouble])?;
            let sql = "UPDATE smtp_health SET state = ?1, error = NULL, next_try_at_s = NULL, failing_since_s = NULL,
                           updated_at_s = ?2";
            tx.connection.prepare_cached(sql)?.execute(params![SmtpState::Untried.as_str(), since.as_second()])?;
            Ok(())
        })
        .await
    }

    /// Another config is in force.
    pub async fn config_in_force(&self, config: Digest) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE daemon SET config = ?1, trouble = NULL";
            tx.connection.prepare_cached(sql)?.execute(params![config])?;
            Ok(())
        })
        .await
    }

    /// A config was not taken, and why.
    pub async fn config_refused(&self, trouble: &str) -> Result<(), StoreError> {
        let trouble = trouble.to_owned();
        self.write(move |tx| {
            tx.connection.prepare_cached("UPDATE daemon SET trouble = ?1")?.execute(params![trouble])?;
            Ok(())
        })
        .await
    }

    /// Writes how the submission account is. What the server takes is kept when it is not known anew.
    pub async fn report_smtp(&self, health: SmtpHealth, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| tx.report_smtp(&health, now)).await
    }
}

impl Tx<'_> {
    fn report_smtp(&self, health: &SmtpHealth, now: Timestamp) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO smtp_health (id, state, error, next_try_at_s, largest_mail, updated_at_s, failing_since_s)
                   VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (id) DO UPDATE SET state = excluded.state, error = excluded.error,
                       next_try_at_s = excluded.next_try_at_s, updated_at_s = excluded.updated_at_s,
                       failing_since_s = CASE WHEN excluded.error IS NULL THEN NULL
                           ELSE coalesce(smtp_health.failing_since_s, excluded.failing_since_s) END,
                       largest_mail = CASE WHEN excluded.state = 'working' THEN excluded.largest_mail
                                           ELSE smtp_health.largest_mail END";
        let SmtpHealth { state, error, next_try_at, largest_mail, since: _ } = health;
        let next_try_at = next_try_at.map(Timestamp::as_second);
        let largest_mail = largest_mail.map(signed);
        let failing_since = error.as_ref().map(|_| now.as_second());
        let parameters = params![state.as_str(), error, next_try_at, largest_mail, now.as_second(), failing_since];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        Ok(())
    }
}

impl View<'_> {
    /// The daemon that was started last; `None` before the first start.
    pub(in crate::store) fn running(&self) -> Result<Option<Running>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT pid, since_s, config, trouble FROM daemon")?;
        let mut rows = statement.query([])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Running { pid: get(row, 0)?, since: time(get(row, 1)?)?, config: get(row, 2)?, trouble: get(row, 3)? }))
    }

    /// How the submission account is.
    pub fn smtp_health(&self) -> Result<SmtpHealth, StoreError> {
        let sql = "SELECT state, error, next_try_at_s, largest_mail, failing_since_s FROM smtp_health";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let Some(row) = rows.next()? else { return Ok(SmtpHealth::default()) };
        Ok(SmtpHealth {
            state: word(&get::<String>(row, 0)?, SmtpState::from_word)?,
            error: get(row, 1)?,
            next_try_at: optional_time(get(row, 2)?)?,
            largest_mail: get::<Option<i64>>(row, 3)?.map(unsigned),
            since: optional_time(get(row, 4)?)?,
        })
    }

    /// The largest mail in bytes that the submission server takes, when it said so and there is a limit.
    pub fn largest_mail(&self) -> Result<Option<u64>, StoreError> {
        let largest: Option<Option<i64>> = self
            .connection
            .prepare_cached("SELECT largest_mail FROM smtp_health")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(largest.flatten().map(unsigned).filter(|limit| *limit > 0))
    }

    /// Tickets that are not closed and of none of these departments, by number.
    pub fn tickets_of_others(&self, departments: &BTreeSet<DepartmentId>) -> Result<Vec<TicketNumber>, StoreError> {
        let sql = "SELECT number FROM ticket WHERE department = ?1 AND status <> 'closed'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut numbers = Vec::new();
        for (department, _) in self.open_by_department()? {
            if !departments.contains(&DepartmentId::new(&department)) {
                let found = statement.query_map([department], |row| Ok(TicketNumber(row.get(0)?)))?;
                numbers.extend(found.collect::<Result<Vec<_>, _>>()?);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Tickets that are not closed, by department as the database has it.
    pub fn open_by_department(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT department, CAST(sum(tickets) AS bigint) FROM ticket_tally
                   WHERE status <> 'closed' GROUP BY department HAVING sum(tickets) > 0 ORDER BY department";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        rows.map(|row| row.map(|(department, count)| (department, unsigned(count))).map_err(Into::into)).collect()
    }
}

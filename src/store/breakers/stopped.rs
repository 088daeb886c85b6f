//! What circuit breakers kept back, and how much agents were told: counted by the time for which we have run, as all breakers are.

use jiff::Timestamp;
use rusqlite::params;

use crate::model::address::Address;
use crate::model::breaker::{Breaker, Stopped};
use crate::model::id::MailboxId;
use crate::store::breakers::counts::{DAY_SECS, HOUR_SECS, counted_domain};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, time, unsigned, word};
use crate::store::engine::view::{Tx, View};

/// Breakers that are named.
const MAX_NAMED: i64 = 20;

/// What a breaker kept back in the last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBack {
    /// Which.
    pub breaker: Breaker,
    /// Whose.
    pub whose: String,
    /// How much.
    pub count: u64,
    /// The latest.
    pub last_at: Timestamp,
}

impl View<'_> {
    /// Whether somebody was told within a day that this limit is reached.
    pub fn is_told_of(&self, stopped: &Stopped, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM stopped WHERE breaker = ?1 AND whose = ?2 AND running_s > ?3 AND told <> 0 LIMIT 1";
        let since = self.running_secs(now)? - DAY_SECS;
        Ok(self.connection.prepare_cached(sql)?.exists(params![stopped.breaker.as_str(), stopped.whose, since])?)
    }

    /// Mails of customers that agents were told of within an hour, `most` at most: from the domain of `author` (0 for a
    /// provider's), and by the mailbox.
    pub fn told_within_hour(
        &self,
        author: &Address,
        mailbox: &MailboxId,
        most: u32,
        now: Timestamp,
    ) -> Result<(u32, u32), StoreError> {
        let since = self.running_secs(now)? - HOUR_SECS;
        let domain = counted_domain(author);
        let by_domain = "SELECT count(*) FROM
                         (SELECT 1 FROM told_mail WHERE domain = ?1 AND running_s > ?2 LIMIT ?3) AS told";
        let of_domain = if domain.is_empty() { 0 } else { self.count(by_domain, params![domain, since, most])? };
        let by_mailbox = "SELECT count(*) FROM
                          (SELECT 1 FROM told_mail WHERE mailbox = ?1 AND running_s > ?2 LIMIT ?3) AS told";
        Ok((of_domain, self.count(by_mailbox, params![mailbox.as_str(), since, most])?))
    }

    /// What breakers kept back within a day, the most first.
    pub(in crate::store) fn kept_back(&self) -> Result<Vec<KeptBack>, StoreError> {
        let sql = "SELECT breaker, whose, count(*), max(at_s) FROM stopped
                   WHERE running_s > coalesce((SELECT value FROM counter WHERE name = 'running_s'), 0) - ?1
                   GROUP BY breaker, whose ORDER BY count(*) DESC, breaker, whose LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([DAY_SECS, MAX_NAMED])?;
        let mut kept = Vec::new();
        while let Some(row) = rows.next()? {
            kept.push(KeptBack {
                breaker: word(&get::<String>(row, 0)?, Breaker::from_word)?,
                whose: get(row, 1)?,
                count: unsigned(get(row, 2)?),
                last_at: time(get(row, 3)?)?,
            });
        }
        Ok(kept)
    }
}

impl Tx<'_> {
    /// Counts what a breaker kept back, and whether somebody is told of it.
    pub fn count_stopped(&self, stopped: &Stopped, told: bool, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO stopped (id, running_s, at_s, breaker, whose, told) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (running, at) = (self.running_secs(now)?, now.as_second());
        let id = self.next_id(Numbered::Stopped)?;
        let row = params![id, running, at, stopped.breaker.as_str(), stopped.whose, told];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    /// Counts a mail of a customer's that agents are told of.
    pub fn count_told(&self, author: &Address, mailbox: &MailboxId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO told_mail (id, running_s, mailbox, domain) VALUES (?1, ?2, ?3, ?4)";
        let id = self.next_id(Numbered::ToldMail)?;
        let row = params![id, self.running_secs(now)?, mailbox.as_str(), counted_domain(author)];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}

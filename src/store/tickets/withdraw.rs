//! Answers on their way: how the ticket stood before them, and taking one back that has not left.
//!
//! Taking back and sending are both jobs of the one writer: what is being sent is not taken back, what is taken back is
//! never sent.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use crate::model::address::Address;
use crate::model::held::{PendingAnswer, StateSnapshot};
use crate::model::id::{AgentId, MessageKey, TicketNumber};
use crate::model::ticket::Status;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, optional_time, time, word};
use crate::store::engine::view::{Tx, View};

/// How a ticket stood before an answer is known for this long; no answer waits longer.
const KEEP_SECS: i64 = 30 * 86_400;
/// Why a withdrawn answer stands on its ticket.
const WITHDRAWN: &str = "a withdrawn answer";

impl View<'_> {
    /// The newest answer of `agent` on a ticket.
    pub(in crate::store) fn leaving(
        &self,
        ticket: TicketNumber,
        agent: &AgentId,
    ) -> Result<Option<PendingAnswer>, StoreError> {
        let sql = "SELECT message.id, added_at_s, outgoing.id, status_before, wait_until_before_s, assignee_before,
                          status_after, wait_until_after_s, assignee_after
                   FROM message
                   LEFT JOIN outgoing ON outgoing.message_id = message.message_id AND outgoing.kind = 'answer'
                   LEFT JOIN answered ON answered.message = message.id
                   WHERE message.ticket = ?1 AND message.kind = 'agent' AND visibility = 'public' AND message.agent = ?2
                   ORDER BY message.id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![ticket.0, agent.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let outgoing: Option<i64> = get(row, 2)?;
        let change = match get::<Option<String>>(row, 3)? {
            Some(_) => Some((standing(row, 3)?, standing(row, 6)?)),
            None => None,
        };
        Ok(Some(PendingAnswer {
            message: MessageKey(get(row, 0)?),
            at: time(get(row, 1)?)?,
            waits: outgoing.map(|outgoing| self.waits_whole(outgoing)).transpose()?.unwrap_or(false),
            change,
        }))
    }

    /// Whether no part of a mail has left, is leaving or failed.
    fn waits_whole(&self, outgoing: i64) -> Result<bool, StoreError> {
        let sql =
            "SELECT count(*), count(*) FILTER (WHERE state IN ('queued', 'deferred')) FROM outbox WHERE outgoing = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (all, waiting): (i64, i64) = statement.query_row([outgoing], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(all > 0 && all == waiting)
    }
}

impl Tx<'_> {
    /// Notes how a ticket stood before an answer, and after.
    pub(in crate::store) fn note_answered(
        &self,
        message: MessageKey,
        before: &StateSnapshot,
        after: &StateSnapshot,
        joined: &[Address],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO answered (message, status_before, wait_until_before_s, assignee_before,
                       status_after, wait_until_after_s, assignee_after, at_s)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (message) DO UPDATE SET status_before = excluded.status_before,
                       wait_until_before_s = excluded.wait_until_before_s, assignee_before = excluded.assignee_before,
                       status_after = excluded.status_after, wait_until_after_s = excluded.wait_until_after_s,
                       assignee_after = excluded.assignee_after, at_s = excluded.at_s";
        self.connection.prepare_cached(sql)?.execute(params![
            message.0,
            before.status.as_str(),
            before.wait_until.map(Timestamp::as_second),
            before.assignee.as_ref().map(|agent| agent.as_str().to_owned()),
            after.status.as_str(),
            after.wait_until.map(Timestamp::as_second),
            after.assignee.as_ref().map(|agent| agent.as_str().to_owned()),
            now.as_second(),
        ])?;
        self.connection.prepare_cached("DELETE FROM joined WHERE message = ?1")?.execute([message.0])?;
        let sql =
            "INSERT INTO joined (message, address_key) VALUES (?1, ?2) ON CONFLICT (message, address_key) DO NOTHING";
        for address in joined {
            self.connection.prepare_cached(sql)?.execute(params![message.0, address.key()])?;
        }
        Ok(())
    }

    /// Takes an answer back: neither it nor the news of it is sent, and on its ticket it is for colleagues only.
    pub(in crate::store) fn withdraw(&self, message: MessageKey, now: Timestamp) -> Result<(), StoreError> {
        let sql = "SELECT outgoing.id FROM message JOIN outgoing ON outgoing.message_id = message.message_id
                   WHERE message.id = ?1 AND outgoing.kind = 'answer'";
        let outgoing: Option<i64> =
            self.connection.prepare_cached(sql)?.query_row([message.0], |row| row.get(0)).optional()?;
        let Some(outgoing) = outgoing.filter(|outgoing| self.waits_whole(*outgoing).unwrap_or(false)) else {
            return Err(StoreError::NotFound(format!("no answer `{message}` that has not left")));
        };
        let sql = "UPDATE outbox SET state = 'dropped', reason = 'withdrawn by its agent', updated_at_s = ?2
                   WHERE outgoing = ?1 AND state IN ('queued', 'deferred')";
        self.connection.prepare_cached(sql)?.execute(params![outgoing, now.as_second()])?;
        let sql = "UPDATE outbox SET state = 'dropped', reason = 'the answer that it tells of was withdrawn', updated_at_s = ?2
                   WHERE state IN ('queued', 'deferred') AND outgoing IN (
                       SELECT id FROM outgoing WHERE shows = ?1 AND kind = 'notification')";
        self.connection.prepare_cached(sql)?.execute(params![message.0, now.as_second()])?;
        self.part_with_joined(message)?;
        self.drop_stories(message)?;
        let sql = "UPDATE message SET kind = 'note', visibility = 'internal', message_id = NULL, thread_reason = ?2
                   WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![message.0, WITHDRAWN])?;
        Ok(())
    }

    /// Who joined because of an answer leaves with it, unless they have written on the ticket: a mistyped copy would get all that
    /// follows.
    fn part_with_joined(&self, message: MessageKey) -> Result<(), StoreError> {
        let sql = "SELECT joined.address_key, message.ticket FROM joined JOIN message ON message.id = joined.message
                   WHERE joined.message = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let joined = statement.query_map([message.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let joined: Vec<(String, i64)> = joined.collect::<Result<_, _>>()?;
        let Some((_, ticket)) = joined.first() else { return Ok(()) };
        let sql = "SELECT DISTINCT from_address FROM message WHERE ticket = ?1 AND kind = 'customer'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let wrote = statement.query_map([ticket], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let wrote: BTreeSet<String> =
            wrote.iter().filter_map(|address| Address::parse(address)).map(|address| address.key()).collect();
        let sql = "UPDATE participant SET role = 'proposed'
                   WHERE ticket = ?1 AND address_key = ?2 AND role = 'participant'";
        for (key, ticket) in joined.iter().filter(|(key, _)| !wrote.contains(key)) {
            self.connection.prepare_cached(sql)?.execute(params![ticket, key])?;
        }
        Ok(())
    }

    /// Forgets how tickets stood before old answers.
    pub(in crate::store) fn forget_answered(&self, now: Timestamp) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM joined WHERE message IN (SELECT message FROM answered WHERE at_s < ?1)",
            "DELETE FROM answered WHERE at_s < ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([now.as_second() - KEEP_SECS])?;
        }
        Ok(())
    }
}

/// Three columns of a row.
fn standing(row: &Row<'_>, first: usize) -> Result<StateSnapshot, StoreError> {
    Ok(StateSnapshot {
        status: word(&get::<String>(row, first)?, Status::from_word)?,
        wait_until: optional_time(get(row, first + 1)?)?,
        assignee: get::<Option<String>>(row, first + 2)?.map(|id| AgentId::new(&id)),
    })
}

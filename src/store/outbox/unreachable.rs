//! Agents whose address takes no mail: they count as absent until a mail to it is accepted again, their address in the config
//! is another one, or a day has passed and the next mail is tried.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use crate::model::address::Address;
use crate::model::id::{AgentId, OutboxId};
use crate::model::outgoing::{Instead, Objection, Returned};
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, time};
use crate::store::engine::view::{Tx, View};
use crate::store::timers::FailedDelivery;

/// People hear once in this time that an agent cannot be reached; what came back is believed for as long.
const DAY_SECS: i64 = 86_400;
/// What was refused longer ago is not sent again once the address takes mail: it is no news any more.
const RECENT_SECS: i64 = 5 * DAY_SECS;

/// An agent whose address takes no mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// Who.
    pub agent: AgentId,
    /// The address.
    pub address: Address,
    /// What the server said.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

impl View<'_> {
    /// The agents whose address takes no mail.
    pub fn unreachable(&self) -> Result<Vec<Unreachable>, StoreError> {
        let sql = "SELECT agent, address, reason, since_s FROM unreachable ORDER BY agent";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let address: String = get(row, 1)?;
            found.push(Unreachable {
                agent: AgentId::new(&get::<String>(row, 0)?),
                address: Address::parse(&address).ok_or_else(|| StoreError::Corrupt("an address".to_owned()))?,
                reason: get(row, 2)?,
                since: time(get(row, 3)?)?,
            });
        }
        Ok(found)
    }

    /// The agents whose address refused a mail, as long as that is believed: as long as one who is absent for it stays so. The
    /// time of the last event stands in for now.
    pub(in crate::store) fn unreachable_lately(&self) -> Result<Vec<AgentId>, StoreError> {
        let sql = "SELECT agent FROM unreachable WHERE refused_at_s >
                       coalesce((SELECT at_s FROM event ORDER BY id DESC LIMIT 1), 0) - ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let agents = statement.query_map([DAY_SECS], |row| row.get::<_, String>(0))?;
        Ok(agents.map(|agent| agent.map(|agent| AgentId::new(&agent))).collect::<Result<_, _>>()?)
    }

    /// Mails to agents that failed when there was nobody left to tell.
    pub(in crate::store) fn untold(&self) -> Result<Vec<(OutboxId, String)>, StoreError> {
        let sql = "SELECT id, reason FROM outbox WHERE state <> 'sent' AND state = 'failed' AND untold = 1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((OutboxId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// An agent's address takes no mail. Returns whether people are to hear of it: once a day.
    pub fn agent_refuses(&self, agent: &AgentId, mail: &FailedDelivery, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT told_at_s FROM unreachable WHERE agent = ?1 AND address = ?2";
        let parameters = params![agent.as_str(), mail.recipient.as_str()];
        let told: Option<i64> =
            self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0)).optional()?;
        let is_news = told.is_none_or(|told| told <= now.as_second() - DAY_SECS || told > now.as_second());
        let sql = "INSERT INTO unreachable (agent, address, reason, bounced, since_s, refused_at_s, told_at_s)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5)
                   ON CONFLICT (agent) DO UPDATE SET address = excluded.address, reason = excluded.reason,
                       bounced = excluded.bounced, refused_at_s = excluded.refused_at_s,
                       told_at_s = CASE WHEN ?6 THEN excluded.told_at_s ELSE unreachable.told_at_s END";
        self.connection.prepare_cached(sql)?.execute(params![
            agent.as_str(),
            mail.recipient.as_str(),
            mail.reason,
            mail.bounced,
            now.as_second(),
            is_news,
        ])?;
        Ok(is_news)
    }

    /// An agent can be reached.
    pub fn agent_is_reachable(&self, agent: &AgentId) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM unreachable WHERE agent = ?1")?.execute([agent.as_str()])?;
        let sql = "DELETE FROM absence WHERE agent = ?1 AND said_by = 'refused'";
        self.connection.prepare_cached(sql)?.execute([agent.as_str()])?;
        Ok(())
    }

    /// A mail was accepted: its agent can be reached, and gets what was refused meanwhile. What had been accepted before and
    /// came back is believed for a day.
    pub(in crate::store) fn agent_accepts(&self, id: OutboxId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "SELECT unreachable.agent, address FROM unreachable
                       JOIN outgoing ON outgoing.agent = unreachable.agent AND kind <> 'answer'
                       JOIN outbox ON outbox.outgoing = outgoing.id AND outbox.recipient = address
                   WHERE outbox.id = ?1 AND (unreachable.bounced = 0 OR refused_at_s <= ?2)";
        let parameters = params![id.0, now.as_second() - DAY_SECS];
        let found: Option<(String, String)> = self
            .connection
            .prepare_cached(sql)?
            .query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((agent, address)) = found else { return Ok(()) };
        self.agent_is_reachable(&AgentId::new(&agent))?;
        let sql = "UPDATE outbox SET state = 'queued', told = '', objection = '', untold = 0, next_at_s = ?1, updated_at_s = ?1,
                       reason = 'the address takes mail again'
                   WHERE state = 'failed' AND objection = 'address' AND recipient = ?2 AND updated_at_s >= ?3
                     AND outgoing IN (SELECT id FROM outgoing WHERE kind = 'notification' AND agent = ?4)";
        let parameters = params![now.as_second(), address, now.as_second() - RECENT_SECS, agent];
        if self.connection.prepare_cached(sql)?.execute(parameters)? > 0 {
            self.queued_mail.set(true);
        }
        Ok(())
    }

    /// What the server objects to in a mail.
    pub(in crate::store) fn note_objection(&self, id: OutboxId, objection: Objection) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET objection = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![id.0, objection.as_str()])?;
        Ok(())
    }

    /// A notification that was accepted came back: it has failed, and the next tick sees to it.
    pub(in crate::store) fn note_returned(&self, returned: &Returned, now: Timestamp) -> Result<(), StoreError> {
        let sql =
            "UPDATE outbox SET state = 'failed', reason = ?4, objection = ?5, bounced = 1, told = '', updated_at_s = ?6
                   WHERE id = (SELECT outbox.id FROM outbox JOIN outgoing ON outgoing.id = outbox.outgoing
                               WHERE kind = 'notification' AND ticket = ?1 AND agent = ?2
                                 AND state IN ('sent', 'uncertain')
                               ORDER BY CASE WHEN message_id = ?3 THEN 0 ELSE 1 END, outbox.id DESC LIMIT 1)";
        let Returned { ticket, agent, id, reason, objection } = returned;
        let id = id.as_ref().map(|id| id.as_str().to_owned());
        let parameters = params![ticket.0, agent.as_str(), id, reason, objection.as_str(), now.as_second()];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        Ok(())
    }

    /// Who else was told, or is about to be, of a ticket as much as a notification that failed shows; and to whom it was
    /// passed on.
    pub fn told_beside(&self, mail: &FailedDelivery) -> Result<(Vec<AgentId>, Vec<AgentId>), StoreError> {
        let sql = "SELECT DISTINCT outgoing.agent, state IN ('queued', 'sending', 'deferred', 'uncertain', 'sent'),
                          instead IN ('passed', 'passed-bare')
                   FROM outgoing JOIN outbox ON outbox.outgoing = outgoing.id
                   WHERE ticket = ?1 AND kind = 'notification' AND outgoing.agent <> ?2 AND coalesce(shows, 0) >= ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let own = mail.agent.as_ref().map_or("", AgentId::as_str);
        let mut rows = statement.query(params![mail.ticket.map(|ticket| ticket.0), own, mail.shows.0])?;
        let (mut reached, mut tried) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let agent = AgentId::new(&get::<String>(row, 0)?);
            if get(row, 1)? {
                reached.push(agent.clone());
            }
            if get(row, 2)? {
                tried.push(agent);
            }
        }
        Ok((reached, tried))
    }

    /// The row of the mail written last.
    pub fn last_outgoing(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM outgoing";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// All mails written after that row are sent instead of another one.
    pub fn mark_instead(&self, after: i64, instead: Instead) -> Result<(), StoreError> {
        let sql = "UPDATE outgoing SET instead = ?2 WHERE id > ?1";
        self.connection.prepare_cached(sql)?.execute(params![after, instead.as_str()])?;
        Ok(())
    }

    /// Nobody is left to be told of a ticket.
    pub fn mark_untold(&self, id: OutboxId) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE outbox SET untold = 1 WHERE id = ?1")?.execute([id.0])?;
        Ok(())
    }
}

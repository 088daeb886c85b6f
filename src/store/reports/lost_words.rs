//! Words of agents about tickets that this database does not know any more: written in a state of it that is lost, signed by
//! us all the same. They came back to their agents; whoever keeps the desk sees which.

use jiff::Timestamp;
use rusqlite::params;

use crate::model::id::{AgentId, TicketNumber};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, time};
use crate::store::engine::view::{Tx, View};

/// Rows that are told.
const MAX_TOLD: i64 = 20;
/// They are told for this long.
const TOLD_SECS: i64 = 7 * 86_400;

/// A mail of an agent's about a ticket that is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostWords {
    /// Whose it is.
    pub agent: AgentId,
    /// The ticket as it was.
    pub ticket: TicketNumber,
    /// When it came.
    pub at: Timestamp,
}

impl View<'_> {
    /// The latest such mails, and how many there are.
    pub(in crate::store) fn lost_words(&self) -> Result<(Vec<LostWords>, u64), StoreError> {
        let sql = "SELECT agent, ticket, at_s, count(*) OVER () FROM lost_words ORDER BY id DESC LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([MAX_TOLD])?;
        let (mut found, mut count) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            count = crate::store::engine::rows::unsigned(get(row, 3)?);
            found.push(LostWords {
                agent: AgentId::new(&get::<String>(row, 0)?),
                ticket: TicketNumber(get(row, 1)?),
                at: time(get(row, 2)?)?,
            });
        }
        Ok((found, count))
    }
}

impl Tx<'_> {
    /// An agent wrote about a ticket that is lost.
    pub(in crate::store) fn note_lost_words(
        &self,
        agent: &AgentId,
        ticket: TicketNumber,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO lost_words (id, agent, ticket, at_s) VALUES (?1, ?2, ?3, ?4)";
        let id = self.next_id(Numbered::LostWords)?;
        self.connection.prepare_cached(sql)?.execute(params![id, agent.as_str(), ticket.0, now.as_second()])?;
        Ok(())
    }

    /// What was told for long enough is not told any more.
    pub(in crate::store) fn forget_lost_words(&self, now: Timestamp) -> Result<(), StoreError> {
        let sql = "DELETE FROM lost_words WHERE at_s < ?1";
        self.connection.prepare_cached(sql)?.execute([now.as_second() - TOLD_SECS])?;
        Ok(())
    }
}

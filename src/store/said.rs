//! What was written on a ticket lately, by customers and by one agent: so that machines are known which repeat themselves.

use rusqlite::params;

use super::error::StoreError;
use super::facts::View;
use super::rows::{get, time};
use crate::model::held::Said;
use crate::model::id::{AgentId, TicketNumber};

/// Texts of each kind that are looked at, the newest, and characters of each.
const TEXTS: i64 = 5;
const CHARS: i64 = 20_000;

impl View<'_> {
    /// The newest texts of a ticket, those of customers with all that they quote.
    pub fn said(&self, ticket: TicketNumber, agent: &AgentId) -> Result<Said, StoreError> {
        let of_customers = "SELECT substr(text, 1, ?3) FROM message
            WHERE ticket = ?1 AND kind = 'customer' AND ?2 <> '' ORDER BY id DESC LIMIT ?4";
        let answers = "SELECT substr(text, 1, ?3) FROM message
            WHERE ticket = ?1 AND kind = 'agent' AND visibility = 'public' AND agent = ?2 ORDER BY id DESC LIMIT ?4";
        let refused = "SELECT substr(text, 1, ?3) FROM message
            WHERE ticket = ?1 AND kind IN ('note', 'returned') AND agent = ?2 ORDER BY id DESC LIMIT ?4";
        let texts = |sql: &str| -> Result<Vec<String>, StoreError> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let texts = statement.query_map(params![ticket.0, agent.as_str(), CHARS, TEXTS], |row| row.get(0))?;
            Ok(texts.collect::<Result<_, _>>()?)
        };
        let sql = "SELECT coalesce(agent, ''), added_at_s, text FROM message
            WHERE ticket = ?1 AND kind IN ('agent', 'customer') AND visibility = 'public' ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([ticket.0])?;
        let last = match rows.next()? {
            Some(row) if get::<String>(row, 0)? == agent.as_str() => Some((time(get(row, 1)?)?, get(row, 2)?)),
            Some(_) | None => None,
        };
        Ok(Said { customers: texts(of_customers)?, answers: texts(answers)?, kept: texts(refused)?, last })
    }
}

//! The keys of agents whose own, which every token of their ticket bears, were seen in a customer's mail.

use std::collections::BTreeMap;

use rusqlite::params;

use super::error::StoreError;
use super::facts::View;
use super::writer::Tx;
use crate::model::id::{AgentId, TicketNumber};
use crate::model::token::TicketKey;

impl View<'_> {
    /// The new keys of agents on a ticket.
    pub fn renewed_keys(&self, number: TicketNumber) -> Result<BTreeMap<AgentId, TicketKey>, StoreError> {
        let sql = "SELECT agent, token_key FROM agent_key WHERE ticket = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let keys = statement.query_map([number.0], |row| {
            let agent: String = row.get(0)?;
            Ok((AgentId::new(&agent), TicketKey::new(row.get(1)?)))
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// An agent's tokens of a ticket bear this key from now on.
    pub(super) fn renew_key(&self, number: TicketNumber, agent: &AgentId, key: TicketKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO agent_key (ticket, agent, token_key) VALUES (?1, ?2, ?3)
                   ON CONFLICT (ticket, agent) DO UPDATE SET token_key = excluded.token_key";
        self.connection.prepare_cached(sql)?.execute(params![number.0, agent.as_str(), key.get()])?;
        Ok(())
    }
}

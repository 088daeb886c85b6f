//! Agents whose address takes no mail: they count as absent until a mail to it is accepted again, their address in the config
//! is another one, or a day has passed and the next mail is tried.

use jiff::Timestamp;

use super::error::StoreError;
use super::facts::View;
use super::rows::{get, time};
use crate::model::address::Address;
use crate::model::id::{AgentId, OutboxId};

/// Whose address takes no mail; what the server objected to in a mail; which mails tell what others could not.
pub(super) const TABLES: &str = "
    CREATE TABLE unreachable (
        agent TEXT PRIMARY KEY,
        address TEXT NOT NULL,
        reason TEXT NOT NULL,
        bounced INTEGER NOT NULL,
        since_s INTEGER NOT NULL,
        refused_at_s INTEGER NOT NULL,
        told_at_s INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE outbox ADD COLUMN objection TEXT NOT NULL DEFAULT '';
    ALTER TABLE outbox ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE outbox ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE outgoing ADD COLUMN instead TEXT NOT NULL DEFAULT '';
";

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

    /// Mails to agents that failed when there was nobody left to tell.
    pub(super) fn untold(&self) -> Result<Vec<(OutboxId, String)>, StoreError> {
        let sql = "SELECT id, reason FROM outbox WHERE state = 'failed' AND untold = 1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((OutboxId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

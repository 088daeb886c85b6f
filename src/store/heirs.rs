//! News kept for one agent goes to others too: when he goes away, or loses the ticket.

use jiff::Timestamp;
use rusqlite::params;

use super::error::StoreError;
use super::news::Waiting;
use super::writer::Tx;
use crate::model::id::{AgentId, MessageKey};
use crate::model::news::FOR_ANYBODY;

impl Tx<'_> {
    /// Keeps what is kept of a ticket for one agent for another one too, as far as it is not about the first himself.
    pub fn share_news(&self, waiting: &Waiting, with: &AgentId, due: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO kept_news (agent, ticket, story, due_at_s, found_again)
                   SELECT ?1, kept_news.ticket, story, ?2, found_again FROM kept_news JOIN story ON story.id = story
                   WHERE agent = ?3 AND kept_news.ticket = ?4 AND news = ?5
                   ON CONFLICT (agent, ticket, story) DO NOTHING";
        let mut statement = self.connection.prepare_cached(sql)?;
        for word in FOR_ANYBODY {
            let (agent, ticket) = (waiting.agent.as_str(), waiting.ticket.0);
            statement.execute(params![with.as_str(), due.as_second(), agent, ticket, word])?;
        }
        Ok(())
    }

    /// Keeps for `heir` too what customers wrote and is kept for somebody else, up to message `before` of the ticket.
    pub fn pass_on_news(
        &self,
        from: &Waiting,
        heir: &AgentId,
        before: MessageKey,
        due: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO kept_news (agent, ticket, story, due_at_s, found_again)
                   SELECT ?3, kept_news.ticket, story.id, ?5, found_again FROM kept_news JOIN story ON story.id = kept_news.story
                   WHERE agent = ?1 AND kept_news.ticket = ?2 AND shows < ?4
                     AND news IN ('new-ticket', 'customer-wrote', 'reopened', 'flood')
                   ON CONFLICT (agent, ticket, story) DO NOTHING";
        let parameters = params![from.agent.as_str(), from.ticket.0, heir.as_str(), before.0, due.as_second()];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        Ok(())
    }
}

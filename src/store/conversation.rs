//! What was written on a ticket and done, for an agent who wants to see all of it.

use rusqlite::params;

use super::error::StoreError;
use super::facts::View;
use super::rows::{get, person, time, word};
use crate::model::id::{AgentId, MessageKey, TicketNumber};
use crate::model::plan::{INTERNAL_NOTE, UNPROVEN_COPY};
use crate::model::surroundings::{Conversation, SaidOnTicket};
use crate::model::ticket::MessageKind;

/// Messages that are shown, the latest ones, and characters of each.
const MAX_SHOWN: i64 = 100;
const MAX_WORDS: i64 = 20_000;

impl View<'_> {
    /// The messages of a ticket that people wrote, oldest first, notes among them, and its history. Mere commands and what came
    /// back to agents are left out.
    pub(super) fn conversation(&self, number: TicketNumber) -> Result<Conversation, StoreError> {
        let sql = "SELECT kind, from_name, from_address, agent, added_at_s, substr(text, 1, ?5), id FROM (
                       SELECT * FROM message
                       WHERE ticket = ?1 AND (kind IN ('customer', 'agent') OR (kind = 'automatic' AND visibility = 'public')
                                              OR (kind = 'note' AND thread_reason IN (?2, ?3)))
                       ORDER BY id DESC LIMIT ?4) AS latest
                   ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number.0, INTERNAL_NOTE, UNPROVEN_COPY, MAX_SHOWN, MAX_WORDS])?;
        let mut conversation = Conversation::default();
        while let Some(row) = rows.next()? {
            conversation.said.push(SaidOnTicket {
                kind: word(&get::<String>(row, 0)?, MessageKind::from_word)?,
                author: person(get(row, 1)?, &get::<String>(row, 2)?)?,
                agent: get::<Option<String>>(row, 3)?.map(|id| AgentId::new(&id)),
                at: time(get(row, 4)?)?,
                text: get(row, 5)?,
                files: self.attachments(MessageKey(get(row, 6)?))?.into_iter().map(|file| file.name).collect(),
            });
        }
        let sql = "SELECT count(*) FROM message
                   WHERE ticket = ?1 AND (kind IN ('customer', 'agent') OR (kind = 'automatic' AND visibility = 'public')
                                          OR (kind = 'note' AND thread_reason IN (?2, ?3)))";
        let all: i64 = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![number.0, INTERNAL_NOTE, UNPROVEN_COPY], |row| row.get(0))?;
        conversation.older = usize::try_from(all).unwrap_or(0).saturating_sub(conversation.said.len());
        conversation.events = self.latest_events(number)?;
        Ok(conversation)
    }
}

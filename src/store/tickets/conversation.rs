//! What was written on a ticket and done, for an agent who wants to see all of it; to whom a message went and what came with it.

use rusqlite::params;

use crate::model::address::Person;
use crate::model::id::{AgentId, MessageKey, TicketNumber};
use crate::model::plan::{AttachmentInfo, INTERNAL_NOTE, NewMessage, UNPROVEN_COPY};
use crate::model::surroundings::{Conversation, SaidOnTicket};
use crate::model::ticket::MessageKind;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, person, signed, time, unsigned, word};
use crate::store::engine::view::{Tx, View};

/// Messages that are shown, the latest ones, and characters of each.
const MAX_SHOWN: i64 = 100;
const MAX_WORDS: i64 = 20_000;

impl View<'_> {
    /// The messages of a ticket that people wrote, oldest first, notes among them, and its history. Mere commands and what came
    /// back to agents are left out.
    pub(in crate::store) fn conversation(&self, number: TicketNumber) -> Result<Conversation, StoreError> {
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

    /// To and Cc of a message.
    pub(in crate::store) fn recipients(&self, message: MessageKey) -> Result<(Vec<Person>, Vec<Person>), StoreError> {
        let sql = "SELECT kind, name, address FROM recipient WHERE message = ?1 ORDER BY position";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([message.0])?;
        let (mut to, mut cc) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let someone = person(get(row, 1)?, &get::<String>(row, 2)?)?;
            if get::<String>(row, 0)? == "to" { to.push(someone) } else { cc.push(someone) }
        }
        Ok((to, cc))
    }

    /// What came with a message.
    pub(in crate::store) fn attachments(&self, message: MessageKey) -> Result<Vec<AttachmentInfo>, StoreError> {
        let sql = "SELECT name, media_type, size, inline FROM attachment WHERE message = ?1 ORDER BY position LIMIT ?2";
        self.files(sql, message.0, i64::MAX)
    }

    /// What customers sent on a ticket, the latest mail first, at most `limit` files.
    pub(in crate::store) fn files_of_customers(
        &self,
        number: TicketNumber,
        limit: i64,
    ) -> Result<Vec<AttachmentInfo>, StoreError> {
        let sql = "SELECT attachment.name, media_type, size, inline
                   FROM message JOIN attachment ON attachment.message = message.id
                   WHERE message.ticket = ?1 AND message.kind = 'customer'
                   ORDER BY message.id DESC, position LIMIT ?2";
        self.files(sql, number.0, limit)
    }

    fn files(&self, sql: &str, whose: i64, limit: i64) -> Result<Vec<AttachmentInfo>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![whose, limit])?;
        let mut files = Vec::new();
        while let Some(row) = rows.next()? {
            files.push(AttachmentInfo {
                name: get(row, 0)?,
                media_type: get(row, 1)?,
                size: unsigned(get(row, 2)?),
                inline: get(row, 3)?,
            });
        }
        Ok(files)
    }
}

impl Tx<'_> {
    /// Adds what belongs to a message.
    pub(in crate::store) fn add_parts(&self, message: &NewMessage) -> Result<(), StoreError> {
        let sql = "INSERT INTO recipient (message, position, kind, name, address) VALUES (?1, ?2, ?3, ?4, ?5)";
        let people =
            message.to.iter().map(|person| ("to", person)).chain(message.cc.iter().map(|person| ("cc", person)));
        for (position, (kind, person)) in (0_i64..).zip(people) {
            let row = params![message.key.0, position, kind, person.name, person.address.as_str()];
            self.connection.prepare_cached(sql)?.execute(row)?;
        }
        let sql = "INSERT INTO attachment (message, position, name, media_type, size, inline)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        for (position, file) in (0_i64..).zip(&message.attachments) {
            let size = signed(file.size);
            let row = params![message.key.0, position, file.name, file.media_type, size, file.inline];
            self.connection.prepare_cached(sql)?.execute(row)?;
        }
        Ok(())
    }
}

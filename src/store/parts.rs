//! To whom a message was written and what came with it: rows beside the message.

use rusqlite::params;

use super::error::StoreError;
use super::facts::View;
use super::rows::{get, person, signed, unsigned};
use super::writer::Tx;
use crate::model::address::Person;
use crate::model::id::{MessageKey, TicketNumber};
use crate::model::plan::{AttachmentInfo, NewMessage};

impl View<'_> {
    /// To and Cc of a message.
    pub(super) fn recipients(&self, message: MessageKey) -> Result<(Vec<Person>, Vec<Person>), StoreError> {
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
    pub(super) fn attachments(&self, message: MessageKey) -> Result<Vec<AttachmentInfo>, StoreError> {
        let sql = "SELECT name, media_type, size, inline FROM attachment WHERE message = ?1 ORDER BY position LIMIT ?2";
        self.files(sql, message.0, i64::MAX)
    }

    /// What customers sent on a ticket, the latest mail first, at most `limit` files.
    pub(super) fn files_of_customers(
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
    pub(super) fn add_parts(&self, message: &NewMessage) -> Result<(), StoreError> {
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

//! What is counted: figures with a name, and the ids of rows, which are never given twice, also when a row is gone.
//!
//! A transaction reads ids when it needs the first and writes them before its commit, however many rows it adds.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::model::ticket::word_enum;
use crate::store::engine::error::StoreError;

word_enum!(
    /// A table whose rows are numbered.
    Numbered {
        /// Mails as they came.
        Mail = "mail",
        /// Watched folders.
        Folder = "folder",
        /// What became of each UID.
        Ledger = "ledger",
        /// Lines of history.
        Event = "event",
        /// Mails of ours.
        Outgoing = "outgoing",
        /// Mails of ours by recipient.
        Outbox = "outbox",
        /// Mails that could not be handled.
        Quarantine = "quarantine",
        /// What breakers count: automatic mails.
        MachineMail = "machine_mail",
        /// What breakers count: new matters.
        Begun = "begun",
        /// What breakers count: receipts that forms had sent.
        FormReceipt = "form_receipt",
        /// What breakers count: bounces that nothing explains.
        StrayBounce = "stray_bounce",
        /// What breakers count: mails that agents were told of.
        ToldMail = "told_mail",
        /// What breakers kept back.
        Stopped = "stopped",
        /// What agents are to be told.
        NotificationContent = "story",
        /// Its files.
        StoryFile = "story_file",
        /// Tickets handed to another department.
        HandOver = "hand_over",
        /// Words about tickets that are lost.
        LostWords = "lost_words",
    }
);

/// What a transaction has given out; `None` while it needed none.
#[derive(Default)]
pub(in crate::store) struct Ids(RefCell<Option<BTreeMap<Numbered, Last>>>);

/// The last id of a table.
#[derive(Clone, Copy, Default)]
struct Last {
    /// As the database has it.
    written: i64,
    /// As it was given.
    given: i64,
}

impl Ids {
    pub(in crate::store) fn next(&self, connection: &Connection, table: Numbered) -> Result<i64, StoreError> {
        let mut ids = self.0.borrow_mut();
        let ids = match &mut *ids {
            Some(ids) => ids,
            none => none.insert(read(connection)?),
        };
        let last = ids.entry(table).or_default();
        last.given += 1;
        Ok(last.given)
    }

    /// Writes what was given out; belongs into the same commit as the rows.
    pub(in crate::store) fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO last_id (name, id) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET id = excluded.id WHERE last_id.id < excluded.id";
        for (table, last) in self.0.borrow().iter().flatten().filter(|(_, last)| last.given > last.written) {
            connection.prepare_cached(sql)?.execute(params![table.as_str(), last.given])?;
        }
        Ok(())
    }
}

/// The last ids of all tables.
fn read(connection: &Connection) -> Result<BTreeMap<Numbered, Last>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT name, id FROM last_id")?;
    let mut rows = statement.query([])?;
    let mut ids: BTreeMap<Numbered, Last> = Numbered::ALL.iter().map(|table| (*table, Last::default())).collect();
    while let Some(row) = rows.next()? {
        let (name, id): (String, i64) = (row.get(0)?, row.get(1)?);
        if let Some(table) = Numbered::from_word(&name) {
            ids.insert(table, Last { written: id, given: id });
        }
    }
    Ok(ids)
}

/// What a name stands for, if anything yet.
pub(in crate::store) fn counter(connection: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Has a name stand for something else.
pub(in crate::store) fn set_counter(connection: &Connection, name: &str, value: i64) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute(params![name, value])?;
    Ok(())
}

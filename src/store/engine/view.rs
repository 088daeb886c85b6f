//! What jobs read and write through: a picture of the database, and the open write transaction.

use std::cell::Cell;

use rusqlite::{Connection, params};

use crate::model::id::MessageKey;
use crate::store::engine::error::StoreError;
use crate::store::engine::high_water_mark::{HighWaterMark, MESSAGES, SENDINGS, TICKETS};
use crate::store::engine::ids::{Ids, Numbered, counter, set_counter};

/// More messages than a desk takes between a backup and the restore.
const UNSEEN_MESSAGES: i64 = 1_000_000;

/// A consistent picture of the database to read from.
pub struct View<'c> {
    pub(in crate::store) connection: &'c Connection,
}

impl<'c> View<'c> {
    pub(in crate::store) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    pub(in crate::store) fn count(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<u32, StoreError> {
        let count: i64 = self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

/// The open write transaction, as a job sees it. Reads through [`View`].
pub struct Tx<'c> {
    view: View<'c>,
    pub(in crate::store) queued_mail: &'c Cell<bool>,
    /// The ids that rows get.
    ids: &'c Ids,
    /// Mails are about to leave: how far the desk has come with them.
    pub(in crate::store) sending: &'c Cell<Option<HighWaterMark>>,
}

impl<'c> Tx<'c> {
    pub(in crate::store) fn new(
        view: View<'c>,
        queued_mail: &'c Cell<bool>,
        ids: &'c Ids,
        sending: &'c Cell<Option<HighWaterMark>>,
    ) -> Self {
        Self { view, queued_mail, ids, sending }
    }
}

impl<'c> std::ops::Deref for Tx<'c> {
    type Target = View<'c>;

    fn deref(&self) -> &View<'c> {
        &self.view
    }
}

impl Tx<'_> {
    /// An id that no row of the table ever had.
    pub(in crate::store) fn next_id(&self, table: Numbered) -> Result<i64, StoreError> {
        self.ids.next(self.connection, table)
    }

    /// Leaves out the keys of messages that may have been given in a state of the database that is lost, so that nobody passes
    /// for having read what they have not. Two restores of one copy leave out different ones.
    pub(in crate::store) fn leave_out_messages(&self) -> Result<(), StoreError> {
        let first = counter(self.connection, MESSAGES)?.unwrap_or(0);
        set_counter(self.connection, MESSAGES, first.saturating_add(UNSEEN_MESSAGES + i64::from(rand::random::<u16>())))
    }

    /// No ticket gets this number, or one below it, from now on.
    pub(in crate::store) fn note_number(&self, number: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO counter (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value";
        self.connection.prepare_cached(sql)?.execute(params![TICKETS, number])?;
        Ok(())
    }

    /// No message gets this key, or one below it, from now on.
    pub(in crate::store) fn note_message(&self, key: MessageKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO counter (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value";
        self.connection.prepare_cached(sql)?.execute(params![MESSAGES, key.0 + 1])?;
        Ok(())
    }

    /// Mails are about to leave: to be noted once this is durable.
    pub(in crate::store) fn count_sending(&self) -> Result<(), StoreError> {
        let own = HighWaterMark::of(self.connection)?;
        let now = HighWaterMark { sendings: own.sendings.saturating_add(1), ..own };
        set_counter(self.connection, SENDINGS, now.sendings)?;
        self.sending.set(Some(now));
        Ok(())
    }

    /// From now on the database has come as far as `other`.
    pub(in crate::store) fn catch_up(&self, other: HighWaterMark) -> Result<(), StoreError> {
        set_counter(self.connection, SENDINGS, other.sendings)
    }
}

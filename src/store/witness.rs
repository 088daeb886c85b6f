//! How far a desk has come, written beside its database: an older copy put in its place is known for what it is.
//!
//! Before mails leave, it is committed that they do, then noted in the lock file. A database behind that note has forgotten
//! mails that left: a file was copied back by hand, or its write-ahead log is gone. A whole directory that was put back, note
//! and all, cannot be told from one that never went on: copies made by `postroom backup` can.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rusqlite::{Connection, params};

use super::backup::{counter, set_counter};
use super::connection::{BOARD_LEN, lock_path};
use super::error::StoreError;
use super::writer::Tx;
use crate::model::id::MessageKey;

/// Which database it is: a number made with it.
const DESK: &str = "desk";
/// How often mails were taken to be sent.
const SENDINGS: &str = "sendings";
/// The highest number of a ticket that was ever given, or met in something that we signed.
pub(super) const TICKETS: &str = "tickets";
/// The key that the next message gets: those below were given, perhaps in a state of the database that is lost.
pub(super) const MESSAGES: &str = "messages";
/// More messages than a desk takes between a backup and the restore.
const UNSEEN_MESSAGES: i64 = 1_000_000;
/// Longest note.
const MAX_LEN: u64 = 100;

/// How far a desk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Witness {
    pub(super) desk: i64,
    sendings: i64,
    /// The highest number given; 0 in a note of an older version, which does not say.
    pub(super) tickets: i64,
}

impl Witness {
    /// As the database has it; one that has no number yet gets one.
    pub(super) fn of(connection: &Connection) -> Result<Self, StoreError> {
        let desk = if let Some(desk) = counter(connection, DESK)? {
            desk
        } else {
            let made = i64::from(rand::random::<u32>());
            set_counter(connection, DESK, made)?;
            made
        };
        let sendings = counter(connection, SENDINGS)?.unwrap_or(0);
        Ok(Self { desk, sendings, tickets: highest_number(connection)? })
    }

    /// Whether the database has a number by which it is known.
    pub(super) fn is_named(connection: &Connection) -> Result<bool, StoreError> {
        Ok(counter(connection, DESK)?.is_some())
    }

    /// As it was noted last; `None` when nothing was, or nothing that can be read.
    pub(super) fn noted(path: &Path) -> Option<Self> {
        let file = File::open(lock_path(path)).ok()?;
        let mut bytes = Vec::new();
        file.take(BOARD_LEN as u64 + MAX_LEN).read_to_end(&mut bytes).ok()?;
        let note = std::str::from_utf8(bytes.get(BOARD_LEN..)?).ok()?;
        Self::from_line(note.strip_suffix('\n')?)
    }

    /// Notes it. Without room on the disk an older note stays, which claims less.
    pub(super) fn note(self, board: &File) {
        drop(board.write_all_at(self.to_line().as_bytes(), BOARD_LEN as u64));
    }

    /// Always of the same length.
    pub(super) fn to_line(self) -> String {
        format!("{:020} {:020} {:020}\n", self.desk, self.sendings, self.tickets)
    }

    pub(super) fn from_line(line: &str) -> Option<Self> {
        let mut fields = line.split(' ');
        let (desk, sendings) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let tickets = fields.next().map_or(Some(0), |tickets| tickets.parse().ok())?;
        Some(Self { desk, sendings, tickets })
    }

    /// Whether a database that came this far is an older state of the one that came as far as `other`.
    pub(super) fn is_behind(self, other: Self) -> bool {
        self.desk == other.desk && self.sendings < other.sendings
    }
}

/// The highest number of a ticket that was given or met, as far as this database knows; 0 for none.
pub(super) fn highest_number(connection: &Connection) -> Result<i64, StoreError> {
    Ok(counter(connection, TICKETS)?.unwrap_or(0))
}

impl Tx<'_> {
    /// Leaves out the keys of messages that may have been given in a state of the database that is lost, so that nobody passes
    /// for having read what they have not. Two restores of one copy leave out different ones.
    pub(super) fn leave_out_messages(&self) -> Result<(), StoreError> {
        let first = counter(self.connection, MESSAGES)?.unwrap_or(0);
        set_counter(self.connection, MESSAGES, first.saturating_add(UNSEEN_MESSAGES + i64::from(rand::random::<u16>())))
    }

    /// No ticket gets this number, or one below it, from now on.
    pub(super) fn note_number(&self, number: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO counter (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value";
        self.connection.prepare_cached(sql)?.execute(params![TICKETS, number])?;
        Ok(())
    }

    /// No message gets this key, or one below it, from now on.
    pub(super) fn note_message(&self, key: MessageKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO counter (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value";
        self.connection.prepare_cached(sql)?.execute(params![MESSAGES, key.0 + 1])?;
        Ok(())
    }

    /// Mails are about to leave: to be noted once this is durable.
    pub(super) fn count_sending(&self) -> Result<(), StoreError> {
        let own = Witness::of(self.connection)?;
        let now = Witness { sendings: own.sendings.saturating_add(1), ..own };
        set_counter(self.connection, SENDINGS, now.sendings)?;
        self.sending.set(Some(now));
        Ok(())
    }

    /// From now on the database has come as far as `other`.
    pub(super) fn catch_up(&self, other: Witness) -> Result<(), StoreError> {
        set_counter(self.connection, SENDINGS, other.sendings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_and_anything_else_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        assert_eq!(Witness::noted(&path), None);
        let board = File::create(lock_path(&path)).unwrap();
        board.write_all_at(&[b' '; BOARD_LEN], 0).unwrap();
        assert_eq!(Witness::noted(&path), None);
        let witness = Witness { desk: 7, sendings: 1234, tickets: 1003 };
        witness.note(&board);
        assert_eq!(Witness::noted(&path), Some(witness));
        board.write_all_at(b"\0\0", BOARD_LEN as u64 + 20).unwrap();
        assert_eq!(Witness::noted(&path), None);
    }

    #[test]
    fn a_note_of_an_older_version_says_nothing_of_numbers() {
        let old = format!("{:020} {:020}", 7, 1234);
        assert_eq!(Witness::from_line(&old), Some(Witness { desk: 7, sendings: 1234, tickets: 0 }));
        assert_eq!(Witness::from_line("7 x 3"), None);
    }

    #[test]
    fn only_an_older_state_of_the_same_database_is_behind() {
        let noted = Witness { desk: 7, sendings: 5, tickets: 0 };
        assert!(Witness { desk: 7, sendings: 4, tickets: 0 }.is_behind(noted));
        assert!(!Witness { desk: 7, sendings: 5, tickets: 0 }.is_behind(noted));
        assert!(!Witness { desk: 7, sendings: 6, tickets: 0 }.is_behind(noted));
        assert!(!Witness { desk: 8, sendings: 0, tickets: 0 }.is_behind(noted));
    }
}

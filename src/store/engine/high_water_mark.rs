//! How far a desk has come, written beside its database: an older copy put in its place is known for what it is.
//!
//! Before mails leave, it is committed that they do, then noted in the lock file. A database behind that note has forgotten
//! mails that left: a file was copied back by hand, or its write-ahead log is gone. A whole directory that was put back, note
//! and all, cannot be told from one that never went on: copies made by `postroom backup` can.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rusqlite::Connection;

use crate::store::engine::connection::{BOARD_LEN, lock_path};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::{counter, set_counter};

/// Which database it is: a number made with it.
const DESK: &str = "desk";
/// How often mails were taken to be sent.
pub(in crate::store) const SENDINGS: &str = "sendings";
/// The highest number of a ticket that was ever given, or met in something that we signed.
pub(in crate::store) const TICKETS: &str = "tickets";
/// The key that the next message gets: those below were given, perhaps in a state of the database that is lost.
pub(in crate::store) const MESSAGES: &str = "messages";
/// Longest note.
const MAX_LEN: u64 = 100;

/// How far a desk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct HighWaterMark {
    pub(in crate::store) desk: i64,
    pub(in crate::store) sendings: i64,
    /// The highest number given; 0 in a note of an older version, which does not say.
    pub(in crate::store) tickets: i64,
}

impl HighWaterMark {
    /// As the database has it; one that has no number yet gets one.
    pub(in crate::store) fn of(connection: &Connection) -> Result<Self, StoreError> {
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
    pub(in crate::store) fn is_named(connection: &Connection) -> Result<bool, StoreError> {
        Ok(counter(connection, DESK)?.is_some())
    }

    /// As it was noted last; `None` when nothing was, or nothing that can be read.
    pub(in crate::store) fn noted(path: &Path) -> Option<Self> {
        let file = File::open(lock_path(path)).ok()?;
        let mut bytes = Vec::new();
        file.take(BOARD_LEN as u64 + MAX_LEN).read_to_end(&mut bytes).ok()?;
        let note = std::str::from_utf8(bytes.get(BOARD_LEN..)?).ok()?;
        Self::from_line(note.strip_suffix('\n')?)
    }

    /// Notes it. Without room on the disk an older note stays, which claims less.
    pub(in crate::store) fn note(self, board: &File) {
        drop(board.write_all_at(self.to_line().as_bytes(), BOARD_LEN as u64));
    }

    /// Always of the same length.
    pub(in crate::store) fn to_line(self) -> String {
        format!("{:020} {:020} {:020}\n", self.desk, self.sendings, self.tickets)
    }

    pub(in crate::store) fn from_line(line: &str) -> Option<Self> {
        let mut fields = line.split(' ');
        let (desk, sendings) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let tickets = fields.next().map_or(Some(0), |tickets| tickets.parse().ok())?;
        Some(Self { desk, sendings, tickets })
    }

    /// Whether a database that came this far is an older state of the one that came as far as `other`.
    pub(in crate::store) fn is_behind(self, other: Self) -> bool {
        self.desk == other.desk && self.sendings < other.sendings
    }
}

/// The highest number of a ticket that was given or met, as far as this database knows; 0 for none.
pub(in crate::store) fn highest_number(connection: &Connection) -> Result<i64, StoreError> {
    Ok(counter(connection, TICKETS)?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_and_anything_else_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        assert_eq!(HighWaterMark::noted(&path), None);
        let board = File::create(lock_path(&path)).unwrap();
        board.write_all_at(&[b' '; BOARD_LEN], 0).unwrap();
        assert_eq!(HighWaterMark::noted(&path), None);
        let mark = HighWaterMark { desk: 7, sendings: 1234, tickets: 1003 };
        mark.note(&board);
        assert_eq!(HighWaterMark::noted(&path), Some(mark));
        board.write_all_at(b"\0\0", BOARD_LEN as u64 + 20).unwrap();
        assert_eq!(HighWaterMark::noted(&path), None);
    }

    #[test]
    fn a_note_of_an_older_version_says_nothing_of_numbers() {
        let old = format!("{:020} {:020}", 7, 1234);
        assert_eq!(HighWaterMark::from_line(&old), Some(HighWaterMark { desk: 7, sendings: 1234, tickets: 0 }));
        assert_eq!(HighWaterMark::from_line("7 x 3"), None);
    }

    #[test]
    fn only_an_older_state_of_the_same_database_is_behind() {
        let noted = HighWaterMark { desk: 7, sendings: 5, tickets: 0 };
        assert!(HighWaterMark { desk: 7, sendings: 4, tickets: 0 }.is_behind(noted));
        assert!(!HighWaterMark { desk: 7, sendings: 5, tickets: 0 }.is_behind(noted));
        assert!(!HighWaterMark { desk: 7, sendings: 6, tickets: 0 }.is_behind(noted));
        assert!(!HighWaterMark { desk: 8, sendings: 0, tickets: 0 }.is_behind(noted));
    }
}

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

use super::backup::{counter, set_counter};
use super::connection::{BOARD_LEN, lock_path};
use super::error::StoreError;
use super::writer::Tx;

/// Which database it is: a number made with it.
const DESK: &str = "desk";
/// How often mails were taken to be sent.
const SENDINGS: &str = "sendings";
/// Longest note.
const MAX_LEN: u64 = 100;

/// How far a desk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Witness {
    desk: i64,
    sendings: i64,
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
        Ok(Self { desk, sendings: counter(connection, SENDINGS)?.unwrap_or(0) })
    }

    /// As it was noted last; `None` when nothing was, or nothing that can be read.
    pub(super) fn noted(path: &Path) -> Option<Self> {
        let file = File::open(lock_path(path)).ok()?;
        let mut bytes = Vec::new();
        file.take(BOARD_LEN as u64 + MAX_LEN).read_to_end(&mut bytes).ok()?;
        let note = std::str::from_utf8(bytes.get(BOARD_LEN..)?).ok()?;
        let (desk, sendings) = note.strip_suffix('\n')?.split_once(' ')?;
        Some(Self { desk: desk.parse().ok()?, sendings: sendings.parse().ok()? })
    }

    /// Notes it. Without room on the disk an older note stays, which claims less.
    pub(super) fn note(self, board: &File) {
        let text = format!("{:020} {:020}\n", self.desk, self.sendings);
        drop(board.write_all_at(text.as_bytes(), BOARD_LEN as u64));
    }

    /// Whether a database that came this far is an older state of the one that came as far as `other`.
    pub(super) fn is_behind(self, other: Self) -> bool {
        self.desk == other.desk && self.sendings < other.sendings
    }
}

impl Tx<'_> {
    /// Mails are about to leave: to be noted once this is durable.
    pub(super) fn count_sending(&self) -> Result<(), StoreError> {
        let Witness { desk, sendings } = Witness::of(self.connection)?;
        let now = Witness { desk, sendings: sendings.saturating_add(1) };
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
        let witness = Witness { desk: 7, sendings: 1234 };
        witness.note(&board);
        assert_eq!(Witness::noted(&path), Some(witness));
        board.write_all_at(b"\0\0", BOARD_LEN as u64 + 20).unwrap();
        assert_eq!(Witness::noted(&path), None);
    }

    #[test]
    fn only_an_older_state_of_the_same_database_is_behind() {
        let noted = Witness { desk: 7, sendings: 5 };
        assert!(Witness { desk: 7, sendings: 4 }.is_behind(noted));
        assert!(!Witness { desk: 7, sendings: 5 }.is_behind(noted));
        assert!(!Witness { desk: 7, sendings: 6 }.is_behind(noted));
        assert!(!Witness { desk: 8, sendings: 0 }.is_behind(noted));
    }
}

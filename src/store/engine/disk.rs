//! What the file system under the database says: free space, read-only, and which files stand at the database's paths.
//!
//! Never opens the database file: closing it would drop the locks that SQLite holds in this process.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::model::text::folder_of;

/// Less than this free is full, however large the file system is.
const LEAST_FREE: u64 = 2 << 20;
/// More than this need never be free.
const MOST_FREE: u64 = 64 << 20;

/// The room on a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that we may still write.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
    /// Whether nothing at all can be written.
    pub read_only: bool,
}

impl Room {
    /// The room for files beside `path`; `None` when the system does not say.
    pub fn beside(path: &Path) -> Option<Self> {
        let stat = statvfs(folder_of(path)).ok()?;
        Some(Self {
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
            read_only: stat.f_flag.contains(StatVfsMountFlags::RDONLY),
        })
    }

    /// Bytes that must be free before mail is fetched: what has been fetched must find room, and so must its outcome.
    pub fn reserve(self) -> u64 {
        (self.total / 50).clamp(LEAST_FREE, MOST_FREE)
    }

    /// Why nothing can be stored here, with what to do; `None` when there is room.
    pub fn trouble(self) -> Option<String> {
        if self.read_only {
            return Some(format!("the file system of the database is read-only; {READ_ONLY}"));
        }
        // Without the number that changes all the time: the same trouble is told once.
        let reserve = self.reserve() >> 20;
        (self.free < self.reserve()).then(|| format!("the disk is full, less than {reserve} MiB are free; {FULL}"))
    }
}

pub(in crate::store) const FULL: &str =
    "hint: free space on the file system of the database; postroom goes on by itself within a minute";
pub(in crate::store) const READ_ONLY: &str =
    "hint: look into the kernel's log for why, and mount the file system writable; postroom goes on by itself";
pub(in crate::store) const BROKEN_DISK: &str =
    "hint: look at the disk and the kernel's log (`journalctl -k`); postroom tries again by itself";
pub(in crate::store) const RESTORE: &str = "hint: stop postroom, keep the damaged files elsewhere, put a copy made by `postroom backup` in the place of the \
     database, with no `-wal` and `-shm` files beside it, then start postroom: it fetches the mails since then again";
pub(in crate::store) const REPLACED: &str =
    "hint: stop postroom before its database is moved or replaced; remove the `-wal` and `-shm` files of the old one";

/// Which files stand at the paths of the database and its write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Marks {
    /// Device and inode of the database.
    pub(in crate::store) database: Option<(u64, u64)>,
    /// Those of the log.
    pub(in crate::store) log: Option<(u64, u64)>,
}

impl Marks {
    pub(in crate::store) fn of(path: &Path) -> Self {
        Self { database: identity(path), log: identity(&log_path(path)) }
    }
}

/// The write-ahead log of the database at `path`.
pub(in crate::store) fn log_path(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// The file beside the database with this ending.
pub(in crate::store) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_or_read_only_file_system_is_told_with_what_to_do() {
        let roomy = Room { free: 1 << 30, total: 1 << 34, read_only: false };
        assert_eq!(roomy.trouble(), None);
        let full = Room { free: 1 << 20, ..roomy }.trouble().unwrap();
        assert!(full.contains("less than 64 MiB are free; hint: free space"), "{full}");
        assert!(Room { read_only: true, ..roomy }.trouble().unwrap().contains("read-only"));
        // A small file system keeps most of itself for mail.
        assert_eq!(Room { total: 20 << 20, ..roomy }.reserve(), LEAST_FREE);
        assert!(Room::beside(Path::new("Cargo.toml")).unwrap().total > 0);
    }

    #[test]
    fn another_file_at_the_same_path_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        assert_eq!(Marks::of(&path), Marks { database: None, log: None });
        std::fs::write(&path, "one").unwrap();
        let before = Marks::of(&path);
        std::fs::write(dir.path().join("other"), "two").unwrap();
        assert_eq!(Marks::of(&path), before);
        std::fs::rename(dir.path().join("other"), &path).unwrap();
        assert_ne!(Marks::of(&path), before);
    }
}

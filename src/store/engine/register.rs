//! A file beside the secret that says for which databases it has signed and how far each had come: one line a database.
//!
//! A database that is missing (a mistyped path, a disk that is not mounted) takes the notes beside it away with it; the secret
//! lives on, and what it signed is still in people's mailboxes. Where the file cannot be written nothing else fails: what the
//! notes beside the database say has to do.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::store::engine::disk::beside;
use crate::store::engine::high_water_mark::HighWaterMark;

/// Bytes of a line: three numbers of twenty digits each.
const LINE_LEN: usize = 63;
/// Bytes read: more databases than a secret signs for.
const MAX_LEN: u64 = 64 * LINE_LEN as u64;

/// Where this database's line stands.
pub(in crate::store) struct Register {
    file: File,
    offset: u64,
}

/// The file's path.
pub(in crate::store) fn path(secret_file: &Path) -> PathBuf {
    beside(secret_file, ".desks")
}

/// Every database that the secret has signed for; lines that cannot be read are left out.
pub(in crate::store) fn known(secret_file: &Path) -> Vec<HighWaterMark> {
    lines(&path(secret_file)).into_iter().flatten().collect()
}

fn lines(path: &Path) -> Vec<Option<HighWaterMark>> {
    let mut bytes = Vec::new();
    if File::open(path).and_then(|file| file.take(MAX_LEN).read_to_end(&mut bytes)).is_err() {
        return Vec::new();
    }
    let line = |bytes: &[u8]| HighWaterMark::from_line(std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?);
    bytes.chunks(LINE_LEN).map(line).collect()
}

impl Register {
    /// Enters a database, or finds its line. `None` when the file cannot be written.
    pub(in crate::store) fn enter(secret_file: &Path, own: HighWaterMark) -> Option<Self> {
        let path = path(secret_file);
        let lines = lines(&path);
        let is_own = |line: &Option<HighWaterMark>| line.is_some_and(|known| known.desk == own.desk);
        let place = lines.iter().position(is_own).unwrap_or(lines.len());
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).ok()?;
        let register = Self { file, offset: (place * LINE_LEN) as u64 };
        register.note(own);
        Some(register)
    }

    /// Notes how far the database has come. Without room on the disk an older note stays, which claims less.
    pub(in crate::store) fn note(&self, own: HighWaterMark) {
        drop(self.file.write_all_at(own.to_line().as_bytes(), self.offset));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(line: &str) -> HighWaterMark {
        HighWaterMark::from_line(line).unwrap()
    }

    #[test]
    fn every_database_keeps_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret");
        assert_eq!(known(&secret), []);
        let first = Register::enter(&secret, mark("7 1 1001")).unwrap();
        let second = Register::enter(&secret, mark("8 0 0")).unwrap();
        first.note(mark("7 5 1003"));
        second.note(mark("8 2 1004"));
        assert_eq!(known(&secret), [mark("7 5 1003"), mark("8 2 1004")]);
        drop(Register::enter(&secret, mark("7 6 1003")).unwrap());
        assert_eq!(known(&secret), [mark("7 6 1003"), mark("8 2 1004")]);
    }

    #[test]
    fn a_register_that_cannot_be_written_is_none_and_a_torn_one_says_what_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Register::enter(&dir.path().join("no/such/secret"), mark("7 1 1001")).is_none());
        let secret = dir.path().join("secret");
        let first = mark("7 1 1001").to_line();
        assert_eq!(first.len(), LINE_LEN);
        std::fs::write(path(&secret), [first.as_str(), &"?".repeat(LINE_LEN), "00000"].concat()).unwrap();
        assert_eq!(known(&secret), [mark("7 1 1001")]);
        drop(Register::enter(&secret, mark("8 1 10")).unwrap());
        assert_eq!(known(&secret), [mark("7 1 1001"), mark("8 1 10")]);
    }
}

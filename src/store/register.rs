//! A file beside the secret that says for which databases it has signed and how far each had come: one line a database.
//!
//! A database that is missing (a mistyped path, a disk that is not mounted) takes the notes beside it away with it; the secret
//! lives on, and what it signed is still in people's mailboxes. Where the file cannot be written nothing else fails: what the
//! notes beside the database say has to do.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::disk::beside;
use super::witness::Witness;

/// Bytes of a line: three numbers of twenty digits each.
const LINE_LEN: usize = 63;
/// Bytes read: more databases than a secret signs for.
const MAX_LEN: u64 = 64 * LINE_LEN as u64;

/// Where this database's line stands.
pub(super) struct Register {
    file: File,
    offset: u64,
}

/// The file's path.
pub(super) fn path(secret_file: &Path) -> PathBuf {
    beside(secret_file, ".desks")
}

/// Every database that the secret has signed for; lines that cannot be read are left out.
pub(super) fn known(secret_file: &Path) -> Vec<Witness> {
    lines(&path(secret_file)).into_iter().flatten().collect()
}

fn lines(path: &Path) -> Vec<Option<Witness>> {
    let mut bytes = Vec::new();
    if File::open(path).and_then(|file| file.take(MAX_LEN).read_to_end(&mut bytes)).is_err() {
        return Vec::new();
    }
    let line = |bytes: &[u8]| Witness::from_line(std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?);
    bytes.chunks(LINE_LEN).map(line).collect()
}

impl Register {
    /// Enters a database, or finds its line. `None` when the file cannot be written.
    pub(super) fn enter(secret_file: &Path, own: Witness) -> Option<Self> {
        let path = path(secret_file);
        let lines = lines(&path);
        let is_own = |line: &Option<Witness>| line.is_some_and(|known| known.desk == own.desk);
        let place = lines.iter().position(is_own).unwrap_or(lines.len());
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).ok()?;
        let register = Self { file, offset: (place * LINE_LEN) as u64 };
        register.note(own);
        Some(register)
    }

    /// Notes how far the database has come. Without room on the disk an older note stays, which claims less.
    pub(super) fn note(&self, own: Witness) {
        drop(self.file.write_all_at(own.to_line().as_bytes(), self.offset));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witness(line: &str) -> Witness {
        Witness::from_line(line).unwrap()
    }

    #[test]
    fn every_database_keeps_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret");
        assert_eq!(known(&secret), []);
        let first = Register::enter(&secret, witness("7 1 1001")).unwrap();
        let second = Register::enter(&secret, witness("8 0 0")).unwrap();
        first.note(witness("7 5 1003"));
        second.note(witness("8 2 1004"));
        assert_eq!(known(&secret), [witness("7 5 1003"), witness("8 2 1004")]);
        drop(Register::enter(&secret, witness("7 6 1003")).unwrap());
        assert_eq!(known(&secret), [witness("7 6 1003"), witness("8 2 1004")]);
    }

    #[test]
    fn a_register_that_cannot_be_written_is_none_and_a_torn_one_says_what_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Register::enter(&dir.path().join("no/such/secret"), witness("7 1 1001")).is_none());
        let secret = dir.path().join("secret");
        let first = witness("7 1 1001").to_line();
        assert_eq!(first.len(), LINE_LEN);
        std::fs::write(path(&secret), [first.as_str(), &"?".repeat(LINE_LEN), "00000"].concat()).unwrap();
        assert_eq!(known(&secret), [witness("7 1 1001")]);
        drop(Register::enter(&secret, witness("8 1 10")).unwrap());
        assert_eq!(known(&secret), [witness("7 1 1001"), witness("8 1 10")]);
    }
}

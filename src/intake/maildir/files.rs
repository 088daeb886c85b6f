//! The files of a Maildir: listing, reading, and moving them. All of it blocks.
//!
//! Never looks into `tmp/`, never follows a link or opens what is no regular file, and never overwrites a file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::intake::imap::wire::modified_utf7;
use crate::model::digest::sha256;

/// Most of the headers that is read of a mail that is too large.
const HEADER_LIMIT: u64 = 1 << 20;
/// What separates the base name from the flags.
const FLAGS: &str = ":2,";

/// A mail in a Maildir folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFile {
    /// The first 63 bits of the SHA-256 of its base name, which stays when flags change or it moves to `cur/`.
    pub uid: u64,
    /// Where it is.
    pub path: PathBuf,
}

/// What was read of a mail.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Its whole size, if only the headers were read.
    pub omitted: Option<u64>,
}

/// Times that change when a mail comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(SystemTime, SystemTime);

/// The directory of a folder: the Maildir itself for `INBOX`, else `.Name` in it (Maildir++), `/` written as `.`.
pub fn directory(root: &Path, folder: &str) -> PathBuf {
    if folder.eq_ignore_ascii_case("INBOX") {
        return root.to_owned();
    }
    let plain = root.join(format!(".{}", folder.replace('/', ".")));
    if plain.is_dir() { plain } else { root.join(format!(".{}", modified_utf7(&folder.replace('/', ".")))) }
}

/// When `new/` and `cur/` last changed.
pub fn stamp(directory: &Path) -> io::Result<Stamp> {
    let modified = |name: &str| fs::metadata(directory.join(name))?.modified();
    Ok(Stamp(modified("new")?, modified("cur")?))
}

/// The mails of a folder, in no order.
pub fn list(directory: &Path) -> io::Result<Vec<MailFile>> {
    let mut mails = Vec::new();
    for part in ["new", "cur"] {
        for entry in fs::read_dir(directory.join(part))? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            if name.first() != Some(&b'.') && entry.file_type()?.is_file() {
                mails.push(MailFile { uid: uid(name), path: entry.path() });
            }
        }
    }
    Ok(mails)
}

/// Size and time of a mail.
pub fn size_and_time(path: &Path) -> io::Result<(u64, Option<Timestamp>)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok())))
}

/// Reads a mail, or its headers alone if it is larger than `limit`.
pub fn read(path: &Path, limit: u64) -> io::Result<Content> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let whole = size <= limit;
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit).min(HEADER_LIMIT)).unwrap_or_default());
    // one byte more than allowed tells a file that grew
    file.take(if whole { limit.saturating_add(1) } else { HEADER_LIMIT }).read_to_end(&mut bytes)?;
    if whole && bytes.len() as u64 <= limit {
        return Ok(Content { bytes: Arc::from(bytes), omitted: None });
    }
    bytes.truncate(usize::try_from(HEADER_LIMIT).unwrap_or_default());
    bytes.truncate(header_length(&bytes));
    Ok(Content { bytes: Arc::from(bytes), omitted: Some(size) })
}

/// Marks a mail as seen: in `cur/`, with the flag `S`.
pub fn mark_seen(directory: &Path, mail: &MailFile) -> io::Result<()> {
    let (base, flags) = parts(&mail.path)?;
    let mut letters: Vec<char> = flags.chars().collect();
    if !letters.contains(&'S') {
        letters.push('S');
    }
    letters.sort_unstable();
    let flags: String = letters.into_iter().collect();
    rename(&mail.path, &directory.join("cur").join(format!("{base}{FLAGS}{flags}")))
}

/// Moves a mail into the `cur/` of another folder, which is created if it is missing.
pub fn move_to(target: &Path, mail: &MailFile) -> io::Result<()> {
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(target.join(part))?;
    }
    let (base, flags) = parts(&mail.path)?;
    rename(&mail.path, &target.join("cur").join(format!("{base}{FLAGS}{flags}")))
}

/// The UID of a mail by its file name.
pub fn uid(name: &[u8]) -> u64 {
    let base = name.split(|byte| *byte == b':').next().unwrap_or_default();
    let digest = sha256(base);
    let first = digest.iter().take(8).fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    first >> 1
}

/// Renames unless something else stands there; a mail that is gone is no error.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if from == to {
        return Ok(());
    }
    if to.try_exists()? {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("`{}` is there already", to.display())));
    }
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Base name and flags of a file.
fn parts(path: &Path) -> io::Result<(String, String)> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the file's name is no text"))?;
    let (base, flags) = name.split_once(FLAGS).unwrap_or((name, ""));
    let base = base.split(':').next().unwrap_or(base);
    Ok((base.to_owned(), flags.to_owned()))
}

/// Where the headers end: after the first empty line, or at the end.
fn header_length(bytes: &[u8]) -> usize {
    let mut end = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_keeps_its_uid_when_its_flags_change() {
        assert_eq!(uid(b"1700.M1.host"), uid(b"1700.M1.host:2,FS"));
        assert_ne!(uid(b"1700.M1.host"), uid(b"1700.M2.host"));
        assert!(uid(b"1700.M1.host") < 1 << 63);
    }

    #[test]
    fn of_a_large_mail_the_headers_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mail");
        fs::write(&path, b"A: b\r\nC: d\r\n\r\nbody body body").unwrap();
        let content = read(&path, 10).unwrap();
        assert_eq!(&*content.bytes, b"A: b\r\nC: d\r\n\r\n");
        assert_eq!(content.omitted, Some(28));
        let content = read(&path, 28).unwrap();
        assert_eq!((content.bytes.len(), content.omitted), (28, None));
    }

    #[test]
    fn seen_and_moved_mails_keep_their_flags() {
        let dir = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir(dir.path().join(part)).unwrap();
        }
        fs::write(dir.path().join("new/1.a"), b"x").unwrap();
        fs::write(dir.path().join("cur/2.b:2,RT"), b"y").unwrap();
        fs::write(dir.path().join("tmp/3.c"), b"z").unwrap();
        let mails = list(dir.path()).unwrap();
        assert_eq!(mails.len(), 2);
        for mail in &mails {
            mark_seen(dir.path(), mail).unwrap();
        }
        assert!(dir.path().join("cur/1.a:2,S").exists());
        assert!(dir.path().join("cur/2.b:2,RST").exists());
        let target = directory(dir.path(), "Done/2026");
        for mail in list(dir.path()).unwrap() {
            move_to(&target, &mail).unwrap();
        }
        assert!(dir.path().join(".Done.2026/cur/2.b:2,RST").exists());
        assert!(list(dir.path()).unwrap().is_empty());
    }
}

//! A directory instead of a server: each mail to each recipient becomes a file.
//!
//! A file is there whole or not at all, holds the mail's bytes and nothing else, and no file is ever overwritten by another mail.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::future::Future;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::SendError;
use crate::store::StoreError;
use crate::store::outbox::Due;

/// Characters of the recipient in a file name.
const MAX_RECIPIENT: usize = 80;
/// Mails of the same number, kind and recipient, from databases that were made anew.
const MAX_NAMESAKES: u32 = 1000;

/// The directory.
pub struct Directory(PathBuf);

impl Directory {
    /// Makes the directory, for our eyes only, if it is not there.
    pub fn open(path: &Path) -> Result<Self, SendError> {
        match DirBuilder::new().recursive(true).mode(0o700).create(path) {
            Ok(()) => Ok(Self(path.to_owned())),
            Err(error) => Err(trouble(path, &error)),
        }
    }

    /// Writes the mail; returns what stands for a server's reply. [`SendError::Connection`]: `before_rename` was not polled.
    pub async fn send(
        &self,
        mail: &Due,
        before_rename: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<String, SendError> {
        let (path, stem, bytes) = (self.0.clone(), stem(mail), mail.bytes.clone());
        let temporary = path.join(format!(".{stem}.tmp"));
        let (from, to) = (temporary.clone(), path.clone());
        let write = move || {
            write_durably(&temporary, &bytes)?;
            Ok(bytes)
        };
        let bytes = blocking(&path, write).await?;
        before_rename.await?;
        let name = blocking(&to, {
            let to = to.clone();
            move || settle(&to, &from, &stem, &bytes)
        })
        .await
        .map_err(|error| SendError::Temporary(error.to_string()))?;
        Ok(format!("written as `{name}`"))
    }
}

/// `000042-answer-kunde@example.org`: sorted by the order of decision.
fn stem(mail: &Due) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "@.-_+=".contains(c);
    let recipient: String =
        mail.recipient.as_str().chars().take(MAX_RECIPIENT).map(|c| if fits(c) { c } else { '_' }).collect();
    format!("{:06}-{}-{recipient}", mail.id.0, mail.kind.as_str())
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives the file its name. The same mail again (a crash came between) takes the same name.
fn settle(directory: &Path, temporary: &Path, stem: &str, bytes: &[u8]) -> io::Result<String> {
    for number in 1..=MAX_NAMESAKES {
        let name = if number == 1 { format!("{stem}.eml") } else { format!("{stem}-{number}.eml") };
        let path = directory.join(&name);
        match fs::read(&path) {
            Ok(present) if present != bytes => continue,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {}
        }
        fs::rename(temporary, &path)?;
        File::open(directory)?.sync_all()?;
        return Ok(name);
    }
    Err(io::Error::other(format!("over {MAX_NAMESAKES} files are named `{stem}`")))
}

async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, SendError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(trouble(path, &error)),
        Err(error) => Err(trouble(path, &io::Error::other(error))),
    }
}

fn trouble(path: &Path, error: &io::Error) -> SendError {
    SendError::Connection(format!("directory `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::os::unix::fs::PermissionsExt;

    use super::super::tests::liar::due;
    use super::*;
    use crate::model::outgoing::OutgoingKind;

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_mail_becomes_a_private_file_of_exactly_its_bytes() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/outbox");
        let directory = Directory::open(&path).unwrap();
        let mail = due(42, OutgoingKind::Answer, "k/../ü'nde@example.org");
        let reply = directory.send(&mail, ready(Ok(()))).await.unwrap();
        assert_eq!(reply, "written as `000042-answer-k_.._ü_nde@example.org.eml`".replace('ü', "_"));
        let file = path.join(&names(&path)[0]);
        assert_eq!(fs::read(&file).unwrap(), mail.bytes);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[tokio::test]
    async fn the_same_mail_twice_is_one_file_and_another_mail_does_not_overwrite_it() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::open(root.path()).unwrap();
        let mail = due(1, OutgoingKind::Answer, "a@example.org");
        let other = Due { bytes: b"other".to_vec(), ..mail.clone() };
        for mail in [&mail, &mail, &other] {
            directory.send(mail, ready(Ok(()))).await.unwrap();
        }
        assert_eq!(names(root.path()), ["000001-answer-a@example.org-2.eml", "000001-answer-a@example.org.eml"]);
    }

    #[tokio::test]
    async fn without_the_record_there_is_no_mail() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::open(root.path()).unwrap();
        let mail = due(1, OutgoingKind::Answer, "a@example.org");
        directory.send(&mail, ready(Err(StoreError::Closed))).await.unwrap_err();
        assert!(names(root.path()).iter().all(|name| name.starts_with('.')));
    }
}

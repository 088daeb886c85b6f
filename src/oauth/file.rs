//! The files of an account: the app's secret, and the refresh token, which is replaced durably.
//!
//! Never leaves half a token: the new one is written beside, made durable, and put in its place in one step.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::sleep;

use super::fault::Fault;
use crate::model::text::folder_of;

/// Bytes of a file with a secret.
const MAX_FILE: u64 = 64 << 10;
/// How often a taken lock is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// The secret in the file that `key` names.
pub(super) fn read(path: &Path, key: &str) -> Result<SecretString, Fault> {
    let hint = format!("write the secret alone into the file of `{key}`, and let postroom's user read it");
    let fault = |what: String| Fault::permanent(format!("{key} `{}`: {what}", path.display()), hint.clone());
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| fault(error.to_string().to_lowercase()))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(fault("too large for a secret".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| fault("no text".to_owned()))?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() || secret.contains(char::is_control) {
        return Err(fault("it must hold one line".to_owned()));
    }
    Ok(SecretString::from(secret))
}

/// Puts a new secret in the place of the file: mode 0600, durable when this returns.
pub(super) fn replace(path: &Path, secret: &SecretString) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = fs::canonicalize(path)?;
    let folder = folder_of(&path);
    // Made with mode 0600, and gone again unless it is put in place.
    let mut beside = tempfile::Builder::new().prefix(".postroom-token").tempfile_in(folder)?;
    beside.write_all(secret.expose_secret().as_bytes())?;
    beside.write_all(b"\n")?;
    beside.as_file().sync_all()?;
    beside.persist(&path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Waits until nobody else, in this process or another, uses the refresh token in this file.
///
/// Two who use the same one at once may both lose it: servers withdraw a token that is used twice. The folder is locked,
/// for the file itself is replaced. Without a lock when the folder cannot be opened.
pub(super) async fn lock_token_dir(path: &Path) -> Option<File> {
    let path = fs::canonicalize(path).ok()?;
    let folder = File::open(folder_of(&path)).ok()?;
    loop {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(fs::TryLockError::WouldBlock) => sleep(LOOK).await,
            Err(fs::TryLockError::Error(_)) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_secret_is_replaced_for_its_owner_alone_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        replace(&link, &SecretString::from("new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert!(link.is_symlink());
        assert_eq!(dir.path().read_dir().unwrap().count(), 2);
        assert_eq!(read(&link, "refresh_token_file").unwrap().expose_secret(), "new");
    }

    #[test]
    fn a_file_without_one_line_is_a_fault_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        for bytes in [&b""[..], b"\n", b"a\nb\n", b"\xff", &vec![b'x'; 70_000]] {
            fs::write(&path, bytes).unwrap();
            let fault = read(&path, "client_secret_file").unwrap_err();
            assert!(fault.text.contains("client_secret_file") && fault.text.contains("token`"), "{}", fault.text);
        }
        assert!(read(&dir.path().join("gone"), "x").unwrap_err().text.contains("no such file"));
    }
}

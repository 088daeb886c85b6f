//! The secret that signs reply addresses: made on the first start, kept in a file that only the daemon's user can read.
//!
//! Never replaces a secret that is there, whatever state it is in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::model::policy::Desk;
use crate::model::text::{folder_of, os_words};
use crate::model::token::{SECRET_LEN, Signer};

/// More than a secret has, in bytes.
const MAX_FILE: u64 = 4096;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Reading or writing failed.
    #[error("secret_file `{}`: {}", path.display(), os_words(source))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("secret_file `{}` does not hold {SECRET_LEN} bytes in hexadecimal\nhint: restore it from a backup, or remove \
             it: then addresses in mails sent so far are no longer known", .0.display())]
    Malformed(PathBuf),
    /// Others may read it.
    #[error("secret_file `{}` can be read by everybody\nhint: `chmod 600 {}`", .0.display(), .0.display())]
    Open(PathBuf),
    /// It was there when the daemon started.
    #[error("secret_file `{}` is gone\nhint: restore it from a backup", .0.display())]
    Gone(PathBuf),
}

/// Where a secret comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was there.
    File,
    /// There was none.
    MadeNow,
}

/// The desk's signer; makes the secret if there is none.
pub fn load_or_create(desk: &Desk) -> Result<(Signer, Origin), SecretError> {
    if let Some(signer) = load(desk)? {
        return Ok((signer, Origin::File));
    }
    let path = &desk.secret_file;
    let key: [u8; SECRET_LEN] = rand::random();
    write(path, &format!("{}\n", HEXLOWER_PERMISSIVE.encode(&key)))
        .map_err(|source| SecretError::File { path: path.clone(), source })?;
    tracing::info!("made the secret `{}`: keep a copy with the backups of the database", path.display());
    Ok((Signer::new(key, &desk.domain), Origin::MadeNow))
}

/// The desk's signer, if its secret exists already.
pub fn load(desk: &Desk) -> Result<Option<Signer>, SecretError> {
    let path = &desk.secret_file;
    let fault = |source| SecretError::File { path: path.clone(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        // A link that leads nowhere (a disk that is not mounted) is a fault, not the absence of a secret.
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            return Ok(None);
        }
        Err(source) => return Err(fault(source)),
    };
    if file.metadata().map_err(fault)?.mode() & 0o007 != 0 {
        return Err(SecretError::Open(path.clone()));
    }
    let mut text = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut text).map_err(fault)?;
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim_ascii()).ok();
    let key = bytes.and_then(|bytes| <[u8; SECRET_LEN]>::try_from(bytes).ok());
    key.map(|key| Some(Signer::new(key, &desk.domain))).ok_or_else(|| SecretError::Malformed(path.clone()))
}

/// Written beside, made durable, then linked to its place unless one is there: a crash leaves no half a secret.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // What an earlier crash left, or what somebody put in our way.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let placed = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    placed?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::model::id::{AgentId, TicketNumber};
    use crate::model::reader::Reader;
    use crate::model::testing::{opening, policy};

    struct Home {
        dir: tempfile::TempDir,
        desk: Desk,
    }

    impl Home {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let mut desk = policy().desk;
            desk.secret_file = dir.path().join("state/secret");
            Self { dir, desk }
        }

        fn put(&self, text: &[u8], mode: u32) {
            fs::create_dir_all(self.dir.path().join("state")).unwrap();
            fs::write(&self.desk.secret_file, text).unwrap();
            fs::set_permissions(&self.desk.secret_file, fs::Permissions::from_mode(mode)).unwrap();
        }
    }

    fn signature(signer: &Signer) -> String {
        signer.reply_detail(opening(TicketNumber(1001)), &AgentId::new("anna"), Reader::Customer, None)
    }

    #[test]
    fn a_secret_is_made_once_and_kept_for_the_daemon_alone() {
        let home = Home::new();
        assert!(load(&home.desk).unwrap().is_none());
        let (made, origin) = load_or_create(&home.desk).unwrap();
        assert_eq!(origin, Origin::MadeNow);
        let (again, origin) = load_or_create(&home.desk).unwrap();
        assert_eq!((origin, signature(&again)), (Origin::File, signature(&made)));
        assert_eq!(home.desk.secret_file.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(home.dir.path().join("state").read_dir().unwrap().count(), 1);
        let (other, _) = load_or_create(&Home::new().desk).unwrap();
        assert_ne!(signature(&other), signature(&made));
    }

    #[test]
    fn half_a_secret_is_refused_and_left_alone() {
        let home = Home::new();
        for torn in [&b""[..], b"\n", b"abcd", &b"g".repeat(64), &b"ab".repeat(33), &[0xff; 64]] {
            home.put(torn, 0o600);
            assert!(matches!(load_or_create(&home.desk), Err(SecretError::Malformed(_))), "{torn:?}");
            assert_eq!(fs::read(&home.desk.secret_file).unwrap(), torn);
        }
        home.put(format!("  {}\r\n", "Ab".repeat(32)).as_bytes(), 0o600);
        load(&home.desk).unwrap().unwrap();
    }

    #[test]
    fn a_secret_that_everybody_can_read_is_none() {
        let home = Home::new();
        home.put("ab".repeat(32).as_bytes(), 0o644);
        assert!(matches!(load(&home.desk), Err(SecretError::Open(_))));
    }

    #[test]
    fn a_link_to_a_secret_is_followed_and_one_that_leads_nowhere_is_a_fault() {
        let home = Home::new();
        let mounted = home.dir.path().join("mounted");
        fs::create_dir_all(home.dir.path().join("state")).unwrap();
        symlink(&mounted, &home.desk.secret_file).unwrap();
        assert!(matches!(load_or_create(&home.desk), Err(SecretError::File { .. })));
        assert!(home.desk.secret_file.is_symlink() && !mounted.exists());
        fs::write(&mounted, "ab".repeat(32)).unwrap();
        fs::set_permissions(&mounted, fs::Permissions::from_mode(0o400)).unwrap();
        load(&home.desk).unwrap().unwrap();
    }

    #[test]
    fn what_stands_in_the_way_of_a_new_secret_is_not_followed() {
        let home = Home::new();
        fs::create_dir_all(home.dir.path().join("state")).unwrap();
        let victim = home.dir.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        symlink(&victim, home.dir.path().join("state/secret.new")).unwrap();
        load_or_create(&home.desk).unwrap();
        assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
    }
}

//! The secret that signs reply addresses: made on the first start, kept in a file that only the daemon's user can read.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::model::policy::Desk;
use crate::model::token::{SECRET_LEN, Signer};

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Reading or writing failed.
    #[error("secret_file `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("secret_file `{}` does not hold {SECRET_LEN} bytes in hexadecimal; restore it from a backup, or remove it: \
             then addresses in mails sent so far are no longer known", .0.display())]
    Malformed(PathBuf),
}

/// The desk's signer; makes the secret if there is none.
pub fn load_or_create(desk: &Desk) -> Result<Signer, SecretError> {
    if let Some(signer) = load(desk)? {
        return Ok(signer);
    }
    let path = &desk.secret_file;
    let key: [u8; SECRET_LEN] = rand::random();
    write(path, &format!("{}\n", HEXLOWER_PERMISSIVE.encode(&key)))
        .map_err(|source| SecretError::File { path: path.clone(), source })?;
    tracing::info!("made the secret `{}`: keep a copy with the backups of the database", path.display());
    Ok(Signer::new(key, &desk.domain))
}

/// The desk's signer, if its secret exists already.
pub fn load(desk: &Desk) -> Result<Option<Signer>, SecretError> {
    let path = &desk.secret_file;
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SecretError::File { path: path.clone(), source }),
    };
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    let key = bytes.and_then(|bytes| <[u8; SECRET_LEN]>::try_from(bytes).ok());
    key.map(|key| Some(Signer::new(key, &desk.domain))).ok_or_else(|| SecretError::Malformed(path.clone()))
}

/// Written beside, made durable, then put in its place: a crash leaves no half a secret.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

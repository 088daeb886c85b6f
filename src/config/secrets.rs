//! Passwords and other files that must not be read by everybody, and certificates.
//!
//! Never puts the content of a secret into a finding.

use std::fs;
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::SecretString;
use toml::Spanned;
use toml::de::DeValue;

use super::oauth::{self, Accounts};
use super::reader::{Section, quoted, text};
use super::values::{Complaint, complain, path};
use crate::model::policy::{Login, Secret};

/// Bytes of a password file.
const MAX_SECRET: u64 = 64 * 1024;
/// Bytes of a file with certificates.
const MAX_CA_FILE: u64 = 16 * 1024 * 1024;
/// Words of a command.
const MAX_COMMAND: usize = 64;
/// Keys that say where a password comes from; one of them is needed.
const SOURCES: [&str; 3] = ["password_file", "password_command", "password_credential"];

/// What surrounds the config and is not in it.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    /// The directory that relative paths start from.
    pub base: PathBuf,
    /// `$CREDENTIALS_DIRECTORY`, where systemd puts credentials.
    pub credentials: Option<PathBuf>,
}

/// The login of a section with `username` and one of the password keys or `oauth`; `None` when faulty.
pub(super) fn login(section: &Section<'_>, accounts: &Accounts, surroundings: &Surroundings) -> Option<Login> {
    if section.has("oauth") {
        return oauth::login(section, accounts);
    }
    let username = username(section);
    let secret = secret(section, surroundings);
    Some(Login { username: username?, secret: secret? })
}

/// The `username` of a section, which must be there.
pub(super) fn username(section: &Section<'_>) -> Option<String> {
    let username = section.required_text("username", "info@shop.example")?;
    if username.get_ref().is_empty() || username.get_ref().chars().any(char::is_control) {
        section.report().error(username.span(), "this user name is empty or has control characters", "");
        return None;
    }
    Some((*username.get_ref()).to_owned())
}

/// Whether a section names any source of a password.
pub(super) fn names_a_password(section: &Section<'_>) -> Option<&'static str> {
    SOURCES.into_iter().find(|key| section.has(key))
}

fn secret(section: &Section<'_>, surroundings: &Surroundings) -> Option<Secret> {
    let named: Vec<&str> = SOURCES.into_iter().filter(|key| section.has(key)).collect();
    if named.is_empty() {
        let message = "a `username`, but no password for it";
        section.report().error(section.place("username"), message, format!("add one of {}", quoted(&SOURCES)));
    }
    if let [_, second, ..] = named.as_slice() {
        let message = format!("{} exclude each other", quoted(&named));
        section.report().error(section.place(second), message, "keep one of them");
    }
    let from_file = password_file(section, surroundings);
    let from_credential = section.parsed("password_credential", |name| credential(name, surroundings));
    let from_command = command(section, "password_command");
    from_file.or(from_credential.map(Spanned::into_inner)).map(Secret::Password).or(from_command.map(Secret::Command))
}

/// The password in the file that `password_file` names.
fn password_file(section: &Section<'_>, surroundings: &Surroundings) -> Option<SecretString> {
    let file = section.parsed("password_file", |text| path(text, &surroundings.base))?;
    let password = section.report().accept(file.span(), read_secret(file.get_ref()))?;
    warn_about_group(section, &file);
    Some(password)
}

/// Warns when the group may read the secret `file`.
pub(super) fn warn_about_group(section: &Section<'_>, file: &Spanned<PathBuf>) {
    let mode = fs::metadata(file.get_ref()).map_or(0, |metadata| metadata.mode());
    if mode & 0o070 != 0 {
        let shown = file.get_ref().display();
        section.report().warning(
            file.span(),
            format!("`{shown}` can be read by its group"),
            format!("`chmod 600 {shown}` unless that is meant"),
        );
    }
}

/// The command of `key`: a list of words, or a line for `sh -c`.
pub(super) fn command(section: &Section<'_>, key: &str) -> Option<Vec<String>> {
    let value = section.value(key)?;
    let words = match value.get_ref() {
        DeValue::Array(_) => section
            .list(key, MAX_COMMAND)?
            .iter()
            .map(|word| Some((*text(word, key, section.report())?.get_ref()).to_owned()))
            .collect::<Option<Vec<String>>>()?,
        DeValue::String(line) if line.trim().is_empty() => Vec::new(),
        DeValue::String(line) => vec!["sh".to_owned(), "-c".to_owned(), line.to_string()],
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => {
            super::reader::wrong_type(value, key, "a list of words or a line for the shell", section.report());
            return None;
        }
    };
    if words.first().is_none_or(String::is_empty) || words.iter().any(|word| word.contains('\0')) {
        let hint = "write the program and its arguments: `[\"pass\", \"show\", \"mail\"]`";
        section.report().error(value.span(), format!("`{key}` names no program"), hint);
        return None;
    }
    Some(words)
}

/// The secret in `file`, without the line end after it.
pub(super) fn read_secret(file: &Path) -> Result<SecretString, Complaint> {
    let shown = file.display();
    let bytes = read_limited(file, MAX_SECRET)?;
    refuse_world_readable(file)?;
    let Ok(content) = String::from_utf8(bytes) else {
        return complain(format!("`{shown}` holds no text"), "save the password as UTF-8 text");
    };
    let password = content.strip_suffix('\n').unwrap_or(&content);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return complain(format!("`{shown}` is empty"), "write the password into it");
    }
    if password.contains(['\0', '\r', '\n']) {
        return complain(format!("`{shown}` has more than one line"), "keep the password alone in it");
    }
    Ok(SecretString::from(password))
}

/// A complaint when everybody may read `file`; a file that is not there is nobody's to read.
pub(super) fn refuse_world_readable(file: &Path) -> Result<(), Complaint> {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() && metadata.mode() & 0o007 != 0 => {
            let shown = file.display();
            complain(format!("`{shown}` can be read by everybody"), format!("`chmod 600 {shown}`"))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The systemd credential `name`.
fn credential(name: &str, surroundings: &Surroundings) -> Result<SecretString, Complaint> {
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return complain(
            format!("`{name}` is no name of a credential"),
            "write the name that `LoadCredential=` gives it",
        );
    }
    match &surroundings.credentials {
        Some(directory) => read_secret(&directory.join(name)),
        None => complain(
            format!("no systemd credential `{name}`: `$CREDENTIALS_DIRECTORY` is not set"),
            format!("add `LoadCredential={name}:FILE` to the service, or use `password_file`"),
        ),
    }
}

/// A file with at least one certificate in PEM.
pub(super) fn ca_file(text: &str, base: &Path) -> Result<PathBuf, Complaint> {
    let file = path(text, base)?;
    let bytes = read_limited(&file, MAX_CA_FILE)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(file),
        Ok(_) | Err(_) => complain(
            format!("`{}` holds no certificate", file.display()),
            "it must be PEM: lines from `-----BEGIN CERTIFICATE-----` on",
        ),
    }
}

fn read_limited(file: &Path, limit: u64) -> Result<Vec<u8>, Complaint> {
    let shown = file.display();
    let read = fs::File::open(file).and_then(|opened| {
        let mut bytes = Vec::new();
        opened.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    match read {
        Ok(bytes) if bytes.len() as u64 > limit => {
            complain(format!("`{shown}` is larger than {limit} bytes"), "check that this is the file that you mean")
        }
        Ok(bytes) => Ok(bytes),
        Err(error) => complain(format!("cannot read `{shown}`: {}", reason(&error)), remedy(&error, file)),
    }
}

/// An I/O error in our own words where it is a common one.
pub(super) fn reason(error: &Error) -> String {
    let common = [
        (ErrorKind::NotFound, "no such file"),
        (ErrorKind::PermissionDenied, "permission denied"),
        (ErrorKind::IsADirectory, "it is a directory"),
    ];
    common
        .iter()
        .find(|(kind, _)| *kind == error.kind())
        .map_or_else(|| error.to_string().to_lowercase(), |(_, words)| (*words).to_owned())
}

fn remedy(error: &Error, file: &Path) -> String {
    if error.kind() == ErrorKind::NotFound {
        "create it; relative paths start at the config's directory".to_owned()
    } else if error.kind() == ErrorKind::PermissionDenied {
        format!("let the user that runs postroom read `{}`", file.display())
    } else {
        "name a file".to_owned()
    }
}

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

use crate::config::reader::values::{Complaint, complain, path};
use crate::config::reader::{Section, text};
use crate::model::policy::Secret;
use crate::model::text::os_words;
use crate::users;

/// Bytes of a password file.
const MAX_SECRET: u64 = 64 * 1024;
/// Bytes of a file with certificates.
const MAX_CA_FILE: u64 = 16 * 1024 * 1024;
/// Words of a command.
const MAX_COMMAND: usize = 64;
/// What is done with the passwords that a config names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// They are read, and one that cannot be had is a fault: for the daemon and for logging in.
    Read,
    /// Those in files are read. Credentials are looked at: systemd shows them to the daemon itself and not to what runs
    /// for its reload.
    ReadFiles,
    /// None is read; one that is missing is a warning: for `check`.
    LookAt,
    /// They are left alone: for commands that need the database only.
    LeaveAlone,
}

/// What surrounds the config and is not in it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The directory that relative paths start from.
    pub base: PathBuf,
    /// Where systemd puts credentials.
    pub credentials: Option<PathBuf>,
    /// What is done with passwords.
    pub secrets: Secrets,
}

/// The password in the file that `password_file` names.
pub fn password_file(section: &Section<'_>, surroundings: &Surroundings) -> Option<Secret> {
    let file = section.parsed("password_file", |text| path(text, &surroundings.base))?;
    secret_in(section, &file, surroundings)
}

/// The secret in `file`, or where it is, after what is wrong with it was told.
pub fn secret_in(section: &Section<'_>, file: &Spanned<PathBuf>, surroundings: &Surroundings) -> Option<Secret> {
    let report = section.report();
    match surroundings.secrets {
        Secrets::Read | Secrets::ReadFiles => {
            let password = report.accept(file.span(), read_secret(file.get_ref()))?;
            warn_about_group(section, file);
            return Some(Secret::Password(password));
        }
        Secrets::LookAt => {
            report.accept(file.span(), refuse_world_readable(file.get_ref()))?;
            if let Err(Complaint { message, hint }) = is_there(file.get_ref()) {
                report.warning(file.span(), message, hint);
            }
            warn_about_group(section, file);
        }
        Secrets::LeaveAlone => {}
    }
    Some(Secret::File(file.get_ref().clone()))
}

/// A complaint unless `file` can be opened and holds something; reads nothing.
fn is_there(file: &Path) -> Result<(), Complaint> {
    let shown = file.display();
    match fs::File::open(file).and_then(|opened| opened.metadata()) {
        Ok(metadata) if !metadata.is_file() => complain(format!("`{shown}` is no file"), "name a file"),
        Ok(metadata) if metadata.len() == 0 => empty(file),
        Ok(_) => Ok(()),
        Err(error) => complain(format!("cannot read `{shown}`: {}", os_words(&error)), remedy(&error, file)),
    }
}

fn empty<T>(file: &Path) -> Result<T, Complaint> {
    complain(format!("`{}` is empty", file.display()), "write the password into it")
}

/// Warns when the group may read the secret `file`.
fn warn_about_group(section: &Section<'_>, file: &Spanned<PathBuf>) {
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
pub fn command(section: &Section<'_>, key: &str) -> Option<Vec<String>> {
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
            crate::config::reader::wrong_type(value, key, "a list of words or a line for the shell", section.report());
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
pub fn read_secret(file: &Path) -> Result<SecretString, Complaint> {
    let shown = file.display();
    let bytes = read_limited(file, MAX_SECRET)?;
    refuse_world_readable(file)?;
    let Ok(content) = String::from_utf8(bytes) else {
        return complain(format!("`{shown}` holds no text"), "save the password as UTF-8 text");
    };
    let password = content.strip_suffix('\n').unwrap_or(&content);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return empty(file);
    }
    if password.contains(['\0', '\r', '\n']) {
        return complain(format!("`{shown}` has more than one line"), "keep the password alone in it");
    }
    Ok(SecretString::from(password))
}

/// A complaint when everybody may read `file`; a file that is not there is nobody's to read.
pub fn refuse_world_readable(file: &Path) -> Result<(), Complaint> {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() && metadata.mode() & 0o007 != 0 => {
            let shown = file.display();
            complain(format!("`{shown}` can be read by everybody"), format!("`chmod 600 {shown}`"))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The password in the systemd credential that `password_credential` names.
pub fn credential(section: &Section<'_>, surroundings: &Surroundings) -> Option<Secret> {
    let named = section.parsed("password_credential", credential_name)?;
    let name = named.get_ref();
    let Some(directory) = &surroundings.credentials else {
        let message = format!("no systemd credential `{name}` here: postroom.service does not run");
        let hint = format!("its unit needs `LoadCredential={name}:FILE`; or use `password_file`");
        match surroundings.secrets {
            Secrets::Read => {
                section.report().error(named.span(), message, hint);
                return None;
            }
            Secrets::ReadFiles | Secrets::LookAt => section.report().warning(named.span(), message, hint),
            Secrets::LeaveAlone => {}
        }
        return Some(Secret::File(PathBuf::from(name)));
    };
    let secrets = match surroundings.secrets {
        Secrets::ReadFiles => Secrets::LookAt,
        other @ (Secrets::Read | Secrets::LookAt | Secrets::LeaveAlone) => other,
    };
    let surroundings = Surroundings { secrets, ..surroundings.clone() };
    secret_in(section, &Spanned::new(named.span(), directory.join(name)), &surroundings)
}

fn credential_name(name: &str) -> Result<String, Complaint> {
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return complain(
            format!("`{name}` is no name of a credential"),
            "write the name that `LoadCredential=` gives it",
        );
    }
    Ok(name.to_owned())
}

/// A file with at least one certificate in PEM.
pub fn ca_file(text: &str, base: &Path) -> Result<PathBuf, Complaint> {
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
        Err(error) => complain(format!("cannot read `{shown}`: {}", os_words(&error)), remedy(&error, file)),
    }
}

fn remedy(error: &Error, file: &Path) -> String {
    if error.kind() == ErrorKind::NotFound {
        "create it; relative paths start at the config's directory".to_owned()
    } else if error.kind() == ErrorKind::PermissionDenied {
        let user = users::acting();
        format!("let the user that postroom runs as read it: `chown {user} {}`", file.display())
    } else {
        "name a file".to_owned()
    }
}

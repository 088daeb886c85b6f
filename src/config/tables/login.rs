//! Who logs in to a server, and with what: a password from a file, a command or systemd, or a token.

use std::sync::Arc;

use super::oauth::Accounts;
use super::secrets::{self, Surroundings};
use crate::config::reader::Section;
use crate::config::reader::values::{quoted, reference_hint};
use crate::model::policy::{Login, Secret};

/// Keys that say where a password comes from; one of them is needed.
const SOURCES: [&str; 3] = ["password_file", "password_command", "password_credential"];

/// The login of a section with `username` and one of the password keys or `oauth`; `None` when faulty.
pub fn login(section: &Section<'_>, accounts: &Accounts, surroundings: &Surroundings) -> Option<Login> {
    if section.has("oauth") {
        return token(section, accounts);
    }
    let username = username(section);
    let secret = secret(section, surroundings);
    Some(Login { username: username?, secret: secret? })
}

/// The login of a section with `oauth`; `None` when faulty.
fn token(section: &Section<'_>, accounts: &Accounts) -> Option<Login> {
    let username = username(section);
    if let Some(key) = names_a_password(section) {
        let message = format!("`oauth` and `{key}` exclude each other");
        section.report().error(section.place(key), message, "keep one of them");
    }
    let named = section.text("oauth")?;
    let Some(account) = accounts.get(named.get_ref()) else {
        let known: Vec<String> = accounts.ids();
        let hint = reference_hint(named.get_ref(), &known, "[[oauth]]");
        section.report().error(named.span(), format!("unknown OAuth2 account `{}`", named.get_ref()), hint);
        return None;
    };
    Some(Login { username: username?, secret: Secret::Token(Arc::clone(account.as_ref()?)) })
}

/// The `username` of a section, which must be there.
fn username(section: &Section<'_>) -> Option<String> {
    let username = section.required_text("username", "info@shop.example")?;
    if username.get_ref().is_empty() || username.get_ref().chars().any(char::is_control) {
        section.report().error(username.span(), "this user name is empty or has control characters", "");
        return None;
    }
    Some((*username.get_ref()).to_owned())
}

/// Whether a section names any source of a password.
pub fn names_a_password(section: &Section<'_>) -> Option<&'static str> {
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
    let from_file = secrets::password_file(section, surroundings);
    let from_credential = secrets::credential(section, surroundings);
    let from_command = secrets::command(section, "password_command");
    from_file.or(from_credential).or(from_command.map(Secret::Command))
}

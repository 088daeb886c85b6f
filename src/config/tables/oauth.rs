//! `[[oauth]]`: accounts that give tokens instead of passwords.
//!
//! Never reads a token or a secret but to see that it is there: they are read when they are used, so that a renewed one
//! needs no reload.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;
use url::{Host, Url};

use super::secrets::{self, Surroundings};
use crate::config::reader::values::{self, Complaint, choice, complain};
use crate::config::reader::{Keys, Section};
use crate::model::oauth::{Client, Grant, OAuth, TokenUrl};
use crate::model::policy::{Endpoint, Security};

pub const OAUTH: Keys = Keys {
    table: "`[[oauth]]`",
    keys: &[
        "id",
        "grant",
        "token_url",
        "client_id",
        "client_secret_file",
        "refresh_token_file",
        "scope",
        "command",
        "ca_file",
    ],
};

const MAX_OAUTH: usize = 100;
/// Characters of a `token_url`, a `client_id`, a `scope`.
const MAX_TEXT: usize = 2000;
const GRANTS: [&str; 3] = ["client_credentials", "refresh_token", "command"];

/// The accounts by id; `None` for those with a fault.
#[derive(Default)]
pub struct Accounts(BTreeMap<String, Option<Arc<OAuth>>>);

impl Accounts {
    /// The account of this id, `None` within when it has a fault; `None` when there is none.
    pub fn get(&self, id: &str) -> Option<&Option<Arc<OAuth>>> {
        self.0.get(id)
    }

    /// All ids.
    pub fn ids(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// Reads every `[[oauth]]`.
pub fn accounts(root: &Section<'_>, surroundings: &Surroundings) -> Accounts {
    let mut accounts = Accounts::default();
    for section in root.sections("oauth", &OAUTH, MAX_OAUTH) {
        let grant = grant(&section, surroundings);
        let Some(id) = section.required("id", "m365", values::id) else { continue };
        if accounts.0.contains_key(id.get_ref()) {
            let message = format!("two OAuth2 accounts have the id `{}`", id.get_ref());
            section.report().error(id.span(), message, "give each an id of its own");
        }
        let id = id.into_inner();
        let account = grant.map(|grant| Arc::new(OAuth::new(&id, grant)));
        accounts.0.insert(id, account);
    }
    accounts
}

fn grant(section: &Section<'_>, surroundings: &Surroundings) -> Option<Grant> {
    let known = |text: &str| if GRANTS.contains(&text) { Ok(text.to_owned()) } else { choice("grant", text, &GRANTS) };
    let grant = section.required("grant", "client_credentials", known).map(Spanned::into_inner);
    let needed: &[&str] = match grant.as_deref() {
        Some("client_credentials") => &["token_url", "client_id", "client_secret_file", "scope"],
        Some("refresh_token") => &["token_url", "client_id", "refresh_token_file"],
        Some("command") => &["command"],
        _ => &[],
    };
    for key in needed {
        section.require(key, "…");
    }
    let client = client(section, surroundings);
    let scope = section.parsed("scope", plain_text).map(Spanned::into_inner);
    let secret_file = file(section, "client_secret_file", surroundings);
    let token_file = file(section, "refresh_token_file", surroundings);
    let command = command(section);
    let faulty = |key: &str, found: bool| section.has(key) && !found;
    match grant.as_deref()? {
        "client_credentials" => {
            Some(Grant::ClientCredentials { client: client?, secret_file: secret_file?, scope: scope? })
        }
        "refresh_token" if faulty("client_secret_file", secret_file.is_some()) => None,
        "refresh_token" if faulty("scope", scope.is_some()) => None,
        "refresh_token" => Some(Grant::RefreshToken { client: client?, secret_file, token_file: token_file?, scope }),
        _ => command.map(Grant::Command),
    }
}

fn client(section: &Section<'_>, surroundings: &Surroundings) -> Option<Client> {
    let id = section.parsed("client_id", plain_text);
    let ca_file = section.parsed("ca_file", |text| secrets::ca_file(text, &surroundings.base));
    let ca_faulty = section.has("ca_file") && ca_file.is_none();
    let url = section.parsed("token_url", token_url)?.into_inner();
    if ca_faulty {
        return None;
    }
    let endpoint = Endpoint { ca_file: ca_file.map(Spanned::into_inner), ..url.endpoint };
    Some(Client { url: TokenUrl { endpoint, ..url }, id: id?.into_inner() })
}

/// A file with a secret, which must be there and for few eyes.
fn file(section: &Section<'_>, key: &str, surroundings: &Surroundings) -> Option<PathBuf> {
    let file = section.parsed(key, |text| values::path(text, &surroundings.base))?;
    secrets::secret_in(section, &file, surroundings)?;
    Some(file.into_inner())
}

/// The program and its arguments: no shell stands between, so a line for one is refused.
fn command(section: &Section<'_>) -> Option<Vec<String>> {
    let value = section.value("command")?;
    if let DeValue::String(_) = value.get_ref() {
        let hint = "write a list: `[\"/usr/local/bin/print-token\", \"argument\"]`";
        section.report().error(value.span(), "`command` must be a list of words: no shell reads it", hint);
        return None;
    }
    secrets::command(section, "command")
}

fn plain_text(text: &str) -> Result<String, Complaint> {
    if text.is_empty() || text.len() > MAX_TEXT || text.chars().any(char::is_control) {
        return complain("this is empty, too long, or has control characters", "copy it from the provider's page");
    }
    Ok(text.to_owned())
}

/// A `https` address; `http` for loopback hosts alone.
fn token_url(text: &str) -> Result<TokenUrl, Complaint> {
    const EXAMPLE: &str = "write `https://HOST/PATH` as the provider's page has it";
    let url = match Url::parse(text) {
        Ok(url) if text.len() <= MAX_TEXT => url,
        Ok(_) | Err(_) => return complain("`token_url` is no address of a server", EXAMPLE),
    };
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return complain("`token_url` names no host", EXAMPLE),
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return complain("`token_url` must have no user name, no password and no `#`", EXAMPLE);
    }
    let security = match url.scheme() {
        "https" => Security::Tls,
        "http" if values::is_loopback(&host) => Security::None,
        "http" => {
            let message = format!("`token_url` would send secrets to `{host}` in the clear");
            return complain(message, "write `https://`; `http://` is for loopback hosts alone");
        }
        _ => return complain("`token_url` must begin with `https://`", EXAMPLE),
    };
    let Some(port) = url.port_or_known_default() else { return complain("`token_url` has no port", EXAMPLE) };
    let bare = url.host_str().unwrap_or_default();
    let authority = url.port().map_or_else(|| bare.to_owned(), |port| format!("{bare}:{port}"));
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("{}{query}", url.path());
    Ok(TokenUrl { endpoint: Endpoint { host, port, security, ca_file: None }, authority, target })
}

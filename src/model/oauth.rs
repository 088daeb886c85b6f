//! `[[oauth]]`: where the tokens of an account come from, and what is held of them now.
//!
//! Never shows a token: they are secrets of the `secrecy` crate, which prints none.

use std::path::PathBuf;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::policy::Endpoint;

/// An account that tokens are had from, shared by all logins that name it.
#[derive(Debug)]
pub struct OAuth {
    /// Its id.
    pub id: String,
    /// How tokens are had.
    pub grant: Grant,
    /// What is held now. Locked while a token is asked for: one request at a time, and the others wait for its outcome.
    pub held: Mutex<Held>,
}

impl OAuth {
    /// An account of which nothing is held yet.
    pub fn new(id: &str, grant: Grant) -> Self {
        Self { id: id.to_owned(), grant, held: Mutex::default() }
    }
}

/// How tokens are had.
#[derive(Clone, Debug)]
pub enum Grant {
    /// The app logs in by itself (RFC 6749 §4.4).
    ClientCredentials {
        /// Who gives them.
        client: Client,
        /// The file with the app's secret, read anew every time.
        secret_file: PathBuf,
        /// What they are good for.
        scope: String,
    },
    /// A person has consented once (RFC 6749 §6).
    RefreshToken {
        /// Who gives them.
        client: Client,
        /// The file with the app's secret, if it has one.
        secret_file: Option<PathBuf>,
        /// The file with the refresh token; a new one is written into it.
        token_file: PathBuf,
        /// What they are good for, if it is less than what was consented to.
        scope: Option<String>,
    },
    /// A program prints them: its name and arguments.
    Command(Vec<String>),
}

/// The app, and the server that knows it.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where tokens are asked for.
    pub url: TokenUrl,
    /// The app's id.
    pub id: String,
}

/// `token_url`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUrl {
    /// The server; without TLS on loopback hosts alone.
    pub endpoint: Endpoint,
    /// Value of the `Host` header.
    pub authority: String,
    /// Path and query.
    pub target: String,
}

/// What is known of an account's tokens.
#[derive(Debug, Default)]
pub struct Held {
    /// The last token that was had.
    pub token: Option<Token>,
    /// A refresh token that is not on the disk yet, and the one that it takes the place of.
    pub unsaved: Option<Unsaved>,
    /// Why the last request failed; `None` once one has worked.
    pub failure: Option<Failure>,
    /// When a token was last asked for because a server refused the one before.
    pub replaced_at: Option<Instant>,
}

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub secret: SecretString,
    /// From then on a new one is asked for.
    pub renew_at: Instant,
    /// Its end.
    pub good_until: Instant,
    /// Whether its end is known, or merely assumed.
    pub dated: bool,
}

/// A refresh token that could not be saved.
#[derive(Clone, Debug)]
pub struct Unsaved {
    /// What the file holds as long as nobody else writes to it.
    pub old: SecretString,
    /// What must be written to it.
    pub new: SecretString,
}

/// Why there was no token when one was last asked for.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong and what to do about it.
    pub fault: TokenFault,
    /// Until then nobody asks again.
    pub quiet_until: Instant,
    /// What was last said about it, so that it is said once.
    pub told: String,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("oauth `{account}`: {text}; hint: {hint}")]
pub struct TokenFault {
    /// Id of the account.
    pub account: String,
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub hint: String,
    /// Whether somebody must act; all else may pass.
    pub permanent: bool,
}

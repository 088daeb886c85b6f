//! Logging in with a token: OAUTHBEARER (RFC 7628) or XOAUTH2, whichever the server announces.
//!
//! Never shows a token; when the server repeats it, the executor hides its words.

use data_encoding::BASE64;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::ImapError;
use super::executor::{Command, Done, Executor};
use super::wire::Capabilities;
use crate::model::policy::ImapAccount;
use crate::model::repeated::Secrets;
use crate::oauth::Mechanism;

/// Logs in. The token goes in a line of its own after the server's `+`, for it may be longer than servers take a
/// command line to be.
pub async fn authenticate<S>(
    executor: &mut Executor<S>,
    capabilities: &Capabilities,
    account: &ImapAccount,
    token: &SecretString,
) -> Result<Done, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mechanism = [Mechanism::OAuthBearer, Mechanism::XOAuth2]
        .into_iter()
        .find(|mechanism| capabilities.has(&format!("AUTH={}", mechanism.name())))
        .ok_or(ImapError::NoTokens)?;
    let blob = BASE64.encode(mechanism.blob(&account.login.username, &account.endpoint, token).as_bytes());
    executor.tells(Secrets::tokens([token]).and_said(&blob));
    // What follows if the server answers with its reasons instead of `OK`: only then does it say `NO`.
    let continued = [blob.into_bytes(), mechanism.after_error().as_bytes().to_vec()];
    let line = format!("AUTHENTICATE {}", mechanism.name());
    let outcome = executor.run(Command { continued: &continued, ..Command::new("AUTHENTICATE", &line) }, |_| {}).await;
    outcome.map_err(|error| {
        if let ImapError::No { text, .. } | ImapError::Bad { text, .. } = &error
            && !error.is_server_trouble()
        {
            let name = &account.login.username;
            return ImapError::Login(format!(
                "{text} ({}); hint: the token is not accepted for `{name}`: check `username`, the `scope`, and that the app \
                 may open this mailbox",
                mechanism.name()
            ));
        }
        error
    })
}

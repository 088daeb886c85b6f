//! From an endpoint to a connection that is logged in: TCP, TLS, greeting, STARTTLS, capabilities, LOGIN or a token.
//!
//! Never sends a user name or password over a connection that is not protected (loopback excepted), and never falls
//! back to one: STARTTLS is either offered and works, or nothing is said.

use std::sync::Arc;

use data_encoding::BASE64;
use imap_proto::Response;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tracing::debug;

use super::error::ImapError;
use super::executor::{Command, Done, Executor};
use super::sieve::Kind;
use super::wire::{Capabilities, quoted};
use crate::heartbeat::Heartbeat;
use crate::model::policy::{Endpoint, ImapAccount, Secret, Security};
use crate::model::repeated::Secrets;
use crate::net;
use crate::oauth::{self, Mechanism};

/// A connection to a server, protected or not.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Encrypted bytes read ahead.
const READ_AHEAD: usize = 64 << 10;

/// An executor over whatever connection it is.
pub type ImapExecutor = Executor<Box<dyn Wire>>;

/// Connects and logs in; returns what the server can do after login. A token that is refused is replaced once.
pub async fn open(
    account: &ImapAccount,
    heartbeat: &Arc<Heartbeat>,
) -> Result<(ImapExecutor, Capabilities), ImapError> {
    let Secret::Token(source) = &account.login.secret else { return attempt(account, None, heartbeat).await };
    let token = heartbeat.during(oauth::token(source)).await?;
    match attempt(account, Some(&token), heartbeat).await {
        Err(refusal @ ImapError::Login(_)) => match heartbeat.during(oauth::instead_of(source, &token)).await? {
            // The server knows the refused one too; it is hidden as what looks like a token.
            Some(other) => attempt(account, Some(&other), heartbeat).await,
            None => Err(refusal),
        },
        other => other,
    }
}

/// One connection and one login, with the token if there is one.
async fn attempt(
    account: &ImapAccount,
    token: Option<&SecretString>,
    heartbeat: &Arc<Heartbeat>,
) -> Result<(ImapExecutor, Capabilities), ImapError> {
    let (mut executor, logged_in, mut capabilities) = match connect(&account.endpoint, heartbeat).await {
        // It may have been told the password at another time.
        Err(error) if error.quotes_the_server() => return Err(error.hiding(&secrets(account, token, heartbeat).await)),
        connected => connected?,
    };
    if logged_in {
        executor.tells(secrets(account, token, heartbeat).await);
        return Ok((executor, capabilities));
    }
    let done = if let Some(token) = token {
        with_token(&mut executor, &capabilities, account, token).await?
    } else {
        let password = heartbeat.during(net::password(&account.login.secret)).await?;
        login(&mut executor, &capabilities, &account.login.username, &password).await?
    };
    capabilities = match done.capabilities {
        Some(capabilities) => capabilities,
        None => ask_capabilities(&mut executor).await?,
    };
    Ok((executor, capabilities))
}

/// A connection that is as safe as it must be, whether it is logged in already, and what the server can do.
async fn connect(
    endpoint: &Endpoint,
    heartbeat: &Arc<Heartbeat>,
) -> Result<(ImapExecutor, bool, Capabilities), ImapError> {
    let stream = heartbeat.during(net::connect(endpoint)).await?;
    let (mut executor, logged_in) = match endpoint.security {
        Security::Tls => {
            let stream = heartbeat.during(net::upgrade(endpoint, roomy(stream))).await?;
            greeted(Box::new(stream), heartbeat).await?
        }
        Security::StartTls => (start_tls(endpoint, stream, heartbeat).await?, false),
        Security::None => {
            if !stream.peer_addr()?.ip().is_loopback() {
                return Err(ImapError::Unprotected(endpoint.host.clone()));
            }
            greeted(Box::new(stream), heartbeat).await?
        }
    };
    let capabilities = ask_capabilities(&mut executor).await?;
    Ok((executor, logged_in, capabilities))
}

/// What must not be shown of the account, as far as it can be had.
async fn secrets(account: &ImapAccount, token: Option<&SecretString>, heartbeat: &Arc<Heartbeat>) -> Secrets {
    if let Some(token) = token {
        return Secrets::tokens([token]);
    }
    match heartbeat.during(net::password(&account.login.secret)).await {
        Ok(password) => Secrets::password(&password),
        Err(error) => {
            debug!("what the server says is not compared with the password: {error}");
            Secrets::default()
        }
    }
}

/// The TLS library reads four kilobytes at a time; of a mailbox full of mails the system is asked for more at once.
fn roomy(stream: TcpStream) -> BufReader<TcpStream> {
    BufReader::with_capacity(READ_AHEAD, stream)
}

async fn greeted(stream: Box<dyn Wire>, heartbeat: &Arc<Heartbeat>) -> Result<(ImapExecutor, bool), ImapError> {
    let mut executor = Executor::new(stream, Arc::clone(heartbeat));
    let logged_in = executor.greeting().await?;
    Ok((executor, logged_in))
}

/// STARTTLS (RFC 3501 §6.2.1). A server that greets with PREAUTH cannot be upgraded, so it is refused.
async fn start_tls(
    endpoint: &Endpoint,
    stream: TcpStream,
    heartbeat: &Arc<Heartbeat>,
) -> Result<ImapExecutor, ImapError> {
    let mut plain = Executor::new(stream, Arc::clone(heartbeat));
    let preauth = plain.greeting().await?;
    if preauth || !ask_capabilities(&mut plain).await?.has("STARTTLS") {
        return Err(ImapError::NoStartTls);
    }
    plain.run(Command::new("STARTTLS", "STARTTLS"), |_| {}).await?;
    let stream = plain.into_stream()?;
    let protected = heartbeat.during(net::upgrade(endpoint, roomy(stream))).await?;
    Ok(Executor::new(Box::new(protected), Arc::clone(heartbeat)))
}

async fn ask_capabilities<S>(executor: &mut Executor<S>) -> Result<Capabilities, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut found = None;
    let done = executor
        .run(Command::asking("CAPABILITY", "CAPABILITY", Kind::Capability), |response| {
            if let Response::Capabilities(list) = response {
                found = Some(Capabilities::read(list));
            }
        })
        .await?;
    found.or(done.capabilities).ok_or_else(|| ImapError::Protocol("it does not say what it can do".to_owned()))
}

/// LOGIN, or AUTHENTICATE PLAIN where LOGIN is off or cannot carry the characters.
async fn login<S>(
    executor: &mut Executor<S>,
    capabilities: &Capabilities,
    username: &str,
    password: &SecretString,
) -> Result<Done, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let blob = BASE64.encode(format!("\0{username}\0{}", password.expose_secret()).as_bytes());
    executor.tells(Secrets::password(password).and_said(&blob));
    let plain = capabilities.has("AUTH=PLAIN");
    let command = |line, continued| Command { continued, ..Command::new("LOGIN", line) };
    let outcome = match (quoted(username), quoted(password.expose_secret())) {
        _ if username.contains(['\0', '\r', '\n']) => return Err(ImapError::Login("the user name is no line".into())),
        (Some(username), Some(password)) if !capabilities.has("LOGINDISABLED") => {
            executor.run(command(&format!("LOGIN {username} {password}"), &[]), |_| {}).await
        }
        _ if plain => {
            if capabilities.has("SASL-IR") {
                executor.run(command(&format!("AUTHENTICATE PLAIN {blob}"), &[]), |_| {}).await
            } else {
                executor.run(command("AUTHENTICATE PLAIN", &[blob.into_bytes()]), |_| {}).await
            }
        }
        _ if !capabilities.has("LOGINDISABLED") => {
            let line = format!("LOGIN {{{}}}", username.len());
            let second = format!("{username} {{{}}}", password.expose_secret().len());
            let parts = [second.into_bytes(), password.expose_secret().as_bytes().to_vec()];
            executor.run(command(&line, &parts), |_| {}).await
        }
        _ => return Err(ImapError::NoLogin),
    };
    outcome.map_err(refused)
}

/// A refusal in answer to the password is a refused login unless the server says that it is busy: it must not be tried
/// again soon, or the account is locked. Some servers refuse by BAD, some hang up with a word about it.
fn refused(error: ImapError) -> ImapError {
    if error.is_server_trouble() {
        return error;
    }
    let says_why = |text: &str| ["auth", "login", "password", "credential"].iter().any(|word| text.contains(word));
    if let ImapError::Bye(text) = &error
        && !says_why(&text.to_ascii_lowercase())
    {
        return error;
    }
    if let ImapError::No { text, .. } | ImapError::Bad { text, .. } | ImapError::Bye(text) = error {
        return ImapError::Login(text);
    }
    error
}

/// Logs in with a token: OAUTHBEARER (RFC 7628) or XOAUTH2, whichever the server announces. The token goes in a line of its own after the server's `+`, for it may be longer than servers take a
/// command line to be.
async fn with_token<S>(
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

//! One connection to a submission server: TCP, TLS, EHLO, login, and the verbs one by one on lettre's client.
//!
//! Never says more than EHLO and STARTTLS unprotected to another machine, and is never used again after a step that did not
//! end in a well-formed reply.

use std::fmt::Display;
use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials as SmtpCredentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Auth, Ehlo, Quit};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::features::Features;
use super::login::{Credentials, Proof};
use super::starttls;
use super::timeouts::{Timeouts, within};
use super::wire::Wire;
use crate::model::policy::{Endpoint, Security, SmtpServer};
use crate::model::repeated::Secrets;
use crate::net::{self, NetError};
use crate::send::error::{SendError, StepError, want};

/// A connection that is logged in.
pub struct Connection {
    pub(in crate::send) smtp: AsyncSmtpConnection,
    pub(in crate::send) features: Features,
    pub(in crate::send) timeouts: Timeouts,
    pub(in crate::send) halt: CancellationToken,
    pub(in crate::send) usable: bool,
    /// What the server was told and must not make us show.
    pub secrets: Secrets,
    /// `MAIL FROM:<>` was refused here.
    pub null_sender_refused: bool,
    /// So was an address of ours that says whose notification it is.
    pub tagged_sender_refused: bool,
}

impl Connection {
    /// Connects and logs in. Once `halt` is cancelled, every step ends at once.
    ///
    /// Errors: [`SendError::Connection`], [`SendError::Auth`], [`SendError::AuthTemporary`], [`SendError::Stopped`].
    pub async fn open(server: &SmtpServer, timeouts: Timeouts, halt: CancellationToken) -> Result<Self, SendError> {
        let Some(login) = &server.login else {
            return Self::greet(&server.endpoint, timeouts, halt).await.map_err(StepError::into_no_connection);
        };
        let credentials = Credentials::of(login).await?;
        match Self::logged_in(server, timeouts, &halt, &credentials).await {
            // A token that is refused is replaced once.
            Err(refusal @ SendError::Auth(_)) => match credentials.instead().await? {
                Some(others) => Self::logged_in(server, timeouts, &halt, &others).await,
                None => Err(refusal),
            },
            other => other,
        }
    }

    async fn logged_in(
        server: &SmtpServer,
        timeouts: Timeouts,
        halt: &CancellationToken,
        credentials: &Credentials,
    ) -> Result<Self, SendError> {
        let secrets = credentials.secrets();
        let greeted = Self::greet(&server.endpoint, timeouts, halt.clone()).await;
        let mut connection = greeted.map_err(|error| error.into_no_connection().hiding(&secrets))?;
        connection.log_in(&server.endpoint, credentials).await.map_err(|error| error.hiding(&secrets))?;
        connection.secrets = secrets;
        Ok(connection)
    }

    /// Whether another mail may be sent on it.
    pub fn is_usable(&self) -> bool {
        self.usable
    }

    /// What the server announced.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// Says goodbye and closes; what the server answers does not matter.
    pub async fn quit(mut self) {
        if self.usable {
            self.say("QUIT", self.timeouts.quit, Severity::PositiveCompletion, Quit).await.ok();
        }
    }

    async fn greet(endpoint: &Endpoint, timeouts: Timeouts, halt: CancellationToken) -> Result<Self, StepError> {
        let (wire, hello) = dial(endpoint, &timeouts, &halt).await?;
        let greeting = async {
            AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello)
                .await
                .map_err(|error| StepError::from_smtp("greeting", &error))
        };
        let smtp = within(timeouts.greeting, &halt, "greeting", greeting).await?;
        let features = Features::default();
        let mut connection = Self {
            smtp,
            features,
            timeouts,
            halt,
            usable: true,
            secrets: Secrets::default(),
            null_sender_refused: false,
            tagged_sender_refused: false,
        };
        // Once more, for lettre keeps neither SIZE nor what is written in lower case.
        let reply = connection.say("EHLO", timeouts.greeting, Severity::PositiveCompletion, Ehlo::new(hello)).await?;
        connection.features = Features::read(reply.message());
        Ok(connection)
    }

    async fn log_in(&mut self, endpoint: &Endpoint, credentials: &Credentials) -> Result<(), SendError> {
        let result = match &credentials.proof {
            Proof::Token(token, _) => self.auth_token(endpoint, &credentials.username, token).await,
            Proof::Password(password) if self.features.auth_plain => {
                self.auth_plain(&credentials.username, password).await
            }
            Proof::Password(password) if self.features.auth_login => {
                self.auth_login(&credentials.username, password).await
            }
            Proof::Password(_) => {
                return Err(SendError::Auth("the server offers neither AUTH PLAIN nor AUTH LOGIN".to_owned()));
            }
        };
        result.map(|_| ()).map_err(|error| match error {
            StepError::Refused { code: 421, text } | StepError::Broken(text) => SendError::Connection(text),
            StepError::Refused { code: 500.., text } => SendError::Auth(text),
            StepError::Refused { text, .. } => SendError::AuthTemporary(text),
            StepError::Stopped => SendError::Stopped,
        })
    }

    async fn auth_plain(&mut self, username: &str, password: &SecretString) -> Result<Response, StepError> {
        let auth = auth(Mechanism::Plain, username, password, None)?;
        self.say("AUTH", self.timeouts.command, Severity::PositiveCompletion, auth).await
    }

    /// User name and password by position: servers word the two prompts as they like.
    async fn auth_login(&mut self, username: &str, password: &SecretString) -> Result<Response, StepError> {
        let limit = self.timeouts.command;
        for prompt in [None, Some("Username:")] {
            let answer = auth(Mechanism::Login, username, password, prompt)?;
            self.say("AUTH", limit, Severity::PositiveIntermediate, answer).await?;
        }
        let answer = auth(Mechanism::Login, username, password, Some("Password:"))?;
        self.say("AUTH", limit, Severity::PositiveCompletion, answer).await
    }

    /// One command and its reply, which must be of `class`.
    pub(in crate::send) async fn say(
        &mut self,
        step: &str,
        limit: Duration,
        class: Severity,
        command: impl Display,
    ) -> Result<Response, StepError> {
        let result = self.exchange(step, limit, command).await.and_then(|response| want(step, class, response));
        self.usable = match &result {
            Ok(_) => true,
            Err(StepError::Refused { code, .. }) => *code != 421,
            Err(StepError::Broken(_) | StepError::Stopped) => false,
        };
        result.map_err(|error| error.hiding(&self.secrets))
    }

    /// One command and its reply, whatever it is. The connection is not usable until the caller has judged it.
    pub(in crate::send) async fn exchange(
        &mut self,
        step: &str,
        limit: Duration,
        command: impl Display,
    ) -> Result<Response, StepError> {
        self.usable = false;
        let command = command.to_string();
        let exchange = async { self.smtp.command(command).await.map_err(|error| StepError::from_smtp(step, &error)) };
        within(limit, &self.halt, step, exchange).await
    }
}

fn auth(
    mechanism: Mechanism,
    username: &str,
    password: &SecretString,
    prompt: Option<&str>,
) -> Result<Auth, StepError> {
    let credentials = SmtpCredentials::new(username.to_owned(), password.expose_secret().to_owned());
    Auth::new(mechanism, credentials, prompt.map(str::to_owned)).map_err(|error| StepError::from_smtp("AUTH", &error))
}

/// Connects, up to the point where EHLO may be said.
async fn dial(
    endpoint: &Endpoint,
    timeouts: &Timeouts,
    halt: &CancellationToken,
) -> Result<(Wire, ClientId), StepError> {
    let unreachable = |error: NetError| StepError::Broken(error.to_string());
    let connecting = async { net::connect(endpoint).await.map_err(unreachable) };
    let tcp = within(timeouts.connect, halt, "connect", connecting).await?;
    let hello = hello(&tcp);
    let upgrade = async |tcp: TcpStream| {
        let upgrading = async { net::upgrade(endpoint, tcp).await.map_err(unreachable) };
        within(timeouts.connect, halt, "TLS handshake", upgrading).await
    };
    let wire = match endpoint.security {
        Security::Tls => Wire::tls(upgrade(tcp).await?),
        Security::StartTls => {
            let tcp = within(timeouts.greeting, halt, "STARTTLS", starttls::ask(tcp, &hello)).await?;
            Wire::upgraded(upgrade(tcp).await?)
        }
        Security::None => {
            if !tcp.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback()) {
                let text = format!("`{}` is another machine, and the connection would be unprotected", endpoint.host);
                return Err(StepError::Broken(text));
            }
            Wire::plain(tcp)
        }
    };
    Ok((wire, hello))
}

/// How we introduce ourselves (RFC 5321 §4.1.4): the host's full name, or else its address.
fn hello(stream: &TcpStream) -> ClientId {
    let full_name = |name: &str| {
        name.contains('.') && name.len() <= 253 && name.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
    };
    match (ClientId::default(), stream.local_addr().map(|local| local.ip().to_canonical())) {
        (ClientId::Domain(name), _) if full_name(&name) => ClientId::Domain(name),
        (_, Ok(IpAddr::V4(address))) => ClientId::Ipv4(address),
        (_, Ok(IpAddr::V6(address))) => ClientId::Ipv6(address),
        (other, Err(_)) => other,
    }
}

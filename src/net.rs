//! Connections to mail servers: TCP without Nagle's delay, TLS that trusts the system's roots and a `ca_file`, and the
//! password to log in with.
//!
//! Never falls back to an unprotected connection; never logs a password.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use secrecy::SecretString;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::model::policy::{Endpoint, Secret};

/// Time for name resolution and TCP connect.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for the TLS handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Time for a `password_command`.
pub const PASSWORD_COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// What a `password_command` may print, in bytes.
const PASSWORD_COMMAND_OUTPUT: u64 = 64 << 10;

/// Why there is no password to log in with. All of it is temporary.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The command could not be started.
    #[error("password_command `{command}` cannot be run: {source}")]
    Start {
        /// Its first word.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// It took too long.
    #[error("password_command `{0}` did not end within {secs} seconds", secs = PASSWORD_COMMAND_TIMEOUT.as_secs())]
    Timeout(String),
    /// It failed.
    #[error("password_command `{command}` ended with {status}")]
    Failed {
        /// Its first word.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// It printed nothing usable.
    #[error("password_command `{0}` printed no password on its first line")]
    Empty(String),
}

/// Why no connection came about. All but [`NetError::CaFile`] are temporary as far as mail is concerned.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// No answer in time.
    #[error("no connection to `{0}` within {secs} seconds", secs = CONNECT_TIMEOUT.as_secs())]
    Timeout(String),
    /// Refused, unreachable, unknown host.
    #[error("no connection to `{host}`: {source}")]
    Connect {
        /// `host:port`.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// The TLS handshake failed: wrong name, unknown issuer, expired, or no TLS there.
    #[error("no TLS with `{host}`: {source}")]
    Tls {
        /// `host:port`.
        host: String,
        /// What the library said.
        source: io::Error,
    },
    /// The `ca_file` cannot be used.
    #[error("ca_file `{path}`: {reason}")]
    CaFile {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

/// The password itself; runs the `password_command` if that is where it comes from.
pub async fn password(secret: &Secret) -> Result<SecretString, SecretError> {
    let words = match secret {
        Secret::Password(password) => return Ok(password.clone()),
        Secret::Command(words) => words,
    };
    let command = words.first().cloned().unwrap_or_default();
    match timeout(PASSWORD_COMMAND_TIMEOUT, first_line(&command, words)).await {
        Ok(line) => line,
        Err(_) => Err(SecretError::Timeout(command)),
    }
}

/// The first line that a command prints; the command is killed when this is cancelled.
async fn first_line(command: &str, words: &[String]) -> Result<SecretString, SecretError> {
    let start = |source| SecretError::Start { command: command.to_owned(), source };
    let mut child = tokio::process::Command::new(command)
        .args(words.iter().skip(1))
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(start)?;
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(PASSWORD_COMMAND_OUTPUT).read_to_end(&mut output).await.map_err(start)?;
    }
    let status = child.wait().await.map_err(start)?;
    if !status.success() {
        return Err(SecretError::Failed { command: command.to_owned(), status });
    }
    let line = output.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match std::str::from_utf8(line).map(|line| line.trim_end_matches('\r')) {
        Ok(line) if !line.is_empty() => Ok(SecretString::from(line)),
        Ok(_) | Err(_) => Err(SecretError::Empty(command.to_owned())),
    }
}

/// Opens a TCP connection to the endpoint, `TCP_NODELAY` set (40 ms a command are lost without).
pub async fn connect(endpoint: &Endpoint) -> Result<TcpStream, NetError> {
    let host = format!("{}:{}", endpoint.host, endpoint.port);
    let connecting = TcpStream::connect((endpoint.host.as_str(), endpoint.port));
    let stream = match timeout(CONNECT_TIMEOUT, connecting).await {
        Err(_) => return Err(NetError::Timeout(host)),
        Ok(Err(source)) => return Err(NetError::Connect { host, source }),
        Ok(Ok(stream)) => stream,
    };
    stream.set_nodelay(true).map_err(|source| NetError::Connect { host, source })?;
    Ok(stream)
}

/// Upgrades a connection to TLS; the certificate must be valid for the endpoint's host.
pub async fn upgrade(endpoint: &Endpoint, stream: TcpStream) -> Result<TlsStream<TcpStream>, NetError> {
    let host = format!("{}:{}", endpoint.host, endpoint.port);
    let name = ServerName::try_from(endpoint.host.clone())
        .map_err(|error| NetError::Tls { host: host.clone(), source: io::Error::other(error) })?;
    let connector = TlsConnector::from(Arc::new(client_config(endpoint)?));
    match timeout(HANDSHAKE_TIMEOUT, connector.connect(name, stream)).await {
        Err(_) => Err(NetError::Timeout(host)),
        Ok(Err(source)) => Err(NetError::Tls { host, source }),
        Ok(Ok(stream)) => Ok(stream),
    }
}

/// The TLS settings for an endpoint: the system's roots, and those of its `ca_file`.
pub fn client_config(endpoint: &Endpoint) -> Result<ClientConfig, NetError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = Vec::new();
    if let Some(path) = &endpoint.ca_file {
        let fault = |reason: String| NetError::CaFile { path: path.display().to_string(), reason };
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))? {
            roots.push(certificate.map_err(|error| fault(error.to_string()))?);
        }
        if roots.is_empty() {
            return Err(fault("holds no certificate".to_owned()));
        }
    }
    let general = |error: rustls::Error| NetError::Tls { host: endpoint.host.clone(), source: io::Error::other(error) };
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(general)?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(general)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    async fn check(script: &str) -> Result<SecretString, SecretError> {
        password(&Secret::Command(["/bin/sh", "-c", script].map(str::to_owned).to_vec())).await
    }

    #[tokio::test]
    async fn the_first_line_of_a_command_is_the_password() {
        let password = check("printf 'first one\\r\\nsecond\\n'").await.unwrap();
        assert_eq!(password.expose_secret(), "first one");
    }

    #[tokio::test]
    async fn a_command_that_fails_or_is_mute_gives_no_password() {
        assert!(matches!(check("echo secret; exit 3").await, Err(SecretError::Failed { .. })));
        assert!(matches!(check("true").await, Err(SecretError::Empty(_))));
        let missing = Secret::Command(vec!["/nonexistent/helper".to_owned()]);
        assert!(matches!(password(&missing).await, Err(SecretError::Start { .. })));
    }
}

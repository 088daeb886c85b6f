//! Connections to mail servers: TCP without Nagle's delay, TLS that trusts the system's roots and a `ca_file`, and the
//! password to log in with.
//!
//! Never falls back to an unprotected connection; never logs a password.

mod pace;
mod tls_fault;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use secrecy::SecretString;
use tokio::io::AsyncReadExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::model::policy::{Endpoint, Secret};
use crate::model::text::os_words;

/// The home directory of the user that a command of root has become.
static HOME: OnceLock<PathBuf> = OnceLock::new();

/// Programs that print passwords and tokens live in `home` from now on.
pub fn live_in(home: PathBuf) {
    // Once a process: there is no second change of the user.
    drop(HOME.set(home));
}

/// A command as the user who runs it, also when root has become that user.
pub fn command(program: &str) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(program);
    if let Some(home) = HOME.get() {
        command.env("HOME", home);
    }
    command
}

/// Time for name resolution and TCP connect.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for the TLS handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Minutes to wait after the first, second, third … refused login in a row; the last one repeats. A fault that is mended within
/// the first quarter of an hour is noticed within the next one, and there are at most four logins in an hour's beginning and 30
/// in a day, which no provider takes for an attack.
const LOGIN_WAITS_MINUTES: [u64; 4] = [1, 4, 12, 60];
/// How much longer a wait after a refused login may get by chance.
const LOGIN_WAIT_SPREAD: f64 = 0.2;

/// How long to leave an account alone that has refused `refusals` logins in a row before this one; `chance` is from 0 to 1.
pub fn wait_after_refused_login(refusals: u32, chance: f64) -> Duration {
    let index = usize::try_from(refusals).unwrap_or(usize::MAX).min(LOGIN_WAITS_MINUTES.len() - 1);
    let minutes = LOGIN_WAITS_MINUTES.get(index).copied().unwrap_or(60);
    Duration::from_mins(minutes).mul_f64(1.0 + LOGIN_WAIT_SPREAD * chance.clamp(0.0, 1.0))
}

/// Time for a `password_command`.
pub const PASSWORD_COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// What a `password_command` may print, in bytes.
const PASSWORD_COMMAND_OUTPUT: u64 = 64 << 10;

/// Why there is no password to log in with. All of it is temporary.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The command could not be started.
    #[error("password_command `{command}` cannot be run: {}", os_words(source))]
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
    /// The file with the password cannot be read.
    #[error("password file `{}`: {}", path.display(), os_words(source))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It has no password on its first line.
    #[error("password file `{}` has no password on its first line", .0.display())]
    EmptyFile(PathBuf),
    /// The account logs in with tokens.
    #[error("oauth `{0}` gives tokens and no passwords")]
    Token(String),
}

/// Why no connection came about. All but [`NetError::CaFile`] are temporary as far as mail is concerned.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// No answer in time.
    #[error("no connection to `{0}` within {secs} seconds", secs = CONNECT_TIMEOUT.as_secs())]
    Timeout(String),
    /// Refused, unreachable, unknown host.
    #[error("no connection to `{host}`: {}", os_words(source))]
    Connect {
        /// `host:port`.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// The TLS handshake failed: wrong name, unknown issuer, expired, or no TLS there.
    #[error("no TLS with `{host}`: {}", tls_fault::describe(source))]
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
        Secret::File(path) => return in_file(path),
        Secret::Command(words) => words,
        Secret::Token(account) => return Err(SecretError::Token(account.id.clone())),
    };
    let command = words.first().cloned().unwrap_or_default();
    match timeout(PASSWORD_COMMAND_TIMEOUT, first_line(&command, words)).await {
        Ok(line) => line,
        Err(_) => Err(SecretError::Timeout(command)),
    }
}

/// The first line of a file.
fn in_file(path: &Path) -> Result<SecretString, SecretError> {
    let fault = |source| SecretError::File { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(fault)?;
    io::Read::read_to_string(&mut io::Read::take(file, PASSWORD_COMMAND_OUTPUT), &mut text).map_err(fault)?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() { Err(SecretError::EmptyFile(path.to_owned())) } else { Ok(SecretString::from(line)) }
}

/// The first line that a command prints; the command is killed when this is cancelled.
async fn first_line(command: &str, words: &[String]) -> Result<SecretString, SecretError> {
    let start = |source| SecretError::Start { command: command.to_owned(), source };
    let mut child = self::command(command)
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

/// Opens a TCP connection to the endpoint, `TCP_NODELAY` set (40 ms a command are lost without). Waits its turn when many
/// want to connect to one server at once.
pub async fn connect(endpoint: &Endpoint) -> Result<TcpStream, NetError> {
    let host = format!("{}:{}", endpoint.host, endpoint.port);
    pace::turn(&host).await;
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
pub async fn upgrade<S>(endpoint: &Endpoint, stream: S) -> Result<TlsStream<S>, NetError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
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
    let system = Verifier::new_with_extra_roots(roots.clone(), Arc::clone(&provider)).map_err(general)?;
    let trust = Trust { own: own_verifier(&roots, &provider), roots, system };
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(general)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth())
}

/// Trusts what the system trusts, what the roots of `ca_file` signed, and the very certificates in `ca_file`.
///
/// The last is for the self-signed certificate of a small server: `openssl req -x509` marks it as an authority, and
/// webpki refuses an authority as a server's certificate, even the one that it was told to trust.
#[derive(Debug)]
struct Trust {
    system: Verifier,
    own: Option<Arc<WebPkiServerVerifier>>,
    roots: Vec<CertificateDer<'static>>,
}

fn own_verifier(
    roots: &[CertificateDer<'static>],
    provider: &Arc<rustls::crypto::CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.iter().cloned());
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build().ok()
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.own {
            Some(own) if self.roots.iter().any(|root| root == end_entity) => {
                match own.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
                    Err(error) if is_authority_as_server(&error) => {
                        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                        Ok(ServerCertVerified::assertion())
                    }
                    other => other,
                }
            }
            Some(_) | None => {
                self.system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.system.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.system.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

/// Whether the one thing wrong is that an authority serves; webpki looks at the dates before.
fn is_authority_as_server(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::InvalidCertificate(CertificateError::Other(other))
        if other.0.to_string() == "CaUsedAsEndEntity")
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use secrecy::ExposeSecret;
    use tokio::net::TcpListener;

    use super::*;
    use crate::model::policy::Security;

    /// Serves a self-signed authority for `localhost`, valid in 2000 or for long, and connects as `host`.
    async fn shake_hands(host: &str, expired: bool, listed: bool) -> Result<(), NetError> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        if expired {
            params.not_after = rcgen::date_time_ymd(2000, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let ca_file = dir.path().join("ca.pem");
        std::fs::write(&ca_file, certificate.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint =
            Endpoint { host: host.to_owned(), port, security: Security::Tls, ca_file: listed.then_some(ca_file) };
        let server = async {
            let (stream, _) = listener.accept().await.unwrap();
            drop(tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(stream).await);
        };
        let client = async { upgrade(&endpoint, connect(&endpoint).await?).await.map(drop) };
        tokio::join!(server, client).1
    }

    #[tokio::test]
    async fn a_self_signed_certificate_is_trusted_if_it_stands_in_the_ca_file() {
        shake_hands("localhost", false, true).await.unwrap();
        for (host, expired, listed) in
            [("localhost", false, false), ("localhost", true, true), ("127.0.0.1", false, true)]
        {
            let refused = shake_hands(host, expired, listed).await;
            assert!(matches!(refused, Err(NetError::Tls { .. })), "{host} {expired} {listed}: {refused:?}");
        }
    }

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

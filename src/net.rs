//! Connections to mail servers: TCP without Nagle's delay, and TLS that trusts the system's roots and a `ca_file`.
//!
//! Never falls back to an unprotected connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::model::policy::Endpoint;

/// Time for name resolution and TCP connect.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for the TLS handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

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

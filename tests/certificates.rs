//! Servers that cannot prove who they are, or that would have us speak unprotected: they get no credentials, the fault
//! is told in plain words, and a renewed certificate is enough for the next try.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use postroom::heartbeat::Heartbeat;
use postroom::intake::Session;
use postroom::model::policy::{Endpoint, ImapAccount, Login, Secret, Security, SmtpServer};
use postroom::send;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Imap,
    Smtp,
}

/// How the server begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Implicit,
    Upgrade,
    /// It knows no STARTTLS.
    Plain,
    /// Its OK to STARTTLS has more behind it, unprotected.
    Injecting,
}

#[derive(Clone, Copy, Debug)]
enum Certificate {
    Good,
    Expired,
    NotYet,
    WrongName,
    SelfSigned,
}

/// An authority that the client trusts, and the certificates around it.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    dir: TempDir,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), dir }
    }

    fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn acceptor(&self, kind: Certificate) -> TlsAcceptor {
        let name = if matches!(kind, Certificate::WrongName) { "other.example" } else { "localhost" };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        match kind {
            Certificate::Expired => params.not_after = date_time_ymd(2020, 2, 3),
            Certificate::NotYet => params.not_before = date_time_ymd(2090, 2, 3),
            Certificate::Good | Certificate::WrongName | Certificate::SelfSigned => {}
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match kind {
            Certificate::SelfSigned => params.self_signed(&key).unwrap(),
            Certificate::Good | Certificate::Expired | Certificate::NotYet | Certificate::WrongName => {
                params.signed_by(&key, &self.issuer).unwrap()
            }
        };
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap());
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}

/// A server that takes every login and remembers all that it hears, in the clear or under TLS.
struct Server {
    port: u16,
    protocol: Protocol,
    acceptor: Arc<Mutex<TlsAcceptor>>,
    heard: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start(protocol: Protocol, start: Start, acceptor: TlsAcceptor) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, heard) = (Arc::new(Mutex::new(acceptor)), Arc::new(Mutex::new(Vec::new())));
        let (acceptors, lines) = (Arc::clone(&acceptor), Arc::clone(&heard));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut sessions = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, lines) = (acceptors.lock().unwrap().clone(), Arc::clone(&lines));
                sessions.spawn(async move { drop(serve(stream, protocol, start, acceptor, &lines).await) });
            }
        });
        Self { port, protocol, acceptor, heard, _tasks: tasks }
    }

    /// Tries to log in with a password; the error as people see it.
    async fn log_in(&self, security: Security, ca_file: PathBuf) -> Result<(), String> {
        let endpoint = Endpoint { host: "localhost".to_owned(), port: self.port, security, ca_file: Some(ca_file) };
        let login = Login { username: "desk".to_owned(), secret: Secret::Password("hunter2".into()) };
        match self.protocol {
            Protocol::Imap => {
                let account = ImapAccount { endpoint, login };
                Session::open(&account, &Arc::new(Heartbeat::default())).await.map(drop).map_err(|e| e.to_string())
            }
            Protocol::Smtp => {
                let server = SmtpServer { endpoint, login: Some(login) };
                send::try_login(&server).await.map(drop).map_err(|error| error.to_string())
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    protocol: Protocol,
    start: Start,
    acceptor: TlsAcceptor,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    if start == Start::Implicit {
        return talk(&mut BufReader::new(acceptor.accept(stream).await?), protocol, true, start, heard).await.map(drop);
    }
    let mut plain = BufReader::new(stream);
    if !talk(&mut plain, protocol, true, start, heard).await? {
        return Ok(());
    }
    let greets = false;
    talk(&mut BufReader::new(acceptor.accept(plain.into_inner()).await?), protocol, greets, start, heard)
        .await
        .map(drop)
}

/// Talks until the end (`false`) or until TLS is due (`true`).
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    protocol: Protocol,
    greets: bool,
    start: Start,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<bool> {
    let imap = protocol == Protocol::Imap;
    if greets {
        stream.write_all(if imap { b"* OK hello\r\n" } else { b"220 hello\r\n" }).await?;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        heard.lock().unwrap().push(line.trim_end().to_owned());
        let (tag, command) =
            if imap { line.trim_end().split_once(' ').unwrap_or_default() } else { ("", line.trim_end()) };
        let offer = greets && matches!(start, Start::Upgrade | Start::Injecting);
        let reply = match (command.split(' ').next().unwrap(), imap) {
            ("STARTTLS", _) => {
                let more = match (start, imap) {
                    (Start::Injecting, true) => "* CAPABILITY IMAP4rev1\r\n",
                    (Start::Injecting, false) => "250 AUTH PLAIN\r\n",
                    _ => "",
                };
                let ok = if imap { format!("{tag} OK go\r\n{more}") } else { format!("220 go\r\n{more}") };
                stream.write_all(ok.as_bytes()).await?;
                return Ok(true);
            }
            ("CAPABILITY", true) => {
                format!("* CAPABILITY IMAP4rev1{}\r\n{tag} OK\r\n", if offer { " STARTTLS" } else { "" })
            }
            ("EHLO", false) => format!("250-me\r\n{}250 AUTH PLAIN\r\n", if offer { "250-STARTTLS\r\n" } else { "" }),
            ("AUTH", false) => "235 in\r\n".to_owned(),
            ("QUIT", false) => "221 bye\r\n".to_owned(),
            (_, true) => format!("{tag} OK done\r\n"),
            (_, false) => "250 ok\r\n".to_owned(),
        };
        stream.write_all(reply.as_bytes()).await?;
        stream.flush().await?;
    }
}

/// What may be said in the clear.
fn harmless(line: &str) -> bool {
    line.starts_with("EHLO ") || line.ends_with(" CAPABILITY") || line == "STARTTLS" || line.ends_with(" STARTTLS")
}

#[tokio::test]
async fn a_bad_certificate_gets_no_credentials_and_a_renewed_one_is_enough() {
    let authority = Authority::new();
    for protocol in [Protocol::Imap, Protocol::Smtp] {
        for (start, security) in [(Start::Implicit, Security::Tls), (Start::Upgrade, Security::StartTls)] {
            let server = Server::start(protocol, start, authority.acceptor(Certificate::Good)).await;
            for (bad, words) in [
                (Certificate::Expired, "the server's certificate expired on 2020-02-03; hint: renew"),
                (Certificate::NotYet, "the server's certificate is not valid before 2090-02-03; hint: check the clock"),
                (Certificate::WrongName, "is not for `localhost` but for "),
                (
                    Certificate::SelfSigned,
                    "nobody whom this machine trusts signed the server's certificate; hint: name",
                ),
            ] {
                *server.acceptor.lock().unwrap() = authority.acceptor(bad);
                let error = server.log_in(security, authority.ca_file()).await.unwrap_err();
                assert!(error.contains(words) && error.contains("; hint: "), "{protocol:?} {bad:?}: {error}");
            }
            let heard: Vec<String> = std::mem::take(&mut server.heard.lock().unwrap());
            assert!(heard.iter().all(|line| harmless(line)), "{protocol:?} {start:?}: {heard:?}");
            assert_eq!(heard.is_empty(), start == Start::Implicit);
            *server.acceptor.lock().unwrap() = authority.acceptor(Certificate::Good);
            server.log_in(security, authority.ca_file()).await.unwrap();
            let heard = server.heard.lock().unwrap().clone();
            assert!(heard.iter().any(|line| !harmless(line)), "nobody logged in: {heard:?}");
        }
    }
}

#[tokio::test]
async fn without_starttls_or_with_words_pushed_in_behind_it_nothing_is_said() {
    let authority = Authority::new();
    for protocol in [Protocol::Imap, Protocol::Smtp] {
        for (start, words) in [(Start::Plain, "does not offer STARTTLS"), (Start::Injecting, "")] {
            let server = Server::start(protocol, start, authority.acceptor(Certificate::Good)).await;
            let error = server.log_in(Security::StartTls, authority.ca_file()).await.unwrap_err();
            assert!(error.contains(words), "{protocol:?} {start:?}: {error}");
            let heard = server.heard.lock().unwrap().clone();
            assert!(!heard.is_empty() && heard.iter().all(|line| harmless(line)), "{protocol:?} {start:?}: {heard:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_told_from_one_with_a_bad_certificate() {
    let authority = Authority::new();
    for protocol in [Protocol::Imap, Protocol::Smtp] {
        let server = Server::start(protocol, Start::Plain, authority.acceptor(Certificate::Good)).await;
        let error = server.log_in(Security::Tls, authority.ca_file()).await.unwrap_err();
        assert!(error.contains("does not speak TLS there; hint: check `port` and `security`"), "{protocol:?}: {error}");
    }
}

//! A scripted SMTP server on loopback, for tests: says, delays, drops or keeps silent as told, and remembers what it heard.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::model::address::Address;
use crate::model::id::{MailId, OutboxId};
use crate::model::outgoing::OutgoingKind;
use crate::model::policy::{Endpoint, Login, Secret, Security, SmtpServer};
use crate::send::smtp::timeouts::Timeouts;
use crate::store::outbox::Due;

/// What the server does at a step.
#[derive(Clone, Debug)]
pub enum Act {
    /// Says this (CR LF is added).
    Say(&'static str),
    /// Says exactly this.
    Raw(&'static [u8]),
    /// Says this, and closes.
    SayAndClose(&'static str),
    /// Says exactly this, and closes.
    RawAndClose(&'static [u8]),
    /// Says what it would have said, and closes.
    UsualAndClose,
    /// Closes.
    Close,
    /// Says this after so many seconds.
    Late(u64, &'static str),
    /// Says nothing more.
    Silence,
}

/// Replies a step, in the order of the times that it comes up; the last one repeats. Steps: `greeting`, the verbs, `dot`, `body` (before
/// the mail is read), `auth`, `auth1`, `auth2`.
pub type Script = Vec<(&'static str, Vec<Act>)>;

/// What the server does at a step for whom (sender, then recipient; nobody yet before), instead of what the script says. Beside the
/// steps of a script: `connect`, and `lost` (the final dot came, and the mail is not kept).
pub type Whim = Arc<dyn Fn(&str, &str) -> Option<Act> + Send + Sync>;

/// How the server speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    None,
    Implicit,
    Upgrade,
}

/// The running server; ends when dropped.
pub struct Liar {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<Vec<u8>>>>,
    files: TempDir,
    security: Security,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Session {
    script: Arc<BTreeMap<&'static str, Vec<Act>>>,
    whim: Whim,
    whom: String,
    turns: Arc<Mutex<BTreeMap<String, usize>>>,
    heard: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Liar {
    /// A server without TLS that does as `script` says, and the usual where it says nothing.
    pub async fn start(script: Script) -> Self {
        Self::start_tls(script, Tls::None, "127.0.0.1").await
    }

    /// A server whose certificate is for `name`.
    pub async fn start_tls(script: Script, tls: Tls, name: &str) -> Self {
        Self::start_whimsical(script, Arc::new(|_, _| None), tls, name).await
    }

    /// A server that goes by its whim first, then by its script.
    pub async fn start_whimsical(script: Script, whim: Whim, tls: Tls, name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("ca.pem"), certificate.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let session = Session {
            script: Arc::new(script.into_iter().collect()),
            whim,
            whom: String::new(),
            turns: Arc::default(),
            heard: Arc::default(),
            mails: Arc::default(),
        };
        let (heard, mails) = (Arc::clone(&session.heard), Arc::clone(&session.mails));
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut sessions = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                sessions.spawn(session.clone().serve(stream, tls, acceptor.clone()));
            }
        });
        let security = match tls {
            Tls::None => Security::None,
            Tls::Implicit => Security::Tls,
            Tls::Upgrade => Security::StartTls,
        };
        Self { address, heard, mails, files, security, _tasks: tasks }
    }

    /// How to reach it, its certificate trusted, without a login.
    pub fn server(&self) -> SmtpServer {
        let endpoint = Endpoint {
            host: "127.0.0.1".to_owned(),
            port: self.address.port(),
            security: self.security,
            ca_file: Some(self.files.path().join("ca.pem")),
        };
        SmtpServer { endpoint, login: None }
    }

    /// How to reach it, with a login.
    pub fn server_with_login(&self) -> SmtpServer {
        let secret = Secret::Password("s3cret".into());
        SmtpServer { login: Some(Login { username: "desk".to_owned(), secret }), ..self.server() }
    }

    /// The lines that it was told, without the mails.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// The mails as they came, dots still doubled, without the final one.
    pub fn mails(&self) -> Vec<Vec<u8>> {
        self.mails.lock().unwrap().clone()
    }
}

impl Session {
    async fn serve(mut self, stream: TcpStream, tls: Tls, acceptor: TlsAcceptor) {
        stream.set_nodelay(true).unwrap();
        if (self.whim)("connect", "").is_some() {
            return;
        }
        let stream: Box<dyn Both> = match tls {
            Tls::None => Box::new(stream),
            Tls::Implicit => match acceptor.accept(stream).await {
                Ok(stream) => Box::new(stream),
                Err(_) => return,
            },
            Tls::Upgrade => {
                let mut plain = BufReader::new(stream);
                match self.talk(&mut plain, true, "250-liar\r\n250 STARTTLS").await {
                    Some(()) => {}
                    None => return,
                }
                match acceptor.accept(plain.into_inner()).await {
                    Ok(stream) => Box::new(stream),
                    Err(_) => return,
                }
            }
        };
        let ehlo = "250-liar\r\n250-SIZE 100000\r\n250 AUTH PLAIN LOGIN";
        self.talk(&mut BufReader::new(stream), tls != Tls::Upgrade, ehlo).await;
    }

    /// Serves until the end, or until STARTTLS was answered (`Some`).
    async fn talk<S: Both>(&mut self, stream: &mut BufReader<S>, greet: bool, ehlo: &'static str) -> Option<()> {
        if greet {
            self.act(stream, "greeting", "220 liar").await?;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_owned();
            self.heard.lock().unwrap().push(line.clone());
            match line.split(' ').next().unwrap() {
                "EHLO" => {
                    self.act(stream, "EHLO", ehlo).await?;
                }
                "STARTTLS" => return self.act(stream, "STARTTLS", "220 go").await.map(|_| ()),
                "AUTH" if line == "AUTH LOGIN" => {
                    for (step, usual) in [("auth", "334 VXNlcm5hbWU6"), ("auth1", "334 UGFzc3dvcmQ6")] {
                        self.act(stream, step, usual).await?;
                        let mut answer = String::new();
                        stream.read_line(&mut answer).await.ok()?;
                        self.heard.lock().unwrap().push(answer.trim_end().to_owned());
                    }
                    self.act(stream, "auth2", "235 welcome").await?;
                }
                "AUTH" => {
                    self.act(stream, "auth", "235 welcome").await?;
                }
                "MAIL" => {
                    self.whom = bracketed(&line);
                    self.act(stream, "MAIL", "250 sender").await?;
                }
                "RCPT" => {
                    self.whom = bracketed(&line);
                    self.act(stream, "RCPT", "250 recipient").await?;
                }
                "RSET" => {
                    self.act(stream, "RSET", "250 reset").await?;
                }
                "DATA" => {
                    if self.act(stream, "DATA", "354 go").await? == "354 go" {
                        self.act(stream, "body", "").await?;
                        let mail = read_mail(stream).await?;
                        if let Some(act) = (self.whim)("lost", &self.whom) {
                            self.perform(stream, act, "250 2.0.0 queued as 1").await?;
                            continue;
                        }
                        self.mails.lock().unwrap().push(mail);
                        self.act(stream, "dot", "250 2.0.0 queued as 1").await?;
                    }
                }
                "QUIT" => {
                    self.act(stream, "QUIT", "221 bye").await?;
                    return None;
                }
                _ => {
                    self.act(stream, "other", "500 what").await?;
                }
            }
        }
    }

    /// Does what the script says; `None` ends the session.
    async fn act<S: Both>(&self, stream: &mut BufReader<S>, step: &str, usual: &'static str) -> Option<&'static str> {
        if let Some(act) = (self.whim)(step, &self.whom) {
            return self.perform(stream, act, usual).await;
        }
        let act = {
            let mut turns = self.turns.lock().unwrap();
            let turn = turns.entry(step.to_owned()).or_default();
            let acts = self.script.get(step);
            let act = acts.and_then(|acts| acts.get(*turn).or(acts.last())).cloned();
            *turn += 1;
            act.unwrap_or(if usual.is_empty() { Act::Raw(b"") } else { Act::Say(usual) })
        };
        self.perform(stream, act, usual).await
    }

    async fn perform<S: Both>(&self, stream: &mut BufReader<S>, act: Act, usual: &'static str) -> Option<&'static str> {
        let (text, close, said) = match act {
            Act::Say(text) => (format!("{text}\r\n").into_bytes(), false, text),
            Act::Raw(bytes) => (bytes.to_vec(), false, ""),
            Act::SayAndClose(text) => (format!("{text}\r\n").into_bytes(), true, text),
            Act::RawAndClose(bytes) => (bytes.to_vec(), true, ""),
            Act::UsualAndClose => (format!("{usual}\r\n").into_bytes(), true, ""),
            Act::Close => (Vec::new(), true, ""),
            Act::Late(seconds, text) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                (format!("{text}\r\n").into_bytes(), false, text)
            }
            Act::Silence => std::future::pending().await,
        };
        stream.write_all(&text).await.ok()?;
        stream.flush().await.ok()?;
        if close {
            stream.shutdown().await.ok();
            return None;
        }
        Some(said)
    }
}

async fn read_mail<S: Both>(stream: &mut BufReader<S>) -> Option<Vec<u8>> {
    let mut mail = Vec::new();
    while !mail.ends_with(b"\r\n.\r\n") {
        if stream.read_until(b'\n', &mut mail).await.ok()? == 0 {
            return None;
        }
    }
    mail.truncate(mail.len() - 3);
    Some(mail)
}

/// What stands between the angle brackets.
fn bracketed(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

/// What TCP and TLS streams have in common.
pub trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + ?Sized> Both for S {}

/// Time-outs for servers that keep silent.
pub fn short() -> Timeouts {
    let limit = Duration::from_millis(150);
    Timeouts {
        connect: Duration::from_secs(5),
        greeting: limit,
        command: limit,
        data: limit,
        dot: limit,
        dot_per_mib: Duration::ZERO,
        quit: limit,
        stop: limit,
    }
}

/// A mail to send: number, kind, recipient, null sender.
pub fn due(id: i64, kind: OutgoingKind, recipient: &str) -> Due {
    Due {
        id: OutboxId(id),
        kind,
        recipient: Address::parse(recipient).unwrap(),
        envelope_from: None,
        fallback_from: Address::parse("info@shop.example").unwrap(),
        message_id: MailId::new("1@shop.example"),
        bytes: b"Subject: x\r\n\r\nfirst\r\n.second\r\n".to_vec(),
        attempts: 0,
        queued_at: Timestamp::UNIX_EPOCH,
    }
}

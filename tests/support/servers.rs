//! Private Dovecot and Postfix on loopback: own directories, ports, certificate; children that end with their owner.
//!
//! The domain `example.test` is theirs; every address in it has a mailbox with the password `secret`; everything else
//! bounces, so nothing leaves the machine. Needs root, because Postfix and Dovecot do.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::config::{ImapAccess, PASSWORD};
use super::desk::files_below;
use super::imap::Imap;
use super::mail::{Mail, Received};
use super::ports::{self, Port};
use super::process::{self, Running};
use super::smtp;
use super::{PATIENCE, eventually};

const DOVECOT: &str = include_str!("dovecot.conf");
const POSTFIX_MAIN: &str = include_str!("postfix-main.cf");
const POSTFIX_MASTER: &str = include_str!("postfix-master.cf");
/// Files and directories of this user hold the mail.
const NOBODY: &str = "65534:65534";

/// The servers.
pub struct MailServers {
    dovecot: Running,
    postfix: Option<Running>,
    ports: Ports,
    dir: TempDir,
}

struct Ports {
    imap: Port,
    imaps: Port,
    lmtp: Port,
    sasl: Port,
    mx: Port,
    submission: Port,
    submissions: Port,
}

impl MailServers {
    /// Dovecot and Postfix.
    pub fn start() -> Self {
        let mut servers = Self::dovecot_only();
        servers.start_postfix();
        servers
    }

    /// Dovecot and Postfix that take these mechanisms for tokens too, and ask about a token at this port of ours.
    pub fn start_with_tokens(introspection: u16, mechanisms: &str) -> Self {
        let settings = format!(
            "introspection_mode = post\nintrospection_url = http://127.0.0.1:{introspection}/introspect\n\
             username_attribute = email\nactive_attribute = active\nactive_value = true\n"
        );
        let mut servers = Self::dovecot(|dir, conf| {
            std::fs::write(dir.join("oauth2.conf.ext"), &settings).unwrap();
            let passdb = format!(
                "passdb {{\n  driver = oauth2\n  mechanisms = {mechanisms}\n  args = {}/oauth2.conf.ext\n}}\n",
                dir.display()
            );
            let conf =
                conf.replace("auth_mechanisms = plain login", &format!("auth_mechanisms = plain login {mechanisms}"));
            passdb
                + &conf.replace(
                    "driver = static\n  args = password",
                    "driver = static\n  mechanisms = plain login\n  args = password",
                )
        });
        servers.start_postfix();
        servers
    }

    /// Dovecot alone: IMAP, IMAPS and LMTP.
    pub fn dovecot_only() -> Self {
        Self::dovecot(|_, conf| conf)
    }

    /// The same, telling of no more than these of its capabilities.
    pub fn dovecot_saying(capabilities: &str) -> Self {
        Self::dovecot(|_, conf| conf + &format!("imap_capability = {capabilities}\n"))
    }

    fn dovecot(change: impl Fn(&Path, String) -> String) -> Self {
        let dir = tempfile::Builder::new().prefix("prs").tempdir().unwrap();
        assert_eq!(
            std::fs::metadata(dir.path()).unwrap().uid(),
            0,
            "the tests with real mail servers need root, because Dovecot and Postfix start as root"
        );
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        write_certificates(dir.path());
        let ports = Ports {
            imap: ports::reserve(),
            imaps: ports::reserve(),
            lmtp: ports::reserve(),
            sasl: ports::reserve(),
            mx: ports::reserve(),
            submission: ports::reserve(),
            submissions: ports::reserve(),
        };
        std::fs::create_dir_all(dir.path().join("mail")).unwrap();
        chown(NOBODY, &dir.path().join("mail"));
        let conf = dir.path().join("dovecot.conf");
        std::fs::write(&conf, change(dir.path(), fill(DOVECOT, dir.path(), &ports))).unwrap();
        let mut command = Command::new("dovecot");
        command.arg("-F").arg("-c").arg(&conf);
        let mut dovecot = Running::start(command, &dir.path().join("dovecot.log"));
        await_greeting(&mut dovecot, ports.imap.number, "* OK");
        await_greeting(&mut dovecot, ports.lmtp.number, "220");
        Self { dovecot, postfix: None, ports, dir }
    }

    fn start_postfix(&mut self) {
        let (dir, ports) = (self.dir.path(), &self.ports);
        let etc = dir.join("etc");
        for name in ["etc", "queue", "data"] {
            std::fs::create_dir_all(dir.join(name)).unwrap();
        }
        chown("postfix", &dir.join("data"));
        std::fs::write(etc.join("main.cf"), fill(POSTFIX_MAIN, dir, ports)).unwrap();
        std::fs::write(etc.join("master.cf"), fill(POSTFIX_MASTER, dir, ports)).unwrap();
        let mut command = Command::new("postfix");
        command.arg("-c").arg(&etc).arg("start-fg");
        let mut postfix = Running::start(command, &dir.join("postfix.out"));
        await_greeting(&mut postfix, ports.mx.number, "220");
        await_greeting(&mut postfix, ports.submission.number, "220");
        self.postfix = Some(postfix);
    }

    /// The certificate authority to trust.
    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Port of Postfix where mail from elsewhere comes in.
    pub fn mx(&self) -> u16 {
        self.ports.mx.number
    }

    /// Port of Postfix for STARTTLS and AUTH.
    pub fn submission(&self) -> u16 {
        self.ports.submission.number
    }

    /// Port of Postfix for TLS from the first byte and AUTH.
    pub fn submissions(&self) -> u16 {
        self.ports.submissions.number
    }

    /// Port of Dovecot for plain IMAP and STARTTLS.
    pub fn imap(&self) -> u16 {
        self.ports.imap.number
    }

    /// Port of Dovecot for IMAP with TLS from the first byte.
    pub fn imaps(&self) -> u16 {
        self.ports.imaps.number
    }

    /// Port of Dovecot for LMTP.
    pub fn lmtp(&self) -> u16 {
        self.ports.lmtp.number
    }

    /// Directory with a user's Maildir: `mail/USER/Maildir`.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.dir.path().join("mail").join(user).join("Maildir")
    }

    /// What Dovecot has logged.
    pub fn dovecot_log(&self) -> String {
        process::read(&self.dir.path().join("dovecot.log"))
    }

    /// A mail from elsewhere, handed to Postfix.
    pub fn send(&self, mail: &Mail, from: &str, to: &[&str]) {
        smtp::send(self.mx(), from, to, &mail.bytes());
    }

    /// An IMAP session of this user.
    pub fn login(&self, user: &str) -> Imap {
        Imap::login(self.imap(), user, PASSWORD)
    }

    /// All mails in this user's inbox.
    pub fn inbox(&self, user: &str) -> Vec<Received> {
        self.login(user).mails("INBOX")
    }

    /// Waits until this user's inbox has `count` mails, and returns them; fails when there are more.
    pub fn await_inbox(&self, user: &str, count: usize) -> Vec<Received> {
        let mut session = self.login(user);
        let mails = eventually(PATIENCE, &format!("{count} mails for {user}"), || {
            let mails = session.mails("INBOX");
            (mails.len() >= count).then_some(mails)
        });
        assert_eq!(mails.len(), count, "mails for {user}: {:?}", subjects(&mails));
        mails
    }

    /// Waits until Postfix has delivered all that it took.
    pub fn postfix_idle(&self) {
        let queue = self.dir.path().join("queue");
        eventually(PATIENCE, "Postfix delivers everything", || {
            let waiting = ["maildrop", "incoming", "active", "deferred"].iter();
            waiting.map(|name| files_below(&queue.join(name)).len()).sum::<usize>().eq(&0).then_some(())
        });
    }

    /// How postroom reaches a mailbox by TLS from the first byte.
    pub fn tls<'a>(&self, ca_file: &'a Path) -> ImapAccess<'a> {
        ImapAccess { port: self.imaps(), security: "tls", ca_file, password_file: "password" }
    }

    /// How postroom reaches a mailbox by STARTTLS.
    pub fn starttls<'a>(&self, ca_file: &'a Path) -> ImapAccess<'a> {
        ImapAccess { port: self.imap(), security: "starttls", ca_file, password_file: "password" }
    }

    /// Cuts every IMAP connection (`* BYE`); the server goes on.
    pub fn cut_connections(&self) {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(self.dir.path().join("dovecot.conf")).args(["kick", "*"]);
        // On a busy machine doveadm says now and then that it kicked nobody, although it did: the daemon's log tells.
        process::finish(command, PATIENCE);
    }

    /// Ends Dovecot; everybody's connection breaks.
    pub fn stop_dovecot(&mut self) {
        self.dovecot.terminate(Duration::from_secs(10));
    }

    /// Starts Dovecot again on the same ports and mailboxes.
    pub fn restart_dovecot(&mut self) {
        let mut command = Command::new("dovecot");
        command.arg("-F").arg("-c").arg(self.dir.path().join("dovecot.conf"));
        self.dovecot = Running::start(command, &self.dir.path().join("dovecot.log"));
        await_greeting(&mut self.dovecot, self.ports.imap.number, "* OK");
    }
}

impl Drop for MailServers {
    fn drop(&mut self) {
        if let Some(postfix) = &mut self.postfix {
            // Our child is a script that waits for the master; the master has a session and a process id of its own.
            let master = process::read(&self.dir.path().join("queue/pid/master.pid"));
            if let (None, Ok(pid)) = (postfix.ended(), master.trim().parse()) {
                process::signal(pid, "TERM");
                let _ = postfix.wait(Duration::from_secs(10));
            }
            postfix.kill();
        }
        self.dovecot.terminate(Duration::from_secs(10));
        if std::thread::panicking() {
            for log in ["dovecot.log", "postfix.out", "postfix.log"] {
                eprintln!("--- {log} ---\n{}", process::tail(&self.dir.path().join(log), 25));
            }
        }
    }
}

/// Subjects, for the text of a failed test.
pub fn subjects(mails: &[Received]) -> Vec<String> {
    mails.iter().map(|mail| format!("{} from {:?}", mail.subject(), mail.author())).collect()
}

fn fill(template: &str, dir: &Path, ports: &Ports) -> String {
    let mut text = template.replace("@DIR@", &dir.display().to_string());
    let Ports { imap, imaps, lmtp, sasl, mx, submission, submissions } = ports;
    for (name, port) in [
        ("@IMAP@", imap),
        ("@IMAPS@", imaps),
        ("@LMTP@", lmtp),
        ("@SASL@", sasl),
        ("@MX@", mx),
        ("@SUBMISSION@", submission),
        ("@SUBMISSIONS@", submissions),
    ] {
        text = text.replace(name, &port.number.to_string());
    }
    text.replace("@PASSWORD@", PASSWORD)
}

fn await_greeting(server: &mut Running, port: u16, greeting: &str) {
    let log = server.log.clone();
    eventually(PATIENCE, &format!("a greeting on port {port}"), || {
        if let Some(status) = server.ended() {
            panic!("the mail server ended at once ({status}); is its package installed?\n{}", process::read(&log));
        }
        let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).ok()?;
        line.starts_with(greeting).then_some(())
    });
}

fn chown(owner: &str, path: &Path) {
    let done = Command::new("chown").arg("-R").arg(owner).arg(path).status().unwrap();
    assert!(done.success(), "cannot give {} to {owner}", path.display());
}

/// An authority (`ca.pem`) and a certificate for localhost that it signed (`cert.pem`, `key.pem`).
fn write_certificates(dir: &Path) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    // OpenSSL takes a certificate whose issuer has the subject's own name for self-signed.
    authority.distinguished_name.push(rcgen::DnType::CommonName, "postroom test authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    std::fs::write(dir.join("ca.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let mut certificate = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    certificate.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
    std::fs::write(dir.join("cert.pem"), certificate.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    std::fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
}

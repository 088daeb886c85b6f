//! A desk whose one mailbox is on a scripted IMAP server, with a real database.
//!
//! Never starts the outbox: what would be sent stays there to be counted.
#![allow(dead_code, reason = "every test crate uses a part of this module")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use postroom::clock::Clock;
use postroom::config::load_text;
use postroom::heartbeat::Heartbeat;
use postroom::intake::MailboxLoop;
use postroom::model::id::MailboxId;
use postroom::model::token::Signer;
use postroom::pipeline::Pipeline;
use postroom::store::Store;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::scripted::{Held, Rule, Server};

/// The longest that a test waits for what it expects, by the clock on the wall.
const PATIENCE: Duration = Duration::from_mins(2);

const CONFIG: &str = r#"
[desk]
name = "Shop"
domain = "shop.example"
language = "en"
timezone = "UTC"
database = "postroom.db"
secret_file = "secret"
[smtp]
directory = "out"
[[mailbox]]
id = "info"
address = "info@shop.example"
imap = { host = "127.0.0.1", port = PORT, security = "none", username = "desk", password_file = "password" }
department = "support"
poll = "1s"
EXTRA
[[agent]]
id = "anna"
name = "Anna"
addresses = ["anna@shop.example"]
[[department]]
id = "support"
name = "Support"
agents = ["anna"]
from = "Support <info@shop.example>"
"#;

/// A desk on a scripted server.
pub struct Scene {
    /// The server.
    pub server: Server,
    /// Its database.
    pub store: Store,
    pipeline: watch::Sender<Pipeline>,
    dir: TempDir,
}

impl Scene {
    /// A server with these mails that follows `rules`; `extra` is TOML for the mailbox.
    pub async fn new(mails: &[(u32, String)], rules: Vec<Rule>, extra: &str) -> Self {
        let mails = mails.iter().map(|(uid, text)| Held::old(*uid, text)).collect();
        Self::on(Server::holding(mails, rules, None).await, extra)
    }

    /// A desk on this server.
    pub fn on(server: Server, extra: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let password = dir.path().join("password");
        std::fs::write(&password, "geheim").unwrap();
        std::fs::set_permissions(&password, PermissionsExt::from_mode(0o600)).unwrap();
        let text = CONFIG.replace("PORT", &server.port.to_string()).replace("EXTRA", extra);
        let text = if extra.contains("poll") { text.replacen("poll = \"1s\"\n", "", 1) } else { text };
        let policy = load_text(&text, &dir.path().join("postroom.toml")).unwrap().policy;
        let store = Store::open(&policy.desk.database).unwrap();
        let pipeline = Pipeline::new(policy, Signer::new([7; 32], "shop.example"), store.clone(), Clock::System);
        Self { server, store, pipeline: watch::Sender::new(pipeline), dir }
    }

    /// The loop of its mailbox, with nothing remembered.
    pub fn mailbox(&self) -> MailboxLoop {
        let mailbox = self.pipeline.borrow().policy().mailboxes[0].clone();
        MailboxLoop {
            mailbox,
            store: self.store.clone(),
            pipeline: self.pipeline.subscribe(),
            clock: Clock::System,
            heartbeat: Arc::new(Heartbeat::default()),
        }
    }

    /// How many mails have which fate.
    pub async fn fates(&self) -> BTreeMap<String, i64> {
        let mailboxes = self.store.read(|view| Ok(view.status()?.mailboxes)).await.unwrap();
        mailboxes.get(&MailboxId::new("info")).map(|mailbox| mailbox.fates.clone()).unwrap_or_default()
    }

    /// Runs the loop until so many mails have this fate.
    pub async fn run_until(&self, fate: &str, count: i64) {
        self.watch(async || self.fates().await.get(fate) == Some(&count)).await;
    }

    /// Runs the loop until `done`.
    pub async fn watch(&self, done: impl AsyncFn() -> bool) {
        let stop = CancellationToken::new();
        let watching = self.mailbox().run(stop.clone());
        let looking = async {
            let began = std::time::Instant::now();
            while !done().await {
                assert!(began.elapsed() < PATIENCE, "{:?} {:?}", self.fates().await, self.error().await);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            stop.cancel();
        };
        tokio::join!(watching, looking);
    }

    /// What `status` says is wrong with the mailbox.
    pub async fn error(&self) -> Option<String> {
        let mailboxes = self.store.read(|view| Ok(view.status()?.mailboxes)).await.unwrap();
        mailboxes.get(&MailboxId::new("info")).and_then(|mailbox| mailbox.error.clone())
    }

    /// The database, behind the back of the store.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.dir.path().join("postroom.db")).unwrap()
    }

    /// A number out of the database.
    pub fn count(&self, sql: &str) -> i64 {
        self.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// The bytes of the mails that tickets were made of.
    pub fn hashes(&self) -> Vec<Vec<u8>> {
        let database = self.database();
        let sql = "SELECT mail.sha256 FROM ledger JOIN mail ON mail.id = ledger.mail WHERE fate = 'ticket'";
        let mut statement = database.prepare(sql).unwrap();
        let mut hashes: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        hashes.sort();
        hashes
    }
}

/// Mails of as many customers, with even UIDs.
pub fn mails(count: u32) -> Vec<(u32, String)> {
    let mail = |number: u32| {
        format!(
            "From: c{number}@client.example\r\nTo: info@shop.example\r\nSubject: matter {number}\r\n\
             Message-ID: <{number}@client.example>\r\nDate: Sun, 22 Nov 2026 01:02:03 +0000\r\n\r\nHello {number}\r\n"
        )
    };
    (1..=count).map(|number| (number * 2, mail(number))).collect()
}

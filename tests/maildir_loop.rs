//! The loop of a mailbox on a Maildir, with a real database: every mail is taken once, whatever happens to its file.
//!
//! Never needs a server.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use postroom::clock::Clock;
use postroom::config::load_text;
use postroom::heartbeat::Heartbeat;
use postroom::intake::{MailboxLoop, try_login};
use postroom::model::id::MailboxId;
use postroom::model::token::Signer;
use postroom::pipeline::Pipeline;
use postroom::store::Store;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

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
maildir = "box"
department = "support"
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

struct Scene {
    store: Store,
    pipeline: watch::Sender<Pipeline>,
    dir: TempDir,
}

impl Scene {
    fn new(extra: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(dir.path().join("box").join(part)).unwrap();
        }
        let text = CONFIG.replace("EXTRA", extra);
        let policy = load_text(&text, &dir.path().join("postroom.toml")).unwrap().policy;
        let store = Store::open(&policy.desk.database).unwrap();
        let pipeline = Pipeline::new(policy, Signer::new([7; 32], "shop.example"), store.clone(), Clock::System);
        Self { store, pipeline: watch::Sender::new(pipeline), dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("box").join(name)
    }

    /// Puts a mail there; its number makes it another mail.
    fn put(&self, name: &str, number: u32) {
        let text =
            format!("From: c@client.example\r\nMessage-ID: <{number}@c.example>\r\nSubject: {number}\r\n\r\nHi\r\n");
        fs::write(self.path(name), text).unwrap();
    }

    fn mailbox(&self) -> MailboxLoop {
        MailboxLoop {
            mailbox: self.pipeline.borrow().policy().mailboxes[0].clone(),
            store: self.store.clone(),
            pipeline: self.pipeline.subscribe(),
            clock: Clock::System,
            heartbeat: Arc::new(Heartbeat::default()),
        }
    }

    async fn fates(&self) -> BTreeMap<String, i64> {
        let mailboxes = self.store.read(|view| Ok(view.status()?.mailboxes)).await.unwrap();
        mailboxes.get(&MailboxId::new("info")).map(|mailbox| mailbox.fates.clone()).unwrap_or_default()
    }
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn mails_in_new_and_cur_are_taken_once_and_tmp_is_left_alone() {
    let scene = Scene::new("import = \"all\"");
    scene.put("new/1.a", 1);
    scene.put("cur/2.b:2,F", 2);
    scene.put("tmp/3.c", 3);
    assert_eq!(scene.mailbox().run_once().await.unwrap(), 2);
    fs::rename(scene.path("new/1.a"), scene.path("cur/1.a:2,RS")).unwrap();
    assert_eq!(scene.mailbox().run_once().await.unwrap(), 0);
    assert_eq!(scene.fates().await, BTreeMap::from([("ticket".to_owned(), 2)]));
    assert_eq!(names(&scene.path("cur")), ["1.a:2,RS", "2.b:2,F"]);
    let mailbox = scene.mailbox().mailbox;
    assert_eq!(try_login(&mailbox).await.unwrap(), "readable, `INBOX` has 2 mails");
}

#[tokio::test]
async fn seen_mails_go_to_cur_and_moved_ones_to_their_folder() {
    let scene = Scene::new("import = \"all\"\nafter = \"seen\"");
    scene.put("new/1.a", 1);
    scene.mailbox().run_once().await.unwrap();
    assert_eq!(names(&scene.path("cur")), ["1.a:2,S"]);

    let scene = Scene::new("import = \"all\"\nafter = \"move:Done\"");
    scene.put("new/1.a", 1);
    scene.put("cur/2.b:2,F", 2);
    scene.mailbox().run_once().await.unwrap();
    assert_eq!(names(&scene.path(".Done/cur")), ["1.a:2,", "2.b:2,F"]);
    assert!(names(&scene.path("new")).is_empty() && names(&scene.path("cur")).is_empty());
}

#[tokio::test]
async fn what_is_no_mail_file_stops_nobody() {
    let scene = Scene::new("import = \"all\"");
    fs::create_dir(scene.path("new/directory")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", scene.path("new/link")).unwrap();
    std::os::unix::fs::symlink("1.a", scene.path("new/circle")).unwrap();
    std::os::unix::fs::symlink("loop", scene.path("new/loop")).unwrap();
    // Whoever opens it waits for ever.
    assert!(std::process::Command::new("mkfifo").arg(scene.path("new/fifo")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(scene.path("new/socket")).unwrap();
    fs::write(scene.path("new/.hidden"), "x").unwrap();
    scene.put("new/1.a", 1);
    fs::write(scene.path("new/2.empty"), "").unwrap();
    // Of what is too large, only the headers are read.
    fs::File::create(scene.path("new/3.huge")).unwrap().set_len(50 << 30).unwrap();
    assert_eq!(scene.mailbox().run_once().await.unwrap(), 3);
}

#[tokio::test]
async fn a_mail_that_comes_while_watching_is_taken_at_once() {
    let scene = Scene::new("poll = \"1h\"");
    scene.put("new/1.a", 1);
    let stop = CancellationToken::new();
    let watching = scene.mailbox().run(stop.clone());
    let delivering = async {
        while scene.fates().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for number in 2..6 {
            scene.put(&format!("new/{number}.x"), number);
            let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
            while scene.fates().await.get("ticket") != Some(&i64::from(number - 1)) {
                assert!(tokio::time::Instant::now() < deadline, "{:?}", scene.fates().await);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        stop.cancel();
    };
    tokio::join!(watching, delivering);
    let expected = BTreeMap::from([("ignored".to_owned(), 1), ("ticket".to_owned(), 4)]);
    assert_eq!(scene.fates().await, expected);
}

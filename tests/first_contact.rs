//! Which mail is there before us, and whose ledger is whose: what comes while the first login fails becomes tickets, and a
//! mailbox that is called otherwise loses nothing and gets nothing twice.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/scene.rs"]
mod scene;
#[path = "support/scripted.rs"]
mod scripted;
mod support;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use postroom::clock::Clock;
use postroom::model::id::MailboxId;
use postroom::store::accounts::Account;
use scene::Scene;
use scripted::{Held, Server};
use support::smtp::Client;
use support::*;

const INFO: &str = "info@example.test";

fn deliver(servers: &MailServers, from: &str) {
    let mail = Mail::new(from, INFO, "Question", "Is anybody there?");
    Client::lmtp(servers.lmtp()).deliver(from, &[INFO], &mail.bytes());
}

fn requesters(desk: &Desk) -> Vec<String> {
    let tickets = desk.tickets();
    let mut found: Vec<String> =
        tickets.iter().map(|ticket| ticket["requester"]["address"].as_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

fn await_requesters(desk: &Desk, expected: &[&str]) {
    eventually(PATIENCE, &format!("tickets of {expected:?}"), || (requesters(desk) == expected).then_some(()));
}

#[test]
fn mail_that_comes_while_the_first_login_fails_becomes_a_ticket() {
    let servers = MailServers::dovecot_only();
    let ca = servers.ca_file();
    let mut access = servers.tls(&ca);
    access.password_file = "wrong.password";
    let mut desk = Desk::new(&DeskConfig::shop().imap("info", "support", &access, "poll = \"1s\"\nimport = \"new\""));
    deliver(&servers, "before1@client.example");
    deliver(&servers, "before2@client.example");
    desk.start();
    deliver(&servers, "meanwhile@client.example");
    eventually(PATIENCE, "the login is refused", || desk.status()["mailboxes"][0]["error"].as_str().map(drop));
    // a restart with the login still refused forgets nothing
    assert!(desk.stop().0.success());
    desk.start();
    deliver(&servers, "later@client.example");
    assert!(desk.stop().0.success());
    desk.write_secret("wrong.password", "secret\n");
    desk.start();
    await_requesters(&desk, &["later@client.example", "meanwhile@client.example"]);
    let ledger = desk.status()["mailboxes"][0]["ledger"].clone();
    assert_eq!((&ledger["ticket"], &ledger["ignored"]), (&2.into(), &2.into()), "{ledger}");
    assert!(desk.log().contains("2 mails left alone (`import = \"new\"`)"), "{}", desk.log());
    assert!(!desk.sent_to("meanwhile@client.example").is_empty(), "it is answered as any new mail");
}

#[test]
fn a_mailbox_that_is_called_otherwise_drops_no_mail_and_takes_none_twice() {
    let servers = MailServers::dovecot_only();
    let ca = servers.ca_file();
    let config = DeskConfig::shop().imap("info", "support", &servers.tls(&ca), "poll = \"1s\"\nimport = \"new\"");
    let called = |id: &str| config.toml().replace("id = \"info\"\naddress", &format!("id = \"{id}\"\naddress"));
    let mut desk = Desk::new(&config);
    deliver(&servers, "before@client.example");
    desk.start();
    deliver(&servers, "a@client.example");
    await_requesters(&desk, &["a@client.example"]);
    assert!(desk.stop().0.success());
    deliver(&servers, "b@client.example");
    desk.write_config(&called("front"));
    desk.start();
    await_requesters(&desk, &["a@client.example", "b@client.example"]);
    let ledger = desk.status()["mailboxes"][0]["ledger"].clone();
    assert_eq!((&ledger["ticket"], &ledger["duplicate"], &ledger["ignored"]), (&2.into(), &0.into(), &1.into()));
    // and while it runs
    desk.write_config(&called("desk"));
    desk.daemon().signal("HUP");
    eventually(PATIENCE, "the reload", || desk.log().contains("mailbox `front` is called `desk` now").then_some(()));
    deliver(&servers, "c@client.example");
    await_requesters(&desk, &["a@client.example", "b@client.example", "c@client.example"]);
    let status = desk.status();
    assert_eq!(status["mailboxes"].as_array().unwrap().len(), 1, "{status}");
    let mailbox = &status["mailboxes"][0];
    assert_eq!((&mailbox["id"], &mailbox["ledger"]["ticket"]), (&"desk".into(), &3.into()), "{status}");
}

#[test]
fn another_account_under_an_old_id_is_another_mailbox() {
    let mut desk = Desk::new(&DeskConfig::shop().maildir("info", "support", "import = \"new\""));
    desk.start();
    desk.deliver("info", &Mail::new("a@client.example", INFO, "A", "First.").bytes());
    await_requesters(&desk, &["a@client.example"]);
    assert!(desk.stop().0.success());
    let other = DeskConfig::shop().maildir("front", "support", "import = \"new\"");
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(desk.path("front").join(part)).unwrap();
    }
    desk.deliver("front", &Mail::new("old@client.example", "front@example.test", "B", "Before.").bytes());
    desk.write_config(&other.toml().replace("id = \"front\"", "id = \"info\""));
    desk.start();
    desk.deliver("front", &Mail::new("b@client.example", "front@example.test", "B", "Second.").bytes());
    await_requesters(&desk, &["a@client.example", "b@client.example"]);
    assert!(desk.log().contains("1 mail left alone (`import = \"new\"`)"), "{}", desk.log());
}

/// When a daemon first watched the mailbox of a scene.
async fn begun(scene: &Scene, begin: Timestamp) {
    let account = Account {
        mailbox: MailboxId::new("info"),
        address: "info@shop.example".to_owned(),
        account: "imap desk@127.0.0.1".to_owned(),
        folders: vec!["INBOX".to_owned()],
    };
    scene.store.recognise_mailboxes(vec![account], begin).await.unwrap();
}

/// A mail that the server dates so and its writer so, in seconds before the first start or after.
fn held(uid: u32, begin: Timestamp, received: i64, written: i64) -> Held {
    let at = |seconds: i64| begin.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let text = format!(
        "Received: from client.example by shop.example; {date}\r\nFrom: c{uid}@client.example\r\nTo: info@shop.example\r\n\
         Subject: matter {uid}\r\nMessage-ID: <{uid}@client.example>\r\nDate: {date}\r\n\r\nHello {uid}\r\n",
        date = at(written).strftime("%a, %d %b %Y %H:%M:%S +0000")
    );
    Held { uid, text, date: at(received).strftime("%d-%b-%Y %H:%M:%S +0000").to_string() }
}

#[tokio::test]
async fn a_servers_wrong_clock_hides_no_mail_that_came_since_the_first_start() {
    let begin = Timestamp::from_second(Clock::System.now().as_second() - 7200).unwrap();
    let mails = vec![
        held(2, begin, -86_400 * 30, -86_400 * 30),
        held(4, begin, -700, -700),
        // the server's clock is ten minutes late
        held(6, begin, -540, 60),
        held(8, begin, 10, 10),
        held(10, begin, -86_400 * 20, -86_400 * 20),
    ];
    let scene = Scene::on(Server::holding(mails, Vec::new(), None).await, "import = \"new\"");
    begun(&scene, begin).await;
    assert_eq!(scene.mailbox().run_once().await.unwrap(), 2);
    assert_eq!(scene.fates().await, BTreeMap::from([("ignored".to_owned(), 3), ("ticket".to_owned(), 2)]));
    assert_eq!(
        scene
            .count("SELECT count(*) FROM ticket WHERE requester_address IN ('c6@client.example', 'c8@client.example')"),
        2
    );
    assert!(scene.count("SELECT count(*) FROM outbox") > 0, "they are told as any new mail");
    assert_eq!(scene.mailbox().run_once().await.unwrap(), 0, "and nothing is taken twice");
}

//! A desk for plays: the real pipeline on a store in a temporary directory, mails handed in and taken out by the test.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use postroom::clock::Clock;
use postroom::config;
use postroom::model::id::{AgentId, MailboxId, TicketNumber};
use postroom::model::mail::{Arrival, ParsedMail};
use postroom::model::mirror::Place;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;
use postroom::model::ticket::Ticket;
use postroom::model::token::{Opening, Signer};
use postroom::parse::parse;
use postroom::pipeline::Pipeline;
use postroom::store::Store;
use postroom::store::ledger::{FolderKey, SpoolItem};
use postroom::store::reports::TicketFilter;

pub const CONFIG: &str = r#"
[desk]
name = "Example Shop"
domain = "shop.example"
language = "en"
timezone = "Europe/Warsaw"
database = "postroom.db"
secret_file = "secret"
authserv_id = "mx.shop.example"

[smtp]
directory = "out/"

[limits]
per_address_per_day = 3
per_mailbox_per_hour = 500
receipts_per_domain_per_hour = 1000
tickets_per_domain_per_hour = 100000

[[mailbox]]
id = "info"
address = "info@shop.example"
maildir = "info"
department = "support"
import = "all"
sent_folder = "Sent"

[[agent]]
id = "anna"
name = "Anna Nowak"
addresses = ["anna@shop.example", "anna.nowak@home.example"]
language = "en"

[[agent]]
id = "jan"
name = "Jan Kos"
addresses = ["jan@shop.example"]
language = "en"

[[agent]]
id = "maja"
name = "Maja Lis"
addresses = ["maja@shop.example"]
quiet_hours = { from = "22:00", to = "07:00" }

[[agent]]
id = "piotr"
name = "Piotr Zych"
addresses = ["piotr@shop.example"]
notify = "mine"

[[agent]]
id = "ola"
name = "Ola Kot"
addresses = ["ola@shop.example"]
notify = "digest"
digest_at = "08:00"

[[department]]
id = "habits"
name = "Habits"
addresses = ["habits@shop.example"]
agents = ["maja", "piotr", "ola"]
from = "Shop Habits <habits@shop.example>"
acknowledge = false

[[department]]
id = "support"
name = "Support"
addresses = ["support@shop.example"]
keywords = ["password"]
agents = ["jan"]
from = "Shop Support <support@shop.example>"
signature = "Support team, Example Shop"
acknowledge = true

[[department]]
id = "returns"
name = "Returns"
addresses = ["returns@shop.example"]
keywords = ["zwrot*", "refund"]
agents = ["anna", "jan"]
from = "Shop Returns <returns@shop.example>"
signature = "Returns team, Example Shop"
acknowledge = true

[[department]]
id = "billing"
name = "Billing"
addresses = ["billing@shop.example"]
agents = ["jan"]
from = "Shop Billing <billing@shop.example>"
closed = "reopen within 14d"

[[department]]
id = "orders"
name = "Orders"
addresses = ["orders@shop.example"]
agents = ["anna"]
from = "Shop Orders <orders@shop.example>"
closed = "new"
"#;

/// A desk with everything that it has sent.
pub struct Desk {
    pub store: Store,
    pub sent: Vec<Sent>,
    pub pipeline: Pipeline,
    /// What happens to the next mails that it sends; the others arrive.
    pub troubles: VecDeque<Trouble>,
    clock: Clock,
    inbox: FolderKey,
    sent_folder: FolderKey,
    taken: u64,
    home: tempfile::TempDir,
    config: String,
}

/// Signs as the desk does.
pub fn signer() -> Signer {
    Signer::new([7; 32], "shop.example")
}

/// How a desk goes back to a copy of its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restore {
    /// As `postroom run` does it, on another machine: nothing lies beside the database.
    ByPostroom,
    /// Nobody notices, and numbers are given again.
    Unnoticed,
}

/// What can happen to a mail on its way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server is busy.
    Busy,
    /// The server does not want it.
    Refused,
    /// The server has it, and its word for that is lost.
    Unheard,
    /// The server has it, and the daemon is killed before it hears so.
    Killed,
}

/// A mail that left the desk.
pub struct Sent {
    pub at: Timestamp,
    /// Whether the desk knows that it left.
    pub sure: bool,
    pub kind: OutgoingKind,
    pub recipient: String,
    pub bytes: Vec<u8>,
    pub mail: ParsedMail,
}

impl Sent {
    /// Whether it only confirms a command: nobody writes words in answer to that.
    fn only_confirms(&self) -> bool {
        String::from_utf8_lossy(&self.bytes).contains("X-Postroom-Reason: done\r\n")
    }
}

impl Desk {
    /// A desk without tickets, on a Sunday morning. Its clock runs with tokio's.
    pub async fn open() -> Self {
        Self::open_with(CONFIG).await
    }

    /// A desk with another config.
    pub async fn open_with(config: &str) -> Self {
        // In memory where there is such a place: hundreds of desks are opened, and none has to survive a power cut.
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let home = tempfile::tempdir_in(place).unwrap();
        std::fs::create_dir(home.path().join("info")).unwrap();
        Self::open_in(home, "2026-11-22T09:00:00Z".parse().unwrap(), config).await
    }

    async fn open_in(home: tempfile::TempDir, start: Timestamp, config: &str) -> Self {
        let policy = config::load_text(config, &home.path().join("postroom.toml")).unwrap().policy;
        let store = Store::open(&policy.desk.database).unwrap();
        let clock = Clock::simulated(start);
        let pipeline = Pipeline::new(policy, signer(), store.clone(), clock);
        let folder =
            |name: &str| FolderKey { mailbox: MailboxId::new("info"), folder: name.to_owned(), uid_validity: 1 };
        let (inbox, sent_folder) = (folder("INBOX"), folder("Sent"));
        store.folder_contact(&inbox, clock.now()).await.unwrap();
        store.folder_contact(&sent_folder, clock.now()).await.unwrap();
        let config = config.to_owned();
        let troubles = VecDeque::new();
        Self { store, sent: Vec::new(), pipeline, troubles, clock, inbox, sent_folder, taken: 0, home, config }
    }

    /// As after `kill -9`: a desk on what the disk holds at this moment, its clock set ahead or back. What it sent is forgotten.
    pub async fn killed(self, jump: SignedDuration) -> Self {
        let home = tempfile::tempdir_in(self.home.path().parent().unwrap()).unwrap();
        std::fs::create_dir(home.path().join("info")).unwrap();
        for name in ["postroom.db", "postroom.db-wal"] {
            std::fs::copy(self.home.path().join(name), home.path().join(name)).unwrap();
        }
        let mut desk = Self::open_in(home, self.now() + jump, &self.config).await;
        desk.taken = self.taken;
        self.store.close().await;
        desk
    }

    /// A copy of the database as it is now.
    pub fn copy(&self) -> PathBuf {
        let copy = self.home.path().join("copy.db");
        Store::backup(&self.home.path().join("postroom.db"), &copy, self.now()).unwrap();
        copy
    }

    /// A copy made before is put in the place of the database. What was sent meanwhile is sent.
    pub async fn put_back(self, copy: &Path, restore: Restore) -> Self {
        let home = tempfile::tempdir_in(self.home.path().parent().unwrap()).unwrap();
        std::fs::create_dir(home.path().join("info")).unwrap();
        std::fs::copy(copy, home.path().join("postroom.db")).unwrap();
        let mut desk = Self::open_in(home, self.now(), &self.config).await;
        if restore == Restore::ByPostroom {
            let settled = desk.store.settle(&desk.home.path().join("secret"), desk.now()).await.unwrap();
            assert!(settled.restored.is_some());
        }
        (desk.taken, desk.sent) = (self.taken, self.sent);
        self.store.close().await;
        desk
    }

    /// The secret is gone, and a new one is made.
    pub fn loses_its_secret(&mut self) {
        let policy = self.pipeline.policy().clone();
        self.pipeline = Pipeline::new(policy, Signer::new([8; 32], "shop.example"), self.store.clone(), self.clock);
    }

    /// Another config is put in force, as by SIGHUP.
    pub fn reload(&mut self, config: &str) {
        let policy = config::load_text(config, &self.home.path().join("postroom.toml")).unwrap().policy;
        self.pipeline = Pipeline::new(policy, signer(), self.store.clone(), self.clock);
        config.clone_into(&mut self.config);
    }

    /// How many rows a table of the database has.
    pub fn rows(&self, table: &str) -> i64 {
        let database = rusqlite::Connection::open(self.home.path().join("postroom.db")).unwrap();
        database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    /// All tickets, by number.
    pub async fn tickets(&self) -> Vec<Ticket> {
        self.store.read(|view| view.tickets(&TicketFilter::default())).await.unwrap()
    }

    /// A ticket as tokens name it.
    pub async fn opening(&self, number: TicketNumber) -> Opening {
        self.store.read(move |view| view.ticket(number)).await.unwrap().unwrap().opening()
    }

    /// How many messages there are on all tickets.
    pub async fn messages(&self) -> usize {
        let mut messages = 0;
        for ticket in self.tickets().await {
            messages += self.store.read(move |view| view.messages(ticket.number)).await.unwrap().len();
        }
        messages
    }

    /// A mail arrives. Returns what became of it and where in `sent` its consequences begin.
    pub async fn take(&mut self, mail: &str) -> (Fate, usize) {
        self.take_from(self.inbox.clone(), mail).await
    }

    /// A mail appears in the Sent folder of the account.
    pub async fn file(&mut self, mail: &str) -> (Fate, usize) {
        self.take_from(self.sent_folder.clone(), mail).await
    }

    /// A person moves a mail into a folder of the mailbox that stands for `place`.
    pub async fn moved(&mut self, mail: &str, place: Place) -> (Fate, usize) {
        let name = format!("Helpdesk/{place:?}");
        let folder = FolderKey { folder: name, ..self.inbox.clone() };
        self.store.folder_contact(&folder, self.now()).await.unwrap();
        let (fate, before) = self.take_from(folder.clone(), mail).await;
        self.pipeline.note_arrivals(&folder, Some(&place)).await.unwrap();
        self.send().await;
        (fate, before)
    }

    async fn take_from(&mut self, folder: FolderKey, mail: &str) -> (Fate, usize) {
        self.taken += 1;
        let now = self.now();
        let bytes = mail.replace('\n', "\r\n").into_bytes();
        let item =
            SpoolItem { uid: self.taken, received_at: now, arrival: Arrival::Live, bytes: bytes.into(), omitted: None };
        let spooled = self.store.spool(&folder, vec![item], now).await.unwrap();
        let mut fates = self.pipeline.ingest(spooled).await.unwrap();
        assert_eq!(fates.len(), 1, "one mail has one fate");
        let before = self.sent.len();
        self.send().await;
        (fates.remove(0), before)
    }

    /// Time passes; what is due by then happens.
    pub async fn wait(&mut self, time: Duration) -> usize {
        tokio::time::advance(time).await;
        self.pipeline.tick().await.unwrap();
        let before = self.sent.len();
        self.send().await;
        before
    }

    /// `postroom agent …`, as the command line does it. Returns where in `sent` its consequences begin.
    pub async fn command(&mut self, line: &str) -> (String, usize) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let agent = |id: &&str| AgentId::new(id);
        let said = match words.as_slice() {
            ["agent", "away", who] => {
                format!("handed on: {}", self.pipeline.agent_leaves(agent(who), None).await.unwrap())
            }
            ["agent", "back", who] => {
                self.pipeline.agent_returns(agent(who)).await.unwrap();
                "done".to_owned()
            }
            ["agent", "handover", from, to] => {
                let count = self.pipeline.hand_over(agent(from), agent(to), None).await.unwrap();
                format!("handed over: {count}")
            }
            other => panic!("no such command: {other:?}"),
        };
        let before = self.sent.len();
        self.send().await;
        (said, before)
    }

    /// The latest mail to `recipient`.
    pub fn latest(&self, recipient: &str) -> Option<&Sent> {
        self.sent.iter().rev().find(|sent| sent.recipient == recipient)
    }

    /// The latest mail to `recipient` that more is to be answered to than a confirmation.
    pub fn latest_news(&self, recipient: &str) -> Option<&Sent> {
        self.sent.iter().rev().filter(|sent| sent.recipient == recipient).find(|sent| !sent.only_confirms())
    }

    /// The latest mail to `recipient` about `ticket` and of a kind (`new`, `held`); an empty word stands for any but a
    /// confirmation.
    pub fn latest_for(&self, recipient: &str, ticket: &str, what: &str) -> Option<&Sent> {
        let mark = match what {
            "" => "",
            "new" => "New ticket from",
            "held" => "hasn't been sent",
            other => panic!("no mails are known as `{other}`"),
        };
        let tag = if ticket.is_empty() { String::new() } else { format!("[#{ticket}]") };
        let fits =
            |sent: &&Sent| sent.mail.subject.contains(&tag) && sent.mail.text.contains(mark) && !sent.only_confirms();
        self.sent.iter().rev().filter(fits).find(|sent| sent.recipient == recipient)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn send(&mut self) {
        let (now, mut killed) = (self.now(), false);
        for due in self.store.outbox_take(now, 1_000).await.unwrap() {
            let trouble = if killed { None } else { self.troubles.pop_front() };
            let again = now + SignedDuration::from_mins(5);
            match trouble {
                // Taken, and never tried: the next start finds it.
                None if killed => continue,
                None => self.store.outbox_sent(due.id, "250 taken", now).await.unwrap(),
                Some(Trouble::Busy) => {
                    self.store.outbox_deferred(due.id, "450 busy", again, now).await.unwrap();
                    continue;
                }
                Some(Trouble::Refused) => {
                    self.store.outbox_failed(due.id, "550 no such user", now).await.unwrap();
                    continue;
                }
                Some(Trouble::Unheard) => {
                    self.store.outbox_uncertain(due.id, now).await.unwrap();
                    let why = "no reply after the final dot";
                    if due.kind.at_least_once() {
                        self.store.outbox_deferred(due.id, why, again, now).await.unwrap();
                    } else {
                        self.store.outbox_left_uncertain(due.id, why, now).await.unwrap();
                    }
                }
                Some(Trouble::Killed) => {
                    self.store.outbox_uncertain(due.id, now).await.unwrap();
                    killed = true;
                }
            }
            let mail = parse(&due.bytes, None);
            let (recipient, sure) = (due.recipient.to_string(), trouble.is_none());
            self.sent.push(Sent { at: now, sure, kind: due.kind, recipient, bytes: due.bytes, mail });
        }
        if killed {
            self.store.outbox_recover(now).await.unwrap();
        }
    }
}

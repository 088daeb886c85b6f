//! The whole way of a mail, in this process: read, linked, decided, composed and written; once as a customer's first mail,
//! once as a later one, once as an agent's answer, and once as an agent's answer that quotes it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use jiff::Timestamp;
use postroom::clock::Clock;
use postroom::model::id::MailboxId;
use postroom::model::mail::Arrival;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;
use postroom::model::token::Signer;
use postroom::parse::parse;
use postroom::pipeline::Pipeline;
use postroom::store::Store;
use postroom::store::ledger::{FolderKey, SpoolItem};
use tokio::runtime::Runtime;

use super::shapes::{Envelope, Shape};

const CONFIG: &str = r#"
[desk]
name = "Example Shop"
domain = "shop.example"
language = "en"
timezone = "Europe/Warsaw"
database = "postroom.db"
secret_file = "secret"

[smtp]
directory = "out/"

[[mailbox]]
id = "info"
address = "info@shop.example"
maildir = "info"
department = "support"
import = "all"

[[agent]]
id = "anna"
name = "Anna Nowak"
addresses = ["anna@shop.example"]

[[agent]]
id = "jan"
name = "Jan Kos"
addresses = ["jan@shop.example"]

[[department]]
id = "support"
name = "Support"
addresses = ["info@shop.example"]
keywords = ["zwrot*", "refund", "password", "wrong size"]
agents = ["anna"]
from = "Shop Support <info@shop.example>"
signature = "Support team"
"#;

/// The steps of a way.
pub const STEPS: [&str; 5] = ["parse", "first", "later", "answer", "quote"];

/// A desk on a store of its own.
pub struct Way {
    runtime: Runtime,
    store: Store,
    pipeline: Pipeline,
    clock: Clock,
    folder: FolderKey,
    uid: u64,
    _home: tempfile::TempDir,
}

impl Way {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("info")).unwrap();
        let loaded = postroom::config::load_text(CONFIG, &home.path().join("postroom.toml")).unwrap();
        let clock = Clock::simulated("2026-11-22T09:00:00Z".parse::<Timestamp>().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let inside = runtime.enter();
        let store = Store::open(&loaded.policy.desk.database).unwrap();
        let pipeline = Pipeline::new(loaded.policy, Signer::new([7; 32], "shop.example"), store.clone(), clock);
        let folder = FolderKey { mailbox: MailboxId::new("info"), folder: "INBOX".to_owned(), uid_validity: 1 };
        runtime.block_on(store.folder_contact(&folder, clock.now())).unwrap();
        drop(inside);
        Self { runtime, store, pipeline, clock, folder, uid: 0, _home: home }
    }

    /// Processor seconds of each step that a mail of this shape and size takes; stops after one that takes `longest`.
    pub fn cost(&mut self, shape: &Shape, size: usize, longest: f64) -> Vec<f64> {
        let customer = format!("From: Ewa <ewa{}@client.example>\nTo: info@shop.example\n", self.uid);
        let first = format!("{customer}Message-ID: <{}@client.example>\n", self.uid);
        let plain = |headers: &str| shape.mail(&Envelope { headers, above: "", mark: "" }, size);
        let mut costs = Vec::new();
        let mail = plain(&format!("{first}Subject: Lamp\n"));
        let began = processor_seconds();
        std::hint::black_box(parse(&mail, None));
        costs.push(processor_seconds() - began);
        if costs.iter().any(|cost| *cost > longest) {
            return costs;
        }
        costs.push(self.take(mail).0);
        // A ticket with small mails, whatever became of the hostile one.
        let opening =
            format!("{first}Subject: My lamp\n\nIt is dark.\n").replacen("Message-ID: <", "Message-ID: <o", 1);
        let (_, fate) = self.take(opening.replace('\n', "\r\n").into_bytes());
        let Fate::Ticket(number) = fate else { panic!("{fate:?}") };
        let notification = self.notification();
        if costs.iter().any(|cost| *cost > longest) {
            return costs;
        }
        let later = format!("{customer}Message-ID: <later{}@client.example>\n", self.uid);
        let (cost, _) = self.take(plain(&format!("{later}Subject: Re: [#{number}] My lamp\n")));
        costs.push(cost);
        if costs.iter().any(|cost| *cost > longest) {
            return costs;
        }
        let agent = format!(
            "From: Anna <anna@shop.example>\nTo: {}\nIn-Reply-To: <{}>\nMessage-ID: <agent{}@shop.example>\n",
            notification.0, notification.1, self.uid
        );
        let (cost, _) = self.take(plain(&format!("{agent}Subject: Re: My lamp\n")));
        costs.push(cost);
        if costs.iter().any(|cost| *cost > longest) {
            return costs;
        }
        let above = "We send you another one.\n\nOn Sun, Nov 22, 2026 at 10:00 AM Ewa <info@shop.example> wrote:\n";
        let headers = format!("{}Subject: Re: My lamp\n", agent.replace("<agent", "<quote"));
        let (cost, _) = self.take(shape.mail(&Envelope { headers: &headers, above, mark: "> " }, size));
        costs.push(cost);
        costs
    }

    /// Takes a mail: what it costs and what becomes of it.
    fn take(&mut self, mail: Vec<u8>) -> (f64, Fate) {
        self.uid += 1;
        let now = self.clock.now();
        let item =
            SpoolItem { uid: self.uid, received_at: now, arrival: Arrival::Live, bytes: mail.into(), omitted: None };
        let spooled = self.runtime.block_on(self.store.spool(&self.folder, vec![item], now)).unwrap();
        let began = processor_seconds();
        let mut fates = self.runtime.block_on(self.pipeline.ingest(spooled)).unwrap();
        (processor_seconds() - began, fates.remove(0))
    }

    /// Where an answer to the latest notification goes, and its Message-ID; nothing stays in the outbox.
    fn notification(&self) -> (String, String) {
        let mut found = None;
        let now = self.clock.now();
        let due = self.runtime.block_on(self.store.outbox_take(now, 1_000)).unwrap();
        for due in due {
            self.runtime.block_on(self.store.outbox_sent(due.id, "250 taken", now)).unwrap();
            if due.kind == OutgoingKind::Notification && due.recipient.to_string() == "anna@shop.example" {
                let mail = parse(&due.bytes, None);
                let address = mail.reply_to.first().map(|person| person.address.to_string());
                found = address.zip(mail.message_id.map(|id| id.as_str().to_owned()));
            }
        }
        found.unwrap()
    }
}

/// What the kernel says this process has computed (`stat`, user and system time in hundredths of a second), in threads that
/// have ended too.
pub fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name in brackets may hold blanks; the times are the 14th and the 15th field.
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    fields.skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

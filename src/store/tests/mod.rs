//! The store on real files: what is promised in the docs, by rule.

mod applying;
mod damage;
mod history;
mod ids;
mod ledger;
mod merging;
mod mirror;
mod opening;
mod outbox;
mod postgres;
mod recovery;
mod tally;
mod tidying;
mod timers;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use super::ledger::{FolderKey, SpoolItem, Spooled};
use super::{Application, Store, StoreError, Tx};
use crate::model::event::{Actor, Event, EventKind};
use crate::model::id::{LedgerId, MailId, MailboxId, MessageKey, TicketNumber};
use crate::model::link::{Route, RouteKind, ThreadReason};
use crate::model::mail::Arrival;
use crate::model::outgoing::{Outgoing, OutgoingKind};
use crate::model::plan::{Change, Fate, NewMessage, NewTicket, Plan};
use crate::model::testing::{address, person};
use crate::model::ticket::{MessageKind, Participant, Role, Status, Visibility};
use crate::model::token::TicketKey;
use crate::model::{AgentId, DepartmentId, Language};

/// A store in a directory of its own.
struct Desk {
    dir: TempDir,
    store: Store,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("postroom.db")).unwrap();
        Self { dir, store }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("postroom.db")
    }

    /// Closes the database and opens it again, as a restart does.
    async fn restarted(self) -> Self {
        self.store.close().await;
        let Self { dir, store } = self;
        drop(store);
        let store = Store::open(&dir.path().join("postroom.db")).unwrap();
        Self { dir, store }
    }

    /// A connection past the store, to look and to damage.
    fn sql(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn number(&self, sql: &str) -> i64 {
        self.sql().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn word(&self, sql: &str) -> String {
        self.sql().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn damage(&self, sql: &str) {
        let connection = self.sql();
        // Damage does not ask whether it is allowed.
        connection.execute_batch("PRAGMA ignore_check_constraints = on; PRAGMA foreign_keys = off").unwrap();
        assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
    }

    /// Spools mails with these UIDs in the inbox.
    async fn spool(&self, uids: &[u64]) -> Vec<Spooled> {
        self.store.folder_contact(&inbox(), now()).await.unwrap();
        let batch = uids.iter().map(|uid| item(*uid, &format!("mail {uid}"))).collect();
        self.store.spool(&inbox(), batch, now()).await.unwrap()
    }

    /// Applies a plan with its mails.
    async fn apply(&self, plan: Plan, outgoing: Vec<Outgoing>, cause: Option<LedgerId>) -> Result<(), StoreError> {
        self.store.write(move |tx| apply(tx, &plan, &outgoing, cause, now())).await
    }

    /// Queues one mail of this kind.
    async fn queue(&self, kind: OutgoingKind, number: u32) {
        self.apply(Plan::default(), vec![outgoing(kind, number)], None).await.unwrap();
    }
}

fn apply(
    tx: &Tx<'_>,
    plan: &Plan,
    outgoing: &[Outgoing],
    cause: Option<LedgerId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.apply(&Application {
        plan,
        outgoing,
        cause: cause.map(|ledger| (ledger, [ledger.0.to_le_bytes()[0]; 32])),
        mailbox: &MailboxId::new("info"),
        fallback_from: &address("info@shop.example"),
        now,
    })
}

fn now() -> Timestamp {
    later(0)
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn folder(name: &str, uid_validity: u32) -> FolderKey {
    FolderKey { mailbox: MailboxId::new("info"), folder: name.to_owned(), uid_validity }
}

fn inbox() -> FolderKey {
    folder("INBOX", 1)
}

fn item(uid: u64, text: &str) -> SpoolItem {
    let bytes: Arc<[u8]> = Arc::from(text.as_bytes());
    SpoolItem { uid, received_at: later(-60), arrival: Arrival::Live, bytes, omitted: None }
}

fn outgoing(kind: OutgoingKind, number: u32) -> Outgoing {
    Outgoing {
        kind,
        ticket: Some(TicketNumber(1001)),
        message_id: MailId::new(&format!("{kind}.1001.-.{number}.signature@shop.example")),
        serial: number.into(),
        envelope_from: None,
        recipients: vec![address("customer@client.example")],
        bytes: b"Subject: hello\r\n\r\nhello\r\n".to_vec(),
        agent: Some(AgentId::new("anna")),
        shows: None,
        held: None,
        not_before: None,
    }
}

/// A plan that opens ticket `number` with one message.
fn opening(number: i64) -> Plan {
    let requester = person("Customer", "customer@client.example");
    let route = Route {
        department: DepartmentId::new("support"),
        kind: RouteKind::Mailbox,
        found: Vec::new(),
        detail: "the mailbox's department".to_owned(),
        scores: vec![],
    };
    Plan {
        open: vec![NewTicket {
            number: TicketNumber(number),
            key: TicketKey::new(number),
            subject: "Broken lamp".to_owned(),
            route,
            requester: requester.clone(),
            participants: vec![Participant { person: requester.clone(), role: Role::Requester }],
            language: Language::ENGLISH,
            mailbox: MailboxId::new("info"),
            possibly_related: None,
            list: None,
            follows: None,
            family: None,
        }],
        messages: vec![message(number, number)],
        events: vec![event(number)],
        fate: Some(Fate::Ticket(TicketNumber(number))),
        ..Plan::default()
    }
}

fn message(key: i64, ticket: i64) -> NewMessage {
    NewMessage {
        key: MessageKey(key),
        ticket: TicketNumber(ticket),
        kind: MessageKind::Customer,
        visibility: Visibility::Public,
        from: person("Customer", "customer@client.example"),
        to: vec![person("", "info@shop.example")],
        cc: vec![],
        date: now(),
        message_id: Some(MailId::new(&format!("{key}@client.example"))),
        agent: None,
        text: "It does not shine.".to_owned(),
        attachments: vec![],
        thread_reason: "nothing in it points to a ticket".to_owned(),
        defects: vec![],
    }
}

fn event(ticket: i64) -> Event {
    let kind = EventKind::Opened {
        by: address("first@client.example"),
        machine: None,
        why: ThreadReason::Nothing,
        message: MessageKey(1),
    };
    Event { ticket: TicketNumber(ticket), actor: Actor::Customer, kind }
}

fn waiting_until(ticket: i64, until: Timestamp) -> Plan {
    Plan { changes: vec![(TicketNumber(ticket), Change::Status(Status::Waiting, Some(until)))], ..Plan::default() }
}

//! The whole loop, with a real database, against a server that lies: what ends up in the rows and on the server.

use std::sync::Arc;

use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::liar::{Act, Liar, Script, short};
use crate::clock::Clock;
use crate::heartbeat::Heartbeat;
use crate::model::address::Address;
use crate::model::id::{MailId, MailboxId};
use crate::model::outgoing::{Outgoing, OutgoingKind};
use crate::model::plan::Plan;
use crate::model::policy::Smtp;
use crate::send::OutboxLoop;
use crate::send::Timeouts;
use crate::store::outbox::OutboxRow;
use crate::store::{Application, Store};

pub struct Desk {
    pub store: Store,
    pub settings: watch::Sender<Smtp>,
    pub timeouts: Timeouts,
    pub clock: Clock,
    stop: CancellationToken,
    _files: TempDir,
}

impl Desk {
    pub fn new(smtp: Smtp) -> Self {
        let files = tempfile::tempdir().unwrap();
        let store = Store::open(&files.path().join("postroom.db")).unwrap();
        let (settings, _) = watch::channel(smtp);
        let stop = CancellationToken::new();
        Self { store, settings, timeouts: short(), clock: Clock::System, stop, _files: files }
    }

    pub async fn queue(&self, kind: OutgoingKind, from: usize, to: usize) {
        let mails = (from..to).map(|number| outgoing(kind, number, &[format!("kunde{number}@example.org")]));
        self.queue_all(mails.collect()).await;
    }

    pub async fn queue_all(&self, mails: Vec<Outgoing>) {
        let now = self.clock.now();
        let writing = self.store.write(move |tx| {
            tx.apply(&Application {
                plan: &Plan::default(),
                outgoing: &mails,
                cause: None,
                mailbox: &MailboxId::new("info"),
                fallback_from: &Address::parse("info@shop.example").unwrap(),
                now,
            })
        });
        writing.await.unwrap();
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is not general enough in its lifetimes"
    )]
    pub async fn rows(&self) -> Vec<OutboxRow> {
        self.store.read(|view| view.outbox()).await.unwrap()
    }

    /// Gives the loop, which runs beside, time to do what there is to do: a few rounds with the database, and until no mail is
    /// between two of them.
    pub async fn settle(&self) {
        for round in 0..500 {
            self.store.write(|_| Ok(())).await.unwrap();
            if round >= 5 && in_state(&self.rows().await, "sending") == 0 {
                return;
            }
        }
    }

    /// Runs the loop until `enough` says so of the rows that have not left; returns these, as they are after the stop.
    pub async fn run(&self, enough: impl Fn(&[OutboxRow]) -> bool) -> Vec<OutboxRow> {
        let outbox = OutboxLoop {
            store: self.store.clone(),
            smtp: self.settings.subscribe(),
            clock: self.clock,
            heartbeat: Arc::new(Heartbeat::default()),
            timeouts: self.timeouts,
        };
        let watching = async {
            while !enough(&self.rows().await) {
                tokio::task::yield_now().await;
            }
            self.stop.cancel();
        };
        tokio::join!(outbox.run(self.stop.clone()), watching);
        self.rows().await
    }
}

/// A mail under a Message-ID that tells its number, from a sender that tells it too.
pub fn outgoing(kind: OutgoingKind, number: usize, recipients: &[String]) -> Outgoing {
    Outgoing {
        kind,
        ticket: None,
        message_id: MailId::new(&format!("{number}@shop.example")),
        serial: i64::try_from(number).unwrap(),
        envelope_from: Address::parse(&format!("bounce{number}@shop.example")),
        recipients: recipients.iter().map(|recipient| Address::parse(recipient).unwrap()).collect(),
        bytes: format!("Message-ID: <{number}@shop.example>\r\n\r\nwords\r\n").into_bytes(),
        agent: None,
        shows: None,
        held: None,
        not_before: None,
    }
}

pub fn in_state(rows: &[OutboxRow], state: &str) -> usize {
    rows.iter().filter(|row| row.state == state).count()
}

/// Message-IDs that the server took, sorted.
pub fn taken(liar: &Liar) -> Vec<String> {
    let first_line = |mail: Vec<u8>| String::from_utf8(mail).unwrap().lines().next().unwrap().to_owned();
    let mut ids: Vec<String> = liar.mails().into_iter().map(first_line).collect();
    ids.sort();
    ids
}

async fn desk(script: Script) -> (Liar, Desk) {
    let liar = Liar::start(script).await;
    let desk = Desk::new(Smtp::Server(liar.server()));
    (liar, desk)
}

#[tokio::test]
async fn every_mail_leaves_once_over_two_connections() {
    let (liar, desk) = desk(vec![]).await;
    desk.queue(OutgoingKind::Notification, 0, 60).await;
    assert!(desk.run(<[_]>::is_empty).await.is_empty());
    let mut ids = taken(&liar);
    ids.dedup();
    assert_eq!((liar.mails().len(), ids.len()), (60, 60));
    let hellos = liar.heard().iter().filter(|line| line.starts_with("EHLO")).count();
    assert!(hellos <= 4, "two connections, EHLO twice each: {hellos}");
}

#[tokio::test]
async fn a_lost_reply_defers_an_answer_and_leaves_a_notification() {
    let (liar, desk) = desk(vec![("dot", vec![Act::Close])]).await;
    desk.queue(OutgoingKind::Answer, 0, 1).await;
    desk.queue(OutgoingKind::Notification, 1, 2).await;
    let rows = desk.run(|rows| rows.iter().all(|row| row.reason.contains("final dot"))).await;
    let states: Vec<(&str, u32)> = rows.iter().map(|row| (row.state.as_str(), row.attempts)).collect();
    assert_eq!(states, [("deferred", 1), ("uncertain", 0)]);
    assert_eq!(liar.mails().len(), 2);
}

#[tokio::test]
async fn a_refused_recipient_does_not_hold_the_others() {
    let refused = vec![Act::Say("250 ok"), Act::Say("550 5.1.1 unknown"), Act::Say("450 full"), Act::Say("250 ok")];
    let (liar, desk) = desk(vec![("RCPT", refused)]).await;
    desk.queue(OutgoingKind::Answer, 0, 10).await;
    let rows = desk.run(|rows| rows.len() == 2 && rows.iter().all(|row| row.reason.contains("50 "))).await;
    assert_eq!((in_state(&rows, "failed"), in_state(&rows, "deferred")), (1, 1), "{rows:?}");
    assert_eq!(liar.mails().len(), 8);
}

#[tokio::test]
async fn a_refused_login_costs_one_try_and_a_reload_ends_the_pause() {
    let liar = Liar::start(vec![("auth", vec![Act::Say("535 5.7.8 no"), Act::Say("235 ok")])]).await;
    let desk = Desk::new(Smtp::Server(liar.server_with_login()));
    desk.queue(OutgoingKind::Answer, 0, 30).await;
    let reloading = async {
        let held = |rows: &[OutboxRow]| rows.iter().filter(|row| row.reason.contains("535 5.7.8")).count();
        while held(&desk.rows().await) == 0 || in_state(&desk.rows().await, "sending") > 0 {
            tokio::task::yield_now().await;
        }
        let rows = desk.rows().await;
        assert!(rows.iter().all(|row| row.attempts == 0 && row.state == "queued"), "{rows:?}");
        let logins = liar.heard().iter().filter(|line| line.starts_with("AUTH")).count();
        assert_eq!(logins, 1);
        desk.settings.send(Smtp::Server(liar.server_with_login())).unwrap();
    };
    let (rows, ()) = tokio::join!(desk.run(<[_]>::is_empty), reloading);
    assert!(rows.is_empty());
    assert_eq!(liar.mails().len(), 30);
}

#[tokio::test]
async fn an_unreachable_server_is_not_counted_against_the_mails() {
    let (liar, desk) = desk(vec![("greeting", vec![Act::SayAndClose("554 go away")])]).await;
    desk.queue(OutgoingKind::Answer, 0, 20).await;
    let rows = desk.run(|rows| rows.iter().any(|row| row.reason.contains("554 go away"))).await;
    assert_eq!((in_state(&rows, "queued"), rows.iter().map(|row| row.attempts).sum::<u32>()), (20, 0));
    assert!(liar.mails().is_empty());
}

#[tokio::test]
async fn a_server_that_ends_connections_or_takes_only_one_is_served_all_the_same() {
    for script in [
        vec![(
            "MAIL",
            vec![Act::Say("250 ok"), Act::Say("250 ok"), Act::SayAndClose("421 enough"), Act::Say("250 ok")],
        )],
        vec![("greeting", vec![Act::Say("220 ok"), Act::SayAndClose("421 one is enough")])],
    ] {
        let (liar, desk) = desk(script.clone()).await;
        desk.queue(OutgoingKind::Answer, 0, 10).await;
        let rows = desk.run(<[_]>::is_empty).await;
        assert!(rows.is_empty(), "{rows:?}");
        assert_eq!(liar.mails().len(), 10, "{script:?}");
    }
}

#[tokio::test]
async fn a_stop_ends_the_mail_being_sent_and_puts_the_others_back() {
    let (liar, desk) = desk(vec![]).await;
    desk.queue(OutgoingKind::Answer, 0, 200).await;
    let rows = desk.run(|rows| rows.len() < 190).await;
    assert_eq!(in_state(&rows, "queued"), rows.len(), "{:?}", rows.iter().map(|row| &row.state).collect::<Vec<_>>());
    assert_eq!(liar.mails().len() + rows.len(), 200);
}

#[tokio::test]
async fn a_stop_waits_for_a_reply_but_not_for_ever() {
    let (liar, mut desk) = desk(vec![("dot", vec![Act::Silence])]).await;
    desk.timeouts = Timeouts { stop: short().stop, ..Timeouts::default() };
    desk.queue(OutgoingKind::Answer, 0, 1).await;
    let rows = desk.run(|_| !liar.mails().is_empty()).await;
    assert_eq!((in_state(&rows, "deferred"), rows.len()), (1, 1), "{rows:?}");
    assert!(rows[0].reason.contains("we were stopped"), "{rows:?}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_connection() {
    let (_liar, mut desk) = desk(vec![("greeting", vec![Act::Silence])]).await;
    desk.timeouts = Timeouts::default();
    desk.queue(OutgoingKind::Answer, 0, 1).await;
    let started = Instant::now();
    let rows = desk.run(|rows| in_state(rows, "sending") == 1).await;
    assert!(started.elapsed().as_secs() < 10);
    assert_eq!(in_state(&rows, "queued"), 1, "{rows:?}");
}

#[tokio::test]
async fn a_directory_takes_mail_as_a_server_does() {
    let files = tempfile::tempdir().unwrap();
    let desk = Desk::new(Smtp::Directory(files.path().join("outbox")));
    desk.queue(OutgoingKind::Acknowledgement, 0, 20).await;
    assert!(desk.run(<[_]>::is_empty).await.is_empty());
    assert_eq!(std::fs::read_dir(files.path().join("outbox")).unwrap().count(), 20);
}

#[tokio::test]
async fn mail_that_comes_while_the_loop_waits_leaves_at_once() {
    let (liar, desk) = desk(vec![]).await;
    let started = Clock::System.now();
    let later = async {
        desk.queue(OutgoingKind::Answer, 0, 1).await;
        while liar.mails().is_empty() {
            tokio::task::yield_now().await;
        }
        desk.queue(OutgoingKind::Answer, 1, 2).await;
    };
    tokio::join!(desk.run(|rows| rows.is_empty() && liar.mails().len() == 2), later);
    assert!(Clock::System.now().duration_since(started).as_secs() < 5);
}

/// What people wrote arrives at least once, and twice at most where the reply after the dot was lost.
#[tokio::test]
async fn whatever_goes_wrong_once_an_answer_arrives() {
    let acts = [Act::Close, Act::Silence, Act::Say("hello"), Act::Say("450 later"), Act::SayAndClose("421 busy")];
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot"] {
        for act in acts.clone() {
            let usual = if step == "DATA" { "354 go" } else { "250 ok" };
            let usual = if step == "body" { Act::Raw(b"") } else { Act::Say(usual) };
            let (liar, desk) = desk(vec![(step, vec![act.clone(), usual])]).await;
            desk.queue(OutgoingKind::Answer, 0, 1).await;
            let retrying = async {
                while let Some(row) = desk.rows().await.pop() {
                    if row.state == "deferred" {
                        let now = Clock::System.now();
                        desk.store.write(move |tx| tx.outbox_retry(row.id, now)).await.unwrap();
                    } else if row.state == "queued" && !row.reason.is_empty() {
                        // The account pauses; new settings end that.
                        desk.settings.send(Smtp::Server(liar.server())).unwrap();
                    }
                    tokio::task::yield_now().await;
                }
            };
            let (rows, ()) = tokio::join!(desk.run(<[_]>::is_empty), retrying);
            assert!(rows.is_empty());
            let ids = taken(&liar);
            let most = if matches!(step, "body" | "dot") { 2 } else { 1 };
            assert!((1..=most).contains(&ids.len()), "{step} {act:?}: {ids:?}");
            assert!(ids.iter().all(|id| id == "Message-ID: <0@shop.example>"));
        }
    }
}

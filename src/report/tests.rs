//! What people see, as text: made from mails that went through the pipeline.

use insta::assert_snapshot;
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use super::trouble::Looked;
use super::{explain, json, status, tickets};
use crate::clock::Clock;
use crate::model::breaker::Breaker;
use crate::model::id::{MailboxId, OutboxId, TicketNumber};
use crate::model::mail::Arrival;
use crate::model::policy::{Keyword, KeywordPlace, Policy};
use crate::model::testing;
use crate::model::token::Signer;
use crate::pipeline::Pipeline;
use crate::store::Store;
use crate::store::ledger::{FolderKey, MailboxHealth, SpoolItem};
use crate::store::reports::{StatusReport, TicketFilter};
use crate::store::running::Running;
use crate::store::stopped::KeptBack;
use crate::terminal::{Paint, USUAL_WIDTH};

struct Desk {
    dir: TempDir,
    store: Store,
    pipeline: Pipeline,
    clock: Clock,
}

const HOSTILE: &str = "From: =?utf-8?q?Jan_=1B]0;owned=07_Kos?= <jan@client.example>\r\n\
    To: info@shop.example\r\nSubject: =?utf-8?q?Lamp_=1B[31mred=1B[0m_=E2=80=AEdlog?=\r\n\
    Date: Fri, 15 Jan 2027 07:59:00 +0000\r\nMessage-ID: <hostile@client.example>\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nRefund, please.\x1b[2J\x1b]52;c;cm0gLXJm\x07\r\n\
    --b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename*=utf-8''lamp%1b[31m.png\r\n\r\nPNG\r\n--b--\r\n";

fn policy() -> Policy {
    let mut policy = testing::policy();
    policy.departments[1].keywords.push(Keyword {
        text: "refund".to_owned(),
        folded: "refund".to_owned(),
        prefix: false,
        weight: 1,
        place: KeywordPlace::Anywhere,
    });
    policy
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("postroom.db")).unwrap();
        let clock = Clock::simulated(Timestamp::from_second(1_800_000_000).unwrap());
        let pipeline = Pipeline::new(policy(), Signer::new([7; 32], "shop.example"), store.clone(), clock);
        Self { dir, store, pipeline, clock }
    }

    async fn take(&self, mails: &[&str]) {
        let key = FolderKey { mailbox: MailboxId::new("info"), folder: "INBOX".to_owned(), uid_validity: 1 };
        let now = self.clock.now();
        self.store.folder_contact(&key, now).await.unwrap();
        let item = |(uid, mail): (u64, &&str)| SpoolItem {
            uid,
            received_at: now,
            arrival: Arrival::Live,
            bytes: mail.as_bytes().into(),
            omitted: None,
        };
        let spooled = self.store.spool(&key, (1..).zip(mails).map(item).collect(), now).await.unwrap();
        self.pipeline.ingest(spooled).await.unwrap();
    }

    async fn show(&self, number: i64) -> String {
        let number = TicketNumber(number);
        let found = self.store.read(move |view| {
            Ok((view.ticket(number)?.unwrap(), view.route_of(number)?, view.messages(number)?, view.events(number)?))
        });
        let (ticket, route, messages, events) = found.await.unwrap();
        tickets::show(&ticket, &route, &messages, &events, USUAL_WIDTH, Paint::Plain)
    }
}

fn harmless(text: &str) {
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(!text.contains('\u{202e}'), "{text:?}");
}

#[tokio::test(start_paused = true)]
async fn tickets_are_listed_and_shown_without_what_could_harm_a_terminal() {
    let desk = Desk::new();
    desk.take(&[HOSTILE, "\0 no mail at all"]).await;
    let all = desk.store.read(|view| view.tickets(&TicketFilter::default())).await.unwrap();
    let mut table = tickets::list(USUAL_WIDTH);
    for ticket in &all {
        table.row(tickets::row(ticket, USUAL_WIDTH));
    }
    let list = table.render(Paint::Plain);
    harmless(&list);
    assert!(list.lines().all(|line| line.chars().count() <= USUAL_WIDTH), "{list}");
    assert_snapshot!("ticket_list", list);
    let shown = desk.show(1001).await;
    harmless(&shown);
    assert_snapshot!("ticket_show", shown);
}

#[tokio::test(start_paused = true)]
async fn not_even_a_damaged_database_reaches_the_terminal() {
    let desk = Desk::new();
    desk.take(&[HOSTILE]).await;
    let sql = Connection::open(desk.dir.path().join("postroom.db")).unwrap();
    sql.execute_batch(
        "UPDATE ticket SET subject = char(27) || '[31m', route_detail = char(27) || 'c', requester_name = char(7);
         UPDATE message SET text = char(27) || '[2J', from_name = char(155) || '31m';
         UPDATE event SET detail = char(27) || ']0;x', actor = char(8);",
    )
    .unwrap();
    harmless(&desk.show(1001).await);
}

#[tokio::test(start_paused = true)]
async fn explain_tells_every_reason() {
    let desk = Desk::new();
    let found = desk.pipeline.explain(HOSTILE.as_bytes().to_vec(), MailboxId::new("info")).await.unwrap();
    let text = explain::explanation(&found.mail, &found.link, &found.route, &found.plan, Paint::Plain);
    harmless(&text);
    assert_snapshot!("explain", text);
    let value = json::explanation(&found.mail, &found.link, &found.route, &found.plan);
    assert_snapshot!("explain_json", format!("{value:#}"));
}

#[tokio::test(start_paused = true)]
async fn the_outbox_shows_what_has_not_left_and_why() {
    let desk = Desk::new();
    assert_eq!(tickets::outbox(&[], Paint::Plain), "everything has left\n");
    desk.take(&[HOSTILE]).await;
    let now = desk.clock.now();
    desk.store.outbox_take(now, 1).await.unwrap();
    let later = now + jiff::SignedDuration::from_mins(5);
    desk.store.outbox_deferred(OutboxId(1), "451 4.7.1 \u{1b}[31mgreylisted", later, now).await.unwrap();
    desk.store.outbox_failed(OutboxId(2), "550 5.1.1 no such user", now).await.unwrap();
    let rows = desk.store.read(|view| view.outbox()).await.unwrap();
    let text = tickets::outbox(&rows, Paint::Plain);
    harmless(&text);
    assert_snapshot!("outbox_list", text);
    let keys: Vec<String> = json::outbox(&rows)[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys.join(" "), "id kind state recipient ticket message_id attempts next_at reason created_at");
}

#[tokio::test(start_paused = true)]
async fn the_quarantine_shows_what_is_held_and_why() {
    let desk = Desk::new();
    assert_eq!(tickets::quarantine(&[], Paint::Plain), "nothing is held in quarantine\n");
    desk.take(&["\0 no mail at all"]).await;
    let key = FolderKey { mailbox: MailboxId::new("info"), folder: "INBOX".to_owned(), uid_validity: 1 };
    for _ in 0..3 {
        desk.store.count_fetch_failure(&key, 9, desk.clock.now()).await.unwrap();
    }
    let rows = desk.store.read(|view| view.quarantined()).await.unwrap();
    assert_snapshot!("quarantine_list", tickets::quarantine(&rows, Paint::Plain));
}

#[tokio::test(start_paused = true)]
async fn status_believes_the_daemon_only_while_it_lives() {
    let desk = Desk::new();
    desk.take(&[HOSTILE]).await;
    let health = MailboxHealth { connected: true, gap: 2, ..MailboxHealth::default() };
    desk.store.report_health(&MailboxId::new("info"), health, desk.clock.now()).await.unwrap();
    let report = desk.store.status().await.unwrap();
    let (policy, now) = (policy(), desk.clock.now());
    let daemon = Running { pid: 42, since: now, config: [7; 32], trouble: None };
    let report = StatusReport { daemon: Some(daemon), ..report };
    let looked = Looked { policy: Some(&policy), faults: &[], secret: None, report: &report, file: &[7; 32], now };
    assert_eq!(looked.troubles(), []);
    assert_snapshot!("status", status::text(&looked, &[], Paint::Plain));
    assert_snapshot!("status_json", format!("{:#}", status::json(&looked, &[])));
    desk.store.close().await;
    let beside = Store::open_beside(&desk.dir.path().join("postroom.db")).unwrap();
    let report = beside.status().await.unwrap();
    let looked = Looked { policy: Some(&policy), faults: &[], secret: None, report: &report, file: &[7; 32], now };
    let mailbox = &status::json(&looked, &[])["mailboxes"][0];
    assert_eq!(looked.troubles()[0].check, "daemon");
    assert_eq!((&mailbox["connected"], &mailbox["error"]), (&false.into(), &"no daemon is running".into()));
}

/// A notice about a limit promises it: `status` says how much it concerns.
#[tokio::test(start_paused = true)]
async fn status_names_every_limit_that_keeps_something_back() {
    let desk = Desk::new();
    let (policy, now) = (policy(), desk.clock.now());
    let kept = |(breaker, count): (&Breaker, u64)| KeptBack {
        breaker: *breaker,
        whose: format!("{breaker}.example\u{1b}[31m"),
        count,
        last_at: now,
    };
    let kept_back: Vec<KeptBack> = Breaker::ALL.iter().zip(1..).map(kept).collect();
    let report = StatusReport { kept_back, ..desk.store.status().await.unwrap() };
    let looked = Looked { policy: Some(&policy), faults: &[], secret: None, report: &report, file: &[7; 32], now };
    let text = status::text(&looked, &[], Paint::Plain);
    harmless(&text);
    let limited = text.split_once("\nlimited ").unwrap().1;
    assert_eq!(limited.lines().count(), Breaker::ALL.len(), "{text}");
    for (breaker, count) in Breaker::ALL.iter().zip(1..) {
        let named = |line: &str| line.trim_start().starts_with(&format!("{count} ")) && line.contains(breaker.as_str());
        assert!(limited.lines().any(named), "{breaker}: {text}");
    }
    assert_eq!(status::json(&looked, &[])["limited"].as_array().unwrap().len(), Breaker::ALL.len());
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_left_the_config_is_shown_while_mails_of_it_wait() {
    let desk = Desk::new();
    desk.take(&[HOSTILE]).await;
    let mut policy = policy();
    policy.mailboxes[0].id = MailboxId::new("sales");
    let ids = |report: &StatusReport| {
        let value = status::json(
            &Looked { policy: Some(&policy), faults: &[], secret: None, report, file: &[7; 32], now: desk.clock.now() },
            &[],
        );
        value["mailboxes"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    let mut report = desk.store.status().await.unwrap();
    assert_eq!(ids(&report), ["sales"]);
    report.mailboxes.get_mut(&MailboxId::new("info")).unwrap().fates.insert("waiting".to_owned(), 1);
    assert_eq!(ids(&report), ["sales", "info"]);
}

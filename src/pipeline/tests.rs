//! The flow on a real store: a mail is handled once, alone if need be, and never lost.

use jiff::SignedDuration;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::model::id::OutboxId;
use crate::model::testing::policy;
use crate::model::ticket::Status;
use crate::parse::parse;
use crate::store::ledger::{FolderKey, SpoolItem};
use crate::store::reports::TicketFilter;

struct Desk {
    dir: TempDir,
    store: Store,
    pipeline: Pipeline,
    clock: Clock,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("postroom.db")).unwrap();
        let clock = Clock::simulated(Timestamp::from_second(1_800_000_000).unwrap());
        let mut policy = policy();
        policy.limits.notify_every = std::time::Duration::ZERO;
        let mut second = policy.mailboxes[0].clone();
        second.id = MailboxId::new("sales");
        second.address = Address::parse("sales@shop.example").unwrap();
        policy.mailboxes.push(second);
        let pipeline = Pipeline::new(policy, Signer::new([7; 32], "shop.example"), store.clone(), clock);
        Self { dir, store, pipeline, clock }
    }

    fn sql(&self, sql: &str) {
        Connection::open(self.dir.path().join("postroom.db")).unwrap().execute_batch(sql).unwrap();
    }

    fn number(&self, sql: &str) -> i64 {
        let connection = Connection::open(self.dir.path().join("postroom.db")).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Tickets, messages, mails in the outbox.
    fn counts(&self) -> [i64; 3] {
        ["ticket", "message", "outbox"].map(|table| self.number(&format!("SELECT count(*) FROM {table}")))
    }

    async fn spool(&self, mailbox: &str, folder: &str, mails: &[String]) -> Vec<Spooled> {
        let key = FolderKey { mailbox: MailboxId::new(mailbox), folder: folder.to_owned(), uid_validity: 1 };
        let now = self.clock.now();
        self.store.folder_contact(&key, now).await.unwrap();
        let known = self.store.known_uids(&key).await.unwrap().len() as u64;
        let item = |(uid, mail): (u64, &String)| SpoolItem {
            uid,
            received_at: now,
            arrival: Arrival::Live,
            bytes: mail.as_bytes().into(),
            omitted: None,
        };
        self.store.spool(&key, (known + 1..).zip(mails).map(item).collect(), now).await.unwrap()
    }

    async fn take(&self, mails: &[String]) -> Vec<Fate> {
        let spooled = self.spool("info", "INBOX", mails).await;
        self.pipeline.ingest(spooled).await.unwrap()
    }

    async fn events(&self, ticket: i64) -> Vec<String> {
        let events = self.store.read(move |view| view.events(TicketNumber(ticket))).await.unwrap();
        events.into_iter().map(|event| format!("{}: {}", event.kind.word(), event.kind)).collect()
    }
}

fn mail(id: &str, text: &str) -> String {
    format!(
        "From: Customer <customer@client.example>\r\nTo: info@shop.example\r\nSubject: My lamp\r\n\
         Date: Fri, 15 Jan 2027 08:00:00 +0000\r\nMessage-ID: <{id}@client.example>\r\n\r\n{text}\r\n"
    )
}

fn reply(id: &str, to: &str) -> String {
    mail(id, "Any news?").replacen("\r\n\r\n", &format!("\r\nIn-Reply-To: <{to}@client.example>\r\n\r\n"), 1)
}

fn ticket(number: i64) -> Fate {
    Fate::Ticket(TicketNumber(number))
}

fn duplicate(number: i64) -> Fate {
    Fate::Duplicate(Some(TicketNumber(number)))
}

#[tokio::test]
async fn the_same_mail_in_another_folder_or_mailbox_is_a_duplicate_and_sends_nothing() {
    let desk = Desk::new();
    let first = mail("a", "It is dark.");
    assert_eq!(desk.take(std::slice::from_ref(&first)).await, [ticket(1001)]);
    let before = desk.counts();
    assert_eq!(before, [1, 1, 3], "an acknowledgement and two notifications");
    // Another way of delivery, the same mail.
    let delivered_again = format!("Received: from a by b; Fri, 15 Jan 2027 08:00:09 +0000\r\nX-Spam: 1\r\n{first}");
    for (mailbox, folder, bytes) in
        [("info", "INBOX", &first), ("info", "Archive", &first), ("sales", "INBOX", &delivered_again)]
    {
        let spooled = desk.spool(mailbox, folder, std::slice::from_ref(bytes)).await;
        assert_eq!(desk.pipeline.ingest(spooled).await.unwrap(), [duplicate(1001)], "{mailbox} {folder}");
    }
    assert_eq!(desk.counts(), before);
}

#[tokio::test]
async fn a_mail_twice_in_one_batch_is_taken_once() {
    let desk = Desk::new();
    let twice = [mail("a", "It is dark."), mail("a", "It is dark.")];
    assert_eq!(desk.take(&twice).await, [ticket(1001), duplicate(1001)]);
}

#[tokio::test]
async fn the_same_message_id_with_other_content_is_another_mail() {
    let desk = Desk::new();
    let fates = desk.take(&[mail("a", "It is dark."), mail("a", "It is bright.")]).await;
    assert!(fates.iter().all(|fate| matches!(fate, Fate::Ticket(_))), "{fates:?}");
    assert_eq!(desk.counts()[1], 2);
    let without = |text: &str| mail("a", text).replace("Message-ID: <a@client.example>\r\n", "");
    let fates = desk.take(&[without("one"), without("two"), without("one")]).await;
    assert!(matches!(fates[2], Fate::Duplicate(_)), "{fates:?}");
    assert_eq!(desk.counts()[1], 4);
}

#[tokio::test]
async fn a_mail_decided_twice_is_decided_once() {
    let desk = Desk::new();
    let spooled = desk.spool("info", "INBOX", &[mail("a", "It is dark.")]).await;
    let both = desk.pipeline.ingest(spooled.clone()).await.unwrap();
    let before = desk.counts();
    assert_eq!(desk.pipeline.ingest(spooled).await.unwrap(), both);
    assert_eq!(desk.counts(), before);
}

#[tokio::test]
async fn a_mail_that_cannot_be_decided_is_quarantined_with_a_minimal_ticket_and_the_others_are_taken() {
    let desk = Desk::new();
    assert_eq!(desk.take(&[mail("a", "It is dark.")]).await, [ticket(1001)]);
    desk.sql("UPDATE ticket SET language = 'martian' WHERE number = 1001");
    let fates = desk.take(&[mail("b", "one"), reply("c", "a"), mail("d", "two")]).await;
    let reason = "database: unexpected value in a word (`martian`)".to_owned();
    assert_eq!(fates, [ticket(1002), Fate::Quarantined(TicketNumber(1003), reason), ticket(1004)]);
    let shown = desk.store.read(|view| view.messages(TicketNumber(1003))).await.unwrap();
    assert_eq!(shown[0].attachments[0].name, "mail.eml");
    assert_eq!(shown[0].attachments[0].size, reply("c", "a").len() as u64);
    let held = desk.store.read(|view| view.quarantined()).await.unwrap();
    let bytes = desk.store.read(move |view| view.quarantined_bytes(held[0].id)).await.unwrap();
    assert_eq!(bytes.unwrap(), reply("c", "a").as_bytes());
}

#[tokio::test]
async fn a_statement_that_fails_for_one_mail_does_not_reach_the_others() {
    let desk = Desk::new();
    desk.sql(
        "CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.kind = 'customer' AND NEW.text LIKE '%poison%'
         BEGIN SELECT RAISE(ABORT, 'poisoned'); END",
    );
    let fates = desk.take(&[mail("a", "one"), mail("b", "poison"), mail("c", "two")]).await;
    assert!(matches!(&fates[1], Fate::Quarantined(_, reason) if reason.contains("poisoned")), "{fates:?}");
    assert!(matches!((&fates[0], &fates[2]), (Fate::Ticket(_), Fate::Ticket(_))), "{fates:?}");
}

#[tokio::test]
async fn a_mail_whose_handling_panics_is_held_even_when_no_minimal_ticket_can_be_made() {
    let desk = Desk::new();
    assert_eq!(desk.take(&[mail("a", "It is dark.")]).await, [ticket(1001)]);
    // The last serial there is: whatever sends mail overflows, a duplicate sends none.
    desk.sql(&format!("UPDATE counter SET value = {} WHERE name = 'serial'", i64::MAX - 1));
    let fates = desk.take(&[mail("b", "one"), mail("a", "It is dark.")]).await;
    assert!(
        matches!(&fates[0], Fate::Quarantined(TicketNumber(0), reason) if reason.contains("overflow")),
        "{fates:?}"
    );
    assert_eq!(fates[1], duplicate(1001));
    // The timers show it to people as soon as that is possible.
    assert!(desk.pipeline.tick().await.is_err());
    desk.sql("UPDATE counter SET value = 1 WHERE name = 'serial'");
    assert_eq!(desk.pipeline.tick().await.unwrap(), 1);
    assert_eq!(desk.pipeline.tick().await.unwrap(), 0);
    assert_eq!(desk.counts()[0], 2);
}

#[tokio::test]
async fn a_mail_that_ended_the_process_three_times_is_not_read_again() {
    let desk = Desk::new();
    let mut spooled = desk.spool("info", "INBOX", &[mail("a", "one"), mail("b", "two")]).await;
    spooled[0].attempts = MAX_ATTEMPTS + 1;
    let fates = desk.pipeline.ingest(spooled).await.unwrap();
    assert!(matches!(&fates[0], Fate::Quarantined(TicketNumber(1001), reason) if reason.contains("3 attempts")));
    assert_eq!(fates[1], ticket(1002));
}

#[tokio::test]
async fn bytes_that_are_no_mail_are_shown_to_people_and_other_mails_go_on() {
    let desk = Desk::new();
    let fates = desk.take(&["\0\u{1}\u{2} nothing like a mail".to_owned(), mail("a", "one")]).await;
    assert!(matches!(&fates[0], Fate::Quarantined(TicketNumber(1001), _)), "{fates:?}");
    assert_eq!(fates[1], ticket(1002));
}

#[tokio::test]
async fn a_held_mail_tried_again_becomes_a_ticket_and_its_minimal_ticket_says_so() {
    let desk = Desk::new();
    let mut spooled = desk.spool("info", "INBOX", &[mail("a", "one")]).await;
    spooled[0].attempts = MAX_ATTEMPTS + 1;
    desk.pipeline.ingest(spooled).await.unwrap();
    let id = desk.store.read(|view| view.quarantined()).await.unwrap()[0].id;
    assert_eq!(desk.pipeline.retry_quarantined(id).await.unwrap(), Some(ticket(1002)));
    assert_eq!(desk.events(1001).await.last().unwrap(), "quarantined: tried again: the mail is on ticket #1002");
    assert!(desk.store.read(|view| view.quarantined()).await.unwrap().is_empty());
    assert!(matches!(desk.pipeline.retry_quarantined(id).await, Err(StoreError::NotFound(_))));
    // Taken now, it is a duplicate wherever it stands.
    assert_eq!(desk.take(&[mail("a", "one")]).await, [duplicate(1002)]);
}

#[tokio::test]
async fn a_held_mail_that_fails_again_stays_on_its_minimal_ticket() {
    let desk = Desk::new();
    desk.take(&[mail("a", "It is dark.")]).await;
    desk.sql("UPDATE ticket SET language = 'martian' WHERE number = 1001");
    desk.take(&[reply("b", "a")]).await;
    let id = desk.store.read(|view| view.quarantined()).await.unwrap()[0].id;
    let before = desk.counts();
    for _ in 0..2 {
        let again = desk.pipeline.retry_quarantined(id).await.unwrap();
        assert!(matches!(again, Some(Fate::Quarantined(TicketNumber(1002), _))), "{again:?}");
    }
    assert_eq!(desk.counts(), before);
    assert_eq!(desk.events(1002).await.len(), 3);
}

#[tokio::test]
async fn to_explain_a_mail_changes_nothing_and_needs_nothing_to_be_there() {
    let desk = Desk::new();
    let explain = || desk.pipeline.explain(mail("a", "one").into_bytes(), MailboxId::new("info"));
    let found = explain().await.unwrap();
    assert_eq!(found.route.department.as_str(), "support");
    assert_eq!(found.plan.mails.len(), 3);
    assert_eq!(desk.counts(), [0, 0, 0]);
    desk.take(&[mail("a", "one")]).await;
    let (before, found) = (desk.counts(), explain().await.unwrap());
    assert_eq!(found.plan.fate, Some(duplicate(1001)));
    let answer = desk.pipeline.explain(reply("b", "a").into_bytes(), MailboxId::new("info")).await.unwrap();
    assert!(matches!(answer.link, Link::Ticket { number: TicketNumber(1001), .. }));
    assert_eq!(desk.counts(), before);
}

#[tokio::test(start_paused = true)]
async fn a_tick_tells_of_a_failed_answer_once_and_reopens_its_ticket() {
    let desk = Desk::new();
    desk.take(&[mail("a", "one")]).await;
    desk.sql("UPDATE outgoing SET kind = 'answer', agent = 'anna' WHERE kind = 'acknowledgement'");
    desk.sql("UPDATE ticket SET status = 'resolved'");
    let id = desk.number("SELECT outbox.id FROM outbox JOIN outgoing ON outgoing.id = outgoing WHERE kind = 'answer'");
    desk.store.outbox_failed(OutboxId(id), "550 no such user", desk.clock.now()).await.unwrap();
    let before = desk.counts()[2];
    assert_eq!(desk.pipeline.tick().await.unwrap(), 1);
    assert_eq!(desk.pipeline.tick().await.unwrap(), 0);
    assert_eq!(desk.counts()[2], before + 1, "one notice to the agent");
    let tickets = desk.store.read(|view| view.tickets(&TicketFilter::default())).await.unwrap();
    assert_eq!(tickets[0].status, Status::Open);
}

#[tokio::test(start_paused = true)]
async fn a_tick_wakes_a_ticket_once_and_one_that_cannot_be_woken_does_not_hold_the_others() {
    let desk = Desk::new();
    desk.take(&[mail("a", "one"), mail("b", "two"), mail("c", "three")]).await;
    let until = desk.clock.now() + SignedDuration::from_hours(1);
    desk.sql(&format!("UPDATE ticket SET status = 'waiting', wait_until_s = {}", until.as_second()));
    desk.sql("INSERT INTO timer SELECT 'wait', '', number, wait_until_s FROM ticket");
    desk.sql("UPDATE ticket SET language = 'martian' WHERE number = 1002");
    assert_eq!(desk.pipeline.tick().await.unwrap(), 0);
    tokio::time::advance(std::time::Duration::from_hours(1)).await;
    assert!(desk.pipeline.tick().await.is_err());
    let waiting = || desk.number("SELECT count(*) FROM ticket WHERE status = 'waiting'");
    assert_eq!(waiting(), 1);
    desk.sql("UPDATE ticket SET language = 'en'");
    assert_eq!(desk.pipeline.tick().await.unwrap(), 1);
    assert_eq!((waiting(), desk.pipeline.tick().await.unwrap()), (0, 0));
}

/// The mail appears in the folder that stands for this department, and what follows is done.
async fn put(desk: &Desk, department: &str, mail: &str) {
    let folder = format!("Helpdesk/{department}");
    let spooled = desk.spool("info", &folder, &[mail.to_owned()]).await;
    desk.pipeline.ingest(spooled).await.unwrap();
    let key = FolderKey { mailbox: MailboxId::new("info"), folder, uid_validity: 1 };
    let place = crate::model::mirror::Place::Department(crate::model::DepartmentId::new(department));
    desk.pipeline.note_arrivals(&key, Some(&place)).await.unwrap();
    desk.pipeline.note_arrivals(&key, Some(&place)).await.unwrap();
}

#[tokio::test]
async fn a_mail_that_a_person_moved_moves_its_ticket_once_and_after_a_restore_says_nothing_again() {
    let desk = Desk::new();
    let mail = mail("one", "It is broken.");
    desk.take(std::slice::from_ref(&mail)).await;
    let told = "SELECT count(*) FROM outgoing WHERE kind = 'notification'";
    let department = || {
        let connection = Connection::open(desk.dir.path().join("postroom.db")).unwrap();
        connection.query_row("SELECT department FROM ticket", [], |row| row.get::<_, String>(0)).unwrap()
    };
    let before = (desk.counts(), desk.number(told));
    put(&desk, "returns", &mail).await;
    assert_eq!(department(), "returns");
    assert_eq!((desk.counts()[0], desk.number(told)), (before.0[0], before.1 + 1), "one ticket, and Jan was told");
    desk.sql("INSERT INTO counter (name, value) VALUES ('restored_at_s', 1800000000)");
    put(&desk, "support", &mail).await;
    assert_eq!((department().as_str(), desk.number(told)), ("support", before.1 + 1));
}

#[tokio::test]
async fn what_is_found_again_after_a_restore_is_told_to_each_colleague_in_one_mail_and_to_no_customer() {
    let desk = Desk::new();
    desk.take(&[mail("a", "It is dark.")]).await;
    let before = desk.counts()[2];
    desk.sql("INSERT INTO counter (name, value) VALUES ('restored_at_s', 1800000000)");
    let other = |id: &str| mail(id, "Another thing.").replace("customer@", &format!("{id}@"));
    desk.take(&[reply("b", "a"), other("c"), other("d")]).await;
    assert_eq!((desk.counts()[0], desk.counts()[2]), (3, before), "tickets, and nothing is sent");
    let later = Clock::simulated(desk.clock.now() + SignedDuration::from_mins(6));
    let policy = desk.pipeline.policy().clone();
    let pipeline = Pipeline::new(policy, Signer::new([7; 32], "shop.example"), desk.store.clone(), later);
    pipeline.tick().await.unwrap();
    let told = |agent: &str| {
        let sql = format!("SELECT bytes FROM outgoing WHERE agent = '{agent}' ORDER BY id DESC LIMIT 1");
        let connection = Connection::open(desk.dir.path().join("postroom.db")).unwrap();
        let bytes: Vec<u8> = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        parse(&bytes, None).text
    };
    assert_eq!(desk.counts()[2], before + 2, "a mail to each of two agents");
    for agent in ["anna", "jan"] {
        let text = told(agent);
        assert!(["#1001", "#1002", "#1003"].iter().all(|number| text.contains(number)), "{text}");
        assert!(text.contains("kopii zapasowej") || text.contains("restored from a backup"), "{text}");
    }
    assert_eq!(desk.number("SELECT count(*) FROM kept_news"), 0);
}

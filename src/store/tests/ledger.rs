//! The ledger: every UID once, whatever the server does.

use super::*;
use crate::store::ledger::{Contact, MAX_FETCH_FAILURES};

async fn contact(desk: &Desk, uid_validity: u32, seconds: i64) -> Contact {
    desk.store.folder_contact(&folder("INBOX", uid_validity), later(seconds)).await.unwrap()
}

async fn ready(desk: &Desk, uid_validity: u32) {
    desk.store.folder_ready(&folder("INBOX", uid_validity)).await.unwrap();
}

#[tokio::test]
async fn a_uid_of_a_folder_is_spooled_once() {
    let desk = Desk::new();
    let first = desk.spool(&[7, 8]).await;
    assert_eq!(first.iter().map(|mail| (mail.uid, mail.attempts)).collect::<Vec<_>>(), [(7, 1), (8, 1)]);
    let again = desk.spool(&[8, 9, 9]).await;
    assert_eq!(again.iter().map(|mail| mail.uid).collect::<Vec<_>>(), [9]);
    assert_eq!(desk.number("SELECT count(*) FROM mail"), 3);
    // The same UID in another folder is another mail.
    let sent = folder("Sent", 1);
    desk.store.folder_contact(&sent, now()).await.unwrap();
    assert_eq!(desk.store.spool(&sent, vec![item(7, "mail 7")], now()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_spooled_comes_back_byte_for_byte_after_a_restart() {
    let desk = Desk::new();
    desk.store.folder_contact(&inbox(), now()).await.unwrap();
    let long = format!("Subject: long\r\n\r\n{}\0\u{ff}", "all work and no play\r\n".repeat(5_000));
    let mut headers = item(3, "Subject: headers alone\r\n\r\n");
    headers.omitted = Some(60_000_000);
    headers.arrival = Arrival::Import;
    desk.store.spool(&inbox(), vec![item(1, ""), item(2, &long), headers], now()).await.unwrap();
    let desk = desk.restarted().await;
    let found = desk.store.undecided(&MailboxId::new("info"), 10).await.unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(&*found[0].mail.bytes, b"");
    assert_eq!(&*found[1].mail.bytes, long.as_bytes());
    assert_eq!((found[1].mail.received_at, found[1].mail.arrival), (later(-60), Arrival::Live));
    assert_eq!((found[2].mail.omitted, found[2].mail.arrival), (Some(60_000_000), Arrival::Import));
    assert!(found.iter().all(|mail| mail.attempts == 2));
}

#[tokio::test]
async fn known_are_the_uids_spooled_ignored_or_given_up() {
    let desk = Desk::new();
    desk.spool(&[5, u64::from(u32::MAX), 2]).await;
    desk.store.ignore_uids(&inbox(), vec![1, 5], "older than `import` asks for", now()).await.unwrap();
    desk.store.count_fetch_failure(&inbox(), 6, now()).await.unwrap();
    assert_eq!(desk.store.known_uids(&inbox()).await.unwrap(), [1, 2, 5, u64::from(u32::MAX)]);
    assert_eq!(desk.word("SELECT fate FROM ledger WHERE uid = 5"), "waiting", "never overwritten");
    assert!(matches!(desk.store.known_uids(&folder("INBOX", 2)).await, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn a_uid_whose_fetch_fails_three_times_is_quarantined_and_one_that_succeeds_is_not() {
    let desk = Desk::new();
    desk.store.folder_contact(&inbox(), now()).await.unwrap();
    for uid in [1, 2] {
        for failures in 1..MAX_FETCH_FAILURES {
            assert_eq!(desk.store.count_fetch_failure(&inbox(), uid, now()).await.unwrap(), failures);
        }
    }
    assert_eq!(desk.spool(&[1]).await.len(), 1);
    assert_eq!(desk.store.count_fetch_failure(&inbox(), 2, now()).await.unwrap(), MAX_FETCH_FAILURES);
    // Counting on changes nothing.
    assert_eq!(desk.store.count_fetch_failure(&inbox(), 2, now()).await.unwrap(), MAX_FETCH_FAILURES);
    assert_eq!(desk.store.count_fetch_failure(&inbox(), 1, now()).await.unwrap(), MAX_FETCH_FAILURES);
    assert_eq!(desk.store.known_uids(&inbox()).await.unwrap(), [1, 2]);
    let held = desk.store.read(|view| view.quarantined()).await.unwrap();
    assert_eq!(held.iter().map(|mail| (mail.uid, mail.size)).collect::<Vec<_>>(), [(2, None)]);
    let bytes = desk.store.read(move |view| view.quarantined_bytes(held[0].id)).await.unwrap();
    assert_eq!(bytes, None);
}

#[tokio::test]
async fn a_folder_is_new_until_its_backlog_is_taken_then_known() {
    let desk = Desk::new();
    assert_eq!(contact(&desk, 1, 0).await, Contact::First { since: None });
    assert_eq!(contact(&desk, 1, 5).await, Contact::First { since: None }, "interrupted before the backlog was taken");
    ready(&desk, 1).await;
    assert_eq!(contact(&desk, 1, 10).await, Contact::Known { since: now() });
    let desk = desk.restarted().await;
    assert_eq!(contact(&desk, 1, 20).await, Contact::Known { since: now() });
    let other = FolderKey { mailbox: MailboxId::new("sales"), ..inbox() };
    assert_eq!(desk.store.folder_contact(&other, later(30)).await.unwrap(), Contact::First { since: None });
}

#[tokio::test]
async fn a_renumbered_folder_is_told_from_a_new_one_even_when_it_turns_back() {
    let desk = Desk::new();
    contact(&desk, 1, 0).await;
    ready(&desk, 1).await;
    desk.spool(&[1, 2]).await;
    for uid_validity in [2, 3] {
        assert_eq!(contact(&desk, uid_validity, 100).await, Contact::Renumbered { since: now() });
        assert_eq!(contact(&desk, uid_validity, 110).await, Contact::Renumbered { since: now() });
        assert_eq!(desk.store.known_uids(&folder("INBOX", uid_validity)).await.unwrap(), [0_u64; 0]);
        ready(&desk, uid_validity).await;
        assert_eq!(contact(&desk, uid_validity, 120).await, Contact::Known { since: now() });
    }
    // an old value that comes back: its UIDs may name other mails by now
    for (uid_validity, seconds) in [(1, 200), (2, 210), (1, 220), (1, 230)] {
        assert_eq!(contact(&desk, uid_validity, seconds).await, Contact::Renumbered { since: now() });
        assert_eq!(desk.store.known_uids(&folder("INBOX", uid_validity)).await.unwrap(), [0_u64; 0]);
    }
}

#[tokio::test]
async fn what_was_due_under_another_numbering_is_dropped() {
    let desk = Desk::new();
    contact(&desk, 1, 0).await;
    ready(&desk, 1).await;
    desk.spool(&[1, 2]).await;
    desk.store.count_fetch_failure(&inbox(), 3, now()).await.unwrap();
    desk.store.folder_numbered_anew(&inbox()).await.unwrap();
    assert_eq!(contact(&desk, 1, 10).await, Contact::Renumbered { since: now() });
    assert_eq!(desk.store.known_uids(&inbox()).await.unwrap(), [0_u64; 0]);
    let due = desk.store.read(|view| {
        let sql = "SELECT count(*) FROM ledger WHERE (action_done = 0 AND mail IS NOT NULL) OR fate = 'fetching'";
        Ok(view.connection.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(due.await.unwrap(), 0);
    assert_eq!(desk.spool(&[1]).await.len(), 1, "UID 1 names another mail now");
}

#[tokio::test]
async fn a_mail_that_was_gone_and_stands_there_again_is_taken() {
    let desk = Desk::new();
    contact(&desk, 1, 0).await;
    desk.store.count_fetch_failure(&inbox(), 5, now()).await.unwrap();
    desk.store.ignore_uids(&inbox(), vec![5, 6], crate::store::ledger::GONE, now()).await.unwrap();
    assert_eq!(desk.store.known_uids(&inbox()).await.unwrap(), [0_u64; 0]);
    assert_eq!(desk.store.count_fetch_failure(&inbox(), 5, now()).await.unwrap(), 2);
    assert_eq!(desk.spool(&[5, 6]).await.len(), 2);
    desk.store.ignore_uids(&inbox(), vec![5, 6], crate::store::ledger::GONE, now()).await.unwrap();
    assert_eq!(desk.store.known_uids(&inbox()).await.unwrap(), [5, 6], "a fate is never overwritten");
}

#[tokio::test]
async fn a_folder_renumbered_before_it_was_ready_is_not_taken_for_new() {
    let desk = Desk::new();
    assert_eq!(contact(&desk, 1, 0).await, Contact::First { since: None });
    assert_eq!(contact(&desk, 2, 10).await, Contact::Renumbered { since: now() });
}

#[tokio::test]
async fn the_action_on_the_server_is_pending_from_the_decision_until_it_is_done() {
    let desk = Desk::new();
    let spooled = desk.spool(&[3, 1, 2]).await;
    assert_eq!(desk.store.pending_actions(&inbox(), 10).await.unwrap(), [], "nothing is decided");
    desk.apply(opening(1001), vec![], Some(spooled[0].ledger)).await.unwrap();
    let ignored = Plan { fate: Some(Fate::Ignored("our own mail come back".to_owned())), ..Plan::default() };
    desk.apply(ignored, vec![], Some(spooled[1].ledger)).await.unwrap();
    let held = Plan { fate: Some(Fate::Quarantined(TicketNumber(1001), "odd".to_owned())), ..Plan::default() };
    desk.apply(held, vec![], Some(spooled[2].ledger)).await.unwrap();
    // UIDs never fetched need no action, nor does what people may still want to look at.
    desk.store.ignore_uids(&inbox(), vec![9], "import", now()).await.unwrap();
    let pending = desk.store.pending_actions(&inbox(), 10).await.unwrap();
    assert_eq!(pending, [(spooled[1].ledger, 1), (spooled[0].ledger, 3)]);
    assert_eq!(desk.store.pending_actions(&inbox(), 1).await.unwrap().len(), 1);
    desk.store.actions_done(vec![spooled[1].ledger]).await.unwrap();
    let desk = desk.restarted().await;
    assert_eq!(desk.store.pending_actions(&inbox(), 10).await.unwrap(), [(spooled[0].ledger, 3)]);
    // They are bound to the UIDVALIDITY.
    desk.store.folder_contact(&folder("INBOX", 2), now()).await.unwrap();
    assert_eq!(desk.store.pending_actions(&folder("INBOX", 2), 10).await.unwrap(), []);
}

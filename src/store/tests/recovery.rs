//! After a crash: what was spooled is decided, and a mail that kills us takes no other with it.

use super::*;
use crate::model::id::QuarantineId;
use crate::store::quarantine::Retry;

async fn undecided(desk: &Desk, limit: usize) -> Vec<(u64, u32)> {
    let found = desk.store.undecided(&MailboxId::new("info"), limit).await.unwrap();
    found.iter().map(|mail| (mail.uid, mail.attempts)).collect()
}

async fn suspect(desk: &Desk) -> Option<(u64, u32)> {
    let found = desk.store.suspect(&MailboxId::new("info")).await.unwrap();
    found.map(|mail| (mail.uid, mail.attempts))
}

#[tokio::test]
async fn undecided_mails_come_in_order_until_their_second_crash_and_then_alone() {
    let desk = Desk::new();
    desk.spool(&[2, 1, 3]).await;
    assert_eq!(suspect(&desk).await, None);
    assert_eq!(undecided(&desk, 2).await, [(2, 2), (1, 2)]);
    let other = desk.store.undecided(&MailboxId::new("sales"), 10).await.unwrap();
    assert!(other.is_empty());
    let desk = desk.restarted().await;
    assert_eq!(undecided(&desk, 10).await, [(3, 2)], "suspects do not hold up the others");
    assert_eq!(suspect(&desk).await, Some((2, 3)));
    assert_eq!(desk.store.suspect(&MailboxId::new("sales")).await.unwrap().map(|mail| mail.uid), None);
}

#[tokio::test]
async fn a_mail_that_ends_the_process_is_found_and_the_others_are_decided() {
    let desk = Desk::new();
    let rows = desk.spool(&[1, 2, 3, 4]).await;
    let poison = rows[1].uid;
    let mut crashes = 1; // the process died deciding them for the first time
    loop {
        let mut batch = desk.store.undecided(&MailboxId::new("info"), 64).await.unwrap();
        if batch.is_empty() {
            batch.extend(desk.store.suspect(&MailboxId::new("info")).await.unwrap());
        }
        if batch.is_empty() {
            break;
        }
        if batch.iter().any(|mail| mail.uid == poison && mail.attempts <= 3) {
            crashes += 1;
            continue;
        }
        for mail in batch {
            assert!(mail.attempts <= 3 || mail.uid == poison, "mail {} is given up for another's fault", mail.uid);
            let plan = Plan { fate: Some(Fate::Ignored(String::new())), ..Plan::default() };
            desk.apply(plan, vec![], Some(mail.ledger)).await.unwrap();
        }
    }
    assert_eq!(crashes, 3);
}

#[tokio::test]
async fn stored_bytes_that_cannot_be_read_are_held_alone() {
    let desk = Desk::new();
    desk.store.folder_contact(&inbox(), now()).await.unwrap();
    let batch = (1..=3).map(|uid| item(uid, &"compressible ".repeat(100))).collect();
    desk.store.spool(&inbox(), batch, now()).await.unwrap();
    desk.damage("UPDATE mail SET bytes = x'00112233' WHERE id = 2");
    assert_eq!(undecided(&desk, 10).await, [(1, 2), (3, 2)]);
    let due = desk.store.read(|view| view.due_work(now())).await.unwrap();
    assert_eq!(due.unseen.iter().map(|mail| mail.uid).collect::<Vec<_>>(), [2]);
    assert!(due.unseen[0].reason.contains("a stored mail"), "{}", due.unseen[0].reason);
}

#[tokio::test]
async fn a_held_mail_waits_again_when_it_is_retried_and_one_never_fetched_is_forgotten() {
    let desk = Desk::new();
    let rows = desk.spool(&[1]).await;
    let held = Plan { fate: Some(Fate::Quarantined(TicketNumber(1001), "odd".to_owned())), ..Plan::default() };
    desk.apply(held, vec![], Some(rows[0].ledger)).await.unwrap();
    for _ in 0..3 {
        desk.store.count_fetch_failure(&inbox(), 2, now()).await.unwrap();
    }
    let again = desk.store.write(|tx| tx.quarantine_retry(QuarantineId(1))).await.unwrap();
    assert!(matches!(again, Retry::Decide(mail) if mail.uid == 1 && mail.attempts == 1));
    assert_eq!(undecided(&desk, 10).await, [(1, 2)]);
    let fetch = desk.store.write(|tx| tx.quarantine_retry(QuarantineId(2))).await.unwrap();
    assert!(matches!(fetch, Retry::Fetch));
    assert_eq!(desk.store.known_uids(&inbox()).await.unwrap(), [1]);
    for unknown in [2, 77] {
        let refused = desk.store.write(move |tx| tx.quarantine_retry(QuarantineId(unknown))).await;
        assert!(matches!(refused, Err(StoreError::NotFound(_))), "{unknown}");
    }
}

#[tokio::test]
async fn what_was_decided_stands_with_its_fate() {
    let desk = Desk::new();
    let rows = desk.spool(&[1, 2]).await;
    desk.apply(opening(1001), vec![], Some(rows[0].ledger)).await.unwrap();
    let (decided, waiting) = (rows[0].ledger, rows[1].ledger);
    let standing = desk.store.read(move |view| view.standing(decided)).await.unwrap();
    assert_eq!((standing.fate, standing.shown_by), (Some(Fate::Ticket(TicketNumber(1001))), None));
    let standing = desk.store.read(move |view| view.standing(waiting)).await.unwrap();
    assert_eq!(standing.fate, None);
}

//! The counts that are kept agree with the rows, whatever becomes of a mail.

use super::*;
use crate::store::ledger::GONE;

impl Desk {
    /// Rows of the ledger that are counted otherwise than they are.
    fn miscounted(&self) -> i64 {
        self.number(
            "SELECT count(*) FROM (
                 SELECT folder, fate, sum(more) AS off FROM (
                     SELECT folder, fate, mails AS more FROM ledger_tally
                     UNION ALL SELECT folder, fate, -1 FROM ledger WHERE fate NOT IN ('fetching', 'waiting'))
                 GROUP BY folder, fate HAVING sum(more) <> 0)",
        )
    }
}

#[tokio::test]
async fn mails_are_counted_whatever_becomes_of_them() {
    let desk = Desk::new();
    let store = &desk.store;
    store.folder_contact(&inbox(), now()).await.unwrap();
    store.ignore_uids(&inbox(), vec![1, 2, 3], "old", now()).await.unwrap();
    store.ignore_uids(&inbox(), vec![3, 4], GONE, now()).await.unwrap();
    assert_eq!((desk.miscounted(), desk.number("SELECT sum(mails) FROM ledger_tally")), (0, 4));
    // Gone, and there again.
    desk.spool(&[4, 5]).await;
    assert_eq!((desk.miscounted(), desk.number("SELECT sum(mails) FROM ledger_tally")), (0, 3));
    for uid in [6, 6, 6, 7] {
        store.count_fetch_failure(&inbox(), uid, now()).await.unwrap();
    }
    store.ignore_uids(&inbox(), vec![8], GONE, now()).await.unwrap();
    store.count_fetch_failure(&inbox(), 8, now()).await.unwrap();
    assert_eq!(desk.miscounted(), 0);
    for held in store.read(|view| view.quarantined()).await.unwrap() {
        store.write(move |tx| tx.quarantine_retry(held.id).map(drop)).await.unwrap();
    }
    assert_eq!(desk.miscounted(), 0);
    let spooled = desk.spool(&[9]).await;
    let plan = Plan { fate: Some(Fate::Duplicate(None)), ..Plan::default() };
    desk.apply(plan, vec![], Some(spooled[0].ledger)).await.unwrap();
    let spooled = desk.spool(&[10]).await;
    let ledger = spooled[0].ledger;
    store.write(move |tx| tx.hold_unshown(ledger, "broken")).await.unwrap();
    assert_eq!((desk.miscounted(), desk.number("SELECT mails FROM ledger_tally WHERE fate = 'duplicate'")), (0, 1));
    store.folder_numbered_anew(&inbox()).await.unwrap();
    assert_eq!(desk.miscounted(), 0);
}

#[tokio::test]
async fn ids_that_are_not_counted_are_found_and_counted_anew() {
    let desk = Desk::new();
    desk.spool(&[1, 2]).await;
    let wrong = || async { desk.store.read(|view| view.wrong_counts()).await.unwrap() };
    assert_eq!(wrong().await, 0);
    desk.damage("UPDATE last_id SET id = 1 WHERE name = 'ledger'");
    assert_eq!(wrong().await, 1);
    desk.store.recount().await.unwrap();
    assert_eq!(wrong().await, 0);
    assert_eq!(desk.number("SELECT id FROM last_id WHERE name = 'ledger'"), 2);
}

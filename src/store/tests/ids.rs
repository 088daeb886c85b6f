//! Ids: none is given twice.

use super::*;

fn ids(desk: &Desk) -> Vec<i64> {
    let sql = desk.sql();
    let mut statement = sql.prepare("SELECT id FROM ledger ORDER BY uid").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn an_id_is_not_given_again_when_its_row_is_gone() {
    let desk = Desk::new();
    desk.spool(&[1, 2, 3]).await;
    assert_eq!(ids(&desk), [1, 2, 3]);
    desk.sql().execute_batch("DELETE FROM ledger WHERE uid > 1; DELETE FROM mail WHERE id > 1").unwrap();
    desk.spool(&[4]).await;
    assert_eq!(ids(&desk), [1, 4]);
    let desk = desk.restarted().await;
    desk.sql().execute_batch("DELETE FROM ledger; DELETE FROM mail").unwrap();
    desk.spool(&[5]).await;
    assert_eq!(ids(&desk), [5]);
}

#[tokio::test]
async fn a_job_that_is_rolled_back_takes_no_id_from_its_neighbours() {
    let desk = Desk::new();
    desk.spool(&[1]).await;
    let broken = desk.store.write(|tx| {
        apply(tx, &opening(1001), &[], None, now())?;
        Err::<(), _>(StoreError::Corrupt("x".to_owned()))
    });
    broken.await.unwrap_err();
    desk.apply(opening(1001), vec![outgoing(OutgoingKind::Answer, 1)], None).await.unwrap();
    desk.apply(opening(1002), vec![outgoing(OutgoingKind::Answer, 2)], None).await.unwrap();
    assert_eq!(desk.number("SELECT count(DISTINCT id) FROM event"), 2);
    assert_eq!(desk.number("SELECT id FROM last_id WHERE name = 'outbox'"), 2);
    assert_eq!(desk.number("SELECT max(id) FROM outgoing"), 2);
}

//! Pages that cannot be understood: a read that failed once passes, damage that stays or comes back stops all writing.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::*;

/// A page of the database, unreadable until it is mended.
struct BadPage {
    file: File,
    at: u64,
    sound: Vec<u8>,
}

impl BadPage {
    /// Spoils the first page of a table of which no connection remembers anything.
    fn of(desk: &Desk, table: &str) -> Self {
        let sql = desk.sql();
        sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        let size = sql.query_row("PRAGMA page_size", [], |row| row.get::<_, u32>(0)).unwrap();
        let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let root = sql.query_row(root, [table], |row| row.get::<_, u32>(0)).unwrap();
        let at = u64::from(size) * u64::from(root - 1);
        let file = File::options().read(true).write(true).open(desk.path()).unwrap();
        let mut sound = vec![0; size.try_into().unwrap()];
        file.read_exact_at(&mut sound, at).unwrap();
        file.write_all_at(&vec![0xFF; sound.len()], at).unwrap();
        Self { file, at, sound }
    }

    fn mend(&self) {
        self.file.write_all_at(&self.sound, self.at).unwrap();
    }
}

async fn count(desk: &Desk, table: &'static str) -> Result<i64, StoreError> {
    let sql = format!("SELECT count(*) FROM {table} NOT INDEXED");
    desk.store.read(move |view| Ok(view.connection.query_row(&sql, [], |row| row.get(0))?)).await
}

async fn write(desk: &Desk) -> Result<(), StoreError> {
    let job = |tx: &Tx<'_>| Ok(tx.connection.execute_batch("UPDATE counter SET value = value")?);
    desk.store.write(job).await
}

#[tokio::test]
async fn a_read_that_fails_once_is_no_damage_on_a_second_look() {
    let desk = Desk::new();
    let page = BadPage::of(&desk, "quarantine");
    assert!(count(&desk, "quarantine").await.is_err(), "the page can be read");
    page.mend();
    write(&desk).await.unwrap();
    assert_eq!(count(&desk, "quarantine").await.unwrap(), 0);
    assert_eq!(desk.number("SELECT value FROM counter WHERE name = 'recoveries'"), 1);
}

#[tokio::test]
async fn damage_that_is_still_there_on_a_second_look_stops_writing_for_good() {
    let desk = Desk::new();
    let page = BadPage::of(&desk, "quarantine");
    assert!(count(&desk, "quarantine").await.is_err(), "the page can be read");
    let refused = write(&desk).await.unwrap_err();
    page.mend();
    for _ in 0..3 {
        let refused = write(&desk).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Unwritable(text) if text.contains("hint:")), "{refused}");
    }
    assert!(refused.to_string().contains("damaged"), "{refused}");
    let desk = desk.restarted().await;
    write(&desk).await.unwrap();
}

#[tokio::test]
async fn damage_that_passes_twice_within_an_hour_is_believed() {
    let desk = Desk::new();
    for (table, believed) in [("quarantine", false), ("merge", true)] {
        let page = BadPage::of(&desk, table);
        assert!(count(&desk, table).await.is_err(), "the page of {table} can be read");
        page.mend();
        assert_eq!(write(&desk).await.is_err(), believed, "{table}");
    }
}

//! The writer thread: jobs share a commit, and what goes wrong with one is its own.

use std::time::Duration;

use super::*;

/// Keeps the writer busy until the sender is dropped, so that the jobs asked for meanwhile share its commit.
async fn hold_open(desk: &Desk) -> (std::sync::mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), StoreError>>) {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let store = desk.store.clone();
    #[expect(clippy::disallowed_methods, reason = "a test owns its tasks")]
    let first = tokio::spawn(async move {
        let job = move |_: &Tx<'_>| {
            started.send(()).unwrap();
            // Ends with an error when the sender is dropped.
            held.recv_timeout(Duration::from_secs(10)).ok();
            Ok(())
        };
        store.write(job).await
    });
    has_started.await.unwrap();
    (release, first)
}

fn count_tags(desk: &Desk) -> i64 {
    desk.number("SELECT count(*) FROM counter WHERE name <> 'recoveries'")
}

fn note(tx: &Tx<'_>, name: &str) -> Result<(), StoreError> {
    tx.connection.execute("INSERT INTO counter (name, value) VALUES (?1, 1)", [name])?;
    Ok(())
}

#[tokio::test]
async fn a_job_that_fails_or_panics_is_rolled_back_alone() {
    let desk = Desk::new();
    let (release, first) = hold_open(&desk).await;
    let store = &desk.store;
    let good = store.write(|tx| note(tx, "good"));
    let failing = store.write(|tx| note(tx, "failing").and(Err::<(), _>(StoreError::Corrupt("x".to_owned()))));
    let panicking = store.write(|tx| -> Result<(), StoreError> {
        note(tx, "panicking")?;
        panic!("a fault")
    });
    let twice = store.write(|tx| note(tx, "good"));
    let last = store.write(|tx| note(tx, "last"));
    let letting_go = async { drop(release) };
    let (good, failing, panicking, twice, last, ()) = tokio::join!(good, failing, panicking, twice, last, letting_go);
    first.await.unwrap().unwrap();
    good.unwrap();
    last.unwrap();
    assert!(matches!(failing, Err(StoreError::Corrupt(_))));
    assert!(matches!(&panicking, Err(StoreError::Panicked(text)) if text == "a fault"), "{panicking:?}");
    let twice = twice.unwrap_err();
    assert!(twice.concerns_one_job(), "{twice}");
    assert_eq!(count_tags(&desk), 2);
}

#[tokio::test]
async fn jobs_that_wait_together_share_a_commit() {
    let desk = Desk::new();
    let (release, first) = hold_open(&desk).await;
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (store, path) = (desk.store.clone(), desk.path());
        waiting.spawn(async move {
            let job = move |tx: &Tx<'_>| {
                note(tx, &format!("job {number}"))?;
                let outside = Connection::open(&path)?;
                Ok(outside.query_row("SELECT count(*) FROM counter", [], |row| row.get::<_, i64>(0))?)
            };
            store.write(job).await
        });
    }
    tokio::task::yield_now().await;
    drop(release);
    first.await.unwrap().unwrap();
    while let Some(seen) = waiting.join_next().await {
        assert_eq!(seen.unwrap().unwrap(), 0, "an earlier job of the group was committed before this one ran");
    }
    assert_eq!(count_tags(&desk), 100);
}

#[tokio::test]
async fn nothing_of_a_group_is_written_when_its_commit_fails_and_the_next_job_works() {
    let desk = Desk::new();
    let (release, first) = hold_open(&desk).await;
    let store = &desk.store;
    let good = store.write(|tx| note(tx, "good"));
    let broken = store.write(|tx| {
        // A foreign key that is checked at COMMIT alone.
        tx.connection.execute_batch("PRAGMA defer_foreign_keys = on")?;
        tx.connection.execute("INSERT INTO tag (ticket, tag) VALUES (77, 'x')", [])?;
        Ok(())
    });
    let letting_go = async { drop(release) };
    let (good, broken, ()) = tokio::join!(good, broken, letting_go);
    for result in [good, broken, first.await.unwrap()] {
        assert!(matches!(result, Err(StoreError::Commit { .. })), "{result:?}");
    }
    assert_eq!(count_tags(&desk), 0);
    desk.store.write(|tx| note(tx, "later")).await.unwrap();
    assert_eq!(count_tags(&desk), 1);
}

#[tokio::test]
async fn a_full_disk_in_the_middle_of_a_group_writes_nothing_and_is_over_when_there_is_space() {
    let desk = Desk::new();
    let limit = |tx: &Tx<'_>| {
        let pages: i64 = tx.connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        tx.connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 3), [], |_| Ok(()))?;
        Ok(())
    };
    desk.store.write(limit).await.unwrap();
    let (release, first) = hold_open(&desk).await;
    let store = &desk.store;
    let small = store.write(|tx| note(tx, "small"));
    let large = store.write(|tx| {
        let sql = "INSERT INTO mail (sha256, size, received_at_s, encoding, bytes) VALUES (x'', 1, 1, 'plain', zeroblob(1000000))";
        tx.connection.execute(sql, [])?;
        Ok(())
    });
    let behind = store.write(|tx| note(tx, "behind"));
    let letting_go = async { drop(release) };
    let (small, large, behind, ()) = tokio::join!(small, large, behind, letting_go);
    let small = small.unwrap_err();
    assert!(small.is_full() && !small.concerns_one_job(), "{small}");
    assert_eq!(small.to_string(), "database: commit failed, nothing was written: database or disk is full");
    assert!(large.unwrap_err().is_full());
    assert!(first.await.unwrap().unwrap_err().is_full());
    // A job of the next group: a fresh connection has no limit, as a disk that has space again.
    behind.unwrap();
    assert_eq!(desk.word("SELECT group_concat(name) FROM counter WHERE name <> 'recoveries'"), "behind");
    assert_eq!(desk.word("PRAGMA integrity_check"), "ok");
}

#[tokio::test]
async fn a_job_behind_a_lost_transaction_is_not_written_while_it_is_told_otherwise() {
    let desk = Desk::new();
    let swallowed = desk.store.write(|tx| {
        tx.connection.execute_batch("ROLLBACK")?;
        Ok(())
    });
    assert!(matches!(swallowed.await, Err(StoreError::Commit { .. })));
    desk.store.write(|tx| note(tx, "later")).await.unwrap();
    assert_eq!(count_tags(&desk), 1);
}

#[tokio::test]
async fn a_closed_store_says_so_and_lets_the_next_daemon_in() {
    let desk = Desk::new();
    desk.store.write(|tx| note(tx, "kept")).await.unwrap();
    desk.store.close().await;
    desk.store.close().await;
    assert!(matches!(desk.store.write(|tx| note(tx, "late")).await, Err(StoreError::Closed)));
    let wal = desk.dir.path().join("postroom.db-wal");
    assert_eq!(wal.metadata().map_or(0, |file| file.len()), 0, "the log is in the database");
    let desk = desk.restarted().await;
    assert_eq!(count_tags(&desk), 1);
}

#[tokio::test]
async fn a_reader_does_not_hold_up_the_end() {
    let desk = Desk::new();
    let reader = desk.sql();
    reader.execute_batch("BEGIN; SELECT count(*) FROM mail").unwrap();
    desk.store.write(|tx| note(tx, "kept")).await.unwrap();
    let started = std::time::Instant::now();
    desk.store.close().await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop(reader);
    assert_eq!(count_tags(&desk), 1);
}

#[tokio::test]
async fn a_reading_that_failed_leaves_no_connection_behind() {
    let desk = Desk::new();
    let broken = desk.store.read(|view| Ok(view.connection.query_row("SELECT 1 FROM nowhere", [], |_| Ok(()))?));
    assert!(matches!(broken.await, Err(StoreError::Sqlite(_))));
    assert!(desk.store.readers.idle() == 0);
    let panicked: Result<(), _> = desk.store.read(|_| panic!("a fault")).await;
    assert!(matches!(panicked, Err(StoreError::Panicked(_))));
    desk.store.status().await.unwrap();
    assert_eq!(desk.store.readers.idle(), 1);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let desk = Desk::new();
    let written = desk.store.read(|view| Ok(view.connection.execute("DELETE FROM mail", [])?)).await;
    assert!(written.unwrap_err().to_string().contains("readonly"));
}

#[tokio::test]
async fn jobs_beside_the_writer_run_a_few_at_a_time_and_one_that_panics_ends_its_turn() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let desk = Desk::new();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut jobs = tokio::task::JoinSet::new();
    for number in 0..40 {
        let (store, running, most) = (desk.store.clone(), Arc::clone(&running), Arc::clone(&most));
        jobs.spawn(async move {
            let job = move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(2));
                running.fetch_sub(1, Ordering::SeqCst);
                assert_ne!(number % 2, 1, "a fault");
            };
            store.in_turn(job).await
        });
    }
    let done = jobs.join_all().await;
    assert_eq!(done.iter().filter(|job| matches!(job, Err(StoreError::Panicked(_)))).count(), 20);
    assert_eq!(done.iter().filter(|job| job.is_ok()).count(), 20);
    assert_eq!(most.load(Ordering::SeqCst), crate::store::engine::workers::Workers::at_once());
}

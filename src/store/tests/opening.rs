//! Opening: one daemon, commands beside it, versions, file modes.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[tokio::test]
async fn the_second_daemon_is_refused_at_once_and_the_first_goes_on() {
    let desk = Desk::new();
    let started = std::time::Instant::now();
    assert!(matches!(Store::open(&desk.path()), Err(StoreError::InUse(_))));
    assert!(started.elapsed().as_secs() < 1, "{:?}", started.elapsed());
    assert_eq!(desk.spool(&[1]).await.len(), 1);
    assert!(desk.store.daemon_runs());
    desk.restarted().await;
}

#[tokio::test]
async fn commands_read_and_write_beside_the_daemon_and_know_whether_there_is_one() {
    let desk = Desk::new();
    let beside = Store::open_beside(&desk.path()).unwrap();
    assert!(beside.daemon_runs());
    desk.queue(OutgoingKind::Answer, 1).await;
    let rows = beside.read(|view| view.outbox()).await.unwrap();
    let id = rows[0].id;
    beside.write(move |tx| tx.outbox_drop(id, now())).await.unwrap();
    assert!(desk.store.outbox_take(now(), 10).await.unwrap().is_empty());
    beside.close().await;
    assert_eq!(desk.spool(&[1]).await.len(), 1, "the end of a command does not end the daemon");
    desk.store.close().await;
    let beside = Store::open_beside(&desk.path()).unwrap();
    assert!(!beside.daemon_runs());
    // To look for a daemon does not keep one from starting.
    let looking = std::thread::spawn(move || (0..2_000).filter(|_| beside.daemon_runs()).count());
    assert!(Store::open(&desk.path()).is_ok());
    looking.join().unwrap();
}

#[test]
fn a_command_without_a_database_makes_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("postroom.db");
    assert!(matches!(Store::open_beside(&path), Err(StoreError::Missing { .. })));
    assert!(dir.path().read_dir().unwrap().next().is_none());
    // The daemon was killed before it wrote anything.
    std::fs::write(&path, "").unwrap();
    assert!(matches!(Store::open_beside(&path), Err(StoreError::Older { found: 0, .. })));
    assert_eq!(path.metadata().unwrap().len(), 0);
}

#[tokio::test]
async fn customers_mails_are_for_the_daemons_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state/postroom.db");
    let store = Store::open(&path).unwrap();
    store.folder_contact(&inbox(), now()).await.unwrap();
    let mode = |name: &str| dir.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("state"), 0o700);
    for name in ["postroom.db", "postroom.db-wal", "postroom.db-shm", "postroom.db.lock"] {
        assert_eq!(mode(&format!("state/{name}")), 0o600, "{name}");
    }
}

#[tokio::test]
async fn durability_is_set_as_promised() {
    let desk = Desk::new();
    let settings = |name: &'static str| {
        desk.store.write(move |tx| {
            Ok(tx.connection.query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| {
                row.get::<_, String>(0)
            })?)
        })
    };
    for (name, value) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("secure_delete", "1"),
        ("page_size", "16384"),
    ] {
        assert_eq!(settings(name).await.unwrap(), value, "{name}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_by_all() {
    let desk = Desk::new();
    desk.store.close().await;
    desk.sql().pragma_update(None, "user_version", 77).unwrap();
    for refused in [Store::open(&desk.path()), Store::open_beside(&desk.path())] {
        let error = refused.err().unwrap();
        assert!(matches!(error, StoreError::Newer { found: 77, .. }), "{error}");
    }
    assert_eq!(desk.number("SELECT user_version FROM pragma_user_version"), 77);
}

#[tokio::test]
async fn only_the_daemon_migrates() {
    let desk = Desk::new();
    desk.store.close().await;
    desk.sql().pragma_update(None, "user_version", 0).unwrap();
    let error = Store::open_beside(&desk.path()).err().unwrap();
    assert!(matches!(error, StoreError::Older { found: 0, .. }), "{error}");
    assert!(error.to_string().contains("postroom run"));
    assert_eq!(desk.number("SELECT user_version FROM pragma_user_version"), 0);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign(_))));
    std::fs::write(&path, "this is no database at all, but a letter to my aunt in Poland, which is long enough")
        .unwrap();
    let refused = Store::open(&path).err().unwrap();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    assert!(refused.to_string().contains("hint: stop postroom"), "{refused}");
    let tables = std::fs::read_to_string(&path).unwrap();
    assert!(tables.starts_with("this is no database"));
}

#[tokio::test]
async fn a_database_that_vanishes_is_not_replaced_by_an_empty_one() {
    let desk = Desk::new();
    desk.store.write(|_| Ok(())).await.unwrap();
    std::fs::remove_file(desk.path()).unwrap();
    // A commit that fails makes the writer open the file again.
    let lost = desk.store.write(|tx| Ok(tx.connection.execute_batch("ROLLBACK")?)).await;
    assert!(lost.is_err());
    assert!(!desk.path().exists());
}

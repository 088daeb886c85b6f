//! A desk's database read past the program: what stands in it, byte for byte, whatever the program believes.
//!
//! Never changes the database of a desk: it reads, or it works on a copy.

use std::collections::BTreeMap;
use std::path::Path;

use postroom::model::digest::{Digest, sha256};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// A connection.
pub struct Database {
    connection: Connection,
    /// The copy, if it is one.
    _copy: Option<TempDir>,
}

/// A mail that the ledger has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMail {
    /// What became of it.
    pub fate: String,
    /// Its ticket.
    pub ticket: Option<i64>,
    /// Messages of tickets that are this mail.
    pub messages: i64,
}

/// A mail and recipient of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// `answer`, `acknowledgement` and so on.
    pub kind: String,
    /// `queued`, `sent` and so on.
    pub state: String,
}

/// Recipient and Message-ID.
pub type OutboxKey = (String, String);

impl Database {
    /// The database of a desk, which may be running.
    pub fn open(path: &Path) -> Self {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        connection.busy_timeout(super::PATIENCE).unwrap();
        Self { connection, _copy: None }
    }

    /// What a killed desk left, without touching it; `None` when there is no database, or none with tables.
    pub fn copy_of(path: &Path) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("copy.db");
        std::fs::copy(path, &copy).ok()?;
        for suffix in ["-wal", "-journal"] {
            let beside = path.with_file_name(format!("{}{suffix}", path.file_name()?.to_str()?));
            if beside.exists() {
                std::fs::copy(beside, directory.path().join(format!("copy.db{suffix}"))).unwrap();
            }
        }
        let connection = Connection::open(&copy).unwrap();
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        (tables > 0).then_some(Self { connection, _copy: Some(directory) })
    }

    /// `ok`, or what SQLite finds damaged.
    pub fn integrity(&self) -> String {
        self.connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap_or_else(|error| format!("integrity_check: {error}"))
    }

    /// The mails of the ledger by the SHA-256 of their bytes, computed anew; panics when the database has noted another one.
    pub fn mails(&self) -> BTreeMap<Digest, Vec<StoredMail>> {
        let sql = "SELECT fate, ledger.ticket, (SELECT count(*) FROM message WHERE message.mail = mail.id), sha256, encoding, bytes
                   FROM ledger JOIN mail ON mail.id = ledger.mail";
        let mut statement = self.connection.prepare_cached(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut mails = BTreeMap::<Digest, Vec<StoredMail>>::new();
        while let Some(row) = rows.next().unwrap() {
            let (encoding, packed): (String, Vec<u8>) = (row.get(4).unwrap(), row.get(5).unwrap());
            let bytes = if encoding == "zstd" { zstd::decode_all(packed.as_slice()).unwrap() } else { packed };
            let digest = sha256(&bytes);
            assert_eq!(
                digest.as_slice(),
                row.get::<_, Vec<u8>>(3).unwrap(),
                "the digest of a mail is not that of its bytes"
            );
            let (fate, ticket, messages) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            mails.entry(digest).or_default().push(StoredMail { fate, ticket, messages });
        }
        mails
    }

    /// Every mail and recipient that was ever decided; panics when one stands there twice.
    pub fn outbox(&self) -> BTreeMap<OutboxKey, OutboxRow> {
        let sql =
            "SELECT recipient, message_id, kind, state FROM outbox JOIN outgoing ON outgoing.id = outbox.outgoing";
        let mut statement = self.connection.prepare_cached(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut outbox = BTreeMap::new();
        while let Some(row) = rows.next().unwrap() {
            let key = (row.get(0).unwrap(), row.get(1).unwrap());
            let there = outbox.insert(key, OutboxRow { kind: row.get(2).unwrap(), state: row.get(3).unwrap() });
            assert_eq!(there, None, "a mail stands in the outbox twice for one recipient");
        }
        outbox
    }

    /// Mails decided, and mails spooled that are not.
    pub fn decided_and_waiting(&self) -> (i64, i64) {
        let sql =
            "SELECT count(*) FILTER (WHERE fate <> 'waiting'), count(*) FILTER (WHERE fate = 'waiting') FROM ledger";
        self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }

    /// Number of tickets.
    pub fn tickets(&self) -> i64 {
        self.connection.query_row("SELECT count(*) FROM ticket", [], |row| row.get(0)).unwrap()
    }

    /// The version of the schema.
    pub fn version(&self) -> i64 {
        self.connection.query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get(0)).unwrap()
    }
}

/// Makes a database by statements; nothing is left in its write-ahead log.
pub fn made_of(sql: &str, path: &Path) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// Whether every mail of `delivered` is in `stored` exactly once, decided, as one message; else what is wrong.
pub fn each_once(delivered: &[Digest], stored: &BTreeMap<Digest, Vec<StoredMail>>) -> Result<(), String> {
    let mut faults = Vec::new();
    for (number, digest) in delivered.iter().enumerate() {
        match stored.get(digest).map(Vec::as_slice) {
            Some([StoredMail { fate, ticket: Some(_), messages: 1 }]) if fate == "ticket" => {}
            Some(rows) => faults.push(format!("mail {number} of {}: {rows:?}", delivered.len())),
            None => faults.push(format!("mail {number} of {} is not in the database", delivered.len())),
        }
    }
    if stored.len() != delivered.len() {
        faults.push(format!("{} different mails in the database, {} delivered", stored.len(), delivered.len()));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

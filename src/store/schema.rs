//! The schema and its migrations. A shipped migration is never edited; a new one is added at the end.
//!
//! Times are UTC seconds (`_s`) or microseconds. No logic in triggers: a second store on another database must be able to follow.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;
use super::news::{FOUND_AGAIN, KEEP_NEWS, WHAT_STANDS_BELOW};
use super::tidying::TICKETS_ARE_TIDIED_UP;

/// Each migration with the number it leads to, in order.
const MIGRATIONS: &[&str] = &[
    FIRST,
    TICKETS_KNOW_THEIR_KIN,
    COUNT_BY_SENDER,
    TICKETS_CAN_BE_MERGED,
    THE_STAFF,
    super::mirror::TABLE,
    TICKETS_ARE_TIDIED_UP,
    LISTS_BY_NAME,
    KEEP_NEWS,
    super::held::TABLES,
    super::withdraw::TABLE,
    FOUND_AGAIN,
    super::withdraw::WHO_JOINED,
    TICKETS_HAVE_KEYS,
    super::running::TABLES,
    super::unreachable::TABLES,
    super::held::ASKED_FOR_WHOM,
    WHAT_STANDS_BELOW,
    COUNT_BY_DOMAIN,
    super::accounts::TABLES,
    super::tally::TABLES,
    SENDERS_ARE_JUDGED,
    super::stopped::TABLES,
    super::keys::TABLE,
    super::lost_words::TABLE,
    super::history::EVENTS_HAVE_DATA,
];

/// Marks the file as ours (`file` and SQLite's tools show it): "post".
const APPLICATION_ID: i32 = 0x706f_7374;

/// Number of the first ticket. Small numbers in subjects belong to other people's systems.
pub(super) const FIRST_TICKET: i64 = 1001;

const FIRST: &str = "
    CREATE TABLE mail (
        id INTEGER PRIMARY KEY,
        sha256 BLOB NOT NULL,
        size INTEGER NOT NULL,
        omitted_size INTEGER,
        received_at_s INTEGER NOT NULL,
        encoding TEXT NOT NULL CHECK (encoding IN ('zstd', 'plain')),
        bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE folder (
        id INTEGER PRIMARY KEY,
        mailbox TEXT NOT NULL,
        name TEXT NOT NULL,
        uid_validity INTEGER NOT NULL,
        first_contact_at_s INTEGER NOT NULL,
        ready INTEGER NOT NULL,
        UNIQUE (mailbox, name, uid_validity)
    ) STRICT;

    CREATE TABLE ledger (
        id INTEGER PRIMARY KEY,
        folder INTEGER NOT NULL REFERENCES folder (id),
        uid INTEGER NOT NULL,
        fate TEXT NOT NULL CHECK (fate IN ('fetching', 'waiting', 'ticket', 'duplicate', 'quarantined', 'ignored')),
        arrival TEXT NOT NULL CHECK (arrival IN ('live', 'import')),
        mail INTEGER REFERENCES mail (id),
        fingerprint BLOB,
        ticket INTEGER,
        attempts INTEGER NOT NULL,
        action_done INTEGER NOT NULL,
        detail TEXT NOT NULL,
        recorded_at_s INTEGER NOT NULL,
        UNIQUE (folder, uid)
    ) STRICT;
    CREATE INDEX ledger_fingerprint ON ledger (fingerprint) WHERE fingerprint IS NOT NULL;
    CREATE INDEX ledger_waiting ON ledger (folder) WHERE fate = 'waiting';
    CREATE INDEX ledger_action ON ledger (folder) WHERE action_done = 0 AND mail IS NOT NULL;

    CREATE TABLE ticket (
        number INTEGER PRIMARY KEY,
        subject TEXT NOT NULL,
        department TEXT NOT NULL,
        status TEXT NOT NULL,
        priority TEXT NOT NULL,
        assignee TEXT,
        requester_name TEXT NOT NULL,
        requester_address TEXT NOT NULL,
        language TEXT NOT NULL,
        mailbox TEXT NOT NULL,
        route_kind TEXT NOT NULL,
        route_detail TEXT NOT NULL,
        possibly_related INTEGER,
        wait_until_s INTEGER,
        created_at_s INTEGER NOT NULL,
        updated_at_s INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX ticket_wait ON ticket (wait_until_s) WHERE wait_until_s IS NOT NULL;

    CREATE TABLE participant (
        ticket INTEGER NOT NULL REFERENCES ticket (number),
        address_key TEXT NOT NULL,
        address TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        PRIMARY KEY (ticket, address_key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tag (
        ticket INTEGER NOT NULL REFERENCES ticket (number),
        tag TEXT NOT NULL,
        PRIMARY KEY (ticket, tag)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        ticket INTEGER NOT NULL REFERENCES ticket (number),
        kind TEXT NOT NULL,
        visibility TEXT NOT NULL,
        from_name TEXT NOT NULL,
        from_address TEXT NOT NULL,
        recipients TEXT NOT NULL,
        date_s INTEGER NOT NULL,
        message_id TEXT,
        agent TEXT,
        thread_reason TEXT NOT NULL,
        attachments TEXT NOT NULL,
        defects TEXT NOT NULL,
        mail INTEGER REFERENCES mail (id),
        added_at_s INTEGER NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX message_ticket ON message (ticket, id, visibility, message_id);
    CREATE INDEX message_message_id ON message (message_id, ticket) WHERE message_id IS NOT NULL;

    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        ticket INTEGER NOT NULL REFERENCES ticket (number),
        at_s INTEGER NOT NULL,
        actor TEXT NOT NULL,
        kind TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_ticket ON event (ticket);

    CREATE TABLE outgoing (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        ticket INTEGER,
        message_id TEXT NOT NULL,
        envelope_from TEXT,
        fallback_from TEXT NOT NULL,
        agent TEXT,
        created_at_s INTEGER NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX outgoing_message_id ON outgoing (message_id, ticket);

    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        outgoing INTEGER NOT NULL REFERENCES outgoing (id),
        recipient TEXT NOT NULL,
        rank INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'deferred', 'uncertain', 'failed', 'dropped')),
        attempts INTEGER NOT NULL,
        next_at_s INTEGER NOT NULL,
        reason TEXT NOT NULL,
        told TEXT NOT NULL CHECK (told IN ('', 'delay', 'failure')),
        updated_at_s INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX outbox_due ON outbox (rank, next_at_s, id) WHERE state IN ('queued', 'deferred');
    CREATE INDEX outbox_state ON outbox (state) WHERE state <> 'sent';
    CREATE INDEX outbox_outgoing ON outbox (outgoing);

    CREATE TABLE machine_mail (
        id INTEGER PRIMARY KEY,
        at_s INTEGER NOT NULL,
        mailbox TEXT NOT NULL,
        address_key TEXT NOT NULL
    ) STRICT;
    CREATE INDEX machine_mail_address ON machine_mail (address_key, at_s);
    CREATE INDEX machine_mail_mailbox ON machine_mail (mailbox, at_s);

    CREATE TABLE quarantine (
        id INTEGER PRIMARY KEY,
        ledger INTEGER NOT NULL UNIQUE REFERENCES ledger (id),
        reason TEXT NOT NULL,
        ticket INTEGER,
        state TEXT NOT NULL CHECK (state IN ('held', 'resolved')),
        at_s INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE mailbox_health (
        mailbox TEXT PRIMARY KEY,
        connected INTEGER NOT NULL,
        error TEXT,
        gap INTEGER NOT NULL,
        last_mail_at_s INTEGER,
        updated_at_s INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE counter (
        name TEXT PRIMARY KEY,
        value INTEGER NOT NULL
    ) STRICT;
";

/// When a ticket was closed, the closed one that it follows, and the first of those that one mail opened in several departments;
/// which ids a ticket's mails refer to, and the mailing list that brought it.
const TICKETS_KNOW_THEIR_KIN: &str = "
    ALTER TABLE ticket ADD COLUMN closed_at_s INTEGER;
    ALTER TABLE ticket ADD COLUMN follows INTEGER;
    ALTER TABLE ticket ADD COLUMN family INTEGER;
    ALTER TABLE ticket ADD COLUMN list TEXT;
    UPDATE ticket SET closed_at_s = updated_at_s WHERE status = 'closed';
    CREATE INDEX ticket_follows ON ticket (follows) WHERE follows IS NOT NULL;
    CREATE INDEX ticket_family ON ticket (family) WHERE family IS NOT NULL;

    CREATE TABLE reference (
        message_id TEXT NOT NULL,
        ticket INTEGER NOT NULL REFERENCES ticket (number),
        PRIMARY KEY (message_id, ticket)
    ) STRICT, WITHOUT ROWID;
";

/// Mails that opened a ticket, or would have, by sender: for the guard against floods.
const COUNT_BY_SENDER: &str = "
    CREATE TABLE begun (
        id INTEGER PRIMARY KEY,
        running_s INTEGER NOT NULL,
        address_key TEXT NOT NULL,
        ticket INTEGER NOT NULL,
        folded INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX begun_address ON begun (address_key, running_s);
";

/// Which tickets are part of which, and how both stood before; the ticket that a message belongs to when it stands on another.
const TICKETS_CAN_BE_MERGED: &str = "
    CREATE TABLE merge (
        ticket INTEGER PRIMARY KEY REFERENCES ticket (number),
        lead INTEGER NOT NULL REFERENCES ticket (number),
        status TEXT NOT NULL,
        wait_until_s INTEGER,
        closed_at_s INTEGER,
        lead_status TEXT NOT NULL,
        lead_wait_until_s INTEGER,
        last_message INTEGER NOT NULL,
        at_s INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX merge_lead ON merge (lead);
    ALTER TABLE message ADD COLUMN origin INTEGER;
    CREATE INDEX message_origin ON message (origin) WHERE origin IS NOT NULL;
";

/// Who is away, to whom each department gave a ticket last; indexes for who has how much to do and what nobody has.
const THE_STAFF: &str = "
    CREATE TABLE absence (
        agent TEXT PRIMARY KEY,
        since_s INTEGER NOT NULL,
        until_s INTEGER,
        said_by TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE given (
        department TEXT PRIMARY KEY,
        agent TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX ticket_assignee ON ticket (assignee, status) WHERE assignee IS NOT NULL;
    CREATE INDEX ticket_queue ON ticket (department, priority) WHERE assignee IS NULL AND status IN ('new', 'open');
";

/// Tickets of a mailing list are looked up by its name, which is the same for its id and its address.
const LISTS_BY_NAME: &str = "
    UPDATE ticket SET list = lower(replace(list, '@', '.')) WHERE list IS NOT NULL;
    CREATE INDEX ticket_list ON ticket (list, number) WHERE list IS NOT NULL;
";

/// What is a ticket's own beside its number, which tokens are bound to. Tokens made before are known by the number alone: where
/// a backup was restored, those that do not say when they were made may be another ticket's.
const TICKETS_HAVE_KEYS: &str = "
    ALTER TABLE ticket ADD COLUMN token_key INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE ticket ADD COLUMN old_tokens TEXT NOT NULL DEFAULT 'never';
    UPDATE ticket SET token_key = random() & 34359738367, old_tokens = 'any';
    UPDATE ticket SET old_tokens = 'dated'
        WHERE created_at_s > (SELECT value FROM counter WHERE name = 'restored_at_s');
";

/// Receipts and new tickets are counted by domain too; receipts that a form had sent to somebody else's domain; bounces that no
/// mail of ours explains; the form or relay that wrote a ticket's first mail for another; and whose tickets there are, for a bounce
/// that names a person and a subject alone.
const COUNT_BY_DOMAIN: &str = "
    ALTER TABLE machine_mail ADD COLUMN domain TEXT NOT NULL DEFAULT '';
    CREATE INDEX machine_mail_domain ON machine_mail (domain, at_s);
    ALTER TABLE begun ADD COLUMN domain TEXT NOT NULL DEFAULT '';
    CREATE INDEX begun_domain ON begun (domain, running_s);

    CREATE TABLE form_receipt (
        id INTEGER PRIMARY KEY,
        running_s INTEGER NOT NULL,
        domain TEXT NOT NULL
    ) STRICT;
    CREATE INDEX form_receipt_domain ON form_receipt (domain, running_s);

    CREATE TABLE stray_bounce (
        id INTEGER PRIMARY KEY,
        running_s INTEGER NOT NULL,
        recipient_key TEXT NOT NULL,
        ticket INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX stray_bounce_time ON stray_bounce (running_s);

    CREATE TABLE relay (
        ticket INTEGER PRIMARY KEY REFERENCES ticket (number),
        address_key TEXT NOT NULL
    ) STRICT;

    CREATE INDEX participant_address ON participant (address_key, ticket);
";

/// What our mail server says of the author of each mail of a customer; which mails we sent on a ticket.
const SENDERS_ARE_JUDGED: &str = "
    ALTER TABLE message ADD COLUMN sender TEXT NOT NULL DEFAULT 'unknown';
    CREATE INDEX outgoing_ticket ON outgoing (ticket, kind, id);
";

/// Brings the database to the newest version, each step in a transaction of its own: a kill leaves the old version or the new one.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    migrate_up_to(connection, path, MIGRATIONS.len())
}

fn migrate_up_to(connection: &mut Connection, path: &Path, newest: usize) -> Result<(), StoreError> {
    let version = check_version(connection, path)?;
    for (index, statements) in MIGRATIONS.iter().enumerate().take(newest).skip(usize::try_from(version).unwrap_or(0)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(statements)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", i64::try_from(index + 1).unwrap_or(i64::MAX))?;
        transaction.commit()?;
    }
    Ok(())
}

/// The version of the database, 0 for an empty one; refuses one that this program does not know.
pub(super) fn check_version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let (found, ours, tables): (i64, bool, i64) = connection.query_row(
        "SELECT user_version, application_id = ?1, (SELECT count(*) FROM sqlite_schema)
         FROM pragma_user_version, pragma_application_id",
        [APPLICATION_ID],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if !ours && tables > 0 {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    let known = newest();
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(found) }
}

/// Refuses any version but the newest: only the daemon migrates.
pub(super) fn require_newest(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let (found, known) = (check_version(connection, path)?, newest());
    if found < known { Err(StoreError::Older { found, known }) } else { Ok(()) }
}

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of an old version.
    fn of_version(path: &Path, version: usize) -> Connection {
        let mut connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        migrate_up_to(&mut connection, path, version).unwrap();
        let sql = "SELECT user_version FROM pragma_user_version";
        assert_eq!(connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), i64::try_from(version).unwrap());
        connection
    }

    /// All that the schema has, as text.
    fn shape(connection: &Connection) -> Vec<String> {
        let sql = "SELECT m.type || ' ' || m.name || ' ' || coalesce(group_concat(c.name || ' ' || c.type), '')
                   FROM sqlite_schema AS m LEFT JOIN pragma_table_info(m.name) AS c GROUP BY m.name ORDER BY 1";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_old_version_is_brought_up_to_date() {
        let dir = tempfile::tempdir().unwrap();
        let newest = shape(&of_version(&dir.path().join("new.db"), MIGRATIONS.len()));
        assert!(newest.len() > 15, "{newest:?}");
        for old in 0..MIGRATIONS.len() {
            let path = dir.path().join(format!("{old}.db"));
            let mut connection = of_version(&path, old);
            migrate(&mut connection, &path).unwrap();
            assert_eq!(shape(&connection), newest, "from version {old}");
            migrate(&mut connection, &path).unwrap();
        }
    }

    #[test]
    fn a_migration_that_ends_at_any_statement_has_not_happened() {
        let dir = tempfile::tempdir().unwrap();
        for (old, migration) in MIGRATIONS.iter().enumerate() {
            let statements: Vec<&str> = migration.split_inclusive(';').filter(|text| text.contains(';')).collect();
            for end in 1..=statements.len() {
                let path = dir.path().join(format!("{old}-{end}.db"));
                let before = shape(&of_version(&path, old));
                let connection = Connection::open(&path).unwrap();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                connection.execute_batch(&statements[..end].concat()).unwrap();
                // The process dies: nobody says COMMIT. The one that comes next finds the old version and migrates it.
                drop(connection);
                let mut connection = Connection::open(&path).unwrap();
                assert_eq!(shape(&connection), before, "version {old}, statement {end}");
                migrate(&mut connection, &path).unwrap();
                assert_eq!(check_version(&connection, &path).unwrap(), newest());
            }
        }
    }
}

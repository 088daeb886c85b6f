//! The schema's migrations: files of SQL. A shipped one is never edited; a new one is added at the end.
//!
//! Times are UTC seconds (`_s`) or microseconds. No logic in triggers: a second store on another database must be able to follow.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::store::engine::error::StoreError;
use crate::store::engine::fill;

/// The migrations in order, each a file; its place is the version that it leads to.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_related_tickets.sql"),
    include_str!("../migrations/0003_count_by_sender.sql"),
    include_str!("../migrations/0004_merges.sql"),
    include_str!("../migrations/0005_staff.sql"),
    include_str!("../migrations/0006_mirror.sql"),
    include_str!("../migrations/0007_splits_mutes_hand_overs.sql"),
    include_str!("../migrations/0008_lists_by_name.sql"),
    include_str!("../migrations/0009_kept_news.sql"),
    include_str!("../migrations/0010_held_answers.sql"),
    include_str!("../migrations/0011_answered.sql"),
    include_str!("../migrations/0012_found_again.sql"),
    include_str!("../migrations/0013_who_joined.sql"),
    include_str!("../migrations/0014_ticket_keys.sql"),
    include_str!("../migrations/0015_daemon_and_smtp.sql"),
    include_str!("../migrations/0016_unreachable.sql"),
    include_str!("../migrations/0017_asked_for_whom.sql"),
    include_str!("../migrations/0018_below.sql"),
    include_str!("../migrations/0019_count_by_domain.sql"),
    include_str!("../migrations/0020_accounts.sql"),
    include_str!("../migrations/0021_tallies.sql"),
    include_str!("../migrations/0022_sender_verdicts.sql"),
    include_str!("../migrations/0023_stopped.sql"),
    include_str!("../migrations/0024_agent_keys.sql"),
    include_str!("../migrations/0025_lost_words.sql"),
    include_str!("../migrations/0026_event_data.sql"),
    include_str!("../migrations/0027_ids.sql"),
    include_str!("../migrations/0028_recipients_and_attachments.sql"),
    include_str!("../migrations/0029_no_lists_in_text.sql"),
    include_str!("../migrations/0030_joined.sql"),
    include_str!("../migrations/0031_timers.sql"),
];

/// What a migration does that SQL alone cannot.
type Fill = fn(&Connection) -> Result<(), StoreError>;

/// The versions that need it.
const FILLS: &[(usize, Fill)] = &[(28, fill::recipients_and_attachments)];

/// Marks the file as ours (`file` and SQLite's tools show it): "post".
const APPLICATION_ID: i32 = 0x706f_7374;

/// Number of the first ticket. Small numbers in subjects belong to other people's systems.
pub(in crate::store) const FIRST_TICKET: i64 = 1001;

/// Brings the database to the newest version, each step in a transaction of its own: a kill leaves the old version or the new one.
pub(in crate::store) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    migrate_up_to(connection, path, MIGRATIONS.len())
}

fn migrate_up_to(connection: &mut Connection, path: &Path, newest: usize) -> Result<(), StoreError> {
    let version = check_version(connection, path)?;
    for (index, statements) in MIGRATIONS.iter().enumerate().take(newest).skip(usize::try_from(version).unwrap_or(0)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(statements)?;
        for (_, fill) in FILLS.iter().filter(|(version, _)| *version == index + 1) {
            fill(&transaction)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", i64::try_from(index + 1).unwrap_or(i64::MAX))?;
        transaction.commit()?;
        if version > 0 {
            tracing::info!("the database has been brought to schema version {}", index + 1);
        }
    }
    Ok(())
}

/// The version of the database, 0 for an empty one; refuses one that this program does not know.
pub(in crate::store) fn check_version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
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
pub(in crate::store) fn require_newest(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let (found, known) = (check_version(connection, path)?, newest());
    if found < known { Err(StoreError::Older { found, known }) } else { Ok(()) }
}

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_migration_stands_in_the_list_at_the_place_that_it_names() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.collect();
        files.sort();
        assert_eq!(files.len(), MIGRATIONS.len());
        for (index, (file, migration)) in files.iter().zip(MIGRATIONS).enumerate() {
            assert!(file.starts_with(&format!("{:04}_", index + 1)), "{file}");
            assert_eq!(std::fs::read_to_string(folder.join(file)).unwrap(), *migration, "{file}");
        }
    }

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

    /// A ticket with a mail, as versions up to 27 keep them.
    const TICKET: &str = "
        INSERT INTO ticket (number, subject, department, status, priority, requester_name, requester_address, language,
                mailbox, route_kind, route_detail, created_at_s, updated_at_s)
            VALUES (1041, 'x', 'support', 'new', 'normal', '', 'c@client.example', 'en', 'info', 'mailbox', '', 1, 1);
        INSERT INTO message (id, ticket, kind, visibility, from_name, from_address, recipients, date_s, thread_reason,
                attachments, defects, added_at_s, text)
            VALUES (7, 1041, 'customer', 'public', '', 'c@client.example', ?1, 1, '', ?2, '', 1, 'hello');";

    #[test]
    fn lists_in_text_become_rows_and_what_cannot_be_read_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.db");
        let mut connection = of_version(&path, 27);
        let recipients =
            "to\tinfo@shop.example\t\ncc\tjan@client.example\tJan\tNowak\nnonsense\ncc\te@client.example\tEwa\n";
        let attachments = "12\tinline\timage/png\tlogo.png\n7\tattached\ttext/plain\ta\tb.txt\nx\tattached\ta/b\tc\n";
        let (ticket, message) = TICKET.split_once(';').unwrap();
        connection.execute(ticket, []).unwrap();
        connection.execute(message.trim_end().trim_end_matches(';'), [recipients, attachments]).unwrap();
        let answered = "INSERT INTO answered (message, status_before, status_after, at_s, joined) VALUES (7, 'new', 'open', 1, ?1)";
        connection.execute(answered, ["a@client.example\nb@client.example"]).unwrap();
        migrate(&mut connection, &path).unwrap();
        let rows = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(
            rows("SELECT message || ' ' || kind || ' ' || address || ' ' || name FROM recipient ORDER BY position"),
            ["7 to info@shop.example ", "7 cc jan@client.example Jan\tNowak", "7 cc e@client.example Ewa"]
        );
        assert_eq!(
            rows("SELECT message || ' ' || address_key FROM joined"),
            ["7 a@client.example", "7 b@client.example"]
        );
        assert_eq!(
            rows("SELECT message || ' ' || size || ' ' || inline || ' ' || media_type || ' ' || name FROM attachment"),
            ["7 12 1 image/png logo.png", "7 7 0 text/plain a\tb.txt"]
        );
    }

    #[test]
    fn numbers_go_on_where_an_old_version_ended() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.db");
        let mut connection = of_version(&path, 26);
        let (ticket, message) = TICKET.split_once(';').unwrap();
        connection.execute(ticket, []).unwrap();
        connection.execute(message.trim_end().trim_end_matches(';'), ["", ""]).unwrap();
        connection
            .execute("INSERT INTO event (id, ticket, at_s, actor, kind, detail) VALUES (9, 1041, 1, 'x', 'x', '')", [])
            .unwrap();
        migrate(&mut connection, &path).unwrap();
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(number("SELECT id FROM last_id WHERE name = 'event'"), 9);
        assert_eq!(number("SELECT id FROM last_id WHERE name = 'mail'"), 0);
        assert_eq!(number("SELECT value FROM counter WHERE name = 'tickets'"), 1041);
        assert_eq!(number("SELECT value FROM counter WHERE name = 'messages'"), 8);
    }
}

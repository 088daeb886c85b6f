//! Makes the tickets: one mail, one event and one sent notification each, most of them closed, as years of work leave them.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use crate::support::Desk;
use crate::support::random::Random;

const DEPARTMENTS: [&str; 2] = ["support", "returns"];
const AGENTS: [Option<&str>; 4] = [None, Some("anna"), Some("jan"), Some("olga")];
/// In hundred tickets.
const STATUSES: [(&str, u64); 5] = [("closed", 60), ("new", 10), ("open", 10), ("waiting", 10), ("resolved", 10)];
const SINCE: i64 = 1_700_000_000;

/// Fills the desk's database, or takes one that was kept.
pub fn fill(desk: &mut Desk, count: u32) {
    let kept = std::env::var_os("POSTROOM_BENCH_KEEP").map(PathBuf::from);
    if let Some(kept) = kept.as_ref().map(|kept| kept.join("postroom.db")).filter(|kept| kept.exists()) {
        std::fs::copy(kept, desk.path("postroom.db")).unwrap();
        return;
    }
    // The program under test makes its own schema.
    desk.start();
    desk.stop();
    let database = Connection::open(desk.path("postroom.db")).unwrap();
    database.execute_batch("PRAGMA synchronous = off; PRAGMA foreign_keys = off; BEGIN").unwrap();
    database.execute("DELETE FROM ledger", []).unwrap();
    database.execute("DELETE FROM folder", []).unwrap();
    let sql = "INSERT INTO folder (id, mailbox, name, uid_validity, first_contact_at_s, ready) VALUES (1, 'info', 'INBOX', 7, ?1, 1)";
    database.execute(sql, [SINCE]).unwrap();
    rows(&database, count);
    let has_tally = "SELECT count(*) FROM sqlite_schema WHERE name = 'ticket_tally'";
    if database.query_row(has_tally, [], |row| row.get::<_, i64>(0)).unwrap() > 0 {
        database
            .execute_batch(
                "DELETE FROM ticket_tally;
                 INSERT INTO ticket_tally SELECT department, status, coalesce(assignee, ''), count(*) FROM ticket GROUP BY 1, 2, 3;
                 DELETE FROM ledger_tally;
                 INSERT INTO ledger_tally SELECT folder, fate, count(*) FROM ledger GROUP BY 1, 2;",
            )
            .unwrap();
    }
    database.execute("UPDATE last_id SET id = ?1 WHERE id < ?1", [count]).unwrap();
    let sql = "INSERT OR REPLACE INTO counter (name, value) VALUES ('tickets', 1000 + ?1), ('messages', 1 + ?1)";
    database.execute(sql, [count]).unwrap();
    database.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    if let Some(kept) = kept {
        std::fs::create_dir_all(&kept).unwrap();
        for file in ["postroom.db", "postroom.toml", "secret", "password"] {
            std::fs::copy(desk.path(file), kept.join(file)).unwrap();
        }
    }
}

fn rows(database: &Connection, count: u32) {
    let mut random = Random::new(1);
    let insert = |sql: &str| database.prepare(sql).unwrap();
    let mut mail = insert(
        "INSERT INTO mail (id, sha256, size, received_at_s, encoding, bytes) VALUES (?1, ?2, 900, ?3, 'plain', ?4)",
    );
    let mut ledger = insert(
        "INSERT INTO ledger (id, folder, uid, fate, arrival, mail, fingerprint, ticket, attempts, action_done, detail, recorded_at_s)
         VALUES (?1, 1, ?1, 'ticket', 'live', ?1, ?2, ?3, 1, 0, '', ?4)",
    );
    let mut ticket = insert(
        "INSERT INTO ticket (number, subject, department, status, priority, assignee, requester_name, requester_address, language,
             mailbox, route_kind, route_detail, created_at_s, updated_at_s)
         VALUES (?1, ?2, ?3, ?4, 'normal', ?5, 'Customer', ?6, 'en', 'info', 'keywords', 'refund', ?7, ?7)",
    );
    let mut participant = insert(
        "INSERT INTO participant (ticket, address_key, address, name, role) VALUES (?1, ?2, ?2, 'Customer', 'requester')",
    );
    let mut tag = insert("INSERT INTO tag (ticket, tag) VALUES (?1, 'vip')");
    let mut message = insert(
        "INSERT INTO message (id, ticket, kind, visibility, from_name, from_address, date_s, message_id, thread_reason,
             defects, mail, added_at_s, text)
         VALUES (?1, ?2, 'customer', 'public', 'Customer', ?3, ?4, ?5, 'new', '', ?1, ?4, ?6)",
    );
    let mut event = insert(
        "INSERT INTO event (ticket, at_s, actor, kind, detail) VALUES (?1, ?2, 'customer', 'opened', 'by mail')",
    );
    let mut outgoing = insert(
        "INSERT INTO outgoing (id, kind, ticket, message_id, fallback_from, agent, created_at_s, bytes)
         VALUES (?1, 'notification', ?2, ?3, '', 'anna', ?4, x'')",
    );
    let mut outbox = insert(
        "INSERT INTO outbox (outgoing, recipient, rank, state, attempts, next_at_s, reason, told, updated_at_s)
         VALUES (?1, 'anna@example.test', 1, 'sent', 1, ?2, '250 ok', '', ?2)",
    );
    let text = "Hello, I wrote to you last week about this and nobody has called me back yet. ".repeat(8);
    for id in 1..=i64::from(count) {
        let (number, at) = (1000 + id, SINCE + id * 60);
        let client = random.between(0..300_000);
        let from = format!("client{client}@customer{}.example", client % 997);
        let digest = random.bytes(32);
        let mut chance = random.between(0..100);
        let status = STATUSES.iter().find(|(_, share)| {
            let found = chance < *share;
            chance = chance.saturating_sub(*share);
            found
        });
        mail.execute(params![id, digest, at, text.as_bytes()]).unwrap();
        ledger.execute(params![id, digest, number, at]).unwrap();
        let department = *random.pick(&DEPARTMENTS);
        let subject = format!("Question {id} about an order");
        let assignee = *random.pick(&AGENTS);
        ticket.execute(params![number, subject, department, status.unwrap().0, assignee, from, at]).unwrap();
        participant.execute(params![number, from]).unwrap();
        if id % 1000 == 0 {
            tag.execute([number]).unwrap();
        }
        message.execute(params![id, number, from, at, format!("{id}@customer.example"), text]).unwrap();
        event.execute(params![number, at]).unwrap();
        outgoing.execute(params![id, number, format!("n.{id}@example.test"), at]).unwrap();
        outbox.execute(params![id, at]).unwrap();
    }
}

//! What migrations do that SQL alone cannot: part of their transaction, after their statements.
//!
//! Reads row by row and keeps nothing, so that a large database takes longer and no more memory. Knows the old schema alone.

use rusqlite::{Connection, params};

use crate::store::engine::error::StoreError;

/// Makes rows of the lists of recipients and attachments that messages had as text: a line each, its fields parted by tabs.
pub(in crate::store) fn recipients_and_attachments(connection: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT id, recipients, attachments FROM message WHERE recipients <> '' OR attachments <> ''";
    let mut messages = connection.prepare(sql)?;
    let mut add_recipient = connection
        .prepare("INSERT INTO recipient (message, position, kind, name, address) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let mut add_attachment = connection.prepare(
        "INSERT INTO attachment (message, position, name, media_type, size, inline) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut rows = messages.query([])?;
    let (mut count, mut unreadable) = (0_u64, 0_u64);
    while let Some(row) = rows.next()? {
        let (id, recipients, attachments): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        for (position, line) in (0_i64..).zip(recipients.lines()) {
            match fields(line) {
                Some([kind @ ("to" | "cc"), address, name]) => {
                    add_recipient.execute(params![id, position, kind, name, address])?;
                }
                _ => unreadable += 1,
            }
        }
        for (position, line) in (0_i64..).zip(attachments.lines()) {
            let size = line.split('\t').next().and_then(|size| size.parse::<i64>().ok());
            match (size, fields(line)) {
                (Some(size), Some([_, place, media_type, name])) => {
                    add_attachment.execute(params![id, position, name, media_type, size, place == "inline"])?;
                }
                _ => unreadable += 1,
            }
        }
        count += 1;
    }
    if count > 0 {
        tracing::info!("recipients and attachments of {count} messages have become rows");
    }
    if unreadable > 0 {
        tracing::warn!("{unreadable} recipients and attachments could not be read and are left out");
    }
    Ok(())
}

/// The fields of a line; the last one is all that remains.
fn fields<const N: usize>(line: &str) -> Option<[&str; N]> {
    line.splitn(N, '\t').collect::<Vec<_>>().try_into().ok()
}

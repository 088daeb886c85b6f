//! How many tickets and mails there are of each kind, kept with every change: `status` and lists count nothing.
//!
//! Never counts what is still on its way: mails that are being fetched or wait to be decided are few, and are counted where
//! they stand.

use rusqlite::{OptionalExtension, params};

use crate::model::id::TicketNumber;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::unsigned;
use crate::store::engine::store::Store;
use crate::store::engine::view::{Tx, View};

/// What a ticket is counted by: department, status and assignee.
type Place = (String, String, String);

/// All that the counts should say and do not, or say and should not: no row when they are right.
const WRONG_TICKETS: &str = "
    SELECT count(*) FROM (
        SELECT department, status, coalesce(assignee, '') AS assignee, count(*) AS tickets FROM ticket GROUP BY 1, 2, 3
        EXCEPT SELECT department, status, assignee, tickets FROM ticket_tally) AS missing
    UNION ALL
    SELECT count(*) FROM (
        SELECT department, status, assignee, tickets FROM ticket_tally WHERE tickets <> 0
        EXCEPT SELECT department, status, coalesce(assignee, ''), count(*) FROM ticket GROUP BY 1, 2, 3) AS surplus";
const WRONG_FATES: &str = "
    SELECT count(*) FROM (
        SELECT folder, fate, count(*) AS mails FROM ledger WHERE fate NOT IN ('fetching', 'waiting') GROUP BY 1, 2
        EXCEPT SELECT folder, fate, mails FROM ledger_tally) AS missing
    UNION ALL
    SELECT count(*) FROM (
        SELECT folder, fate, mails FROM ledger_tally WHERE mails <> 0
        EXCEPT SELECT folder, fate, count(*) FROM ledger WHERE fate NOT IN ('fetching', 'waiting') GROUP BY 1, 2) AS surplus";

/// Tables that have ids which are not given yet: a new row would meet another one.
const WRONG_IDS: &str = "
    SELECT count(*) FROM (
        SELECT 'mail' AS name, max(id) AS id FROM mail
        UNION ALL SELECT 'folder', max(id) FROM folder
        UNION ALL SELECT 'ledger', max(id) FROM ledger
        UNION ALL SELECT 'event', max(id) FROM event
        UNION ALL SELECT 'outgoing', max(id) FROM outgoing
        UNION ALL SELECT 'outbox', max(id) FROM outbox
        UNION ALL SELECT 'quarantine', max(id) FROM quarantine
        UNION ALL SELECT 'machine_mail', max(id) FROM machine_mail
        UNION ALL SELECT 'begun', max(id) FROM begun
        UNION ALL SELECT 'form_receipt', max(id) FROM form_receipt
        UNION ALL SELECT 'stray_bounce', max(id) FROM stray_bounce
        UNION ALL SELECT 'told_mail', max(id) FROM told_mail
        UNION ALL SELECT 'stopped', max(id) FROM stopped
        UNION ALL SELECT 'story', max(id) FROM story
        UNION ALL SELECT 'story_file', max(id) FROM story_file
        UNION ALL SELECT 'hand_over', max(id) FROM hand_over
        UNION ALL SELECT 'lost_words', max(id) FROM lost_words) AS highest
    LEFT JOIN last_id ON last_id.name = highest.name WHERE highest.id > coalesce(last_id.id, 0)";

/// Counts anew what the migration counted.
const RECOUNT: &str = "
    DELETE FROM ticket_tally;
    INSERT INTO ticket_tally (department, status, assignee, tickets)
        SELECT department, status, coalesce(assignee, ''), count(*) FROM ticket GROUP BY 1, 2, 3;
    DELETE FROM ledger_tally;
    INSERT INTO ledger_tally (folder, fate, mails)
        SELECT folder, fate, count(*) FROM ledger WHERE fate NOT IN ('fetching', 'waiting') GROUP BY 1, 2;
    INSERT INTO last_id (name, id) SELECT name, id FROM (
        SELECT 'mail' AS name, max(id) AS id FROM mail
        UNION ALL SELECT 'folder', max(id) FROM folder
        UNION ALL SELECT 'ledger', max(id) FROM ledger
        UNION ALL SELECT 'event', max(id) FROM event
        UNION ALL SELECT 'outgoing', max(id) FROM outgoing
        UNION ALL SELECT 'outbox', max(id) FROM outbox
        UNION ALL SELECT 'quarantine', max(id) FROM quarantine
        UNION ALL SELECT 'machine_mail', max(id) FROM machine_mail
        UNION ALL SELECT 'begun', max(id) FROM begun
        UNION ALL SELECT 'form_receipt', max(id) FROM form_receipt
        UNION ALL SELECT 'stray_bounce', max(id) FROM stray_bounce
        UNION ALL SELECT 'told_mail', max(id) FROM told_mail
        UNION ALL SELECT 'stopped', max(id) FROM stopped
        UNION ALL SELECT 'story', max(id) FROM story
        UNION ALL SELECT 'story_file', max(id) FROM story_file
        UNION ALL SELECT 'hand_over', max(id) FROM hand_over
        UNION ALL SELECT 'lost_words', max(id) FROM lost_words) AS highest
    WHERE id IS NOT NULL ON CONFLICT (name) DO UPDATE SET id = excluded.id WHERE last_id.id < excluded.id;
";

impl Store {
    /// Counts all tickets and mails anew. Holds up other writers for as long as it takes.
    pub async fn recount(&self) -> Result<(), StoreError> {
        self.write(|tx| Ok(tx.connection.execute_batch(RECOUNT)?)).await
    }
}

impl View<'_> {
    /// How many of the counts of tickets, mails and ids are wrong. Reads every ticket and every row of the ledger.
    pub(in crate::store) fn wrong_counts(&self) -> Result<u64, StoreError> {
        let mut wrong = 0;
        for sql in [WRONG_TICKETS, WRONG_FATES, WRONG_IDS] {
            let mut statement = self.connection.prepare(sql)?;
            let counts = statement.query_map([], |row| row.get::<_, i64>(0))?;
            for count in counts {
                wrong += unsigned(count?);
            }
        }
        Ok(wrong)
    }

    fn place(&self, number: TicketNumber) -> Result<Option<Place>, StoreError> {
        let sql = "SELECT department, status, coalesce(assignee, '') FROM ticket WHERE number = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([number.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?)
    }

    fn fate_of(&self, ledger: i64) -> Result<Option<(i64, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT folder, fate FROM ledger WHERE id = ?1")?;
        Ok(statement.query_row([ledger], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }
}

impl Tx<'_> {
    /// Does something to a ticket, its opening too, and counts it anew.
    pub(in crate::store) fn counting_ticket(
        &self,
        number: TicketNumber,
        change: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let before = self.place(number)?;
        change()?;
        let after = self.place(number)?;
        if before == after {
            return Ok(());
        }
        let sql = "INSERT INTO ticket_tally (department, status, assignee, tickets) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (department, status, assignee) DO UPDATE SET tickets = ticket_tally.tickets + excluded.tickets";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (place, more) in [(before, -1), (after, 1)] {
            if let Some((department, status, assignee)) = place {
                statement.execute(params![department, status, assignee, more])?;
            }
        }
        Ok(())
    }

    /// Does something to a row of the ledger and counts its mail anew.
    pub(in crate::store) fn counting_fate(
        &self,
        ledger: i64,
        change: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let before = self.fate_of(ledger)?;
        change()?;
        let after = self.fate_of(ledger)?;
        if before != after {
            for (fate, more) in [(before, -1), (after, 1)] {
                if let Some((folder, fate)) = fate {
                    self.count_fates(folder, &fate, more)?;
                }
            }
        }
        Ok(())
    }

    /// So many more mails of a folder have this fate.
    pub(in crate::store) fn count_fates(&self, folder: i64, fate: &str, more: i64) -> Result<(), StoreError> {
        if more == 0 || matches!(fate, "fetching" | "waiting") {
            return Ok(());
        }
        let sql = "INSERT INTO ledger_tally (folder, fate, mails) VALUES (?1, ?2, ?3)
                   ON CONFLICT (folder, fate) DO UPDATE SET mails = ledger_tally.mails + excluded.mails";
        self.connection.prepare_cached(sql)?.execute(params![folder, fate, more])?;
        Ok(())
    }
}

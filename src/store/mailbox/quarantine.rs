//! Mails that could not be handled: kept whole, shown to people, retried on demand.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::model::id::{LedgerId, MailboxId, QuarantineId, TicketNumber};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, time, unsigned};
use crate::store::engine::view::{Tx, View};
use crate::store::mailbox::ledger::Spooled;

/// A quarantined mail.
#[derive(Clone, Debug)]
pub struct Quarantined {
    /// Its row.
    pub id: QuarantineId,
    /// The mailbox it came by.
    pub mailbox: MailboxId,
    /// The folder.
    pub folder: String,
    /// Its UID there.
    pub uid: u64,
    /// Why it could not be handled.
    pub reason: String,
    /// The ticket that shows it to people.
    pub ticket: Option<TicketNumber>,
    /// Since when.
    pub at: Timestamp,
    /// Bytes kept; `None` when not even fetching worked.
    pub size: Option<u64>,
}

/// How a held mail is tried again.
#[derive(Clone, Debug)]
pub enum Retry {
    /// Its bytes are here.
    Decide(Spooled),
    /// It was never fetched: the daemon does so at its next look.
    Fetch,
}

impl Tx<'_> {
    pub(in crate::store) fn hold(
        &self,
        ledger: LedgerId,
        reason: &str,
        ticket: Option<TicketNumber>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO quarantine (id, ledger, reason, ticket, state, at_s) VALUES (?5, ?1, ?2, ?3, 'held', ?4)
                   ON CONFLICT (ledger) DO UPDATE SET reason = excluded.reason, state = 'held',
                       ticket = coalesce(excluded.ticket, quarantine.ticket)";
        self.connection.prepare_cached(sql)?.execute(params![
            ledger.0,
            reason,
            ticket.map(|number| number.0),
            now.as_second(),
            self.next_id(Numbered::Quarantine)?
        ])?;
        Ok(())
    }

    pub(in crate::store) fn resolve_quarantine(&self, ledger: LedgerId) -> Result<(), StoreError> {
        let sql = "UPDATE quarantine SET state = 'resolved' WHERE ledger = ?1";
        self.connection.prepare_cached(sql)?.execute([ledger.0])?;
        Ok(())
    }

    /// Names the ticket that shows a quarantined mail to people; `false` when one shows it already.
    pub fn quarantine_ticket(&self, id: QuarantineId, ticket: TicketNumber) -> Result<bool, StoreError> {
        let sql = "UPDATE quarantine SET ticket = ?2 WHERE id = ?1 AND ticket IS NULL AND state = 'held'";
        if self.connection.prepare_cached(sql)?.execute(params![id.0, ticket.0])? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE ledger SET ticket = ?2 WHERE id = (SELECT ledger FROM quarantine WHERE id = ?1)";
        self.connection.prepare_cached(sql)?.execute(params![id.0, ticket.0])?;
        Ok(true)
    }

    /// Puts a held mail back among those to be decided, its attempts counted anew; one that was never fetched back among
    /// those that the ledger lacks.
    pub fn quarantine_retry(&self, id: QuarantineId) -> Result<Retry, StoreError> {
        let sql = "SELECT ledger.id, ledger.uid, ledger.mail IS NOT NULL FROM quarantine JOIN ledger ON ledger.id = quarantine.ledger
                   WHERE quarantine.id = ?1 AND quarantine.state = 'held'";
        let found: Option<(i64, i64, bool)> = self
            .connection
            .prepare_cached(sql)?
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((ledger, uid, has_mail)) = found else {
            return Err(StoreError::NotFound(format!("no mail `{id}` is held in quarantine")));
        };
        if !has_mail {
            self.connection.prepare_cached("DELETE FROM quarantine WHERE id = ?1")?.execute([id.0])?;
            self.counting_fate(ledger, || {
                self.connection.prepare_cached("DELETE FROM ledger WHERE id = ?1")?.execute([ledger])?;
                Ok(())
            })?;
            return Ok(Retry::Fetch);
        }
        let sql = "UPDATE ledger SET fate = 'waiting', attempts = 1, fingerprint = NULL WHERE id = ?1";
        self.counting_fate(ledger, || {
            self.connection.prepare_cached(sql)?.execute([ledger])?;
            Ok(())
        })?;
        let mail = self.raw_mail(ledger)?;
        Ok(Retry::Decide(Spooled { ledger: LedgerId(ledger), uid: unsigned(uid), attempts: 1, mail }))
    }
}

impl View<'_> {
    /// All mails held, oldest first.
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, StoreError> {
        let sql = "SELECT quarantine.id, folder.mailbox, folder.name, ledger.uid, quarantine.reason, quarantine.ticket,
                          quarantine.at_s, mail.size
                   FROM quarantine JOIN ledger ON ledger.id = quarantine.ledger JOIN folder ON folder.id = ledger.folder
                   LEFT JOIN mail ON mail.id = ledger.mail
                   WHERE quarantine.state = 'held' ORDER BY quarantine.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut held = Vec::new();
        while let Some(row) = rows.next()? {
            held.push(Quarantined {
                id: QuarantineId(get(row, 0)?),
                mailbox: MailboxId::new(&get::<String>(row, 1)?),
                folder: get(row, 2)?,
                uid: unsigned(get(row, 3)?),
                reason: get(row, 4)?,
                ticket: get::<Option<i64>>(row, 5)?.map(TicketNumber),
                at: time(get(row, 6)?)?,
                size: get::<Option<i64>>(row, 7)?.map(unsigned),
            });
        }
        Ok(held)
    }

    /// Raw bytes of a quarantined mail; `None` when none were ever fetched.
    pub fn quarantined_bytes(&self, id: QuarantineId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql =
            "SELECT ledger.mail FROM quarantine JOIN ledger ON ledger.id = quarantine.ledger WHERE quarantine.id = ?1";
        let mail: Option<Option<i64>> =
            self.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
        match mail {
            None => Err(StoreError::NotFound(format!("no mail `{id}` in quarantine"))),
            Some(None) => Ok(None),
            Some(Some(mail)) => self.mail_bytes(mail).map(|(bytes, _)| Some(bytes)),
        }
    }
}

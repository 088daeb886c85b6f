//! How a mail stands in the ledger: waiting to be decided, decided, held; and which ticket shows it while it is held.

use std::ops::Range;

use rusqlite::params;

use crate::model::id::{LedgerId, MailboxId, TicketNumber};
use crate::model::plan::Fate;
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, unsigned};
use crate::store::engine::view::{Tx, View};
use crate::store::mailbox::ledger::Spooled;

/// How a mail stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What was decided about it; `None` while it waits.
    pub fate: Option<Fate>,
    /// The minimal ticket that shows it to people, if it was ever held.
    pub shown_by: Option<TicketNumber>,
}

impl View<'_> {
    /// How a mail stands, so that deciding it twice does nothing.
    pub fn standing(&self, ledger: LedgerId) -> Result<Standing, StoreError> {
        let sql = "SELECT ledger.fate, ledger.ticket, ledger.detail, quarantine.ticket
                   FROM ledger LEFT JOIN quarantine ON quarantine.ledger = ledger.id WHERE ledger.id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([ledger.0])?;
        let Some(row) = rows.next()? else {
            return Err(StoreError::NotFound(format!("mail `{ledger}` is no longer in the ledger")));
        };
        let word: String = get(row, 0)?;
        let ticket = get::<Option<i64>>(row, 1)?.map(TicketNumber);
        let fate = match word.as_str() {
            "ticket" => Some(Fate::Ticket(ticket.unwrap_or(TicketNumber(0)))),
            "duplicate" => Some(Fate::Duplicate(ticket)),
            "ignored" => Some(Fate::Ignored(get(row, 2)?)),
            "quarantined" => Some(Fate::Quarantined(ticket.unwrap_or(TicketNumber(0)), get(row, 2)?)),
            _ => None,
        };
        Ok(Standing { fate, shown_by: get::<Option<i64>>(row, 3)?.map(TicketNumber) })
    }
}

impl Tx<'_> {
    /// The oldest waiting mails of the mailbox with this many attempts behind them; counts one more.
    pub(in crate::store) fn take_waiting(
        &self,
        mailbox: &MailboxId,
        attempts: Range<u32>,
        limit: usize,
    ) -> Result<Vec<Spooled>, StoreError> {
        let sql = "SELECT ledger.id, ledger.uid, ledger.attempts FROM ledger JOIN folder ON folder.id = ledger.folder
                   WHERE folder.mailbox = ?1 AND ledger.fate = 'waiting' AND ledger.attempts >= ?2 AND ledger.attempts < ?3
                   ORDER BY ledger.id LIMIT ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![mailbox.as_str(), attempts.start, attempts.end, limit];
        let rows = statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let rows: Vec<(i64, i64, u32)> = rows.collect::<Result<_, _>>()?;
        let mut spooled = Vec::with_capacity(rows.len());
        for (ledger, uid, attempts) in rows {
            self.connection
                .prepare_cached("UPDATE ledger SET attempts = attempts + 1 WHERE id = ?1")?
                .execute([ledger])?;
            let (id, uid, attempts) = (LedgerId(ledger), unsigned(uid), attempts + 1);
            match self.raw_mail(ledger) {
                Ok(mail) => spooled.push(Spooled { ledger: id, uid, attempts, mail }),
                Err(error) if error.concerns_one_job() => self.hold_unshown(id, &error.to_string())?,
                Err(error) => return Err(error),
            }
        }
        Ok(spooled)
    }

    /// Holds a mail without a ticket: the timers open one. The last resort, when not even a minimal ticket can be made of it.
    pub fn hold_unshown(&self, ledger: LedgerId, reason: &str) -> Result<(), StoreError> {
        let sql = "UPDATE ledger SET fate = 'quarantined', detail = ?2 WHERE id = ?1";
        self.counting_fate(ledger.0, || {
            self.connection.prepare_cached(sql)?.execute(params![ledger.0, reason])?;
            Ok(())
        })?;
        let sql = "INSERT INTO quarantine (id, ledger, reason, ticket, state, at_s)
                   SELECT ?3, id, ?2, NULL, 'held', recorded_at_s FROM ledger WHERE id = ?1
                   ON CONFLICT (ledger) DO UPDATE SET reason = excluded.reason, state = 'held'";
        let id = self.next_id(Numbered::Quarantine)?;
        self.connection.prepare_cached(sql)?.execute(params![ledger.0, reason, id])?;
        Ok(())
    }
}

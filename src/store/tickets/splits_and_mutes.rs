//! What tidies tickets up beside merges: mails split off, muted addresses, hand-overs between departments.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::model::address::Address;
use crate::model::id::{AgentId, DepartmentId, MailId, MessageKey, TicketNumber};
use crate::model::plan::INTERNAL_NOTE;
use crate::model::surroundings::{CaseFile, HandOver, MailHead};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, optional_time, person, time};
use crate::store::engine::view::{Tx, View};

/// Customers' mails of one ticket that can be split off: the latest ones.
const MAX_MAILS: i64 = 200;
/// Characters of each that are looked at.
const MAX_WORDS: i64 = 20_000;
/// Characters of one text in a case file; the reader sees fewer.
const MAX_CHARS: i64 = 2_000;
/// Notes, lines of history and mails with files in a case file.
const MAX_NOTES: i64 = 3;
const MAX_FILES: i64 = 20;
/// Ids looked up that one mail answers.
const MAX_ANSWERED: usize = 10;
/// Muted addresses that `status` names.
const MAX_SHOWN: i64 = 20;

/// Addresses that agents muted with `#spam mute`.
#[derive(Clone, Debug, Default)]
pub struct Muted {
    /// How many.
    pub addresses: i64,
    /// Mails of theirs that were ignored since.
    pub mails: i64,
    /// Those that wrote most, with the number of their mails.
    pub loudest: Vec<(String, i64)>,
}

impl View<'_> {
    /// The ticket that this one was split from.
    pub(in crate::store) fn split_from(&self, number: TicketNumber) -> Result<Option<TicketNumber>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT origin FROM split WHERE ticket = ?1")?;
        Ok(statement.query_row([number.0], |row| row.get(0)).optional()?.map(TicketNumber))
    }

    /// The customers' mails on a ticket, oldest first.
    pub(in crate::store) fn mail_heads(&self, number: TicketNumber) -> Result<Vec<MailHead>, StoreError> {
        let sql = "SELECT id, from_name, from_address, date_s, substr(text, 1, ?3) FROM (
                       SELECT * FROM message WHERE ticket = ?1 AND kind = 'customer' ORDER BY id DESC LIMIT ?2) AS latest
                   ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number.0, MAX_MAILS, MAX_WORDS])?;
        let mut mails = Vec::new();
        while let Some(row) = rows.next()? {
            mails.push(MailHead {
                key: MessageKey(get(row, 0)?),
                author: person(get(row, 1)?, &get::<String>(row, 2)?)?,
                date: time(get(row, 3)?)?,
                text: get(row, 4)?,
            });
        }
        Ok(mails)
    }

    /// The latest customer's mail on a ticket when the first of our mails among `ids` was written: what it showed.
    pub(in crate::store) fn shown_by(
        &self,
        number: TicketNumber,
        ids: &[MailId],
    ) -> Result<Option<MessageKey>, StoreError> {
        let sql = "SELECT max(message.id) FROM outgoing JOIN message ON message.added_at_s <= outgoing.created_at_s
                   WHERE outgoing.message_id = ?1 AND message.ticket = ?2 AND message.kind = 'customer'";
        let mut statement = self.connection.prepare_cached(sql)?;
        for id in ids.iter().take(MAX_ANSWERED) {
            let shown: Option<i64> = statement.query_row(params![id.as_str(), number.0], |row| row.get(0))?;
            if shown.is_some() {
                return Ok(shown.map(MessageKey));
            }
        }
        Ok(None)
    }

    /// Who muted `address`, and on which ticket; `None` when its mails are taken.
    pub fn muted_by(&self, address: &Address) -> Result<Option<(AgentId, TicketNumber)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT agent, ticket FROM mute WHERE address_key = ?1")?;
        let found: Option<(String, i64)> =
            statement.query_row([address.key()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        Ok(found.map(|(agent, ticket)| (AgentId::new(&agent), TicketNumber(ticket))))
    }

    /// How many addresses are muted.
    pub(in crate::store) fn mutes(&self) -> Result<u32, StoreError> {
        let count: i64 =
            self.connection.prepare_cached("SELECT count(*) FROM mute")?.query_row([], |row| row.get(0))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Muted addresses and their mails in numbers, and those that wrote most.
    pub(in crate::store) fn muted(&self) -> Result<Muted, StoreError> {
        let sql = "SELECT count(*), CAST(coalesce(sum(mails), 0) AS bigint) FROM mute";
        let (addresses, mails) =
            self.connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sql = "SELECT address, mails FROM mute ORDER BY mails DESC, at_s DESC, address_key LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let loudest = statement.query_map([MAX_SHOWN], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Muted { addresses, mails, loudest: loudest.collect::<Result<_, _>>()? })
    }

    /// How a ticket came to its department: the latest hand-over that was not returned.
    pub(in crate::store) fn hand_over(&self, number: TicketNumber) -> Result<Option<HandOver>, StoreError> {
        let sql = "SELECT count(*) + count(*) FILTER (WHERE outcome = 'returned') FROM hand_over WHERE ticket = ?1";
        let count: u32 = self.connection.prepare_cached(sql)?.query_row([number.0], |row| row.get(0))?;
        if count == 0 {
            return Ok(None);
        }
        let sql = "SELECT from_department, from_assignee, by_agent, outcome = 'accepted' FROM hand_over
                   WHERE ticket = ?1 AND outcome <> 'returned' ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number.0])?;
        let Some(row) = rows.next()? else { return Ok(Some(HandOver { count, ..HandOver::default() })) };
        Ok(Some(HandOver {
            from: Some(DepartmentId::new(&get::<String>(row, 0)?)),
            assignee: get::<Option<String>>(row, 1)?.map(|id| AgentId::new(&id)),
            by: Some(get::<String>(row, 2)?).filter(|by| !by.is_empty()).map(|by| AgentId::new(&by)),
            accepted: get(row, 3)?,
            count,
        }))
    }

    /// What the next department needs to know of a ticket.
    pub fn case_file(&self, number: TicketNumber) -> Result<CaseFile, StoreError> {
        let mut file = CaseFile::default();
        let sql = "SELECT date_s, substr(text, 1, ?2) FROM message WHERE ticket = ?1 AND kind = 'customer' ORDER BY id LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number.0, MAX_CHARS])?;
        if let Some(row) = rows.next()? {
            file.first = Some((time(get(row, 0)?)?, get(row, 1)?));
        }
        let sql = "SELECT coalesce(agent, ''), date_s, substr(text, 1, ?2) FROM message
                   WHERE ticket = ?1 AND kind = 'agent' AND visibility = 'public' ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number.0, MAX_CHARS])?;
        if let Some(row) = rows.next()? {
            file.promised = Some((AgentId::new(&get::<String>(row, 0)?), time(get(row, 1)?)?, get(row, 2)?));
        }
        let sql = "SELECT from_name, date_s, text FROM (
                       SELECT id, from_name, date_s, substr(text, 1, ?2) AS text FROM message
                       WHERE ticket = ?1 AND kind = 'note' AND thread_reason = ?3 ORDER BY id DESC LIMIT ?4) AS latest
                   ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number.0, MAX_CHARS, INTERNAL_NOTE, MAX_NOTES])?;
        while let Some(row) = rows.next()? {
            file.notes.push((get(row, 0)?, time(get(row, 1)?)?, get(row, 2)?));
        }
        file.history = self.brief_events(number)?;
        file.attachments = self.files_of_customers(number, MAX_FILES)?;
        let sql = "SELECT wait_until_s FROM ticket WHERE number = ?1";
        let until: Option<Option<i64>> =
            self.connection.prepare_cached(sql)?.query_row([number.0], |row| row.get(0)).optional()?;
        file.wait_until = optional_time(until.flatten())?;
        Ok(file)
    }
}

impl Tx<'_> {
    pub(in crate::store) fn split(
        &self,
        to: TicketNumber,
        from: TicketNumber,
        message: MessageKey,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE message SET origin = ?1, ticket = ?1 WHERE id = ?2 AND ticket = ?3";
        if self.connection.prepare_cached(sql)?.execute(params![to.0, message.0, from.0])? == 0 {
            return Err(StoreError::NotFound(format!("mail {message} does not stand on #{from}")));
        }
        let sql = "INSERT INTO split (ticket, origin) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![to.0, from.0])?;
        Ok(())
    }

    /// Drops the receipts of a ticket, and of its parts, that are not on their way yet.
    pub(in crate::store) fn withdraw_receipt(&self, number: TicketNumber, now: Timestamp) -> Result<(), StoreError> {
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT CAST(?1 AS bigint) UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number)
                   UPDATE outbox SET state = 'dropped', reason = 'withdrawn: the ticket is spam', updated_at_s = ?2
                   WHERE state IN ('queued', 'deferred')
                     AND EXISTS (SELECT 1 FROM outgoing WHERE outgoing.id = outbox.outgoing AND kind = 'acknowledgement'
                                     AND outgoing.ticket IN (SELECT number FROM part))";
        self.connection.prepare_cached(sql)?.execute(params![number.0, now.as_second()])?;
        Ok(())
    }

    pub(in crate::store) fn mute(
        &self,
        ticket: TicketNumber,
        address: &Address,
        by: &AgentId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO mute (address_key, address, ticket, agent, at_s, mails) VALUES (?1, ?2, ?3, ?4, ?5, 0)
                   ON CONFLICT (address_key) DO UPDATE SET ticket = excluded.ticket, agent = excluded.agent";
        self.connection.prepare_cached(sql)?.execute(params![
            address.key(),
            address.as_str(),
            ticket.0,
            by.as_str(),
            now.as_second()
        ])?;
        Ok(())
    }

    pub(in crate::store) fn unmute(&self, address: &Address) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM mute WHERE address_key = ?1")?.execute([address.key()])?;
        Ok(())
    }

    /// One more mail of a muted address.
    pub(in crate::store) fn count_muted(&self, address: &Address) -> Result<(), StoreError> {
        let sql = "UPDATE mute SET mails = mails + 1 WHERE address_key = ?1";
        self.connection.prepare_cached(sql)?.execute([address.key()])?;
        Ok(())
    }

    pub(in crate::store) fn hand_on(
        &self,
        number: TicketNumber,
        from: &DepartmentId,
        assignee: Option<&AgentId>,
        by: Option<&AgentId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO hand_over (id, ticket, from_department, from_assignee, by_agent, at_s, outcome)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, '')";
        self.connection.prepare_cached(sql)?.execute(params![
            self.next_id(Numbered::HandOver)?,
            number.0,
            from.as_str(),
            assignee.map(|agent| agent.as_str().to_owned()),
            by.map_or("", AgentId::as_str),
            now.as_second()
        ])?;
        Ok(())
    }

    /// How the latest hand-over that was not returned ended.
    pub(in crate::store) fn end_hand_over(&self, number: TicketNumber, outcome: &str) -> Result<(), StoreError> {
        let sql = "UPDATE hand_over SET outcome = ?2
                   WHERE id = (SELECT max(id) FROM hand_over WHERE ticket = ?1 AND outcome <> 'returned')";
        self.connection.prepare_cached(sql)?.execute(params![number.0, outcome])?;
        Ok(())
    }
}

//! Answers that are held until their agent says what to do, and what an agent had seen of a ticket when they wrote.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::model::held::{AgentContext, HELD_DAYS, Held, HeldState, HeldStep, Newer, Overdue};
use crate::model::id::{AgentId, DepartmentId, MailId, MessageKey, TicketNumber};
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, person, time, word};
use crate::store::engine::view::{Tx, View};
use crate::store::timers::Timer;

/// Messages that an agent is shown of those they had not seen, and characters of each.
const MAX_NEWER: i64 = 5;
const NEWER_CHARS: i64 = 20_000;
/// Mails to an agent that are compared with what theirs quotes.
const MAX_TOLD: usize = 5;

impl View<'_> {
    /// What `agent` had seen of a ticket when they wrote a mail that names `ids`, to an address that says `token`.
    ///
    /// What their mail answers tells it; whatever they answered before they have seen for good. Nothing told: nothing is known.
    pub fn reading(
        &self,
        ticket: TicketNumber,
        agent: &AgentId,
        ids: &[&MailId],
        token: Option<MessageKey>,
    ) -> Result<AgentContext, StoreError> {
        let sql = "SELECT shows, held FROM outgoing WHERE message_id = ?1 AND agent = ?2 AND kind IN ('notification', 'notice')";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (mut shown, mut named) = (None, None);
        for id in ids {
            let found: Option<(Option<i64>, Option<i64>)> = statement
                .query_row(params![id.as_str(), agent.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((shows, held)) = found {
                shown = shown.max(shows.map(MessageKey));
                named = named.or(held.map(MessageKey));
            }
        }
        let before = self.seen(ticket, agent)?;
        let seen = shown.or(token).map(|shown| before.map_or(shown, |before| before.max(shown)));
        let held = match named {
            Some(message) => self.held_answer(message, agent, true)?,
            None => self.newest_held(ticket, agent)?,
        };
        Ok(AgentContext { seen, held, leaving: self.leaving(ticket, agent)?, ..AgentContext::default() })
    }

    fn seen(&self, ticket: TicketNumber, agent: &AgentId) -> Result<Option<MessageKey>, StoreError> {
        let sql = "SELECT message FROM seen WHERE ticket = ?1 AND agent = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let seen: Option<i64> = statement.query_row(params![ticket.0, agent.as_str()], |row| row.get(0)).optional()?;
        Ok(seen.map(MessageKey))
    }

    fn held_answer(&self, message: MessageKey, agent: &AgentId, named: bool) -> Result<Option<Held>, StoreError> {
        let sql = "SELECT message, state, shows, leak, asked_in FROM held_answer WHERE message = ?1 AND agent = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![message.0, agent.as_str()])?;
        rows.next()?.map(|row| held(row, named)).transpose()
    }

    fn newest_held(&self, ticket: TicketNumber, agent: &AgentId) -> Result<Option<Held>, StoreError> {
        let sql = "SELECT held_answer.message, state, shows, leak, asked_in
                   FROM held_answer JOIN message ON message.id = held_answer.message
                   WHERE state = 'held' AND held_answer.agent = ?2 AND message.ticket = ?1
                   ORDER BY held_answer.message DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![ticket.0, agent.as_str()])?;
        rows.next()?.map(|row| held(row, false)).transpose()
    }

    /// What customers wrote, and colleagues of `agent` to them, after message `seen`: the latest ones, oldest first.
    pub fn newer(&self, ticket: TicketNumber, agent: &AgentId, seen: MessageKey) -> Result<Vec<Newer>, StoreError> {
        let sql = "SELECT from_name, from_address, agent, added_at_s, substr(text, 1, ?4) FROM (
                       SELECT * FROM message
                       WHERE ticket = ?1 AND id > ?2 AND visibility = 'public' AND kind IN ('customer', 'agent')
                         AND (agent IS NULL OR agent <> ?3)
                       ORDER BY id DESC LIMIT ?5) AS newest
                   ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![ticket.0, seen.0, agent.as_str(), NEWER_CHARS, MAX_NEWER])?;
        let mut newer = Vec::new();
        while let Some(row) = rows.next()? {
            newer.push(Newer {
                author: person(get(row, 0)?, &get::<String>(row, 1)?)?,
                agent: get::<Option<String>>(row, 2)?.map(|id| AgentId::new(&id)),
                date: time(get(row, 3)?)?,
                text: get(row, 4)?,
            });
        }
        Ok(newer)
    }

    /// The mails to `agent` about a ticket that bear these ids; the newest ones when none does.
    pub fn mails_told(
        &self,
        ticket: TicketNumber,
        agent: &AgentId,
        ids: &[&MailId],
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql =
            "SELECT bytes FROM outgoing WHERE message_id = ?1 AND agent = ?2 AND kind IN ('notification', 'notice')";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut mails: Vec<Vec<u8>> = Vec::new();
        for id in ids.iter().take(MAX_TOLD) {
            mails.extend(statement.query_row(params![id.as_str(), agent.as_str()], |row| row.get(0)).optional()?);
        }
        if mails.is_empty() {
            let sql =
                "SELECT bytes FROM outgoing WHERE ticket = ?1 AND agent = ?2 AND kind IN ('notification', 'notice')
                       ORDER BY id DESC LIMIT ?3";
            let mut statement = self.connection.prepare_cached(sql)?;
            let newest = i64::try_from(MAX_TOLD).unwrap_or(i64::MAX);
            let told = statement.query_map(params![ticket.0, agent.as_str(), newest], |row| row.get(0))?;
            mails = told.collect::<Result<_, _>>()?;
        }
        Ok(mails)
    }

    /// The bytes of the mail that stands on its ticket as `message`; `None` when they are not there.
    pub fn bytes_of_message(&self, message: MessageKey) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT mail FROM message WHERE id = ?1")?;
        let mail: Option<Option<i64>> = statement.query_row([message.0], |row| row.get(0)).optional()?;
        mail.flatten().map(|mail| self.mail_bytes(mail).map(|(bytes, _)| bytes)).transpose()
    }

    /// An answer that is still held.
    pub fn still_held(&self, message: MessageKey) -> Result<Option<Overdue>, StoreError> {
        let sql = "SELECT message.ticket, held_answer.agent, message.text
                   FROM held_answer JOIN message ON message.id = held_answer.message
                   WHERE held_answer.message = ?1 AND state = 'held'";
        let held = self.connection.prepare_cached(sql)?.query_row([message.0], |row| {
            let (ticket, agent) = (TicketNumber(row.get(0)?), AgentId::new(&row.get::<_, String>(1)?));
            Ok(Overdue { message, ticket, agent, text: row.get(2)? })
        });
        Ok(held.optional()?)
    }
}

impl Tx<'_> {
    /// Writes what becomes of held answers.
    pub(in crate::store) fn held_steps(&self, steps: &[HeldStep], now: Timestamp) -> Result<(), StoreError> {
        for step in steps {
            match step {
                HeldStep::Hold { message, agent, shows, leak, asked_in } => {
                    let sql = "INSERT INTO held_answer (message, agent, state, shows, leak, held_at_s, asked_in)
                               VALUES (?1, ?2, 'held', ?3, ?4, ?5, ?6)
                               ON CONFLICT (message) DO UPDATE SET shows = excluded.shows, leak = excluded.leak,
                                   held_at_s = excluded.held_at_s, asked_in = excluded.asked_in
                               WHERE held_answer.state = 'held'";
                    let values = params![
                        message.0,
                        agent.as_str(),
                        shows.0,
                        leak,
                        now.as_second(),
                        asked_in.as_ref().map(DepartmentId::as_str)
                    ];
                    self.connection.prepare_cached(sql)?.execute(values)?;
                    let until = now.checked_add(SignedDuration::from_hours(HELD_DAYS * 24)).unwrap_or(Timestamp::MAX);
                    self.set_timer(&Timer::Held(*message), until)?;
                }
                HeldStep::Leave { message, before, after, joined } => {
                    self.note_answered(*message, before, after, joined, now)?;
                }
                HeldStep::Withdraw(message) => self.withdraw(*message, now)?,
                HeldStep::End(message, state) => {
                    // What was let go may be taken back while it waits for its hold.
                    let sql = "UPDATE held_answer SET state = ?2
                               WHERE message = ?1 AND (state = 'held' OR (state = 'sent' AND ?2 = 'cancelled'))";
                    self.connection.prepare_cached(sql)?.execute(params![message.0, state.as_str()])?;
                    self.stop_timer(&Timer::Held(*message))?;
                }
            }
        }
        Ok(())
    }

    /// Notes up to which message an agent has read a ticket; never less than before.
    pub(in crate::store) fn note_seen(
        &self,
        ticket: TicketNumber,
        agent: &AgentId,
        message: MessageKey,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO seen (ticket, agent, message) VALUES (?1, ?2, ?3)
                   ON CONFLICT (ticket, agent) DO UPDATE SET message = excluded.message
                       WHERE seen.message < excluded.message";
        self.connection.prepare_cached(sql)?.execute(params![ticket.0, agent.as_str(), message.0])?;
        Ok(())
    }
}

fn held(row: &Row<'_>, named: bool) -> Result<Held, StoreError> {
    Ok(Held {
        message: MessageKey(get(row, 0)?),
        state: word(&get::<String>(row, 1)?, HeldState::from_word)?,
        shows: MessageKey(get(row, 2)?),
        leak: get(row, 3)?,
        asked_in: get::<Option<String>>(row, 4)?.map(|id| DepartmentId::new(&id)),
        named,
    })
}

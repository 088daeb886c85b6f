//! The staff: who is away, who has how much to do, whose turn it is, what nobody has.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Params, params};

use crate::model::id::{AgentId, DepartmentId, TicketNumber};
use crate::model::staff::{Absence, AwayBy, Staff, WorkItem};
use crate::model::ticket::Priority;
use crate::model::token::TicketKey;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, optional_time, time, word};
use crate::store::engine::view::{Tx, View};
use crate::store::timers::Timer;

/// Tickets that are handed on when their agent goes away; more wait for a lead.
const MAX_HANDED_ON: i64 = 500;
/// Tickets that are handed over from one agent to another by one command.
const MAX_HANDED_OVER: i64 = 5_000;

impl View<'_> {
    /// Who is away.
    pub fn absences(&self) -> Result<BTreeMap<AgentId, Absence>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT agent, since_s, until_s, said_by FROM absence")?;
        let mut rows = statement.query([])?;
        let mut absences = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let absence = Absence {
                since: time(get(row, 1)?)?,
                until: optional_time(get(row, 2)?)?,
                by: word(&get::<String>(row, 3)?, AwayBy::from_word)?,
            };
            absences.insert(AgentId::new(&get::<String>(row, 0)?), absence);
        }
        Ok(absences)
    }

    pub(in crate::store) fn away(&self) -> Result<Vec<AgentId>, StoreError> {
        self.agents("SELECT agent FROM absence ORDER BY agent", [])
    }

    fn agents(&self, sql: &str, parameters: impl Params) -> Result<Vec<AgentId>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let agents = statement.query_map(parameters, |row| row.get::<_, String>(0))?;
        Ok(agents.map(|agent| agent.map(|agent| AgentId::new(&agent))).collect::<Result<_, _>>()?)
    }

    /// Who is away, how many open tickets every agent has, and whose turn it is: what giving out needs.
    pub fn staff(&self) -> Result<Staff, StoreError> {
        let mut staff = Staff { away: self.absences()?, unreachable: self.unreachable_lately()?, ..Staff::default() };
        let sql = "SELECT assignee, CAST(sum(tickets) AS bigint) FROM ticket_tally
                   WHERE assignee <> '' AND status IN ('new', 'open') GROUP BY assignee HAVING sum(tickets) > 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let open = u32::try_from(get::<i64>(row, 1)?).unwrap_or(u32::MAX);
            staff.open.insert(AgentId::new(&get::<String>(row, 0)?), open);
        }
        let mut statement = self.connection.prepare_cached("SELECT department, agent FROM given")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let department = DepartmentId::new(&get::<String>(row, 0)?);
            staff.given.insert(department, AgentId::new(&get::<String>(row, 1)?));
        }
        Ok(staff)
    }

    /// The most urgent ticket of these departments that nobody has: the highest priority, and of those whose customer has
    /// waited longest.
    pub fn next_in_queue(&self, departments: &[DepartmentId]) -> Result<Option<WorkItem>, StoreError> {
        let sql = "SELECT number, coalesce(
                       (SELECT min(added_at_s) FROM message WHERE ticket = number AND kind = 'customer' AND message.id >
                           coalesce((SELECT max(id) FROM message WHERE ticket = number AND kind = 'agent'), 0)),
                       created_at_s) AS since
                   FROM ticket
                   WHERE department = ?1 AND priority = ?2 AND assignee IS NULL AND status IN ('new', 'open')
                   ORDER BY since, number LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for priority in Priority::ALL.iter().rev() {
            let mut longest: Option<(i64, i64)> = None;
            for department in departments {
                let mut rows = statement.query(params![department.as_str(), priority.as_str()])?;
                if let Some(row) = rows.next()? {
                    let found = (get(row, 1)?, get(row, 0)?);
                    longest = Some(longest.map_or(found, |longest| longest.min(found)));
                }
            }
            if let Some((_, number)) = longest {
                return self.work_item(TicketNumber(number));
            }
        }
        Ok(None)
    }

    /// The last mail of a customer on a ticket, as it came.
    pub fn last_customer_mail(&self, number: TicketNumber) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT mail FROM message
                   WHERE ticket = ?1 AND kind = 'customer' AND mail IS NOT NULL ORDER BY id DESC LIMIT 1";
        let mail: Option<i64> =
            self.connection.prepare_cached(sql)?.query_row([number.0], |row| row.get(0)).optional()?;
        mail.map(|mail| self.mail_bytes(mail).map(|(bytes, _)| bytes)).transpose()
    }

    /// The tickets of `agent` that nobody has answered, oldest first.
    pub fn unanswered(&self, agent: &AgentId) -> Result<Vec<WorkItem>, StoreError> {
        let sql = "SELECT number FROM ticket WHERE assignee = ?1 AND status = 'new' ORDER BY number LIMIT ?2";
        self.work_items(sql, agent, MAX_HANDED_ON)
    }

    /// All tickets of `agent` but the closed ones, oldest first.
    pub fn tickets_of(&self, agent: &AgentId) -> Result<Vec<WorkItem>, StoreError> {
        let sql = "SELECT number FROM ticket WHERE assignee = ?1 AND status <> 'closed' ORDER BY number LIMIT ?2";
        self.work_items(sql, agent, MAX_HANDED_OVER)
    }

    fn work_items(&self, sql: &str, agent: &AgentId, limit: i64) -> Result<Vec<WorkItem>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = statement.query_map(params![agent.as_str(), limit], |row| row.get(0))?;
        let mut items = Vec::new();
        for number in numbers {
            items.extend(self.work_item(TicketNumber(number?))?);
        }
        Ok(items)
    }

    fn work_item(&self, number: TicketNumber) -> Result<Option<WorkItem>, StoreError> {
        let Some(ticket) = self.ticket(number)? else { return Ok(None) };
        let words = self.last_customer_words(number)?;
        Ok(Some(WorkItem { ticket, words, attachments: Arc::from([]) }))
    }
}

impl Tx<'_> {
    /// The next ticket of `department` goes to whoever comes after `agent`.
    pub(in crate::store) fn note_given(&self, department: &DepartmentId, agent: &AgentId) -> Result<(), StoreError> {
        let sql = "INSERT INTO given (department, agent) VALUES (?1, ?2)
                   ON CONFLICT (department) DO UPDATE SET agent = excluded.agent";
        self.connection.prepare_cached(sql)?.execute([department.as_str(), agent.as_str()])?;
        Ok(())
    }

    /// `agent` is back, if their absence has ended by `now`.
    pub fn end_absence(&self, agent: &AgentId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "DELETE FROM absence WHERE agent = ?1 AND until_s <= ?2";
        self.connection.prepare_cached(sql)?.execute(params![agent.as_str(), now.as_second()])?;
        Ok(())
    }

    /// `agent` is away, or back. Who says that they are back takes mail again, as far as anybody knows: the next one is tried.
    pub fn set_absence(&self, agent: &AgentId, absence: Option<&Absence>) -> Result<(), StoreError> {
        let Some(absence) = absence else {
            self.connection.prepare_cached("DELETE FROM absence WHERE agent = ?1")?.execute([agent.as_str()])?;
            self.connection.prepare_cached("DELETE FROM unreachable WHERE agent = ?1")?.execute([agent.as_str()])?;
            return self.stop_timer(&Timer::Absence(agent.clone()));
        };
        let sql = "INSERT INTO absence (agent, since_s, until_s, said_by) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (agent) DO UPDATE SET since_s = excluded.since_s, until_s = excluded.until_s,
                       said_by = excluded.said_by";
        let until = absence.until.map(Timestamp::as_second);
        let parameters = params![agent.as_str(), absence.since.as_second(), until, absence.by.as_str()];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        match absence.until {
            Some(until) => self.set_timer(&Timer::Absence(agent.clone()), until),
            None => self.stop_timer(&Timer::Absence(agent.clone())),
        }
    }
}

impl View<'_> {
    /// The new keys of agents on a ticket.
    pub fn renewed_keys(&self, number: TicketNumber) -> Result<BTreeMap<AgentId, TicketKey>, StoreError> {
        let sql = "SELECT agent, token_key FROM agent_key WHERE ticket = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let keys = statement.query_map([number.0], |row| {
            let agent: String = row.get(0)?;
            Ok((AgentId::new(&agent), TicketKey::new(row.get(1)?)))
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// An agent's tokens of a ticket bear this key from now on.
    pub(in crate::store) fn renew_key(
        &self,
        number: TicketNumber,
        agent: &AgentId,
        key: TicketKey,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO agent_key (ticket, agent, token_key) VALUES (?1, ?2, ?3)
                   ON CONFLICT (ticket, agent) DO UPDATE SET token_key = excluded.token_key";
        self.connection.prepare_cached(sql)?.execute(params![number.0, agent.as_str(), key.get()])?;
        Ok(())
    }
}

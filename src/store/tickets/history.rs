//! The history of tickets: events as words and JSON, and lines of old as they were written.

use jiff::Timestamp;
use rusqlite::{Params, Row, params};
use serde_json::{Number, Value as Json};

use crate::model::event::{Actor, Data, Event, EventKind, PastEvent, Value, Withheld};
use crate::model::hidden::without_keys;
use crate::model::id::{AgentId, TicketNumber};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, time};
use crate::store::engine::view::{Tx, View};

/// Lines of history that are shown of a conversation, and in a brief: the latest ones.
const MAX_SHOWN: i64 = 200;
const MAX_BRIEF: i64 = 8;

impl Tx<'_> {
    pub(in crate::store) fn add_event(&self, event: &Event, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO event (id, ticket, at_s, actor, kind, detail, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (words, data) = if let EventKind::Legacy { words, .. } = &event.kind {
            (words.as_str(), String::new())
        } else {
            ("", to_json(event.kind.data()).to_string())
        };
        let (words, data) = (without_keys(words), without_keys(&data));
        self.connection.prepare_cached(sql)?.execute(params![
            self.next_id(Numbered::Event)?,
            event.ticket.0,
            now.as_second(),
            event.actor.to_string(),
            event.kind.word(),
            words,
            data
        ])?;
        Ok(())
    }

    /// A line on each ticket of which news was kept that nobody is told any more.
    pub(in crate::store) fn note_dropped_news(&self, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "SELECT ticket, agent, count(*) FROM kept_news GROUP BY ticket, agent ORDER BY ticket, agent";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kind = EventKind::NewsDropped {
                what: Withheld::Notification,
                agent: AgentId::new(&get::<String>(row, 1)?),
                kept: get(row, 2)?,
                told: 0,
                why: why.to_owned(),
            };
            self.add_event(&Event::of_desk(TicketNumber(get(row, 0)?), kind), now)?;
        }
        Ok(())
    }
}

impl View<'_> {
    /// The history of a ticket, oldest first.
    pub fn events(&self, number: TicketNumber) -> Result<Vec<PastEvent>, StoreError> {
        let sql = "SELECT at_s, actor, kind, data, detail FROM event WHERE ticket = ?1 ORDER BY id";
        self.past_events(sql, params![number.0])
    }

    /// Its latest lines, oldest first.
    pub(in crate::store) fn latest_events(&self, number: TicketNumber) -> Result<Vec<PastEvent>, StoreError> {
        let sql = "SELECT at_s, actor, kind, data, detail FROM (
                       SELECT * FROM event WHERE ticket = ?1 ORDER BY id DESC LIMIT ?2) AS latest
                   ORDER BY id";
        self.past_events(sql, params![number.0, MAX_SHOWN])
    }

    /// The latest of those lines that matter to who takes the ticket over, oldest first.
    pub(in crate::store) fn brief_events(&self, number: TicketNumber) -> Result<Vec<PastEvent>, StoreError> {
        let sql = "SELECT at_s, actor, kind, data, detail FROM (
                       SELECT * FROM event
                       WHERE ticket = ?1 AND kind IN ('opened', 'status', 'assigned', 'answered', 'note', 'moved', 'priority',
                           'tags', 'bounced', 'merged', 'unmerged', 'split')
                       ORDER BY id DESC LIMIT ?2) AS latest
                   ORDER BY id";
        self.past_events(sql, params![number.0, MAX_BRIEF])
    }

    /// The number of the latest event; 0 when there is none.
    pub fn last_event(&self) -> Result<i64, StoreError> {
        let last: Option<i64> =
            self.connection.prepare_cached("SELECT max(id) FROM event")?.query_row([], |row| row.get(0))?;
        Ok(last.unwrap_or(0))
    }

    /// What happened after the event of that number.
    pub fn events_since(&self, event: i64) -> Result<Vec<EventKind>, StoreError> {
        let sql = "SELECT at_s, actor, kind, data, detail FROM event WHERE id > ?1 ORDER BY id";
        Ok(self.past_events(sql, params![event])?.into_iter().map(|event| event.kind).collect())
    }

    fn past_events(&self, sql: &str, params: impl Params) -> Result<Vec<PastEvent>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(past_event(row)?);
        }
        Ok(events)
    }
}

/// The values of an event as JSON.
pub fn to_json(data: Data) -> Json {
    Json::Object(data.into_iter().map(|(name, value)| (name, value_to_json(value))).collect())
}

/// A line from its columns: time, actor, kind, values, words. What no kind fits is kept as it stands.
fn past_event(row: &Row<'_>) -> Result<PastEvent, StoreError> {
    let (actor, kind, data): (String, String, String) = (get(row, 1)?, get(row, 2)?, get(row, 3)?);
    let words: String = get(row, 4)?;
    let known = from_text(&data).and_then(|data| EventKind::read(&kind, &data));
    let legacy = || EventKind::Legacy { kind, words: if words.is_empty() { data } else { words } };
    Ok(PastEvent {
        at: time(get(row, 0)?)?,
        actor: Actor::read(&actor).unwrap_or(Actor::Desk),
        kind: known.unwrap_or_else(legacy),
    })
}

fn value_to_json(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => Json::String(text),
        Value::Number(number) => Json::Number(Number::from(number)),
        Value::Flag(flag) => Json::Bool(flag),
        Value::List(values) => values.into_iter().map(value_to_json).collect(),
    }
}

/// The values of a text; `None` for anything but an object of what [`Value`] holds.
fn from_text(text: &str) -> Option<Data> {
    let Json::Object(object) = serde_json::from_str(text).ok()? else { return None };
    object.into_iter().map(|(name, value)| Some((name, from_json(value)?))).collect()
}

fn from_json(json: Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::String(text) => Value::Text(text),
        Json::Number(number) => Value::Number(number.as_i64()?),
        Json::Array(values) => Value::List(values.into_iter().map(from_json).collect::<Option<_>>()?),
        Json::Bool(flag) => Value::Flag(flag),
        Json::Object(_) => return None,
    })
}

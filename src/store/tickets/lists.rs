//! Lists of tickets: the newest that pass a filter, all of them page by page, and how many there are.
//!
//! Never reads more rows than a list shows, however many tickets there are.

use std::fmt::Write as _;

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::model::address::Address;
use crate::model::id::TicketNumber;
use crate::model::ticket::{Status, Ticket};
use crate::store::engine::error::StoreError;
use crate::store::engine::view::View;

/// Which tickets to list; what is left out asks for all.
#[derive(Clone, Debug, Default)]
pub struct TicketFilter {
    /// Only of this department.
    pub department: Option<String>,
    /// Only in one of these statuses; in any when empty.
    pub statuses: Vec<Status>,
    /// Only of this assignee.
    pub assignee: Option<String>,
    /// Only of this requester's address.
    pub requester: Option<String>,
    /// Only with this tag.
    pub tag: Option<String>,
}

/// A part of the tickets that pass a filter.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// The newest below this number, if there is one; newest first.
    Newest(Option<TicketNumber>),
    /// Those after this number, by number.
    After(TicketNumber),
}

/// Tickets read at once where all are wanted.
const PAGE: usize = 500;

impl View<'_> {
    /// The newest tickets that pass the filter, newest first.
    pub fn newest_tickets(&self, filter: &TicketFilter, limit: usize) -> Result<Vec<Ticket>, StoreError> {
        self.part(filter, Part::Newest(None), limit)
    }

    /// The first few hundred tickets below `number`, or the newest, that pass the filter, newest first.
    pub fn tickets_before(
        &self,
        filter: &TicketFilter,
        number: Option<TicketNumber>,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.part(filter, Part::Newest(number), PAGE)
    }

    /// The first few hundred tickets after `number` that pass the filter, by number; none when there are no more.
    pub fn tickets_after(&self, filter: &TicketFilter, number: TicketNumber) -> Result<Vec<Ticket>, StoreError> {
        self.part(filter, Part::After(number), PAGE)
    }

    /// All tickets that pass the filter, by number.
    pub fn tickets(&self, filter: &TicketFilter) -> Result<Vec<Ticket>, StoreError> {
        let mut tickets: Vec<Ticket> = Vec::new();
        loop {
            let last = tickets.last().map_or(TicketNumber(0), |ticket| ticket.number);
            let page = self.tickets_after(filter, last)?;
            if page.is_empty() {
                return Ok(tickets);
            }
            tickets.extend(page);
        }
    }

    /// How many tickets pass the filter.
    pub fn count_tickets(&self, filter: &TicketFilter) -> Result<u64, StoreError> {
        let (sql, query) = count_query(filter);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count: i64 = statement.query_row(params_from_iter(query.values), |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn part(&self, filter: &TicketFilter, part: Part, limit: usize) -> Result<Vec<Ticket>, StoreError> {
        let mut numbers: Vec<i64> = Vec::new();
        // In one status the rows of an index stand in the order of numbers: so each is asked for by itself.
        let by_number = filter.statuses.is_empty() && filter.department.is_none() && filter.assignee.is_none();
        if filter.is_narrow() || by_number {
            numbers = self.numbers_in(filter, filter.statuses(), part, limit)?;
        } else {
            for status in filter.statuses() {
                let of_status = TicketFilter { statuses: vec![*status], ..filter.clone() };
                if self.count_tickets(&of_status)? > 0 {
                    numbers.extend(self.numbers_in(filter, std::slice::from_ref(status), part, limit)?);
                }
            }
        }
        numbers.sort_unstable();
        if let Part::Newest(_) = part {
            numbers.reverse();
        }
        numbers.truncate(limit);
        let mut tickets = Vec::with_capacity(numbers.len());
        for number in numbers {
            tickets.extend(self.ticket(TicketNumber(number))?);
        }
        Ok(tickets)
    }

    fn numbers_in(
        &self,
        filter: &TicketFilter,
        statuses: &[Status],
        part: Part,
        limit: usize,
    ) -> Result<Vec<i64>, StoreError> {
        let (sql, query) = numbers_query(filter, statuses, part, limit);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let numbers = statement.query_map(params_from_iter(query.values), |row| row.get(0))?;
        Ok(numbers.collect::<Result<_, _>>()?)
    }
}

/// How many tickets pass the filter.
fn count_query(filter: &TicketFilter) -> (String, Query) {
    let mut query = Query::default();
    let sql = if filter.is_narrow() {
        query.narrow("count(*)", filter, filter.statuses())
    } else {
        query.place("CAST(coalesce(sum(tickets), 0) AS bigint) FROM ticket_tally", filter, filter.statuses())
    };
    (sql, query)
}

/// The numbers of those that pass it, in these statuses.
fn numbers_query(filter: &TicketFilter, statuses: &[Status], part: Part, limit: usize) -> (String, Query) {
    let mut query = Query::default();
    let mut sql = if filter.is_narrow() {
        query.narrow("ticket.number", filter, statuses)
    } else {
        query.place("ticket.number FROM ticket", filter, statuses)
    };
    let key = match (&filter.requester, &filter.tag) {
        (Some(_), _) => "participant.ticket",
        (None, Some(_)) => "tag.ticket",
        (None, None) => "ticket.number",
    };
    let (compare, bound, order) = match part {
        Part::Newest(below) => ("<", below.unwrap_or(TicketNumber(i64::MAX)), "DESC"),
        Part::After(number) => (">", number, "ASC"),
    };
    let bound = query.bind(Value::Integer(bound.0));
    let limit = query.bind(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
    write!(sql, " AND {key} {compare} {bound} ORDER BY {key} {order} LIMIT {limit}").ok();
    (sql, query)
}

/// Every statement that lists are made of, for the tests that try them on another database.
#[cfg(test)]
pub(in crate::store) fn every_statement() -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
    for given in 0..16 {
        let word = |place: i32| (given & (1 << place) != 0).then(|| "word".to_owned());
        for statuses in [vec![], vec![Status::New], vec![Status::New, Status::Open]] {
            let (department, assignee, requester, tag) = (word(0), word(1), word(2), word(3));
            let filter = TicketFilter { department, statuses, assignee, requester, tag };
            found.insert(count_query(&filter).0);
            for part in [Part::Newest(None), Part::After(TicketNumber(0))] {
                found.insert(numbers_query(&filter, filter.statuses(), part, 1).0);
            }
        }
    }
    found
}

impl TicketFilter {
    /// Whether it asks for what few tickets have.
    fn is_narrow(&self) -> bool {
        self.requester.is_some() || self.tag.is_some()
    }

    fn statuses(&self) -> &[Status] {
        if self.statuses.is_empty() { Status::ALL } else { &self.statuses }
    }
}

/// A statement in the making: what is bound to its places.
#[derive(Default)]
struct Query {
    values: Vec<Value>,
}

impl Query {
    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn text(&mut self, text: &str) -> String {
        self.bind(Value::Text(text.to_owned()))
    }

    /// By what every ticket has.
    fn place(&mut self, what: &str, filter: &TicketFilter, statuses: &[Status]) -> String {
        let mut sql = format!("SELECT {what} WHERE 1 = 1");
        if let Some(department) = &filter.department {
            // An agent's tickets are fewer than a department's: not to be looked up by the index of departments.
            let column = if filter.assignee.is_some() { "coalesce(department, '')" } else { "department" };
            write!(sql, " AND {column} = {}", self.text(department)).ok();
        }
        if let Some(assignee) = &filter.assignee {
            write!(sql, " AND assignee = {}", self.text(assignee)).ok();
        }
        self.in_statuses(&mut sql, statuses);
        sql
    }

    /// By what few tickets have: begun there, whatever else is asked for. (A CROSS JOIN is read from left to right.)
    fn narrow(&mut self, what: &str, filter: &TicketFilter, statuses: &[Status]) -> String {
        let TicketFilter { department, statuses: _, assignee, requester, tag } = filter;
        let mut sql = format!("SELECT {what} FROM ");
        if let Some(requester) = requester {
            let key = Address::parse(requester).map_or_else(|| requester.to_lowercase(), |address| address.key());
            let key = self.text(&key);
            sql.push_str("participant CROSS JOIN ticket WHERE participant.role = 'requester' AND ");
            write!(sql, "participant.address_key = {key} AND ticket.number = participant.ticket").ok();
            if let Some(tag) = tag {
                let tag = self.text(tag);
                write!(sql, " AND EXISTS (SELECT 1 FROM tag WHERE tag.ticket = ticket.number AND tag.tag = {tag})")
                    .ok();
            }
        } else if let Some(tag) = tag {
            let tag = self.text(tag);
            write!(sql, "tag CROSS JOIN ticket WHERE tag.tag = {tag} AND ticket.number = tag.ticket").ok();
        }
        if let Some(department) = department {
            write!(sql, " AND ticket.department = {}", self.text(department)).ok();
        }
        if let Some(assignee) = assignee {
            write!(sql, " AND ticket.assignee = {}", self.text(assignee)).ok();
        }
        self.in_statuses(&mut sql, statuses);
        sql
    }

    fn in_statuses(&mut self, sql: &mut String, statuses: &[Status]) {
        if let [status] = statuses {
            write!(sql, " AND status = {}", self.text(status.as_str())).ok();
        } else if statuses.len() < Status::ALL.len() {
            let words: Vec<String> = statuses.iter().map(|status| self.text(status.as_str())).collect();
            write!(sql, " AND status IN ({})", words.join(", ")).ok();
        }
    }
}

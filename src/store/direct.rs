//! What is known of a ticket on which one of us answered past the desk.

use rusqlite::params;

use super::error::StoreError;
use super::facts::View;
use super::rows::{optional_time, time};
use crate::model::facts::DirectFacts;
use crate::model::id::{MailId, TicketNumber};
use crate::model::plan::UNPROVEN_COPY;

/// Answers that a copy is compared with.
const ANSWERS: i64 = 20;
/// Characters of each.
const ANSWER_CHARS: i64 = 20_000;

impl View<'_> {
    /// What a decision about such a mail with this Message-ID needs.
    pub fn direct_facts(&self, number: TicketNumber, id: Option<&MailId>) -> Result<DirectFacts, StoreError> {
        let sql = "SELECT max(coalesce(mail.received_at_s, message.added_at_s))
                   FROM message LEFT JOIN mail ON mail.id = message.mail
                   WHERE message.ticket = ?1 AND message.kind = 'customer'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let customer_wrote_at = optional_time(statement.query_row([number.0], |row| row.get(0))?)?;
        let sql = "SELECT date_s, substr(text, 1, ?2) FROM message
                   WHERE ticket = ?1 AND kind = 'agent' ORDER BY id DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![number.0, ANSWER_CHARS, ANSWERS], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut answers = Vec::new();
        for row in rows {
            let (date, text): (i64, String) = row?;
            answers.push((time(date)?, text));
        }
        let (mut is_answer, mut is_unproven) = (false, false);
        if let Some(id) = id {
            let sql = "SELECT count(*) FILTER (WHERE kind = 'agent') > 0, count(*) FILTER (WHERE kind = 'note' AND thread_reason = ?2) > 0
                       FROM message WHERE message_id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            (is_answer, is_unproven) =
                statement.query_row(params![id.as_str(), UNPROVEN_COPY], |row| Ok((row.get(0)?, row.get(1)?)))?;
        }
        Ok(DirectFacts { customer_wrote_at, answers, is_answer, is_unproven })
    }
}

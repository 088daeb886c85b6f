//! In whose hands a mail is: to whom we sent it or who wrote it, who wrote on a ticket, whom we wrote to; and the deliveries of
//! mails that are alike.

use jiff::Timestamp;
use rusqlite::params;

use crate::model::address::Address;
use crate::model::facts::{Known, ThreadFacts};
use crate::model::id::{MailId, TicketNumber};
use crate::model::link::Clues;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, time};
use crate::store::engine::view::View;

/// Messages under one Message-ID, recipients of one mail, and messages of one ticket that are looked at.
const MAX_ROWS: i64 = 200;
const MAX_OF_TICKET: i64 = 1_000;

/// Mails with the same words that are looked at, the latest.
const MAX_DELIVERIES: i64 = 50;

/// A mail that we have.
pub struct Delivery {
    /// Where it stands.
    pub known: Known,
    /// When the server received it.
    pub received_at: Timestamp,
    mail: i64,
}

impl View<'_> {
    /// The latest mails with a fingerprint.
    pub fn alike(&self, fingerprint: &[u8; 32]) -> Result<Vec<Delivery>, StoreError> {
        let sql = "SELECT ledger.ticket, mail.received_at_s, mail.id FROM ledger JOIN mail ON mail.id = ledger.mail
                   WHERE ledger.fingerprint = ?1 AND ledger.fate <> 'quarantined' ORDER BY ledger.id DESC LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![fingerprint, MAX_DELIVERIES])?;
        let mut deliveries = Vec::new();
        while let Some(row) = rows.next()? {
            let known = Known { ticket: get::<Option<i64>>(row, 0)?.map(TicketNumber) };
            deliveries.push(Delivery { known, received_at: time(get(row, 1)?)?, mail: get(row, 2)? });
        }
        Ok(deliveries)
    }

    /// The mail of a delivery.
    pub fn delivered(&self, delivery: &Delivery) -> Result<Vec<u8>, StoreError> {
        self.mail_bytes(delivery.mail).map(|(bytes, _)| bytes)
    }

    /// What the authors of a mail have of the tickets that it names.
    pub(in crate::store) fn add_hands(&self, clues: &Clues, facts: &mut ThreadFacts) -> Result<(), StoreError> {
        for (id, number) in &facts.by_id {
            let hands = self.hands_of(id, *number)?;
            let authors = clues.authors.iter().filter(|author| hands.iter().any(|hand| hand.same_as(author)));
            facts.held_by.extend(authors.map(|author| (id.clone(), author.clone())));
        }
        for ticket in &facts.tickets {
            for author in &clues.authors {
                if !ticket.is_participant(author) || ticket.requester.address.same_as(author) {
                    continue;
                }
                if self.has_written(ticket.number, author)? {
                    facts.wrote.push((ticket.number, author.clone()));
                }
                if self.was_written_to(ticket.number, author)? {
                    facts.told.push((ticket.number, author.clone()));
                }
            }
        }
        if let Some(id) = &clues.bounced_id {
            facts.bounced_to = self.sent_to(id)?;
        }
        Ok(())
    }

    /// Who has the mail of a ticket under this id, from us or as its author.
    fn hands_of(&self, id: &MailId, number: TicketNumber) -> Result<Vec<Address>, StoreError> {
        let mut hands = self.sent_to(id)?;
        let sql = "SELECT from_address FROM message
                   WHERE message_id = ?1 AND coalesce(origin, ticket) = ?2 AND visibility = 'public' AND kind <> 'agent'
                   UNION ALL
                   SELECT recipient.address FROM message JOIN recipient ON recipient.message = message.id
                   WHERE message_id = ?1 AND coalesce(origin, ticket) = ?2 AND visibility = 'public'
                     AND message.kind = 'agent'
                   LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![id.as_str(), number.0, MAX_ROWS])?;
        while let Some(row) = rows.next()? {
            hands.extend(Address::parse(&get::<String>(row, 0)?));
        }
        Ok(hands)
    }

    /// To whom we sent the mail with this id.
    fn sent_to(&self, id: &MailId) -> Result<Vec<Address>, StoreError> {
        let sql = "SELECT outbox.recipient FROM outgoing JOIN outbox ON outbox.outgoing = outgoing.id
                   WHERE outgoing.message_id = ?1 AND outbox.state <> 'dropped' LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let sent = statement.query_map(params![id.as_str(), MAX_ROWS], |row| row.get::<_, String>(0))?;
        Ok(sent.collect::<Result<Vec<_>, _>>()?.iter().filter_map(|address| Address::parse(address)).collect())
    }

    /// Whether somebody wrote on a ticket.
    fn has_written(&self, number: TicketNumber, author: &Address) -> Result<bool, StoreError> {
        let sql = "SELECT from_address FROM message
                   WHERE (ticket = ?1 OR origin = ?1) AND kind IN ('customer', 'automatic') AND visibility = 'public'
                   LIMIT ?2";
        self.is_among(author, sql, number)
    }

    /// Whether we wrote to somebody on a ticket.
    fn was_written_to(&self, number: TicketNumber, author: &Address) -> Result<bool, StoreError> {
        let sql = "SELECT outbox.recipient FROM outgoing JOIN outbox ON outbox.outgoing = outgoing.id
                   WHERE outgoing.ticket = ?1 AND outgoing.kind IN ('answer', 'acknowledgement')
                     AND outbox.state <> 'dropped' LIMIT ?2";
        self.is_among(author, sql, number)
    }

    /// Whether `author` is one of the addresses that `sql` finds for a ticket.
    fn is_among(&self, author: &Address, sql: &str, number: TicketNumber) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number.0, MAX_OF_TICKET])?;
        while let Some(row) = rows.next()? {
            if Address::parse(&get::<String>(row, 0)?).is_some_and(|found| found.same_as(author)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

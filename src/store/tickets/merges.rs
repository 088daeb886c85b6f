//! Tickets that are part of others: merged, seen through, taken apart again.
//!
//! A merge moves nothing but where messages stand, and that can be computed: `message.origin` names the ticket that a message
//! belongs to, `message.ticket` the one that lives on for it. People, tags and references of a merged ticket stay its own and
//! are seen through it. So taking a merge back is exact, in whatever order merges are taken back.

use jiff::Timestamp;
use rusqlite::params;

use crate::model::address::Person;
use crate::model::facts::ThreadFacts;
use crate::model::id::{MailId, TicketNumber};
use crate::model::plan::NewMessage;
use crate::model::step::Step;
use crate::model::surroundings::{Merged, Needs, Surroundings};
use crate::model::ticket::{MessageKind, Participant, Role, Status, Ticket};
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, optional_time, person, word};
use crate::store::engine::view::{Tx, View};

/// Message-IDs of a conversation that a ticket gives out: the latest ones.
const PUBLIC_IDS: i64 = 64;

impl View<'_> {
    /// The ticket that lives on when `number` was merged, else `number` itself.
    pub fn lead(&self, number: TicketNumber) -> Result<TicketNumber, StoreError> {
        let sql = "WITH RECURSIVE up (number, step) AS (
                       SELECT CAST(?1 AS bigint), 0 UNION ALL
                       SELECT merge.lead, step + 1 FROM up JOIN merge ON merge.ticket = up.number WHERE step < 1000)
                   SELECT number FROM up ORDER BY step DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(TicketNumber(statement.query_row([number.0], |row| row.get(0))?))
    }

    /// The subjects of all that was merged into a ticket.
    pub(in crate::store) fn merged_subjects(&self, number: TicketNumber) -> Result<Vec<String>, StoreError> {
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT ticket FROM merge WHERE lead = ?1
                       UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number)
                   SELECT subject FROM ticket JOIN part ON part.number = ticket.number ORDER BY ticket.number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let subjects = statement.query_map([number.0], |row| row.get(0))?;
        Ok(subjects.collect::<Result<_, _>>()?)
    }

    /// Adds the living tickets behind the merged ones.
    pub(in crate::store) fn add_leads(&self, facts: &mut ThreadFacts) -> Result<(), StoreError> {
        let merged = facts.tickets.iter().filter(|ticket| ticket.merged_into.is_some());
        let merged: Vec<TicketNumber> = merged.map(|ticket| ticket.number).collect();
        for number in merged {
            let lead = self.lead(number)?;
            facts.leads.insert(number, lead);
            if facts.ticket(lead).is_none() {
                facts.tickets.extend(self.ticket(lead)?);
            }
        }
        Ok(())
    }

    /// What an agent's mail on a ticket needs beside it: the tickets that it names, and what is part of the ticket.
    pub fn surroundings(&self, ticket: &Ticket, wanted: &Needs) -> Result<Surroundings, StoreError> {
        let number = ticket.number;
        let mut surroundings = Surroundings {
            merged: self.merged(number)?,
            split_from: self.split_from(number)?,
            muted: self.muted_by(&ticket.requester.address)?.is_some(),
            mutes: self.mutes()?,
            hand_over: self.hand_over(number)?,
            ..Surroundings::default()
        };
        if wanted.mails {
            surroundings.mails = self.mail_heads(number)?;
            surroundings.answered = self.shown_by(number, &wanted.answers)?;
        }
        if wanted.conversation {
            surroundings.conversation = self.conversation(number)?;
        }
        if wanted.case_file {
            surroundings.case_file = self.case_file(number)?;
        }
        for number in wanted.tickets.iter().copied().chain(surroundings.split_from) {
            for number in [number, self.lead(number)?] {
                if surroundings.named.iter().all(|ticket| ticket.number != number) {
                    surroundings.named.extend(self.ticket(number)?);
                }
            }
        }
        Ok(surroundings)
    }

    /// What is part of a ticket, the latest merge last.
    fn merged(&self, number: TicketNumber) -> Result<Vec<Merged>, StoreError> {
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT CAST(?1 AS bigint) UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number),
                   of_merge (ticket, number) AS (
                       SELECT number, number FROM part UNION
                       SELECT of_merge.ticket, merge.ticket FROM merge JOIN of_merge ON merge.lead = of_merge.number)
                   SELECT merge.ticket, merge.status, merge.wait_until_s, merge.lead_status, merge.lead_wait_until_s, lead.status,
                       EXISTS (SELECT 1 FROM message WHERE kind = 'customer' AND id > last_message
                                  AND origin IN (SELECT number FROM of_merge WHERE of_merge.ticket = merge.ticket)),
                       EXISTS (SELECT 1 FROM message WHERE kind = 'customer' AND id > last_message
                                  AND message.ticket = ?1 AND coalesce(origin, 0) <> merge.ticket)
                       OR EXISTS (SELECT 1 FROM merge AS later
                                  WHERE later.lead = merge.lead AND later.last_message > merge.last_message)
                   FROM merge JOIN ticket AS lead ON lead.number = merge.lead
                   WHERE merge.ticket IN (SELECT number FROM part) ORDER BY last_message, merge.at_s, merge.ticket";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number.0])?;
        let mut merged = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(ticket) = self.ticket(TicketNumber(get(row, 0)?))? else { continue };
            let last_words = self.last_words_of_part(ticket.number)?;
            let before = word(&get::<String>(row, 3)?, Status::from_word)?;
            let opened = before != Status::Open && get::<String>(row, 5)? == Status::Open.as_str();
            let quiet = !get::<bool>(row, 7)?;
            let lead_before = (opened && quiet).then_some((before, optional_time(get(row, 4)?)?));
            merged.push(Merged {
                ticket,
                status: word(&get::<String>(row, 1)?, Status::from_word)?,
                wait_until: optional_time(get(row, 2)?)?,
                written_to: get(row, 6)?,
                last_words,
                lead_before,
            });
        }
        Ok(merged)
    }

    /// The latest words of a customer that belong to a merged ticket, wherever they stand.
    fn last_words_of_part(&self, number: TicketNumber) -> Result<Option<(Person, String)>, StoreError> {
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT CAST(?1 AS bigint) UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number)
                   SELECT from_name, from_address, text FROM message
                   WHERE kind = 'customer' AND origin IN (SELECT number FROM part) ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some((person(get(row, 0)?, &get::<String>(row, 1)?)?, get(row, 2)?)))
    }

    /// Who is on a ticket; who is on one that was merged into it is proposed, and told nothing until an agent accepts them.
    pub(in crate::store) fn participants(&self, number: TicketNumber) -> Result<Vec<Participant>, StoreError> {
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT CAST(?1 AS bigint) UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number)
                   SELECT name, address, role, address_key FROM participant WHERE ticket = ?1
                   UNION ALL
                   SELECT name, address, 'proposed', address_key FROM participant AS other
                   WHERE ticket = (SELECT min(first.ticket) FROM participant AS first JOIN part ON part.number = first.ticket
                                   WHERE first.address_key = other.address_key AND first.ticket <> ?1)
                     AND ticket IN (SELECT number FROM part WHERE number <> ?1)
                     AND NOT EXISTS (SELECT 1 FROM participant AS own
                                     WHERE own.ticket = ?1 AND own.address_key = other.address_key)
                   ORDER BY 4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number.0])?;
        let mut participants = Vec::new();
        while let Some(row) = rows.next()? {
            let role = word(&get::<String>(row, 2)?, Role::from_word)?;
            participants.push(Participant { person: person(get(row, 0)?, &get::<String>(row, 1)?)?, role });
        }
        Ok(participants)
    }

    /// The tags of a ticket and of what was merged into it.
    pub(in crate::store) fn tags(&self, number: TicketNumber) -> Result<Vec<String>, StoreError> {
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT CAST(?1 AS bigint) UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number)
                   SELECT DISTINCT tag FROM tag WHERE ticket IN (SELECT number FROM part) ORDER BY tag";
        let mut statement = self.connection.prepare_cached(sql)?;
        let tags = statement.query_map([number.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(tags)
    }

    /// The ids that our next answer refers to, and when those of them were written that are answers. Those of a merged ticket whose customer is not on this one are left out: they
    /// would tell a stranger of their mails.
    pub(in crate::store) fn public_mails(
        &self,
        number: TicketNumber,
    ) -> Result<(Vec<MailId>, Vec<Timestamp>), StoreError> {
        let sql = "SELECT message_id, CASE WHEN kind = 'agent' THEN date_s END FROM (
                       SELECT id, message_id, kind, date_s FROM message
                       WHERE ticket = ?1 AND visibility = 'public' AND message_id IS NOT NULL
                         AND (origin IS NULL OR origin = ?1 OR EXISTS (
                             SELECT 1 FROM participant AS theirs JOIN participant AS ours
                                 ON ours.ticket = ?1 AND ours.role <> 'proposed' AND ours.address_key = theirs.address_key
                             WHERE theirs.ticket = origin AND theirs.role = 'requester'))
                       ORDER BY id DESC LIMIT ?2) AS latest
                   ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number.0, PUBLIC_IDS])?;
        let (mut ids, mut answered_at) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            ids.push(MailId::new(&get::<String>(row, 0)?));
            answered_at.extend(optional_time(get(row, 1)?)?);
        }
        Ok((ids, answered_at))
    }
}

impl Tx<'_> {
    /// Writes one step.
    pub(in crate::store) fn step(&self, number: TicketNumber, step: &Step, now: Timestamp) -> Result<(), StoreError> {
        match step {
            Step::Merge { lead } => self.merge(number, *lead, now),
            Step::Unmerge => self.unmerge(number),
            Step::Split { from, message } => self.split(number, *from, *message),
            Step::WithdrawReceipt => self.withdraw_receipt(number, now),
            Step::Mute { address, by } => self.mute(number, address, by, now),
            Step::Unmute(address) => self.unmute(address),
            Step::HandOver { from, assignee, by } => self.hand_on(number, from, assignee.as_ref(), by.as_ref(), now),
            Step::Accept => self.end_hand_over(number, "accepted"),
            Step::Return => self.end_hand_over(number, "returned"),
        }
    }

    fn merge(&self, number: TicketNumber, lead: TicketNumber, now: Timestamp) -> Result<(), StoreError> {
        // Both are part of none: so there is never a circle.
        let sql = "INSERT INTO merge (ticket, lead, status, wait_until_s, closed_at_s, lead_status, lead_wait_until_s,
                       last_message, at_s)
                   SELECT part.number, lead.number, part.status, part.wait_until_s, part.closed_at_s, lead.status,
                       lead.wait_until_s, (SELECT coalesce(max(id), 0) FROM message), ?3
                   FROM ticket AS part, ticket AS lead
                   WHERE part.number = ?1 AND lead.number = ?2 AND part.number <> lead.number
                     AND NOT EXISTS (SELECT 1 FROM merge WHERE merge.ticket IN (?1, ?2))";
        if self.connection.prepare_cached(sql)?.execute(params![number.0, lead.0, now.as_second()])? == 0 {
            return Err(StoreError::NotFound(format!(
                "#{number} cannot be merged into #{lead}: one of them was merged"
            )));
        }
        self.set_wait(number, Status::Closed, None)?;
        let sql = "UPDATE ticket SET status = 'closed', wait_until_s = NULL, closed_at_s = ?2 WHERE number = ?1";
        self.counting_ticket(number, || {
            self.connection.prepare_cached(sql)?.execute(params![number.0, now.as_second()])?;
            Ok(())
        })?;
        let sql = "UPDATE message SET origin = coalesce(origin, ticket), ticket = ?2 WHERE ticket = ?1";
        self.connection.prepare_cached(sql)?.execute(params![number.0, lead.0])?;
        Ok(())
    }

    fn unmerge(&self, number: TicketNumber) -> Result<(), StoreError> {
        let sql = "UPDATE ticket SET (status, wait_until_s, closed_at_s) =
                       (SELECT status, wait_until_s, closed_at_s FROM merge WHERE merge.ticket = ?1)
                   WHERE number = ?1 AND EXISTS (SELECT 1 FROM merge WHERE merge.ticket = ?1)";
        self.counting_ticket(number, || match self.connection.prepare_cached(sql)?.execute([number.0])? {
            0 => Err(StoreError::NotFound(format!("ticket #{number} is not merged"))),
            _ => Ok(()),
        })?;
        self.connection.prepare_cached("DELETE FROM merge WHERE ticket = ?1")?.execute([number.0])?;
        if let Some(ticket) = self.ticket(number)? {
            self.set_wait(number, ticket.status, ticket.wait_until)?;
        }
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT CAST(?1 AS bigint) UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number)
                   UPDATE message SET ticket = ?1 WHERE origin IN (SELECT number FROM part)";
        self.connection.prepare_cached(sql)?.execute([number.0])?;
        Ok(())
    }

    /// A tag of what was merged into the ticket shows on it: taken off, it is taken off all of them.
    pub(in crate::store) fn remove_tag(&self, number: TicketNumber, tag: &str) -> Result<(), StoreError> {
        let sql = "WITH RECURSIVE part (number) AS (
                       SELECT CAST(?1 AS bigint) UNION SELECT merge.ticket FROM merge JOIN part ON merge.lead = part.number)
                   DELETE FROM tag WHERE tag = ?2 AND ticket IN (SELECT number FROM part)";
        self.connection.prepare_cached(sql)?.execute(params![number.0, tag])?;
        Ok(())
    }

    /// The merged ticket that a new message belongs to: a customer's or a machine's that was written to one.
    pub(in crate::store) fn origin(
        &self,
        message: &NewMessage,
        came_for: Option<TicketNumber>,
    ) -> Result<Option<TicketNumber>, StoreError> {
        let Some(number) = came_for.filter(|_| matches!(message.kind, MessageKind::Customer | MessageKind::Automatic))
        else {
            return Ok(None);
        };
        Ok((self.lead(number)? == message.ticket && number != message.ticket).then_some(number))
    }
}

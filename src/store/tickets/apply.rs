//! Writes a plan: the ticket, its messages and events, the mails to send, the mail's fate. One statement a function.

use jiff::Timestamp;
use rusqlite::params;

use crate::model::address::{Address, Person};
use crate::model::id::{LedgerId, MailId, MailboxId, TicketNumber};
use crate::model::link::Unproven;
use crate::model::outgoing::{Outgoing, OutgoingKind};
use crate::model::plan::{Change, Fate, NewMessage, NewTicket, Plan};
use crate::model::ticket::{MessageKind, Participant, SenderVerdict, Status};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::view::Tx;

/// What goes with a plan into the same commit.
pub struct Application<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its mails as bytes, in the order of `plan.mails`.
    pub outgoing: &'a [Outgoing],
    /// The row of the mail that caused it and the mail's fingerprint; `None` for a tick or a command.
    pub cause: Option<(LedgerId, [u8; 32])>,
    /// The mailbox whose breaker counts the automatic mails to customers.
    pub mailbox: &'a MailboxId,
    /// Envelope sender for servers that refuse the null sender.
    pub fallback_from: &'a Address,
    /// Now.
    pub now: Timestamp,
}

const ADD_TAG: &str = "INSERT INTO tag (ticket, tag) VALUES (?1, ?2) ON CONFLICT (ticket, tag) DO NOTHING";

impl Tx<'_> {
    /// Writes a plan with its mails.
    pub fn apply(&self, application: &Application<'_>) -> Result<(), StoreError> {
        let Application { plan, outgoing, cause, mailbox, fallback_from, now } = application;
        for ticket in &plan.open {
            self.open_ticket(ticket, *now)?;
        }
        if let Some(number) = plan.open.iter().map(|ticket| ticket.number).max() {
            self.note_number(number.0)?;
        }
        for (number, change) in &plan.changes {
            self.change(*number, change, *now)?;
        }
        let mail = match cause {
            Some((ledger, _)) => self.mail_of(*ledger)?,
            None => None,
        };
        for message in &plan.messages {
            let origin = self.origin(message, plan.came_for)?;
            let sender = match message.kind {
                MessageKind::Customer | MessageKind::Automatic => plan.sender,
                MessageKind::Agent | MessageKind::Note | MessageKind::Returned => SenderVerdict::Unknown,
            };
            self.add_message(message, mail, origin, sender, *now)?;
        }
        if let Some(last) = plan.messages.iter().map(|message| message.key).max() {
            self.note_message(last)?;
        }
        self.held_steps(&plan.held, *now)?;
        if let Some((ticket, agent, message)) = &plan.seen {
            self.note_seen(*ticket, agent, *message)?;
        }
        for (ticket, id) in &plan.refers {
            self.add_reference(*ticket, id)?;
        }
        for (agent, absence) in &plan.absences {
            self.set_absence(agent, absence.as_ref())?;
        }
        for (ticket, agent, key) in &plan.renewed {
            self.renew_key(*ticket, agent, *key)?;
        }
        for event in &plan.events {
            self.add_event(event, *now)?;
        }
        for mail in *outgoing {
            self.queue(mail, mailbox, fallback_from, *now)?;
        }
        if let Some(serial) = outgoing.iter().map(|mail| mail.serial).max() {
            self.advance_serial(serial)?;
        }
        if plan.again {
            self.hold_queued(outgoing, *now)?;
        }
        if let Some(returned) = &plan.returned {
            self.note_returned(returned, *now)?;
        }
        self.count_plan(plan, *now)?;
        if let Some(number) = plan.named {
            self.note_number(number.0)?;
        }
        if let Some((address, why)) = &plan.came_back {
            self.count_returned(address, *now)?;
            if *why == Unproven::Lost {
                self.note_lost_proof(*now)?;
            }
        }
        if let Some((agent, ticket)) = &plan.lost_words {
            self.note_lost_words(agent, *ticket, *now)?;
        }
        if let Some(address) = &plan.muted {
            self.count_muted(address)?;
        }
        if let (Some((ledger, fingerprint)), Some(fate)) = (cause, &plan.fate) {
            self.record_fate(*ledger, fingerprint, fate, *now)?;
        }
        Ok(())
    }

    fn open_ticket(&self, ticket: &NewTicket, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO ticket (number, subject, department, status, priority, assignee, requester_name, requester_address,
                       language, mailbox, route_kind, route_detail, possibly_related, wait_until_s, created_at_s, updated_at_s,
                       follows, family, list, token_key)
                   VALUES (?1, ?2, ?3, 'new', 'normal', NULL, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, ?11, ?11, ?12, ?13, ?14, ?15)";
        self.counting_ticket(ticket.number, || {
            self.connection.prepare_cached(sql)?.execute(params![
                ticket.number.0,
                ticket.subject,
                ticket.route.department.as_str(),
                ticket.requester.name,
                ticket.requester.address.as_str(),
                ticket.language.tag(),
                ticket.mailbox.as_str(),
                ticket.route.kind.as_str(),
                ticket.route.detail,
                ticket.possibly_related.map(|number| number.0),
                now.as_second(),
                ticket.follows.map(|number| number.0),
                ticket.family.map(|number| number.0),
                ticket.list,
                ticket.key.get(),
            ])?;
            Ok(())
        })?;
        ticket.participants.iter().try_for_each(|participant| self.add_participant(ticket.number, participant))
    }

    fn change(&self, number: TicketNumber, change: &Change, now: Timestamp) -> Result<(), StoreError> {
        match change {
            Change::Status(status, wait_until) => self.set_status(number, *status, *wait_until, now)?,
            Change::Assignee(agent) => {
                let agent = agent.as_ref().map(|agent| agent.as_str().to_owned());
                self.set_place(number, "UPDATE ticket SET assignee = ?2 WHERE number = ?1", &agent)?;
            }
            Change::Given(department, agent) => {
                self.set_place(number, "UPDATE ticket SET assignee = ?2 WHERE number = ?1", &agent.as_str())?;
                self.note_given(department, agent)?;
            }
            Change::Department(department) => {
                self.set_place(number, "UPDATE ticket SET department = ?2 WHERE number = ?1", &department.as_str())?;
            }
            Change::Priority(priority) => {
                self.set(number, "UPDATE ticket SET priority = ?2 WHERE number = ?1", &priority.as_str())?;
            }
            Change::AddTag(tag) => self.set(number, ADD_TAG, tag)?,
            Change::RemoveTag(tag) => self.remove_tag(number, tag)?,
            Change::Participant(participant) => self.add_participant(number, participant)?,
            Change::NoParticipant(address) => {
                self.set(number, "DELETE FROM participant WHERE ticket = ?1 AND address_key = ?2", &address.key())?;
            }
            Change::Requester(person) => self.set_requester(number, person)?,
            Change::Step(step) => self.step(number, step, now)?,
        }
        self.set(number, "UPDATE ticket SET updated_at_s = ?2 WHERE number = ?1", &now.as_second())
    }

    fn set(&self, number: TicketNumber, sql: &str, value: &dyn rusqlite::ToSql) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute(params![number.0, value])?;
        Ok(())
    }

    /// Sets what tickets are counted by.
    fn set_place(&self, number: TicketNumber, sql: &str, value: &dyn rusqlite::ToSql) -> Result<(), StoreError> {
        self.counting_ticket(number, || self.set(number, sql, value))
    }

    fn set_status(
        &self,
        number: TicketNumber,
        status: Status,
        wait_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE ticket SET status = ?2, wait_until_s = ?3, closed_at_s = ?4 WHERE number = ?1";
        let closed_at = (status == Status::Closed).then(|| now.as_second());
        self.set_wait(number, status, wait_until)?;
        let wait_until = wait_until.map(Timestamp::as_second);
        self.counting_ticket(number, || {
            self.connection.prepare_cached(sql)?.execute(params![number.0, status.as_str(), wait_until, closed_at])?;
            Ok(())
        })
    }

    fn add_participant(&self, number: TicketNumber, participant: &Participant) -> Result<(), StoreError> {
        let sql = "INSERT INTO participant (ticket, address_key, address, name, role) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (ticket, address_key) DO UPDATE SET role = excluded.role
                   WHERE participant.role = 'proposed'";
        let person = &participant.person;
        self.connection.prepare_cached(sql)?.execute(params![
            number.0,
            person.address.key(),
            person.address.as_str(),
            person.name,
            participant.role.as_str()
        ])?;
        Ok(())
    }

    /// Somebody who is on the ticket is the one to whom answers go first.
    fn set_requester(&self, number: TicketNumber, person: &Person) -> Result<(), StoreError> {
        let sql = "UPDATE ticket SET requester_name = ?2, requester_address = ?3 WHERE number = ?1";
        let parameters = params![number.0, person.name, person.address.as_str()];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        let sql = "UPDATE participant SET role = 'requester' WHERE ticket = ?1 AND address_key = ?2";
        self.set(number, sql, &person.address.key())
    }

    fn add_message(
        &self,
        message: &NewMessage,
        mail: Option<i64>,
        origin: Option<TicketNumber>,
        sender: SenderVerdict,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO message (id, ticket, kind, visibility, from_name, from_address, date_s, message_id, agent,
                       thread_reason, defects, mail, added_at_s, text, origin, sender)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
        self.connection.prepare_cached(sql)?.execute(params![
            message.key.0,
            message.ticket.0,
            message.kind.as_str(),
            message.visibility.as_str(),
            message.from.name,
            message.from.address.as_str(),
            message.date.as_second(),
            message.message_id.as_ref().map(|id| id.as_str().to_owned()),
            message.agent.as_ref().map(|agent| agent.as_str().to_owned()),
            message.thread_reason,
            message.defects.join("\n"),
            mail,
            now.as_second(),
            message.text,
            origin.map(|number| number.0),
            sender.as_str(),
        ])?;
        self.add_parts(message)?;
        self.set(message.ticket, "UPDATE ticket SET updated_at_s = ?2 WHERE number = ?1", &now.as_second())
    }

    fn add_reference(&self, ticket: TicketNumber, id: &MailId) -> Result<(), StoreError> {
        let sql = "INSERT INTO reference (message_id, ticket) VALUES (?1, ?2)
                   ON CONFLICT (message_id, ticket) DO NOTHING";
        self.connection.prepare_cached(sql)?.execute(params![id.as_str(), ticket.0])?;
        Ok(())
    }

    /// One row a mail, one a recipient; counts acknowledgements and notices for the breakers.
    fn queue(
        &self,
        mail: &Outgoing,
        mailbox: &MailboxId,
        fallback: &Address,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO outgoing (id, kind, ticket, message_id, envelope_from, fallback_from, agent, created_at_s, bytes,
                       shows, held, serial)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let outgoing = self.next_id(Numbered::Outgoing)?;
        self.connection.prepare_cached(sql)?.execute(params![
            outgoing,
            mail.kind.as_str(),
            mail.ticket.map(|number| number.0),
            mail.message_id.as_str(),
            mail.envelope_from.as_ref().map(|address| address.as_str().to_owned()),
            fallback.as_str(),
            mail.agent.as_ref().map(|agent| agent.as_str().to_owned()),
            now.as_second(),
            mail.bytes,
            mail.shows.map(|message| message.0),
            mail.held.map(|message| message.0),
            mail.serial,
        ])?;
        let rank = i64::from(!mail.kind.at_least_once());
        let sql =
            "INSERT INTO outbox (id, outgoing, recipient, rank, state, attempts, next_at_s, reason, told, updated_at_s)
                   VALUES (?1, ?2, ?3, ?4, 'queued', 0, ?5, '', '', ?6)";
        for recipient in &mail.recipients {
            self.connection.prepare_cached(sql)?.execute(params![
                self.next_id(Numbered::Outbox)?,
                outgoing,
                recipient.as_str(),
                rank,
                mail.not_before.unwrap_or(now).as_second(),
                now.as_second()
            ])?;
            match mail.kind {
                OutgoingKind::Acknowledgement => self.count_receipt(mailbox, recipient, now)?,
                OutgoingKind::Notice => self.count_notice(recipient, now)?,
                OutgoingKind::Answer | OutgoingKind::Notification => {}
            }
        }
        self.queued_mail.set(true);
        Ok(())
    }

    /// Moves the time that the breakers count by on; `passed_secs` is what a clock measured that nobody can set.
    pub fn keep_time(&self, passed_secs: Option<i64>, now: Timestamp) -> Result<(), StoreError> {
        let Some(passed_secs) = passed_secs else { return Ok(()) };
        let sql = "INSERT INTO counter (name, value) VALUES ('running_s', ?2)
                   ON CONFLICT (name) DO UPDATE SET value = counter.value + ?1";
        self.connection.prepare_cached(sql)?.execute(params![passed_secs, now.as_second()])?;
        Ok(())
    }

    /// No Message-ID is minted twice.
    fn advance_serial(&self, serial: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO counter (name, value) VALUES ('serial', ?1)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value";
        self.connection.prepare_cached(sql)?.execute([serial])?;
        Ok(())
    }

    fn mail_of(&self, ledger: LedgerId) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT mail FROM ledger WHERE id = ?1")?;
        Ok(statement.query_row([ledger.0], |row| row.get(0))?)
    }

    fn record_fate(
        &self,
        ledger: LedgerId,
        fingerprint: &[u8; 32],
        fate: &Fate,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (word, ticket, detail) = match fate {
            Fate::Ticket(number) => ("ticket", Some(number.0), ""),
            Fate::Duplicate(number) => ("duplicate", number.map(|number| number.0), ""),
            Fate::Ignored(reason) => ("ignored", None, reason.as_str()),
            Fate::Quarantined(number, reason) => ("quarantined", Some(number.0), reason.as_str()),
        };
        let sql = "UPDATE ledger SET fate = ?2, ticket = ?3, detail = ?4, fingerprint = ?5 WHERE id = ?1";
        self.counting_fate(ledger.0, || {
            self.connection.prepare_cached(sql)?.execute(params![ledger.0, word, ticket, detail, fingerprint])?;
            Ok(())
        })?;
        if let Fate::Quarantined(number, reason) = fate {
            self.hold(ledger, reason, Some(*number), now)?;
        } else {
            self.resolve_quarantine(ledger)?;
        }
        Ok(())
    }
}

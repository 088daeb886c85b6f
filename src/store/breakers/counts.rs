//! What the circuit breakers count: machine mails and new matters, by address and by domain, and bounces that nothing explains.
//!
//! By the time for which we have run, so that neither a clock that is set nor a stop makes a breaker forget.

use jiff::Timestamp;
use rusqlite::params;

use crate::model::address::Address;
use crate::model::facts::{DomainCount, SenderCount, StrayCount};
use crate::model::id::{MailboxId, TicketNumber};
use crate::model::plan::{NewOrFolded, Plan, TicketOpening};
use crate::model::provider::{is_public, one_mailbox, organisation};
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::view::{Tx, View};

/// Stands for a mailbox, which no mailbox is called, where mails are counted that come back to agents.
pub(in crate::store) const RETURNED: &str = ".returned";
pub(in crate::store) const DAY_SECS: i64 = 86_400;
pub(in crate::store) const HOUR_SECS: i64 = 3_600;

/// Texts of one domain that a mail is compared with, and characters of each.
const TEXTS: i64 = 8;
const TEXT_CHARS: i64 = 20_000;
/// Tickets of one person that a bounce may be about: the latest.
const TICKETS_OF_ONE: i64 = 50;
/// People of one bounce that are looked up.
const MAX_UNREACHED: usize = 10;

/// The form by which an address is counted: without its plus part, which a robot changes with each mail, and as its provider
/// reads it.
pub(in crate::store) fn counted_key(address: &Address) -> String {
    one_mailbox(address.without_detail("+").key())
}

/// The domain by which an address is counted; empty for a provider's, where neighbours have nothing to do with each other.
pub(in crate::store) fn counted_domain(address: &Address) -> &str {
    let domain = organisation(address.domain());
    if is_public(domain) { "" } else { domain }
}

impl View<'_> {
    /// What one address began in the last hour.
    pub(in crate::store) fn sender_count(&self, address_key: &str, running: i64) -> Result<SenderCount, StoreError> {
        let sql = "SELECT count(*), CAST(coalesce(sum(folded), 0) AS bigint), max(ticket) FROM begun
                   WHERE address_key = ?1 AND running_s > ?2";
        self.begun_by(sql, address_key, running)
    }

    fn begun_by(&self, sql: &str, whose: &str, running: i64) -> Result<SenderCount, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let (begun, folded, newest): (i64, i64, Option<i64>) = statement
            .query_row(params![whose, running - HOUR_SECS], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(SenderCount { begun: count(begun), folded: count(folded), newest: newest.map(TicketNumber) })
    }

    /// What one domain got and began; nothing for an empty one.
    pub(in crate::store) fn domain_count(&self, domain: &str, running: i64) -> Result<DomainCount, StoreError> {
        if domain.is_empty() {
            return Ok(DomainCount::default());
        }
        let sql = "SELECT count(*) FROM machine_mail WHERE domain = ?1 AND at_s > ?2";
        let latest = "SELECT max(at_s) FROM machine_mail WHERE domain = ?1";
        let latest: Option<i64> = self.connection.prepare_cached(latest)?.query_row([domain], |row| row.get(0))?;
        let begun = "SELECT count(*), CAST(coalesce(sum(folded), 0) AS bigint), max(ticket) FROM begun
                     WHERE domain = ?1 AND running_s > ?2";
        Ok(DomainCount {
            receipts_of_day: self.count(sql, params![domain, running - DAY_SECS])?,
            receipts_of_hour: self.count(sql, params![domain, running - HOUR_SECS])?,
            since_receipt: latest.map(|latest| running - latest),
            sender: self.begun_by(begun, domain, running)?,
            for_others: 0,
        })
    }

    /// Whether one of us has answered on one of the latest tickets that an address is on.
    pub(in crate::store) fn is_acquainted(&self, address: &Address) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM (SELECT ticket FROM participant WHERE address_key = ?1 AND role <> 'proposed'
                                  ORDER BY ticket DESC LIMIT ?2) AS latest
                   JOIN message ON message.ticket = latest.ticket
                   WHERE message.kind = 'agent' AND message.visibility = 'public' LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists(params![address.key(), TICKETS_OF_ONE])?)
    }

    /// Receipts of the last hour that mails from `domain` had sent to addresses elsewhere.
    pub fn receipts_for_others(&self, domain: &str, now: Timestamp) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM form_receipt WHERE domain = ?1 AND running_s > ?2";
        self.count(sql, params![domain, self.running_secs(now)? - HOUR_SECS])
    }

    /// The latest words that addresses of the organisation of `address` began tickets with within a day, each with the domain that it
    /// came from.
    pub fn begun_texts(&self, address: &Address, now: Timestamp) -> Result<Vec<(String, String)>, StoreError> {
        let domain = counted_domain(address);
        if domain.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT message.from_address, substr(message.text, 1, ?4)
                   FROM message JOIN (SELECT DISTINCT ticket FROM begun WHERE domain = ?1 AND running_s > ?2
                                      ORDER BY ticket DESC LIMIT ?3) AS begun ON message.ticket = begun.ticket
                   WHERE message.kind = 'customer' ORDER BY message.id DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let since = self.running_secs(now)? - DAY_SECS;
        let texts = statement.query_map(params![domain, since, TEXTS, TEXT_CHARS], |row| {
            let from: String = row.get(0)?;
            Ok((from.rsplit('@').next().unwrap_or_default().to_owned(), row.get(1)?))
        })?;
        Ok(texts.collect::<Result<_, _>>()?)
    }

    /// Whether the first mail of a ticket was written by this form or relay for another.
    pub(in crate::store) fn is_relay(&self, ticket: TicketNumber, relay: &Address) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM relay WHERE ticket = ?1 AND address_key = ?2";
        Ok(self.connection.prepare_cached(sql)?.exists(params![ticket.0, relay.key()])?)
    }

    /// The latest tickets that these people are on, the newest first.
    pub(in crate::store) fn tickets_of_people(&self, people: &[Address]) -> Result<Vec<TicketNumber>, StoreError> {
        let sql = "SELECT ticket FROM participant WHERE address_key = ?1 AND role <> 'proposed'
                   ORDER BY ticket DESC LIMIT ?2";
        let mut numbers: Vec<TicketNumber> = Vec::new();
        for person in people.iter().take(MAX_UNREACHED) {
            let mut statement = self.connection.prepare_cached(sql)?;
            let found = statement.query_map(params![person.key(), TICKETS_OF_ONE], |row| row.get(0))?;
            for number in found {
                let number = TicketNumber(number?);
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
        }
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        Ok(numbers)
    }

    /// Bounces that nothing explains, about `recipient_key` and about anybody.
    pub fn stray_count(&self, recipient_key: &str, now: Timestamp) -> Result<StrayCount, StoreError> {
        let running = self.running_secs(now)?;
        let same = "SELECT max(ticket) FROM stray_bounce WHERE recipient_key = ?1 AND running_s > ?2";
        let same: Option<i64> = self
            .connection
            .prepare_cached(same)?
            .query_row(params![recipient_key, running - DAY_SECS], |row| row.get(0))?;
        let all = "SELECT count(DISTINCT ticket), max(ticket) FROM stray_bounce WHERE running_s > ?1";
        let (of_hour, newest): (i64, Option<i64>) = self
            .connection
            .prepare_cached(all)?
            .query_row([running - HOUR_SECS], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(StrayCount {
            same: same.map(TicketNumber),
            of_hour: u32::try_from(of_hour).unwrap_or(u32::MAX),
            newest: newest.map(TicketNumber),
        })
    }
}

impl Tx<'_> {
    /// Counts what a plan is counted for.
    pub(in crate::store) fn count_plan(&self, plan: &Plan, now: Timestamp) -> Result<(), StoreError> {
        if let Some(begun) = &plan.begun {
            self.count_begun(begun, now)?;
        }
        if let Some(domain) = &plan.receipt_for_another {
            let sql = "INSERT INTO form_receipt (id, running_s, domain) VALUES (?1, ?2, ?3)";
            let row = params![self.next_id(Numbered::FormReceipt)?, self.running_secs(now)?, domain];
            self.connection.prepare_cached(sql)?.execute(row)?;
        }
        for (ticket, relay) in &plan.relays {
            let sql = "INSERT INTO relay (ticket, address_key) VALUES (?1, ?2)";
            self.connection.prepare_cached(sql)?.execute(params![ticket.0, relay.key()])?;
        }
        if let Some((recipient_key, ticket)) = &plan.stray {
            let sql = "INSERT INTO stray_bounce (id, running_s, recipient_key, ticket) VALUES (?1, ?2, ?3, ?4)";
            let (id, running) = (self.next_id(Numbered::StrayBounce)?, self.running_secs(now)?);
            self.connection.prepare_cached(sql)?.execute(params![id, running, recipient_key, ticket.0])?;
        }
        Ok(())
    }

    pub(in crate::store) fn count_receipt(
        &self,
        mailbox: &MailboxId,
        to: &Address,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.count_machine_mail(mailbox.as_str(), to, counted_domain(to), now)
    }

    /// Counted by address alone: agents are no customers of the mailbox.
    pub(in crate::store) fn count_notice(&self, to: &Address, now: Timestamp) -> Result<(), StoreError> {
        self.count_machine_mail("", to, "", now)
    }

    /// A mail that comes back to an agent.
    pub(in crate::store) fn count_returned(&self, to: &Address, now: Timestamp) -> Result<(), StoreError> {
        self.count_machine_mail(RETURNED, to, "", now)
    }

    fn count_machine_mail(&self, mailbox: &str, to: &Address, domain: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO machine_mail (id, at_s, mailbox, address_key, domain) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (id, running) = (self.next_id(Numbered::MachineMail)?, self.running_secs(now)?);
        self.connection.prepare_cached(sql)?.execute(params![id, running, mailbox, counted_key(to), domain])?;
        Ok(())
    }

    fn count_begun(&self, begun: &TicketOpening, now: Timestamp) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO begun (id, running_s, address_key, domain, ticket, folded) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (id, running) = (self.next_id(Numbered::Begun)?, self.running_secs(now)?);
        let folded = begun.how == NewOrFolded::Folded;
        let (key, domain) = (counted_key(&begun.by), counted_domain(&begun.by));
        self.connection.prepare_cached(sql)?.execute(params![id, running, key, domain, begun.ticket.0, folded])?;
        Ok(())
    }

    /// Forgets what no breaker looks at any more.
    pub(in crate::store) fn forget_counts(&self, now: Timestamp) -> Result<(), StoreError> {
        let long_ago = self.running_secs(now)? - 2 * DAY_SECS;
        for sql in [
            "DELETE FROM machine_mail WHERE at_s < ?1",
            "DELETE FROM begun WHERE running_s < ?1",
            "DELETE FROM form_receipt WHERE running_s < ?1",
            "DELETE FROM stray_bounce WHERE running_s < ?1",
            "DELETE FROM stopped WHERE running_s < ?1",
            "DELETE FROM told_mail WHERE running_s < ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([long_ago])?;
        }
        Ok(())
    }
}

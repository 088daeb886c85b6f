//! What time brings: deliveries that failed or drag on, tickets whose wait is over, quarantined mails without a ticket,
//! bytes that nobody needs any more.

use jiff::Timestamp;
use rusqlite::{Row, params};

use crate::model::address::Address;
use crate::model::held::Overdue;
use crate::model::id::{AgentId, MailId, MailboxId, MessageKey, OutboxId, QuarantineId, TicketNumber};
use crate::model::outgoing::{Instead, Objection, OutgoingKind};
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, unsigned, word};
use crate::store::engine::view::{Tx, View};
use crate::store::notifications::Waiting;

/// A mail that the agent has to be told about.
#[derive(Clone, Debug)]
pub struct FailedDelivery {
    /// Its row.
    pub id: OutboxId,
    /// What it was.
    pub kind: OutgoingKind,
    /// The ticket, when there is one.
    pub ticket: Option<TicketNumber>,
    /// The agent who wrote it.
    pub agent: Option<AgentId>,
    /// To whom it was.
    pub recipient: Address,
    /// What the server said.
    pub reason: String,
    /// Whether it will never arrive; else it is late.
    pub permanent: bool,
    /// What the server objected to, when it said so.
    pub objection: Option<Objection>,
    /// Whether the server had taken it before it came back.
    pub bounced: bool,
    /// Whether it was sent instead of another one.
    pub instead: Instead,
    /// The latest message of the ticket that it shows.
    pub shows: MessageKey,
    /// Its Message-ID.
    pub message_id: MailId,
}

/// A ticket whose `#wait` is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingOver(pub TicketNumber);

/// A quarantined mail that people cannot see yet.
#[derive(Clone, Debug)]
pub struct Unseen {
    /// Its row.
    pub id: QuarantineId,
    /// The mailbox it stands in.
    pub mailbox: MailboxId,
    /// Its folder.
    pub folder: String,
    /// Its UID.
    pub uid: u64,
    /// Why.
    pub reason: String,
}

/// Everything that is due.
#[derive(Clone, Debug, Default)]
pub struct DueWork {
    /// Failed or late mails nobody has been told of.
    pub deliveries: Vec<FailedDelivery>,
    /// Tickets to wake.
    pub waits: Vec<WaitingOver>,
    /// Quarantined mails to show.
    pub unseen: Vec<Unseen>,
    /// For whom kept news is due.
    pub news: Vec<Waiting>,
    /// Held answers to drop.
    pub overdue: Vec<Overdue>,
}

impl DueWork {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
            && self.waits.is_empty()
            && self.unseen.is_empty()
            && self.news.is_empty()
            && self.overdue.is_empty()
    }
}

/// Mails are late when they have waited this long.
const LATE_SECS: i64 = 4 * 3_600;
/// Rows handled by one tick.
const BATCH: i64 = 100;
/// Bytes of machine mails are kept this long after sending.
const KEEP_BYTES_SECS: i64 = 86_400;

impl View<'_> {
    /// What is due at `now`, at most a hundred of each kind.
    pub fn due_work(&self, now: Timestamp) -> Result<DueWork, StoreError> {
        Ok(DueWork {
            deliveries: self.deliveries(now)?,
            waits: self.waits(now)?,
            unseen: self.unseen()?,
            news: self.kept_due(now)?,
            overdue: self.overdue(now)?,
        })
    }

    fn deliveries(&self, now: Timestamp) -> Result<Vec<FailedDelivery>, StoreError> {
        // A mail that nobody has tried yet (we were down) is not late because of any server.
        let sql = "SELECT outbox.id, kind, ticket, agent, recipient, reason, state = 'failed', objection, bounced,
                          instead, coalesce(shows, 0), message_id
                   FROM outbox JOIN outgoing ON outgoing.id = outbox.outgoing
                   WHERE state <> 'sent' AND state IN ('failed', 'queued', 'deferred')
                     AND ((state = 'failed' AND told <> 'failure')
                          OR (state <> 'failed' AND told = '' AND created_at_s <= ?1 AND rank = 0
                              AND (attempts > 0 OR reason <> '')))
                   ORDER BY outbox.id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![now.as_second() - LATE_SECS, BATCH])?;
        let mut deliveries = Vec::new();
        while let Some(row) = rows.next()? {
            // A row that cannot be read stands in `outbox list`; it must not keep the others from being told.
            match failed_delivery(row) {
                Err(error) if error.concerns_one_job() => {}
                delivery => deliveries.push(delivery?),
            }
        }
        Ok(deliveries)
    }

    fn waits(&self, now: Timestamp) -> Result<Vec<WaitingOver>, StoreError> {
        // Few tickets have such a time, many may be waiting: the status is not to be looked up by its index.
        let sql = "SELECT number FROM ticket WHERE wait_until_s <= ?1 AND coalesce(status, '') = 'waiting'
                   ORDER BY wait_until_s LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = statement.query_map(params![now.as_second(), BATCH], |row| row.get(0))?;
        Ok(numbers.map(|number| number.map(|number| WaitingOver(TicketNumber(number)))).collect::<Result<_, _>>()?)
    }

    fn unseen(&self) -> Result<Vec<Unseen>, StoreError> {
        let sql = "SELECT quarantine.id, folder.mailbox, folder.name, ledger.uid, quarantine.reason
                   FROM quarantine JOIN ledger ON ledger.id = quarantine.ledger JOIN folder ON folder.id = ledger.folder
                   WHERE quarantine.ticket IS NULL AND quarantine.state = 'held' ORDER BY quarantine.id LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([BATCH])?;
        let mut unseen = Vec::new();
        while let Some(row) = rows.next()? {
            unseen.push(Unseen {
                id: QuarantineId(get(row, 0)?),
                mailbox: MailboxId::new(&get::<String>(row, 1)?),
                folder: get(row, 2)?,
                uid: unsigned(get(row, 3)?),
                reason: get(row, 4)?,
            });
        }
        Ok(unseen)
    }
}

impl Tx<'_> {
    /// Notes that the agent is told of a failed (or late) mail; `false` when they know, or when it is being tried again.
    pub fn told_of_delivery(&self, delivery: &FailedDelivery) -> Result<bool, StoreError> {
        let sql = if delivery.permanent {
            "UPDATE outbox SET told = 'failure' WHERE id = ?1 AND state = 'failed' AND told <> 'failure'"
        } else {
            "UPDATE outbox SET told = 'delay' WHERE id = ?1 AND state IN ('queued', 'deferred') AND told = ''"
        };
        Ok(self.connection.prepare_cached(sql)?.execute([delivery.id.0])? == 1)
    }

    /// Forgets what nobody needs any more: old counts of machine mail, bytes of machine mails sent long ago.
    pub fn tidy_up(&self, now: Timestamp) -> Result<(), StoreError> {
        self.forget_counts(now)?;
        self.forget_answered(now)?;
        self.forget_older_secret(now)?;
        self.forget_lost_words(now)?;
        let sql = "UPDATE outgoing SET bytes = ?2
                   WHERE kind IN ('acknowledgement', 'notification') AND created_at_s < ?1 AND length(bytes) > 0
                     AND NOT EXISTS (SELECT 1 FROM outbox WHERE outgoing = outgoing.id AND state NOT IN ('sent', 'dropped'))";
        self.connection.prepare_cached(sql)?.execute(params![now.as_second() - KEEP_BYTES_SECS, [0_u8; 0]])?;
        Ok(())
    }
}

fn failed_delivery(row: &Row<'_>) -> Result<FailedDelivery, StoreError> {
    let recipient: String = get(row, 4)?;
    Ok(FailedDelivery {
        id: OutboxId(get(row, 0)?),
        kind: word(&get::<String>(row, 1)?, OutgoingKind::from_word)?,
        ticket: get::<Option<i64>>(row, 2)?.map(TicketNumber),
        agent: get::<Option<String>>(row, 3)?.map(|id| AgentId::new(&id)),
        recipient: Address::parse(&recipient).ok_or_else(|| StoreError::Corrupt("a recipient".to_owned()))?,
        reason: get(row, 5)?,
        permanent: get(row, 6)?,
        objection: Objection::from_word(&get::<String>(row, 7)?),
        bounced: get(row, 8)?,
        instead: word(&get::<String>(row, 9)?, Instead::from_word)?,
        shows: MessageKey(get(row, 10)?),
        message_id: MailId::new(&get::<String>(row, 11)?),
    })
}

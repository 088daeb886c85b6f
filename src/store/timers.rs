//! What time brings: one table of moments at which something is due, and what is due by its state: deliveries that failed or
//! drag on, quarantined mails without a ticket, bytes that nobody needs any more.

use jiff::Timestamp;
use rusqlite::{Row, params};

use crate::model::address::Address;
use crate::model::id::{AgentId, MailId, MailboxId, MessageKey, OutboxId, QuarantineId, TicketNumber};
use crate::model::outgoing::{Instead, Objection, OutgoingKind};
use crate::model::ticket::Status;
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

/// Something that is due at a moment of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// An agent's absence ends.
    Absence(AgentId),
    /// A ticket comes back from `waiting`.
    Wait(TicketNumber),
    /// News that was kept is told.
    News(Waiting),
    /// A held answer is dropped.
    Held(MessageKey),
}

/// The words of all timers, in the order in which one tick looks at them.
const KINDS: [&str; 4] = ["absence", "wait", "news", "held"];

impl Timer {
    /// Its word, and what it is about: an agent, and the number of a ticket or message.
    fn key(&self) -> (&'static str, &str, i64) {
        match self {
            Self::Absence(agent) => ("absence", agent.as_str(), 0),
            Self::Wait(ticket) => ("wait", "", ticket.0),
            Self::News(Waiting { agent, ticket }) => ("news", agent.as_str(), ticket.0),
            Self::Held(message) => ("held", "", message.0),
        }
    }

    fn read(kind: &str, subject: &str, number: i64) -> Result<Self, StoreError> {
        Ok(match kind {
            "absence" => Self::Absence(AgentId::new(subject)),
            "wait" => Self::Wait(TicketNumber(number)),
            "news" => Self::News(Waiting { agent: AgentId::new(subject), ticket: TicketNumber(number) }),
            "held" => Self::Held(MessageKey(number)),
            other => return Err(StoreError::Corrupt(format!("the timer `{other}`"))),
        })
    }
}

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
    /// Quarantined mails to show.
    pub unseen: Vec<Unseen>,
    /// Timers whose moment has come.
    pub timers: Vec<Timer>,
}

impl DueWork {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.deliveries.is_empty() && self.unseen.is_empty() && self.timers.is_empty()
    }
}

/// Mails are late when they have waited this long.
const LATE_SECS: i64 = 4 * 3_600;
/// Rows of a kind handled by one tick.
const BATCH: i64 = 100;
/// Later than any hour that news is kept for.
const FAR_SECS: i64 = 10 * 86_400;
/// Bytes of machine mails are kept this long after sending.
const KEEP_BYTES_SECS: i64 = 86_400;

impl View<'_> {
    /// What is due at `now`, at most a hundred of each kind.
    pub fn due_work(&self, now: Timestamp) -> Result<DueWork, StoreError> {
        Ok(DueWork { deliveries: self.deliveries(now)?, unseen: self.unseen()?, timers: self.timers(now)? })
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

    fn timers(&self, now: Timestamp) -> Result<Vec<Timer>, StoreError> {
        let sql = "SELECT kind, subject, number FROM timer WHERE kind = ?1 AND (due_at_s <= ?2 OR due_at_s > ?3)
                   ORDER BY due_at_s, subject, number LIMIT ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut timers = Vec::new();
        for kind in KINDS {
            // No news is kept so long: the clock was put back.
            let far = if kind == "news" { now.as_second() + FAR_SECS } else { i64::MAX };
            let mut rows = statement.query(params![kind, now.as_second(), far, BATCH])?;
            while let Some(row) = rows.next()? {
                timers.push(Timer::read(&get::<String>(row, 0)?, &get::<String>(row, 1)?, get(row, 2)?)?);
            }
        }
        Ok(timers)
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
    /// It is due at this moment and no other.
    pub(super) fn set_timer(&self, timer: &Timer, due: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO timer (kind, subject, number, due_at_s) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (kind, subject, number) DO UPDATE SET due_at_s = excluded.due_at_s";
        let (kind, subject, number) = timer.key();
        self.connection.prepare_cached(sql)?.execute(params![kind, subject, number, due.as_second()])?;
        Ok(())
    }

    /// It is due at this moment, or earlier if it was to be.
    pub(super) fn set_timer_no_later(&self, timer: &Timer, due: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO timer (kind, subject, number, due_at_s) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (kind, subject, number) DO UPDATE SET due_at_s = excluded.due_at_s
                       WHERE timer.due_at_s > excluded.due_at_s";
        let (kind, subject, number) = timer.key();
        self.connection.prepare_cached(sql)?.execute(params![kind, subject, number, due.as_second()])?;
        Ok(())
    }

    /// It is not due any more.
    pub(super) fn stop_timer(&self, timer: &Timer) -> Result<(), StoreError> {
        let sql = "DELETE FROM timer WHERE kind = ?1 AND subject = ?2 AND number = ?3";
        let (kind, subject, number) = timer.key();
        self.connection.prepare_cached(sql)?.execute(params![kind, subject, number])?;
        Ok(())
    }

    /// What it was set for is done, unless it was set anew meanwhile.
    pub fn timer_is_done(&self, timer: &Timer, now: Timestamp) -> Result<(), StoreError> {
        let sql = "DELETE FROM timer WHERE kind = ?1 AND subject = ?2 AND number = ?3 AND due_at_s <= ?4";
        let (kind, subject, number) = timer.key();
        self.connection.prepare_cached(sql)?.execute(params![kind, subject, number, now.as_second()])?;
        Ok(())
    }

    /// A ticket comes back by itself when its status says so.
    pub(super) fn set_wait(
        &self,
        ticket: TicketNumber,
        status: Status,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        match until.filter(|_| status == Status::Waiting) {
            Some(until) => self.set_timer(&Timer::Wait(ticket), until),
            None => self.stop_timer(&Timer::Wait(ticket)),
        }
    }

    /// Has all kept news looked at again: the config or the clock is another.
    pub fn review_news(&self, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE timer SET due_at_s = ?1 WHERE kind = 'news' AND due_at_s > ?1";
        self.connection.prepare_cached(sql)?.execute([now.as_second()])?;
        Ok(())
    }

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

//! The outbox: one row a mail and recipient, with the SMTP phase on record.
//!
//! queued → sending → uncertain (before the final dot) → sent; or deferred, failed, dropped; `uncertain` for good when the
//! reply after the dot was lost and the mail must not be sent twice.

pub mod unreachable;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use crate::model::address::Address;
use crate::model::id::{MailId, OutboxId, TicketNumber};
use crate::model::outgoing::{Objection, OutgoingKind};
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, time, word};
use crate::store::engine::store::Store;
use crate::store::engine::view::{Tx, View};

/// Bytes of the mails taken at once, more or less.
const MAX_TAKEN_BYTES: usize = 32_000_000;

/// What is noted before the final dot.
const BEFORE_THE_DOT: &str = "the server may have taken it";
/// What is noted when somebody wants a mail tried at once.
const ASKED_FOR: &str = "to be tried at once, as an admin asked";
/// What failed longer ago is not tried again with all the others: nobody waits for it any more.
const RECENT_SECS: i64 = 5 * 86_400;
/// Longer than a server may take to answer the final dot.
const DOT_SECS: i64 = 15 * 60;

/// A mail that is due, taken into the state `sending`.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its row.
    pub id: OutboxId,
    /// What it is.
    pub kind: OutgoingKind,
    /// The one envelope recipient.
    pub recipient: Address,
    /// Envelope sender; `None` is `<>`.
    pub envelope_from: Option<Address>,
    /// An own address to fall back to when the server refuses the null sender.
    pub fallback_from: Address,
    /// Its Message-ID.
    pub message_id: MailId,
    /// The mail, CR LF, ASCII.
    pub bytes: Vec<u8>,
    /// Earlier attempts.
    pub attempts: u32,
    /// When it was decided.
    pub queued_at: Timestamp,
}

/// A row of the outbox as people see it.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Its id.
    pub id: OutboxId,
    /// What it is, as a word.
    pub kind: String,
    /// queued, sending, deferred, uncertain, failed.
    pub state: String,
    /// To whom.
    pub recipient: String,
    /// The ticket, when there is one.
    pub ticket: Option<TicketNumber>,
    /// Its Message-ID.
    pub message_id: MailId,
    /// Attempts so far.
    pub attempts: u32,
    /// When it is tried next (meaningful for queued and deferred).
    pub next_at: Timestamp,
    /// What the server said last.
    pub reason: String,
    /// When it was decided.
    pub created_at: Timestamp,
}

impl Store {
    /// After a start, before the first [`Store::outbox_take`]: rows left in `sending` are queued again (nothing was said
    /// after DATA); rows left `uncertain` are queued again when their kind is sent at least once, else they stay
    /// `uncertain` for good.
    pub async fn outbox_recover(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE outbox SET state = 'queued', next_at_s = ?1, updated_at_s = ?1 WHERE state = 'sending'";
            tx.connection.prepare_cached(sql)?.execute([now.as_second()])?;
            let sql = "UPDATE outbox SET state = 'queued', next_at_s = ?1, updated_at_s = ?1, attempts = attempts + 1,
                           reason = 'stopped while the server was taking it'
                       WHERE state <> 'sent' AND state = 'uncertain' AND rank = 0";
            tx.connection.prepare_cached(sql)?.execute([now.as_second()])?;
            Ok(())
        })
        .await
    }

    /// Takes up to `limit` mails that are due into `sending`: answers before machine mail, oldest first; no more than
    /// some 32 MB of them at once. A row that cannot be read fails alone.
    pub async fn outbox_take(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.write(move |tx| tx.take_due(now, limit)).await
    }

    /// When the next deferred mail is due.
    pub async fn outbox_next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|view| {
            let sql = "SELECT min(next_at_s) FROM outbox WHERE state IN ('queued', 'deferred')";
            let next: Option<i64> = view.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            next.map(time).transpose()
        })
        .await
    }

    /// All that waits and was tried before is due now: a restart, new settings, or somebody who asked ends every wait. Not
    /// what must not leave yet.
    pub async fn outbox_due_now(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE outbox SET next_at_s = ?1
                       WHERE state IN ('queued', 'deferred') AND next_at_s > ?1 AND (state = 'deferred' OR (state = 'queued' AND reason <> ''))";
            tx.connection.prepare_cached(sql)?.execute([now.as_second()])?;
            Ok(())
        })
        .await
    }

    /// Whether a mail waits that somebody wants tried at once.
    pub async fn outbox_asked(&self, now: Timestamp) -> Result<bool, StoreError> {
        self.read(move |view| {
            let sql = "SELECT 1 FROM outbox
                       WHERE state <> 'sent' AND state = 'queued' AND next_at_s <= ?1 AND reason = ?2";
            Ok(view.connection.prepare_cached(sql)?.exists(params![now.as_second(), ASKED_FOR])?)
        })
        .await
    }

    /// Durable before the final dot goes out: from now on the server may have the mail.
    pub async fn outbox_uncertain(&self, id: OutboxId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| tx.set_state(id, "uncertain", BEFORE_THE_DOT, now)).await
    }

    /// The server took it; `reply` is what it said.
    pub async fn outbox_sent(&self, id: OutboxId, reply: &str, now: Timestamp) -> Result<(), StoreError> {
        let reply = reply.to_owned();
        self.write(move |tx| {
            tx.set_state(id, "sent", &reply, now)?;
            tx.agent_accepts(id, now)
        })
        .await
    }

    /// To be tried again at `next_at`; counts the attempt.
    pub async fn outbox_deferred(
        &self,
        id: OutboxId,
        reason: &str,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reason = reason.to_owned();
        self.write(move |tx| {
            let sql = "UPDATE outbox SET state = 'deferred', reason = ?2, next_at_s = ?3, updated_at_s = ?4,
                           attempts = attempts + 1 WHERE id = ?1";
            let parameters = params![id.0, reason, next_at.as_second(), now.as_second()];
            tx.connection.prepare_cached(sql)?.execute(parameters)?;
            Ok(())
        })
        .await
    }

    /// Will never arrive. The ticket is reopened and the agent told by the next tick of the pipeline.
    pub async fn outbox_failed(&self, id: OutboxId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let reason = reason.to_owned();
        self.write(move |tx| tx.set_state(id, "failed", &reason, now)).await?;
        self.work_due().notify_one();
        Ok(())
    }

    /// Will never arrive, as the server objects to something.
    pub async fn outbox_refused(
        &self,
        id: OutboxId,
        reason: &str,
        objection: Objection,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reason = reason.to_owned();
        self.write(move |tx| {
            tx.set_state(id, "failed", &reason, now)?;
            tx.note_objection(id, objection)
        })
        .await?;
        self.work_due().notify_one();
        Ok(())
    }

    /// The reply after the final dot was lost and the kind is sent at most once: stays `uncertain` with the reason.
    pub async fn outbox_left_uncertain(&self, id: OutboxId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let reason = reason.to_owned();
        self.write(move |tx| tx.set_state(id, "uncertain", &reason, now)).await
    }

    /// Back to `queued`, nothing counted: they were taken but not tried (stop, no connection).
    pub async fn outbox_release(&self, ids: Vec<OutboxId>, reason: &str, next_at: Timestamp) -> Result<(), StoreError> {
        let reason = reason.to_owned();
        self.write(move |tx| {
            let sql =
                "UPDATE outbox SET state = 'queued', reason = ?2, next_at_s = ?3 WHERE id = ?1 AND state = 'sending'";
            let mut statement = tx.connection.prepare_cached(sql)?;
            for id in ids {
                statement.execute(params![id.0, reason, next_at.as_second()])?;
            }
            Ok(())
        })
        .await
    }
}

impl Tx<'_> {
    fn take_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        let sql = "SELECT outbox.id, kind, recipient, envelope_from, fallback_from, message_id, bytes, attempts, created_at_s
                   FROM outbox JOIN outgoing ON outgoing.id = outbox.outgoing
                   WHERE state IN ('queued', 'deferred') AND next_at_s <= ?1 ORDER BY rank, next_at_s, outbox.id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![now.as_second(), limit])?;
        let (mut taken, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            match due(row) {
                Ok(mail) => {
                    bytes += mail.bytes.len();
                    taken.push(mail);
                }
                Err(error) => {
                    let id = OutboxId(get(row, 0)?);
                    tracing::error!("mail `{id}` of the outbox cannot be read and is not sent: {error}");
                    self.set_state(id, "failed", &error.to_string(), now)?;
                }
            }
            if bytes >= MAX_TAKEN_BYTES {
                break;
            }
        }
        drop(rows);
        if !taken.is_empty() {
            self.count_sending()?;
        }
        let sql = "UPDATE outbox SET state = 'sending', updated_at_s = ?2 WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for mail in &taken {
            statement.execute(params![mail.id.0, now.as_second()])?;
        }
        Ok(taken)
    }

    fn set_state(&self, id: OutboxId, state: &str, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = ?2, reason = ?3, updated_at_s = ?4 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![id.0, state, reason, now.as_second()])?;
        Ok(())
    }

    /// `outbox retry`: due now, whatever it waited for. Not for a mail being sent.
    pub fn outbox_retry(&self, id: OutboxId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'queued', next_at_s = ?2, updated_at_s = ?2, told = '', reason = ?3
                   WHERE id = ?1";
        self.require_at_rest(id, now)?;
        self.connection.prepare_cached(sql)?.execute(params![id.0, now.as_second(), ASKED_FOR])?;
        self.queued_mail.set(true);
        Ok(())
    }

    /// `outbox retry --all`: what waits is due now, and what failed in the last five days; returns how many mails that are.
    /// Not what must not leave yet, and not what may have arrived: that would be there twice.
    pub fn outbox_retry_all(&self, now: Timestamp) -> Result<usize, StoreError> {
        let sql = "UPDATE outbox SET state = 'queued', next_at_s = ?1, updated_at_s = ?1, told = '', reason = ?2
                   WHERE state <> 'sent' AND state IN ('queued', 'deferred', 'failed')
                     AND ((state = 'queued' AND (reason <> '' OR next_at_s <= ?1)) OR state = 'deferred'
                          OR (state = 'failed' AND updated_at_s >= ?3))";
        let since = now.as_second() - RECENT_SECS;
        let count = self.connection.prepare_cached(sql)?.execute(params![now.as_second(), ASKED_FOR, since])?;
        self.queued_mail.set(true);
        Ok(count)
    }

    /// `outbox drop`: never sent. Not for a mail being sent.
    pub fn outbox_drop(&self, id: OutboxId, now: Timestamp) -> Result<(), StoreError> {
        let sql =
            "UPDATE outbox SET state = 'dropped', reason = 'dropped by an admin', updated_at_s = ?2 WHERE id = ?1";
        self.require_at_rest(id, now)?;
        self.connection.prepare_cached(sql)?.execute(params![id.0, now.as_second()])?;
        Ok(())
    }

    /// Refuses a mail that is out of our hands: gone, dropped, or being sent at this moment.
    fn require_at_rest(&self, id: OutboxId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "SELECT state, reason = ?2 AND updated_at_s > ?3 FROM outbox WHERE id = ?1";
        let parameters = params![id.0, BEFORE_THE_DOT, now.as_second() - DOT_SECS];
        let found: Option<(String, bool)> = self
            .connection
            .prepare_cached(sql)?
            .query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let refusal = match found.as_ref().map(|(state, at_the_dot)| (state.as_str(), *at_the_dot)) {
            Some(("queued" | "deferred" | "failed", _) | ("uncertain", false)) => return Ok(()),
            Some(("sending", _) | ("uncertain", true)) => format!("mail `{id}` is being sent, ask again in a while"),
            Some((state, _)) => format!("mail `{id}` is `{state}`, nothing can be done about it"),
            None => format!("no mail `{id}` in the outbox"),
        };
        Err(StoreError::NotFound(refusal))
    }
}

impl View<'_> {
    /// What has not left (or may not have), oldest first.
    pub fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let sql =
            "SELECT outbox.id, kind, state, recipient, ticket, message_id, attempts, next_at_s, reason, created_at_s
                   FROM outbox JOIN outgoing ON outgoing.id = outbox.outgoing
                   WHERE state <> 'sent' AND state IN ('queued', 'sending', 'deferred', 'uncertain', 'failed')
                   ORDER BY outbox.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            waiting.push(OutboxRow {
                id: OutboxId(get(row, 0)?),
                kind: get(row, 1)?,
                state: get(row, 2)?,
                recipient: get(row, 3)?,
                ticket: get::<Option<i64>>(row, 4)?.map(TicketNumber),
                message_id: MailId::new(&get::<String>(row, 5)?),
                attempts: get(row, 6)?,
                next_at: time(get(row, 7)?)?,
                reason: get(row, 8)?,
                created_at: time(get(row, 9)?)?,
            });
        }
        Ok(waiting)
    }
}

fn due(row: &Row<'_>) -> Result<Due, StoreError> {
    Ok(Due {
        id: OutboxId(get(row, 0)?),
        kind: word(&get::<String>(row, 1)?, OutgoingKind::from_word)?,
        recipient: address(&get::<String>(row, 2)?)?,
        envelope_from: get::<Option<String>>(row, 3)?.map(|text| address(&text)).transpose()?,
        fallback_from: address(&get::<String>(row, 4)?)?,
        message_id: MailId::new(&get::<String>(row, 5)?),
        bytes: get(row, 6)?,
        attempts: get(row, 7)?,
        queued_at: time(get(row, 8)?)?,
    })
}

fn address(text: &str) -> Result<Address, StoreError> {
    Address::parse(text).ok_or_else(|| StoreError::Corrupt(format!("an address (`{text}`)")))
}

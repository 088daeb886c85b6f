//! Tickets, messages, events and figures for people to read.

pub mod health;
pub mod lost_words;
pub mod running;
pub mod tally;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::address::Person;
use crate::model::id::{MailboxId, MessageKey, OutboxId, TicketNumber};
use crate::model::plan::AttachmentInfo;
use crate::model::ticket::{MessageKind, SenderVerdict, Visibility};
use crate::store::breakers::stopped::KeptBack;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::{get, optional_time, person, time, word};
use crate::store::engine::store::Store;
use crate::store::engine::view::View;
use crate::store::outbox::unreachable::Unreachable;
use crate::store::reports::lost_words::LostWords;
use crate::store::reports::running::{Running, SmtpHealth};
pub use crate::store::tickets::lists::TicketFilter;
pub use crate::store::tickets::splits_and_mutes::Muted;

/// A message as people see it.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// Its key.
    pub id: MessageKey,
    /// Who wrote it.
    pub kind: MessageKind,
    /// Who may read it.
    pub visibility: Visibility,
    /// The author.
    pub from: Person,
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// When.
    pub date: Timestamp,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// Its text.
    pub text: String,
    /// Its attachments.
    pub attachments: Vec<AttachmentInfo>,
    /// What our mail server says of the author of a customer's mail.
    pub sender: SenderVerdict,
}

/// State of one mailbox.
#[derive(Clone, Debug, Default)]
pub struct MailboxReport {
    /// Logged in at the last word of the daemon.
    pub connected: bool,
    /// What is wrong.
    pub error: Option<String>,
    /// When the last mail was taken.
    pub last_mail_at: Option<Timestamp>,
    /// Mails by fate.
    pub fates: BTreeMap<String, i64>,
    /// What the server has and the ledger lacks.
    pub gap: i64,
    /// When it is tried again, while it is not connected.
    pub next_try_at: Option<Timestamp>,
    /// The server refuses the login.
    pub login_refused: bool,
    /// Since when it is in trouble.
    pub failing_since: Option<Timestamp>,
}

/// Figures of the whole desk.
#[derive(Clone, Debug, Default)]
pub struct StatusReport {
    /// Whether a daemon runs. What the last one said of its connections counts only while it lives.
    pub daemon_runs: bool,
    /// The daemon that was started last.
    pub daemon: Option<Running>,
    /// How mail leaves.
    pub smtp: SmtpHealth,
    /// Why nothing can be stored, with what to do; `None` when all is well.
    pub trouble: Option<String>,
    /// Tickets that are not closed, by department.
    pub open_by_department: Vec<(String, u64)>,
    /// Mails held in quarantine.
    pub held: u64,
    /// Agents whose address takes no mail.
    pub unreachable: Vec<Unreachable>,
    /// What circuit breakers kept back within a day.
    pub kept_back: Vec<KeptBack>,
    /// Mails to agents that failed in the last day when there was nobody left to tell, with the reason.
    pub untold: Vec<(OutboxId, String)>,
    /// Mailboxes that the database knows.
    pub mailboxes: BTreeMap<MailboxId, MailboxReport>,
    /// Outbox rows by state.
    pub outbox: BTreeMap<String, i64>,
    /// Why mails wait to be sent, as said last, and when the next is tried.
    pub outbox_trouble: Option<(String, Timestamp)>,
    /// Tickets by status.
    pub tickets: BTreeMap<String, i64>,
    /// Addresses whose mails are ignored.
    pub muted: Muted,
    /// Whether the database is new and the secret is not.
    pub secret_is_older: bool,
    /// Whether the secret is not the one that signed before.
    pub secret_is_newer: bool,
    /// Words of agents about tickets that are lost: the latest, and how many there are.
    pub lost_words: (Vec<LostWords>, u64),
}

impl Store {
    /// Figures of the whole desk.
    pub async fn status(&self) -> Result<StatusReport, StoreError> {
        let daemon_runs = self.daemon_runs();
        let trouble = Self::trouble(&self.path);
        let report = self.read(|view| view.status()).await?;
        Ok(StatusReport { daemon_runs, trouble, ..report })
    }
}

impl View<'_> {
    /// The messages of a ticket, oldest first.
    pub fn messages(&self, number: TicketNumber) -> Result<Vec<MessageRow>, StoreError> {
        let sql = "SELECT id, kind, visibility, from_name, from_address, date_s, message_id, text, sender
                   FROM message WHERE ticket = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number.0])?;
        let mut messages = Vec::new();
        while let Some(row) = rows.next()? {
            let id = MessageKey(get(row, 0)?);
            let (to, cc) = self.recipients(id)?;
            messages.push(MessageRow {
                id,
                kind: word(&get::<String>(row, 1)?, MessageKind::from_word)?,
                visibility: word(&get::<String>(row, 2)?, Visibility::from_word)?,
                from: person(get(row, 3)?, &get::<String>(row, 4)?)?,
                to,
                cc,
                date: time(get(row, 5)?)?,
                message_id: get(row, 6)?,
                text: get(row, 7)?,
                attachments: self.attachments(id)?,
                sender: word(&get::<String>(row, 8)?, SenderVerdict::from_word)?,
            });
        }
        Ok(messages)
    }

    /// Why a ticket is in its department: kind and detail.
    pub fn route_of(&self, number: TicketNumber) -> Result<(String, String), StoreError> {
        let sql = "SELECT route_kind, route_detail FROM ticket WHERE number = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([number.0], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Figures of the whole desk, connections as the last daemon left them.
    pub fn status(&self) -> Result<StatusReport, StoreError> {
        let mut report = StatusReport {
            outbox: self.counts("SELECT state, count(*) FROM outbox WHERE state <> 'sent' GROUP BY state")?,
            tickets: self.counts(
                "SELECT status, CAST(sum(tickets) AS bigint) FROM ticket_tally GROUP BY status HAVING sum(tickets) > 0",
            )?,
            muted: self.muted()?,
            daemon: self.running()?,
            smtp: self.smtp_health()?,
            open_by_department: self.open_by_department()?,
            held: self.held()?,
            unreachable: self.unreachable()?,
            kept_back: self.kept_back()?,
            untold: self.untold()?,
            secret_is_older: self.secret_is_older()?,
            secret_is_newer: self.secret_is_newer()?,
            lost_words: self.lost_words()?,
            ..StatusReport::default()
        };
        let sql = "SELECT reason, next_at_s FROM outbox WHERE state IN ('queued', 'deferred') AND reason <> ''
                   ORDER BY updated_at_s DESC, next_at_s LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        if let Some(row) = rows.next()? {
            report.outbox_trouble = Some((get(row, 0)?, time(get(row, 1)?)?));
        }
        let sql = "SELECT mailbox, connected, error, gap, last_mail_at_s, next_try_at_s, refused, failing_since_s
                   FROM mailbox_health";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let entry = report.mailboxes.entry(MailboxId::new(&get::<String>(row, 0)?)).or_default();
            entry.connected = get(row, 1)?;
            entry.error = get(row, 2)?;
            entry.gap = get(row, 3)?;
            entry.last_mail_at = optional_time(get(row, 4)?)?;
            entry.next_try_at = optional_time(get(row, 5)?)?;
            entry.login_refused = get(row, 6)?;
            entry.failing_since = optional_time(get(row, 7)?)?;
        }
        let sql =
            "SELECT folder.mailbox, fate, CAST(sum(mails) AS bigint) FROM ledger_tally JOIN folder ON folder.id = ledger_tally.folder
                   GROUP BY folder.mailbox, fate HAVING sum(mails) > 0
                   UNION ALL
                   SELECT folder.mailbox, fate, count(*) FROM ledger JOIN folder ON folder.id = ledger.folder
                   WHERE fate = 'waiting' GROUP BY folder.mailbox, fate";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let entry = report.mailboxes.entry(MailboxId::new(&get::<String>(row, 0)?)).or_default();
            entry.fates.insert(get(row, 1)?, get(row, 2)?);
        }
        Ok(report)
    }

    /// Mails decided so far, and mails spooled that wait to be decided.
    pub fn progress(&self) -> Result<(i64, i64), StoreError> {
        let sql = "SELECT CAST(coalesce(sum(mails), 0) AS bigint), (SELECT count(*) FROM ledger WHERE fate = 'waiting')
                   FROM ledger_tally";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// What became of the mail taken last: its fate, its ticket, the reason if there is one.
    pub fn last_fate(&self) -> Result<Option<(String, Option<TicketNumber>, String)>, StoreError> {
        let sql = "SELECT fate, ticket, detail FROM ledger ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some((get(row, 0)?, get::<Option<i64>>(row, 1)?.map(TicketNumber), get(row, 2)?)))
    }

    fn counts(&self, sql: &str) -> Result<BTreeMap<String, i64>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let counts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(counts.collect::<Result<_, _>>()?)
    }
}

//! One connection to an IMAP server, from login until something breaks: look at every folder, wait, look again.
//!
//! Never relies on being told: IDLE is left at every poll, and what was said at any time counts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::folder::Folder;
use crate::intake::fault::Fault;
use crate::intake::health::MirrorStatus;
use crate::intake::health::Reporter;
use crate::intake::imap::executor::{IDLE_LIMIT, IdleEnd};
use crate::intake::imap::session::Session;
use crate::intake::imap::talk::Alarms;
use crate::intake::spooler::Spooler;
use crate::model::policy::{ImapAccount, Mailbox, Secret};
use crate::oauth;
use crate::store::ledger::MailboxHealth;

/// How often the token of a connection that stands is looked at: more often than it is renewed before its end.
const TOKEN_CHECK: Duration = Duration::from_mins(2);

/// What is remembered of a mailbox from one connection to the next.
pub struct ImapWatch {
    /// The folder that is watched by IDLE.
    first: Folder,
    /// Those that are polled.
    others: Vec<Folder>,
    /// The mirror of the mailbox.
    mirror: Arc<MirrorStatus>,
}

impl ImapWatch {
    /// Nothing has been looked at.
    pub fn new(mailbox: &Mailbox, mirror: Arc<MirrorStatus>) -> Self {
        let mut folders = mailbox.folders.iter().map(|name| Folder::new(name));
        let first = folders.next().unwrap_or_else(|| Folder::new("INBOX"));
        let sent = mailbox.sent_folder.iter().map(|name| Folder::left_alone(name));
        Self { first, others: folders.chain(sent).collect(), mirror }
    }

    /// Watches over one connection until something breaks.
    pub async fn watch(
        &mut self,
        mailbox: &Mailbox,
        account: &ImapAccount,
        spooler: &Spooler,
        reporter: &mut Reporter,
    ) -> Result<Infallible, Fault> {
        spooler.recover().await.map_err(Fault::Store)?;
        let mut session = Session::open(account, &spooler.heartbeat).await?;
        self.mirror.set_connected(true);
        self.first.connection_is_new();
        for folder in &mut self.others {
            folder.connection_is_new();
        }
        let health = MailboxHealth { connected: true, gap: self.gap(), ..MailboxHealth::default() };
        reporter.show(health).await.map_err(Fault::Store)?;
        let mut next_poll = Instant::now();
        let mut idle = mailbox.idle && session.has("IDLE");
        let (mut alarms, mut called) = (Alarms::new(), false);
        loop {
            let taken = self.first.look(&mut session, mailbox, spooler, Some(reporter)).await?;
            if called && taken == 0 {
                spooler.heartbeat.sleep(alarms.false_alarm()).await;
            }
            if Instant::now() >= next_poll {
                for folder in &mut self.others {
                    folder.look(&mut session, mailbox, spooler, Some(reporter)).await?;
                }
                next_poll = Instant::now() + mailbox.poll;
                if !self.others.is_empty() {
                    self.first.look(&mut session, mailbox, spooler, Some(reporter)).await?;
                }
            }
            let mut wait = next_poll.saturating_duration_since(Instant::now()).min(IDLE_LIMIT);
            let mut health = self.health();
            if let Secret::Token(source) = &account.login.secret {
                // This connection needs it no more, but people want to know before the next one fails.
                let trouble = spooler.heartbeat.during(oauth::trouble(source)).await;
                health.error = health.error.or(trouble);
                wait = wait.min(TOKEN_CHECK);
            }
            reporter.show(health).await.map_err(Fault::Store)?;
            let began = Instant::now();
            if idle && self.first.is_open(&session) {
                idle = stay_idle(&mut session, wait).await?;
            } else {
                rest(&mut session, spooler, wait).await?;
            }
            called = began.elapsed() < wait;
        }
    }

    /// Looks at every folder once; returns how many mails were taken.
    pub async fn look_once(
        &mut self,
        mailbox: &Mailbox,
        account: &ImapAccount,
        spooler: &Spooler,
    ) -> Result<u64, Fault> {
        let mut session = Session::open(account, &spooler.heartbeat).await?;
        let mut taken = 0;
        for folder in std::iter::once(&mut self.first).chain(&mut self.others) {
            taken += folder.look(&mut session, mailbox, spooler, None).await?;
        }
        session.logout().await;
        Ok(taken)
    }

    /// UIDs on the server that the ledger lacks.
    pub fn gap(&self) -> u64 {
        self.others.iter().map(|folder| folder.gap).sum::<u64>() + self.first.gap
    }

    fn health(&self) -> MailboxHealth {
        let trouble = std::iter::once(&self.first).chain(&self.others).find_map(|folder| folder.trouble.clone());
        let trouble = trouble.or_else(|| self.mirror.trouble());
        MailboxHealth { connected: true, error: trouble, gap: self.gap(), ..MailboxHealth::default() }
    }
}

/// Waits in IDLE; `false` if the server announces IDLE and does not have it.
async fn stay_idle(session: &mut Session, wait: Duration) -> Result<bool, Fault> {
    match session.idle(wait).await {
        Ok(IdleEnd::News) => Ok(true),
        Ok(IdleEnd::Time) => {
            session.noop().await?;
            Ok(true)
        }
        Err(error) if error.is_refusal() && !error.is_server_trouble() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Waits without IDLE, unless the server has said that there is more.
async fn rest(session: &mut Session, spooler: &Spooler, wait: Duration) -> Result<(), Fault> {
    if !session.news().exists {
        spooler.heartbeat.sleep(wait).await;
        session.noop().await?;
    }
    Ok(())
}

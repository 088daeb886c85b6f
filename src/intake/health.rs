//! What `status` shows of a mailbox, and what intake and mirror tell each other about how they are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tracing::{info, warn};

use super::fault::NOTHING_STORED;
use super::spooler::Spooler;
use crate::clock::Clock;
use crate::model::id::MailboxId;
use crate::store::ledger::MailboxHealth;
use crate::store::{Store, StoreError};

/// Writes what `status` shows of a mailbox, when it changes.
pub struct Reporter {
    store: Store,
    mailbox: MailboxId,
    clock: Clock,
    shown: Option<MailboxHealth>,
}

impl Reporter {
    /// Nothing has been reported yet.
    pub fn new(spooler: &Spooler) -> Self {
        Self { store: spooler.store.clone(), mailbox: spooler.mailbox.clone(), clock: spooler.clock, shown: None }
    }

    /// Says how the mailbox is; one log line a change. The store's failure is the caller's to handle.
    pub async fn show(&mut self, health: MailboxHealth) -> Result<(), StoreError> {
        if self.shown.as_ref() == Some(&health) {
            return Ok(());
        }
        let before = self.shown.replace(health.clone());
        log_change(&self.mailbox, before.as_ref(), &health);
        let written = self.store.report_health(&self.mailbox, health, self.clock.now()).await;
        if written.is_err() {
            // tried again at the next call, without another log line
            if let Some(shown) = &mut self.shown {
                shown.gap = u64::MAX;
            }
        }
        written
    }
}

fn log_change(mailbox: &MailboxId, before: Option<&MailboxHealth>, now: &MailboxHealth) {
    let known = before.and_then(|health| health.error.as_ref());
    match &now.error {
        // The store tells of its trouble itself, once; it has many names for it.
        Some(error)
            if error.starts_with(NOTHING_STORED) && known.is_some_and(|known| known.starts_with(NOTHING_STORED)) => {}
        Some(error) if known != Some(error) => match now.next_try_at {
            Some(next) if now.login_refused => warn!(%mailbox, "mailbox in trouble, next try at {next:.0}: {error}"),
            _ => warn!(%mailbox, "mailbox in trouble: {error}"),
        },
        None if now.connected && (known.is_some() || before.is_none_or(|health| !health.connected)) => {
            info!(%mailbox, "mailbox connected");
        }
        Some(_) | None => {}
    }
}

/// What intake and mirror of one mailbox tell each other.
#[derive(Debug, Default)]
pub struct MirrorStatus {
    connected: AtomicBool,
    trouble: Mutex<Option<String>>,
}

impl MirrorStatus {
    /// Intake is connected, or no longer.
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// Why the mirror does not work.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether intake is connected.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// The mirror does not work, or works again.
    pub fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

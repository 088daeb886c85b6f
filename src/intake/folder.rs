//! One look at one IMAP folder: what is new, take it, act on it.
//!
//! Never skips a mail by a cursor alone: a full look compares all UIDs with the ledger, at every login and once a day.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;
use tracing::info;

use super::action::act;
use super::admission::{Admission, BEFORE_US};
use super::collect::{Collector, Doubts};
use super::error::ImapError;
use super::mailbox::Fault;
use super::session::{Selected, Session};
use super::taker::{Reporter, Taker};
use crate::model::mail::Arrival;
use crate::model::policy::{After, Mailbox};
use crate::model::text::counted;
use crate::store::ledger::{FolderKey, MailboxHealth};

/// How often all UIDs are compared with the ledger.
const FULL_LOOK: Duration = Duration::from_hours(24);

/// More mails than this are a backlog.
const BACKLOG: u64 = 64;

/// A folder that is watched.
#[derive(Debug, Default)]
pub struct Folder {
    name: String,
    /// As it was when it was last opened.
    key: Option<FolderKey>,
    /// Whether the backlog of first contact is done.
    ready: bool,
    /// The highest UID seen.
    last_uid: u32,
    looked_fully_at: Option<Instant>,
    doubts: Doubts,
    /// Mails on the server that the ledger lacks.
    pub gap: u64,
    /// Why it cannot be watched as it should.
    pub trouble: Option<String>,
}

impl Folder {
    /// A folder that nobody has looked at.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Whether it is the folder that the connection has open.
    pub fn is_open(&self, session: &Session) -> bool {
        session.selected(&self.name).is_some()
    }

    /// After a new login, everything is compared again.
    pub fn connection_is_new(&mut self) {
        self.looked_fully_at = None;
    }

    /// Looks what is new, takes it and acts on it; returns how many mails were taken. A folder that cannot be opened is
    /// [`Folder::trouble`], not a fault. A backlog is shown before it is taken.
    pub async fn look(
        &mut self,
        session: &mut Session,
        mailbox: &Mailbox,
        taker: &Taker,
        reporter: Option<&mut Reporter>,
    ) -> Result<u64, Fault> {
        let Some((selected, full)) = self.open(session).await? else { return Ok(0) };
        let key =
            FolderKey { mailbox: mailbox.id.clone(), folder: self.name.clone(), uid_validity: selected.uid_validity };
        if self.key.as_ref() != Some(&key) {
            (self.ready, self.last_uid, self.doubts) = (false, 0, Doubts::default());
            self.key = Some(key.clone());
        }
        let known = self.ready;
        let full = full || !known;
        let admission = if known {
            Admission::All(Arrival::Live)
        } else {
            let contact = taker.store.folder_contact(&key, taker.clock.now()).await.map_err(Fault::Store)?;
            Admission::new(contact, mailbox.import)
        };
        let work = self.work_list(session, taker, &key, selected, full).await?;
        self.gap = work.len() as u64;
        if full && known && self.gap > 0 {
            info!(mailbox = %mailbox.id, "`{}` has {} mails that were not seen before", self.name, self.gap);
        }
        if self.gap > BACKLOG
            && admission != Admission::Nothing
            && let Some(reporter) = reporter
        {
            let health = MailboxHealth { connected: true, error: None, gap: self.gap };
            reporter.show(health).await.map_err(Fault::Store)?;
        }
        let taken = self.take(session, mailbox, taker, &key, admission, &work).await?;
        self.last_uid = work.last().copied().unwrap_or_default().max(self.last_uid);
        self.gap = self.doubts.retry.len() as u64;
        self.looked_fully_at = if full { Some(Instant::now()) } else { self.looked_fully_at };
        if self.doubts.retry.is_empty() {
            if admission != Admission::All(Arrival::Live) {
                taker.store.folder_ready(&key).await.map_err(Fault::Store)?;
            }
            self.ready = true;
        }
        self.trouble = self.act(session, mailbox, taker, &key, selected).await?;
        Ok(taken)
    }

    /// Opens the folder unless it is open, and says whether everything is to be compared.
    async fn open(&mut self, session: &mut Session) -> Result<Option<(Selected, bool)>, Fault> {
        let full = self.looked_fully_at.is_none_or(|at| at.elapsed() >= FULL_LOOK);
        let open = session.selected(&self.name);
        let renumbered =
            session.take_news().uid_validity.is_some_and(|now| open.is_some_and(|o| o.uid_validity != now));
        if let Some(selected) = open
            && !full
            && !renumbered
        {
            return Ok(Some((selected, false)));
        }
        match session.select(&self.name).await {
            Ok(selected) => Ok(Some((selected, full || renumbered))),
            Err(error) if error.is_refusal() && !error.is_server_trouble() => {
                self.trouble = Some(format!("folder `{}`: {error}", self.name));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// UIDs to take, ascending.
    async fn work_list(
        &mut self,
        session: &mut Session,
        taker: &Taker,
        key: &FolderKey,
        selected: Selected,
        full: bool,
    ) -> Result<Vec<u32>, Fault> {
        if !full {
            let mut work = std::mem::take(&mut self.doubts.retry);
            if let Some(first) = self.last_uid.checked_add(1) {
                work.extend(session.uids_from(first).await?);
            }
            return Ok(work.into_iter().collect());
        }
        let uids = session.uids_from(1).await?;
        if uids.is_empty() && selected.exists > 0 && !session.news().expunge {
            let text = format!("`{}` has {} mails and lists none", self.name, selected.exists);
            return Err(ImapError::Protocol(text).into());
        }
        self.last_uid = uids.last().copied().unwrap_or_default().max(self.last_uid);
        self.doubts.retry.clear();
        let known = taker.store.known_uids(key).await.map_err(Fault::Store)?;
        let known: BTreeSet<u64> = known.into_iter().collect();
        Ok(uids.into_iter().filter(|uid| !known.contains(&u64::from(*uid))).collect())
    }

    async fn take(
        &mut self,
        session: &mut Session,
        mailbox: &Mailbox,
        taker: &Taker,
        key: &FolderKey,
        admission: Admission,
        work: &[u32],
    ) -> Result<u64, Fault> {
        if work.is_empty() {
            return Ok(0);
        }
        if admission == Admission::Nothing {
            let uids = work.iter().map(|uid| u64::from(*uid)).collect();
            let ignored = taker.store.ignore_uids(key, uids, BEFORE_US, taker.clock.now()).await;
            return ignored.map(|()| 0).map_err(Fault::Store);
        }
        let doubts = &mut self.doubts;
        let mut collector = Collector { session, taker, key, admission, max_message: mailbox.max_message, doubts };
        let taken = collector.collect(work).await?;
        info!(mailbox = %mailbox.id, "took {} from `{}`", counted(taken, "mail"), self.name);
        Ok(taken)
    }

    /// Acts on the server; returns what hinders it.
    async fn act(
        &mut self,
        session: &mut Session,
        mailbox: &Mailbox,
        taker: &Taker,
        key: &FolderKey,
        selected: Selected,
    ) -> Result<Option<String>, Fault> {
        if selected.read_only && mailbox.after != After::Keep {
            return Ok(Some(format!("folder `{}` is read-only, so `after` cannot be done", self.name)));
        }
        let refusal = act(session, &taker.store, key, &mailbox.after).await?;
        Ok(refusal.map(|error| format!("folder `{}`: `after` cannot be done: {error}", self.name)))
    }
}

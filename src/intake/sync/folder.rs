//! One look at one IMAP folder: what is new, take it, act on it.
//!
//! Never skips a mail by a cursor alone: a full look compares all UIDs with the ledger, at every login and once a day.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

use super::admission::Admission;
use super::after::act;
use super::collect::Collector;
use super::first_contact::surely_before;
use super::history::FetchHistory;
use crate::intake::fault::Fault;
use crate::intake::health::Reporter;
use crate::intake::imap::error::ImapError;
use crate::intake::imap::session::{Selected, Session};
use crate::intake::spooler::Spooler;
use crate::model::mail::Arrival;
use crate::model::policy::{After, Mailbox};
use crate::model::text::counted;
use crate::store::ledger::{FolderKey, MailboxHealth};

/// How often all UIDs are compared with the ledger.
const FULL_LOOK: Duration = Duration::from_hours(24);

/// More mails than this are a backlog.
const BACKLOG: u64 = 64;

/// UIDs below the highest one that are asked for again at every look: concurrent deliveries become visible out of order
/// on some servers.
const LOOK_BACK: u32 = 256;

/// A folder that is watched.
#[derive(Debug, Default)]
pub struct Folder {
    name: String,
    /// `after` is not done to its mails.
    left_alone: bool,
    /// As it was when it was last opened.
    key: Option<FolderKey>,
    /// Whether the backlog of first contact is done.
    ready: bool,
    /// The highest UID of a mail that was there.
    last_uid: u32,
    /// UIDs from `last_uid - LOOK_BACK` on that are settled.
    settled: BTreeSet<u32>,
    looked_fully_at: Option<Instant>,
    history: FetchHistory,
    /// Mails on the server that the ledger lacks.
    pub gap: u64,
    /// Why it cannot be watched as it should.
    pub trouble: Option<String>,
}

/// What is to be done at a look.
enum Work {
    /// These UIDs, ascending.
    Take(Vec<u32>),
    /// Nothing: the folder is empty and its numbering has gone back. Why that is doubtful.
    Emptied(String),
    /// Everything: the numbering has gone back, so these UIDs name other mails than before.
    NumberedAnew(Vec<u32>),
}

impl Folder {
    /// A folder that nobody has looked at.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A folder to whose mails `after` is not done: what was sent, or where we put mails ourselves.
    pub fn left_alone(name: &str) -> Self {
        Self { left_alone: true, ..Self::new(name) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder as it was when it was last opened.
    pub fn key(&self) -> Option<&FolderKey> {
        self.key.as_ref()
    }

    /// The ledger has these UIDs.
    pub fn knows(&mut self, uid_validity: u32, uids: impl Iterator<Item = u32>) {
        if self.key.as_ref().is_some_and(|key| key.uid_validity == uid_validity) {
            self.settled.extend(uids);
        }
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
        spooler: &Spooler,
        reporter: Option<&mut Reporter>,
    ) -> Result<u64, Fault> {
        let Some((selected, full)) = self.open(session).await? else { return Ok(0) };
        let key =
            FolderKey { mailbox: mailbox.id.clone(), folder: self.name.clone(), uid_validity: selected.uid_validity };
        if self.key.as_ref() != Some(&key) {
            self.begin_anew(&key);
        }
        let known = self.ready;
        let full = full || !known;
        let mut admission =
            if known { Admission::All(Arrival::Live) } else { self.contact(mailbox, spooler, &key).await? };
        let work = match self.work_list(session, spooler, &key, selected, full).await? {
            Work::Take(work) => work,
            Work::Emptied(text) => {
                self.trouble = Some(text);
                return Ok(0);
            }
            Work::NumberedAnew(uids) => {
                warn!(mailbox = %mailbox.id, "`{}` is numbered anew under its old UIDVALIDITY; comparing all mails", self.name);
                spooler.store.folder_numbered_anew(&key).await.map_err(Fault::Store)?;
                self.begin_anew(&key);
                admission = self.contact(mailbox, spooler, &key).await?;
                uids
            }
        };
        self.gap = work.len() as u64;
        let found_late = full && admission == Admission::All(Arrival::Live) && self.gap > 0;
        if found_late {
            info!(mailbox = %mailbox.id, gap = self.gap, "`{}` has {} that the ledger lacks", self.name, counted(self.gap, "mail"));
        }
        if (self.gap > BACKLOG || found_late)
            && !matches!(admission, Admission::Nothing | Admission::SinceStart(_))
            && let Some(reporter) = reporter
        {
            let health = MailboxHealth { connected: true, gap: self.gap, ..MailboxHealth::default() };
            reporter.show(health).await.map_err(Fault::Store)?;
        }
        let taken = self.take(session, mailbox, spooler, &key, admission, &work).await?;
        self.settle(&work);
        self.gap = self.history.retry.len() as u64;
        self.looked_fully_at = if full { Some(Instant::now()) } else { self.looked_fully_at };
        if self.history.retry.is_empty() {
            if admission != Admission::All(Arrival::Live) {
                spooler.store.folder_ready(&key).await.map_err(Fault::Store)?;
            }
            self.ready = true;
        }
        self.trouble = self.act(session, mailbox, spooler, &key, selected).await?;
        Ok(taken)
    }

    /// Under another numbering nothing that is remembered counts.
    fn begin_anew(&mut self, key: &FolderKey) {
        (self.ready, self.last_uid, self.history) = (false, 0, FetchHistory::default());
        self.settled.clear();
        self.key = Some(key.clone());
    }

    async fn contact(&self, mailbox: &Mailbox, spooler: &Spooler, key: &FolderKey) -> Result<Admission, Fault> {
        let now = spooler.clock.now();
        let contact = spooler.store.folder_contact(key, now).await.map_err(Fault::Store)?;
        Ok(Admission::new(contact, mailbox.import, now))
    }

    /// Moves on past the work that is done. A UID that was listed and then was not there moves nothing: a server that
    /// once names the highest UID of all would hide what comes.
    fn settle(&mut self, work: &[u32]) {
        let there = work.iter().filter(|uid| !self.history.gone.contains(uid)).max();
        self.last_uid = there.copied().unwrap_or_default().max(self.last_uid);
        self.settled.extend(work);
        self.settled = self.settled.split_off(&self.look_from());
        for uid in &self.history.retry {
            self.settled.remove(uid);
        }
    }

    fn look_from(&self) -> u32 {
        self.last_uid.saturating_sub(LOOK_BACK).saturating_add(1)
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
            Ok(selected) => {
                let receded = selected.uid_next.is_some_and(|next| next <= self.last_uid);
                Ok(Some((selected, full || renumbered || receded)))
            }
            Err(error) if error.is_refusal() && !error.is_server_trouble() => {
                self.trouble = Some(format!(
                    "folder `{}`: {error} (hint: `postroom check --online` names the folders that there are)",
                    self.name
                ));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is to be done.
    async fn work_list(
        &mut self,
        session: &mut Session,
        spooler: &Spooler,
        key: &FolderKey,
        selected: Selected,
        full: bool,
    ) -> Result<Work, Fault> {
        if !full {
            let found = session.uids_from(self.look_from()).await?;
            let mut work = std::mem::take(&mut self.history.retry);
            work.extend(found.into_iter().filter(|uid| !self.settled.contains(uid)));
            return Ok(Work::Take(work.into_iter().collect()));
        }
        let uids = session.uids_from(1).await?;
        if uids.is_empty() && selected.exists > 0 && !session.news().expunge {
            let text = format!("`{}` has {} mails and lists none", self.name, selected.exists);
            return Err(ImapError::Protocol(text).into());
        }
        let known = spooler.store.known_uids(key).await.map_err(Fault::Store)?;
        let known_to = known.last().copied().unwrap_or_default();
        let listed_to = uids.last().copied().unwrap_or_default();
        // a number that was given cannot be given again, unless the folder was made anew or the server lies
        if let Some(next) = selected.uid_next
            && u64::from(next) <= known_to
            && u64::from(listed_to) < known_to
            && next > listed_to
        {
            return Ok(match listed_to {
                0 => Work::Emptied(format!(
                    "folder `{}`: it is empty and numbered anew (the next UID is {next}, {known_to} was seen) (hint: \
                     if it was not made anew, ask the operator of the server)",
                    self.name
                )),
                _ => Work::NumberedAnew(uids),
            });
        }
        let is_known = |uid: &u32| known.binary_search(&u64::from(*uid)).is_ok();
        let (settled, work): (Vec<u32>, Vec<u32>) = uids.into_iter().partition(is_known);
        self.history.retry.clear();
        self.last_uid = settled.last().copied().unwrap_or_default();
        let look_from = self.look_from();
        self.settled = settled.into_iter().rev().take_while(|uid| *uid >= look_from).collect();
        Ok(Work::Take(work))
    }

    async fn take(
        &mut self,
        session: &mut Session,
        mailbox: &Mailbox,
        spooler: &Spooler,
        key: &FolderKey,
        admission: Admission,
        work: &[u32],
    ) -> Result<u64, Fault> {
        if work.is_empty() {
            return Ok(0);
        }
        let before = match admission {
            Admission::Nothing => work.len(),
            Admission::SinceStart(start) => surely_before(session, work, start).await?,
            Admission::All(_) | Admission::Since(_) => 0,
        };
        let (before, work) = work.split_at(before);
        let uids = before.iter().map(|uid| u64::from(*uid)).collect();
        spooler.store.ignore_uids(key, uids, admission.reason(), spooler.clock.now()).await.map_err(Fault::Store)?;
        let history = &mut self.history;
        let (max_message, left_alone, accused) = (mailbox.max_message, before.len(), Vec::new());
        let mut collector = Collector { session, spooler, key, admission, max_message, history, left_alone, accused };
        let taken = if work.is_empty() { 0 } else { collector.collect(work).await? };
        if let Some(text) = admission.left_alone(collector.left_alone) {
            info!(mailbox = %mailbox.id, "`{}`: {text}", self.name);
        }
        if taken > 0 {
            info!(mailbox = %mailbox.id, "took {} from `{}`", counted(taken, "mail"), self.name);
        }
        Ok(taken)
    }

    /// Acts on the server; returns what hinders it.
    async fn act(
        &mut self,
        session: &mut Session,
        mailbox: &Mailbox,
        spooler: &Spooler,
        key: &FolderKey,
        selected: Selected,
    ) -> Result<Option<String>, Fault> {
        let after = if self.left_alone { &After::Keep } else { &mailbox.after };
        if selected.read_only && *after != After::Keep {
            return Ok(Some(format!("folder `{}` is read-only, so `after` cannot be done", self.name)));
        }
        if session.news().uid_validity.is_some_and(|now| now != key.uid_validity) {
            // the UIDs may name other mails by now; the next look opens the folder anew
            return Ok(None);
        }
        let refusal = act(session, &spooler.store, key, after).await?;
        Ok(refusal.map(|error| format!("folder `{}`: `after` cannot be done: {error}", self.name)))
    }
}

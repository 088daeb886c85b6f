//! Watches a Maildir: the same duties as for an IMAP mailbox, without a server.
//!
//! Never reads `tmp/`, where mails are still being written, and never lets one unreadable file stop the others.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{info, warn};

use super::files::{self, MailFile, Stamp};
use crate::intake::fault::Fault;
use crate::intake::health::Reporter;
use crate::intake::spooler::{Batch, IngestQueue, Spooler};
use crate::intake::sync::admission::Admission;
use crate::model::mail::Arrival;
use crate::model::policy::{After, Mailbox};
use crate::model::text::counted;
use crate::store::ledger::{FolderKey, MailboxHealth, SpoolItem};

/// How often the directories' times are looked at.
const GLANCE: Duration = Duration::from_millis(500);
/// How long after a change a directory is listed again: its time stands still within one tick of the kernel's clock.
const UNSETTLED: Duration = Duration::from_secs(2);
/// A directory that has not changed is listed again, at a poll, when so many times as long has passed as that takes: a large
/// one costs no more than a small one.
const REST: u32 = 100;
/// How long an unreadable file is left alone.
const UNREADABLE_PAUSE: Duration = Duration::from_mins(1);
/// Mails read and spooled in one go.
const BATCH_MAILS: usize = 64;
/// Bytes read in one go, unless a single mail is larger.
const BATCH_BYTES: u64 = 4 << 20;
/// Server actions done in one go.
const ACTIONS: usize = 500;

/// What is remembered of a Maildir from one look to the next.
pub struct MaildirWatch {
    folders: Vec<Folder>,
}

/// One folder of it.
#[derive(Debug)]
struct Folder {
    name: String,
    /// It is the Sent folder: nothing is ever done to its mails.
    sent: bool,
    directory: PathBuf,
    /// Whether the backlog of first contact is done.
    ready: bool,
    /// UIDs that the ledger has; `None` before the first look.
    seen: Option<HashSet<u64>>,
    stamp: Option<Stamp>,
    changed_at: Instant,
    listed_at: Instant,
    /// How long the last listing took.
    listing_took: Duration,
    /// Files that could not be read, and when that was.
    unreadable: BTreeMap<u64, Instant>,
    trouble: Option<String>,
}

/// A mail to take.
struct Found {
    file: MailFile,
    size: u64,
    received_at: Option<Timestamp>,
}

impl MaildirWatch {
    /// Nothing has been looked at.
    pub fn new(mailbox: &Mailbox, root: &Path) -> Self {
        let names: &[String] = &mailbox.folders;
        let names = if names.is_empty() { &["INBOX".to_owned()][..] } else { names };
        let mut folders: Vec<Folder> = names.iter().map(|name| Folder::new(name, root)).collect();
        folders.extend(mailbox.sent_folder.iter().map(|name| Folder { sent: true, ..Folder::new(name, root) }));
        Self { folders }
    }

    /// Watches until something breaks.
    pub async fn watch(
        &mut self,
        mailbox: &Mailbox,
        spooler: &Spooler,
        reporter: &mut Reporter,
    ) -> Result<Infallible, Fault> {
        spooler.recover().await.map_err(Fault::Store)?;
        loop {
            for folder in &mut self.folders {
                if folder.may_have_changed(mailbox.poll).await? {
                    folder.look(mailbox, spooler).await?;
                }
            }
            let error = self.folders.iter().find_map(|folder| folder.trouble.clone());
            let health = MailboxHealth { connected: true, error, gap: self.gap(), ..MailboxHealth::default() };
            reporter.show(health).await.map_err(Fault::Store)?;
            spooler.heartbeat.sleep(mailbox.poll.min(GLANCE)).await;
        }
    }

    /// Looks at every folder once; returns how many mails were taken.
    pub async fn look(&mut self, mailbox: &Mailbox, spooler: &Spooler) -> Result<u64, Fault> {
        let mut taken = 0;
        for folder in &mut self.folders {
            taken += folder.look(mailbox, spooler).await?;
        }
        Ok(taken)
    }

    /// Mails that the ledger lacks: those that cannot be read.
    pub fn gap(&self) -> u64 {
        self.folders.iter().map(|folder| folder.unreadable.len() as u64).sum()
    }
}

impl Folder {
    fn new(name: &str, root: &Path) -> Self {
        let now = Instant::now();
        Self {
            name: name.to_owned(),
            sent: false,
            directory: files::directory(root, name),
            ready: false,
            seen: None,
            stamp: None,
            changed_at: now,
            listed_at: now,
            listing_took: Duration::ZERO,
            unreadable: BTreeMap::new(),
            trouble: None,
        }
    }

    /// Whether the directory must be listed: it changed, or changed a moment ago, or the poll is due.
    async fn may_have_changed(&mut self, poll: Duration) -> Result<bool, Fault> {
        let stamp = self.on_disk(files::stamp).await?;
        if self.stamp != Some(stamp) {
            (self.stamp, self.changed_at) = (Some(stamp), Instant::now());
        }
        Ok(self.seen.is_none()
            || self.changed_at.elapsed() < UNSETTLED
            || self.listed_at.elapsed() >= poll.max(self.listing_took * REST))
    }

    /// Takes what is new and acts on what is decided.
    async fn look(&mut self, mailbox: &Mailbox, spooler: &Spooler) -> Result<u64, Fault> {
        let key = FolderKey { mailbox: mailbox.id.clone(), folder: self.name.clone(), uid_validity: 1 };
        let admission = if self.ready {
            Admission::All(Arrival::Live)
        } else {
            let now = spooler.clock.now();
            let contact = spooler.store.folder_contact(&key, now).await.map_err(Fault::Store)?;
            Admission::new(contact, mailbox.import, now)
        };
        if self.seen.is_none() {
            let known = spooler.store.known_uids(&key).await.map_err(Fault::Store)?;
            self.seen = Some(known.into_iter().collect());
        }
        let began = Instant::now();
        let listed = self.on_disk(files::list).await?;
        self.listed_at = Instant::now();
        self.listing_took = self.listed_at - began;
        let present: HashSet<u64> = listed.iter().map(|mail| mail.uid).collect();
        self.unreadable
            .retain(|uid, since| present.contains(uid) && since.elapsed() < UNREADABLE_PAUSE.max(mailbox.poll));
        let work = self.new_ones(listed);
        let taken = self.take(work, mailbox, spooler, &key, admission).await?;
        if taken > 0 {
            info!(mailbox = %mailbox.id, "took {} from `{}`", counted(taken, "mail"), self.name);
        }
        if !self.ready && self.unreadable.is_empty() {
            spooler.store.folder_ready(&key).await.map_err(Fault::Store)?;
            self.ready = true;
        }
        let hindered = self.act(mailbox, spooler, &key).await?;
        self.trouble = hindered.or_else(|| self.unreadable_text());
        Ok(taken)
    }

    fn new_ones(&self, listed: Vec<MailFile>) -> Vec<MailFile> {
        let mut taken = BTreeSet::new();
        let seen = self.seen.as_ref();
        listed
            .into_iter()
            .filter(|mail| !seen.is_some_and(|seen| seen.contains(&mail.uid)))
            .filter(|mail| !self.unreadable.contains_key(&mail.uid))
            .filter(|mail| taken.insert(mail.uid))
            .collect()
    }

    async fn take(
        &mut self,
        work: Vec<MailFile>,
        mailbox: &Mailbox,
        spooler: &Spooler,
        key: &FolderKey,
        admission: Admission,
    ) -> Result<u64, Fault> {
        if work.is_empty() {
            return Ok(0);
        }
        let found = self.on_disk(move |_| Ok(measure(work))).await?;
        let (wanted, old): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|found| admission.takes(found.received_at));
        self.ignore(old.iter().map(|found| found.file.uid).collect(), admission.reason(), spooler, key).await?;
        if let Some(text) = admission.left_alone(old.len()) {
            info!(mailbox = %mailbox.id, "`{}`: {text}", self.name);
        }
        let queue = spooler.queue(key);
        let read = self.read_all(wanted, mailbox, spooler, key, admission, &queue).await;
        let taken = queue.finish().await.map_err(Fault::Store)?;
        let read = read?;
        if let Some(seen) = &mut self.seen {
            seen.extend(read);
        }
        Ok(taken)
    }

    /// Reads mails batch by batch; returns the UIDs of those that were handed on.
    async fn read_all(
        &mut self,
        found: Vec<Found>,
        mailbox: &Mailbox,
        spooler: &Spooler,
        key: &FolderKey,
        admission: Admission,
        queue: &IngestQueue,
    ) -> Result<Vec<u64>, Fault> {
        let mut handed_on = Vec::with_capacity(found.len());
        for batch in batches(found) {
            let share = queue.share(batch.iter().map(|found| found.size.min(mailbox.max_message)).sum()).await;
            let (limit, now) = (mailbox.max_message, spooler.clock.now());
            let read = self
                .on_disk(move |_| {
                    Ok(batch
                        .into_iter()
                        .map(|found| {
                            let received_at = admission.received_at(found.received_at, now);
                            let content = files::read(&found.file.path, limit);
                            (found.file, received_at, content)
                        })
                        .collect::<Vec<_>>())
                })
                .await?;
            let mut items = Vec::with_capacity(read.len());
            for (file, received_at, content) in read {
                match content {
                    Ok(content) => items.push(SpoolItem {
                        uid: file.uid,
                        received_at,
                        arrival: admission.arrival(),
                        bytes: content.bytes,
                        omitted: content.omitted,
                    }),
                    // moved or deleted meanwhile: the next look finds it where it is
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => self.failed(&file, &error, spooler, key).await?,
                }
            }
            handed_on.extend(items.iter().map(|item| item.uid));
            if !items.is_empty() && !queue.send(Batch { items, share }).await {
                break;
            }
        }
        Ok(handed_on)
    }

    async fn failed(
        &mut self,
        file: &MailFile,
        error: &io::Error,
        spooler: &Spooler,
        key: &FolderKey,
    ) -> Result<(), Fault> {
        let now = spooler.clock.now();
        let attempt = spooler.store.count_fetch_failure(key, file.uid, now).await.map_err(Fault::Store)?;
        warn!(mailbox = %key.mailbox, attempt, "mail `{}` cannot be read: {error}", file.path.display());
        self.unreadable.insert(file.uid, Instant::now());
        Ok(())
    }

    async fn ignore(
        &mut self,
        uids: Vec<u64>,
        reason: &'static str,
        spooler: &Spooler,
        key: &FolderKey,
    ) -> Result<(), Fault> {
        if uids.is_empty() {
            return Ok(());
        }
        spooler.store.ignore_uids(key, uids.clone(), reason, spooler.clock.now()).await.map_err(Fault::Store)?;
        if let Some(seen) = &mut self.seen {
            seen.extend(uids);
        }
        Ok(())
    }

    /// Does `after` to mails that are decided; returns what hinders it.
    async fn act(&self, mailbox: &Mailbox, spooler: &Spooler, key: &FolderKey) -> Result<Option<String>, Fault> {
        let target = match &mailbox.after {
            _ if self.sent => return Ok(None),
            After::Keep => return Ok(None),
            After::Seen => None,
            After::Move(folder) if *folder == self.name => return Ok(None),
            After::Move(folder) => Some(folder.clone()),
        };
        loop {
            let due = spooler.store.pending_actions(key, ACTIONS).await.map_err(Fault::Store)?;
            if due.is_empty() {
                return Ok(None);
            }
            let (rows, uids): (Vec<_>, HashSet<u64>) = due.into_iter().unzip();
            let target = target.clone();
            let done = self.on_disk(move |directory| Ok(act_on(directory, target.as_deref(), &uids))).await?;
            if let Err(error) = done {
                return Ok(Some(format!("folder `{}`: `after` cannot be done: {error}", self.name)));
            }
            spooler.store.actions_done(rows).await.map_err(Fault::Store)?;
        }
    }

    fn unreadable_text(&self) -> Option<String> {
        let count = self.unreadable.len();
        (count > 0).then(|| format!("folder `{}`: mails that cannot be read: {count}", self.name))
    }

    /// Runs what blocks in a thread of its own.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let directory = self.directory.clone();
        match tokio::task::spawn_blocking(move || work(&directory)).await {
            Ok(done) => done.map_err(|source| Fault::Maildir { path: self.directory.clone(), source }),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(Fault::Maildir { path: self.directory.clone(), source: io::Error::other(error) }),
        }
    }
}

/// Marks the mails with these UIDs as seen, or moves them; those that are gone count as done.
fn act_on(directory: &Path, target: Option<&str>, uids: &HashSet<u64>) -> io::Result<()> {
    let root = match (directory.file_name().and_then(|name| name.to_str()), directory.parent()) {
        (Some(name), Some(parent)) if name.starts_with('.') && parent.join("cur").is_dir() => parent,
        _ => directory,
    };
    for mail in files::list(directory)?.iter().filter(|mail| uids.contains(&mail.uid)) {
        match target {
            Some(folder) => files::move_to(&files::directory(root, folder), mail)?,
            None => files::mark_seen(directory, mail)?,
        }
    }
    Ok(())
}

/// Sizes and times, oldest first so that answers come after what they answer; files that are gone are left out.
fn measure(files: Vec<MailFile>) -> Vec<Found> {
    let mut found: Vec<Found> = files
        .into_iter()
        .filter_map(|file| {
            let (size, received_at) = files::size_and_time(&file.path).ok()?;
            Some(Found { file, size, received_at })
        })
        .collect();
    found.sort_by(|a, b| (a.received_at, &a.file.path).cmp(&(b.received_at, &b.file.path)));
    found
}

fn batches(found: Vec<Found>) -> Vec<Vec<Found>> {
    let mut batches: Vec<Vec<Found>> = Vec::new();
    let mut bytes = 0;
    for mail in found {
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_MAILS && bytes + mail.size <= BATCH_BYTES => {
                bytes += mail.size;
                batch.push(mail);
            }
            Some(_) | None => {
                bytes = mail.size;
                batches.push(vec![mail]);
            }
        }
    }
    batches
}

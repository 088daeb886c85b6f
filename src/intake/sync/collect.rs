//! Fetches the mails of a work list in order, many at a time; one at a time where one of them breaks the answer.
//!
//! Never lets one mail stop the others, and never calls a mail gone before the server says that its UID no longer is.

use std::collections::BTreeSet;
use std::mem::take;

use tracing::{debug, warn};

use super::admission::Admission;
use super::first_contact;
use super::history::{FETCH_ATTEMPTS, FetchHistory};
use crate::intake::fault::Fault;
use crate::intake::imap::error::ImapError;
use crate::intake::imap::fetch::{Body, Fit, fit};
use crate::intake::imap::session::{Listed, Session};
use crate::intake::spooler::{Batch, IngestQueue, Spooler};
use crate::store::ledger::{FolderKey, GONE, SpoolItem};

/// Mails fetched by one command.
const BATCH_MAILS: usize = 64;
/// Bytes fetched by one command, unless a single mail is larger.
const BATCH_BYTES: u64 = 4 << 20;
/// Mails that may be refused at a look when there is nothing to prove that the server hands out others.
const UNPROVEN: usize = 3;

/// Fetches mails of one selected folder.
pub struct Collector<'a> {
    /// The connection.
    pub session: &'a mut Session,
    /// The store's side.
    pub spooler: &'a Spooler,
    /// The folder.
    pub key: &'a FolderKey,
    /// What is taken.
    pub admission: Admission,
    /// Larger mails are taken by their headers alone.
    pub max_message: u64,
    /// What is remembered.
    pub history: &'a mut FetchHistory,
    /// Mails that were not taken because they are too old.
    pub left_alone: usize,
    /// Refused at this look over a connection that goes on, each with the reason.
    pub accused: Vec<(u32, ImapError)>,
}

/// What one command fetches.
enum Job {
    Many(Vec<Listed>),
    Alone(Listed),
    /// The size is the one to be shown.
    HeaderOnly(Listed),
}

impl Collector<'_> {
    /// Takes the mails with these UIDs, ascending; returns how many were new to the ledger. Those that could not be
    /// fetched and are still there stay in [`FetchHistory::retry`].
    pub async fn collect(&mut self, uids: &[u32]) -> Result<u64, Fault> {
        let queue = self.spooler.queue(self.key);
        let (last, first): (Vec<u32>, Vec<u32>) = uids.iter().partition(|uid| self.history.fetch_last.contains(uid));
        self.history.gone.clear();
        let mut fetched = match self.fetch_all(&first, &queue).await {
            Ok(()) => self.fetch_all(&last, &queue).await,
            Err(fault) => Err(fault),
        };
        if fetched.is_ok() {
            self.history.listings_work();
            fetched = self.judge().await;
        }
        let taken = queue.finish().await.map_err(Fault::Store)?;
        fetched.map(|()| taken)
    }

    async fn fetch_all(&mut self, uids: &[u32], queue: &IngestQueue) -> Result<(), Fault> {
        for chunk in uids.chunks(self.history.listing_size()) {
            self.history.retry.extend(chunk);
            let listed = self.list(chunk).await?;
            let (wanted, old): (Vec<Listed>, Vec<Listed>) = match self.admission {
                Admission::SinceStart(start) => first_contact::part(self.session, listed, start).await?,
                Admission::Nothing | Admission::All(_) | Admission::Since(_) => {
                    listed.into_iter().partition(|mail| self.admission.takes(mail.received_at))
                }
            };
            self.ignore(&old).await?;
            for job in jobs(wanted, self.history, self.max_message) {
                if !self.run(job, queue).await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Runs a job; `false` if the store takes no more.
    async fn run(&mut self, job: Job, queue: &IngestQueue) -> Result<bool, Fault> {
        let (items, share) = match job {
            Job::Many(mails) => {
                let share = queue.share(mails.iter().map(|mail| mail.size).sum()).await;
                (self.many(&mails).await?, share)
            }
            Job::Alone(mail) => {
                let share = queue.share(mail.size).await;
                (Vec::from_iter(self.alone(mail).await?), share)
            }
            Job::HeaderOnly(mail) => {
                let share = queue.share(0).await;
                (Vec::from_iter(self.header_only(mail).await?), share)
            }
        };
        if items.is_empty() { Ok(true) } else { Ok(queue.send(Batch { items, share }).await) }
    }

    /// Fetches a batch by one command; if that fails, one by one, now or over the next connection.
    async fn many(&mut self, mails: &[Listed]) -> Result<Vec<SpoolItem>, Fault> {
        let bodies = match self.session.bodies(mails, 0).await {
            Ok(bodies) => bodies,
            Err(error) => {
                debug!(mailbox = %self.key.mailbox, "a batch of {} mails could not be fetched: {error}", mails.len());
                self.history.retry_alone.extend(mails.iter().map(|mail| mail.uid));
                if error.is_server_trouble() || !self.session.is_usable() {
                    return Err(error.into());
                }
                Vec::new()
            }
        };
        let mut bodies = bodies.into_iter().peekable();
        let mut items = Vec::with_capacity(mails.len());
        for mail in mails {
            let body = bodies.next_if(|body| body.uid == mail.uid);
            match body {
                Some(body) if fit(&body.bytes, mail.size) == Fit::Exact => items.push(self.item(mail, body)),
                Some(_) | None => items.extend(self.alone(*mail).await?),
            }
        }
        Ok(items)
    }

    /// Fetches one mail by a command of its own, so that a mail that breaks the answer is known.
    async fn alone(&mut self, mail: Listed) -> Result<Option<SpoolItem>, Fault> {
        match self.session.bodies(&[mail], self.max_message).await {
            Err(error @ ImapError::TooLarge { announced, .. }) => {
                // its size was understated: over the next connection, its headers
                self.history.oversize.insert(mail.uid, announced);
                Err(error.into())
            }
            Ok(bodies) => match bodies.into_iter().next() {
                Some(body) if self.is_credible(&mail, &body) => Ok(Some(self.item(&mail, body))),
                Some(_) => Ok(None),
                None => self.missing(mail.uid).await,
            },
            Err(error) => self.failed(mail.uid, error).await,
        }
    }

    async fn header_only(&mut self, mail: Listed) -> Result<Option<SpoolItem>, Fault> {
        match self.session.header(mail.uid).await {
            Ok(Some(bytes)) => {
                let body = Body { uid: mail.uid, bytes };
                Ok(Some(SpoolItem { omitted: Some(mail.size), ..self.item(&mail, body) }))
            }
            Ok(None) => self.missing(mail.uid).await,
            Err(error) => self.failed(mail.uid, error).await,
        }
    }

    /// Whether bytes that differ from the announced size are the mail all the same: an estimate that is off is; a mail
    /// cut to less than half is only when the server insists.
    fn is_credible(&mut self, mail: &Listed, body: &Body) -> bool {
        match fit(&body.bytes, mail.size) {
            Fit::Exact | Fit::Odd => true,
            Fit::Short => {
                let (seen, insisted) = self.history.came_short(mail.uid);
                warn!(
                    mailbox = %self.key.mailbox,
                    attempt = seen,
                    "mail {} came with {} of {} bytes; {}",
                    mail.uid,
                    body.bytes.len(),
                    mail.size,
                    if insisted { "taken as it is" } else { "asking again later" }
                );
                insisted
            }
        }
    }

    /// The server's answer lacks a mail: it is gone, or it counts as a failure.
    async fn missing(&mut self, uid: u32) -> Result<Option<SpoolItem>, Fault> {
        if self.session.present(&[uid]).await?.is_empty() {
            return self.are_gone(Vec::from([uid])).await.map(|()| None);
        }
        self.failed(uid, ImapError::Protocol("it has the mail and does not hand it out".to_owned())).await
    }

    /// A failed fetch. The connection goes on if it can; the other mails do in any case. Over a connection that goes on
    /// it is judged at the end; a connection that broke counts at once.
    async fn failed(&mut self, uid: u32, error: ImapError) -> Result<Option<SpoolItem>, Fault> {
        self.history.accuse(uid);
        if error.is_server_trouble() {
            return Err(error.into());
        }
        if self.session.is_usable() {
            self.accused.push((uid, error));
            return Ok(None);
        }
        self.count(uid, &error).await?;
        Err(error.into())
    }

    /// Counts the refusals of this look, if the server hands out other mails. If not, the server is to blame.
    async fn judge(&mut self) -> Result<(), Fault> {
        let accused = take(&mut self.accused);
        if accused.is_empty() {
            return Ok(());
        }
        let proven = match self.history.control {
            Some(mail) => {
                let proven = self.session.header(mail.uid).await?.is_some();
                self.history.control = proven.then_some(mail);
                proven
            }
            None => false,
        };
        if !proven && accused.len() > UNPROVEN {
            let reason = accused.first().map(|(_, error)| error.to_string()).unwrap_or_default();
            let text = format!("none of {} mails is handed out: {reason}", accused.len());
            return Err(ImapError::Protocol(text).into());
        }
        for (uid, error) in accused {
            self.count(uid, &error).await?;
        }
        Ok(())
    }

    async fn count(&mut self, uid: u32, error: &ImapError) -> Result<(), Fault> {
        let failures = self.spooler.store.count_fetch_failure(self.key, uid.into(), self.spooler.clock.now()).await;
        let failures = failures.map_err(Fault::Store)?;
        warn!(mailbox = %self.key.mailbox, attempt = failures, "mail {uid} cannot be fetched: {error}");
        if failures >= FETCH_ATTEMPTS {
            self.history.forget(uid);
        }
        Ok(())
    }

    /// Lists these mails. One that is left out is asked for alone, for one unreadable line must not hide the others; it is
    /// gone if a search agrees.
    async fn list(&mut self, asked: &[u32]) -> Result<Vec<Listed>, Fault> {
        let mut listed = match self.session.list(asked).await {
            Ok(listed) => listed,
            Err(error) if error.is_refusal() && !error.is_server_trouble() => Vec::new(),
            Err(error) => {
                if let ([uid], false) = (asked, self.session.is_usable()) {
                    self.failed(*uid, error).await?;
                    return Ok(Vec::new());
                }
                self.history.listing_broke();
                return Err(error.into());
            }
        };
        let found: BTreeSet<u32> = listed.iter().map(|mail| mail.uid).collect();
        let lacking: Vec<u32> = asked.iter().copied().filter(|uid| !found.contains(uid)).collect();
        if lacking.is_empty() {
            return Ok(listed);
        }
        let present = self.session.present(&lacking).await?;
        let (present, gone): (Vec<u32>, Vec<u32>) = lacking.into_iter().partition(|uid| present.contains(uid));
        self.are_gone(gone).await?;
        for uid in present {
            match self.session.size(uid).await {
                Ok(Some(mail)) => listed.push(mail),
                Ok(None) => {
                    let error = ImapError::Protocol("it has the mail and does not say its size".to_owned());
                    self.failed(uid, error).await?;
                }
                Err(error) => {
                    self.failed(uid, error).await?;
                }
            }
        }
        listed.sort_by_key(|mail| mail.uid);
        Ok(listed)
    }

    /// Records that mails which were listed are no longer there.
    async fn are_gone(&mut self, uids: Vec<u32>) -> Result<(), Fault> {
        if uids.is_empty() {
            return Ok(());
        }
        for uid in &uids {
            self.history.forget(*uid);
        }
        self.history.gone.extend(&uids);
        let (uids, now) = (uids.into_iter().map(u64::from).collect(), self.spooler.clock.now());
        self.spooler.store.ignore_uids(self.key, uids, GONE, now).await.map_err(Fault::Store)
    }

    async fn ignore(&mut self, old: &[Listed]) -> Result<(), Fault> {
        if old.is_empty() {
            return Ok(());
        }
        let uids = old.iter().map(|mail| u64::from(mail.uid)).collect();
        let now = self.spooler.clock.now();
        self.spooler.store.ignore_uids(self.key, uids, self.admission.reason(), now).await.map_err(Fault::Store)?;
        for mail in old {
            self.history.forget(mail.uid);
        }
        self.left_alone += old.len();
        Ok(())
    }

    fn item(&mut self, mail: &Listed, body: Body) -> SpoolItem {
        self.history.forget(mail.uid);
        self.history.control = Some(*mail);
        SpoolItem {
            uid: mail.uid.into(),
            received_at: self.admission.received_at(mail.received_at, self.spooler.clock.now()),
            arrival: self.admission.arrival(),
            bytes: body.bytes,
            omitted: None,
        }
    }
}

/// Splits mails, in order, into what single commands fetch.
fn jobs(mails: Vec<Listed>, history: &FetchHistory, max_message: u64) -> Vec<Job> {
    let mut jobs = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for mut mail in mails {
        let oversize = history.oversize.get(&mail.uid);
        mail.size = oversize.copied().unwrap_or(mail.size);
        let header_only = oversize.is_some() || mail.size > max_message;
        let alone = header_only || history.retry_alone.contains(&mail.uid);
        if alone || batch.len() >= BATCH_MAILS || (!batch.is_empty() && bytes + mail.size > BATCH_BYTES) {
            if !batch.is_empty() {
                jobs.push(Job::Many(take(&mut batch)));
            }
            bytes = 0;
        }
        if header_only {
            jobs.push(Job::HeaderOnly(mail));
        } else if alone {
            jobs.push(Job::Alone(mail));
        } else {
            bytes += mail.size;
            batch.push(mail);
        }
    }
    if !batch.is_empty() {
        jobs.push(Job::Many(batch));
    }
    jobs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_keep_the_order_and_the_limits() {
        let mail = |uid, size| Listed { uid, size, received_at: None };
        let mut mails: Vec<Listed> = (1..=70).map(|uid| mail(uid, 10)).collect();
        mails.extend([mail(71, 5000), mail(72, 10), mail(73, 10), mail(74, 10)]);
        let mut history = FetchHistory::default();
        history.retry_alone.insert(73);
        history.oversize.insert(74, 5000);
        let shape: Vec<String> = jobs(mails, &history, 1000)
            .iter()
            .map(|job| match job {
                Job::Many(mails) => format!("{}-{}", mails[0].uid, mails[mails.len() - 1].uid),
                Job::Alone(mail) => format!("alone {}", mail.uid),
                Job::HeaderOnly(mail) => format!("header {}", mail.uid),
            })
            .collect();
        assert_eq!(shape, ["1-64", "65-70", "header 71", "72-72", "alone 73", "header 74"]);
    }

    #[test]
    fn a_batch_ends_before_it_grows_too_large() {
        let mails = (1..=3).map(|uid| Listed { uid, size: 3 << 20, received_at: None }).collect();
        assert_eq!(jobs(mails, &FetchHistory::default(), u64::MAX).len(), 3);
    }
}

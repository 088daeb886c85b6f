//! Fetches the mails of a work list in order, many at a time; one at a time where one of them breaks the answer.
//!
//! Never lets one mail stop the others, and never calls a mail gone before the server says that its UID no longer is.

use std::collections::{BTreeMap, BTreeSet};

use tracing::{debug, warn};

use super::admission::{Admission, TOO_OLD};
use super::error::ImapError;
use super::fetch::{Body, Fit, fit};
use super::mailbox::Fault;
use super::session::{Listed, Session, UIDS_PER_COMMAND};
use super::taker::{Batch, Conveyor, Taker};
use crate::store::ledger::{FolderKey, SpoolItem};

/// Mails fetched by one command.
const BATCH_MAILS: usize = 64;
/// Bytes fetched by one command, unless a single mail is larger.
const BATCH_BYTES: u64 = 4 << 20;
/// Fetches of a mail that fail before it is recorded as quarantined.
const FETCH_ATTEMPTS: u32 = 3;

/// What is remembered of a folder's mails that could not be fetched as announced.
#[derive(Debug, Default)]
pub struct Doubts {
    /// To be fetched again.
    pub retry: BTreeSet<u32>,
    /// To be fetched alone, because one of them broke an answer.
    suspects: BTreeSet<u32>,
    /// Have broken an answer, alone: fetched after all others.
    culprits: BTreeSet<u32>,
    /// How often a mail came shorter than half its size.
    short: BTreeMap<u32, u32>,
}

/// Fetches mails of one selected folder.
pub struct Collector<'a> {
    /// The connection.
    pub session: &'a mut Session,
    /// The store's side.
    pub taker: &'a Taker,
    /// The folder.
    pub key: &'a FolderKey,
    /// What is taken.
    pub admission: Admission,
    /// Larger mails are taken by their headers alone.
    pub max_message: u64,
    /// What is remembered.
    pub doubts: &'a mut Doubts,
}

/// What one command fetches.
enum Job {
    Many(Vec<Listed>),
    Alone(Listed),
    HeaderOnly(Listed),
}

impl Collector<'_> {
    /// Takes the mails with these UIDs, ascending; returns how many were new to the ledger. Those that could not be
    /// fetched and are still there stay in [`Doubts::retry`].
    pub async fn collect(&mut self, uids: &[u32]) -> Result<u64, Fault> {
        let conveyor = self.taker.conveyor(self.key);
        let (last, first): (Vec<u32>, Vec<u32>) = uids.iter().partition(|uid| self.doubts.culprits.contains(uid));
        let fetched = match self.fetch_all(&first, &conveyor).await {
            Ok(()) => self.fetch_all(&last, &conveyor).await,
            Err(fault) => Err(fault),
        };
        let taken = conveyor.finish().await.map_err(Fault::Store)?;
        fetched.map(|()| taken)
    }

    async fn fetch_all(&mut self, uids: &[u32], conveyor: &Conveyor) -> Result<(), Fault> {
        for chunk in uids.chunks(UIDS_PER_COMMAND) {
            self.doubts.retry.extend(chunk);
            let listed = self.session.list(chunk).await?;
            self.forget_the_gone(chunk, &listed).await?;
            let (wanted, old): (Vec<Listed>, Vec<Listed>) =
                listed.into_iter().partition(|mail| self.admission.takes(mail.received_at));
            self.ignore(&old).await?;
            for job in jobs(wanted, &self.doubts.suspects, self.max_message) {
                if !self.run(job, conveyor).await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Runs a job; `false` if the store takes no more.
    async fn run(&mut self, job: Job, conveyor: &Conveyor) -> Result<bool, Fault> {
        let (items, share) = match job {
            Job::Many(mails) => {
                let share = conveyor.share(mails.iter().map(|mail| mail.size).sum()).await;
                (self.many(&mails).await?, share)
            }
            Job::Alone(mail) => {
                let share = conveyor.share(mail.size).await;
                (Vec::from_iter(self.alone(mail).await?), share)
            }
            Job::HeaderOnly(mail) => {
                let share = conveyor.share(0).await;
                (Vec::from_iter(self.header_only(mail).await?), share)
            }
        };
        if items.is_empty() { Ok(true) } else { Ok(conveyor.send(Batch { items, share }).await) }
    }

    /// Fetches a batch by one command; if that fails, one by one, now or over the next connection.
    async fn many(&mut self, mails: &[Listed]) -> Result<Vec<SpoolItem>, Fault> {
        let bodies = match self.session.bodies(mails).await {
            Ok(bodies) => bodies,
            Err(error) => {
                if error.is_server_trouble() {
                    return Err(error.into());
                }
                debug!(mailbox = %self.key.mailbox, "a batch of {} mails could not be fetched: {error}", mails.len());
                self.doubts.suspects.extend(mails.iter().map(|mail| mail.uid));
                if !self.session.is_usable() {
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
        match self.session.bodies(&[mail]).await {
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
                let seen = self.doubts.short.entry(mail.uid).or_default();
                *seen += 1;
                let insisted = *seen >= FETCH_ATTEMPTS;
                warn!(
                    mailbox = %self.key.mailbox,
                    attempt = *seen,
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
            self.forget(uid);
            return Ok(None);
        }
        self.failed(uid, ImapError::Protocol("it has the mail and does not hand it out".to_owned())).await
    }

    /// Counts a failed fetch. The connection goes on if it can; the other mails do in any case.
    async fn failed(&mut self, uid: u32, error: ImapError) -> Result<Option<SpoolItem>, Fault> {
        if error.is_server_trouble() {
            return Err(error.into());
        }
        let failures = self.taker.store.count_fetch_failure(self.key, uid.into(), self.taker.clock.now()).await;
        let failures = failures.map_err(Fault::Store)?;
        warn!(mailbox = %self.key.mailbox, attempt = failures, "mail {uid} cannot be fetched: {error}");
        self.doubts.suspects.insert(uid);
        self.doubts.culprits.insert(uid);
        if failures >= FETCH_ATTEMPTS {
            self.forget(uid);
        }
        if self.session.is_usable() { Ok(None) } else { Err(error.into()) }
    }

    /// UIDs that the listing lacks are gone if a search agrees; otherwise the mail cannot be had.
    async fn forget_the_gone(&mut self, asked: &[u32], listed: &[Listed]) -> Result<(), Fault> {
        let listed: BTreeSet<u32> = listed.iter().map(|mail| mail.uid).collect();
        let lacking: Vec<u32> = asked.iter().copied().filter(|uid| !listed.contains(uid)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let present = self.session.present(&lacking).await?;
        for uid in lacking {
            if present.contains(&uid) {
                let error = ImapError::Protocol("it has the mail and does not say its size".to_owned());
                self.failed(uid, error).await?;
            } else {
                self.forget(uid);
            }
        }
        Ok(())
    }

    async fn ignore(&mut self, old: &[Listed]) -> Result<(), Fault> {
        if old.is_empty() {
            return Ok(());
        }
        let uids = old.iter().map(|mail| u64::from(mail.uid)).collect();
        let now = self.taker.clock.now();
        self.taker.store.ignore_uids(self.key, uids, TOO_OLD, now).await.map_err(Fault::Store)?;
        for mail in old {
            self.forget(mail.uid);
        }
        Ok(())
    }

    fn item(&mut self, mail: &Listed, body: Body) -> SpoolItem {
        self.forget(mail.uid);
        SpoolItem {
            uid: mail.uid.into(),
            received_at: self.admission.received_at(mail.received_at, self.taker.clock.now()),
            arrival: self.admission.arrival(),
            bytes: body.bytes,
            omitted: None,
        }
    }

    fn forget(&mut self, uid: u32) {
        self.doubts.retry.remove(&uid);
        self.doubts.suspects.remove(&uid);
        self.doubts.culprits.remove(&uid);
        self.doubts.short.remove(&uid);
    }
}

/// Splits mails, in order, into what single commands fetch.
fn jobs(mails: Vec<Listed>, suspects: &BTreeSet<u32>, max_message: u64) -> Vec<Job> {
    let mut jobs = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for mail in mails {
        let alone = mail.size > max_message || suspects.contains(&mail.uid);
        if alone || batch.len() >= BATCH_MAILS || (!batch.is_empty() && bytes + mail.size > BATCH_BYTES) {
            if !batch.is_empty() {
                jobs.push(Job::Many(std::mem::take(&mut batch)));
            }
            bytes = 0;
        }
        if mail.size > max_message {
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
        let suspects = BTreeSet::from([73]);
        let shape: Vec<String> = jobs(mails, &suspects, 1000)
            .iter()
            .map(|job| match job {
                Job::Many(mails) => format!("{}-{}", mails[0].uid, mails[mails.len() - 1].uid),
                Job::Alone(mail) => format!("alone {}", mail.uid),
                Job::HeaderOnly(mail) => format!("header {}", mail.uid),
            })
            .collect();
        assert_eq!(shape, ["1-64", "65-70", "header 71", "72-72", "alone 73", "74-74"]);
    }

    #[test]
    fn a_batch_ends_before_it_grows_too_large() {
        let mails = (1..=3).map(|uid| Listed { uid, size: 3 << 20, received_at: None }).collect();
        assert_eq!(jobs(mails, &BTreeSet::new(), u64::MAX).len(), 3);
    }
}

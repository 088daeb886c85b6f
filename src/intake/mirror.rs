//! The shared mailbox as the queue: mails of tickets are filed into folders that stand for departments, agents and what is
//! done, and bear marks; who moves one by hand changes its ticket.
//!
//! Works over a connection of its own, so that nothing here delays intake, and only while intake is connected. Every act
//! compares with the state before: what a person moved is never moved back, only a ticket that changed moves its mails.
//! Moves by UID MOVE alone (RFC 6851), which leaves a mail in one folder whatever happens.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_imap::imap_proto::rfc4315::UidSetMember;
use async_imap::imap_proto::{Response, ResponseCode};
use tokio::time::{Instant, sleep};
use tracing::debug;

use super::backoff::Backoff;
use super::error::ImapError;
use super::executor::Command;
use super::folder::Folder;
use super::mailbox::Fault;
use super::session::{Selected, Session};
use super::taker::Taker;
use super::wire::uid_set;
use crate::model::mirror::{Place, places};
use crate::model::policy::{ImapAccount, Mailbox, Mirror};
use crate::store::ledger::FolderKey;
use crate::store::mirror::{Landed, Mirrored, pairs};

/// How often it is looked whether intake is connected.
const WAIT_FOR_INTAKE: Duration = Duration::from_secs(1);
/// A connection that lasted this long worked.
const STABLE: Duration = Duration::from_secs(20);

/// What intake and mirror of one mailbox tell each other.
#[derive(Debug, Default)]
pub struct Beside {
    connected: AtomicBool,
    trouble: Mutex<Option<String>>,
}

impl Beside {
    /// Intake is connected, or no longer.
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// Why the mirror does not work.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// The mirror of one mailbox.
pub struct MirrorWatch<'a> {
    mailbox: &'a Mailbox,
    account: &'a ImapAccount,
    taker: Taker,
    beside: Arc<Beside>,
    folders: Vec<(Folder, Place)>,
    names: Vec<(String, Place)>,
}

impl<'a> MirrorWatch<'a> {
    /// Nothing has been looked at.
    pub fn new(
        mailbox: &'a Mailbox,
        mirror: &Mirror,
        account: &'a ImapAccount,
        taker: Taker,
        beside: Arc<Beside>,
    ) -> Self {
        let names = places(taker.pipeline.borrow().policy(), mirror);
        let folders = names.iter().map(|(name, place)| (Folder::left_alone(name), place.clone())).collect();
        Self { mailbox, account, taker, beside, folders, names }
    }

    /// Works until it is dropped; its faults end nothing but its own connection.
    pub async fn run(mut self) -> Infallible {
        let mut backoff = Backoff::default();
        loop {
            while !self.beside.connected.load(Ordering::Relaxed) {
                sleep(WAIT_FOR_INTAKE).await;
            }
            let began = Instant::now();
            let fault = match self.work().await {
                Ok(never) => match never {},
                Err(fault) => fault,
            };
            debug!(mailbox = %self.mailbox.id, "the mirror is interrupted: {fault}");
            self.beside.set_trouble(Some(format!("mirror: {fault}")));
            if began.elapsed() >= STABLE {
                backoff.reset();
            }
            sleep(backoff.next(fault.failure())).await;
        }
    }

    /// Works over one connection.
    async fn work(&mut self) -> Result<Infallible, Fault> {
        let mut session = Session::open(self.account, &self.taker.heartbeat).await?;
        if !session.has("MOVE") {
            let text = "the server has no MOVE, without which no mail is moved (hint: leave out `[mailbox.mirror]`)";
            return Err(ImapError::Protocol(text.to_owned()).into());
        }
        for (folder, _) in &mut self.folders {
            folder.connection_is_new();
        }
        loop {
            self.pass(&mut session).await?;
            self.beside.set_trouble(None);
            sleep(self.mailbox.poll).await;
            session.noop().await?;
        }
    }

    /// One look at every folder: first what people did, then what is to be done.
    async fn pass(&mut self, session: &mut Session) -> Result<(), Fault> {
        for (folder, place) in &mut self.folders {
            session.locate_or_create(folder.name()).await?;
            folder.look(session, self.mailbox, &self.taker, None).await?;
            if let Some(key) = folder.key() {
                let pipeline = self.taker.pipeline.borrow().clone();
                pipeline.note_arrivals(key, Some(place)).await.map_err(Fault::Store)?;
            }
        }
        let mut landed = Vec::new();
        for name in &self.mailbox.folders {
            self.file(session, name, None, &mut landed).await?;
        }
        for (name, place) in &self.names {
            self.file(session, name, Some(place), &mut landed).await?;
        }
        for (target, (uid_validity, pairs)) in landed {
            if let Some((folder, _)) = self.folders.iter_mut().find(|(folder, _)| folder.name() == target) {
                folder.knows(uid_validity, pairs.into_iter().map(|(_, new)| new));
            }
        }
        Ok(())
    }

    /// Moves and marks the mails of one folder whose tickets have changed.
    async fn file(
        &self,
        session: &mut Session,
        name: &str,
        place: Option<&Place>,
        landed: &mut Vec<(String, Landed)>,
    ) -> Result<(), Fault> {
        let Selected { uid_validity, read_only, .. } = match session.select(name).await {
            // It is made anew at the next pass, or intake tells of it.
            Err(error) if error.is_refusal() && !error.is_server_trouble() => return Ok(()),
            selected => selected?,
        };
        let key = FolderKey { mailbox: self.mailbox.id.clone(), folder: name.to_owned(), uid_validity };
        let store = &self.taker.store;
        if place.is_none() {
            let pipeline = self.taker.pipeline.borrow().clone();
            pipeline.note_arrivals(&key, None).await.map_err(Fault::Store)?;
        }
        let now = self.taker.clock.now();
        let work = store.mirror_work(&key).await.map_err(Fault::Store)?;
        if work.is_empty() || read_only {
            return Ok(());
        }
        let uids: Vec<u32> = work.iter().filter_map(uid_of).collect();
        let present = session.present(&uids).await?;
        let (here, gone): (Vec<Mirrored>, Vec<Mirrored>) =
            work.into_iter().partition(|mail| uid_of(mail).is_some_and(|uid| present.contains(&uid)));
        store.mirror_gone(gone.iter().map(|mail| mail.ledger).collect()).await.map_err(Fault::Store)?;
        let (right, wrong): (Vec<Mirrored>, Vec<Mirrored>) =
            here.into_iter().partition(|mail| place.is_some_and(|place| mail.stand.may_lie_in(place)));
        self.mark(session, &right).await?;
        let mut stays: Vec<(_, Vec<String>)> = right.iter().map(|mail| (mail.ledger, mail.stand.marks())).collect();
        let mut moves: BTreeMap<&str, Vec<&Mirrored>> = BTreeMap::new();
        for mail in &wrong {
            match self.names.iter().find(|(_, place)| mail.stand.home() == *place) {
                Some((target, _)) => moves.entry(target.as_str()).or_default().push(mail),
                // Its department is not in the config: it stays where it is.
                None => stays.push((mail.ledger, mail.marks.clone())),
            }
        }
        store.mirror_checked(stays, now).await.map_err(Fault::Store)?;
        for (target, mails) in moves {
            let went = self.move_to(session, target, &mails).await?;
            landed.extend(went.map(|went| (target.to_owned(), went)));
        }
        Ok(())
    }

    async fn move_to(&self, session: &mut Session, target: &str, mails: &[&Mirrored]) -> Result<Option<Landed>, Fault> {
        let store = &self.taker.store;
        let rows = mails.iter().map(|mail| mail.ledger).collect();
        store.mirror_moving(rows, target.to_owned()).await.map_err(Fault::Store)?;
        let landed = session.move_and_tell(target, mails.iter().filter_map(|mail| uid_of(mail))).await?;
        let key = FolderKey { mailbox: self.mailbox.id.clone(), folder: target.to_owned(), uid_validity: 0 };
        let rows = mails.iter().map(|mail| (mail.ledger, mail.uid)).collect();
        store.mirror_moved(rows, key, landed.clone(), self.taker.clock.now()).await.map_err(Fault::Store)?;
        Ok(landed)
    }

    /// Gives the mails the marks that they lack and takes ours away that are no longer true; others' are left alone.
    async fn mark(&self, session: &mut Session, mails: &[Mirrored]) -> Result<(), Fault> {
        let mut changes: BTreeMap<(bool, String), Vec<u32>> = BTreeMap::new();
        for mail in mails {
            let wanted = mail.stand.marks();
            let less = mail.marks.iter().filter(|mark| !wanted.contains(mark)).map(|mark| (false, mark.clone()));
            let more = wanted.iter().filter(|mark| !mail.marks.contains(mark)).map(|mark| (true, mark.clone()));
            for change in less.chain(more) {
                changes.entry(change).or_default().extend(uid_of(mail));
            }
        }
        for ((add, mark), uids) in changes {
            let sign = if add { '+' } else { '-' };
            let line = format!("UID STORE {} {sign}FLAGS.SILENT ({mark})", uid_set(uids));
            match session.command("STORE", &line).await {
                // A server without keywords of its users' own: the folders say enough.
                Err(error) if error.is_refusal() && !error.is_server_trouble() => {
                    debug!(mailbox = %self.mailbox.id, "`{mark}` is not taken: {error}");
                }
                done => done?,
            }
        }
        Ok(())
    }
}

fn uid_of(mail: &Mirrored) -> Option<u32> {
    u32::try_from(mail.uid).ok()
}

impl Session {
    /// Moves these mails (ascending) of the selected folder and returns where they landed, if the server says (RFC 4315).
    async fn move_and_tell(
        &mut self,
        target: &str,
        uids: impl Iterator<Item = u32>,
    ) -> Result<Option<Landed>, ImapError> {
        let line = format!("UID MOVE {} {}", uid_set(uids), self.locate(target).await?);
        let mut landed = None;
        let on = |response: &Response<'_>| {
            if let Response::Data { outcome, .. } = response
                && let Some(ResponseCode::CopyUid(uid_validity, old, new)) = &outcome.code
            {
                let paired = ranges(old).zip(ranges(new)).and_then(|(old, new)| pairs(&old, &new));
                landed = paired.map(|pairs| (*uid_validity, pairs));
            }
        };
        self.executor.run(Command::new("MOVE", &line), on).await?;
        Ok(landed)
    }
}

/// The ranges of a set; `None` when one of them runs backwards, for then the pairs are not certain.
fn ranges(set: &[UidSetMember]) -> Option<Vec<RangeInclusive<u32>>> {
    let range = |member: &UidSetMember| match member {
        UidSetMember::UidRange(range) => (range.start() <= range.end()).then(|| range.clone()),
        UidSetMember::Uid(uid) => Some(*uid..=*uid),
    };
    set.iter().map(range).collect()
}

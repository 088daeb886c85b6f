//! The shared mailbox as the queue: mails of tickets are filed into folders that stand for departments, agents and what is
//! done, and bear marks; who moves one by hand changes its ticket.
//!
//! Works over a connection of its own, so that nothing here delays intake, and only while intake is connected. Every act
//! compares with the state before: what a person moved is never moved back, only a ticket that changed moves its mails.
//! How a mail is moved so that it is never nowhere is `moving`'s business.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};

use super::moves::Mover;
use crate::intake::backoff::{Backoff, STABLE};
use crate::intake::fault::Fault;
use crate::intake::health::MirrorStatus;
use crate::intake::imap::session::{Selected, Session};
use crate::intake::imap::wire::uid_set;
use crate::intake::spooler::Spooler;
use crate::intake::sync::folder::Folder;
use crate::model::mirror::{Place, places};
use crate::model::policy::{ImapAccount, Mailbox, Mirror};
use crate::store::ledger::FolderKey;
use crate::store::mirror::{Landed, Mirrored, Scope};

/// How often it is looked whether intake is connected.
const WAIT_FOR_INTAKE: Duration = Duration::from_secs(1);

/// The mirror of one mailbox.
pub struct MirrorWatch<'a> {
    mailbox: &'a Mailbox,
    account: &'a ImapAccount,
    spooler: Spooler,
    status: Arc<MirrorStatus>,
    folders: Vec<(Folder, Place)>,
    names: Vec<(String, Place)>,
    root: String,
}

/// What it means that a mail lies in a folder.
enum Lies<'a> {
    /// In one that intake watches: it is to be filed.
    Queue,
    /// In one that stands for this.
    In(&'a Place),
    /// In one that stood for something before the config changed: it is to be filed anew.
    LeftBehind,
}

impl<'a> MirrorWatch<'a> {
    /// Nothing has been looked at.
    pub fn new(
        mailbox: &'a Mailbox,
        mirror: &Mirror,
        account: &'a ImapAccount,
        spooler: Spooler,
        status: Arc<MirrorStatus>,
    ) -> Self {
        let names = places(spooler.pipeline.borrow().policy(), mirror);
        let folders = names.iter().map(|(name, place)| (Folder::left_alone(name), place.clone())).collect();
        Self { mailbox, account, spooler, status, folders, names, root: mirror.root.clone() }
    }

    /// Works until it is dropped; its faults end nothing but its own connection.
    pub async fn run(mut self) -> Infallible {
        let mut backoff = Backoff::default();
        loop {
            while !self.status.is_connected() {
                sleep(WAIT_FOR_INTAKE).await;
            }
            let began = Instant::now();
            let fault = match self.work().await {
                Ok(never) => match never {},
                Err(fault) => fault,
            };
            let trouble = format!("mirror: {fault}");
            if self.status.trouble().as_ref() == Some(&trouble) {
                debug!(mailbox = %self.mailbox.id, "{trouble}");
            } else {
                warn!(mailbox = %self.mailbox.id, "{trouble}");
            }
            self.status.set_trouble(Some(trouble));
            if began.elapsed() >= STABLE && fault.failure().may_have_worked() {
                backoff.reset();
            }
            sleep(backoff.next(fault.failure())).await;
        }
    }

    /// Works over one connection.
    async fn work(&mut self) -> Result<Infallible, Fault> {
        let mut session = Session::open(self.account, &self.spooler.heartbeat).await?;
        session.can_move()?;
        for (folder, _) in &mut self.folders {
            folder.connection_is_new();
        }
        loop {
            self.pass(&mut session).await?;
            self.status.set_trouble(None);
            sleep(self.mailbox.poll).await;
            session.noop().await?;
        }
    }

    /// One look at every folder: first what people did, then what is to be done.
    async fn pass(&mut self, session: &mut Session) -> Result<(), Fault> {
        for (folder, place) in &mut self.folders {
            session.locate_or_create(folder.name()).await?;
            folder.look(session, self.mailbox, &self.spooler, None).await?;
            if let Some(key) = folder.key() {
                let pipeline = self.spooler.pipeline.borrow().clone();
                pipeline.note_arrivals(key, Some(place)).await.map_err(Fault::Store)?;
            }
        }
        let mut landed = Vec::new();
        for name in &self.mailbox.folders {
            self.file(session, name, &Lies::Queue, &mut landed).await?;
        }
        for (name, place) in &self.names {
            self.file(session, name, &Lies::In(place), &mut landed).await?;
        }
        for name in self.left_behind().await? {
            self.file(session, &name, &Lies::LeftBehind, &mut landed).await?;
        }
        for (target, (uid_validity, pairs)) in landed {
            if let Some((folder, _)) = self.folders.iter_mut().find(|(folder, _)| folder.name() == target) {
                folder.knows(uid_validity, pairs.into_iter().map(|(_, new)| new));
            }
        }
        Ok(())
    }

    /// Folders below our root that hold mails of tickets and stand for nothing any more: their department or agent has
    /// another name now, or is gone.
    async fn left_behind(&self) -> Result<Vec<String>, Fault> {
        let mut names = self.spooler.store.mirror_folders(&self.mailbox.id).await.map_err(Fault::Store)?;
        let below = format!("{}/", self.root);
        let watched =
            |name: &String| self.mailbox.folders.contains(name) || self.mailbox.sent_folder.as_ref() == Some(name);
        names.retain(|name| {
            name.starts_with(&below) && !watched(name) && self.names.iter().all(|(current, _)| current != name)
        });
        Ok(names)
    }

    /// Moves and marks the mails of one folder whose tickets have changed.
    async fn file(
        &self,
        session: &mut Session,
        name: &str,
        lies: &Lies<'_>,
        landed: &mut Vec<(String, Landed)>,
    ) -> Result<(), Fault> {
        let Selected { uid_validity, read_only, .. } = match session.select(name).await {
            // It is made anew at the next pass, or intake tells of it.
            Err(error) if error.is_refusal() && !error.is_server_trouble() => return Ok(()),
            selected => selected?,
        };
        let key = FolderKey { mailbox: self.mailbox.id.clone(), folder: name.to_owned(), uid_validity };
        let store = &self.spooler.store;
        if matches!(lies, Lies::Queue) {
            let pipeline = self.spooler.pipeline.borrow().clone();
            pipeline.note_arrivals(&key, None).await.map_err(Fault::Store)?;
        }
        let now = self.spooler.clock.now();
        let timezone = self.spooler.pipeline.borrow().policy().desk.timezone.clone();
        let today = now.to_zoned(timezone.clone()).date();
        let scope = match lies {
            Lies::LeftBehind => Scope::All,
            Lies::Queue | Lies::In(_) => Scope::Changed { day: began(today, &timezone).unwrap_or(now) },
        };
        let work = store.mirror_work(&key, scope).await.map_err(Fault::Store)?;
        if work.is_empty() || read_only {
            return Ok(());
        }
        let uids: Vec<u32> = work.iter().filter_map(Mirrored::uid_on_server).collect();
        let present = session.present(&uids).await?;
        let (here, gone): (Vec<Mirrored>, Vec<Mirrored>) =
            work.into_iter().partition(|mail| mail.uid_on_server().is_some_and(|uid| present.contains(&uid)));
        store.mirror_gone(gone.iter().map(|mail| mail.ledger).collect()).await.map_err(Fault::Store)?;
        let (right, wrong): (Vec<Mirrored>, Vec<Mirrored>) =
            here.into_iter().partition(|mail| matches!(lies, Lies::In(place) if mail.stand.may_lie_in(place)));
        let right: Vec<(&Mirrored, Vec<String>)> =
            right.iter().map(|mail| (mail, mail.stand.marks(today, &timezone))).collect();
        self.mark(session, &right).await?;
        let mut stays: Vec<(_, Vec<String>)> = right.into_iter().map(|(mail, marks)| (mail.ledger, marks)).collect();
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
            let went = Mover { store, key: &key, now }.bring(session, target, &mails).await?;
            landed.extend(went.map(|went| (target.to_owned(), went)));
        }
        Ok(())
    }

    /// Gives the mails the marks that they lack and takes ours away that are no longer true; others' are left alone.
    async fn mark(&self, session: &mut Session, mails: &[(&Mirrored, Vec<String>)]) -> Result<(), Fault> {
        let mut changes: BTreeMap<(bool, String), Vec<u32>> = BTreeMap::new();
        for (mail, wanted) in mails {
            let less = mail.marks.iter().filter(|mark| !wanted.contains(mark)).map(|mark| (false, mark.clone()));
            let more = wanted.iter().filter(|mark| !mail.marks.contains(mark)).map(|mark| (true, mark.clone()));
            for change in less.chain(more) {
                changes.entry(change).or_default().extend(mail.uid_on_server());
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

/// When the day began.
fn began(today: Date, timezone: &TimeZone) -> Option<Timestamp> {
    Some(today.to_zoned(timezone.clone()).ok()?.timestamp())
}

//! Moves mails for the mirror: in one step where the server can (RFC 6851), else as a copy whose original is taken away only
//! when it is certain that the copy lies there, by its own UID (RFC 4315).
//!
//! Never expunges what others have marked, and never leaves a mail nowhere, whenever it is cut short: a copy that was made
//! before is found again, and no second one is made.

use std::ops::RangeInclusive;

use imap_proto::rfc4315::UidSetMember;
use imap_proto::{Outcome, Response, ResponseCode};

use crate::intake::fault::Fault;
use crate::intake::imap::error::ImapError;
use crate::intake::imap::executor::Command;
use crate::intake::imap::session::Session;
use crate::intake::imap::wire::uid_set;
use crate::model::id::LedgerId;
use crate::store::Store;
use crate::store::ledger::FolderKey;
use crate::store::mirror::{Landed, Mirrored, Went, pairs};

/// Without these the server cannot be trusted with a move.
const NEEDS: &str = "the server has neither MOVE nor UIDPLUS, without which a mail cannot be moved safely, so the mirror is \
    off (hint: leave out `[mailbox.mirror]`)";

/// Where mails are moved from, and by whom.
pub struct Mover<'a> {
    /// What is known of the mails.
    pub store: &'a Store,
    /// The folder that is open.
    pub key: &'a FolderKey,
    /// Now.
    pub now: jiff::Timestamp,
}

impl Session {
    /// Whether mails can be moved at all.
    pub fn can_move(&self) -> Result<(), ImapError> {
        if self.has("MOVE") || self.has("UIDPLUS") { Ok(()) } else { Err(ImapError::Protocol(NEEDS.to_owned())) }
    }
}

impl Mover<'_> {
    /// Moves these mails (ascending) of the open folder to `target`; where they landed, if the server says.
    pub async fn bring(
        &self,
        session: &mut Session,
        target: &str,
        mails: &[&Mirrored],
    ) -> Result<Option<Landed>, Fault> {
        let rows: Vec<LedgerId> = mails.iter().map(|mail| mail.ledger).collect();
        self.store.mirror_moving(rows, target.to_owned()).await.map_err(Fault::Store)?;
        if session.has("MOVE") {
            let landed = session.send_to("MOVE", target, mails).await?;
            self.went(Went::Moved, target, mails, landed.clone()).await?;
            return Ok(landed);
        }
        let there = self.copied_before(session, target, mails).await?;
        let missing: Vec<&Mirrored> = mails.iter().copied().filter(|mail| !there.contains(&mail.ledger)).collect();
        let mut landed = None;
        if !missing.is_empty() {
            landed = session.send_to("COPY", target, &missing).await?;
            self.went(Went::Copied, target, &missing, landed.clone()).await?;
        }
        let set = uid_set(mails.iter().filter_map(|mail| mail.uid_on_server()));
        session.command("STORE", &format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")).await?;
        session.command("EXPUNGE", &format!("UID EXPUNGE {set}")).await?;
        let rows = mails.iter().map(|mail| mail.ledger).collect();
        self.store.mirror_gone(rows).await.map_err(Fault::Store)?;
        Ok(landed)
    }

    /// Those whose copy lies in `target` already, as a look there shows: they were copied, and what followed was cut short.
    async fn copied_before(
        &self,
        session: &mut Session,
        target: &str,
        mails: &[&Mirrored],
    ) -> Result<Vec<LedgerId>, Fault> {
        let rows = mails.iter().map(|mail| mail.ledger).collect();
        let known = self.store.mirror_copies(&self.key.mailbox, target, rows).await.map_err(Fault::Store)?;
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let uid_validity = session.select(target).await?.uid_validity;
        let mut uids: Vec<u32> = known.iter().map(|(_, _, uid)| *uid).collect();
        uids.sort_unstable();
        let present = session.present(&uids).await?;
        let again = session.select(&self.key.folder).await?;
        if again.uid_validity != self.key.uid_validity {
            return Err(ImapError::Protocol("a folder was numbered anew while its mails were moved".to_owned()).into());
        }
        let there = known.into_iter().filter(|(_, validity, uid)| *validity == uid_validity && present.contains(uid));
        Ok(there.map(|(row, _, _)| row).collect())
    }

    async fn went(&self, how: Went, target: &str, mails: &[&Mirrored], landed: Option<Landed>) -> Result<(), Fault> {
        let key = FolderKey { mailbox: self.key.mailbox.clone(), folder: target.to_owned(), uid_validity: 0 };
        let rows = mails.iter().map(|mail| (mail.ledger, mail.uid)).collect();
        self.store.mirror_went(how, rows, key, landed, self.now).await.map_err(Fault::Store)
    }
}

impl Session {
    /// `UID MOVE` or `UID COPY` of these mails; where they landed, if the server says (RFC 4315).
    async fn send_to(
        &mut self,
        name: &'static str,
        target: &str,
        mails: &[&Mirrored],
    ) -> Result<Option<Landed>, ImapError> {
        let uids = mails.iter().filter_map(|mail| mail.uid_on_server());
        let line = format!("UID {name} {} {}", uid_set(uids), self.locate(target).await?);
        let mut landed = None;
        // Of a move it is told beforehand, of a copy at its end.
        let on = |response: &Response<'_>| {
            if let Response::Data { outcome, .. } | Response::Done { outcome, .. } = response {
                landed = landed_at(outcome).or_else(|| landed.take());
            }
        };
        self.executor.run(Command::new(name, &line), on).await?;
        Ok(landed)
    }
}

fn landed_at(outcome: &Outcome<'_>) -> Option<Landed> {
    let Some(ResponseCode::CopyUid(uid_validity, old, new)) = &outcome.code else { return None };
    let paired = ranges(old).zip(ranges(new)).and_then(|(old, new)| pairs(&old, &new))?;
    Some((*uid_validity, paired))
}

/// The ranges of a set; `None` when one of them runs backwards, for then the pairs are not certain.
fn ranges(set: &[UidSetMember]) -> Option<Vec<RangeInclusive<u32>>> {
    let range = |member: &UidSetMember| match member {
        UidSetMember::UidRange(range) => (range.start() <= range.end()).then(|| range.clone()),
        UidSetMember::Uid(uid) => Some(*uid..=*uid),
    };
    set.iter().map(range).collect()
}

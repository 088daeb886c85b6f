//! A connection that is logged in, and the questions that are asked of it: folders, UIDs, sizes.
//!
//! Never asks by sequence number, never by UNSEEN (people share the mailbox), and never parses ENVELOPE or
//! BODYSTRUCTURE, which servers get wrong.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode};
use jiff::Timestamp;

use super::error::ImapError;
use super::executor::{Command, IdleEnd, News};
use super::login::{ImapExecutor, open};
use super::names::Names;
use super::wire::{Capabilities, internal_date, uid_set};
use crate::heartbeat::Heartbeat;
use crate::model::policy::ImapAccount;

/// UIDs in one command; keeps its line under the 8,000 bytes that every server takes.
pub const UIDS_PER_COMMAND: usize = 500;

/// A folder that has been opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    /// UIDVALIDITY (RFC 3501 §2.3.1.1).
    pub uid_validity: u32,
    /// Mails in it.
    pub exists: u32,
    /// UIDNEXT, if the server says: no mail has this UID or a higher one.
    pub uid_next: Option<u32>,
    /// Whether nothing can be changed in it.
    pub read_only: bool,
}

/// A mail as the server lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its UID.
    pub uid: u32,
    /// RFC822.SIZE; some servers only estimate it.
    pub size: u64,
    /// INTERNALDATE, if it is one.
    pub received_at: Option<Timestamp>,
}

/// A connection that is logged in.
pub struct Session {
    pub(super) executor: ImapExecutor,
    capabilities: Capabilities,
    pub(super) names: Names,
    selected: Option<(String, Selected)>,
}

impl Session {
    /// Connects and logs in.
    pub async fn open(account: &ImapAccount, heartbeat: &Arc<Heartbeat>) -> Result<Self, ImapError> {
        let (executor, capabilities) = open(account, heartbeat).await?;
        Ok(Self { executor, capabilities, names: Names::default(), selected: None })
    }

    /// Whether the server has an extension, named in capitals.
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.has(capability)
    }

    /// Opens a folder. Success needs the tagged OK, UIDVALIDITY and EXISTS.
    pub async fn select(&mut self, folder: &str) -> Result<Selected, ImapError> {
        self.selected = None;
        let line = format!("SELECT {}", self.locate(folder).await?);
        let (mut uid_validity, mut uid_next, mut exists) = (None, None, None);
        let done = self
            .executor
            .run(Command::new("SELECT", &line), |response| {
                if let Response::MailboxData(MailboxDatum::Exists(count)) = response {
                    exists = Some(*count);
                } else if let Response::Data { outcome, .. } = response {
                    match outcome.code {
                        Some(ResponseCode::UidValidity(value)) => uid_validity = Some(value),
                        Some(ResponseCode::UidNext(value)) => uid_next = Some(value),
                        _ => {}
                    }
                }
            })
            .await;
        if done.as_ref().is_err_and(ImapError::is_refusal) {
            // it may have been renamed: looked up anew next time
            self.names.forget(folder);
        }
        let done = done?;
        self.executor.take_news();
        match (uid_validity, exists) {
            (Some(uid_validity), Some(exists)) => {
                let selected = Selected { uid_validity, exists, uid_next, read_only: done.code == "READ-ONLY" };
                self.selected = Some((folder.to_owned(), selected));
                Ok(selected)
            }
            _ => Err(ImapError::Protocol("it opens a folder without UIDVALIDITY or EXISTS".to_owned())),
        }
    }

    /// The folder if it is the one that is open, as it was when it was opened.
    pub fn selected(&self, folder: &str) -> Option<Selected> {
        self.selected.as_ref().filter(|(name, _)| name == folder).map(|(_, selected)| *selected)
    }

    /// UIDs from `first` on, ascending. (`n:*` names the last mail even when its UID is below n.)
    pub async fn uids_from(&mut self, first: u32) -> Result<Vec<u32>, ImapError> {
        let mut found = self.search(&format!("UID {first}:*")).await?;
        found.retain(|uid| *uid >= first);
        Ok(found)
    }

    /// Which of these UIDs are still there.
    pub async fn present(&mut self, uids: &[u32]) -> Result<BTreeSet<u32>, ImapError> {
        let mut present = BTreeSet::new();
        for chunk in uids.chunks(UIDS_PER_COMMAND) {
            let found = self.search(&format!("UID {}", uid_set(chunk.iter().copied()))).await?;
            present.extend(chunk.iter().copied().filter(|uid| found.binary_search(uid).is_ok()));
        }
        Ok(present)
    }

    /// Size and INTERNALDATE of each of these UIDs (ascending) that is there, ascending. At most [`UIDS_PER_COMMAND`] at a
    /// time. What cannot be read is left out, so a mail that is not listed need not be gone.
    pub async fn list(&mut self, uids: &[u32]) -> Result<Vec<Listed>, ImapError> {
        let line = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", uid_set(uids.iter().copied()));
        self.listing(&line, uids).await
    }

    /// The size of one mail, without the date, which some servers answer in a form that cannot be read.
    pub async fn size(&mut self, uid: u32) -> Result<Option<Listed>, ImapError> {
        let listed = self.listing(&format!("UID FETCH {uid} (UID RFC822.SIZE)"), &[uid]).await?;
        Ok(listed.into_iter().next())
    }

    async fn listing(&mut self, line: &str, uids: &[u32]) -> Result<Vec<Listed>, ImapError> {
        let mut listed: Vec<Listed> = Vec::with_capacity(uids.len());
        self.executor
            .run(Command::new("FETCH", line), |response| {
                if let Response::Fetch(_, attributes) = response {
                    listed.extend(listed_mail(attributes).filter(|mail| uids.binary_search(&mail.uid).is_ok()));
                }
            })
            .await?;
        listed.sort_by_key(|mail| mail.uid);
        listed.dedup_by_key(|mail| mail.uid);
        Ok(listed)
    }

    /// Lets the server tell what is new.
    pub async fn noop(&mut self) -> Result<(), ImapError> {
        self.executor.run(Command::new("NOOP", "NOOP"), |_| {}).await.map(drop)
    }

    /// Says good-bye; whatever comes back.
    pub async fn logout(&mut self) {
        // BYE and the end of the connection are what LOGOUT asks for
        if let Err(error) = self.command("LOGOUT", "LOGOUT").await {
            tracing::trace!("logged out: {error}");
        }
    }

    /// Whether the next command can be run: the last one came to its end.
    pub fn is_usable(&self) -> bool {
        !self.executor.is_busy()
    }

    /// Waits until the server tells something or `limit` is over.
    pub async fn idle(&mut self, limit: Duration) -> Result<IdleEnd, ImapError> {
        self.executor.idle(limit).await
    }

    /// What the server has said on its own since it was last taken.
    pub fn news(&self) -> News {
        self.executor.news()
    }

    /// What the server has said on its own since this was asked last.
    pub fn take_news(&mut self) -> News {
        self.executor.take_news()
    }

    /// Runs a command that only works or fails; returns nothing else.
    pub(super) async fn command(&mut self, name: &'static str, line: &str) -> Result<(), ImapError> {
        self.executor.run(Command::new(name, line), |_| {}).await.map(drop)
    }

    /// UIDs, ascending, each once: of a large folder, hundreds of thousands.
    async fn search(&mut self, criteria: &str) -> Result<Vec<u32>, ImapError> {
        let line = format!("UID SEARCH {criteria}");
        let mut found = Vec::new();
        let done = self
            .executor
            .run(Command::new("SEARCH", &line), |response| {
                if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                    found.extend(uids);
                }
            })
            .await?;
        readable(done.unreadable)?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// An answer of which a part could not be read is no answer.
pub(super) fn readable(unreadable: u32) -> Result<(), ImapError> {
    if unreadable == 0 { Ok(()) } else { Err(ImapError::Protocol("an answer that cannot be read".to_owned())) }
}

/// What a FETCH response lists; `None` for one that nobody asked for.
fn listed_mail(attributes: &[AttributeValue<'_>]) -> Option<Listed> {
    let (mut uid, mut size, mut received_at) = (None, None, None);
    for attribute in attributes {
        if let AttributeValue::Uid(value) = attribute {
            uid = Some(*value);
        } else if let AttributeValue::Rfc822Size(value) = attribute {
            size = Some(u64::from(*value));
        } else if let AttributeValue::InternalDate(text) = attribute {
            received_at = internal_date(text);
        }
    }
    Some(Listed { uid: uid?, size: size?, received_at })
}

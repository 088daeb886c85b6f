//! A connection that is logged in, and the questions that are asked of it: folders, UIDs, sizes.
//!
//! Never asks by sequence number, never by UNSEEN (people share the mailbox), and never parses ENVELOPE or
//! BODYSTRUCTURE, which servers get wrong.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode};
use jiff::Timestamp;

use super::cut::Limits;
use super::error::ImapError;
use super::executor::{Command, IdleEnd, News};
use super::login::{ImapExecutor, open};
use super::names::Names;
use super::sieve::Kind;
use super::wire::{Capabilities, internal_date, uid_set};
use crate::heartbeat::Heartbeat;
use crate::model::policy::ImapAccount;

/// UIDs in one command; keeps its line under the 8,000 bytes that every server takes.
pub const UIDS_PER_COMMAND: usize = 500;

/// Mails of a folder that are watched.
const MOST_MAILS: u32 = 2_000_000;
/// Mails asked for by one SEARCH, about: an answer of a megabyte.
const PART: u32 = 100_000;
/// Mails that may come in between being told how many there are and asking for them.
const MORE_MAILS: usize = 10_000;
/// Ten digits and a space.
const UID_LENGTH: usize = 11;
/// For the words around them.
const ROOM: usize = 64 << 10;
/// What a mail's place in a listing has at most, in bytes, and how often each may be told.
const LISTED_LENGTH: u64 = 1 << 10;

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
    pub(in crate::intake) executor: ImapExecutor,
    capabilities: Capabilities,
    pub(in crate::intake) names: Names,
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

    /// UIDs from `first` on, ascending. (`n:*` names the last mail even when its UID is below n.) Of a large folder they are
    /// asked for part by part.
    pub async fn uids_from(&mut self, first: u32) -> Result<Vec<u32>, ImapError> {
        let mails = self.executor.exists();
        if mails > MOST_MAILS {
            return Err(ImapError::TooManyMails { mails, most: MOST_MAILS });
        }
        let uid_next = self.selected.as_ref().and_then(|(_, selected)| selected.uid_next);
        let mut found = Vec::new();
        for (low, high) in parts(first, uid_next, mails) {
            let set = high.map_or_else(|| format!("{low}:*"), |high| format!("{low}:{high}"));
            let width = high.map_or(usize::MAX, |high| (high - low) as usize + 1);
            found.extend(self.search(&format!("UID {set}"), width).await?);
        }
        found.retain(|uid| *uid >= first);
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Which of these UIDs are still there.
    pub async fn present(&mut self, uids: &[u32]) -> Result<BTreeSet<u32>, ImapError> {
        let mut present = BTreeSet::new();
        for chunk in uids.chunks(UIDS_PER_COMMAND) {
            let found = self.search(&format!("UID {}", uid_set(chunk.iter().copied())), chunk.len()).await?;
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
        let answer = (uids.len() as u64).saturating_mul(LISTED_LENGTH).saturating_add(ROOM as u64);
        let command = Command { answer, ..Command::asking("FETCH", line, Kind::Fetch) };
        self.executor
            .run(command, |response| {
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
    pub async fn command(&mut self, name: &'static str, line: &str) -> Result<(), ImapError> {
        self.executor.run(Command::new(name, line), |_| {}).await.map(drop)
    }

    /// UIDs, ascending, each once; there can be `most` of them, and no more than mails in the folder.
    async fn search(&mut self, criteria: &str, most: usize) -> Result<Vec<u32>, ImapError> {
        let line = format!("UID SEARCH {criteria}");
        let most = most.min(self.executor.exists() as usize).saturating_add(MORE_MAILS);
        let text = most.saturating_mul(UID_LENGTH).saturating_add(ROOM);
        let asking = Command::asking("SEARCH", &line, Kind::Search);
        let response = Limits { text, ..asking.response };
        let command = Command { response, answer: text as u64, ..asking };
        let (mut found, mut too_many) = (Vec::new(), false);
        let done = self
            .executor
            .run(command, |response| {
                if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                    too_many |= found.len() + uids.len() > most;
                    if !too_many {
                        found.extend(uids);
                    }
                }
            })
            .await?;
        readable(done.unreadable)?;
        if too_many {
            return Err(ImapError::Flood("it lists more mails than the folder has".to_owned()));
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// The UIDs from `first` on in parts that hold about [`PART`] mails each if the UIDs are spread evenly; the last is open.
fn parts(first: u32, uid_next: Option<u32>, mails: u32) -> Vec<(u32, Option<u32>)> {
    let span = uid_next.unwrap_or_default().saturating_sub(first);
    let count = mails.div_ceil(PART).min(span / PART).max(1);
    let width = (span / count).max(1);
    let mut parts: Vec<(u32, Option<u32>)> = (0..count)
        .map(|part| first.saturating_add(width.saturating_mul(part)))
        .map(|low| (low, Some(low.saturating_add(width - 1))))
        .collect();
    if let Some(last) = parts.last_mut() {
        last.1 = None;
    }
    parts
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_folder_is_asked_for_part_by_part() {
        let check = |first, uid_next, mails, expected: &[(u32, Option<u32>)]| {
            assert_eq!(parts(first, uid_next, mails), expected, "{first} {uid_next:?} {mails}");
        };
        check(1, Some(4_000_000_000), 100_000, &[(1, None)]);
        check(1, None, 1_000_000, &[(1, None)]);
        check(900_000, Some(1_000_000), 1_000_000, &[(900_000, None)]);
        check(1, Some(200_001), 150_000, &[(1, Some(100_000)), (100_001, None)]);
        let all = parts(1, Some(4_000_000_001), MOST_MAILS);
        assert_eq!(
            (all.len(), all.first(), all.last()),
            (20, Some(&(1, Some(200_000_000))), Some(&(3_800_000_001, None)))
        );
        assert!(all.array_windows::<2>().all(|[one, next]| one.1.map(|high| high + 1) == Some(next.0)));
        check(u32::MAX, Some(u32::MAX), MOST_MAILS, &[(u32::MAX, None)]);
    }
}

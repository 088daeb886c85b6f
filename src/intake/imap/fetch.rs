//! Asks an IMAP server for the bytes of mails.
//!
//! Never sets `\Seen` (BODY.PEEK), and never calls a mail gone because an answer lacks it: the caller asks again.

use std::sync::Arc;
use std::time::Duration;

use imap_proto::{AttributeValue, MessageSection, Response, SectionPath};

use super::cut::Limits;
use super::error::ImapError;
use super::executor::Command;
use super::session::{Listed, Session, readable};
use super::sieve::Kind;
use super::wire::uid_set;

/// What a mail may have beyond its announced size, in bytes.
const SLACK: u64 = 64 << 10;
/// Most of the headers that is fetched of a mail that is too large.
const HEADER_LIMIT: u64 = 1 << 20;
/// The slowest server that we bear with, in bytes a second.
const SLOWEST: u64 = 10 << 10;
/// Estimates of a size are trusted down to this.
const ESTIMATE_FLOOR: u64 = 1 << 10;

/// A mail's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Its UID.
    pub uid: u32,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// How many bytes may come.
#[derive(Clone, Copy, Debug)]
struct Expected {
    /// In the literals of one response.
    literals: u64,
    /// In all.
    answer: u64,
}

/// How the bytes compare with the size that the server announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The same, or off by the line ends.
    Exact,
    /// Some servers only estimate the size; worth a second look.
    Odd,
    /// Less than half: it looks cut off.
    Short,
}

impl Session {
    /// The bytes of these mails, as far as the server hands them out, in ascending order of UID. A mail may be `allowed`
    /// bytes long even if it was announced as shorter: some servers (Exchange) only estimate sizes.
    pub async fn bodies(&mut self, mails: &[Listed], allowed: u64) -> Result<Vec<Body>, ImapError> {
        let largest = mails.iter().map(|mail| mail.size).max().unwrap_or_default();
        let total: u64 = mails.iter().map(|mail| mail.size).sum();
        let line = format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(mails.iter().map(|mail| mail.uid)));
        let mut bodies: Vec<Body> = Vec::with_capacity(mails.len());
        let literals = largest.max(allowed).saturating_add(SLACK);
        // All of them, some twice, some larger than announced.
        let answer = total.saturating_mul(2).saturating_add(allowed).saturating_add(SLACK * mails.len() as u64);
        self.fetch(&line, total, Expected { literals, answer }, |uid, bytes| {
            let asked = mails.iter().any(|mail| mail.uid == uid);
            if asked && !bodies.iter().any(|body| body.uid == uid) {
                bodies.push(Body { uid, bytes: Arc::from(bytes) });
            }
        })
        .await?;
        bodies.sort_by_key(|body| body.uid);
        Ok(bodies)
    }

    /// The first megabyte of a mail's headers; `None` if the server does not hand them out.
    pub async fn header(&mut self, uid: u32) -> Result<Option<Arc<[u8]>>, ImapError> {
        let line = format!("UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.{HEADER_LIMIT}>)");
        let mut header = None;
        let expected = Expected { literals: HEADER_LIMIT + SLACK, answer: 2 * (HEADER_LIMIT + SLACK) };
        self.fetch(&line, HEADER_LIMIT, expected, |found, bytes| {
            if found == uid && header.is_none() {
                header = Some(Arc::from(bytes));
            }
        })
        .await?;
        Ok(header)
    }

    /// What the heads of these mails say of their dates, as far as the server hands it out.
    pub async fn dates(&mut self, uids: &[u32]) -> Result<Vec<Body>, ImapError> {
        let line =
            format!("UID FETCH {} (UID BODY.PEEK[HEADER.FIELDS (DATE RECEIVED)])", uid_set(uids.iter().copied()));
        let mut heads: Vec<Body> = Vec::with_capacity(uids.len());
        let expected = Expected { literals: HEADER_LIMIT, answer: HEADER_LIMIT + SLACK * uids.len() as u64 };
        self.fetch(&line, HEADER_LIMIT, expected, |uid, bytes| {
            heads.push(Body { uid, bytes: Arc::from(bytes) });
        })
        .await?;
        Ok(heads)
    }

    async fn fetch(
        &mut self,
        line: &str,
        total: u64,
        expected: Expected,
        mut on: impl FnMut(u32, &[u8]),
    ) -> Result<(), ImapError> {
        let limit = Duration::from_secs(60 + total / SLOWEST);
        let asking = Command::asking("FETCH", line, Kind::Fetch);
        let Expected { literals, answer } = expected;
        let response = Limits { literals, ..asking.response };
        let command = Command { limit, response, answer, ..asking };
        let done = self
            .executor
            .run(command, |response| {
                if let Response::Fetch(_, attributes) = response
                    && let Some((uid, bytes)) = content(attributes)
                {
                    on(uid, bytes);
                }
            })
            .await?;
        readable(done.unreadable)
    }
}

/// Compares bytes with the announced size, of which lines ended by LF alone make a difference of one each.
pub fn fit(bytes: &[u8], announced: u64) -> Fit {
    let length = bytes.len() as u64;
    let difference = length.abs_diff(announced);
    let lines = || bytes.split(|byte| *byte == b'\n').count() as u64;
    if difference == 0 || difference < lines() {
        Fit::Exact
    } else if length.saturating_mul(2) < announced && announced > ESTIMATE_FLOOR {
        Fit::Short
    } else {
        Fit::Odd
    }
}

/// UID and content of a FETCH response; `None` for one that nobody asked for, or when the content is NIL.
fn content<'a>(attributes: &'a [AttributeValue<'_>]) -> Option<(u32, &'a [u8])> {
    let (mut uid, mut content) = (None, None);
    for attribute in attributes {
        if let AttributeValue::Uid(value) = attribute {
            uid = Some(*value);
        } else if let AttributeValue::BodySection { section, data: Some(data), .. } = attribute
            && matches!(section, None | Some(SectionPath::Full(MessageSection::Header)))
        {
            content = Some(data.as_ref());
        }
    }
    Some((uid?, content?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_may_differ_by_the_line_ends() {
        assert_eq!(fit(b"a\nb\n", 6), Fit::Exact);
        assert_eq!(fit(b"a\r\nb\r\n", 6), Fit::Exact);
        assert_eq!(fit(b"abcd", 6), Fit::Odd);
        assert_eq!(fit(b"abc", 5000), Fit::Short);
        assert_eq!(fit(b"", 0), Fit::Exact);
    }
}

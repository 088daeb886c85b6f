//! Runs one IMAP command at a time and says truthfully how it ended; IDLE too.
//!
//! Never takes silence, a closed connection or a refusal for an empty answer: a command has worked only if its own tag
//! came back with OK. After a command was cut short, the connection answers nothing but [`ImapError::Poisoned`].
//!
//! The grammar of responses is imap-proto's. async-imap's own calls are not used: they report a tagged NO or a closed
//! connection as an empty success, have no time limits, and lose the connection over one odd response.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_imap::imap_proto::{MailboxDatum, Outcome, Response, ResponseCode, Status};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::error::ImapError;
use super::frame::{Framer, Patience};
use super::wire::Capabilities;
use crate::heartbeat::Heartbeat;

/// Longest wait for a byte while a command runs.
pub const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest duration of a command that carries no mail.
pub const COMMAND_TIMEOUT: Duration = Duration::from_mins(2);
/// Longest stay in one IDLE (RFC 2177 says 29 minutes; some servers are stricter).
pub const IDLE_LIMIT: Duration = Duration::from_mins(25);
/// Longest silence in IDLE before the connection is checked.
const IDLE_QUIET: Duration = Duration::from_mins(10);
/// Literals in one response to a command that fetches nothing.
const SMALL_LITERALS: u64 = 64 << 10;

/// A command without its tag.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// Its name, for error texts.
    pub name: &'static str,
    /// The line, without CRLF.
    pub line: &'a [u8],
    /// What follows, each part after a `+` of the server.
    pub continued: &'a [Vec<u8>],
    /// Longest duration.
    pub limit: Duration,
    /// Bytes that the literals of one response may have together.
    pub literals: u64,
}

impl<'a> Command<'a> {
    /// A command that fetches nothing.
    pub fn new(name: &'static str, line: &'a str) -> Self {
        Self { name, line: line.as_bytes(), continued: &[], limit: COMMAND_TIMEOUT, literals: SMALL_LITERALS }
    }
}

/// How a command that worked ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Name of the response code such as `READ-ONLY`; empty when there is none.
    pub code: String,
    /// Capabilities that came with the OK.
    pub capabilities: Option<Capabilities>,
    /// `SEARCH` or `FETCH` responses that could not be read.
    pub unreadable: u32,
}

/// What the server has said on its own since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// `EXISTS` grew: there may be new mail.
    pub exists: bool,
    /// `EXPUNGE` was seen: there is less mail.
    pub expunge: bool,
    /// The last UIDVALIDITY.
    pub uid_validity: Option<u32>,
}

/// Why IDLE ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleEnd {
    /// Something changed.
    News,
    /// The time is over.
    Time,
}

/// A connection that runs one command at a time.
pub struct Executor<S> {
    framer: Framer<S>,
    tag: u32,
    /// Set while a command runs; stays set when it is cut short.
    busy: bool,
    told: Told,
}

/// What the server tells without being asked.
#[derive(Debug, Default)]
struct Told {
    news: News,
    /// Mails in the open folder, as last told.
    exists: u32,
}

impl Told {
    /// Notes what a response tells. An `EXISTS` that repeats what is known is no news.
    fn observe(&mut self, response: &Response<'_>) {
        if let Response::MailboxData(MailboxDatum::Exists(count)) = response {
            self.news.exists |= *count > self.exists;
            self.exists = *count;
        } else if let Response::Expunge(_) = response {
            self.news.expunge = true;
            self.exists = self.exists.saturating_sub(1);
        } else if let Response::Data { status: Status::Ok, outcome } = response
            && let Some(ResponseCode::UidValidity(value)) = outcome.code
        {
            self.news.uid_validity = Some(value);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Executor<S> {
    /// Wraps a fresh connection.
    pub fn new(stream: S, heartbeat: Arc<Heartbeat>) -> Self {
        Self { framer: Framer::new(stream, heartbeat), tag: 0, busy: false, told: Told::default() }
    }

    /// The stream, to put TLS on it. Bytes sent ahead of TLS are an attack and an error.
    pub fn into_stream(self) -> Result<S, ImapError> {
        match self.framer.into_stream() {
            (stream, false) => Ok(stream),
            (_, true) => Err(ImapError::Protocol("it spoke before TLS was set up".to_owned())),
        }
    }

    /// Whether a command runs or was cut short.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    /// What the server has said on its own.
    pub fn news(&self) -> News {
        self.told.news
    }

    /// What the server has said on its own; forgets it.
    pub fn take_news(&mut self) -> News {
        std::mem::take(&mut self.told.news)
    }

    /// Reads the greeting; `true` if we are logged in already (PREAUTH).
    pub async fn greeting(&mut self) -> Result<bool, ImapError> {
        let end = Instant::now() + READ_TIMEOUT;
        let patience = Patience { command: "the connection (no greeting)", per_read: READ_TIMEOUT, end };
        let range = self.framer.next(patience, SMALL_LITERALS).await?;
        match parse(self.framer.bytes(range)) {
            Some(Response::Data { status: Status::Ok, .. }) => Ok(false),
            Some(Response::Data { status: Status::PreAuth, .. }) => Ok(true),
            Some(Response::Data { status: Status::Bye, outcome }) => Err(ImapError::Bye(words(&outcome))),
            _ => Err(ImapError::Protocol("its greeting is not that of an IMAP server".to_owned())),
        }
    }

    /// Runs a command to its tagged reply; `on` sees every untagged response in between, and that reply.
    pub async fn run(&mut self, command: Command<'_>, mut on: impl FnMut(&Response<'_>)) -> Result<Done, ImapError> {
        let tag = self.begin(command.name, command.line).await?;
        let patience = Patience { command: command.name, per_read: READ_TIMEOUT, end: Instant::now() + command.limit };
        let mut continued = command.continued.iter();
        let mut unreadable = 0;
        loop {
            let range = self.framer.next(patience, command.literals).await?;
            let bytes = self.framer.bytes(range);
            match parse(bytes) {
                Some(ref response @ Response::Done { tag: ref done, ref status, ref outcome }) => {
                    if done.0 != tag {
                        return Err(ImapError::Protocol(format!("a reply to nothing we asked in {}", command.name)));
                    }
                    let ended = ended(command.name, status, outcome, unreadable);
                    self.busy = false;
                    on(response);
                    return ended;
                }
                Some(Response::Continue(_)) => {
                    let part = continued
                        .next()
                        .ok_or_else(|| ImapError::Protocol(format!("it waits for more in {}", command.name)))?;
                    self.write(command.name, part).await?;
                }
                Some(Response::Data { status: Status::Bye, outcome }) => return Err(ImapError::Bye(words(&outcome))),
                Some(response) => {
                    self.told.observe(&response);
                    on(&response);
                }
                None if is_tagged(bytes, &tag) => {
                    return Err(ImapError::Protocol(format!("its reply to {} cannot be read", command.name)));
                }
                None => unreadable += u32::from(is_asked_for(bytes)),
            }
        }
    }

    /// Waits in IDLE (RFC 2177) until something changes or `limit` is over. What came before IDLE was entered counts.
    pub async fn idle(&mut self, limit: Duration) -> Result<IdleEnd, ImapError> {
        const NAME: &str = "IDLE";
        let tag = self.begin(NAME, b"IDLE").await?;
        let entering = Patience { command: NAME, per_read: READ_TIMEOUT, end: Instant::now() + READ_TIMEOUT };
        let mut end = if self.told.news.exists { IdleEnd::News } else { IdleEnd::Time };
        loop {
            let range = self.framer.next(entering, SMALL_LITERALS).await?;
            let entered = matches!(self.framer.bytes(range.clone()), [b'+', ..]);
            if entered {
                break;
            }
            if self.idle_response(&tag, range, &mut end)? {
                return Err(ImapError::Protocol("it left IDLE before it was in".to_owned()));
            }
        }
        let until = Instant::now() + limit.min(IDLE_LIMIT);
        while end == IdleEnd::Time {
            let waiting = Patience { command: NAME, per_read: IDLE_QUIET, end: until };
            match self.framer.next(waiting, SMALL_LITERALS).await {
                Ok(range) => {
                    if self.idle_response(&tag, range, &mut end)? {
                        return Ok(IdleEnd::Time);
                    }
                }
                Err(ImapError::Timeout { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        self.write(NAME, b"DONE").await?;
        let leaving = Patience { command: NAME, per_read: READ_TIMEOUT, end: Instant::now() + COMMAND_TIMEOUT };
        loop {
            let range = self.framer.next(leaving, SMALL_LITERALS).await?;
            if self.idle_response(&tag, range, &mut end)? {
                return Ok(end);
            }
        }
    }

    /// Looks at one response during IDLE; `true` if it is the tagged OK that ends it.
    fn idle_response(
        &mut self,
        tag: &str,
        range: std::ops::Range<usize>,
        end: &mut IdleEnd,
    ) -> Result<bool, ImapError> {
        let bytes = self.framer.bytes(range);
        match parse(bytes) {
            Some(Response::Done { tag: done, status, outcome }) => {
                if done.0 != tag {
                    return Err(ImapError::Protocol("a reply to nothing we asked in IDLE".to_owned()));
                }
                let ended = ended("IDLE", &status, &outcome, 0);
                self.busy = false;
                ended.map(|_| true)
            }
            Some(Response::Data { status: Status::Bye, outcome }) => Err(ImapError::Bye(words(&outcome))),
            Some(response) => {
                self.told.observe(&response);
                if matches!(
                    response,
                    Response::MailboxData(MailboxDatum::Exists(_)) | Response::Expunge(_) | Response::Fetch(..)
                ) {
                    *end = IdleEnd::News;
                }
                Ok(false)
            }
            None if is_tagged(bytes, tag) => Err(ImapError::Protocol("its reply to IDLE cannot be read".to_owned())),
            None => Ok(false),
        }
    }

    async fn begin(&mut self, name: &'static str, line: &[u8]) -> Result<String, ImapError> {
        if self.busy {
            return Err(ImapError::Poisoned);
        }
        self.busy = true;
        self.tag = self.tag.wrapping_add(1);
        let tag = format!("P{}", self.tag);
        self.write(name, &[tag.as_bytes(), b" ", line].concat()).await?;
        Ok(tag)
    }

    /// Sends a line in one piece: each write would be a packet and a TLS record of its own.
    async fn write(&mut self, name: &'static str, line: &[u8]) -> Result<(), ImapError> {
        let bytes = [line, b"\r\n"].concat();
        let stream = self.framer.stream();
        let writing = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        match timeout(READ_TIMEOUT, writing).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(ImapError::Timeout { command: name }),
        }
    }
}

/// Reads one response. imap-proto panics on some (`INTERNALDATE NIL`), which must cost no more than the response.
fn parse(bytes: &[u8]) -> Option<Response<'_>> {
    let parsed = catch_unwind(AssertUnwindSafe(|| Response::parse(bytes).ok())).ok()??;
    Some(parsed.1)
}

fn ended(command: &'static str, status: &Status, outcome: &Outcome<'_>, unreadable: u32) -> Result<Done, ImapError> {
    match status {
        Status::Ok => Ok(Done { code: code(outcome), capabilities: capabilities(outcome), unreadable }),
        Status::No => Err(ImapError::No { command, code: code(outcome), text: words(outcome) }),
        Status::Bad => Err(ImapError::Bad { command, text: words(outcome) }),
        Status::PreAuth | Status::Bye => Err(ImapError::Protocol(format!("its reply to {command} is no reply"))),
    }
}

/// The capabilities in a response code.
fn capabilities(outcome: &Outcome<'_>) -> Option<Capabilities> {
    match &outcome.code {
        Some(ResponseCode::Capabilities(list)) => Some(super::login::capabilities(list)),
        _ => None,
    }
}

/// The name of the response code, also of those that imap-proto leaves in the text.
fn code(outcome: &Outcome<'_>) -> String {
    match &outcome.code {
        Some(ResponseCode::TryCreate) => "TRYCREATE".to_owned(),
        Some(ResponseCode::ReadOnly) => "READ-ONLY".to_owned(),
        _ => {
            let text = outcome.information.as_deref().unwrap_or_default();
            let code = text.trim_start().strip_prefix('[').and_then(|rest| rest.split([']', ' ']).next());
            code.unwrap_or_default().to_ascii_uppercase()
        }
    }
}

/// The server's words, short and on one line.
fn words(outcome: &Outcome<'_>) -> String {
    let text = outcome.information.as_deref().unwrap_or_default().trim();
    let clean: String = text.chars().filter(|character| !character.is_control()).take(200).collect();
    if clean.is_empty() { "without a word".to_owned() } else { clean }
}

fn is_tagged(bytes: &[u8], tag: &str) -> bool {
    bytes.strip_prefix(tag.as_bytes()).is_some_and(|rest| rest.starts_with(b" "))
}

/// Whether an unreadable response may be part of what was asked for.
fn is_asked_for(bytes: &[u8]) -> bool {
    let head: Vec<u8> = bytes.iter().take(32).map(u8::to_ascii_uppercase).collect();
    head.starts_with(b"* SEARCH") || head.windows(7).any(|word| word == b" FETCH ")
}

//! Runs one IMAP command at a time and says truthfully how it ended; IDLE too.
//!
//! Never takes silence, a closed connection or a refusal for an empty answer: a command has worked only if its own tag
//! came back with OK. After a command was cut short, the connection answers nothing but [`ImapError::Poisoned`].
//!
//! The grammar of responses is imap-proto's; what reaches it, and how much a server may say, is decided before (`sieve`,
//! `talk`). Words of the server lose the secrets that they repeat before anybody sees them. async-imap's own calls are not used: they report a tagged NO or a closed
//! connection as an empty success, have no time limits, and lose the connection over one odd response.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use imap_proto::{MailboxDatum, Outcome, Response, ResponseCode, Status};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::cut::Limits;
use super::error::ImapError;
use super::frame::{Framer, Patience};
use super::sieve::{Kind, Sieved, read, sieve};
use super::talk::{Manner, Talk};
use super::wire::Capabilities;
use crate::heartbeat::Heartbeat;
use crate::model::repeated::Secrets;

/// Longest wait for a byte while a command runs.
pub const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest duration of a command that carries no mail.
pub const COMMAND_TIMEOUT: Duration = Duration::from_mins(2);
/// Longest stay in one IDLE (RFC 2177 says 29 minutes; some servers are stricter).
pub const IDLE_LIMIT: Duration = Duration::from_mins(25);
/// Longest silence in IDLE before the connection is checked.
const IDLE_QUIET: Duration = Duration::from_mins(10);
/// One response to a command that fetches nothing.
const SMALL: Limits = Limits { text: 256 << 10, literals: 64 << 10 };
/// All that a command which fetches nothing is answered: the names of some ten thousand folders.
const SMALL_ANSWER: u64 = 8 << 20;

/// Characters of a server's words that are looked at, and that are shown.
const MOST_WORDS: usize = 4000;
const SHOWN_WORDS: usize = 200;

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
    /// The kind of responses that it asks for, if it asks for any: no others reach the parser.
    pub asks: Option<Kind>,
    /// How large one response may be.
    pub response: Limits,
    /// How many bytes the responses that it asks for may have together.
    pub answer: u64,
}

impl<'a> Command<'a> {
    /// A command that only works or fails.
    pub fn new(name: &'static str, line: &'a str) -> Self {
        Self {
            name,
            line: line.as_bytes(),
            continued: &[],
            limit: COMMAND_TIMEOUT,
            asks: None,
            response: SMALL,
            answer: SMALL_ANSWER,
        }
    }

    /// A command that is answered by such responses.
    pub fn asking(name: &'static str, line: &'a str, kind: Kind) -> Self {
        Self { asks: Some(kind), ..Self::new(name, line) }
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
    talk: Talk,
    secrets: Secrets,
}

/// What the running command may still be answered.
#[derive(Clone, Copy, Debug)]
struct Due {
    command: &'static str,
    asks: Option<Kind>,
    response: Limits,
    /// Bytes of what is asked for that may still come.
    answer: u64,
}

impl Due {
    /// Nothing but what a server says on its own.
    fn nothing(command: &'static str) -> Self {
        Self { command, asks: None, response: SMALL, answer: 0 }
    }
}

/// A response, as far as it is of use.
#[derive(Debug)]
enum Heard {
    /// One that can be read, and where it stands.
    Fit(Kind, Range<usize>),
    /// One that was asked for and is beyond reading.
    Unreadable,
    /// One that nobody asked for.
    Unasked(Kind),
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
        Self {
            framer: Framer::new(stream, heartbeat),
            tag: 0,
            busy: false,
            told: Told::default(),
            talk: Talk::new(),
            secrets: Secrets::default(),
        }
    }

    /// The stream, to put TLS on it. Bytes sent ahead of TLS are an attack and an error.
    pub fn into_stream(self) -> Result<S, ImapError> {
        match self.framer.into_stream() {
            (stream, false) => Ok(stream),
            (_, true) => Err(ImapError::Protocol("it spoke before TLS was set up".to_owned())),
        }
    }

    /// From now on the server knows these.
    pub fn tells(&mut self, secrets: Secrets) {
        self.secrets = secrets;
    }

    /// Words of the server as they may be shown.
    pub fn shown(&self, words: &str) -> String {
        self.secrets.hide(words)
    }

    /// Mails in the open folder, as last told.
    pub fn exists(&self) -> u32 {
        self.told.exists
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
        let none = || ImapError::Protocol("its greeting is not that of an IMAP server".to_owned());
        let Heard::Fit(Kind::Status, range) = self.hear(patience, &mut Due::nothing("the connection")).await? else {
            return Err(none());
        };
        match read(self.framer.bytes(range)) {
            Some(Response::Data { status: Status::Ok, .. }) => Ok(false),
            Some(Response::Data { status: Status::PreAuth, .. }) => Ok(true),
            Some(Response::Data { status: Status::Bye, outcome }) => {
                Err(ImapError::Bye(words(&outcome, &self.secrets)))
            }
            _ => Err(none()),
        }
    }

    /// Runs a command to its tagged reply; `on` sees every untagged response in between, and that reply.
    pub async fn run(&mut self, command: Command<'_>, mut on: impl FnMut(&Response<'_>)) -> Result<Done, ImapError> {
        let tag = self.begin(command.name, command.line).await?;
        let patience = Patience { command: command.name, per_read: READ_TIMEOUT, end: Instant::now() + command.limit };
        let Command { name, asks, response, answer, .. } = command;
        let mut due = Due { command: name, asks, response, answer };
        let mut continued = command.continued.iter();
        let mut unreadable = 0;
        loop {
            let (kind, range) = match self.hear(patience, &mut due).await? {
                Heard::Fit(kind, range) => (kind, range),
                Heard::Unreadable => {
                    unreadable += 1;
                    continue;
                }
                Heard::Unasked(_) => continue,
            };
            let bytes = self.framer.bytes(range);
            match read(bytes) {
                Some(ref response @ Response::Done { tag: ref done, ref status, ref outcome }) => {
                    if done.0 != tag {
                        return Err(ImapError::Protocol(format!("a reply to nothing we asked in {name}")));
                    }
                    let ended = ended(name, status, outcome, unreadable, &self.secrets);
                    self.busy = false;
                    on(response);
                    return ended;
                }
                Some(Response::Continue(_)) => {
                    let part =
                        continued.next().ok_or_else(|| ImapError::Protocol(format!("it waits for more in {name}")))?;
                    self.write(name, part).await?;
                }
                Some(Response::Data { status: Status::Bye, outcome }) => {
                    return Err(ImapError::Bye(words(&outcome, &self.secrets)));
                }
                Some(response) => {
                    self.told.observe(&response);
                    on(&response);
                }
                None if is_tagged(bytes, &tag) => {
                    return Err(ImapError::Protocol(format!("its reply to {name} cannot be read")));
                }
                None => unreadable += u32::from(asks == Some(kind)),
            }
        }
    }

    /// The next response; counts what it costs. What nobody asked for is not looked into.
    async fn hear(&mut self, patience: Patience, due: &mut Due) -> Result<Heard, ImapError> {
        let range = self.framer.next(patience, due.response).await?;
        let kind = Kind::of(self.framer.bytes(range.clone()));
        if due.asks == Some(kind) {
            let length = range.len() as u64;
            due.answer = due.answer.checked_sub(length).ok_or_else(|| {
                ImapError::Flood(format!("its answer to {} is far larger than it can be", due.command))
            })?;
            if matches!(kind, Kind::List | Kind::Capability) {
                // Nobody waits for these.
                self.framer.take_a_rest().await;
            } else {
                self.framer.forget_work();
            }
            return Ok(match sieve(kind, self.framer.bytes_mut(range.clone())) {
                Sieved::Fit(length) => Heard::Fit(kind, range.start..range.start + length),
                Sieved::Nothing => Heard::Unasked(kind),
                Sieved::Unreadable => Heard::Unreadable,
            });
        }
        let tagged = kind == Kind::Tagged && is_tagged(self.framer.bytes(range.clone()), &self.current_tag());
        if !tagged && self.talk.hear(range.len())? == Manner::Talkative {
            self.framer.take_a_rest().await;
        }
        let is_news = matches!(kind, Kind::Tagged | Kind::Continue | Kind::Status | Kind::Exists | Kind::Expunge);
        if is_news && let Sieved::Fit(length) = sieve(kind, self.framer.bytes_mut(range.clone())) {
            return Ok(Heard::Fit(kind, range.start..range.start + length));
        }
        Ok(Heard::Unasked(kind))
    }

    /// Waits in IDLE (RFC 2177) until something changes or `limit` is over. What came before IDLE was entered counts.
    pub async fn idle(&mut self, limit: Duration) -> Result<IdleEnd, ImapError> {
        const NAME: &str = "IDLE";
        let tag = self.begin(NAME, b"IDLE").await?;
        let entering = Patience { command: NAME, per_read: READ_TIMEOUT, end: Instant::now() + READ_TIMEOUT };
        let mut end = if self.told.news.exists { IdleEnd::News } else { IdleEnd::Time };
        let mut due = Due::nothing(NAME);
        loop {
            let heard = self.hear(entering, &mut due).await?;
            if matches!(heard, Heard::Fit(Kind::Continue, _)) {
                break;
            }
            if self.idle_response(&tag, heard, &mut end)? {
                return Err(ImapError::Protocol("it left IDLE before it was in".to_owned()));
            }
        }
        let until = Instant::now() + limit.min(IDLE_LIMIT);
        while end == IdleEnd::Time {
            let waiting = Patience { command: NAME, per_read: IDLE_QUIET, end: until };
            match self.hear(waiting, &mut due).await {
                Ok(heard) => {
                    if self.idle_response(&tag, heard, &mut end)? {
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
            let heard = self.hear(leaving, &mut due).await?;
            if self.idle_response(&tag, heard, &mut end)? {
                return Ok(end);
            }
        }
    }

    /// Looks at one response during IDLE; `true` if it is the tagged OK that ends it.
    fn idle_response(&mut self, tag: &str, heard: Heard, end: &mut IdleEnd) -> Result<bool, ImapError> {
        let range = match heard {
            Heard::Fit(_, range) => range,
            Heard::Unasked(kind) => {
                if kind == Kind::Fetch {
                    *end = IdleEnd::News;
                }
                return Ok(false);
            }
            Heard::Unreadable => return Ok(false),
        };
        let bytes = self.framer.bytes(range);
        match read(bytes) {
            Some(Response::Done { tag: done, status, outcome }) => {
                if done.0 != tag {
                    return Err(ImapError::Protocol("a reply to nothing we asked in IDLE".to_owned()));
                }
                let ended = ended("IDLE", &status, &outcome, 0, &self.secrets);
                self.busy = false;
                ended.map(|_| true)
            }
            Some(Response::Data { status: Status::Bye, outcome }) => {
                Err(ImapError::Bye(words(&outcome, &self.secrets)))
            }
            Some(response) => {
                self.told.observe(&response);
                if matches!(response, Response::MailboxData(MailboxDatum::Exists(_)) | Response::Expunge(_)) {
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
        self.talk.begin();
        self.framer.forget_work();
        let tag = self.current_tag();
        self.write(name, &[tag.as_bytes(), b" ", line].concat()).await?;
        Ok(tag)
    }

    fn current_tag(&self) -> String {
        format!("P{}", self.tag)
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

fn ended(
    command: &'static str,
    status: &Status,
    outcome: &Outcome<'_>,
    unreadable: u32,
    secrets: &Secrets,
) -> Result<Done, ImapError> {
    match status {
        Status::Ok => Ok(Done { code: code(outcome), capabilities: capabilities(outcome), unreadable }),
        Status::No => Err(ImapError::No { command, code: code(outcome), text: words(outcome, secrets) }),
        Status::Bad => Err(ImapError::Bad { command, text: words(outcome, secrets) }),
        Status::PreAuth | Status::Bye => Err(ImapError::Protocol(format!("its reply to {command} is no reply"))),
    }
}

/// The capabilities in a response code.
fn capabilities(outcome: &Outcome<'_>) -> Option<Capabilities> {
    match &outcome.code {
        Some(ResponseCode::Capabilities(list)) => Some(Capabilities::read(list)),
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

/// The server's words, short and on one line, without what they repeat of our secrets.
fn words(outcome: &Outcome<'_>, secrets: &Secrets) -> String {
    let text = outcome.information.as_deref().unwrap_or_default().trim();
    let clean: String = text.chars().filter(|character| !character.is_control()).take(MOST_WORDS).collect();
    let shown: String = secrets.hide(&clean).chars().take(SHOWN_WORDS).collect();
    if shown.is_empty() { "without a word".to_owned() } else { shown }
}

fn is_tagged(bytes: &[u8], tag: &str) -> bool {
    bytes.strip_prefix(tag.as_bytes()).is_some_and(|rest| rest.starts_with(b" "))
}

//! Cuts the byte stream of an IMAP server into responses (RFC 3501 §2.2.2), literals included.
//!
//! Never allocates for a literal larger than what the running command may receive, and never waits without a limit:
//! this is where a lying or silent server is stopped. One odd response costs itself only, not the connection.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

use super::error::ImapError;
use super::wait::BEAT;
use crate::heartbeat::Heartbeat;

/// Longest response without its literals: `* SEARCH` with more than a million UIDs.
const LINE_LIMIT: usize = 16 << 20;
/// Least room for one read.
const READ_SIZE: usize = 64 << 10;
/// A buffer larger than this is given back once it is empty.
const KEEP_CAPACITY: usize = 4 << 20;

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The command it is for, for error texts.
    pub command: &'static str,
    /// Between two reads.
    pub per_read: Duration,
    /// For all of it.
    pub end: Instant,
}

/// A stream being cut into responses.
pub struct Framer<S> {
    stream: S,
    buffer: Vec<u8>,
    /// Everything before has been handed out.
    start: usize,
    heartbeat: Arc<Heartbeat>,
}

impl<S: AsyncRead + Unpin> Framer<S> {
    /// Wraps a stream; the heartbeat beats while waiting for bytes.
    pub fn new(stream: S, heartbeat: Arc<Heartbeat>) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, heartbeat }
    }

    /// The stream, to write to.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The stream and whether bytes had already been read beyond the last response.
    pub fn into_stream(self) -> (S, bool) {
        let surplus = self.start < self.buffer.len();
        (self.stream, surplus)
    }

    /// The bytes of a response that [`Framer::next`] returned last.
    pub fn bytes(&self, response: Range<usize>) -> &[u8] {
        self.buffer.get(response).unwrap_or_default()
    }

    /// Where the next response stands, its final CRLF included. Literals of one response may have `allowed` bytes
    /// together. Can be cancelled: nothing is lost.
    pub async fn next(&mut self, patience: Patience, allowed: u64) -> Result<Range<usize>, ImapError> {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
            if self.buffer.capacity() > KEEP_CAPACITY {
                self.buffer.shrink_to(READ_SIZE);
            }
        }
        let (mut line, mut scanned, mut literals) = (0, 0, 0_u64);
        loop {
            let Some(end) = find_line_end(self.rest(), scanned) else {
                scanned = self.rest().len().saturating_sub(1).max(line);
                if self.rest().len() - line > LINE_LIMIT {
                    return Err(ImapError::Protocol("an endless line".to_owned()));
                }
                self.fill(READ_SIZE, patience).await?;
                continue;
            };
            let text = self.rest().get(line..end).unwrap_or_default();
            let Some(length) = (line > 0 || may_hold_literal(text)).then(|| literal_length(text)).flatten() else {
                let response = self.start..self.start + end;
                self.start = response.end;
                return Ok(response);
            };
            literals = literals.saturating_add(length);
            if literals > allowed {
                return Err(ImapError::TooLarge { announced: literals, allowed });
            }
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            line = end.saturating_add(length);
            scanned = line;
            while self.rest().len() < line {
                let missing = line - self.rest().len();
                self.fill(missing + READ_SIZE, patience).await?;
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Reads once, with room for `wanted` bytes.
    async fn fill(&mut self, wanted: usize, patience: Patience) -> Result<(), ImapError> {
        if self.buffer.capacity() - self.buffer.len() < wanted.min(READ_SIZE) {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.reserve(wanted);
        let until = patience.end.min(Instant::now() + patience.per_read);
        loop {
            let slice = until.min(Instant::now() + BEAT);
            let read = timeout_at(slice, self.stream.read_buf(&mut self.buffer)).await;
            self.heartbeat.beat();
            match read {
                Ok(Ok(0)) => return Err(ImapError::Closed),
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => return Err(ImapError::Io(error)),
                Err(_) if Instant::now() >= until => return Err(ImapError::Timeout { command: patience.command }),
                Err(_) => {}
            }
        }
    }
}

/// Where the line that starts at or before `from` ends, after its CRLF.
fn find_line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut position = from;
    loop {
        let line_feed = position + bytes.get(position..)?.iter().position(|byte| *byte == b'\n')?;
        if line_feed > 0 && bytes.get(line_feed - 1) == Some(&b'\r') {
            return Some(line_feed + 1);
        }
        position = line_feed + 1;
    }
}

/// Whether a response is data; in status responses `{7}` at the end is only text.
fn may_hold_literal(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"* ") else { return false };
    let word = rest.split(|byte| matches!(byte, b' ' | b'\r')).next().unwrap_or_default();
    ![&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
}

/// The length of the literal that a line announces at its end: `{123}` CRLF.
fn literal_length(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}\r\n")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(line.get(open + 1..)?).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience() -> Patience {
        Patience { command: "TEST", per_read: Duration::from_secs(1), end: Instant::now() + Duration::from_secs(5) }
    }

    async fn check(input: &[u8], expected: &[&[u8]]) {
        for chunk in [1, 3, input.len().max(1)] {
            let (mut server, client) = tokio::io::duplex(7);
            let mut framer = Framer::new(client, Arc::default());
            let write = async {
                for part in input.chunks(chunk) {
                    tokio::io::AsyncWriteExt::write_all(&mut server, part).await.unwrap();
                }
                drop(server);
            };
            let read = async {
                for frame in expected {
                    let range = framer.next(patience(), 100).await.unwrap();
                    assert_eq!(framer.bytes(range), *frame);
                }
                assert!(matches!(framer.next(patience(), 100).await, Err(ImapError::Closed)));
            };
            tokio::join!(write, read);
        }
    }

    #[tokio::test]
    async fn a_response_ends_after_its_last_literal() {
        check(
            b"* 1 FETCH (BODY[] {5}\r\na\r\nb\n X {0}\r\n)\r\n* OK take {3}\r\nA1 OK {9}\r\n",
            &[b"* 1 FETCH (BODY[] {5}\r\na\r\nb\n X {0}\r\n)\r\n", b"* OK take {3}\r\n", b"A1 OK {9}\r\n"],
        )
        .await;
    }

    #[tokio::test]
    async fn a_literal_beyond_the_limit_is_refused_before_it_is_read() {
        let mut framer = Framer::new(&b"* 1 FETCH (BODY[] {500000000}\r\nabc"[..], Arc::default());
        assert!(matches!(framer.next(patience(), 1000).await, Err(ImapError::TooLarge { .. })));
        assert!(framer.buffer.capacity() < 200_000);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_with_a_timeout_and_the_heart_beats_meanwhile() {
        let (_server, client) = tokio::io::duplex(7);
        let heartbeat = Arc::new(Heartbeat::default());
        let mut framer = Framer::new(client, Arc::clone(&heartbeat));
        let patience = Patience {
            command: "TEST",
            per_read: Duration::from_secs(30),
            end: Instant::now() + Duration::from_mins(5),
        };
        let began = Instant::now();
        assert!(matches!(framer.next(patience, 0).await, Err(ImapError::Timeout { command: "TEST" })));
        assert_eq!(began.elapsed().as_secs(), 30);
        assert!(heartbeat.count() >= 3);
    }
}

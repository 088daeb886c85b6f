//! Reads the byte stream of an IMAP server response by response.
//!
//! Never allocates for a literal larger than what the running command may receive, and never waits without a limit:
//! this is where a lying or silent server is stopped. Where a response ends is `cut`'s business.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

use super::cut::{Cut, Cutter, Excess, Limits};
use super::error::ImapError;
use crate::heartbeat::{BEAT, Heartbeat};

/// Least room for one read.
const READ_SIZE: usize = 64 << 10;
/// A buffer larger than this is given back once it is empty.
const KEEP_CAPACITY: usize = 4 << 20;
/// A rest shorter than this is not worth it.
const WORTH_A_REST: Duration = Duration::from_millis(5);
/// The longest rest at a time.
const LONGEST_REST: Duration = Duration::from_secs(1);

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
    /// Work since the last rest, without the waits, and since when it goes on.
    worked: Duration,
    working_since: Instant,
}

impl<S: AsyncRead + Unpin> Framer<S> {
    /// Wraps a stream; the heartbeat beats while waiting for bytes.
    pub fn new(stream: S, heartbeat: Arc<Heartbeat>) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, heartbeat, worked: Duration::ZERO, working_since: Instant::now() }
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

    /// The same, to be changed in its place.
    pub fn bytes_mut(&mut self, response: Range<usize>) -> &mut [u8] {
        self.buffer.get_mut(response).unwrap_or_default()
    }

    /// What was done until now was worth its while.
    pub fn forget_work(&mut self) {
        (self.worked, self.working_since) = (Duration::ZERO, Instant::now());
    }

    /// Rests twice as long as was worked since the last rest: what nobody asked for costs a third of a processor at most.
    pub async fn take_a_rest(&mut self) {
        let worked = self.worked + self.working_since.elapsed();
        if worked >= WORTH_A_REST {
            self.heartbeat.sleep((worked * 2).min(LONGEST_REST)).await;
            self.forget_work();
        }
    }

    /// Where the next response stands, its final CRLF included. Can be cancelled: nothing is lost.
    pub async fn next(&mut self, patience: Patience, limits: Limits) -> Result<Range<usize>, ImapError> {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
            if self.buffer.capacity() > KEEP_CAPACITY {
                self.buffer.shrink_to(READ_SIZE);
            }
        }
        let mut cutter = Cutter::default();
        loop {
            match cutter.find(self.rest(), limits) {
                Ok(Cut::Ends(end)) => {
                    let response = self.start..self.start + end;
                    self.start = response.end;
                    return Ok(response);
                }
                Ok(Cut::Lacks(missing)) => self.fill(missing.saturating_add(READ_SIZE), patience).await?,
                Err(Excess::Text) => return Err(ImapError::Protocol("an endless line".to_owned())),
                Err(Excess::Literals(announced)) => {
                    return Err(ImapError::TooLarge { announced, allowed: limits.literals });
                }
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
        self.worked += self.working_since.elapsed();
        let read = self.read(patience).await;
        self.working_since = Instant::now();
        read
    }

    async fn read(&mut self, patience: Patience) -> Result<(), ImapError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { text: 1000, literals: 1000 };

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
                    let range = framer.next(patience(), LIMITS).await.unwrap();
                    assert_eq!(framer.bytes(range), *frame);
                }
                assert!(matches!(framer.next(patience(), LIMITS).await, Err(ImapError::Closed)));
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
        assert!(matches!(framer.next(patience(), LIMITS).await, Err(ImapError::TooLarge { .. })));
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
        assert!(matches!(framer.next(patience, LIMITS).await, Err(ImapError::Timeout { command: "TEST" })));
        assert_eq!(began.elapsed().as_secs(), 30);
        assert!(heartbeat.count() >= 3);
    }
}

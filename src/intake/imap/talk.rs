//! How much a server may say that nobody asked for, and how often it may call for nothing.
//!
//! Never lets a server that talks without end have more than a part of one processor: what is too much is heard slowly,
//! and then no longer.

use std::time::Duration;

use tokio::time::Instant;

use super::error::ImapError;

/// Bytes that a server may say unasked at once: the flags of two hundred thousand mails change. Of more, a new connection
/// need not be told.
const UNASKED: u64 = 8 << 20;
/// Bytes a second that it may say besides.
const UNASKED_A_SECOND: u64 = 64 << 10;
/// What a response costs beside its bytes.
const EACH: u64 = 16;
/// Bytes that belong to every command: EXISTS, flags, what a folder is like.
const BESIDE_AN_ANSWER: u64 = 16 << 10;
/// Calls in a row for which there turned out to be nothing that are followed at once.
const FREE_ALARMS: u32 = 10;
/// One more of them after each such time; beyond them a call waits so long.
const ALARM_EVERY: Duration = Duration::from_secs(2);

/// Counts what a connection says unasked.
#[derive(Debug)]
pub struct Talk {
    heard: u64,
    at: Instant,
    /// What is left of what belongs to the running command.
    beside: u64,
}

/// What to do about a response that nobody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As servers are.
    Usual,
    /// It is to be heard slowly.
    Talkative,
}

impl Talk {
    /// A new connection.
    pub fn new() -> Self {
        Self { heard: 0, at: Instant::now(), beside: BESIDE_AN_ANSWER }
    }

    /// A command begins.
    pub fn begin(&mut self) {
        self.beside = BESIDE_AN_ANSWER;
    }

    /// Counts a response of so many bytes.
    pub fn hear(&mut self, bytes: usize) -> Result<Manner, ImapError> {
        let cost = (bytes as u64).saturating_add(EACH);
        if let Some(left) = self.beside.checked_sub(cost) {
            self.beside = left;
            return Ok(Manner::Usual);
        }
        let seconds = self.at.elapsed().as_secs();
        self.at += Duration::from_secs(seconds);
        self.heard = self.heard.saturating_sub(seconds.saturating_mul(UNASKED_A_SECOND)).saturating_add(cost);
        if self.heard > UNASKED {
            let text = format!("more than {} MB in a row that nobody asked for", UNASKED >> 20);
            return Err(ImapError::Flood(text));
        }
        Ok(Manner::Talkative)
    }
}

/// Counts the calls of a server for which there turned out to be nothing.
#[derive(Debug)]
pub struct Alarms {
    free: u32,
    at: Instant,
}

impl Alarms {
    /// None yet.
    pub fn new() -> Self {
        Self { free: FREE_ALARMS, at: Instant::now() }
    }

    /// Counts one; how long to wait before the next is followed.
    pub fn false_alarm(&mut self) -> Duration {
        let more = u32::try_from(self.at.elapsed().as_millis() / ALARM_EVERY.as_millis()).unwrap_or(u32::MAX);
        if more > 0 {
            self.at = Instant::now();
            self.free = self.free.saturating_add(more).min(FREE_ALARMS);
        }
        match self.free.checked_sub(1) {
            Some(left) => {
                self.free = left;
                Duration::ZERO
            }
            None => ALARM_EVERY,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    /// How many responses of 40 bytes are heard until it is too much.
    fn heard(talk: &mut Talk) -> usize {
        (0..2_000_000).take_while(|_| talk.hear(40).is_ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn flags_of_many_mails_are_heard_and_talk_without_end_is_not() {
        let mut talk = Talk::new();
        assert!((0..200).all(|_| talk.hear(40).ok() == Some(Manner::Usual)), "what belongs to every command");
        let burst = heard(&mut talk);
        assert!((125_000..200_000).contains(&burst), "{burst}");
        assert!(matches!(talk.hear(40), Err(ImapError::Flood(_))));
        advance(Duration::from_secs(10)).await;
        let later = heard(&mut talk);
        assert!((8_000..15_000).contains(&later), "{later}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_has_its_own_share() {
        let mut talk = Talk::new();
        for _ in 0..100_000 {
            talk.begin();
            assert!((0..10).all(|_| talk.hear(100).ok() == Some(Manner::Usual)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_calls_for_nothing_again_and_again_waits() {
        let mut alarms = Alarms::new();
        let mut waits = Duration::ZERO;
        for _ in 0..1000 {
            let wait = alarms.false_alarm();
            waits += wait;
            advance(wait).await;
        }
        assert!(waits > Duration::from_mins(15), "{waits:?}");
        advance(Duration::from_mins(1)).await;
        assert!((0..10).all(|_| alarms.false_alarm().is_zero()));
        assert_eq!(alarms.false_alarm(), ALARM_EVERY);
    }
}

//! How long each step of the dialogue may take. No step waits for ever, and no step but these waits.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::net;
use crate::send::error::StepError;

/// Name resolution and TCP connect, and again the TLS handshake.
pub const CONNECT: Duration = net::CONNECT_TIMEOUT;
/// Greeting and EHLO (RFC 5321 §4.5.3.2.1).
pub const GREETING: Duration = Duration::from_mins(5);
/// MAIL, RCPT, RSET and AUTH (§4.5.3.2.2, .3).
pub const COMMAND: Duration = Duration::from_mins(5);
/// DATA (§4.5.3.2.4).
pub const DATA: Duration = Duration::from_mins(2);
/// From the mail's first byte to the reply to the final dot (§4.5.3.2.6); shorter doubles mails (RFC 1047).
pub const DOT: Duration = Duration::from_mins(10);
/// Added to [`DOT`] for each MiB of the mail: a line of 150 kbit/s.
pub const DOT_PER_MIB: Duration = Duration::from_mins(1);
/// QUIT: nothing depends on it.
pub const QUIT: Duration = Duration::from_secs(2);
/// The mail being sent, when we stop.
pub const STOP: Duration = Duration::from_secs(20);

/// The time-outs in use: [`Timeouts::default`] is the constants of this file, a test has shorter ones.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Name resolution and TCP connect, and again the TLS handshake (30 seconds).
    pub connect: Duration,
    /// Greeting and EHLO (5 minutes).
    pub greeting: Duration,
    /// MAIL, RCPT, RSET and AUTH (5 minutes).
    pub command: Duration,
    /// DATA (2 minutes).
    pub data: Duration,
    /// From the mail's first byte to the reply to the final dot (10 minutes).
    pub dot: Duration,
    /// Added to that for each MiB of the mail (1 minute).
    pub dot_per_mib: Duration,
    /// QUIT (2 seconds).
    pub quit: Duration,
    /// The mail being sent, when we stop (20 seconds).
    pub stop: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: CONNECT,
            greeting: GREETING,
            command: COMMAND,
            data: DATA,
            dot: DOT,
            dot_per_mib: DOT_PER_MIB,
            quit: QUIT,
            stop: STOP,
        }
    }
}

impl Timeouts {
    /// For a mail of `size` bytes, from its first byte to the reply to its final dot.
    pub fn dot_for(&self, size: usize) -> Duration {
        let mib = u32::try_from(size.div_ceil(1 << 20)).unwrap_or(u32::MAX);
        self.dot.saturating_add(self.dot_per_mib.saturating_mul(mib))
    }
}

/// Runs one step; it ends by itself, after `limit`, or when `halt` says so.
pub async fn within<T>(
    limit: Duration,
    halt: &CancellationToken,
    step: &str,
    work: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    tokio::select! {
        biased;
        () = halt.cancelled() => Err(StepError::Stopped),
        result = timeout(limit, work) => {
            result.unwrap_or_else(|_| Err(StepError::Broken(format!("{step}: no reply within {limit:?}"))))
        }
    }
}

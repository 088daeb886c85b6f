//! Spreads connections out: a server that comes back is not met by all mailboxes in one burst, which some answer by
//! shutting out the address.
//!
//! Never lets more than five connections to one server begin in a second, whoever wants them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// From one connection to the next when many wait; the first two go at once.
const STEP: Duration = Duration::from_millis(300);
/// Up to so much is added at random, so that programs that were started together drift apart.
const JITTER: Duration = Duration::from_millis(60);
/// Servers remembered before old ones are forgotten.
const MAX_SERVERS: usize = 1000;

/// When the next connection to a server is due, by `host:port`.
static DUE: Mutex<Option<HashMap<String, Instant>>> = Mutex::new(None);

/// Waits until a connection to this server may begin.
pub(super) async fn turn(server: &str) {
    let jitter = JITTER.mul_f64(rand::random());
    sleep_until(reserve(server, Instant::now(), jitter)).await;
}

/// When this connection may begin.
fn reserve(server: &str, now: Instant, jitter: Duration) -> Instant {
    // Nothing in here panics; and if it did, times are still times.
    let mut due = DUE.lock().unwrap_or_else(PoisonError::into_inner);
    let due = due.get_or_insert_default();
    if due.len() >= MAX_SERVERS {
        due.retain(|_, next| *next > now);
    }
    // `next` is when the steps of all before are over; one step ahead of that is still in time.
    let next = due.get(server).copied().unwrap_or(now).max(now);
    due.insert(server.to_owned(), next + STEP + jitter);
    next.checked_sub(STEP).map_or(now, |early| early.max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn fifty_mailboxes_connect_at_most_five_a_second_and_others_do_not_wait_for_them() {
        let now = Instant::now();
        let begins: Vec<Duration> =
            (0..50).map(|_| reserve("burst.example:993", now, Duration::ZERO).duration_since(now)).collect();
        assert_eq!(begins.first(), Some(&Duration::ZERO));
        for begin in &begins {
            let second = begins.iter().filter(|other| **other >= *begin && **other < *begin + Duration::from_secs(1));
            assert!(second.count() <= 5, "{begins:?}");
        }
        assert!(begins.last().is_some_and(|last| *last < Duration::from_secs(16)), "{begins:?}");
        assert_eq!(reserve("other.example:993", now, JITTER), now);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_back_after_a_while_does_not_wait() {
        for _ in 0..10 {
            turn("calm.example:993").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let before = Instant::now();
            turn("calm.example:993").await;
            assert_eq!(Instant::now(), before);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

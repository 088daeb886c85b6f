//! When a mail that could not be sent is tried again, and when we give up.
//!
//! Pure: the time and the chance come from outside.

use jiff::{SignedDuration, Timestamp};

/// For how long a mail is tried (RFC 5321 §4.5.4.1: at least 4 to 5 days).
pub const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Waits after the first, second, third … attempt; the last one repeats.
const WAITS_MINUTES: [i64; 7] = [1, 5, 15, 30, 60, 120, 240];
/// How far a wait may be off, so that mails deferred together do not come back together.
const SPREAD: f64 = 0.2;

/// What becomes of a mail that could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is tried again at this moment.
    At(Timestamp),
    /// It was tried for [`GIVE_UP_AFTER`].
    GiveUp,
}

/// When a mail is tried again that has failed after `attempts` earlier failures; `jitter` is a chance from 0 to 1.
///
/// The last attempt is at the end of the five days, not before.
pub fn next_attempt(attempts: u32, queued_at: Timestamp, now: Timestamp, jitter: f64) -> Retry {
    let deadline = queued_at.checked_add(GIVE_UP_AFTER).unwrap_or(Timestamp::MAX);
    if now >= deadline {
        return Retry::GiveUp;
    }
    let index = usize::try_from(attempts).unwrap_or(usize::MAX).min(WAITS_MINUTES.len() - 1);
    let minutes = WAITS_MINUTES.get(index).copied().unwrap_or(1);
    let next = now.checked_add(spread(SignedDuration::from_mins(minutes), jitter)).unwrap_or(deadline);
    Retry::At(next.min(deadline))
}

/// `wait`, up to a fifth longer or shorter; `jitter` is a chance from 0 to 1.
pub fn spread(wait: SignedDuration, jitter: f64) -> SignedDuration {
    let factor = 1.0 + SPREAD * (2.0 * jitter.clamp(0.0, 1.0) - 1.0);
    SignedDuration::try_from_secs_f64(wait.as_secs_f64() * factor).unwrap_or(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn wait_minutes(attempts: u32, jitter: f64) -> f64 {
        match next_attempt(attempts, START, START, jitter) {
            Retry::At(at) => at.duration_since(START).as_secs_f64() / 60.0,
            Retry::GiveUp => panic!("gave up"),
        }
    }

    #[test]
    fn waits_grow_to_four_hours_and_stay_there() {
        let waits: Vec<f64> = (0..9).map(|attempts| wait_minutes(attempts, 0.5)).collect();
        assert_eq!(waits, [1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 240.0, 240.0]);
        assert!((wait_minutes(u32::MAX, 0.5) - 240.0).abs() < 1e-9);
    }

    #[test]
    fn chance_moves_a_wait_by_a_fifth_at_most() {
        assert!((wait_minutes(1, 0.0) - 4.0).abs() < 1e-9);
        assert!((wait_minutes(1, 1.0) - 6.0).abs() < 1e-9);
        assert!((wait_minutes(1, f64::INFINITY) - 6.0).abs() < 1e-9);
    }

    #[test]
    fn the_last_attempt_is_after_five_days_and_then_we_give_up() {
        let deadline = START + GIVE_UP_AFTER;
        let shortly_before = deadline - SignedDuration::from_mins(10);
        assert_eq!(next_attempt(30, START, shortly_before, 0.5), Retry::At(deadline));
        assert_eq!(next_attempt(31, START, deadline, 0.5), Retry::GiveUp);
    }

    #[test]
    fn a_whole_life_is_between_thirty_and_fifty_attempts() {
        let (mut now, mut attempts) = (START, 0);
        while let Retry::At(next) = next_attempt(attempts, START, now, 0.5) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        assert!((30..50).contains(&attempts), "{attempts}");
    }
}

//! The state of the submission account, shared by the lanes: pauses after failures, and who is connected.
//!
//! Never counts a failure of the account against a mail.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use super::retry::spread;
use crate::net::wait_after_refused_login;
use crate::send::error::SendError;
use crate::store::running::SmtpHealth;

/// A mail that a person wants tried ends a pause, but not sooner than this after the last login: no script can make a storm of it.
const ASKED_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// Pause when the password cannot be had, or the server cannot look at it.
const AUTH_TEMPORARY_PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// First pause without a connection; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// Longest pause without a connection.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// So many fresh connections in a row that break inside a mail count as no connection.
const BROKEN_IN_A_ROW: u32 = 3;

/// Nothing is sent until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it ends.
    pub until: Timestamp,
    /// Why, for people.
    pub reason: String,
}

/// The account.
#[derive(Debug)]
pub struct Account {
    state: Mutex<State>,
    /// One login at a time: the second lane learns from the first one's failure.
    pub opening: Semaphore,
}

#[derive(Debug, Default)]
struct State {
    pause: Option<Pause>,
    /// When it began.
    failed_at: Option<Timestamp>,
    failures: u32,
    /// Logins refused in a row.
    refusals: u32,
    broken: u32,
    connected: u32,
    /// Why it last failed, until it works again: what was logged is not logged again.
    trouble: Option<String>,
    /// What `status` was told last.
    shown: Option<SmtpHealth>,
}

impl Account {
    pub fn new() -> Self {
        Self { state: Mutex::default(), opening: Semaphore::new(1) }
    }

    /// The pause in force.
    pub fn pause(&self, now: Timestamp) -> Option<Pause> {
        self.state().pause.clone().filter(|pause| pause.until > now)
    }

    /// No connection came about: pauses the account. The flag tells whether that is news for the log.
    pub fn failed(&self, error: &SendError, now: Timestamp, jitter: f64) -> (Pause, bool) {
        let mut state = self.state();
        let doubled = FIRST_PAUSE.checked_mul(1 << state.failures.min(10)).unwrap_or(LONGEST_PAUSE);
        let wait = match error {
            SendError::Auth(_) => {
                let wait = wait_after_refused_login(state.refusals, jitter);
                state.refusals = state.refusals.saturating_add(1);
                SignedDuration::try_from(wait).unwrap_or(LONGEST_PAUSE)
            }
            SendError::AuthTemporary(_) => AUTH_TEMPORARY_PAUSE,
            SendError::Temporary(_)
            | SendError::Permanent(..)
            | SendError::Uncertain(_)
            | SendError::Connection(_)
            | SendError::Stopped
            | SendError::Store(_) => spread(doubled.min(LONGEST_PAUSE), jitter),
        };
        let reason = error.to_string();
        let news = state.trouble.as_ref() != Some(&reason);
        let pause = Pause { until: now.checked_add(wait).unwrap_or(Timestamp::MAX), reason: reason.clone() };
        state.failures = state.failures.saturating_add(1);
        state.broken = 0;
        state.trouble = Some(reason);
        state.pause = Some(pause.clone());
        state.failed_at = Some(now);
        (pause, news)
    }

    /// A fresh connection broke inside a mail; whether that happened so often that the account is to blame.
    pub fn broke(&self) -> bool {
        let mut state = self.state();
        state.broken += 1;
        state.broken >= BROKEN_IN_A_ROW
    }

    /// The server judged a mail: all is well. Returns whether it was not before.
    pub fn works(&self) -> bool {
        let mut state = self.state();
        (state.failures, state.refusals, state.broken) = (0, 0, 0);
        state.trouble.take().is_some()
    }

    /// New settings: the pause ends.
    pub fn reloaded(&self) {
        let mut state = self.state();
        state.pause = None;
        (state.failures, state.refusals, state.broken) = (0, 0, 0);
    }

    /// Somebody wants a mail tried now: the pause ends when the last login is long enough ago.
    pub fn asked(&self, now: Timestamp) -> bool {
        let mut state = self.state();
        let ends =
            state.pause.is_some() && state.failed_at.is_none_or(|at| now.duration_since(at).abs() >= ASKED_PAUSE);
        if ends {
            state.pause = None;
        }
        ends
    }

    /// Whether this is news for `status`; from now on it is none.
    pub fn is_news(&self, health: &SmtpHealth) -> bool {
        let mut state = self.state();
        let news = state.shown.as_ref() != Some(health);
        state.shown = Some(health.clone());
        news
    }

    /// `status` could not be told: it is told again.
    pub fn not_shown(&self) {
        self.state().shown = None;
    }

    /// A lane is connected (or not any more).
    pub fn connected(&self, change: Connected) {
        let mut state = self.state();
        state.connected = match change {
            Connected::Opened => state.connected.saturating_add(1),
            Connected::Closed => state.connected.saturating_sub(1),
        };
    }

    /// Whether any lane is connected.
    pub fn is_connected(&self) -> bool {
        self.state().connected > 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics; and if it did, the numbers are still numbers.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a lane reports.
#[derive(Clone, Copy, Debug)]
pub enum Connected {
    Opened,
    Closed,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn unreachable() -> SendError {
        SendError::Connection("refused".to_owned())
    }

    #[test]
    fn pauses_without_a_connection_grow_from_seconds_to_minutes() {
        let account = Account::new();
        let waits: Vec<i64> = (0..8).map(|_| account.failed(&unreachable(), NOW, 0.5).0.until.as_second()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert!(account.works() && !account.works());
        assert_eq!(account.failed(&unreachable(), NOW, 0.5).0.until.as_second(), 5);
    }

    #[test]
    fn only_a_change_is_news() {
        let account = Account::new();
        assert!(account.failed(&unreachable(), NOW, 0.5).1);
        assert!(!account.failed(&unreachable(), NOW, 0.5).1);
        assert!(account.failed(&SendError::Auth("535 no".to_owned()), NOW, 0.5).1);
    }

    #[test]
    fn pauses_after_refused_logins_grow_to_an_hour_and_a_reload_ends_them() {
        let account = Account::new();
        let refused = || account.failed(&SendError::Auth("535 no".to_owned()), NOW, 0.0).0;
        let waits: Vec<i64> = (0..4).map(|_| refused().until.as_second() / 60).collect();
        assert_eq!(waits, [1, 4, 12, 60]);
        let pause = refused();
        assert_eq!(pause.until, NOW + SignedDuration::from_hours(1));
        assert_eq!(account.pause(NOW), Some(pause.clone()));
        account.reloaded();
        assert_eq!(account.pause(NOW), None);
    }

    #[test]
    fn who_asks_for_a_mail_ends_a_pause_but_not_twice_a_minute() {
        let account = Account::new();
        assert!(!account.asked(NOW), "there is no pause");
        account.failed(&SendError::Auth("535 no".to_owned()), NOW, 0.5);
        assert!(!account.asked(NOW + SignedDuration::from_secs(59)));
        assert!(account.asked(NOW + SignedDuration::from_secs(60)));
        assert_eq!(account.pause(NOW), None);
    }

    #[test]
    fn the_third_connection_that_breaks_in_a_row_blames_the_account() {
        let account = Account::new();
        assert!(!account.broke() && !account.broke() && account.broke());
        account.works();
        assert!(!account.broke());
    }
}

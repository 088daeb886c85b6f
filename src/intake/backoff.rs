//! How long to wait after a failure: longer each time, with jitter, up to a cap.
//!
//! Never lets a wrong password be tried often enough for a server to lock the account.

use std::time::Duration;

use rand::RngExt;

use crate::net::wait_after_refused_login;

/// What lasted this long worked; what broke sooner is tried again ever more slowly. Well below the half minute after which
/// some gateways cut every connection: there mail must not wait longer each time.
pub const STABLE: Duration = Duration::from_secs(20);

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Network, server: 1 s, doubled up to 5 min.
    Ordinary,
    /// The database or its disk: 1 s, doubled up to 15 s. Only our own machine is asked, and mails wait.
    Store,
    /// The server says that it is busy, or that we ask too much: 5 s, doubled up to 10 min.
    Busy,
    /// The server talks without end: as if it were busy, and not forgotten because it lasted.
    Flood,
    /// The server does not accept the login: see [`wait_after_refused_login`].
    Login,
}

/// Counts failures in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    ordinary: u32,
    store: u32,
    busy: u32,
    login: u32,
}

impl Failure {
    /// Whether a connection that ended so may have worked before.
    pub fn may_have_worked(self) -> bool {
        match self {
            Self::Ordinary | Self::Store | Self::Busy => true,
            // a server that is slow to refuse a login has not worked either
            Self::Flood | Self::Login => false,
        }
    }
}

impl Backoff {
    /// Forgets the failures: something worked.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Counts a failure and returns how long to wait, jitter included.
    pub fn next(&mut self, failure: Failure) -> Duration {
        let chance = rand::rng().random_range(0.0..1.0);
        let (count, first, cap) = match failure {
            Failure::Ordinary => (&mut self.ordinary, 1.0, 300.0),
            Failure::Store => (&mut self.store, 1.0, 15.0),
            Failure::Busy | Failure::Flood => (&mut self.busy, 5.0, 600.0),
            Failure::Login => {
                let wait = wait_after_refused_login(self.login, chance);
                self.login = self.login.saturating_add(1);
                return wait;
            }
        };
        let plain = (first * f64::from(1_u32 << (*count).min(12))).min(cap);
        *count = count.saturating_add(1);
        Duration::from_secs_f64(plain * (1.0 + 0.25 * chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap() {
        let mut backoff = Backoff::default();
        let first = backoff.next(Failure::Ordinary);
        assert!(first >= Duration::from_secs(1) && first < Duration::from_secs(2));
        for _ in 0..40 {
            backoff.next(Failure::Ordinary);
        }
        assert!(backoff.next(Failure::Ordinary) >= Duration::from_mins(5));
        assert!(backoff.next(Failure::Ordinary) <= Duration::from_secs(375));
        backoff.reset();
        assert!(backoff.next(Failure::Ordinary) < Duration::from_secs(2));
    }

    #[test]
    fn after_a_disk_fault_the_next_look_is_never_far() {
        let mut backoff = Backoff::default();
        assert!((0..100).all(|_| backoff.next(Failure::Store) < Duration::from_secs(20)));
        assert!(backoff.next(Failure::Ordinary) < Duration::from_secs(2), "the server did nothing wrong");
    }

    #[test]
    fn a_wrong_password_is_tried_at_most_thirty_times_a_day() {
        let mut backoff = Backoff::default();
        let (mut now, mut attempts) = (Duration::ZERO, 0);
        while now < Duration::from_hours(24) {
            attempts += 1;
            let wait = backoff.next(Failure::Login);
            assert!(wait >= Duration::from_mins(1));
            now += wait;
        }
        assert!(attempts <= 30, "{attempts}");
    }
}

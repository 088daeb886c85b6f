//! What one attempt means for the mail's row, and the writing of it.
//!
//! Never loses an outcome: the writing is repeated until the store takes it or is closed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::retry::{Retry, next_attempt};
use crate::clock::Clock;
use crate::model::hidden::without_keys;
use crate::model::id::OutboxId;
use crate::model::outgoing::Objection;
use crate::send::error::SendError;
use crate::store::outbox::Due;
use crate::store::{Store, StoreError};

/// Wait before an outcome that the store did not take is written again.
const STORE_PAUSE: Duration = Duration::from_secs(2);

/// What is to be written into a mail's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The server took it and said this.
    Sent(String),
    /// Another attempt.
    Deferred {
        /// Why.
        reason: String,
        /// When.
        next_at: Timestamp,
    },
    /// Never.
    Failed {
        /// Why.
        reason: String,
        /// What the server objects to.
        objection: Objection,
    },
    /// Perhaps sent; left at that.
    LeftUncertain(String),
    /// Not tried.
    Released {
        /// Why.
        reason: String,
        /// From when on it may be taken again.
        next_at: Timestamp,
    },
}

/// A fate and the row that it is for.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub id: OutboxId,
    pub fate: Fate,
}

/// Sorts one attempt; `jitter` is a chance from 0 to 1.
pub fn fate(result: Result<String, SendError>, mail: &Due, now: Timestamp, jitter: f64) -> Fate {
    let again = |reason: String| match next_attempt(mail.attempts, mail.queued_at, now, jitter) {
        Retry::At(next_at) => Fate::Deferred { reason, next_at },
        // It was there for nobody for so long.
        Retry::GiveUp => {
            Fate::Failed { reason: format!("given up after 5 days: {reason}"), objection: Objection::Address }
        }
    };
    match result {
        Ok(reply) => Fate::Sent(reply),
        Err(SendError::Temporary(reason) | SendError::Connection(reason)) => again(reason),
        Err(SendError::Permanent(reason, objection)) => Fate::Failed { reason, objection },
        Err(error @ SendError::Uncertain(_)) if mail.kind.at_least_once() => again(error.to_string()),
        Err(error @ SendError::Uncertain(_)) => Fate::LeftUncertain(error.to_string()),
        Err(error @ (SendError::Auth(_) | SendError::AuthTemporary(_) | SendError::Stopped | SendError::Store(_))) => {
            Fate::Released { reason: error.to_string(), next_at: now }
        }
    }
}

/// Writes outcomes.
#[derive(Clone)]
pub struct Recorder {
    pub store: Store,
    pub clock: Clock,
    pub halt: CancellationToken,
}

impl Recorder {
    /// Writes an outcome, again and again if need be.
    pub async fn record(&self, outcome: Outcome) {
        let mut told = false;
        while let Err(fault) = self.write(&outcome).await {
            if !told {
                error!(outbox = %outcome.id, "the outcome of a mail cannot be recorded: {fault}");
                told = true;
            }
            let closed = matches!(fault, StoreError::Closed);
            if closed || self.halt.is_cancelled() {
                return;
            }
            tokio::select! {
                () = self.halt.cancelled() => {}
                () = tokio::time::sleep(STORE_PAUSE) => {}
            }
        }
    }

    /// Puts mails back that were taken and not tried.
    pub async fn release(&self, ids: Vec<OutboxId>, reason: &str, next_at: Timestamp) {
        if !ids.is_empty()
            && let Err(fault) = self.store.outbox_release(ids, reason, next_at).await
        {
            error!("mails taken for sending cannot be put back: {fault}");
        }
    }

    async fn write(&self, outcome: &Outcome) -> Result<(), StoreError> {
        let (id, now, store) = (outcome.id, self.clock.now(), &self.store);
        match &outcome.fate {
            Fate::Sent(reply) => store.outbox_sent(id, reply, now).await,
            Fate::Deferred { reason, next_at } => store.outbox_deferred(id, reason, *next_at, now).await,
            Fate::Failed { reason, objection } => store.outbox_refused(id, reason, *objection, now).await,
            Fate::LeftUncertain(reason) => store.outbox_left_uncertain(id, reason, now).await,
            Fate::Released { reason, next_at } => store.outbox_release(vec![id], reason, *next_at).await,
        }
    }
}

/// Tells the log, without the recipient's whole address.
pub fn tell(mail: &Due, fate: &Fate, took: SignedDuration) {
    let attempt = mail.attempts.saturating_add(1);
    let (kind, message_id, duration_ms) =
        (mail.kind.as_str(), without_keys(mail.message_id.as_str()), took.as_millis());
    let masked = |text: &str| text.replace(mail.recipient.as_str(), &format!("…@{}", mail.recipient.domain()));
    let mask = |text: &str| without_keys(&masked(text)).into_owned();
    match fate {
        Fate::Sent(reply) => info!(%message_id, kind, attempt, duration_ms, "mail sent: {}", mask(reply)),
        Fate::Deferred { reason, next_at } => {
            info!(%message_id, kind, attempt, duration_ms, "mail not sent, next attempt at {next_at:.0}: {}", mask(reason));
        }
        Fate::Failed { reason, objection: _ } => {
            warn!(%message_id, kind, attempt, duration_ms, "mail cannot be sent: {}", mask(reason));
        }
        Fate::LeftUncertain(reason) => {
            warn!(%message_id, kind, attempt, duration_ms, "mail perhaps sent: {}", mask(reason));
        }
        // Told once for the account, not for each mail.
        Fate::Released { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outgoing::OutgoingKind;
    use crate::send::tests::liar::due;

    fn check(kind: OutgoingKind, error: SendError) -> &'static str {
        match fate(Err(error), &due(1, kind, "a@example.org"), Timestamp::UNIX_EPOCH, 0.5) {
            Fate::Sent(_) => "sent",
            Fate::Deferred { next_at, .. } => {
                assert_eq!(next_at.as_second(), 60);
                "deferred"
            }
            Fate::Failed { .. } => "failed",
            Fate::LeftUncertain(_) => "uncertain",
            Fate::Released { .. } => "released",
        }
    }

    #[test]
    fn a_lost_reply_repeats_what_people_wrote_and_nothing_else() {
        for kind in
            [OutgoingKind::Answer, OutgoingKind::Notice, OutgoingKind::Acknowledgement, OutgoingKind::Notification]
        {
            let expected = if kind.at_least_once() { "deferred" } else { "uncertain" };
            assert_eq!(check(kind, SendError::Uncertain("closed".to_owned())), expected);
            assert_eq!(check(kind, SendError::Temporary("450".to_owned())), "deferred");
            assert_eq!(check(kind, SendError::Connection("closed".to_owned())), "deferred");
            assert_eq!(check(kind, SendError::Permanent("550".to_owned(), Objection::Address)), "failed");
            assert_eq!(check(kind, SendError::Stopped), "released");
        }
    }

    #[test]
    fn after_five_days_the_last_reason_is_given() {
        let mail = due(1, OutgoingKind::Answer, "a@example.org");
        let now = Timestamp::UNIX_EPOCH + crate::send::GIVE_UP_AFTER;
        let given_up = fate(Err(SendError::Temporary("450 full".to_owned())), &mail, now, 0.5);
        let reason = "given up after 5 days: 450 full".to_owned();
        assert_eq!(given_up, Fate::Failed { reason, objection: Objection::Address });
    }
}

//! When an agent is told: at most one notification a ticket in two minutes, none in their quiet hours, all at once with a digest.
//!
//! Never decides whether they are told: what has to wait is kept, and goes out in one mail that tells all of it.

use jiff::{SignedDuration, Timestamp};

use crate::model::facts::LastTold;
use crate::model::habits::Notify;
use crate::model::id::AgentId;
use crate::model::outgoing::{News, NotificationDraft};
use crate::model::policy::Policy;
use crate::model::ticket::Priority;

/// How long to wait before looking whether the last notification has left by now.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);
/// Times are kept in whole seconds.
const ROUNDING: SignedDuration = SignedDuration::from_secs(1);

/// When a notification goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    Now,
    /// Not before this moment; what happens until then goes with it.
    NotBefore(Timestamp),
}

/// What the time of telling depends on.
pub struct Telling<'a> {
    /// Who is told.
    pub agent: &'a AgentId,
    /// How urgent the ticket is.
    pub priority: Priority,
    /// Since when news waits for them.
    pub since: Timestamp,
    /// The last notification of the ticket to them.
    pub last: Option<LastTold>,
}

/// When a notification that was just decided goes.
pub fn pace_of(policy: &Policy, draft: &NotificationDraft, last: Option<LastTold>, now: Timestamp) -> Pace {
    if draft.news.is_asked_for() {
        return Pace::Now;
    }
    pace(policy, &Telling { agent: &draft.agent, priority: draft.priority, since: now, last }, now)
}

/// When the next notification of a ticket may follow one that goes now.
pub fn after_one(policy: &Policy, now: Timestamp) -> Timestamp {
    next_turn(policy, Some(LastTold { at: now, waits: false }), now).unwrap_or(now)
}

/// When news that waits is told. An urgent ticket breaks quiet hours: no customer can make one urgent.
pub fn pace(policy: &Policy, telling: &Telling<'_>, now: Timestamp) -> Pace {
    let zone = &policy.desk.timezone;
    if let Some(agent) = policy.agent(telling.agent) {
        if agent.habits.notify == Notify::Digest {
            // News from the future: the clock was put back.
            let due = agent.habits.digest_after(telling.since.min(now), zone);
            return due.filter(|due| *due > now).map_or(Pace::Now, Pace::NotBefore);
        }
        let quiet = agent.habits.quiet_until(now, zone).filter(|_| telling.priority != Priority::Urgent);
        if let Some(end) = quiet {
            return Pace::NotBefore(end);
        }
    }
    next_turn(policy, telling.last, now).map_or(Pace::Now, Pace::NotBefore)
}

/// When the next notification of a ticket may follow the last one; while that one waits for a server that is down, more of
/// them would only arrive in one heap.
fn next_turn(policy: &Policy, last: Option<LastTold>, now: Timestamp) -> Option<Timestamp> {
    let every = SignedDuration::try_from(policy.limits.notify_every).unwrap_or(SignedDuration::MAX);
    let last = last.filter(|last| !every.is_zero() && last.at <= now)?;
    let next = last.at.saturating_add(every + ROUNDING).unwrap_or(now);
    if last.waits {
        return Some(next.max(now.saturating_add(LOOK_AGAIN).unwrap_or(now)));
    }
    (next > now).then_some(next)
}

/// Whether `news` is worth a word to somebody who wants to hear of their own matters only.
pub(in crate::decide) fn concerns(news: &News) -> bool {
    match news {
        News::AssignedToYou(_)
        | News::NoLongerYours(_)
        | News::YoursAsAway(_)
        | News::YoursAsReleased(_)
        | News::MergedInto { .. }
        | News::NotTold { .. }
        | News::KeyDead(_)
        | News::WithoutWords(_)
        | News::Next => true,
        News::Opened
        | News::Unproven(_)
        | News::HandedOver { .. }
        | News::Accepted(_)
        | News::Taken(_)
        | News::Returned(_)
        | News::Split { .. }
        | News::Absorbed { .. }
        | News::Unmerged { .. }
        | News::FreeAsAway(_)
        | News::FreeAsReleased(_)
        | News::CustomerWrote { .. }
        | News::ColleagueAnswered(_)
        | News::Note(_)
        | News::Moved(_)
        | News::DeliveryFailed(_)
        | News::Quarantined(_)
        | News::WaitOver
        | News::Flood => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::habits::QuietHours;
    use crate::model::testing::policy;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// What is decided at noon of an ordinary day.
    fn check(policy: &Policy, priority: Priority, last: Option<(&str, bool)>, expected: Option<&str>) {
        let agent = AgentId::new("anna");
        let now = at("2026-11-25T12:00:00Z");
        let last = last.map(|(moment, waits)| LastTold { at: at(moment), waits });
        let found = pace(policy, &Telling { agent: &agent, priority, since: now, last }, now);
        assert_eq!(found, expected.map_or(Pace::Now, |moment| Pace::NotBefore(at(moment))), "{last:?}");
    }

    #[test]
    fn two_minutes_lie_between_two_notifications_and_none_is_sent_behind_one_that_waits() {
        let policy = policy();
        check(&policy, Priority::Normal, None, None);
        check(&policy, Priority::Normal, Some(("2026-11-25T11:57:59Z", false)), None);
        check(&policy, Priority::Urgent, Some(("2026-11-25T11:58:00Z", false)), Some("2026-11-25T12:00:01Z"));
        check(&policy, Priority::Normal, Some(("2026-11-25T12:00:00Z", false)), Some("2026-11-25T12:02:01Z"));
        check(&policy, Priority::Normal, Some(("2026-11-25T08:00:00Z", true)), Some("2026-11-25T12:01:00Z"));
        // The clock was put back.
        check(&policy, Priority::Normal, Some(("2026-11-25T13:00:00Z", false)), None);
    }

    #[test]
    fn the_config_may_switch_the_pause_off() {
        let mut policy = policy();
        policy.limits.notify_every = Duration::ZERO;
        check(&policy, Priority::Normal, Some(("2026-11-25T12:00:00Z", true)), None);
    }

    #[test]
    fn quiet_hours_hold_all_but_what_is_urgent() {
        let mut policy = policy();
        let quiet = QuietHours { from: "11:00".parse().unwrap(), to: "13:30".parse().unwrap(), days: [true; 7] };
        policy.agents[0].habits.quiet = vec![quiet];
        check(&policy, Priority::High, None, Some("2026-11-25T13:30:00Z"));
        check(&policy, Priority::Urgent, None, None);
    }

    #[test]
    fn a_digest_waits_for_its_hour_whatever_the_hurry() {
        let mut policy = policy();
        policy.agents[0].habits.notify = Notify::Digest;
        check(&policy, Priority::Urgent, None, Some("2026-11-26T08:00:00Z"));
        let since = at("2026-11-25T07:00:00Z");
        let agent = AgentId::new("anna");
        let telling = Telling { agent: &agent, priority: Priority::Normal, since, last: None };
        assert_eq!(pace(&policy, &telling, at("2026-11-25T07:59:59Z")), Pace::NotBefore(at("2026-11-25T08:00:00Z")));
        assert_eq!(pace(&policy, &telling, at("2026-11-25T08:00:00Z")), Pace::Now);
    }
}

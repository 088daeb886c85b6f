//! What an agent wants to be told of, and when: days and hours in the desk's time zone.
//!
//! Hours are those on the wall: on the night that a clock is put on, a time that does not exist is the one an hour later; on
//! the night that it is put back, a time that comes twice is the first of them (RFC 5545 §3.3.5).

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::ticket::word_enum;

/// Quiet hours that follow one another, at most: what lasts longer is no pause but an absence.
const MAX_CHAIN: usize = 64;

word_enum!(
    /// What an agent is told of.
    Notify {
        /// All news of their departments and tickets.
        All = "all",
        /// Their own tickets, what is given to them, and notes that name them.
        Mine = "mine",
        /// One mail a day.
        Digest = "digest",
        /// Nothing but answers to their own mails.
        None = "none",
    }
);

/// What an agent wants to be told of, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    /// What.
    pub notify: Notify,
    /// When not.
    pub quiet: Vec<QuietHours>,
    /// The hour of the digest.
    pub digest_at: Time,
}

impl Default for Habits {
    fn default() -> Self {
        Self { notify: Notify::All, quiet: Vec::new(), digest_at: Time::constant(8, 0, 0, 0) }
    }
}

/// Hours in which no notification is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// Their beginning.
    pub from: Time,
    /// Their end, on the next day unless it is later than `from`.
    pub to: Time,
    /// The days on which they begin, from Monday.
    pub days: [bool; 7],
}

impl Habits {
    /// The end of the quiet hours that `now` lies in.
    pub fn quiet_until(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut end = now;
        for _ in 0..MAX_CHAIN {
            let ends = self.quiet.iter().filter_map(|hours| hours.until(end, zone));
            match ends.max().filter(|later| *later > end) {
                Some(later) => end = later,
                None => break,
            }
        }
        (end > now).then_some(end)
    }

    /// When the next digest after `moment` is due.
    pub fn digest_after(&self, moment: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = moment.to_zoned(zone.clone()).date();
        let days = [Some(today), today.tomorrow().ok(), today.tomorrow().and_then(Date::tomorrow).ok()];
        days.into_iter().flatten().filter_map(|day| at(day, self.digest_at, zone)).find(|due| *due > moment)
    }
}

impl QuietHours {
    /// The end of these hours, when `moment` lies in them.
    fn until(&self, moment: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = moment.to_zoned(zone.clone()).date();
        let days = [today.yesterday().ok(), Some(today)];
        let ends = days.into_iter().flatten().filter(|day| self.begins_on(day.weekday())).filter_map(|day| {
            let last = if self.to > self.from { day } else { day.tomorrow().ok()? };
            let (start, end) = (at(day, self.from, zone)?, at(last, self.to, zone)?);
            (start <= moment && moment < end).then_some(end)
        });
        ends.max()
    }

    fn begins_on(&self, day: Weekday) -> bool {
        let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
        self.days.get(index).copied().unwrap_or(true)
    }
}

fn at(day: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    day.to_datetime(time).to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str, days: &[usize]) -> QuietHours {
        let days = std::array::from_fn(|day| days.is_empty() || days.contains(&day));
        QuietHours { from: from.parse().unwrap(), to: to.parse().unwrap(), days }
    }

    fn habits(quiet: Vec<QuietHours>) -> Habits {
        Habits { quiet, ..Habits::default() }
    }

    /// Until when it is quiet at a moment, all in Warsaw.
    fn check(quiet: &[QuietHours], moment: &str, until: Option<&str>) {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(habits(quiet.to_vec()).quiet_until(time(moment), &zone), until.map(time), "{moment}");
    }

    #[test]
    fn a_night_is_quiet_from_its_first_second_until_its_last() {
        let night = [hours("22:00", "07:00", &[])];
        check(&night, "2026-11-25T20:59:59Z", None);
        check(&night, "2026-11-25T21:00:00Z", Some("2026-11-26T06:00:00Z"));
        check(&night, "2026-11-26T05:59:59Z", Some("2026-11-26T06:00:00Z"));
        check(&night, "2026-11-26T06:00:00Z", None);
        check(&[hours("12:00", "13:00", &[])], "2026-11-25T11:30:00Z", Some("2026-11-25T12:00:00Z"));
    }

    #[test]
    fn days_are_those_on_which_the_hours_begin() {
        // Friday night and the days of the weekend: one pause until Monday morning.
        let weekend = [hours("22:00", "07:00", &[]), hours("00:00", "00:00", &[5, 6])];
        check(&weekend, "2026-11-27T21:30:00Z", Some("2026-11-30T06:00:00Z"));
        check(&weekend, "2026-11-26T21:30:00Z", Some("2026-11-27T06:00:00Z"));
        check(&[hours("22:00", "07:00", &[4])], "2026-11-28T21:30:00Z", None);
        check(&[hours("22:00", "07:00", &[4])], "2026-11-28T05:30:00Z", Some("2026-11-28T06:00:00Z"));
    }

    #[test]
    fn a_clock_that_is_put_on_or_back_does_not_move_the_morning() {
        let night = [hours("22:00", "07:00", &[])];
        check(&night, "2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z"));
        check(&night, "2026-10-24T21:00:00Z", Some("2026-10-25T06:00:00Z"));
        // An end that does not exist: the hour after the gap. One that comes twice: the first.
        check(&[hours("22:00", "02:30", &[])], "2026-03-28T23:00:00Z", Some("2026-03-29T01:30:00Z"));
        check(&[hours("22:00", "02:30", &[])], "2026-10-24T23:00:00Z", Some("2026-10-25T00:30:00Z"));
        check(&[hours("22:00", "02:30", &[])], "2026-10-25T00:45:00Z", None);
    }

    #[test]
    fn the_digest_comes_once_a_day_at_its_hour_on_the_wall() {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        for (moment, due) in [
            ("2026-11-25T06:59:59Z", "2026-11-25T07:00:00Z"),
            ("2026-11-25T07:00:00Z", "2026-11-26T07:00:00Z"),
            ("2026-03-28T08:00:00Z", "2026-03-29T06:00:00Z"),
            ("2026-10-24T08:00:00Z", "2026-10-25T07:00:00Z"),
        ] {
            let found = Habits::default().digest_after(moment.parse().unwrap(), &zone);
            assert_eq!(found, Some(due.parse().unwrap()), "{moment}");
        }
    }
}

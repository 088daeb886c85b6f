//! Days and times as the reader's language writes them, in the desk's time zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::Desk;
use super::texts::{Texts, filled};

/// `14:05`, with the date when that is another than today's.
pub fn moment(at: Timestamp, texts: &Texts, desk: &Desk) -> String {
    let (at, now) = (local(at, desk), local(desk.now, desk));
    if at.date() == now.date() { time(at, "", texts) } else { time(at, &day(at.date(), texts), texts) }
}

/// `22 November 2026, 14:05`, also today.
pub fn in_full(at: Timestamp, texts: &Texts, desk: &Desk) -> String {
    let at = local(at, desk);
    time(at, &day(at.date(), texts), texts)
}

/// `22 November 2026`.
pub fn day(date: Date, texts: &Texts) -> String {
    let dates = texts.language.dates();
    let month = usize::try_from(date.month() - 1).ok().and_then(|month| dates.months.get(month)).copied();
    let values = [
        ("day", date.day().to_string()),
        ("month", month.unwrap_or_default().to_owned()),
        ("month_number", format!("{:02}", date.month())),
        ("year", date.year().to_string()),
    ];
    filled(dates.day, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// The day on which something is written.
pub fn today(texts: &Texts, desk: &Desk) -> String {
    day(local(desk.now, desk).date(), texts)
}

fn time(at: DateTime, date: &str, texts: &Texts) -> String {
    let dates = texts.language.dates();
    let half = dates.halves.get(usize::from(at.hour() >= 12)).copied().unwrap_or_default();
    let values = [
        ("hour", format!("{:02}", at.hour())),
        ("hour_twelve", ((at.hour() + 11) % 12 + 1).to_string()),
        ("half", half.to_owned()),
        ("minute", format!("{:02}", at.minute())),
    ];
    let time = filled(dates.time, &values.each_ref().map(|(name, value)| (*name, value.as_str())));
    if date.is_empty() { time } else { filled(dates.day_and_time, &[("date", date), ("time", &time)]) }
}

fn local(at: Timestamp, desk: &Desk) -> DateTime {
    at.to_zoned(desk.policy.desk.timezone.clone()).datetime()
}

#[cfg(test)]
mod tests {
    use super::super::TicketKeys;
    use super::super::layout::fit::USUAL_LIMIT;
    use super::super::samples;
    use super::*;
    use crate::model::policy::Policy;
    use crate::model::testing::language;
    use crate::model::token::Signer;

    fn desk<'a>(policy: &'a Policy, parts: &'a (Signer, TicketKeys), now: &str) -> Desk<'a> {
        let (signer, keys) = parts;
        Desk { policy, signer, keys, now: now.parse().unwrap(), largest_mail: USUAL_LIMIT }
    }

    #[test]
    fn each_language_writes_days_and_times_in_its_own_way() {
        let (policy, parts) = (samples::policy(), (samples::signer(), samples::keys()));
        let at: Timestamp = "2026-03-08T13:05:00Z".parse().unwrap();
        for (tag, expected, time) in [
            ("en", "8 March 2026, 14:05", "14:05"),
            ("pl", "8 marca 2026, 14:05", "14:05"),
            ("ru", "8 марта 2026 г., 14:05", "14:05"),
            ("fil", "Marso 8, 2026, 2:05 PM", "2:05 PM"),
        ] {
            let texts = Texts::new(&policy, language(tag));
            let (later, same_day) =
                (desk(&policy, &parts, "2026-03-09T13:00:00Z"), desk(&policy, &parts, "2026-03-08T20:00:00Z"));
            assert_eq!(
                (moment(at, &texts, &later), moment(at, &texts, &same_day)),
                (expected.to_owned(), time.to_owned())
            );
            assert_eq!(in_full(at, &texts, &same_day), expected);
        }
    }

    #[test]
    fn midnight_and_noon_are_twelve_where_hours_are_counted_to_twelve() {
        let policy = samples::policy();
        let texts = Texts::new(&policy, language("fil"));
        let of = |hour| time(DateTime::constant(2026, 3, 8, hour, 30, 0, 0), "", &texts);
        assert_eq!([of(0), of(12), of(23)], ["12:30 AM", "12:30 PM", "11:30 PM"]);
    }
}

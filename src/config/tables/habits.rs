//! What an agent wants to be told of, and when: `notify`, `digest_at` and `quiet_hours` of `[[agent]]`.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::DeValue;

use crate::config::reader::values::quoted;
use crate::config::reader::values::{self, Complaint, complain};
use crate::config::reader::{Keys, Report, Section, wrong_type};
use crate::model::habits::{Habits, Notify, QuietHours};

pub const QUIET_HOURS: Keys = Keys { table: "`quiet_hours`", keys: &["from", "to", "days"] };
/// Tables in one list of quiet hours.
const MAX_QUIET: usize = 8;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Longer pauses than this have no end.
const WEEK_HOURS: i64 = 7 * 24;

/// Reads what `section` says of notifications; `None` when something in it is wrong.
pub fn habits(section: &Section<'_>) -> Option<Habits> {
    let defaults = Habits::default();
    let notify = section.parsed_or("notify", defaults.notify, notify);
    let digest_at = section.parsed_or("digest_at", defaults.digest_at, |text| time(text, Midnight::IsStart));
    let quiet = quiet_hours(section);
    let habits = Habits { notify: notify?, quiet: quiet?, digest_at: digest_at? };
    let report = section.report();
    if habits.notify != Notify::Digest && section.has("digest_at") {
        let hint = "drop it, or write `notify = \"digest\"`";
        report.warning(section.place("digest_at"), "`digest_at` does nothing without a digest", hint);
    }
    if matches!(habits.notify, Notify::Digest | Notify::None) && !habits.quiet.is_empty() {
        let message = format!("`quiet_hours` does nothing beside `notify = \"{}\"`", habits.notify);
        report.warning(section.place("quiet_hours"), message, "drop it, or write `notify = \"all\"`");
    }
    let monday = Timestamp::UNIX_EPOCH;
    let pause = habits.quiet_until(monday, &TimeZone::UTC);
    if pause.is_some_and(|end| end.duration_since(monday).as_hours() > WEEK_HOURS) {
        let hint = "leave some hours in which mail may come, or write `notify = \"none\"`";
        report.error(section.place("quiet_hours"), "these quiet hours never end", hint);
        return None;
    }
    Some(habits)
}

/// One table, or a list of them.
fn quiet_hours(section: &Section<'_>) -> Option<Vec<QuietHours>> {
    let Some(value) = section.value("quiet_hours") else { return Some(Vec::new()) };
    let report = section.report();
    let tables = match value.get_ref() {
        DeValue::Table(_) => std::slice::from_ref(value),
        DeValue::Array(items) => items.get(..items.len().min(MAX_QUIET)).unwrap_or_default(),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            wrong_type(value, "quiet_hours", "a table such as `{ from = \"22:00\", to = \"07:00\" }`", report);
            return None;
        }
    };
    if matches!(value.get_ref(), DeValue::Array(items) if items.len() > MAX_QUIET) {
        report.error(value.span(), format!("`quiet_hours` has more than {MAX_QUIET} entries"), "join some of them");
        return None;
    }
    tables.iter().map(|table| one(table, report)).collect()
}

fn one(value: &Spanned<DeValue<'_>>, report: &Report<'_>) -> Option<QuietHours> {
    let DeValue::Table(table) = value.get_ref() else {
        wrong_type(value, "quiet_hours", "a table such as `{ from = \"22:00\", to = \"07:00\" }`", report);
        return None;
    };
    let section = Section::open(table, value.span(), &QUIET_HOURS, report);
    let from = section.required("from", "22:00", |text| time(text, Midnight::IsStart));
    let to = section.required("to", "07:00", |text| time(text, Midnight::MayEnd));
    let written = section.text("to").is_some_and(|text| *text.get_ref() == "24:00");
    let named = section.parsed_list("days", DAYS.len(), day);
    let wrong = section.list("days", DAYS.len()).is_some_and(|items| items.len() != named.len());
    let (from, to) = (from?.into_inner(), to?.into_inner());
    if from == to && !written {
        let hint = "for a whole day write `from = \"00:00\", to = \"24:00\"`";
        report.error(section.span.clone(), "these quiet hours begin and end at the same time", hint);
        return None;
    }
    if section.has("days") && named.is_empty() && !wrong {
        report.error(
            section.place("days"),
            "`days` is empty",
            "drop it for all days, or name some: `[\"sat\", \"sun\"]`",
        );
        return None;
    }
    let days = std::array::from_fn(|index| !section.has("days") || named.iter().any(|day| *day.get_ref() == index));
    (!wrong).then_some(QuietHours { from, to, days })
}

fn notify(text: &str) -> Result<Notify, Complaint> {
    let words: Vec<&str> = Notify::ALL.iter().map(|notify| notify.as_str()).collect();
    Notify::from_word(text).map_or_else(|| values::choice("notify", text, &words), Ok)
}

fn day(text: &str) -> Result<usize, Complaint> {
    let short: String = text.to_lowercase().chars().take(3).collect();
    match DAYS.iter().position(|day| *day == text) {
        Some(index) => Ok(index),
        None if DAYS.contains(&short.as_str()) => {
            complain(format!("unknown day `{text}`"), format!("did you mean `{short}`?"))
        }
        None => complain(format!("unknown day `{text}`"), format!("write some of {}", quoted(&DAYS))),
    }
}

/// Whether a time may be written as `24:00`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Midnight {
    IsStart,
    MayEnd,
}

/// `07:30`; two digits each.
fn time(text: &str, midnight: Midnight) -> Result<Time, Complaint> {
    let digits = |part: &str| (part.len() == 2).then(|| part.parse::<i8>().ok()).flatten();
    let parts = text.split_once(':').and_then(|(hours, minutes)| Some((digits(hours)?, digits(minutes)?)));
    let found = match parts {
        Some((24, 0)) if midnight == Midnight::MayEnd => Some(Time::midnight()),
        Some((hours, minutes)) => Time::new(hours, minutes, 0, 0).ok(),
        None => None,
    };
    found.map_or_else(|| complain(format!("`{text}` is no time of day"), "write hours and minutes: `07:30`"), Ok)
}

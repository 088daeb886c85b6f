//! What an agent is told of, and when.

use super::*;
use crate::model::habits::{Habits, Notify};

fn habits(line: &str) -> Habits {
    policy(&with("[[agent]]", line)).agents[0].habits.clone()
}

#[test]
fn who_says_nothing_is_told_everything_at_any_hour() {
    assert_eq!(habits(""), Habits::default());
    assert_eq!((Habits::default().notify, Habits::default().quiet.len()), (Notify::All, 0));
}

#[test]
fn quiet_hours_are_one_table_or_several() {
    let night = habits("quiet_hours = { from = \"22:00\", to = \"07:00\" }").quiet;
    assert_eq!((night[0].from.hour(), night[0].to.hour(), night[0].days), (22, 7, [true; 7]));
    let both = habits(
        "quiet_hours = [{ from = \"22:00\", to = \"07:00\" }, { from = \"00:00\", to = \"24:00\", days = [\"sat\", \"sun\"] }]",
    );
    assert_eq!(both.quiet[1].days, [false, false, false, false, false, true, true]);
}

#[test]
fn faults_in_habits_are_named() {
    for (line, message) in [
        ("notify = \"al\"", "unknown `notify` `al`"),
        ("notify = \"mine\"\ndigest_at = \"8:00\"", "`8:00` is no time of day"),
        (
            "quiet_hours = \"22-7\"",
            "`quiet_hours` must be a table such as `{ from = \"22:00\", to = \"07:00\" }`, not text",
        ),
        ("quiet_hours = { from = \"22:00\" }", "`quiet_hours` has no `to`"),
        ("quiet_hours = { from = \"22:00\", to = \"25:00\" }", "`25:00` is no time of day"),
        ("quiet_hours = { from = \"24:00\", to = \"07:00\" }", "`24:00` is no time of day"),
        ("quiet_hours = { from = \"07:00\", to = \"07:00\" }", "these quiet hours begin and end at the same time"),
        ("quiet_hours = { from = \"22:00\", to = \"07:00\", days = [\"Saturday\"] }", "unknown day `Saturday`"),
        ("quiet_hours = { from = \"22:00\", to = \"07:00\", days = [] }", "`days` is empty"),
        ("quiet_hours = { from = \"22:00\", till = \"07:00\", to = \"07:00\" }", "unknown key `till` in `quiet_hours`"),
        (
            "quiet_hours = [{ from = \"00:00\", to = \"12:00\" }, { from = \"12:00\", to = \"24:00\" }]",
            "these quiet hours never end",
        ),
    ] {
        check_messages(&with("[[agent]]", line), &[message]);
    }
}

#[test]
fn a_department_in_which_nobody_is_told_at_once_is_named() {
    let nobody = "no agent of department `support` has `notify = \"all\"`: nobody is told of a new ticket at once";
    check_messages(&with("[[agent]]", "notify = \"none\""), &[nobody]);
    check_messages(&with("[[agent]]", "notify = \"digest\"\ndigest_at = \"07:30\""), &[nobody]);
    check_messages(&with("[[agent]]", "digest_at = \"07:30\""), &["`digest_at` does nothing without a digest"]);
    let quiet = "notify = \"none\"\nquiet_hours = { from = \"22:00\", to = \"07:00\" }";
    check_messages(&with("[[agent]]", quiet), &["`quiet_hours` does nothing beside `notify = \"none\"`", nobody]);
}

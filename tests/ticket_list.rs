//! `ticket list`: for people the newest that are not closed, and how many are left out; for scripts all of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::*;

const INFO: &str = "info@example.test";
const TICKETS: u64 = 60;
const FIRST: u64 = 1001;

/// A desk with sixty tickets, of which the oldest five are closed and two have a tag; no daemon runs.
fn desk() -> Desk {
    let mut desk = Desk::new(&DeskConfig::shop().maildir("info", "support", ""));
    for number in 0..TICKETS {
        let subject = if number % 10 == 0 { "refund" } else { "Question" };
        let from = format!("customer{}@client.example", number % 20);
        let mail = Mail::new(&from, INFO, &format!("{subject} {number}"), "Is anybody there?");
        desk.deliver("info", &mail.bytes());
    }
    desk.start();
    eventually(PATIENCE, "all mails decided", || (desk.decided() == TICKETS).then_some(()));
    assert!(desk.stop().0.success());
    let database = rusqlite::Connection::open(desk.path("postroom.db")).unwrap();
    database
        .execute_batch(
            "UPDATE ticket SET status = 'closed' WHERE number <= 1005;
             UPDATE ticket SET assignee = 'anna' WHERE number IN (1001, 1010, 1020);
             INSERT INTO tag VALUES (1003, 'vip'), (1030, 'vip');
             DELETE FROM ticket_tally;
             INSERT INTO ticket_tally SELECT department, status, coalesce(assignee, ''), count(*) FROM ticket GROUP BY 1, 2, 3;",
        )
        .unwrap();
    desk
}

/// The numbers that a list for people shows, and what stands below it.
fn shown(desk: &Desk, args: &[&str]) -> (Vec<u64>, String) {
    let done = desk.run(&[&["ticket", "list"], args].concat());
    assert_eq!(done.code, 0, "{}", done.stderr);
    let numbers = done.stdout.lines().filter_map(|line| line.strip_prefix('#')?.split(' ').next()?.parse().ok());
    (numbers.collect(), done.stdout.lines().last().unwrap_or_default().to_owned())
}

fn numbers(desk: &Desk, args: &[&str]) -> Vec<u64> {
    let list = desk.json(&[&["ticket", "list"], args].concat());
    list.as_array().unwrap().iter().map(|ticket| ticket["number"].as_u64().unwrap()).collect()
}

#[test]
fn people_see_the_newest_fifty_that_are_not_closed_and_how_many_are_left_out() {
    let desk = desk();
    let last = FIRST + TICKETS - 1;
    let (listed, below) = shown(&desk, &[]);
    assert_eq!(listed, (last - 49..=last).rev().collect::<Vec<_>>());
    assert_eq!(below, "left out: 5 more and 5 closed (`--limit N` lists more of them, `--all` all)");
    let (listed, below) = shown(&desk, &["--limit", "2"]);
    assert_eq!((listed, below.starts_with("left out: 53 more and 5 closed")), (vec![last, last - 1], true), "{below}");
    let (listed, below) = shown(&desk, &["--all"]);
    assert_eq!(listed, (FIRST..=last).rev().collect::<Vec<_>>());
    assert!(!below.contains("left out"), "{below}");
    assert_eq!(shown(&desk, &["--limit", "100"]).0.len(), 55);
    assert_eq!(shown(&desk, &["--status", "closed"]).0, [1005, 1004, 1003, 1002, 1001]);
    let (listed, below) = shown(&desk, &["--assignee", "anna"]);
    assert_eq!(listed, [1020, 1010]);
    assert_eq!(below, "left out: 1 closed (`--all` lists them too)");
    assert_eq!(shown(&desk, &["--tag", "vip", "--all"]).0, [1030, 1003]);
    let (listed, below) = shown(&desk, &["--requester", "Customer3@client.example"]);
    assert_eq!((listed, below.as_str()), (vec![1044, 1024], "left out: 1 closed (`--all` lists them too)"));
    assert_eq!(desk.run(&["ticket", "list", "--requester", "nobody@client.example"]).stdout, "no tickets\n");
    assert_eq!(desk.run(&["ticket", "list", "--limit", "0"]).code, 2);
}

#[test]
fn scripts_get_every_ticket_that_the_filters_leave() {
    let desk = desk();
    let last = FIRST + TICKETS - 1;
    assert_eq!(numbers(&desk, &[]), (FIRST..=last).collect::<Vec<_>>());
    assert_eq!(numbers(&desk, &["--limit", "3"]), [last, last - 1, last - 2]);
    assert_eq!(numbers(&desk, &["--department", "returns"]), [1001, 1011, 1021, 1031, 1041, 1051]);
    assert_eq!(numbers(&desk, &["--department", "returns", "--status", "closed"]), [1001]);
    assert_eq!(numbers(&desk, &["--assignee", "anna"]), [1001, 1010, 1020]);
    assert_eq!(numbers(&desk, &["--department", "returns", "--assignee", "anna"]), [1001]);
    assert_eq!(numbers(&desk, &["--requester", "customer3@client.example"]), [1004, 1024, 1044]);
    assert_eq!(numbers(&desk, &["--tag", "vip", "--status", "new"]), [1030]);
    assert_eq!(desk.run(&["ticket", "list", "--json", "--assignee", "jan"]).stdout, "[]\n");
    let status = desk.status();
    assert_eq!((&status["tickets"]["closed"], &status["tickets"]["new"]), (&5.into(), &55.into()), "{status}");
}

#[test]
fn a_quick_doctor_leaves_the_long_look_out() {
    let desk = desk();
    let checks = |args: &[&str]| {
        let done = desk.run(&[&["doctor", "--json"], args].concat());
        let found: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        found["checks"].as_array().unwrap().iter().find(|check| check["check"] == "database").unwrap().clone()
    };
    assert_eq!(checks(&[])["detail"], "structure, references and stored mails are sound");
    let quick = checks(&["--quick"]);
    assert_eq!(quick["ok"], true);
    assert!(quick["detail"].as_str().unwrap().contains("without `--quick`"), "{quick}");
}

//! `postroom agent` and `postroom ticket` beside the daemon: who is away, who has how much, tickets that change hands.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::random::unix_now;
use support::*;

const INFO: &str = "info@example.test";

/// The shop, its support giving out tickets in turn to Anna and Jan, whom Anna leads.
fn started() -> Desk {
    let mut config = DeskConfig::shop().maildir("info", "support", "");
    let members = "agents = [\"anna\", \"jan\"]";
    let lines = format!("{members}\nleads = [\"anna\"]\nassignment = \"round-robin\"");
    config.people = config.people.replacen(members, &lines, 1);
    let mut desk = Desk::new(&config);
    desk.start();
    desk
}

fn question(number: u64) -> Mail {
    Mail::new(&format!("c{number}@client.example"), INFO, &format!("Question {number}"), "How does it work?")
}

fn agent(desk: &Desk, id: &str) -> Value {
    let agents = desk.json(&["agent", "list"]);
    agents.as_array().expect("an array").iter().find(|agent| agent["id"] == id).expect("the agent").clone()
}

fn assignee(desk: &Desk, number: u64) -> String {
    let ticket = desk.ticket(desk.ticket_of(&format!("c{number}@client.example")));
    ticket.get("assignee").and_then(Value::as_str).unwrap_or("nobody").to_owned()
}

#[test]
fn an_agent_goes_away_comes_back_and_is_listed() {
    let mut desk = started();
    desk.receive("info", &question(1), 1);
    assert_eq!(assignee(&desk, 1), "anna");
    let anna = agent(&desk, "anna");
    let keys: Vec<&String> = anna.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["id", "name", "role", "departments", "leads", "open", "away"]);
    assert_eq!(anna["departments"], json!(["support", "returns"]));
    assert_eq!((&anna["leads"], &anna["open"], &anna["away"]), (&json!(["support"]), &json!(1), &Value::Null));

    let done = desk.run(&["agent", "away", "anna", "--until", "2030-01-01"]);
    assert_eq!(done.code, 1, "{}", done.stdout);
    assert!(done.stderr.contains("more than a year ahead") && done.stderr.contains("hint:"), "{}", done.stderr);
    let in_a_week = i64::try_from(unix_now().as_secs()).expect("seconds") + 7 * 86_400;
    let day =
        jiff::Timestamp::from_second(in_a_week).expect("a time").to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let done = desk.run(&["agent", "away", "anna", "--until", &day]);
    assert_eq!(done.stdout, format!("anna is away until {day}; unanswered tickets that went on to colleagues: 1\n"));
    assert_eq!(assignee(&desk, 1), "jan");
    let anna = agent(&desk, "anna");
    assert_eq!((&anna["open"], &anna["away"]["by"]), (&json!(0), &json!("admin")));
    let table = desk.run(&["agent", "list"]).stdout;
    assert!(table.contains(&format!("until {day} (admin)")), "{table}");

    // The daemon, which was running all the time, gives her nothing.
    desk.receive("info", &question(2), 2);
    assert_eq!(assignee(&desk, 2), "jan");
    let told = desk.sent_to("jan@example.test");
    let news: Vec<String> = told.iter().map(|mail| mail.text()).collect();
    assert!(news.iter().any(|text| text.contains("Anna Nowak is away: this ticket is yours now")), "{news:?}");
    assert_eq!(desk.run(&["agent", "back", "anna"]).stdout, "anna is back\n");
    desk.receive("info", &question(3), 3);
    assert_eq!(assignee(&desk, 3), "anna");
}

#[test]
fn all_tickets_of_one_agent_are_handed_over_in_one_command_and_one_mail() {
    let mut desk = started();
    for number in 1..=4 {
        desk.receive("info", &question(number), number);
    }
    assert_eq!(desk.run(&["agent", "handover", "anna", "jan"]).stdout, "tickets of anna that are jan's now: 2\n");
    desk.settled(4);
    for number in 1..=4 {
        assert_eq!(assignee(&desk, number), "jan");
    }
    let summaries: Vec<Received> =
        desk.sent_to("jan@example.test").into_iter().filter(|mail| mail.subject().contains("Anna Nowak")).collect();
    assert_eq!(summaries.len(), 1, "one mail about all");
    let text = summaries[0].text();
    assert!(text.contains("Question 1") && text.contains("Question 3") && !text.contains("Question 2"), "{text}");

    // The addresses in it work as those of notifications do.
    let number = desk.ticket_of("c1@client.example");
    let line = text.lines().find(|line| line.contains("Question 1")).expect("the line");
    let address = line.split_whitespace().find(|word| word.contains('+')).expect("an address");
    let close = Mail::new("jan@example.test", address, "Question 1", "#close").header("Delivered-To", address);
    desk.receive("info", &close, 5);
    assert_eq!(desk.ticket(number)["status"], "closed");
}

/// The latest event of this kind, as JSON.
fn latest(ticket: &Value, kind: &str) -> Value {
    let events = ticket["events"].as_array().expect("an array");
    let event = events.iter().rfind(|event| event["kind"] == kind).expect("the event");
    json!([event["actor"], event["data"]["from"], event["data"]["to"]])
}

#[test]
fn a_ticket_is_changed_on_the_shell_while_the_daemon_runs_and_its_people_are_told() {
    let mut desk = started();
    desk.receive("info", &question(1), 1);
    let number = desk.ticket_of("c1@client.example");
    let (name, answered) = (number.to_string(), desk.sent_to("c1@client.example").len());
    let run = |words: &[&str]| {
        let [verb, rest @ ..] = words else { unreachable!("a verb") };
        let done = desk.run(&[&["ticket", verb, name.as_str()][..], rest].concat());
        assert_eq!(done.code, 0, "{words:?}: {}", done.stderr);
        done.stdout
    };
    assert_eq!(run(&["assign", "jan"]), format!("#{number}: assigned: anna to jan\n"));
    assert_eq!(run(&["assign", "jan"]), format!("#{number}: nothing to change\n"));
    assert_eq!(run(&["tag", "+vip", "Lamp", "-old"]), format!("#{number}: tags: +vip +lamp\n"));
    assert_eq!(run(&["note", "Ask the supplier first."]), format!("#{number}: note: an internal note\n"));
    let text = run(&["move", "returns"]);
    assert!(text.contains("moved: support to returns"), "{text}");
    assert_eq!(run(&["close"]), format!("#{number}: status: new to closed\n"));
    assert_eq!(run(&["close"]), format!("#{number}: nothing to change\n"));
    assert_eq!(run(&["open"]), format!("#{number}: status: closed to open\n"));
    let ticket = desk.ticket(number);
    assert_eq!((&ticket["department"], &ticket["status"]), (&json!("returns"), &json!("open")));
    assert_eq!(ticket["tags"], json!(["lamp", "vip"]));
    assert_eq!(latest(&ticket, "status"), json!(["admin", "closed", "open"]));
    assert_eq!(latest(&ticket, "moved"), json!(["admin", "support", "returns"]));
    let notes = ticket["messages"].as_array().expect("an array").iter().filter(|message| message["kind"] == "note");
    let notes: Vec<&Value> = notes.collect();
    assert_eq!((notes.len(), &notes[0]["text"]), (1, &json!("Ask the supplier first.")));
    assert_eq!(notes[0]["visibility"], "internal");

    // The daemon sends what the commands left in the outbox; the next mail finds the ticket as it stands.
    desk.receive("info", &question(2), 2);
    desk.settled(2);
    let told: Vec<String> = desk.sent_to("jan@example.test").iter().map(Received::text).collect();
    assert!(told.iter().any(|text| text.contains("Ask the supplier first.")), "{told:?}");
    assert_eq!(desk.sent_to("c1@client.example").len(), answered, "a customer hears nothing of it");
}

#[test]
fn what_cannot_be_done_to_a_ticket_is_named_and_not_done() {
    let mut desk = started();
    desk.receive("info", &question(1), 1);
    let number = desk.ticket_of("c1@client.example").to_string();
    for (words, expected) in [
        (["assign", &number, "ana"], "no agent `ana` in the config"),
        (["move", &number, "nowhere"], "no department `nowhere` in the config"),
        (["tag", &number, "+a b;c"], "#tag"),
        (["note", &number, "  "], "the note has no words"),
        (["assign", "9999", "anna"], "no ticket #9999"),
    ] {
        let done = desk.run(&[&["ticket"][..], &words[..]].concat());
        assert_eq!(done.code, 1, "{words:?}: {}", done.stdout);
        assert!(done.stderr.contains(expected), "{words:?}: {}", done.stderr);
    }
}

#[test]
fn who_is_unknown_is_named_with_those_who_are_not() {
    let desk = started();
    for arguments in
        [["agent", "away", "ana"].as_slice(), &["agent", "back", "ana"], &["agent", "handover", "ana", "jan"]]
    {
        let done = desk.run(arguments);
        assert_eq!(done.code, 1, "{arguments:?}: {}", done.stdout);
        assert!(done.stderr.contains("no agent `ana` in the config"), "{}", done.stderr);
        assert!(done.stderr.contains("hint: there are `anna`, `jan`, `olga`"), "{}", done.stderr);
    }
    assert_eq!(desk.run(&["agent", "handover", "anna", "anna"]).code, 1);
    assert_eq!(desk.run(&["agent", "handover", "anna", "jan", "--department", "sales"]).code, 1);
    assert_eq!(desk.run(&["agent", "away", "anna", "--until", "soon"]).code, 2);
}

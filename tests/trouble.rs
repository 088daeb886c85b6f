//! What goes wrong today: `status` and `doctor` say it at once, with what to do, and what is mended works at once.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::sink::{Fault, Sink, Step};
use support::*;

const INFO: &str = "info@example.test";

fn shop(sink: &Sink) -> DeskConfig {
    let mut config = DeskConfig::shop().plain_smtp(sink.port).maildir("info", "support", "");
    config.smtp.push_str("\nusername = \"desk\"\npassword_file = \"password\"");
    config
}

fn question(number: usize) -> Mail {
    Mail::new(&format!("c{number}@client.example"), INFO, &format!("Question {number}"), "Where is it?")
}

/// The faults of `doctor --json` of one check: detail and hint.
fn faults(desk: &Desk, check: &str) -> Vec<(String, String)> {
    let done = desk.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&done.stdout).expect("JSON");
    let of = |one: &Value, key: &str| one[key].as_str().expect("words").to_owned();
    let checks = report["checks"].as_array().expect("checks").iter();
    let faults = checks.filter(|one| one["check"] == check && one["ok"] == false);
    faults.map(|one| (of(one, "detail"), of(one, "hint"))).collect()
}

fn smtp_state(desk: &Desk) -> String {
    desk.status()["smtp"]["state"].as_str().expect("a state").to_owned()
}

fn await_smtp(desk: &Desk, state: &str) {
    eventually(PATIENCE, state, || (smtp_state(desk) == state).then_some(()));
}

#[test]
fn a_refused_smtp_login_is_told_at_once_and_a_mended_one_lets_everything_leave_at_once() {
    let sink = Sink::start();
    let mut desk = Desk::new(&shop(&sink));
    sink.misbehave(Step::Auth, "", Fault::Reply("535 5.7.8 wrong password"), usize::MAX);
    desk.start();
    assert_eq!(smtp_state(&desk), "untried");
    for number in 0..3 {
        desk.deliver("info", &question(number).bytes());
    }
    await_smtp(&desk, "login-refused");
    let (status, code) = desk.status_and_code();
    assert_eq!(code, 1, "{status}");
    assert!(status["smtp"]["error"].as_str().expect("an error").contains("535 5.7.8 wrong password"));
    assert!(status["smtp"]["next_try_at"].is_string(), "{status}");
    let told = faults(&desk, "smtp");
    assert!(told[0].0.contains("535 5.7.8") && told[0].0.contains("next try"), "{told:?}");
    assert!(told[0].1.contains("systemctl reload"), "{told:?}");
    let shown = desk.run(&["status"]).stdout;
    assert!(shown.contains("login-refused") && shown.contains("needs somebody"), "{shown}");
    sink.behave();
    desk.daemon().signal("HUP");
    eventually(PATIENCE, "all has left", || (desk.decided() == 3 && desk.nothing_to_send()).then_some(()));
    assert_eq!(sink.count(), 9, "a receipt and two notifications each");
    assert_eq!(desk.status_and_code().1, 0, "{}", desk.status());
    assert_eq!((smtp_state(&desk).as_str(), faults(&desk, "smtp")), ("working", vec![]));
    assert!(desk.stop().0.success());
}

#[test]
fn a_restart_lets_everything_leave_at_once_that_waited_for_a_login_or_another_attempt() {
    let sink = Sink::start();
    let mut desk = Desk::new(&shop(&sink));
    sink.misbehave(Step::Rcpt, "c1@client.example", Fault::Reply("451 4.7.1 greylisted"), 1);
    desk.start();
    desk.deliver("info", &question(1).bytes());
    let deferred = || desk.status()["outbox"]["deferred"] == 1;
    eventually(PATIENCE, "one waits for another attempt", || deferred().then_some(()));
    sink.misbehave(Step::Auth, "", Fault::Reply("535 5.7.8 wrong password"), usize::MAX);
    sink.misbehave(Step::Rcpt, "c2@client.example", Fault::Drop, 1);
    desk.deliver("info", &question(2).bytes());
    await_smtp(&desk, "login-refused");
    assert!(desk.stop().0.success());
    assert_eq!(smtp_state(&desk), "unknown", "no daemon, no word");
    sink.behave();
    desk.start();
    eventually(PATIENCE, "all has left", || desk.nothing_to_send().then_some(()));
    assert_eq!((desk.decided(), sink.count()), (2, 6));
    assert!(desk.stop().0.success());
}

#[test]
fn outbox_retry_all_tries_what_waits_and_what_failed() {
    let sink = Sink::start();
    let mut desk = Desk::new(&shop(&sink));
    sink.misbehave(Step::Rcpt, "c1@client.example", Fault::Reply("451 4.7.1 greylisted"), 1);
    sink.misbehave(Step::Rcpt, "c2@client.example", Fault::Reply("550 5.1.1 nobody"), 1);
    desk.start();
    desk.deliver("info", &question(1).bytes());
    desk.deliver("info", &question(2).bytes());
    let waits = || {
        let outbox = &desk.status()["outbox"];
        outbox["deferred"] == 1 && outbox["failed"] == 1
    };
    eventually(PATIENCE, "one waits, one failed", || waits().then_some(()));
    assert_eq!(desk.run(&["outbox", "retry"]).code, 2);
    assert_eq!(desk.run(&["outbox", "retry", "--all"]).stdout, "2 mails due now\n");
    eventually(PATIENCE, "all has left", || (sink.count() == 6).then_some(()));
    assert!(desk.stop().0.success());
}

#[test]
fn status_says_that_the_config_is_newer_until_it_is_in_force_and_why_it_was_not_taken() {
    let sink = Sink::start();
    let config = shop(&sink);
    let mut desk = Desk::new(&config);
    assert_eq!(desk.run(&["status", "--json"]).code, 1, "nothing runs");
    desk.start();
    let (status, code) = desk.status_and_code();
    let daemon = &status["daemon"];
    assert_eq!((&daemon["running"], &daemon["config"], code), (&true.into(), &"current".into(), 0), "{status}");
    assert_eq!(daemon["pid"], desk.daemon().pid(), "{status}");
    assert!(daemon["since"].is_string());
    let in_force = |desk: &Desk| {
        let (status, code) = desk.status_and_code();
        (status["daemon"]["config"].as_str().expect("a word").to_owned(), code)
    };
    desk.write_config(&format!("{}# changed\n", config.toml()));
    assert_eq!(in_force(&desk), ("newer".to_owned(), 1));
    assert!(faults(&desk, "config")[0].1.contains("systemctl reload"));
    desk.write_config(&format!("{}oops = 1\n", config.toml()));
    desk.daemon().signal("HUP");
    let refused = || desk.log().contains("the config was not reloaded");
    eventually(PATIENCE, "the fault is logged", || refused().then_some(()));
    desk.write_config(&format!("{}# mended\n", config.toml()));
    eventually(PATIENCE, "doctor says why", || {
        faults(&desk, "config").first()?.0.contains("was not reloaded").then_some(())
    });
    desk.daemon().signal("HUP");
    eventually(PATIENCE, "it is in force", || (in_force(&desk) == ("current".to_owned(), 0)).then_some(()));
    assert!(desk.stop().0.success());
    let status = desk.status();
    assert_eq!((&status["daemon"]["running"], &status["daemon"]["pid"]), (&false.into(), &Value::Null), "{status}");
}

#[test]
fn tickets_of_a_removed_department_are_named_and_go_to_their_mailboxs_department() {
    let sink = Sink::start();
    let config = shop(&sink);
    let mut desk = Desk::new(&config);
    desk.start();
    let refund = Mail::new("ewa@client.example", INFO, "Refund", "I want a refund.");
    desk.receive("info", &refund, 1);
    let number = desk.ticket_of("ewa@client.example");
    assert_eq!(desk.ticket(number)["department"], "returns");
    let (people, _) = config.people.split_once("[[department]]\nid = \"returns\"").expect("the department");
    desk.write_config(&DeskConfig { people: people.to_owned(), ..config.clone() }.toml());
    let told = faults(&desk, "departments");
    assert!(told[0].0.contains("1 ticket of department `returns`"), "{told:?}");
    assert_eq!(desk.status_and_code().1, 1);
    desk.daemon().signal("HUP");
    eventually(PATIENCE, "it has moved", || (desk.ticket(number)["department"] == "support").then_some(()));
    assert!(desk.ticket(number)["events"].to_string().contains("the former is not in the config"));
    assert_eq!((faults(&desk, "departments"), desk.status_and_code().1), (vec![], 0));
    assert!(desk.stop().0.success());
}

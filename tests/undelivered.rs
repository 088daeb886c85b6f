//! Mails to agents that the server does not take: somebody hears of the ticket, and whoever keeps the desk hears why.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::sink::{Fault, Sink, Step, Taken};
use support::*;

const INFO: &str = "info@example.test";
const ANNA: &str = "anna@example.test";
const JAN: &str = "jan@example.test";
const OLGA: &str = "olga@example.test";
const NO_SUCH_USER: Fault = Fault::Reply("550 5.1.1 no such user");

struct Office {
    sink: Sink,
    desk: Desk,
    mails: u64,
}

impl Office {
    /// The shop, with Olga for a manager; `change` makes another one of its people.
    fn of(change: impl Fn(String) -> String) -> Self {
        let sink = Sink::start();
        let mut config = DeskConfig::shop().plain_smtp(sink.port).maildir("info", "support", "");
        config.people = change(config.people.replace("id = \"olga\"", "id = \"olga\"\nrole = \"manager\""));
        let mut desk = Desk::new(&config);
        desk.start();
        Self { sink, desk, mails: 0 }
    }

    fn new() -> Self {
        Self::of(|people| people)
    }

    fn deliver(&mut self, mail: &Mail) {
        self.mails += 1;
        self.desk.deliver("info", &mail.bytes());
    }

    /// Waits until nothing is left to do: what fails is seen to, and what is sent instead has left or failed too.
    fn settle(&self) {
        let mut quiet = 0;
        eventually(PATIENCE, "all is decided, sent or given up", || {
            let still = self.desk.decided() >= self.mails && self.desk.nothing_to_send() && self.seen_to();
            quiet = if still { quiet + 1 } else { 0 };
            (quiet >= 3).then_some(())
        });
    }

    /// Whether every failed mail has left a line of history.
    fn seen_to(&self) -> bool {
        let outbox = self.desk.json(&["outbox", "list"]);
        let failed = outbox.as_array().expect("an array").iter().filter(|mail| mail["state"] == "failed");
        failed.filter(|mail| mail["kind"] == "notification").all(|mail| {
            let ticket = self.desk.ticket(mail["ticket"].as_u64().expect("a number"));
            ticket["events"].to_string().contains(mail["recipient"].as_str().expect("an address"))
        })
    }

    fn to(&self, address: &str) -> Vec<Taken> {
        self.sink.taken_for(address)
    }

    fn await_mails(&self, address: &str, count: usize) -> Vec<Taken> {
        eventually(PATIENCE, &format!("{count} mails to {address}"), || {
            let taken = self.to(address);
            (taken.len() >= count).then_some(taken)
        })
    }

    /// Who cannot be reached, as `status --json` says.
    fn unreachable(&self) -> Vec<String> {
        let status = self.desk.status();
        let agents = status["unreachable"].as_array().expect("an array").iter();
        agents.map(|gone| gone["agent"].as_str().expect("an id").to_owned()).collect()
    }

    /// What `doctor` complains about.
    fn faults(&self) -> String {
        let report: Value = serde_json::from_str(&self.desk.run(&["doctor", "--json"]).stdout).expect("JSON");
        let checks = report["checks"].as_array().expect("checks").iter().filter(|one| one["ok"] == false);
        checks.map(|one| format!("{}: {}", one["check"], one["detail"])).collect::<Vec<_>>().join("\n")
    }
}

fn ask(words: &str) -> Mail {
    Mail::new("Ewa <ewa@client.example>", INFO, "Broken lamp", words)
}

fn size(taken: &Taken) -> usize {
    taken.mail.raw.len()
}

#[test]
fn a_photo_too_large_for_the_server_is_named_and_every_agent_sees_the_ticket() {
    let mut office = Office::new();
    office.sink.limit(10_240_000);
    office.deliver(&ask("See the photo.").attach("lamp.jpg", &vec![7; 8_500_000]));
    for agent in [ANNA, JAN] {
        let told = &office.await_mails(agent, 1)[0];
        assert!(told.mail.text().contains("lamp.jpg (8.5 MB)"), "{}", told.mail.text());
        assert!(told.mail.text().contains("See the photo.") && size(told) < 1_000_000);
    }
    office.deliver(&ask("And a smaller one.").attach("small.jpg", &vec![7; 5_000_000]));
    assert!(office.await_mails(JAN, 2).iter().any(|told| !told.mail.attachments().is_empty()));
    office.settle();
    assert_eq!(office.desk.status()["outbox"]["failed"], 0);
    assert!(office.desk.stop().0.success());
}

#[test]
fn a_server_that_takes_less_than_expected_gets_the_mail_without_files_and_the_next_one_fits() {
    let mut office = Office::new();
    office.sink.limit(2_000_000);
    office.deliver(&ask("First photo.").attach("first.jpg", &vec![7; 3_000_000]));
    for agent in [ANNA, JAN] {
        let told = &office.await_mails(agent, 1)[0];
        let text = told.mail.text();
        assert!(text.contains("First photo.") && text.contains("first.jpg (3.0 MB)"), "{text}");
    }
    office.settle();
    let failed = office.desk.status()["outbox"]["failed"].as_u64();
    office.deliver(&ask("Second photo.").attach("second.jpg", &vec![7; 3_000_000]));
    office.await_mails(JAN, 2);
    office.settle();
    assert_eq!(office.desk.status()["outbox"]["failed"].as_u64(), failed, "it was fitted before it was sent");
    assert_eq!(office.unreachable(), Vec::<String>::new());
    assert!(office.desk.stop().0.success());
}

#[test]
fn a_megabyte_of_empty_lines_does_not_become_nine_for_every_agent() {
    let mut office = Office::new();
    office.deliver(&ask(&format!("It begins here.\n\n{}", "a\n\n".repeat(333_000))));
    let told = &office.await_mails(JAN, 1)[0];
    assert!(size(told) <= 1_100_000, "{} bytes", size(told));
    assert!(told.mail.text().contains("It begins here."));
    assert!(told.mail.text().contains("postroom ticket show 1001"), "it says that it was cut");
    assert!(office.desk.stop().0.success());
}

#[test]
fn a_notification_refused_for_its_content_comes_again_without_the_customers_words() {
    let mut office = Office::new();
    office.sink.misbehave(Step::Dot, JAN, Fault::Reply("554 5.7.1 this is spam"), 1);
    office.deliver(&ask("Buy cheap watches.").attach("watches.zip", b"PK"));
    let told = &office.await_mails(JAN, 1)[0];
    for word in ["watches", "Broken lamp", "Ewa", "ewa@client.example"] {
        assert!(!told.mail.everything().contains(word), "{word}: {}", told.mail.text());
    }
    assert_eq!(told.mail.subject(), "[#1001]");
    assert!(
        told.mail.text().contains("554 5.7.1 this is spam") && told.mail.text().contains("postroom ticket show 1001")
    );
    assert!(office.await_mails(ANNA, 1)[0].mail.text().contains("watches"), "hers was taken as it is");
    office.settle();
    assert_eq!((office.to(JAN).len(), office.to(ANNA).len(), office.to(OLGA).len()), (1, 1, 0));
    assert_eq!(office.unreachable(), Vec::<String>::new(), "nothing is wrong with his address");
    assert!(office.desk.stop().0.success());
}

#[test]
fn an_agent_whose_address_is_refused_counts_as_absent_and_colleagues_and_managers_hear_once_a_day() {
    let mut office = Office::new();
    office.sink.misbehave(Step::Rcpt, JAN, NO_SUCH_USER, usize::MAX);
    office.deliver(&ask("It flickers."));
    let told = &office.await_mails(OLGA, 1)[0];
    assert!(told.mail.text().contains("It flickers."), "{}", told.mail.text());
    assert!(told.mail.header("X-Postroom-Reason").contains("not-told"));
    assert!(told.mail.text().contains("550 5.1.1 no such user"), "{}", told.mail.text());
    office.await_mails(ANNA, 2);
    office.settle();
    assert_eq!(office.unreachable(), ["jan"]);
    assert_eq!(office.desk.status_and_code().1, 1);
    assert!(office.faults().contains("agent `jan` cannot be reached at `jan@example.test`"), "{}", office.faults());
    let shown = office.desk.run(&["status"]).stdout;
    assert!(shown.contains("agent `jan` cannot be reached"), "{shown}");
    let tried = office.sink.fired(Step::Rcpt);
    let second = Mail::new("bob@client.example", INFO, "Second", "A second matter.");
    office.deliver(&second);
    office.await_mails(ANNA, 3);
    office.settle();
    assert_eq!((office.to(ANNA).len(), office.to(OLGA).len()), (3, 1), "nobody hears of it twice");
    assert_eq!(office.sink.fired(Step::Rcpt), tried, "who is absent is spared what others are told");
    office.sink.behave();
    assert!(office.desk.run(&["outbox", "retry", "--all"]).stdout.contains("due now"));
    office.await_mails(JAN, 1);
    eventually(PATIENCE, "he can be reached", || office.unreachable().is_empty().then_some(()));
    let third = Mail::new("carol@client.example", INFO, "Third", "A third matter.");
    office.deliver(&third);
    office.await_mails(JAN, 2);
    assert_eq!(office.desk.status_and_code().1, 0, "{}", office.desk.status());
    assert!(office.desk.stop().0.success());
}

#[test]
fn an_agent_who_is_back_is_tried_again_and_named_no_more() {
    let mut office = Office::new();
    office.sink.misbehave(Step::Rcpt, JAN, NO_SUCH_USER, usize::MAX);
    office.deliver(&ask("It flickers."));
    office.await_mails(OLGA, 1);
    office.settle();
    assert_eq!(office.unreachable(), ["jan"]);
    office.sink.behave();
    assert_eq!(office.desk.run(&["agent", "back", "jan"]).code, 0);
    assert_eq!(office.unreachable(), Vec::<String>::new());
    office.deliver(&Mail::new("bob@client.example", INFO, "Second", "A second matter."));
    office.await_mails(JAN, 1);
    assert!(office.desk.stop().0.success());
}

#[test]
fn what_a_customer_writes_on_the_ticket_of_an_unreachable_agent_reaches_a_colleague() {
    let mut office = Office::new();
    office.deliver(&ask("It flickers."));
    let told = office.await_mails(JAN, 1)[0].mail.clone();
    let take = Mail::new(JAN, &told.answer_address(), &format!("Re: {}", told.subject()), "#take")
        .answering(&told.message_id())
        .header("Delivered-To", &told.answer_address());
    office.deliver(&take);
    eventually(PATIENCE, "he has it", || (office.desk.ticket(1001)["assignee"] == "jan").then_some(()));
    office.settle();
    let before = office.to(ANNA).len();
    office.sink.misbehave(Step::Rcpt, JAN, NO_SUCH_USER, usize::MAX);
    for words in ["It smokes.", "It burns."] {
        office.deliver(&Mail::new("ewa@client.example", INFO, "Re: [#1001] Broken lamp", words));
        eventually(PATIENCE, "she reads it", || {
            office.to(ANNA).iter().skip(before).any(|told| told.mail.text().contains(words)).then_some(())
        });
        office.settle();
    }
    assert_eq!(office.to(OLGA).len(), 1, "the manager heard once that he cannot be reached");
    assert!(office.desk.stop().0.success());
}

#[test]
fn when_nobody_is_left_to_be_told_status_and_doctor_and_the_log_say_so_and_nothing_goes_round_in_circles() {
    let mut office = Office::new();
    office.sink.misbehave(Step::Dot, "@example.test", Fault::Reply("554 5.7.1 no"), usize::MAX);
    office.sink.misbehave(Step::Rcpt, OLGA, NO_SUCH_USER, usize::MAX);
    office.deliver(&ask("It flickers."));
    eventually(PATIENCE, "it is logged", || office.desk.log().contains("nobody is left to be told").then_some(()));
    office.settle();
    let failed = office.desk.status()["outbox"]["failed"].as_u64().expect("a number");
    assert!((5..=12).contains(&failed), "{}", office.desk.run(&["outbox", "list"]).stdout);
    assert!(office.faults().contains("nobody could be told"), "{}", office.faults());
    assert_eq!(office.desk.status_and_code().1, 1);
    assert!(office.desk.stop().0.success());
}

/// A report that names no Message-ID of ours, to the address that the notification was sent from.
fn report(to: &str, recipient: &str) -> Vec<u8> {
    format!(
        "Delivered-To: {to}\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Date: Tue, 01 Dec 2026 10:00:00 +0000\r\nMessage-ID: <dsn1@mx.example>\r\nAuto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn a_notification_that_comes_back_later_counts_as_refused() {
    let mut office = Office::new();
    office.deliver(&ask("It flickers."));
    let told = &office.await_mails(JAN, 1)[0];
    assert!(told.from.starts_with("info+1001.jan.") && told.from.ends_with("@example.test"), "{}", told.from);
    let receipt = &office.await_mails("ewa@client.example", 1)[0];
    assert_eq!(receipt.from, "", "a customer's mail leaves as before");
    office.settle();
    office.mails += 1;
    office.desk.deliver("info", &report(&told.from, JAN));
    let passed = &office.await_mails(OLGA, 1)[0];
    assert!(passed.mail.text().contains("It flickers.") && passed.mail.text().contains("user unknown"));
    office.settle();
    assert_eq!(office.unreachable(), ["jan"]);
    assert_eq!(office.desk.tickets().len(), 1, "the report is no ticket");
    assert!(office.desk.stop().0.success());
}

#[test]
fn who_cannot_be_reached_is_given_no_tickets_and_keeps_none_that_they_never_heard_of() {
    let in_turn = "name = \"Support\"\nassignment = \"round-robin\"";
    let mut office = Office::of(|people| people.replace("name = \"Support\"", in_turn));
    office.sink.misbehave(Step::Rcpt, ANNA, NO_SUCH_USER, usize::MAX);
    for number in 1..=4_u64 {
        let from = format!("c{number}@client.example");
        office.deliver(&Mail::new(&from, INFO, &format!("Question {number}"), "Where is it?"));
        office.settle();
        let ticket = office.desk.ticket(1000 + number);
        assert_eq!(ticket["assignee"], "jan", "{ticket}");
        let told = office.to(JAN);
        assert!(told.iter().any(|told| told.mail.subject().contains(&format!("Question {number}"))), "{number}");
    }
    assert_eq!(office.unreachable(), ["anna"]);
    assert!(office.desk.stop().0.success());
}

#[test]
fn a_mail_of_an_agents_that_comes_back_leaves_out_and_names_files_that_the_server_does_not_take() {
    let mut office = Office::new();
    office.sink.limit(2_000_000);
    office.deliver(&ask("It flickers."));
    let told = office.await_mails(JAN, 1)[0].mail.clone();
    let answer = Mail::new(JAN, &told.answer_address(), &format!("Re: {}", told.subject()), "#oops\nSee the manual.")
        .answering(&told.message_id())
        .header("Delivered-To", &told.answer_address())
        .attach("manual.pdf", &vec![7; 3_000_000]);
    office.deliver(&answer);
    let back = &office.await_mails(JAN, 2)[1].mail;
    let text = back.text();
    assert!(text.contains("See the manual.") && text.contains("manual.pdf (3.0 MB)"), "{text}");
    assert_eq!(back.attachments(), []);
    office.settle();
    assert_eq!(office.desk.status()["outbox"]["failed"], 0);
    assert!(office.desk.stop().0.success());
}

//! The program from outside, without any server: a Maildir for a mailbox, a directory for SMTP, and the commands.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use serde_json::Value;
use support::*;

const INFO: &str = "info@example.test";

fn shop() -> DeskConfig {
    DeskConfig::shop().maildir("info", "support", "")
}

fn started() -> Desk {
    let mut desk = Desk::new(&shop());
    desk.start();
    desk
}

fn zwrot() -> Mail {
    Mail::new("Zofia Lis <zofia@client.example>", INFO, "Zwrot butów", "Dzień dobry, proszę o zwrot pieniędzy.")
}

/// The keys of an object, in the order in which they are printed.
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn tickets_are_printed_with_the_promised_keys() {
    let mut desk = started();
    desk.receive("info", &zwrot().header("Cc", "Adam <adam@client.example>").attach("scan.pdf", b"%PDF"), 1);
    let listed = desk.tickets().remove(0);
    let of_list = ["number", "subject", "department", "status", "priority", "assignee", "requester", "participants"];
    let of_list = [&of_list[..], &["proposed", "created_at", "updated_at", "tags"]].concat();
    assert_eq!(keys(&listed), of_list);
    let number = listed["number"].as_u64().unwrap();
    let ticket = desk.ticket(number);
    assert_eq!(keys(&ticket), [&of_list[..], &["messages", "events"]].concat());
    assert_eq!(ticket["requester"], serde_json::json!({"name": "Zofia Lis", "address": "zofia@client.example"}));
    assert_eq!(ticket["subject"], "Zwrot butów");
    assert_eq!(ticket["department"], "returns");
    assert_eq!(ticket["status"], "new");
    assert_eq!(ticket["priority"], "normal");
    assert!(ticket["assignee"].is_null());
    assert!(ticket["created_at"].as_str().unwrap().ends_with('Z'), "{}", ticket["created_at"]);
    let message = &ticket["messages"][0];
    let of_message = ["id", "kind", "visibility", "from", "to", "cc", "date", "message_id", "text", "attachments"];
    assert_eq!(keys(message), [&of_message[..], &["sender"]].concat());
    assert_eq!((&message["kind"], &message["visibility"]), (&"customer".into(), &"public".into()));
    assert_eq!(message["cc"][0]["address"], "adam@client.example");
    assert_eq!(message["attachments"][0]["name"], "scan.pdf");
    assert_eq!(keys(&ticket["events"][0]), ["at", "actor", "kind", "detail", "data"]);
    let data = &ticket["events"][0]["data"];
    assert_eq!((&ticket["events"][0]["kind"], &data["by"]), (&"opened".into(), &"zofia@client.example".into()));
    assert_eq!((&data["message"], &data["machine"]), (&message["id"], &Value::Null));
    let routed = ticket["events"].as_array().unwrap().iter().find(|event| event["kind"] == "routed").unwrap();
    assert_eq!(routed["data"]["to"], "returns");

    for (filter, count) in [
        (["--department", "returns"], 1),
        (["--department", "support"], 0),
        (["--status", "new"], 1),
        (["--status", "closed"], 0),
        (["--requester", "zofia@client.example"], 1),
        (["--assignee", "anna"], 0),
    ] {
        let found = desk.json(&[&["ticket", "list"], &filter[..]].concat());
        assert_eq!(found.as_array().unwrap().len(), count, "{filter:?}");
    }
    assert_eq!(desk.run(&["ticket", "show", "999999"]).code, 1, "no such ticket");
}

#[test]
fn status_counts_every_mail_of_a_mailbox() {
    let mut desk = started();
    desk.receive("info", &zwrot(), 1);
    let status = desk.status();
    assert_eq!(
        keys(&status),
        ["mailboxes", "outbox", "tickets", "daemon", "smtp", "unreachable", "limited", "trouble"]
    );
    let mailbox = &status["mailboxes"][0];
    assert_eq!(keys(mailbox), ["id", "connected", "error", "next_try_at", "last_mail_at", "ledger", "gap"]);
    let ledger = serde_json::json!({"ticket": 1, "duplicate": 0, "quarantined": 0, "ignored": 0, "waiting": 0});
    assert_eq!(mailbox["ledger"], ledger);
    assert_eq!(mailbox["gap"], 0);
    assert_eq!(mailbox["connected"], true);
    assert_eq!(keys(&status["outbox"]), ["queued", "deferred", "uncertain", "failed"]);
    let tickets = serde_json::json!({"new": 1, "open": 0, "waiting": 0, "resolved": 0, "closed": 0});
    assert_eq!(status["tickets"], tickets);
}

#[test]
fn explain_tells_the_route_and_changes_nothing() {
    let desk = Desk::new(&shop());
    std::fs::write(desk.path("mail.eml"), zwrot().bytes()).unwrap();
    let told = desk.json(&["explain", desk.path("mail.eml").to_str().unwrap()]);
    let expected = ["ticket", "thread_reason", "department", "reason", "scores", "automated", "would_send"];
    assert_eq!(keys(&told), expected);
    assert_eq!(told["department"], "returns");
    assert_eq!(told["reason"]["kind"], "keywords");
    let score = &told["scores"][0];
    assert_eq!(keys(score), ["department", "score", "hits"]);
    assert_eq!(score["score"], 2, "once a mail, twice its weight because of the subject: {score}");
    assert_eq!(keys(&score["hits"][0]), ["keyword", "where", "text"]);
    assert!(told["would_send"].as_array().unwrap().iter().any(|sent| sent == "acknowledgement"), "{told}");
    assert!(!desk.path("postroom.db").exists() || desk.tickets().is_empty());
}

#[test]
fn an_address_of_a_department_beats_keywords_and_the_mailbox_comes_last() {
    let desk = Desk::new(&shop());
    let told = |to: &str, subject: &str| {
        std::fs::write(desk.path("mail.eml"), Mail::new("a@client.example", to, subject, "Hi.").bytes()).unwrap();
        let told = desk.json(&["explain", desk.path("mail.eml").to_str().unwrap()]);
        format!("{} {}", told["department"].as_str().unwrap(), told["reason"]["kind"].as_str().unwrap())
    };
    assert_eq!(told("support@example.test", "zwrot"), "support address");
    assert_eq!(told("zwroty-pl+x@example.test", "login"), "returns address");
    assert_eq!(told(INFO, "ZWROTOWI"), "returns keywords");
    assert_eq!(told(INFO, "bezzwrotny"), "support mailbox");
    assert_eq!(told(INFO, "Возврата жду"), "returns keywords");
}

#[test]
fn an_agents_reply_goes_out_as_the_departments_and_a_wrong_command_comes_back() {
    let mut desk = started();
    desk.receive("info", &zwrot(), 1);
    let notification = desk.sent_to("anna@example.test").remove(0);
    assert_eq!(desk.sent_to("zofia@client.example").len(), 1, "the acknowledgement");
    let reply = |text: &str| {
        let reply_to = notification.answer_address();
        Mail::new("anna@example.test", &reply_to, &format!("Re: {}", notification.subject()), text)
            .answering(&notification.message_id())
            .header("Delivered-To", &reply_to)
    };
    desk.receive("info", &reply("#frobnicate\n\nThese words must not leave.\n"), 2);
    assert_eq!(desk.sent_to("zofia@client.example").len(), 1, "nothing goes to the customer");
    let notice = desk.sent_to("anna@example.test").pop().unwrap();
    assert!(notice.text().contains("#frobnicate") && notice.text().contains("must not leave"), "{}", notice.text());

    desk.receive("info", &reply("Oczywiście, zwrócimy pieniądze.\n"), 3);
    let answers = desk.sent_to("zofia@client.example");
    assert_eq!(answers.len(), 2);
    let answer = answers.iter().find(|mail| mail.text().contains("zwrócimy pieniądze")).expect("the answer");
    assert_eq!(answer.author().1, "returns@example.test");
    assert!(!answer.everything().contains("anna@"));
}

#[test]
fn a_participant_who_keeps_only_the_subject_reaches_the_ticket() {
    let mut desk = started();
    desk.receive("info", &zwrot(), 1);
    let number = desk.ticket_of("zofia@client.example");
    let bare = Mail::new("zofia@client.example", INFO, &format!("Odp: [#{number}] Zwrot butów"), "I jeszcze jedno.");
    desk.receive("info", &bare, 2);
    assert_eq!(desk.ticket(number)["messages"].as_array().unwrap().len(), 2);
    assert_eq!(desk.sent_to("zofia@client.example").len(), 1, "one acknowledgement a ticket");
}

#[test]
fn without_plus_addressing_the_message_id_proves_the_agent() {
    let mut desk = Desk::new(&DeskConfig::shop().maildir("info", "support", "subaddress = \"\""));
    desk.start();
    desk.receive("info", &Mail::new("zofia@client.example", INFO, "Hasło", "Nie działa."), 1);
    let notification = desk.sent_to("jan@example.test").remove(0);
    assert!(!notification.answer_address().contains('+'), "{}", notification.answer_address());
    let subject = format!("Re: {}", notification.subject());
    let answer = Mail::new("jan@example.test", &notification.answer_address(), &subject, "Try again, please.");
    let spoofed = answer.clone().id("other@example.test");
    desk.receive("info", &answer.answering(&notification.message_id()), 2);
    desk.receive("info", &spoofed, 3);
    let to_customer = desk.sent_to("zofia@client.example");
    let answers = to_customer.iter().filter(|mail| mail.text().contains("Try again")).count();
    assert_eq!(answers, 1, "only the mail with the signed Message-ID is an agent's");
}

#[test]
fn one_address_gets_no_more_acknowledgements_a_day_than_the_limit() {
    let mut desk = started();
    for number in 0..5 {
        let mail = Mail::new("zofia@client.example", INFO, &format!("Matter {number}"), "Another one.");
        desk.receive("info", &mail, number + 1);
    }
    assert_eq!(desk.tickets().len(), 5);
    assert_eq!(desk.sent_to("zofia@client.example").len(), 3);
    desk.stop();
    desk.start();
    desk.receive("info", &Mail::new("zofia@client.example", INFO, "Matter 6", "After a restart."), 6);
    assert_eq!(desk.sent_to("zofia@client.example").len(), 3, "the limit survives a restart");
}

#[test]
fn the_demo_needs_no_server_and_no_config() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_postroom"));
    command.arg("demo").arg("--dir").arg(directory.path().join("demo")).env_remove("POSTROOM_CONFIG");
    let done = process::finish(command, PATIENCE);
    assert_eq!(done.code, 0, "{}\n{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("keywords") && done.stdout.lines().count() > 20, "{}", done.stdout);
    // A combining mark takes no column, but the demo's own texts have none.
    for line in done.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(
        done.stdout.contains("| Reply-To: ") && done.stdout.contains("| the corrected invoice is on its way"),
        "{}",
        done.stdout
    );
}

#[test]
fn the_commands_that_the_demo_prints_work_as_they_stand() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_postroom"));
    command.arg("demo").arg("--dir").arg(directory.path().join("a demo")).env_remove("POSTROOM_CONFIG");
    let done = process::finish(command, PATIENCE);
    let (_, places) = done.stdout.split_once("Where to look").expect("places");
    let commands: Vec<String> =
        places.replace("\\\n", "").lines().filter(|line| line.contains(" -c ")).map(str::to_owned).collect();
    assert_eq!(commands.len(), 2, "{places}");
    for typed in commands {
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(&typed).current_dir("/").env_remove("POSTROOM_CONFIG");
        let shown = process::finish(shell, PATIENCE);
        assert_eq!(shown.code, 0, "{typed}: {}", shown.stderr);
        assert!(shown.stdout.lines().count() > 5, "{typed}: {}", shown.stdout);
    }
}

#[test]
fn the_same_mail_twice_is_a_duplicate_and_sends_nothing_again() {
    let mut desk = started();
    let mail = zwrot();
    desk.receive("info", &mail, 1);
    let sent = desk.sent().len();
    desk.receive("info", &mail, 2);
    assert_eq!(desk.status()["mailboxes"][0]["ledger"]["duplicate"], 1);
    assert_eq!((desk.tickets().len(), desk.sent().len()), (1, sent));
}

#[test]
fn mail_older_than_a_day_is_taken_but_answered_by_nobody() {
    let mut desk = Desk::new(&shop());
    desk.deliver_old("info", &zwrot().bytes(), Duration::from_hours(72));
    desk.start();
    desk.settled(1);
    assert_eq!(desk.tickets().len(), 1);
    assert!(desk.sent().is_empty(), "nothing is sent for an old mail");
}

#[test]
fn first_contact_with_import_new_leaves_the_old_mails_alone() {
    let mut desk = Desk::new(&DeskConfig::shop().maildir("info", "support", "import = \"new\""));
    desk.deliver("info", &zwrot().bytes());
    desk.start();
    eventually(PATIENCE, "the first look at the mailbox", || {
        (desk.status()["mailboxes"][0]["connected"] == true).then_some(())
    });
    eventually(PATIENCE, "the old mail is accounted for", || (desk.status()["mailboxes"][0]["gap"] == 0).then_some(()));
    desk.deliver("info", &Mail::new("new@client.example", INFO, "New", "Came later.").bytes());
    let tickets =
        eventually(PATIENCE, "a ticket of the new mail", || Some(desk.tickets()).filter(|all| !all.is_empty()));
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets[0]["requester"]["address"], "new@client.example");
}

#[test]
fn hostile_and_broken_mails_are_all_accounted_for_and_block_nobody() {
    let mut desk = started();
    let mails: [&[u8]; 6] = [
        b"",
        b"\0\xff\xfe\x01garbage without any header",
        b"Subject: only a header\r\n",
        b"From: \"=?utf-8?b?Qm9iDQpCY2M6IGV2aWxAZXZpbC5leGFtcGxl?=\" <bob@client.example>\r\nSubject: name\r\n\r\nHi.\r\n",
        b"From: a@client.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nopen",
        b"From: b@client.example\rSubject: bare CR\r\rtext\r",
    ];
    for mail in mails {
        desk.deliver("info", mail);
    }
    desk.deliver("info", &zwrot().bytes());
    desk.settled(7);
    let ledger = desk.status()["mailboxes"][0]["ledger"].clone();
    let quarantined = ledger["quarantined"].as_u64().unwrap();
    assert!(quarantined >= 1, "what has no header of a mail is quarantined: {ledger}");
    let list = desk.json(&["quarantine", "list"]);
    assert_eq!(list.as_array().unwrap().len() as u64, quarantined);
    let id = list[0]["id"].to_string();
    assert_eq!(desk.run(&["quarantine", "show", id.trim_matches('"')]).code, 0);
    assert_eq!(desk.tickets().len() as u64, ledger["ticket"].as_u64().unwrap() + quarantined, "{ledger}");
    desk.ticket_of("zofia@client.example");
    for mail in desk.sent() {
        assert_eq!(mail.header("Bcc"), "", "a header came in by a display name");
    }
}

#[test]
fn of_a_mail_over_the_size_limit_the_headers_become_a_ticket_that_says_so() {
    let mut desk = Desk::new(&DeskConfig::shop().maildir("info", "support", "max_message = \"20KB\""));
    desk.start();
    desk.receive("info", &zwrot().attach("big.pdf", &vec![7; 60_000]), 1);
    let ticket = desk.ticket(desk.ticket_of("zofia@client.example"));
    assert_eq!(ticket["subject"], "Zwrot butów");
    let told = format!("{ticket}\n{}", desk.sent_to("anna@example.test")[0].text());
    assert!(told.contains("max_message"), "nobody is told that the body is missing:\n{told}");
    desk.receive("info", &Mail::new("next@client.example", INFO, "Next", "Small."), 2);
    desk.ticket_of("next@client.example");
}

#[test]
fn a_second_daemon_on_the_same_database_ends_at_once() {
    let mut desk = started();
    let second = desk.run(&["run"]);
    assert_ne!(second.code, 0);
    assert!(second.took < Duration::from_secs(5), "{:?}", second.took);
    assert!(desk.daemon().ended().is_none(), "the first one is unharmed");
    desk.receive("info", &zwrot(), 1);
}

#[test]
fn a_broken_config_on_reload_is_reported_and_the_old_one_stays() {
    let mut desk = started();
    let good = shop().toml();
    desk.write_config(&good.replace("department = \"support\"", "department = \"nowhere\""));
    desk.daemon().signal("HUP");
    eventually(PATIENCE, "the fault is logged", || desk.log().contains("nowhere").then_some(()));
    desk.write_config("this is no TOML [");
    desk.daemon().signal("HUP");
    desk.deliver("info", &zwrot().bytes());
    desk.write_config(&good);
    desk.settled(1);
    assert!(desk.daemon().ended().is_none());
}

#[test]
fn sigterm_ends_the_daemon_in_order_and_nothing_is_forgotten() {
    let mut desk = Desk::new(&shop());
    for number in 0..50 {
        let mail = Mail::new(&format!("c{number}@client.example"), INFO, "Hi", "Under way.");
        desk.deliver("info", &mail.bytes());
    }
    desk.start();
    let (status, took) = desk.stop();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(20), "{took:?}");
    desk.start();
    desk.settled(50);
    assert_eq!(desk.tickets().len(), 50);
    assert_eq!(desk.sent_to("jan@example.test").len(), 50);
}

#[test]
fn check_names_every_fault_and_exits_with_78() {
    let desk = Desk::new(&shop());
    assert_eq!(desk.run(&["check"]).code, 0);
    let faulty = shop()
        .toml()
        .replace("agents = [\"anna\", \"jan\"]", "agents = [\"anna\", \"nobody\"]")
        .replace("department = \"support\"", "department = \"nowhere\"");
    desk.write_config(&faulty);
    let checked = desk.run(&["check"]);
    let told = format!("{}{}", checked.stdout, checked.stderr);
    assert_eq!(checked.code, 78, "{told}");
    let line = |word: &str| 1 + faulty.lines().position(|line| line.contains(word)).unwrap();
    for word in ["nowhere", "nobody"] {
        assert!(told.contains(word) && told.contains(&format!("postroom.toml:{}:", line(word))), "{word}: {told}");
    }
    assert!(told.contains("hint"), "{told}");
    let run = desk.run(&["run"]);
    assert_eq!(run.code, 78, "{}", run.stderr);
}

#[test]
fn wrong_usage_exits_with_2() {
    let desk = Desk::new(&shop());
    assert_eq!(desk.run(&["frobnicate"]).code, 2);
    assert_eq!(desk.run(&["ticket", "show"]).code, 2);
}

#[test]
fn parse_prints_how_a_mail_is_understood() {
    let desk = Desk::new(&shop());
    let mail = zwrot().charset("iso-8859-2").attach("scan.pdf", b"%PDF-1.4").id("a.b@client.example");
    std::fs::write(desk.path("mail.eml"), mail.bytes()).unwrap();
    let done = desk.run(&["parse", desk.path("mail.eml").to_str().unwrap()]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let parsed: Value = serde_json::from_str(&done.stdout).unwrap();
    let head = ["subject", "from", "reply_to", "to", "cc", "date", "message_id", "in_reply_to", "references"];
    let body = ["text", "reply", "quoted", "signature", "html", "automated", "bounce", "forwarded", "language"];
    assert_eq!(keys(&parsed), [&head[..], &body[..], &["attachments", "defects"]].concat());
    assert_eq!(parsed["subject"], "Zwrot butów");
    assert_eq!(parsed["message_id"], "a.b@client.example");
    assert_eq!(parsed["language"], "pl");
    let attachment = serde_json::json!({"name": "scan.pdf", "type": "application/pdf", "size": 8, "inline": false});
    assert_eq!(parsed["attachments"], serde_json::json!([attachment]));
}

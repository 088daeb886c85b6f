//! What people do to keep a desk: back it up, go back to a backup, ask the doctor, retry what was held.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::Value;
use support::*;

fn mail(number: u64) -> Mail {
    let text = format!("Question number {number}, please.");
    Mail::new(&format!("customer{number}@client.example"), "info@example.test", &format!("Question {number}"), &text)
}

/// The shop with one Maildir and its database in `state/`.
fn shop() -> Desk {
    let config = DeskConfig::shop().maildir("info", "support", "");
    let desk = Desk::new(&config);
    fs::create_dir(desk.path("state")).unwrap();
    desk.write_config(&config.toml().replace("\"postroom.db\"", "\"state/postroom.db\""));
    desk
}

/// A running desk with twenty tickets.
fn used_desk() -> (Desk, Vec<Value>) {
    let mut desk = shop();
    for number in 0..20 {
        desk.deliver("info", &mail(number).bytes());
    }
    desk.start();
    desk.settled(20);
    let tickets = all_of(&desk);
    (desk, tickets)
}

/// Every ticket with its messages.
fn all_of(desk: &Desk) -> Vec<Value> {
    desk.tickets().iter().map(|ticket| desk.ticket(ticket["number"].as_u64().unwrap())).collect()
}

/// Puts a copy in the place of the database, as the hint says.
fn restore(desk: &Desk, copy: &Path) {
    for ending in ["", "-wal", "-shm"] {
        drop(fs::remove_file(desk.path(&format!("state/postroom.db{ending}"))));
    }
    fs::rename(copy, desk.path("state/postroom.db")).unwrap();
}

#[test]
fn a_backup_is_whole_private_and_never_overwrites() {
    let (mut desk, tickets) = used_desk();
    let copy = desk.path("copy.db");
    let made = desk.json(&["backup", copy.to_str().unwrap()]);
    assert_eq!((&made["tickets"], &made["mails"]), (&20.into(), &20.into()));
    assert_eq!(made["size"], copy.metadata().unwrap().len());
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&copy).unwrap();
    let again = desk.run(&["backup", copy.to_str().unwrap()]);
    assert!(again.code == 1 && again.stderr.contains("hint: a backup never overwrites"), "{}", again.stderr);
    assert!(fs::read(&copy).unwrap() == before);
    let nowhere = desk.run(&["backup", desk.path("no/such/folder/copy.db").to_str().unwrap()]);
    assert!(nowhere.code == 1 && nowhere.stderr.contains("no/such/folder"), "{}", nowhere.stderr);
    desk.stop();
    restore(&desk, &copy);
    desk.start();
    assert_eq!(all_of(&desk), tickets);
    assert!(desk.stop().0.success());
}

/// How an older state comes back.
fn from_an_older_state(keep: impl Fn(&mut Desk, &Path), told: &str) {
    let (mut desk, _) = used_desk();
    let copy = desk.path("copy.db");
    keep(&mut desk, &copy);
    // The day that it does not know: new customers, and an answer of an agent.
    for number in 20..30 {
        desk.deliver("info", &mail(number).bytes());
    }
    desk.settled(30);
    let notification =
        desk.sent_to("jan@example.test").into_iter().find(|mail| mail.subject().contains("Question 3")).unwrap();
    let reply_to = notification.answer_address();
    let answer = Mail::new("jan@example.test", &reply_to, "Re: Question", "Here is your answer.")
        .answering(&notification.message_id())
        .header("Delivered-To", &reply_to);
    desk.receive("info", &answer, 31);
    let sent = desk.sent().len();
    desk.stop();
    restore(&desk, &copy);
    desk.start();
    desk.settled(31);
    assert_eq!(desk.tickets().len(), 30);
    assert_eq!(desk.sent().len(), sent, "nothing is sent again");
    assert!(desk.log().contains(told), "{}", desk.log());
    let ticket = desk.ticket(desk.ticket_of("customer25@client.example"));
    assert!(ticket.get("events").unwrap().to_string().contains("restored from a backup"), "{ticket}");
    let held = desk.json(&["outbox", "list"]);
    let held = held.as_array().unwrap();
    assert!(held.len() == 1 && held.iter().all(|mail| mail.get("kind").unwrap() == "answer"), "{held:?}");
    // What comes from now on is as new as ever, also after another start.
    std::thread::sleep(Duration::from_millis(1100));
    desk.receive("info", &mail(30), 32);
    desk.stop();
    desk.start();
    desk.receive("info", &mail(31), 33);
    for new in ["customer30@client.example", "customer31@client.example"] {
        assert_eq!(desk.sent_to(new).len(), 1, "{new}");
    }
    assert_eq!(desk.log().matches(told).count(), 1);
    assert!(desk.stop().0.success());
}

#[test]
fn from_a_day_old_backup_mails_are_found_again_and_nothing_is_sent_again() {
    let keep = |desk: &mut Desk, copy: &Path| drop(desk.json(&["backup", copy.to_str().unwrap()]));
    from_an_older_state(keep, "the database is a backup of");
}

#[test]
fn from_a_file_copied_by_hand_mails_are_found_again_and_nothing_is_sent_again() {
    let keep = |desk: &mut Desk, copy: &Path| {
        desk.stop();
        fs::copy(desk.path("state/postroom.db"), copy).unwrap();
        desk.start();
    };
    from_an_older_state(keep, "the database is older than the mails that left from it");
}

#[test]
fn without_the_log_of_a_crash_nothing_is_sent_again() {
    let (mut desk, _) = used_desk();
    desk.stop();
    desk.start();
    for number in 20..30 {
        desk.deliver("info", &mail(number).bytes());
    }
    desk.settled(30);
    let sent = desk.sent().len();
    desk.kill();
    for ending in ["-wal", "-shm"] {
        fs::remove_file(desk.path(&format!("state/postroom.db{ending}"))).unwrap();
    }
    desk.start();
    desk.settled(30);
    assert_eq!((desk.tickets().len(), desk.sent().len()), (30, sent));
    assert!(desk.stop().0.success());
}

/// Jan's answer to the notification about `question`.
fn jans_answer(desk: &Desk, question: &str, words: &str) -> Mail {
    let told = desk.sent_to("jan@example.test");
    let notification = told.into_iter().find(|mail| mail.subject().contains(question)).unwrap();
    let reply_to = notification.answer_address();
    Mail::new("jan@example.test", &reply_to, &format!("Re: {question}"), words)
        .answering(&notification.message_id())
        .header("Delivered-To", &reply_to)
}

/// Jan's answer comes back to him with the reason, and nobody else gets anything.
fn comes_back(desk: &mut Desk, answer: &Mail, words: &str, decided: u64) {
    let before = desk.sent().len();
    desk.deliver("info", &answer.bytes());
    desk.settled(decided);
    assert_eq!(desk.sent().len(), before + 1);
    let back = desk.sent_to("jan@example.test").into_iter().find(|mail| mail.text().contains("no longer valid"));
    assert!(back.unwrap().text().contains(words));
}

#[test]
fn after_a_restore_no_number_is_given_again_and_a_reply_to_an_old_notification_comes_back() {
    let (mut desk, _) = used_desk();
    let copy = desk.path("copy.db");
    drop(desk.json(&["backup", copy.to_str().unwrap()]));
    let of = |name: &str| {
        Mail::new(&format!("{name}@client.example"), "info@example.test", &format!("Matter of {name}"), "Hello.")
    };
    desk.receive("info", &of("alfa"), 21);
    desk.receive("info", &of("beta"), 22);
    assert_eq!((desk.ticket_of("alfa@client.example"), desk.ticket_of("beta@client.example")), (1021, 1022));
    let answer = jans_answer(&desk, "Matter of alfa", "Dear Alfa, the code is 4711.");
    desk.stop();
    restore(&desk, &copy);
    desk.start();
    desk.settled(22);
    // What is received from now on is new.
    std::thread::sleep(Duration::from_millis(1100));
    desk.receive("info", &of("gamma"), 23);
    for name in ["alfa", "beta", "gamma"] {
        assert!(desk.ticket_of(&format!("{name}@client.example")) > 1022, "{name}");
    }
    comes_back(&mut desk, &answer, "Dear Alfa, the code is 4711.", 24);
    assert!(desk.stop().0.success());
}

#[test]
fn a_secret_that_is_older_than_its_database_is_told_by_run_status_and_doctor() {
    let told = "the secret is older than this new database";
    let (mut desk, _) = used_desk();
    assert!(!desk.log().contains(told) && !desk.status().to_string().contains(told));
    let answer = jans_answer(&desk, "Question 3", "Here is your answer.");
    desk.stop();
    let config = fs::read_to_string(desk.path("postroom.toml")).unwrap();
    desk.write_config(&config.replace("state/postroom.db", "sate/postroom.db"));
    desk.start();
    desk.settled(20);
    assert!(desk.log().contains(told), "{}", desk.log());
    let shown = desk.run(&["status"]).stdout;
    assert!(shown.contains(told) && shown.contains("hint: if `"), "{shown}");
    let status = desk.run(&["status", "--json"]).stdout;
    assert!(status.contains(told), "{status}");
    let doctor: Value = serde_json::from_str(&desk.run(&["doctor", "--json"]).stdout).unwrap();
    assert!(doctor.to_string().contains(told), "{doctor}");
    assert!(desk.tickets().iter().all(|ticket| ticket["number"].as_u64().unwrap() > 1020), "no number is given again");
    comes_back(&mut desk, &answer, "Here is your answer.", 21);
    // Back where the tickets are, nothing is to be said.
    desk.stop();
    desk.write_config(&config);
    desk.start();
    desk.settled(21);
    assert!(!desk.status().to_string().contains(told));
    assert!(desk.stop().0.success());
}

#[test]
fn doctor_names_each_fault_with_what_to_do_and_changes_nothing() {
    let (mut desk, _) = used_desk();
    let healthy = desk.json(&["doctor"]);
    assert_eq!(healthy["faults"], 0, "{healthy}");
    desk.stop();
    let database = desk.path("state/postroom.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
    fs::remove_file(desk.path("secret")).unwrap();
    desk.deliver("info", &mail(20).bytes());
    let before = fs::read(&database).unwrap();
    let done = desk.run(&["doctor", "--json"]);
    assert_eq!(done.code, 1);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let faults: Vec<&Value> =
        report["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).collect();
    let mut named: Vec<&str> = faults.iter().map(|check| check["check"].as_str().unwrap()).collect();
    // The log takes its mode from the database.
    named.dedup();
    assert_eq!(named, ["daemon", "permissions", "secret", "ledger"], "{report}");
    assert!(faults.iter().all(|fault| fault["hint"].as_str().is_some_and(|hint| !hint.is_empty())), "{report}");
    assert!(fs::read(&database).unwrap() == before);
    let shown = desk.run(&["doctor"]).stdout;
    assert!(shown.contains("hint: `chmod 600") && shown.ends_with(" faults\n"), "{shown}");
}

#[test]
fn a_mail_that_ended_three_attempts_reaches_an_agent_with_its_bytes_and_a_retry_makes_of_it_what_it_should_be() {
    let (mut desk, _) = used_desk();
    desk.stop();
    // What a version leaves behind that dies of a mail: its bytes, and three attempts that did not come to an end.
    let raw = mail(20).bytes();
    let sha256 = ring::digest::digest(&ring::digest::SHA256, &raw);
    let database = Connection::open(desk.path("state/postroom.db")).unwrap();
    let sql =
        "INSERT INTO mail (sha256, size, received_at_s, encoding, bytes) VALUES (?1, ?2, unixepoch(), 'plain', ?3)";
    database.execute(sql, params![sha256.as_ref(), i64::try_from(raw.len()).unwrap(), raw]).unwrap();
    let sql = "INSERT INTO ledger (folder, uid, fate, arrival, mail, attempts, action_done, detail, recorded_at_s)
               VALUES (1, 7, 'waiting', 'live', ?1, 3, 0, '', unixepoch())";
    database.execute(sql, [database.last_insert_rowid()]).unwrap();
    database.execute("UPDATE last_id SET id = id + 1 WHERE name IN ('mail', 'ledger')", []).unwrap();
    drop(database);
    desk.start();
    let began = Instant::now();
    let shown = eventually(Duration::from_mins(1), "the mail that shows it", || {
        desk.sent_to("jan@example.test").into_iter().find(|mail| !mail.attachments().is_empty())
    });
    assert!(began.elapsed() < Duration::from_mins(1));
    assert_eq!(shown.attachments(), [("mail.eml".to_owned(), raw)], "the mail is attached as it came");
    assert_eq!(desk.ticket(1021)["department"], "support");
    let held = desk.json(&["quarantine", "list"]);
    let id = held[0]["id"].to_string().trim_matches('"').to_owned();
    assert_eq!(desk.run(&["doctor", "--json"]).code, 1, "what is held needs someone");
    let retried = desk.run(&["quarantine", "retry", &id]);
    assert!(retried.stdout.contains("is now on ticket #1022"), "{}{}", retried.stdout, retried.stderr);
    eventually(PATIENCE, "the receipt", || (desk.sent_to("customer20@client.example").len() == 1).then_some(()));
    assert!(desk.ticket(1021)["events"].to_string().contains("tried again: the mail is on ticket #1022"));
    assert_eq!(desk.json(&["quarantine", "list"]), serde_json::json!([]));
    assert!(desk.stop().0.success());
}

/// What a desk tells by all that tell of trouble.
fn told_everywhere(desk: &Desk, words: &str) -> [bool; 3] {
    let told = |arguments: &[&str]| desk.run(arguments).stdout.contains(words);
    [told(&["status"]), told(&["status", "--json"]), told(&["doctor", "--json"])]
}

#[test]
fn a_new_secret_beside_an_older_database_is_told_until_the_old_one_is_back() {
    let told = "the secret is newer than this database";
    let (mut desk, _) = used_desk();
    let answer = jans_answer(&desk, "Question 3", "Here is your answer.");
    assert_eq!(told_everywhere(&desk, told), [false; 3]);
    desk.stop();
    let (secret, old) = (desk.path("secret"), desk.path("secret.old"));
    fs::rename(&secret, &old).unwrap();
    let gone = desk.run(&["status"]).stdout;
    assert!(gone.contains("secret` is not there\n    hint: put the old one back"), "{gone}");
    desk.start();
    assert!(desk.log().contains(told), "{}", desk.log());
    assert_eq!(told_everywhere(&desk, told), [true; 3]);
    comes_back(&mut desk, &answer, "Here is your answer.", 21);
    desk.stop();
    // One that cannot be read is told as well, and nothing is put in its place.
    fs::write(&secret, "torn").unwrap();
    assert_eq!(told_everywhere(&desk, "does not hold 32 bytes in hexadecimal"), [true; 3]);
    fs::rename(&old, &secret).unwrap();
    desk.start();
    assert_eq!(told_everywhere(&desk, told), [false; 3]);
    assert!(desk.stop().0.success());
}

#[test]
fn status_and_doctor_look_at_the_database_although_the_config_has_faults() {
    let (mut desk, _) = used_desk();
    let config = fs::read_to_string(desk.path("postroom.toml")).unwrap();
    let faulty = [
        ("per_adress_per_day = 3", "unknown key `per_adress_per_day`"),
        ("tickets_per_address_per_hour = three", "`three` is neither a number nor text in quotes"),
    ];
    for (line, fault) in faulty {
        desk.write_config(&config.replace("[limits]\n", &format!("[limits]\n{line}\n")));
        let shown = desk.run(&["status"]);
        assert_eq!(shown.code, 78, "{}", shown.stdout);
        assert!(shown.stderr.contains(fault) && shown.stdout.contains("running since"), "{}", shown.stdout);
        let status: Value = serde_json::from_str(&desk.run(&["status", "--json"]).stdout).unwrap();
        let tickets: u64 = status["tickets"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        assert_eq!((tickets, status["mailboxes"][0]["id"].as_str()), (20, Some("info")), "{status}");
        assert!(status["trouble"].to_string().contains(&fault.replace('"', "\\\"")), "{status}");
        let done = desk.run(&["doctor", "--json"]);
        let report: Value = serde_json::from_str(&done.stdout).unwrap();
        let of = |check: &str| report["checks"].as_array().unwrap().iter().find(|one| one["check"] == check).cloned();
        assert_eq!((done.code, of("config").unwrap()["ok"].clone()), (78, Value::Bool(false)), "{report}");
        assert_eq!(of("database").unwrap()["ok"], true, "{report}");
    }
    assert!(desk.stop().0.success());
}

const COMMANDS: [&[&str]; 6] =
    [&["status"], &["doctor"], &["ticket", "list"], &["agent", "list"], &["outbox", "list"], &["quarantine", "list"]];

#[test]
fn a_database_that_cannot_be_opened_is_told_in_words_with_what_to_do_by_every_command() {
    let (mut desk, _) = used_desk();
    desk.stop();
    let config = fs::read_to_string(desk.path("postroom.toml")).unwrap();
    fs::create_dir(desk.path("state/folder.db")).unwrap();
    fs::write(desk.path("state/letter.txt"), "Dear aunt, this is no database at all. ".repeat(200)).unwrap();
    for (path, words, hint) in [
        ("state/postrom.db", "no database at `", "correct `desk.database`"),
        ("state/desk.db", "no database at `", "state/postroom.db`: correct `desk.database`"),
        ("sate/postroom.db", "no database at `", "state/postroom.db`: correct `desk.database`"),
        ("elsewhere/postroom.db", "elsewhere` is not there", "mount its disk"),
        ("state/folder.db", "is a folder, not a database", "name the file"),
        ("state", "is a folder, not a database", "database = \""),
        ("state/letter.txt", "it does not begin as a database does", "names another file"),
        ("postroom.toml/postroom.db", "is no folder", "correct `desk.database`"),
    ] {
        desk.write_config(&config.replace("state/postroom.db", path));
        for command in COMMANDS {
            let done = desk.run(command);
            let told = format!("{}{}", done.stdout, done.stderr);
            assert_ne!(done.code, 0, "{path}, {command:?}");
            assert!(told.contains(words) && told.contains(hint), "{path}, {command:?}: {told}");
            assert!(!told.contains("unable to open database file") && !told.contains("rror code"), "{path}: {told}");
        }
    }
    desk.write_config(&config.replace("state/postroom.db", "state/folder.db"));
    let (code, log) = desk.run_for(&["run"], PATIENCE).unwrap();
    assert!(code == 1 && log.contains("is a folder, not a database"), "{log}");
    desk.write_config(&config.replace("state/postroom.db", "elsewhere/postroom.db"));
    let checked = desk.run(&["check"]);
    assert!(
        checked.code == 0 && checked.stderr.contains("elsewhere` of `desk.database` is not there"),
        "{}",
        checked.stderr
    );
}

#[test]
fn a_database_of_root_is_told_to_root_and_to_whoever_may_not_open_it() {
    use std::os::unix::process::CommandExt as _;
    let (mut desk, _) = used_desk();
    if fs::metadata(desk.path("state/postroom.db")).unwrap().uid() != 0 {
        eprintln!("skipped: only root has files of root");
        return;
    }
    let log = desk.log();
    assert!(log.contains("state/postroom.db` belongs") && log.contains("chown -R"), "{log}");
    desk.stop();
    for path in ["", "postroom.toml"] {
        fs::set_permissions(desk.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for command in COMMANDS {
        let mut command = desk.command(command);
        let done = command.uid(65_534).gid(65_534).output().unwrap();
        let told = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert!(told.contains("state/postroom.db`, which belongs to `root` (mode 600)"), "{command:?}: {told}");
        assert!(told.contains("chown -R nobody: "), "{command:?}: {told}");
    }
}

#[test]
fn counts_that_are_wrong_are_found_by_doctor_and_made_right_when_it_is_asked_to() {
    let (mut desk, _) = used_desk();
    let sql = Connection::open(desk.path("state/postroom.db")).unwrap();
    sql.execute_batch("UPDATE ticket_tally SET tickets = tickets + 7; DELETE FROM ledger_tally").unwrap();
    drop(sql);
    let told = |arguments: &[&str]| {
        let report: Value = serde_json::from_str(&desk.run(arguments).stdout).unwrap();
        let counts = report["checks"].as_array().unwrap().iter().find(|one| one["check"] == "counts").cloned();
        counts.map(|counts| (counts["ok"] == true, counts["hint"].to_string()))
    };
    let (ok, hint) = told(&["doctor", "--json"]).unwrap();
    assert!(!ok && hint.contains("doctor --repair"), "{hint}");
    assert_eq!(told(&["doctor", "--quick", "--json"]), None);
    assert!(told(&["doctor", "--repair", "--json"]).unwrap().0);
    assert!(told(&["doctor", "--json"]).unwrap().0);
    let tickets = desk.status()["tickets"].as_object().unwrap().values().filter_map(Value::as_u64).sum::<u64>();
    assert_eq!(tickets, 20);
    assert!(desk.stop().0.success());
}

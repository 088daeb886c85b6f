//! Mail servers that attack the running daemon: answers that nest, never end, come again and again, or repeat the password.
//! Each costs its own mailbox alone; the other mailbox goes on, in little memory and with little of the processor.
#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it measured"
)]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use support::config::ImapAccess;
use support::*;

/// The most that the daemon may have in memory, in MiB.
const MEMORY: u64 = 300;
/// The most that it may use of one processor while it is attacked.
const PROCESSOR: f64 = 0.6;
/// How long an attack is watched.
const WATCHED: Duration = Duration::from_secs(4);

/// What a server does at a command, or as its greeting.
struct Attack {
    name: &'static str,
    /// The command's beginning.
    at: &'static str,
    /// Said once.
    first: String,
    /// Said until the connection ends; nothing and the connection hangs.
    then: String,
    /// What `status` says about it.
    told: &'static str,
    /// Mails that it says it has.
    mails: u32,
}

fn attack(name: &'static str, at: &'static str, first: &str, then: &str, told: &'static str) -> Attack {
    Attack { name, at, first: first.to_owned(), then: then.to_owned(), told, mails: 1 }
}

/// Serves connections until the test ends.
fn serve(attack: Attack) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let attack = Arc::new(attack);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let attack = Arc::clone(&attack);
            std::thread::spawn(move || drop(converse(stream, &attack)));
        }
    });
    port
}

/// An honest server with one mail, but for the attack.
fn converse(mut stream: TcpStream, attack: &Attack) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    if attack.at == "greeting" {
        return flood(&mut stream, "", attack);
    }
    stream.write_all(b"* OK ready\r\n")?;
    let (mut mails, mut idle_tag) = (attack.mails, String::new());
    while let Some(line) = lines.next().transpose()? {
        let (tag, command) = line.split_once(' ').unwrap_or((&idle_tag, &line));
        if command.starts_with(attack.at) {
            flood(&mut stream, tag, attack)?;
            continue;
        }
        let answer = match command.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["CAPABILITY"] => "* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n".to_owned(),
            ["SELECT", ..] => format!("* {mails} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n"),
            ["UID", "SEARCH"] => "* SEARCH 1\r\n".to_owned(),
            ["UID", "FETCH"] if command.contains("RFC822.SIZE") => {
                "* 1 FETCH (UID 1 RFC822.SIZE 20 INTERNALDATE \"22-Nov-2026 01:02:03 +0000\")\r\n".to_owned()
            }
            ["UID", "FETCH"] => "* 1 FETCH (UID 1 BODY[] {20}\r\nSubject: x\r\n\r\nbody\r\n)\r\n".to_owned(),
            ["IDLE"] => {
                // Calls for nothing at once.
                mails += 1;
                idle_tag = tag.to_owned();
                stream.write_all(format!("+ idling\r\n* {mails} EXISTS\r\n").as_bytes())?;
                continue;
            }
            _ => String::new(),
        };
        stream.write_all(format!("{answer}{tag} OK done\r\n").as_bytes())?;
    }
    Ok(())
}

fn flood(stream: &mut TcpStream, tag: &str, attack: &Attack) -> std::io::Result<()> {
    stream.write_all(attack.first.replace("TAG", tag).as_bytes())?;
    if attack.then.is_empty() {
        return Ok(());
    }
    let many = attack.then.repeat((256 << 10) / attack.then.len() + 1);
    loop {
        stream.write_all(many.as_bytes())?;
    }
}

/// Attacks a desk by the server of one of its two mailboxes.
fn check(attack: Attack) {
    let (name, told) = (attack.name, attack.told);
    let port = serve(attack);
    let access = ImapAccess { port, security: "none", ca_file: Path::new("none.pem"), password_file: "password" };
    let mut config = DeskConfig::shop()
        .imap("info", "support", &access, "poll = \"1s\"\nafter = \"move:Done\"")
        .maildir("sales", "returns", "");
    for mailbox in &mut config.mailboxes {
        *mailbox = mailbox.replace(", ca_file = \"none.pem\"", "");
    }
    config.files = vec![("password".to_owned(), format!("{PASSWORD}\n"))];
    watch(name, told, &config);
}

/// Attacks a desk by its SMTP server.
fn check_smtp(attack: Attack) {
    let (name, told) = (attack.name, attack.told);
    watch(name, told, &DeskConfig::shop().plain_smtp(serve(attack)).maildir("sales", "returns", ""));
}

/// What the daemon needs at most, whatever such a server does, while mail of the mailbox `sales` goes on coming.
fn watch(name: &str, told: &str, config: &DeskConfig) {
    let mut desk = Desk::new(config);
    desk.start();
    let (began, used) = (Instant::now(), desk.daemon().cpu_ticks());
    let mail = Mail::new("c@client.example", "sales@example.test", "News", "Is anybody there?");
    desk.deliver("sales", &mail.bytes());
    eventually(PATIENCE, &format!("{name}: the other mailbox goes on"), || {
        (desk.tickets().iter().any(|ticket| ticket["requester"]["address"] == "c@client.example")).then_some(())
    });
    let healthy = began.elapsed();
    if !told.is_empty() {
        eventually(PATIENCE, &format!("{name}: status says `{told}`"), || {
            let status = format!("{}{}", desk.status(), desk.run(&["outbox", "list"]).stdout);
            status.contains(told).then_some(())
        });
    }
    while began.elapsed() < WATCHED {
        std::thread::sleep(Duration::from_millis(100));
    }
    let processor = (desk.daemon().cpu_ticks() - used) as f64 / 100.0 / began.elapsed().as_secs_f64();
    let memory = desk.daemon().status_kib("VmHWM") >> 10;
    let seen = desk.run(&["check", "--online"]);
    let repeats = told.contains("repeat");
    let doctor = if repeats { desk.run(&["doctor"]).stdout } else { String::new() };
    let shown = format!("{}{}{}{}{doctor}", desk.log(), desk.status(), seen.stdout, seen.stderr);
    eprintln!(
        "{name}: {memory} MiB, {processor:.2} of a processor over {:.0} s, the other mailbox's mail after {:.1} s",
        began.elapsed().as_secs_f64(),
        healthy.as_secs_f64()
    );
    assert!(!shown.to_lowercase().contains(&PASSWORD.to_lowercase()), "{name}: the password is shown\n{shown}");
    assert!(!shown.contains(&BASE64_OF_LOGIN[2..]), "{name}: the password is shown in base64\n{shown}");
    assert!(memory < MEMORY, "{name}: {memory} MiB");
    assert!(processor < PROCESSOR, "{name}: {processor:.2} of a processor");
    assert!(desk.stop().0.success(), "{name}");
}

const PASSWORD: &str = "geheim-Wort-77";
/// `\0info@example.test\0` and the password.
const BASE64_OF_LOGIN: &str = "AGluZm9AZXhhbXBsZS50ZXN0AGdlaGVpbS1Xb3J0LTc3";
const GREETING: &str = "its greeting is not that of an IMAP server";
const FLOOD: &str = "the server talks without end";

#[test]
fn before_the_login_nothing_that_nests_or_never_ends_costs_more_than_its_mailbox() {
    let nested = format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(400));
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(100_000));
    let words = "IMAP4rev1 ".repeat(10_000);
    for attack in [
        attack("nested greeting without an end", "greeting", &nested, "(", "an endless line"),
        attack("nested greeting", "greeting", &format!("{nested}\r\n"), "* OK\r\n", GREETING),
        attack("deeply nested greeting", "greeting", &deep, "* OK\r\n", GREETING),
        attack("empty literals in a greeting", "greeting", "* 1 FETCH (", "X {0}\r\n", "an endless line"),
        attack("capabilities without end", "CAPABILITY", "", "* CAPABILITY A B C D E F G H\r\n", FLOOD),
        attack("a line of capabilities", "CAPABILITY", &format!("* CAPABILITY {words}"), "X ", "an endless line"),
        attack("nested data before login", "LOGIN", "", &deep, FLOOD),
    ] {
        check(attack);
    }
}

#[test]
fn after_the_login_answers_without_end_cost_no_more_than_their_mailbox() {
    let uids = (1..2000).fold("* SEARCH".to_owned(), |line, uid| format!("{line} {uid}")) + "\r\n";
    let listed = "* 1 FETCH (UID 1 RFC822.SIZE 20 INTERNALDATE \"22-Nov-2026 01:02:03 +0000\")\r\n";
    let body = format!("* 1 FETCH (UID 1 BODY[] {{20}}\r\n{}\r\n)\r\n", "x".repeat(18));
    let many = (1..2_000_000).fold("* SEARCH".to_owned(), |mut line, uid: u32| {
        line.push(' ');
        line.push_str(&uid.to_string());
        line
    }) + "\r\nTAG OK done\r\n";
    let nested = format!("* 1 FETCH (UID 1 BODYSTRUCTURE {}\r\n", "(".repeat(10_000));
    for attack in [
        attack("flags while a folder is opened", "SELECT", "", "* 1 FETCH (FLAGS (\\Seen))\r\n", FLOOD),
        attack("nested data nobody asked for", "UID SEARCH", "", &nested, FLOOD),
        attack("a search without end", "UID SEARCH", "", &uids, FLOOD),
        attack("a line of a search without end", "UID SEARCH", "* SEARCH", " 1", "an endless line"),
        attack(
            "a million mails that are not there",
            "SELECT",
            "* 4000000000 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK done\r\n",
            "",
            "can be watched",
        ),
        Attack {
            mails: 2_000_000,
            ..attack("a large search without end", "UID SEARCH", "* SEARCH", " 1", "an endless line")
        },
        Attack { mails: 2_000_000, ..attack("two million mails", "UID SEARCH", &many, "", "an endless line") },
        attack("the same listing again and again", "UID FETCH 1 (UID RFC822.SIZE INTERNALDATE", "", listed, FLOOD),
        attack("the same mail again and again", "UID FETCH 1 (UID BODY", "", &body, FLOOD),
        attack("empty literals in a mail", "UID FETCH 1 (UID BODY", "* 1 FETCH (", "X {0}\r\n", "an endless line"),
        attack("folders without end", "LIST", "", "* LIST () \"/\" INBOX\r\n", FLOOD),
    ] {
        check(attack);
    }
}

#[test]
fn talk_that_nobody_asked_for_costs_half_a_processor_at_most() {
    for (name, line) in [
        ("flags in IDLE", "* 1 FETCH (FLAGS (\\Seen))\r\n"),
        ("expunges in IDLE", "* 1 EXPUNGE\r\n"),
        ("statuses in IDLE", "* STATUS INBOX (MESSAGES 5)\r\n"),
        ("vanished mails in IDLE", "* VANISHED 1:4294967295\r\n"),
        ("nonsense in IDLE", "nonsense\r\n"),
    ] {
        check(attack(name, "IDLE", "+ idling\r\n", line, FLOOD));
    }
    check(attack("calls for nothing", "never", "", "", ""));
}

#[test]
fn replies_without_end_of_an_smtp_server_cost_little() {
    for attack in [
        attack("lines of a greeting", "greeting", "", "220-x\r\n", "reply without end"),
        attack("a line of a greeting", "greeting", "220 ", "x", "reply line without end"),
        attack("lines after the greeting", "greeting", "220 ready\r\n", "250-SIZE\r\n", "reply without end"),
        attack("replies after the greeting", "greeting", "220 ready\r\n", "250 x\r\n", ""),
    ] {
        check_smtp(attack);
    }
}

#[test]
fn a_password_that_a_server_repeats_is_shown_nowhere() {
    let known = "the server's words repeat the password and are not shown";
    let spoken = format!("LOGIN \"info@example.test\" \"{PASSWORD}\"");
    for (name, at, answer) in [
        ("in a greeting", "greeting", format!("* BYE you said {spoken}\r\n")),
        ("in a refusal of the login", "LOGIN", format!("TAG NO what is {spoken}?\r\n")),
        ("in capitals", "LOGIN", format!("TAG BAD {}\r\n", spoken.to_uppercase())),
        ("in base64", "LOGIN", format!("TAG NO AUTHENTICATE PLAIN {BASE64_OF_LOGIN}\r\n")),
        ("in base64 alone", "LOGIN", "TAG NO Z2VoZWltLVdvcnQtNzc=\r\n".to_owned()),
        ("in a good-bye", "SELECT", format!("* BYE {spoken}\r\n")),
        ("in a refusal later", "SELECT", format!("* OK {spoken}\r\nTAG NO [NONEXISTENT] {PASSWORD}\r\n")),
        ("cut short", "SELECT", format!("TAG NO {}{spoken}\r\n", "x".repeat(190))),
    ] {
        check(attack(name, at, &answer, "", known));
    }
}

//! Servers that lie, stall and hang up: each such answer must become an error, never an empty success.
//!
//! Never talks to anything but scripted servers on loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/scene.rs"]
mod scene;
#[path = "support/scripted.rs"]
mod scripted;

use std::sync::Arc;
use std::time::Duration;

use postroom::heartbeat::Heartbeat;
use postroom::intake::Session;
use postroom::intake::imap::error::ImapError;
use postroom::intake::imap::executor::IdleEnd;
use postroom::intake::imap::session::Listed;
use postroom::model::policy::{After, Security};
use scene::Scene;
use scripted::{Act, Rule, Server, on, say};

const MAILS: [(u32, &str); 3] = [(3, "A: 1\r\n\r\none\r\n"), (5, "A: 2\r\n\r\ntwo\r\n"), (9, "A: 3\r\n\r\nthree\r\n")];

async fn session(rules: Vec<Rule>) -> (Server, Session) {
    let (server, mut session) = open(rules).await;
    session.select("INBOX").await.unwrap();
    (server, session)
}

async fn open(rules: Vec<Rule>) -> (Server, Session) {
    let server = Server::start(&MAILS, rules).await;
    let session = Session::open(&server.account(), &Arc::new(Heartbeat::default())).await.unwrap();
    (server, session)
}

async fn login(rules: Vec<Rule>) -> Result<(), ImapError> {
    let server = Server::start(&MAILS, rules).await;
    Session::open(&server.account(), &Arc::new(Heartbeat::default())).await.map(drop)
}

/// Every way to fail a command that has begun; the flag says whether the connection can still be used.
fn failures(partial: &str) -> Vec<(Vec<Act>, bool)> {
    vec![
        (vec![say(partial), say("TAG NO [UNAVAILABLE] later\r\n")], true),
        (vec![say(partial), say("TAG BAD User is authenticated but not connected.\r\n")], true),
        (vec![say(partial), say("* BYE shutting down\r\n")], false),
        (vec![say(partial), say("STRAY OK done\r\n")], false),
        (vec![say(partial), say("TAG FUNNY done\r\n")], false),
        (vec![say(partial), say("+ go on\r\n")], false),
        (vec![say(partial), Act::Close], false),
        (vec![say(partial), Act::Reset], false),
        (vec![say("* SEAR"), Act::Close], false),
        (vec![say("* 1 FETCH (UID 3 BODY[] {400}\r\nA: 1"), Act::Close], false),
        (vec![say("* 1 FETCH (UID 3 BODY[] {500000000}\r\nA: 1")], false),
    ]
}

#[tokio::test]
async fn a_search_that_fails_is_never_empty() {
    for (acts, usable) in failures("* SEARCH 3\r\n") {
        let (_server, mut session) = session(vec![on("UID SEARCH", &acts)]).await;
        let found = session.uids_from(1).await;
        assert!(found.is_err(), "{acts:?}: {found:?}");
        assert_eq!(session.is_usable(), usable, "{acts:?}");
        let again = session.uids_from(1).await;
        if usable {
            assert_eq!(again.unwrap(), [3, 5, 9]);
        } else {
            assert!(matches!(again, Err(ImapError::Poisoned)));
        }
    }
}

#[tokio::test]
async fn a_fetch_that_fails_is_never_partial() {
    for (acts, usable) in failures("* 1 FETCH (UID 3 BODY[] {3}\r\nabc)\r\n") {
        let (_server, mut session) = session(vec![on("UID FETCH 3,5,9 (UID BODY", &acts)]).await;
        let listed = session.list(&[3, 5, 9]).await.unwrap();
        assert_eq!(listed.len(), 3);
        let bodies = session.bodies(&listed, 0).await;
        assert!(bodies.is_err(), "{acts:?}: {bodies:?}");
        assert_eq!(session.is_usable(), usable, "{acts:?}");
    }
}

#[tokio::test]
async fn a_folder_is_open_only_with_uidvalidity_exists_and_ok() {
    let mut cases: Vec<Vec<Act>> = failures("* 3 EXISTS\r\n").into_iter().map(|(acts, _)| acts).collect();
    cases.push(vec![say("TAG OK done\r\n")]);
    cases.push(vec![say("* 3 EXISTS\r\nTAG OK done\r\n")]);
    cases.push(vec![say("* OK [UIDVALIDITY 7] x\r\nTAG OK done\r\n")]);
    for acts in cases {
        let (_server, mut session) = open(vec![on("SELECT", &acts)]).await;
        assert!(session.select("INBOX").await.is_err(), "{acts:?}");
        assert!(session.selected("INBOX").is_none());
    }
}

#[tokio::test]
async fn a_folder_can_be_read_only() {
    let answer = "* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\nTAG OK [READ-ONLY] done\r\n";
    let (_server, mut session) = open(vec![on("SELECT", &[say(answer)])]).await;
    assert!(session.select("INBOX").await.unwrap().read_only);
}

#[tokio::test]
async fn a_greeting_that_is_none_ends_the_connection() {
    for greeting in ["* BYE too many\r\n", "HTTP/1.1 400 Bad Request\r\n", "* NO\r\n", "\r\n"] {
        assert!(login(vec![on("greeting", &[say(greeting)])]).await.is_err(), "{greeting:?}");
    }
    assert!(matches!(login(vec![on("greeting", &[Act::Close])]).await, Err(ImapError::Closed)));
}

#[tokio::test]
async fn a_refused_login_is_told_from_a_busy_server() {
    let refused = login(vec![on("LOGIN", &[say("TAG NO [AUTHENTICATIONFAILED] no\r\n")])]).await;
    assert!(matches!(refused, Err(ImapError::Login(_))));
    let busy = login(vec![on("LOGIN", &[say("TAG NO [UNAVAILABLE] later\r\n")])]).await;
    assert!(matches!(busy, Err(ImapError::No { .. })));
    let text = refused.err().unwrap().to_string();
    assert!(!text.contains("geheim"), "{text}");
}

#[tokio::test]
async fn without_login_authenticate_plain_is_used() {
    let capable = "* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN\r\nTAG OK done\r\n";
    let rules = vec![
        on("CAPABILITY", &[say(capable)]),
        on("AUTHENTICATE", &[say("+ \r\n")]),
        on("AGRlc2sAZ2VoZWlt", &[say("P2 OK in\r\n")]),
    ];
    let server = Server::start(&MAILS, rules).await;
    Session::open(&server.account(), &Arc::new(Heartbeat::default())).await.unwrap();
    assert!(!server.heard("LOGIN"));
    let neither = login(vec![on("CAPABILITY", &[say("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK x\r\n")])]).await;
    assert!(matches!(neither, Err(ImapError::NoLogin)));
}

#[tokio::test]
async fn starttls_is_never_done_without() {
    let cases = [
        vec![],
        vec![on("greeting", &[say("* PREAUTH welcome\r\n")])],
        vec![
            on("CAPABILITY", &[say("* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n")]),
            on("STARTTLS", &[say("TAG NO not now\r\n")]),
        ],
        vec![
            on("CAPABILITY", &[say("* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n")]),
            on("STARTTLS", &[say("TAG OK go\r\n* PREAUTH injected\r\n")]),
        ],
    ];
    for rules in cases {
        let server = Server::start(&MAILS, rules).await;
        let mut account = server.account();
        account.endpoint.security = Security::StartTls;
        assert!(Session::open(&account, &Arc::new(Heartbeat::default())).await.is_err());
        assert!(!server.heard("LOGIN") && !server.heard("AUTHENTICATE"));
    }
}

#[tokio::test]
async fn odd_lines_do_not_matter_unless_they_may_be_the_answer() {
    let odd = "* FUNNY {3}\r\nabc\r\n* 99 FETCH (FLAGS (\\Seen))\r\n* SEARCH 3 5 9\r\nTAG OK done\r\n";
    let (_server, mut session) = session(vec![on("UID SEARCH", &[say(odd)])]).await;
    assert_eq!(session.uids_from(4).await.unwrap(), [5, 9]);
    let odd = "* SEARCH three\r\nTAG OK done\r\n";
    let (_server, mut session) = open(vec![on("UID SEARCH", &[say(odd)])]).await;
    assert!(matches!(session.uids_from(1).await, Err(ImapError::Protocol(_))), "{odd}");
    assert!(session.is_usable());
    let odd = "* 1 FETCH (UID 3 RFC822.SIZE (((7)))\r\n* 2 FETCH ((((\r\nTAG OK done\r\n";
    let (_server, mut session) = open(vec![on("UID FETCH 3 (UID BODY", &[say(odd)])]).await;
    let listed = session.list(&[3]).await.unwrap();
    assert!(matches!(session.bodies(&listed, 0).await, Err(ImapError::Protocol(_))), "{odd}");
}

#[tokio::test]
async fn of_what_a_server_adds_to_a_mail_nothing_is_looked_into() {
    let listed = [Listed { uid: 5, size: 3, received_at: None }];
    let answer = |depth| {
        let deep = "(".repeat(depth) + &")".repeat(depth);
        format!(
            "* 1 FETCH (FLAGS () BODYSTRUCTURE {deep} UID 5 ENVELOPE {deep} BODY[] {{3}}\r\n((( X NIL)\r\nTAG OK done\r\n"
        )
    };
    let (_server, mut session) = session(vec![on("UID FETCH 5 (UID BODY", &[say(&answer(10_000))])]).await;
    let bodies = session.bodies(&listed, 0).await.unwrap();
    assert_eq!(bodies.iter().map(|body| (body.uid, &*body.bytes)).collect::<Vec<_>>(), [(5, &b"((("[..])]);
    // larger than an answer may be beside its mail
    let (_server, mut session) = self::session(vec![on("UID FETCH 5 (UID BODY", &[say(&answer(40_000))])]).await;
    assert!(matches!(session.bodies(&listed, 0).await, Err(ImapError::Flood(_))));
}

#[tokio::test]
async fn a_folder_of_a_million_mails_is_listed_part_by_part() {
    let opened = "* 1000000 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3000001] x\r\nTAG OK done\r\n";
    let part = |part: u32| {
        let uids =
            (0..100_000).fold("* SEARCH".to_owned(), |line, uid| format!("{line} {}", part * 300_000 + uid * 3 + 1));
        let set =
            if part == 9 { "2700001:*".to_owned() } else { format!("{}:{}", part * 300_000 + 1, (part + 1) * 300_000) };
        on(&format!("UID SEARCH UID {set}"), &[say(&uids), say("\r\nTAG OK done\r\n")])
    };
    let rules = (0..10).map(part).chain([on("SELECT", &[say(opened)])]).collect();
    let (_server, mut session) = session(rules).await;
    let uids = session.uids_from(1).await.unwrap();
    assert_eq!((uids.len(), uids.first(), uids.last()), (1_000_000, Some(&1), Some(&2_999_998)));
}

#[tokio::test]
async fn the_last_mail_is_not_new_because_the_range_is_beyond_it() {
    let (_server, mut session) = session(vec![]).await;
    assert_eq!(session.uids_from(10).await.unwrap(), [0_u32; 0]);
    assert_eq!(session.uids_from(4).await.unwrap(), [5, 9]);
}

#[tokio::test]
async fn missing_doubled_and_unasked_mails_are_told_apart() {
    let lie = "* 1 FETCH (UID 5 BODY[] {3}\r\ntwo)\r\n* 1 FETCH (FLAGS (\\Seen) UID 5)\r\n* 4 FETCH (UID 77 BODY[] {1}\r\nx)\r\n\
               * 1 FETCH (UID 5 BODY[] {3}\r\nTWO)\r\n* 2 FETCH (UID 3 BODY[] NIL)\r\nTAG OK done\r\n";
    let (_server, mut session) = session(vec![on("UID FETCH 3,5,9 (UID BODY", &[say(lie)])]).await;
    let listed = session.list(&[3, 5, 9]).await.unwrap();
    let bodies = session.bodies(&listed, 0).await.unwrap();
    let found: Vec<(u32, &[u8])> = bodies.iter().map(|body| (body.uid, &*body.bytes)).collect();
    assert_eq!(found, [(5, &b"two"[..])]);
    assert_eq!(session.present(&[3, 4, 9]).await.unwrap(), [3, 9].into());
}

#[tokio::test]
async fn silence_ends_every_wait() {
    for begins in ["greeting", "CAPABILITY", "LOGIN"] {
        let server = Server::start(&MAILS, vec![on(begins, &[Act::Hang])]).await;
        tokio::time::pause();
        let opened = Session::open(&server.account(), &Arc::new(Heartbeat::default())).await;
        tokio::time::resume();
        assert!(matches!(opened, Err(ImapError::Timeout { .. } | ImapError::Net(_))), "{begins}");
    }
    let (_server, mut session) = session(vec![on("UID SEARCH", &[say("* SEARCH 3"), Act::Hang])]).await;
    tokio::time::pause();
    assert!(matches!(session.uids_from(1).await, Err(ImapError::Timeout { command: "SEARCH" })));
    assert!(matches!(session.noop().await, Err(ImapError::Poisoned)));
}

#[tokio::test]
async fn a_command_that_was_cancelled_poisons_the_connection() {
    let (_server, mut session) = session(vec![on("UID SEARCH", &[say("* SEARCH 3\r\n"), Act::Hang])]).await;
    let cancelled = tokio::time::timeout(Duration::from_millis(50), session.uids_from(1)).await;
    assert!(cancelled.is_err());
    assert!(matches!(session.uids_from(1).await, Err(ImapError::Poisoned)));
}

#[tokio::test]
async fn idle_wakes_for_what_came_before_it_was_entered() {
    let rules = vec![on("IDLE", &[say("* 4 EXISTS\r\n+ idling\r\n")]), on("DONE", &[say("P5 OK done\r\n")])];
    let (server, mut session) = session(rules).await;
    assert_eq!(session.idle(Duration::from_mins(20)).await.unwrap(), IdleEnd::News);
    assert!(server.heard("DONE"));
    assert!(session.news().exists && session.is_usable());
}

#[tokio::test]
async fn idle_tells_refusal_good_bye_and_the_end_of_the_connection() {
    let cases = [
        (vec![say("TAG NO not here\r\n")], true),
        (vec![say("TAG BAD what\r\n")], true),
        (vec![say("+ idling\r\n* BYE kicked\r\n")], false),
        (vec![say("+ idling\r\n"), Act::Close], false),
        (vec![say("+ idling\r\n"), Act::Reset], false),
        (vec![Act::Close], false),
        (vec![say("TAG OK done\r\n")], true),
    ];
    for (acts, usable) in cases {
        let (_server, mut session) = session(vec![on("IDLE", &acts)]).await;
        assert!(session.idle(Duration::from_mins(20)).await.is_err(), "{acts:?}");
        assert_eq!(session.is_usable(), usable, "{acts:?}");
    }
}

/// Moves two mails to `target` and returns what the server was asked since the folder was opened.
async fn moved(target: &str, rules: Vec<Rule>) -> Vec<String> {
    let (server, mut session) = session(rules).await;
    session.act(&After::Move(target.to_owned()), "INBOX", &[3, 5]).await.unwrap();
    server.heard.lock().unwrap().iter().skip(4).cloned().collect()
}

#[tokio::test]
async fn a_folder_that_is_missing_is_made() {
    let orders = [
        "LIST \"\" \"\"",
        "LIST \"\" \"Erledigt &AUI-\"",
        "CREATE \"Erledigt &AUI-\"",
        "SUBSCRIBE \"Erledigt &AUI-\"",
        "UID MOVE 3,5 \"Erledigt &AUI-\"",
    ];
    assert_eq!(moved("Erledigt ł", vec![]).await, orders);
    // deleted since it was looked up
    let again = on("UID MOVE", &[say("TAG NO [TRYCREATE] no such folder\r\n")]);
    assert_eq!(moved("Erledigt ł", vec![again]).await, [&orders[..], &orders[1..]].concat());
}

#[tokio::test]
async fn a_subfolder_is_made_with_the_separator_of_the_server() {
    let dot = on("LIST \"\" \"\"", &[say("* LIST (\\Noselect) \".\" \"\"\r\nTAG OK done\r\n")]);
    let ends = |orders: Vec<String>| orders.iter().skip(4).cloned().collect::<Vec<String>>();
    let made = ends(moved("Done/2026", vec![dot.clone()]).await);
    assert_eq!(made, ["CREATE \"Done.2026\"", "SUBSCRIBE \"Done.2026\"", "UID MOVE 3,5 \"Done.2026\""]);
    // Cyrus and Courier have everything below INBOX
    let refused = on("CREATE \"Done.2026\"", &[say("TAG NO Permission denied\r\n")]);
    let made = ends(moved("Done/2026", vec![dot.clone(), refused]).await);
    assert_eq!(made.last().map(String::as_str), Some("UID MOVE 3,5 \"INBOX.Done.2026\""));
    let there = "* LIST (\\HasNoChildren) \".\" INBOX.Done.2026\r\nTAG OK done\r\n";
    let there = on("LIST \"\" \"INBOX.Done.2026\"", &[say(there)]);
    let made = ends(moved("Done/2026", vec![dot.clone(), there]).await);
    assert_eq!(made, ["UID MOVE 3,5 \"INBOX.Done.2026\""]);
    // what the server has as it is written is taken so
    let written = on("LIST \"\" \"Done/2026\"", &[say("* LIST () \".\" \"Done/2026\"\r\nTAG OK done\r\n")]);
    let orders = moved("Done/2026", vec![dot, written]).await;
    assert_eq!(orders.last().map(String::as_str), Some("UID MOVE 3,5 \"Done/2026\""));
}

#[tokio::test]
async fn without_move_mails_are_copied_and_only_named_ones_expunged() {
    for (capable, expunge) in [("UIDPLUS", true), ("", false)] {
        let capable = format!("* CAPABILITY IMAP4rev1 {capable}\r\nTAG OK done\r\n").replace(" \r", "\r");
        let again = on("CAPABILITY", &[say(&capable)]);
        let (server, mut session) = session(vec![again.clone(), again]).await;
        session.act(&After::Move("Done".to_owned()), "INBOX", &[3, 5]).await.unwrap();
        assert!(server.heard("UID COPY 3,5 \"Done\"") && server.heard("UID STORE 3,5 +FLAGS.SILENT (\\Deleted)"));
        assert_eq!(server.heard("UID EXPUNGE 3,5"), expunge);
        assert!(!server.heard("EXPUNGE") && !server.heard("CLOSE"));
    }
}

#[tokio::test]
async fn a_mail_is_not_moved_to_where_it_is() {
    let (server, mut session) = session(vec![]).await;
    session.act(&After::Move("Done".to_owned()), "Done", &[3]).await.unwrap();
    assert!(!server.heard("UID MOVE"));
}

#[tokio::test]
async fn check_online_names_the_folders_that_there_are() {
    let names = "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"Wys&AUI-ane\"\r\nTAG OK done\r\n";
    let rules =
        vec![on("SELECT", &[say("TAG NO [NONEXISTENT] no such folder\r\n")]), on("LIST \"\" \"*\"", &[say(names)])];
    let scene = Scene::on(Server::start(&MAILS, rules).await, "");
    let refusal = postroom::intake::try_login(&scene.mailbox().mailbox).await.unwrap_err().to_string();
    assert!(refusal.contains("`INBOX`, `Wysłane`"), "{refusal}");
}

//! The loop of a mailbox against servers that lie, with a real database: every mail arrives, once.
//!
//! Never talks to anything but scripted servers on loopback.

#[path = "support/scene.rs"]
mod scene;
#[path = "support/scripted.rs"]
mod scripted;

use std::collections::BTreeMap;

use scene::{Scene, mails};
use scripted::{Act, always, on, say};

/// Each lie, told once at this command; then the server is honest.
async fn check_lies(command: &str) {
    let size = "* 1 FETCH (UID 2 RFC822.SIZE 9 INTERNALDATE \"22-Nov-2026 01:02:03 +0000\")\r\n";
    let lies: Vec<Vec<Act>> = vec![
        vec![say("TAG NO [UNAVAILABLE] later\r\n")],
        vec![say("TAG NO broken\r\n")],
        vec![say("TAG BAD not connected\r\n")],
        vec![say("* BYE\r\n"), Act::Close],
        vec![Act::Close],
        vec![Act::Reset],
        vec![say("TAG OK done\r\n")],
        vec![say("* SEARCH 2\r\n"), Act::Close],
        vec![say("* SEARCH 2 four\r\nTAG OK done\r\n")],
        vec![say("* 1 FETCH (UID 2 BODY[] {300}\r\nFrom"), Act::Close],
        vec![say("* 1 FETCH (UID 2 BODY[] {4}\r\nFrom)\r\nTAG OK done\r\n")],
        vec![say("* 1 FETCH (UID 2 BODY[] NIL)\r\nTAG OK done\r\n")],
        vec![say("* 1 FETCH (UID 2 INTERNALDATE NIL)\r\nTAG OK done\r\n")],
        vec![say(size), say(size), say("TAG OK done\r\n")],
        vec![say("* 1 FETCH (UID 2 BODY[] {999999999}\r\n")],
    ];
    for lie in lies {
        let scene = Scene::new(&mails(50), vec![on(command, &lie)], "import = \"all\"").await;
        let mailbox = scene.mailbox();
        for _ in 0..3 {
            // a lie may end the look; the next one finds the server honest
            drop(mailbox.run_once().await);
        }
        assert_eq!(scene.fates().await, BTreeMap::from([("ticket".to_owned(), 50)]), "{lie:?}");
    }
}

#[tokio::test]
async fn lies_about_the_list_lose_nothing() {
    check_lies("UID SEARCH").await;
}

#[tokio::test]
async fn lies_about_sizes_lose_nothing() {
    check_lies("UID FETCH 2,4").await;
}

#[tokio::test]
async fn lies_about_bodies_lose_nothing() {
    check_lies("UID FETCH 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62,64,66,68,70,72,74,76,78,80,82,84,86,88,90,92,94,96,98,100 (UID BODY").await;
}

#[tokio::test]
async fn lies_about_the_folder_lose_nothing() {
    check_lies("SELECT").await;
}

#[tokio::test]
async fn one_poisonous_mail_is_quarantined_and_the_others_arrive() {
    let poison = [
        (vec![say("* 1 FETCH (UID 6 BODY[] ((((\r\nTAG OK done\r\n")], "refused"),
        (vec![say("* 1 FETCH (UID 6 BODY[] {900}\r\n"), Act::Close], "closed"),
    ];
    for (acts, name) in poison {
        let rules = vec![always("UID FETCH 2,4,6,8 (UID BODY", &acts), always("UID FETCH 6 (UID BODY", &acts)];
        let scene = Scene::new(&mails(4), rules, "import = \"all\"").await;
        scene.run_until("quarantined", 1).await;
        assert_eq!(scene.fates().await.get("ticket"), Some(&3), "{name}");
    }
}

#[tokio::test]
async fn new_means_that_nothing_is_taken_at_first_contact() {
    let scene = Scene::new(&mails(5), vec![], "import = \"new\"").await;
    assert_eq!(scene.mailbox().run_once().await.unwrap(), 0);
    assert_eq!(scene.fates().await, BTreeMap::from([("ignored".to_owned(), 5)]));
    assert!(!scene.server.heard("UID FETCH"));
}

#[tokio::test]
async fn what_is_older_than_the_date_is_not_taken() {
    for (date, fate) in [("2026-11-23", "ignored"), ("2026-11-22", "ticket")] {
        let scene = Scene::new(&mails(5), vec![], &format!("import = \"since:{date}\"")).await;
        scene.mailbox().run_once().await.unwrap();
        assert_eq!(scene.fates().await, BTreeMap::from([(fate.to_owned(), 5)]));
    }
}

#[tokio::test]
async fn a_changed_uidvalidity_makes_no_second_ticket() {
    let renumbered = "* 5 EXISTS\r\n* OK [UIDVALIDITY 8] valid\r\nTAG OK done\r\n";
    let rules = vec![
        on("SELECT", &[say("* 5 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\nTAG OK done\r\n")]),
        on("SELECT", &[say(renumbered)]),
    ];
    let scene = Scene::new(&mails(5), rules, "import = \"all\"").await;
    scene.mailbox().run_once().await.unwrap();
    scene.mailbox().run_once().await.unwrap();
    assert_eq!(scene.fates().await, BTreeMap::from([("duplicate".to_owned(), 5), ("ticket".to_owned(), 5)]));
}

#[tokio::test]
async fn mails_are_moved_only_once_stored_and_again_if_refused() {
    let refused = on("UID MOVE", &[say("TAG NO quota\r\n")]);
    let scene = Scene::new(&mails(5), vec![refused], "import = \"all\"\nafter = \"move:Done\"").await;
    scene.mailbox().run_once().await.unwrap();
    scene.mailbox().run_once().await.unwrap();
    scene.mailbox().run_once().await.unwrap();
    let heard = scene.server.heard.lock().unwrap().clone();
    let moves = heard.iter().filter(|line| line.starts_with("UID MOVE 2,4,6,8,10 \"Done\"")).count();
    assert_eq!(moves, 2);
    let first = heard.iter().position(|line| line.starts_with("UID MOVE")).unwrap();
    assert!(heard[..first].iter().any(|line| line.contains("BODY.PEEK[]")));
}

#[tokio::test]
async fn of_a_mail_that_is_too_large_the_headers_are_taken() {
    let mut large = mails(1);
    large[0].1.push_str(&"x".repeat(3_000_000));
    let header = "From: c1@client.example\r\nSubject: matter 1\r\n\r\n";
    let answer = format!("* 1 FETCH (UID 2 BODY[HEADER]<0> {{{}}}\r\n{header})\r\nTAG OK done\r\n", header.len());
    let rules = vec![on("UID FETCH 2 (UID BODY.PEEK[HEADER]<0.1048576>)", &[say(&answer)])];
    let scene = Scene::new(&large, rules, "import = \"all\"\nmax_message = \"2MB\"").await;
    assert_eq!(scene.mailbox().run_once().await.unwrap(), 1);
    assert!(!scene.server.heard("UID FETCH 2 (UID BODY.PEEK[])"));
}

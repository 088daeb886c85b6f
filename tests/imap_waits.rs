//! Silence at every point of the protocol, busy servers, a wrong password for a day: each leads to the right wait.
//!
//! Never waits itself: time-outs run by a clock that is in a hurry.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/scene.rs"]
mod scene;
#[path = "support/scripted.rs"]
mod scripted;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scene::{Scene, mails};
use scripted::{Act, Held, Rule, advance, always, hurry, on, say};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

fn tickets(count: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([("ticket".to_owned(), count)])
}

/// A server falls silent once, at this point; the mail that comes afterwards must become a ticket.
async fn check_silence(point: &str, extra: &str, acts: &[Act], also: Vec<Rule>) {
    let mut rules = vec![on(point, acts)];
    rules.extend(also);
    let scene = Scene::new(&mails(3), rules, &format!("import = \"all\"\n{extra}")).await;
    let came = AtomicBool::new(false);
    let done = async || {
        if (point == "greeting" || scene.server.heard(point)) && !came.swap(true, Ordering::Relaxed) {
            let late = mails(20).pop().unwrap();
            scene.server.change(|folder| folder.mails.push(Held::old(late.0, &late.1)));
        }
        scene.fates().await == tickets(4)
    };
    tokio::select! {
        () = scene.watch(done) => {}
        () = hurry() => {}
    }
}

#[tokio::test]
async fn silence_at_any_point_costs_one_connection() {
    let points = [
        "greeting",
        "CAPABILITY",
        "LOGIN",
        "SELECT",
        "UID SEARCH",
        "UID FETCH 2,4,6 (UID RFC822.SIZE",
        "UID FETCH 2,4,6 (UID BODY",
        "UID STORE",
        "NOOP",
    ];
    for point in points {
        check_silence(point, "idle = false\nafter = \"seen\"", &[Act::Hang], vec![]).await;
        let half = [say("* 1 FETCH (UID 2 BODY[] {90}\r\nSubject"), Act::Hang];
        check_silence(point, "idle = false\nafter = \"seen\"", &half, vec![]).await;
    }
    for point in ["LIST", "CREATE", "SUBSCRIBE", "UID MOVE"] {
        check_silence(point, "idle = false\nafter = \"move:Done/Sub\"", &[Act::Hang], vec![]).await;
    }
    check_silence("IDLE", "", &[Act::Hang], vec![]).await;
    check_silence("DONE", "", &[Act::Hang], vec![on("IDLE", &[say("+ idling\r\n")])]).await;
}

#[tokio::test]
async fn a_busy_server_is_waited_for_and_no_mail_blamed() {
    let answers = [
        "TAG BAD User is authenticated but not connected.\r\n",
        "TAG BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n",
        "TAG NO [UNAVAILABLE] later\r\n",
        "TAG NO [INUSE] somebody has it\r\n",
        "TAG NO [LIMIT] enough for today\r\n",
        "TAG NO Too many simultaneous connections\r\n",
        "TAG NO words that nobody knows\r\n",
    ];
    for answer in answers {
        for point in ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH"] {
            if point == "LOGIN" && answer.contains("nobody knows") {
                continue; // that is a refused login
            }
            let times = match point {
                "UID FETCH" if answer.contains("nobody knows") => 40,
                "UID FETCH" => 4,
                _ => 2,
            };
            let rules = vec![on(point, &[say(answer)]); times];
            let scene = Scene::new(&mails(6), rules, "import = \"all\"\nidle = false").await;
            tokio::select! {
                () = scene.watch(async || scene.fates().await.get("ticket") == Some(&6)) => {}
                () = hurry() => {}
            }
            assert_eq!(scene.fates().await, tickets(6), "{point} {answer}");
        }
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_opened_is_shown_and_forgets_nothing() {
    let answers = [
        "TAG NO [NONEXISTENT] no such folder\r\n",
        "TAG NO [NOPERM] not yours\r\n",
        "TAG NO [SERVERBUG] sorry\r\n",
        "TAG BAD cannot\r\n",
        "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\nTAG OK done\r\n",
        "* 6 EXISTS\r\nTAG OK done\r\n",
    ];
    for answer in answers {
        let scene = Scene::new(&mails(6), vec![], "import = \"all\"\nidle = false").await;
        scene.run_until("ticket", 6).await;
        scene.server.rule(always("SELECT", &[say(answer)]));
        if answer.contains("0 EXISTS") {
            scene.server.rule(always("UID SEARCH", &[say("* SEARCH\r\nTAG OK done\r\n")]));
        }
        let healed = AtomicBool::new(false);
        let done = async || {
            if scene.error().await.is_some_and(|error| !error.is_empty()) && !healed.swap(true, Ordering::Relaxed) {
                assert_eq!(scene.fates().await, tickets(6), "{answer}");
                scene.server.heal();
                let late = mails(20).pop().unwrap();
                scene.server.change(|folder| folder.mails.push(Held::old(late.0, &late.1)));
            }
            healed.load(Ordering::Relaxed) && scene.fates().await == tickets(7) && scene.error().await.is_none()
        };
        tokio::select! {
            () = scene.watch(done) => {}
            () = hurry() => {}
        }
    }
}

#[tokio::test]
async fn what_the_ledger_lost_is_found_within_a_day_and_at_a_start() {
    let scene = Scene::new(&mails(60), vec![], "import = \"all\"\nidle = false\npoll = \"10m\"").await;
    scene.run_until("ticket", 60).await;
    let lost = "DELETE FROM ledger WHERE id % 6 = 0";
    let database = scene.database();
    let stop = CancellationToken::new();
    let lose = async {
        assert_eq!(database.execute(lost, []).unwrap(), 10);
        let began = Instant::now();
        let mut waited = Duration::ZERO;
        while scene.count("SELECT count(*) FROM ledger") < 60 {
            assert!(began.elapsed() < Duration::from_hours(25), "not found within a day");
            step(&scene, Duration::from_mins(10)).await;
            waited += Duration::from_mins(10);
        }
        stop.cancel();
        waited
    };
    let running = scene.mailbox().run(stop.clone());
    // the loop has compared everything at its start, before anything is lost
    let after_start = async {
        while !scene.server.heard("NOOP") {
            step(&scene, Duration::from_mins(1)).await;
        }
        lose.await
    };
    let (waited, ()) = tokio::join!(after_start, running);
    assert!(waited > Duration::from_hours(20), "the daily look was to find it, not a new connection: {waited:?}");
    assert!(scene.database().execute("DELETE FROM ledger WHERE id % 7 = 0", []).unwrap() > 0);
    scene.mailbox().run_once().await.unwrap();
    assert_eq!(scene.count("SELECT count(*) FROM ledger"), 60);
}

/// Lets time pass, and the server and the loop do what they have to do.
async fn step(scene: &Scene, time: Duration) {
    let heard = || scene.server.heard.lock().unwrap().len();
    advance(time).await;
    let mut before = heard();
    tokio::time::sleep(Duration::from_millis(4)).await;
    while heard() != before {
        before = heard();
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_thirty_times_a_day_and_the_right_one_at_once_after_a_reload() {
    let refused = "TAG NO [AUTHENTICATIONFAILED] no\r\n";
    let scene = Scene::new(&mails(2), vec![always("LOGIN", &[say(refused)])], "import = \"all\"\nidle = false").await;
    let attempts = || scene.server.heard.lock().unwrap().iter().filter(|line| line.starts_with("LOGIN")).count();
    let stop = CancellationToken::new();
    let day = async {
        let began = Instant::now();
        let mut at = Vec::new();
        while began.elapsed() < Duration::from_hours(24) {
            step(&scene, Duration::from_secs(30)).await;
            at.resize(attempts(), began.elapsed());
        }
        // `status` says that it is refused and when it is tried next
        let told = "SELECT count(*) FROM mailbox_health WHERE refused = 1 AND next_try_at_s > updated_at_s";
        assert_eq!(scene.count(told), 1);
        stop.cancel();
        at
    };
    let (at, ()) = tokio::join!(day, scene.mailbox().run(stop.clone()));
    assert!((20..=30).contains(&at.len()), "{} attempts a day", at.len());
    // told by steps of half a minute, so that the least wait of a minute may look like one step
    let first = at[1].saturating_sub(at[0]);
    assert!(first >= Duration::from_secs(30), "the first retry came after {first:?}");
    scene.server.heal();
    // SIGHUP starts the loops anew
    let began = std::time::Instant::now();
    scene.run_until("ticket", 2).await;
    assert!(began.elapsed() < Duration::from_secs(20));
}

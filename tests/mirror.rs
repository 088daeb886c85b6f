//! The shared mailbox as the queue, on a real Dovecot: mails are filed and marked, who moves one in a mail program changes
//! its ticket, two people work at once, the daemon is killed meanwhile: no mail is lost or doubled, and nobody is fought.
//!
//! `POSTROOM_MIRROR_MAILS` is the number of mails that people move about (30 without it).
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a failure is repeated by its seed")]

#[path = "support/scene.rs"]
mod scene;
#[path = "support/scripted.rs"]
mod scripted;
mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use scene::{Scene, mails};
use scripted::{always, say};
use serde_json::Value;
use support::imap::Imap;
use support::random::Random;
use support::smtp::Client;
use support::*;

const INFO: &str = "info@example.test";
/// A few polls of one second.
const POLLS: Duration = Duration::from_secs(4);

fn started(servers: &MailServers) -> Desk {
    let ca = servers.ca_file();
    let extra = "poll = \"1s\"\nmirror = { root = \"Helpdesk\" }";
    let mut desk = Desk::new(&DeskConfig::shop().imap("info", "support", &servers.tls(&ca), extra));
    desk.start();
    desk
}

/// Every mail of the account: its folder, UID and flags by its Message-ID.
fn account(people: &mut Imap) -> BTreeMap<String, Vec<(String, u32, Vec<String>)>> {
    let mut mails: BTreeMap<String, Vec<(String, u32, Vec<String>)>> = BTreeMap::new();
    for folder in people.folders() {
        for mail in people.mails(&folder) {
            mails.entry(mail.message_id()).or_default().push((folder.clone(), mail.uid, mail.flags));
        }
    }
    mails
}

/// Waits until a mail lies in this folder, and nowhere else; its UID and flags.
fn await_in(people: &mut Imap, id: &str, folder: &str) -> (u32, Vec<String>) {
    eventually(PATIENCE, &format!("{id} in `{folder}`"), || {
        let places = account(people).remove(id)?;
        assert_eq!(places.len(), 1, "{id} lies in {places:?}");
        places.into_iter().find(|place| place.0 == folder).map(|(_, uid, flags)| (uid, flags))
    })
}

/// Moves a mail by hand and sees that nobody moves it again.
fn put(people: &mut Imap, id: &str, from: &str, to: &str) {
    let (uid, _) = await_in(people, id, from);
    people.move_to(from, uid, to);
    let (uid, _) = await_in(people, id, to);
    std::thread::sleep(POLLS);
    assert_eq!(await_in(people, id, to).0, uid, "what a person moved was moved again");
}

fn await_ticket(desk: &Desk, number: u64, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    eventually(PATIENCE, what, || Some(desk.ticket(number)).filter(|ticket| is(ticket)))
}

fn await_flags(people: &mut Imap, id: &str, folder: &str, is: impl Fn(&[String]) -> bool) {
    eventually(PATIENCE, &format!("the flags of {id}"), || {
        let (_, flags) = await_in(people, id, folder);
        is(&flags).then_some(())
    });
}

fn has(flags: &[String], flag: &str) -> bool {
    flags.iter().any(|found| found.eq_ignore_ascii_case(flag))
}

#[test]
fn mails_follow_their_ticket_and_the_ticket_follows_who_moves_them() {
    let servers = MailServers::dovecot_only();
    let mut desk = started(&servers);
    let mut lmtp = Client::lmtp(servers.lmtp());
    let mut people = servers.login(INFO);
    let first = Mail::new("zofia@client.example", INFO, "Login broken", "I cannot log in with my password.");
    lmtp.deliver("zofia@client.example", &[INFO], &first.bytes());
    let id = first.message_id();
    await_in(&mut people, id, "Helpdesk/Support");
    let number = desk.ticket_of("zofia@client.example");

    put(&mut people, id, "Helpdesk/Support", "Helpdesk/Returns");
    let ticket = await_ticket(&desk, number, "the move", |ticket| ticket["department"] == "returns");
    let moved = |event: &Value| {
        event["actor"] == "mailbox info" && event["detail"] == "support to returns: moved in the mailbox"
    };
    assert!(ticket["events"].as_array().unwrap().iter().any(moved), "{ticket}");
    let told = eventually(PATIENCE, "news for Olga", || desk.sent_to("olga@example.test").pop());
    assert!(told.text().contains("I cannot log in"), "{}", told.text());
    assert!(told.text().contains("Передал отдел") && told.text().contains("#accept"), "{}", told.text());

    put(&mut people, id, "Helpdesk/Returns", "Helpdesk/Anna Nowak");
    await_ticket(&desk, number, "the assignment", |ticket| ticket["assignee"] == "anna");
    await_flags(&mut people, id, "Helpdesk/Anna Nowak", |flags| has(flags, "$postroom-anna"));

    // Anna works by mail: she answers, and it is urgent.
    let reply = |desk: &Desk, words: &str| {
        let news = eventually(PATIENCE, "news for Anna", || desk.sent_to("anna@example.test").pop());
        let mail = Mail::new("anna@example.test", &news.answer_address(), "Re: Login broken", words);
        mail.answering(&news.message_id())
    };
    let answer = reply(&desk, "#priority urgent\nPlease try again.");
    lmtp.deliver("anna@example.test", &[INFO], &answer.bytes());
    await_ticket(&desk, number, "the answer", |ticket| ticket["status"] == "waiting" && ticket["priority"] == "urgent");
    await_flags(&mut people, id, "Helpdesk/Anna Nowak", |flags| has(flags, "\\Answered") && has(flags, "\\Flagged"));
    // A person's own change of a mark stands.
    let (uid, _) = await_in(&mut people, id, "Helpdesk/Anna Nowak");
    people.open("Helpdesk/Anna Nowak");
    people.run(&format!("UID STORE {uid} -FLAGS (\\Flagged)"));
    people.run(&format!("UID STORE {uid} +FLAGS ($own)"));

    put(&mut people, id, "Helpdesk/Anna Nowak", "Helpdesk/Done");
    await_ticket(&desk, number, "the end", |ticket| ticket["status"] == "closed");
    await_flags(&mut people, id, "Helpdesk/Done", |flags| {
        !has(flags, "\\Flagged") && has(flags, "$own") && has(flags, "\\Answered")
    });

    // The customer writes again: the ticket is open, and all its mails lie in the queue.
    let again = Mail::new("zofia@client.example", INFO, "Re: Login broken", "Still broken.").answering(id);
    lmtp.deliver("zofia@client.example", &[INFO], &again.bytes());
    await_ticket(&desk, number, "the reopening", |ticket| ticket["status"] == "open");
    await_in(&mut people, again.message_id(), "Helpdesk/Returns");
    await_in(&mut people, id, "Helpdesk/Returns");
    await_flags(&mut people, id, "Helpdesk/Returns", |flags| !has(flags, "\\Answered") && has(flags, "$postroom-anna"));

    // Out of our folders is out of our hands.
    people.create("Archive");
    let (uid, _) = await_in(&mut people, id, "Helpdesk/Returns");
    people.move_to("Helpdesk/Returns", uid, "Archive");
    std::thread::sleep(POLLS);
    await_in(&mut people, id, "Archive");
    assert_eq!(desk.ticket(number)["status"], "open");
    assert!(people.mails("INBOX").is_empty(), "the inbox holds nothing of a ticket");
    assert!(desk.stop().0.success());
}

#[test]
fn two_people_and_kills_lose_nothing_double_nothing_and_come_to_rest() {
    come_to_rest(&MailServers::dovecot_only());
}

/// Copies and expunges instead of moves, which may be cut short in between.
#[test]
fn without_move_nothing_is_lost_or_doubled_either() {
    come_to_rest(&MailServers::dovecot_saying("IMAP4rev1 LITERAL+ IDLE ENABLE UIDPLUS NAMESPACE CHILDREN"));
}

#[test]
fn mails_follow_the_new_name_of_their_department_and_tell_when_it_is_due() {
    let servers = MailServers::dovecot_only();
    let mut desk = started(&servers);
    let mut lmtp = Client::lmtp(servers.lmtp());
    let mut people = servers.login(INFO);
    let first = Mail::new("zofia@client.example", INFO, "Login broken", "I cannot log in with my password.");
    lmtp.deliver("zofia@client.example", &[INFO], &first.bytes());
    let id = first.message_id();
    await_in(&mut people, id, "Helpdesk/Support");
    let news = eventually(PATIENCE, "news of the ticket", || desk.sent_to("anna@example.test").pop());
    let wait = Mail::new("anna@example.test", &news.answer_address(), "Re: Login broken", "#wait 2d");
    lmtp.deliver("anna@example.test", &[INFO], &wait.answering(&news.message_id()).bytes());
    await_flags(&mut people, id, "Helpdesk/Support", |flags| has(flags, "$postroom.due"));

    desk.stop();
    let config = std::fs::read_to_string(desk.path("postroom.toml")).unwrap();
    desk.write_config(&config.replace("name = \"Support\"", "name = \"Help\""));
    desk.start();
    await_in(&mut people, id, "Helpdesk/Help");
    assert!(people.mails("Helpdesk/Support").is_empty());
    assert_eq!(desk.ticket(desk.ticket_of("zofia@client.example"))["department"], "support");
    assert!(desk.stop().0.success());
}

fn come_to_rest(servers: &MailServers) {
    let mails: usize = std::env::var("POSTROOM_MIRROR_MAILS").map_or(30, |text| text.parse().unwrap());
    let seed = std::env::var("POSTROOM_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| Random::from_time().next() % 1_000_000);
    eprintln!("POSTROOM_SEED={seed}");
    let mut random = Random::new(seed);
    let mut desk = started(servers);
    let mut lmtp = Client::lmtp(servers.lmtp());
    let mut two = [servers.login(INFO), servers.login(INFO)];
    let places =
        ["Helpdesk/Support", "Helpdesk/Returns", "Helpdesk/Done", "Helpdesk/Anna Nowak", "Helpdesk/Jan Kowalski"];
    eventually(PATIENCE, "the folders", || {
        let folders = two[0].folders();
        places.iter().all(|place| folders.iter().any(|folder| folder == place)).then_some(())
    });
    let mut ids = Vec::new();
    let mut moves = 0;
    for number in 0..mails {
        let from = format!("customer{number}@client.example");
        let mail = Mail::new(&from, INFO, &format!("Question {number}"), "All of it matters.");
        lmtp.deliver(&from, &[INFO], &mail.bytes());
        ids.push(mail.message_id().to_owned());
        for _ in 0..2 {
            let person = &mut two[random.index(2)];
            let from = if random.per_cent(20) { "INBOX" } else { *random.pick(&places) };
            let uids = person.uids(from);
            if uids.is_empty() {
                continue;
            }
            let (uid, to) = (*random.pick(&uids), *random.pick(&places));
            if from != to {
                person.run(&format!("UID MOVE {uid} \"{to}\""));
                moves += 1;
            }
            std::thread::sleep(Duration::from_millis(random.between(0..150)));
        }
        if number % 10 == 9 {
            desk.kill();
            desk.start();
        }
    }
    assert!(moves > mails / 2, "nothing was put to the test");
    let people = &mut two[0];
    let at_rest = eventually(PATIENCE, "every mail where its ticket says", || {
        let account = account(people);
        let tickets = desk.tickets();
        (tickets.len() == mails
            && ids.iter().all(|id| account.contains_key(id))
            && account.values().flatten().all(|place| place.0 != "INBOX")
            // Where there is no MOVE a mail lies twice for a moment, between COPY and EXPUNGE.
            && account.values().all(|places| places.len() == 1)
            && (0..mails).all(|number| lies_right(&account[&ids[number]], &tickets, number)))
        .then_some(account)
    });
    std::thread::sleep(POLLS);
    let later = account(people);
    let place = |places: &[(String, u32, Vec<String>)]| {
        places.iter().map(|(folder, uid, _)| (folder.clone(), *uid)).collect::<Vec<_>>()
    };
    for (id, places) in &at_rest {
        assert_eq!(place(&later[id]), place(places), "{id} was moved though nothing happened");
    }
    for number in 0..mails {
        let ticket = desk.ticket(desk.ticket_of(&format!("customer{number}@client.example")));
        assert_eq!(ticket["messages"].as_array().unwrap().len(), 1, "{ticket}");
    }
    eprintln!("{mails} mails, {moves} moves by hand");
    let status = desk.status();
    assert_eq!(status.pointer("/mailboxes/0/error"), Some(&Value::Null), "{status}");
    assert!(desk.stop().0.success());
}

#[tokio::test]
async fn a_mirror_that_cannot_work_says_why_and_keeps_no_mail_waiting() {
    let rules = vec![always("CAPABILITY", &[say("* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n")])];
    let scene = Scene::new(&mails(3), rules, "import = \"all\"\nmirror = {}").await;
    let told = std::sync::Mutex::new(String::new());
    let done = async || {
        let error = scene.error().await.unwrap_or_default();
        let taken = scene.fates().await.get("ticket") == Some(&3);
        (!error.is_empty()).then(|| *told.lock().unwrap() = error).is_some() && taken
    };
    scene.watch(done).await;
    let error = told.into_inner().unwrap();
    assert!(
        error.contains("mirror") && error.contains("neither MOVE nor UIDPLUS") && error.contains("hint: "),
        "{error}"
    );
    assert!(!scene.server.heard("CREATE"), "nothing is made where nothing can be moved");
}

/// Whether a mail lies where its ticket says.
fn lies_right(places: &[(String, u32, Vec<String>)], tickets: &[Value], number: usize) -> bool {
    let customer = format!("customer{number}@client.example");
    let Some(ticket) = tickets.iter().find(|ticket| ticket["requester"]["address"] == customer.as_str()) else {
        return false;
    };
    let done = ticket["status"] == "closed" || ticket["status"] == "resolved";
    let department = if ticket["department"] == "returns" { "Helpdesk/Returns" } else { "Helpdesk/Support" };
    let agent = match ticket["assignee"].as_str() {
        Some("anna") => "Helpdesk/Anna Nowak",
        Some("jan") => "Helpdesk/Jan Kowalski",
        _ => department,
    };
    places.iter().all(
        |(folder, _, _)| {
            if done { folder == "Helpdesk/Done" } else { folder == department || folder == agent }
        },
    )
}

//! Answers that colleagues write in a mail program from the shared account, on real servers: the Sent folder is read, what
//! the customer has is not sent again, our own mails are known, and a kill doubles nothing.
//!
//! `POSTROOM_SENT_KILLS` is the number of kills (3 without it).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use support::*;

const INFO: &str = "info@example.test";
const CUSTOMER: &str = "zofia@example.test";

fn started(servers: &MailServers) -> Desk {
    let ca = servers.ca_file();
    let extra = "poll = \"1s\"\nsent_folder = \"Sent\"\nimport = \"new\"";
    let config = DeskConfig::shop().submission(servers.submission(), "starttls", &ca, "password").imap(
        "info",
        "support",
        &servers.tls(&ca),
        extra,
    );
    let mut desk = Desk::new(&config);
    desk.start();
    let count = |sql: &str| -> i64 {
        let database = rusqlite::Connection::open(desk.path("postroom.db")).unwrap();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    eventually(PATIENCE, "first contact with both folders", || {
        (count("SELECT count(*) FROM folder WHERE ready = 1") == 2).then_some(())
    });
    desk
}

/// What a mail program files after it sent an answer to `question` from the shared account.
fn answer(question: &str, words: &str) -> Mail {
    Mail::new("Example Support <info@example.test>", CUSTOMER, "Re: Login broken", words)
        .answering(question)
        .header("User-Agent", "Mozilla Thunderbird")
}

fn messages(ticket: &serde_json::Value, kind: &str) -> usize {
    ticket["messages"].as_array().unwrap().iter().filter(|message| message["kind"] == kind).count()
}

fn await_messages(desk: &Desk, number: u64, kind: &str, count: usize) -> serde_json::Value {
    eventually(PATIENCE, &format!("{count} messages of kind {kind}"), || {
        let ticket = desk.ticket(number);
        (messages(&ticket, kind) == count).then_some(ticket)
    })
}

#[test]
fn an_answer_from_the_shared_account_is_an_answer_and_leaves_once() {
    let servers = MailServers::start();
    let mut people = servers.login(INFO);
    people.append("Sent", &answer("before@postroom.test", "Written before postroom came.").bytes());
    let mut desk = started(&servers);

    let question = Mail::new("Zofia Lis <zofia@example.test>", INFO, "Login broken", "I cannot log in.");
    servers.send(&question, CUSTOMER, &[INFO]);
    let acknowledgement = servers.await_inbox(CUSTOMER, 1).remove(0);
    let number = desk.ticket_of(CUSTOMER);

    // Anna writes in Thunderbird; the mail program sends it itself and files a copy.
    let written = answer(question.message_id(), "Please try again.").header("Sender", "anna@example.test");
    servers.send(&written, INFO, &[CUSTOMER]);
    people.append("Sent", &written.bytes());
    let ticket = await_messages(&desk, number, "agent", 1);
    assert_eq!((&ticket["status"], &ticket["assignee"]), (&"waiting".into(), &"anna".into()), "{ticket}");
    desk.settled(2);
    servers.postfix_idle();
    assert_eq!(servers.inbox(CUSTOMER).len(), 2, "the receipt and her program's own mail");
    let told = |user: &str| servers.inbox(user).iter().filter(|mail| mail.text().contains("Please try again")).count();
    assert_eq!((told("jan@example.test"), told("anna@example.test")), (1, 0), "the colleague is told, not the author");

    // The customer answers; Jan answers by reply, and the provider files what we sent in Sent, as Gmail does.
    let again = Mail::new(CUSTOMER, INFO, "Re: Login broken", "Still broken.").answering(written.message_id());
    servers.send(&again, CUSTOMER, &[INFO]);
    await_messages(&desk, number, "customer", 2);
    let notification = eventually(PATIENCE, "news for Anna", || {
        servers.inbox("anna@example.test").into_iter().find(|mail| mail.text().contains("Still broken"))
    });
    let reply_to = notification.answer_address();
    let reply = Mail::new("anna@example.test", &reply_to, "Re: Login broken", "We have reset it.")
        .answering(&notification.message_id());
    servers.send(&reply, "anna@example.test", &[&reply_to]);
    let relayed = servers.await_inbox(CUSTOMER, 3).remove(2);
    for ours in [&acknowledgement, &relayed] {
        people.append("Sent", &ours.raw);
    }
    desk.settled(6);
    let ticket = desk.ticket(number);
    assert_eq!((messages(&ticket, "agent"), messages(&ticket, "customer")), (2, 2), "{ticket}");

    // Somebody writes to her in Anna's name with the desk in Cc.
    let forged = Mail::new("Anna Nowak <anna@example.test>", CUSTOMER, "Re: Login broken", "Tell me your password.")
        .answering(question.message_id())
        .header("Cc", INFO);
    servers.send(&forged, "anna@example.test", &[INFO]);
    let ticket = await_messages(&desk, number, "note", 1);
    assert_eq!(messages(&ticket, "agent"), 2, "{ticket}");
    desk.settled(7);
    servers.postfix_idle();
    assert_eq!(servers.inbox(CUSTOMER).len(), 3, "nothing was sent because of it");
    assert_eq!(desk.tickets().len(), 1, "what lay there before us, and what we sent, opens nothing");
    assert!(desk.stop().0.success());
}

#[test]
fn a_kill_while_answers_are_filed_loses_none_and_doubles_none() {
    let kills: usize = std::env::var("POSTROOM_SENT_KILLS").map_or(3, |text| text.parse().unwrap());
    let servers = MailServers::start();
    let mut desk = started(&servers);
    let question = Mail::new("Zofia Lis <zofia@example.test>", INFO, "Login broken", "I cannot log in.");
    servers.send(&question, CUSTOMER, &[INFO]);
    servers.await_inbox(CUSTOMER, 1);
    let number = desk.ticket_of(CUSTOMER);
    let mut people = servers.login(INFO);
    for kill in 0..kills {
        for part in 0..5 {
            people.append("Sent", &answer(question.message_id(), &format!("Answer {kill}.{part}")).bytes());
        }
        // Anywhere within a poll.
        std::thread::sleep(Duration::from_millis((kill as u64 * 377) % 1_200));
        desk.kill();
        desk.start();
    }
    let ticket = await_messages(&desk, number, "agent", kills * 5);
    let mut ids: Vec<&str> =
        ticket["messages"].as_array().unwrap().iter().filter_map(|message| message["message_id"].as_str()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an answer stands there twice");
    servers.postfix_idle();
    assert_eq!(servers.inbox(CUSTOMER).len(), 1, "the receipt alone: {}", desk.log());
    assert!(desk.stop().0.success());
}

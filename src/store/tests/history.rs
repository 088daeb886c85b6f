//! The history of a ticket as it is kept: values as JSON, lines of old in their own words.

use super::*;
use crate::model::event::{PastEvent, StatusWhy};

#[tokio::test]
async fn every_kind_of_event_is_kept_and_read_back() {
    let desk = Desk::new();
    desk.apply(opening(1001), vec![], None).await.unwrap();
    let before = desk.store.read(|view| view.events(TicketNumber(1001))).await.unwrap().len();
    let kinds = EventKind::samples();
    let events = kinds.iter().map(|kind| Event::of_desk(TicketNumber(1001), kind.clone())).collect();
    desk.apply(Plan { events, ..Plan::default() }, vec![], None).await.unwrap();
    let found = desk.store.read(|view| view.events(TicketNumber(1001))).await.unwrap();
    assert_eq!(found.into_iter().skip(before).map(|event| event.kind).collect::<Vec<_>>(), kinds);
    let data = desk.word("SELECT data FROM event WHERE kind = 'merged' ORDER BY id LIMIT 1");
    assert_eq!(data, r#"{"into":1002}"#);
    assert_eq!(desk.number("SELECT count(*) FROM event WHERE detail <> ''"), 0, "no words are kept beside the values");
}

#[tokio::test]
async fn a_line_of_old_keeps_its_words_and_one_that_nobody_understands_its_values() {
    let desk = Desk::new();
    desk.apply(opening(1001), vec![], None).await.unwrap();
    desk.sql()
        .execute_batch(
            r#"DELETE FROM event;
           INSERT INTO event (ticket, at_s, actor, kind, detail) VALUES
               (1001, 1, 'agent anna', 'status', 'new to waiting: answered'),
               (1001, 2, 'customer', 'opened', '');
           INSERT INTO event (ticket, at_s, actor, kind, detail, data) VALUES
               (1001, 3, 'nobody knows', 'teleported', '', '{"to":"mars"}'),
               (1001, 4, 'postroom', 'status', '', '{"from":"new","to":"open","why":"wait-over"}');"#,
        )
        .unwrap();
    let found = desk.store.read(|view| view.events(TicketNumber(1001))).await.unwrap();
    let legacy = |kind: &str, words: &str| EventKind::Legacy { kind: kind.to_owned(), words: words.to_owned() };
    let at = |second| Timestamp::from_second(second).unwrap();
    let expected = [
        (Actor::Agent(AgentId::new("anna")), legacy("status", "new to waiting: answered")),
        (Actor::Customer, legacy("opened", "")),
        (Actor::Desk, legacy("teleported", r#"{"to":"mars"}"#)),
        (Actor::Desk, EventKind::status_as(Status::New, Status::Open, StatusWhy::WaitOver)),
    ];
    let expected =
        expected.into_iter().zip(1..).map(|((actor, kind), second)| PastEvent { at: at(second), actor, kind });
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_database_of_the_first_version_opens_with_its_history_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("postroom.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../../tests/fixtures/databases/version-1.sql")).unwrap();
    let lines = [("customer", "opened", "by first@client.example"), ("agent anna", "moved", "returns to sales: a: b")];
    for (second, (actor, kind, words)) in (1..).zip(lines) {
        let sql = "INSERT INTO event (ticket, at_s, actor, kind, detail) VALUES (1001, ?1, ?2, ?3, ?4)";
        old.execute(sql, (second, actor, kind, words)).unwrap();
    }
    old.close().unwrap();
    let store = Store::open(&path).unwrap();
    let found = store.read(|view| view.events(TicketNumber(1001))).await.unwrap();
    let told = found.iter().map(|event| (event.actor.to_string(), event.kind.word(), event.kind.to_string()));
    let expected = lines.map(|(actor, kind, words)| (actor.to_owned(), kind, words.to_owned()));
    assert_eq!(told.skip(1).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|event| matches!(event.kind, EventKind::Legacy { .. }) && event.kind.data().is_empty()));
    store.close().await;
}

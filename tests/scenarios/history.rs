//! The history of a ticket, told by mail in the language of who asks, and as values.

use std::time::Duration;

use postroom::model::event::{Actor, AssignedWhy, EventKind, StatusWhy};
use postroom::model::id::{AgentId, TicketNumber};
use postroom::model::ticket::Status;

use super::desk::{CONFIG, Desk};
use super::script::reply_head;

const EWA: &str = "ewa@client.example";
const ANNA: &str = "anna@shop.example";

/// Ewa asks, Anna answers and asks for the history, in this language.
async fn told(language: &str) -> (Desk, String) {
    let anna = r#"addresses = ["anna@shop.example", "anna.nowak@home.example"]"#;
    let config =
        CONFIG.replacen(&format!("{anna}\nlanguage = \"en\""), &format!("{anna}\nlanguage = \"{language}\""), 1);
    let mut desk = Desk::open_with(&config).await;
    desk.take(&format!(
        "Message-ID: <1@c.example>\nFrom: Ewa <{EWA}>\nTo: returns@shop.example\nSubject: Lamp\n\nIt is broken.\n"
    ))
    .await;
    let head = reply_head(desk.latest(ANNA).unwrap());
    let mail = |id: u32, words: &str| format!("Message-ID: <{id}@a.example>\nFrom: {ANNA}\n{head}\n{words}\n");
    let steps =
        ["#priority high\n#tag +vip\n#cc +adam@client.example", "#answer\nWe are sorry.", "#statsu", "#history"];
    for (id, words) in (2..).zip(steps) {
        desk.take(&mail(id, words)).await;
        desk.wait(Duration::from_mins(5)).await;
    }
    let text = desk.latest(ANNA).unwrap().mail.text.clone();
    (desk, text)
}

#[tokio::test(start_paused = true)]
async fn history_is_told_in_the_language_of_who_asks() {
    let expected = [
        (
            "en",
            [
                "customer: opened the ticket",
                "Priority: normal → high",
                "Tags: +vip",
                "added to the ticket: adam@client.example",
                "Status: new → waiting for the customer",
                "answer to the customer",
                "an email went back to its author: nothing was done",
            ],
        ),
        (
            "pl",
            [
                "klient: nowe zgłoszenie",
                "Priorytet: zwykły → wysoki",
                "Etykiety: +vip",
                "w zgłoszeniu: adam@client.example",
                "Status: nowe → czeka na klienta",
                "odpowiedź do klienta",
                "wiadomość wróciła do autora: nic nie zrobiono",
            ],
        ),
        (
            "ru",
            [
                "клиент: новое обращение",
                "Приоритет: обычный → высокий",
                "Метки: +vip",
                "в обращении: adam@client.example",
                "Статус: новое → ждёт клиента",
                "ответ клиенту",
                "письмо вернулось автору: ничего не сделано",
            ],
        ),
        (
            "fil",
            [
                "customer: bagong ticket",
                "Priyoridad: karaniwan → mataas",
                "Mga tag: +vip",
                "nasa ticket na: adam@client.example",
                "Status: bago → hinihintay ang customer",
                "sagot sa customer",
                "ibinalik ang email sa sumulat: walang ginawa",
            ],
        ),
    ];
    for (language, lines) in expected {
        let (_desk, text) = told(language).await;
        // A mail wraps its lines.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in lines {
            assert!(text.contains(line), "{language}: `{line}` is not in {text}");
        }
        assert!(!text.contains("unknown command `#statsu`"), "{language}: a reason in English: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn history_holds_values_that_lead_to_what_they_are_about() {
    let (desk, _) = told("pl").await;
    let read = desk.store.read(|view| Ok((view.events(TicketNumber(1001))?, view.messages(TicketNumber(1001))?)));
    let (events, messages) = read.await.unwrap();
    let anna = AgentId::new("anna");
    let text_of = |key| messages.iter().find(|message| message.id == key).map(|message| message.text.trim().to_owned());
    let by_anna =
        |kind: &EventKind| events.iter().any(|event| event.kind == *kind && event.actor == Actor::Agent(anna.clone()));
    let why = Some(AssignedWhy::FirstToAnswer);
    assert!(by_anna(&EventKind::Assigned { from: None, to: Some(anna.clone()), why }), "{events:?}");
    assert!(by_anna(&EventKind::status_as(Status::New, Status::Waiting, StatusWhy::Answered)), "{events:?}");
    let named = events.iter().filter_map(|event| {
        let (EventKind::Opened { message, .. } | EventKind::Answered { message, .. }) = &event.kind else {
            return None;
        };
        text_of(*message)
    });
    assert_eq!(named.collect::<Vec<_>>(), ["It is broken.", "We are sorry."]);
}

//! Words of an agent's that may not be the customer's to read: they wait, their agent is asked, and only `#send` sends them.

use postroom::model::outgoing::OutgoingKind;
use postroom::model::ticket::MessageKind;

use super::desk::Desk;
use super::script::{quoted, reply_head};

const EWA: &str = "ewa@client.example";
const ANNA: &str = "anna@shop.example";
const JAN: &str = "jan@shop.example";

/// A desk where Ewa, or whoever `from` is, wrote to the returns department.
async fn opened_by(from: &str) -> Desk {
    let mut desk = Desk::open().await;
    desk.take(&format!(
        "Message-ID: <first@client.example>\nFrom: {from}\nTo: returns@shop.example\nSubject: Lamp\n\nIt is broken.\n"
    ))
    .await;
    desk
}

async fn opened() -> Desk {
    opened_by("Ewa Lis <ewa@client.example>").await
}

/// Anna replies to her latest mail, as most programs do.
async fn anna(desk: &mut Desk, words: &str) {
    let answered = desk.latest(ANNA).unwrap();
    let (head, quote) = (reply_head(answered), quoted(answered));
    let id = desk.sent.len();
    let mail =
        format!("Message-ID: <anna-{id}@mail.example>\nFrom: Anna Nowak <anna@shop.example>\n{head}\n{words}\n{quote}");
    desk.wait(std::time::Duration::from_mins(10)).await;
    desk.take(&mail).await;
    desk.wait(std::time::Duration::from_mins(10)).await;
}

/// What Ewa was answered, without the department's signature.
fn answers(desk: &Desk) -> Vec<String> {
    let answers = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer);
    let words = |text: &str| text.split("\n\n-- \n").next().unwrap_or_default().trim().to_owned();
    answers.map(|sent| words(&sent.mail.text)).collect()
}

fn told(desk: &Desk, reader: &str) -> String {
    desk.latest(reader).map(|sent| sent.mail.text.clone()).unwrap_or_default()
}

fn is_asked(desk: &Desk) -> bool {
    told(desk, ANNA).contains("have not been sent")
}

async fn kinds(desk: &Desk) -> Vec<MessageKind> {
    let number = desk.tickets().await[0].number;
    let messages = desk.store.read(move |view| view.messages(number)).await.unwrap();
    messages.into_iter().map(|message| message.kind).collect()
}

#[tokio::test(start_paused = true)]
async fn words_beside_a_command_that_gives_the_ticket_away_wait_and_the_command_is_done() {
    for (command, department, assignee) in [
        ("#move billing", "billing", None),
        ("№move billing", "billing", None),
        ("#przenieś billing", "billing", None),
        ("#передать Billing she paid twice", "billing", None),
        ("#assign jan", "returns", Some("jan")),
        ("#assign jan he knows her", "returns", Some("jan")),
        ("#release", "returns", None),
    ] {
        for (word, sent) in [("#send", true), ("#wyślij", true), ("#note", false), ("#cancel", false)] {
            let mut desk = opened().await;
            anna(&mut desk, &format!("{command}\nShe never paid, be careful.")).await;
            let ticket = desk.tickets().await.remove(0);
            let has = ticket.assignee.as_ref().map(|agent| agent.as_str().to_owned());
            assert_eq!((ticket.department.as_str(), has.as_deref()), (department, assignee), "{command}");
            assert!(answers(&desk).is_empty() && is_asked(&desk), "{command}: {}", told(&desk, ANNA));
            let last = if command.contains("paid") || command.contains("knows") {
                MessageKind::Note
            } else {
                MessageKind::Returned
            };
            assert!(kinds(&desk).await.contains(&MessageKind::Returned), "{command}");
            assert_eq!(kinds(&desk).await.last(), Some(&last), "{command}");
            anna(&mut desk, word).await;
            let expected: &[&str] = if sent { &["She never paid, be careful."] } else { &[] };
            assert_eq!(answers(&desk), expected, "{command}, {word}: {}", told(&desk, ANNA));
            let ticket = desk.tickets().await.remove(0);
            let has = ticket.assignee.as_ref().map(|agent| agent.as_str().to_owned());
            assert_eq!((ticket.department.as_str(), has.as_deref()), (department, assignee), "{command}, {word}");
            let jan = desk.sent.iter().any(|sent| sent.recipient == JAN && sent.mail.text.contains("She never paid"));
            assert_eq!(jan, word != "#cancel", "{command}, {word}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn other_words_in_answer_to_the_question_are_asked_about_again() {
    for words in
        ["#move billing\nShe never paid.", "@jan she never paid", "Jan,\nshe never paid.", "/note\nShe never paid."]
    {
        let mut desk = opened().await;
        anna(&mut desk, words).await;
        anna(&mut desk, "It was for Jan, sorry.").await;
        assert!(answers(&desk).is_empty() && is_asked(&desk), "{words}: {}", told(&desk, ANNA));
        anna(&mut desk, "#send").await;
        assert_eq!(answers(&desk), ["It was for Jan, sorry."], "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_meanwhile_is_not_shown_to_who_gave_the_ticket_away() {
    let mut desk = opened().await;
    anna(&mut desk, "#move billing\nWe look into it.").await;
    let answered = desk.latest(JAN).unwrap();
    let mail = format!("Message-ID: <jan@mail.example>\nFrom: {JAN}\n{}\nYou paid twice.\n", reply_head(answered));
    desk.take(&mail).await;
    anna(&mut desk, "#send").await;
    assert_eq!(answers(&desk), ["You paid twice."]);
    assert!(told(&desk, ANNA).contains("We look into it.") && !told(&desk, ANNA).contains("paid twice"));
}

#[tokio::test(start_paused = true)]
async fn the_reason_beside_a_command_is_a_note_above_the_customers_words() {
    for words in [
        "#move billing She paid twice.",
        "#assign jan She paid twice.",
        "#assign Jan Kos: She paid twice.\n\n-- \nAnna",
    ] {
        let mut desk = opened().await;
        anna(&mut desk, words).await;
        assert!(answers(&desk).is_empty() && !is_asked(&desk), "{words}");
        assert_eq!(kinds(&desk).await.last(), Some(&MessageKind::Note), "{words}");
        let jans = told(&desk, JAN);
        let places = (jans.find("She paid twice."), jans.find("It is broken."));
        assert!(matches!(places, (Some(reason), Some(customer)) if reason < customer), "{words}:\n{jans}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_calls_a_colleague_or_lacks_its_hash_waits() {
    for words in [
        "@jan can you look?",
        "@Jan Kos can you look?",
        "@billing please have a look",
        "Jan, can you look?",
        "Jan Kos:\ncan you look?",
        "jan\ncan you look?",
        "Hi Jan,\ncan you look?",
        "Cześć Maja,\nzerkniesz?",
        "@note\nShe never paid.",
        "/note She never paid.",
        "!note She never paid.",
        "Note:\nShe never paid.",
        "notatka:\nNigdy nie zapłaciła.",
        "Заметка.\nОна не платит.",
        "*Note*\nShe never paid.",
        "Hello,\n/take\nShe never paid.",
    ] {
        let mut desk = opened().await;
        anna(&mut desk, words).await;
        assert!(answers(&desk).is_empty() && is_asked(&desk), "{words}: {:?}", answers(&desk));
        anna(&mut desk, "#note").await;
        assert!(answers(&desk).is_empty(), "{words}");
        assert!(kinds(&desk).await.contains(&MessageKind::Note), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_only_resembles_such_words_goes_to_the_customer() {
    for words in [
        "Hello Ewa,\n\nwe send a new one.",
        "Ewa,\nwe send a new one.",
        "Note: keep the receipt, please.",
        "Note that it takes a week.",
        "Jan will call you.",
        "January is too late.",
        "Anna,\nthat is my name.",
        "№ 4711 is on its way.",
        "I asked @ home.",
        "See /returns on our page.",
        "Open the box first.",
    ] {
        let mut desk = opened().await;
        anna(&mut desk, words).await;
        assert_eq!(answers(&desk), [words], "{}", told(&desk, ANNA));
    }
    for command in ["#resolve", "#wait 3d", "#tag +vip", "#priority high", "#take", "№take", "#załatwione"] {
        let mut desk = opened().await;
        anna(&mut desk, &format!("{command}\nWe send a new one.")).await;
        assert_eq!(answers(&desk), ["We send a new one."], "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_has_a_colleagues_name_is_answered() {
    for (from, words) in [
        ("Jan Nowak <jn@client.example>", "Jan,\nwe send a new one."),
        ("Jan Kos <jk@client.example>", "Jan Kos:\nwe send a new one."),
        ("jan.lis@client.example", "Hi Jan,\nwe send a new one."),
    ] {
        let mut desk = opened_by(from).await;
        anna(&mut desk, words).await;
        assert_eq!(answers(&desk), [words], "{from}");
    }
    // As the customer signs.
    let mut desk = Desk::open().await;
    let mail = "Message-ID: <1@client.example>\nFrom: x77@client.example\nTo: returns@shop.example\nSubject: Lamp\n\nBroken.\n\nJan\n";
    desk.take(mail).await;
    anna(&mut desk, "Hi Jan,\nwe send a new one.").await;
    assert_eq!(answers(&desk), ["Hi Jan,\nwe send a new one."]);
    assert_eq!(desk.latest(EWA).map(|sent| sent.kind), None);
}

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
    told(desk, ANNA).contains("hasn't been sent")
}

/// What Anna was told that her latest mail did.
fn done(desk: &Desk) -> String {
    let line = told(desk, ANNA).lines().find(|line| line.starts_with("#1001: ")).map(str::to_owned);
    line.unwrap_or_default()
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
async fn other_words_in_answer_to_the_question_are_asked_about_again_and_take_no_place() {
    for words in
        ["#move billing\nShe never paid.", "@jan she never paid", "Jan,\nshe never paid.", "/note\nShe never paid."]
    {
        let first = words.strip_prefix("#move billing\n").unwrap_or(words);
        for (verdict, sent) in [("#send", true), ("#note", false), ("#cancel", false)] {
            let mut desk = opened().await;
            anna(&mut desk, words).await;
            for prose in ["It was for Jan, sorry.", "Did you get that?"] {
                anna(&mut desk, prose).await;
                let question = told(&desk, ANNA);
                assert!(answers(&desk).is_empty() && question.contains("Nothing has been sent"), "{words}: {question}");
                let places = (question.find(first), question.find(prose));
                assert!(matches!(places, (Some(held), Some(now)) if held < now), "{words}: {question}");
            }
            anna(&mut desk, verdict).await;
            let expected: &[&str] = if sent { &[first] } else { &[] };
            assert_eq!(answers(&desk), expected, "{words}, {verdict}");
            let noted = verdict != "#note" || told(&desk, JAN).contains(first.lines().last().unwrap());
            assert!(noted, "{words}: {}", told(&desk, JAN));
            anna(&mut desk, "#send").await;
            assert_eq!(answers(&desk), expected, "{words}, {verdict}: sent twice");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn new_words_below_answer_take_the_place_of_those_that_were_asked_about() {
    let mut desk = opened().await;
    anna(&mut desk, "#move billing\nShe never paid.").await;
    anna(&mut desk, "It was for Jan.").await;
    anna(&mut desk, "#answer\nWe look into it.").await;
    assert_eq!(answers(&desk), ["We look into it."]);
    anna(&mut desk, "#send").await;
    assert_eq!(answers(&desk), ["We look into it."]);
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
        "Note: she never paid.",
        "Notatka: nigdy nie zapłaciła.",
        "Заметка: она не платит.",
        "Dear Ewa,\n\nwe send a new one.\n\n@jan she never paid, keep an eye on her",
        "We send a new one.\n@billing please have a look",
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
        "Please note: keep the receipt.",
        "Our office:\n\n@ the station",
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

#[tokio::test(start_paused = true)]
async fn the_words_behind_note_on_one_line_are_a_note() {
    for (words, note) in [
        ("#note she never paid", "she never paid"),
        ("#notatka nigdy nie zapłaciła", "nigdy nie zapłaciła"),
        ("*#note* she never paid\nand shouts", "she never paid\nand shouts"),
        ("#take\n#note she never paid", "she never paid"),
    ] {
        let mut desk = opened().await;
        anna(&mut desk, words).await;
        let number = desk.tickets().await[0].number;
        let messages = desk.store.read(move |view| view.messages(number)).await.unwrap();
        let last = messages.last().unwrap();
        assert_eq!((last.kind, last.text.as_str()), (MessageKind::Note, note), "{words}: {}", told(&desk, ANNA));
        assert!(note.lines().all(|line| told(&desk, JAN).contains(line)), "{words}: {}", told(&desk, JAN));
        assert!(answers(&desk).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_a_note_to_a_customer_too_is_told_at_once() {
    for (copy, told_of) in [("Cc: Ewa Lis <ewa@client.example>", true), ("Cc: boss@shop.example", false)] {
        let mut desk = opened().await;
        let head = reply_head(desk.latest(ANNA).unwrap());
        let mail = format!("Message-ID: <n@mail.example>\nFrom: {ANNA}\n{head}{copy}\n\n#note\nShe never paid.\n");
        let (_, before) = desk.take(&mail).await;
        let notices = desk.sent[before..].iter().filter(|sent| sent.recipient == ANNA);
        let lines: Vec<&str> = notices.map(|sent| sent.mail.text.as_str()).collect();
        assert_eq!(lines.iter().any(|text| text.contains(EWA) && text.contains("can read it")), told_of, "{lines:?}");
        let events = desk.store.read(|view| view.events_since(0)).await.unwrap();
        assert_eq!(events.iter().any(|kind| kind.word() == "note-reached"), told_of, "{events:?}");
        assert!(answers(&desk).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_command_alone_did_is_confirmed_in_one_line_with_the_way_back() {
    for (command, line, undo) in [
        ("#close", "#1001: closed. To undo: #open", "#1001: open. To undo: #close"),
        ("#wait 3d", "#1001: waiting for the customer until 25 November 2026", ""),
        ("#take", "#1001: yours now. To undo: #release", "#1001: unassigned. To undo: #take"),
        ("#assign jan", "#1001: assigned to Jan Kos. To undo: #release", "#1001: unassigned."),
        ("#move billing", "#1001: now in Billing.", ""),
        (
            "#priority high",
            "#1001: priority high. To undo: #priority normal",
            "#1001: priority normal. To undo: #priority high",
        ),
        ("#tag +vip", "#1001: tags +vip. To undo: #tag -vip", "#1001: tags -vip. To undo: #tag +vip"),
        (
            "#cc +jo@client.example",
            "#1001: people on it +jo@client.example. To undo: #cc -jo@client.example",
            "#1001: people on it -jo@client.example.",
        ),
        ("#resolve\n#take", "#1001: resolved; yours now. To undo: #open, #release", ""),
        ("#open", "#1001: open. To undo: #open", ""),
        ("#priority normal", "#1001: nothing changed, it was already so.", ""),
    ] {
        let mut desk = opened().await;
        anna(&mut desk, command).await;
        let sent = desk.latest(ANNA).unwrap();
        assert!(done(&desk).starts_with(line), "{command}: {}", sent.mail.text);
        let head = String::from_utf8_lossy(&sent.bytes).into_owned();
        assert!(head.contains("X-Postroom-Reader: nobody\r\n"), "{head}");
        let opened = desk.sent.iter().find(|sent| sent.recipient == ANNA).unwrap();
        assert!(opened.mail.references.iter().any(|root| sent.mail.references.contains(root)), "{command}: {head}");
        if !undo.is_empty() {
            let way = line.rsplit("To undo: ").next().unwrap();
            anna(&mut desk, way).await;
            assert!(done(&desk).starts_with(undo), "{command}, {way}: {}", told(&desk, ANNA));
        }
        assert!(answers(&desk).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_that_answers_by_itself_is_not_confirmed_beside() {
    for command in ["#status", "#show", "#history", "#help", "#next", "#away", "#close\n#status", "#spam"] {
        let mut desk = opened().await;
        let before = desk.sent.len();
        anna(&mut desk, command).await;
        let texts: Vec<&str> = desk.sent[before..]
            .iter()
            .filter(|sent| sent.recipient == ANNA)
            .map(|sent| sent.mail.text.as_str())
            .collect();
        assert_eq!(texts.len(), 1, "{command}: {texts:?}");
        assert!(!texts[0].contains("To undo"), "{command}: {texts:?}");
    }
    // Beside words it is no command alone.
    let mut desk = opened().await;
    let before = desk.sent.len();
    anna(&mut desk, "#resolve\nWe sent a new one.").await;
    assert!(desk.sent[before..].iter().all(|sent| sent.recipient != ANNA));
}

#[tokio::test(start_paused = true)]
async fn who_has_no_right_any_more_gets_back_what_waits_and_what_they_wrote_beside_it() {
    let mut desk = opened().await;
    let (head, quote) = (reply_head(desk.latest(ANNA).unwrap()), quoted(desk.latest(ANNA).unwrap()));
    let answered = reply_head(desk.latest(JAN).unwrap());
    desk.take(&format!("Message-ID: <jan@mail.example>\nFrom: {JAN}\n{answered}\nYou paid twice.\n")).await;
    let late = format!("Message-ID: <late@mail.example>\nFrom: {ANNA}\n{head}\nIt is on its way.\n{quote}");
    desk.take(&late).await;
    let held = reply_head(desk.latest(ANNA).unwrap());
    for (number, words) in ["#move billing", "#send\nIt comes on Friday."].into_iter().enumerate() {
        desk.take(&format!("Message-ID: <held-{number}@mail.example>\nFrom: {ANNA}\n{held}\n{words}\n")).await;
    }
    assert_eq!(answers(&desk), ["You paid twice."]);
    let back = told(&desk, ANNA);
    for words in ["which you don't work for", "It is on its way.", "It comes on Friday."] {
        assert!(back.contains(words), "{words}: {back}");
    }
}

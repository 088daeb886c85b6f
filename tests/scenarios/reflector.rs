//! Nobody can have us write to others: what a forged mail makes us send is little, says nothing of theirs, and somebody hears of it.

use std::time::Duration;

use postroom::model::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;

use super::desk::{CONFIG, Desk};
use super::script::reply_head;

/// The limits as they are by default, and a manager.
fn config() -> String {
    let lines: String = CONFIG.lines().filter(|line| !line.contains("_per_")).flat_map(|line| [line, "\n"]).collect();
    lines.replace("[[agent]]\nid = \"piotr\"", "[[agent]]\nid = \"piotr\"\nrole = \"manager\"")
}

fn letter(number: usize, from: &str, subject: &str) -> String {
    format!(
        "Message-ID: <{number}@else.example>\nFrom: {from}\nTo: info@shop.example\nSubject: {subject}\n\nHello {number}\n"
    )
}

fn count(desk: &Desk, kind: OutgoingKind) -> usize {
    desk.sent.iter().filter(|sent| sent.kind == kind).count()
}

#[tokio::test(start_paused = true)]
async fn a_receipt_says_nothing_that_a_stranger_wrote_and_its_answer_finds_the_ticket() {
    let mut desk = Desk::open_with(&config()).await;
    desk.take(&letter(0, "victim@else.example", "Cheap pills at pills.example")).await;
    let receipt = desk.latest("victim@else.example").unwrap();
    assert_eq!(receipt.mail.subject, "[#1001] Example Shop: we have your message");
    assert!(!String::from_utf8_lossy(&receipt.bytes).contains("pills"));
    // A program that keeps nothing but the subject.
    let answer = letter(1, "victim@else.example", "RE: [#1001] Example Shop: we have your message");
    assert_eq!(desk.take(&answer).await.0, Fate::Ticket(TicketNumber(1001)));
    let stranger = letter(2, "thief@else.example", "RE: [#1001] Example Shop: we have your message");
    assert_eq!(desk.take(&stranger).await.0, Fate::Ticket(TicketNumber(1002)));
}

#[tokio::test(start_paused = true)]
async fn what_our_own_server_calls_forged_gets_no_receipt() {
    for (verdict, receipts) in [("dmarc=fail", 0), ("dmarc=none", 1), ("dmarc=pass", 1)] {
        let mut desk = Desk::open_with(&config()).await;
        let results = format!("Authentication-Results: mx.shop.example; {verdict} header.from=else.example\n");
        desk.take(&(results + &letter(0, "victim@else.example", "Lamp"))).await;
        assert_eq!(count(&desk, OutgoingKind::Acknowledgement), receipts, "{verdict}");
        assert!(desk.latest("jan@shop.example").is_some(), "{verdict}: colleagues hear of it");
        let own = desk.latest("victim@else.example").map(|sent| sent.mail.subject.contains("Lamp"));
        assert_eq!(own.unwrap_or_default(), verdict == "dmarc=pass", "{verdict}: the customer's subject");
    }
}

#[tokio::test(start_paused = true)]
async fn whom_one_of_us_has_answered_gets_receipts_with_their_own_subject() {
    let mut desk = Desk::open_with(&config()).await;
    desk.take(&letter(0, "ewa@else.example", "Lamp")).await;
    let reply = reply_head(desk.latest("jan@shop.example").unwrap());
    desk.take(&format!("Message-ID: <a@jan>\nFrom: jan@shop.example\n{reply}\nIt is on its way.\n")).await;
    desk.take(&letter(1, "ewa@else.example", "Chair")).await;
    let receipts = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Acknowledgement);
    let subjects: Vec<&str> = receipts.map(|sent| sent.mail.subject.as_str()).collect();
    assert_eq!(subjects, ["[#1001] Example Shop: we have your message", "Re: [#1002] Chair"]);
    for (language, words) in [
        ("pl", "mamy Twoją wiadomość"),
        ("ru", "ваше сообщение получено"),
        ("fil", "natanggap po namin ang mensahe ninyo"),
    ] {
        let mut desk =
            Desk::open_with(&config().replacen("language = \"en\"", &format!("language = \"{language}\""), 1)).await;
        desk.take("Message-ID: <0@x>\nFrom: a@else.example\nTo: info@shop.example\nSubject: x\n\n1\n").await;
        assert!(desk.latest("a@else.example").unwrap().mail.subject.ends_with(words), "{language}");
    }
}

#[tokio::test(start_paused = true)]
async fn replies_to_others_get_twenty_receipts_an_hour_and_forms_of_our_own_all() {
    for (from, most) in [("form@agency.example", 20), ("wordpress@shop.example", 45)] {
        let mut desk = Desk::open_with(&config()).await;
        for number in 0..45 {
            let mail = letter(number, from, "Contact form");
            desk.take(&mail.replace("To: info", &format!("Reply-To: v{number}@d{number}.example\nTo: info"))).await;
        }
        assert_eq!(count(&desk, OutgoingKind::Acknowledgement), most, "{from}");
        let told = desk.sent.iter().filter(|sent| sent.recipient == "piotr@shop.example").count();
        assert_eq!(told, usize::from(most == 20), "{from}: the manager hears of it once");
        desk.wait(Duration::from_mins(61)).await;
        let mail = letter(100, from, "Contact form").replace("To: info", "Reply-To: late@d.example\nTo: info");
        desk.take(&mail).await;
        assert!(desk.latest("late@d.example").is_some(), "{from}: an hour later");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_domain_sends_beyond_its_limits_is_told_in_lists_and_to_a_manager_once() {
    let mut desk = Desk::open_with(&config()).await;
    for number in 0..600 {
        desk.take(&letter(number, &format!("{number}@h{number}.else.example"), &format!("Matter {number}"))).await;
        if number % 20 == 0 {
            desk.wait(Duration::from_mins(1)).await;
        }
    }
    desk.wait(Duration::from_mins(40)).await;
    assert_eq!(desk.messages().await, 600, "none is dropped");
    let to_manager: Vec<&str> = desk
        .sent
        .iter()
        .filter(|sent| sent.recipient == "piotr@shop.example")
        .map(|sent| sent.mail.subject.as_str())
        .collect();
    assert!(
        to_manager.iter().any(|subject| subject.contains("No more confirmations to else.example")),
        "{to_manager:?}"
    );
    assert!(to_manager.len() <= 3, "{to_manager:?}");
    // A real customer is not concerned.
    desk.take(&letter(1_000, "ewa@client.example", "Lamp")).await;
    assert_eq!(desk.latest("ewa@client.example").unwrap().kind, OutgoingKind::Acknowledgement);
    let limited = desk.store.read(|view| view.status()).await.unwrap().kept_back;
    assert!(limited.iter().any(|kept| kept.whose == "else.example" && kept.count > 100), "{limited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_domains_gets_receipts_and_news_to_the_mailboxs_limit_and_lists_beyond() {
    let config =
        config().replace("[smtp]", "[limits]\nper_mailbox_per_hour = 40\n\n[smtp]").replacen("[limits]\n\n", "", 1);
    let mut desk = Desk::open_with(&config).await;
    for number in 0..120 {
        desk.take(&letter(number, &format!("kim@d{number}.example"), &format!("Matter {number}"))).await;
    }
    assert_eq!(count(&desk, OutgoingKind::Acknowledgement), 40);
    assert_eq!(desk.tickets().await.len(), 120, "strangers' matters are never put together");
    let singly = desk.sent.iter().filter(|sent| sent.recipient == "jan@shop.example").count();
    assert!(singly <= 41, "{singly}");
    desk.wait(Duration::from_mins(31)).await;
    let lists: Vec<&str> = desk
        .sent
        .iter()
        .filter(|sent| sent.recipient == "jan@shop.example")
        .skip(singly)
        .map(|sent| sent.mail.text.as_str())
        .collect();
    assert_eq!(lists.len(), 1, "one list");
    for number in [1041, 1120] {
        assert!(lists[0].contains(&format!("#{number}")), "{}", lists[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_manager_hears_of_the_sixth_mail_in_an_agents_name_and_status_names_them() {
    let mut desk = Desk::open_with(&config()).await;
    for number in 0..9 {
        let mail = letter(number, "jan@shop.example", "Hello").replace("Hello ", "#close Hello ");
        let (fate, _) = desk.take(&mail).await;
        assert!(matches!(fate, Fate::Ignored(_)), "{fate:?}");
    }
    let to = |whom: &str| desk.sent.iter().filter(|sent| sent.recipient == whom).count();
    assert_eq!((to("jan@shop.example"), to("piotr@shop.example")), (5, 1));
    let told = desk.latest("piotr@shop.example").unwrap();
    assert!(told.mail.subject.contains("in the name of Jan Kos"), "{}", told.mail.subject);
    let kept = desk.store.read(|view| view.status()).await.unwrap().kept_back;
    assert_eq!((kept[0].whose.as_str(), kept[0].count), ("jan", 4));
}

#[tokio::test(start_paused = true)]
async fn words_of_an_agent_at_the_limit_of_notices_reach_somebody() {
    let mut desk = Desk::open_with(&config()).await;
    desk.take(&letter(0, "ewa@client.example", "Lamp").replace("info@", "returns@")).await;
    let mut last = String::new();
    for number in 0..70 {
        let head = reply_head(desk.latest("jan@shop.example").unwrap());
        // No two of these mails are alike.
        let letters = "abcdefghijklmnopqrstuvwxyz".as_bytes();
        let word = |place: usize| {
            format!("w{}{}{}", letters[number / 26] as char, letters[number % 26] as char, letters[place] as char)
        };
        last = (0..8).map(word).collect::<Vec<_>>().join(" ");
        desk.take(&format!("Message-ID: <{number}@jan>\nFrom: jan@shop.example\n{head}\n#clsoe\n{last}\n")).await;
        desk.wait(Duration::from_mins(3)).await;
    }
    let notices =
        desk.sent.iter().filter(|sent| sent.recipient == "jan@shop.example" && sent.kind == OutgoingKind::Notice);
    assert!(notices.count() <= 61);
    desk.wait(Duration::from_mins(40)).await;
    let texts = |whom: &str| -> Vec<&str> {
        desk.sent.iter().filter(|sent| sent.recipient == whom).map(|sent| sent.mail.text.as_str()).collect()
    };
    let told = texts("anna@shop.example");
    assert!(told.iter().any(|text| text.contains(&last)), "{last}: {told:?}");
    assert!(told.len() < 8, "one at once, the others in lists");
    assert!(matches!(texts("piotr@shop.example")[..], [text] if text.contains("Jan Kos gets no more notices")));
    let kept = desk.store.read(|view| view.status()).await.unwrap().kept_back;
    assert!(kept.iter().any(|kept| kept.whose == "jan"), "{kept:?}");
}

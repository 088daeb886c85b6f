//! Robots and forgers that change their address with each mail; and the many people of one provider.

use std::time::Duration;

use postroom::model::outgoing::OutgoingKind;

use super::desk::Desk;

/// The config without limits of its own.
fn by_default() -> String {
    super::desk::CONFIG.lines().filter(|line| !line.contains("_per_")).flat_map(|line| [line, "\n"]).collect()
}

fn receipts(desk: &Desk) -> usize {
    desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Acknowledgement).count()
}

/// A robot whose address varies, and what it makes of the number of its mail and of our latest receipt to it.
type Robot = fn(usize, &str) -> String;

fn letter(number: usize, from: &str, subject: &str, text: &str) -> String {
    format!(
        "Message-ID: <{number}@partner.example>\nFrom: Partner <{from}>\nTo: info@shop.example\nSubject: {subject}\n\n{text}\n"
    )
}

const ROBOTS: &[(&str, Robot)] = &[
    ("plus parts", |number, ours| {
        let subject = format!("We received: {}", ours.replace("[#", "(#").replace(']', ")"));
        letter(number, &format!("ticket+{number}@partner.example"), &subject, "Anything at all.")
    }),
    ("sub-domains", |number, _| {
        let text = format!("Thank you for your message. Your number is {number}.");
        letter(number, &format!("t{number}-x@desk{number}.partner.example"), "We received your mail", &text)
    }),
    ("plus parts in Reply-To", |number, _| {
        let mail = letter(number, "support@partner.example", "We received your mail", "Thank you for your message.");
        mail.replace("To: info", &format!("Reply-To: support+id{number}@partner.example\nTo: info"))
    }),
    ("Polish, by sub-domains", |number, _| {
        let text = format!("Dziekujemy za wiadomosc. Numer zgloszenia: {number}.");
        letter(number, &format!("z{number}@h{number}.partner.co.uk"), &format!("Zgloszenie {number}"), &text)
    }),
];

#[tokio::test(start_paused = true)]
async fn a_robot_whose_address_varies_gets_three_receipts_a_day() {
    for (name, robot) in ROBOTS {
        for pause in [1, 20] {
            let mut desk = Desk::open_with(&by_default()).await;
            let mut ours = "Ticket opened".to_owned();
            let mut quiet = 0;
            for number in 0..85 {
                let before = desk.sent.len();
                desk.take(&robot(number, &ours)).await;
                let answer = desk.sent[before..].iter().find(|sent| sent.kind == OutgoingKind::Acknowledgement);
                match answer {
                    Some(receipt) => ours.clone_from(&receipt.mail.subject),
                    None => quiet += 1,
                }
                desk.wait(Duration::from_secs(pause)).await;
            }
            assert!((1..=3).contains(&receipts(&desk)), "{name}, every {pause} s: {} receipts", receipts(&desk));
            assert!(quiet >= 82, "{name}: {quiet}");
            assert!(desk.tickets().await.len() <= 20, "{name}: {} tickets", desk.tickets().await.len());
            assert_eq!(desk.messages().await, 85, "{name}: each mail stands on a ticket");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn people_whose_addresses_differ_in_a_number_alone_are_people() {
    let mut desk = Desk::open_with(&by_default()).await;
    for number in 0..40 {
        let text = format!("Good morning, my parcel {number} has not come, could somebody look where it is?");
        desk.take(&letter(number, &format!("customer{number}@client.example"), "My parcel", &text)).await;
        desk.wait(Duration::from_secs(5)).await;
    }
    assert_eq!((desk.tickets().await.len(), receipts(&desk)), (40, 40));
}

#[tokio::test(start_paused = true)]
async fn a_forged_storm_gets_no_more_receipts_than_the_limits_say() {
    for (forge, most) in [
        ((|number| format!("victim+{number}@else.example")) as fn(usize) -> String, 3),
        (|number| format!("{number}@h{number}.else.example"), 60),
        (|number| format!("{number}@else.example"), 60),
    ] {
        let mut desk = Desk::open_with(&by_default()).await;
        for number in 0..1_500 {
            let mail = format!(
                "Message-ID: <{number}@else.example>\nFrom: {}\nTo: info@shop.example\nSubject: Matter {number}\n\nHello {number}\n",
                forge(number)
            );
            desk.take(&mail).await;
        }
        assert_eq!(receipts(&desk), most, "{}", forge(0));
        assert!(desk.tickets().await.len() <= 200, "{}", forge(0));
        assert_eq!(desk.messages().await, 1_500, "{}: none is dropped", forge(0));
    }
}

#[tokio::test(start_paused = true)]
async fn two_hundred_customers_of_one_provider_of_free_mail_all_get_receipts() {
    for provider in ["gmail.com", "wp.pl", "mail.ru", "yahoo.com.ph"] {
        let mut desk = Desk::open_with(&by_default()).await;
        for number in 0..200 {
            let mail = letter(
                number,
                &format!("kim{number}@{provider}"),
                "Question",
                "Thank you for your message, but where is it?",
            );
            desk.take(&mail).await;
        }
        assert_eq!(receipts(&desk), 200, "{provider}");
        assert_eq!(desk.tickets().await.len(), 200, "{provider}");
    }
}

#[tokio::test(start_paused = true)]
async fn colleagues_of_one_firm_who_write_one_after_another_all_get_receipts() {
    let mut desk = Desk::open_with(&by_default()).await;
    for (number, text) in [
        "Hello",
        "Hello",
        "Where is my parcel?",
        "The lamp that I bought is broken.",
        "Hello",
        "Please call me.",
        "Two of the five chairs are missing.",
    ]
    .into_iter()
    .enumerate()
    {
        desk.take(&letter(number, &format!("kim{number}@firm.example"), "Question", text)).await;
        desk.wait(Duration::from_secs(10)).await;
    }
    assert_eq!(receipts(&desk), 7);
}

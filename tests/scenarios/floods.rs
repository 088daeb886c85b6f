//! Floods from outside: what goes out stays within the limits, across restarts and clocks that are set, and nothing is dropped.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use postroom::model::outgoing::OutgoingKind;
use tokio::time::Instant;

use super::desk::Desk;

const PER_ADDRESS: usize = 3;
const PER_HOUR: usize = 500;

fn mail(number: usize, from: &str) -> String {
    format!(
        "Message-ID: <{number}@flood.example>\nFrom: {from}\nTo: info@shop.example\nSubject: Matter {number}\n\nHello {number}\n"
    )
}

#[tokio::test(start_paused = true)]
async fn a_forged_flood_is_not_amplified_though_we_are_killed_and_the_clock_jumps() {
    let dose = std::env::var("POSTROOM_FLOOD_DOSE").ok().and_then(|dose| dose.parse().ok()).unwrap_or(500);
    let mut desk = Desk::open().await;
    let mut receipts: Vec<(Instant, String)> = Vec::new();
    let mut seen = 0;
    for number in 0..dose {
        // Four minutes a hundred mails, killed after each hundred, the clock a day ahead or back in between.
        if number > 0 && number % 100 == 0 {
            let jump = [0, 24, -24][number / 100 % 3];
            desk = desk.killed(SignedDuration::from_hours(jump)).await;
            seen = 0;
            tokio::time::advance(Duration::from_mins(4)).await;
        }
        // A fifth of the mails is for ten victims, the others for many.
        let victim = if number % 5 == 0 { number % 50 } else { number % (dose / 5) };
        desk.take(&mail(number, &format!("victim{victim}@else.example"))).await;
        for sent in desk.sent.iter().skip(seen).filter(|sent| sent.kind == OutgoingKind::Acknowledgement) {
            receipts.push((Instant::now(), sent.recipient.clone()));
        }
        seen = desk.sent.len();
    }
    let mut by_victim: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, victim) in &receipts {
        *by_victim.entry(victim).or_default() += 1;
    }
    let worst = by_victim.values().max().copied().unwrap_or(0);
    assert_eq!(worst, PER_ADDRESS, "{by_victim:?}");
    let within_an_hour = |start: usize| {
        let from = receipts[start].0;
        receipts[start..].iter().take_while(|(at, _)| *at - from < Duration::from_hours(1)).count()
    };
    let busiest = (0..receipts.len()).map(within_an_hour).max().unwrap_or(0);
    assert!(busiest <= PER_HOUR, "{busiest} receipts in an hour");
    assert!(receipts.len() > dose / 10, "the limits bite, they do not silence us: {}", receipts.len());
    assert_eq!(desk.messages().await, dose, "every mail stands on a ticket");
    println!("{dose} mails: {} receipts, at most {worst} to one address, at most {busiest} in an hour", receipts.len());
}

#[tokio::test(start_paused = true)]
async fn a_flood_from_one_address_is_folded_into_its_newest_ticket_and_told_once() {
    let mut desk = Desk::open().await;
    for number in 0..60 {
        if number == 40 {
            desk = desk.killed(SignedDuration::from_hours(24)).await;
        }
        desk.take(&mail(number, "robot@else.example")).await;
        let told = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Notification).count();
        let expected = if number >= 40 { 0 } else { number.min(19) + 1 };
        assert_eq!(told, expected, "mail {number}: one word a ticket");
    }
    // That of the flood follows two minutes after that of its ticket, though we were killed before.
    desk.wait(Duration::from_mins(3)).await;
    let told: Vec<&str> = desk.sent.iter().map(|sent| sent.mail.text.as_str()).collect();
    assert!(matches!(told[..], [flood] if flood.contains("A flood of emails from")), "{told:?}");
    let tickets = desk.tickets().await;
    assert_eq!(tickets.len(), 20);
    assert_eq!(desk.messages().await, 60, "nothing is dropped");
    // Others are not concerned, and the flood ends an hour after its sender has calmed down.
    desk.take(&mail(100, "human@else.example")).await;
    assert_eq!(desk.latest("human@else.example").unwrap().kind, OutgoingKind::Acknowledgement);
    tokio::time::advance(Duration::from_mins(61)).await;
    desk.take(&mail(101, "robot@else.example")).await;
    assert_eq!(desk.tickets().await.len(), 22);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_somebody_closed_during_a_flood_comes_back() {
    let mut desk = Desk::open().await;
    for number in 0..21 {
        desk.take(&mail(number, "robot@else.example")).await;
    }
    let head = super::script::reply_head(desk.latest("jan@shop.example").unwrap());
    desk.take(&format!("Message-ID: <close@jan>\nFrom: jan@shop.example\n{head}\n#close\n")).await;
    assert_eq!(desk.tickets().await.last().unwrap().status.as_str(), "closed");
    desk.take(&mail(21, "robot@else.example")).await;
    assert_eq!(desk.tickets().await.last().unwrap().status.as_str(), "open");
}

/// Two desks that write to each other, each without any mark of a machine, and one that writes to a robot like that.
#[tokio::test(start_paused = true)]
async fn two_desks_without_marks_fall_silent_after_three_mails_each_way() {
    for threads in [true, false] {
        let mut desks = [Desk::open().await, Desk::open().await];
        let mut sent = [0, 0];
        let mut post = vec![(0, mail(0, "info@other.example"))];
        let started = Instant::now();
        while let Some((reader, letter)) = post.pop() {
            assert!(sent.iter().sum::<usize>() < 100, "no end in sight");
            let before = desks[reader].sent.len();
            desks[reader].take(&letter).await;
            for answer in desks[reader].sent.iter().skip(before).filter(|sent| sent.recipient == "info@other.example") {
                sent[reader] += 1;
                // The other desk knows itself as info@shop.example too: both are the same shop, seen from both sides.
                let follows = answer.mail.message_id.as_ref().filter(|_| threads);
                let follows = follows.map_or_else(String::new, |id| format!("In-Reply-To: <{id}>\n"));
                let subject = if threads { answer.mail.subject.clone() } else { format!("Matter {}", sent[reader]) };
                let number = 1000 * (reader + 1) + sent[reader];
                post.push((
                    1 - reader,
                    format!(
                        "Message-ID: <{number}@other.example>\nFrom: info@other.example\nTo: info@shop.example\n\
                         Subject: {subject}\n{follows}\n{}\n",
                        answer.mail.text
                    ),
                ));
            }
            tokio::time::advance(Duration::from_mins(1)).await;
        }
        assert!(sent[0] >= 1 && sent.iter().all(|count| *count <= 3), "threads {threads}: {sent:?}");
        assert!(started.elapsed() < Duration::from_hours(24));
    }
}

#[tokio::test(start_paused = true)]
async fn a_robot_that_strips_all_headers_gets_three_mails_and_then_silence() {
    for threads in [true, false] {
        let mut desk = Desk::open().await;
        desk.take(&mail(0, "robot@else.example")).await;
        for round in 1..40 {
            let Some(last) = desk.latest("robot@else.example") else { panic!("no receipt for the first mail") };
            let subject = if threads { format!("Re: {}", last.mail.subject) } else { format!("Your mail {round}") };
            let letter = format!(
                "Message-ID: <{round}@else.example>\nFrom: robot@else.example\nTo: info@shop.example\n\
                 Subject: {subject}\n\nWe have received your mail.\n"
            );
            desk.take(&letter).await;
            tokio::time::advance(Duration::from_mins(30)).await;
        }
        let to_robot = desk.sent.iter().filter(|sent| sent.recipient == "robot@else.example").count();
        assert!((1..=3).contains(&to_robot), "threads {threads}: {to_robot}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_may_be_written_to_again_the_day_after() {
    let mut desk = Desk::open().await;
    let mut receipts = Vec::new();
    for (number, minutes) in [0, 1, 1, 1, 25 * 60].into_iter().enumerate() {
        tokio::time::advance(Duration::from_mins(minutes)).await;
        desk.take(&mail(number, "ewa@else.example")).await;
        receipts.push(desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Acknowledgement).count());
    }
    assert_eq!(receipts, [1, 2, 3, 3, 4]);
}

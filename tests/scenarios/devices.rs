//! Mails of devices, which have neither Message-ID nor Date: which are two, and which are copies of one delivery.

use std::time::Duration;

use postroom::model::plan::Fate;

use super::desk::Desk;

/// An alarm as the server has it, with what it wrote on top and the device's own server below.
fn alarm(delivered: &str, received: &str) -> String {
    format!(
        "{delivered}{received}From: printer@client.example\nTo: info@shop.example\nSubject: Tray 2 is empty\n\nPut paper in.\n"
    )
}

fn hop(minute: usize) -> String {
    format!("Received: from printer by relay.client.example; Sun, 22 Nov 2026 10:{minute:02}:00 +0100\n")
}

#[tokio::test(start_paused = true)]
async fn alike_mails_are_two_when_they_are_more_than_a_minute_and_no_copies_of_one_delivery() {
    let top = |minute: usize| format!("Received: by mx.shop.example; Sun, 22 Nov 2026 10:{minute:02}:30 +0100\n");
    for (name, pause, second, copies) in [
        ("the next alarm", 120, alarm(&top(2), &hop(2)), false),
        ("the same second", 0, alarm(&top(0), &hop(1)), true),
        ("within the minute", 59, alarm(&top(1), &hop(1)), true),
        ("a late copy of one delivery", 1_800, alarm(&top(30), &hop(0)), true),
        ("moved by hand a day later", 86_400, alarm(&top(0), &hop(0)), true),
        ("folded anew", 7_200, alarm(&top(0), &hop(0).replace("; ", ";\n\t")), true),
    ] {
        let mut desk = Desk::open().await;
        desk.take(&alarm(&top(0), &hop(0))).await;
        desk.wait(Duration::from_secs(pause)).await;
        let (fate, _) = desk.take(&second).await;
        assert_eq!(matches!(fate, Fate::Duplicate(_)), copies, "{name}: {fate:?}");
        assert_eq!(desk.messages().await, if copies { 1 } else { 2 }, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_or_a_date_says_that_a_mail_is_the_same_however_late_it_comes() {
    for own in ["Message-ID: <1@client.example>\n", "Date: Sun, 22 Nov 2026 10:00:00 +0100\n"] {
        let mut desk = Desk::open().await;
        desk.take(&alarm(&hop(0), own)).await;
        desk.wait(Duration::from_hours(2)).await;
        assert!(matches!(desk.take(&alarm(&hop(59), own)).await.0, Fate::Duplicate(_)), "{own}");
    }
}

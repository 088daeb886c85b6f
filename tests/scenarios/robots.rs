//! Answering machines that hide what they are, on both sides of the desk.

use std::collections::BTreeMap;
use std::time::Duration;

use postroom::model::outgoing::OutgoingKind;

use super::desk::Desk;
use super::script::reply_head;

/// A mail without any mark of a machine, in answer to the latest one that `robot` got.
fn away(desk: &Desk, robot: &str, round: usize) -> String {
    let head = reply_head(desk.latest(robot).unwrap());
    format!("Message-ID: <{round}@{robot}>\nFrom: {robot}\n{head}\nI am away until Monday. ({round})\n")
}

#[tokio::test(start_paused = true)]
async fn two_machines_without_marks_come_to_rest() {
    let mut desk = Desk::open().await;
    desk.take(
        "From: shop@else.example\nTo: returns@shop.example\nSubject: Order\nMessage-ID: <a@else.example>\n\nHello\n",
    )
    .await;
    let robots = ["anna@shop.example", "shop@else.example"];
    let mut answered = BTreeMap::new();
    for round in 0..60 {
        for robot in robots {
            // As fast as notifications come: a machine that they slow down further is stopped by nothing else than a human.
            desk.wait(Duration::from_secs(61)).await;
            let received = desk.sent.iter().filter(|sent| sent.recipient == robot).count();
            if answered.insert(robot, received) != Some(received) {
                let mail = away(&desk, robot, round);
                desk.take(&mail).await;
            }
        }
    }
    let count = |kind| desk.sent.iter().filter(|sent| sent.kind == kind).count();
    assert_eq!(count(OutgoingKind::Acknowledgement), 1);
    assert_eq!(count(OutgoingKind::Answer), 25);
    assert_eq!(count(OutgoingKind::Notice), 1);
}

#[tokio::test(start_paused = true)]
async fn an_agents_machine_that_answers_the_department_is_not_told_of_itself() {
    let mut desk = Desk::open().await;
    desk.take(
        "From: shop@else.example\nTo: support@shop.example\nSubject: Order\nMessage-ID: <a@else.example>\n\nHello\n",
    )
    .await;
    for round in 0..20 {
        let subject = &desk.latest("jan@shop.example").unwrap().mail.subject;
        let mail = format!(
            "Message-ID: <{round}@else.example>\nFrom: jan@shop.example\nTo: support@shop.example\n\
             Subject: Away: {subject}\n\nI am away. ({round})\n"
        );
        desk.take(&mail).await;
    }
    let told = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Notification).count();
    assert_eq!(told, 1, "one new matter, one notification");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_goes_on_asking_for_help_is_left_alone() {
    let mut desk = Desk::open().await;
    desk.take(
        "From: shop@else.example\nTo: returns@shop.example\nSubject: Order\nMessage-ID: <a@else.example>\n\nHello\n",
    )
    .await;
    for round in 0..40 {
        let head = reply_head(desk.latest("anna@shop.example").unwrap());
        let mail = format!("Message-ID: <{round}@home.example>\nFrom: anna.nowak@home.example\n{head}\n#help\n");
        desk.take(&mail).await;
    }
    let notices = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Notice).count();
    assert_eq!(notices, 20);
}

#[tokio::test(start_paused = true)]
async fn forged_forms_know_the_limit_of_the_address_that_they_name() {
    let mut desk = Desk::open().await;
    for round in 0..10 {
        let mail = format!(
            "Message-ID: <{round}@web.example>\nFrom: postmaster@web.example\nReply-To: victim@else.example\n\
             To: returns@shop.example\nSubject: Form {round}\n\nHello\n"
        );
        desk.take(&mail).await;
    }
    let receipts = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Acknowledgement).count();
    assert_eq!(receipts, 3);
}

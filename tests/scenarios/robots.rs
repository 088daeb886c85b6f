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

/// What a machine makes of a mail that it got.
#[derive(Clone, Copy, Debug)]
enum Robot {
    /// It answers as a mail program does, without any mark of a machine.
    Plain,
    /// It keeps nothing of the mail but its sender, and its subject.
    Stripped,
    /// It writes the same with another number and the time, below a quote of all that it got.
    Quoting,
}

fn words_of(desk: &Desk, kind: Robot, robot: &str, round: usize) -> String {
    let sent = desk.latest(robot).unwrap();
    let id = format!("Message-ID: <{round}@{robot}>\nFrom: {robot}\n");
    match kind {
        Robot::Plain => away(desk, robot, round),
        Robot::Stripped => {
            let to = sent.mail.reply_to.first().or(sent.mail.from.as_ref()).unwrap();
            format!("{id}To: {}\nSubject: Re: {}\n\nWe got your mail.\n", to.address, sent.mail.subject)
        }
        Robot::Quoting => {
            let quote = sent.mail.text.lines().fold(String::new(), |quote, line| quote + "> " + line + "\n");
            let head = reply_head(sent);
            format!("{id}{head}\nCase {round}: thank you for your mail, it was received at 12:{round}.\n\n{quote}")
        }
    }
}

/// Two machines, one on each side, however slowly they write and whatever they keep of a mail.
#[tokio::test(start_paused = true)]
async fn two_machines_without_marks_come_to_rest_after_three_mails_each_way() {
    let robots = ["anna@shop.example", "shop@else.example"];
    for kind in [Robot::Plain, Robot::Stripped, Robot::Quoting] {
        for pause in [61, 10 * 60, 90 * 60, 30 * 3600].map(Duration::from_secs) {
            let mut desk = Desk::open().await;
            desk.take(
                "From: shop@else.example\nTo: returns@shop.example\nSubject: Order\nMessage-ID: <a@else.example>\n\nHello\n",
            )
            .await;
            let (mut answered, mut written) = (BTreeMap::new(), BTreeMap::from(robots.map(|robot| (robot, 0))));
            let mut quiet = 0;
            for round in 10..60 {
                quiet += 1;
                for robot in robots {
                    desk.wait(pause).await;
                    let received = desk.sent.iter().filter(|sent| sent.recipient == robot).count();
                    if answered.insert(robot, received) != Some(received) {
                        let mail = words_of(&desk, kind, robot, round);
                        desk.take(&mail).await;
                        *written.get_mut(robot).unwrap() += 1;
                        quiet = 0;
                    }
                }
            }
            let to_shop = desk.sent.iter().filter(|sent| sent.recipient == "shop@else.example").count();
            assert!((1..=3).contains(&to_shop), "{kind:?}, {pause:?}: {to_shop} mails to the customer");
            assert!(written["shop@else.example"] <= 3, "{kind:?}, {pause:?}: {written:?}");
            assert!(written["anna@shop.example"] <= 5, "{kind:?}, {pause:?}: {written:?}");
            assert!(quiet > 30, "{kind:?}, {pause:?}: they go on");
        }
    }
}

/// An agent's machine that answers what we say about its mails, on a ticket and on none.
#[tokio::test(start_paused = true)]
async fn an_agents_machine_that_answers_notices_is_told_three_times() {
    for ticket in [true, false] {
        let mut desk = Desk::open().await;
        let ola = "From: ewa@client.example\nTo: habits@shop.example\nSubject: Lamp\nMessage-ID: <a@client.example>\n\nHello\n";
        desk.take(&ola.replace("habits", if ticket { "returns" } else { "habits" })).await;
        desk.wait(Duration::from_hours(24)).await;
        let robot = if ticket { "anna@shop.example" } else { "ola@shop.example" };
        let first = reply_head(desk.latest(robot).unwrap());
        desk.take(&format!("Message-ID: <first@{robot}>\nFrom: {robot}\n{first}\n#thanks for your mail\n")).await;
        for round in 0..20 {
            desk.wait(Duration::from_mins(10)).await;
            let head = reply_head(desk.latest(robot).unwrap());
            desk.take(&format!("Message-ID: <{round}@{robot}>\nFrom: {robot}\n{head}\n#thanks for your mail\n")).await;
        }
        let notices = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Notice).count();
        assert!((1..=3).contains(&notices), "on a ticket: {ticket}, {notices} notices");
    }
}

/// An agent has a stock phrase; a customer is in a hurry. Only both together, again and again, look like machines.
#[tokio::test(start_paused = true)]
async fn people_who_repeat_themselves_are_heard() {
    let stock =
        [("We look for it.", "Where is it?"), ("We look for it.", "I need it."), ("We look for it.", "Is it lost?")];
    let hurry = [("We look for it.", "Where is it?"), ("Soon.", "Where is it?"), ("Tomorrow, I hope.", "Where is it?")];
    let twice = [("We look for it.", "Where is it?"), ("We look for it.", "Where is it?"), ("It is found.", "Thanks")];
    for play in [stock, hurry, twice] {
        let mut desk = Desk::open().await;
        desk.take("From: ewa@client.example\nTo: returns@shop.example\nSubject: Lamp\nMessage-ID: <a@ewa>\n\nHello\n")
            .await;
        for (round, (agent, customer)) in play.into_iter().enumerate() {
            desk.wait(Duration::from_mins(20)).await;
            let head = reply_head(desk.latest("anna@shop.example").unwrap());
            desk.take(&format!("Message-ID: <{round}@anna>\nFrom: anna@shop.example\n{head}\n{agent}\n")).await;
            desk.wait(Duration::from_mins(20)).await;
            let head = reply_head(desk.latest("ewa@client.example").unwrap());
            desk.take(&format!("Message-ID: <{round}@ewa>\nFrom: ewa@client.example\n{head}\n{customer}\n")).await;
        }
        let answers = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer).count();
        assert_eq!(answers, 3, "{play:?}");
    }
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
    for round in 0..80 {
        let head = reply_head(desk.latest("anna@shop.example").unwrap());
        let mail = format!("Message-ID: <{round}@home.example>\nFrom: anna.nowak@home.example\n{head}\n#help\n");
        desk.take(&mail).await;
    }
    let notices = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Notice).count();
    assert_eq!(notices, 60);
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

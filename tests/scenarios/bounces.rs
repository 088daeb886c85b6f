//! Reports on delivery that name no Message-ID of ours: people look at each of them, and nothing is flooded.

use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;
use postroom::model::ticket::Status;

use super::desk::Desk;
use super::script::reply_head;

/// A desk whose #1001, blue shoes of Pat's, was answered.
async fn answered() -> Desk {
    let mut desk = Desk::open().await;
    desk.take("Message-ID: <p@client.example>\nFrom: Pat <pat@client.example>\nTo: returns@shop.example\nSubject: Blue shoes\n\nHello\n")
        .await;
    let head = reply_head(desk.latest("anna@shop.example").unwrap());
    desk.take(&format!("Message-ID: <a@anna>\nFrom: anna@shop.example\n{head}\nSend them back.\n")).await;
    assert_eq!(desk.tickets().await[0].status, Status::Waiting);
    desk.wait(Duration::from_mins(5)).await;
    desk
}

#[tokio::test(start_paused = true)]
async fn a_report_that_names_our_subject_in_its_words_alone_is_told_and_opens_nothing() {
    let daemon = "From: Mail Delivery System <postmaster@client.example>\nTo: returns@shop.example\nMessage-ID: <b@client.example>\n";
    let failed =
        "Delivery has failed to these recipients or groups:\n\npat@client.example\nThe address couldn't be found.\n";
    for (head, text) in [
        ("Subject: Undeliverable: Re: [#1001] Blue shoes\nReturn-Path: <>\n", failed.to_owned()),
        ("Subject: Undeliverable: Re: Blue shoes\nReturn-Path: <>\n", failed.to_owned()),
        (
            "Subject: Delivery Status Notification (Failure)\nReturn-Path: <>\n",
            format!("{failed}\nThe original message:\nFrom: Returns\nSubject: Re: [#1001] Blue shoes\n"),
        ),
        (
            "Subject: Mail delivery failed\nReturn-Path: <>\n",
            format!("{failed}\nYour message with the subject \"Re: Blue shoes\" was not delivered.\n"),
        ),
        (
            "Subject: Unzustellbar: AW: Blue shoes\n",
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\npat@client.example\n\
             Das Postfach des Empfängers ist voll.\n"
                .to_owned(),
        ),
    ] {
        let mut desk = answered().await;
        let (fate, sent) = desk.take(&format!("{daemon}{head}Content-Type: text/plain; charset=utf-8\n\n{text}")).await;
        assert_eq!(fate, Fate::Ticket(TicketNumber(1001)), "{head}{text}");
        assert_eq!(desk.tickets().await[0].status, Status::Waiting, "anybody can write it: {head}{text}");
        assert!(desk.sent[sent..].iter().any(|sent| sent.recipient == "anna@shop.example"), "{head}{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_wants_to_know_whether_we_are_human_opens_the_ticket_again() {
    for (subject, text) in [
        ("Re: [#1001] Blue shoes - please confirm", "Please click to confirm that you are human."),
        ("Automatische Antwort: Re: [#1001] Blue shoes", "Bestätigen Sie bitte, dass Sie ein Mensch sind."),
    ] {
        let mut desk = answered().await;
        let mail = format!(
            "Message-ID: <t@client.example>\nFrom: Pat <pat@client.example>\nTo: returns@shop.example\nSubject: {subject}\n\
             Auto-Submitted: auto-replied\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        );
        let (fate, sent) = desk.take(&mail).await;
        assert_eq!(fate, Fate::Ticket(TicketNumber(1001)));
        assert_eq!(desk.tickets().await[0].status, Status::Open);
        assert!(desk.sent[sent..].iter().any(|sent| sent.recipient == "anna@shop.example"));
        let away = mail.replace("<t@", "<u@").replace(text, "I am away until Monday.");
        desk.take(&away).await;
        assert_eq!(desk.sent.iter().filter(|sent| sent.recipient == "pat@client.example").count(), 2, "{subject}");
    }
}

/// A report as servers write it, on a mail with this id to this recipient.
fn report(number: usize, recipient: &str, id: &str) -> String {
    format!(
        "Return-Path: <>\nMessage-ID: <r{number}@mx.example>\nFrom: MAILER-DAEMON@mx.example\nTo: returns@shop.example\n\
         Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nIt could not be delivered ({number}).\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{id}>\nSubject: Re: [#1001] Blue shoes\n\n--b--\n"
    )
}

#[tokio::test(start_paused = true)]
async fn a_report_opens_a_ticket_again_that_names_a_mail_of_ours_to_that_recipient_alone() {
    let answer = |desk: &Desk| desk.latest("pat@client.example").unwrap().mail.message_id.clone().unwrap().to_string();
    let mut desk = answered().await;
    let ours = answer(&desk);
    let notification = desk.latest("anna@shop.example").unwrap().mail.message_id.clone().unwrap().to_string();
    let (local, domain) = ours.split_once('@').unwrap();
    for (number, (recipient, id)) in [
        ("lee@client.example", ours.as_str()),
        ("pat@client.example", "p@client.example"),
        ("pat@client.example", "answer.1001@shop.example"),
        ("pat@client.example", &format!("{local}a@{domain}")),
        ("pat@client.example", &notification),
    ]
    .into_iter()
    .enumerate()
    {
        desk.take(&report(number, recipient, id)).await;
        assert_eq!(desk.tickets().await[0].status, Status::Waiting, "{recipient}, {id}");
    }
    let (fate, sent) = desk.take(&report(9, "Pat@client.example", &ours)).await;
    assert_eq!(fate, Fate::Ticket(TicketNumber(1001)));
    assert_eq!(desk.tickets().await[0].status, Status::Open);
    desk.wait(Duration::from_mins(10)).await;
    assert!(desk.sent[sent..].iter().any(|sent| sent.recipient == "anna@shop.example"));
}

#[tokio::test(start_paused = true)]
async fn a_stranger_who_asks_whether_we_are_human_opens_nothing() {
    let mut desk = answered().await;
    let answer = desk.latest("pat@client.example").unwrap().mail.message_id.clone().unwrap();
    let mail = format!(
        "Message-ID: <t@evil.example>\nFrom: mallory@evil.example\nTo: returns@shop.example\nSubject: Re: [#1001] Blue shoes\n\
         In-Reply-To: <{answer}>\nAuto-Submitted: auto-replied\n\nPlease click to confirm that you are human.\n"
    );
    desk.take(&mail).await;
    assert_eq!(desk.tickets().await[0].status, Status::Waiting);
}

fn stray(number: usize, recipient: &str) -> String {
    format!(
        "Return-Path: <>\nMessage-ID: <s{number}@mx.example>\nFrom: MAILER-DAEMON@mx{number}.example\nTo: info@shop.example\n\
         Subject: Undelivered Mail Returned to Sender\n\nThis is the mail system at host mx.example.\n\n\
         I'm sorry to have to inform you that your message could not be delivered.\n\n<{recipient}>: 550 5.1.1 User unknown\n"
    )
}

#[tokio::test(start_paused = true)]
async fn a_report_that_nothing_explains_is_one_ticket_a_day_for_each_recipient() {
    let mut desk = Desk::open().await;
    for number in 0..10 {
        let recipient = if number % 2 == 0 { "kim@else.example" } else { "lee@else.example" };
        let (fate, _) = desk.take(&stray(number, recipient)).await;
        assert_eq!(fate, Fate::Ticket(TicketNumber(1001 + i64::try_from(number % 2).unwrap())));
    }
    let tickets = desk.tickets().await;
    assert_eq!(tickets.len(), 2);
    assert_eq!(tickets[0].department.to_string(), "support", "the mailbox's department");
    assert_eq!(desk.messages().await, 10, "none is lost");
    assert!(desk.sent.iter().all(|sent| sent.kind == OutgoingKind::Notification), "nobody answers a machine");
    assert_eq!(desk.sent.len(), 2, "one word each");
    desk.wait(Duration::from_hours(25)).await;
    assert_eq!(desk.take(&stray(20, "kim@else.example")).await.0, Fate::Ticket(TicketNumber(1003)), "another day");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_writes_to_the_world_in_our_name_does_not_flood_us_with_reports() {
    let mut desk = Desk::open().await;
    for number in 0..300 {
        desk.take(&stray(number, &format!("victim{number}@else{number}.example"))).await;
    }
    assert_eq!(desk.tickets().await.len(), 20);
    assert_eq!(desk.messages().await, 300);
}

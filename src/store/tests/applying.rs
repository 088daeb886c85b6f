//! A plan is written whole or not at all; numbers never repeat.

use super::*;
use crate::model::plan::AttachmentInfo;

fn whole() -> Plan {
    let mut plan = opening(1001);
    plan.messages[0].attachments.push(AttachmentInfo {
        name: "lampa żółta.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        size: 70_000,
        inline: true,
    });
    plan.changes.extend([
        (TicketNumber(1001), Change::AddTag("lamp".to_owned())),
        (TicketNumber(1001), Change::Assignee(Some(AgentId::new("anna")))),
    ]);
    plan
}

fn rows(desk: &Desk) -> [i64; 7] {
    ["ticket", "participant", "tag", "message", "event", "outgoing", "outbox"]
        .map(|table| desk.number(&format!("SELECT count(*) FROM {table}")))
}

#[tokio::test]
async fn everything_of_a_plan_is_there_after_a_restart() {
    let desk = Desk::new();
    let spooled = desk.spool(&[1]).await;
    let mails = vec![outgoing(OutgoingKind::Acknowledgement, 1), outgoing(OutgoingKind::Notification, 2)];
    desk.apply(whole(), mails, Some(spooled[0].ledger)).await.unwrap();
    let desk = desk.restarted().await;
    assert_eq!(rows(&desk), [1, 1, 1, 1, 1, 2, 2]);
    let found = desk.store.read(|view| {
        let number = TicketNumber(1001);
        Ok((view.ticket(number)?, view.messages(number)?, view.events(number)?, view.route_of(number)?))
    });
    let (ticket, messages, events, route) = found.await.unwrap();
    let ticket = ticket.unwrap();
    assert_eq!((ticket.subject.as_str(), ticket.tags.len(), ticket.status), ("Broken lamp", 1, Status::New));
    assert_eq!(ticket.assignee, Some(AgentId::new("anna")));
    assert_eq!(ticket.public_ids, [MailId::new("1001@client.example")]);
    assert_eq!(messages[0].attachments[0].name, "lampa żółta.jpg");
    assert_eq!(messages[0].to[0].address, address("info@shop.example"));
    assert_eq!((events.len(), route.0.as_str()), (1, "mailbox"));
    assert_eq!(desk.word("SELECT fate FROM ledger"), "ticket");
}

#[tokio::test]
async fn a_plan_that_fails_anywhere_leaves_nothing() {
    let desk = Desk::new();
    let spooled = desk.spool(&[1, 2]).await;
    desk.apply(whole(), vec![], Some(spooled[0].ledger)).await.unwrap();
    let before = rows(&desk);
    let same_ticket = whole();
    let mut same_message = opening(1002);
    same_message.messages.push(message(1001, 1002));
    let mut no_ticket = Plan { events: vec![event(9)], ..Plan::default() };
    no_ticket.fate = Some(Fate::Ticket(TicketNumber(9)));
    for plan in [same_ticket, same_message, no_ticket] {
        let error =
            desk.apply(plan, vec![outgoing(OutgoingKind::Answer, 1)], Some(spooled[1].ledger)).await.unwrap_err();
        assert!(error.concerns_one_job(), "{error}");
    }
    let twice = vec![outgoing(OutgoingKind::Answer, 1), outgoing(OutgoingKind::Answer, 1)];
    assert!(desk.apply(opening(1002), twice, Some(spooled[1].ledger)).await.is_err(), "a Message-ID is used once");
    assert_eq!(rows(&desk), before);
    assert_eq!(desk.word("SELECT fate FROM ledger WHERE uid = 2"), "waiting");
}

#[tokio::test]
async fn each_recipient_has_a_row_of_its_own() {
    let desk = Desk::new();
    let mut mail = outgoing(OutgoingKind::Answer, 1);
    mail.recipients.push(address("colleague@client.example"));
    desk.apply(Plan::default(), vec![mail], None).await.unwrap();
    assert_eq!(rows(&desk)[5..], [1, 2]);
}

async fn serial(desk: &Desk, seconds: i64) -> i64 {
    let counters = desk.store.read(move |view| view.counters(None, &MailboxId::new("info"), later(seconds)));
    counters.await.unwrap().next_serial
}

#[tokio::test]
async fn serials_grow_when_the_clock_is_set_back_and_when_their_counter_is_lost() {
    let desk = Desk::new();
    let mut used = Vec::new();
    for seconds in [0, 0, -86_400, 5] {
        let next = serial(&desk, seconds).await;
        used.push(next);
        let mut mail = outgoing(OutgoingKind::Notice, 0);
        mail.message_id = MailId::new(&format!("notice.1001.anna.{next}.signature@shop.example"));
        mail.serial = next;
        desk.apply(Plan::default(), vec![mail], None).await.unwrap();
    }
    let desk = desk.restarted().await;
    desk.damage("DELETE FROM counter WHERE name = 'serial'");
    used.push(serial(&desk, 6).await);
    assert!(used.is_sorted_by(|one, next| one < next), "{used:?}");
}

#[tokio::test]
async fn tickets_and_messages_are_numbered_on_from_the_last() {
    let desk = Desk::new();
    let counters = |desk: &Desk| desk.store.clone();
    let next = |store: Store| async move {
        let counters = store.read(|view| view.counters(None, &MailboxId::new("info"), now())).await.unwrap();
        (counters.next_ticket.0, counters.next_message.0)
    };
    assert_eq!(next(counters(&desk)).await, (1001, 1));
    desk.apply(opening(1001), vec![], None).await.unwrap();
    assert_eq!(next(counters(&desk)).await, (1002, 1002));
}

#[tokio::test]
async fn breakers_count_receipts_and_notices_and_survive_a_restart() {
    let desk = Desk::new();
    let counted = |store: Store, seconds| async move {
        let customer = address("Customer@CLIENT.example");
        let job = move |view: &crate::store::View<'_>| {
            view.counters(Some(&customer), &MailboxId::new("info"), later(seconds))
        };
        let counters = store.read(job).await.unwrap();
        (counters.machine_mails_to_sender, counters.machine_mails_of_mailbox)
    };
    for (number, kind) in (1..).zip([
        OutgoingKind::Acknowledgement,
        OutgoingKind::Acknowledgement,
        OutgoingKind::Notification,
        OutgoingKind::Answer,
        OutgoingKind::Notice,
    ]) {
        desk.queue(kind, number).await;
    }
    let desk = desk.restarted().await;
    assert_eq!(counted(desk.store.clone(), 1).await, (3, 2), "two receipts and a notice to the address");
    assert_eq!(counted(desk.store.clone(), 3_601).await, (3, 0), "an hour later");
    assert_eq!(counted(desk.store.clone(), 86_401).await, (0, 0), "a day later");
}

//! What is due, and that it is due once.

use super::*;
use crate::model::id::{AgentId, OutboxId};
use crate::store::timers::{DueWork, Timer};

async fn due(desk: &Desk, seconds: i64) -> DueWork {
    desk.store.read(move |view| view.due_work(later(seconds))).await.unwrap()
}

async fn tell(desk: &Desk, seconds: i64) -> Vec<(i64, bool)> {
    let work = due(desk, seconds).await;
    let told: Vec<_> = work.deliveries.iter().map(|delivery| (delivery.id.0, delivery.permanent)).collect();
    for delivery in work.deliveries {
        let first = delivery.clone();
        assert!(desk.store.write(move |tx| tx.told_of_delivery(&first)).await.unwrap());
        assert!(!desk.store.write(move |tx| tx.told_of_delivery(&delivery)).await.unwrap(), "told twice");
    }
    told
}

const LATE: i64 = 4 * 3_600;

#[tokio::test]
async fn a_late_answer_is_told_once_and_its_failure_once_more() {
    let desk = Desk::new();
    desk.queue(OutgoingKind::Answer, 1).await;
    desk.queue(OutgoingKind::Acknowledgement, 2).await;
    for mail in desk.store.outbox_take(now(), 10).await.unwrap() {
        desk.store.outbox_deferred(mail.id, "451 greylisted", later(LATE + 60), now()).await.unwrap();
    }
    assert_eq!(tell(&desk, LATE - 1).await, []);
    assert_eq!(tell(&desk, LATE).await, [(1, false)], "machine mail may be late");
    assert_eq!(tell(&desk, LATE + 60).await, []);
    for id in [1, 2] {
        desk.store.outbox_failed(OutboxId(id), "550 no such user", later(LATE + 100)).await.unwrap();
    }
    let desk = desk.restarted().await;
    assert_eq!(tell(&desk, LATE + 100).await, [(1, true), (2, true)]);
    assert_eq!(tell(&desk, 10 * LATE).await, []);
    // Tried again by hand, it may fail again, and that is news.
    desk.store.write(|tx| tx.outbox_retry(OutboxId(1), later(11 * LATE))).await.unwrap();
    desk.store.outbox_failed(OutboxId(1), "550 still no such user", later(11 * LATE)).await.unwrap();
    assert_eq!(tell(&desk, 11 * LATE).await, [(1, true)]);
}

#[tokio::test]
async fn a_mail_that_nobody_has_tried_is_not_called_late() {
    let desk = Desk::new();
    desk.queue(OutgoingKind::Answer, 1).await;
    assert_eq!(tell(&desk, 2 * LATE).await, [], "the daemon was down");
    let id = desk.store.outbox_take(later(2 * LATE), 1).await.unwrap()[0].id;
    desk.store.outbox_release(vec![id], "the login was refused", later(3 * LATE)).await.unwrap();
    assert_eq!(tell(&desk, 2 * LATE + 1).await, [(1, false)]);
}

#[tokio::test]
async fn a_delivery_tried_again_meanwhile_is_not_told() {
    let desk = Desk::new();
    desk.queue(OutgoingKind::Answer, 1).await;
    desk.store.outbox_failed(OutboxId(1), "550 no", now()).await.unwrap();
    let work = due(&desk, 0).await;
    desk.store.write(|tx| tx.outbox_retry(OutboxId(1), now())).await.unwrap();
    let stale = work.deliveries[0].clone();
    assert!(!desk.store.write(move |tx| tx.told_of_delivery(&stale)).await.unwrap());
    desk.store.outbox_failed(OutboxId(1), "550 no", now()).await.unwrap();
    assert_eq!(tell(&desk, 0).await, [(1, true)]);
}

#[tokio::test]
async fn a_wait_is_over_when_its_time_has_come() {
    let desk = Desk::new();
    desk.apply(opening(1001), vec![], None).await.unwrap();
    desk.apply(opening(1002), vec![], None).await.unwrap();
    desk.apply(waiting_until(1001, later(60)), vec![], None).await.unwrap();
    assert_eq!(due(&desk, 59).await.timers, []);
    assert_eq!(due(&desk, 60).await.timers, [Timer::Wait(TicketNumber(1001))]);
    let open = Plan { changes: vec![(TicketNumber(1001), Change::Status(Status::Open, None))], ..Plan::default() };
    desk.apply(open, vec![], None).await.unwrap();
    assert!(due(&desk, 1_000).await.is_empty());
}

#[tokio::test]
async fn a_timer_is_done_once_and_one_that_is_set_anew_stays() {
    let desk = Desk::new();
    let absence = || Timer::Absence(AgentId::new("anna"));
    let set = |seconds| desk.store.write(move |tx| tx.set_timer(&absence(), later(seconds)));
    set(60).await.unwrap();
    desk.store.write(move |tx| tx.set_timer_no_later(&absence(), later(90))).await.unwrap();
    assert_eq!(due(&desk, 60).await.timers, [absence()]);
    set(120).await.unwrap();
    desk.store.write(move |tx| tx.timer_is_done(&absence(), later(60))).await.unwrap();
    assert_eq!((due(&desk, 60).await.timers, due(&desk, 120).await.timers), (vec![], vec![absence()]));
    desk.store.write(move |tx| tx.timer_is_done(&absence(), later(120))).await.unwrap();
    assert!(due(&desk, 1_000).await.is_empty());
}

#[tokio::test]
async fn a_mail_never_fetched_is_due_until_a_ticket_shows_it() {
    let desk = Desk::new();
    desk.store.folder_contact(&inbox(), now()).await.unwrap();
    for _ in 0..3 {
        desk.store.count_fetch_failure(&inbox(), 5, now()).await.unwrap();
    }
    let unseen = due(&desk, 0).await.unseen;
    assert_eq!((unseen[0].uid, unseen[0].folder.as_str()), (5, "INBOX"));
    let id = unseen[0].id;
    desk.apply(opening(1001), vec![], None).await.unwrap();
    assert!(desk.store.write(move |tx| tx.quarantine_ticket(id, TicketNumber(1001))).await.unwrap());
    assert!(!desk.store.write(move |tx| tx.quarantine_ticket(id, TicketNumber(1002))).await.unwrap());
    assert!(due(&desk, 0).await.is_empty());
    assert_eq!(desk.number("SELECT ticket FROM ledger"), 1001);
}

#[tokio::test]
async fn tidying_up_forgets_old_counts_and_bytes_of_machine_mail_that_left() {
    let desk = Desk::new();
    for (number, kind) in (1..).zip([
        OutgoingKind::Acknowledgement,
        OutgoingKind::Acknowledgement,
        OutgoingKind::Notification,
        OutgoingKind::Answer,
    ]) {
        desk.queue(kind, number).await;
    }
    for id in [1, 3, 4] {
        desk.store.outbox_sent(OutboxId(id), "250", now()).await.unwrap();
    }
    let bytes = |desk: &Desk| desk.word("SELECT group_concat(length(bytes) > 0, '') FROM outgoing ORDER BY id");
    let counted = |desk: &Desk| desk.number("SELECT count(*) FROM machine_mail");
    let tidy = |seconds| desk.store.write(move |tx| tx.tidy_up(later(seconds)));
    tidy(86_400).await.unwrap();
    assert_eq!((bytes(&desk).as_str(), counted(&desk)), ("1111", 2));
    tidy(86_401).await.unwrap();
    assert_eq!((bytes(&desk).as_str(), counted(&desk)), ("0101", 2), "what has not left, and answers, are kept");
    tidy(3 * 86_400 + 1).await.unwrap();
    assert_eq!(counted(&desk), 0);
}

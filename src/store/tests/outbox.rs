//! The outbox: every state, every way from one to the next, and what a crash makes of it.

use super::*;
use crate::model::id::OutboxId;
use crate::store::outbox::Due;

async fn take(desk: &Desk, seconds: i64, limit: usize) -> Vec<Due> {
    desk.store.outbox_take(later(seconds), limit).await.unwrap()
}

fn state(desk: &Desk, id: OutboxId) -> String {
    desk.word(&format!("SELECT state FROM outbox WHERE id = {id}"))
}

/// One mail of this kind, taken.
async fn taken(desk: &Desk, kind: OutgoingKind) -> OutboxId {
    let number = u32::try_from(desk.number("SELECT count(*) FROM outgoing")).unwrap();
    desk.queue(kind, number + 1).await;
    let due = take(desk, 0, 10).await;
    assert_eq!((due.len(), due[0].kind), (1, kind));
    due[0].id
}

#[tokio::test]
async fn answers_are_taken_before_machine_mail_then_the_oldest_and_each_once() {
    let desk = Desk::new();
    for (number, kind) in (1..).zip([
        OutgoingKind::Notification,
        OutgoingKind::Acknowledgement,
        OutgoingKind::Answer,
        OutgoingKind::Notice,
    ]) {
        desk.queue(kind, number).await;
    }
    let first = take(&desk, 0, 3).await;
    let kinds: Vec<_> = first.iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, [OutgoingKind::Answer, OutgoingKind::Notice, OutgoingKind::Notification]);
    assert_eq!(first[0].bytes, outgoing(OutgoingKind::Answer, 3).bytes);
    assert_eq!((first[0].attempts, first[0].queued_at), (0, now()));
    assert_eq!(state(&desk, first[0].id), "sending");
    assert_eq!(take(&desk, 0, 10).await.len(), 1);
    assert!(take(&desk, 0, 10).await.is_empty());
}

#[tokio::test]
async fn a_mail_goes_by_uncertain_to_sent() {
    let desk = Desk::new();
    let id = taken(&desk, OutgoingKind::Answer).await;
    desk.store.outbox_uncertain(id, now()).await.unwrap();
    assert_eq!(state(&desk, id), "uncertain");
    desk.store.outbox_sent(id, "250 2.0.0 Ok: queued as 4", now()).await.unwrap();
    assert_eq!(state(&desk, id), "sent");
    assert!(desk.store.read(|view| view.outbox()).await.unwrap().is_empty());
    assert_eq!(desk.store.outbox_next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_deferred_mail_comes_back_when_its_time_has_come_and_counts_its_attempts() {
    let desk = Desk::new();
    let id = taken(&desk, OutgoingKind::Answer).await;
    for attempts in 1..3 {
        desk.store.outbox_deferred(id, "451 later", later(attempts * 60), now()).await.unwrap();
        assert_eq!(desk.store.outbox_next_due().await.unwrap(), Some(later(attempts * 60)));
        assert!(take(&desk, attempts * 60 - 1, 10).await.is_empty());
        assert_eq!(i64::from(take(&desk, attempts * 60, 10).await[0].attempts), attempts);
    }
}

#[tokio::test]
async fn a_released_mail_is_queued_again_and_nothing_is_counted() {
    let desk = Desk::new();
    let id = taken(&desk, OutgoingKind::Answer).await;
    desk.store.outbox_release(vec![id, OutboxId(77)], "no connection", later(30)).await.unwrap();
    assert_eq!(state(&desk, id), "queued");
    assert_eq!(take(&desk, 30, 10).await[0].attempts, 0);
    // Only what was taken and not tried is released.
    desk.store.outbox_sent(id, "250", now()).await.unwrap();
    desk.store.outbox_release(vec![id], "no connection", now()).await.unwrap();
    assert_eq!(state(&desk, id), "sent");
}

#[tokio::test]
async fn after_a_crash_what_was_not_said_is_said_again_and_machine_mail_is_never_doubled() {
    let desk = Desk::new();
    let sending = taken(&desk, OutgoingKind::Acknowledgement).await;
    let answer = taken(&desk, OutgoingKind::Answer).await;
    let notice = taken(&desk, OutgoingKind::Notice).await;
    let receipt = taken(&desk, OutgoingKind::Acknowledgement).await;
    let news = taken(&desk, OutgoingKind::Notification).await;
    for id in [answer, notice, receipt, news] {
        desk.store.outbox_uncertain(id, now()).await.unwrap();
    }
    let desk = desk.restarted().await;
    desk.store.outbox_recover(later(10)).await.unwrap();
    assert_eq!(
        [sending, answer, notice, receipt, news].map(|id| state(&desk, id)),
        ["queued", "queued", "queued", "uncertain", "uncertain"]
    );
    let again = take(&desk, 10, 10).await;
    assert_eq!(
        again.iter().map(|mail| (mail.id, mail.attempts)).collect::<Vec<_>>(),
        [(answer, 1), (notice, 1), (sending, 0)]
    );
}

#[tokio::test]
async fn a_reply_lost_after_the_dot_leaves_machine_mail_uncertain_for_good() {
    let desk = Desk::new();
    let id = taken(&desk, OutgoingKind::Acknowledgement).await;
    desk.store.outbox_uncertain(id, now()).await.unwrap();
    desk.store.outbox_left_uncertain(id, "the connection broke after the final dot", now()).await.unwrap();
    assert!(take(&desk, 1_000_000, 10).await.is_empty());
    let rows = desk.store.read(|view| view.outbox()).await.unwrap();
    assert_eq!(
        (rows[0].state.as_str(), rows[0].reason.as_str()),
        ("uncertain", "the connection broke after the final dot")
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_fails_alone_and_is_shown() {
    let desk = Desk::new();
    for number in 1..=3 {
        desk.queue(OutgoingKind::Answer, number).await;
    }
    desk.damage("UPDATE outbox SET recipient = 'nobody' WHERE id = 2");
    desk.damage("UPDATE outgoing SET kind = 'parcel' WHERE id = 3");
    let due = take(&desk, 0, 10).await;
    assert_eq!(due.iter().map(|mail| mail.id).collect::<Vec<_>>(), [OutboxId(1)]);
    let rows = desk.store.read(|view| view.outbox()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.state.as_str()).collect::<Vec<_>>(), ["sending", "failed", "failed"]);
    assert!(rows[1].reason.contains("an address (`nobody`)"), "{}", rows[1].reason);
    let due = desk.store.read(|view| view.due_work(now())).await.unwrap();
    assert!(due.deliveries.is_empty(), "the timers go on");
}

#[tokio::test]
async fn retry_and_drop_are_for_mail_at_rest() {
    let desk = Desk::new();
    let id = taken(&desk, OutgoingKind::Answer).await;
    let store = &desk.store;
    let retry = |seconds| store.write(move |tx| tx.outbox_retry(id, later(seconds)));
    let drop = |seconds| store.write(move |tx| tx.outbox_drop(id, later(seconds)));
    let refusal = retry(1).await.unwrap_err();
    assert_eq!(refusal.to_string(), "mail `1` is being sent, ask again in a while");
    store.outbox_uncertain(id, now()).await.unwrap();
    assert!(retry(1).await.is_err() && drop(1).await.is_err(), "its fate is being decided");
    store.outbox_left_uncertain(id, "the reply was lost", now()).await.unwrap();
    retry(1).await.unwrap();
    assert_eq!(take(&desk, 1, 10).await.len(), 1);
    store.outbox_failed(id, "550 no such user", now()).await.unwrap();
    drop(2).await.unwrap();
    assert_eq!(drop(3).await.unwrap_err().to_string(), "mail `1` is `dropped`, nothing can be done about it");
    let unknown = store.write(|tx| tx.outbox_retry(OutboxId(9), now())).await.unwrap_err();
    assert_eq!(unknown.to_string(), "no mail `9` in the outbox");
}

#[tokio::test]
async fn large_mails_are_taken_a_few_at_a_time() {
    let desk = Desk::new();
    let mut large = outgoing(OutgoingKind::Answer, 1);
    large.recipients = (0..5).map(|number| address(&format!("c{number}@client.example"))).collect();
    large.bytes = vec![b'x'; 17_000_000];
    desk.apply(Plan::default(), vec![large], None).await.unwrap();
    assert_eq!(
        [take(&desk, 0, 10).await.len(), take(&desk, 0, 10).await.len(), take(&desk, 0, 10).await.len()],
        [2, 2, 1]
    );
}

#[tokio::test]
async fn the_outbox_loop_is_woken_by_committed_mail_alone() {
    let desk = Desk::new();
    let failed = desk.store.write(|tx| {
        apply(tx, &Plan::default(), &[outgoing(OutgoingKind::Answer, 1)], None, now())?;
        Err::<(), _>(StoreError::Corrupt("x".to_owned()))
    });
    assert!(failed.await.is_err());
    let woken = || tokio::time::timeout(std::time::Duration::ZERO, desk.store.outbox_changed().notified());
    assert!(woken().await.is_err());
    desk.queue(OutgoingKind::Answer, 1).await;
    assert!(woken().await.is_ok());
}

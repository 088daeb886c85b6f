//! Mails of tickets in the folders of a mailbox: whose move it was, and what is still to be done.

use super::*;
use crate::store::mirror::{Arrived, Scope, Went, pairs};

/// What was looked at today is not looked at again.
const CHANGED: Scope = Scope::Changed { day: Timestamp::UNIX_EPOCH };

const FINGERPRINT: [u8; 32] = [9; 32];

fn queue() -> FolderKey {
    folder("Helpdesk/Support", 3)
}

/// A mail in this folder, decided like this.
async fn decided(desk: &Desk, key: &FolderKey, uid: u64, plan: Plan) -> LedgerId {
    desk.store.folder_contact(key, now()).await.unwrap();
    let spooled = desk.store.spool(key, vec![item(uid, "mail")], now()).await.unwrap();
    let ledger = spooled[0].ledger;
    desk.store
        .write(move |tx| {
            tx.apply(&Application {
                plan: &plan,
                outgoing: &[],
                cause: Some((ledger, FINGERPRINT)),
                mailbox: &MailboxId::new("info"),
                fallback_from: &address("info@shop.example"),
                now: now(),
            })
        })
        .await
        .unwrap();
    ledger
}

async fn opened(desk: &Desk) -> LedgerId {
    decided(desk, &inbox(), 1, opening(1001)).await
}

async fn copy(desk: &Desk, key: &FolderKey, uid: u64) -> LedgerId {
    let fate = Some(Fate::Duplicate(Some(TicketNumber(1001))));
    decided(desk, key, uid, Plan { fate, ..Plan::default() }).await
}

async fn arrivals(desk: &Desk, key: FolderKey) -> Vec<Arrived> {
    desk.store.write(move |tx| tx.mirror_arrivals(&key)).await.unwrap()
}

fn arrived(by_person: bool) -> Vec<Arrived> {
    vec![Arrived { ticket: TicketNumber(1001), by_person }]
}

#[tokio::test]
async fn a_move_of_ours_is_known_as_ours_though_we_died_before_we_could_say_so() {
    let desk = Desk::new();
    let ledger = opened(&desk).await;
    assert_eq!(arrivals(&desk, inbox()).await, arrived(true));
    desk.store.mirror_moving(vec![ledger], queue().folder).await.unwrap();
    // Here the server moves it, and we die.
    let desk = desk.restarted().await;
    copy(&desk, &queue(), 9).await;
    assert!(desk.store.mirror_has_news(&queue()).await.unwrap());
    assert_eq!(arrivals(&desk, queue()).await, arrived(false));
    assert_eq!(arrivals(&desk, queue()).await, [], "nobody is told twice");
    // Out of the folder and back: that was a person.
    copy(&desk, &queue(), 10).await;
    assert_eq!(arrivals(&desk, queue()).await, arrived(true));
}

#[tokio::test]
async fn what_we_had_in_mind_is_over_once_a_person_moved_the_mail_elsewhere() {
    let desk = Desk::new();
    let ledger = opened(&desk).await;
    arrivals(&desk, inbox()).await;
    desk.store.mirror_moving(vec![ledger], queue().folder).await.unwrap();
    let done = folder("Helpdesk/Done", 4);
    copy(&desk, &done, 1).await;
    assert_eq!(arrivals(&desk, done).await, arrived(true));
    copy(&desk, &queue(), 9).await;
    assert_eq!(arrivals(&desk, queue()).await, arrived(true));
}

#[tokio::test]
async fn a_mail_that_the_server_says_it_moved_is_known_where_it_landed() {
    let desk = Desk::new();
    let ledger = opened(&desk).await;
    arrivals(&desk, inbox()).await;
    desk.store.folder_contact(&queue(), now()).await.unwrap();
    desk.store.mirror_checked(vec![(ledger, vec!["$postroom-anna".to_owned()])], later(-10)).await.unwrap();
    desk.store.mirror_moving(vec![ledger], queue().folder).await.unwrap();
    let landed = Some((3, vec![(1, 9)]));
    desk.store.mirror_went(Went::Moved, vec![(ledger, 1)], queue(), landed, now()).await.unwrap();
    assert!(!desk.store.mirror_has_news(&queue()).await.unwrap());
    assert_eq!(desk.store.known_uids(&queue()).await.unwrap(), [9]);
    assert_eq!(desk.store.mirror_work(&inbox(), CHANGED).await.unwrap(), []);
    let work = desk.store.mirror_work(&queue(), CHANGED).await.unwrap();
    assert_eq!((work.len(), work[0].uid, work[0].marks.as_slice()), (1, 9, ["$postroom-anna".to_owned()].as_slice()));
    desk.store.mirror_checked(vec![(work[0].ledger, vec![])], later(1)).await.unwrap();
    assert_eq!(desk.store.mirror_work(&queue(), CHANGED).await.unwrap(), [], "nothing has changed since");
}

#[tokio::test]
async fn a_copy_is_found_again_and_its_original_still_lies_where_it_lay() {
    let desk = Desk::new();
    let ledger = opened(&desk).await;
    arrivals(&desk, inbox()).await;
    desk.store.folder_contact(&queue(), now()).await.unwrap();
    let copies = async || {
        let (mailbox, target) = (inbox().mailbox, queue().folder);
        desk.store.mirror_copies(&mailbox, &target, vec![ledger]).await.unwrap()
    };
    assert_eq!(copies().await, []);
    desk.store.mirror_moving(vec![ledger], queue().folder).await.unwrap();
    let landed = Some((3, vec![(1, 9)]));
    desk.store.mirror_went(Went::Copied, vec![(ledger, 1)], queue(), landed, now()).await.unwrap();
    assert_eq!(copies().await, [(ledger, 3, 9)]);
    assert_eq!(desk.store.mirror_work(&inbox(), CHANGED).await.unwrap().len(), 1, "it is not gone");
    assert!(!desk.store.mirror_has_news(&queue()).await.unwrap(), "the copy is nobody's move");
    desk.store.mirror_gone(vec![ledger]).await.unwrap();
    let folders = desk.store.mirror_folders(&inbox().mailbox).await.unwrap();
    assert_eq!(folders, [queue().folder]);
}

#[tokio::test]
async fn what_comes_back_by_itself_is_looked_at_once_a_day() {
    let desk = Desk::new();
    let ledger = opened(&desk).await;
    arrivals(&desk, inbox()).await;
    desk.store.mirror_checked(vec![(ledger, vec![])], later(10)).await.unwrap();
    let looked_at = async |scope| desk.store.mirror_work(&inbox(), scope).await.unwrap().len();
    let tomorrow = Scope::Changed { day: later(20) };
    assert_eq!((looked_at(CHANGED).await, looked_at(tomorrow).await, looked_at(Scope::All).await), (0, 0, 1));
    desk.sql().execute("UPDATE ticket SET wait_until_s = 4000000000", []).unwrap();
    assert_eq!((looked_at(CHANGED).await, looked_at(tomorrow).await), (0, 1));
}

#[tokio::test]
async fn what_was_found_again_under_another_numbering_is_nobodys_move() {
    let desk = Desk::new();
    opened(&desk).await;
    let again = folder("Helpdesk/Support", 5);
    let ledger = copy(&desk, &again, 1).await;
    desk.sql().execute("UPDATE ledger SET arrival = 'import' WHERE id = ?1", [ledger.0]).unwrap();
    assert_eq!(arrivals(&desk, again).await, arrived(false));
}

#[test]
fn old_and_new_uids_are_paired_only_when_they_are_of_one_number() {
    assert_eq!(pairs(&[1..=2, 7..=7], &[11..=13]), Some(vec![(1, 11), (2, 12), (7, 13)]));
    assert_eq!(pairs(&[1..=2], &[11..=13]), None);
    assert_eq!(pairs(&[1..=u32::MAX], &[1..=u32::MAX]), None);
}

//! Mails split off, muted addresses, withdrawn receipts, hand-overs.

use super::*;
use crate::model::step::Step;
use crate::model::surroundings::Needs;

fn step(ticket: i64, step: Step) -> Plan {
    Plan { changes: vec![(TicketNumber(ticket), Change::Step(step))], ..Plan::default() }
}

async fn desk() -> Desk {
    let desk = Desk::new();
    for number in [1001, 1002] {
        desk.apply(opening(number), vec![], None).await.unwrap();
    }
    desk
}

#[tokio::test]
async fn a_receipt_is_withdrawn_only_while_it_has_not_left_and_nothing_else_is() {
    let desk = desk().await;
    for (kind, number) in
        [(OutgoingKind::Acknowledgement, 1), (OutgoingKind::Answer, 2), (OutgoingKind::Acknowledgement, 3)]
    {
        desk.queue(kind, number).await;
    }
    desk.damage("UPDATE outbox SET state = 'sending' WHERE id = 3");
    desk.apply(step(1002, Step::WithdrawReceipt), vec![], None).await.unwrap();
    assert_eq!(desk.number("SELECT count(*) FROM outbox WHERE state = 'dropped'"), 0, "another ticket's");
    // The receipt of a ticket that was merged is withdrawn with it.
    desk.apply(step(1001, Step::Merge { lead: TicketNumber(1002) }), vec![], None).await.unwrap();
    desk.apply(step(1002, Step::WithdrawReceipt), vec![], None).await.unwrap();
    assert_eq!(
        desk.word("SELECT group_concat(state) FROM (SELECT state FROM outbox ORDER BY id)"),
        "dropped,queued,sending"
    );
}

#[tokio::test]
async fn a_muted_address_is_known_in_any_case_counted_and_forgotten_when_unmuted() {
    let desk = desk().await;
    let muted = address("win@spam.example");
    let mute = Step::Mute { address: muted.clone(), by: AgentId::new("anna") };
    desk.apply(step(1001, mute), vec![], None).await.unwrap();
    let found = desk.store.read(|view| view.muted_by(&address("WIN@Spam.example"))).await.unwrap();
    assert_eq!(found, Some((AgentId::new("anna"), TicketNumber(1001))));
    for _ in 0..3 {
        let plan = Plan { muted: Some(address("Win@spam.example")), ..Plan::default() };
        desk.apply(plan, vec![], None).await.unwrap();
    }
    let status = desk.store.status().await.unwrap();
    assert_eq!((status.muted.addresses, status.muted.mails), (1, 3));
    assert_eq!(status.muted.loudest, [("win@spam.example".to_owned(), 3)]);
    desk.apply(step(1001, Step::Unmute(muted.clone())), vec![], None).await.unwrap();
    assert_eq!(desk.store.read(move |view| view.muted_by(&muted)).await.unwrap(), None);
}

#[tokio::test]
async fn a_mail_split_off_stands_on_the_new_ticket_and_a_wrong_one_nowhere_else() {
    let desk = desk().await;
    let split = |message| Step::Split { from: TicketNumber(1001), message: MessageKey(message) };
    desk.apply(step(1002, split(1002)), vec![], None).await.unwrap_err();
    desk.apply(step(1002, split(1001)), vec![], None).await.unwrap();
    let messages = |number| desk.store.read(move |view| Ok(view.messages(TicketNumber(number))?.len()));
    assert_eq!((messages(1001).await.unwrap(), messages(1002).await.unwrap()), (0, 2));
    let around = desk.store.read(|view| {
        let ticket = view.ticket(TicketNumber(1002))?.unwrap();
        view.surroundings(&ticket, &Needs { mails: true, ..Needs::default() })
    });
    let around = around.await.unwrap();
    assert_eq!((around.split_from, around.mails.len()), (Some(TicketNumber(1001)), 2));
    assert_eq!(around.named[0].number, TicketNumber(1001));
}

#[tokio::test]
async fn a_return_goes_one_hand_over_back_and_each_is_counted() {
    let desk = desk().await;
    let hand_over = || async {
        let around = desk.store.read(|view| {
            let ticket = view.ticket(TicketNumber(1001))?.unwrap();
            view.surroundings(&ticket, &Needs { case_file: true, ..Needs::default() })
        });
        around.await.unwrap()
    };
    assert!(hand_over().await.hand_over.is_none());
    for (from, assignee) in [("support", Some("anna")), ("returns", None)] {
        let (from, assignee) = (DepartmentId::new(from), assignee.map(AgentId::new));
        // Somebody in the mailbox, whoever that was, then Jan.
        let by = assignee.is_none().then(|| AgentId::new("jan"));
        desk.apply(step(1001, Step::HandOver { from, assignee, by }), vec![], None).await.unwrap();
    }
    let latest = hand_over().await.hand_over.unwrap();
    assert_eq!((latest.from, latest.count, latest.accepted), (Some(DepartmentId::new("returns")), 2, false));
    assert_eq!(latest.by, Some(AgentId::new("jan")));
    desk.apply(step(1001, Step::Return), vec![], None).await.unwrap();
    desk.apply(step(1001, Step::Accept), vec![], None).await.unwrap();
    let first = hand_over().await.hand_over.unwrap();
    assert_eq!((first.from, first.count, first.accepted), (Some(DepartmentId::new("support")), 3, true));
    assert_eq!((first.assignee, first.by), (Some(AgentId::new("anna")), None));
    desk.apply(step(1001, Step::Return), vec![], None).await.unwrap();
    let around = hand_over().await;
    assert_eq!(around.hand_over.map(|last| (last.from, last.count)), Some((None, 4)));
    assert_eq!(around.case_file.first.unwrap().1, "It does not shine.");
}

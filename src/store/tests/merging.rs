//! Merges are taken back exactly, in whatever order, and there is never a circle.

use super::*;
use crate::model::step::Step;

fn merge(ticket: i64, lead: i64) -> Plan {
    let step = Step::Merge { lead: TicketNumber(lead) };
    Plan { changes: vec![(TicketNumber(ticket), Change::Step(step))], ..Plan::default() }
}

fn unmerge(ticket: i64) -> Plan {
    Plan { changes: vec![(TicketNumber(ticket), Change::Step(Step::Unmerge))], ..Plan::default() }
}

/// Three tickets, of three customers with a tag each.
async fn desk() -> Desk {
    let desk = Desk::new();
    for number in [1001, 1002, 1003] {
        let mut plan = opening(number);
        plan.open[0].participants[0].person = person("", &format!("{number}@client.example"));
        plan.changes.push((TicketNumber(number), Change::AddTag(format!("tag-{number}"))));
        desk.apply(plan, vec![], None).await.unwrap();
    }
    desk
}

/// Every ticket as people see it: status, messages, people with their roles, tags.
async fn shape(desk: &Desk) -> Vec<String> {
    let mut shape = Vec::new();
    for number in [1001, 1002, 1003] {
        let number = TicketNumber(number);
        let found = desk.store.read(move |view| Ok((view.ticket(number)?, view.messages(number)?, view.lead(number)?)));
        let (ticket, messages, lead) = found.await.unwrap();
        let ticket = ticket.unwrap();
        let ids: Vec<i64> = messages.iter().map(|message| message.id.0).collect();
        let people = ticket.participants.iter().map(|someone| format!("{} {}", someone.role, someone.person.address));
        let people = people.collect::<Vec<_>>().join(", ");
        shape.push(format!("{number} in {lead}: {} {ids:?} {people} {:?}", ticket.status, ticket.tags));
    }
    shape
}

#[tokio::test]
async fn a_merge_taken_back_leaves_no_trace_whatever_was_taken_back_before() {
    for order in [[1001, 1002], [1002, 1001]] {
        let desk = desk().await;
        let before = shape(&desk).await;
        desk.apply(merge(1001, 1002), vec![], None).await.unwrap();
        desk.apply(merge(1002, 1003), vec![], None).await.unwrap();
        let merged = shape(&desk).await;
        assert!(merged[0].starts_with("1001 in 1003: closed []"), "{merged:?}");
        let whole = "1003 in 1003: new [1001, 1002, 1003] proposed 1001@client.example, proposed 1002@client.example, \
                     requester 1003@client.example [\"tag-1001\", \"tag-1002\", \"tag-1003\"]";
        assert_eq!(merged[2], whole);
        for number in order {
            desk.apply(unmerge(number), vec![], None).await.unwrap();
        }
        assert_eq!(shape(&desk).await, before, "{order:?}");
    }
}

#[tokio::test]
async fn a_mail_for_a_merged_ticket_goes_back_with_it() {
    let desk = desk().await;
    desk.apply(merge(1001, 1002), vec![], None).await.unwrap();
    desk.apply(merge(1002, 1003), vec![], None).await.unwrap();
    for (key, came_for) in [(1004, Some(1001)), (1005, Some(1002)), (1006, None)] {
        let came_for = came_for.map(TicketNumber);
        let plan = Plan { messages: vec![message(key, 1003)], came_for, ..Plan::default() };
        desk.apply(plan, vec![], None).await.unwrap();
    }
    desk.apply(unmerge(1002), vec![], None).await.unwrap();
    let shape = shape(&desk).await;
    assert!(shape[1].starts_with("1002 in 1002: new [1001, 1002, 1004, 1005]"), "{shape:?}");
    assert!(shape[2].starts_with("1003 in 1003: new [1003, 1006]"), "{shape:?}");
    // Ids point to the ticket that a mail was written to, which knows its people.
    let by_id = desk.store.read(|view| {
        let id = MailId::new("1004@client.example");
        let clue = crate::model::link::IdClue { id, header: crate::model::link::HeaderClue::InReplyTo };
        view.thread_facts(&crate::model::link::Clues { ids: vec![clue], ..Default::default() }, &[9; 32])
    });
    let facts = by_id.await.unwrap();
    assert_eq!(facts.by_id[0].1, TicketNumber(1001));
    assert_eq!(facts.lead(TicketNumber(1001)), TicketNumber(1002));
    assert!(facts.ticket(TicketNumber(1002)).is_some());
}

#[tokio::test]
async fn nothing_is_merged_into_its_own_part_and_nothing_twice() {
    let desk = desk().await;
    desk.apply(merge(1001, 1002), vec![], None).await.unwrap();
    let before = shape(&desk).await;
    for plan in [merge(1001, 1003), merge(1002, 1001), merge(1003, 1001), merge(1003, 1003), unmerge(1003)] {
        desk.apply(plan, vec![], None).await.unwrap_err();
    }
    assert_eq!(shape(&desk).await, before);
}

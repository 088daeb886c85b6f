//! `#merge` and `#unmerge`: who may, what is refused, who is told.

use super::*;
use crate::model::surroundings::Merged;

const OTHER: TicketNumber = TicketNumber(1038);

/// Anna writes on #1042; #1038 is Ewa's.
fn merge(words: &str) -> Scene {
    agent_writes(words).with(|scene| {
        let mut other = ticket(OTHER);
        other.requester = person("Ewa", "ewa@client.example");
        other.participants = vec![participant("Ewa", "ewa@client.example", Role::Requester)];
        scene.surroundings.named.push(other);
    })
}

fn refused(scene: &Scene) -> String {
    let text = render(&scene.plan());
    assert!(text.contains("event: agent anna refused: ") && !text.contains("change:"), "{text}");
    text
}

#[test]
fn the_ticket_that_is_named_lives_on_and_opens_when_the_other_is_not_answered() {
    check(
        &merge("#merge 1038"),
        &[
            "fate: ticket #1038",
            "change: Merge { lead: TicketNumber(1038) }",
            "change: status open",
            "event: agent anna status: waiting to open: #1042 is not answered",
            "event: agent anna merged: #1042 \"Broken lamp\" is part of it: customer@client.example proposed, told nothing",
            "tell jan: Anna Nowak merged #1042 into it: It is broken.",
            "!answer",
        ],
    );
    let answered = merge("#merge 1038").with(|scene| scene.ticket().status = Status::Waiting);
    check(&answered, &["!change: status"]);
}

#[test]
fn an_agent_merges_only_what_he_may_work_on() {
    let foreign =
        merge("#merge 1038").with(|scene| scene.surroundings.named[0].department = DepartmentId::new("returns"));
    assert!(refused(&foreign).contains("ticket #1038 is now in department `returns`, where the agent does not work"));
    let his = foreign.with(|scene| scene.surroundings.named[0].assignee = Some(AgentId::new("anna")));
    check(&his, &["change: Merge { lead: TicketNumber(1038) }"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (words, why) in [
        ("#merge 1042", "that is this ticket"),
        ("#merge 7", "there is no ticket #7"),
        ("#merge 1038\nHello", "`#merge` stands alone in its mail"),
        ("#merge 1038\n#take", "`#merge` stands alone in its mail"),
        ("#merge x", "no number of a ticket"),
        ("#merge 99999999999999999999", "no number of a ticket"),
        ("#merge +5", "no number of a ticket"),
        ("#unmerge", "nothing was merged into #1042"),
        ("#unmerge 1038", "nothing was merged into #1042"),
    ] {
        let text = refused(&merge(words));
        assert!(text.contains(why), "{words}: {text}");
    }
}

#[test]
fn a_number_that_was_merged_stands_for_the_ticket_that_lives_on() {
    let scene = merge("#merge 1038").with(|scene| {
        scene.surroundings.named[0].merged_into = Some(TicketNumber(1030));
        scene.surroundings.named.push(ticket(TicketNumber(1030)));
    });
    check(&scene, &["change: Merge { lead: TicketNumber(1030) }"]);
    let circle = merge("#merge 1038").with(|scene| {
        scene.surroundings.named[0].merged_into = Some(NUMBER);
        let this = scene.ticket().clone();
        scene.surroundings.named.push(this);
    });
    assert!(refused(&circle).contains("#1038 is part of #1042 already"));
}

/// #1038 is part of #1042.
fn merged(words: &str) -> Scene {
    merge(words).with(|scene| {
        let mut part = scene.surroundings.named.remove(0);
        part.merged_into = Some(NUMBER);
        scene.ticket().participants.push(participant("Ewa", "ewa@client.example", Role::Proposed));
        scene.surroundings.merged.push(Merged {
            ticket: part,
            status: Status::Waiting,
            wait_until: None,
            written_to: false,
            last_words: None,
            lead_before: None,
        });
    })
}

#[test]
fn the_latest_part_stands_alone_again_as_it_stood() {
    check(&merged("#unmerge"), &["change: Unmerge", "event: agent anna unmerged: from #1042: waiting again"]);
    check(&merged("#unmerge"), &["!change: status"]);
    let written_to = merged("#unmerge 1038").with(|scene| scene.surroundings.merged[0].written_to = true);
    check(&written_to, &["change: Unmerge", "change: status open"]);
    let opened =
        merged("#unmerge").with(|scene| scene.surroundings.merged[0].lead_before = Some((Status::Resolved, None)));
    check(&opened, &["change: status resolved"]);
}

#[test]
fn an_answer_to_somebody_who_is_not_on_the_ticket_is_held() {
    let old_notification = merged("Dear Ewa, it is sent.").with(|scene| {
        scene.came_for = Some(scene.surroundings.merged[0].ticket.clone());
    });
    assert!(
        refused(&old_notification).contains("would go to `customer@client.example` and not to `ewa@client.example`")
    );
    let named = old_notification.with(|scene| scene.mail.cc = vec![person("", "ewa@client.example")]);
    check(
        &named,
        &["answer to customer@client.example as support: Dear Ewa, it is sent.", "answer cc ewa@client.example"],
    );
}

//! What it means that a person moved a mail in the mailbox.

use super::*;
use crate::model::mirror::Place;
use crate::model::outgoing::{Draft, News};
use crate::model::plan::Change;
use crate::model::step::Step;
use crate::model::surroundings::CaseFile;

fn moved(scene: &Scene, place: &Place) -> Plan {
    let last_words = (person("Customer", "customer@client.example"), "It is broken.".to_owned());
    let file = CaseFile { wait_until: Some(scene.now), ..CaseFile::default() };
    let knowledge = Knowledge {
        last_words: Some(&last_words),
        staff: &scene.staff,
        file: &file,
        counters: scene.counters,
        now: scene.now,
    };
    moved_in_mailbox(&scene.policy, scene.ticket.as_ref().unwrap(), place, &MailboxId::new("info"), knowledge)
}

fn anna_has_it() -> Scene {
    follow_up().with(|scene| {
        scene.ticket().status = Status::Open;
        scene.ticket().assignee = Some(AgentId::new("anna"));
    })
}

#[test]
fn another_departments_folder_moves_the_ticket_and_tells_that_department() {
    check_plan(
        &moved(&anna_has_it(), &Place::Department(DepartmentId::new("returns"))),
        &[
            "change: department returns",
            "event: mailbox info moved: support to returns: moved in the mailbox",
            "change: assignee nobody",
            "tell anna: info@shop.example took it away: It is broken.",
            "tell jan: info@shop.example moved it: It is broken.",
            "!answer",
            "!change: status",
        ],
    );
}

#[test]
fn the_new_department_gets_a_brief_and_may_give_the_ticket_back() {
    let scene = anna_has_it();
    let plan = moved(&scene, &Place::Department(DepartmentId::new("returns")));
    let brief = plan.mails.iter().find_map(|mail| {
        let Draft::Notification(draft) = mail else { return None };
        if let News::HandedOver { brief, .. } = &draft.news { Some(brief) } else { None }
    });
    let brief = brief.unwrap();
    assert_eq!((&brief.from, brief.file.wait_until), (&DepartmentId::new("support"), Some(scene.now)));
    assert_eq!(brief.people.len(), scene.ticket.as_ref().unwrap().participants.len());
    let (from, assignee) = (DepartmentId::new("support"), Some(AgentId::new("anna")));
    let step = Change::Step(Step::HandOver { from, assignee, by: None });
    assert!(plan.changes.iter().any(|(_, change)| *change == step), "{:?}", plan.changes);
}

#[test]
fn an_agents_folder_assigns_and_done_closes() {
    check_plan(
        &moved(&anna_has_it(), &Place::Agent(AgentId::new("jan"))),
        &[
            "change: assignee jan",
            "event: mailbox info assigned: anna to jan: moved in the mailbox",
            "tell jan: info@shop.example assigned it to you: It is broken.",
            "tell anna: info@shop.example took it away: It is broken.",
        ],
    );
    check_plan(
        &moved(&anna_has_it(), &Place::Done),
        &["change: status closed", "event: mailbox info status: open to closed: moved in the mailbox", "!tell"],
    );
}

#[test]
fn what_is_taken_out_of_done_is_open_again() {
    for status in [Status::Resolved, Status::Closed] {
        let done = anna_has_it().with(|scene| scene.ticket().status = status);
        check_plan(&moved(&done, &Place::Department(DepartmentId::new("support"))), &["change: status open", "!tell"]);
        check_plan(&moved(&done, &Place::Agent(AgentId::new("anna"))), &["change: status open", "!change: assignee"]);
    }
}

#[test]
fn where_a_mail_may_lie_it_says_nothing() {
    for place in [Place::Department(DepartmentId::new("support")), Place::Agent(AgentId::new("anna"))] {
        assert_eq!(render(&moved(&anna_has_it(), &place)), "fate: no mail");
    }
}

#[test]
fn a_department_that_gives_out_its_tickets_gives_out_what_is_moved_to_it() {
    let scene = anna_has_it().with(|scene| {
        scene.policy.departments[1].giving_out.how = crate::model::staff::Assignment::RoundRobin;
    });
    check_plan(
        &moved(&scene, &Place::Department(DepartmentId::new("returns"))),
        &[
            "change: jan is given it by returns",
            "event: mailbox info assigned: nobody to jan: round-robin",
            "tell jan: info@shop.example moved it: It is broken.",
        ],
    );
}

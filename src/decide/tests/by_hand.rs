//! A ticket that is changed on the command line.

use super::*;
use crate::model::staff::Assignment;
use crate::model::surroundings::CaseFile;
use crate::model::ticket::Visibility;

fn changed(scene: &Scene, change: &HandChange) -> Plan {
    let last_words = (person("Customer", "customer@client.example"), "It is broken.".to_owned());
    let knowledge = Knowledge {
        last_words: Some(&last_words),
        staff: &scene.staff,
        file: &CaseFile::default(),
        counters: scene.counters,
        now: scene.now,
    };
    change_by_admin(&scene.policy, scene.ticket.as_ref().unwrap(), change, knowledge)
}

fn annas() -> Scene {
    follow_up().with(|scene| {
        scene.ticket().status = Status::Open;
        scene.ticket().assignee = Some(AgentId::new("anna"));
    })
}

#[test]
fn an_assigned_ticket_is_told_to_who_gets_it_and_who_had_it() {
    check_plan(
        &changed(&annas(), &HandChange::Assign(Some(AgentId::new("jan")))),
        &[
            "change: assignee jan",
            "event: admin assigned: anna to jan",
            "tell jan: admin assigned it to you: It is broken.",
            "tell anna: admin took it away: It is broken.",
            "!answer",
        ],
    );
    check_plan(&changed(&annas(), &HandChange::Assign(Some(AgentId::new("anna")))), &["!change", "!event", "!tell"]);
}

#[test]
fn a_released_ticket_goes_to_the_next_agent_or_its_department_hears_of_it() {
    let scene = annas();
    check_plan(
        &changed(&scene, &HandChange::Assign(None)),
        &[
            "change: assignee nobody",
            "event: admin assigned: anna to nobody",
            "tell jan: free as admin released it: It is broken.",
        ],
    );
    let scene = scene.with(|scene| scene.policy.departments[0].giving_out.how = Assignment::RoundRobin);
    check_plan(
        &changed(&scene, &HandChange::Assign(None)),
        &["change: jan is given it by support", "event: admin assigned: nobody to jan: round-robin"],
    );
}

#[test]
fn a_note_is_internal_and_told_to_colleagues_alone() {
    let plan = changed(&annas(), &HandChange::Note("Ask the supplier.".to_owned()));
    check_plan(
        &plan,
        &[
            "event: admin note: an internal note",
            "tell anna: note by admin: Ask the supplier.",
            "tell jan: note by admin: Ask the supplier.",
            "!answer",
            "!change",
        ],
    );
    assert!(plan.messages.iter().all(|message| message.visibility == Visibility::Internal), "{:?}", plan.messages);
}

#[test]
fn what_is_opened_again_is_no_spam() {
    let scene = annas().with(|scene| {
        scene.ticket().status = Status::Closed;
        scene.ticket().tags = vec!["spam".to_owned()];
    });
    check_plan(
        &changed(&scene, &HandChange::Status(Status::Open)),
        &["change: tag -spam", "event: admin status: closed to open", "!tell"],
    );
}

#[test]
fn a_reason_goes_with_a_ticket_that_is_moved() {
    let moved = HandChange::Move(DepartmentId::new("returns"), Some("The courier knows.".to_owned()));
    let plan = changed(&annas(), &moved);
    check_plan(
        &plan,
        &[
            "change: department returns",
            "event: admin moved: support to returns",
            "event: admin note: an internal note",
            "!answer",
        ],
    );
    let text = render(&plan);
    assert!(text.contains("admin moved it: admin: / The courier knows. /  / Customer: / | It is broken."), "{text}");
    let stays = HandChange::Move(DepartmentId::new("support"), Some("Nothing.".to_owned()));
    check_plan(&changed(&annas(), &stays), &["!change", "!event", "!message"]);
}

//! A customer's later mails on a ticket.

use super::*;

#[test]
fn an_answer_of_the_customer_reopens_the_ticket() {
    for status in [Status::Waiting, Status::Resolved, Status::Closed] {
        let scene = follow_up().with(|scene| scene.ticket().status = status);
        check(
            &scene,
            &[
                "change: status open",
                &format!("event: postroom status: {status} to open: the customer answered"),
                "tell anna: customer wrote, open again: The lamp is broken.",
                "tell jan: customer wrote, open again: The lamp is broken.",
                "message: customer public from Customer <customer@client.example>: The lamp is broken.",
            ],
        );
    }
}

#[test]
fn a_ticket_that_is_with_us_stays_as_it_is() {
    for status in [Status::New, Status::Open] {
        let scene = follow_up().with(|scene| scene.ticket().status = status);
        check(&scene, &["!change", "tell anna: customer wrote: The lamp is broken."]);
    }
}

#[test]
fn once_taken_only_the_assignee_is_told_unless_he_left() {
    let taken = follow_up().with(|scene| scene.ticket().assignee = Some(AgentId::new("jan")));
    check(&taken, &["tell jan: customer wrote, open again: The lamp is broken.", "!tell anna"]);
    let gone = taken.with(|scene| scene.policy.agents.retain(|agent| agent.id != AgentId::new("jan")));
    check(&gone, &["tell anna: customer wrote, open again: The lamp is broken."]);
}

#[test]
fn what_a_machine_answers_changes_nothing() {
    let receipt = file("receipt", "message/disposition-notification");
    for (machine, files, what) in [
        (Automated::AutoReply, vec![], "an automatic reply"),
        (Automated::Bounce, vec![], "a report on delivery"),
        (Automated::Notice, vec![receipt], "a receipt that the mail was shown"),
    ] {
        let scene = follow_up().with(|scene| {
            scene.mail.automated = Some(machine);
            scene.attachments = files;
            scene.mail.cc = vec![person("", "new@client.example")];
        });
        let event = format!("event: postroom withheld: {what}: status and people left alone");
        check(
            &scene,
            &[
                "!change",
                "!tell",
                "message: automatic public from Customer <customer@client.example>: The lamp is broken.",
                &event,
            ],
        );
    }
}

#[test]
fn a_human_behind_another_desk_is_heard_though_his_mail_bears_marks_of_a_machine() {
    for machine in [Automated::Notice, Automated::List, Automated::Bulk] {
        let scene = follow_up().with(|scene| scene.mail.automated = Some(machine));
        check(&scene, &["change: status open", "tell anna: customer wrote, open again: The lamp is broken."]);
    }
}

#[test]
fn somebody_new_in_cc_is_only_proposed() {
    let scene = follow_up().with(|scene| {
        scene.mail.cc = vec![person("Boss", "boss@client.example"), person("", "anna@shop.example")];
    });
    check(
        &scene,
        &[
            "change: proposed Boss <boss@client.example>",
            "event: postroom proposed: boss@client.example gets nothing until an agent includes them: named in a later mail",
            "!change: participant",
            "!change: proposed <anna",
            "!answer",
        ],
    );
}

#[test]
fn imported_old_mail_reopens_and_tells_nobody() {
    let scene = follow_up().with(|scene| {
        scene.raw.arrival = Arrival::Import;
        scene.raw.received_at = "2026-11-20T10:00:00Z".parse().unwrap();
    });
    check(
        &scene,
        &["change: status open", "!tell", "withheld: notification: the mail is older than a day and was imported"],
    );
}

#[test]
fn a_ticket_whose_department_left_the_config_moves_where_the_mail_is_routed() {
    let scene = follow_up().with(|scene| {
        scene.ticket().department = DepartmentId::new("gone");
        scene.route.department = DepartmentId::new("returns");
        scene.route.detail = "mailbox `info`".to_owned();
    });
    check(
        &scene,
        &[
            "change: department returns",
            "event: postroom moved: gone to returns: mailbox `info`",
            "tell jan: customer wrote, open again: The lamp is broken.",
        ],
    );
}

#[test]
fn an_agent_who_is_the_customer_writes_to_his_colleagues_not_to_himself() {
    let own = |words: &str| {
        agent_writes(words).with(|scene| {
            let anna = person("Anna", "anna@shop.example");
            scene.ticket().requester = anna.clone();
            scene.ticket().participants = vec![Participant { person: anna, role: Role::Requester }];
        })
    };
    check(&own("Any news?"), &["!answer", "tell jan: customer wrote: Any news?", "!tell anna"]);
    check(&own("#close"), &["change: status closed", "!answer"]);
    let customer = participant("Customer", "customer@client.example", Role::Participant);
    let for_a_customer = own("Sent.").with(|scene| scene.ticket().participants.push(customer));
    check(&for_a_customer, &["answer cc customer@client.example"]);
}

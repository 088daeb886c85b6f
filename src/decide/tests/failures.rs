//! Mails that did not arrive, mails that could not be read, waits that are over.

use super::*;
use crate::model::link::BounceProof;
use crate::model::mail::{Bounce, BounceRecipient};
use crate::model::outgoing::OutgoingKind;
use crate::model::testing::{address, opening};
use crate::model::token::{OwnId, Seal};

fn bounced(kind: OutgoingKind, action: &str) -> Scene {
    follow_up().with(|scene| {
        scene.link = Link::Bounce {
            number: NUMBER,
            of: OwnId { kind, ticket: NUMBER, seal: Seal::Key(opening(NUMBER).key), agent: None, reader: None },
            proof: BounceProof::Sent,
        };
        scene.mail.from = Some(person("", "mailer-daemon@mx.example"));
        scene.mail.automated = Some(Automated::Bounce);
        let recipient = BounceRecipient {
            address: address("customer@client.example"),
            action: action.to_owned(),
            status: if action == "failed" { "5.1.1" } else { "4.2.2" }.to_owned(),
            diagnostic: "no such user".to_owned(),
        };
        scene.mail.bounce =
            Some(Bounce { recipients: vec![recipient], original_message_id: None, original_subject: String::new() });
    })
}

#[test]
fn a_report_that_may_be_forged_is_told_and_changes_nothing() {
    let forged = bounced(OutgoingKind::Answer, "failed").with(|scene| {
        if let Link::Bounce { proof, .. } = &mut scene.link {
            *proof = BounceProof::Words;
        }
    });
    let why = "status left alone: the report names no mail that we sent to that address, and may be forged";
    let told = "of our answer: customer@client.example failed 5.1.1 no such user";
    check(
        &forged,
        &[
            "!change: status",
            &format!("event: postroom withheld: {why}"),
            &format!("tell anna: delivery failed: {told} /  / {why}"),
        ],
    );
}

#[test]
fn a_bounced_answer_reopens_its_ticket_and_is_told() {
    check(
        &bounced(OutgoingKind::Answer, "failed"),
        &[
            "change: status open",
            "event: postroom status: waiting to open: an answer was not delivered",
            "event: postroom bounced: of our answer: customer@client.example failed 5.1.1 no such user",
            "tell anna: delivery failed: of our answer: customer@client.example failed 5.1.1 no such user",
            "!acknowledgement",
        ],
    );
}

#[test]
fn a_delay_or_another_mails_bounce_is_only_recorded() {
    for (kind, action) in [
        (OutgoingKind::Answer, "delayed"),
        (OutgoingKind::Notification, "failed"),
        (OutgoingKind::Acknowledgement, "failed"),
        (OutgoingKind::Notice, "failed"),
    ] {
        let scene = bounced(kind, action);
        check(&scene, &["fate: ticket #1042", "!change", "!tell", "!notice"]);
        assert!(render(&scene.plan()).contains("message: automatic internal"));
    }
}

fn undelivered(kind: OutgoingKind, agent: Option<&str>, permanent: bool) -> Plan {
    let agent = agent.map(AgentId::new);
    let recipient = address("customer@client.example");
    let mail =
        Undelivered { kind, agent: agent.as_ref(), recipient: &recipient, reason: "550 no", permanent, answered: None };
    delivery_failed(&policy(), &ticket(NUMBER), &mail, new_mail().counters)
}

#[test]
fn an_answer_that_failed_reopens_the_ticket_and_is_told_to_its_writer() {
    check_plan(
        &undelivered(OutgoingKind::Answer, Some("anna"), true),
        &["change: status open", "notice to anna: never reached customer@client.example: 550 no", "!tell"],
    );
    check_plan(
        &undelivered(OutgoingKind::Answer, Some("anna"), false),
        &["!change", "notice to anna: has not reached customer@client.example: 550 no"],
    );
    check_plan(
        &undelivered(OutgoingKind::Answer, Some("gone"), true),
        &["!notice", "tell anna: delivery failed: customer@client.example: 550 no"],
    );
}

#[test]
fn other_mails_that_failed_leave_a_line_of_history() {
    for kind in [OutgoingKind::Acknowledgement, OutgoingKind::Notification, OutgoingKind::Notice] {
        check_plan(
            &undelivered(kind, Some("anna"), true),
            &[
                &format!("event: postroom delivery: {kind} to customer@client.example not delivered: 550 no"),
                "!change",
                "!notice",
                "!tell",
            ],
        );
    }
}

#[test]
fn a_ticket_comes_back_when_its_wait_is_over() {
    let words = (person("Customer", "customer@client.example"), "It is broken.".to_owned());
    let plan = wait_over(&policy(), &ticket(NUMBER), Some(&words), new_mail().counters);
    check_plan(
        &plan,
        &[
            "change: status open",
            "event: postroom status: waiting to open: the wait is over",
            "tell anna: the wait is over: It is broken.",
            "fate: no mail",
        ],
    );
    let orphan = Ticket { department: DepartmentId::new("gone"), ..ticket(NUMBER) };
    let plan = wait_over(&policy(), &orphan, Some(&words), new_mail().counters);
    check_plan(
        &plan,
        &[
            "event: postroom moved: gone to support: the former is not in the config",
            "tell anna: the wait is over: It is broken.",
        ],
    );
}

#[test]
fn a_mail_that_cannot_be_read_is_shown_to_people() {
    let scene = new_mail();
    let plan = quarantined(&scene.policy, &scene.raw, "it has no headers", scene.counters, scene.now);
    check_plan(
        &plan,
        &[
            "fate: quarantined as #1042: it has no headers",
            "open: #1042 \"Unreadable mail\" in support",
            "event: postroom quarantined: it has no headers",
            "!acknowledgement",
            "!answer",
        ],
    );
    let told = plan.mails.iter().filter(|mail| matches!(mail, crate::model::outgoing::Draft::Notification(_))).count();
    assert_eq!(told, 2);
}

//! `#split`, `#spam`, `#move`, `#accept` and `#return`: what each does, and what is refused.

use super::*;
use crate::model::surroundings::{HandOver, MailHead};

#[track_caller]
fn refused(scene: &Scene, why: &str) {
    let text = render(&scene.plan());
    assert!(text.contains("event: agent anna refused: ") && text.contains(why), "{text}");
    assert!(!text.contains("change:") && !text.contains("answer to"), "{text}");
}

fn mail(key: i64, who: &str) -> MailHead {
    let text = format!("Words {key}");
    MailHead { key: MessageKey(key), author: person("", who), date: Timestamp::UNIX_EPOCH, text }
}

/// A ticket with two mails, of which Anna answers the first.
fn split(words: &str) -> Scene {
    agent_writes(words).with(|scene| {
        scene.surroundings.mails = vec![mail(3, "customer@client.example"), mail(5, "ewa@client.example")];
        scene.surroundings.answered = Some(MessageKey(3));
        scene.counters.next_ticket = TicketNumber(1050);
    })
}

#[test]
fn the_mail_that_the_notification_showed_is_split_off() {
    check(
        &split("#split"),
        &[
            "open: #1050 \"Broken lamp\" in support",
            "requester: <customer@client.example>",
            "change: Split { from: TicketNumber(1042), message: MessageKey(3) }",
            "event: agent anna split: a mail of customer@client.example is #1050 now",
            "tell anna: Anna Nowak split it from #1042: Words 3",
            "tell jan: Anna Nowak split it from #1042: Words 3",
            "!acknowledgement",
        ],
    );
    check(
        &split("#split 5"),
        &["requester: <ewa@client.example>", "tell jan: Anna Nowak split it from #1042: Words 5"],
    );
}

#[test]
fn a_split_that_is_not_clear_is_asked_about() {
    let unknown = split("#split").with(|scene| scene.surroundings.answered = None);
    refused(&unknown, "which mail, there are `#split 5` (ewa@client.example: Words 5), `#split 3`");
    refused(&split("#split 7"), "no mail of a customer on #1042 has this number");
    let single = split("#split").with(|scene| scene.surroundings.mails.truncate(1));
    refused(&single, "there are no two mails of customers on #1042");
    refused(&split("#split\nHello"), "`#split` stands alone in its mail");
}

#[test]
fn spam_is_closed_and_its_receipt_withdrawn() {
    let closed = ["change: tag +spam", "change: status closed", "change: WithdrawReceipt", "!answer", "!tell"];
    check(&agent_writes("#spam"), &closed);
    check(&agent_writes("#spam"), &["!change: Mute"]);
    check(&agent_writes("#spam mute"), &closed);
    check(
        &agent_writes("#spam mute"),
        &["event: agent anna muted: further mails of customer@client.example are ignored"],
    );
    refused(&agent_writes("#spam mtue"), "neither `mute` nor `undo`");
    refused(&agent_writes("#spam undo"), "#1042 is not spam");
}

#[test]
fn what_was_spam_is_none_when_it_is_opened_or_undone() {
    let spam = |words: &str| {
        agent_writes(words).with(|scene| {
            scene.ticket().tags = vec!["spam".to_owned()];
            scene.ticket().status = Status::Closed;
            scene.surroundings.muted = true;
        })
    };
    check(&spam("#open"), &["change: tag -spam", "change: status open", "!change: Unmute"]);
    check(&spam("#spam undo"), &["change: tag -spam", "change: status open"]);
    assert!(render(&spam("#spam undo").plan()).contains("change: Unmute("));
}

#[test]
fn agents_and_reporters_of_bounces_are_never_muted() {
    for who in ["jan@shop.example", "MAILER-DAEMON@client.example", "postmaster@client.example", "returns@shop.example"]
    {
        let scene = agent_writes("#spam mute").with(|scene| {
            scene.ticket().requester = person("", who);
            scene.ticket().participants.push(participant("", "customer@client.example", Role::Participant));
        });
        refused(&scene, "`#spam mute`: ");
    }
}

#[test]
fn only_mails_of_customers_can_be_muted() {
    let someone = Some(crate::model::testing::address("ewa@client.example"));
    let scene = new_mail();
    assert_eq!(mutable(&scene.policy, &scene.mail, &scene.link), someone);
    let agent = agent_writes("#take");
    assert_eq!(mutable(&agent.policy, &agent.mail, &agent.link), None);
    let bounce = new_mail().with(|scene| scene.mail.bounce = Some(crate::model::mail::Bounce::default()));
    assert_eq!(mutable(&bounce.policy, &bounce.mail, &bounce.link), None);
    for link in [Link::Own, Link::Forward { agent: AgentId::new("anna"), proof: AgentProof::Token }] {
        assert_eq!(mutable(&scene.policy, &scene.mail, &link), None);
    }
}

fn handed(words: &str, accepted: bool) -> Scene {
    agent_writes(words).with(|scene| {
        scene.surroundings.hand_over = Some(HandOver {
            from: Some(DepartmentId::new("returns")),
            assignee: Some(AgentId::new("jan")),
            by: Some(AgentId::new("jan")),
            accepted,
            count: 1,
        });
    })
}

#[test]
fn a_hand_over_is_written_down_and_counted() {
    check(
        &agent_writes("#move returns"),
        &["event: agent anna moved: support to returns", "tell jan: Anna Nowak moved it: It is broken."],
    );
    check(&handed("#move returns", true), &["event: agent anna moved: support to returns, hand-over 2"]);
}

#[test]
fn who_accepts_has_the_ticket_and_the_giver_is_told_no_more_than_that() {
    check(
        &handed("#accept", false),
        &["change: assignee anna", "change: Accept", "event: agent anna accepted: the hand-over from returns"],
    );
    check(&handed("#accept", false), &["tell jan: Anna Nowak accepted it: "]);
    check(&handed("#accept\nDear Ewa", false), &["answer to customer@client.example as support: Dear Ewa"]);
    refused(&handed("#accept", true), "was accepted already");
    refused(&agent_writes("#accept"), "was not handed over");
}

#[test]
fn who_returns_says_why_and_the_former_agent_has_it_again() {
    check(
        &handed("#return Not ours.\nAsk Adam.", true),
        &[
            "change: department returns",
            "change: Return",
            "change: assignee jan",
            "event: agent anna moved: support to returns: returned, hand-over 2",
            "message: note internal from Anna Nowak <anna.nowak@home.example>: Not ours. / Ask Adam.",
            "!answer",
        ],
    );
    refused(&handed("#return", true), "`#return`: needs the reason");
    refused(&agent_writes("#return Not ours."), "no other department handed #1042 over");
    refused(&handed("#return Not ours.\n#close", true), "`#return` stands alone in its mail");
    let gone = handed("#return x", true).with(|scene| {
        scene.surroundings.hand_over.as_mut().unwrap().from = Some(DepartmentId::new("gone"));
    });
    refused(&gone, "is not in the config any more");
    let left = handed("#return x", true).with(|scene| {
        scene.surroundings.hand_over.as_mut().unwrap().assignee = Some(AgentId::new("anna"));
    });
    check(&left, &["!change: assignee"]);
}

//! The rules that keep an acknowledgement back, each alone.

use super::*;

#[track_caller]
fn check_withheld(why: &str, change: impl FnOnce(&mut Scene)) {
    let scene = new_mail().with(change);
    check(&scene, &["!acknowledgement", &format!("withheld: acknowledgement: {why}")]);
    check(&scene, &[&format!("event: postroom withheld: acknowledgement: {why}"), "!event: postroom acknowledged"]);
}

#[test]
fn a_fresh_mail_of_a_human_to_one_of_our_addresses_is_acknowledged_once() {
    check(
        &new_mail(),
        &[
            "acknowledgement to ewa@client.example, en",
            "event: postroom acknowledged: to ewa@client.example, in `en`",
            "!withheld",
        ],
    );
    check(&follow_up(), &["!acknowledgement"]);
}

#[test]
fn no_machine_is_answered() {
    for machine in [Automated::AutoReply, Automated::List, Automated::Bulk, Automated::Notice, Automated::Bounce] {
        check_withheld("no human wrote the mail", |scene| scene.mail.automated = Some(machine));
    }
}

#[test]
fn no_address_is_answered_at_which_no_human_reads() {
    for address in ["noreply@x.example", "MAILER-DAEMON@x.example", "no-reply+7@x.example", "list-bounces@x.example"] {
        let from = Some(person("", address));
        check_withheld("nobody reads mail at the sender's address", |scene| scene.mail.from = from);
    }
}

#[test]
fn we_do_not_answer_ourselves() {
    for address in ["info@shop.example", "returns@shop.example", "Info+x@shop.example"] {
        let from = Some(person("", address));
        check_withheld("the sender's address is one of ours", |scene| scene.mail.from = from);
    }
}

#[test]
fn mail_older_than_a_day_is_not_answered_though_it_is_told() {
    let received = "2026-11-21T09:59:59Z".parse().unwrap();
    check_withheld("the mail is older than a day", |scene| scene.raw.received_at = received);
    let old = new_mail().with(|scene| scene.raw.received_at = received);
    check(&old, &["tell jan: new ticket: The lamp is broken."]);
}

#[test]
fn a_blind_copy_is_not_answered() {
    check_withheld("neither To nor Cc names one of our addresses", |scene| {
        scene.mail.to = vec![person("", "else@client.example")];
        scene.mail.delivered_to = vec![crate::model::testing::address("info@shop.example")];
    });
}

#[test]
fn the_limits_hold_for_an_address_and_for_a_mailbox() {
    check_withheld("limit `per_address_per_day` is reached", |scene| scene.counters.machine_mails_to_sender = 3);
    check_withheld("limit `per_mailbox_per_hour` is reached", |scene| scene.counters.machine_mails_of_mailbox = 500);
}

#[test]
fn limits_count_for_whoever_gets_the_mail() {
    let counted = |scene: &Scene| correspondent(&scene.policy, &scene.mail, &scene.link).map(|found| found.to_string());
    let form = new_mail().with(|scene| {
        scene.mail.from = Some(person("Form", "noreply@web.example"));
        scene.mail.reply_to = vec![person("Ewa", "ewa@client.example")];
    });
    assert_eq!(counted(&form).as_deref(), Some("ewa@client.example"));
    assert_eq!(counted(&agent_writes("#help")).as_deref(), Some("anna@shop.example"));
    assert_eq!(counted(&new_mail().with(|scene| scene.mail.from = None)), None);
}

#[test]
fn a_department_may_do_without() {
    check_withheld("the department does not acknowledge", |scene| scene.policy.departments[1].acknowledge = false);
}

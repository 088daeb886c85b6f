//! A few whole plans, as a support lead would read them.

use super::*;

#[track_caller]
fn check_golden(name: &str, scene: &Scene) {
    insta::assert_snapshot!(name, render(&scene.plan()));
}

#[test]
fn a_new_ticket() {
    check_golden("new_ticket", &new_mail());
}

#[test]
fn a_customers_answer() {
    let scene = follow_up().with(|scene| scene.mail.cc = vec![person("Boss", "boss@client.example")]);
    check_golden("customers_answer", &scene);
}

#[test]
fn an_agents_answer_with_commands() {
    let scene = agent_writes("#tag vip\n#resolve\n\nSent today.\n\nBest regards,\nAnna Nowak\nanna@shop.example");
    check_golden("agents_answer_with_commands", &scene);
}

#[test]
fn a_refused_mail() {
    check_golden("refused_mail", &agent_writes("#clsoe\nSent today."));
}

//! Commands: what each changes, who is told, and that one fault stops all.

use super::*;

#[track_caller]
fn check_command(words: &str, lines: &[&str]) {
    check(&agent_writes(words), lines);
    check(&agent_writes(words), &["!answer"]);
}

#[test]
fn each_command_does_its_one_thing_and_says_so() {
    check_command(
        "#take",
        &["change: assignee anna", "event: agent anna assigned: nobody to anna", "tell jan: Anna Nowak has taken it: "],
    );
    check_command("#assign jan", &["change: assignee jan", "tell jan: Anna Nowak assigned it to you: It is broken."]);
    check_command("#move returns", &["change: department returns", "tell jan: Anna Nowak moved it: It is broken."]);
    check_command("#resolve", &["change: status resolved", "event: agent anna status: new to resolved"]);
    check_command("#close", &["change: status closed"]);
    check_command("#open", &["change: status open"]);
    check_command("#wait", &["change: status waiting"]);
    check_command("#wait 3d", &["change: status waiting until 2026-11-25T10:00:00Z"]);
    check_command("#priority high", &["change: priority high", "event: agent anna priority: normal to high"]);
    check_command("#tag +vip -old", &["change: tag +vip", "!change: tag -old", "event: agent anna tags: +vip"]);
    check_command("#help", &["notice to anna: help", "!change"]);
    check_command("#release", &["!change", "!event: agent anna assigned"]);
}

#[test]
fn status_shows_the_ticket_as_the_commands_before_left_it() {
    let scene = agent_writes("#take\n#tag vip\n#status");
    let text = render(&scene.plan());
    assert!(text.contains("notice to anna: state: support, new, normal, anna, tags [vip]"), "{text}");
}

#[test]
fn a_command_that_changes_nothing_leaves_no_event() {
    let scene = agent_writes("#take\n#close\n#priority normal\n#tag vip").with(|scene| {
        scene.ticket().assignee = Some(AgentId::new("anna"));
        scene.ticket().status = Status::Closed;
        scene.ticket().tags = vec!["vip".to_owned()];
    });
    check(&scene, &["!change", "!event"]);
}

#[test]
fn one_fault_stops_everything_and_the_text_comes_back_intact() {
    check_command(
        "#take\n#statsu open\n\nDear Ewa,\n#not a command",
        &[
            "!change",
            "!tell",
            "event: agent anna refused: unknown command `#statsu`, did you mean `#status`?",
            "notice to anna: refused, unknown command `#statsu`, did you mean `#status`?: \
             #take / #statsu open /  / Dear Ewa, / #not a command",
        ],
    );
}

#[test]
fn commands_alone_send_the_customer_nothing() {
    check_command(
        "#take\n#tag vip\n\n",
        &["message: note internal from Anna Nowak <anna.nowak@home.example>: #take / #tag vip"],
    );
    check_command("#resolve\n\nPozdrawiam,\nAnna", &["change: status resolved", "notice to anna: done 1, undo #open"]);
}

#[test]
fn commands_with_a_file_and_no_words_are_asked_about() {
    let scene = agent_writes("#resolve").with(|scene| scene.attachments = vec![file("label.pdf", "application/pdf")]);
    check(&scene, &["!answer", "!change"]);
    assert!(render(&scene.plan()).contains("an attachment, and no words to send it with"));
}

#[test]
fn a_note_stays_with_us() {
    check_command(
        "#note\nHe is right, be nice.",
        &[
            "message: note internal from Anna Nowak <anna.nowak@home.example>: He is right, be nice.",
            "tell jan: note by Anna Nowak: He is right, be nice.",
            "!change",
        ],
    );
    check_command("He is right, be nice.\n#note", &["!change", "!tell"]);
}

#[test]
fn the_status_that_the_agent_named_wins_over_that_of_an_answer() {
    for (words, status) in
        [("Done.", "waiting"), ("#resolve\nDone.", "resolved"), ("#open\nDone.", "open"), ("#close\nDone.", "closed")]
    {
        check(
            &agent_writes(words),
            &["answer to customer@client.example as support: Done.", &format!("change: status {status}")],
        );
    }
    check(&agent_writes("#wait 2h\nDone."), &["change: status waiting until 2026-11-22T12:00:00Z"]);
}

#[test]
fn whoever_loses_the_ticket_to_a_colleague_is_told() {
    let jans = |words: &str| agent_writes(words).with(|scene| scene.ticket().assignee = Some(AgentId::new("jan")));
    for words in ["#take", "#release"] {
        check(&jans(words), &["tell jan: Anna Nowak took it away: "]);
    }
    let annas = agent_writes("#move returns").with(|scene| scene.ticket().assignee = Some(AgentId::new("anna")));
    check(&annas, &["change: assignee nobody", "tell jan: Anna Nowak moved it: It is broken.", "!tell anna"]);
}

#[test]
fn a_colleague_hears_once_of_one_mail() {
    for words in ["#assign jan Sent.", "#move returns Sent.", "#assign jan\n#note\nSent."] {
        let text = render(&agent_writes(words).plan());
        assert_eq!(text.matches("tell jan").count(), 1, "{text}");
        assert!(text.contains("Anna Nowak: / Sent. /  / Customer: / | It is broken."), "{text}");
    }
}

#[test]
fn who_gives_a_ticket_away_does_not_take_it_by_answering() {
    for words in ["#move returns\nSent.", "#release\nSent.", "#assign jan\nSent."] {
        let asked_in = "held: message 7 of anna, shown up to 7, asked in support";
        check(&agent_writes(words), &["!answer", "!change: assignee anna", asked_in]);
        let lets_go = agent_writes("#send").with(|scene| {
            let mail = agent_writes(words).mail;
            scene.held =
                Some(HeldMail { mail, attachments: Arc::from([]), rich: None, asked: Instructions::default() });
            let (message, state, shows) = (MessageKey(5), HeldState::Held, MessageKey(6));
            let asked_in = Some(DepartmentId::new("support"));
            scene.reading.held = Some(Held { message, state, shows, leak: false, asked_in, named: true });
        });
        let sent = "answer to customer@client.example as support: Sent.";
        check(&lets_go, &[sent, "!change: assignee", "!change: department", "held: message 5 is sent"]);
        let gone = lets_go.with(|scene| scene.policy.departments[0].agents.clear());
        check(&gone, &["!answer", "!held"]);
    }
}

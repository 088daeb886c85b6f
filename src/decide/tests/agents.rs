//! Agents' answers: what reaches the customer, and what must not.

use jiff::SignedDuration;

use super::*;
use crate::model::reader::Reader;
use crate::model::testing::opening;
use crate::model::token::{SECRET_LEN, Signer};

#[test]
fn the_words_go_to_the_customer_as_the_departments() {
    check(
        &agent_writes("We send a new one."),
        &[
            "answer to customer@client.example as support: We send a new one.",
            "answer follows first@client.example",
            "message: agent public from Shop support <support@shop.example>: We send a new one.",
            "event: agent anna answered: to customer@client.example",
        ],
    );
}

#[test]
fn the_first_to_answer_has_the_ticket_and_it_waits_for_the_customer() {
    check(
        &agent_writes("We send a new one."),
        &[
            "change: assignee anna",
            "change: status waiting",
            "event: agent anna assigned: nobody to anna: the first to answer",
            "event: agent anna status: new to waiting: answered",
            "tell jan: Anna Nowak answered: We send a new one.",
            "!tell anna",
        ],
    );
}

#[test]
fn later_answers_are_told_to_an_assignee_who_did_not_write_them() {
    let taken = |by: &str| agent_writes("Sent.").with(|scene| scene.ticket().assignee = Some(AgentId::new(by)));
    check(&taken("jan"), &["tell jan: Anna Nowak answered: Sent.", "!change: assignee"]);
    check(&taken("anna"), &["!tell", "!change: assignee"]);
}

#[test]
fn an_answer_that_carries_a_colleagues_note_is_held() {
    let note = "He never paid the last two invoices and shouts at us.".to_owned();
    let scene = agent_writes("#close\nHello,\nnever paid the last two invoices and shouts.")
        .with(|scene| scene.notes = vec![note]);
    let words = "never paid the last two invoices and shouts";
    let why = format!("event: agent anna held: an answer: it carries words of an internal note (`{words}`)");
    check(&scene, &[&why, "held: message 7 of anna, shown up to 7, words of a note", "!answer to", "!change", "!tell"]);
}

/// Anna's word about the answer of hers that is held.
fn says(word: &str, change: impl FnOnce(&mut Scene)) -> Scene {
    agent_writes(word).with(|scene| {
        let mail = agent_writes("#tag +vip\nDear Customer, it is on its way.").mail;
        scene.held = Some(HeldMail { mail, attachments: Arc::from([]), rich: None, asked: Instructions::default() });
        let message = MessageKey(5);
        scene.reading.held = Some(Held {
            message,
            state: HeldState::Held,
            shows: MessageKey(6),
            leak: false,
            asked_in: None,
            named: true,
        });
        change(scene);
    })
}

#[test]
fn a_held_answer_goes_out_whole_at_its_agents_word_or_not_at_all() {
    let sent = ["answer to customer@client.example as support: Dear Customer, it is on its way.", "change: tag +vip"];
    check(&says("#send", |_| {}), &[sent[0], sent[1], "held: message 5 is sent"]);
    check(&says("#send\n#close", |_| {}), &[sent[0], "change: status closed", "held: message 5 is sent"]);
    check(&says("#cancel\n#close", |_| {}), &["!answer", "change: status closed", "held: message 5 is cancelled"]);
    check(
        &says("#note", |_| {}),
        &[
            "!answer",
            "!change",
            "tell jan: note by Anna Nowak: Dear Customer, it is on its way.",
            "held: message 5 is noted",
        ],
    );
    check(
        &says("#note\nHe is a friend.", |_| {}),
        &["!answer", "!held", "tell jan: note by Anna Nowak: He is a friend."],
    );
    check(
        &says("Sent by post.", |_| {}),
        &["answer to customer@client.example as support: Sent by post.", "held: message 5 is replaced"],
    );
}

#[test]
fn a_word_about_a_held_answer_that_cannot_be_followed_leaves_it_held() {
    let nothing = ["!answer", "!held", "!change", "!tell"];
    let refused = |scene: &Scene, why: &str| {
        check(scene, &nothing);
        let text = render(&scene.plan());
        assert!(text.contains(&format!("\nnotice to anna: refused, {why}")), "{text}");
    };
    refused(&says("#send\nAnd a word more.", |_| {}), "`#send` stands alone");
    refused(&says("#send\n#cancel", |_| {}), "`#send` and `#cancel` exclude each other");
    refused(&says("#send\n#statsu", |_| {}), "unknown command `#statsu`, did you mean `#status`?");
    refused(&says("#send", |scene| scene.reading.held = None), "no answer is held on this ticket");
    let sent = |scene: &mut Scene| scene.reading.held.iter_mut().for_each(|held| held.state = HeldState::Sent);
    refused(&says("#send", sent), "the answer that was held has been sent already");
    refused(&says("#cancel", sent), "the answer that was held has been sent already");
    let gone = |scene: &mut Scene| scene.policy.departments[0].agents.clear();
    refused(&says("#send", gone), "ticket #1042 is now in department `support`, where the agent does not work");
    let ours = |scene: &mut Scene| scene.ticket().requester = person("Support", "support@shop.example");
    check(&says("#send", ours), &nothing);
}

#[test]
fn what_came_since_the_notice_holds_it_again() {
    let newer = |scene: &mut Scene| {
        let author = person("Customer", "customer@client.example");
        scene.reading.newer = vec![Newer { author, agent: None, date: scene.now, text: "Wait!".to_owned() }];
    };
    let held = "held: message 5 of anna, shown up to 7";
    check(
        &says("#send", newer),
        &[
            "!answer",
            "!change",
            held,
            "notice to anna: held, newer [Wait!]: #tag +vip / Dear Customer, it is on its way.",
        ],
    );
    check(
        &says("Sent by post.", newer),
        &["!answer", "held: message 5 is replaced", "held: message 7 of anna, shown up to 7"],
    );
    for word in ["#close", "#note\nHe is a friend."] {
        check(&agent_writes(word).with(newer), &["!held", "!notice to anna: held"]);
    }
}

#[test]
fn participants_get_a_copy_and_people_merely_proposed_do_not() {
    let scene = agent_writes("Sent.").with(|scene| {
        scene.ticket().participants.extend([
            participant("Husband", "adam@client.example", Role::Participant),
            participant("Boss", "boss@client.example", Role::Proposed),
        ]);
    });
    check(&scene, &["answer cc adam@client.example"]);
}

#[test]
fn an_address_that_became_an_agents_or_ours_gets_no_copy() {
    let scene = agent_writes("Sent.").with(|scene| {
        scene.ticket().participants.extend([
            participant("Jan", "jan@shop.example", Role::Participant),
            participant("Anna", "Anna.Nowak@home.example", Role::Participant),
            participant("", "returns@shop.example", Role::Participant),
        ]);
    });
    check(&scene, &["answer to customer@client.example as support: Sent.", "!answer cc"]);
}

#[test]
fn attachments_travel_along_but_neither_logos_nor_keys() {
    let scene = agent_writes("Label attached.").with(|scene| {
        let logo = Attachment { inline: true, content_id: Some("x".into()), ..file("logo.png", "image/png") };
        scene.attachments =
            vec![file("label.pdf", "application/pdf"), logo, file("smime.p7s", "application/pkcs7-signature")];
    });
    check(
        &scene,
        &[
            "answer with label.pdf",
            "!answer with logo",
            "!answer with smime",
            "event: agent anna cut: not passed on: logo.png, smime.p7s",
        ],
    );
    let only = agent_writes("").with(|scene| scene.attachments = vec![file("label.pdf", "application/pdf")]);
    check(&only, &["answer with label.pdf", "change: status waiting"]);
}

#[test]
fn the_agents_own_signature_is_cut_without_a_separator_too() {
    check(
        &agent_writes("Sent.\n\nBest regards,\nAnna Nowak\nReturns specialist\nmobile 600 700 800"),
        &[
            "answer to customer@client.example as support: Sent. /  / Best regards, / Anna Nowak",
            "event: agent anna cut: the agent's own signature: 2 lines at the end",
        ],
    );
    check(
        &agent_writes("#take\n\nPozdrawiam\nAnna Nowak\nanna@shop.example"),
        &["change: assignee anna", "!answer", "!change: status", "notice to anna: done 1, undo #release"],
    );
}

#[test]
fn remains_of_a_notification_are_refused() {
    let signer = Signer::new([7; SECRET_LEN], "shop.example");
    let token = signer.reply_detail(opening(NUMBER), &AgentId::new("anna"), Reader::Customer, None);
    for words in [
        "Sent.\n##- Reply above this line -##\nnote: he is rude".to_owned(),
        format!("Sent.\nReply-To: info+{token}@shop.example"),
    ] {
        let scene = agent_writes(&words);
        check(&scene, &["!answer", "!change", "!tell"]);
        assert!(render(&scene.plan()).contains("notice to anna: refused, the text "), "{words}");
    }
}

#[test]
fn lines_quoted_between_the_words_must_be_the_customers() {
    let text = "Hello.\n> It is broken.\nWe send a new one.";
    check(
        &agent_writes(text),
        &["answer to customer@client.example as support: Hello. / > It is broken. / We send a new one."],
    );
    check(&agent_writes("Hello.\n> He is rude.\nSorry."), &["!answer", "!change", "!tell"]);
}

#[test]
fn an_agent_without_a_right_to_the_ticket_does_nothing() {
    let scene = agent_writes("#close\nSent.").with(|scene| scene.ticket().department = DepartmentId::new("returns"));
    check(
        &scene,
        &[
            "!answer",
            "!change",
            "!tell",
            "message: returned internal from Anna Nowak <anna.nowak@home.example>: #close / Sent.",
            "notice to anna: refused, ticket #1042 is now in department `returns`, where the agent does not work: #close / Sent.",
        ],
    );
    let assigned = scene.with(|scene| scene.ticket().assignee = Some(AgentId::new("anna")));
    check(&assigned, &["answer to customer@client.example as returns: Sent.", "change: status closed"]);
}

#[test]
fn an_agents_answering_machine_reaches_nobody_and_is_not_answered() {
    for machine in [Automated::AutoReply, Automated::Notice, Automated::List, Automated::Bulk, Automated::Bounce] {
        let scene = agent_writes("I am away.").with(|scene| scene.mail.automated = Some(machine));
        check(
            &scene,
            &[
                "!answer",
                "!notice",
                "!tell",
                "!change",
                "message: automatic internal from Anna Nowak <anna.nowak@home.example>: I am away.",
                "withheld: answer: no human wrote the mail",
            ],
        );
    }
}

#[test]
fn an_answer_without_words_comes_back() {
    let why = "no words were found above the quoted text";
    let scene = agent_writes("").with(|scene| "> all quoted".clone_into(&mut scene.mail.text));
    check(&scene, &["!answer", "!change", &format!("notice to anna: refused, {why}: > all quoted")]);
}

#[test]
fn a_customer_who_cannot_be_reached_is_not_written_to() {
    for (address, why) in [
        ("unknown@sender.invalid", "refused, the customer's address is not known"),
        ("returns@shop.example", "refused, the ticket's customer is `returns@shop.example`, an address of our own"),
    ] {
        let scene = agent_writes("Sent.").with(|scene| scene.ticket().requester = person("", address));
        check(&scene, &["!answer", "!change", "!tell"]);
        assert!(render(&scene.plan()).contains(why));
        let command = agent_writes("#close").with(|scene| scene.ticket().requester = person("", address));
        check(&command, &["change: status closed", "notice to anna: done 1, undo #open"]);
    }
}

#[test]
fn two_answering_machines_without_marks_are_stopped() {
    let answers = |count: i64, age_s: i64| {
        agent_writes("I am away.").with(|scene| {
            let at = scene.now - SignedDuration::from_secs(age_s);
            scene.ticket().answered_at = (0..count).map(|n| at - SignedDuration::from_micros(n)).collect();
        })
    };
    check(&answers(24, 60), &["answer to customer@client.example as support: I am away."]);
    check(&answers(25, 60), &["!answer", "!change", "!tell"]);
    check(&answers(40, 3_700), &["answer to customer@client.example as support: I am away."]);
    let told =
        answers(25, 60).with(|scene| scene.mail.in_reply_to = vec![MailId::new("notice.1042.anna.5.x@shop.example")]);
    check(&told, &["!answer", "!notice", "!change"]);
    let noticed = answers(25, 60).with(|scene| scene.counters.machine_mails_to_sender = 200);
    check(
        &noticed,
        &["!answer", "!notice", "message: returned internal from Anna Nowak <anna.nowak@home.example>: I am away."],
    );
    let busy = agent_writes("#statsu").with(|scene| scene.counters.machine_mails_to_sender = 199);
    check(&busy, &["notice to anna: refused, unknown command `#statsu`, did you mean `#status`?: #statsu"]);
}

//! New tickets: who is on them, what they are called, who is told.

use super::*;

#[test]
fn everyone_the_customer_wrote_to_is_on_the_ticket_but_none_of_us() {
    let scene = new_mail().with(|scene| {
        scene.mail.reply_to = vec![person("Ewa at home", "ewa@home.example")];
        scene.mail.cc = vec![
            person("Husband", "adam@client.example"),
            person("", "EWA@client.example"),
            person("Anna", "Anna@shop.example"),
            person("", "anna+x@shop.example"),
            person("", "info+1042.anna.token@shop.example"),
            person("", "support@shop.example"),
            person("", "no-reply@client.example"),
        ];
    });
    check(
        &scene,
        &[
            "open: #1042 \"Broken lamp\" in returns",
            "requester: Ewa at home <ewa@home.example>",
            "participant: Husband <adam@client.example>",
            "!participant: Anna",
            "!participant: <",
            "!participant: Ewa <",
            "fate: ticket #1042",
        ],
    );
}

#[test]
fn a_mail_without_a_sender_opens_a_ticket_that_nobody_can_answer() {
    let scene = new_mail().with(|scene| scene.mail.from = None);
    check(
        &scene,
        &["requester: <unknown@sender.invalid>", "!acknowledgement", "tell jan: new ticket: The lamp is broken."],
    );
}

#[test]
fn a_form_names_its_customer_in_reply_to() {
    for form in ["noreply@web.example", "info@shop.example"] {
        let scene = new_mail().with(|scene| {
            scene.mail.from = Some(person("Form", form));
            scene.mail.reply_to = vec![person("Ewa", "ewa@client.example")];
        });
        check(&scene, &["requester: Ewa <ewa@client.example>", "!participant"]);
    }
}

#[test]
fn a_robots_recipients_are_no_participants() {
    let scene = new_mail().with(|scene| {
        scene.mail.automated = Some(Automated::Notice);
        scene.mail.cc = vec![person("", "else@client.example")];
    });
    check(&scene, &["requester: Ewa <ewa@client.example>", "!participant"]);
}

#[test]
fn the_subject_loses_tags_and_prefixes_of_replies() {
    for (subject, bare) in [
        ("Re: [#77] Odp: Broken lamp", "Broken lamp"),
        ("[#77]", "(no subject)"),
        ("", "(no subject)"),
        ("Re: [#5] Re: x", "[#5] x"),
    ] {
        let scene = new_mail().with(|scene| {
            let possibly_related = Some(TicketNumber(77));
            scene.link = Link::New { reason: ThreadReason::Stranger, possibly_related };
            subject.clone_into(&mut scene.mail.subject);
        });
        check(&scene, &[&format!("open: #1042 \"{bare}\" in returns")]);
    }
}

#[test]
fn we_write_in_the_customers_language_if_we_know_it_else_in_the_departments() {
    for (known, ours) in [(Some("ru"), "ru"), (Some("xx"), "en"), (None, "en")] {
        let scene = new_mail().with(|scene| scene.mail.language = known.map(str::to_owned));
        check(&scene, &[&format!("language: {ours}")]);
    }
}

#[test]
fn all_agents_of_the_department_are_told_and_no_others() {
    check(
        &new_mail(),
        &["tell jan: new ticket: The lamp is broken.", "!tell anna", "event: postroom notified: agent jan"],
    );
}

#[test]
fn a_stranger_with_a_tag_gets_a_ticket_of_his_own() {
    let reason = ThreadReason::Stranger;
    let scene = new_mail().with(|scene| scene.link = Link::New { reason, possibly_related: Some(TicketNumber(7)) });
    check(&scene, &["open: #1042 \"Broken lamp\" in returns", "possibly related: #7", "!change"]);
}

#[test]
fn an_agent_who_writes_as_a_customer_is_not_told_of_his_own_words() {
    let of_support = new_mail().with(|scene| {
        scene.route.department = DepartmentId::new("support");
        scene.mail.from = Some(person("Anna", "anna@shop.example"));
    });
    check(
        &of_support,
        &["requester: Anna <anna@shop.example>", "tell jan: new ticket: The lamp is broken.", "!tell anna"],
    );
    let alone = new_mail().with(|scene| scene.mail.from = Some(person("Jan", "jan@shop.example")));
    check(&alone, &["tell jan: new ticket: The lamp is broken."]);
    let robot = alone.with(|scene| scene.counters.machine_mails_to_sender = 3);
    check(&robot, &["!tell jan", "withheld: notification: there is nobody to tell"]);
}

#[test]
fn imported_old_mail_tells_nobody_anything() {
    let old = new_mail().with(|scene| {
        scene.raw.arrival = Arrival::Import;
        scene.raw.received_at = "2026-11-20T10:00:00Z".parse().unwrap();
    });
    check(&old, &["open: #1042 \"Broken lamp\" in returns", "!acknowledgement", "!tell", "!notice"]);
}

#[test]
fn our_own_mail_is_ignored_and_a_bounce_that_nothing_explains_is_shown_to_people() {
    check(&new_mail().with(|scene| scene.link = Link::Own), &["fate: ignored: our own mail come back", "!open"]);
    let backscatter = new_mail().with(|scene| {
        scene.mail.automated = Some(Automated::Bounce);
        scene.mail.bounce = Some(crate::model::mail::Bounce::default());
    });
    check(&backscatter, &["fate: ticket #1042", "tell jan: new ticket: The lamp is broken.", "!acknowledgement"]);
    let second = backscatter.with(|scene| {
        scene.ticket = Some(ticket(NUMBER));
        scene.link = Link::Ticket { number: NUMBER, reason: ThreadReason::StrayBounce, agent: None };
    });
    check(&second, &["fate: ticket #1042", "!tell", "!open"]);
}

#[test]
fn a_mail_taken_twice_does_nothing() {
    check_plan(&duplicate(Some(NUMBER)), &["fate: duplicate", "!event", "!message", "!tell"]);
}

/// Ewa's mail, passed on by Anna.
fn passed_on(proof: AgentProof) -> Scene {
    new_mail().with(|scene| {
        scene.link = Link::Forward { agent: AgentId::new("anna"), proof };
        scene.forward = Some(HandedOn {
            agent: AgentId::new("anna"),
            from: person("Anna Nowak", "anna@shop.example"),
            proof,
            remark: "Be nice.".to_owned(),
            date: scene.now,
            message_id: None,
        });
    })
}

#[test]
fn a_mail_that_an_agent_passed_on_is_the_customers_and_the_remark_is_a_note() {
    check(
        &passed_on(AgentProof::Dmarc),
        &[
            "requester: Ewa <ewa@client.example>",
            "message: customer public from Ewa <ewa@client.example>: The lamp is broken.",
            "message: note internal from Anna Nowak <anna@shop.example>: Be nice.",
            "event: agent anna forwarded: a mail of ewa@client.example, proved by DMARC",
            "acknowledgement to ewa@client.example, en",
            "tell jan: new ticket: Anna Nowak: / Be nice. /  / Ewa: / | The lamp is broken.",
        ],
    );
}

#[test]
fn a_mail_to_two_departments_opens_two_tickets_and_is_acknowledged_once() {
    let scene = new_mail().with(|scene| {
        scene.others = vec![Route { department: DepartmentId::new("support"), ..scene.route.clone() }];
    });
    let plan = scene.plan();
    check_plan(
        &plan,
        &[
            "fate: ticket #1042",
            "open: #1042 \"Broken lamp\" in returns",
            "open: #1043 \"Broken lamp\" in support",
            "event: postroom sibling: the same mail opened #1043 in `support`",
            "event: postroom sibling: the same mail opened #1042 in `returns`",
            "event: postroom withheld: acknowledgement: the one of #1042 is for this ticket too",
        ],
    );
    let receipts = plan.mails.iter().filter(|draft| matches!(draft, crate::model::outgoing::Draft::Acknowledgement(_)));
    assert_eq!(receipts.count(), 1);
    let families: Vec<_> = plan.open.iter().map(|ticket| ticket.family).collect();
    assert_eq!(families, [Some(NUMBER), Some(NUMBER)]);
    let keys: Vec<_> = plan.messages.iter().map(|message| (message.ticket.0, message.key.0)).collect();
    assert_eq!(keys, [(1042, 7), (1043, 8)]);
}

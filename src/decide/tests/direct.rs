//! What one of us wrote to a customer past the desk.

use super::*;

const CUSTOMER: &str = "customer@client.example";

/// The answer of `from` to the customer of the open ticket of `support`, proved like this.
fn copy(from: Person, agent: Option<&str>, proof: AgentProof) -> Scene {
    follow_up().with(|scene| {
        scene.ticket().status = Status::Open;
        let agent = agent.map(AgentId::new);
        scene.link = Link::Direct { number: Some(NUMBER), reason: ThreadReason::InReplyTo, agent, proof };
        scene.mail.from = Some(from);
        scene.mail.to = vec![person("", CUSTOMER)];
        scene.mail.message_id = Some(MailId::new("x@laptop.home.example"));
        scene.mail.text = "It is on its way.\n\n-- \nSupport".to_owned();
        scene.mail.reply = "It is on its way.".to_owned();
    })
}

fn from_the_account(name: &str) -> Scene {
    copy(person(name, "support@shop.example"), None, AgentProof::SentFolder)
}

fn by_anna(proof: AgentProof) -> Scene {
    copy(person("Anna", "anna@shop.example"), Some("anna"), proof)
}

const UNSENT: [&str; 3] = ["!answer", "!acknowledgement", "!notice"];

#[test]
fn an_answer_from_the_shared_account_waits_for_the_customer_and_goes_to_nobody_but_colleagues() {
    let scene = from_the_account("Anna Nowak | Shop");
    check(&scene, &UNSENT);
    check(
        &scene,
        &[
            "change: status waiting",
            "change: assignee anna",
            "message: agent public from Anna Nowak | Shop <support@shop.example>: It is on its way.",
            "event: agent anna answered: to customer@client.example, past the desk, proved by the Sent folder of the account; \
             written by anna: From bears the name",
            "tell jan: Anna Nowak answered: It is on its way.",
            "!tell anna",
        ],
    );
}

#[test]
fn whose_answer_it_is_shows_in_sender_from_or_signature_or_stays_open() {
    let sender = from_the_account("Shop").with(|scene| scene.mail.sender = Some(person("", "jan@shop.example")));
    check(&sender, &["change: assignee jan", "tell anna: Jan Kos answered: It is on its way.", "!tell jan"]);
    let signed = from_the_account("Shop").with(|scene| scene.mail.signature = "Jan Kos\nShop".to_owned());
    check(&signed, &["change: assignee jan"]);
    let nobody = from_the_account("Shop");
    check(
        &nobody,
        &[
            "!change: assignee",
            "change: status waiting",
            "tell anna: support@shop.example answered: It is on its way.",
            "tell jan: support@shop.example answered: It is on its way.",
        ],
    );
    let both = signed.with(|scene| scene.mail.reply = "Fine.\nAnna\nJan".to_owned());
    check(&both, &["!change: assignee"]);
}

#[test]
fn who_has_the_ticket_keeps_it_and_is_the_only_one_told() {
    let scene = from_the_account("Anna Nowak").with(|scene| scene.ticket().assignee = Some(AgentId::new("jan")));
    check(&scene, &["!change: assignee", "tell jan: Anna Nowak answered: It is on its way.", "!tell anna"]);
}

#[test]
fn a_copy_that_arrived_counts_only_when_it_is_proved() {
    for proof in [AgentProof::Dmarc, AgentProof::Token] {
        check(&by_anna(proof), &["change: status waiting", "change: assignee anna"]);
        check(&by_anna(proof), &UNSENT);
    }
    let forged = by_anna(AgentProof::FromAlone);
    check(&forged, &UNSENT);
    check(
        &forged,
        &[
            "!change",
            "message: note internal from Anna <anna@shop.example>: It is on its way.",
            "tell anna: unproven, in the name of Anna Nowak: It is on its way.",
            "tell jan: unproven, in the name of Anna Nowak: It is on its way.",
        ],
    );
}

#[test]
fn an_agent_without_a_right_to_the_ticket_needs_the_account() {
    let elsewhere = |proof| {
        by_anna(proof).with(|scene| {
            scene.ticket().department = DepartmentId::new("returns");
            scene.route.department = DepartmentId::new("returns");
        })
    };
    check(&elsewhere(AgentProof::Dmarc), &["!change", "!message: agent"]);
    check(&elsewhere(AgentProof::Token), &["!change", "!message: agent"]);
    check(&elsewhere(AgentProof::SentFolder), &["change: status waiting", "!change: assignee"]);
}

#[test]
fn a_reply_to_a_notification_that_went_to_the_customer_too_is_not_sent_again() {
    let to = |address: &str, words: &str| agent_writes(words).with(|scene| scene.mail.cc = vec![person("", address)]);
    let copied = to(CUSTOMER, "It is on its way.");
    check(
        &copied,
        &[
            "!answer",
            "change: status waiting",
            "message: agent public from Anna Nowak <anna.nowak@home.example>: It is on its way.",
        ],
    );
    // Commands are for the desk, and who wrote to another participant still owes the requester the answer.
    check(
        &to(CUSTOMER, "#take\nIt is on its way."),
        &["answer to customer@client.example as support: It is on its way."],
    );
    let other = to("boss@client.example", "It is on its way.")
        .with(|scene| scene.ticket().participants.push(participant("", "boss@client.example", Role::Participant)));
    check(&other, &["answer to customer@client.example as support: It is on its way."]);
}

#[test]
fn what_a_customer_wrote_since_is_still_to_be_answered() {
    let later = from_the_account("Anna Nowak").with(|scene| {
        scene.direct.customer_wrote_at = Some(scene.raw.received_at + jiff::SignedDuration::from_secs(1));
    });
    check(
        &later,
        &["!change: status", "message: agent public from Anna Nowak <support@shop.example>: It is on its way."],
    );
    let earlier = later.with(|scene| scene.direct.customer_wrote_at = Some(scene.raw.received_at));
    check(&earlier, &["change: status waiting"]);
}

#[test]
fn our_own_answer_that_a_server_filed_under_another_id_is_known_by_its_words_and_date() {
    let sent = from_the_account("Shop support").with(|scene| {
        scene.mail.date = Some(scene.now);
        scene.mail.text = "It is\non its way.\n\n-- \nYour support team".to_owned();
        scene.direct.answers = vec![(scene.now, "It is on its way.".to_owned())];
    });
    check(&sent, &["fate: duplicate", "!message"]);
    let another = sent.with(|scene| scene.mail.date = Some(scene.now - jiff::SignedDuration::from_secs(1)));
    check(&another, &["fate: ticket #1042"]);
}

#[test]
fn a_mail_about_a_ticket_to_somebody_else_stays_among_us() {
    let supplier =
        from_the_account("Anna Nowak").with(|scene| scene.mail.to = vec![person("", "sales@supplier.example")]);
    check(
        &supplier,
        &["!change", "!tell", "message: note internal from Anna Nowak <support@shop.example>: It is on its way."],
    );
    let desk = supplier.with(|scene| scene.mail.to = vec![person("", "returns@shop.example")]);
    check(&desk, &["fate: ignored: written to the desk itself: the copy that arrives counts", "!message"]);
}

#[test]
fn an_imported_answer_is_told_to_nobody() {
    let imported = from_the_account("Anna Nowak").with(|scene| scene.raw.arrival = Arrival::Import);
    check(&imported, &["change: status waiting", "!tell"]);
}

#[test]
fn a_machine_of_ours_answers_nothing() {
    let robot = from_the_account("Anna Nowak").with(|scene| scene.mail.automated = Some(Automated::AutoReply));
    check(
        &robot,
        &["!change", "!tell", "message: automatic public from Anna Nowak <support@shop.example>: It is on its way."],
    );
}

/// A mail to somebody who never wrote.
fn first_words() -> Scene {
    from_the_account("Anna Nowak").with(|scene| {
        scene.ticket = None;
        scene.link =
            Link::Direct { number: None, reason: ThreadReason::Nothing, agent: None, proof: AgentProof::SentFolder };
        scene.mail.from = Some(person("Anna Nowak", "returns@shop.example"));
        scene.mail.sender = Some(person("", "jan@shop.example"));
        scene.mail.to = vec![person("New", "new@client.example")];
        scene.mail.cc = vec![person("", "boss@client.example"), person("", "anna@shop.example")];
        scene.mail.subject = "Your order".to_owned();
    })
}

#[test]
fn who_is_written_to_first_is_the_requester_of_a_ticket_that_waits_in_the_department_of_from() {
    check(
        &first_words(),
        &[
            "fate: ticket #1042",
            "open: #1042 \"Your order\" in returns",
            "requester: New <new@client.example>",
            "participant: <boss@client.example>",
            "change: status waiting",
            "change: assignee jan",
            "!tell",
            "!acknowledgement",
            "!participant: <anna",
        ],
    );
}

#[test]
fn what_begins_no_matter_opens_no_ticket() {
    let check_ignored =
        |scene: Scene, why: &str| check(&scene, &[&format!("fate: ignored: {why}"), "!open", "!message"]);
    let to = |people: Vec<Person>| first_words().with(|scene| (scene.mail.to, scene.mail.cc) = (people, vec![]));
    check_ignored(to(vec![person("", "jan@shop.example")]), "written to colleagues or machines only");
    check_ignored(to(vec![person("", "noreply@robot.example")]), "written to colleagues or machines only");
    check_ignored(
        to(vec![person("", "info@shop.example"), person("", "new@client.example")]),
        "written to the desk itself: the copy that arrives counts",
    );
    let crowd = || (0..30).map(|n| person("", &format!("c{n}@client.example"))).collect::<Vec<_>>();
    let many = "written to many at once: who answers gets a ticket of their own";
    check_ignored(to(crowd()), many);
    check_ignored(to(vec![]).with(|scene| scene.mail.bcc = crowd()), many);
    check_ignored(first_words().with(|scene| scene.mail.automated = Some(Automated::Notice)), "no human wrote it");
    let old = "it is old, and belongs to no ticket";
    let age = |days: i64| move |scene: &mut Scene| scene.raw.received_at -= jiff::SignedDuration::from_hours(24 * days);
    check_ignored(first_words().with(age(8)), old);
    check_ignored(first_words().with(age(2)).with(|scene| scene.raw.arrival = Arrival::Import), old);
    check(&first_words().with(age(2)), &["change: status waiting"]);
}

#[test]
fn a_blind_copy_is_seen_by_nobody() {
    let blind = first_words().with(|scene| {
        scene.mail.to = vec![];
        scene.mail.cc = vec![];
        scene.mail.bcc = vec![person("", "one@client.example")];
    });
    check(&blind, &["requester: <one@client.example>"]);
    let beside = first_words().with(|scene| scene.mail.bcc = vec![person("", "one@client.example")]);
    check(&beside, &["requester: New <new@client.example>", "!participant: <one@client.example>"]);
}

#[test]
fn a_copy_that_arrived_and_begins_a_matter_with_nobody_is_a_mail_like_any_other() {
    let arrived = first_words().with(|scene| {
        scene.mail.to = vec![person("", "noreply@robot.example")];
        scene.mail.cc = vec![];
        scene.link =
            Link::Direct { number: None, reason: ThreadReason::Nothing, agent: None, proof: AgentProof::Dmarc };
    });
    check(&arrived, &["fate: ticket #1042", "!change: status waiting"]);
}

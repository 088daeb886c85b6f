//! An answer to an older state of its ticket is held until its agent says what becomes of it.

use super::office::*;
use super::programs::{self, Words};

#[test]
fn an_answer_waits_when_the_customer_wrote_meanwhile_or_a_colleague_answered() {
    let mut office = Office::open(|config| config);
    let customer = "Zofia <zofia@example.test>";
    let ticket = office.opens(customer, INFO, "Login broken", "I cannot log in.");
    let (annas, jans) = (office.mail_of(ANNA.address, ticket, "cannot"), office.mail_of(JAN.address, ticket, "cannot"));
    let receipt = office.mail("zofia@example.test", &format!("#{ticket}"));
    office.customer_answers(customer, &receipt, "I have found it: the caps lock was on.");
    // Jan has not seen that.
    office.reply(
        JAN,
        &programs::OUTLOOK_WEB_DE,
        &jans,
        &Words { text: "#tag +login\n\nPlease buy a keyboard.", ..Words::default() },
    );
    let held = office.word_back(JAN.address, ticket, "held");
    let said = plain(&held);
    assert!(said.contains("caps lock was on") && said.contains("Please buy a keyboard."), "{said}");
    assert_eq!(office.desk.ticket(ticket)["tags"], serde_json::json!([]), "nothing of it is done");
    assert!(office.answers("zofia@example.test").is_empty());
    office.reply(JAN, &programs::GMAIL_PL, &held, &Words { text: "#cancel", signature: "Jan", ..Words::default() });
    assert!(office.happened(ticket, "cancelled"));

    // Jan answers what he knows now; Anna answers her first notification and has not seen either.
    office.says(JAN, &held, "Good that you found it.");
    office.mail("zofia@example.test", "Good that you found it.");
    office.reply(
        ANNA,
        &programs::THUNDERBIRD_DE,
        &annas,
        &Words { text: "#priority low\nPlease press caps lock.", ..Words::default() },
    );
    let held = office.word_back(ANNA.address, ticket, "held");
    let said = plain(&held);
    assert!(said.contains("Good that you found it.") && said.contains("caps lock was on"), "{said}");
    // Jan cannot decide it for her, and she says it twice.
    let jans = office.mail_of(JAN.address, ticket, "");
    office.says(JAN, &jans, "#send");
    office.settle();
    assert_eq!(office.answers("zofia@example.test").len(), 1);
    for program in [&programs::APPLE_DE, &programs::OUTLOOK_PL] {
        office.reply(ANNA, program, &held, &Words { text: "#send", signature: ANNAS_SIGNATURE, ..Words::default() });
    }
    office.settle();
    assert_eq!((office.field(ticket, "priority"), office.field(ticket, "assignee")), ("low".into(), "jan".into()));
    let words: Vec<String> = office.answers("zofia@example.test").iter().map(plain).collect();
    assert!(words[1].starts_with("Please press caps lock."), "{words:?}");
    office.close(&[("zofia@example.test", &[Department::Support, Department::Support])], &["keyboard"]);
}

#[test]
fn the_links_of_the_question_decide_and_another_answer_takes_its_place() {
    let mut office = Office::open(|config| config);
    let customers = ["zofia@example.test", "piotr@example.test", "ewa@example.test"];
    let mut asked = Vec::new();
    for customer in customers {
        let ticket = office.opens(customer, RETURNS, "Zwrot", "Buty są za małe.");
        let notification = office.mail_of(ANNA.address, ticket, "za małe");
        let receipt = office.mail(customer, &format!("#{ticket}"));
        office.customer_answers(customer, &receipt, "Jednak pasują.");
        office.reply(
            ANNA,
            &programs::GMAIL_PL,
            &notification,
            &Words { text: "Proszę odesłać buty.", ..Words::default() },
        );
        asked.push((ticket, office.word_back(ANNA.address, ticket, "held")));
    }
    for ((_, held), verb) in asked.iter().zip(["send", "cancel"]) {
        let html = held.html();
        let links = html.split("href=\"mailto:").skip(1).filter_map(|rest| rest.split(['"', '?']).next());
        let address =
            links.map(|link| link.replace("%2B", "+")).find(|link| link.contains(&format!(".{verb}."))).unwrap();
        let mail = super::support::Mail::new(ANNA.address, &address, "Re: Zwrot", "");
        office.send(ANNA.address, &[&address], &mail.bytes());
    }
    office.says(ANNA, &asked[2].1, "To świetnie!");
    office.settle();
    assert!(plain(&office.answers(customers[0])[0]).starts_with("Proszę odesłać buty."));
    assert!(plain(&office.answers(customers[2])[0]).starts_with("To świetnie!"));
    assert!(office.happened(asked[2].0, "replaced"));
    let one: &[Department] = &[Department::Returns];
    office.close(&[(customers[0], one), (customers[1], &[]), (customers[2], one)], &["jednak pasują"]);
}

#[test]
fn an_answer_that_was_let_go_waits_for_its_hold_too_and_is_taken_back_by_reply_to_the_question() {
    let mut office = Office::open(|mut config| {
        "hold = \"4s\"".clone_into(&mut config.desk);
        config
    });
    let customer = "zofia@example.test";
    let ticket = office.opens(customer, RETURNS, "Zwrot", "Buty są za małe.");
    let notification = office.mail_of(ANNA.address, ticket, "za małe");
    let receipt = office.mail(customer, &format!("#{ticket}"));
    office.customer_answers(customer, &receipt, "Jednak pasują.");
    office.says(ANNA, &notification, "Proszę odesłać buty.");
    let held = office.word_back(ANNA.address, ticket, "held");
    office.says(ANNA, &held, "#send");
    assert!(office.happened(ticket, "sent") && office.answers(customer).is_empty());
    office.says(ANNA, &held, "#cancel");
    assert!(office.happened(ticket, "withdrawn"), "{}", office.desk.ticket(ticket));
    assert_eq!(office.field(ticket, "status"), "new");
    office.close(&[(customer, &[])], &["odesłać"]);
}

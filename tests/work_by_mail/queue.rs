//! The shared mailbox as the queue, and answers written from it, with everybody's mail on real servers: while somebody moves
//! other mails about and marks all of them, and the daemon is killed.

use std::collections::BTreeMap;

use super::office::*;
use super::programs::{self, Words};
use super::second_person::{ARCHIVE, Habit, NOISE};
use super::support::imap::Imap;
use super::support::*;

const ZOFIA: &str = "zofia@example.test";
const EXTRA: &str = "poll = \"1s\"\nsent_folder = \"Sent\"\nmirror = { root = \"Helpdesk\" }";
/// Customers whose mails are moved about.
const OTHERS: usize = 6;

/// Where each mail of the account lies, by its Message-ID.
fn places(people: &mut Imap) -> BTreeMap<String, Vec<(String, u32)>> {
    let mut places: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
    for folder in people.folders() {
        for mail in people.mails(&folder) {
            places.entry(mail.message_id()).or_default().push((folder.clone(), mail.uid));
        }
    }
    places
}

/// Moves a mail by hand from where it must lie.
fn put(people: &mut Imap, id: &str, from: &str, to: &str) {
    let uid = eventually(PATIENCE, &format!("{id} in `{from}`"), || {
        places(people).remove(id)?.into_iter().find(|(folder, _)| folder == from).map(|(_, uid)| uid)
    });
    people.move_to(from, uid, to);
}

#[test]
fn moves_in_the_mailbox_and_answers_from_it_and_by_mail_are_one_conversation_for_the_customer() {
    let mut office = Office::open_as(Habit::Queues, |config| config, EXTRA);
    let mut people = office.servers.login(INFO);
    let noise: Vec<Mail> = (0..OTHERS)
        .map(|number| Mail::new(&format!("{NOISE}{number}@example.test"), INFO, "Login", "I cannot log in."))
        .collect();
    for (number, mail) in noise.iter().enumerate() {
        office.send(&format!("{NOISE}{number}@example.test"), &[INFO], &mail.bytes());
    }
    let question = Mail::new(ZOFIA, INFO, "Login broken", "I cannot log in.");
    office.send(ZOFIA, &[INFO], &question.bytes());
    let ticket = office.ticket_of(ZOFIA);
    let is = |office: &Office, field: &str, value: &str| {
        eventually(PATIENCE, &format!("{field} {value}"), || (office.field(ticket, field) == value).then_some(()));
    };

    // To the other department and to Olga, who answers by mail: in the name of the department that it is in now.
    put(&mut people, question.message_id(), "Helpdesk/Support", "Helpdesk/Returns");
    is(&office, "department", "returns");
    put(&mut people, question.message_id(), "Helpdesk/Returns", "Helpdesk/Olga Petrova");
    is(&office, "assignee", "olga");
    let notification = office.mail_of(OLGA.address, ticket, "cannot log in");
    let words = Words { text: "Please send us your order number.", signature: "Olga", ..Words::default() };
    office.reply(OLGA, &programs::OUTLOOK_RU, &notification, &words);
    let first = office.mail(ZOFIA, "order number");

    // The customer answers; a colleague answers from the shared account in his program, which files a copy.
    office.customer_answers(ZOFIA, &first, "It is 4711.");
    is(&office, "status", "open");
    let own = Mail::new("Example Returns <returns@example.test>", ZOFIA, &first.subject(), "Thank you, 4711 is reset.")
        .answering(&first.message_id())
        .header("User-Agent", "Mozilla Thunderbird");
    office.servers.send(&own, RETURNS, &[ZOFIA]);
    people.append("Sent", &own.bytes());
    is(&office, "status", "waiting");
    assert_eq!(office.messages(ticket, "agent"), 2);

    // Done, while the daemon is killed; the customer writes once more, and it is in the queue again.
    put(&mut people, question.message_id(), "Helpdesk/Olga Petrova", "Helpdesk/Done");
    office.desk.kill();
    office.desk.start();
    is(&office, "status", "closed");
    let answered = office.mail(ZOFIA, "4711 is reset");
    let again = Mail::new(ZOFIA, RETURNS, &format!("Re: {}", answered.subject()), "Still broken.")
        .answering(&answered.message_id());
    office.servers.send(&again, ZOFIA, &[INFO]);
    is(&office, "status", "open");
    for id in [question.message_id(), again.message_id()] {
        eventually(PATIENCE, "the mails back in the queue", || {
            let places = places(&mut people).remove(id)?;
            let queued = |place: &(String, u32)| place.0 == "Helpdesk/Returns" || place.0 == "Helpdesk/Olga Petrova";
            (places.len() == 1 && places.iter().all(queued)).then_some(())
        });
    }
    eventually(PATIENCE, "the copy in Sent put away", || {
        places(&mut people).get(own.message_id())?.iter().any(|place| place.0 == ARCHIVE).then_some(())
    });
    office.servers.postfix_idle();
    assert_eq!(office.messages(ticket, "agent"), 2, "moving the copy is no answer");
    assert_eq!(office.messages(ticket, "customer"), 3);

    // Zofia has the receipt, Olga's answer and the one from the shared account.
    let got: Vec<String> = office.servers.inbox(ZOFIA).iter().map(plain).collect();
    assert_eq!(got.len(), 3, "{got:?}");
    let answer = office.answers(ZOFIA).remove(0);
    check_answer(&answer, Department::Returns);
    check_clean(&answer, &[]);

    // The others have a receipt each; no mail of theirs is lost or lies twice, whatever was done with it.
    for (number, mail) in noise.iter().enumerate() {
        let customer = format!("{NOISE}{number}@example.test");
        assert_eq!(office.servers.inbox(&customer).len(), 1, "{customer} heard of moves");
        assert_eq!(office.messages(office.desk.ticket_of(&customer), "customer"), 1);
        eventually(PATIENCE, "each mail once", || {
            (places(&mut people).get(mail.message_id())?.len() == 1).then_some(())
        });
    }
    assert_eq!(office.desk.tickets().len(), OTHERS + 1);
    office.end();
}

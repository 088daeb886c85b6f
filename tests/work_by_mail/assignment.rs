//! Who gets a ticket: in turn over restarts, from the queue by `#next`, and never who is away.

use super::office::*;
use super::programs::{self, Words};
use super::support::DeskConfig;
use super::support::random::unix_now;

const ONE: &[Department] = &[Department::Returns];

/// Returns gives out its tickets this way; it has Anna and Olga.
fn giving_out(way: &'static str) -> impl FnOnce(DeskConfig) -> DeskConfig {
    move |mut config| {
        let members = "agents = [\"anna\", \"olga\"]";
        config.people = config.people.replacen(members, &format!("{members}\nassignment = \"{way}\""), 1);
        config
    }
}

fn in_a_week() -> String {
    let at = i64::try_from(unix_now().as_secs()).unwrap() + 7 * 86_400;
    jiff::Timestamp::from_second(at).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn customer(number: usize) -> String {
    format!("c{number}@example.test")
}

/// One more ticket of Returns; its number and whose it is.
fn another(office: &mut Office, number: usize) -> (u64, String) {
    let ticket = office.opens(&customer(number), RETURNS, &format!("Zwrot {number}"), "Buty są za małe.");
    (ticket, office.field(ticket, "assignee"))
}

/// Numbers of the tickets that somebody was told of, in order, each once.
fn told(office: &Office, who: programs::Person) -> Vec<u64> {
    let mails = office.servers.inbox(who.address);
    let mut told: Vec<u64> = mails.iter().filter_map(|mail| mail.header("X-Postroom-Ticket").parse().ok()).collect();
    told.dedup();
    told
}

#[test]
fn the_turn_goes_on_over_kills_and_restarts_and_only_he_whose_it_is_is_told() {
    let mut office = Office::open(giving_out("round-robin"));
    let mut given = Vec::new();
    for number in 0..6 {
        given.push(another(&mut office, number));
        office.settle();
        match number % 3 {
            0 => office.desk.kill(),
            1 => assert!(office.desk.stop().0.success()),
            _ => continue,
        }
        office.desk.start();
    }
    let owners: Vec<&str> = given.iter().map(|(_, owner)| owner.as_str()).collect();
    assert_eq!(owners, ["anna", "olga", "anna", "olga", "anna", "olga"]);
    office.settle();
    for (who, id) in [(ANNA, "anna"), (OLGA, "olga")] {
        let own: Vec<u64> = given.iter().filter(|(_, owner)| owner == id).map(|(ticket, _)| *ticket).collect();
        assert_eq!(told(&office, who), own);
    }
    office.close(&[("c0@example.test", &[]), ("c5@example.test", &[])], &[]);
}

#[test]
fn who_is_away_gets_nothing_by_whatever_way_he_says_so_and_his_own_mail_brings_him_back() {
    let mut office = Office::open(giving_out("round-robin"));
    let (first, owner) = another(&mut office, 0);
    assert_eq!(owner, "anna");
    let notification = office.mail_of(ANNA.address, first, "za małe");
    // Her answering machine: what she has not answered is Olga's.
    let headers = "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\nPrecedence: bulk\n";
    let subject = format!("Automatische Antwort: {}", notification.subject());
    let (text, subject) = ("Ich bin vorübergehend nicht im Büro.", Some(subject.as_str()));
    office.reply(ANNA, &programs::OUTLOOK_WEB_DE, &notification, &Words { text, subject, headers, ..Words::default() });
    assert_eq!(office.field(first, "assignee"), "olga");
    assert_eq!(another(&mut office, 1).1, "olga", "a new one passes her by");
    // She is back with her first own mail, which is an answer on a ticket that is no longer hers.
    office.reply(ANNA, &programs::GMAIL_PL, &notification, &Words { text: "#help", ..Words::default() });
    assert!(office.happened(first, "back"), "{}", office.desk.ticket(first));
    let (third, owner) = another(&mut office, 2);
    assert_eq!(owner, "anna");
    // By command, from HTML.
    let notification = office.mail_of(ANNA.address, third, "za małe");
    let away = format!("#away until {}", in_a_week());
    office.reply(
        ANNA,
        &programs::OUTLOOK_WEB_DE,
        &notification,
        &Words { text: &away, signature: ANNAS_SIGNATURE, ..Words::default() },
    );
    assert_eq!(office.field(third, "assignee"), "olga");
    assert_eq!(another(&mut office, 3).1, "olga");
    office.says(ANNA, &notification, "#back");
    // From the outside, over a restart.
    let done = office.desk.run(&["agent", "away", "olga", "--until", &in_a_week()]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    office.desk.kill();
    office.desk.start();
    let after = (another(&mut office, 4).1, another(&mut office, 5).1);
    assert_eq!(after, ("anna".to_owned(), "anna".to_owned()));
    // All that Anna has is Olga's now, by one command and one mail, from which she answers.
    let done = office.desk.run(&["agent", "handover", "anna", "olga"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    office.settle();
    let all = office.desk.tickets();
    assert!(all.iter().all(|ticket| ticket["assignee"] == "olga"), "{all:?}");
    let summary = office.mail(OLGA.address, "Zwrot 5");
    let line = summary.text().lines().find(|line| line.contains("Zwrot 5")).unwrap().to_owned();
    let to = line.split_whitespace().find(|word| word.contains('+')).map(str::to_owned);
    let text = "Здравствуйте! Отправьте ботинки обратно.";
    office.reply(OLGA, &programs::OUTLOOK_RU, &summary, &Words { text, to, ..Words::default() });
    let quiet: Vec<String> = (0..5).map(customer).collect();
    let mut customers: Vec<(&str, &[Department])> = quiet.iter().map(|name| (name.as_str(), &[][..])).collect();
    customers.push(("c5@example.test", ONE));
    office.close(&customers, &["nicht im", "away"]);
}

#[test]
fn the_queue_gives_the_most_urgent_ticket_to_each_who_asks_and_an_answer_takes_one() {
    let mut office = Office::open(giving_out("pull"));
    let tickets: Vec<u64> = (0..4).map(|number| another(&mut office, number).0).collect();
    let first = office.mail_of(ANNA.address, tickets[0], "za małe");
    let third = office.mail_of(OLGA.address, tickets[2], "za małe");
    office.says(OLGA, &third, "#priority urgent");
    // Olga takes the first one by answering; both ask for more at once.
    let olgas = office.mail_of(OLGA.address, tickets[0], "za małe");
    office.reply(OLGA, &programs::IPHONE_RU, &olgas, &Words { text: "Отправьте ботинки обратно.", ..Words::default() });
    assert_eq!(office.field(tickets[0], "assignee"), "olga");
    let next = Words { text: "#next", ..Words::default() };
    office.reply(ANNA, &programs::OUTLOOK_PL, &first, &next);
    office.reply(OLGA, &programs::GMAIL_RU, &olgas, &next);
    let owners: Vec<String> = tickets.iter().map(|ticket| office.field(*ticket, "assignee")).collect();
    assert_eq!(owners, ["olga", "olga", "anna", "nobody"], "the urgent one first, then the oldest");
    let given = office.mail_of(ANNA.address, tickets[2], "za małe");
    assert!(given.header("X-Postroom-Reason").starts_with("next"), "{}", given.header("X-Postroom-Reason"));
    // What is given by #next is answered from the mail that came with it.
    let words = Words { text: "Proszę odesłać buty.", signature: ANNAS_SIGNATURE, ..Words::default() };
    office.reply(ANNA, &programs::APPLE_DE, &given, &words);
    office.says(ANNA, &given, "#next");
    assert_eq!(office.field(tickets[3], "assignee"), "anna");
    office.says(ANNA, &given, "#next");
    office.settle();
    let quiet: &[Department] = &[];
    let customers =
        [("c0@example.test", ONE), ("c1@example.test", quiet), ("c2@example.test", ONE), ("c3@example.test", quiet)];
    office.close(&customers, &["#next", "urgent"]);
}

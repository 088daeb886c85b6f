//! Answers by reply: exactly the agent's words, files and pictures reach the customers, as the department's.

use super::office::*;
use super::programs::{self, PICTURE, PIXEL, Words};

/// What an agent writes, in three languages, long enough to be wrapped.
const ANSWERS: [&str; 3] = [
    "Dzień dobry,\n\nproszę odesłać buty na nasz adres. Etykieta zwrotna przyjdzie osobnym listem, a pieniądze wrócą na konto w ciągu pięciu dni.\n\nPowodzenia!",
    "Guten Tag,\n\nbitte senden Sie die Schuhe an uns zurück – die Größe 42 ist vorrätig & kostet nichts extra.\n1. Paket packen\n2. Etikett aufkleben",
    "Здравствуйте!\n\nПожалуйста, отправьте ботинки обратно: деньги вернутся в течение пяти дней.",
];

#[test]
fn of_every_program_exactly_the_words_reach_the_customer() {
    let mut office = Office::open(|config| config);
    let mut customers = Vec::new();
    for (number, program) in programs::ALL.iter().enumerate() {
        let customer = format!("c{number}@example.test");
        let ticket = office.opens(&format!("Klient {number} <{customer}>"), RETURNS, "Zwrot butów", "Buty są za małe.");
        let (who, text) = match program.name {
            name if name.contains("Russian") => (OLGA, ANSWERS[2]),
            name if name.contains("German") => (ANNA, ANSWERS[1]),
            _ => (ANNA, ANSWERS[0]),
        };
        let notification = office.mail_of(who.address, ticket, "za małe");
        let signature = if who.name == ANNA.name { ANNAS_SIGNATURE } else { "Olga Petrova\n+7 600 100 200" };
        office.reply(who, program, &notification, &Words { text, signature, ..Words::default() });
        customers.push((program.name, customer, text));
    }
    office.settle();
    for (program, customer, text) in &customers {
        let got: Vec<String> = office.answers(customer).iter().map(plain).collect();
        let wanted = format!("{text}\n\n-- \n{}", Department::Returns.signature());
        assert_eq!(got.iter().map(|text| text.trim()).collect::<Vec<_>>(), [wanted], "{program}");
    }
    let customers: Vec<(&str, &[Department])> =
        customers.iter().map(|(_, customer, _)| (customer.as_str(), &[Department::Returns][..])).collect();
    office.close(&customers, &[]);
}

#[test]
fn pictures_files_and_formatting_arrive_and_what_a_program_adds_does_not() {
    let mut office = Office::open(|config| config);
    let label = b"%PDF-1.4 label\0\x01\xff".repeat(400);
    let among = format!("Dzień dobry,\n\nproszę odesłać buty.\n{PICTURE}\nTak wygląda etykieta.");
    let last = format!("Dzień dobry,\n\nproszę odesłać buty. Tak wygląda etykieta:\n\n{PICTURE}");
    let programs = [
        (&programs::OUTLOOK_PL, &among),
        (&programs::OUTLOOK_WEB_DE, &among),
        (&programs::THUNDERBIRD_DE, &among),
        (&programs::THUNDERBIRD_DE, &last),
        (&programs::GMAIL_PL, &last),
        (&programs::APPLE_DE, &last),
        (&programs::OUTLOOK_PL, &last),
    ];
    let customers: Vec<String> = (0..programs.len()).map(|number| format!("c{number}@example.test")).collect();
    for ((program, text), customer) in programs.iter().zip(&customers) {
        let ticket = office.opens(customer, RETURNS, "Zwrot butów", "Buty są za małe.");
        let notification = office.mail_of(ANNA.address, ticket, "za małe");
        let text = format!("#priority high\n#tag +zwrot\n\n{text}");
        let files = vec![("etykieta.pdf", "application/pdf", label.as_slice())];
        let words = Words { text: &text, signature: ANNAS_SIGNATURE, files, ..Words::default() };
        office.reply(ANNA, program, &notification, &words);
        assert_eq!(office.field(ticket, "priority"), "high", "{}", program.name);
        assert_eq!(office.desk.ticket(ticket)["tags"], serde_json::json!(["zwrot"]), "{}", program.name);
    }
    office.settle();
    for ((program, _), customer) in programs.iter().zip(&customers) {
        let answer = office.answers(customer).remove(0);
        let shape = String::from_utf8_lossy(&answer.raw);
        assert!(plain(&answer).starts_with("Dzień dobry,\n\nproszę odesłać buty."), "{}: {shape}", program.name);
        let files = answer.attachments();
        assert!(
            files.iter().any(|(name, bytes)| name == "etykieta.pdf" && *bytes == label),
            "{}: {shape}",
            program.name
        );
        assert_eq!(files.iter().filter(|(_, bytes)| bytes == PIXEL).count(), 1, "{}: {shape}", program.name);
        let html = answer.html();
        let shown = html.split("src=\"cid:").nth(1).and_then(|rest| rest.split('"').next());
        let shown = shown.unwrap_or_else(|| panic!("{}: no picture in {html}", program.name));
        assert!(shape.contains(&format!("Content-ID: <{shown}>")), "{}: {shape}", program.name);
        let picture = html.find("<img").unwrap();
        assert!(html[..picture].contains("odesłać buty") && html[picture..].contains("Returns team"), "{html}");
    }
    let one: &[Department] = &[Department::Returns];
    let customers: Vec<(&str, &[Department])> = customers.iter().map(|customer| (customer.as_str(), one)).collect();
    office.close(&customers, &["priority", "cid:part1", "shot.png@"]);
}

#[test]
fn everybody_on_the_ticket_gets_an_answer_once_and_their_colleague_hears_of_it() {
    let mut office = Office::open(|config| config);
    let mail = super::support::Mail::new("Zofia <zofia@example.test>", INFO, "Login broken", "We cannot log in.")
        .header("Cc", "Piotr <piotr@example.test>");
    office.send("zofia@example.test", &[INFO], &mail.bytes());
    let ticket = office.desk.ticket_of("zofia@example.test");
    let notification = office.mail_of(ANNA.address, ticket, "cannot log in");
    let words = Words { text: "Please try again now.", signature: ANNAS_SIGNATURE, ..Words::default() };
    office.reply(ANNA, &programs::GMAIL_PL, &notification, &words);
    let told = office.mail_of(JAN.address, ticket, "Please try again now.");
    assert!(told.text().contains("Anna Nowak answered the customer"), "{}", told.text());
    // The one who was in Cc answers the answer; Anna, who has the ticket now, answers them both.
    let answer = office.mail("piotr@example.test", "try again");
    assert_eq!(
        (answer.header("To"), answer.header("Cc")),
        ("Zofia <zofia@example.test>".into(), "Piotr <piotr@example.test>".into())
    );
    office.customer_answers("Piotr <piotr@example.test>", &answer, "It works for me.");
    let news = office.mail_of(ANNA.address, ticket, "works for me");
    let words = Words { text: "Good to hear, and for Zofia?", ..Words::default() };
    office.reply(ANNA, &programs::APPLE_DE, &news, &words);
    assert_eq!(office.field(ticket, "status"), "waiting");
    office.settle();
    let jans: Vec<String> = office.servers.inbox(JAN.address).iter().map(|mail| mail.text()).collect();
    assert!(!jans.iter().any(|text| text.contains("works for me") || text.contains("Good to hear")), "{jans:?}");
    let both: &[Department] = &[Department::Support, Department::Support];
    office.close(&[("zofia@example.test", both), ("piotr@example.test", both)], &[]);
}

#[test]
fn a_copy_goes_to_whom_the_agent_names_and_an_answer_to_one_alone_to_nobody_else() {
    let mut office = Office::open(|config| config);
    let mail = super::support::Mail::new("Zofia <zofia@example.test>", INFO, "Login broken", "We cannot log in.")
        .header("Cc", "Piotr <piotr@example.test>");
    office.send("zofia@example.test", &[INFO], &mail.bytes());
    let ticket = office.desk.ticket_of("zofia@example.test");
    let notification = office.mail_of(ANNA.address, ticket, "cannot log in");
    // Her program copies all that she writes to her mailbox at home.
    let cc = vec!["Courier <courier@example.test>", "Anna Nowak <a.n@example.test>"];
    office.reply(
        ANNA,
        &programs::OUTLOOK_PL,
        &notification,
        &Words { text: "A courier comes.", cc, ..Words::default() },
    );
    office.settle();
    // No customer named the courier.
    let asked = office.word_back(ANNA.address, ticket, "held");
    office.says(ANNA, &asked, "#send");
    office.settle();
    let from_us = |address: &str| {
        office.servers.inbox(address).into_iter().filter(|mail| mail.author().1 == INFO).collect::<Vec<_>>()
    };
    let copy = from_us("courier@example.test");
    assert_eq!((copy.len(), from_us("a.n@example.test").len()), (1, 0));
    check_answer(&copy[0], Department::Support);
    check_clean(&copy[0], &["a.n@"]);
    // The courier answers the department's mail, and one answer is for him alone.
    office.customer_answers("Courier <courier@example.test>", &copy[0], "Which floor?");
    assert_eq!(office.messages(ticket, "customer"), 2, "he is on the ticket");
    let news = office.mail_of(ANNA.address, ticket, "Which floor");
    let text = "#to courier@example.test\n\nThe third one.";
    office.reply(
        ANNA,
        &programs::OUTLOOK_WEB_DE,
        &news,
        &Words { text, signature: ANNAS_SIGNATURE, ..Words::default() },
    );
    office.settle();
    let to_courier = office.answers("courier@example.test").into_iter().filter(|mail| mail.author().1 == INFO);
    let texts: Vec<String> = to_courier.map(|mail| plain(&mail).lines().next().unwrap().to_owned()).collect();
    assert_eq!(texts, ["A courier comes.", "The third one."]);
    let one: &[Department] = &[Department::Support];
    office.close(&[("zofia@example.test", one), ("piotr@example.test", one)], &["third", "a.n@"]);
}

#[test]
fn a_refused_answer_comes_back_whole_with_the_reason_and_nothing_of_it_leaves() {
    let mut office = Office::open(|config| config);
    let ticket = office.opens("Zofia <zofia@example.test>", RETURNS, "Zwrot", "Buty są za małe.");
    let notification = office.mail_of(ANNA.address, ticket, "za małe");
    let label = b"%PDF-1.4 a label".repeat(50);
    let files = vec![("etykieta.pdf", "application/pdf", label.as_slice())];
    let text = "#pirority high\n\nDzień dobry,\nto jest cała moja odpowiedź.\n\nZ pozdrowieniami";
    office.reply(ANNA, &programs::OUTLOOK_WEB_DE, &notification, &Words { text, files, ..Words::default() });
    let back = office.word_back(ANNA.address, ticket, "refused");
    let said = plain(&back);
    assert!(
        said.contains("`#priority`") && said.contains("cała moja odpowiedź") && said.contains("Z pozdrowieniami"),
        "{said}"
    );
    assert_eq!(back.attachments(), [("etykieta.pdf".to_owned(), label.clone())]);
    assert_eq!((office.field(ticket, "status"), office.field(ticket, "priority")), ("new".into(), "normal".into()));
    // She corrects it in reply to what came back.
    let files = vec![("etykieta.pdf", "application/pdf", label.as_slice())];
    let text = "#priority high\n\nDzień dobry,\nto jest cała moja odpowiedź.";
    office.reply(ANNA, &programs::GMAIL_PL, &back, &Words { text, files, ..Words::default() });
    office.settle();
    assert_eq!(office.field(ticket, "priority"), "high");
    let answer = office.answers("zofia@example.test").remove(0);
    assert_eq!(answer.attachments(), [("etykieta.pdf".to_owned(), label)]);
    office.close(&[("zofia@example.test", &[Department::Returns])], &["pirority", "pozdrowieniami"]);
}

#[test]
fn an_out_of_office_reaches_no_customer_by_whatever_way_it_comes() {
    let mut office = Office::open(|config| config);
    let ticket = office.opens("Zofia <zofia@example.test>", RETURNS, "Zwrot", "Buty są za małe.");
    let notification = office.mail_of(ANNA.address, ticket, "za małe");
    let gone = "Dziękuję za wiadomość. Jestem na urlopie do 1 grudnia.";
    // As Exchange, as Gmail, and as a program that marks nothing.
    let machines = [
        (
            "Automatyczna odpowiedź: ",
            "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
            notification.author().1,
        ),
        (
            "Nieobecność: Re: ",
            "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Autoreply: yes\n",
            notification.answer_address(),
        ),
        ("Automatische Antwort: ", "", notification.answer_address()),
    ];
    for (re, headers, to) in machines {
        let subject = format!("{re}{}", notification.subject());
        let words = Words { text: gone, subject: Some(&subject), to: Some(to), headers, ..Words::default() };
        office.reply(ANNA, &programs::GMAIL_PL, &notification, &words);
    }
    office.settle();
    assert_eq!((office.field(ticket, "status"), office.messages(ticket, "agent")), ("new".into(), 0));
    assert_eq!(office.desk.tickets().len(), 1, "and none became a ticket");
    office.close(&[("zofia@example.test", &[])], &["urlopie"]);
}

#[test]
fn an_answer_waits_for_its_hold_and_is_withdrawn_by_reply() {
    let mut office = Office::open(|mut config| {
        "hold = \"3s\"".clone_into(&mut config.desk);
        config
    });
    let mut tickets = Vec::new();
    for name in ["zofia", "piotr", "ewa"] {
        let address = format!("{name}@example.test");
        let ticket = office.opens(&address, RETURNS, "Zwrot", "Buty są za małe.");
        let notification = office.mail_of(ANNA.address, ticket, "za małe");
        let words = Words { text: "Proszę odesłać buty.", ..Words::default() };
        office.reply(ANNA, &programs::THUNDERBIRD_DE, &notification, &words);
        assert!(office.answers(&address).is_empty(), "it left at once");
        tickets.push((address, ticket, notification));
    }
    // Piotr's is taken back by reply to the notification, Ewa's by the subject alone.
    office.says(ANNA, &tickets[1].2, "#cancel");
    let subject = Words { subject: Some("#cancel"), ..Words::default() };
    office.reply(ANNA, &programs::GMAIL_PL, &tickets[2].2, &subject);
    office.settle();
    assert_eq!(office.field(tickets[0].1, "status"), "waiting");
    for (_, ticket, _) in &tickets[1..] {
        assert!(office.happened(*ticket, "withdrawn"), "{}", office.desk.ticket(*ticket));
        assert_eq!(office.field(*ticket, "status"), "new");
    }
    // What has left cannot be taken back.
    office.says(ANNA, &tickets[0].2, "#cancel");
    office.settle();
    assert!(plain(&office.word_back(ANNA.address, tickets[0].1, "refused")).contains("#cancel"));
    let one: &[Department] = &[Department::Returns];
    office.close(&[("zofia@example.test", one), ("piotr@example.test", &[]), ("ewa@example.test", &[])], &["cancel"]);
}

#[test]
fn an_answer_that_cannot_be_delivered_comes_back_to_its_agent_and_the_ticket_is_open() {
    let mut office = Office::open(|config| config);
    let ticket = office.opens("Ghost <ghost@nowhere.example>", RETURNS, "Zwrot", "Buty są za małe.");
    let notification = office.mail_of(ANNA.address, ticket, "za małe");
    let words = Words { text: "Proszę odesłać buty.", signature: ANNAS_SIGNATURE, ..Words::default() };
    office.reply(ANNA, &programs::APPLE_DE, &notification, &words);
    let told = office.word_back(ANNA.address, ticket, "not-delivered");
    let said = plain(&told);
    assert!(said.contains("ghost@nowhere.example") && said.contains("no such domain here"), "{said}");
    assert_eq!((office.field(ticket, "status"), office.field(ticket, "assignee")), ("open".into(), "anna".into()));
    assert_eq!(office.desk.tickets().len(), 1, "the report opens nothing");
    office.close(&[], &[]);
}

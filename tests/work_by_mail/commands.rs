//! Commands: at the top of plain and HTML mail, in the subject, by the links of a notification; all of them or none.

use super::office::*;
use super::programs::{self, Words};

#[test]
fn commands_are_done_from_every_program_and_nothing_is_sent() {
    let mut office = Office::open(|config| config);
    let programs = [
        &programs::THUNDERBIRD_PL_BELOW,
        &programs::OUTLOOK_PL,
        &programs::OUTLOOK_WEB_DE,
        &programs::GMAIL_PL,
        &programs::APPLE_DE,
    ];
    for (number, program) in programs.iter().enumerate() {
        let customer = format!("c{number}@example.test");
        let ticket = office.opens(&customer, RETURNS, "Zwrot", "Buty są za małe.");
        let notification = office.mail_of(ANNA.address, ticket, "za małe");
        let text = "#take\n#priority urgent\n#tag +vip -old\n#wait 3d";
        office.reply(ANNA, program, &notification, &Words { text, signature: ANNAS_SIGNATURE, ..Words::default() });
        let state = ["assignee", "priority", "status"].map(|name| office.field(ticket, name));
        assert_eq!(state, ["anna", "urgent", "waiting"], "{}", program.name);
        assert_eq!(office.desk.ticket(ticket)["tags"], serde_json::json!(["vip"]), "{}", program.name);
    }
    let customers: Vec<String> = (0..programs.len()).map(|number| format!("c{number}@example.test")).collect();
    let customers: Vec<(&str, &[Department])> = customers.iter().map(|customer| (customer.as_str(), &[][..])).collect();
    office.close(&customers, &["urgent", "#take"]);
}

#[test]
fn one_fault_and_nothing_is_done_a_note_stays_inside_and_a_state_is_told() {
    let mut office = Office::open(|config| config);
    let ticket = office.opens("zofia@example.test", INFO, "Login broken", "I cannot log in.");
    let notification = office.mail_of(JAN.address, ticket, "cannot log in");
    let state = |office: &Office| ["assignee", "priority", "status"].map(|name| office.field(ticket, name));
    let faults = [
        ("#take\n#priority hihg\n#tag +vip\n\nDear Zofia, please wait.", "hihg"),
        ("#take\n#asign anna", "did you mean `#assign`"),
        ("#move sales\nDear Zofia, sales will help you.", "sales"),
        ("Dear Zofia,\nplease wait.\n#close", "`#close` is below your text"),
    ];
    for (number, (text, why)) in faults.iter().enumerate() {
        let program = programs::ALL[number];
        office.reply(JAN, program, &notification, &Words { text, ..Words::default() });
        let back = eventually_refused(&office, ticket, why);
        let last = text.lines().last().unwrap();
        assert!(back.contains(last), "{back}");
        assert_eq!(state(&office), ["nobody", "normal", "new"], "{text}");
    }
    office.reply(
        JAN,
        &programs::APPLE_DE,
        &notification,
        &Words { text: "#note\nHe never paid his Nachtigall.", ..Words::default() },
    );
    let told = office.mail_of(ANNA.address, ticket, "Nachtigall");
    assert!(told.header("Auto-Submitted").starts_with("auto-"), "{}", told.header("Auto-Submitted"));
    office.says(JAN, &notification, "#priority high\n#status");
    let told = plain(&office.word_back(JAN.address, ticket, "status"));
    assert!(told.contains("high") && told.contains("zofia@example.test"), "{told}");
    office.says(JAN, &notification, "#help");
    assert!(plain(&office.word_back(JAN.address, ticket, "help")).contains("#assign"));
    // An answer on top of it all.
    office.says(JAN, &notification, "#tag +paid\n\nDear Zofia, it works again.");
    office.close(&[("zofia@example.test", &[Department::Support])], &["nachtigall", "please wait", "sales"]);
}

fn eventually_refused(office: &Office, ticket: u64, why: &str) -> String {
    plain(&office.mail_of(JAN.address, ticket, why))
}

#[test]
fn subjects_and_one_click_links_are_commands_and_send_nothing() {
    let mut office = Office::open(|config| config);
    let ticket = office.opens("Zofia <zofia@example.test>", RETURNS, "Zwrot", "Buty są za małe.");
    let notification = office.mail_of(ANNA.address, ticket, "za małe");
    let subject = format!("Re: [#{ticket}] #priority high #tag +vip");
    let words = Words { subject: Some(&subject), signature: ANNAS_SIGNATURE, ..Words::default() };
    office.reply(ANNA, &programs::OUTLOOK_PL, &notification, &words);
    assert_eq!(office.field(ticket, "priority"), "high");
    // The links open a new mail, which answers nothing and bears the program's signature.
    let click = |office: &mut Office, who: programs::Person, link: &(String, String)| {
        let text = format!("\n\n-- \n{ANNAS_SIGNATURE}");
        let mail = super::support::Mail::new(who.address, &link.0, &link.1, &text);
        office.send(who.address, &[&link.0], &mail.bytes());
    };
    let links = links(&notification.html());
    assert!(links.len() >= 2, "{links:?}");
    for (address, subject) in &links {
        assert!(address.starts_with(&format!("returns+{ticket}.anna.")), "{address}");
        assert!(subject.contains(&format!("[#{ticket}]")), "{subject}");
    }
    let named = |verb: &str| links.iter().find(|(address, _)| address.contains(&format!(".{verb}."))).unwrap().clone();
    click(&mut office, ANNA, &named("take"));
    assert_eq!(office.field(ticket, "assignee"), "anna");
    // Her link in Olga's hands, or with a letter changed, does nothing, and opens no ticket that a customer hears of.
    let close = named("close");
    click(&mut office, OLGA, &close);
    let changed = (close.0.replace(".anna.", ".olga."), close.1.clone());
    click(&mut office, OLGA, &changed);
    assert_eq!(office.field(ticket, "status"), "new");
    click(&mut office, ANNA, &close);
    assert_eq!(office.field(ticket, "status"), "closed");
    office.close(&[("zofia@example.test", &[])], &["vip"]);
}

/// Address and subject of each link that writes a mail.
fn links(html: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace("&amp;", "&");
        percent_decoded(&text)
    };
    let links = html.split("href=\"mailto:").skip(1).filter_map(|rest| rest.split('"').next());
    let links = links.filter_map(|link| link.split_once("?subject="));
    let links = links.map(|(address, rest)| (decode(address), decode(rest.split("&amp;").next().unwrap_or_default())));
    let mut links: Vec<_> = links.collect();
    links.dedup();
    links
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&others[..2]).unwrap(), 16).unwrap());
            rest = &others[2..];
        } else {
            bytes.push(*first);
            rest = others;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn where_the_server_has_no_plus_addresses_an_answer_is_known_by_what_it_answers() {
    let mut office = Office::open_with(|config| config, "subaddress = \"\"");
    for (number, program) in programs::ALL.iter().enumerate().step_by(2) {
        let customer = format!("c{number}@example.test");
        let ticket = office.opens(&customer, RETURNS, "Zwrot", "Buty są za małe.");
        let notification = office.mail_of(ANNA.address, ticket, "za małe");
        assert!(!notification.answer_address().contains('+'), "{}", notification.answer_address());
        let words = Words { text: "#priority high\n\nProszę odesłać buty.", ..Words::default() };
        office.reply(ANNA, program, &notification, &words);
        assert_eq!(office.field(ticket, "priority"), "high", "{}", program.name);
    }
    let customers: Vec<String> =
        (0..programs::ALL.len()).step_by(2).map(|number| format!("c{number}@example.test")).collect();
    let one: &[Department] = &[Department::Returns];
    let customers: Vec<(&str, &[Department])> = customers.iter().map(|customer| (customer.as_str(), one)).collect();
    office.close(&customers, &["priority"]);
}

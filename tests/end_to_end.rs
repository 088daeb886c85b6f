//! The whole main job through real servers: mail enters through Postfix, lands by LMTP in Dovecot, postroom takes it by
//! IMAP with TLS and submits by STARTTLS with AUTH to Postfix; the customers' and agents' mailboxes are read by IMAP.
#![expect(clippy::string_slice, reason = "a test fails by panicking")]

mod support;

use support::servers::subjects;
use support::*;

const INFO: &str = "info@example.test";
const RETURNS: &str = "returns@example.test";

/// The shop on these servers: `info` by TLS, `returns` by STARTTLS, mail out by STARTTLS with AUTH.
fn shop(servers: &MailServers) -> DeskConfig {
    let ca = servers.ca_file();
    DeskConfig::shop()
        .submission(servers.submission(), "starttls", &ca, "password")
        .imap("info", "support", &servers.tls(&ca), "")
        .imap("returns", "returns", &servers.starttls(&ca), "")
}

fn started(servers: &MailServers) -> Desk {
    let mut desk = Desk::new(&shop(servers));
    desk.start();
    desk
}

/// Mails of an inbox whose text holds these words.
fn with_words(servers: &MailServers, user: &str, words: &str) -> Vec<Received> {
    servers.inbox(user).into_iter().filter(|mail| mail.text().contains(words)).collect()
}

fn await_words(servers: &MailServers, user: &str, words: &str) -> Received {
    eventually(PATIENCE, &format!("a mail to {user} with `{words}`"), || with_words(servers, user, words).pop())
}

/// Everything decided, sent and delivered.
fn settled(desk: &Desk, servers: &MailServers, decided: u64) {
    desk.settled(decided);
    servers.postfix_idle();
}

#[test]
fn the_test_servers_pass_mail_from_postfix_to_dovecot() {
    let servers = MailServers::start();
    let mail = Mail::new("Ola <ola@example.test>", INFO, "zażółć", "gęślą").charset("iso-8859-2");
    servers.send(&mail, "ola@example.test", &["info+12.x@example.test"]);
    let received = servers.await_inbox(INFO, 1).remove(0);
    assert_eq!((received.subject().as_str(), received.text().trim()), ("zażółć", "gęślą"));
    assert_eq!(received.header("Delivered-To"), "info+12.x@example.test");
}

#[test]
fn a_customer_is_acknowledged_answered_by_the_department_and_heard_again() {
    let servers = MailServers::start();
    let mut desk = started(&servers);

    let question = Mail::new("Zofia Lis <zofia@example.test>", INFO, "Zwrot butów", "Dzień dobry, buty są za małe.");
    servers.send(&question, "zofia@example.test", &[INFO]);
    let acknowledgement = servers.await_inbox("zofia@example.test", 1).remove(0);
    let number = desk.ticket_of("zofia@example.test");
    let tag = format!("[#{number}]");
    assert!(acknowledgement.subject().contains(&tag), "{}", acknowledgement.subject());
    assert!(acknowledgement.header("Auto-Submitted").starts_with("auto-replied"));
    assert_eq!(acknowledgement.header("X-Auto-Response-Suppress"), "All");
    assert!(!acknowledgement.header("X-Postroom-Loop").is_empty());
    assert_eq!(acknowledgement.header("In-Reply-To"), format!("<{}>", question.message_id()));
    assert_eq!(acknowledgement.author(), ("Example Returns".to_owned(), RETURNS.to_owned()));
    assert!(acknowledgement.message_id().ends_with("@example.test"));
    assert!(!acknowledgement.text().contains("za małe"), "their own words came back");

    let notification = await_words(&servers, "anna@example.test", "buty są za małe");
    assert_eq!(notification.author(), ("Zofia Lis via Returns".to_owned(), RETURNS.to_owned()));
    assert_eq!(notification.subject(), format!("{tag} Zwrot butów"));
    assert_eq!(notification.header("X-Postroom-Ticket"), number.to_string());
    assert_eq!(notification.header("X-Postroom-Department"), "returns");
    assert!(!notification.header("X-Postroom-Reason").is_empty());
    assert!(notification.header("Auto-Submitted").starts_with("auto-"));
    let reply_to = notification.answer_address();
    assert!(reply_to.starts_with(&format!("info+{number}.anna.")), "{reply_to}");
    let colleague = await_words(&servers, "olga@example.test", "buty są za małe");
    assert!(colleague.answer_address().starts_with(&format!("info+{number}.olga.")));
    assert!(servers.inbox("jan@example.test").is_empty(), "Jan does not work in this department");

    let label = b"%PDF-1.4 not really\0\x01\x02\xff".repeat(300);
    let words = "Dzień dobry,\nproszę odesłać buty na nasz adres.";
    let text = format!("{words}\n\n-- \nAnna Nowak\nprywatnie 600 100 200\n\n{}", notification.quoted());
    let answer = Mail::new("Anna <anna@example.test>", &reply_to, &format!("Re: {tag} Zwrot butów"), &text)
        .id("77.1@annas-laptop.example.test")
        .answering(&notification.message_id())
        .header("X-Mailer", "Annas Mailer 3.1")
        .header("User-Agent", "Annas Mailer 3.1")
        .attach("etykieta.pdf", &label);
    servers.send(&answer, "anna@example.test", &[&reply_to]);
    let answered = servers.await_inbox("zofia@example.test", 2).remove(1);
    check_answer(&answered, &question, &tag);
    assert_eq!(answered.attachments(), [("etykieta.pdf".to_owned(), label)]);
    let ticket = desk.ticket(number);
    assert_eq!(ticket["status"], "waiting", "{ticket}");
    assert_eq!(ticket["assignee"], "anna", "who answers has taken the ticket: {ticket}");

    let more = format!("Dziękuję, już wysłałam.\n\n{}", answered.quoted());
    let follow_up =
        Mail::new("Zofia Lis <zofia@example.test>", RETURNS, &format!("Odp: {}", answered.subject()), &more)
            .answering(&answered.message_id());
    servers.send(&follow_up, "zofia@example.test", &[&answered.answer_address()]);
    let news = await_words(&servers, "anna@example.test", "już wysłałam");
    assert_eq!(news.author().0, "Zofia Lis via Returns");
    assert_eq!(news.subject().matches(&tag).count(), 1, "{}", news.subject());
    settled(&desk, &servers, 3);
    let ticket = desk.ticket(number);
    assert_eq!(ticket["status"], "open", "the customer's answer reopens: {ticket}");
    assert_eq!(desk.tickets().len(), 1);
    assert!(with_words(&servers, "olga@example.test", "już wysłałam").is_empty(), "only the assignee is told");
    let inbox = servers.inbox("zofia@example.test");
    assert_eq!(inbox.len(), 2, "one acknowledgement, one answer: {:?}", subjects(&inbox));
    assert!(desk.stop().0.success());
}

/// What a customer may and must see of an agent's answer.
fn check_answer(answer: &Received, question: &Mail, tag: &str) {
    assert_eq!(answer.author(), ("Example Returns".to_owned(), RETURNS.to_owned()));
    assert_eq!(answer.subject().matches(tag).count(), 1, "{}", answer.subject());
    assert!(answer.subject().contains("Zwrot butów"));
    assert_eq!(answer.header("In-Reply-To"), format!("<{}>", question.message_id()));
    assert!(answer.header("References").contains(question.message_id()));
    assert_eq!(answer.header("Auto-Submitted"), "", "a human wrote it");
    let text = answer.text();
    assert!(text.contains("proszę odesłać buty na nasz adres"), "{text}");
    assert!(text.contains("Returns team, Example Shop"), "the department's signature: {text}");
    let everything = answer.everything().to_lowercase();
    for leak in ["anna@", "annas", "600 100 200", "prywatnie", "info+", "x-postroom-ticket", "mailto:", "> "] {
        let found = everything.find(leak).map(|at| everything[at.saturating_sub(80)..].chars().take(200).collect());
        assert_eq!(found, None::<String>, "`{leak}` in the answer");
    }
}

#[test]
fn every_charset_is_read_and_the_acknowledgement_speaks_the_customers_language() {
    let servers = MailServers::start();
    // The same words from many of one domain would be a robot's.
    let mut config = shop(&servers);
    config.limits.push_str("\nper_address_per_day = 20");
    config.limits = config.limits.replacen("per_address_per_day = 3\n", "", 1);
    let mut desk = Desk::new(&config);
    desk.start();
    let polish = "Dzień dobry, zgubiłem hasło i nie mogę się zalogować. Proszę o pomoc, źle mi z tym.";
    let russian = "Здравствуйте, я забыл пароль и не могу войти в личный кабинет. Помогите, пожалуйста.";
    let filipino =
        "Magandang araw po. Hindi ko maalala ang aking password at hindi ako makapasok. Pakitulungan po ako.";
    let english = "Good morning, I have forgotten my password and cannot get in. Could you please help me?";
    let letters = [
        ("pl1", "Zgubiłem hasło", polish, "iso-8859-2", true, &["zgłosz", "Dzień dobry", "Dziękuj", "otrzyma"][..]),
        ("pl2", "Zgubiłem hasło", polish, "windows-1250", true, &["zgłosz", "Dzień dobry", "Dziękuj", "otrzyma"]),
        ("ru1", "Забыл пароль", russian, "koi8-r", true, &["письмо", "обращени", "получил", "Здравствуйте"]),
        ("ru2", "Забыл пароль", russian, "windows-1251", true, &["письмо", "обращени", "получил", "Здравствуйте"]),
        ("ru3", "Забыл пароль", russian, "windows-1251", false, &["письмо", "обращени", "получил", "Здравствуйте"]),
        ("fil", "Nakalimutan ko ang password", filipino, "utf-8", true, &["natanggap", "Salamat", "Natanggap"]),
        ("en", "Forgotten password", english, "us-ascii", true, &["received", "Thank", "thank"]),
    ];
    for (who, subject, text, charset, declared, _) in letters {
        let mail = Mail::new(&format!("{who}@example.test"), INFO, subject, text);
        let mail = if declared { mail.charset(charset) } else { mail.undeclared(charset) };
        servers.send(&mail, &format!("{who}@example.test"), &[INFO]);
    }
    settled(&desk, &servers, letters.len() as u64);
    for (who, subject, text, charset, _, words) in letters {
        let ticket = desk.ticket(desk.ticket_of(&format!("{who}@example.test")));
        assert_eq!(ticket["subject"], subject, "{who} in {charset}");
        assert_eq!(ticket["messages"][0]["text"].as_str().map(str::trim), Some(text), "{who} in {charset}");
        let acknowledgement = servers.await_inbox(&format!("{who}@example.test"), 1).remove(0);
        let own = acknowledgement.subject();
        let tag = format!("[#{}]", ticket["number"]);
        assert!(own.contains(&tag) && !own.contains(subject), "the first receipt repeats no words: {own}");
        let body = acknowledgement.text();
        assert!(words.iter().any(|word| body.contains(word)), "{who} got another language:\n{body}");
    }
    assert_eq!(servers.inbox("jan@example.test").len(), letters.len());
}

#[test]
fn nobody_joins_a_ticket_or_acts_as_an_agent_without_proof() {
    let servers = MailServers::start();
    let desk = started(&servers);
    let question = Mail::new("Ola <ola@example.test>", INFO, "Login broken", "I cannot log in, please help.");
    servers.send(&question, "ola@example.test", &[INFO]);
    let acknowledgement = servers.await_inbox("ola@example.test", 1).remove(0);
    let number = desk.ticket_of("ola@example.test");
    let subject = format!("Re: [#{number}] Login broken");
    let notification = await_words(&servers, "jan@example.test", "I cannot log in");
    let reply_to = notification.answer_address();
    let answer = Mail::new("jan@example.test", &reply_to, &subject, "Please try again now.")
        .answering(&notification.message_id());
    servers.send(&answer, "jan@example.test", &[&reply_to]);
    servers.await_inbox("ola@example.test", 2);
    settled(&desk, &servers, 2);
    let before = desk.ticket(number);
    assert_eq!(before["status"], "waiting");

    let spoofed = Mail::new("Anna Nowak <anna@example.test>", INFO, &subject, "Send your password to evil.example.")
        .answering(question.message_id());
    servers.send(&spoofed, "anna@example.test", &[INFO]);
    let stolen_token = Mail::new("eve@example.test", &reply_to, &subject, "Eve holds the address of an agent.");
    servers.send(&stolen_token, "eve@example.test", &[&reply_to]);
    let tagged = Mail::new("mallory@example.test", INFO, &subject, "What did Ola write to you?");
    servers.send(&tagged, "mallory@example.test", &[INFO]);
    let forged = Mail::new("trudy@example.test", INFO, "Re: Login broken", "I belong here too.")
        .header("In-Reply-To", &format!("<{}>", acknowledgement.message_id()))
        .header("References", &format!("<{}> <{}>", question.message_id(), acknowledgement.message_id()));
    servers.send(&forged, "trudy@example.test", &[INFO]);
    let away = Mail::new("Ola <ola@example.test>", INFO, &format!("Out of office: {subject}"), "Back on Monday.")
        .answering(&acknowledgement.message_id())
        .header("Auto-Submitted", "auto-replied");
    servers.send(&away, "", &[INFO]);
    settled(&desk, &servers, 7);

    let after = desk.ticket(number);
    assert_eq!(after["status"], "waiting", "an out-of-office reopens nothing: {after}");
    let writers: Vec<&str> = after["messages"]
        .as_array()
        .map(|messages| {
            messages
                .iter()
                .filter(|message| message["kind"] == "customer" || message["kind"] == "agent")
                .filter_map(|message| message["from"]["address"].as_str())
                .collect()
        })
        .unwrap_or_default();
    assert!(
        !writers.iter().any(|writer| ["eve", "mallory", "trudy"].iter().any(|who| writer.contains(who))),
        "{after}"
    );
    assert!(!after.to_string().contains("evil.example"), "{after}");
    let inbox = servers.inbox("ola@example.test");
    assert_eq!(inbox.len(), 2, "one acknowledgement, one answer: {:?}", subjects(&inbox));
    for stranger in ["mallory@example.test", "trudy@example.test"] {
        assert_ne!(desk.ticket_of(stranger), number);
    }
    let requesters: Vec<String> = desk.tickets().iter().map(|ticket| ticket["requester"].to_string()).collect();
    assert!(!requesters.iter().any(|one| one.contains("anna@")), "an agent is no customer: {requesters:?}");
    await_words(&servers, "anna@example.test", "Send your password to evil.example.");
    let acknowledged = servers.inbox("mallory@example.test");
    assert_eq!(acknowledged.len(), 1, "a stranger is a new customer: {:?}", subjects(&acknowledged));
    assert!(!acknowledged[0].subject().contains(&format!("[#{number}]")), "{}", acknowledged[0].subject());
}

#[test]
fn the_same_mail_in_two_mailboxes_is_one() {
    let servers = MailServers::start();
    let desk = started(&servers);
    let mail =
        Mail::new("Piotr <piotr@example.test>", "info@example.test, returns@example.test", "Hello", "Both of you.");
    servers.send(&mail, "piotr@example.test", &[INFO, RETURNS]);
    settled(&desk, &servers, 2);
    assert_eq!(desk.tickets().len(), 1);
    assert_eq!(servers.inbox("piotr@example.test").len(), 1, "one acknowledgement");
    let status = desk.status();
    let duplicates: u64 = status["mailboxes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|mailbox| mailbox["ledger"]["duplicate"].as_u64())
        .sum();
    assert_eq!(duplicates, 1, "{status}");
}

#[test]
fn a_wrong_password_stops_only_its_own_mailbox_until_the_config_is_reloaded() {
    let servers = MailServers::start();
    let ca = servers.ca_file();
    let wrong = config::ImapAccess { password_file: "wrong.password", ..servers.tls(&ca) };
    let with = |access: &config::ImapAccess<'_>, smtp_password: &str| {
        DeskConfig::shop()
            .submission(servers.submissions(), "tls", &ca, smtp_password)
            .imap("info", "support", access, "")
            .imap("returns", "returns", &servers.starttls(&ca), "")
    };
    let mut desk = Desk::new(&with(&wrong, "password"));
    let online = desk.run(&["check", "--online"]);
    assert_ne!(online.code, 0);
    assert!(format!("{}{}", online.stdout, online.stderr).contains("info"), "{}{}", online.stdout, online.stderr);

    desk.start();
    servers.send(&Mail::new("a@example.test", RETURNS, "Hi", "First."), "a@example.test", &[RETURNS]);
    servers.await_inbox("a@example.test", 1);
    let status = eventually(PATIENCE, "an error on the mailbox", || {
        let status = desk.status();
        status["mailboxes"][0]["error"].is_string().then_some(status)
    });
    assert_eq!(status["mailboxes"][0]["connected"], false, "{status}");
    assert_eq!(status["mailboxes"][1]["connected"], true, "{status}");
    assert!(status["mailboxes"][1]["error"].is_null(), "{status}");

    servers.send(&Mail::new("b@example.test", INFO, "Hi", "Second."), "b@example.test", &[INFO]);
    desk.write_config(&with(&servers.tls(&ca), "password").toml());
    desk.daemon().signal("HUP");
    eventually(PATIENCE, "the mailbox connects after the reload", || {
        (desk.status()["mailboxes"][0]["connected"] == true).then_some(())
    });
    servers.send(&Mail::new("c@example.test", INFO, "Hi", "Third."), "c@example.test", &[INFO]);
    servers.await_inbox("c@example.test", 1);
    assert!(desk.stop().0.success());

    assert_eq!(desk.run(&["check", "--online"]).code, 0);
    desk.write_config(&with(&servers.tls(&ca), "wrong.password").toml());
    assert_ne!(desk.run(&["check", "--online"]).code, 0, "the password for sending is wrong");
}

#[test]
fn mails_are_moved_or_marked_only_when_the_config_says_so() {
    let servers = MailServers::start();
    let ca = servers.ca_file();
    let config = DeskConfig::shop()
        .imap("info", "support", &servers.tls(&ca), "after = \"move:Done\"")
        .imap("returns", "returns", &servers.tls(&ca), "after = \"seen\"")
        .imap("desk", "support", &servers.tls(&ca), "after = \"keep\"");
    let mut desk = Desk::new(&config);
    desk.start();
    for mailbox in ["info", "returns", "desk"] {
        let to = format!("{mailbox}@example.test");
        let mail = Mail::new(&format!("for-{mailbox}@example.test"), &to, "Hi", "Hello.");
        servers.send(&mail, "x@example.test", &[&to]);
    }
    desk.settled(3);
    eventually(PATIENCE, "the mail moves to Done", || {
        (servers.login(INFO).count("Done") == 1 && servers.inbox(INFO).is_empty()).then_some(())
    });
    eventually(PATIENCE, "the mail is seen", || {
        servers.inbox(RETURNS)[0].flags.iter().any(|flag| flag == "\\Seen").then_some(())
    });
    let kept = servers.inbox("desk@example.test");
    assert!(!kept[0].flags.iter().any(|flag| flag == "\\Seen"), "{:?}", kept[0].flags);
}

#[test]
fn a_mailbox_comes_back_when_its_server_does() {
    let mut servers = MailServers::start();
    let desk = started(&servers);
    servers.send(&Mail::new("a@example.test", INFO, "Hi", "Before."), "a@example.test", &[INFO]);
    settled(&desk, &servers, 1);
    servers.stop_dovecot();
    eventually(PATIENCE, "an error on the mailbox", || {
        desk.status()["mailboxes"][0]["error"].is_string().then_some(())
    });
    servers.restart_dovecot();
    servers.send(&Mail::new("b@example.test", INFO, "Hi", "After."), "b@example.test", &[INFO]);
    desk.settled(2);
    assert_eq!(desk.tickets().len(), 2);
}

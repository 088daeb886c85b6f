//! A shop at work: real servers, the real daemon, staff and customers at their mail programs, and somebody who marks, moves
//! and deletes mails in the shared mailboxes all the while.

use std::cell::Cell;

use serde_json::Value;

use super::programs::{self, Person, Program, Words, Written};
use super::second_person::{Habit, SecondPerson};
use super::support::smtp;
use super::support::*;

pub const INFO: &str = "info@example.test";
pub const RETURNS: &str = "returns@example.test";
/// Signature of each department in HTML.
const SIGNATURES_HTML: [&str; 2] = ["<b>Support team</b>, Example Shop", "<b>Returns team</b>, Example Shop"];

pub const ANNA: Person = Person { name: "Anna Nowak", address: "anna@example.test" };
pub const JAN: Person = Person { name: "Jan Kowalski", address: "jan@example.test" };
pub const OLGA: Person = Person { name: "Olga Petrova", address: "olga@example.test" };
/// What Anna's programs put below her mails.
pub const ANNAS_SIGNATURE: &str = "Anna Nowak\nmobile 600 100 200";

/// In whose name a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Department {
    Support,
    Returns,
}

impl Department {
    fn author(self) -> (String, String) {
        let (name, address) = match self {
            Self::Support => ("Example Support", INFO),
            Self::Returns => ("Example Returns", RETURNS),
        };
        (name.to_owned(), address.to_owned())
    }

    /// Its signature in plain text, as it stands below an answer.
    pub fn signature(self) -> &'static str {
        match self {
            Self::Support => "Support team, Example Shop\nphone 22 000 00 01",
            Self::Returns => "Returns team, Example Shop\nphone 22 000 00 02",
        }
    }

    fn html_signature(self) -> &'static str {
        match self {
            Self::Support => SIGNATURES_HTML[0],
            Self::Returns => SIGNATURES_HTML[1],
        }
    }
}

/// The shop.
pub struct Office {
    second: SecondPerson,
    pub desk: Desk,
    pub servers: MailServers,
    /// Mails that were sent to the shared mailboxes.
    mails: u64,
    /// Those that were posted without waiting.
    pub posted: Cell<u64>,
}

impl Office {
    /// Opens it; `change` has the last word about its config.
    pub fn open(change: impl FnOnce(DeskConfig) -> DeskConfig) -> Self {
        Self::open_with(change, "")
    }

    /// The same with more lines for each mailbox.
    pub fn open_with(change: impl FnOnce(DeskConfig) -> DeskConfig, extra: &str) -> Self {
        Self::open_as(Habit::Tidies, change, extra)
    }

    /// The same with what the second person does.
    pub fn open_as(habit: Habit, change: impl FnOnce(DeskConfig) -> DeskConfig, extra: &str) -> Self {
        let servers = MailServers::start();
        let ca = servers.ca_file();
        let mut config = DeskConfig::shop()
            .submission(servers.submission(), "starttls", &ca, "password")
            .imap("info", "support", &servers.tls(&ca), extra)
            .imap("returns", "returns", &servers.starttls(&ca), extra);
        for (number, html) in ["00 01", "00 02"].iter().zip(SIGNATURES_HTML) {
            let plain = format!("phone 22 000 {number}\"\"\"");
            config.people = config.people.replacen(&plain, &format!("{plain}\nsignature_html = \"{html}\""), 1);
        }
        let mut desk = Desk::new(&change(config));
        desk.start();
        let second = SecondPerson::at_work(&servers, &desk, habit);
        Self { second, desk, servers, mails: 0, posted: Cell::new(0) }
    }

    /// Hands a mail to Postfix and waits until the desk has decided it.
    pub fn send(&mut self, from: &str, to: &[&str], bytes: &[u8]) {
        smtp::send(self.servers.mx(), from, to, bytes);
        let ours = |to: &&&str| ["info", "returns"].contains(&to.split(['+', '@']).next().unwrap_or_default());
        self.mails += to.iter().filter(ours).count() as u64;
        self.decided();
    }

    /// Waits until all that was sent to the shared mailboxes is decided.
    pub fn decided(&self) {
        eventually(PATIENCE, "all mails decided", || (self.desk.decided() >= self.mails).then_some(()));
    }

    /// A customer's first mail; the number of its ticket.
    pub fn opens(&mut self, customer: &str, to: &str, subject: &str, text: &str) -> u64 {
        let mail = Mail::new(customer, to, subject, text);
        let address = programs::bare(customer);
        self.send(&address, &[to], &mail.bytes());
        self.ticket_of(&address)
    }

    /// The ticket of a customer, who may have to wait for it: copies that a person makes are decided mails too.
    pub fn ticket_of(&self, customer: &str) -> u64 {
        let has = || self.desk.tickets().iter().any(|ticket| ticket["requester"]["address"] == customer);
        eventually(PATIENCE, &format!("a ticket of {customer}"), || has().then_some(()));
        self.desk.ticket_of(customer)
    }

    /// A customer answers a mail that he got.
    pub fn customer_answers(&mut self, customer: &str, answered: &Received, text: &str) {
        let mail = Mail::new(customer, &answered.answer_address(), &format!("Re: {}", answered.subject()), text)
            .answering(&answered.message_id());
        self.send(&programs::bare(customer), &[&answered.answer_address()], &mail.bytes());
    }

    /// Somebody of the staff answers a mail that he got.
    pub fn reply(&mut self, who: Person, program: &Program, answered: &Received, words: &Words<'_>) -> Written {
        let written = program.reply(who, answered, words);
        self.hand_in(who, &written);
        written
    }

    /// The same, without waiting for anything.
    pub fn post(&self, who: Person, program: &Program, answered: &Received, words: &Words<'_>) {
        self.posted.set(self.posted.get() + 1);
        let written = program.reply(who, answered, words);
        let to: Vec<&str> = written.recipients.iter().map(String::as_str).collect();
        smtp::send(self.servers.mx(), who.address, &to, &written.bytes);
    }

    /// Hands in what somebody wrote.
    pub fn hand_in(&mut self, who: Person, written: &Written) {
        let to: Vec<&str> = written.recipients.iter().map(String::as_str).collect();
        self.send(who.address, &to, &written.bytes);
    }

    /// A mail of nothing but these words in answer to one.
    pub fn says(&mut self, who: Person, answered: &Received, text: &str) {
        self.reply(who, &programs::THUNDERBIRD_DE, answered, &Words { text, ..Words::default() });
    }

    /// Everything decided, sent and delivered.
    pub fn settle(&self) {
        self.desk.settled(self.mails);
        self.servers.postfix_idle();
    }

    /// Waits for a mail to `user` with these words, the newest one.
    pub fn mail(&self, user: &str, words: &str) -> Received {
        self.mail_about(user, "", words)
    }

    /// The same among those whose subject bears the number of a ticket.
    pub fn mail_of(&self, user: &str, ticket: u64, words: &str) -> Received {
        self.mail_about(user, &format!("[#{ticket}]"), words)
    }

    fn mail_about(&self, user: &str, subject: &str, words: &str) -> Received {
        eventually(PATIENCE, &format!("a mail to {user} about `{subject}` with `{words}`"), || {
            let mails = self.servers.inbox(user);
            mails.into_iter().rfind(|mail| mail.subject().contains(subject) && plain(mail).contains(words))
        })
    }

    /// Waits for a word to `user` about a mail of his on a ticket: `refused`, `held`, `status`; the newest one.
    pub fn word_back(&self, user: &str, ticket: u64, about: &str) -> Received {
        let subject = format!("[#{ticket}]");
        eventually(PATIENCE, &format!("word to {user} that #{ticket} is {about}"), || {
            let mails = self.servers.inbox(user);
            mails
                .into_iter()
                .rfind(|mail| mail.subject().contains(&subject) && mail.header("X-Postroom-Reason").starts_with(about))
        })
    }

    /// Mails that people wrote to `customer`, oldest first.
    pub fn answers(&self, customer: &str) -> Vec<Received> {
        let mails = self.servers.inbox(customer);
        mails.into_iter().filter(|mail| mail.header("Auto-Submitted").is_empty()).collect()
    }

    /// The field of a ticket as text; `nobody` where nothing stands.
    pub fn field(&self, ticket: u64, name: &str) -> String {
        self.desk.ticket(ticket)[name].as_str().unwrap_or("nobody").to_owned()
    }

    /// Number of messages of a kind on a ticket.
    pub fn messages(&self, ticket: u64, kind: &str) -> usize {
        let ticket = self.desk.ticket(ticket);
        ticket["messages"].as_array().unwrap().iter().filter(|message| message["kind"] == kind).count()
    }

    /// Whether the history of a ticket has an event of this kind.
    pub fn happened(&self, ticket: u64, kind: &str) -> bool {
        let events = self.desk.ticket(ticket)["events"].clone();
        events.as_array().unwrap().iter().any(|event: &Value| event["kind"] == kind)
    }

    /// Ends the day without a look at what customers got.
    pub fn end(mut self) {
        self.leave();
    }

    fn leave(&mut self) {
        self.second.stop();
        assert!(self.desk.stop().0.success());
    }

    /// Ends the day: everything sent, the daemon stopped, and each mail that customers got looked at: they got nothing but
    /// these answers, once each, and nothing of the `secrets`.
    pub fn close(mut self, customers: &[(&str, &[Department])], secrets: &[&str]) {
        self.settle();
        self.leave();
        for (customer, expected) in customers {
            let answers = self.answers(customer);
            let from: Vec<_> = answers.iter().map(Received::author).collect();
            let wanted: Vec<_> = expected.iter().map(|department| department.author()).collect();
            let texts: Vec<String> = answers.iter().map(Received::text).collect();
            assert_eq!(from, wanted, "the answers that {customer} got: {texts:?}");
            for (answer, department) in answers.iter().zip(*expected) {
                check_answer(answer, *department);
            }
            let mails = self.servers.inbox(customer);
            for mail in &mails {
                check_clean(mail, secrets);
            }
            let mut ids: Vec<String> = mails.iter().map(Received::message_id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), mails.len(), "{customer} got a mail twice");
            let receipts = mails.iter().filter(|mail| mail.header("Auto-Submitted").starts_with("auto-replied"));
            assert!(receipts.count() <= 1 && mails.len() <= expected.len() + 1, "{customer}: {}", mails.len());
        }
    }
}

/// An answer bears its department's name and signature, in plain text and in HTML, and no other's.
pub fn check_answer(answer: &Received, department: Department) {
    let other = if department == Department::Support { Department::Returns } else { Department::Support };
    let (text, html) = (plain(answer), answer.html());
    assert!(text.trim_end().ends_with(&format!("-- \n{}", department.signature())), "{text}");
    assert!(html.contains(department.html_signature()), "{html}");
    let everything = answer.everything();
    for foreign in [other.signature().lines().next().unwrap(), other.html_signature(), &other.author().1] {
        assert!(!everything.contains(foreign), "`{foreign}` in {everything}");
    }
}

/// A mail's plain text with line ends of this system.
pub fn plain(mail: &Received) -> String {
    mail.text().replace("\r\n", "\n")
}

/// Nothing in a mail to a customer tells who wrote it, with what, or anything that is not for him.
pub fn check_clean(mail: &Received, secrets: &[&str]) {
    let everything = mail.everything().to_lowercase();
    let hosts = programs::ALL.iter().map(|program| program.host);
    let staff =
        ["anna@", "jan@", "olga@", "nowak", "kowalski", "petrova", "600 100 200", "info+", "info%2b", "mailto:"];
    let marks = [
        "##-",
        "fritz.box",
        "10.1.2.3",
        "203.0.113.",
        "annas-",
        "olgas-",
        "x-postroom-ticket",
        "mozilla",
        "outlook",
        "iphone",
    ];
    for leak in hosts.chain(staff).chain(marks).chain(secrets.iter().copied()) {
        let leak = leak.to_lowercase();
        let found = everything.find(&leak).map(|at| everything[..at].chars().rev().take(80).collect::<String>());
        assert_eq!(found, None, "`{leak}` reached a customer:\n{}", String::from_utf8_lossy(&mail.raw));
    }
    for line in programs::ALL.iter().flat_map(|program| program.headers.lines()) {
        let name = line.split(':').next().unwrap_or_default();
        assert!(name == "Received" || mail.header(name).is_empty(), "{name} reached a customer");
    }
    let command = |line: &str| {
        line.trim_start().strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    assert!(!mail.text().lines().any(command), "a command reached a customer: {}", mail.text());
}

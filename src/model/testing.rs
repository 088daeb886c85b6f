//! A small desk for tests: two departments, two agents, one mailbox, one ticket.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::habits::Habits;
use super::policy::{After, Agent, ClosedPolicy, Department, Desk, Import, Limits, Mailbox, Policy, Smtp, Source};
use super::staff::{AgentRole, GivingOut};
use super::ticket::{OldTokens, Participant, Priority, Role, Status, Ticket};
use super::token::{Opening, TicketKey};
use super::{Address, AddressPattern, AgentId, DepartmentId, Language, MailboxId, MessageKey, Person, TicketNumber};

/// The languages of which whole mails are kept for comparison.
pub const GOLDEN: [&str; 4] = ["en", "pl", "ru", "fil"];

/// The language of a tag.
///
/// # Panics
/// When there is none.
pub fn language(tag: &str) -> Language {
    Language::from_tag(tag).unwrap()
}

/// An address.
///
/// # Panics
/// When `text` is none.
pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Somebody.
///
/// # Panics
/// When `text` is no address.
pub fn person(name: &str, text: &str) -> Person {
    Person { name: name.to_owned(), address: address(text) }
}

fn agent(id: &str, name: &str, addresses: &[&str]) -> Agent {
    let addresses = addresses.iter().map(|text| address(text)).collect();
    let habits = Habits::default();
    Agent {
        id: AgentId::new(id),
        name: name.to_owned(),
        addresses,
        language: Language::ENGLISH,
        role: AgentRole::Agent,
        max_open: None,
        habits,
    }
}

fn department(id: &str, agents: &[&str]) -> Department {
    Department {
        id: DepartmentId::new(id),
        name: id.to_owned(),
        addresses: vec![AddressPattern::parse(&format!("{id}@shop.example")).unwrap()],
        keywords: vec![],
        keyword_threshold: 1,
        agents: agents.iter().map(|id| AgentId::new(id)).collect(),
        leads: vec![],
        giving_out: GivingOut::default(),
        from: person(&format!("Shop {id}"), &format!("{id}@shop.example")),
        signature: format!("Your {id} team"),
        signature_html: String::new(),
        names: vec![],
        acknowledge: true,
        language: Language::ENGLISH,
        closed: ClosedPolicy::Reopen,
    }
}

/// `info@shop.example`; departments `support` (anna, jan) and `returns` (jan).
pub fn policy() -> Policy {
    Policy {
        desk: Desk {
            name: "Example Shop".to_owned(),
            domain: "shop.example".to_owned(),
            language: Language::ENGLISH,
            timezone: TimeZone::UTC,
            database: "postroom.db".into(),
            secret_file: "secret".into(),
            authserv_id: None,
            require_dmarc: false,
            hold: Duration::ZERO,
        },
        smtp: Smtp::Directory("outbox".into()),
        limits: Limits {
            per_address_per_day: 3,
            per_mailbox_per_hour: 500,
            tickets_per_address_per_hour: 20,
            receipts_per_domain_per_hour: 60,
            tickets_per_domain_per_hour: 200,
            notify_every: Duration::from_mins(2),
        },
        mailboxes: vec![Mailbox {
            id: MailboxId::new("info"),
            address: address("info@shop.example"),
            source: Source::Maildir("maildir".into()),
            folders: vec!["INBOX".to_owned()],
            sent_folder: None,
            mirror: None,
            department: DepartmentId::new("support"),
            import: Import::All,
            after: After::Keep,
            subaddress: "+".to_owned(),
            idle: true,
            poll: Duration::from_mins(1),
            max_message: 50_000_000,
        }],
        agents: vec![
            agent("anna", "Anna Nowak", &["anna@shop.example", "anna.nowak@home.example"]),
            agent("jan", "Jan Kos", &["jan@shop.example"]),
        ],
        departments: vec![department("support", &["anna", "jan"]), department("returns", &["jan"])],
        texts: vec![],
    }
}

/// A ticket's number and key, as tokens name them.
pub fn opening(number: TicketNumber) -> Opening {
    Opening { number, key: TicketKey::new(number.0) }
}

/// A waiting ticket of `support`, opened by `customer@client.example`.
pub fn ticket(number: TicketNumber) -> Ticket {
    let requester = person("Customer", "customer@client.example");
    Ticket {
        number,
        key: opening(number).key,
        renewed: std::collections::BTreeMap::new(),
        old_tokens: OldTokens::Never,
        subject: "Broken lamp".to_owned(),
        department: DepartmentId::new("support"),
        status: Status::Waiting,
        priority: Priority::Normal,
        assignee: None,
        requester: requester.clone(),
        participants: vec![Participant { person: requester, role: Role::Requester }],
        tags: vec![],
        language: Language::ENGLISH,
        mailbox: MailboxId::new("info"),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        wait_until: None,
        possibly_related: None,
        closed_at: None,
        relay: None,
        sender: crate::model::ticket::SenderVerdict::Unknown,
        list: None,
        follows: None,
        followed_by: None,
        merged_subjects: vec![],
        merged_into: None,
        siblings: vec![],
        public_ids: vec![super::MailId::new("first@client.example")],
        answered_at: vec![],
        last_message: Some(MessageKey(1)),
        away: vec![],
    }
}

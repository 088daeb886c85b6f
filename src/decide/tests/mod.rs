//! The rules of deciding, one by one. Each test says what lines a plan holds, and which it must not hold.

mod acknowledging;
mod agents;
mod by_hand;
mod commands;
mod direct;
mod failures;
mod following;
mod goldens;
mod merging;
mod moved;
mod opening;
mod render;
mod rights;
mod staffing;
mod telling;
mod tidying;

use self::render::render;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::model::address::Person;
use crate::model::facts::{Counters, DirectFacts, DomainCount, SenderCount, StrayCount};
use crate::model::held::{AgentContext, Held, HeldState, Newer};
use crate::model::id::{AgentId, DepartmentId, MailId, MailboxId, MessageKey, TicketNumber};
use crate::model::link::{AgentProof, Route, RouteKind};
use crate::model::mail::{Arrival, Automated, RawMail};
use crate::model::outgoing::OwnPhrases;
use crate::model::reader::Reader;
use crate::model::staff::Staff;
use crate::model::surroundings::Surroundings;
use crate::model::testing::{person, policy, ticket};
use crate::model::ticket::{Participant, Role, SenderVerdict, Status, Ticket};
use crate::model::token::TicketKey;

const NUMBER: TicketNumber = TicketNumber(1042);

/// Everything that a decision looks at, ready to be changed by a test.
#[derive(Clone)]
struct Scene {
    policy: Policy,
    raw: RawMail,
    mail: ParsedMail,
    attachments: Vec<Attachment>,
    verified: bool,
    sender: SenderVerdict,
    link: Link,
    route: Route,
    ticket: Option<Ticket>,
    notes: Vec<String>,
    answered: Vec<String>,
    direct: DirectFacts,
    others: Vec<Route>,
    family: Vec<Ticket>,
    came_for: Option<Ticket>,
    surroundings: Surroundings,
    forward: Option<HandedOn>,
    sent_words: Vec<String>,
    below: Option<String>,
    staff: Staff,
    read_by: Option<Reader>,
    reading: AgentContext,
    /// What the addresses of an agent's mail stand for.
    verbs: Vec<String>,
    held: Option<HeldMail>,
    robot: Option<String>,
    counters: Counters,
    now: Timestamp,
}

impl Scene {
    fn plan(&self) -> Plan {
        let attachments: Arc<[Attachment]> = self.attachments.clone().into();
        let last_words = (person("Customer", "customer@client.example"), "It is broken.".to_owned());
        let phrases =
            OwnPhrases { labels: vec!["ticket".to_owned()], hints: vec!["reply to this mail to answer".to_owned()] };
        let asked = |mail: &ParsedMail, verbs: &[String]| {
            let ticket = self.ticket.as_ref();
            ticket.map(|ticket| Request::of(mail, &self.policy).on(ticket, verbs, &self.policy)).unwrap_or_default()
        };
        let held = self.held.clone().map(|held| HeldMail { asked: asked(&held.mail, &[]), ..held });
        let known = Known {
            agent: Some(Box::new(KnownOfAgent {
                asked: asked(&self.mail, &self.verbs),
                rich: None,
                beside: None,
                read_by: self.read_by,
                surroundings: self.surroundings.clone(),
                last_words: Some(last_words.clone()),
                told_words: Some(last_words),
                notes: self.notes.clone(),
                answered: self.answered.clone(),
                reading: self.reading.clone(),
                held,
                addresses_in: |_| BTreeSet::new(),
            })),
            direct: self.direct.clone(),
            came_for: self.came_for.clone(),
            family: self.family.clone(),
            sent_words: self.sent_words.clone(),
            below: self.below.clone(),
            others: self.others.clone(),
            forward: self.forward.clone(),
            staff: self.staff.clone(),
        };
        let incoming = Incoming {
            policy: &self.policy,
            phrases: &phrases,
            raw: &self.raw,
            mail: &self.mail,
            attachments: &attachments,
            verified: self.verified,
            sender: self.sender,
            traces: Traces::None,
            link: &self.link,
            route: &self.route,
            sent_words: &known.sent_words,
            below: known.below.as_deref(),
            robot: self.robot.as_deref(),
            staff: &known.staff,
            counters: self.counters,
            now: self.now,
        };
        decide(&Case::of(incoming, self.ticket.as_ref(), &known))
    }

    fn ticket(&mut self) -> &mut Ticket {
        self.ticket.as_mut().unwrap()
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// A fresh mail to `returns@` that belongs to no ticket.
fn new_mail() -> Scene {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let words = "The lamp is broken.".to_owned();
    Scene {
        policy: policy(),
        raw: RawMail {
            mailbox: MailboxId::new("info"),
            folder: "INBOX".to_owned(),
            bytes: Arc::from(*b"raw"),
            received_at: now,
            arrival: Arrival::Live,
            omitted: None,
        },
        mail: ParsedMail {
            subject: "Broken lamp".to_owned(),
            from: Some(person("Ewa", "ewa@client.example")),
            to: vec![person("", "returns@shop.example")],
            message_id: Some(MailId::new("first@client.example")),
            text: words.clone(),
            reply: words,
            ..ParsedMail::default()
        },
        attachments: vec![],
        verified: false,
        sender: SenderVerdict::Unknown,
        link: Link::New { reason: ThreadReason::Nothing, possibly_related: None },
        route: Route {
            department: DepartmentId::new("returns"),
            kind: RouteKind::Address,
            found: Vec::new(),
            detail: "`returns@shop.example`".to_owned(),
            scores: vec![],
        },
        ticket: None,
        notes: vec![],
        answered: vec![],
        direct: DirectFacts::default(),
        others: vec![],
        family: vec![],
        came_for: None,
        surroundings: Surroundings::default(),
        forward: None,
        sent_words: vec![],
        below: None,
        staff: Staff::default(),
        read_by: Some(Reader::Customer),
        reading: AgentContext::default(),
        verbs: vec![],
        held: None,
        robot: None,
        counters: Counters {
            next_ticket: NUMBER,
            fresh_key: TicketKey::new(1),
            next_message: MessageKey(7),
            next_serial: 100,
            machine_mails_to_sender: 0,
            returned_to_sender: 0,
            is_acquainted: true,
            machine_mails_of_mailbox: 0,
            sender: SenderCount::default(),
            domain: DomainCount::default(),
            stray: StrayCount::default(),
        },
        now,
    }
}

/// The customer's answer on the waiting ticket of `support`.
fn follow_up() -> Scene {
    new_mail().with(|scene| {
        scene.ticket = Some(ticket(NUMBER));
        scene.link = Link::Ticket { number: NUMBER, reason: ThreadReason::InReplyTo, agent: None };
        scene.route = stays();
        scene.mail.from = Some(person("Customer", "customer@client.example"));
    })
}

/// Anna's answer to her notification, with these words, on the open ticket of `support`.
fn agent_writes(words: &str) -> Scene {
    follow_up().with(|scene| {
        scene.ticket().status = Status::New;
        let agent = Some(AgentId::new("anna"));
        scene.link = Link::Ticket { number: NUMBER, reason: ThreadReason::ReplyAddress, agent };
        scene.mail.from = Some(person("Anna Nowak", "anna.nowak@home.example"));
        scene.mail.to = vec![person("", "info+1042.anna.token@shop.example")];
        scene.mail.message_id = Some(MailId::new("x@laptop.home.example"));
        words.clone_into(&mut scene.mail.text);
        words.clone_into(&mut scene.mail.reply);
    })
}

fn stays() -> Route {
    Route {
        department: DepartmentId::new("support"),
        kind: RouteKind::FollowUp,
        found: Vec::new(),
        detail: "stays with ticket #1042".to_owned(),
        scores: vec![],
    }
}

fn participant(name: &str, address: &str, role: Role) -> Participant {
    Participant { person: person(name, address), role }
}

fn file(name: &str, media_type: &str) -> Attachment {
    let (name, media_type) = (name.to_owned(), media_type.to_owned());
    Attachment { name, media_type, inline: false, content_id: None, content: b"content".to_vec() }
}

/// The plan of `scene` holds each line of `lines`; a line that starts with `!` stands for a beginning that no line has.
#[track_caller]
fn check(scene: &Scene, lines: &[&str]) {
    check_plan(&scene.plan(), lines);
}

#[track_caller]
fn check_plan(plan: &Plan, lines: &[&str]) {
    let text = render(plan);
    for line in lines {
        match line.strip_prefix('!') {
            Some(absent) => assert!(!text.lines().any(|found| found.starts_with(absent)), "`{absent}` in\n{text}"),
            None => assert!(text.lines().any(|found| found == *line), "no `{line}` in\n{text}"),
        }
    }
}

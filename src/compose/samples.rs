//! A desk and drafts for the tests of compose; secret and time are fixed, so the bytes are too.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::TicketKeys;
use crate::model::address::{Address, AddressPattern, Person};
use crate::model::event::{Actor, EventKind, PastEvent};
use crate::model::habits::Habits;
use crate::model::id::{AgentId, DepartmentId, MailId, MailboxId, MessageKey, TicketNumber};
use crate::model::language::{Language, TextKey};
use crate::model::link::{Hit, HitPlace, Route, RouteKind, Score};
use crate::model::mail::Attachment;
use crate::model::news::{DigestDraft, DigestTicket, NotificationItem, Since};
use crate::model::outgoing::{
    AcknowledgementDraft, AnswerDraft, Brief, Draft, HelpLine, News, NoticeBody, NoticeDraft, NotificationDraft,
    Regrouping, StaffNotice, SubjectWords,
};
use crate::model::plan::AttachmentInfo;
use crate::model::policy::{After, Agent, Department, Desk, Import, Limits, Mailbox, Policy, Smtp, Source};
use crate::model::reader::Reader;
use crate::model::refusal::Refusal;
use crate::model::rich::{Block as RichBlock, Gap, Look, Piece, Rich};
use crate::model::staff::{AgentRole, GivingOut};
use crate::model::surroundings::{CaseFile, Conversation, SaidOnTicket};
use crate::model::testing::language;
use crate::model::testing::opening;
use crate::model::ticket::{MessageKind, Priority, SenderVerdict, Status};
use crate::model::ticket_state::TicketState;
use crate::model::token::{SECRET_LEN, Signer};
use crate::model::visibility::{Internal, Public};

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub fn person(name: &str, text: &str) -> Person {
    Person { name: name.to_owned(), address: address(text) }
}

pub fn signer() -> Signer {
    Signer::new([7; SECRET_LEN], "shop.example")
}

/// The keys of all tickets of the samples.
pub fn keys() -> TicketKeys {
    let tickets = (1..2000).map(TicketNumber).map(|number| (number, opening(number).key)).collect();
    TicketKeys { tickets, ..TicketKeys::default() }
}

pub fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

pub fn policy() -> Policy {
    Policy {
        desk: Desk {
            name: "Example Shop".to_owned(),
            domain: "shop.example".to_owned(),
            language: Language::ENGLISH,
            timezone: TimeZone::get("Europe/Warsaw").unwrap(),
            database: PathBuf::new(),
            secret_file: PathBuf::new(),
            authserv_id: None,
            require_dmarc: false,
            hold: Duration::ZERO,
        },
        smtp: Smtp::Directory(PathBuf::new()),
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
            source: Source::Maildir(PathBuf::new()),
            folders: Vec::new(),
            sent_folder: None,
            mirror: None,
            department: DepartmentId::new("returns"),
            import: Import::New,
            after: After::Keep,
            subaddress: "+".to_owned(),
            idle: false,
            poll: Duration::from_mins(1),
            max_message: 50_000_000,
        }],
        agents: vec![
            agent("anna", "Anna Nowak", "anna.private@home.example", language("pl")),
            agent("jan", "Jan Wilk", "jan.private@home.example", Language::ENGLISH),
        ],
        departments: vec![Department {
            id: DepartmentId::new("returns"),
            name: "Returns".to_owned(),
            addresses: vec![AddressPattern::parse("returns@shop.example").unwrap()],
            keywords: Vec::new(),
            keyword_threshold: 1,
            agents: vec![AgentId::new("anna"), AgentId::new("jan")],
            leads: Vec::new(),
            giving_out: GivingOut::default(),
            from: person("Shop Returns", "returns@shop.example"),
            signature: "Returns team, Example Shop\nreturns@shop.example, +48 22 000 00 00".to_owned(),
            signature_html: String::new(),
            names: vec![],
            acknowledge: true,
            closed: crate::model::policy::ClosedPolicy::Reopen,
            language: language("pl"),
        }],
        texts: Vec::new(),
    }
}

fn agent(id: &str, name: &str, mail: &str, language: Language) -> Agent {
    Agent {
        id: AgentId::new(id),
        name: name.to_owned(),
        addresses: vec![address(mail)],
        language,
        role: AgentRole::Agent,
        max_open: None,
        habits: Habits::default(),
    }
}

pub fn acknowledgement(language: Language) -> AcknowledgementDraft {
    AcknowledgementDraft {
        ticket: TicketNumber(1042),
        department: DepartmentId::new("returns"),
        subject: "Zwrot butów".to_owned(),
        words: SubjectWords::Theirs,
        to: person("Ewa Żółć", "ewa@klient.example"),
        language,
        references: vec![MailId::new("first@klient.example")],
        serial: 1,
    }
}

pub fn answer() -> AnswerDraft {
    AnswerDraft {
        ticket: TicketNumber(1042),
        department: DepartmentId::new("returns"),
        agent: AgentId::new("anna"),
        subject: "Re: [#1042] Zwrot butów".to_owned(),
        to: vec![person("Ewa Żółć", "ewa@klient.example")],
        cc: vec![person("", "maz@klient.example")],
        body: Public::new(
            "Dzień dobry,\n\netykieta zwrotna jest w załączniku. Instrukcja: https://shop.example/zwroty?nr=1042&jezyk=pl.\n\n  1. wydrukować\n  2. nakleić\n\nPozdrawiamy",
        ),
        formatted: None,
        attachments: [file("etykieta żółta.pdf", "application/pdf", b"%PDF-1.4 label".to_vec())].into(),
        references: vec![MailId::new("first@klient.example"), MailId::new("second@klient.example")],
        answered: Reader::Customer,
        serial: 2,
    }
}

pub fn notification() -> NotificationDraft {
    NotificationDraft {
        ticket: TicketNumber(1042),
        department: DepartmentId::new("returns"),
        subject: "Zwrot butów".to_owned(),
        status: Status::New,
        priority: Priority::High,
        assignee: None,
        agent: AgentId::new("anna"),
        news: News::Opened,
        author: person("Ewa Żółć", "ewa@klient.example"),
        body: Internal::new("Dzień dobry,\n\nbuty są za małe.\nChcę je zwrócić, jak to zrobić?\n\nEwa"),
        below: Internal::new(""),
        attachments: [file("zdjęcie.jpg", "image/jpeg", vec![0xff, 0xd8, 0xff])].into(),
        episodes: vec![],
        older: 0,
        left_out: vec![],
        route: Some(Route {
            department: DepartmentId::new("returns"),
            kind: RouteKind::Keywords,
            found: Vec::new(),
            detail: "`zwrot*` in the subject (`Zwrot`): score 2; next `support` with 1".to_owned(),
            scores: vec![Score {
                department: DepartmentId::new("returns"),
                score: 2,
                hits: vec![Hit {
                    keyword: "zwrot*".to_owned(),
                    place: HitPlace::Subject,
                    text: "Zwrot".to_owned(),
                    score: 2,
                }],
            }],
        }),
        possibly_related: Some(TicketNumber(1038)),
        follows: None,
        siblings: vec![],
        customers: vec![person("Ewa Żółć", "ewa@klient.example")],
        proposed: vec![],
        relay: None,
        sender: SenderVerdict::Unknown,
        mailbox: MailboxId::new("info"),
        shows: MessageKey(9),
        serial: 3,
    }
}

pub fn refused() -> NoticeDraft {
    NoticeDraft {
        ticket: Some(TicketNumber(1042)),
        subject: "Zwrot butów".to_owned(),
        agent: AgentId::new("jan"),
        mailbox: MailboxId::new("info"),
        department: DepartmentId::new("returns"),
        body: NoticeBody::Refused {
            reasons: vec![Refusal::UnknownCommand("statsu".to_owned(), Some("status"))],
            text: Internal::new("#statsu open\n\nDear Ewa,\nthe label is attached.\n-- \nJan"),
            attachments: [file("label.pdf", "application/pdf", b"%PDF-1.4 label".to_vec())].into(),
        },
        references: vec![MailId::new("jans-mail@home.example")],
        answered: Reader::Customer,
        customers: vec![person("Ewa Żółć", "ewa@klient.example")],
        shows: None,
        serial: 4,
    }
}

/// A ticket as `#status` tells of it.
pub fn state() -> TicketState {
    TicketState {
        department: DepartmentId::new("returns"),
        status: Status::Waiting,
        wait_until: Some("2026-11-25T09:00:00Z".parse().unwrap()),
        priority: Priority::High,
        assignee: Some(AgentId::new("jan")),
        customer: person("Ewa Kowalska", "ewa@client.example"),
        others: vec![person("Adam Żak", "adam@client.example"), person("", "jo@client.example")],
        proposed: vec![address("ola@client.example")],
        tags: vec!["lamp".to_owned(), "vip".to_owned()],
        opened_at: "2026-11-20T08:30:00Z".parse().unwrap(),
        changed_at: now(),
    }
}

pub fn file(name: &str, media_type: &str, content: Vec<u8>) -> Attachment {
    Attachment { name: name.to_owned(), media_type: media_type.to_owned(), inline: false, content_id: None, content }
}

/// The brief of a ticket with more of everything than a brief shows.
pub fn brief() -> Brief {
    let long = "A long story about a lamp. ".repeat(200);
    let people = (0..40).map(|n| person("Ewa", &format!("ewa{n}@client.example"))).collect();
    let file = |n| AttachmentInfo {
        name: format!("{n} {}", "lamp".repeat(100)),
        media_type: "image/jpeg".to_owned(),
        size: 1,
        inline: false,
    };
    Brief {
        from: DepartmentId::new("returns"),
        people,
        opened_at: now(),
        file: CaseFile {
            first: Some((now(), long.clone())),
            promised: Some((AgentId::new("anna"), now(), long.clone())),
            notes: (0..3).map(|_| ("Jan Wilk".to_owned(), now(), long.clone())).collect(),
            history: ["opened", "status", "assigned", "answered", "note", "moved", "tags", "merged"].map(past).into(),
            attachments: (0..20).map(file).collect(),
            wait_until: Some(now()),
        },
    }
}

fn past(kind: &str) -> PastEvent {
    let words = "A long story about a lamp. ".repeat(200);
    let kind = EventKind::Legacy { kind: kind.to_owned(), words };
    PastEvent { at: now(), actor: Actor::Agent(AgentId::new("anna")), kind }
}

/// One thing that happened to the ticket of [`notification`].
fn episode(at: &str, news: News, author: Person, words: &str) -> NotificationItem {
    let files = if words.contains("zdjęcie") { vec!["zdjęcie.jpg".to_owned()] } else { vec![] };
    NotificationItem {
        at: at.parse().unwrap(),
        news,
        author,
        words: Internal::new(words),
        below: Internal::new(""),
        files,
        since: None,
        sender: SenderVerdict::Unknown,
    }
}

pub fn coalesced() -> NotificationDraft {
    let ewa = || person("Ewa Żółć", "ewa@klient.example");
    let wrote = || News::CustomerWrote { reopened: false };
    let mut asked = episode("2026-11-22T09:57:10Z", wrote(), ewa(), "Zapomniałam dodać: rozmiar to 38, potrzebuję 39.");
    asked.since = Some(Since::Answered("Jan Wilk".to_owned()));
    let answered = News::ColleagueAnswered("Jan Wilk".to_owned());
    let jan = person("Jan Wilk", "jan.private@home.example");
    let mut draft = notification();
    draft.episodes = vec![
        asked,
        episode("2026-11-22T09:58:00Z", answered, jan, "Dzień dobry,\n\nwymienimy na rozmiar 39."),
        episode("2026-11-22T09:58:40Z", wrote(), ewa(), "Dziękuję! W załączniku zdjęcie pudełka."),
    ];
    (draft.status, draft.assignee) = (Status::Open, Some(AgentId::new("jan")));
    (draft.news, draft.route, draft.possibly_related) = (wrote(), None, None);
    draft.body = Internal::new("Dziękuję! W załączniku zdjęcie pudełka.");
    draft
}

pub fn digest() -> DigestDraft {
    let ewa = || person("Ewa Żółć", "ewa@klient.example");
    let ticket = |number, subject: &str, status, assignee, episodes| DigestTicket {
        ticket: TicketNumber(number),
        subject: subject.to_owned(),
        department: DepartmentId::new("returns"),
        status,
        priority: if number == 1042 { Priority::Urgent } else { Priority::Normal },
        assignee,
        mailbox: MailboxId::new("info"),
        episodes,
        older: 0,
    };
    let words = "Dzień dobry,\n\nbuty są za małe. Chcę je zwrócić, jak to zrobić? ".repeat(3);
    let answered = News::ColleagueAnswered("Jan Wilk".to_owned());
    let jan = person("Jan Wilk", "jan.private@home.example");
    DigestDraft {
        agent: AgentId::new("anna"),
        department: DepartmentId::new("returns"),
        mailbox: MailboxId::new("info"),
        tickets: vec![
            ticket(
                1042,
                "Zwrot butów",
                Status::New,
                None,
                vec![
                    episode("2026-11-21T12:20:00Z", News::Opened, ewa(), &words),
                    episode(
                        "2026-11-22T06:01:00Z",
                        News::CustomerWrote { reopened: false },
                        ewa(),
                        "Czekam na odpowiedź.",
                    ),
                ],
            ),
            ticket(
                1038,
                "Reklamacja: pęknięta podeszwa po dwóch tygodniach noszenia",
                Status::Waiting,
                Some(AgentId::new("jan")),
                vec![episode("2026-11-21T15:00:00Z", answered, jan, "Przepraszamy, wyślemy nową parę.")],
            ),
        ],
        beyond: vec![TicketNumber(1043), TicketNumber(1044)],
        again: false,
        serial: 5,
    }
}

/// An answer written as HTML.
pub fn formatted_answer() -> AnswerDraft {
    let plain = "Dzień dobry,\n\netykieta *zwrotna* jest tutaj <https://shop.example/zwroty>:\n\n1. wydrukować\n2. nakleić\n\nrozmiar EU\n8 42\n\nPozdrawiamy";
    let (bold, link) =
        (Look { bold: true, ..Look::default() }, Look { link: Some(0), underlined: true, ..Look::default() });
    let say = |text: &str, look| {
        let word = |word: &str| Piece::Word { text: word.to_owned(), glued: false, look };
        text.split(' ').map(word).collect::<Vec<_>>()
    };
    let mut pieces = say("Dzień dobry,", Look::default());
    pieces.push(Piece::Gap(Gap::Paragraph));
    for (text, look) in [("etykieta", Look::default()), ("zwrotna", bold), ("jest", Look::default()), ("tutaj", link)] {
        pieces.extend(say(text, look));
    }
    let word = |text: &str| Piece::Word { text: text.to_owned(), glued: false, look: Look::default() };
    pieces.push(Piece::Begin(RichBlock::Numbered));
    for entry in ["wydrukować", "nakleić"] {
        pieces.extend([Piece::Begin(RichBlock::Item), word(entry), Piece::End(RichBlock::Item)]);
    }
    pieces.extend([Piece::End(RichBlock::Numbered), Piece::Begin(RichBlock::Table)]);
    for row in [["rozmiar", "EU"], ["8", "42"]] {
        pieces.push(Piece::Begin(RichBlock::Row));
        for field in row {
            pieces.extend([Piece::Begin(RichBlock::Cell), word(field), Piece::End(RichBlock::Cell)]);
        }
        pieces.push(Piece::End(RichBlock::Row));
    }
    pieces.extend([Piece::End(RichBlock::Table), word("Pozdrawiamy")]);
    let rich = Rich { pieces, links: vec!["https://shop.example/zwroty".to_owned()] };
    let body = Public::new(plain);
    AnswerDraft { formatted: Some(body.formatted(&rich).unwrap()), body, ..answer() }
}

/// What was written on the ticket of [`notification`].
pub fn conversation() -> Conversation {
    let said = |kind, author, agent: Option<&str>, text: &str| SaidOnTicket {
        kind,
        author,
        agent: agent.map(AgentId::new),
        at: now(),
        text: text.to_owned(),
        files: vec!["zdjęcie.jpg".to_owned()],
    };
    let (ewa, shop) = (person("Ewa Żółć", "ewa@klient.example"), person("Shop Returns", "returns@shop.example"));
    Conversation {
        said: vec![
            said(MessageKind::Customer, ewa, None, "Buty są za małe."),
            said(MessageKind::Note, person("Jan Wilk", "jan.private@home.example"), Some("jan"), "Stała klientka."),
            said(MessageKind::Agent, shop, Some("anna"), "Wymienimy na rozmiar 39."),
        ],
        older: 2,
        events: vec![past("opened")],
    }
}

/// A mail to an agent of every kind that there is.
pub fn of_every_kind() -> Vec<Draft> {
    let name = "Anna Nowak".to_owned();
    let words = || Internal::new("Dear Ewa, send it back.");
    let mut drafts: Vec<Draft> = Vec::new();
    for news in [
        News::Opened,
        News::CustomerWrote { reopened: false },
        News::CustomerWrote { reopened: true },
        News::ColleagueAnswered(name.clone()),
        News::Unproven(name.clone()),
        News::Note(name.clone()),
        News::AssignedToYou(name.clone()),
        News::NoLongerYours(name.clone()),
        News::Moved(name.clone()),
        News::HandedOver { by: name.clone(), brief: Box::new(brief()) },
        News::Accepted(name.clone()),
        News::Returned(name.clone()),
        News::Absorbed { by: name.clone(), merged: TicketNumber(7) },
        News::MergedInto { by: name.clone(), lead: TicketNumber(7) },
        News::Unmerged { by: name.clone(), lead: TicketNumber(7) },
        News::Split { by: name.clone(), from: TicketNumber(7) },
        News::DeliveryFailed(Reader::Customer),
        News::NotTold { agent: name.clone(), reason: "550 no".to_owned() },
        News::WithoutWords("550 no".to_owned()),
        News::KeyDead("ewa@client.example".to_owned()),
        News::Quarantined("reader failed".to_owned()),
        News::WaitOver,
        News::Flood,
        News::Next,
        News::YoursAsAway(name.clone()),
        News::FreeAsAway(name.clone()),
        News::Taken(name.clone()),
        News::YoursAsReleased(name.clone()),
        News::FreeAsReleased(name.clone()),
    ] {
        drafts.push(Draft::Notification(Box::new(NotificationDraft { news, ..notification() })));
    }
    for body in [
        NoticeBody::Help(help()),
        super::words_tests::held(),
        NoticeBody::Expired { text: words() },
        NoticeBody::Unticketed { text: words(), attachments: [].into() },
        NoticeBody::Conversation(Box::new(conversation())),
        NoticeBody::Done(super::words_tests::done()),
        NoticeBody::NoteReached(vec![address("ewa@client.example")]),
        NoticeBody::Staff(StaffNotice::Said(TextKey::NoticeQueueIsEmpty)),
        NoticeBody::Staff(StaffNotice::Away { until: None, handed_on: 2 }),
        NoticeBody::Staff(StaffNotice::Away { until: Some(jiff::civil::date(2026, 12, 1)), handed_on: 0 }),
        NoticeBody::Staff(StaffNotice::Said(TextKey::NoticeBack)),
        NoticeBody::Staff(StaffNotice::HandedOver {
            from: name.clone(),
            tickets: vec![(&crate::model::testing::ticket(TicketNumber(1042))).into()],
        }),
        NoticeBody::Regrouped(Regrouping::Merged {
            merged: TicketNumber(7),
            customer: person("Ewa", "ewa@client.example"),
            strangers: vec![address("x@y.example")],
        }),
        NoticeBody::Regrouped(Regrouping::Spam { muted: None }),
        NoticeBody::Regrouped(Regrouping::Spam { muted: Some(address("x@y.example")) }),
        NoticeBody::Regrouped(Regrouping::NoSpam),
        NoticeBody::State(Box::new(state())),
        NoticeBody::NotDelivered { recipient: address("x@y.example"), reason: "550 no".to_owned(), permanent: true },
        NoticeBody::NotDelivered { recipient: address("x@y.example"), reason: "450 no".to_owned(), permanent: false },
    ] {
        drafts.push(Draft::Notice(NoticeDraft { body, ticket: None, ..refused() }));
    }
    drafts.extend([Draft::Digest(Box::new(digest())), Draft::Notice(refused())]);
    drafts
}

/// A line of `#help` for every text that tells what a command does.
pub fn help() -> Vec<HelpLine> {
    let told = TextKey::ALL.into_iter().filter(|key| key.entry().word.starts_with("help_"));
    let lines = told.filter(|key| *key != TextKey::HelpIntro);
    lines.map(|text| HelpLine { commands: vec!["#take", "#assign anna"], text }).collect()
}

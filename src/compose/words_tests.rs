//! Golden texts: all that comes back to an agent about their own mail, in each of the four languages, for a reader of each.

use std::collections::BTreeSet;

use super::mails::refusal;
use super::samples::{address, keys, now, person, policy, refused, signer, state};
use super::{Desk, compose, texts::Texts};
use crate::model::done::{Confirmation, Done};
use crate::model::held::{Doubt, HeldState, Newer};
use crate::model::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use crate::model::language::{Language, TextKey};
use crate::model::link::Unproven;
use crate::model::outgoing::{Draft, NoticeBody, NoticeDraft, Regrouping, StaffNotice};
use crate::model::refusal::{Nearest, Refusal, Splittable};
use crate::model::testing::{GOLDEN, language};
use crate::model::ticket::{Priority, Status};
use crate::model::visibility::Internal;

/// Every reason, in the order of the enum.
fn refusals() -> Vec<Refusal> {
    let (ticket, other) = (TicketNumber(1042), TicketNumber(1038));
    let returns = || DepartmentId::new("returns");
    let text = |text: &str| text.to_owned();
    let known = || vec![text("anna"), text("jan")];
    let mails =
        || vec![Splittable { key: MessageKey(17), author: person("Ewa", "ewa@client.example"), words: text("Lamp") }];
    let ewa = || address("ewa@client.example");
    vec![
        Refusal::NoTime.of("#wait 3"),
        Refusal::TooManyCommands(20),
        Refusal::Misplaced(text("#note")),
        Refusal::UnknownCommand(text("1042"), None),
        Refusal::UnknownCommand(text("statsu"), Some("status")),
        Refusal::TakesNothing(text("it")).of("#take"),
        Refusal::NeedsReason.of("#return"),
        Refusal::NothingForwarded.of("#fwd"),
        Refusal::NeedsAgent(known()).of("#assign"),
        Refusal::NoSuchAgent(Nearest { meant: None, known: known() }).of("#assign zoe"),
        Refusal::NoSuchAgent(Nearest { meant: Some(text("anna")), known: known() }).of("#assign ana"),
        Refusal::NeedsDepartment(vec![text("returns")]).of("#move"),
        Refusal::NoSuchDepartment(Nearest { meant: None, known: vec![text("returns")] }).of("#move x"),
        Refusal::NoSuchDepartment(Nearest { meant: Some(text("returns")), known: vec![] }).of("#move retruns"),
        Refusal::NoDay.of("#away soon"),
        Refusal::NoPriority.of("#priority now"),
        Refusal::NoTag.of("#tag a/b"),
        Refusal::NoAddress.of("#to ewa"),
        Refusal::NoPeople.of("#cc ewa"),
        Refusal::NoCustomersAddress.of("#cc +anna@shop.example"),
        Refusal::TooManyPeople(20).of("#cc +x@y.example"),
        Refusal::NotAmong(known()).of("#cc -x@y.example"),
        Refusal::LastCustomer.of("#cc -ewa@client.example"),
        Refusal::AnswerAndNote,
        Refusal::NeedsTag.of("#tag"),
        Refusal::NeedsNumber(text("merge")).of("#merge"),
        Refusal::NoNumber(text("merge")).of("#merge x"),
        Refusal::NoSpamWish.of("#spam yes"),
        Refusal::StandsAlone(text("merge")),
        Refusal::NoAgent(AgentId::new("zoe")),
        Refusal::NotYours(ticket, DepartmentId::new("gone")),
        Refusal::ForLeads { ticket, owner: text("Jan Kos"), department: returns(), leads: vec![AgentId::new("anna")] },
        Refusal::Unverified,
        Refusal::NotAhead.of("#away until 2020-01-01"),
        Refusal::TooFarAhead.of("#away until 2050-01-01"),
        Refusal::OneNext,
        Refusal::HasEnough(7, 5),
        Refusal::EmptyNote,
        Refusal::AddressIsVerb(text("close")),
        Refusal::NoWords,
        Refusal::FilesWithoutWords,
        Refusal::NotOnTicket(address("jo@client.example"), known()),
        Refusal::CustomerUnknown,
        Refusal::CustomerIsOurs(address("info@shop.example")),
        Refusal::HoldsOurMail(text("##- …")),
        Refusal::HoldsKey(text("info+1042.anna.abcdefghijklmnopqrst@shop.example")),
        Refusal::AttachedOurMail(text("mail.eml")),
        Refusal::ForeignQuote(text("He is rude.")),
        Refusal::AnswersStranger { customer: ewa(), stranger: address("jo@client.example"), ticket },
        Refusal::TooManyAnswers(25),
        Refusal::Echo(2),
        Refusal::PrivateAddress(crate::model::Address::parse("anna@home.example").unwrap()),
        Refusal::SaidAlready("2026-11-22T09:14:00Z".parse().unwrap()),
        Refusal::SameTicket.of("#merge 1042"),
        Refusal::NoSuchTicket(other).of("#merge 1038"),
        Refusal::PartAlready(other, ticket).of("#merge 1038"),
        Refusal::TooManyParts(ticket, 100).of("#merge 1038"),
        Refusal::NothingMerged(ticket).of("#unmerge"),
        Refusal::NoPart(other, ticket, vec![TicketNumber(7)]).of("#unmerge 1038"),
        Refusal::WhichPart(vec![TicketNumber(7), other]).of("#unmerge"),
        Refusal::NothingToSplit(ticket).of("#split"),
        Refusal::NoSuchMail(ticket, mails()).of("#split 3"),
        Refusal::WhichMail(mails()).of("#split"),
        Refusal::NoSpam(ticket, ewa()).of("#spam undo"),
        Refusal::MutesReporter(address("postmaster@client.example")).of("#spam mute"),
        Refusal::MutesUs(address("info@shop.example")).of("#spam mute"),
        Refusal::MutesAgent(address("anna@shop.example")).of("#spam mute"),
        Refusal::TooManyMutes(10_000).of("#spam mute"),
        Refusal::AcceptedAlready(ticket).of("#accept"),
        Refusal::NotHandedOver(ticket).of("#accept"),
        Refusal::NothingToReturn(ticket, returns()).of("#return"),
        Refusal::ReturnedAlready(ticket, returns()).of("#return"),
        Refusal::OriginGone(ticket, DepartmentId::new("gone")).of("#return"),
        Refusal::HasLeft("2026-11-22T09:14:00Z".parse().unwrap()),
        Refusal::HeldUnreadable,
        Refusal::SendAndCancel,
        Refusal::VerdictAlone("#send"),
        Refusal::NothingHeld,
        Refusal::HeldNoMore(HeldState::Sent),
        Refusal::HeldNoMore(HeldState::Cancelled),
        Refusal::HeldNoMore(HeldState::Noted),
        Refusal::HeldNoMore(HeldState::Replaced),
        Refusal::HeldNoMore(HeldState::Expired),
        Refusal::Unproven(Unproven::OfAnother(AgentId::new("anna"))),
        Refusal::Unproven(Unproven::Void(TicketNumber(1002))),
        Refusal::Unproven(Unproven::Dead(TicketNumber(1002))),
        Refusal::Unproven(Unproven::CoAuthors),
        Refusal::Unproven(Unproven::Forged),
        Refusal::Unproven(Unproven::Unknown),
        Refusal::Unproven(Unproven::Command),
        Refusal::Unproven(Unproven::Lost),
    ]
}

#[test]
fn every_reason_has_words_of_its_own_in_every_language() {
    let (policy, signer) = (policy(), signer());
    let desk = Desk {
        policy: &policy,
        signer: &signer,
        keys: &keys(),
        now: now(),
        largest_mail: super::layout::fit::USUAL_LIMIT,
    };
    for language in GOLDEN.map(language) {
        let texts = Texts::new(&policy, language);
        let lines: Vec<String> = refusals().iter().map(|reason| refusal::line(reason, &texts, &desk)).collect();
        let mut seen = BTreeSet::new();
        for line in &lines {
            assert!(!line.contains(['{', '}']), "{line}");
            assert!(seen.insert(line.clone()), "said twice: {line}");
        }
        insta::assert_snapshot!(format!("refusals_{language}"), lines.join("\n"));
    }
}

/// The plain text of a notice in this language.
fn plain(language: Language, body: NoticeBody) -> String {
    let mut policy = policy();
    policy.agents.iter_mut().for_each(|agent| agent.language = language);
    let draft = Draft::Notice(NoticeDraft { body, ..refused() });
    let outgoing = compose(&draft, &policy, &signer(), &keys(), now());
    let mail = mail_parser::MessageParser::default().parse(&outgoing.bytes).unwrap();
    mail.body_text(0).unwrap().replace("\r\n", "\n")
}

fn text(words: &str) -> String {
    words.to_owned()
}

/// All that one line can confirm.
pub fn done() -> Confirmation {
    let done = vec![
        Done::Status(Status::Closed, None),
        Done::Status(Status::Waiting, Some("2026-11-25T09:00:00Z".parse().unwrap())),
        Done::Assignee(None),
        Done::Assignee(Some(AgentId::new("anna"))),
        Done::Assignee(Some(AgentId::new("jan"))),
        Done::Department(DepartmentId::new("returns")),
        Done::Priority(Priority::High),
        Done::Tags(vec![text("+vip"), text("-old")]),
        Done::People { added: vec![address("jo@client.example")], removed: vec![address("x@y.example")] },
        Done::Sent,
        Done::Dropped,
        Done::Noted,
        Done::Withdrawn,
    ];
    Confirmation { done, undo: vec![text("#open"), text("#release")] }
}

/// An answer that is held for every reason that is not about whom it is for.
pub fn held() -> NoticeBody {
    let newer = |agent: Option<&str>, text: &str| Newer {
        author: person("Ewa Kowalska", "ewa@client.example"),
        agent: agent.map(AgentId::new),
        date: "2026-11-22T09:14:00Z".parse().unwrap(),
        text: text.to_owned(),
    };
    NoticeBody::Held {
        message: MessageKey(7),
        newer: vec![newer(None, "It works again."), newer(Some("anna"), "Good to hear.")],
        doubts: vec![
            Doubt::Note(text("never paid the last two invoices and shouts at")),
            Doubt::FileHolds { file: text("visit.ics"), address: address("anna@shop.example") },
            Doubt::Dropped(text("Yes, we ship to Norway.")),
            Doubt::PerhapsSignature(text("Anna Nowak")),
            Doubt::Newcomers(vec![address("kim@other.example")]),
        ],
        text: Internal::new("Dear Ewa, send it back."),
        also: None,
        until: "2026-11-29T10:00:00Z".parse().unwrap(),
    }
}

/// Words of whom it is open whether they are the customer's.
pub fn held_for_whom() -> NoticeBody {
    let line = text("@jan can you look?");
    NoticeBody::Held {
        message: MessageKey(7),
        newer: vec![],
        doubts: vec![
            Doubt::Beside(text("#move")),
            Doubt::Colleague(line.clone()),
            Doubt::PerhapsCommand { line, meant: text("#note") },
            Doubt::AskedAgain,
        ],
        text: Internal::new("#move returns\n@jan can you look?"),
        also: Some(Internal::new("It was for Jan.")),
        until: "2026-11-29T10:00:00Z".parse().unwrap(),
    }
}

#[test]
fn what_an_agent_asked_or_caused_is_told_in_his_language() {
    for language in GOLDEN.map(language) {
        let merged = Regrouping::Merged {
            merged: TicketNumber(1038),
            customer: person("Ewa", "ewa@client.example"),
            strangers: vec![address("jo@client.example")],
        };
        let handed_over = StaffNotice::HandedOver {
            from: "Jan Kos".to_owned(),
            tickets: vec![(&crate::model::testing::ticket(TicketNumber(1042))).into()],
        };
        let told = [
            NoticeBody::State(Box::new(state())),
            held(),
            held_for_whom(),
            NoticeBody::Expired { text: Internal::new("Dear Ewa, send it back.") },
            NoticeBody::Unticketed { text: Internal::new("Thanks, I take the lamp."), attachments: [].into() },
            NoticeBody::Regrouped(merged),
            NoticeBody::Staff(StaffNotice::Said(TextKey::NoticeQueueIsEmpty)),
            NoticeBody::Staff(handed_over),
            NoticeBody::Done(done()),
            NoticeBody::Done(Confirmation::default()),
            NoticeBody::NoteReached(vec![address("ewa@client.example")]),
            NoticeBody::Help(super::samples::help()),
        ];
        let told = told.into_iter().map(|body| plain(language, body)).collect::<Vec<_>>().join("\n~~~~~~~~\n\n");
        insta::assert_snapshot!(format!("told_{language}"), told);
    }
}

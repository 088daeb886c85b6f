//! Rules of routing, each with the smallest policy and mail that shows it.

mod reference;

use std::path::PathBuf;

use super::*;
use crate::model::Language;
use crate::model::address::{Address, AddressPattern, Person};
use crate::model::fold::fold;
use crate::model::link::HitPlace;
use crate::model::policy::{After, Department, Desk, Import, Keyword, KeywordPlace, Limits, Mailbox, Smtp, Source};

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn person(text: &str) -> Person {
    Person { name: String::new(), address: address(text) }
}

/// `word`, `word*`, `3:word` for the weight 3, `s:word` and `t:word` for the places.
fn keyword(text: &str) -> Keyword {
    let (mut weight, mut place, mut word) = (1, KeywordPlace::Anywhere, text);
    while let Some((mark, rest)) = word.split_once(':') {
        match mark {
            "s" => place = KeywordPlace::Subject,
            "t" => place = KeywordPlace::Text,
            number => weight = number.parse().unwrap(),
        }
        word = rest;
    }
    let folded = fold(word.trim_end_matches('*'));
    Keyword { text: word.to_owned(), folded, prefix: word.ends_with('*'), weight, place }
}

fn department(id: &str, addresses: &[&str], keywords: &[&str]) -> Department {
    Department {
        id: DepartmentId::new(id),
        name: id.to_owned(),
        addresses: addresses.iter().map(|text| AddressPattern::parse(text).unwrap()).collect(),
        keywords: keywords.iter().map(|text| keyword(text)).collect(),
        keyword_threshold: 1,
        agents: vec![],
        leads: vec![],
        giving_out: crate::model::staff::GivingOut::default(),
        from: person("shop@shop.example"),
        signature: String::new(),
        signature_html: String::new(),
        names: vec![],
        acknowledge: true,
        closed: crate::model::policy::ClosedPolicy::Reopen,
        language: Language::ENGLISH,
    }
}

/// A policy with these departments and the mailbox `info`, whose department is the last one.
fn policy(departments: Vec<Department>) -> Policy {
    let mailbox = Mailbox {
        id: MailboxId::new("info"),
        address: address("info@shop.example"),
        source: Source::Maildir(PathBuf::new()),
        folders: vec![],
        sent_folder: None,
        mirror: None,
        department: departments.last().unwrap().id.clone(),
        import: Import::New,
        after: After::Keep,
        subaddress: "+".to_owned(),
        idle: true,
        poll: std::time::Duration::from_mins(1),
        max_message: 1,
    };
    Policy {
        desk: Desk {
            name: String::new(),
            domain: "shop.example".to_owned(),
            language: Language::ENGLISH,
            timezone: jiff::tz::TimeZone::UTC,
            database: PathBuf::new(),
            secret_file: PathBuf::new(),
            authserv_id: None,
            require_dmarc: false,
            hold: std::time::Duration::ZERO,
        },
        smtp: Smtp::Directory(PathBuf::new()),
        limits: Limits {
            per_address_per_day: 0,
            per_mailbox_per_hour: 0,
            tickets_per_address_per_hour: 1,
            receipts_per_domain_per_hour: 60,
            tickets_per_domain_per_hour: 200,
            notify_every: std::time::Duration::from_mins(2),
        },
        mailboxes: vec![mailbox],
        agents: vec![],
        departments,
        texts: vec![],
    }
}

fn mail(subject: &str, reply: &str) -> ParsedMail {
    ParsedMail {
        subject: subject.to_owned(),
        reply: reply.to_owned(),
        to: vec![person("info@shop.example")],
        ..ParsedMail::default()
    }
}

fn route(policy: &Policy, mail: &ParsedMail) -> Route {
    Classifier::new(policy).route(policy, mail, &MailboxId::new("info"), None)
}

/// Routes a mail by `policy` and compares department, kind and detail.
#[track_caller]
fn check(policy: &Policy, mail: &ParsedMail, expected: (&str, RouteKind, &str)) {
    let route = route(policy, mail);
    assert_eq!((route.department.as_str(), route.kind, route.detail.as_str()), expected);
}

/// The keywords of one department that hit, with place, text and score.
fn hits(keywords: &[&str], subject: &str, text: &str) -> Vec<(String, HitPlace, String, u32)> {
    let policy = policy(vec![department("a", &[], keywords)]);
    let scores = route(&policy, &mail(subject, text)).scores;
    let hits: Vec<_> = scores.into_iter().flat_map(|score| score.hits).collect();
    hits.into_iter().map(|hit| (hit.keyword, hit.place, hit.text, hit.score)).collect()
}

fn found(keyword: &str, text: &str) -> bool {
    !hits(&[keyword], "", text).is_empty()
}

fn shop() -> Policy {
    policy(vec![
        department("returns", &["returns@shop.example", "zwroty*@shop.example"], &["zwrot*", "refund", "wrong size"]),
        department("billing", &["billing@shop.example"], &["invoice*", "refund"]),
        department("support", &[], &[]),
    ])
}

#[test]
fn a_follow_up_stays_with_its_department_and_still_has_scores() {
    let policy = shop();
    let mut mail = mail("invoice", "");
    mail.to = vec![person("billing@shop.example")];
    let follow_up = DepartmentId::new("returns");
    let route =
        Classifier::new(&policy).route(&policy, &mail, &MailboxId::new("info"), Some((TicketNumber(1042), &follow_up)));
    assert_eq!((route.department.as_str(), route.kind), ("returns", RouteKind::FollowUp));
    assert_eq!(route.detail, "stays with ticket #1042");
    assert_eq!((route.scores[0].department.as_str(), route.scores[0].score), ("billing", 2));
}

#[test]
fn a_follow_up_of_a_department_that_is_gone_is_routed_anew() {
    let policy = shop();
    let gone = DepartmentId::new("old");
    let route = Classifier::new(&policy).route(
        &policy,
        &mail("invoice", ""),
        &MailboxId::new("info"),
        Some((TicketNumber(7), &gone)),
    );
    assert_eq!((route.department.as_str(), route.kind), ("billing", RouteKind::Keywords));
    assert!(route.detail.starts_with("department `old` of ticket #7 is not in the config; "), "{}", route.detail);
}

#[test]
fn an_address_goes_before_keywords_and_its_plus_part_is_ignored() {
    let mut mail = mail("refund", "invoice");
    mail.to.push(person("Billing+x@shop.example"));
    check(&shop(), &mail, ("billing", RouteKind::Address, "`Billing@shop.example` in To"));
}

#[test]
fn an_address_with_a_star_matches_any_letters() {
    let mut mail = mail("", "");
    mail.cc.push(person("zwroty-pl@shop.example"));
    let detail = "`zwroty-pl@shop.example` in Cc matches `zwroty*@shop.example`";
    check(&shop(), &mail, ("returns", RouteKind::Address, detail));
}

#[test]
fn envelope_recipients_go_before_to_and_to_before_cc_and_the_others_are_told() {
    let mut mail = mail("", "");
    mail.cc = vec![person("returns@shop.example")];
    mail.to = vec![person("billing@shop.example")];
    let detail = "`billing@shop.example` in To; `returns@shop.example` of `returns` comes later, in Cc";
    check(&shop(), &mail, ("billing", RouteKind::Address, detail));
    mail.delivered_to = vec![address("info@shop.example"), address("returns@shop.example")];
    let detail = "`returns@shop.example` in Delivered-To; `billing@shop.example` of `billing` comes later, in To";
    check(&shop(), &mail, ("returns", RouteKind::Address, detail));
}

#[test]
fn an_address_written_out_goes_before_a_star_of_an_earlier_department() {
    let policy = policy(vec![
        department("all", &["*@shop.example"], &[]),
        department("billing", &["billing@shop.example"], &[]),
    ]);
    let mut mail = mail("", "");
    mail.to = vec![person("billing@shop.example")];
    check(&policy, &mail, ("billing", RouteKind::Address, "`billing@shop.example` in To"));
}

#[test]
fn the_highest_score_wins_and_the_runner_up_stands_in_the_reason() {
    let detail = "`zwrot*` in the subject (`zwrotu`), `refund` in the text: score 3; next `billing` with 1";
    check(&shop(), &mail("Prośba o zwrotu", "a refund please"), ("returns", RouteKind::Keywords, detail));
}

#[test]
fn in_a_tie_the_earlier_department_wins() {
    let detail = "`refund` in the text (`REFÜND`): score 1; `billing` has as much";
    check(&shop(), &mail("", "REFÜND"), ("returns", RouteKind::Keywords, detail));
}

#[test]
fn a_score_below_the_threshold_decides_nothing() {
    let mut policy = shop();
    policy.departments[0].keyword_threshold = 3;
    let detail = "mailbox `info`; keywords give `returns` a score of 2, below its threshold of 3";
    check(&policy, &mail("zwrot", "invoice"), ("support", RouteKind::Mailbox, detail));
    check(
        &policy,
        &mail("", "refund"),
        ("billing", RouteKind::Keywords, "`refund` in the text: score 1; `returns` has as much"),
    );
}

#[test]
fn the_mailbox_decides_when_nothing_else_does() {
    check(&shop(), &mail("hello", "there"), ("support", RouteKind::Mailbox, "mailbox `info`"));
    let policy = shop();
    let route = Classifier::new(&policy).route(&policy, &mail("", ""), &MailboxId::new("gone"), None);
    assert_eq!((route.department.as_str(), route.kind), ("returns", RouteKind::Mailbox));
}

#[test]
fn keywords_count_once_twice_as_much_in_the_subject() {
    let hit = |place, text: &str, score| ("zwrot*".to_owned(), place, text.to_owned(), score);
    assert_eq!(hits(&["3:zwrot*"], "Zwroty", "zwrotu zwrotem"), [hit(HitPlace::Subject, "Zwroty", 6)]);
    assert_eq!(hits(&["3:zwrot*"], "", "zwrotu zwrotem"), [hit(HitPlace::Text, "zwrotu", 3)]);
}

#[test]
fn a_keyword_counts_only_at_its_place() {
    assert!(hits(&["s:refund"], "", "refund").is_empty());
    assert!(hits(&["t:refund"], "refund", "").is_empty());
    assert_eq!(hits(&["s:refund"], "refund", "refund").len(), 1);
    assert_eq!(hits(&["t:refund"], "refund", "refund")[0].1, HitPlace::Text);
}

#[test]
fn case_accents_and_scripts_do_not_matter() {
    for (keyword, text) in [
        ("wysylka", "Gdzie jest moja WYSYŁKA?"),
        ("wysyłka", "wysylka"),
        ("счет", "Пришлите СЧЁТ"),
        ("возврат*", "О возврате товара"),
        ("straße", "STRASSE 5"),
        ("pina", "piña"),
        ("reklamacj*", "reklamację"),
    ] {
        assert!(found(keyword, text), "{keyword} in {text}");
    }
    assert!(!found("мои", "мой"), "й is a letter of its own");
}

#[test]
fn only_whole_words_match() {
    for (keyword, text, expected) in [
        ("refund", "refunds", false),
        ("refund", "prerefund", false),
        ("refund*", "refunds", true),
        ("refund*", "prerefunds", false),
        ("refund", "(refund)", true),
        ("refund", "refund's", true),
        ("refund", "refund2", false),
        ("404", "error 404.", true),
        ("404", "1404", false),
        ("счет", "расчет", false),
        ("vat", "VAT-ID", true),
        ("don't", "I don\u{2019}t know", true),
        ("e-mail", "e\u{2011}mail", true),
        ("c++", "in C++.", true),
    ] {
        assert_eq!(found(keyword, text), expected, "{keyword} in {text}");
    }
}

#[test]
fn a_phrase_matches_over_any_white_space() {
    assert_eq!(hits(&["wrong size"], "", "the Wrong\u{a0}\r\n  size!")[0].2, "Wrong size");
    assert_eq!(hits(&["wrong siz*"], "", "wrong\tsizes")[0].2, "wrong sizes");
    assert!(!found("wrong size", "wrong, size"));
}

#[test]
fn a_keyword_inside_another_one_is_found_too() {
    let keywords: Vec<_> =
        hits(&["return", "return label", "label"], "", "a return label").into_iter().map(|hit| hit.0).collect();
    assert_eq!(keywords, ["return", "return label", "label"]);
    let policy = policy(vec![department("a", &[], &["refund*"]), department("b", &[], &["refund"])]);
    let scores = route(&policy, &mail("", "refund")).scores;
    assert_eq!(scores.len(), 2);
}

#[test]
fn the_quoted_part_and_the_signature_are_not_searched() {
    let mut mail = mail("", "hello");
    mail.text = "hello\n> refund".to_owned();
    mail.quoted = "refund".to_owned();
    mail.signature = "refund".to_owned();
    assert_eq!(route(&shop(), &mail).scores, []);
}

#[test]
fn hostile_texts_cost_no_more_than_their_length() {
    let many: Vec<String> = (1..150).map(|length| "a".repeat(length) + "*").collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let policy = policy(vec![department("a", &[], &many)]);
    let classifier = Classifier::new(&policy);
    for text in ["a".repeat(300_000), "a ".repeat(150_000), "\u{fdfa}".repeat(50_000)] {
        let route = classifier.route(&policy, &mail("", &text), &MailboxId::new("info"), None);
        assert!(route.scores.iter().flat_map(|score| &score.hits).all(|hit| hit.text.len() <= 300));
    }
}

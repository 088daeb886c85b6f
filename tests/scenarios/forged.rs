//! Forgeries: whatever of a ticket a stranger copies into his mail (ids, tag, token, names, a verdict of our mail server), he
//! gets a ticket of his own and not a word of the other one.
//!
//! `POSTROOM_FORGERIES` sets how many are tried.

use std::fmt::Write as _;

use postroom::model::id::TicketNumber;
use postroom::model::plan::Fate;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::desk::Desk;

const SECRET: &str = "the safe opens with 4711";
const FORGERS: [&str; 6] = [
    "mallory@evil.example",
    "ewa@evil.example",
    "mallory@client.example",
    "ewa+x@client.example",
    "copy@holding.example",
    "ewa@client.example.evil.example",
];

#[derive(Clone, Debug)]
struct Forgery {
    from: &'static str,
    name: &'static str,
    reply_to: Option<&'static str>,
    to: usize,
    cc: Option<&'static str>,
    subject: &'static str,
    in_reply_to: Option<usize>,
    references: Vec<usize>,
    verdict: &'static str,
    words: &'static str,
}

fn forgery() -> impl Strategy<Value = Forgery> {
    let people = || proptest::sample::select(&["ewa@client.example", "mallory@evil.example", "anna@shop.example"][..]);
    let verdicts = [
        "",
        "Received: from a by relay.evil.example; x\nAuthentication-Results: mx.shop.example; dmarc=pass header.from=client.example\n",
        "Authentication-Results: mx.evil.example; dmarc=pass header.from=client.example\n",
        "Authentication-Results: mx.shop.example; dmarc=fail (dmarc=pass header.from=client.example)\n",
        "Authentication-Results: mx.shop.example; dmarc=none header.from=client.example\n\
         Authentication-Results: mx.shop.example; dmarc=pass header.from=client.example\n",
        "Authentication-Results: mx.shop.example; dmarc=pass header.from=evil.example\n",
    ];
    let what = (
        proptest::sample::select(&FORGERS[..]),
        proptest::sample::select(&["Ewa", "Anna Nowak", "", "ewa@client.example"][..]),
        proptest::option::of(people()),
        0_usize..4,
        proptest::option::of(people()),
    );
    let clues = (
        proptest::sample::select(
            &["Re: [#1001] Safe", "[#1001] [#1002] x", "Safe", "Fwd: [#1001] Safe", "Away: [#1001]"][..],
        ),
        proptest::option::of(0_usize..8),
        proptest::collection::vec(0_usize..8, 0..4),
        proptest::sample::select(verdicts.to_vec()),
        proptest::sample::select(
            &["Hello", "#close", "#fwd\n\nFrom: Ewa <ewa@client.example>\nSubject: x\n\ny", "#note\nx"][..],
        ),
    );
    (what, clues).prop_map(|((from, name, reply_to, to, cc), (subject, in_reply_to, references, verdict, words))| {
        Forgery { from, name, reply_to, to, cc, subject, in_reply_to, references, verdict, words }
    })
}

fn written(forgery: &Forgery, number: usize, ids: &[String], addresses: &[String]) -> String {
    let pick = |index: &usize| format!("<{}>", ids.iter().cycle().nth(*index).unwrap());
    let mut mail = forgery.verdict.to_owned();
    let mut line = |name: &str, value: &str| writeln!(mail, "{name}: {value}").unwrap();
    line("Message-ID", &format!("<forged-{number}@evil.example>"));
    line("From", &format!("\"{}\" <{}>", forgery.name, forgery.from));
    line("To", addresses.iter().cycle().nth(forgery.to).unwrap());
    line("Subject", forgery.subject);
    forgery.reply_to.iter().for_each(|value| line("Reply-To", value));
    forgery.cc.iter().for_each(|value| line("Cc", value));
    forgery.in_reply_to.iter().for_each(|index| line("In-Reply-To", &pick(index)));
    line("References", &forgery.references.iter().map(pick).collect::<Vec<_>>().join(" "));
    format!("{mail}\n{} ({number})\n", forgery.words)
}

#[tokio::test(start_paused = true)]
async fn no_forgery_joins_or_learns_anything() {
    let count = std::env::var("POSTROOM_FORGERIES").ok().and_then(|count| count.parse().ok()).unwrap_or(300);
    let mut desk = Desk::open().await;
    desk.take(&format!(
        "Message-ID: <first@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
         Subject: Safe\n\nRemember, {SECRET}.\n"
    ))
    .await;
    let head = super::script::reply_head(desk.latest("anna@shop.example").unwrap());
    desk.take(&format!("Message-ID: <a@shop.example>\nFrom: anna@shop.example\n{head}\nI will.\n")).await;
    let head = super::script::reply_head(desk.latest("ewa@client.example").unwrap());
    desk.take(&format!(
        "Message-ID: <second@client.example>\nFrom: Ewa <ewa@client.example>\nCc: copy@holding.example\n{head}\nGood.\n"
    ))
    .await;
    let mut ids = vec!["first@client.example".to_owned(), "second@client.example".to_owned()];
    ids.extend(desk.sent.iter().filter_map(|sent| sent.mail.message_id.as_ref()).map(ToString::to_string));
    let mut addresses = vec!["returns@shop.example".to_owned(), "support@shop.example".to_owned()];
    addresses.extend(desk.sent.iter().flat_map(|sent| &sent.mail.reply_to).map(|person| person.address.to_string()));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let known = desk.sent.len();
    for number in 0..count {
        let forgery = forgery().new_tree(&mut runner).unwrap().current();
        let (fate, _) = desk.take(&written(&forgery, number, &ids, &addresses)).await;
        assert!(
            matches!(fate, Fate::Ticket(ticket) if ticket != TicketNumber(1001)),
            "{fate:?} of {}",
            written(&forgery, number, &ids, &addresses)
        );
    }
    let ticket = desk.store.read(|view| view.ticket(TicketNumber(1001))).await.unwrap().unwrap();
    let on_it = ticket.participants.iter().filter(|someone| someone.role != postroom::model::ticket::Role::Proposed);
    assert_eq!(on_it.count(), 1, "Ewa alone");
    for sent in desk.sent.iter().skip(known) {
        let text = String::from_utf8_lossy(&sent.bytes);
        assert!(!text.contains(SECRET) && !sent.mail.text.contains(SECRET), "to {}", sent.recipient);
    }
}

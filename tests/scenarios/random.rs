//! Random correspondence: whatever customers, agents, strangers and robots write in whatever order, no note reaches a
//! customer, no agent's address does, nobody gets two receipts for one ticket, and every mail has one fate.

use std::collections::BTreeMap;

use postroom::model::address::Address;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::subject::tagged_ticket;
use proptest::prelude::*;

use super::desk::{Desk, Sent};
use super::script::{quoted, reply_head};

/// Stands in every note.
const CANARY: &str = "canary";
const AGENTS: [&str; 3] = ["anna@shop.example", "anna.nowak@home.example", "jan@shop.example"];
const WRITERS: [&str; 6] = [
    "ewa@client.example",
    "adam@client.example",
    "mallory@evil.example",
    "anna@shop.example",
    "anna.nowak@home.example",
    "jan@shop.example",
];

fn name_of(writer: &str) -> Option<&'static str> {
    AGENTS.contains(&writer).then_some(if writer.starts_with("jan") { "Jan Kos" } else { "Anna Nowak" })
}

/// One mail in.
#[derive(Clone, Debug)]
struct Step {
    writer: &'static str,
    /// Marks of a machine in its header.
    machine: bool,
    via: Via,
    words: Words,
    quote: Quote,
    copy: Option<&'static str>,
}

/// How a mail finds us.
#[derive(Clone, Copy, Debug)]
enum Via {
    New,
    /// In answer to the latest mail that this person got, his own or not.
    Reply(&'static str),
    /// To that mail's address, without its ids.
    Bare(&'static str),
    Tag,
}

#[derive(Clone, Copy, Debug)]
enum Words {
    Plain,
    Note,
    NoteBelow,
    MoveWithNote,
    Command(&'static str),
    Signed,
    Nothing,
}

/// What a mail program leaves below the words.
#[derive(Clone, Copy, Debug)]
enum Quote {
    None,
    Marked,
    /// The whole mail, without marks.
    Raw,
    /// Lines of it between the words, our marker taken out.
    Inline,
}

fn step() -> impl Strategy<Value = Step> {
    let writer = || proptest::sample::select(&WRITERS[..]);
    let via = prop_oneof![
        2 => Just(Via::New),
        6 => writer().prop_map(Via::Reply),
        2 => writer().prop_map(Via::Bare),
        1 => Just(Via::Tag),
    ];
    let command = proptest::sample::select(
        &["take", "release", "close", "open", "move support", "assign jan", "oops", "next", "away", "back"][..],
    );
    let words = prop_oneof![
        3 => Just(Words::Plain),
        2 => Just(Words::Note),
        1 => Just(Words::NoteBelow),
        1 => Just(Words::MoveWithNote),
        2 => command.prop_map(Words::Command),
        1 => Just(Words::Signed),
        1 => Just(Words::Nothing),
    ];
    let quote = proptest::sample::select(&[Quote::None, Quote::Marked, Quote::Raw, Quote::Inline][..]);
    let copy = proptest::option::of(writer());
    (writer(), proptest::bool::weighted(0.2), via, words, quote, copy)
        .prop_map(|(writer, machine, via, words, quote, copy)| Step { writer, machine, via, words, quote, copy })
}

impl Step {
    /// An honest writer answers what he himself got; only some answer what somebody else did.
    fn mail(&self, index: usize, desk: &Desk) -> String {
        let Self { writer, machine, via, words, quote, copy } = self;
        let answered = match via {
            Via::Reply(reader) | Via::Bare(reader) => desk.latest(writer).or_else(|| desk.latest(reader)),
            Via::New | Via::Tag => None,
        };
        let head = match (via, answered) {
            (Via::Reply(_), Some(answered)) => reply_head(answered),
            (Via::Bare(_), Some(answered)) => without_ids(&reply_head(answered)),
            (Via::Tag, _) => "To: returns@shop.example\nSubject: [#1001] again\n".to_owned(),
            (Via::New | Via::Reply(_) | Via::Bare(_), _) => {
                format!("To: returns@shop.example\nSubject: Matter {index}\n")
            }
        };
        let mut mail = format!("Message-ID: <{index}@mail.example>\nFrom: {writer}\n{head}");
        mail.extend(copy.map(|copy| format!("Cc: {copy}\n")));
        if *machine {
            mail.push_str("Auto-Submitted: auto-replied\n");
        }
        let words = words.text(index, name_of(writer));
        format!("{mail}\n{words}\n{}", answered.map(|answered| quote.of(answered)).unwrap_or_default())
    }
}

fn without_ids(head: &str) -> String {
    head.lines().take(2).flat_map(|line| [line, "\n"]).collect()
}

impl Words {
    /// Customers write no notes: in their mails the same words are plain.
    fn text(self, index: usize, name: Option<&str>) -> String {
        let agent = name.is_some();
        match self {
            Self::Note if agent => format!("#note\n{CANARY} {index}"),
            Self::NoteBelow if agent => format!("{CANARY} {index}\n\n#note"),
            Self::MoveWithNote if agent => format!("#move support\n#note\n{CANARY} {index}"),
            Self::Command(command) if agent => format!("#{command}"),
            Self::Signed if agent => {
                format!("Words {index}.\n\nBest regards,\n{}\nReturns", name.unwrap_or_default())
            }
            Self::Nothing => String::new(),
            Self::Plain | Self::Note | Self::NoteBelow | Self::MoveWithNote | Self::Command(_) | Self::Signed => {
                format!("Words {index}.")
            }
        }
    }
}

impl Quote {
    fn of(self, answered: &Sent) -> String {
        match self {
            Self::None => String::new(),
            Self::Marked => quoted(answered),
            Self::Raw => answered.mail.text.clone(),
            Self::Inline => {
                let lines = answered.mail.text.lines().filter(|line| !line.starts_with("##- "));
                lines.flat_map(|line| ["> ", line, "\n"]).chain(["That is all.\n"]).collect()
            }
        }
    }
}

/// What must hold of every mail to a customer.
async fn audit(desk: &Desk, taken: usize) {
    let mut receipts = BTreeMap::new();
    for sent in &desk.sent {
        if sent.kind == OutgoingKind::Notification || sent.kind == OutgoingKind::Notice {
            assert!(AGENTS.contains(&sent.recipient.as_str()), "{} to {}", sent.kind, sent.recipient);
            continue;
        }
        let raw = String::from_utf8_lossy(&sent.bytes);
        assert!(!raw.contains(CANARY) && !sent.mail.text.contains(CANARY), "a note went out:\n{raw}");
        assert!(
            !sent.mail.text.contains("##- ")
                && !sent.mail.text.contains("Anna Nowak")
                && !sent.mail.text.contains("Jan Kos"),
            "remains:\n{raw}"
        );
        let number = tagged_ticket(&sent.mail.subject).unwrap();
        let ticket = desk.store.read(move |view| view.ticket(number)).await.unwrap().unwrap();
        let named = sent.mail.to.iter().chain(&sent.mail.cc).map(|person| person.address.clone());
        for address in named.chain(Address::parse(&sent.recipient)) {
            let customer = ticket.requester.address.same_as(&address);
            assert!(customer || !AGENTS.contains(&address.as_str()), "an agent's address in\n{raw}");
        }
        if sent.kind == OutgoingKind::Acknowledgement {
            *receipts.entry(number).or_insert(0) += 1;
        }
    }
    assert!(receipts.values().all(|count| *count == 1), "{receipts:?}");
    let status = desk.store.read(|view| view.status()).await.unwrap();
    let fates: i64 = status.mailboxes.values().flat_map(|mailbox| mailbox.fates.values()).sum();
    assert_eq!(usize::try_from(fates).unwrap(), taken, "{status:?}");
}

proptest! {
    #[test]
    fn no_correspondence_leaks_or_doubles(steps in proptest::collection::vec(step(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut desk = Desk::open().await;
            for (index, step) in steps.iter().enumerate() {
                desk.take(&step.mail(index, &desk)).await;
            }
            audit(&desk, steps.len()).await;
        });
    }
}

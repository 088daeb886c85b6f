//! Random correspondence: whatever customers, agents, strangers and robots write in whatever order, and however tickets are
//! moved, merged, split, muted meanwhile, no note reaches a customer, no agent's address does, no department speaks for
//! another, nobody gets two receipts for one ticket, no mail is answered twice, none is lost, and every mail has one fate.
//!
//! `POSTROOM_HISTORIES=10000` plays the full dose.

use std::collections::{BTreeMap, BTreeSet};

use postroom::model::address::Address;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;
use postroom::model::subject::tagged_ticket;
use proptest::prelude::*;

use super::desk::{Desk, Sent};
use super::html_answers::{html_of, with_html};
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

/// What happens.
#[derive(Clone, Debug)]
enum Happening {
    Mail(Step),
    /// The latest mail arrives once more.
    Again,
    /// A server reports that our latest mail to this person cannot be delivered.
    Bounce(&'static str),
    /// An agent passes on a customer's mail, with a remark.
    Forward,
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
    /// Written as HTML beside the plain text.
    html: bool,
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
    Return,
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

const COMMANDS: &str = "take|release|close|open|assign jan|oops|move support|move returns|move billing|accept|merge 1001|merge 1002|merge 1003|\
    unmerge|unmerge 1001|split|split 1|split 2|spam|spam mute|spam undo|send|cancel|status|next|away|back";

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        12 => step().prop_map(Happening::Mail),
        1 => Just(Happening::Again),
        1 => proptest::sample::select(&WRITERS[..]).prop_map(Happening::Bounce),
        1 => Just(Happening::Forward),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let writer = || proptest::sample::select(&WRITERS[..]);
    let via = prop_oneof![
        2 => Just(Via::New),
        6 => writer().prop_map(Via::Reply),
        2 => writer().prop_map(Via::Bare),
        1 => Just(Via::Tag),
    ];
    let command = proptest::sample::select(COMMANDS.split('|').collect::<Vec<_>>());
    let words = prop_oneof![
        3 => Just(Words::Plain),
        2 => Just(Words::Note),
        1 => Just(Words::NoteBelow),
        1 => Just(Words::MoveWithNote),
        14 => command.prop_map(Words::Command),
        1 => Just(Words::Return),
        1 => Just(Words::Signed),
        1 => Just(Words::Nothing),
    ];
    let quote = proptest::sample::select(&[Quote::None, Quote::Marked, Quote::Raw, Quote::Inline][..]);
    let copy = proptest::option::of(writer());
    (writer(), proptest::bool::weighted(0.1), via, words, quote, copy, proptest::bool::ANY).prop_map(
        |(writer, machine, via, words, quote, copy, html)| Step { writer, machine, via, words, quote, copy, html },
    )
}

impl Step {
    fn opening(writer: &'static str) -> Happening {
        Happening::Mail(Self {
            writer,
            machine: false,
            via: Via::New,
            words: Words::Plain,
            quote: Quote::None,
            copy: None,
            html: false,
        })
    }

    /// An honest writer answers what he himself got; only some answer what somebody else did.
    fn mail(&self, index: usize, desk: &Desk) -> String {
        let Self { writer, machine, via, words, quote, copy, html } = self;
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
        let mut quote = answered.map(|answered| quote.of(answered)).unwrap_or_default();
        if name_of(writer).is_none() {
            // Whoever shows us what he cannot have will see it again: that is no leak of ours.
            quote = quote.replace(CANARY, "stolen");
        }
        let text = format!("{words}\n{quote}");
        if *html { format!("{mail}{}", with_html(&text)) } else { format!("{mail}\n{text}") }
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
            Self::Return if agent => format!("#return {CANARY} {index}"),
            Self::Signed if agent => {
                format!("Words {index}.\n\nBest regards,\n{}\nReturns", name.unwrap_or_default())
            }
            Self::Nothing => String::new(),
            Self::Plain
            | Self::Note
            | Self::NoteBelow
            | Self::MoveWithNote
            | Self::Command(_)
            | Self::Return
            | Self::Signed => format!("Words {index}."),
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
        assert!(!raw.contains(CANARY), "a note went out:\n{raw}");
        for text in [&sent.mail.text, &html_of(&sent.bytes)] {
            assert!(!text.contains(CANARY), "a note went out:\n{text}");
            assert!(
                !text.contains("##- ") && !text.contains("Anna Nowak") && !text.contains("Jan Kos"),
                "remains:\n{text}"
            );
            assert!(!text.contains("x-line") && !text.contains("#123"), "what a program wrote:\n{text}");
        }
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

/// A server's report on a mail.
fn bounce(index: usize, of: &Sent) -> String {
    let id = of.mail.message_id.as_ref().unwrap();
    format!(
        "Message-ID: <{index}@mx.example>\nFrom: MAILER-DAEMON@mx.example\nTo: returns@shop.example\n\
         Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
         Not delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\n\
         Message-ID: <{id}>\nSubject: x\n\n--b--\n",
        of.recipient
    )
}

fn forward(index: usize) -> String {
    format!(
        "Authentication-Results: mx.shop.example; dmarc=pass header.from=shop.example\nMessage-ID: <{index}@shop.example>\n\
         From: Anna Nowak <anna@shop.example>\nTo: returns@shop.example\nSubject: Fwd: Matter {index}\n\n#fwd\n{CANARY}\n\n\
         ---------- Forwarded message ---------\nFrom: Adam <adam@client.example>\nDate: Mon, 16 Nov 2026\n\
         Subject: Matter {index}\nTo: anna@shop.example\n\nWords {index}.\n"
    )
}

/// The identity of a department: its From and its signature.
fn identity(department: &str) -> (&'static str, &'static str) {
    match department {
        "support" => ("support@shop.example", "Support team, Example Shop"),
        "returns" => ("returns@shop.example", "Returns team, Example Shop"),
        "billing" => ("billing@shop.example", ""),
        other => panic!("nothing goes to `{other}`"),
    }
}

/// What one mail led to: `sent` is what went out because of it.
async fn check_consequences(desk: &Desk, writer: &str, sent: impl Iterator<Item = &Sent>) {
    let mut answers = BTreeSet::new();
    for mail in sent.filter(|mail| is_customers(mail)) {
        let number = tagged_ticket(&mail.mail.subject).unwrap();
        let ticket = desk.store.read(move |view| view.ticket(number)).await.unwrap().unwrap();
        assert_eq!(ticket.merged_into, None, "a merged ticket writes to {}", mail.recipient);
        let (from, signature) = identity(ticket.department.as_str());
        assert_eq!(mail.mail.from.as_ref().unwrap().address.as_str(), from, "#{number} is {}'s", ticket.department);
        for (_, other) in ["support", "returns"].map(identity) {
            assert!(
                other == signature || !mail.mail.text.contains(other),
                "`{other}` in a mail of {}",
                ticket.department
            );
        }
        let recipient = Address::parse(&mail.recipient).unwrap();
        assert!(ticket.is_participant(&recipient), "{recipient} is not on #{number}");
        if mail.kind == OutgoingKind::Answer {
            answers.insert(mail.mail.message_id.clone());
        }
    }
    let allowed = usize::from(AGENTS.contains(&writer));
    assert!(answers.len() <= allowed, "{} answers because of one mail of {writer}", answers.len());
}

fn is_customers(mail: &Sent) -> bool {
    matches!(mail.kind, OutgoingKind::Answer | OutgoingKind::Acknowledgement)
}

/// What must hold of the tickets whatever happened.
async fn check_tickets(desk: &Desk) {
    let tickets = desk.tickets().await;
    for ticket in &tickets {
        let number = ticket.number;
        let found = desk.store.read(move |view| Ok((view.lead(number)?, view.messages(number)?.len())));
        let (lead, messages) = found.await.unwrap();
        let living = tickets.iter().find(|ticket| ticket.number == lead).unwrap();
        assert_eq!(living.merged_into, None, "#{number} leads to #{lead}, which is merged");
        assert_eq!(lead == number, ticket.merged_into.is_none());
        if lead != number {
            assert_eq!((messages, ticket.status.as_str()), (0, "closed"), "#{number} is part of #{lead}");
        }
    }
    let counted: i64 = desk.store.status().await.unwrap().tickets.values().sum();
    assert_eq!(usize::try_from(counted).unwrap(), tickets.len());
}

async fn play(happenings: &[Happening]) {
    let mut desk = Desk::open().await;
    let (mut latest, mut taken) = (None, 0);
    // Three tickets of two customers, so that there is something to merge.
    let first = ["ewa@client.example", "adam@client.example", "ewa@client.example"].map(Step::opening);
    for (index, happening) in first.iter().chain(happenings).enumerate() {
        let (writer, mail) = match happening {
            Happening::Mail(step) => (step.writer, step.mail(index, &desk)),
            Happening::Again => match latest.clone() {
                Some(mail) => ("nobody", mail),
                None => continue,
            },
            Happening::Bounce(reader) => match desk.latest(reader) {
                Some(sent) => ("mailer-daemon", bounce(index, sent)),
                None => continue,
            },
            Happening::Forward => ("forwarder", forward(index)),
        };
        let before = desk.messages().await;
        let (fate, sent) = desk.take(&mail).await;
        taken += 1;
        check_consequences(&desk, writer, desk.sent.iter().skip(sent)).await;
        check_tickets(&desk).await;
        let after = desk.messages().await;
        match fate {
            Fate::Ticket(_) => assert!(after > before, "{before} messages, then {after}: {happening:?}"),
            Fate::Ignored(_) | Fate::Duplicate(_) => {
                assert_eq!((after, desk.sent.len()), (before, sent), "{happening:?}");
            }
            Fate::Quarantined(_, reason) => panic!("{happening:?}: {reason}"),
        }
        if matches!(happening, Happening::Again) {
            assert!(matches!(fate, Fate::Duplicate(_)), "{fate:?}");
        }
        latest = Some(mail);
    }
    audit(&desk, taken).await;
}

fn dose() -> u32 {
    std::env::var("POSTROOM_HISTORIES").ok().and_then(|dose| dose.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: dose(), max_shrink_iters: 400, ..ProptestConfig::default() })]
    #[test]
    fn no_correspondence_leaks_or_doubles(happenings in proptest::collection::vec(happening(), 1..18)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play(&happenings));
    }
}

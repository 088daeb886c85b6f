//! Whatever happens in whatever order and however fast: at most one notification of a ticket to an agent in two minutes, and
//! everything is told once, to whom it concerns, in order.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use postroom::model::outgoing::OutgoingKind;
use postroom::model::subject::tagged_ticket;
use proptest::prelude::*;

use super::desk::Desk;
use super::script::reply_head;

const AGENTS: [&str; 2] = ["anna@shop.example", "jan@shop.example"];
const EVERY: SignedDuration = SignedDuration::from_mins(2);

/// One thing that happens, some seconds after the one before.
#[derive(Clone, Copy, Debug)]
struct Step {
    pause: u64,
    ticket: usize,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    CustomerWrites,
    /// A note by one of the agents.
    Note(usize),
    /// The daemon is killed and started again.
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let what = prop_oneof![
        6 => Just(What::CustomerWrites),
        3 => (0..2_usize).prop_map(What::Note),
        1 => Just(What::Kill),
    ];
    (0..90_u64, 0..2_usize, what).prop_map(|(pause, ticket, what)| Step { pause, ticket, what })
}

/// What an agent was told: the ticket, when, and the numbers of the words in the order of the mail.
type Told = BTreeMap<(&'static str, usize), Vec<(Timestamp, Vec<usize>)>>;

/// Takes over what was sent since `seen`; a killed desk forgets it.
fn collect(desk: &Desk, seen: &mut usize, told: &mut Told) {
    for sent in desk.sent.iter().skip(*seen).filter(|sent| sent.kind == OutgoingKind::Notification) {
        let agent = AGENTS.into_iter().find(|agent| *agent == sent.recipient).unwrap();
        let ticket = usize::try_from(tagged_ticket(&sent.mail.subject).unwrap().0 - 1001).unwrap();
        let words = sent.mail.text.split("word-").skip(1);
        let numbers = words.map(|word| word.split('.').next().unwrap().parse().unwrap()).collect();
        told.entry((agent, ticket)).or_default().push((sent.at, numbers));
    }
    *seen = desk.sent.len();
}

fn customer(ticket: usize, number: usize) -> String {
    let subject = if number < 2 { format!("Matter {ticket}") } else { format!("[#{}] Matter {ticket}", 1001 + ticket) };
    format!(
        "Message-ID: <{number}@mail.example>\nFrom: ewa@client.example\nTo: returns@shop.example\n\
         Subject: {subject}\n\nHere is word-{number}.\n"
    )
}

async fn play(steps: &[Step]) {
    let mut desk = Desk::open().await;
    let (mut seen, mut told, mut expected) = (0, Told::new(), BTreeMap::<(&str, usize), Vec<usize>>::new());
    let mut heads = BTreeMap::new();
    for ticket in 0..2 {
        desk.take(&customer(ticket, ticket)).await;
        for agent in AGENTS {
            heads.insert((agent, ticket), reply_head(desk.latest(agent).unwrap()));
            expected.entry((agent, ticket)).or_default().push(ticket);
        }
    }
    for (number, step) in (2..).zip(steps) {
        desk.wait(Duration::from_secs(step.pause)).await;
        let mut readers = AGENTS.to_vec();
        match step.what {
            What::CustomerWrites => {
                desk.take(&customer(step.ticket, number)).await;
            }
            What::Note(writer) => {
                let writer = AGENTS.get(writer).copied().unwrap();
                readers.retain(|reader| *reader != writer);
                let head = heads.get(&(writer, step.ticket)).unwrap();
                let note = format!(
                    "Message-ID: <{number}@mail.example>\nFrom: {writer}\n{head}\n#note\nHere is word-{number}.\n"
                );
                desk.take(&note).await;
            }
            What::Kill => {
                readers.clear();
                collect(&desk, &mut seen, &mut told);
                desk = desk.killed(SignedDuration::ZERO).await;
                seen = 0;
            }
        }
        for reader in readers {
            expected.entry((reader, step.ticket)).or_default().push(number);
        }
        collect(&desk, &mut seen, &mut told);
    }
    for _ in 0..3 {
        desk.wait(EVERY.unsigned_abs() + Duration::from_secs(2)).await;
    }
    collect(&desk, &mut seen, &mut told);
    for (whom, mails) in &told {
        let mut pairs = mails.iter().zip(mails.iter().skip(1));
        let close = pairs.find(|(first, second)| second.0.duration_since(first.0) < EVERY);
        assert!(close.is_none(), "{whom:?}: two within two minutes: {close:?}");
    }
    let told: BTreeMap<_, Vec<usize>> = told
        .iter()
        .map(|(whom, mails)| (*whom, mails.iter().flat_map(|(_, numbers)| numbers.clone()).collect()))
        .collect();
    assert_eq!(told, expected);
}

fn dose() -> u32 {
    std::env::var("POSTROOM_PACE_DOSE").ok().and_then(|dose| dose.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(dose()))]
    #[test]
    fn everything_is_told_once_and_never_twice_in_two_minutes(steps in proptest::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play(&steps));
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_somebody_who_loses_the_ticket_is_told_to_those_who_have_it() {
    let mut desk = Desk::open().await;
    desk.take(&customer(0, 0)).await;
    let (anna, jan) = (reply_head(desk.latest("anna@shop.example").unwrap()), "jan@shop.example");
    desk.wait(Duration::from_mins(10)).await;
    desk.take(&format!("Message-ID: <a@shop.example>\nFrom: anna@shop.example\n{anna}\n#take\n")).await;
    for number in 2..5 {
        desk.take(&customer(0, number)).await;
    }
    let seen = desk.sent.len();
    // The first of them was told at once; Anna, who is told of the rest in two minutes, gives the ticket away.
    desk.take(&format!("Message-ID: <b@shop.example>\nFrom: anna@shop.example\n{anna}\n#move billing\n")).await;
    for _ in 0..3 {
        desk.wait(Duration::from_mins(3)).await;
    }
    let told = |whom: &str, word: &str| {
        let mails = desk.sent.iter().skip(seen).filter(|sent| sent.recipient == whom);
        mails.filter(|sent| sent.mail.text.contains(word)).count()
    };
    assert_eq!(told(jan, "word-3."), 1, "it waited for Anna");
    assert_eq!(told(jan, "word-4."), 1, "it is shown with the news of the move");
    assert_eq!((told("anna@shop.example", "word-3."), told("anna@shop.example", "word-4.")), (0, 0));
}

//! `kill -9` between an answer's acceptance and its release, while its agent says `#send` and `#cancel`: what was held goes
//! out once, or not at all when it was taken back; it is never lost and never doubled.
//!
//! `POSTROOM_HELD_KILLS` is the number of kills (10 without it, 300 in the full dose), `POSTROOM_SEED` makes a run anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::office::*;
use super::programs::{self, Words};
use super::support::random::Random;
use super::support::*;

/// Kills of one desk.
const KILLS: usize = 20;
/// Tickets that are answered between two kills.
const ANSWERS: usize = 2;

/// What Anna says about an answer of hers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Nothing,
    Cancel,
    Send,
    SendTwice,
    SendThenCancel,
    CancelThenSend,
}

impl Wish {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Cancel => &["#cancel"],
            Self::Send => &["#send"],
            Self::SendTwice => &["#send", "#send"],
            Self::SendThenCancel => &["#send", "#cancel"],
            Self::CancelThenSend => &["#cancel", "#send"],
        }
    }
}

/// A ticket with an answer that Anna writes.
struct Case {
    customer: String,
    ticket: u64,
    notification: Received,
    /// Whether there is a mail that she has not seen, so that her answer waits for her word.
    asks: bool,
    wish: Wish,
    said: bool,
}

/// What was met at the kills.
#[derive(Debug, Default)]
struct Met {
    kills: usize,
    /// Kills while an answer waited for its time, and while one waited for a word.
    while_on_hold: usize,
    while_asked: usize,
    /// Answers whose final reply may have been lost.
    in_doubt: BTreeSet<String>,
    arrived: usize,
    withdrawn: usize,
    cancelled: usize,
    doubles: usize,
}

#[test]
fn a_held_answer_goes_out_once_or_never_whatever_is_killed() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = usize::try_from(number("POSTROOM_HELD_KILLS").unwrap_or(10)).unwrap();
    let seed = number("POSTROOM_SEED").unwrap_or_else(|| Random::from_time().next() % 1_000_000);
    eprintln!("{kills} kills, POSTROOM_SEED={seed}");
    let (began, mut met) = (Instant::now(), Met::default());
    while met.kills < kills {
        let mut random = Random::new(seed.wrapping_add(met.kills as u64));
        day(KILLS.min(kills - met.kills), &mut random, &mut met);
    }
    let Met { while_on_hold, while_asked, in_doubt, arrived, withdrawn, cancelled, doubles, .. } = &met;
    eprintln!(
        "{kills} kills in {:.0} s, {while_on_hold} with an answer on hold, {while_asked} with one that asked; {arrived} answers \
         arrived, {withdrawn} were withdrawn, {cancelled} dropped, {doubles} came twice of {} in doubt",
        began.elapsed().as_secs_f64(),
        in_doubt.len()
    );
    assert!(while_on_hold * 4 > kills && while_asked * 4 > kills, "nothing was put to the test");
}

/// A desk that is killed so many times.
fn day(kills: usize, random: &mut Random, met: &mut Met) {
    let mut office = Office::open(|mut config| {
        "hold = \"2s\"".clone_into(&mut config.desk);
        config
    });
    let mut cases = opened(&mut office, kills * ANSWERS, random);
    for kill in 0..kills {
        for case in &cases[kill * ANSWERS..(kill + 1) * ANSWERS] {
            let text = format!("Odpowiedź na #{}.", case.ticket);
            let words = Words { text: &text, signature: ANNAS_SIGNATURE, ..Words::default() };
            office.post(ANNA, programs::ALL[random.index(programs::ALL.len())], &case.notification, &words);
        }
        std::thread::sleep(Duration::from_millis(random.between(0..400)));
        let begun = &mut cases[..(kill + 1) * ANSWERS];
        if random.per_cent(70) {
            speak(&office, begun, random);
        }
        std::thread::sleep(Duration::from_millis(random.between(0..500)));
        office.desk.kill();
        note(&office, met);
        if random.per_cent(40) {
            speak(&office, begun, random);
        }
        office.desk.start();
    }
    // Until everything is said and done.
    loop {
        office.servers.postfix_idle();
        eventually(PATIENCE, "everything decided and sent", || {
            (everything_is_taken(&office, &cases) && office.desk.nothing_to_send()).then_some(())
        });
        office.servers.postfix_idle();
        if !speak(&office, &mut cases, random) {
            break;
        }
    }
    for case in &cases {
        audit(&office, case, met);
    }
    office.end();
}

/// Tickets with Anna's notifications; half of the customers wrote again since.
fn opened(office: &mut Office, count: usize, random: &mut Random) -> Vec<Case> {
    let customer = |number: usize| format!("c{number}@example.test");
    for number in 0..count {
        let mail = Mail::new(&customer(number), RETURNS, &format!("Zwrot {number}"), "Buty są za małe.");
        smtp::send(office.servers.mx(), &customer(number), &[RETURNS], &mail.bytes());
    }
    eventually(PATIENCE, "the tickets", || (office.desk.tickets().len() == count).then_some(()));
    office.desk.settled(0);
    office.servers.postfix_idle();
    let by_ticket: BTreeMap<String, Received> =
        office.servers.inbox(ANNA.address).into_iter().map(|mail| (mail.header("X-Postroom-Ticket"), mail)).collect();
    let mut cases = Vec::new();
    for number in 0..count {
        let customer = customer(number);
        let ticket = office.desk.ticket_of(&customer);
        let asks = number % 2 == 0;
        if asks {
            let receipt = office.servers.inbox(&customer).remove(0);
            let again = Mail::new(&customer, RETURNS, &format!("Re: {}", receipt.subject()), "Jednak pasują.")
                .answering(&receipt.message_id());
            smtp::send(office.servers.mx(), &customer, &[RETURNS], &again.bytes());
        }
        let wishes: &[Wish] = if asks {
            &[Wish::Send, Wish::SendTwice, Wish::Cancel, Wish::SendThenCancel, Wish::CancelThenSend]
        } else {
            &[Wish::Nothing, Wish::Cancel]
        };
        let (notification, wish) = (by_ticket[&ticket.to_string()].clone(), *random.pick(wishes));
        cases.push(Case { customer, ticket, notification, asks, wish, said: false });
    }
    let wrote = || cases.iter().filter(|case| case.asks).all(|case| office.messages(case.ticket, "customer") == 2);
    eventually(PATIENCE, "their second mails", || wrote().then_some(()));
    cases
}

/// Anna says what she wishes about answers of hers: to the question where she was asked, else to the notification. Whether
/// there was anything to say.
fn speak(office: &Office, cases: &mut [Case], random: &mut Random) -> bool {
    let questions: BTreeMap<String, Received> = office
        .servers
        .inbox(ANNA.address)
        .into_iter()
        .filter(|mail| mail.header("X-Postroom-Reason").starts_with("held"))
        .map(|mail| (mail.header("X-Postroom-Ticket"), mail))
        .collect();
    let mut spoke = false;
    for case in cases.iter_mut().filter(|case| !case.said) {
        let answered = if case.asks { questions.get(&case.ticket.to_string()) } else { Some(&case.notification) };
        let Some(answered) = answered else { continue };
        case.said = true;
        for text in case.wish.words() {
            spoke = true;
            let words = Words { text, signature: ANNAS_SIGNATURE, ..Words::default() };
            office.post(ANNA, programs::ALL[random.index(programs::ALL.len())], answered, &words);
        }
    }
    spoke
}

/// How a kill left the desk.
fn note(office: &Office, met: &mut Met) {
    met.kills += 1;
    let database = rusqlite::Connection::open(office.desk.path("postroom.db")).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let answers = "SELECT message_id FROM outbox JOIN outgoing ON outgoing.id = outbox.outgoing WHERE kind = 'answer' AND state = ";
    met.while_on_hold += usize::from(!texts(&format!("{answers}'queued'")).is_empty());
    met.while_asked += usize::from(!texts("SELECT state FROM held_answer WHERE state = 'held'").is_empty());
    met.in_doubt.extend(texts(&format!("{answers}'uncertain'")));
}

/// Whether the desk has decided every mail that was sent to the shared mailboxes: those of customers, and Anna's.
fn everything_is_taken(office: &Office, cases: &[Case]) -> bool {
    let customers = cases.len() + cases.iter().filter(|case| case.asks).count();
    if office.desk.decided() < office.posted.get() + customers as u64 {
        return false;
    }
    let status = office.desk.status();
    let mailboxes = status["mailboxes"].as_array().unwrap();
    mailboxes.iter().all(|mailbox| mailbox["gap"] == 0 && mailbox["ledger"]["waiting"] == 0)
}

/// A customer got what the history says, and the history says what Anna wished.
fn audit(office: &Office, case: &Case, met: &mut Met) {
    let ticket = office.desk.ticket(case.ticket);
    let count = |kind: &str| ticket["events"].as_array().unwrap().iter().filter(|event| event["kind"] == kind).count();
    let (answered, withdrawn, cancelled) = (count("answered"), count("withdrawn"), count("cancelled"));
    let copies: Vec<String> = office.answers(&case.customer).iter().map(Received::message_id).collect();
    let ids: BTreeSet<&String> = copies.iter().collect();
    let what = format!("{:?} on {ticket}", case.wish);
    assert_eq!(ids.len(), answered - withdrawn, "{copies:?} reached the customer: {what}");
    match case.wish {
        Wish::Nothing | Wish::Send | Wish::SendTwice => assert_eq!(ids.len(), 1, "{what}"),
        Wish::Cancel if case.asks => assert_eq!((ids.len(), cancelled), (0, 1), "{what}"),
        Wish::Cancel | Wish::SendThenCancel | Wish::CancelThenSend => assert!(ids.len() <= 1, "{what}"),
    }
    assert_eq!(count("held"), usize::from(case.asks), "{what}");
    let doubles = copies.len() - ids.len();
    assert!(doubles <= 1 && (doubles == 0 || met.in_doubt.contains(&copies[0])), "{copies:?} came twice: {what}");
    met.doubles += doubles;
    met.arrived += ids.len();
    met.withdrawn += withdrawn;
    met.cancelled += cancelled;
    for answer in office.answers(&case.customer) {
        check_answer(&answer, Department::Returns);
        check_clean(&answer, &["pasują"]);
    }
}

//! Faults at twelve places of the dialogue: nothing is missing, and nothing is doubled but where the server took a mail and its
//! reply was lost. `POSTROOM_SMTP_DOSE=1000` sends a thousand mails a place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::liar::{Act, Liar, Tls, Whim};
use super::loop_tests::{Desk, in_state, outgoing, taken};
use crate::clock::Clock;
use crate::model::outgoing::OutgoingKind;
use crate::model::policy::{Smtp, SmtpServer};
use crate::send::Timeouts;
use crate::store::outbox::OutboxRow;

/// `lost` is the final dot of a mail that the server then does not keep, `dot` the reply to one that it keeps.
const LATER: [&str; 7] = ["MAIL", "RCPT", "DATA", "body", "lost", "dot", "QUIT"];
/// Where no mail is under way: some connections meet the fault (two greetings of ours make one), and each mail has a connection of its own.
const EARLY: [&str; 5] = ["connect", "greeting", "EHLO", "STARTTLS", "auth"];
/// Refused for good, refused for now, and the line cut before, within and after the reply.
const KINDS: usize = 5;
const REFUSED_FOR_GOOD: usize = 1;

fn dose() -> usize {
    std::env::var("POSTROOM_SMTP_DOSE").ok().and_then(|dose| dose.parse().ok()).unwrap_or(2 * KINDS)
}

/// The number of a mail in an address or a Message-ID line.
fn number(text: &str) -> Option<usize> {
    let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn fault(place: &str, number: usize) -> Act {
    let (for_now, for_good) = match place {
        "auth" => ("454 4.7.0 later", "535 5.7.8 no"),
        _ => ("451 4.3.0 later", "550 5.7.1 no"),
    };
    match (place, number % KINDS) {
        ("connect", _) | ("dot", 0 | REFUSED_FOR_GOOD) => Act::Close,
        ("greeting" | "body", 0) => Act::SayAndClose("421 4.3.2 later"),
        ("greeting" | "body", REFUSED_FOR_GOOD) => Act::SayAndClose("554 5.3.4 no"),
        (_, 0) => Act::Say(for_now),
        (_, REFUSED_FOR_GOOD) => Act::Say(for_good),
        ("body" | "lost", 4) | (_, 2) => Act::Close,
        (_, 3) => Act::RawAndClose(b"2"),
        (_, _) => Act::UsualAndClose,
    }
}

/// One fault a mail, at `place`.
fn once(place: &'static str) -> Whim {
    let state = Mutex::new((BTreeSet::new(), 0));
    Arc::new(move |step, whom| {
        if EARLY.contains(&place) && step == "dot" {
            return Some(Act::UsualAndClose);
        }
        if step != place {
            return None;
        }
        let (seen, turns) = &mut *state.lock().unwrap();
        match number(whom) {
            Some(number) if place != "QUIT" => seen.insert(number).then(|| fault(place, number)),
            Some(_) | None => {
                *turns += 1;
                (*turns % 3 == 1).then(|| fault(place, *turns / 3))
            }
        }
    })
}

async fn desk(place: &'static str) -> (Liar, Desk, SmtpServer) {
    let tls = if place == "STARTTLS" { Tls::Upgrade } else { Tls::None };
    let liar = Liar::start_whimsical(vec![], once(place), tls, "127.0.0.1").await;
    let server = if place == "auth" { liar.server_with_login() } else { liar.server() };
    let mut desk = Desk::new(Smtp::Server(server.clone()));
    // Nothing is silent here: no step ends by its limit, however slow the machine.
    let limit = Duration::from_secs(30);
    desk.timeouts =
        Timeouts { connect: limit, greeting: limit, command: limit, data: limit, dot: limit, ..desk.timeouts };
    (liar, desk, server)
}

/// What a person at the desk could do, in a hurry: has put-off mails tried again, and ends the pauses of the account.
async fn hurry(desk: &Desk, server: &SmtpServer, reconnect: bool) {
    loop {
        let now = Clock::System.now();
        let rows = desk.rows().await;
        let deferred: Vec<_> = rows.iter().filter(|row| row.state == "deferred").map(|row| row.id).collect();
        desk.store.write(move |tx| deferred.iter().try_for_each(|id| tx.outbox_retry(*id, now))).await.unwrap();
        if reconnect || rows.iter().any(|row| row.state == "queued" && row.next_at > now) {
            desk.settings.send(Smtp::Server(server.clone())).ok();
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

fn is_settled(row: &OutboxRow) -> bool {
    row.state == "failed" || (row.state == "uncertain" && row.reason.contains("no reply"))
}

/// Sends `kinds` in turn past the faults of `place`; returns what is left in the outbox and the copies by number.
async fn send_all(place: &'static str, kinds: &[OutgoingKind]) -> (BTreeMap<usize, OutboxRow>, BTreeMap<usize, usize>) {
    let (liar, desk, server) = desk(place).await;
    let mails = (0..dose()).map(|number| {
        let kind = kinds[number % kinds.len()];
        outgoing(kind, number, &[format!("kunde{number}@example.org")])
    });
    desk.queue_all(mails.collect()).await;
    let rows = tokio::select! {
        rows = desk.run(|rows| rows.iter().all(is_settled)) => rows,
        () = hurry(&desk, &server, place == "QUIT") => unreachable!(),
    };
    let left = rows.into_iter().map(|row| (number(row.message_id.as_str()).unwrap(), row)).collect();
    let mut copies = BTreeMap::new();
    for line in taken(&liar) {
        *copies.entry(number(&line).unwrap()).or_default() += 1;
    }
    (left, copies)
}

#[tokio::test]
async fn what_people_wrote_survives_every_fault_before_a_mail() {
    check_answers(&EARLY).await;
}

#[tokio::test]
async fn what_people_wrote_is_doubled_only_where_the_reply_to_a_kept_mail_was_lost() {
    check_answers(&LATER).await;
}

#[tokio::test]
async fn what_machines_wrote_survives_every_fault_before_a_mail() {
    check_machine_mails(&EARLY).await;
}

#[tokio::test]
async fn what_machines_wrote_is_never_doubled_and_what_is_missing_is_counted() {
    check_machine_mails(&LATER).await;
}

async fn check_answers(places: &[&'static str]) {
    for &place in places {
        let (left, copies) = send_all(place, &[OutgoingKind::Answer]).await;
        let mut doubled = 0;
        for number in 0..dose() {
            let copies = copies.get(&number).copied().unwrap_or(0);
            let judged = ["MAIL", "RCPT", "DATA", "body", "lost"].contains(&place);
            let refused = judged && number % KINDS == REFUSED_FOR_GOOD;
            match left.get(&number) {
                Some(row) => {
                    assert!(refused && copies == 0 && row.state == "failed", "{place} {number}: {copies} {row:?}");
                    assert!(row.reason.starts_with('5'), "{row:?}");
                }
                None => {
                    assert!((1..=if place == "dot" { 2 } else { 1 }).contains(&copies), "{place} {number}: {copies}");
                }
            }
            doubled += copies.saturating_sub(1);
        }
        println!("{place}: {} answers, {} refused for good and told, {doubled} twice", dose(), left.len());
    }
}

async fn check_machine_mails(places: &[&'static str]) {
    for &place in places {
        let (left, copies) = send_all(place, &[OutgoingKind::Acknowledgement, OutgoingKind::Notification]).await;
        for number in 0..dose() {
            let copies = copies.get(&number).copied().unwrap_or(0);
            assert!(copies <= 1, "{place} {number}: {copies} copies");
            assert!(copies == 1 || left.contains_key(&number), "{place} {number} is missing and nobody knows");
        }
        let rows: Vec<OutboxRow> = left.into_values().collect();
        let (uncertain, failed) = (in_state(&rows, "uncertain"), in_state(&rows, "failed"));
        assert!(uncertain == 0 || ["DATA", "body", "lost", "dot"].contains(&place), "{place}: {uncertain} uncertain");
        println!("{place}: {} machine mails, {failed} refused for good, {uncertain} uncertain", dose());
    }
}

#[tokio::test]
async fn one_refused_recipient_of_ten_does_not_hold_the_other_nine() {
    let refused_once = Mutex::new(BTreeSet::new());
    // Of every mail one recipient is refused, by turns for now and for good.
    let whim: Whim = Arc::new(move |step, whom| {
        let (mail, seat) = whom.strip_prefix("seat").and_then(|rest| rest.split_once("of"))?;
        let (mail, seat) = (number(mail)?, number(seat)?);
        (step == "RCPT" && seat == mail % 10).then_some(())?;
        if mail % 2 == 0 {
            return Some(Act::Say("550 5.1.1 no such user"));
        }
        refused_once.lock().unwrap().insert(mail).then_some(Act::Say("450 4.2.0 greylisted"))
    });
    let liar = Liar::start_whimsical(vec![], whim, Tls::None, "127.0.0.1").await;
    let mut desk = Desk::new(Smtp::Server(liar.server()));
    desk.timeouts = Timeouts { command: Duration::from_secs(30), dot: Duration::from_secs(30), ..desk.timeouts };
    let sends = dose().div_ceil(5);
    let mails = (0..sends).map(|mail| {
        let seats: Vec<String> = (0..10).map(|seat| format!("seat{mail}of{seat}@example.org")).collect();
        outgoing(OutgoingKind::Answer, mail, &seats)
    });
    desk.queue_all(mails.collect()).await;
    let server = liar.server();
    let rows = tokio::select! {
        rows = desk.run(|rows| rows.iter().all(is_settled)) => rows,
        () = hurry(&desk, &server, false) => unreachable!(),
    };
    assert_eq!(rows.len(), sends.div_ceil(2), "one of ten of every other mail is refused for good");
    assert!(rows.iter().all(|row| row.reason.contains("no such user")), "{rows:?}");
    for mail in 0..sends {
        let copies = taken(&liar).iter().filter(|line| number(line) == Some(mail)).count();
        assert_eq!(copies, if mail % 2 == 0 { 9 } else { 10 }, "mail {mail}");
    }
    println!("{sends} mails to ten people each, {} refused", rows.len());
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_comes_late_is_no_reason_to_send_again() {
    for seconds in [5, 60, 90, 300, 590] {
        let liar = Liar::start(vec![("dot", vec![Act::Late(seconds, "250 2.0.0 queued as 1")])]).await;
        let mut desk = Desk::new(Smtp::Server(liar.server()));
        (desk.timeouts, desk.clock) = (Timeouts::default(), Clock::simulated(Clock::System.now()));
        // Keeps tokio's clock from running ahead of the database.
        let (_hold, held) = std::sync::mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || held.recv());
        desk.queue(OutgoingKind::Answer, 0, 1).await;
        desk.queue(OutgoingKind::Acknowledgement, 1, 2).await;
        let mut waited = 0;
        let passing = async {
            while !desk.rows().await.is_empty() {
                assert!(waited <= 2 * seconds + 60, "{seconds}: {:?}", desk.rows().await);
                tokio::time::advance(Duration::from_secs(1)).await;
                desk.settle().await;
                waited += 1;
            }
        };
        tokio::select! {
            _ = desk.run(|_| false) => unreachable!(),
            () = passing => {}
        }
        assert!(waited >= seconds, "{seconds}: the reply came after {waited}");
        assert_eq!(taken(&liar).len(), 2, "{seconds}");
    }
}

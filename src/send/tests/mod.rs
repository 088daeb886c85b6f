//! One mail over one connection against a server that lies: each step refused, silent, dropped, garbled.

mod fault_tests;
pub mod liar;
mod login_tests;
mod loop_tests;
mod sasl_tests;

use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use self::liar::{Act, Liar, Script, Tls, due, short};
use super::Connection;
use super::SendError;
use crate::model::outgoing::OutgoingKind;
use crate::model::policy::SmtpServer;
use crate::store::StoreError;
use crate::store::outbox::Due;

async fn open(server: &SmtpServer) -> Result<Connection, SendError> {
    Connection::open(server, short(), CancellationToken::new()).await
}

fn mail() -> Due {
    due(1, OutgoingKind::Answer, "kunde@example.org")
}

/// What became of one mail: the word for it, whether the phase was recorded, whether the connection may be used again.
async fn fate(script: Script) -> (&'static str, bool, bool) {
    let liar = Liar::start(script).await;
    let mut connection = match open(&liar.server()).await {
        Ok(connection) => connection,
        Err(error) => return (word(&Err(error)), false, false),
    };
    let recorded = AtomicBool::new(false);
    let result = connection
        .send(&mail(), async {
            recorded.store(true, Ordering::Relaxed);
            Ok(())
        })
        .await;
    (word(&result), recorded.into_inner(), connection.is_usable())
}

fn word(result: &Result<String, SendError>) -> &'static str {
    match result {
        Ok(_) => "sent",
        Err(SendError::Temporary(_)) => "temporary",
        Err(SendError::Permanent(..)) => "permanent",
        Err(SendError::Uncertain(_)) => "uncertain",
        Err(SendError::Auth(_)) => "auth",
        Err(SendError::AuthTemporary(_)) => "auth temporary",
        Err(SendError::Connection(_)) => "connection",
        Err(SendError::Stopped) => "stopped",
        Err(SendError::Store(_)) => "store",
    }
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_with_its_dots_doubled() {
    let liar = Liar::start(vec![]).await;
    let mut connection = open(&liar.server()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(connection.send(&mail(), ready(Ok(()))).await.unwrap(), "250 2.0.0 queued as 1");
    }
    connection.quit().await;
    assert_eq!(liar.mails(), vec![b"Subject: x\r\n\r\nfirst\r\n..second\r\n".to_vec(); 3]);
    let heard = liar.heard();
    assert!(heard.contains(&"MAIL FROM:<> SIZE=30".to_owned()), "{heard:?}");
    assert_eq!(heard.iter().filter(|line| *line == "RCPT TO:<kunde@example.org>").count(), 3);
    assert_eq!(heard.last().unwrap(), "QUIT");
}

#[tokio::test]
async fn a_refusal_concerns_the_mail_and_leaves_the_connection() {
    for step in ["RCPT", "DATA", "dot"] {
        let recorded = step == "dot";
        assert_eq!(fate(vec![(step, vec![Act::Say("450 later")])]).await, ("temporary", recorded, true), "{step}");
        assert_eq!(fate(vec![(step, vec![Act::Say("550 no")])]).await, ("permanent", recorded, true), "{step}");
    }
    assert_eq!(fate(vec![("MAIL", vec![Act::Say("451 later")])]).await, ("temporary", false, true));
    assert_eq!(fate(vec![("MAIL", vec![Act::Say("550 no")])]).await, ("permanent", false, true));
    let both = vec![("RCPT", vec![Act::Say("550 no")]), ("RSET", vec![Act::Close])];
    assert_eq!(fate(both).await, ("permanent", false, false));
}

#[tokio::test]
async fn trouble_before_the_dot_is_never_uncertain() {
    for act in [Act::Close, Act::Silence, Act::Say("hello"), Act::Say("354 what"), Act::SayAndClose("421 busy")] {
        for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA"] {
            let positive = matches!(act, Act::Say("354 what"));
            if positive && matches!(step, "greeting" | "DATA") {
                continue;
            }
            assert_eq!(fate(vec![(step, vec![act.clone()])]).await, ("connection", false, false), "{step} {act:?}");
        }
    }
    assert_eq!(fate(vec![("DATA", vec![Act::Say("250 what")])]).await, ("connection", false, false));
}

#[tokio::test]
async fn a_lost_reply_after_the_dot_is_uncertain() {
    for act in [Act::Close, Act::Silence, Act::Say("hello"), Act::Say("354 what"), Act::Raw(b"250-half")] {
        assert_eq!(fate(vec![("dot", vec![act.clone()])]).await, ("uncertain", true, false), "{act:?}");
    }
    assert_eq!(fate(vec![("dot", vec![Act::SayAndClose("421 4.4.2 no")])]).await, ("temporary", true, false));
    assert_eq!(fate(vec![("dot", vec![Act::SayAndClose("250 ok")])]).await, ("sent", true, true));
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_takes_almost_ten_minutes_is_waited_for() {
    for (seconds, outcome) in [(60, "sent"), (300, "sent"), (590, "sent"), (900, "uncertain")] {
        let liar = Liar::start(vec![("dot", vec![Act::Late(seconds, "250 ok")])]).await;
        let (limits, halt) = (super::Timeouts::default(), CancellationToken::new());
        let mut connection = Connection::open(&liar.server(), limits, halt).await.unwrap();
        assert_eq!(word(&connection.send(&mail(), ready(Ok(()))).await), outcome, "{seconds}");
    }
}

#[tokio::test]
async fn a_server_that_goes_before_the_mail_is_written_cannot_have_it() {
    let liar = Liar::start(vec![("body", vec![Act::Close])]).await;
    let mut connection = open(&liar.server()).await.unwrap();
    // Too much for the socket's buffers: the write itself fails, before the dot.
    let mail = Due { bytes: b"0123456789\r\n".repeat(1_000_000), ..mail() };
    connection.features.size = None;
    assert_eq!(word(&connection.send(&mail, ready(Ok(()))).await), "temporary");
}

#[tokio::test]
async fn replies_that_break_parsers_do_not_break_us() {
    let blank = b"250-\r\n250-   \r\n250-size\r\n250 \t\r\n";
    assert_eq!(fate(vec![("EHLO", vec![Act::Raw(blank)])]).await, ("sent", true, true));
    assert_eq!(fate(vec![("RCPT", vec![Act::Raw(b"250\r\n")])]).await, ("sent", true, true));
    assert_eq!(fate(vec![("RCPT", vec![Act::Raw(b"550 \xef\xf0\r\n")])]).await, ("permanent", false, true));
    assert_eq!(fate(vec![("RCPT", vec![Act::Raw(&[b'2'; 5000])])]).await, ("connection", false, false));
}

#[tokio::test]
async fn the_dot_waits_for_the_record_and_is_not_written_without_it() {
    let liar = Liar::start(vec![]).await;
    let mut connection = open(&liar.server()).await.unwrap();
    let result = connection.send(&mail(), ready(Err(StoreError::Closed))).await;
    assert_eq!((word(&result), connection.is_usable()), ("store", false));
    drop(connection);
    assert_eq!(liar.mails(), Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn a_refused_null_sender_is_replaced_and_remembered() {
    let refused = Act::Say("553 5.7.1 <>: Sender address rejected: not owned by user desk");
    for step in ["MAIL", "RCPT"] {
        let liar = Liar::start(vec![(step, vec![refused.clone(), Act::Say("250 ok")])]).await;
        let mut connection = open(&liar.server()).await.unwrap();
        for _ in 0..2 {
            connection.send(&mail(), ready(Ok(()))).await.unwrap();
        }
        let heard = liar.heard();
        let senders: Vec<&String> = heard.iter().filter(|line| line.starts_with("MAIL")).collect();
        let own = "MAIL FROM:<info@shop.example> SIZE=30";
        assert_eq!(senders, ["MAIL FROM:<> SIZE=30", own, own], "{step}");
        assert_eq!(heard.iter().filter(|line| *line == "RSET").count(), 1);
    }
}

#[tokio::test]
async fn what_the_server_cannot_take_is_permanent_and_not_even_tried() {
    let liar = Liar::start(vec![]).await;
    let mut connection = open(&liar.server()).await.unwrap();
    let large = Due { bytes: vec![b'x'; 100_001], ..mail() };
    let eight_bit = Due { bytes: "ł\r\n".into(), ..mail() };
    for mail in [large, eight_bit, due(1, OutgoingKind::Answer, "łukasz@example.org")] {
        assert_eq!(word(&connection.send(&mail, ready(Ok(()))).await), "permanent");
    }
    assert!(connection.is_usable() && !liar.heard().iter().any(|line| line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_halt_ends_a_step_at_once() {
    for (step, outcome) in [("RCPT", "stopped"), ("dot", "uncertain")] {
        let liar = Liar::start(vec![(step, vec![Act::Silence])]).await;
        let halt = CancellationToken::new();
        let mut connection = Connection::open(&liar.server(), super::Timeouts::default(), halt.clone()).await.unwrap();
        let mail = mail();
        let waiting = async {
            let heard = if step == "dot" { 5 } else { 4 };
            while liar.heard().len() < heard || (step == "dot" && liar.mails().is_empty()) {
                tokio::task::yield_now().await;
            }
            halt.cancel();
        };
        let (result, ()) = tokio::join!(connection.send(&mail, ready(Ok(()))), waiting);
        assert_eq!(word(&result), outcome, "{step}");
    }
}

#[tokio::test]
async fn logins_by_plain_and_by_login() {
    let liar = Liar::start(vec![]).await;
    open(&liar.server_with_login()).await.unwrap();
    assert_eq!(liar.heard().last().unwrap(), "AUTH PLAIN AGRlc2sAczNjcmV0");
    let liar =
        Liar::start(vec![("EHLO", vec![Act::Say("250-x\r\n250 auth login")]), ("auth", vec![Act::Say("334 ??")])])
            .await;
    open(&liar.server_with_login()).await.unwrap();
    assert_eq!(liar.heard().split_off(2), ["AUTH LOGIN", "ZGVzaw==", "czNjcmV0"]);
}

#[tokio::test]
async fn a_refused_login_is_told_from_a_server_in_trouble() {
    let repeats = "535 no: AUTH PLAIN AGRlc2sAczNjcmV0";
    for (act, outcome) in [
        (Act::Say("535 5.7.8 no"), "auth"),
        (Act::Say(repeats), "auth"),
        (Act::Say("454 4.7.0 later"), "auth temporary"),
        (Act::SayAndClose("421 busy"), "connection"),
        (Act::Close, "connection"),
        (Act::Silence, "connection"),
    ] {
        let liar = Liar::start(vec![("auth", vec![act.clone()])]).await;
        let Err(error) = open(&liar.server_with_login()).await else { panic!("{act:?}") };
        assert!(!error.to_string().contains("czNjcmV0"), "{error}");
        assert_eq!(word(&Err(error)), outcome, "{act:?}");
    }
    let liar = Liar::start(vec![("EHLO", vec![Act::Say("250 bare")])]).await;
    assert_eq!(word(&open(&liar.server_with_login()).await.map(|_| String::new())), "auth");
}

#[tokio::test]
async fn a_password_that_is_repeated_at_any_step_is_not_shown() {
    for reply in ["550 5.7.1 you are S3CRET", "451 AUTH PLAIN AGRlc2sAczNjcmV0", "250 ok s3cret"] {
        for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"] {
            let liar = Liar::start(vec![(step, vec![Act::Say(reply)])]).await;
            let outcome = match open(&liar.server_with_login()).await {
                Ok(mut connection) => connection.send(&mail(), ready(Ok(()))).await,
                Err(error) => Err(error),
            };
            let shown = format!("{outcome:?}").to_lowercase();
            assert!(!shown.contains("s3cret") && !shown.contains("czn"), "{step}: {shown}");
        }
    }
}

#[tokio::test]
async fn tls_from_the_first_byte_and_by_starttls() {
    for tls in [Tls::Implicit, Tls::Upgrade] {
        let liar = Liar::start_tls(vec![], tls, "127.0.0.1").await;
        let mut connection = open(&liar.server_with_login()).await.unwrap();
        connection.send(&mail(), ready(Ok(()))).await.unwrap();
        connection.quit().await;
        assert_eq!(liar.mails().len(), 1, "{tls:?}");
    }
}

#[tokio::test]
async fn no_password_goes_to_a_server_without_a_good_certificate() {
    for tls in [Tls::Implicit, Tls::Upgrade] {
        let wrong_name = Liar::start_tls(vec![], tls, "elsewhere.example").await;
        let unknown = Liar::start_tls(vec![], tls, "127.0.0.1").await;
        let mut untrusting = unknown.server_with_login();
        untrusting.endpoint.ca_file = None;
        for (liar, server) in [(&wrong_name, wrong_name.server_with_login()), (&unknown, untrusting)] {
            let result = open(&server).await.map(|_| String::new());
            assert_eq!(word(&result), "connection", "{tls:?}");
            assert!(!liar.heard().iter().any(|line| line.starts_with("AUTH")), "{:?}", liar.heard());
        }
    }
}

#[tokio::test]
async fn starttls_never_falls_back() {
    for (step, act) in [
        ("EHLO", Act::Say("250-liar\r\n250 AUTH PLAIN")),
        ("STARTTLS", Act::Say("454 not now")),
        ("STARTTLS", Act::Say("220 go\r\n250 injected")),
        ("STARTTLS", Act::Close),
        ("greeting", Act::Raw(b"SSH-2.0-OpenSSH\r\n")),
    ] {
        let liar = Liar::start_tls(vec![(step, vec![act.clone()])], Tls::Upgrade, "127.0.0.1").await;
        assert_eq!(word(&open(&liar.server_with_login()).await.map(|_| String::new())), "connection", "{act:?}");
        assert!(liar.heard().iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{:?}", liar.heard());
    }
}

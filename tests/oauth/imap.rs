//! Logging in to scripted IMAP servers with a token.

use std::sync::Arc;

use data_encoding::BASE64;
use postroom::heartbeat::Heartbeat;
use postroom::intake::{ImapError, Session};
use postroom::model::oauth::{Grant, OAuth};
use postroom::model::policy::{ImapAccount, Login, Secret};

use super::scripted::{Rule, Server, always, on, say};

/// An account whose tokens are `t0`, `t1`, … one after the other.
fn account(server: &Server, dir: &std::path::Path) -> ImapAccount {
    let counter = dir.join("counter");
    let script = format!("n=$(cat {0} 2>/dev/null || echo 0); echo $((n + 1)) > {0}; echo t$n", counter.display());
    let grant = Grant::Command(["/bin/sh", "-c", &script].map(str::to_owned).to_vec());
    let source = Arc::new(OAuth::new("m365", grant));
    let login = Login { username: "info@shop.example".to_owned(), secret: Secret::Token(source) };
    ImapAccount { login, ..server.account() }
}

async fn open(account: &ImapAccount) -> Result<(), ImapError> {
    Session::open(account, &Arc::new(Heartbeat::default())).await.map(drop)
}

fn blob(token: &str) -> String {
    BASE64.encode(format!("user=info@shop.example\u{1}auth=Bearer {token}\u{1}\u{1}").as_bytes())
}

fn offers(words: &str) -> Rule {
    always("CAPABILITY", &[say(&format!("* CAPABILITY IMAP4rev1 {words}\r\nTAG OK done\r\n"))])
}

fn greets() -> Rule {
    always("greeting", &[say("* OK ready\r\n")])
}

/// The lines of one refusal: the reasons, then `NO` once they are answered.
fn refused(token: &str, answer: &str) -> [Rule; 3] {
    [
        on("AUTHENTICATE", &[say("+ \r\n")]),
        on(token, &[say("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")]),
        on(answer, &[say("P2 NO [AUTHENTICATIONFAILED] not you\r\n")]),
    ]
}

#[tokio::test]
async fn the_mechanism_is_one_that_the_server_offers_and_oauthbearer_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    for (words, name) in [
        ("AUTH=XOAUTH2", "XOAUTH2"),
        ("AUTH=OAUTHBEARER SASL-IR", "OAUTHBEARER"),
        ("AUTH=XOAUTH2 AUTH=OAUTHBEARER AUTH=PLAIN", "OAUTHBEARER"),
    ] {
        let answered = on("", &[say("P2 OK in\r\n")]);
        let server =
            Server::start(&[], vec![greets(), offers(words), on("AUTHENTICATE", &[say("+\r\n")]), answered]).await;
        let account = account(&server, dir.path());
        open(&account).await.unwrap();
        let heard = server.heard.lock().unwrap().clone();
        assert!(heard.contains(&format!("AUTHENTICATE {name}")), "{heard:?}");
        assert!(heard.iter().all(|line| !line.starts_with("LOGIN")));
        let blob = heard.iter().find_map(|line| String::from_utf8(BASE64.decode(line.as_bytes()).ok()?).ok()).unwrap();
        assert!(blob.contains("auth=Bearer t") && blob.contains("info@shop.example"), "{blob}");
        assert_eq!(blob.contains(&format!("\u{1}host=127.0.0.1\u{1}port={}\u{1}", server.port)), name == "OAUTHBEARER");
    }
}

#[tokio::test]
async fn a_server_without_tokens_hears_none() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&[], vec![offers("AUTH=PLAIN")]).await;
    let error = open(&account(&server, dir.path())).await.unwrap_err();
    assert!(matches!(error, ImapError::NoTokens) && error.to_string().contains("hint: "), "{error}");
    assert_eq!(*server.heard.lock().unwrap(), ["CAPABILITY"]);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_its_reasons_are_answered() {
    for (words, answer) in [("AUTH=XOAUTH2", ""), ("AUTH=OAUTHBEARER", "AQ==")] {
        let dir = tempfile::tempdir().unwrap();
        let token = if answer.is_empty() { blob("t0") } else { "bixh".to_owned() };
        let mut rules = vec![greets(), offers(words)];
        rules.extend(refused(&token, answer));
        rules.extend([on("AUTHENTICATE", &[say("+ \r\n")]), on("", &[say("P2 OK in\r\n")])]);
        let server = Server::start(&[], rules).await;
        open(&account(&server, dir.path())).await.unwrap();
        let heard = server.heard.lock().unwrap().clone();
        assert!(heard.contains(&answer.to_owned()), "{heard:?}");
        assert_eq!(heard.iter().filter(|line| line.starts_with("AUTHENTICATE")).count(), 2, "{heard:?}");
        assert_eq!(std::fs::read_to_string(dir.path().join("counter")).unwrap().trim(), "2", "{words}");
    }
}

#[tokio::test]
async fn two_refusals_are_a_refused_login_that_shows_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let mut rules = vec![offers("AUTH=XOAUTH2")];
    for token in ["t0", "t1"] {
        rules.extend([
            on("AUTHENTICATE", &[say("+ \r\n")]),
            on(&blob(token), &[say(&format!("P2 NO you said {}\r\n", blob(token)))]),
        ]);
    }
    let server = Server::start(&[], rules).await;
    let account = account(&server, dir.path());
    let error = open(&account).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ImapError::Login(_)), "{text}");
    assert!(text.contains("hint: the token is not accepted for `info@shop.example`"), "{text}");
    assert!(!text.contains(&blob("t1")) && !text.contains("Bearer"), "{text}");
    assert_eq!(std::fs::read_to_string(dir.path().join("counter")).unwrap().trim(), "2");
    let asked = server.heard.lock().unwrap().iter().filter(|line| line.starts_with("AUTHENTICATE")).count();
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn a_server_in_trouble_refuses_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let busy = [on("AUTHENTICATE", &[say("TAG NO [UNAVAILABLE] later\r\n")])];
    let server = Server::start(&[], std::iter::once(offers("AUTH=XOAUTH2")).chain(busy).collect()).await;
    let error = open(&account(&server, dir.path())).await.unwrap_err();
    assert!(error.is_server_trouble(), "{error}");
    assert_eq!(std::fs::read_to_string(dir.path().join("counter")).unwrap().trim(), "1", "it was not the token");
}

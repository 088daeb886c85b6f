//! Tokens with real servers: Dovecot asks an introspection endpoint about them, Postfix asks Dovecot.

use super::support::tokens::{TokenServer, token};
use super::support::*;

const INFO: &str = "info@example.test";

/// The shop: a mailbox and the way out with tokens of one account, which the stub says are of one user.
fn shop(servers: &MailServers, tokens: &TokenServer) -> DeskConfig {
    let ca = servers.ca_file();
    let with_token = |toml: &str| toml.replace("password_file = \"password\"", "oauth = \"idp\"");
    let mut config = DeskConfig::shop().submission(servers.submission(), "starttls", &ca, "password").imap(
        "info",
        "support",
        &servers.tls(&ca),
        "",
    );
    config.smtp = with_token(&config.smtp);
    config.mailboxes[0] = with_token(&config.mailboxes[0]);
    let account = format!(
        "\n[[oauth]]\nid = \"idp\"\ngrant = \"client_credentials\"\nclient_id = \"desk\"\nscope = \"mail\"\n\
         client_secret_file = \"app.secret\"\ntoken_url = \"http://127.0.0.1:{}/token\"\n",
        tokens.port
    );
    config.people += &account;
    config.files.push(("app.secret".to_owned(), "s3cret-canary\n".to_owned()));
    config
}

fn await_mails(servers: &MailServers, desk: &Desk, who: &str, to: &str, decided: u64) {
    servers.send(&Mail::new(who, to, "Hello", "I cannot log in."), who, &[to]);
    desk.settled(decided);
    servers.postfix_idle();
    servers.await_inbox(who, 1);
}

/// A mail comes in and its receipt goes out where the servers take nothing but this mechanism and passwords.
fn with_mechanisms(mechanisms: &str) {
    let tokens = TokenServer::start(&[token("tok-canary-1", 3600)]);
    let servers = MailServers::start_with_tokens(tokens.port, mechanisms);
    tokens.activate("tok-canary-1", INFO);
    let mut desk = Desk::new(&shop(&servers, &tokens));
    let online = desk.run(&["check", "--online"]);
    assert_eq!(online.code, 0, "{}{}", online.stdout, online.stderr);
    assert_eq!(tokens.requests().len(), 1, "IMAP and SMTP share the token");

    tokens.answer(&[token("tok-canary-1", 3600)]);
    desk.start();
    await_mails(&servers, &desk, "a@example.test", INFO, 1);
    assert_eq!(tokens.requests().len(), 2);

    let log = desk.log();
    assert!(!log.contains("canary"), "{log}");
    assert!(desk.stop().0.success());
}

#[test]
fn dovecot_and_postfix_take_xoauth2() {
    with_mechanisms("xoauth2");
}

#[test]
fn dovecot_and_postfix_take_oauthbearer() {
    with_mechanisms("oauthbearer");
}

#[test]
fn a_withdrawn_token_is_replaced_and_an_expired_secret_is_shown_with_what_to_do() {
    let tokens = TokenServer::start(&[token("tok-canary-1", 3600), token("tok-canary-2", 3600)]);
    let mut servers = MailServers::start_with_tokens(tokens.port, "xoauth2 oauthbearer");
    tokens.activate("tok-canary-1", INFO);
    let mut desk = Desk::new(&shop(&servers, &tokens));
    desk.start();
    await_mails(&servers, &desk, "a@example.test", INFO, 1);

    tokens.withdraw_all();
    tokens.activate("tok-canary-2", INFO);
    servers.stop_dovecot();
    eventually(PATIENCE, "the connection breaks", || desk.status()["mailboxes"][0]["error"].as_str().map(drop));
    servers.restart_dovecot();
    await_mails(&servers, &desk, "b@example.test", INFO, 2);
    assert_eq!(tokens.requests().len(), 2, "{:?}", tokens.requests());

    tokens.withdraw_all();
    tokens.answer(&vec![tokens::refusal("invalid_client"); 50]);
    desk.daemon().signal("HUP");
    let error = eventually(PATIENCE, "the expired secret in `status`", || {
        let error = desk.status()["mailboxes"][0]["error"].as_str()?.to_owned();
        error.contains("invalid_client").then_some(error)
    });
    assert!(error.contains("hint: the client secret has expired"), "{error}");
    let log = desk.log();
    assert!(log.contains("invalid_client") && !log.contains("canary"), "{log}");
}

#[test]
fn trouble_with_a_token_is_shown_while_the_connection_stands() {
    let tokens = TokenServer::start(&[token("tok-canary-1", 20)]);
    tokens.answer(&vec![tokens::refusal("invalid_client"); 50]);
    let servers = MailServers::start_with_tokens(tokens.port, "xoauth2");
    tokens.activate("tok-canary-1", INFO);
    let mut config = shop(&servers, &tokens);
    config.mailboxes[0].push_str("poll = \"1s\"\n");
    let mut desk = Desk::new(&config);
    desk.start();
    for (beginning, words) in [("a new token could not be had", "and the old one ends"), ("oauth `idp`", "refuses")] {
        eventually(PATIENCE * 2, words, || {
            let status = desk.status();
            let mailbox = &status["mailboxes"][0];
            let error = mailbox["error"].as_str().unwrap_or_default();
            let told = error.starts_with(beginning)
                && error.contains(words)
                && error.contains("hint: the client secret has expired");
            (told && mailbox["connected"] == true).then_some(())
        });
    }
    let log = desk.log();
    assert!(log.contains("the old one ends") && !log.contains("canary"), "{log}");
}

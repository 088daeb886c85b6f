//! Rules of servers, passwords and what is read from other files.

use secrecy::ExposeSecret as _;

use super::*;
use crate::model::policy::{Secret, Security, Smtp, Source as MailSource};

fn imap(rest: &str) -> String {
    small().replace("maildir = \"m\"", &format!("imap = {{ host = \"imap.shop.example\", username = \"info\"{rest} }}"))
}

#[test]
fn an_imap_account_gets_port_and_password() {
    for (rest, port, security) in [
        (", password_file = \"pw\"", 993, Security::Tls),
        (", password_file = \"pw\", security = \"starttls\"", 143, Security::StartTls),
        (", password_file = \"pw\", port = 10143", 10143, Security::Tls),
    ] {
        let policy = policy(&imap(rest));
        let MailSource::Imap(account) = &policy.mailboxes[0].source else { panic!("no imap") };
        assert_eq!((account.endpoint.port, account.endpoint.security), (port, security));
        let Secret::Password(password) = &account.login.secret else { panic!("no password") };
        assert_eq!(password.expose_secret(), "hunter2");
    }
}

#[test]
fn a_relay_that_replaces_message_ids_is_pointed_out_where_there_are_no_plus_parts() {
    let server = "host = \"email-smtp.eu-west-1.amazonaws.com\"\nusername = \"u\"\npassword_file = \"pw\"";
    let relay = small().replace("directory = \"out\"", server);
    assert_ne!(relay, small());
    let bare = |text: &str| text.replace("maildir = \"m\"", "maildir = \"m\"\nsubaddress = \"\"");
    let told = "`email-smtp.eu-west-1.amazonaws.com` replaces our Message-IDs, and this mailbox has no plus parts";
    check_messages(&bare(&relay), &[told]);
    check_messages(&relay, &[]);
    check_messages(&bare(&small()), &[]);
}

#[test]
fn many_mailboxes_of_one_user_are_pointed_out() {
    let text = imap(", password_file = \"pw\"");
    let (head, rest) = text.split_once("[[mailbox]]").unwrap();
    let (table, tail) = rest.split_once("[[agent]]").unwrap();
    let of = |host: &str, count: usize| -> String {
        let one = |number: usize| {
            let own = table.replace("id = \"info\"", &format!("id = \"m{number}\""));
            let own = own.replace("info@shop.example", &format!("m{number}@shop.example"));
            let own = if number == 0 { own } else { own.replace("imap.shop.example", host) };
            format!("[[mailbox]]{own}")
        };
        format!("{head}{}[[agent]]{tail}", (0..count).map(one).collect::<String>())
    };
    let same = |one: &str, two: &str| format!("the mailboxes `{one}` and `{two}` watch the same account");
    check_messages(&of("imap.shop.example", 2), &[&same("m0", "m1")]);
    let more = "more than 2 connections are kept by `info`";
    check_messages(&of("IMAP.shop.example", 4), &[&same("m0", "m1"), more, &same("m0", "m2"), &same("m0", "m3")]);
    check_messages(&of("imap2.shop.example", 3), &[&same("m1", "m2")]);
    let mirrored = of("imap.shop.example", 2).replacen("[[mailbox]]", "[[mailbox]]\nmirror = {}", 1);
    check_messages(&mirrored, &[more, &same("m0", "m1")]);
}

#[test]
fn a_password_comes_from_exactly_one_place() {
    for (rest, message) in [
        ("", "a `username`, but no password for it"),
        (
            ", password_file = \"pw\", password_command = \"x\"",
            "`password_file`, `password_command` exclude each other",
        ),
        (", password_file = \"gone\"", "cannot read `DIR/gone`: no such file"),
        (", password_command = []", "`password_command` names no program"),
        (", password_credential = \"imap\"", "cannot read `DIR/credentials/imap`: no such file"),
        (", password_credential = \"../x\"", "`../x` is no name of a credential"),
        (", oauth = \"m365\"", "unknown OAuth2 account `m365`"),
    ] {
        check_messages(&imap(rest), &[message]);
    }
    let policy = policy(&imap(", password_command = \"pass show mail\""));
    let MailSource::Imap(account) = &policy.mailboxes[0].source else { panic!("no imap") };
    assert!(matches!(&account.login.secret, Secret::Command(words) if words == &["sh", "-c", "pass show mail"]));
}

#[test]
fn secrets_that_others_can_read_are_refused() {
    let desk = Desk::new();
    desk.file("empty", "\n", 0o600);
    desk.file("open", "x", 0o604);
    desk.file("group", "x", 0o640);
    for (file, expected) in [
        ("empty", "error: `DIR/empty` is empty"),
        ("open", "error: `DIR/open` can be read by everybody"),
        ("group", "warning: `DIR/group` can be read by its group"),
    ] {
        let shown = desk.findings(&imap(&format!(", password_file = \"{file}\"")));
        assert!(shown.starts_with(expected), "{shown}");
        assert!(!shown.contains("\n\n"), "one finding: {shown}");
    }
    let shown = desk.findings(&with("[desk]", "secret_file = \"open\""));
    assert!(shown.starts_with("error: `DIR/open` can be read by everybody"), "{shown}");
}

#[test]
fn an_oauth_account_stands_for_a_password_in_both_directions() {
    let oauth = "[[oauth]]\nid = \"m365\"\ngrant = \"command\"\ncommand = [\"/bin/token\"]\n";
    check_messages(&(small() + oauth), &[]);
    let sending = "host = \"mail.example\"\nusername = \"desk\"\noauth = \"m365\"";
    let text = imap(", oauth = \"m365\"").replace("directory = \"out\"", sending) + oauth;
    let policy = policy(&text);
    let MailSource::Imap(account) = &policy.mailboxes[0].source else { panic!("no imap") };
    let Smtp::Server(server) = &policy.smtp else { panic!("no server") };
    let (Secret::Token(one), Some(Secret::Token(other))) =
        (&account.login.secret, server.login.as_ref().map(|login| &login.secret))
    else {
        panic!("no token")
    };
    assert!(std::sync::Arc::ptr_eq(one, other), "one account asks once");
    let both = imap(", oauth = \"m365\", password_file = \"pw\"") + oauth;
    check_messages(&both, &["`oauth` and `password_file` exclude each other"]);
    let nameless = small().replace("directory = \"out\"", "host = \"mail.example\"\noauth = \"m365\"") + oauth;
    check_messages(&nameless, &["`[smtp]` has no `username`"]);
    let line = oauth.replace("[\"/bin/token\"]", "\"/bin/token | head\"");
    check_messages(&(small() + &line), &["`command` must be a list of words: no shell reads it"]);
    check_messages(
        &(small() + oauth + "[[oauth]]\nid = \"m365\"\ngrant = \"refresh_token\"\n"),
        &[
            "`[[oauth]]` has no `token_url`",
            "`[[oauth]]` has no `client_id`",
            "`[[oauth]]` has no `refresh_token_file`",
            "two OAuth2 accounts have the id `m365`",
        ],
    );
}

#[test]
fn secrets_go_to_a_token_server_over_https_alone() {
    let with = |url: &str| {
        small()
            + &format!(
                "[[oauth]]\nid = \"m365\"\ngrant = \"client_credentials\"\ntoken_url = \"{url}\"\nclient_id = \"app\"\n\
                 client_secret_file = \"pw\"\nscope = \"mail\"\n"
            )
    };
    for url in ["https://login.example/t?x=1", "http://127.0.0.1:8080/t", "http://localhost/t", "http://[::1]:80/t"] {
        check_messages(&with(url), &[]);
    }
    for (url, message) in [
        ("http://login.example/t", "`token_url` would send secrets to `login.example` in the clear"),
        ("http://127.0.0.1.evil.example/t", "`token_url` would send secrets to `127.0.0.1.evil.example` in the clear"),
        ("ftp://login.example/t", "`token_url` must begin with `https://`"),
        ("login.example/t", "`token_url` is no address of a server"),
        ("https://user:hunter3@login.example/t", "`token_url` must have no user name, no password and no `#`"),
    ] {
        check_messages(&with(url), &[message]);
    }
}

#[test]
fn only_loopback_servers_may_go_without_tls() {
    let smtp = |host: &str| small().replace("directory = \"out\"", &format!("host = \"{host}\"\nsecurity = \"none\""));
    for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1"] {
        let Smtp::Server(server) = policy(&smtp(host)).smtp else { panic!("no server") };
        assert_eq!((server.endpoint.port, server.login.is_none()), (25, true));
    }
    for host in ["mail.shop.example", "10.0.0.1", "127.0.0.1.evil.example"] {
        check_messages(&smtp(host), &[&format!("`security = \"none\"` would send passwords to `{host}` in the clear")]);
    }
}

#[test]
fn hosts_are_names_and_ports_fit_their_security() {
    let smtp = |rest: &str| small().replace("directory = \"out\"", rest);
    for (rest, message) in [
        ("host = \"smtps://mail.example\"", "`smtps://mail.example` is no host name"),
        ("host = \"mail.example:587\"", "`mail.example:587` is no host name"),
        ("host = \"mail.example\"\nport = 0", "`port` is out of range"),
        (
            "host = \"mail.example\"\nport = 465\nsecurity = \"starttls\"",
            "port 465 expects TLS from the first byte almost everywhere",
        ),
        ("host = \"mail.example\"\ndirectory = \"out\"", "`host` and `directory` exclude each other"),
        ("host = \"mail.example\"\npassword_file = \"pw\"", "`password_file`, but no `username` for it"),
        ("directory = \"out\"\nport = 25", "`port` does nothing beside `directory`"),
        ("port = 25", "`[smtp]` has no `host`"),
    ] {
        check_messages(&smtp(rest), &[message]);
    }
}

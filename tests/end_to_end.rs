//! The whole main job through real servers.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use support::*;

/// servers work
#[test]
fn the_test_servers_pass_mail_from_postfix_to_dovecot() {
    let servers = MailServers::start();
    let mail = Mail::new("Kasia <kasia@example.test>", "info@example.test", "zażółć", "gęślą").charset("iso-8859-2");
    servers.send(&mail, "kasia@example.test", &["info+12.x@example.test"]);
    let got = servers.await_inbox("info@example.test", 1);
    servers.postfix_idle();
    eprintln!("{}", String::from_utf8_lossy(&got[0].raw));
    assert_eq!(got[0].subject(), "zażółć");
    assert_eq!(got[0].text().trim(), "gęślą");
}

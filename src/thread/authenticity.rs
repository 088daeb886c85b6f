//! Whether our own mail server vouches for a sender's domain.
//!
//! Anybody can write `Authentication-Results`. The only one that counts is the topmost that bears our server's name
//! (RFC 8601 §5: a server removes what others wrote in its name and puts its own on top), and only when no other
//! organisation's server stands above it: what is below a foreign `Received` came with the mail.

use crate::model::address::Address;
use crate::model::mail::{AuthenticationResults, ParsedMail};
use crate::model::policy::Policy;
use crate::model::provider::is_public;
use crate::model::ticket::SenderVerdict;

/// Whether `one` and `other` are of one organisation's domain, as far as a domain can say that.
pub(super) fn share_a_domain(one: &Address, other: &Address) -> bool {
    one.domain() == other.domain() && !is_public(one.domain())
}

/// Whether our own server found that the mail comes from the domain that its From names (DMARC, RFC 7489).
pub fn is_verified(mail: &ParsedMail, policy: &Policy) -> bool {
    verdict(mail, policy) == SenderVerdict::Verified
}

/// What our own server found out about the author of a mail. Only its topmost result can be a pass; a failure in any that it
/// may have written is one, as nobody forges that to be believed.
pub fn verdict(mail: &ParsedMail, policy: &Policy) -> SenderVerdict {
    let Some(ours) = policy.desk.authserv_id.as_deref() else { return SenderVerdict::Unknown };
    let near = |results: &&AuthenticationResults| results.received_by.iter().all(|host| is_of(host, ours));
    let mut own = mail.authentication.iter().filter(|results| results.authserv_id.eq_ignore_ascii_case(ours));
    let author = mail.from.as_ref().filter(|_| !mail.has_co_authors);
    let domain = author.map(|from| from.address.domain().to_lowercase());
    let top = own.clone().next().filter(near);
    if domain.is_some() && top.is_some_and(|top| top.dmarc_pass == domain) {
        return SenderVerdict::Verified;
    }
    if own.any(|results| results.dmarc_fail && near(&results)) { SenderVerdict::Failed } else { SenderVerdict::Unknown }
}

/// Whether a server that wrote `Received` belongs to the organisation of `ours`: the same host, a neighbour of it, or one
/// that has no public name at all (`by localhost`, an address, LMTP inside the house).
fn is_of(host: &str, ours: &str) -> bool {
    let parent = ours.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.')).unwrap_or(ours);
    let within = |domain: &str| host.strip_suffix(domain).is_some_and(|left| left.is_empty() || left.ends_with('.'));
    let nameless = !host.contains('.') || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    nameless || within(ours) || within(parent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{address, person, policy};

    fn checks(results: &[(&str, Option<&str>, &[&str])]) -> bool {
        let mut policy = policy();
        policy.desk.authserv_id = Some("mx.shop.example".to_owned());
        let results = results.iter().map(|(id, pass, hosts)| AuthenticationResults {
            authserv_id: (*id).to_owned(),
            dmarc_pass: pass.map(str::to_owned),
            dmarc_fail: false,
            received_by: hosts.iter().map(|host| (*host).to_owned()).collect(),
        });
        let mail = ParsedMail {
            from: Some(person("", "Ewa@Client.example")),
            authentication: results.collect(),
            ..ParsedMail::default()
        };
        is_verified(&mail, &policy)
    }

    const PASS: Option<&str> = Some("client.example");

    #[test]
    fn the_topmost_result_of_our_own_server_counts() {
        assert!(checks(&[("mx.shop.example", PASS, &[])]));
        assert!(checks(&[(
            "mx.shop.example",
            PASS,
            &["imap.shop.example", "localhost", "127.0.0.1", "mx.shop.example"]
        )]));
        assert!(checks(&[("mx.else.example", None, &[]), ("mx.shop.example", PASS, &["mx.shop.example"])]));
    }

    #[test]
    fn forged_results_never_count() {
        let foreign: &[&str] = &["mx.shop.example", "relay.evil.example"];
        for forged in [
            &[("mx.shop.example", PASS, foreign)][..],
            &[("mx.shop.example", None, &["mx.shop.example"]), ("mx.shop.example", PASS, &["mx.shop.example"])],
            &[("mx.shop.example", None, &[]), ("mx.shop.example", PASS, foreign)],
            &[("mx.evil.example", PASS, &[])],
            &[("shop.example", PASS, &[])],
            &[("mx.shop.example", Some("evil.example"), &[])],
            &[("mx.shop.example", PASS, &["mx.shop.example.evil.example"])],
            &[("mx.shop.example", PASS, &["evilshop.example"])],
            &[],
        ] {
            assert!(!checks(forged), "{forged:?}");
        }
    }

    #[test]
    fn a_failure_of_our_own_server_counts_below_a_silent_result_and_a_foreign_one_never() {
        let judged = |results: &[(&str, bool, &[&str])]| {
            let mut policy = policy();
            policy.desk.authserv_id = Some("mx.shop.example".to_owned());
            let results = results.iter().map(|(id, fails, hosts)| AuthenticationResults {
                authserv_id: (*id).to_owned(),
                dmarc_pass: None,
                dmarc_fail: *fails,
                received_by: hosts.iter().map(|host| (*host).to_owned()).collect(),
            });
            let from = Some(person("", "ewa@client.example"));
            verdict(&ParsedMail { from, authentication: results.collect(), ..ParsedMail::default() }, &policy)
        };
        assert_eq!(judged(&[("mx.shop.example", true, &["mx.shop.example"])]), SenderVerdict::Failed);
        assert_eq!(judged(&[("mx.shop.example", false, &[]), ("mx.shop.example", true, &[])]), SenderVerdict::Failed);
        for foreign in [
            &[("mx.evil.example", true, &[] as &[&str])][..],
            &[("mx.shop.example", true, &["relay.evil.example"])],
            &[("mx.shop.example", false, &[])],
        ] {
            assert_eq!(judged(foreign), SenderVerdict::Unknown, "{foreign:?}");
        }
    }

    #[test]
    fn without_the_name_of_our_server_nothing_is_believed() {
        let mut mail = ParsedMail { from: Some(person("", "ewa@client.example")), ..ParsedMail::default() };
        let results = AuthenticationResults {
            authserv_id: String::new(),
            dmarc_pass: PASS.map(str::to_owned),
            dmarc_fail: false,
            received_by: vec![],
        };
        mail.authentication = vec![results];
        assert!(!is_verified(&mail, &policy()));
    }

    #[test]
    fn neighbours_at_a_public_provider_are_strangers() {
        assert!(share_a_domain(&address("a@client.example"), &address("b@Client.EXAMPLE")));
        assert!(!share_a_domain(&address("a@gmail.com"), &address("b@gmail.com")));
        assert!(!share_a_domain(&address("a@WP.pl"), &address("b@wp.pl")));
        assert!(!share_a_domain(&address("a@client.example"), &address("a@mail.client.example")));
    }
}

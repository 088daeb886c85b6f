//! `Authentication-Results` (RFC 8601): what servers on the way say about the sender, and between which servers they say it.
//!
//! Reads only; anybody can write such a header, so whether one counts is decided where the config is known.

use crate::model::address::domain_name;
use crate::model::mail::AuthenticationResults;
use crate::parse::mime::fields::{Fields, unfold};

/// Headers of this name that are read, from the top.
const MAX_RESULTS: usize = 20;
/// Received headers that are remembered above one.
const MAX_RECEIVED: usize = 100;
/// Bytes of one header that are read.
const MAX_LEN: usize = 8 * 1024;

/// The results in the order of the headers. None is a pass when From is not exactly one: DMARC speaks of one author.
pub fn read(fields: &Fields<'_>) -> Vec<AuthenticationResults> {
    let mut found = Vec::new();
    let mut received_by: Vec<String> = Vec::new();
    for field in fields.iter() {
        if field.name.eq_ignore_ascii_case(b"Received") {
            if received_by.len() < MAX_RECEIVED {
                received_by.push(by(&bare(&unfold(field.value))));
            }
        } else if field.name.eq_ignore_ascii_case(b"Authentication-Results") && found.len() < MAX_RESULTS {
            found.extend(results(&tight(&bare(&unfold(field.value))), &received_by));
        }
    }
    if fields.all("From").count() != 1 {
        for results in &mut found {
            results.dmarc_pass = None;
        }
    }
    found
}

fn results(text: &str, received_by: &[String]) -> Option<AuthenticationResults> {
    let mut clauses = text.split(';');
    let authserv_id = clauses.next()?.split_whitespace().next()?.trim_end_matches('.').to_lowercase();
    let verdicts: Vec<Vec<&str>> =
        clauses.map(|clause| clause.split_whitespace().collect::<Vec<_>>()).filter(is_dmarc).collect();
    // A server that contradicts itself has proved nothing.
    let dmarc_pass = match verdicts.as_slice() {
        [verdict] => passed(verdict),
        _ => None,
    };
    let dmarc_fail =
        verdicts.iter().any(|verdict| result(verdict).is_some_and(|word| word.eq_ignore_ascii_case("fail")));
    Some(AuthenticationResults { authserv_id, dmarc_pass, dmarc_fail, received_by: received_by.to_vec() })
}

/// Without the blanks that may stand around `=` and `/` (RFC 8601, section 2.2).
fn tight(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let joins = |c: Option<char>| matches!(c, Some('=' | '/'));
        if !out.is_empty() && !joins(out.chars().next_back()) && !joins(word.chars().next()) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What stands behind `dmarc=`.
fn result<'w>(words: &[&'w str]) -> Option<&'w str> {
    words.first()?.split_once('=').map(|(_, verdict)| verdict)
}

fn is_dmarc(words: &Vec<&str>) -> bool {
    words.first().and_then(|word| word.split_once('=')).is_some_and(|(method, _)| {
        let method = method.split('/').next().unwrap_or_default();
        method.eq_ignore_ascii_case("dmarc")
    })
}

/// The domain of `dmarc=pass … header.from=client.example`.
fn passed(words: &[&str]) -> Option<String> {
    if !result(words)?.eq_ignore_ascii_case("pass") {
        return None;
    }
    let properties = words.iter().skip(1).filter_map(|word| word.split_once('='));
    let mut domains = properties.filter(|(name, _)| name.eq_ignore_ascii_case("header.from")).map(|(_, value)| value);
    let domain = domains.next()?;
    if domains.next().is_some() {
        return None;
    }
    domain_name(domain.rsplit('@').next().unwrap_or(domain).trim_end_matches('.'))
}

/// The host after `by` in a Received header without comments; empty when there is none.
fn by(text: &str) -> String {
    let mut words = text.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty());
    words.find(|word| word.eq_ignore_ascii_case("by"));
    words.next().unwrap_or_default().trim_end_matches('.').to_lowercase()
}

/// Without comments, which nest, and with what stands in quotes as one word: neither can pass for a result.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_LEN));
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in text.chars().take(MAX_LEN) {
        if escaped {
            escaped = false;
            if quoted && depth == 0 {
                out.push(word_char(c));
            }
            continue;
        }
        match c {
            '\\' if quoted || depth > 0 => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => {
                depth += 1;
                out.push(' ');
            }
            ')' if !quoted && depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            _ if quoted => out.push(word_char(c)),
            _ => out.push(c),
        }
    }
    out
}

/// Blanks, `;` and `=` inside quotes separate nothing.
fn word_char(c: char) -> char {
    if c.is_whitespace() || c == ';' || c == '=' { '_' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &str) -> Vec<AuthenticationResults> {
        let mail = format!("{headers}\nFrom: a@client.example\n\nbody\n");
        let (fields, _) = Fields::scan(mail.as_bytes(), &mut Vec::new());
        read(&fields)
    }

    fn verdict(results: &str) -> Option<String> {
        of(&format!("Authentication-Results: mx.shop.example{results}")).remove(0).dmarc_pass
    }

    #[test]
    fn a_pass_names_the_domain_of_from() {
        let passes = [
            "; dmarc=pass header.from=client.example",
            " 1; spf=pass smtp.mailfrom=x.example; dmarc=pass (p=NONE) header.from=Client.Example.",
            ";\n dkim=pass header.d=y;\n DMARC/1=Pass\n (p=reject; sp=none) header.from=client.example",
            "; dmarc / 1 = pass (x) header.from = client.example",
        ];
        for pass in passes {
            assert_eq!(verdict(pass).as_deref(), Some("client.example"), "{pass}");
        }
    }

    #[test]
    fn what_is_no_pass_is_none_however_it_is_dressed() {
        for text in [
            "; dmarc=fail header.from=client.example",
            "; dmarc=fail (dmarc=pass header.from=client.example) header.from=client.example",
            "; dmarc=fail reason=\"x; dmarc=pass header.from=client.example\" header.from=client.example",
            "; dmarc=fail ((a) ; dmarc=pass header.from=client.example",
            "; dmarc=pass",
            "; dmarc=pass header.from=a.example header.from=client.example",
            "; dmarc=fail header.from=client.example; dmarc=pass header.from=client.example",
            "; dkim=pass header.d=client.example",
            "; none",
            "",
        ] {
            assert_eq!(verdict(text), None, "{text}");
        }
    }

    #[test]
    fn a_failure_is_known_however_it_is_written_and_whatever_stands_beside_it() {
        let fails = |text: &str| of(&format!("Authentication-Results: mx.shop.example{text}")).remove(0).dmarc_fail;
        for text in [
            "; dmarc=fail header.from=client.example",
            "; DMARC=Fail",
            ";\n dmarc = fail (p=reject)",
            "; dmarc(comment)/1=fail",
            "; spf=pass; dkim=pass; dmarc=fail action=none",
            "; dmarc=pass header.from=client.example; dmarc=fail header.from=client.example",
        ] {
            assert!(fails(text), "{text}");
        }
        for text in [
            "; dmarc=pass header.from=client.example",
            "; dmarc=none",
            "; dmarc=temperror",
            "; dmarc=permerror (dmarc=fail)",
            "; spf=fail; dkim=fail",
            "; dmarc=bestguesspass reason=\"; dmarc=fail\"",
            "; none",
        ] {
            assert!(!fails(text), "{text}");
        }
    }

    #[test]
    fn each_result_knows_the_servers_above_it() {
        let found = of(
            "Received: from x by mx.shop.example (Postfix) with LMTP id 1; Mon\nAuthentication-Results: one; none\n\
             Received: from (by nobody) y\n by Relay.Else.example.; Tue\nAuthentication-Results: two; none",
        );
        let above: Vec<(&str, Vec<&str>)> = found
            .iter()
            .map(|found| (found.authserv_id.as_str(), found.received_by.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(above, [("one", vec!["mx.shop.example"]), ("two", vec!["mx.shop.example", "relay.else.example"])]);
    }

    #[test]
    fn two_authors_prove_none() {
        let found = of("From: b@evil.example\nAuthentication-Results: m; dmarc=pass header.from=client.example");
        assert_eq!(found.first().and_then(|results| results.dmarc_pass.as_deref()), None);
    }
}

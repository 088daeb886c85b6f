//! What a token endpoint or a command answers, read with distrust.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::fault::Fault;

/// Octets of a token; real ones have up to some 4,000.
const MAX_TOKEN: usize = 16 << 10;
/// Longest life that is believed.
const MAX_LIFE: u64 = 30 * 24 * 3600;

/// A token and what came with it.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) access_token: SecretString,
    pub(super) expires_in: Option<Duration>,
    pub(super) refresh_token: Option<SecretString>,
}

/// Life of a token whose server does not tell (RFC 6749 §5.1 only recommends it).
const USUAL_LIFE: Duration = Duration::from_hours(1);

/// Reads the answer of a token endpoint to a request that held these secrets.
pub(super) fn read(status: u16, body: &[u8], secrets: &[&SecretString]) -> Result<Reply, Fault> {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let text = |key: &str| json.as_ref().and_then(|json| json.get(key)).and_then(Value::as_str).unwrap_or_default();
    if status != 200 || !text("error").is_empty() {
        return Err(Fault::refusal(status, text("error"), text("error_description"), secrets));
    }
    let Some(json) = &json else {
        let hint = "check `token_url`: it must be the address for tokens, not a page for people";
        return Err(Fault::passing("the token server's answer is no JSON", hint));
    };
    let mut reply = of_json(json)?;
    reply.expires_in.get_or_insert(USUAL_LIFE);
    Ok(reply)
}

/// Reads what a command printed: a bare token, or JSON with `access_token` and `expires_in`.
pub(super) fn read_printed(printed: &[u8]) -> Result<Reply, Fault> {
    let hint = "it must print a token, or JSON with `access_token` and `expires_in`, and nothing else";
    let Ok(text) = std::str::from_utf8(printed) else {
        return Err(Fault::passing("the command printed no text", hint));
    };
    let text = text.trim();
    if text.starts_with('{') {
        let json: Value =
            serde_json::from_str(text).map_err(|_| Fault::passing("the command printed broken JSON", hint))?;
        let mut reply = of_json(&json)?;
        reply.refresh_token = None;
        return Ok(reply);
    }
    match token(text) {
        Some(access_token) => Ok(Reply { access_token, expires_in: None, refresh_token: None }),
        None => Err(Fault::passing("the command printed no token", hint)),
    }
}

fn of_json(json: &Value) -> Result<Reply, Fault> {
    let access_token = json.get("access_token").and_then(Value::as_str).and_then(token).ok_or_else(|| {
        Fault::passing("the answer holds no `access_token` that can be used", "check `token_url` and `scope`")
    })?;
    let kind = json.get("token_type").and_then(Value::as_str).unwrap_or("Bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(Fault::permanent("the token is no bearer token", "ask the provider for bearer tokens"));
    }
    // Some servers write the number as text.
    let seconds = json.get("expires_in").and_then(|value| {
        let whole = |value: f64| value.is_finite().then_some(value.clamp(0.0, 1e9));
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).or_else(|| {
            // Whole seconds are enough.
            whole(value.as_f64()?).and_then(|seconds| format!("{seconds:.0}").parse().ok())
        })
    });
    let expires_in = seconds.map(|seconds| Duration::from_secs(seconds.min(MAX_LIFE)));
    let refresh_token = json.get("refresh_token").and_then(Value::as_str).and_then(token);
    Ok(Reply { access_token, expires_in, refresh_token })
}

/// A token: visible ASCII (RFC 6749 appendix A.12), for it is to stand in a header.
pub(super) fn token(text: &str) -> Option<SecretString> {
    let good = !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic());
    good.then(|| SecretString::from(text))
}

/// Whether two secrets are the same.
pub(super) fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_bare_or_as_json() {
        let read = |text: &str| {
            let reply = read_printed(text.as_bytes()).unwrap();
            (reply.access_token.expose_secret().to_owned(), reply.expires_in.map(|life| life.as_secs()))
        };
        assert_eq!(read("abc.def-1\n"), ("abc.def-1".to_owned(), None));
        assert_eq!(read(r#"{"access_token": "abc", "expires_in": 60}"#), ("abc".to_owned(), Some(60)));
        assert_eq!(read(r#"{"access_token": "abc", "expires_in": "60"}"#), ("abc".to_owned(), Some(60)));
        assert_eq!(read(r#"{"access_token": "abc", "expires_in": 59.9}"#), ("abc".to_owned(), Some(60)));
        assert_eq!(read(r#"{"access_token": "abc", "expires_in": 1e300}"#), ("abc".to_owned(), Some(MAX_LIFE)));
        assert_eq!(read(r#"{"access_token": "abc", "expires_in": -5}"#), ("abc".to_owned(), Some(0)));
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_token() {
        let long = "x".repeat(MAX_TOKEN + 1);
        for text in ["", "  ", "two words", "two\nlines", "zażółć", "a\u{1}b", "{", r#"{"access_token": 5}"#, &long]
        {
            let fault = read_printed(text.as_bytes()).unwrap_err();
            assert!(text.len() < 4 || !fault.text.contains(text), "{}", fault.text);
        }
        assert!(read_printed(b"\xff\xfe").is_err());
        let mac = br#"{"access_token": "abc", "token_type": "mac"}"#;
        assert!(read(200, mac, &[]).unwrap_err().permanent);
    }

    #[test]
    fn refusals_say_what_to_do_and_hide_secrets() {
        let secret = SecretString::from("hunter2+/=");
        for (code, permanent, hint) in [
            ("invalid_client", true, "make a new one at the provider"),
            ("invalid_grant", true, "give it again"),
            ("invalid_scope", true, "check `scope`"),
            ("temporarily_unavailable", false, "unless it lasts"),
            ("something_new", false, "check `token_url`"),
        ] {
            let body = format!(r#"{{"error": "{code}", "error_description": "AADSTS7000222: expired.\r\nTrace"}}"#);
            let fault = read(400, body.as_bytes(), &[&secret]).unwrap_err();
            assert!(fault.text.contains(&format!("`{code}` (AADSTS7000222: expired. Trace)")), "{}", fault.text);
            assert!(fault.hint.contains(hint), "{code}: {}", fault.hint);
            assert_eq!(fault.permanent, permanent, "{code}");
        }
        for echo in ["you sent hunter2+/=", "you sent client_secret=hunter2%2B%2F%3D&x"] {
            let body = format!(r#"{{"error": "invalid_client", "error_description": "{echo}"}}"#);
            let fault = read(401, body.as_bytes(), &[&secret]).unwrap_err();
            assert_eq!(fault.text, "the token server refuses: `invalid_client`");
        }
        assert!(read(302, b"", &[]).unwrap_err().hint.contains("redirects are not followed"));
        assert!(read(200, b"<html>", &[]).unwrap_err().text.contains("no JSON"));
        assert!(!read(503, br#"{"error": "invalid_client"}"#, &[]).unwrap_err().permanent);
    }
}

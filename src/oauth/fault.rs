//! What may go wrong on the way to a token, in words that say what to do.
//!
//! Never repeats a server's words when they hold a secret.

use secrecy::{ExposeSecret as _, SecretString};

use crate::model::oauth::TokenFault;
use crate::model::text::clean_line;

/// Characters of a server's words that are kept.
const MAX_WORDS: usize = 200;
/// A shorter secret may stand in a text by chance.
const MIN_SECRET: usize = 4;

/// A fault before it is known whose it is: text, hint, and whether somebody must act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) text: String,
    pub(super) hint: String,
    pub(super) permanent: bool,
}

impl Fault {
    /// Somebody must act.
    pub(super) fn permanent(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { text: text.into(), hint: hint.into(), permanent: true }
    }

    /// It may pass by itself.
    pub(super) fn passing(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { text: text.into(), hint: hint.into(), permanent: false }
    }

    /// The fault of this account.
    pub(super) fn of(self, account: &str) -> TokenFault {
        let Self { text, hint, permanent } = self;
        TokenFault { account: account.to_owned(), text, hint, permanent }
    }

    /// The refusal of a token endpoint (RFC 6749 §5.2), with its own words unless they hold a secret.
    pub(super) fn refusal(status: u16, code: &str, words: &str, secrets: &[&SecretString]) -> Self {
        let code = clean_line(code, 60);
        let words = shown(words, secrets);
        let code_shown = shown(&code, secrets);
        let said = match (code_shown.is_empty(), words.is_empty()) {
            (true, _) => format!("the token server answers {status}"),
            (false, true) => format!("the token server refuses: `{code_shown}`"),
            (false, false) => format!("the token server refuses: `{code_shown}` ({words})"),
        };
        let hint = match code.as_str() {
            "invalid_client" => {
                "the client secret has expired or is wrong: make a new one at the provider and write it into the \
                 `client_secret_file`; check `client_id`"
            }
            "invalid_grant" => {
                "the consent has ended or was withdrawn: give it again and write the new refresh token into the \
                 `refresh_token_file`"
            }
            "unauthorized_client" | "access_denied" => {
                "allow the app this grant and the mail permissions at the provider; an administrator must consent"
            }
            "invalid_scope" => "check `scope`: it must be one that the app was allowed",
            "unsupported_grant_type" | "invalid_request" => "check `token_url`, `grant` and `client_id`",
            "temporarily_unavailable" | "server_error" | "slow_down" => "none needed unless it lasts",
            _ => match status {
                300..=399 => "redirects are not followed: write the final address as `token_url`",
                404 | 405 | 410 => "check `token_url`",
                429 | 500.. => "none needed unless it lasts: the server has trouble of its own",
                _ => "check `token_url`, `client_id` and `scope`",
            },
        };
        let acts = matches!(
            code.as_str(),
            "invalid_client"
                | "invalid_grant"
                | "unauthorized_client"
                | "access_denied"
                | "invalid_scope"
                | "unsupported_grant_type"
                | "invalid_request"
        );
        Self { text: said, hint: hint.to_owned(), permanent: acts && status < 500 }
    }
}

/// Words of a server on one short line; nothing if they hold one of the secrets.
pub(super) fn shown(words: &str, secrets: &[&SecretString]) -> String {
    let holds = |secret: &&SecretString| {
        let secret = secret.expose_secret();
        secret.len() >= MIN_SECRET && (words.contains(secret) || words.contains(&encoded(secret)))
    };
    if secrets.iter().any(holds) { String::new() } else { clean_line(words, MAX_WORDS) }
}

/// As the secret stands in our request.
fn encoded(secret: &str) -> String {
    url::form_urlencoded::byte_serialize(secret.as_bytes()).collect()
}

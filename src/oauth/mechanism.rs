//! How a token is said in IMAP and SMTP: XOAUTH2 (Google, Microsoft) and OAUTHBEARER (RFC 7628).

use secrecy::{ExposeSecret as _, SecretString};

use crate::model::policy::Endpoint;

/// A SASL mechanism for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 7628.
    OAuthBearer,
    /// What came before it.
    XOAuth2,
}

impl Mechanism {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::OAuthBearer => "OAUTHBEARER",
            Self::XOAuth2 => "XOAUTH2",
        }
    }

    /// What the client says first, before base64. A secret.
    pub fn blob(self, username: &str, endpoint: &Endpoint, token: &SecretString) -> String {
        let token = token.expose_secret();
        match self {
            Self::OAuthBearer => {
                // A name in a GS2 header (RFC 5801 §4).
                let name = username.replace('=', "=3D").replace(',', "=2C");
                let Endpoint { host, port, security: _, ca_file: _ } = endpoint;
                format!("n,a={name},\u{1}host={host}\u{1}port={port}\u{1}auth=Bearer {token}\u{1}\u{1}")
            }
            Self::XOAuth2 => format!("user={username}\u{1}auth=Bearer {token}\u{1}\u{1}"),
        }
    }

    /// The line that answers the server's reasons for a refusal, after which it refuses: base64 of `^A` (RFC 7628
    /// §3.2.3), or nothing.
    pub fn after_error(self) -> &'static str {
        match self {
            Self::OAuthBearer => "AQ==",
            Self::XOAuth2 => "",
        }
    }
}

/// Whether a server's words repeat the token, or what it was said in, or the beginning of it: long words are cut.
pub fn repeats(words: &str, blob: &str, token: &SecretString) -> bool {
    const BEGINNING: usize = 16;
    let beginnings = [blob, token.expose_secret()].map(|secret| secret.get(..BEGINNING).unwrap_or(secret));
    beginnings.iter().any(|secret| words.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::policy::Security;

    #[test]
    fn a_token_is_said_as_the_mechanisms_want_it() {
        let endpoint = Endpoint { host: "imap.example".to_owned(), port: 993, security: Security::Tls, ca_file: None };
        let token = SecretString::from("t0k");
        let said = |mechanism: Mechanism, name| mechanism.blob(name, &endpoint, &token);
        assert_eq!(said(Mechanism::XOAuth2, "a@b"), "user=a@b\u{1}auth=Bearer t0k\u{1}\u{1}");
        assert_eq!(
            said(Mechanism::OAuthBearer, "a=,b"),
            "n,a=a=3D=2Cb,\u{1}host=imap.example\u{1}port=993\u{1}auth=Bearer t0k\u{1}\u{1}"
        );
    }
}

//! What a server announces in its reply to EHLO (RFC 5321 §4.1.1.1). Keywords in any case; what we do not use is not kept.

use std::fmt;

/// What the server can do, as far as we use it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Largest mail in bytes (RFC 1870): `None` not announced, `Some(0)` without limit.
    pub size: Option<u64>,
    /// `8BITMIME`.
    pub eight_bit: bool,
    /// `SMTPUTF8`.
    pub utf8: bool,
    /// `AUTH PLAIN`.
    pub auth_plain: bool,
    /// `AUTH LOGIN`.
    pub auth_login: bool,
    /// `AUTH XOAUTH2`.
    pub auth_xoauth2: bool,
    /// `AUTH OAUTHBEARER`.
    pub auth_oauthbearer: bool,
}

impl Features {
    /// Reads the lines of the reply; the first one is the server's name.
    pub fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut features = Self::default();
        for line in lines.skip(1) {
            // `AUTH=PLAIN` is how servers of the last century wrote it.
            let line = line.to_ascii_uppercase().replace("AUTH=", "AUTH ");
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("SIZE") => features.size = Some(words.next().and_then(|size| size.parse().ok()).unwrap_or(0)),
                Some("8BITMIME") => features.eight_bit = true,
                Some("SMTPUTF8") => features.utf8 = true,
                Some("AUTH") => {
                    for mechanism in words {
                        features.auth_plain |= mechanism == "PLAIN";
                        features.auth_login |= mechanism == "LOGIN";
                        features.auth_xoauth2 |= mechanism == "XOAUTH2";
                        features.auth_oauthbearer |= mechanism == "OAUTHBEARER";
                    }
                }
                Some(_) | None => {}
            }
        }
        features
    }

    /// The largest mail in bytes, if there is a limit.
    pub fn limit(&self) -> Option<u64> {
        self.size.filter(|size| *size > 0)
    }
}

impl fmt::Display for Features {
    /// For people: `takes mails up to 30 MB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit() {
            Some(limit) if limit >= 1_000_000 => write!(f, "takes mails up to {} MB", limit / 1_000_000),
            Some(limit) => write!(f, "takes mails up to {limit} bytes"),
            None => f.write_str("announces no limit for the size of a mail"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_in_any_case_and_the_name_is_no_keyword() {
        let lines = ["8BITMIME", "size 31457280", "Auth plain XOAUTH2", "AUTH=LOGIN", "", "  ", "FUTURE a b"];
        let features = Features::read(lines.into_iter());
        let expected = Features {
            size: Some(31_457_280),
            auth_plain: true,
            auth_login: true,
            auth_xoauth2: true,
            ..Features::default()
        };
        assert_eq!(features, expected);
        assert_eq!(features.to_string(), "takes mails up to 31 MB");
        assert_eq!(Features::read(["x", "SIZE"].into_iter()).limit(), None);
    }
}

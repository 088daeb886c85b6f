//! The codes of mail servers in a text: enhanced status codes (RFC 3463) and the replies of SMTP.
//!
//! Knows no words but those of the protocol.

/// Words of a server's dialogue that stand in no letter by chance.
const DIALOGUE: [&str; 10] = [
    "rcpt to:",
    "mail from:",
    "<<< ",
    ">>> ",
    "while talking to ",
    "smtp error",
    "smtp;",
    "end of data",
    " said: ",
    "diagnostic-code:",
];

/// The first enhanced status code (RFC 3463) in `text`.
pub fn status_in(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (index, window) in bytes.windows(5).enumerate() {
        let [class, b'.', subject, ..] = window else { continue };
        if !matches!(class, b'2' | b'4' | b'5') || !subject.is_ascii_digit() {
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| bytes.get(at));
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.' || *byte == b'-') {
            continue;
        }
        let code: String = text
            .get(index..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .take(9)
            .collect();
        let code = code.trim_end_matches('.');
        let fields: Vec<&str> = code.split('.').collect();
        let after = bytes.get(index + code.len());
        let ended = after.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if fields.len() == 3 && fields.iter().all(|field| (1..=3).contains(&field.len())) && ended {
            return Some(code.to_owned());
        }
    }
    None
}

/// The first enhanced status code of a failure in `text`; a transcript also has those of success.
pub fn failure_in(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some(status) = status_in(rest) {
        if !status.starts_with('2') {
            return Some(status);
        }
        let at = rest.find(&status).unwrap_or_default() + status.len();
        rest = rest.get(at..).unwrap_or_default();
    }
    None
}

/// The last enhanced status code in `text`: of nested answers the innermost is the reason.
pub fn last_status_in(text: &str) -> Option<String> {
    let mut last = None;
    let mut rest = text;
    while let Some(status) = status_in(rest) {
        let at = rest.find(&status).unwrap_or_default() + status.len();
        rest = rest.get(at..).unwrap_or_default();
        last = Some(status);
    }
    last
}

/// Whether a line, in small letters, has a server's reply of failure in it: `550 no such user`, `<<< 554-5.7.1`, `#5.1.1`.
pub fn has_reply(lower: &str) -> bool {
    failure_in(lower).is_some() || reply_at(lower).is_some()
}

/// Whether a line, in small letters, is of a dialogue between two mail servers.
pub fn is_dialogue(lower: &str) -> bool {
    DIALOGUE.iter().any(|words| lower.contains(words))
}

/// The class of the first reply of failure with three digits (RFC 5321 §4.2): `5` or `4`.
pub fn reply_at(lower: &str) -> Option<char> {
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| match word.as_bytes() {
        [b'5', b'0' | b'5', b'0'..=b'9'] => Some('5'),
        [b'4', b'2' | b'5', b'0'..=b'9'] => Some('4'),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_codes_are_told_from_other_numbers() {
        for (text, want) in [
            ("550 5.1.1 User unknown", Some("5.1.1")),
            ("(#5.7.1)", Some("5.7.1")),
            ("dsn=4.4.2, status", Some("4.4.2")),
            ("192.5.1.1", None),
            ("version 5.1.1b", None),
            ("5.1", None),
            ("Status: 5.2.2.", Some("5.2.2")),
        ] {
            assert_eq!(status_in(text).as_deref(), want, "{text}");
        }
        assert_eq!(failure_in("250 2.0.0 ok, 550 5.2.1").as_deref(), Some("5.2.1"));
        assert_eq!(last_status_in("5.1.1 then 5.7.26").as_deref(), Some("5.7.26"));
    }
}

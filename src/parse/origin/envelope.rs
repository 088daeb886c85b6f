//! Whose name the envelope of a mail bears, as the servers on its way wrote it down.
//!
//! Who returns a mail or answers by machine names nobody there (RFC 5321 §4.5.5, RFC 3834 §3.3). Some servers write their own
//! daemon's name in the place of nothing.

use crate::parse::mime::fields::Fields;

/// Names of a daemon that stand for nobody.
const NOBODY: [&str; 4] = ["mailer-daemon", "mailer_daemon", "mailerdaemon", "mail-daemon"];

/// Whom the envelope names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Nobody: whatever comes back would come from a machine, and nothing is to be sent there.
    Nobody,
    /// Somebody who wants to know what becomes of the mail.
    Somebody,
    /// No server wrote it down.
    Unknown,
}

impl Envelope {
    /// Reads the envelope of a mail from its headers and from the mbox line above them, if there is one.
    pub fn of(bytes: &[u8], fields: &Fields<'_>) -> Self {
        let path = fields.raw("Return-Path").map(bare);
        match path {
            Some(path) if is_nobody(&path) => Self::Nobody,
            _ if fields.raw("From").map(bare).is_some_and(|from| from.ends_with("<>")) => Self::Nobody,
            Some(_) => Self::Somebody,
            None if mbox_sender(bytes).is_some_and(|sender| is_nobody(&sender)) => Self::Nobody,
            None => Self::Unknown,
        }
    }

    /// As [`Envelope::of`], without the bytes above the headers.
    pub fn of_fields(fields: &Fields<'_>) -> Self {
        Self::of(b"", fields)
    }
}

/// A value without white space.
fn bare(value: &[u8]) -> String {
    value.iter().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| char::from(*byte)).collect()
}

/// `<>`, `<MAILER-DAEMON>` or `<MAILER-DAEMON@mx.example>`.
fn is_nobody(path: &str) -> bool {
    let inner = path.trim_start_matches('<').trim_end_matches('>').to_ascii_lowercase();
    let local = inner.split('@').next().unwrap_or_default();
    inner.is_empty() || NOBODY.contains(&local)
}

/// The sender in `From MAILER-DAEMON Tue Nov  3 13:00:10 2026`.
fn mbox_sender(bytes: &[u8]) -> Option<String> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let rest = bytes.get(start..)?;
    let rest = rest.strip_prefix(b">").unwrap_or(rest).strip_prefix(b"From ")?;
    let end = rest.iter().position(|byte| byte.is_ascii_whitespace())?;
    rest.get(..end).map(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_names_nobody_by_nothing_or_by_a_daemons_name() {
        use Envelope::{Nobody, Somebody, Unknown};
        for (mail, want) in [
            ("Return-Path: <>\nFrom: a@b.example\n", Nobody),
            ("Return-Path: < >\n", Nobody),
            ("Return-Path: <MAILER-DAEMON>\n", Nobody),
            ("Return-Path: <mailer-daemon@mx.example>\n", Nobody),
            ("From MAILER-DAEMON Tue Nov  3 13:00:10 2026\nFrom: a@b.example\n", Nobody),
            ("From: <>\n", Nobody),
            ("From: MAILER-DAEMON <>\n", Nobody),
            ("Return-Path: <mailer-daemon-monitor@x.example>\n", Somebody),
            ("Return-Path: <kim@y.example>\n", Somebody),
            ("From kim@y.example Tue Nov  3 13:00:10 2026\nFrom: a@b.example\n", Unknown),
            ("From: a@b.example\n", Unknown),
        ] {
            let head = mail.strip_prefix("From MAILER-DAEMON Tue Nov  3 13:00:10 2026\n").unwrap_or(mail);
            let head = head.strip_prefix("From kim@y.example Tue Nov  3 13:00:10 2026\n").unwrap_or(head);
            let (fields, _) = Fields::scan(head.as_bytes(), &mut Vec::new());
            assert_eq!(Envelope::of(mail.as_bytes(), &fields), want, "{mail}");
        }
    }
}

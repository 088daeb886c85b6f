//! What a mail is for, by its headers: it begins something, answers or passes on.
//!
//! Decides how readily words that introduce a quote are believed.

use crate::model::mail::ParsedMail;
use crate::parse::phrases_marks::{FORWARD_PREFIXES, REPLY_PREFIXES};
use crate::parse::quotes::attribution::Certainty;

/// What a mail says of itself by its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It begins a conversation, as far as one can see.
    New,
    /// It answers another mail: words that introduce a quote are believed more readily.
    Answer,
    /// It passes another mail on.
    Forward,
}

impl Intent {
    /// The intent of a mail.
    pub fn of(mail: &ParsedMail) -> Self {
        if is_forward_subject(&mail.subject) {
            Self::Forward
        } else if !mail.in_reply_to.is_empty()
            || !mail.references.is_empty()
            || has_prefix(&mail.subject, REPLY_PREFIXES)
        {
            Self::Answer
        } else {
            Self::New
        }
    }

    /// Whether `certainty` is enough for this intent to take everything below for quoted.
    pub fn believes(self, certainty: Certainty) -> bool {
        match certainty {
            Certainty::Weak => false,
            Certainty::Fair => self == Self::Answer,
            Certainty::Strong => true,
        }
    }
}

/// Whether a subject says that the mail was passed on.
pub fn is_forward_subject(subject: &str) -> bool {
    has_prefix(subject, FORWARD_PREFIXES)
}

fn has_prefix(subject: &str, prefixes: &[&str]) -> bool {
    // A ticket's tag may stand before the prefix.
    let subject =
        subject.trim_start_matches(|c: char| c == '[' || c == ']' || c == '#' || c == ' ' || c.is_ascii_digit());
    subject.split_once([':', '：']).is_some_and(|(prefix, _)| {
        let prefix = prefix.split(['[', '(', '^']).next().unwrap_or_default();
        prefixes.contains(&prefix.trim().to_lowercase().as_str())
    })
}

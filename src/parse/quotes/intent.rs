//! What a mail is for, by its headers: it begins something, answers or passes on.
//!
//! Decides how readily words that introduce a quote are believed.

use crate::model::mail::ParsedMail;
use std::sync::LazyLock;

use crate::parse::phrase_set::{Words, fold};
use crate::parse::phrases::{FORWARD_PREFIXES, REPLY_PREFIXES};
use crate::parse::quotes::attribution::Certainty;

/// Bytes of a prefix.
const MAX_PREFIX: usize = 40;

static FORWARDS: LazyLock<Words> = LazyLock::new(|| Words::new(&FORWARD_PREFIXES));
static REPLIES: LazyLock<Words> = LazyLock::new(|| Words::new(&REPLY_PREFIXES));

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
        } else if !mail.in_reply_to.is_empty() || !mail.references.is_empty() || has_prefix(&mail.subject, &REPLIES) {
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
    has_prefix(subject, &FORWARDS)
}

fn has_prefix(subject: &str, prefixes: &Words) -> bool {
    // A ticket's tag may stand before the prefix.
    let subject =
        subject.trim_start_matches(|c: char| c == '[' || c == ']' || c == '#' || c == ' ' || c.is_ascii_digit());
    subject.split_once([':', '：']).is_some_and(|(prefix, _)| {
        let prefix = prefix.split(['[', '(', '^']).next().unwrap_or_default();
        prefix.len() <= MAX_PREFIX && prefixes.are(fold(prefix).trim_end_matches('.'))
    })
}

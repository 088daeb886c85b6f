//! Why a mail was not sent, sorted by what has to be done about it.
//!
//! Never carries a password, and never more of a server's words than one line of 500 characters.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::response::{Response, Severity};

use crate::model::text;
use crate::store::StoreError;

/// Characters of a server's reply that are kept.
pub const MAX_REASON: usize = 500;

/// Why a mail was not sent, or no connection came about.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The server does not take this mail now; it may later.
    #[error("{0}")]
    Temporary(String),
    /// The server will never take this mail, or it cannot be said in its dialect.
    #[error("{0}")]
    Permanent(String),
    /// The final dot went out and no reply came: the server may have the mail.
    #[error("no reply after the final dot: {0}")]
    Uncertain(String),
    /// The server refuses our login; someone must act.
    #[error("login refused: {0}")]
    Auth(String),
    /// The password could not be had, or the server cannot look at it now.
    #[error("no login for now: {0}")]
    AuthTemporary(String),
    /// No connection, or it broke before the server wanted the mail's text.
    #[error("{0}")]
    Connection(String),
    /// We are stopping; nothing came of it.
    #[error("stopped before it was sent")]
    Stopped,
    /// The phase could not be put on record, so the mail was not sent.
    #[error("not sent, for it could not be recorded: {0}")]
    Store(#[from] StoreError),
}

/// What went wrong with one step of the dialogue.
#[derive(Debug)]
pub(super) enum StepError {
    /// The server said no (4yz, 5yz).
    Refused {
        /// The three digits.
        code: u16,
        /// Digits and text, cleaned.
        text: String,
    },
    /// Closed, silent, or not SMTP: nothing that comes later can be trusted.
    Broken(String),
    /// We are stopping.
    Stopped,
}

impl StepError {
    /// The error of a step that lettre did.
    pub(super) fn from_smtp(step: &str, error: &SmtpError) -> Self {
        let text = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        // lettre's word for end of file.
        let text = if text == "incomplete response" { "the server closed the connection".to_owned() } else { text };
        match error.status() {
            Some(code) => Self::refused(code.into(), &text),
            None => Self::Broken(format!("{step}: {}", clean(&text))),
        }
    }

    /// The error of a step that we did ourselves.
    pub(super) fn from_io(step: &str, error: &io::Error) -> Self {
        Self::Broken(format!("{step}: {}", clean(&error.to_string())))
    }

    /// A reply of `code` that refuses.
    pub(super) fn refused(code: u16, text: &str) -> Self {
        Self::Refused { code, text: clean(&format!("{code} {text}")) }
    }

    /// As the fate of one mail, before DATA was accepted.
    pub(super) fn into_verdict(self) -> SendError {
        match self {
            // 421: the server is about to close; the mail itself was not judged.
            Self::Refused { code: 421, text } | Self::Broken(text) => SendError::Connection(text),
            // "Authentication required" and its kin: nothing is wrong with the mail (RFC 4954 §6).
            Self::Refused { code: 530 | 534 | 535 | 538, text } => SendError::Auth(text),
            Self::Refused { code: 500.., text } => SendError::Permanent(text),
            Self::Refused { text, .. } => SendError::Temporary(text),
            Self::Stopped => SendError::Stopped,
        }
    }

    /// As a connection that did not come about, whatever the server said.
    pub(super) fn into_no_connection(self) -> SendError {
        match self {
            Self::Refused { text, .. } | Self::Broken(text) => SendError::Connection(text),
            Self::Stopped => SendError::Stopped,
        }
    }
}

/// Whether the reply is of the class (2yz, 3yz) that the step wants; anything else means that we and the server disagree
/// about where we are.
pub(super) fn want(step: &str, class: Severity, response: Response) -> Result<Response, StepError> {
    if response.code().severity == class {
        Ok(response)
    } else {
        Err(StepError::Broken(format!("{step}: unexpected reply `{}`", reply_line(&response))))
    }
}

/// Digits and text of a reply on one line.
pub(super) fn reply_line(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    clean(&format!("{} {}", response.code(), text.join(" ")))
}

/// One line, at most [`MAX_REASON`] characters.
pub(super) fn clean(text: &str) -> String {
    text::clean_line(text, MAX_REASON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_digit_decides_and_421_is_about_the_connection() {
        let verdict = |code| StepError::refused(code, "5.1.1 who?").into_verdict();
        assert!(matches!(verdict(450), SendError::Temporary(_)));
        assert!(matches!(verdict(421), SendError::Connection(_)));
        assert!(matches!(verdict(530), SendError::Auth(_)));
        assert!(matches!(verdict(550), SendError::Permanent(text) if text == "550 5.1.1 who?"));
    }

    #[test]
    fn a_reply_is_kept_as_one_short_line() {
        let verdict = StepError::refused(550, &format!("a\r\nb\u{0}{}", "x".repeat(9_999))).into_verdict();
        let SendError::Permanent(text) = verdict else { panic!("{verdict:?}") };
        assert!(text.starts_with("550 a b") && text.chars().count() <= MAX_REASON, "{text}");
        assert!(!text.chars().any(char::is_control));
    }
}

//! Why a mail was not sent, sorted by what has to be done about it.
//!
//! Never carries a password, and never more of a server's words than one line of 500 characters.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::response::{Response, Severity};

use crate::model::outgoing::Objection;
use crate::model::repeated::Secrets;
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
    Permanent(String, Objection),
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

impl SendError {
    /// The same without secrets that the server's words repeat.
    pub(super) fn hiding(mut self, secrets: &Secrets) -> Self {
        if let Self::Temporary(text)
        | Self::Permanent(text, _)
        | Self::Uncertain(text)
        | Self::Auth(text)
        | Self::AuthTemporary(text)
        | Self::Connection(text) = &mut self
        {
            *text = secrets.hide(text);
        }
        self
    }
}

impl StepError {
    /// The same without secrets that the server's words repeat.
    pub(super) fn hiding(mut self, secrets: &Secrets) -> Self {
        if let Self::Refused { text, .. } | Self::Broken(text) = &mut self {
            *text = secrets.hide(text);
        }
        self
    }

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

    /// As the fate of one mail, at that step before DATA was accepted.
    pub(super) fn into_verdict(self, step: Step) -> SendError {
        match self {
            // 421: the server is about to close; the mail itself was not judged.
            Self::Refused { code: 421, text } | Self::Broken(text) => SendError::Connection(text),
            // "Authentication required" and its kin: nothing is wrong with the mail (RFC 4954 §6).
            Self::Refused { code: 530 | 534 | 535 | 538, text } => SendError::Auth(text),
            Self::Refused { code: code @ 500.., text } => {
                let objection = objection(step, code, &text);
                SendError::Permanent(text, objection)
            }
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

/// Where a refusal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA` and the final dot.
    Content,
}

/// What a server objects to that says `text` (digits first) at this step.
pub(super) fn objection(step: Step, code: u16, text: &str) -> Objection {
    let by_status = text.split_whitespace().nth(1).and_then(Objection::of_status);
    let lower = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match (step, by_status) {
        (_, Some(found @ (Objection::Size | Objection::Sender)))
        | (Step::Content, Some(found @ (Objection::Address | Objection::Content))) => found,
        (Step::Mail, _) if code == 552 => Objection::Size,
        (Step::Mail, _) => Objection::Sender,
        (Step::Rcpt, Some(Objection::Content) | None) if says(&["sender"]) => Objection::Sender,
        (Step::Rcpt, _) => Objection::Address,
        // RFC 5321 §4.2.3: exceeded storage allocation, of the mailbox or of a mail.
        (Step::Content, None) if says(&["quota", "mailbox full", "over storage"]) => Objection::Address,
        (Step::Content, None) if code == 552 || says(&["too large", "too big", "size limit"]) => Objection::Size,
        (Step::Content, None) => Objection::Content,
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
        let verdict = |code| StepError::refused(code, "5.1.1 who?").into_verdict(Step::Rcpt);
        assert!(matches!(verdict(450), SendError::Temporary(_)));
        assert!(matches!(verdict(421), SendError::Connection(_)));
        assert!(matches!(verdict(530), SendError::Auth(_)));
        assert!(matches!(verdict(550), SendError::Permanent(text, Objection::Address) if text == "550 5.1.1 who?"));
    }

    #[test]
    fn a_server_objects_to_an_address_a_sender_a_size_or_the_content() {
        for (step, reply, expected) in [
            (Step::Rcpt, "550 5.1.1 <jan@x.example>: user unknown", Objection::Address),
            (Step::Rcpt, "552 5.2.2 mailbox full", Objection::Address),
            (Step::Rcpt, "550 no such user here", Objection::Address),
            (Step::Rcpt, "554 5.7.1 <jan@x.example>: Relay access denied", Objection::Address),
            (Step::Rcpt, "553 5.7.1 <a@b>: Sender address rejected: not owned by user", Objection::Sender),
            (Step::Rcpt, "552 5.3.4 message too big", Objection::Size),
            (Step::Mail, "552 5.3.4 Message size exceeds fixed limit", Objection::Size),
            (Step::Mail, "552 too big", Objection::Size),
            (Step::Mail, "550 5.7.1 go away", Objection::Sender),
            (Step::Content, "552 5.3.4 Error: message file too big", Objection::Size),
            (Step::Content, "552 Message size exceeds maximum", Objection::Size),
            (Step::Content, "552 5.2.2 over quota", Objection::Address),
            (Step::Content, "550 5.2.3 message too long for this mailbox", Objection::Size),
            (Step::Content, "550 5.1.1 no such user", Objection::Address),
            (Step::Content, "552-5.7.0 blocked", Objection::Size),
            (Step::Content, "552 5.7.0 blocked, its content presents a security issue", Objection::Content),
            (Step::Content, "554 5.7.1 spam", Objection::Content),
            (Step::Content, "550 virus found", Objection::Content),
        ] {
            let code = reply.get(..3).unwrap().parse().unwrap();
            assert_eq!(objection(step, code, reply), expected, "{step:?} {reply}");
        }
    }

    #[test]
    fn a_reply_is_kept_as_one_short_line() {
        let verdict = StepError::refused(550, &format!("a\r\nb\u{0}{}", "x".repeat(9_999))).into_verdict(Step::Mail);
        let SendError::Permanent(text, Objection::Sender) = verdict else { panic!("{verdict:?}") };
        assert!(text.starts_with("550 a b") && text.chars().count() <= MAX_REASON, "{text}");
        assert!(!text.chars().any(char::is_control));
    }
}

//! What can go wrong between us and an IMAP server, as plain sentences.
//!
//! Never holds a password or a byte of a mail.

use std::io;

use crate::intake::backoff::Failure;
use crate::model::oauth::TokenFault;
use crate::model::repeated::Secrets;
use crate::net::{NetError, SecretError};

/// Why something did not work with an IMAP server. All of it is worth another try, later.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// No connection came about.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The password could not be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is no token to log in with.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    /// The server closed the connection without a word.
    #[error("the server closed the connection")]
    Closed,
    /// The server said good-bye.
    #[error("the server said good-bye: {0}")]
    Bye(String),
    /// No answer in time.
    #[error("no answer to {command} in time")]
    Timeout {
        /// The command's name.
        command: &'static str,
    },
    /// A tagged `NO`.
    #[error("the server refused {command}: {text}")]
    No {
        /// The command's name.
        command: &'static str,
        /// The response code such as `TRYCREATE`; empty when there is none.
        code: String,
        /// The server's words.
        text: String,
    },
    /// A tagged `BAD`.
    #[error("the server did not understand {command}: {text}")]
    Bad {
        /// The command's name.
        command: &'static str,
        /// The server's words.
        text: String,
    },
    /// The server does not accept the user name and password.
    #[error("login refused: {0}")]
    Login(String),
    /// The server has no login that we may use.
    #[error("the server offers no login that we know (LOGIN or AUTH=PLAIN)")]
    NoLogin,
    /// The server takes no tokens.
    #[error("the server offers neither AUTH=OAUTHBEARER nor AUTH=XOAUTH2; hint: use a password instead of `oauth`")]
    NoTokens,
    /// `security = "starttls"` and the server cannot.
    #[error("the server does not offer STARTTLS, and nothing was sent unprotected; hint: try `security = \"tls\"`")]
    NoStartTls,
    /// `security = "none"` towards another machine.
    #[error("`{0}` is not this machine, so the connection must be protected")]
    Unprotected(String),
    /// The server says something that makes no sense.
    #[error("the server makes no sense: {0}")]
    Protocol(String),
    /// More bytes than were announced.
    #[error("the server sends {announced} bytes where at most {allowed} are due")]
    TooLarge {
        /// What it is about to send.
        announced: u64,
        /// What we take.
        allowed: u64,
    },
    /// The server talks without end.
    #[error("the server talks without end: {0}; hint: it is left alone for a while; ask its operator if this goes on")]
    Flood(String),
    /// More mails than can be watched.
    #[error("the folder has {mails} mails, and {most} can be watched; hint: move old mails to another folder")]
    TooManyMails {
        /// What the server says.
        mails: u32,
        /// What we take.
        most: u32,
    },
    /// An earlier command was cut short, so answers can no longer be told apart.
    #[error("the connection is out of step")]
    Poisoned,
    /// A folder that the server does not open.
    #[error("folder `{folder}` cannot be opened: {reason}\n  hint: the server has {names}")]
    Folder {
        /// Its name in the config.
        folder: String,
        /// What the server said.
        reason: String,
        /// The folders that there are.
        names: String,
    },
    /// A name that cannot be sent.
    #[error("`{0}` cannot be the name of a folder")]
    FolderName(String),
}

impl ImapError {
    /// How to wait before the next try.
    pub fn failure(&self) -> Failure {
        match self {
            _ if self.is_server_trouble() => Failure::Busy,
            Self::Flood(_) => Failure::Flood,
            Self::Login(_) | Self::NoLogin | Self::NoTokens | Self::Token(TokenFault { permanent: true, .. }) => {
                Failure::Login
            }
            Self::Net(_)
            | Self::Secret(_)
            | Self::Token(_)
            | Self::Io(_)
            | Self::Closed
            | Self::Bye(_)
            | Self::Timeout { .. }
            | Self::No { .. }
            | Self::Bad { .. }
            | Self::NoStartTls
            | Self::Unprotected(_)
            | Self::Protocol(_)
            | Self::TooLarge { .. }
            | Self::TooManyMails { .. }
            | Self::Poisoned
            | Self::Folder { .. }
            | Self::FolderName(_) => Failure::Ordinary,
        }
    }

    /// Whether the config must be changed before it can work; all else is temporary.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Net(NetError::CaFile { .. })
            | Self::Login(_)
            | Self::NoLogin
            | Self::NoTokens
            | Self::Token(TokenFault { permanent: true, .. })
            | Self::NoStartTls
            | Self::Unprotected(_)
            | Self::Folder { .. }
            | Self::FolderName(_) => true,
            Self::Net(_)
            | Self::Secret(_)
            | Self::Token(_)
            | Self::Io(_)
            | Self::Closed
            | Self::Bye(_)
            | Self::Timeout { .. }
            | Self::No { .. }
            | Self::Bad { .. }
            | Self::Protocol(_)
            | Self::TooLarge { .. }
            | Self::TooManyMails { .. }
            | Self::Flood(_)
            | Self::Poisoned => false,
        }
    }

    /// The same without secrets that the server's words repeat.
    #[must_use]
    pub fn hiding(mut self, secrets: &Secrets) -> Self {
        if let Self::No { text, .. } | Self::Bad { text, .. } | Self::Bye(text) = &mut self {
            *text = secrets.hide(text);
        }
        self
    }

    /// Whether it repeats the server's words.
    pub fn quotes_the_server(&self) -> bool {
        matches!(self, Self::No { .. } | Self::Bad { .. } | Self::Bye(_))
    }

    /// Whether the server refused one command and the connection can still be used.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::No { .. } | Self::Bad { .. })
    }

    /// Whether the server says that it cannot at the moment, whatever it is asked: by a response code (RFC 5530) or, as
    /// Microsoft 365, Gmail and others do, in words after a bare `NO`, `BAD` or `BYE`.
    pub fn is_server_trouble(&self) -> bool {
        match self {
            Self::No { code, text, .. } => {
                matches!(code.as_str(), "UNAVAILABLE" | "INUSE" | "LIMIT" | "THROTTLED") || says_busy(text)
            }
            Self::Bad { text, .. } | Self::Bye(text) => says_busy(text),
            Self::Net(_)
            | Self::Secret(_)
            | Self::Io(_)
            | Self::Closed
            | Self::Timeout { .. }
            | Self::Login(_)
            | Self::NoLogin
            | Self::NoTokens
            | Self::Token(_)
            | Self::NoStartTls
            | Self::Unprotected(_)
            | Self::Protocol(_)
            | Self::TooLarge { .. }
            | Self::TooManyMails { .. }
            | Self::Flood(_)
            | Self::Poisoned
            | Self::Folder { .. }
            | Self::FolderName(_) => false,
        }
    }
}

/// Words by which servers say that they are busy. `User is authenticated but not connected.` and `Request is throttled.`
/// are Microsoft's, `Too many simultaneous connections.` and `bandwidth limits` Google's.
const BUSY: [&str; 10] = [
    "too many",
    "throttl",
    "authenticated but not connected",
    "rate limit",
    "bandwidth limit",
    "server unavailable",
    "service unavailable",
    "server busy",
    "try again later",
    "temporar",
];

fn says_busy(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    BUSY.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no(text: &str) -> ImapError {
        let code = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or_default().to_owned();
        ImapError::No { command: "LOGIN", code, text: text.to_owned() }
    }

    #[test]
    fn a_busy_server_is_told_from_a_refusal() {
        let busy = [
            no("[UNAVAILABLE] Maximum number of connections from user+IP exceeded"),
            no("[INUSE] mailbox is locked"),
            no("[LIMIT] LOGIN Rate limit hit"),
            no("[ALERT] Too many simultaneous connections. (Failure)"),
            no("Temporary authentication failure."),
            ImapError::Bad { command: "SELECT", text: "User is authenticated but not connected.".to_owned() },
            ImapError::Bad {
                command: "FETCH",
                text: "Request is throttled. Suggested Backoff Time: 299961 milliseconds".to_owned(),
            },
            ImapError::Bye("[ALERT] Account exceeded command or bandwidth limits. (Failure)".to_owned()),
        ];
        for error in busy {
            assert_eq!((error.is_server_trouble(), error.failure()), (true, Failure::Busy), "{error}");
        }
        let refusals = [
            no("[AUTHENTICATIONFAILED] Invalid credentials"),
            no("[NONEXISTENT] no such folder"),
            no("[OVERQUOTA] quota exceeded"),
            ImapError::Bad { command: "SELECT", text: "syntax error".to_owned() },
            ImapError::Bye("shutting down".to_owned()),
        ];
        for error in refusals {
            assert!(!error.is_server_trouble(), "{error}");
        }
    }
}

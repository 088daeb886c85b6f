//! What is known of the mails of one history, in and out.

use std::collections::BTreeSet;

use postroom::model::id::TicketNumber;

use crate::desk::Sent;

/// A mail of ours when it was decided: bytes are seen only once it leaves.
#[derive(Clone, Debug)]
pub struct Decided {
    pub ticket: Option<TicketNumber>,
    pub kind: String,
    /// The department that the ticket was in.
    pub department: String,
    /// Agents who might read the ticket then, before or after what led to the mail.
    pub readers: BTreeSet<&'static str>,
}

/// What the headers of a mail that left say, read once.
#[derive(Clone, Debug)]
pub struct Label {
    pub id: String,
    pub reason: String,
    pub ticket: Option<String>,
    /// The first id of References.
    pub root: Option<String>,
}

impl Label {
    pub fn of(sent: &Sent) -> Self {
        let headers = headers(sent);
        let value = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
        Self {
            id: sent.mail.message_id.as_ref().unwrap().to_string(),
            reason: value("X-Postroom-Reason").unwrap_or_default(),
            ticket: value("X-Postroom-Ticket"),
            root: value("References").and_then(|ids| ids.split(' ').next().map(str::to_owned)),
        }
    }
}

/// A customer's mail that was taken.
pub struct Incoming {
    pub id: String,
    pub who: &'static str,
    pub mail: String,
    pub mark: String,
    pub ticket: TicketNumber,
    pub machine: bool,
}

/// An agent's words to a customer, and what became of them at first.
pub struct Worded {
    pub mark: String,
    pub writer: &'static str,
    pub ticket: TicketNumber,
    pub sort: Sort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Answered,
    /// It answers a mail of colleagues and is kept for them.
    Noted,
    /// He wrote to the customer himself, and to us.
    PastTheDesk,
    Refused,
    Held,
    Braked,
    Customers,
}

/// All headers of a mail, read without the program's own parser.
pub fn headers(sent: &Sent) -> Vec<(String, String)> {
    let raw = String::from_utf8_lossy(&sent.bytes);
    let head = raw.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    let pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

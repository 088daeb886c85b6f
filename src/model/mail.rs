//! A mail as it came ([`RawMail`]) and as it is understood ([`ParsedMail`]).

use std::sync::Arc;

use jiff::Timestamp;

use super::address::{Address, Person};
use super::id::{MailId, MailboxId};

/// How a mail reached us: the part that decides whether anything may be sent because of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It came in while we were watching (or while we were down).
    Live,
    /// It stood there at first contact, or came back by a changed UIDVALIDITY: if it is older than a day it sends nothing.
    Import,
}

/// Raw bytes with what the server said about them.
#[derive(Clone, Debug)]
pub struct RawMail {
    /// The mailbox it was taken from.
    pub mailbox: MailboxId,
    /// The folder of it, decoded.
    pub folder: String,
    /// The exact bytes, or the headers alone when [`RawMail::omitted`] is set.
    pub bytes: Arc<[u8]>,
    /// When the server received it (INTERNALDATE), or the file's time.
    pub received_at: Timestamp,
    /// How it reached us.
    pub arrival: Arrival,
    /// Size on the server in bytes when the body was left there because it exceeds `max_message`.
    pub omitted: Option<u64>,
}

/// What kind of machine wrote a mail; a human's mail has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Automated {
    /// An answer that no human wrote: out of office, "we received your mail" (RFC 3834).
    AutoReply,
    /// A delivery status notification (RFC 3464) or its free-text relatives.
    Bounce,
    /// From a mailing list (RFC 2369, RFC 2919).
    List,
    /// Sent to many: newsletters.
    Bulk,
    /// Our own mail come back.
    Own,
    /// Machine mail that answers nothing: alerts, receipts, shop notices.
    Notice,
}

impl Automated {
    /// The word used in JSON and in reasons.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AutoReply => "auto-reply",
            Self::Bounce => "bounce",
            Self::List => "list",
            Self::Bulk => "bulk",
            Self::Own => "own",
            Self::Notice => "notice",
        }
    }
}

/// One recipient that a bounce reports on (RFC 3464 §2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BounceRecipient {
    /// `Final-Recipient`, or `Original-Recipient` when only that is given.
    pub address: Address,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`.
    pub action: String,
    /// Enhanced status code such as `5.1.1` (RFC 3463); empty when unknown.
    pub status: String,
    /// `Diagnostic-Code` without its type; empty when unknown.
    pub diagnostic: String,
}

/// What a bounce says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounce {
    /// One entry a recipient.
    pub recipients: Vec<BounceRecipient>,
    /// `Message-ID` of the mail that bounced, from the returned headers.
    pub original_message_id: Option<MailId>,
    /// `Subject` of the mail that bounced, from the returned headers; empty when unknown.
    pub original_subject: String,
}

impl Bounce {
    /// Whether some recipient will never get the mail.
    pub fn is_permanent(&self) -> bool {
        self.recipients.iter().any(|recipient| recipient.action == "failed" || recipient.status.starts_with('5'))
    }
}

/// What some server says that it found out about the sender (RFC 8601).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthenticationResults {
    /// Who says so, lower case.
    pub authserv_id: String,
    /// The domain of From for which it found `dmarc=pass`, lower case.
    pub dmarc_pass: Option<String>,
    /// Whether it found `dmarc=fail`.
    pub dmarc_fail: bool,
    /// The hosts that wrote the `Received` headers above it, lower case, the topmost first.
    pub received_by: Vec<String>,
}

/// The head of the first mail forwarded inside this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// Who wrote the forwarded mail.
    pub from: Option<Person>,
    /// Its date as written there.
    pub date: String,
    /// Its subject.
    pub subject: String,
}

/// A part that is no running text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Sanitised file name, never empty (`attachment-2.pdf` when the mail names none).
    pub name: String,
    /// Media type in lower case such as `application/pdf`.
    pub media_type: String,
    /// Whether it is shown inside the text (`Content-Disposition: inline` or referred to by `cid:`).
    pub inline: bool,
    /// `Content-ID` without angle brackets.
    pub content_id: Option<String>,
    /// Decoded bytes.
    pub content: Vec<u8>,
}

/// A mail as it is understood. Made by `parse`, which cannot fail: what is odd stands in `defects`.
#[derive(Clone, Debug, Default)]
pub struct ParsedMail {
    /// Decoded and sanitised subject.
    pub subject: String,
    /// The author; `None` when there is no usable From.
    pub from: Option<Person>,
    /// Whether From names others beside the author, or there is more than one From: then nobody of us has written it.
    pub has_co_authors: bool,
    /// `Sender`: who sent it for the author.
    pub sender: Option<Person>,
    /// `Reply-To`.
    pub reply_to: Vec<Person>,
    /// `To`.
    pub to: Vec<Person>,
    /// `Cc`.
    pub cc: Vec<Person>,
    /// `Bcc`, which only the writer's own copy bears.
    pub bcc: Vec<Person>,
    /// Envelope recipients recorded by servers: `Delivered-To`, `X-Original-To`, `Envelope-To`, in that order.
    pub delivered_to: Vec<Address>,
    /// Those of them that stand above all traces of the mail's way (`Received`), where only the server that delivered it to us writes.
    pub handed_to: Vec<Address>,
    /// Whether it bears what servers write when they deliver: Return-Path, an envelope recipient, Authentication-Results.
    pub delivered: bool,
    /// `Date`, if it is one.
    pub date: Option<Timestamp>,
    /// `Message-ID`.
    pub message_id: Option<MailId>,
    /// `In-Reply-To`, in order.
    pub in_reply_to: Vec<MailId>,
    /// `References`, in order (oldest first).
    pub references: Vec<MailId>,
    /// The conversation that `Thread-Index` names, as Outlook and Exchange write it; an id that stands in no mail.
    pub thread_index: Option<MailId>,
    /// All running text, decoded, line ends `\n`.
    pub text: String,
    /// What the writer wrote anew.
    pub reply: String,
    /// What was quoted.
    pub quoted: String,
    /// The writer's signature, without its separator.
    pub signature: String,
    /// Whether `text` was made from HTML.
    pub html: bool,
    /// Which machine wrote it; `None` for a human.
    pub automated: Option<Automated>,
    /// The report, when `automated` is a bounce.
    pub bounce: Option<Bounce>,
    /// Whether a machine holds back a mail of ours until somebody confirms that a human wrote it.
    pub asks_to_confirm: bool,
    /// The first forwarded mail.
    pub forwarded: Option<Forwarded>,
    /// BCP 47 tag of the language of `reply`, when we are sure (`en`, `pl`, `ru`, `fil`, or another one).
    pub language: Option<String>,
    /// `Authentication-Results` from the top down; whether one is to be believed depends on the config.
    pub authentication: Vec<AuthenticationResults>,
    /// The name of the mailing list that brought it, lower case.
    pub list: Option<String>,
    /// Who handed it over (`Return-Path`, the topmost: our own server wrote it); `None` when it says nobody or nothing.
    pub return_path: Option<Address>,
    /// Everything that is no running text.
    pub attachments: Vec<Attachment>,
    /// What was wrong with the mail, in words.
    pub defects: Vec<String>,
    /// Identity of the mail: SHA-256 over Message-ID, From, Date, subject and the body's bytes; transport headers left out.
    pub fingerprint: [u8; 32],
}

impl ParsedMail {
    /// The new words; all of the text when telling them from the quotes left nothing.
    pub fn words(&self) -> &str {
        if self.reply.trim().is_empty() { &self.text } else { &self.reply }
    }

    /// All recipients that anyone stated, envelope first: Delivered-To and its like, To, Cc.
    pub fn recipients(&self) -> impl Iterator<Item = &Address> {
        self.delivered_to.iter().chain(self.to.iter().chain(&self.cc).map(|person| &person.address))
    }
}

//! The demo's script: which mails come, and who answers what, in order.
//!
//! Answers are made while it runs, from the mails that postroom wrote before: a reply needs their addresses and Message-IDs.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::letters::{self, File, Letter, Writer};
use crate::model::address::Address;
use crate::model::mail::ParsedMail;

/// What stands for the date in the mails that ship with the program.
const DATE: &[u8] = b"{{DATE}}";

/// One thing that happens.
#[derive(Debug)]
pub struct Step {
    /// In words.
    pub title: &'static str,
    /// The mail that comes.
    pub what: What,
}

/// A mail that comes to the desk's mailbox.
#[derive(Debug)]
pub enum What {
    /// One that ships with the program; the same mail with the same age is the same bytes.
    Deliver {
        /// Its bytes, the date still open.
        mail: &'static [u8],
        /// How long before the demo it was written.
        minutes_ago: i64,
    },
    /// An agent answers the latest notification about a customer's ticket.
    AgentReplies {
        /// Who.
        agent: &'static Writer,
        /// Whose ticket.
        customer: &'static str,
        /// What the agent writes, commands included.
        words: &'static str,
        /// A file that goes along.
        file: Option<File>,
    },
    /// An agent clicks a link at the foot of the notification and sends what it opens.
    AgentClicks {
        /// Who.
        agent: &'static Writer,
        /// Whose ticket.
        customer: &'static str,
        /// The mail's whole text.
        command: &'static str,
    },
    /// A customer answers the latest mail that we sent.
    CustomerReplies {
        /// Who.
        customer: &'static Writer,
        /// What the customer writes.
        words: &'static str,
        /// What of our mail comes back.
        keeps: Keeps,
    },
    /// A customer's program answers by itself.
    OutOfOffice {
        /// Whose.
        customer: &'static Writer,
        /// What it says.
        words: &'static str,
    },
    /// A stranger writes with the number of a customer's ticket.
    StolenTag {
        /// The stranger.
        stranger: &'static Writer,
        /// Whose number.
        customer: &'static str,
        /// What the stranger writes.
        words: &'static str,
    },
    /// Somebody writes in an agent's name, without the agent's token.
    SpoofedAgent {
        /// In whose name.
        agent: &'static Writer,
        /// Whose ticket.
        customer: &'static str,
        /// What is written.
        words: &'static str,
    },
    /// The latest mail to a customer comes back.
    Bounce {
        /// To whom it was written.
        customer: &'static str,
    },
}

/// What of the mail answered stands in a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Headers and quote, as programs do.
    Everything,
    /// The subject alone, as after a change of program or a web form.
    SubjectOnly,
}

/// The desk's mailbox.
const DESK: &str = "info@shop.example";

impl Step {
    /// The mail as it arrives, or why there is none: the mail that it answers is missing. `outbox` are the mails that postroom
    /// wrote, oldest first; `index` is the number of the step, for its Message-ID.
    pub fn mail(&self, index: usize, started: Timestamp, outbox: &[ParsedMail]) -> Result<Vec<u8>, String> {
        let at = started.to_zoned(TimeZone::UTC);
        let id = format!("demo.{index}.{}", started.as_second());
        match &self.what {
            What::Deliver { mail, minutes_ago } => Ok(dated(mail, &earlier(&at, *minutes_ago))),
            What::AgentReplies { agent, customer, words, file } => {
                let news = notification(outbox, agent.address, customer)?;
                let subject = reply_subject(&news.subject);
                let to = reply_to(news)?;
                Ok(Letter { to: &to, file: *file, answers: Some(news), ..letter(agent, &subject, words, &at, &id) }
                    .bytes())
            }
            What::AgentClicks { agent, customer, command } => {
                let news = notification(outbox, agent.address, customer)?;
                let subject = reply_subject(&news.subject);
                let to = reply_to(news)?;
                Ok(Letter { to: &to, ..letter(agent, &subject, command, &at, &id) }.bytes())
            }
            What::CustomerReplies { customer, words, keeps } => {
                let ours = latest_to(outbox, customer.address)?;
                let subject = reply_subject(&ours.subject);
                let to = reply_to(ours)?;
                let answers = (*keeps == Keeps::Everything).then_some(ours);
                Ok(Letter { to: &to, answers, ..letter(customer, &subject, words, &at, &id) }.bytes())
            }
            What::OutOfOffice { customer, words } => {
                let ours = latest_to(outbox, customer.address)?;
                let to = reply_to(ours)?;
                let subject = format!("Automatic reply: {}", ours.subject);
                let headers = ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"];
                let answers = Some(ours);
                Ok(Letter { to: &to, headers: &headers, answers, ..letter(customer, &subject, words, &at, &id) }
                    .bytes())
            }
            What::StolenTag { stranger, customer, words } => {
                let ours = latest_to(outbox, customer)?;
                Ok(letter(stranger, &reply_subject(&ours.subject), words, &at, &id).bytes())
            }
            What::SpoofedAgent { agent, customer, words } => {
                let ours = latest_to(outbox, customer)?;
                Ok(letter(agent, &reply_subject(&ours.subject), words, &at, &id).bytes())
            }
            What::Bounce { customer } => Ok(letters::bounce(latest_to(outbox, customer)?, customer, &at, &id)),
        }
    }
}

fn letter<'a>(writer: &'a Writer, subject: &'a str, words: &'a str, at: &'a Zoned, id: &'a str) -> Letter<'a> {
    Letter { writer, to: DESK, subject, words, at, id, answers: None, headers: &[], file: None }
}

fn earlier(at: &Zoned, minutes: i64) -> Zoned {
    at.saturating_sub(minutes.minutes())
}

/// The mail with its date filled in.
fn dated(mail: &[u8], at: &Zoned) -> Vec<u8> {
    let Some(start) = mail.windows(DATE.len()).position(|window| window == DATE) else { return mail.to_vec() };
    let (before, after) = mail.split_at(start);
    let after = after.strip_prefix(DATE).unwrap_or(after);
    [before, letters::date(at).as_bytes(), after].concat()
}

fn is_to(mail: &ParsedMail, address: &str) -> bool {
    Address::parse(address).is_some_and(|address| mail.to.iter().any(|person| person.address.same_as(&address)))
}

fn latest_to<'a>(outbox: &'a [ParsedMail], address: &str) -> Result<&'a ParsedMail, String> {
    outbox.iter().rfind(|mail| is_to(mail, address)).ok_or_else(|| format!("there is no mail to `{address}` yet"))
}

/// The latest notification to `agent` about the ticket of `customer`.
fn notification<'a>(outbox: &'a [ParsedMail], agent: &str, customer: &str) -> Result<&'a ParsedMail, String> {
    let ours = latest_to(outbox, customer)?;
    let tag = tag(&ours.subject).ok_or_else(|| format!("the mail to `{customer}` has no number"))?;
    outbox
        .iter()
        .rfind(|mail| is_to(mail, agent) && mail.subject.starts_with(tag))
        .ok_or_else(|| format!("`{agent}` was told nothing about {tag} yet"))
}

/// `[#1042]` of a subject.
fn tag(subject: &str) -> Option<&str> {
    let from = subject.find("[#")?;
    let (_, rest) = subject.split_at(from);
    let to = rest.find(']')?;
    rest.get(..=to)
}

fn reply_to(mail: &ParsedMail) -> Result<String, String> {
    let person = mail.reply_to.first().or(mail.from.as_ref());
    person.map(|person| person.address.to_string()).ok_or_else(|| format!("`{}` has no sender", mail.subject))
}

fn reply_subject(subject: &str) -> String {
    if subject.starts_with("Re: ") { subject.to_owned() } else { format!("Re: {subject}") }
}

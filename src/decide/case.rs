//! What a decision about a mail looks at: what came in, and for each kind of mail what was looked up for it.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;

use super::commands::Instructions;
use crate::model::address::Person;
use crate::model::facts::{Counters, DirectFacts};
use crate::model::held::AgentContext;
use crate::model::id::{AgentId, MailId};
use crate::model::link::{AgentProof, BounceProof, Link, Route, ThreadReason, Unproven};
use crate::model::mail::{Attachment, ParsedMail, RawMail};
use crate::model::outgoing::OwnPhrases;
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::rich::Rich;
use crate::model::staff::Staff;
use crate::model::surroundings::Surroundings;
use crate::model::ticket::{SenderVerdict, Ticket};
use crate::model::token::OwnId;

/// Whether a mail shows a key of an agent: then what stands below the line above which agents reply is a mail of ours. Anybody can
/// write that line, and hides nothing by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traces {
    /// It does.
    Key,
    /// It does not.
    None,
}

/// A mail that came in, and what is known whatever it is.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// The config.
    pub policy: &'a Policy,
    /// What our own mails to agents say, to know it again.
    pub phrases: &'a OwnPhrases,
    /// The mail as it came.
    pub raw: &'a RawMail,
    /// The mail as it is understood.
    pub mail: &'a ParsedMail,
    /// The mail's attachments, shared by all mails that carry them on.
    pub attachments: &'a Arc<[Attachment]>,
    /// Whether our own mail server vouches for its From.
    pub verified: bool,
    /// What it says of the customer who wrote `mail`.
    pub sender: SenderVerdict,
    /// Whether the mail shows a key of an agent.
    pub traces: Traces,
    /// Which ticket it belongs to.
    pub link: &'a Link,
    /// Where it goes.
    pub route: &'a Route,
    /// What we wrote on the ticket so far, which a customer's mail may quote.
    pub sent_words: &'a [String],
    /// What stands below a customer's words and on the ticket nowhere yet; `None` where nothing can stand there.
    pub below: Option<&'a str>,
    /// Why a robot that writes from ever other addresses must have written the mail.
    pub robot: Option<&'a str>,
    /// What is known of the staff.
    pub staff: &'a Staff,
    /// Numbers.
    pub counters: Counters,
    /// Now.
    pub now: Timestamp,
}

/// What a mail is, with all that a decision about it needs.
#[derive(Clone, Copy)]
pub enum Case<'a> {
    /// An agent's, with a token, on a ticket.
    AgentReply(AgentReply<'a>),
    /// A customer's on a ticket that exists.
    CustomerReply(CustomerReply<'a>),
    /// It belongs to no ticket.
    NewMatter(NewMatter<'a>),
    /// What one of us wrote to a customer past the desk.
    Copy(CopyOfOurs<'a>),
    /// A report on the delivery of one of our mails.
    Bounce(Report<'a>),
    /// An agent's answer to a mail of ours that stands on no ticket.
    Unticketed(Incoming<'a>, &'a AgentId),
    /// In an agent's name, which nothing proves.
    Unproven(Incoming<'a>, &'a AgentId, &'a Unproven),
    /// Our own mail come back.
    Own(Incoming<'a>),
}

/// An agent's mail on a ticket, and what its agent knew.
#[derive(Clone, Copy)]
pub struct AgentReply<'a> {
    /// The mail.
    pub incoming: Incoming<'a>,
    /// The ticket.
    pub ticket: &'a Ticket,
    /// Who wrote it.
    pub agent: &'a AgentId,
    /// Why it stands on that ticket.
    pub reason: ThreadReason,
    /// The merged ticket that the mail was written to.
    pub came_for: Option<&'a Ticket>,
    /// What is known of that ticket if the mail went to the customer already.
    pub direct: &'a DirectFacts,
    /// What it asks for.
    pub asked: &'a Instructions,
    /// Its words as its HTML shows them.
    pub rich: Option<&'a Rich>,
    /// The agent's own words in the HTML beside the plain text that was read.
    pub beside: Option<&'a str>,
    /// Who reads the words for which no command speaks; `None` when that is not clear.
    pub read_by: Option<Reader>,
    /// What its commands need to know of other tickets.
    pub surroundings: &'a Surroundings,
    /// The last words of a customer on the ticket.
    pub last_words: Option<&'a (Person, String)>,
    /// The same without what they quote: what colleagues are shown.
    pub told_words: Option<&'a (Person, String)>,
    /// What colleagues wrote to each other on the ticket.
    pub notes: &'a [String],
    /// All that the mails say which it answers, in each of their forms.
    pub answered: &'a [String],
    /// What the agent knew of the ticket.
    pub reading: &'a AgentContext,
    /// The mail with the held answer that it is about, when it says what to do with it.
    pub held: Option<&'a HeldMail>,
    /// Reads the addresses that a file shows.
    pub addresses_in: fn(&Attachment) -> BTreeSet<String>,
}

/// A customer's mail on a ticket that exists.
#[derive(Clone, Copy)]
pub struct CustomerReply<'a> {
    /// The mail.
    pub incoming: Incoming<'a>,
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The tickets that the first mail of that ticket opened in other departments.
    pub family: &'a [Ticket],
}

/// A mail that belongs to no ticket.
#[derive(Clone, Copy)]
pub struct NewMatter<'a> {
    /// The mail.
    pub incoming: Incoming<'a>,
    /// Where it goes beside its route: the other departments that it was written to.
    pub others: &'a [Route],
    /// Who passed it on to us, when it is the customer's mail inside an agent's.
    pub forward: Option<&'a HandedOn>,
}

/// A copy of what one of us wrote to a customer past the desk.
#[derive(Clone, Copy)]
pub struct CopyOfOurs<'a> {
    /// The mail.
    pub incoming: Incoming<'a>,
    /// The ticket that it answers; `None` when the customer has written nothing yet.
    pub ticket: Option<&'a Ticket>,
    /// Whose address stands in From.
    pub agent: Option<&'a AgentId>,
    /// Why it stands on that ticket.
    pub reason: ThreadReason,
    /// What shows that one of us wrote it.
    pub proof: AgentProof,
    /// What is known of that ticket.
    pub direct: &'a DirectFacts,
}

/// A report on the delivery of one of our mails.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The report.
    pub incoming: Incoming<'a>,
    /// The ticket of our mail.
    pub ticket: &'a Ticket,
    /// Our mail.
    pub of: &'a OwnId,
    /// What the report proves.
    pub proof: BounceProof,
}

/// Lets what a kind of mail has in common with all others be read like its own.
macro_rules! is_incoming {
    ($($name:ident)+) => { $(
        impl<'a> Deref for $name<'a> {
            type Target = Incoming<'a>;

            fn deref(&self) -> &Incoming<'a> {
                &self.incoming
            }
        }
    )+ };
}
is_incoming! { AgentReply CustomerReply NewMatter CopyOfOurs Report }

/// The mail with an answer that is held.
#[derive(Clone, Debug)]
pub struct HeldMail {
    /// The mail as it is understood.
    pub mail: ParsedMail,
    /// Its attachments.
    pub attachments: Arc<[Attachment]>,
    /// Its text as it was formatted.
    pub rich: Option<Rich>,
    /// What it asks for.
    pub asked: Instructions,
}

/// An agent's own part of a mail with which they passed on a customer's.
#[derive(Clone, Debug)]
pub struct HandedOn {
    /// Who.
    pub agent: AgentId,
    /// Their address in that mail.
    pub from: Person,
    /// What shows that it was them.
    pub proof: AgentProof,
    /// Their words to colleagues; empty for none.
    pub remark: String,
    /// When they wrote.
    pub date: Timestamp,
    /// The Message-ID of their mail.
    pub message_id: Option<MailId>,
}

/// What was looked up for a mail, as far as its kind needs it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// For an agent's mail.
    pub agent: Option<Box<KnownOfAgent>>,
    /// Of the ticket, for what one of us wrote past the desk or may have.
    pub direct: DirectFacts,
    /// The merged ticket that the mail was written to, when its link leads on from one.
    pub came_for: Option<Ticket>,
    /// For a customer's: the tickets that the first mail of its ticket opened in other departments.
    pub family: Vec<Ticket>,
    /// For a customer's: what we wrote on its ticket.
    pub sent_words: Vec<String>,
    /// For a customer's: what stands below its words and on the ticket nowhere yet.
    pub below: Option<String>,
    /// For a new one: the other departments that it was written to.
    pub others: Vec<Route>,
    /// For a new one: who passed it on to us.
    pub forward: Option<HandedOn>,
    /// The staff.
    pub staff: Staff,
}

/// What was looked up for an agent's mail.
#[derive(Clone, Debug)]
pub struct KnownOfAgent {
    /// What it asks for.
    pub asked: Instructions,
    /// Its words as its HTML shows them.
    pub rich: Option<Rich>,
    /// The agent's own words in the HTML beside the plain text that was read.
    pub beside: Option<String>,
    /// Who reads its words.
    pub read_by: Option<Reader>,
    /// What its commands need to know of other tickets.
    pub surroundings: Surroundings,
    /// The last words of a customer.
    pub last_words: Option<(Person, String)>,
    /// The same without what they quote.
    pub told_words: Option<(Person, String)>,
    /// Notes that an answer must not carry.
    pub notes: Vec<String>,
    /// All that the mails say which it answers.
    pub answered: Vec<String>,
    /// What its agent had seen.
    pub reading: AgentContext,
    /// The mail with the held answer, when this one says what to do with it.
    pub held: Option<HeldMail>,
    /// Reads the addresses that a file shows.
    pub addresses_in: fn(&Attachment) -> BTreeSet<String>,
}

impl<'a> Case<'a> {
    /// What a mail is, on `ticket` if it belongs to one, by all that was looked up for it.
    pub fn of(incoming: Incoming<'a>, ticket: Option<&'a Ticket>, known: &'a Known) -> Self {
        let opens = NewMatter { incoming, others: &known.others, forward: known.forward.as_ref() };
        match (incoming.link, ticket) {
            (Link::Own, _) => Self::Own(incoming),
            (Link::Unticketed { agent }, _) => Self::Unticketed(incoming, agent),
            (Link::Unproven { agent, why }, _) => Self::Unproven(incoming, agent, why),
            (Link::Bounce { of, proof, .. }, Some(ticket)) => {
                Self::Bounce(Report { incoming, ticket, of, proof: *proof })
            }
            (Link::Direct { agent, reason, proof, .. }, ticket) => Self::Copy(CopyOfOurs {
                incoming,
                ticket,
                agent: agent.as_ref(),
                reason: *reason,
                proof: *proof,
                direct: &known.direct,
            }),
            (Link::Ticket { agent: Some(agent), reason, .. }, Some(ticket)) => match &known.agent {
                Some(of_agent) => Self::AgentReply(AgentReply::of(&incoming, ticket, agent, *reason, known, of_agent)),
                None => Self::NewMatter(opens),
            },
            (Link::Ticket { agent: None, .. }, Some(ticket)) => {
                Self::CustomerReply(CustomerReply { incoming, ticket, family: &known.family })
            }
            (Link::New { .. } | Link::Forward { .. } | Link::Ticket { .. } | Link::Bounce { .. }, _) => {
                Self::NewMatter(opens)
            }
        }
    }

    /// The mail.
    pub(super) fn incoming(&self) -> &Incoming<'a> {
        match self {
            Self::AgentReply(case) => case,
            Self::CustomerReply(case) => case,
            Self::NewMatter(case) => case,
            Self::Copy(case) => case,
            Self::Bounce(case) => case,
            Self::Unticketed(incoming, _) | Self::Unproven(incoming, ..) | Self::Own(incoming) => incoming,
        }
    }
}

impl<'a> NewMatter<'a> {
    /// A mail that goes where its route says and nowhere beside.
    pub(super) fn alone(incoming: &Incoming<'a>) -> Self {
        Self { incoming: *incoming, others: &[], forward: None }
    }
}

impl CustomerReply<'_> {
    /// Why it stands on its ticket.
    pub(super) fn reason(&self) -> ThreadReason {
        if let Link::Ticket { reason, .. } = self.link { *reason } else { ThreadReason::Nothing }
    }
}

impl<'a> AgentReply<'a> {
    /// The same mail as one of a customer: agents have matters of their own.
    pub(super) fn as_customers(&self) -> CustomerReply<'a> {
        CustomerReply { incoming: self.incoming, ticket: self.ticket, family: &[] }
    }

    /// The same mail as one that the customer has already.
    pub(super) fn as_copy(&self) -> CopyOfOurs<'a> {
        let Self { incoming, ticket, agent, reason, direct, .. } = *self;
        let (ticket, agent) = (Some(ticket), Some(agent));
        CopyOfOurs { incoming, ticket, agent, reason, proof: AgentProof::Token, direct }
    }

    fn of(
        incoming: &Incoming<'a>,
        ticket: &'a Ticket,
        agent: &'a AgentId,
        reason: ThreadReason,
        known: &'a Known,
        of_agent: &'a KnownOfAgent,
    ) -> Self {
        let KnownOfAgent {
            asked,
            rich,
            beside,
            read_by,
            surroundings,
            last_words,
            told_words,
            notes,
            answered,
            reading,
            held,
            addresses_in,
        } = of_agent;
        Self {
            incoming: *incoming,
            ticket,
            agent,
            reason,
            came_for: known.came_for.as_ref(),
            direct: &known.direct,
            asked,
            rich: rich.as_ref(),
            beside: beside.as_deref(),
            read_by: *read_by,
            surroundings,
            last_words: last_words.as_ref(),
            told_words: told_words.as_ref(),
            notes,
            answered,
            reading,
            held: held.as_ref(),
            addresses_in: *addresses_in,
        }
    }
}

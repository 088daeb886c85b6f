//! What happens because of a mail, a command or the time: pure functions from facts, policy and `now` to a [`Plan`].
//!
//! No I/O, no clock, no failure. The only place that declares words fit for a customer ([`crate::model::visibility::Public`]).

mod absence;
mod acknowledge;
mod agent;
mod assignment;
mod audience;
mod author;
mod away_until;
mod below;
mod bounce;
mod brake;
mod by_hand;
mod closings;
mod collected;
mod commands;
mod confirm;
mod customer;
mod digest;
mod direct;
mod doubts;
mod draft;
mod dropped;
mod echo;
mod editor;
mod first;
mod flood;
mod handover;
mod held;
mod held_answer;
mod home;
mod key;
mod leak;
mod merge;
mod moved;
mod names;
mod notes;
mod on_none;
mod opening;
mod own_text;
mod pace;
mod people;
mod pictures;
mod quarantine;
mod recipients;
mod release;
mod rights;
mod robot;
mod signature;
mod spam;
mod split;
mod stopped;
mod tick;
mod undelivered;
mod unproven;
mod word_back;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

pub use self::absence::{MAX_DAYS, back_on, hand_over, impossible, leaves, spare_the_absent};
pub use self::assignment::queues;
pub use self::audience::{heirs, stand_ins};
pub use self::below::{Traces, is_anything as is_anything_below, unseen as unseen_below};
pub use self::bounce::{stands_with, unreached};
pub use self::by_hand::{HandChange, Knowledge, change_by_admin};
pub use self::collected::{Meanwhile, collected, with_kept};
pub use self::commands::{Instructions, Request, needs, read_tags};
pub use self::digest::digest;
pub use self::flood::folds_into;
pub use self::held::{held_again, released, say_nothing_again};
pub use self::held_answer::{Verdict, expired, verdict_of};
pub use self::home::taken_in;
pub use self::key::key_is_dead;
pub use self::moved::moved_in_mailbox;
pub use self::pace::{Pace, Telling, after_one, pace, pace_of};
pub use self::quarantine::{never_fetched, quarantined};
pub use self::robot::{robot, suspect, writes_for_another};
pub use self::spam::{from_muted, mutable};
pub use self::stopped::stopped;
pub use self::tick::{Undelivered, delivery_failed, wait_over};
pub use self::undelivered::{FailedNotification, Remedy, notification_failed, refused_since};

use crate::model::address::{Address, Person};
use crate::model::facts::{Counters, DirectFacts};
use crate::model::held::AgentContext;
use crate::model::id::{AgentId, MailId};
use crate::model::link::{AgentProof, Link, Route, ThreadReason};
use crate::model::mail::{Attachment, ParsedMail, RawMail};
use crate::model::outgoing::OwnPhrases;
use crate::model::plan::{AttachmentInfo, Fate, Plan};
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::rich::Rich;
use crate::model::staff::Staff;
use crate::model::surroundings::Surroundings;
use crate::model::ticket::{SenderVerdict, Ticket};

/// Everything that a decision about one mail may look at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
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
    /// The words of an agent's mail as its HTML shows them.
    pub rich: Option<&'a Rich>,
    /// Which ticket it belongs to.
    pub link: &'a Link,
    /// Where it goes.
    pub route: &'a Route,
    /// Where it goes beside that: the other departments that a new mail was written to.
    pub others: &'a [Route],
    /// The ticket that `link` names.
    pub ticket: Option<&'a Ticket>,
    /// The tickets that the first mail of that ticket opened in other departments.
    pub family: &'a [Ticket],
    /// The merged ticket that the mail was written to, when `link` leads on from one.
    pub came_for: Option<&'a Ticket>,
    /// What an agent's mail asks for; nothing in any other mail.
    pub asked: &'a Instructions,
    /// What an agent's commands need to know of other tickets.
    pub surroundings: &'a Surroundings,
    /// Who passed the mail on to us, when `mail` is the customer's mail inside an agent's.
    pub forward: Option<&'a HandedOn>,
    /// What we wrote on the ticket so far, which a customer's mail may quote.
    pub sent_words: &'a [String],
    /// Whether the mail shows a key of an agent.
    pub traces: Traces,
    /// What stands below a customer's words and on the ticket nowhere yet; `None` where nothing can stand there.
    pub below: Option<&'a str>,
    /// The last words of a customer on that ticket, read when an agent wrote.
    pub last_words: Option<&'a (Person, String)>,
    /// The same without what they quote: what colleagues are shown.
    pub told_words: Option<&'a (Person, String)>,
    /// What colleagues wrote to each other on that ticket, read when an agent wrote.
    pub notes: &'a [String],
    /// All that the mails say which an agent's answers, in each of their forms.
    pub answered: &'a [String],
    /// An agent's own words in the HTML beside the plain text that was read.
    pub beside: Option<&'a str>,
    /// Reads the addresses that a file shows.
    pub addresses_in: fn(&Attachment) -> BTreeSet<String>,
    /// What is known of that ticket, read when one of us wrote past the desk.
    pub direct: Option<&'a DirectFacts>,
    /// What is known of the staff.
    pub staff: &'a Staff,
    /// Who reads the words of an agent's mail for which no command speaks; `None` when that is not clear.
    pub read_by: Option<Reader>,
    /// What the agent who wrote knew of that ticket.
    pub reading: &'a AgentContext,
    /// The mail with the held answer that his mail is about, read when he says what to do with it.
    pub held: Option<&'a HeldMail>,
    /// Why a robot that writes from ever other addresses must have written the mail.
    pub robot: Option<&'a str>,
    /// Numbers.
    pub counters: Counters,
    /// Now.
    pub now: Timestamp,
}

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

/// An agent's own part of a mail with which he passed on a customer's.
#[derive(Clone, Debug)]
pub struct HandedOn {
    /// Who.
    pub agent: AgentId,
    /// His address in that mail.
    pub from: Person,
    /// What shows that it was him.
    pub proof: AgentProof,
    /// His words to colleagues; empty for none.
    pub remark: String,
    /// When he wrote.
    pub date: Timestamp,
    /// The Message-ID of his mail.
    pub message_id: Option<MailId>,
}

/// Whether `mail` with these attachments was written by a machine and says nothing: an out-of-office, a report, a receipt.
pub fn says_nothing(mail: &ParsedMail, attachments: &[Attachment]) -> bool {
    customer::silence(mail, attachments).is_some()
}

/// What happens because of a mail.
pub fn decide(case: &Case<'_>) -> Plan {
    let mut plan = what_happens(case);
    absence::end_by_presence(case, &mut plan);
    plan
}

fn what_happens(case: &Case<'_>) -> Plan {
    match (case.link, case.ticket) {
        (Link::Own, _) => ignored("our own mail come back"),
        (Link::Unticketed { agent }, _) => on_none::mail(case, agent),
        (Link::Unproven { agent, why }, _) => unproven::mail(case, agent, why),
        (Link::Bounce { of, proof, .. }, Some(ticket)) => bounce::report(case, ticket, of, *proof),
        (Link::Ticket { agent: Some(agent), .. }, Some(ticket)) if agent::is_customer(case, ticket, agent) => {
            customer::follow_up(case, ticket)
        }
        (Link::Ticket { agent: Some(agent), reason, .. }, Some(ticket)) if direct::is_copy(case, ticket) => {
            direct::answer(case, ticket, Some(agent), *reason, AgentProof::Token)
        }
        (Link::Ticket { agent: Some(agent), .. }, Some(ticket)) => agent::mail(case, ticket, agent),
        (Link::Direct { agent, reason, proof, .. }, Some(ticket)) => {
            direct::answer(case, ticket, agent.as_ref(), *reason, *proof)
        }
        (Link::Direct { agent, proof, .. }, None) => first::words(case, agent.as_ref(), *proof),
        (Link::Ticket { reason: ThreadReason::StrayBounce, .. }, Some(ticket)) => bounce::one_more_stray(case, ticket),
        (Link::Ticket { agent: None, .. }, Some(ticket)) if case.mail.asks_to_confirm => {
            bounce::held_by_recipient(case, ticket)
        }
        (Link::Ticket { reason: ThreadReason::Flood, .. }, Some(ticket)) if case.mail.bounce.is_none() => {
            flood::fold(case, ticket)
        }
        (Link::Ticket { agent: None, .. }, Some(ticket)) => customer::follow_up(case, ticket),
        (Link::New { .. } | Link::Ticket { .. } | Link::Bounce { .. }, _) if case.mail.bounce.is_some() => {
            bounce::stray(case)
        }
        (Link::New { .. } | Link::Ticket { .. } | Link::Bounce { .. } | Link::Forward { .. }, _) => {
            opening::new_ticket(case)
        }
    }
}

/// Who gets automatic mail because of `mail`: the address whose [`Counters::machine_mails_to_sender`] the case needs. For a
/// form it is the customer in Reply-To, not the form, else a flood of forged forms would know no limit.
pub fn correspondent(policy: &Policy, mail: &ParsedMail, link: &Link) -> Option<Address> {
    if let Link::Ticket { agent: Some(agent), .. } | Link::Unticketed { agent } | Link::Unproven { agent, .. } = link {
        return policy.agent(agent).and_then(|agent| agent.addresses.first().cloned());
    }
    let address = customer::requester(policy, mail).address;
    address.is_reachable().then_some(address)
}

/// A mail that was taken before, from another folder or under another UID: nothing happens again.
pub fn duplicate(ticket: Option<crate::model::TicketNumber>) -> Plan {
    Plan { fate: Some(Fate::Duplicate(ticket)), ..Plan::default() }
}

fn ignored(reason: &str) -> Plan {
    Plan { fate: Some(Fate::Ignored(reason.to_owned())), ..Plan::default() }
}

fn attachment_infos(attachments: &[Attachment]) -> Vec<AttachmentInfo> {
    let info = |attachment: &Attachment| AttachmentInfo {
        name: attachment.name.clone(),
        media_type: attachment.media_type.clone(),
        size: u64::try_from(attachment.content.len()).unwrap_or(u64::MAX),
        inline: attachment.inline,
    };
    attachments.iter().map(info).collect()
}

#[cfg(test)]
mod tests;

//! What happens because of a mail, a command or the time: pure functions from facts, policy and `now` to a [`Plan`].
//!
//! No I/O, no clock, no failure. The only place that declares words fit for a customer ([`crate::model::visibility::Public`]).

mod actions;
mod agent;
mod case;
mod commands;
mod customer;
mod names;
mod notify;
mod outgoing;
mod outside;
mod tick;
mod ticket;

pub use self::actions::absence::{MAX_DAYS, back_on, hand_over, impossible, leaves, spare_the_absent};
pub use self::actions::giving_out::queues;
pub use self::actions::orphaned::taken_in;
pub use self::actions::spam::{from_muted, mutable};
pub use self::agent::held_answer::{Verdict, expired, verdict_of};
use self::case::{AgentReply, CopyOfOurs, CustomerReply, NewMatter, Report};
pub use self::case::{Case, HandedOn, HeldMail, Incoming, Known, KnownOfAgent, Traces};
pub use self::commands::{Instructions, Request, needs, read_tags};
pub use self::customer::below::{is_anything as is_anything_below, unseen as unseen_below};
pub use self::customer::bounce::{stands_with, unreached};
pub use self::customer::flood::folds_into;
pub use self::customer::leaked_key::key_is_dead;
pub use self::customer::quarantine::{held_again, released, say_nothing_again};
pub use self::customer::quarantine::{never_fetched, quarantined};
pub use self::customer::robot::{robot, suspect, writes_for_another};
pub use self::notify::collected::{Meanwhile, collected, with_kept};
pub use self::notify::digest::digest;
pub use self::notify::pace::{Pace, Telling, after_one, pace, pace_of};
pub use self::notify::stopped::stopped;
pub use self::notify::successors::{Heard, Reassignments, stand_ins, successors, takes_over};
pub use self::notify::undelivered::{FailedNotification, Remedy, notification_failed, refused_since};
pub use self::outside::by_hand::moved_in_mailbox;
pub use self::outside::by_hand::{HandChange, Knowledge, change_by_admin};
pub use self::tick::{Undelivered, delivery_failed, wait_over};

use crate::model::address::Address;
use crate::model::link::{Link, ThreadReason};
use crate::model::mail::{Attachment, ParsedMail};
use crate::model::plan::{AttachmentInfo, Fate, Plan};
use crate::model::policy::Policy;

/// Whether `mail` with these attachments was written by a machine and says nothing: an out-of-office, a report, a receipt.
pub fn says_nothing(mail: &ParsedMail, attachments: &[Attachment]) -> bool {
    customer::follow_up::silence(mail, attachments).is_some()
}

/// What happens because of a mail.
pub fn decide(case: &Case<'_>) -> Plan {
    let mut plan = what_happens(case);
    actions::absence::end_by_presence(case.incoming(), &mut plan);
    plan
}

fn what_happens(case: &Case<'_>) -> Plan {
    match case {
        Case::Own(_) => ignored("our own mail come back"),
        Case::Unticketed(mail, agent) => agent::unticketed::mail(mail, agent),
        Case::Unproven(mail, agent, why) => agent::unproven::mail(mail, agent, why),
        Case::Bounce(report) => customer::bounce::report(report),
        Case::Copy(copy) => match copy.ticket {
            Some(ticket) => outside::copies::answer(copy, ticket),
            None => outside::outbound::words(copy),
        },
        Case::AgentReply(reply) if agent::reply::is_customer(reply) => {
            customer::follow_up::follow_up(&reply.as_customers())
        }
        Case::AgentReply(reply) if outside::copies::is_copy(reply) => {
            outside::copies::answer(&reply.as_copy(), reply.ticket)
        }
        Case::AgentReply(reply) => agent::reply::mail(reply),
        Case::CustomerReply(reply) => on_ticket(reply),
        Case::NewMatter(mail) if mail.mail.bounce.is_some() && mail.forward.is_none() => customer::bounce::stray(mail),
        Case::NewMatter(mail) => customer::open::new_ticket(mail),
    }
}

fn on_ticket(reply: &CustomerReply<'_>) -> Plan {
    let reason = reply.reason();
    if reason == ThreadReason::StrayBounce {
        customer::bounce::one_more_stray(reply, reply.ticket)
    } else if reply.mail.asks_to_confirm {
        customer::bounce::held_by_recipient(reply, reply.ticket)
    } else if reason == ThreadReason::Flood && reply.mail.bounce.is_none() {
        customer::flood::fold(reply, reply.ticket)
    } else {
        customer::follow_up::follow_up(reply)
    }
}

/// Who gets automatic mail because of `mail`: the address whose `Counters::machine_mails_to_sender` the case needs. For a
/// form it is the customer in Reply-To, not the form, else a flood of forged forms would know no limit.
pub fn correspondent(policy: &Policy, mail: &ParsedMail, link: &Link) -> Option<Address> {
    if let Link::Ticket { agent: Some(agent), .. } | Link::Unticketed { agent } | Link::Unproven { agent, .. } = link {
        return policy.agent(agent).and_then(|agent| agent.addresses.first().cloned());
    }
    let address = customer::follow_up::requester(policy, mail).address;
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

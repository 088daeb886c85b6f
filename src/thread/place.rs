//! Where a customer's mail belongs once a ticket is found: on it, on the one that follows it, or on a new one of its own.

use jiff::Timestamp;

use super::joined;
use super::writers::Writers;
use crate::model::facts::ThreadFacts;
use crate::model::id::TicketNumber;
use crate::model::link::{Link, ThreadReason};
use crate::model::mail::ParsedMail;
use crate::model::policy::{ClosedPolicy, Department, Policy};
use crate::model::subject::is_forward;
use crate::model::ticket::{Status, Ticket};

/// Tickets that were opened in place of closed ones, followed at most.
const MAX_STEPS: usize = 32;

/// What a decision about threading needs beside the mail.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// Whether a machine wrote the mail that says nothing: it changes no ticket and opens none.
    pub silent: bool,
    /// Whether it lies in the Sent folder of a shared account.
    pub sent: bool,
}

/// Where a customer's mail goes that belongs to ticket `number` for `reason`.
pub(super) fn of(
    number: TicketNumber,
    reason: ThreadReason,
    writers: &Writers<'_>,
    facts: &ThreadFacts,
    policy: &Policy,
    moment: Moment,
) -> Link {
    let Some(ticket) = living(number, facts) else { return joined(number, reason, None) };
    if moment.silent {
        return joined(number, reason, None);
    }
    if passed_on(writers.mail(), ticket, policy) {
        return Link::New { reason: ThreadReason::PassedOn, possibly_related: Some(number) };
    }
    let mut named = number;
    for _ in 0..MAX_STEPS {
        let Some(ticket) = living(named, facts).filter(|ticket| stays_closed(ticket, policy, moment.now)) else {
            break;
        };
        match follower(ticket, writers, facts) {
            Some(next) => named = next,
            None => return Link::New { reason: ThreadReason::Closed, possibly_related: Some(ticket.number) },
        }
    }
    joined(named, reason, None)
}

/// The ticket that lives on when `number` was merged, else that ticket.
fn living(number: TicketNumber, facts: &ThreadFacts) -> Option<&Ticket> {
    facts.ticket(facts.lead(number))
}

/// Whether the department of a closed ticket wants a new one instead.
fn stays_closed(ticket: &Ticket, policy: &Policy, now: Timestamp) -> bool {
    if ticket.status != Status::Closed {
        return false;
    }
    match policy.department(&ticket.department).map(|department| department.closed) {
        None | Some(ClosedPolicy::Reopen) => false,
        Some(ClosedPolicy::New) => true,
        Some(ClosedPolicy::ReopenWithin(time)) => {
            ticket.closed_at.is_none_or(|closed_at| now.duration_since(closed_at) > time)
        }
    }
}

/// The ticket that was opened in place of a closed one, if the sender is on it.
fn follower(ticket: &Ticket, writers: &Writers<'_>, facts: &ThreadFacts) -> Option<TicketNumber> {
    let next = facts.ticket(ticket.followed_by?)?.number;
    writers.are_on(next).then_some(next)
}

/// Whether a customer sends a mail of the ticket on to another department, and not to the ticket's own.
fn passed_on(mail: &ParsedMail, ticket: &Ticket, policy: &Policy) -> bool {
    if !is_forward(&mail.subject) || mail.automated.is_some() {
        return false;
    }
    let written = |department: &Department| policy.is_written_to(mail, department);
    let (own, others): (Vec<_>, Vec<_>) =
        policy.departments.iter().partition(|department| department.id == ticket.department);
    others.into_iter().any(written) && !own.into_iter().any(written)
}

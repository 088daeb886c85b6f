//! Whether a new ticket is acknowledged: at most once a ticket, never to a machine, never for old mail, capped by address and mailbox.

use jiff::SignedDuration;

use super::Case;
use super::draft::Drafts;
use crate::model::address::Address;
use crate::model::link::{AgentProof, Link, ThreadReason};
use crate::model::outgoing::{AcknowledgementDraft, Draft};
use crate::model::plan::NewTicket;

/// Older mail is not acknowledged: who wrote yesterday has stopped waiting for a receipt.
pub(super) const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Addresses that no human reads.
const MACHINES: &[&str] = &[
    "mailer-daemon",
    "postmaster",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "bounce",
    "bounces",
    "root",
    "abuse",
    "daemon",
    "nobody",
    "listserv",
    "majordomo",
];

/// The receipt for `ticket`, or why there is none.
pub(super) fn receipt(case: &Case<'_>, ticket: &NewTicket, drafts: &mut Drafts) -> Result<(), &'static str> {
    let department = case.policy.department(&ticket.route.department).ok_or("its department is not in the config")?;
    let sender = &ticket.requester.address;
    if !department.acknowledge {
        return Err("the department does not acknowledge");
    }
    if case.mail.automated.is_some() {
        return Err("no human wrote the mail");
    }
    if case.forward.is_some_and(|forward| forward.proof == AgentProof::FromAlone) {
        return Err("nothing proves that an agent forwarded it");
    }
    if matches!(case.link, Link::New { reason: ThreadReason::AgentsToken, .. }) {
        return Err("it bears an agent's reply address and does not come from the agent: it answers nobody");
    }
    if case.mail.from.is_none() || is_machine(sender) {
        return Err("nobody reads mail at the sender's address");
    }
    if case.policy.is_own(sender) {
        return Err("the sender's address is one of ours");
    }
    if case.now.duration_since(case.raw.received_at) > FRESH {
        return Err("the mail is older than a day");
    }
    if !case.mail.to.iter().chain(&case.mail.cc).any(|person| case.policy.is_own(&person.address)) {
        // RFC 3834 §2: answer only mail that was sent to us by name, not what a Bcc or a list brought.
        return Err("neither To nor Cc names one of our addresses");
    }
    if case.counters.machine_mails_to_sender >= case.policy.limits.per_address_per_day {
        return Err("limit `per_address_per_day` is reached");
    }
    if case.counters.machine_mails_of_mailbox >= case.policy.limits.per_mailbox_per_hour {
        return Err("limit `per_mailbox_per_hour` is reached");
    }
    let serial = drafts.serial();
    drafts.mails.push(Draft::Acknowledgement(AcknowledgementDraft {
        ticket: ticket.number,
        department: department.id.clone(),
        subject: ticket.subject.clone(),
        to: ticket.requester.clone(),
        language: ticket.language,
        references: case.mail.message_id.iter().cloned().collect(),
        serial,
    }));
    Ok(())
}

/// Whether the local part says that no human reads mail there.
pub(super) fn is_machine(address: &Address) -> bool {
    let local = address.local().to_lowercase();
    let base = local.split('+').next().unwrap_or_default();
    MACHINES.contains(&base)
        || base.starts_with("noreply")
        || base.starts_with("no-reply")
        || base.ends_with("-bounces")
}

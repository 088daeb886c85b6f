//! Whether a new ticket is acknowledged: at most once a ticket, never to a machine, never for old mail, capped by address and mailbox.

use jiff::SignedDuration;

use super::Case;
use super::draft::Drafts;
use crate::model::address::Address;
use crate::model::correspondent::{Doors, is_machine};
use crate::model::link::{Link, ThreadReason};
use crate::model::outgoing::{AcknowledgementDraft, Draft};
use crate::model::plan::NewTicket;

/// Older mail is not acknowledged: who wrote yesterday has stopped waiting for a receipt.
pub(super) const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Receipts in an hour that the mails of one domain may cause to addresses elsewhere, by naming them in Reply-To: nobody is to
/// use us to write to others. Forms of our own are free of it.
const FOR_OTHERS_PER_HOUR: u32 = 20;

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
    let doors = Doors::of(case.policy, case.mail);
    let ours = |address: &Address| case.policy.is_own(address) || doors.lead_from(address);
    if !case.mail.to.iter().chain(&case.mail.cc).any(|person| ours(&person.address)) {
        // RFC 3834 §2: answer only mail that was sent to us by name, not what a Bcc or a list brought.
        return Err("neither To nor Cc names one of our addresses");
    }
    if case.counters.machine_mails_to_sender >= case.policy.limits.per_address_per_day {
        return Err("limit `per_address_per_day` is reached");
    }
    if case.counters.machine_mails_of_mailbox >= case.policy.limits.per_mailbox_per_hour {
        return Err("limit `per_mailbox_per_hour` is reached");
    }
    if case.counters.domain.receipts_of_hour >= case.policy.limits.receipts_per_domain_per_hour {
        return Err("limit `receipts_per_domain_per_hour` is reached");
    }
    if case.counters.domain.for_others >= FOR_OTHERS_PER_HOUR {
        return Err("mails of the same domain had receipts sent to too many others within the hour");
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

//! Whether a new ticket is acknowledged: at most once a ticket, never to a machine, never for old mail, capped by address and mailbox.

use jiff::SignedDuration;

use crate::decide::Incoming;
use crate::decide::notify::drafts::Drafts;
use crate::model::address::Address;
use crate::model::breaker::{Breaker, Stopped};
use crate::model::correspondent::{Doors, author, is_machine};
use crate::model::link::{Link, ThreadReason};
use crate::model::outgoing::{AcknowledgementDraft, Draft, SubjectWords};
use crate::model::plan::NewTicket;
use crate::model::provider::organisation;
use crate::model::ticket::SenderVerdict;

/// Older mail is not acknowledged: who wrote yesterday has stopped waiting for a receipt.
pub(in crate::decide) const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Receipts in an hour that the mails of one domain may cause to addresses elsewhere, by naming them in Reply-To: nobody is to
/// use us to write to others. Forms of our own are free of it.
const FOR_OTHERS_PER_HOUR: u32 = 20;

/// Why there is no receipt.
pub(in crate::decide) enum NoReceipt {
    /// There is to be none.
    Why(&'static str),
    /// A limit is reached: somebody should know.
    Limit(&'static str, Stopped),
}

impl NoReceipt {
    /// In words.
    pub(in crate::decide) fn why(&self) -> &'static str {
        match self {
            Self::Why(why) | Self::Limit(why, _) => why,
        }
    }
}

impl From<&'static str> for NoReceipt {
    fn from(why: &'static str) -> Self {
        Self::Why(why)
    }
}

/// The receipt for `ticket`, or why there is none.
pub(in crate::decide) fn receipt(
    case: &Incoming<'_>,
    ticket: &NewTicket,
    drafts: &mut Drafts,
) -> Result<(), NoReceipt> {
    forbidden(case, ticket)?;
    within_limits(case, ticket)?;
    let serial = drafts.serial();
    drafts.mails.push(Draft::Acknowledgement(AcknowledgementDraft {
        ticket: ticket.number,
        department: ticket.route.department.clone(),
        subject: ticket.subject.clone(),
        // To whom nobody has written yet, nobody's words are repeated: From can be anybody's.
        words: if case.verified || case.counters.is_acquainted { SubjectWords::Theirs } else { SubjectWords::Ours },
        to: ticket.requester.clone(),
        language: ticket.language,
        references: case.mail.message_id.iter().cloned().collect(),
        serial,
    }));
    Ok(())
}

/// Why a mail gets no receipt, whatever was sent before.
fn forbidden(case: &Incoming<'_>, ticket: &NewTicket) -> Result<(), &'static str> {
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
    if case.sender == SenderVerdict::Failed {
        return Err("our own mail server says that it does not come from the domain in From");
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
    Ok(())
}

/// Which limit keeps a receipt back.
fn within_limits(case: &Incoming<'_>, ticket: &NewTicket) -> Result<(), NoReceipt> {
    let (limits, counters) = (&case.policy.limits, &case.counters);
    if counters.machine_mails_to_sender >= limits.per_address_per_day {
        return Err("limit `per_address_per_day` is reached".into());
    }
    let limit = |why, breaker, whose: &str, limit| {
        Err(NoReceipt::Limit(why, Stopped { breaker, whose: whose.to_owned(), limit }))
    };
    if counters.machine_mails_of_mailbox >= limits.per_mailbox_per_hour {
        let (whose, most) = (ticket.mailbox.as_str(), limits.per_mailbox_per_hour);
        return limit("limit `per_mailbox_per_hour` is reached", Breaker::ReceiptsOfMailbox, whose, most);
    }
    if counters.domain.receipts_of_hour >= limits.receipts_per_domain_per_hour {
        let (whose, most) = (organisation(ticket.requester.address.domain()), limits.receipts_per_domain_per_hour);
        return limit("limit `receipts_per_domain_per_hour` is reached", Breaker::ReceiptsOfDomain, whose, most);
    }
    if counters.domain.for_others >= FOR_OTHERS_PER_HOUR {
        let from = author(case.mail).address;
        let why = "mails of the same domain had receipts sent to too many others within the hour";
        return limit(why, Breaker::ReceiptsForOthers, organisation(from.domain()), FOR_OTHERS_PER_HOUR);
    }
    Ok(())
}

//! `[#1042]` in a subject: ours when the rest of the subject is the ticket's. Other helpdesks write their numbers in the same form,
//! so that a number above another subject joins nothing.

use crate::model::facts::ThreadFacts;
use crate::model::id::TicketNumber;
use crate::model::link::Clues;
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::subject::{is_about, is_our_own, mentions};

/// The tickets whose tag stands above their own subject in `mail`, or above one that we wrote, in the order of the tags.
pub(super) fn tagged<'a>(
    mail: &'a ParsedMail,
    clues: &'a Clues,
    facts: &'a ThreadFacts,
    policy: &'a Policy,
) -> impl Iterator<Item = TicketNumber> + 'a {
    let ours = is_our_own(&mail.subject, &policy.desk.name);
    clues.tags.iter().copied().filter(move |number| ours || is_titled(mail, *number, facts))
}

/// Whether the subject of `mail`, its tags aside, is that of the ticket; a machine puts words of its own around it.
pub(super) fn is_titled(mail: &ParsedMail, number: TicketNumber, facts: &ThreadFacts) -> bool {
    let fits = |ticket: &str| {
        if mail.automated.is_some() { mentions(&mail.subject, ticket) } else { is_about(&mail.subject, ticket) }
    };
    [number, facts.lead(number)].into_iter().filter_map(|number| facts.ticket(number)).any(|on| fits(&on.subject))
}

/// The first ticket whose tag and subject both stand in the subject of `mail`, with whatever else.
pub(super) fn mentioned(mail: &ParsedMail, clues: &Clues, facts: &ThreadFacts) -> Option<TicketNumber> {
    let fits = |number: &TicketNumber| facts.ticket(*number).is_some_and(|on| mentions(&mail.subject, &on.subject));
    clues.tags.iter().copied().find(fits)
}

/// The ticket of the tag in the subject of the mail that is quoted, if that is the ticket's subject.
pub(super) fn quoted(clues: &Clues, facts: &ThreadFacts) -> Option<TicketNumber> {
    let (number, subject) = clues.quoted_tag.as_ref()?;
    facts.ticket(*number).filter(|ticket| is_about(subject, &ticket.subject)).map(|ticket| ticket.number)
}

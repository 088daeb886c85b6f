//! What one of us wrote past the desk, between threading and deciding: which ticket of a family it answers, what is known of
//! that ticket, and whether a copy proves what an earlier copy did not.

use crate::model::facts::DirectFacts;
use crate::model::link::{AgentProof, Link};
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::ticket::Ticket;
use crate::store::{StoreError, View};

/// The sibling of `ticket` that the mail answers instead: the one whose department writes from its From.
pub(super) fn sibling(
    view: &View<'_>,
    policy: &Policy,
    link: &mut Link,
    ticket: Option<&Ticket>,
    mail: &ParsedMail,
) -> Result<Option<Ticket>, StoreError> {
    let (Link::Direct { number, .. }, Some(ticket), Some(from)) = (link, ticket, &mail.from) else { return Ok(None) };
    let Some(department) = policy.department_of(&from.address).filter(|found| found.id != ticket.department) else {
        return Ok(None);
    };
    let Some(sibling) = ticket.siblings.iter().find(|sibling| sibling.department == department.id) else {
        return Ok(None);
    };
    *number = Some(sibling.number);
    view.ticket(sibling.number)
}

/// What is known of the ticket, when one of us wrote on it past the desk or may have.
pub(super) fn facts(
    view: &View<'_>,
    link: &Link,
    ticket: Option<&Ticket>,
    mail: &ParsedMail,
) -> Result<Option<DirectFacts>, StoreError> {
    let Some(ticket) = ticket else { return Ok(None) };
    match link {
        Link::Direct { .. } | Link::Ticket { agent: Some(_), .. } => {
            view.direct_facts(ticket.number, mail.message_id.as_ref()).map(Some)
        }
        Link::Own
        | Link::Unticketed { .. }
        | Link::Unproven { .. }
        | Link::Bounce { .. }
        | Link::Ticket { .. }
        | Link::Forward { .. }
        | Link::New { .. } => Ok(None),
    }
}

/// Whether a mail that was taken before counts all the same: its copy that arrived was only noted, and the one in the Sent
/// folder proves who wrote it.
pub(super) fn proves_more(link: &Link, facts: Option<&DirectFacts>) -> bool {
    let filed = matches!(link, Link::Direct { number: Some(_), proof: AgentProof::SentFolder, .. });
    filed && facts.is_some_and(|facts| facts.is_unproven && !facts.is_answer)
}

//! Which ticket a mail belongs to, and why: signed reply addresses, In-Reply-To, References from the right, the subject's tag,
//! then what a mail has in common with those of a ticket (Message-ID and date, references, Thread-Index, list), a quoted tag.
//!
//! Pure. Only a valid token or a participant joins a ticket, and the latter by what is theirs alone (`writers`): ids and tags
//! can be copied, so a stranger who shows one gets a ticket of their own, marked as possibly related. From alone never makes
//! anybody an agent. A mail of a colleague of the requester that answers one of the ticket's joins when our own mail server
//! vouches for their common domain; the colleague is only proposed.
//! An automatic reply is recorded on the ticket that it refers to, whoever wrote it: it changes nothing there.

mod authenticity;
mod bounced;
mod clues;
mod direct;
mod forward;
mod leaked;
mod place;
mod reader;
mod tags;
mod unproven;
mod writers;

pub use self::authenticity::{is_verified, verdict};
pub use self::clues::clues;
pub use self::forward::{ASKS_TO_FORWARD, asks_to_forward};
pub use self::leaked::{leaked, shown};
pub use self::place::Moment;
pub use self::reader::reader;

use self::tags::{is_titled, mentioned, quoted, tagged};
use self::writers::Writers;
use crate::model::address::Address;
use crate::model::facts::{ThreadFacts, TicketRelation};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::link::{Clues, HeaderClue, Link, ThreadReason, TokenClue, TokenPlace};
use crate::model::list::{is_carried, is_of_list};
use crate::model::mail::{Automated, ParsedMail};
use crate::model::policy::Policy;
use crate::model::subject::{bare_subject, conversation};
use crate::model::ticket::{SenderVerdict, Ticket};
use crate::model::token::{NO_TICKET, Seal};

/// Lays aside what was signed for another ticket: one that had the number before the database was restored, or one of another
/// database beside the same secret. To be done before anything is concluded from `clues`.
pub fn prove(clues: &mut Clues, facts: &ThreadFacts) {
    let made = |ticket: TicketNumber, seal: Seal, agent: Option<&AgentId>| {
        let on = |ticket: &Ticket| agent.map_or_else(|| ticket.made(seal), |agent| ticket.made_for(seal, agent));
        ticket == NO_TICKET || facts.ticket(ticket).is_some_and(on)
    };
    let holds = |token: &TokenClue| made(token.ticket, token.seal, Some(&token.agent));
    let (proven, void) = std::mem::take(&mut clues.tokens).into_iter().partition(holds);
    (clues.tokens, clues.void) = (proven, void);
    clues.answers.retain(holds);
    clues.bounced = clues.bounced.take().filter(|own| made(own.ticket, own.seal, own.agent.as_ref()));
}

/// Which ticket `mail` belongs to.
pub fn resolve(mail: &ParsedMail, clues: &Clues, facts: &ThreadFacts, policy: &Policy, moment: Moment) -> Link {
    if facts.is_own || mail.automated == Some(Automated::Own) {
        return Link::Own;
    }
    if let Some(own) = &clues.bounced
        && facts.ticket(own.ticket).is_some()
    {
        let proof = bounced::proof(mail, facts);
        return Link::Bounce { number: own.ticket, of: own.clone(), proof };
    }
    if let Some(link) = bounced::placed(mail, clues, facts) {
        return link;
    }
    let sender = mail.from.as_ref().map(|from| &from.address);
    if moment.sent
        && let Some(link) = direct::filed_by_us(mail, clues, facts, policy)
    {
        return link;
    }
    if let Some(link) = forward::by_agent(mail, clues, policy) {
        return link;
    }
    if let Some(link) = by_token(mail, sender, clues, facts, policy) {
        return link;
    }
    if let Some(link) = direct::past_the_desk(mail, clues, facts, policy) {
        return link;
    }
    if let Some(agent) = on_none(mail, sender, clues, policy) {
        return Link::Unticketed { agent };
    }
    let writers = Writers::of(mail, clues, facts, policy);
    if let Some((number, reason)) = by_header(mail, &writers, clues, facts) {
        return place::of(number, reason, &writers, facts, policy, moment);
    }
    if let Some(number) = tagged(mail, clues, facts, policy).find(|number| writers.join_by_tag(*number)) {
        return place::of(number, ThreadReason::SubjectTag, &writers, facts, policy, moment);
    }
    if let Some(number) = by_colleague(mail, sender, clues, facts, policy) {
        return place::of(number, ThreadReason::Colleague, &writers, facts, policy, moment);
    }
    if let Some((number, reason)) = by_conversation(mail, &writers, clues, facts, policy) {
        return place::of(number, reason, &writers, facts, policy, moment);
    }
    if let Some(number) = quoted(clues, facts).filter(|number| writers.join_by_tag(*number)) {
        return place::of(number, ThreadReason::QuotedTag, &writers, facts, policy, moment);
    }
    if let Some(link) = unproven::by_agent(mail, sender, clues, facts, policy) {
        return link;
    }
    belongs_nowhere(mail, &writers, clues, facts)
}

/// Leads a link on to the ticket that lives on, when the one that it names was merged: that one is returned too. Last of all,
/// so that who may join is judged by the ticket that the mail was written to.
pub fn lead(link: Link, facts: &ThreadFacts) -> (Link, Option<TicketNumber>) {
    let merged = |number: TicketNumber| (facts.lead(number) != number).then_some(number);
    match link {
        Link::Ticket { number, reason, agent } => {
            (Link::Ticket { number: facts.lead(number), reason, agent }, merged(number))
        }
        Link::Bounce { number, of, proof } => (Link::Bounce { number: facts.lead(number), of, proof }, merged(number)),
        Link::Direct { number: Some(number), reason, agent, proof } => {
            (Link::Direct { number: Some(facts.lead(number)), reason, agent, proof }, merged(number))
        }
        Link::New { reason, possibly_related } => {
            (Link::New { reason, possibly_related: possibly_related.map(|number| facts.lead(number)) }, None)
        }
        Link::Own
        | Link::Forward { .. }
        | Link::Unticketed { .. }
        | Link::Unproven { .. }
        | Link::Direct { number: None, .. } => (link, None),
    }
}

/// What belongs together although neither names the other: mails that came out of order, or whose first one never came here.
///
/// A list's mails are known by the list, which everybody on it reads anyway: they open tickets of the list, and only those can
/// be joined so; there an answer whose parent never came is known by the subject as well, if the list itself handed it over.
/// A list that changes what it hands on breaks its authors' signatures: where our server finds that, only an envelope of the
/// list's counts. All others need somebody who wrote on the ticket, and its subject: what mails have in common may be in many hands.
fn by_conversation(
    mail: &ParsedMail,
    writers: &Writers<'_>,
    clues: &Clues,
    facts: &ThreadFacts,
    policy: &Policy,
) -> Option<(TicketNumber, ThreadReason)> {
    let of_list = |number: &TicketNumber| {
        let list = facts.ticket(*number).and_then(|ticket| ticket.list.as_deref());
        list.is_some_and(|list| is_of_list(mail, list, policy) && (!writers.are_forged() || is_carried(mail, list)))
    };
    let named = clues.ids.iter().filter_map(|clue| facts.by_id.iter().find(|(id, _)| *id == clue.id));
    if let Some(number) = named.map(|(_, number)| *number).find(of_list) {
        return Some((number, ThreadReason::SameList));
    }
    let subject = bare_subject(&mail.subject).to_lowercase();
    facts.kin.iter().find_map(|kin| {
        let ticket = facts.ticket(kin.number)?;
        match kin.bond {
            TicketRelation::SameMail => {
                let welcome = writers.join_by_kinship(kin.number);
                return welcome.then_some((kin.number, ThreadReason::SameMail));
            }
            // Each list puts its own tag into the subject of a mail that went to several.
            TicketRelation::SameId
                if of_list(&kin.number) && conversation(&ticket.subject) == conversation(&mail.subject) =>
            {
                return Some((kin.number, ThreadReason::SameList));
            }
            // Shops and robots give one Message-ID to many mails, and Outlook keeps a conversation when the writer begins
            // something else: then the subject has to be the same too.
            TicketRelation::SameId | TicketRelation::ThreadIndex
                if bare_subject(&ticket.subject).to_lowercase() != subject =>
            {
                return None;
            }
            TicketRelation::Reference if of_list(&kin.number) => return Some((kin.number, ThreadReason::SameList)),
            TicketRelation::Reference if !is_titled(mail, kin.number, facts) => return None,
            TicketRelation::SameId | TicketRelation::Reference | TicketRelation::ThreadIndex => {}
            // A subject can be guessed and the name of a list be written by anybody.
            TicketRelation::ListSubject => {
                let carried = ticket.list.as_deref().is_some_and(|list| is_carried(mail, list));
                let welcome = carried && of_list(&kin.number);
                return welcome.then_some((kin.number, ThreadReason::ListSubject));
            }
        }
        let human = mail.automated.is_none() && ticket.list.is_none();
        let welcome = human && writers.join_by_kinship(kin.number);
        let outlook = kin.bond == TicketRelation::ThreadIndex;
        let reason = if outlook { ThreadReason::ThreadIndex } else { ThreadReason::SharedReference };
        welcome.then_some((kin.number, reason))
    })
}

/// A token proves its agent only to the agent's own addresses: forwarded to somebody else, it proves nothing.
///
/// An answering machine often writes from another address than the one written to. What it says about one of our
/// notifications belongs to the agent all the same, so that it stays internal; it cannot act.
fn by_token(
    mail: &ParsedMail,
    sender: Option<&Address>,
    clues: &Clues,
    facts: &ThreadFacts,
    policy: &Policy,
) -> Option<Link> {
    let belongs = |token: &&TokenClue| belongs(token, mail, sender, policy);
    let token = clues.tokens.iter().filter(|token| facts.ticket(token.ticket).is_some()).find(belongs)?;
    let reason = match token.place {
        TokenPlace::Address => ThreadReason::ReplyAddress,
        TokenPlace::MessageId => ThreadReason::NotificationId,
    };
    Some(joined(token.ticket, reason, Some(token.agent.clone())))
}

/// Whether this token proves that the mail is its agent's: From is an address of theirs, nobody else stands there, and our own
/// mail server did not find that it is forged: an address that an agent's own mails show to others can be copied.
fn belongs(token: &TokenClue, mail: &ParsedMail, sender: Option<&Address>, policy: &Policy) -> bool {
    let (Some(sender), Some(agent)) = (sender, policy.agent(&token.agent)) else { return false };
    let from_robot = mail.automated == Some(Automated::AutoReply) && token.place == TokenPlace::MessageId;
    let is_theirs = !mail.has_co_authors && agent.addresses.iter().any(|address| address.same_as(sender));
    from_robot || (is_theirs && verdict(mail, policy) != SenderVerdict::Failed)
}

/// The agent who answers a mail of ours that stands on no ticket.
fn on_none(mail: &ParsedMail, sender: Option<&Address>, clues: &Clues, policy: &Policy) -> Option<AgentId> {
    let token = clues.tokens.iter().filter(|token| token.ticket == NO_TICKET);
    token.clone().find(|token| belongs(token, mail, sender, policy)).map(|token| token.agent.clone())
}

fn by_header(
    mail: &ParsedMail,
    writers: &Writers<'_>,
    clues: &Clues,
    facts: &ThreadFacts,
) -> Option<(TicketNumber, ThreadReason)> {
    let answers_automatically = mail.automated == Some(Automated::AutoReply);
    clues.ids.iter().find_map(|clue| {
        let (_, number) = facts.by_id.iter().find(|(id, _)| *id == clue.id)?;
        // An out-of-office often comes from another address than the one written to. It is harmless wherever it comes from: it
        // changes nothing, nobody is told of it, and its sender gets nothing.
        let harmless = answers_automatically && (!writers.are_forged() || clues.minted.contains(&clue.id));
        let welcome = harmless || writers.join_by_id(&clue.id, *number);
        let reason = match clue.header {
            HeaderClue::InReplyTo => ThreadReason::InReplyTo,
            HeaderClue::References => ThreadReason::References,
        };
        welcome.then_some((*number, reason))
    })
}

/// A human of the requester's own domain who answers a mail of the ticket, when our mail server vouches for that domain. Its
/// number can be guessed, and at providers of mail everybody has the domain: it says that the mail is to be read there, and
/// no more.
fn by_colleague(
    mail: &ParsedMail,
    sender: Option<&Address>,
    clues: &Clues,
    facts: &ThreadFacts,
    policy: &Policy,
) -> Option<TicketNumber> {
    let sender = sender?;
    let outsider = !policy.is_own(sender) && policy.agent_by_address(sender).is_none();
    if mail.automated.is_some() || !outsider || !is_verified(mail, policy) {
        return None;
    }
    let by_id = clues.ids.iter().filter_map(|clue| facts.by_id.iter().find(|(id, _)| *id == clue.id));
    by_id.map(|(_, number)| *number).find(|number| {
        let requester = facts.ticket(*number).map(|ticket| &ticket.requester.address);
        requester.is_some_and(|requester| authenticity::share_a_domain(sender, requester))
    })
}

fn belongs_nowhere(mail: &ParsedMail, writers: &Writers<'_>, clues: &Clues, facts: &ThreadFacts) -> Link {
    let by_token = clues.tokens.iter().map(|token| token.ticket).find(|number| facts.ticket(*number).is_some());
    let by_id =
        clues.ids.iter().find_map(|clue| facts.by_id.iter().find(|(id, _)| *id == clue.id).map(|(_, number)| *number));
    let named = by_token.or(by_id).or_else(|| mentioned(mail, clues, facts));
    // Most often another helpdesk's number, which says nothing to us; a participant may mean ours all the same.
    let own = clues.tags.iter().copied().find(|number| writers.are_on(*number));
    let reason = if by_token.is_some() || !clues.void.is_empty() || clues.unknown {
        ThreadReason::AgentsToken
    } else if writers.are_forged() && (named.is_some() || own.is_some()) {
        ThreadReason::Forged
    } else if named.is_some_and(|number| writers.are_on(number)) {
        ThreadReason::InManyHands
    } else if named.is_some() {
        ThreadReason::Stranger
    } else if own.is_some() {
        ThreadReason::OtherSubject
    } else {
        ThreadReason::Nothing
    };
    Link::New { reason, possibly_related: named.or(own) }
}

fn joined(number: TicketNumber, reason: ThreadReason, agent: Option<AgentId>) -> Link {
    Link::Ticket { number, reason, agent }
}

#[cfg(test)]
mod clues_tests;
#[cfg(test)]
mod tests;

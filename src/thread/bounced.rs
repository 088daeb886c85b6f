//! A report on delivery that names no Message-ID of ours: placed by whom it says was not reached and by the subject of our mail.
//!
//! It can be forged, and then it only makes an agent look: the ticket's status stays unless the report names a mail that we sent
//! to the very address that it is about.

use crate::model::address::Address;
use crate::model::facts::ThreadFacts;
use crate::model::link::{BounceProof, Clues, Link};
use crate::model::mail::{Bounce, ParsedMail};
use crate::model::outgoing::OutgoingKind;
use crate::model::subject::{essence, is_about, without_label};
use crate::model::ticket::{Role, Ticket};
use crate::model::token::{OwnId, Seal};

/// Lines of a report in which the subject of our mail is looked for.
const MAX_LINES: usize = 200;
/// A subject of one word that is shorter may stand in any report.
const TELLING: usize = 10;

/// The ticket whose mail did not arrive.
pub(super) fn placed(mail: &ParsedMail, clues: &Clues, facts: &ThreadFacts) -> Option<Link> {
    let bounce = mail.bounce.as_ref()?;
    let ticket = by_tag(mail, bounce, clues, facts).or_else(|| by_subject(mail, bounce, facts))?;
    Some(Link::Bounce {
        number: ticket.number,
        of: OwnId {
            kind: OutgoingKind::Answer,
            ticket: ticket.number,
            seal: Seal::Key(ticket.key),
            agent: None,
            reader: None,
        },
        proof: BounceProof::Words,
    })
}

/// What shows that a report which names an id of ours is about a mail that we sent to whom it speaks of. One that names nobody
/// can only be about the one recipient that its mail had.
pub(super) fn proof(mail: &ParsedMail, facts: &ThreadFacts) -> BounceProof {
    let recipients = mail.bounce.as_ref().map(|bounce| bounce.recipients.as_slice()).unwrap_or_default();
    let was_sent = |address: &Address| facts.bounced_to.iter().any(|to| to.same_as(address));
    let proved = match recipients {
        [] => facts.bounced_to.len() == 1,
        some => some.iter().any(|recipient| was_sent(&recipient.address)),
    };
    if proved { BounceProof::Sent } else { BounceProof::Words }
}

/// By the tag of a ticket, and the address of somebody on it.
fn by_tag<'f>(mail: &ParsedMail, bounce: &Bounce, clues: &Clues, facts: &'f ThreadFacts) -> Option<&'f Ticket> {
    let text = mail.text.to_lowercase();
    let names = |address: &Address| {
        bounce.recipients.iter().any(|recipient| recipient.address.same_as(address))
            || text.contains(&address.key())
            || text.contains(&address.written())
    };
    let reaches = |ticket: &&Ticket| {
        let told = ticket.participants.iter().filter(|someone| someone.role != Role::Proposed);
        told.map(|someone| &someone.person.address).any(names)
    };
    clues.tags.iter().filter_map(|number| facts.ticket(*number)).find(reaches)
}

/// By its subject, in that of the report, in the returned headers or in a line of its own words, on the newest ticket of somebody
/// whom it says was not reached.
fn by_subject<'f>(mail: &ParsedMail, bounce: &Bounce, facts: &'f ThreadFacts) -> Option<&'f Ticket> {
    let of_unreached = || facts.of_unreached.iter().filter_map(|number| facts.ticket(*number));
    of_unreached().next()?;
    let texts = [mail.subject.as_str(), bounce.original_subject.as_str()];
    let lines: Vec<&str> = texts.into_iter().chain(mail.text.lines().take(MAX_LINES)).map(without_label).collect();
    let words: Vec<String> = lines.iter().map(|line| format!(" {} ", essence(line))).collect();
    of_unreached().find(|ticket| {
        let own = essence(&ticket.subject);
        let telling = own.contains(' ') || own.chars().count() >= TELLING;
        let spoken = || telling && words.iter().any(|line| line.contains(&format!(" {own} ")));
        let alone = || lines.iter().zip(&words).any(|(line, words)| words.len() > 2 && is_about(line, &ticket.subject));
        !own.is_empty() && (alone() || spoken())
    })
}

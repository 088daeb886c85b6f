//! A report on the delivery of one of our mails: recorded on its ticket, told to people when an answer did not arrive. One that
//! nothing explains reaches people too: a ticket of its own, at most one a day for each recipient.

use super::{follow_up, open};
use crate::decide::actions::orphaned::settle;
use crate::decide::notify::drafts::{Drafts, NotificationContent};
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::TicketEditor;
use crate::decide::{Incoming, NewMatter, Report};
use crate::model::event::{Event, EventKind, StatusWhy, Withheld};
use crate::model::facts::StrayCount;
use crate::model::id::TicketNumber;
use crate::model::link::{BounceProof, ThreadReason};
use crate::model::mail::ParsedMail;
use crate::model::outgoing::{News, Objection, OutgoingKind, Returned};
use crate::model::plan::{Fate, NewMessage, Plan};
use crate::model::reader::Reader;
use crate::model::text::clean_line;
use crate::model::ticket::{SenderVerdict, Status, Ticket, Visibility};

/// Characters of a report that are kept as the reason.
const MAX_REASON: usize = 300;

/// Why a report changes nothing.
const PERHAPS_FORGED: &str =
    "status left alone: the report names no mail that we sent to that address, and may be forged";

/// Tickets in an hour for reports that nothing explains.
const MAX_STRAY: u32 = 20;

/// Records a bounce. One of an answer is told, and opens the ticket again when it names a mail that we sent to the address that
/// it is about: anybody can write a report. One of a notification is the end of that notification, as if the server had
/// refused it.
pub(in crate::decide) fn report(case: &Report<'_>) -> Plan {
    let Report { ticket, of, proof, .. } = *case;
    let bounce = case.mail.bounce.clone().unwrap_or_default();
    // A report without details is more often final than not: better to look once too often.
    let permanent = bounce.recipients.is_empty() || bounce.is_permanent();
    let outcome = bounce
        .recipients
        .iter()
        .map(|recipient| {
            format!("{} {} {} {}", recipient.address, recipient.action, recipient.status, recipient.diagnostic)
        })
        .collect::<Vec<_>>()
        .join("; ");
    let kind = EventKind::Bounced { mail: of.kind, outcome: outcome.clone() };
    let detail = kind.to_string();
    let author = follow_up::sender(case.mail);
    let mut plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
    plan.messages.push(NewMessage {
        visibility: Visibility::Internal,
        ..follow_up::message(case, ticket.number, &author, ThreadReason::Bounce)
    });
    plan.events.push(Event::of_desk(ticket.number, kind));
    if let (OutgoingKind::Notification, Some(agent), true) = (of.kind, &of.agent, permanent) {
        let status = bounce.recipients.first().map(|recipient| recipient.status.as_str());
        plan.returned = Some(Returned {
            ticket: of.ticket,
            agent: agent.clone(),
            id: bounce.original_message_id,
            reason: clean_line(if outcome.is_empty() { "it came back" } else { &outcome }, MAX_REASON),
            objection: status.and_then(Objection::of_status).unwrap_or(Objection::Address),
        });
    }
    if of.kind != OutgoingKind::Answer || !permanent {
        plan.withheld.push("notification: no answer of ours was lost".to_owned());
        return plan;
    }
    let mut words = detail;
    let why = match proof {
        BounceProof::Sent => Some(StatusWhy::NotDelivered),
        BounceProof::Words => {
            let kind = EventKind::withheld(Withheld::Effect, PERHAPS_FORGED);
            plan.events.push(Event::of_desk(ticket.number, kind));
            words = format!("{words}\n\n{PERHAPS_FORGED}");
            None
        }
    };
    tell(case, ticket, of.reader.unwrap_or(Reader::Customer), (why, &words), &mut plan);
    plan
}

/// A machine of the recipient's that holds our mail back until somebody confirms that a human wrote it: as good as not delivered.
pub(in crate::decide) fn held_by_recipient(case: &Incoming<'_>, ticket: &Ticket) -> Plan {
    let author = follow_up::sender(case.mail);
    let mut plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
    plan.messages.push(NewMessage {
        visibility: Visibility::Internal,
        ..follow_up::message(case, ticket.number, &author, ThreadReason::Bounce)
    });
    let proved = ticket.is_participant(&author.address) && case.sender != SenderVerdict::Failed;
    plan.events.push(Event::of_desk(ticket.number, EventKind::HeldByRecipient { held_by: author.address }));
    let words = case.mail.text.clone();
    tell(case, ticket, Reader::Customer, (proved.then_some(StatusWhy::HeldByRecipient), &words), &mut plan);
    plan
}

/// Opens the ticket again, where there is a reason to, and tells its people in which words a mail of ours did not arrive.
fn tell(
    case: &Incoming<'_>,
    ticket: &Ticket,
    reader: Reader,
    (why, words): (Option<StatusWhy>, &str),
    plan: &mut Plan,
) {
    let author = follow_up::sender(case.mail);
    let mut shown = TicketView::of(ticket);
    shown.shows = case.counters.next_message;
    settle(&mut shown, case.policy, Some(case.route), plan);
    if let Some(why) = why.filter(|_| ticket.status != Status::Open) {
        TicketEditor::of_desk(&mut shown, plan).reopen(why);
    }
    let mut drafts = Drafts::new(case.counters.next_serial);
    let news = News::DeliveryFailed(reader);
    let story = NotificationContent { news, author: &author, words, attachments: case.attachments, route: None };
    let readers = shown.readers(case.policy);
    TicketEditor::of_desk(&mut shown, plan).notify(&mut drafts, case.policy, readers, &story);
    plan.mails.extend(drafts.mails);
}

/// Whom a report says was not reached, as a key; empty when it does not say.
pub fn unreached(mail: &ParsedMail) -> String {
    let recipients = mail.bounce.iter().flat_map(|bounce| &bounce.recipients);
    recipients.map(|recipient| recipient.address.key()).next().unwrap_or_default()
}

/// The ticket on which a report that nothing explains joins others: about the same recipient within a day, or any when too many
/// came within the hour. Somebody writes in our name, and all the world complains to us.
pub fn stands_with(stray: &StrayCount) -> Option<TicketNumber> {
    stray.same.or(stray.newest.filter(|_| stray.of_hour >= MAX_STRAY))
}

/// A report that nothing explains opens a ticket, so that somebody looks.
pub(in crate::decide) fn stray(case: &NewMatter<'_>) -> Plan {
    let mut plan = open::new_ticket(case);
    for ticket in &plan.open {
        plan.events.push(Event::of_desk(ticket.number, EventKind::Stray {}));
    }
    plan.because.push(EventKind::Stray {}.to_string());
    plan.stray = plan.open.first().map(|ticket| (unreached(case.mail), ticket.number));
    plan
}

/// One more of them, recorded and told to nobody again.
pub(in crate::decide) fn one_more_stray(case: &Incoming<'_>, ticket: &Ticket) -> Plan {
    let author = follow_up::sender(case.mail);
    let message = follow_up::message(case, ticket.number, &author, ThreadReason::StrayBounce);
    Plan {
        messages: vec![NewMessage { visibility: Visibility::Internal, ..message }],
        events: vec![Event::of_desk(ticket.number, EventKind::StrayAgain { reporter: author.address })],
        withheld: vec!["notification: somebody was told of such a report already".to_owned()],
        fate: Some(Fate::Ticket(ticket.number)),
        stray: Some((unreached(case.mail), ticket.number)),
        ..Plan::default()
    }
}

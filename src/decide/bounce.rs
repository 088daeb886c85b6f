//! A report on the delivery of one of our mails: recorded on its ticket, told to people when an answer did not arrive.

use super::draft::{Drafts, Shown, Story};
use super::home::settle;
use super::{Case, customer};
use crate::model::link::ThreadReason;
use crate::model::outgoing::{News, Objection, OutgoingKind, Returned};
use crate::model::plan::{Change, Event, Fate, NewMessage, Plan};
use crate::model::reader::Reader;
use crate::model::text::clean_line;
use crate::model::ticket::{Status, Ticket, Visibility};
use crate::model::token::OwnId;

/// Characters of a report that are kept as the reason.
const MAX_REASON: usize = 300;

/// Records a bounce. One of an answer reopens the ticket and is told; one of a notification is the end of that notification,
/// as if the server had refused it.
pub(super) fn report(case: &Case<'_>, ticket: &Ticket, of: &OwnId) -> Plan {
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
    let detail = format!("of our {}: {}", of.kind, if outcome.is_empty() { "no details given" } else { &outcome });
    let author = customer::sender(case.mail);
    let mut plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
    plan.messages.push(NewMessage {
        visibility: Visibility::Internal,
        ..customer::message(case, ticket.number, &author, ThreadReason::Bounce)
    });
    plan.events.push(Event {
        ticket: ticket.number,
        actor: "postroom".to_owned(),
        kind: "bounced",
        detail: detail.clone(),
    });
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
    let mut shown = Shown::of(ticket);
    shown.shows = case.counters.next_message;
    settle(&mut shown, case.policy, Some(case.route), &mut plan);
    if ticket.status != Status::Open {
        shown.status = Status::Open;
        plan.changes.push((ticket.number, Change::Status(Status::Open, None)));
        let detail = format!("{} to open: an answer was not delivered", ticket.status);
        plan.events.push(Event { ticket: ticket.number, actor: "postroom".to_owned(), kind: "status", detail });
    }
    let mut drafts = Drafts::new(case.counters.next_serial);
    let story = Story {
        news: News::DeliveryFailed(of.reader.unwrap_or(Reader::Customer)),
        author: &author,
        words: &detail,
        attachments: case.attachments,
        route: None,
    };
    plan.withheld.extend(drafts.notify(case.policy, &shown, shown.readers(case.policy), &story));
    plan.mails = drafts.mails;
    plan
}

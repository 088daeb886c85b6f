//! A mail that could not be handled: held, and shown to people as a minimal ticket with the raw mail attached.

use std::sync::Arc;

use jiff::Timestamp;

use crate::decide::actions::orphaned::responsible;
use crate::decide::notify::drafts::{Drafts, NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::finish;
use crate::model::address::{Address, Person};
use crate::model::event::{Event, EventKind, Retried, Withheld};
use crate::model::facts::Counters;
use crate::model::id::{MailboxId, TicketNumber};
use crate::model::link::{Route, RouteKind};
use crate::model::mail::{Attachment, RawMail};
use crate::model::outgoing::{Draft, News};
use crate::model::plan::{AttachmentInfo, Fate, NewMessage, NewTicket, Plan};
use crate::model::policy::{Department, Policy};
use crate::model::ticket::{MessageKind, Participant, Role, Visibility};

/// A minimal ticket for a mail that is in quarantine for `reason`.
pub fn quarantined(policy: &Policy, raw: &RawMail, reason: &str, counters: Counters, now: Timestamp) -> Plan {
    let mail = Attachment {
        name: "mail.eml".to_owned(),
        media_type: "application/octet-stream".to_owned(),
        inline: false,
        content_id: None,
        content: raw.bytes.to_vec(),
    };
    let words = format!(
        "A mail of {} bytes could not be read: {reason}. It is attached as it came, and kept in quarantine \
         (`postroom quarantine list`).",
        raw.bytes.len()
    );
    let mut plan = shown_to_people(policy, &raw.mailbox, reason, &words, &Arc::from([mail]), counters, now);
    let number = plan.open.first().map_or(TicketNumber(0), |ticket| ticket.number);
    plan.fate = Some(Fate::Quarantined(number, reason.to_owned()));
    plan
}

/// A minimal ticket for a mail that the server could not hand out.
pub fn never_fetched(
    policy: &Policy,
    mailbox: &MailboxId,
    place: &str,
    reason: &str,
    counters: Counters,
    now: Timestamp,
) -> Plan {
    let words =
        format!("A mail could not be fetched ({place}): {reason}. It is still on the server; please look at it there.");
    shown_to_people(policy, mailbox, reason, &words, &nothing_attached(), counters, now)
}

fn shown_to_people(
    policy: &Policy,
    mailbox: &MailboxId,
    reason: &str,
    words: &str,
    attachments: &Arc<[Attachment]>,
    counters: Counters,
    now: Timestamp,
) -> Plan {
    let department = responsible(policy, mailbox);
    let Some(department) = department else { return Plan::default() };
    let number = counters.next_ticket;
    let author = Person { name: "Unreadable mail".to_owned(), address: Address::unknown_sender() };
    let ticket = minimal_ticket(department, counters, mailbox, &author, reason);
    let shown = TicketView::of_new(&ticket, counters.next_message);
    let mut drafts = Drafts::new(counters.next_serial);
    let story = NotificationContent {
        news: News::Quarantined(reason.to_owned()),
        author: &author,
        words,
        attachments,
        route: Some(&ticket.route),
    };
    let mut plan = Plan {
        messages: vec![message(number, &author, words, attachments, counters, now)],
        events: vec![Event::of_desk(number, EventKind::Quarantined { reason: reason.to_owned() })],
        ..Plan::default()
    };
    drafts.notify(&mut plan, policy, &shown, department.agents.iter().cloned(), &story);
    plan.open.push(ticket);
    finish(plan, drafts)
}

fn minimal_ticket(
    department: &Department,
    counters: Counters,
    mailbox: &MailboxId,
    author: &Person,
    reason: &str,
) -> NewTicket {
    let route = Route {
        department: department.id.clone(),
        kind: RouteKind::Mailbox,
        found: Vec::new(),
        detail: format!("the department of mailbox `{mailbox}`, since the mail is in quarantine: {reason}"),
        scores: Vec::new(),
    };
    NewTicket {
        number: counters.next_ticket,
        key: counters.fresh_key,
        subject: "Unreadable mail".to_owned(),
        route,
        requester: author.clone(),
        participants: vec![Participant { person: author.clone(), role: Role::Requester }],
        language: department.language,
        mailbox: mailbox.clone(),
        possibly_related: None,
        list: None,
        follows: None,
        family: None,
    }
}

fn message(
    ticket: TicketNumber,
    author: &Person,
    words: &str,
    attachments: &[Attachment],
    counters: Counters,
    now: Timestamp,
) -> NewMessage {
    let info = |attachment: &Attachment| AttachmentInfo {
        name: attachment.name.clone(),
        media_type: attachment.media_type.clone(),
        size: u64::try_from(attachment.content.len()).unwrap_or(u64::MAX),
        inline: false,
    };
    NewMessage {
        key: counters.next_message,
        ticket,
        kind: MessageKind::Automatic,
        visibility: Visibility::Internal,
        from: author.clone(),
        to: Vec::new(),
        cc: Vec::new(),
        date: now,
        message_id: None,
        agent: None,
        text: words.to_owned(),
        attachments: attachments.iter().map(info).collect(),
        thread_reason: "quarantine".to_owned(),
        defects: Vec::new(),
    }
}

/// The mail could not be handled this time either.
pub fn held_again(minimal: TicketNumber, reason: &str) -> Plan {
    Plan {
        events: vec![retried(minimal, Retried::Failed, None, Some(reason))],
        fate: Some(Fate::Quarantined(minimal, reason.to_owned())),
        ..Plan::default()
    }
}

/// The line of history for a mail that was held and is not any more.
pub fn released(minimal: TicketNumber, fate: &Fate) -> Event {
    match fate {
        Fate::Ticket(number) => retried(minimal, Retried::Ticket, Some(*number), None),
        Fate::Duplicate(number) => retried(minimal, Retried::Duplicate, *number, None),
        Fate::Ignored(reason) => retried(minimal, Retried::Ignored, None, Some(reason)),
        Fate::Quarantined(_, reason) => retried(minimal, Retried::Failed, None, Some(reason)),
    }
}

/// Sends nothing of a plan: the mail that caused it came before the database was restored from a backup, so that what it led
/// to may have been sent already. An agent's answer is held in the outbox, colleagues are told in one mail of all that was
/// found again, and the rest is not said. What was said stands on the ticket.
pub fn say_nothing_again(plan: &mut Plan) {
    const WHY: &str =
        "the database was restored from a backup after this mail came: what it led to may have been sent then";
    // What an agent wrote about a ticket that is not known any more comes back to them now: nobody else has it.
    let comes_back = |draft: &Draft| matches!(draft, Draft::Notice(notice) if notice.ticket.is_none());
    if plan.mails.is_empty() || (plan.fate.as_ref().is_some_and(is_ignored) && plan.mails.iter().all(comes_back)) {
        return;
    }
    plan.again = true;
    plan.mails.retain(|draft| match draft {
        Draft::Answer(_) | Draft::Notification(_) => true,
        Draft::Acknowledgement(_) | Draft::Digest(_) | Draft::Notice(_) => false,
    });
    plan.withheld.push(WHY.to_owned());
    if let Some(Fate::Ticket(ticket) | Fate::Quarantined(ticket, _)) = plan.fate {
        plan.events.push(Event::of_desk(ticket, EventKind::withheld(Withheld::Repetition, WHY)));
    }
}

fn is_ignored(fate: &Fate) -> bool {
    matches!(fate, Fate::Ignored(_))
}

fn retried(minimal: TicketNumber, retried: Retried, ticket: Option<TicketNumber>, reason: Option<&str>) -> Event {
    Event::of_desk(minimal, EventKind::Retried { retried, ticket, reason: reason.map(str::to_owned) })
}

//! A mail that could not be handled: held, and shown to people as a minimal ticket with the raw mail attached.

use std::sync::Arc;

use jiff::Timestamp;

use super::draft::{Drafts, NotificationContent, TicketView, nothing_attached};
use super::home::responsible;
use crate::model::address::{Address, Person};
use crate::model::event::{Event, EventKind};
use crate::model::facts::Counters;
use crate::model::id::{MailboxId, TicketNumber};
use crate::model::link::{Route, RouteKind};
use crate::model::mail::{Attachment, RawMail};
use crate::model::outgoing::News;
use crate::model::plan::{AttachmentInfo, Fate, NewMessage, NewTicket, Plan};
use crate::model::policy::{Department, Policy};
use crate::model::ticket::{MessageKind, Participant, Priority, Role, SenderVerdict, Status, Visibility};

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
    let shown = TicketView {
        ticket: number,
        department: department.id.clone(),
        subject: ticket.subject.clone(),
        status: Status::New,
        priority: Priority::Normal,
        assignee: None,
        mailbox: mailbox.clone(),
        possibly_related: None,
        follows: None,
        siblings: Vec::new(),
        people: vec![author.clone()],
        proposed: Vec::new(),
        relay: None,
        sender: SenderVerdict::Unknown,
        shows: counters.next_message,
        away: Vec::new(),
    };
    let mut drafts = Drafts::new(counters.next_serial);
    let story = NotificationContent {
        news: News::Quarantined(reason.to_owned()),
        author: &author,
        words,
        attachments,
        route: Some(&ticket.route),
    };
    let withheld = drafts.notify(policy, &shown, department.agents.iter().cloned(), &story);
    let event = Event::of_desk(number, EventKind::Quarantined { reason: reason.to_owned() });
    Plan {
        messages: vec![message(number, &author, words, attachments, counters, now)],
        open: vec![ticket],
        events: vec![event],
        mails: drafts.mails,
        withheld,
        ..Plan::default()
    }
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

//! The JSON of INTERFACE: keys and their order are fixed, scripts rely on them.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde_json::{Value, json};

use crate::model::address::Person;
use crate::model::event::PastEvent;
use crate::model::hidden::without_keys;
use crate::model::link::{Link, Route};
use crate::model::mail::ParsedMail;
use crate::model::outgoing::Draft;
use crate::model::plan::{AttachmentInfo, Plan};
use crate::model::ticket::{MessageKind, Role, Ticket};
use crate::store::outbox::OutboxRow;
use crate::store::quarantine::Quarantined;
use crate::store::reports::MessageRow;

/// A time as RFC 3339 in UTC, whole seconds.
pub fn time(at: Timestamp) -> String {
    DateTimePrinter::new().precision(Some(0)).timestamp_to_string(&at)
}

fn person(person: &Person) -> Value {
    json!({"name": person.name, "address": person.address.as_str()})
}

fn people(people: &[Person]) -> Value {
    people.iter().map(person).collect()
}

fn attachment(info: &AttachmentInfo) -> Value {
    json!({"name": info.name, "type": info.media_type, "size": info.size, "inline": info.inline})
}

/// A ticket without messages and events, as in `ticket list --json`.
pub fn ticket(ticket: &Ticket) -> Value {
    let on_it: Vec<Person> = ticket
        .participants
        .iter()
        .filter(|someone| someone.role != Role::Proposed)
        .map(|someone| someone.person.clone())
        .collect();
    let proposed: Vec<Person> = ticket.proposed().cloned().collect();
    let mut value = json!({
        "number": ticket.number.0,
        "subject": ticket.subject,
        "department": ticket.department.as_str(),
        "status": ticket.status.as_str(),
        "priority": ticket.priority.as_str(),
        "assignee": ticket.assignee.as_ref().map(|agent| agent.as_str().to_owned()),
        "requester": person(&ticket.requester),
        "participants": people(&on_it),
        "proposed": people(&proposed),
        "created_at": time(ticket.created_at),
        "updated_at": time(ticket.updated_at),
        "tags": ticket.tags,
    });
    // There only for a ticket that is part of another one.
    if let (Some(lead), Some(object)) = (ticket.merged_into, value.as_object_mut()) {
        object.insert("merged_into".to_owned(), lead.0.into());
    }
    value
}

/// A whole ticket, as in `ticket show --json`.
pub fn whole_ticket(ticket: &Ticket, messages: &[MessageRow], events: &[PastEvent]) -> Value {
    let mut value = self::ticket(ticket);
    if let Some(object) = value.as_object_mut() {
        object.insert("messages".to_owned(), messages.iter().map(message).collect());
        object.insert("events".to_owned(), events.iter().map(event).collect());
    }
    keyless(value)
}

/// A value without the keys of agents in any of its texts.
fn keyless(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_keys(&text).into_owned()),
        Value::Array(list) => list.into_iter().map(keyless).collect(),
        Value::Object(object) => object.into_iter().map(|(key, value)| (key, keyless(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn message(message: &MessageRow) -> Value {
    let mut value = json!({
        "id": message.id.0,
        "kind": message.kind.as_str(),
        "visibility": message.visibility.as_str(),
        "from": person(&message.from),
        "to": people(&message.to),
        "cc": people(&message.cc),
        "date": time(message.date),
        "message_id": message.message_id,
        "text": message.text,
        "attachments": message.attachments.iter().map(attachment).collect::<Value>(),
    });
    // Our own mail server judges customers alone.
    let judged = matches!(message.kind, MessageKind::Customer | MessageKind::Automatic);
    if let (true, Some(object)) = (judged, value.as_object_mut()) {
        object.insert("sender".to_owned(), message.sender.as_str().into());
    }
    value
}

fn event(event: &PastEvent) -> Value {
    json!({
        "at": time(event.at),
        "actor": event.actor.to_string(),
        "kind": event.kind.word(),
        "detail": event.kind.to_string(),
        "data": crate::store::history::to_json(event.kind.data()),
    })
}

/// What would become of a mail, as in `explain --json`.
pub fn explanation(mail: &ParsedMail, link: &Link, route: &Route, plan: &Plan) -> Value {
    let hit =
        |hit: &crate::model::link::Hit| json!({"keyword": hit.keyword, "where": hit.place.as_str(), "text": hit.text});
    let scores = route.scores.iter().map(|score| {
        json!({
            "department": score.department.as_str(),
            "score": score.score,
            "hits": score.hits.iter().map(hit).collect::<Value>(),
        })
    });
    let mut told = json!({
        "ticket": ticket_of(link),
        "thread_reason": super::explain::thread_reason(link),
        "department": route.department.as_str(),
        "reason": {"kind": route.kind.as_str(), "detail": route.detail},
        "scores": scores.collect::<Value>(),
        "automated": mail.automated.map(crate::model::mail::Automated::as_str),
        "would_send": plan.mails.iter().map(|draft| Value::from(would_send(draft))).collect::<Value>(),
    });
    if let (false, Some(object)) = (plan.because.is_empty(), told.as_object_mut()) {
        object.insert("because".to_owned(), plan.because.clone().into());
    }
    keyless(told)
}

fn ticket_of(link: &Link) -> Option<i64> {
    match link {
        Link::Ticket { number, .. } | Link::Bounce { number, .. } => Some(number.0),
        Link::Direct { number, .. } => number.map(|number| number.0),
        Link::Own | Link::Unticketed { .. } | Link::Unproven { .. } | Link::New { .. } | Link::Forward { .. } => None,
    }
}

/// The kind of a mail that would be sent.
pub fn would_send(draft: &Draft) -> &'static str {
    match draft {
        Draft::Answer(_) => "answer",
        Draft::Acknowledgement(_) => "acknowledgement",
        Draft::Notification(_) | Draft::Digest(_) => "notification",
        Draft::Notice(_) => "notice",
    }
}

/// `outbox list --json`.
pub fn outbox(rows: &[OutboxRow]) -> Value {
    let row = |row: &OutboxRow| {
        json!({
            "id": row.id.0,
            "kind": row.kind,
            "state": row.state,
            "recipient": row.recipient,
            "ticket": row.ticket.map(|number| number.0),
            "message_id": row.message_id.as_str(),
            "attempts": row.attempts,
            "next_at": time(row.next_at),
            "reason": row.reason,
            "created_at": time(row.created_at),
        })
    };
    rows.iter().map(row).collect()
}

/// `quarantine list --json`.
pub fn quarantine(rows: &[Quarantined]) -> Value {
    let row = |row: &Quarantined| {
        json!({
            "id": row.id.0,
            "mailbox": row.mailbox.as_str(),
            "folder": row.folder,
            "uid": row.uid,
            "reason": row.reason,
            "ticket": row.ticket.map(|number| number.0),
            "at": time(row.at),
            "size": row.size,
        })
    };
    rows.iter().map(row).collect()
}

//! A parsed mail as JSON, with the keys and the order that INTERFACE fixes.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::address::Person;
use crate::model::id::MailId;
use crate::model::mail::{Automated, Bounce, Forwarded, ParsedMail};

/// The object that `postroom parse` prints; attachments without their bytes.
pub fn to_json(mail: &ParsedMail) -> Value {
    json!({
        "subject": mail.subject,
        "from": mail.from.as_ref().map(person),
        "reply_to": people(&mail.reply_to),
        "to": people(&mail.to),
        "cc": people(&mail.cc),
        "date": mail.date.map(date),
        "message_id": mail.message_id.as_ref().map(MailId::as_str),
        "in_reply_to": ids(&mail.in_reply_to),
        "references": ids(&mail.references),
        "text": mail.text,
        "reply": mail.reply,
        "quoted": mail.quoted,
        "signature": mail.signature,
        "html": mail.html,
        "automated": mail.automated.map(Automated::as_str),
        "bounce": mail.bounce.as_ref().map(bounce),
        "forwarded": mail.forwarded.as_ref().map(forwarded),
        "language": mail.language,
        "attachments": mail.attachments.iter().map(|attachment| json!({
            "name": attachment.name,
            "type": attachment.media_type,
            "size": attachment.content.len(),
            "inline": attachment.inline,
        })).collect::<Vec<_>>(),
        "defects": mail.defects,
    })
}

fn person(person: &Person) -> Value {
    json!({"name": person.name, "address": person.address.as_str()})
}

fn people(people: &[Person]) -> Vec<Value> {
    people.iter().map(person).collect()
}

fn ids(ids: &[MailId]) -> Vec<&str> {
    ids.iter().map(MailId::as_str).collect()
}

/// RFC 3339 in UTC, whole seconds.
fn date(date: Timestamp) -> String {
    date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn bounce(bounce: &Bounce) -> Value {
    let recipients: Vec<Value> = bounce
        .recipients
        .iter()
        .map(|recipient| {
            json!({
                "address": recipient.address.as_str(),
                "action": recipient.action,
                "status": recipient.status,
                "diagnostic": recipient.diagnostic,
            })
        })
        .collect();
    json!({
        "recipients": recipients,
        "original_message_id": bounce.original_message_id.as_ref().map(MailId::as_str),
    })
}

fn forwarded(forwarded: &Forwarded) -> Value {
    json!({
        "from": forwarded.from.as_ref().map(person),
        "date": forwarded.date,
        "subject": forwarded.subject,
    })
}

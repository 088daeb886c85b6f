//! Bounces that Amazon SES reports as JSON through its notification service.

use serde_json::Value;

use crate::model::address::Address;
use crate::model::id::MailId;
use crate::model::mail::{Bounce, BounceRecipient};
use crate::model::text::{clean_line, clean_mail_id};

/// Recipients of one notification that are read.
const MAX_RECIPIENTS: usize = 1_000;
/// Bytes of the text that are read.
const MAX_JSON: usize = 256 * 1024;

/// What a text that is such a notification reports.
pub fn read(text: &str) -> Option<Bounce> {
    let text = text.trim_start();
    // The word stands far inside when the object stands in another one as a string.
    if !text.starts_with('{') || text.len() > MAX_JSON || !text.contains("Bounce") {
        return None;
    }
    // Servers break its one long line, in the middle of a string and with a mark of theirs.
    let value = object(&text.replace("!\n ", "").replace('\n', " "))?;
    // SNS wraps what SES says in an object of its own.
    let inner = value.get("Message").and_then(Value::as_str).and_then(object);
    reported(&inner.unwrap_or(value))
}

/// The first object in a text; Amazon adds a footer of plain text under it.
fn object(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok()
}

fn reported(value: &Value) -> Option<Bounce> {
    let kind = value.get("notificationType").or_else(|| value.get("eventType"))?.as_str()?;
    let bounce = value.get("bounce").filter(|_| kind == "Bounce")?;
    let permanent = bounce.get("bounceType").and_then(Value::as_str) != Some("Transient");
    let mut recipients: Vec<BounceRecipient> = Vec::new();
    for entry in bounce.get("bouncedRecipients")?.as_array()?.iter().take(MAX_RECIPIENTS) {
        let word = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some(address) = Address::parse(word("emailAddress")) else { continue };
        let diagnostic = word("diagnosticCode");
        let diagnostic = diagnostic.split_once(';').map_or(diagnostic, |(_, rest)| rest);
        let default = if permanent { ("failed", "5.0.0") } else { ("delayed", "4.0.0") };
        let or = |word: &str, default: &str| clean_line(if word.is_empty() { default } else { word }, 20);
        recipients.push(BounceRecipient {
            address,
            action: or(word("action"), default.0),
            status: or(word("status"), default.1),
            diagnostic: clean_line(diagnostic, 500),
        });
    }
    Some(Bounce { recipients, original_message_id: original_id(value), original_subject: String::new() })
}

/// The mail's own Message-ID if its headers are included, else the one that Amazon gave it.
fn original_id(value: &Value) -> Option<MailId> {
    let mail = value.get("mail")?;
    let own = mail.get("commonHeaders").and_then(|headers| headers.get("messageId")).and_then(Value::as_str);
    let id = own.or_else(|| mail.get("messageId").and_then(Value::as_str))?;
    clean_mail_id(id).map(|id| MailId::new(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_names_recipients_status_and_the_mail() {
        let bounce = read(
            r#"{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"anna@y.example","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},"mail":{"messageId":"0101","commonHeaders":{"messageId":"<abc@shop.example>"}}}

--
If you wish to stop receiving notifications from this topic, please click"#,
        )
        .unwrap();
        let recipient = &bounce.recipients[0];
        assert_eq!(
            (recipient.address.as_str(), recipient.action.as_str(), recipient.status.as_str()),
            ("anna@y.example", "failed", "5.1.1")
        );
        assert_eq!(bounce.original_message_id, Some(MailId::new("abc@shop.example")));
    }

    #[test]
    fn other_json_is_no_bounce() {
        for text in [
            r#"{"notificationType":"Delivery","note":"Bounce"}"#,
            r#"{"notificationType":"Bounce"}"#,
            r#"{"notificationType":"Bounce","bounce":{"#,
            "{}",
            "",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}

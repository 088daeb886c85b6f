//! Bounces: reports (RFC 3464) and the free text that older and stranger programs write instead.
//!
//! Only machine senders are read as free text, so a customer who quotes an error message is not taken for one.

use super::addresses;
use super::automated::null_return_path;
use super::bounce_text;
use super::fields::{Fields, next_line, unfold};
use super::headers::read_ids;
use super::mime::Parts;
use super::phrases_bounce::{BOUNCE_NAMES, BOUNCE_SENDERS, BOUNCE_SUBJECTS};
use crate::model::address::Address;
use crate::model::id::MailId;
use crate::model::mail::{Bounce, BounceRecipient, ParsedMail};
use crate::model::text::clean_line;

/// Recipients of one bounce that are read.
const MAX_RECIPIENTS: usize = 1_000;
/// Bytes of a report part that are read.
const MAX_REPORT: usize = 256 * 1024;
/// Characters of a diagnostic that are kept.
const MAX_DIAGNOSTIC: usize = 500;

/// What the mail reports, if it is a bounce.
pub fn read(fields: &Fields<'_>, mail: &ParsedMail, parts: &Parts<'_>) -> Option<Bounce> {
    if parts
        .leaves
        .iter()
        .any(|part| matches!(part.media_type.as_str(), "message/feedback-report" | "message/disposition-notification"))
    {
        return None;
    }
    let mut recipients = Vec::new();
    let mut report = false;
    for part in parts.leaves.iter().filter(|part| is_status(&part.media_type)) {
        report = true;
        read_status(&part.text(MAX_REPORT), &mut recipients);
    }
    let failed: Vec<Address> = fields
        .all("X-Failed-Recipients")
        .flat_map(|raw| addresses::read(&unfold(raw)))
        .map(|person| person.address)
        .take(MAX_RECIPIENTS)
        .collect();
    let declared = parts.containers.first().is_some_and(|container| container.report_type == "delivery-status");
    let said = bounce_text::read(&mail.text);
    if !(report || declared || !failed.is_empty() || is_free_text(fields, mail, &said)) {
        return None;
    }
    for address in failed {
        add(&mut recipients, recipient(address, "failed", "", ""));
    }
    complete(&mut recipients, mail, &said);
    Some(Bounce { recipients, original_message_id: original_id(mail, parts, &said) })
}

fn is_status(media_type: &str) -> bool {
    matches!(media_type, "message/delivery-status" | "message/global-delivery-status")
}

/// Whether a machine that returns mails wrote this and says so.
fn is_free_text(fields: &Fields<'_>, mail: &ParsedMail, said: &bounce_text::Said) -> bool {
    let daemon = mail.from.as_ref().is_none_or(|from| {
        let local = from.address.local().to_lowercase();
        let name = from.name.to_lowercase();
        BOUNCE_SENDERS.iter().any(|known| local.starts_with(known))
            || BOUNCE_NAMES.iter().any(|known| name.contains(known))
    });
    // A program's name without any address is a sender too.
    let daemon = daemon && (mail.from.is_some() || fields.has("From") || fields.has("Received"));
    let subject = mail.subject.to_lowercase();
    let titled = BOUNCE_SUBJECTS.iter().any(|words| subject.contains(words));
    let answer = fields.keyword("Auto-Submitted").is_some_and(|word| word.starts_with("auto-replied"));
    if daemon {
        return titled || said.failure || (answer && !said.recipients.is_empty());
    }
    (null_return_path(fields) && titled && said.failure) || said.certain
}

fn recipient(address: Address, action: &str, status: &str, diagnostic: &str) -> BounceRecipient {
    BounceRecipient {
        address,
        action: action.to_owned(),
        status: status.to_owned(),
        diagnostic: clean_line(diagnostic, MAX_DIAGNOSTIC),
    }
}

/// Adds a recipient, or what it says to the one that is there.
fn add(recipients: &mut Vec<BounceRecipient>, new: BounceRecipient) {
    if let Some(known) = recipients.iter_mut().find(|known| known.address.same_as(&new.address)) {
        if known.status.is_empty() || known.status.ends_with(".0.0") && !new.status.is_empty() {
            known.status = new.status;
        }
        if known.diagnostic.is_empty() {
            known.diagnostic = new.diagnostic;
        }
        if known.action.is_empty() {
            known.action = new.action;
        }
    } else if recipients.len() < MAX_RECIPIENTS {
        recipients.push(new);
    }
}

/// Fills in from the text what the report leaves open.
fn complete(recipients: &mut Vec<BounceRecipient>, mail: &ParsedMail, said: &bounce_text::Said) {
    if recipients.is_empty() {
        let own: Vec<String> = mail.to.iter().map(|person| person.address.key()).collect();
        let others: Vec<&bounce_text::Found> =
            said.recipients.iter().filter(|found| !own.contains(&found.address.key())).collect();
        let found = if others.is_empty() { said.recipients.iter().collect() } else { others };
        for found in found {
            add(recipients, recipient(found.address.clone(), "", &found.status, &found.diagnostic));
        }
    }
    for recipient in recipients.iter_mut() {
        let told = said.recipients.iter().find(|found| found.address.same_as(&recipient.address));
        if recipient.diagnostic.is_empty() {
            recipient.diagnostic = clean_line(told.map_or("", |found| &found.diagnostic), MAX_DIAGNOSTIC);
        }
        let better = bounce_text::status_in(&recipient.diagnostic)
            .or_else(|| told.map(|found| found.status.clone()).filter(|status| !status.is_empty()));
        if (recipient.status.is_empty() || recipient.status.ends_with(".0.0"))
            && let Some(better) = better
        {
            recipient.status = better;
        }
        if recipient.status.is_empty() {
            recipient.status.clone_from(&said.status);
        }
        if recipient.action.is_empty() {
            let temporary = recipient.status.starts_with('4') || (recipient.status.is_empty() && said.delayed);
            recipient.action = if temporary || said.delayed { "delayed" } else { "failed" }.to_owned();
        }
    }
}

/// Reads the groups of a delivery status (RFC 3464 §2.1).
fn read_status(text: &str, recipients: &mut Vec<BounceRecipient>) {
    let text = text.replace("\r\n", "\n");
    for group in text.split("\n\n") {
        let (fields, _) = Fields::scan(group.trim_start().as_bytes(), &mut Vec::new());
        let Some(address) = ["Final-Recipient", "Original-Recipient", "X-Actual-Recipient"]
            .iter()
            .find_map(|name| fields.text(name).and_then(|value| typed_address(&value)))
        else {
            continue;
        };
        let action = fields.keyword("Action").unwrap_or_default();
        let action: String = action.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
        let status = fields.text("Status").and_then(|value| bounce_text::status_in(&value)).unwrap_or_default();
        let diagnostic = fields.text("Diagnostic-Code").unwrap_or_default();
        let diagnostic = diagnostic
            .split_once(';')
            .map_or(&*diagnostic, |(kind, rest)| if kind.len() < 20 { rest } else { &diagnostic });
        add(recipients, recipient(address, &action, &status, diagnostic.trim()));
    }
}

/// The address of `rfc822; anna@x.example`, in the forms that occur.
fn typed_address(value: &str) -> Option<Address> {
    let text = value.split_once(';').map_or(value, |(_, rest)| rest);
    addresses::read(text).into_iter().next().map(|person| person.address)
}

/// The Message-ID of the mail that came back: from its returned headers, else from its copy in the text.
fn original_id(mail: &ParsedMail, parts: &Parts<'_>, said: &bounce_text::Said) -> Option<MailId> {
    for part in &parts.leaves {
        let returned = matches!(
            part.media_type.as_str(),
            "message/rfc822"
                | "message/global"
                | "text/rfc822-headers"
                | "message/rfc822-headers"
                | "text/rfc822-header"
                | "message/global-headers"
        );
        if returned {
            let head = part.text(MAX_REPORT);
            if let Some(id) = header_id(head.trim_start().as_bytes()) {
                return Some(id);
            }
        }
    }
    for part in parts.leaves.iter().filter(|part| is_status(&part.media_type)) {
        let text = part.text(MAX_REPORT);
        if let Some(id) =
            ["Original-Message-ID:", "X-Original-Message-ID:"].iter().find_map(|name| line_id(&text, name))
        {
            return Some(id);
        }
    }
    let _ = said;
    line_id(&mail.text, "message-id:").or_else(|| mail.in_reply_to.first().cloned())
}

fn header_id(head: &[u8]) -> Option<MailId> {
    // A returned mail may begin with an mbox line.
    let head = if head.starts_with(b"From ") { next_line(head).1 } else { head };
    let (fields, _) = Fields::scan(head, &mut Vec::new());
    super::headers::ids(&fields, "Message-ID").into_iter().next()
}

/// The id of the first line that starts with `name`, quoted or not.
fn line_id(text: &str, name: &str) -> Option<MailId> {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        if line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            let mut value = line.get(name.len()..).unwrap_or_default().trim().to_owned();
            if value.is_empty() {
                value = lines.next().unwrap_or_default().trim().to_owned();
            }
            let mut found = Vec::new();
            read_ids(&value, &mut found);
            return found.into_iter().next();
        }
    }
    None
}

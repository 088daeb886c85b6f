//! Which mail came back: its Message-ID, from the returned headers, the report, or the words; and its subject.

use crate::model::id::MailId;
use crate::model::mail::ParsedMail;
use crate::model::text::clean_subject;
use crate::parse::bounce::{DISPOSITION, MAX_REPORT, is_status};
use crate::parse::mime::fields::{Fields, next_line};
use crate::parse::mime::headers;
use crate::parse::mime::parts::{Part, Parts};
use crate::parse::mime::words;
use crate::parse::origin::automated::is_report;

/// The Message-ID of the mail that came back: from its returned headers, else from its copy in the text.
pub fn read(mail: &ParsedMail, parts: &Parts<'_>) -> Option<MailId> {
    for part in &parts.leaves {
        if is_returned(part) {
            let head = part.text(MAX_REPORT);
            if let Some(id) = header_id(head.trim_start().as_bytes()) {
                return Some(id);
            }
        }
    }
    for part in parts.leaves.iter().filter(|part| is_status(&part.media_type) || part.media_type == DISPOSITION) {
        let text = part.text(MAX_REPORT);
        if let Some(id) =
            ["Original-Message-ID:", "X-Original-Message-ID:"].iter().find_map(|name| line_id(&text, name))
        {
            return Some(id);
        }
    }
    // Some servers name the returned mail a text or a file.
    let untyped = |part: &&Part<'_>| {
        is_report(parts) && (part.media_type.starts_with("text/") || part.media_type == "application/octet-stream")
    };
    for part in parts.leaves.iter().skip(1).filter(untyped) {
        let text = part.text(MAX_REPORT);
        let (name, _) = text.trim_start().split_once(':').unwrap_or_default();
        if !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && let Some(id) = header_id(text.trim_start().as_bytes())
        {
            return Some(id);
        }
    }
    line_id(&mail.text, "message-id:").or_else(|| mail.in_reply_to.first().cloned())
}

/// The subject of the mail that came back, decoded; empty when it is not told.
pub fn subject(mail: &ParsedMail, parts: &Parts<'_>) -> String {
    let returned = parts.leaves.iter().filter(|part| is_returned(part)).find_map(|part| {
        let head = part.text(MAX_REPORT);
        let (fields, _) = Fields::scan(without_mbox_line(head.trim_start().as_bytes()), &mut Vec::new());
        fields.decoded("Subject")
    });
    let in_words = || {
        let mut lines = mail.text.lines().map(|line| line.trim_start_matches(['>', ' ', '\t', '|']));
        let line = lines.find(|line| line.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("subject:")))?;
        Some(words::decode(line.get(8..)?.trim()))
    };
    clean_subject(&returned.or_else(in_words).unwrap_or_default())
}

/// Whether a part is the mail that came back, or its headers.
pub fn is_returned(part: &Part<'_>) -> bool {
    matches!(
        part.media_type.as_str(),
        "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/rfc822-headers"
            | "text/rfc822-header"
            | "message/global-headers"
    )
}

fn header_id(head: &[u8]) -> Option<MailId> {
    let (fields, _) = Fields::scan(without_mbox_line(head), &mut Vec::new());
    headers::ids(&fields, "Message-ID").into_iter().next()
}

/// A returned mail may begin with an mbox line.
pub fn without_mbox_line(head: &[u8]) -> &[u8] {
    if head.starts_with(b"From ") { next_line(head).1 } else { head }
}

/// The id of the first line that starts with `name`, quoted or not.
fn line_id(text: &str, name: &str) -> Option<MailId> {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        if line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            let mut value = line.get(name.len()..).unwrap_or_default().trim().to_owned();
            if value.is_empty() {
                lines.next().unwrap_or_default().trim().clone_into(&mut value);
            }
            let mut found = Vec::new();
            headers::read_ids(&value, &mut found);
            return found.into_iter().next();
        }
    }
    None
}

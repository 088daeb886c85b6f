//! Bounces: reports (RFC 3464) and the free text that older and stranger programs write instead.
//!
//! Only machine senders are read as free text, so a customer who quotes an error message is not taken for one.

mod addresses;
pub mod free_text;
mod original;
mod ses;
mod status;

use crate::model::address::Address;
use crate::model::mail::{Bounce, BounceRecipient, ParsedMail};
use crate::model::subject::is_reply;
use crate::model::text::{beginning, clean_line};
use crate::parse::mime::addresses as mail_addresses;
use crate::parse::mime::fields::{Fields, unfold};
use crate::parse::mime::parts::{Disposition, Part, Parts};
use crate::parse::origin::automated::null_return_path;
use crate::parse::phrases_bounce::{BOUNCE_NAMES, BOUNCE_SENDERS, BOUNCE_SUBJECTS};
use crate::parse::quotes::attribution::has_phrase;
use addresses::{typed_address, without_xtext};

/// Recipients of one bounce that are read.
const MAX_RECIPIENTS: usize = 1_000;
/// People in To that are told from recipients.
const MAX_OWN: usize = 20;
/// Bytes of a report part that are read.
pub(super) const MAX_REPORT: usize = 256 * 1024;
/// Bytes of an address with its folds.
const MAX_FOLDED: usize = 1_000;
/// Fields of a delivery status that are read.
const STATUS_FIELDS: [&str; 5] = ["Final-Recipient", "Original-Recipient", "Action", "Status", "Diagnostic-Code"];
/// Local parts that nobody but a returning machine has.
const DAEMONS: [&str; 5] = ["mailer-daemon", "mailer_daemon", "mailerdaemon", "mail-daemon", "post_master"];
/// The type of a receipt.
pub(super) const DISPOSITION: &str = "message/disposition-notification";
/// Bytes of a text that begin it.
const MAX_PREFACE: usize = 1_000;
/// Characters of a diagnostic that are kept.
const MAX_DIAGNOSTIC: usize = 500;

/// What the mail reports, if it is a bounce.
pub fn read(fields: &Fields<'_>, mail: &ParsedMail, parts: &Parts<'_>) -> Option<Bounce> {
    let receipt = parts.leaves.iter().any(|part| part.media_type == DISPOSITION);
    let refused = receipt && is_refused(fields, mail);
    let other_report = ["message/feedback-report", DISPOSITION];
    if !refused && parts.leaves.iter().any(|part| other_report.contains(&part.media_type.as_str())) {
        return None;
    }
    if let Some(bounce) = ses::read(&mail.text) {
        return Some(bounce);
    }
    let declared = parts.containers.first().is_some_and(|container| container.report_type == "delivery-status");
    let machine = null_return_path(fields) || is_daemon(fields, mail);
    // A person passes the report on, as a file or, in some programs, shown.
    let person = !machine && !declared && names_a_sender(fields);
    let file = |part: &Part<'_>| person || (!machine && part.disposition == Disposition::Attachment);
    let is_report = |part: &Part<'_>| is_status(&part.media_type) || (refused && part.media_type == DISPOSITION);
    let shown = parts.leaves.iter().filter(|part| is_report(part) && !file(part));
    let mut statuses: Vec<String> = shown.map(|part| part.text(MAX_REPORT)).collect();
    if (declared || machine) && statuses.is_empty() {
        // Some programs write the report under the type of a text.
        let texts = parts.leaves.iter().filter(|part| part.is_text()).map(|part| part.text(MAX_REPORT));
        statuses = texts.filter(|text| text.to_ascii_lowercase().contains("final-recipient:")).collect();
    }
    let failed = failed_recipients(fields);
    let suspect = declared || refused || !statuses.is_empty() || !failed.is_empty();
    if !suspect && !is_suspicious(fields, mail) && (person || !free_text::is_certain(&mail.text)) {
        return None;
    }
    let own: Vec<Address> = mail.to.iter().take(MAX_OWN).map(|person| person.address.clone()).collect();
    let said = free_text::read(&mail.text, &own);
    if !suspect && !is_free_text(fields, mail, &said) {
        return None;
    }
    let mut report = Report::default();
    for text in &statuses {
        report.read(text);
    }
    if statuses.is_empty() && mail.text.to_ascii_lowercase().contains("final-recipient:") {
        // A report whose parts were lost on the way.
        report.read(beginning(&mail.text, MAX_REPORT));
    }
    if failed.is_empty() && report.is_success() {
        return None;
    }
    for address in failed {
        add(&mut report.recipients, recipient(address, "", "", ""));
    }
    complete(&mut report, mail, &said);
    Some(Bounce {
        recipients: report.recipients,
        original_message_id: original::read(mail, parts),
        original_subject: original::subject(mail, parts),
    })
}

fn failed_recipients(fields: &Fields<'_>) -> Vec<Address> {
    let all = fields.all("X-Failed-Recipients").flat_map(|raw| mail_addresses::read(&unfold(raw)));
    all.map(|person| person.address).take(MAX_RECIPIENTS).collect()
}

pub(super) fn is_status(media_type: &str) -> bool {
    matches!(media_type, "message/delivery-status" | "message/global-delivery-status")
}

/// Whether the text is worth reading: a cheap test that almost no letter passes.
fn is_suspicious(fields: &Fields<'_>, mail: &ParsedMail) -> bool {
    is_daemon(fields, mail)
        || (is_titled(mail) && (null_return_path(fields) || free_text::begins_with_recipient(&mail.text)))
}

/// Whether the sender is a machine that returns mails.
fn is_daemon(fields: &Fields<'_>, mail: &ParsedMail) -> bool {
    let Some(from) = &mail.from else {
        // A program's name without any address is a sender too.
        return fields.has("From") || fields.has("Received");
    };
    let local = from.address.local().to_lowercase();
    let name = from.name.to_lowercase();
    // `dsn` and `dsn-7`, and not `dsnyder`.
    let begins = |known: &str| {
        let rest = local.strip_prefix(known);
        rest.is_some_and(|rest| known.ends_with('-') || !rest.starts_with(char::is_alphabetic))
    };
    BOUNCE_SENDERS.iter().any(|known| begins(known))
        || local.contains("smtp_mail")
        || BOUNCE_NAMES.iter().any(|known| has_phrase(&name, known))
}

/// A rejection in the form of a receipt, as Sieve and LMTP servers write it (RFC 5429 §2.1.2): `auto-replied (rejected)`.
fn is_refused(fields: &Fields<'_>, mail: &ParsedMail) -> bool {
    let submitted = fields.text("Auto-Submitted").unwrap_or_default().to_ascii_lowercase();
    submitted.contains("rejected") || beginning(&mail.text, MAX_PREFACE).contains("automatically rejected")
}

/// Whether the envelope names somebody who wants to know what becomes of the mail: no server that returns one does
/// (RFC 5321 §4.5.5).
fn names_a_sender(fields: &Fields<'_>) -> bool {
    fields.has("Return-Path") && !null_return_path(fields)
}

fn is_titled(mail: &ParsedMail) -> bool {
    let subject = mail.subject.to_lowercase();
    BOUNCE_SUBJECTS.iter().any(|words| subject.contains(words))
}

/// Whether a machine that returns mails wrote this and says so.
fn is_free_text(fields: &Fields<'_>, mail: &ParsedMail, said: &free_text::Said) -> bool {
    let daemon = mail.from.as_ref().is_some_and(|from| {
        let local = from.address.local().to_lowercase();
        DAEMONS.iter().any(|known| local.starts_with(known))
    });
    if daemon {
        // Nobody else writes under that name.
        return true;
    }
    // A human postmaster may write about a failure; a machine also says so in the envelope or the subject.
    let machine = null_return_path(fields)
        || mail.from.is_none()
        || fields.keyword("Auto-Submitted").is_some_and(|word| word != "no");
    let person = !machine && (names_a_sender(fields) || is_reply(&mail.subject));
    let titled = is_titled(mail);
    let tells = said.failure && !said.recipients.is_empty();
    if is_daemon(fields, mail) {
        return said.certain
            || (machine && (titled || said.failure))
            || (titled && (tells || (!person && said.failure)));
    }
    let begins = || !person || free_text::begins_with_recipient(&mail.text);
    (said.certain && !person) || (titled && said.failure && said.of_mail && begins())
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
fn complete(report: &mut Report, mail: &ParsedMail, said: &free_text::Said) {
    let recipients = &mut report.recipients;
    if recipients.is_empty() {
        let inside = said.local.as_ref().zip(mail.from.as_ref());
        let inside = inside.and_then(|(local, from)| Address::parse(&format!("{local}@{}", from.address.domain())));
        if let Some(address) = inside {
            add(recipients, recipient(address, "", &said.status, ""));
        } else {
            for found in &said.recipients {
                add(recipients, recipient(found.address.clone(), "", &found.status, &found.diagnostic));
            }
        }
    }
    let unnamed = report.unnamed.take().unwrap_or_default();
    for recipient in recipients.iter_mut() {
        fill(&mut recipient.status, &unnamed.status);
        fill(&mut recipient.action, &unnamed.action);
        fill(&mut recipient.diagnostic, &clean_line(&unnamed.diagnostic, MAX_DIAGNOSTIC));
        let told = said.recipients.iter().find(|found| found.address.same_as(&recipient.address));
        fill(&mut recipient.diagnostic, &clean_line(told.map_or("", |found| &found.diagnostic), MAX_DIAGNOSTIC));
        if let Some(better) = free_text::last_status_in(&recipient.diagnostic)
            .or_else(|| told.map(|found| found.status.clone()).filter(|status| !status.is_empty()))
            && is_vague(&recipient.status)
        {
            recipient.status = better;
        }
        if is_vague(&recipient.status)
            && !said.status.is_empty()
            && (recipient.status.is_empty() || recipients_agree(said))
        {
            recipient.status.clone_from(&said.status);
        }
        let action = if said.delayed { "delayed" } else { "failed" };
        fill(&mut recipient.action, action);
        if recipient.status.is_empty() {
            let near = status::status(&recipient.diagnostic);
            let derived = near.filter(|status| !is_vague(status)).or_else(|| status::status(&said.words));
            // Who says nothing at all still says whether it is final.
            let class = if recipient.action == "delayed" { "4.0.0" } else { "5.0.0" };
            recipient.status = derived.unwrap_or_else(|| class.to_owned());
        }
    }
}

fn fill(slot: &mut String, value: &str) {
    if slot.is_empty() {
        value.clone_into(slot);
    }
}

/// One recipient at most is spoken of, so that any status in the text is theirs.
fn recipients_agree(said: &free_text::Said) -> bool {
    said.recipients.len() <= 1
}

/// A status that only says failed, bad address or expired: what the other server said is the reason.
fn is_vague(status: &str) -> bool {
    status.is_empty() || status.ends_with(".0.0") || status.ends_with(".1.0") || status == "4.4.7"
}

/// What delivery status parts say (RFC 3464 §2.1).
#[derive(Debug, Default)]
struct Report {
    recipients: Vec<BounceRecipient>,
    /// A group that names nobody whom one could write to.
    unnamed: Option<Group>,
}

/// One group of fields.
#[derive(Debug, Default)]
struct Group {
    finally: Option<Address>,
    originally: Option<Address>,
    action: String,
    status: String,
    diagnostic: String,
    named: bool,
}

impl Report {
    /// Whether all that is reported is success: a receipt, not a bounce.
    fn is_success(&self) -> bool {
        let good = |recipient: &BounceRecipient| {
            recipient.status.starts_with('2')
                || matches!(recipient.action.as_str(), "delivered" | "relayed" | "expanded" | "deliverable")
        };
        !self.recipients.is_empty() && self.recipients.iter().all(good)
    }

    /// Reads the groups of one part. Lines that are no fields go on the field above, as broken folds leave them.
    fn read(&mut self, text: &str) {
        let mut group = Group::default();
        let (mut open, mut folded) = ("", String::new());
        for line in text.lines() {
            let line = line.trim_end();
            if line.is_empty() {
                self.close(&mut group);
                open = "";
                continue;
            }
            let field = line.split_once(':').filter(|_| !line.starts_with([' ', '\t']));
            let known = field.and_then(|(name, value)| {
                STATUS_FIELDS
                    .iter()
                    .find(|known| known.eq_ignore_ascii_case(name.trim()))
                    .map(|known| (*known, value.trim()))
            });
            if let Some((name, value)) = known {
                open = name;
                if name == "Final-Recipient" && group.finally.is_some() {
                    self.close(&mut group);
                }
                group.set(name, value);
                value.clone_into(&mut folded);
            } else if open == "Diagnostic-Code"
                && field.is_none_or(|(name, _)| name.contains(' ') || line.starts_with([' ', '\t']))
            {
                group.diagnostic.push(' ');
                group.diagnostic.push_str(line.trim());
            } else if open.ends_with("-Recipient") && folded.len() < MAX_FOLDED && line.starts_with([' ', '\t']) {
                // A fold inside the address.
                folded.push_str(line.trim());
                group.set(open, &folded);
            } else if field.is_some() {
                open = "";
            }
        }
        self.close(&mut group);
    }

    fn close(&mut self, group: &mut Group) {
        let group = std::mem::take(group);
        // What was written to is what the sender knows; a name inside the other organisation is worth less.
        let confirmed = group.originally == group.finally;
        let originally =
            group.originally.clone().map(|address| if confirmed { address } else { without_xtext(address) });
        let written = originally.clone().filter(|address| address.domain().contains('.'));
        let address = written.or_else(|| group.finally.clone()).or(originally);
        match address {
            Some(address) => {
                add(&mut self.recipients, recipient(address, &group.action, &group.status, group.diagnostic.trim()));
            }
            None if group.named || !group.status.is_empty() => self.unnamed = self.unnamed.take().or(Some(group)),
            None => {}
        }
    }
}

impl Group {
    fn set(&mut self, name: &str, value: &str) {
        match name {
            "Final-Recipient" => {
                self.named = true;
                self.finally = typed_address(value);
            }
            "Original-Recipient" => self.originally = typed_address(value),
            "Action" => {
                let word: String = value.to_ascii_lowercase().chars().take_while(char::is_ascii_alphabetic).collect();
                self.action = match word.as_str() {
                    "failure" | "fail" => "failed".to_owned(),
                    "delay" => "delayed".to_owned(),
                    _ => word,
                };
            }
            "Status" => {
                self.status = free_text::status_in(value).unwrap_or_default();
                if self.status.is_empty() && self.diagnostic.is_empty() && value.len() > 6 {
                    // `Status: 553 Exceeded maximum inbound message size` of NTMail.
                    value.clone_into(&mut self.diagnostic);
                }
            }
            "Diagnostic-Code" => {
                let text =
                    value.split_once(';').map_or(value, |(kind, rest)| if kind.len() < 20 { rest } else { value });
                text.trim().clone_into(&mut self.diagnostic);
            }
            _ => {}
        }
    }
}

//! Bounces: reports (RFC 3464) and the free text that older and stranger programs write instead.
//!
//! Only machine senders are read as free text, so a customer who quotes an error message is not taken for one.

mod addresses;
mod candidates;
mod codes;
mod copy;
mod evidence;
pub mod free_text;
mod original;
#[cfg(test)]
mod perturbed;
mod ses;
mod status;

use crate::model::address::Address;
use crate::model::mail::{Bounce, BounceRecipient, ParsedMail};
use crate::model::text::{beginning, clean_line};
use crate::parse::body;
use crate::parse::mime::addresses as mail_addresses;
use crate::parse::mime::fields::{Fields, unfold};
use crate::parse::mime::headers;
use crate::parse::mime::parts::{self, Disposition, Part, Parts};
use crate::parse::origin::envelope::Envelope;
use addresses::{typed_address, without_xtext};
use codes::{last_status_in, status_in};
use evidence::Sender;

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
/// Evidence of a machine that makes a mail worth reading as what one returned.
const MACHINE: i32 = 2;
/// The type of a receipt.
pub(super) const DISPOSITION: &str = "message/disposition-notification";
/// Bytes of a text that begin it.
const MAX_PREFACE: usize = 1_000;
/// Characters of a diagnostic that are kept.
const MAX_DIAGNOSTIC: usize = 500;

/// What the mail reports, if it is a bounce.
pub fn read(fields: &Fields<'_>, mail: &ParsedMail, parts: &Parts<'_>, envelope: Envelope) -> Option<Bounce> {
    wrapped(fields, mail, parts, envelope).or_else(|| report(fields, mail, parts, envelope))
}

/// The report in a mail that a gateway put around it.
fn wrapped(fields: &Fields<'_>, mail: &ParsedMail, parts: &Parts<'_>, envelope: Envelope) -> Option<Bounce> {
    let part = parts.leaves.iter().find(|part| part.media_type == "message/rfc822")?;
    if is_declared(parts) || evidence::machine(fields, mail, envelope) < MACHINE {
        return None;
    }
    let bytes = part.bytes();
    let (inner, body) = Fields::scan(original::without_mbox_line(bytes.trim_ascii_start()), &mut Vec::new());
    let parts = parts::split(&inner, body, &mut Vec::new());
    if !is_declared(&parts) {
        return None;
    }
    let text = body::choose(&parts, &mut Vec::new()).text;
    let mail = ParsedMail { text, ..headers::read(&inner, &mut Vec::new()) };
    report(&inner, &mail, &parts, Envelope::of_fields(&inner))
}

fn is_declared(parts: &Parts<'_>) -> bool {
    parts.containers.first().is_some_and(|container| container.report_type == "delivery-status")
}

fn report(fields: &Fields<'_>, mail: &ParsedMail, parts: &Parts<'_>, envelope: Envelope) -> Option<Bounce> {
    let receipt = parts.leaves.iter().any(|part| part.media_type == DISPOSITION);
    let refused = receipt && is_refused(fields, mail);
    let other_report = ["message/feedback-report", DISPOSITION];
    if !refused && parts.leaves.iter().any(|part| other_report.contains(&part.media_type.as_str())) {
        return None;
    }
    if let Some(bounce) = ses::read(&mail.text) {
        return Some(bounce);
    }
    let declared = is_declared(parts);
    let machine = envelope == Envelope::Nobody || evidence::sender(fields, mail) != Sender::Other;
    // A person passes the report on, as a file or, in some programs, shown.
    let person = !machine && !declared && envelope == Envelope::Somebody;
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
    let reported = declared || refused || !statuses.is_empty() || !failed.is_empty();
    let headers = evidence::machine(fields, mail, envelope);
    // Almost no letter gets past this.
    let opens = || evidence::is_fixed(&mail.text) || evidence::begins_with_recipient(&mail.text);
    if !reported && headers < MACHINE - 1 && !opens() {
        return None;
    }
    let own: Vec<Address> = mail.to.iter().take(MAX_OWN).map(|person| person.address.clone()).collect();
    let said = free_text::read(mail, &own, parts);
    // Nobody else writes under a daemon's name, whatever it says.
    let daemon = evidence::sender(fields, mail) == Sender::Daemon && said.failure >= 0;
    if !reported
        && !daemon
        && !evidence::suffice(if said.opens { headers.max(0) } else { headers } + said.machine, said.failure)
    {
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
    complete(&mut report, &said, &own);
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

/// A rejection in the form of a receipt, as Sieve and LMTP servers write it (RFC 5429 §2.1.2): `auto-replied (rejected)`.
fn is_refused(fields: &Fields<'_>, mail: &ParsedMail) -> bool {
    let submitted = fields.text("Auto-Submitted").unwrap_or_default().to_ascii_lowercase();
    submitted.contains("rejected") || beginning(&mail.text, MAX_PREFACE).contains("automatically rejected")
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
fn complete(report: &mut Report, said: &free_text::Said, own: &[Address]) {
    let recipients = &mut report.recipients;
    if recipients.is_empty() {
        for found in &said.recipients {
            add(recipients, recipient(found.address.clone(), "", &found.status, &found.diagnostic));
        }
    }
    let ours = |address: &Address| own.iter().any(|own| own.same_as(address));
    if let [only] = said.returned.to.as_slice()
        && (recipients.is_empty() || recipients.iter().all(|recipient| ours(&recipient.address)))
        && !ours(only)
    {
        // Nobody else is named: whoever our mail was for.
        *recipients = vec![recipient(only.clone(), "", "", "")];
    }
    let unnamed = report.unnamed.take().unwrap_or_default();
    for recipient in recipients.iter_mut() {
        fill(&mut recipient.status, &unnamed.status);
        fill(&mut recipient.action, &unnamed.action);
        fill(&mut recipient.diagnostic, &clean_line(&unnamed.diagnostic, MAX_DIAGNOSTIC));
        let told = said.recipients.iter().find(|found| found.address.same_as(&recipient.address));
        fill(&mut recipient.diagnostic, &clean_line(told.map_or("", |found| &found.diagnostic), MAX_DIAGNOSTIC));
        let near = told.and_then(|found| last_status_in(&found.diagnostic).or_else(|| Some(found.status.clone())));
        let somewhere = Some(said.status.clone()).filter(|_| said.recipients.len() <= 1 || recipient.status.is_empty());
        for better in near.into_iter().chain(somewhere) {
            if !better.starts_with('2') && vagueness(&better) < vagueness(&recipient.status) {
                recipient.status = better;
            }
        }
        let action = if said.delayed { "delayed" } else { "failed" };
        fill(&mut recipient.action, action);
        if recipient.status.is_empty() {
            let near = status::status(&recipient.diagnostic);
            let derived = near.filter(|status| vagueness(status) == 0).or_else(|| status::status(&said.words));
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

/// How little a status says: nothing, only that it failed, only what kind of thing failed or that it was tried too long.
fn vagueness(status: &str) -> u8 {
    match status {
        "" => 3,
        _ if status.ends_with(".0.0") => 2,
        "4.4.7" | "5.4.7" => 1,
        _ => u8::from(status.ends_with(".0")),
    }
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
    /// Whether another server said the diagnostic.
    remote: bool,
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
        let mut group = group;
        // Some servers write "bad address" for whatever the other one said.
        let doubted = group.remote && (group.status == "5.1.1" || vagueness(&group.status) == 1);
        if let Some(said) = last_status_in(&group.diagnostic).filter(|said| !said.starts_with('2'))
            && vagueness(&said) < 2
            && (doubted || vagueness(&said) < vagueness(&group.status))
        {
            group.status = said;
        }
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
                self.status = status_in(value).unwrap_or_default();
                if self.status.is_empty() && self.diagnostic.is_empty() && value.len() > 6 {
                    // `Status: 553 Exceeded maximum inbound message size` of NTMail.
                    value.clone_into(&mut self.diagnostic);
                }
            }
            "Diagnostic-Code" => {
                let kind = value.split_once(';').map(|(kind, _)| kind.trim());
                self.remote = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("smtp"));
                let text =
                    value.split_once(';').map_or(value, |(kind, rest)| if kind.len() < 20 { rest } else { value });
                text.trim().clone_into(&mut self.diagnostic);
            }
            _ => {}
        }
    }
}

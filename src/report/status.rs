//! `status`: mailboxes, outbox and tickets at a glance, for people and as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::time;
use super::trouble::{Looked, Trouble};
use crate::model::breaker::Breaker;
use crate::model::id::MailboxId;
use crate::model::policy::Policy;
use crate::model::ticket::Status;
use crate::store::reports::{MailboxReport, Muted, StatusReport};
use crate::store::running::SmtpHealth;
use crate::store::stopped::KeptBack;
use crate::store::unreachable::Unreachable;
use crate::terminal::{Paint, Table, one_line};

const NO_DAEMON: &str = "no daemon is running";
const NO_LONGER_WATCHED: &str = "no longer in the config: its waiting mails are not decided";

/// `status` for people.
pub fn text(looked: &Looked<'_>, troubles: &[Trouble], paint: Paint) -> String {
    let Looked { policy, report, .. } = *looked;
    let mut table = Table::new(&[
        "MAILBOX",
        "CONNECTED",
        "LAST MAIL",
        "TICKET",
        "DUPLICATE",
        "QUARANTINED",
        "IGNORED",
        "WAITING",
        "GAP",
        "TROUBLE",
        "NEXT TRY",
    ]);
    for (id, mailbox) in mailboxes(policy, report) {
        let fate = |word: &str| mailbox.fates.get(word).copied().unwrap_or(0).to_string();
        table.row(vec![
            id.to_string(),
            if mailbox.connected { "yes" } else { "no" }.to_owned(),
            mailbox.last_mail_at.map_or("-".to_owned(), time),
            fate("ticket"),
            fate("duplicate"),
            fate("quarantined"),
            fate("ignored"),
            fate("waiting"),
            mailbox.gap.to_string(),
            mailbox.error.as_deref().map_or("-", without_hint).to_owned(),
            mailbox.next_try_at.map_or("-".to_owned(), time),
        ]);
    }
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
    let daemon = match &report.daemon {
        Some(daemon) if report.daemon_runs => format!("running since {}, process {}", time(daemon.since), daemon.pid),
        _ if report.daemon_runs => "running".to_owned(),
        _ => paint.alarm("not running"),
    };
    let trouble = report.outbox_trouble.as_ref();
    let trouble = trouble.map(|(reason, next)| format!("\n        {} (next try {})", paint.alarm(reason), time(*next)));
    let unwritable = report.trouble.as_ref();
    let unwritable =
        unwritable.map(|text| format!("\n        {}", paint.alarm(&format!("nothing can be stored: {text}"))));
    format!(
        "{}\n{}  {daemon}{}\n{}    {}\n{}  {}{}\n{} {}\n{}{}{}",
        table.render(paint),
        paint.bold("daemon"),
        unwritable.unwrap_or_default(),
        paint.bold("smtp"),
        smtp(report, paint),
        paint.bold("outbox"),
        counts(&["queued", "sending", "deferred", "uncertain", "failed"], &report.outbox),
        trouble.unwrap_or_default(),
        paint.bold("tickets"),
        counts(&statuses, &report.tickets),
        muted(&report.muted, paint),
        limited(&report.kept_back, paint),
        needed(troubles, paint),
    )
}

/// How mail leaves.
fn smtp(report: &StatusReport, paint: Paint) -> String {
    if !report.daemon_runs {
        return "-".to_owned();
    }
    let SmtpHealth { state, error, next_try_at, .. } = &report.smtp;
    match error {
        None => state.to_string(),
        Some(error) => {
            let next = next_try_at.map(|at| format!(" (next try {})", time(at))).unwrap_or_default();
            format!("{}{next}", paint.alarm(&format!("{state}: {}", one_line(error))))
        }
    }
}

/// What needs a person; nothing when nothing does.
fn needed(troubles: &[Trouble], paint: Paint) -> String {
    let line = |Trouble { check, detail, hint }: &Trouble| {
        format!("  {check}: {}\n    hint: {}\n", one_line(detail), one_line(hint))
    };
    let lines: String = troubles.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{}\n{lines}", paint.alarm("needs somebody")) }
}

/// Whose mails are ignored; nothing when nobody's are.
fn muted(muted: &Muted, paint: Paint) -> String {
    if muted.addresses == 0 {
        return String::new();
    }
    let loudest: Vec<String> = muted.loudest.iter().map(|(address, mails)| format!("{address} ({mails})")).collect();
    let more = if muted.addresses > i64::try_from(loudest.len()).unwrap_or(i64::MAX) { ", …" } else { "" };
    format!(
        "{}   {} addresses, {} mails ignored: {}{more}\n",
        paint.bold("muted"),
        muted.addresses,
        muted.mails,
        one_line(&loudest.join(", "))
    )
}

/// What limits kept back within a day, the most first; nothing when they kept nothing.
fn limited(kept: &[KeptBack], paint: Paint) -> String {
    let line = |kept: &KeptBack| {
        let whose = one_line(&kept.whose);
        let what = match kept.breaker {
            Breaker::ReceiptsOfDomain => format!("receipts to addresses of {whose} not sent"),
            Breaker::ReceiptsOfMailbox => format!("receipts from mailbox {whose} not sent"),
            Breaker::ReceiptsForOthers => {
                format!("receipts not sent that mails from {whose} would have caused elsewhere")
            }
            Breaker::TicketsOfDomain => format!("mails from {whose} folded into tickets that were there"),
            Breaker::NewsOfDomain => format!("notifications of mails from {whose} left out"),
            Breaker::NewsOfMailbox => format!("notifications of mails to mailbox {whose} left out"),
            Breaker::Notices => format!("notices to agent {whose} not sent"),
            Breaker::Returned => format!("mails in the name of agent {whose} not sent back"),
        };
        format!("{} {what}, the last at {}\n", kept.count, time(kept.last_at))
    };
    let lines: Vec<String> = kept.iter().map(line).collect();
    if lines.is_empty() { String::new() } else { format!("{} {}", paint.bold("limited"), lines.join("        ")) }
}

/// `status --json`.
pub fn json(looked: &Looked<'_>, troubles: &[Trouble]) -> Value {
    let Looked { policy, report, .. } = *looked;
    let mailbox = |(id, mailbox): (&MailboxId, MailboxReport)| {
        let fate = |word: &str| mailbox.fates.get(word).copied().unwrap_or(0);
        json!({
            "id": id.as_str(),
            "connected": mailbox.connected,
            "error": mailbox.error,
            "next_try_at": mailbox.next_try_at.map(time),
            "last_mail_at": mailbox.last_mail_at.map(time),
            "ledger": {
                "ticket": fate("ticket"),
                "duplicate": fate("duplicate"),
                "quarantined": fate("quarantined"),
                "ignored": fate("ignored"),
                "waiting": fate("waiting"),
            },
            "gap": mailbox.gap,
        })
    };
    let outbox = |word: &str| report.outbox.get(word).copied().unwrap_or(0);
    let tickets = Status::ALL.iter().map(|status| {
        let count = report.tickets.get(status.as_str()).copied().unwrap_or(0);
        (status.as_str().to_owned(), Value::from(count))
    });
    let mut value = json!({
        "mailboxes": mailboxes(policy, report).into_iter().map(mailbox).collect::<Value>(),
        "outbox": {
            // A mail that is being sent has not left yet.
            "queued": outbox("queued") + outbox("sending"),
            "deferred": outbox("deferred"),
            "uncertain": outbox("uncertain"),
            "failed": outbox("failed"),
        },
        "tickets": tickets.collect::<serde_json::Map<_, _>>(),
        "daemon": daemon(looked),
        "smtp": {
            "state": if report.daemon_runs { report.smtp.state.as_str() } else { "unknown" },
            "error": report.smtp.error.as_ref().filter(|_| report.daemon_runs),
            "next_try_at": report.smtp.next_try_at.filter(|_| report.daemon_runs).map(time),
        },
        "unreachable": report.unreachable.iter().map(unreachable).collect::<Value>(),
        "limited": report.kept_back.iter().map(kept_back).collect::<Value>(),
        "trouble": troubles.iter().map(trouble).collect::<Value>(),
    });
    // There only once an address is muted.
    if let (true, Some(object)) = (report.muted.addresses > 0, value.as_object_mut()) {
        let muted = json!({"addresses": report.muted.addresses, "mails": report.muted.mails});
        object.insert("muted".to_owned(), muted);
    }
    value
}

fn daemon(looked: &Looked<'_>) -> Value {
    let running = looked.report.daemon.as_ref().filter(|_| looked.report.daemon_runs);
    json!({
        "running": looked.report.daemon_runs,
        "pid": running.map(|daemon| daemon.pid),
        "since": running.map(|daemon| time(daemon.since)),
        "config": looked.config_is_newer().map(|newer| if newer { "newer" } else { "current" }),
    })
}

fn kept_back(kept: &KeptBack) -> Value {
    json!({
        "limit": kept.breaker.as_str(),
        "of": kept.whose,
        "mails": kept.count,
        "last_at": time(kept.last_at),
    })
}

fn unreachable(gone: &Unreachable) -> Value {
    json!({
        "agent": gone.agent.as_str(),
        "address": gone.address.as_str(),
        "since": time(gone.since),
        "reason": gone.reason,
    })
}

fn trouble(Trouble { check, detail, hint }: &Trouble) -> Value {
    json!({"check": check, "detail": detail, "hint": hint})
}

/// The mailboxes of the config in its order, then those that left it while mails of theirs were waiting.
fn mailboxes<'a>(policy: Option<&'a Policy>, report: &'a StatusReport) -> Vec<(&'a MailboxId, MailboxReport)> {
    let ids: Vec<&MailboxId> = match policy {
        Some(policy) => policy.mailboxes.iter().map(|mailbox| &mailbox.id).collect(),
        // Which of them are watched is not known: all.
        None => report.mailboxes.keys().collect(),
    };
    let mut found: Vec<(&MailboxId, MailboxReport)> = Vec::with_capacity(ids.len());
    for id in &ids {
        let mut known = report.mailboxes.get(id).cloned().unwrap_or_default();
        if let Some(trouble) = &report.trouble {
            known = MailboxReport {
                connected: false,
                error: Some(format!("nothing can be stored: {trouble}")),
                next_try_at: None,
                ..known
            };
        } else if !report.daemon_runs {
            known = MailboxReport { connected: false, error: Some(NO_DAEMON.to_owned()), next_try_at: None, ..known };
        }
        found.push((id, known));
    }
    for (id, known) in &report.mailboxes {
        if !ids.contains(&id) && known.fates.get("waiting").is_some_and(|mails| *mails > 0) {
            let error = Some(NO_LONGER_WATCHED.to_owned());
            found.push((id, MailboxReport { connected: false, error, gap: 0, next_try_at: None, ..known.clone() }));
        }
    }
    found
}

/// What to do stands below the table.
fn without_hint(error: &str) -> &str {
    error.split_once("; hint:").map_or(error, |(what, _)| what)
}

fn counts(words: &[&str], counts: &BTreeMap<String, i64>) -> String {
    let count = |word: &&str| format!("{} {word}", counts.get(*word).copied().unwrap_or(0));
    words.iter().map(count).collect::<Vec<_>>().join(", ")
}

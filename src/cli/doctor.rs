//! `doctor`: looks for everything that can be wrong with a desk and says what to do. Changes nothing unless asked to count
//! anew; may run beside the daemon.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::desk::Desk;
use super::output::Output;
use super::{CONFIG_FAULT, Failure};
use crate::clock::Clock;
use crate::daemon;
use crate::intake;
use crate::model::policy::Policy;
use crate::model::text::{counted, folder_of};
use crate::report::trouble::{Looked, another_database, another_secret};
use crate::store::{Health, Look, Room, SECRET_IS_NEWER, SECRET_IS_OLDER, Store, StoreError};
use crate::users;

/// Times in the database may be this far ahead of the clock.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// No clock of a machine that this program runs on is right before 2026 or after 2100.
const PLAUSIBLE_SECS: std::ops::Range<i64> = 1_767_225_600..4_102_444_800;
/// What happened within this time is told.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A write-ahead log beyond this is not being put into the database.
const LARGE_LOG: u64 = 512 << 20;

/// What is said of what `status` has no complaint about.
const NOTHING_WRONG: &str = "nothing is wrong";

/// One thing looked at.
struct Finding {
    check: &'static str,
    detail: String,
    /// What to do, when it is a fault.
    hint: Option<String>,
}

/// All things looked at.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn good(&mut self, check: &'static str, detail: impl Into<String>) {
        self.0.push(Finding { check, detail: detail.into(), hint: None });
    }

    fn fault(&mut self, check: &'static str, detail: impl Into<String>, hint: impl Into<String>) {
        self.0.push(Finding { check, detail: detail.into(), hint: Some(hint.into()) });
    }

    /// A fault whose words end with what to do.
    fn fault_in_words(&mut self, check: &'static str, words: &str, otherwise: &str) {
        let (detail, hint) = words.split_once("; hint: ").unwrap_or((words, otherwise));
        self.fault(check, detail, hint);
    }

    fn faults(&self) -> usize {
        self.0.iter().filter(|finding| finding.hint.is_some()).count()
    }
}

/// What is mended before anything is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// Nothing.
    Nothing,
    /// The counts of tickets and mails, which only repeat what else is there.
    Counts,
}

/// What the command line asks for.
pub(super) fn repair(counts: bool) -> Repair {
    if counts { Repair::Counts } else { Repair::Nothing }
}

/// What the command line asks for.
pub(super) fn look(quick: bool) -> Look {
    if quick { Look::Quick } else { Look::Thorough }
}

/// Looks at everything and prints it; exit code 1 when there is a fault. When the config has faults, looks at what the
/// database alone tells, and the exit code is that of a faulty config.
pub(super) async fn run(path: &Path, look: Look, repair: Repair, output: &Output) -> Result<ExitCode, Failure> {
    let desk = Desk::read(path)?;
    if repair == Repair::Counts {
        let store = Store::open_beside(&desk.database)?;
        let done = store.recount().await;
        store.close().await;
        done?;
    }
    let now = Clock::System.now();
    let mut findings = Findings::default();
    output.findings(&desk.faults);
    for (fault, hint) in desk.told_faults() {
        findings.fault("config", fault, hint);
    }
    let database = desk.database.clone();
    let looking = tokio::task::spawn_blocking(move || Store::health(&database, look, now));
    let health = looking.await.context("looking at the database")?;
    let readable = health.as_ref().is_ok_and(|health| health.damage.is_empty());
    let newest = health.as_ref().ok().and_then(|health| health.newest);
    let signed = Signed {
        in_use: newest.is_some(),
        secret_is_older: health.as_ref().is_ok_and(|health| health.secret_is_older),
        secret_is_newer: health.as_ref().is_ok_and(|health| health.secret_is_newer),
    };
    the_daemon(&desk.database, &mut findings);
    let lost_proof_at = health.as_ref().ok().and_then(|health| health.lost_proof_at);
    the_database(health, look, now, &mut findings);
    the_proofs(lost_proof_at, now, &mut findings);
    the_clock(newest, now, &mut findings);
    if readable {
        today(path, &desk, now, &mut findings).await?;
    }
    the_disk(&desk.database, &mut findings);
    permissions(path, &desk, &mut findings);
    if let Some(policy) = &desk.policy {
        the_secret(&desk, policy, signed, &mut findings);
        if readable {
            the_servers(policy, &mut findings).await;
        }
    }
    if output.json() {
        output.value(&as_json(&findings))?;
    } else {
        output.text(&as_text(&findings, output))?;
    }
    Ok(match (desk.policy.is_some(), findings.faults()) {
        (false, _) => ExitCode::from(CONFIG_FAULT),
        (true, 0) => ExitCode::SUCCESS,
        (true, _) => ExitCode::FAILURE,
    })
}

fn the_daemon(database: &Path, findings: &mut Findings) {
    match Store::trouble(database) {
        Some(trouble) => {
            let words = format!("nothing can be stored: {trouble}");
            findings.fault_in_words("daemon", &words, "see the daemon's log");
        }
        None if Store::is_in_use(database) => findings.good("daemon", "runs"),
        None => findings.fault("daemon", "does not run", "start it: `systemctl start postroom`"),
    }
}

/// What `status` tells, with what to do; not what is looked at in more detail here.
async fn today(path: &Path, desk: &Desk, now: Timestamp, findings: &mut Findings) -> Result<(), Failure> {
    let (file, report) = (daemon::digest(path), super::desk::report(&desk.database).await?);
    let policy = desk.policy.as_ref();
    // Faults of the config and the secret are looked at here in more detail.
    let troubles = Looked { policy, faults: &[], secret: None, report: &report, file: &file, now }.troubles();
    for check in ["config", "departments", "smtp", "mailbox", "agents"] {
        let found = troubles.iter().filter(|trouble| trouble.check == check);
        if found.clone().next().is_none() {
            findings.good(check, NOTHING_WRONG);
        }
        found.for_each(|trouble| findings.fault(check, &trouble.detail, &trouble.hint));
    }
    for check in ["outbox", "restored"] {
        let found = troubles.iter().filter(|trouble| trouble.check == check);
        found.for_each(|trouble| findings.fault(check, &trouble.detail, &trouble.hint));
    }
    Ok(())
}

fn the_database(health: Result<Health, StoreError>, look: Look, now: Timestamp, findings: &mut Findings) {
    let Health {
        damage,
        altered_mails,
        wrong_counts,
        newest: _,
        stuck,
        stuck_count,
        held,
        undecided,
        log_size,
        secret_is_older: _,
        secret_is_newer: _,
        lost_proof_at: _,
    } = match health {
        Ok(health) => health,
        Err(error) => {
            let hint = "see that it is there, that you may read it, and that the daemon ran once";
            return findings.fault_in_words("database", &error.to_string(), hint);
        }
    };
    let restore = "stop postroom, keep the damaged files elsewhere, put a copy made by `postroom backup` in their place \
                   (without `-wal` and `-shm` files), start it again";
    for fault in &damage {
        findings.fault("database", fault, restore);
    }
    if !damage.is_empty() {
        return;
    }
    if altered_mails > 0 {
        let detail = format!("{} not as stored", counted(altered_mails, "mail"));
        findings.fault("database", detail, restore);
    } else {
        let sound = match look {
            Look::Quick => "opens; without `--quick` its structure and every stored mail are looked over too",
            Look::Thorough => "structure, references and stored mails are sound",
        };
        findings.good("database", sound);
    }
    if wrong_counts > 0 {
        let detail =
            format!("{} that lists and `status` show, not those of what is there", counted(wrong_counts, "count"));
        findings.fault("counts", detail, "`postroom doctor --repair` counts anew, beside the daemon too");
    } else if look == Look::Thorough {
        findings.good("counts", "tickets and mails are as many as lists and `status` say");
    }
    if log_size > LARGE_LOG {
        let detail = format!("the write-ahead log has {} MiB", log_size >> 20);
        findings.fault("log", detail, "end programs that read the database for long, or restart postroom");
    } else {
        findings.good("log", format!("the write-ahead log has {} KiB", log_size >> 10));
    }
    for mail in &stuck {
        let waiting = now.duration_since(mail.since).as_hours();
        let detail = format!("mail {} is {} for {waiting} h: {}", mail.id, mail.state, mail.reason);
        let hint = match mail.state.as_str() {
            "uncertain" => format!(
                "ask the recipient; `postroom outbox retry {0}` sends it again, `postroom outbox drop {0}` does not",
                mail.id
            ),
            "failed" => {
                format!("mend the reason, then `postroom outbox retry {0}`, or `postroom outbox drop {0}`", mail.id)
            }
            _ => "look at the reason, at `[smtp]` (`postroom check --online`) and at the daemon's log".to_owned(),
        };
        findings.fault("outbox", detail, hint);
    }
    let more = stuck_count.saturating_sub(stuck.len() as u64);
    if more > 0 {
        findings.fault("outbox", format!("{more} more mails like these"), "see `postroom outbox list`");
    } else if stuck_count == 0 {
        findings.good("outbox", "nothing is stuck");
    }
    if held > 0 {
        let detail = format!("{} held", counted(held, "mail"));
        findings.fault(
            "quarantine",
            detail,
            "see `postroom quarantine list`; after an upgrade `postroom quarantine retry ID`",
        );
    } else {
        findings.good("quarantine", "nothing is held");
    }
    for (mailbox, mails) in undecided {
        let detail = format!("{} of mailbox `{mailbox}` spooled and not decided", counted(mails, "mail"));
        findings.fault("ledger", detail, "see that the daemon runs and that the mailbox is in the config");
    }
}

fn the_clock(newest: Option<Timestamp>, now: Timestamp, findings: &mut Findings) {
    if !PLAUSIBLE_SECS.contains(&now.as_second()) {
        findings.fault("clock", format!("the system clock says {now:.0}"), "set the clock (`timedatectl`)");
    } else if let Some(newest) = newest.filter(|newest| newest.duration_since(now) > AHEAD) {
        let detail = format!("the newest time in the database is {newest:.0}, the system clock says {now:.0}");
        findings.fault(
            "clock",
            detail,
            "one of them is wrong: set the clock (`timedatectl`), retries wait until that time comes",
        );
    } else {
        findings.good("clock", format!("{now:.0}"));
    }
}

fn the_disk(database: &Path, findings: &mut Findings) {
    match Room::beside(database) {
        None => findings.fault(
            "disk",
            "the file system of the database does not say how much is free",
            "see that the directory is there",
        ),
        Some(room) => match room.trouble() {
            Some(trouble) => findings.fault_in_words("disk", &trouble, "free space"),
            None => findings.good("disk", format!("{} MiB free of {}", room.free >> 20, room.total >> 20)),
        },
    }
}

/// What must be for the daemon's user alone, and what must be all of one owner.
fn permissions(config: &Path, desk: &Desk, findings: &mut Findings) {
    let faults_before = findings.faults();
    let (database, secret_file) = (&desk.database, desk.policy.as_ref().map(|policy| &policy.desk.secret_file));
    let mut private: Vec<PathBuf> = secret_file.into_iter().cloned().collect();
    private.extend(Store::files(database));
    let owner = database.metadata().ok().map(|file| file.uid());
    if owner == Some(0) && users::named(users::SERVICE).is_some() {
        let user = users::SERVICE;
        let detail = format!("`{}` belongs to root: the service's user `{user}` cannot open it", database.display());
        let hint = format!("stop the daemon, `chown -R {user}: {}`, start it", folder_of(database).display());
        findings.fault("permissions", detail, hint);
    }
    for file in private {
        let Ok(metadata) = file.metadata() else { continue };
        let (mode, shown) = (metadata.mode() & 0o777, file.display());
        if mode & 0o077 != 0 {
            findings.fault("permissions", format!("`{shown}` has mode {mode:o}"), format!("`chmod 600 {shown}`"));
        }
        if owner.is_some_and(|owner| owner != metadata.uid()) && Some(&file) != secret_file {
            let detail = format!("`{shown}` belongs to another user than the database");
            // The folder tells whose both should be: a copy that root put back is root's.
            let (folder, database) = (folder_of(database).display(), database.display());
            findings.fault("permissions", detail, format!("`chown --reference={folder} {database} {shown}`"));
        }
    }
    if config.metadata().is_ok_and(|config| config.mode() & 0o002 != 0) {
        let shown = config.display();
        findings.fault("permissions", format!("everybody may change `{shown}`"), format!("`chmod o-w {shown}`"));
    }
    if findings.faults() == faults_before {
        findings.good("permissions", "customers' mails and the secret are for the daemon's user alone");
    }
}

/// What the database says of the secret.
#[derive(Clone, Copy)]
struct Signed {
    in_use: bool,
    secret_is_older: bool,
    secret_is_newer: bool,
}

fn the_secret(desk: &Desk, policy: &Policy, signed: Signed, findings: &mut Findings) {
    if let Some(trouble) = desk.secret_trouble(signed.in_use) {
        findings.fault("secret", trouble.detail, trouble.hint);
    } else if signed.secret_is_newer {
        findings.fault("secret", SECRET_IS_NEWER, another_secret(&policy.desk.secret_file));
    } else if signed.secret_is_older {
        findings.fault("secret", SECRET_IS_OLDER, another_database(policy));
    } else if policy.desk.secret_file.exists() {
        findings.good("secret", "is there");
    } else {
        findings.good("secret", "is made at the first start");
    }
}

/// Whether what proves an agent's reply survives its way.
fn the_proofs(lost_at: Option<Timestamp>, now: Timestamp, findings: &mut Findings) {
    let Some(lost_at) = lost_at.filter(|lost_at| now.duration_since(*lost_at) < RECENT) else {
        return findings.good("replies", "every reply of an agent proved whose it is");
    };
    let detail = format!("a reply in an agent's name of {lost_at:.0} bore neither a plus part nor an id of ours");
    let hint = "see what the agent says of it: if the reply was theirs, a server on the way drops plus parts (`subaddress`, \
                `postroom check --online`) and Message-IDs; if not, somebody forges mails";
    findings.fault("replies", detail, hint);
}

/// The ledger against what the servers have.
async fn the_servers(policy: &Policy, findings: &mut Findings) {
    for mailbox in &policy.mailboxes {
        match intake::missing(mailbox, &policy.desk.database).await {
            Err(error) => {
                let hint = "see `postroom check --online`";
                findings.fault("mailbox", format!("mailbox `{}`: {error}", mailbox.id), hint);
            }
            Ok(folders) => {
                for (folder, mails) in folders {
                    let place = format!("mailbox `{}`, folder `{folder}`", mailbox.id);
                    if mails == 0 {
                        findings.good("ledger", format!("{place}: every mail of the server is in the ledger"));
                    } else {
                        let detail = format!("{place}: {} on the server not in the ledger", counted(mails, "mail"));
                        findings.fault("ledger", detail, "see that the daemon runs, then `postroom status`; a reload (SIGHUP) looks at all mails anew");
                    }
                }
            }
        }
    }
}

fn as_json(findings: &Findings) -> Value {
    let one = |finding: &Finding| {
        let Finding { check, detail, hint } = finding;
        json!({"check": check, "ok": hint.is_none(), "detail": detail, "hint": hint})
    };
    json!({"faults": findings.faults(), "checks": findings.0.iter().map(one).collect::<Value>()})
}

fn as_text(findings: &Findings, output: &Output) -> String {
    let line = |Finding { check, detail, hint }: &Finding| match hint {
        None => format!("{check}: {detail}\n"),
        Some(hint) => format!("{check}: {} {detail}\n  hint: {hint}\n", output.paint().alarm("fault:")),
    };
    let sum = match findings.faults() {
        0 => "no faults\n".to_owned(),
        count => format!("{}\n", counted(count as u64, "fault")),
    };
    findings.0.iter().map(line).collect::<String>() + &sum
}

//! `check`: every fault of the config; with `--online` a login to every server, and whether it takes our senders and our
//! addresses with a plus part. Sends nothing.

use std::path::Path;
use std::process::ExitCode;

use super::Failure;
use super::output::Output;
use crate::config::{Finding, Secrets, Severity};
use crate::daemon::DaemonError;
use crate::model::address::Address;
use crate::model::id::{DepartmentId, MailboxId};
use crate::model::policy::{Policy, Smtp, SmtpServer, Source};
use crate::model::text::counted;
use crate::send::{Probe, Probed};
use crate::store::Store;
use crate::{config, daemon, intake, send};

/// What stands behind the separator of a plus address that is asked about.
const PLUS_PART: &str = "check";

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// The config, and whether the secrets are there.
    Config,
    /// The secrets too: whether the daemon would start.
    Secrets,
    /// The servers too.
    Online,
}

impl Depth {
    /// As the flags say.
    pub(super) fn of(online: bool, secrets: bool) -> Self {
        match (online, secrets) {
            (true, _) => Self::Online,
            (false, true) => Self::Secrets,
            (false, false) => Self::Config,
        }
    }
}

pub(super) async fn check(path: &Path, depth: Depth, output: &Output) -> Result<ExitCode, Failure> {
    let secrets = match depth {
        Depth::Config => Secrets::LookAt,
        Depth::Secrets => Secrets::ReadFiles,
        Depth::Online => Secrets::Read,
    };
    let loaded = daemon::load(path, secrets).map_err(|error| match error {
        DaemonError::Config(findings) => Failure::Config(findings),
        other @ (DaemonError::Store(_)
        | DaemonError::Secret(_)
        | DaemonError::System { .. }
        | DaemonError::LoopEnded(_)) => other.into(),
    })?;
    let config::Loaded { policy, mut warnings, .. } = loaded;
    warnings.extend(no_folder(path, &policy));
    warnings.extend(removed_departments(path, &policy).await);
    output.findings(&warnings);
    let text = summary(path, &policy, warnings.len());
    output.text(&text)?;
    if depth != Depth::Online {
        return Ok(ExitCode::SUCCESS);
    }
    let faults = look_online(&policy, output).await?;
    if faults == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    output.error(&format!("{} found online", counted(faults, "fault")));
    Ok(ExitCode::FAILURE)
}

/// A database whose folder is not there: the daemon would make both, also when a disk is not mounted or a path is mistyped.
fn no_folder(path: &Path, policy: &Policy) -> Option<Finding> {
    let folder = policy.desk.database.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    if folder.try_exists().unwrap_or(true) {
        return None;
    }
    let message = format!("the folder `{}` of `desk.database` is not there", folder.display());
    let hint = "the first start makes it; if this desk has run before, correct `desk.database` or mount its disk";
    Some(Finding { severity: Severity::Warning, ..Finding::of_file(path, message, hint) })
}

/// Open tickets of departments that the config does not have. Without a database there are none.
async fn removed_departments(path: &Path, policy: &Policy) -> Vec<Finding> {
    let Ok(store) = Store::open_beside(&policy.desk.database) else { return Vec::new() };
    let counts = store.read(|view| view.open_by_department()).await.unwrap_or_default();
    store.close().await;
    let gone = counts.into_iter().filter(|(id, _)| policy.department(&DepartmentId::new(id)).is_none());
    let warning = |(id, count): (String, u64)| {
        let tickets = counted(count, "open ticket");
        let verb = if count == 1 { "belongs" } else { "belong" };
        let message = format!("{tickets} {verb} to the department `{id}`, which is not in the config");
        let hint =
            "at the next start or reload they go to the department of their mailbox; add it again to keep them there";
        Finding { severity: Severity::Warning, ..Finding::of_file(path, message, hint) }
    };
    gone.map(warning).collect()
}

fn summary(path: &Path, policy: &Policy, warnings: usize) -> String {
    let keywords: usize = policy.departments.iter().map(|department| department.keywords.len()).sum();
    let mailboxes = match policy.mailboxes.len() {
        1 => "1 mailbox".to_owned(),
        count => format!("{count} mailboxes"),
    };
    format!(
        "`{}` is good: {mailboxes}, {} with {}, {}, {}\n",
        path.display(),
        counted(policy.departments.len(), "department"),
        counted(keywords, "keyword"),
        counted(policy.agents.len(), "agent"),
        counted(warnings, "warning"),
    )
}

/// Tries every account and returns the number of faults.
async fn look_online(policy: &Policy, output: &Output) -> Result<usize, Failure> {
    let mut faults = 0;
    for mailbox in &policy.mailboxes {
        let result = match &mailbox.source {
            Source::Imap(_) => intake::try_login(mailbox).await.map_err(|error| error.to_string()),
            Source::Maildir(path) if path.join("cur").is_dir() => Ok(format!("maildir `{}` is there", path.display())),
            Source::Maildir(path) => Err(format!("maildir `{}` has no `cur` directory", path.display())),
        };
        faults += usize::from(result.is_err());
        tell(output, &format!("mailbox `{}`", mailbox.id), &result)?;
    }
    let result = match &policy.smtp {
        Smtp::Server(server) => return Ok(faults + look_at_server(server, policy, output).await?),
        Smtp::Directory(path) if path.is_dir() => Ok(format!("mails are written to `{}`", path.display())),
        Smtp::Directory(path) => Ok(format!("mails will be written to `{}`, which is made then", path.display())),
    };
    tell(output, "smtp", &result)?;
    Ok(faults)
}

/// Logs in to the SMTP server and asks about every `from` and every plus address; returns the number of faults.
async fn look_at_server(server: &SmtpServer, policy: &Policy, output: &Output) -> Result<usize, Failure> {
    let probe = probe(policy);
    let probed = send::try_server(server, &probe).await.map_err(|error| error.to_string());
    tell(output, "smtp", &probed.as_ref().map(|probed| probed.summary.clone()).map_err(Clone::clone))?;
    let Ok(Probed { senders, recipients, broken, summary: _ }) = probed else { return Ok(1) };
    for (sender, words) in &senders {
        let of = policy.departments.iter().filter(|department| department.from.address.same_as(sender));
        let ids: Vec<String> = of.map(|department| format!("`{}`", department.id)).collect();
        let (whose, account) = (ids.join(", "), server.login.as_ref().map(|login| login.username.as_str()));
        let text = format!("`{sender}`, the `from` of {whose}, is refused as a sender: {words}");
        tell(output, "smtp", &Err(text))?;
        let hint = match account {
            Some(account) => format!("let the account `{account}` send as `{sender}`, or change `from`"),
            None => format!("let this machine send as `{sender}`, or change `from`"),
        };
        output.text(&format!("  hint: {hint}\n"))?;
    }
    let plus = plus_addresses(policy);
    for (address, words) in &recipients {
        let Some((mailbox, _)) = plus.iter().find(|(_, plus)| plus.same_as(address)) else { continue };
        let warning = output.paint().alarm("warning:");
        output.text(&format!(
            "smtp: {warning} `{address}` is refused: {words}\n  hint: write `subaddress = \"\"` at the mailbox \
             `{mailbox}`, or have its server take plus addresses\n"
        ))?;
    }
    if let Some(why) = &broken {
        tell(output, "smtp", &Err(format!("not all senders could be tried: {why}")))?;
    } else if senders.is_empty() {
        let taken = counted(probe.senders.len(), "sender");
        let rest = plus.len() - recipients.len().min(plus.len());
        let addresses = match (plus.len(), rest) {
            (0, _) => String::new(),
            (_, 1) => " and 1 plus address".to_owned(),
            (_, rest) => format!(" and {rest} plus addresses"),
        };
        output.text(&format!("smtp: takes {taken}{addresses}; nothing was sent\n"))?;
    }
    Ok(senders.len() + usize::from(broken.is_some()))
}

/// Every `from`, and the plus addresses; one plain address when there are none, for servers that judge a sender late.
fn probe(policy: &Policy) -> Probe {
    let mut senders: Vec<Address> = Vec::new();
    for department in &policy.departments {
        let address = &department.from.address;
        if !senders.iter().any(|known| known.same_as(address)) {
            senders.push(address.clone());
        }
    }
    let mut recipients: Vec<Address> = plus_addresses(policy).into_iter().map(|(_, address)| address).collect();
    if recipients.is_empty() {
        recipients.extend(policy.mailboxes.first().map(|mailbox| mailbox.address.clone()));
    }
    Probe { senders, recipients }
}

/// `info+check@` of each mailbox whose server has plus addressing.
fn plus_addresses(policy: &Policy) -> Vec<(MailboxId, Address)> {
    let plus = policy.mailboxes.iter().filter(|mailbox| !mailbox.subaddress.is_empty()).filter_map(|mailbox| {
        let (local, domain) = (mailbox.address.local(), mailbox.address.domain());
        let address = Address::parse(&format!("{local}{}{PLUS_PART}@{domain}", mailbox.subaddress))?;
        Some((mailbox.id.clone(), address))
    });
    plus.collect()
}

fn tell(output: &Output, what: &str, result: &Result<String, String>) -> Result<(), Failure> {
    let line = match result {
        Ok(text) => format!("{what}: {text}\n"),
        Err(text) => format!("{what}: {} {text}\n", output.paint().alarm("failed:")),
    };
    Ok(output.text(&line)?)
}

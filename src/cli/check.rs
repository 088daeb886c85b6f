//! `check`: every fault of the config; with `--online` a login to every server.

use std::path::Path;
use std::process::ExitCode;

use super::Failure;
use super::output::Output;
use crate::daemon::DaemonError;
use crate::model::policy::{Policy, Smtp, Source};
use crate::model::text::counted;
use crate::{config, daemon, intake, send};

pub(super) async fn check(path: &Path, online: bool, output: &Output) -> Result<ExitCode, Failure> {
    let loaded = daemon::load(path).map_err(|error| match error {
        DaemonError::Config(findings) => Failure::Config(findings),
        other @ (DaemonError::Store(_)
        | DaemonError::Secret(_)
        | DaemonError::System { .. }
        | DaemonError::LoopEnded(_)) => other.into(),
    })?;
    let config::Loaded { policy, warnings } = loaded;
    output.findings(&warnings);
    let text = summary(path, &policy, warnings.len());
    output.text(&text)?;
    if !online {
        return Ok(ExitCode::SUCCESS);
    }
    let faults = log_in(&policy, output).await?;
    if faults == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    output.error(&format!("{faults} of {} logins failed", policy.mailboxes.len() + 1));
    Ok(ExitCode::FAILURE)
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

/// Tries every account and returns how many refused.
async fn log_in(policy: &Policy, output: &Output) -> Result<usize, Failure> {
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
        Smtp::Server(server) => send::try_login(server).await.map_err(|error| error.to_string()),
        Smtp::Directory(path) if path.is_dir() => Ok(format!("mails are written to `{}`", path.display())),
        Smtp::Directory(path) => Ok(format!("mails will be written to `{}`, which is made then", path.display())),
    };
    faults += usize::from(result.is_err());
    tell(output, "smtp", &result)?;
    Ok(faults)
}

fn tell(output: &Output, what: &str, result: &Result<String, String>) -> Result<(), Failure> {
    let line = match result {
        Ok(text) => format!("{what}: {text}\n"),
        Err(text) => format!("{what}: {} {text}\n", output.paint().alarm("failed:")),
    };
    Ok(output.text(&line)?)
}

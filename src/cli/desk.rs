//! What most commands need: the config, the database beside the daemon; and the commands about the whole desk.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::Failure;
use super::output::Output;
use crate::clock::Clock;
use crate::config::{self, Loaded, Secrets};
use crate::daemon::{self, secret};
use crate::model::id::MailboxId;
use crate::model::policy::Policy;
use crate::model::token::{SECRET_LEN, Signer};
use crate::parse;
use crate::pipeline::Pipeline;
use crate::report;
use crate::report::trouble::Looked;
use crate::store::reports::StatusReport;
use crate::store::{Store, StoreError};

/// Bytes of a mail given to a command.
const MAX_MAIL: u64 = 200_000_000;

/// The checked config; faults are a failure of their own kind.
pub(super) fn load(path: &Path) -> Result<Policy, Failure> {
    let Loaded { policy, .. } = config::load(path, Secrets::LeaveAlone).map_err(Failure::Config)?;
    Ok(policy)
}

/// The config and the database, beside the daemon.
pub(super) fn open(path: &Path) -> Result<(Policy, Store), Failure> {
    let policy = load(path)?;
    let store = Store::open_beside(&policy.desk.database)?;
    Ok((policy, store))
}

/// The pipeline of a config on a store, to look with. Without a secret nothing can have been signed.
fn pipeline(policy: Policy, store: &Store) -> Result<Pipeline, Failure> {
    let signer = secret::load(&policy.desk)?.unwrap_or_else(|| Signer::new([0; SECRET_LEN], &policy.desk.domain));
    Ok(Pipeline::new(policy, signer, store.clone(), Clock::System))
}

/// A mail from a file or, for `-`, from standard input.
pub(super) fn read_mail(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let shown = path.display();
    if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_MAIL).read_to_end(&mut bytes).context("standard input")?;
    } else {
        let file = std::fs::File::open(path).with_context(|| format!("`{shown}`"))?;
        file.take(MAX_MAIL).read_to_end(&mut bytes).with_context(|| format!("`{shown}`"))?;
    }
    Ok(bytes)
}

/// `explain MAIL`.
pub(super) async fn explain(
    path: &Path,
    bytes: Vec<u8>,
    mailbox: Option<&str>,
    output: &Output,
) -> Result<(), Failure> {
    let policy = load(path)?;
    let mailbox = match mailbox {
        Some(id) => policy.mailbox(&MailboxId::new(id)).map(|mailbox| mailbox.id.clone()),
        None => addressed_mailbox(&policy, &bytes),
    };
    let mailbox = mailbox.context("no such mailbox in the config")?;
    // Without a database there are no tickets yet: an empty one gives the same answer.
    let (store, _folder) = if policy.desk.database.exists() {
        (Store::open_beside(&policy.desk.database)?, None)
    } else {
        let folder = tempfile::tempdir()?;
        (Store::open(&folder.path().join("empty.db"))?, Some(folder))
    };
    let pipeline = pipeline(policy, &store)?;
    let found = pipeline.explain(bytes, mailbox).await?;
    let text = if output.json() {
        format!("{:#}\n", report::json::explanation(&found.mail, &found.link, &found.route, &found.plan))
    } else {
        report::explain::explanation(&found.mail, &found.link, &found.route, &found.plan, output.paint())
    };
    store.close().await;
    Ok(output.text(&text)?)
}

/// The mailbox whose address is among the recipients, else the first.
fn addressed_mailbox(policy: &Policy, bytes: &[u8]) -> Option<MailboxId> {
    let mail = parse::parse(bytes, None);
    let named = mail.recipients().find_map(|recipient| {
        let bare = policy.without_detail(recipient);
        policy.mailboxes.iter().find(|mailbox| mailbox.address.same_as(&bare))
    });
    named.or(policy.mailboxes.first()).map(|mailbox| mailbox.id.clone())
}

/// Figures of the whole desk; also when nothing can be stored.
pub(super) async fn report(policy: &Policy) -> Result<StatusReport, Failure> {
    match figures(policy).await {
        Ok(found) => Ok(found),
        // What the daemon says of its trouble is worth more than that we cannot read either.
        Err(error) => match Store::trouble(&policy.desk.database) {
            Some(trouble) => Ok(StatusReport {
                daemon_runs: Store::is_in_use(&policy.desk.database),
                trouble: Some(trouble),
                ..StatusReport::default()
            }),
            None => Err(error.into()),
        },
    }
}

async fn figures(policy: &Policy) -> Result<StatusReport, StoreError> {
    let store = Store::open_beside(&policy.desk.database)?;
    let found = store.status().await;
    store.close().await;
    found
}

/// `status`; also when nothing can be stored. Exit code 1 when something needs a person.
pub(super) async fn status(path: &Path, output: &Output) -> Result<ExitCode, Failure> {
    let (file, policy) = (daemon::digest(path), load(path)?);
    let found = report(&policy).await?;
    let looked = Looked { policy: &policy, report: &found, file: &file, now: Clock::System.now() };
    let troubles = looked.troubles();
    if output.json() {
        output.value(&report::status::json(&looked, &troubles))?;
    } else {
        output.text(&report::status::text(&looked, &troubles, output.paint()))?;
    }
    Ok(if troubles.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! What most commands need: the config, the database beside the daemon; and the commands about the whole desk.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::output::Output;
use super::{CONFIG_FAULT, Failure};
use crate::clock::Clock;
use crate::config::{self, Finding, Loaded, Secrets, Severity};
use crate::daemon::{self, secret};
use crate::model::id::MailboxId;
use crate::model::policy::Policy;
use crate::model::token::{SECRET_LEN, Signer};
use crate::parse;
use crate::pipeline::Pipeline;
use crate::report;
use crate::report::trouble::{Looked, Trouble};
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
    let (store, _folder) = if policy.desk.database.try_exists().unwrap_or(true) {
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
pub(super) async fn report(database: &Path) -> Result<StatusReport, Failure> {
    match figures(database).await {
        Ok(found) => Ok(found),
        // What the daemon says of its trouble is worth more than that we cannot read either.
        Err(error) => match Store::trouble(database) {
            Some(trouble) => Ok(StatusReport {
                daemon_runs: Store::is_in_use(database),
                trouble: Some(trouble),
                ..StatusReport::default()
            }),
            None => Err(error.into()),
        },
    }
}

async fn figures(database: &Path) -> Result<StatusReport, StoreError> {
    let store = Store::open_beside(database)?;
    let found = store.status().await;
    store.close().await;
    found
}

/// A config, or what can be said of the desk although the config has faults.
pub(super) struct Desk {
    pub(super) policy: Option<Policy>,
    pub(super) faults: Vec<Finding>,
    pub(super) database: PathBuf,
}

impl Desk {
    /// Fails only when not even the database is named.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        match config::load(path, Secrets::LeaveAlone) {
            Ok(Loaded { policy, .. }) => {
                let database = policy.desk.database.clone();
                Ok(Self { policy: Some(policy), faults: Vec::new(), database })
            }
            Err(faults) => match config::database(path) {
                Some(database) => Ok(Self { policy: None, faults, database }),
                None => Err(Failure::Config(faults)),
            },
        }
    }

    /// The faults of the config in words, each with what to do.
    pub(super) fn told_faults(&self) -> Vec<(String, String)> {
        let errors = self.faults.iter().filter(|fault| fault.severity == Severity::Error);
        let told = |fault: &Finding| (Finding { hint: String::new(), ..fault.clone() }.one_line(), hint_of(fault));
        errors.map(told).collect()
    }

    /// What is wrong with the secret of a desk that has tickets.
    pub(super) fn secret_trouble(&self, in_use: bool) -> Option<Trouble> {
        let desk = &self.policy.as_ref()?.desk;
        let shown = desk.secret_file.display();
        let (detail, hint) = match secret::load(desk) {
            Ok(None) if in_use => (
                format!("`{shown}` is not there"),
                "put the old one back, or replies to earlier notifications are not recognised; a new one is made at the start"
                    .to_owned(),
            ),
            Ok(Some(_) | None) => return None,
            Err(error) => (error.to_string(), format!("see that `{shown}` is whole and may be read")),
        };
        let (detail, hint) = match detail.split_once("\nhint: ") {
            Some((detail, hint)) => (detail.to_owned(), hint.to_owned()),
            None => (detail, hint),
        };
        Some(Trouble { check: "secret", detail, hint })
    }
}

fn hint_of(fault: &Finding) -> String {
    if fault.hint.is_empty() { "mend it, then `postroom check`".to_owned() } else { fault.hint.clone() }
}

/// `status`; also when nothing can be stored or the config has faults. Exit code 1 when something needs a person.
pub(super) async fn status(path: &Path, output: &Output) -> Result<ExitCode, Failure> {
    let (file, desk) = (daemon::digest(path), Desk::read(path)?);
    output.findings(&desk.faults);
    let found = match report(&desk.database).await {
        Ok(found) => found,
        // The faults were told, and they may be why.
        Err(_) if !desk.faults.is_empty() => return Ok(ExitCode::from(CONFIG_FAULT)),
        Err(error) => return Err(error),
    };
    let in_use = found.tickets.values().any(|count| *count > 0);
    let (faults, secret) = (desk.told_faults(), desk.secret_trouble(in_use));
    let looked = Looked {
        policy: desk.policy.as_ref(),
        faults: &faults,
        secret: secret.as_ref(),
        report: &found,
        file: &file,
        now: Clock::System.now(),
    };
    let troubles = looked.troubles();
    if output.json() {
        output.value(&report::status::json(&looked, &troubles))?;
    } else {
        output.text(&report::status::text(&looked, &troubles, output.paint()))?;
    }
    Ok(match (faults.is_empty(), troubles.is_empty()) {
        (false, _) => ExitCode::from(CONFIG_FAULT),
        (true, false) => ExitCode::FAILURE,
        (true, true) => ExitCode::SUCCESS,
    })
}

//! `backup FILE`: a copy of the database, taken while the daemon runs.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde_json::json;

use super::Failure;
use super::desk::load;
use super::output::Output;
use crate::clock::Clock;
use crate::model::text::counted;
use crate::store::{Backup, Store, StoreError};
use crate::users;

pub(super) async fn run(path: &Path, target: &Path, output: &Output) -> Result<(), Failure> {
    let policy = load(path)?;
    let (database, file) = (policy.desk.database.clone(), target.to_owned());
    let now = Clock::System.now();
    let copying = tokio::task::spawn_blocking(move || Store::backup(&database, &file, now));
    let owner = policy.desk.database.metadata().map(|database| (database.uid(), database.gid()));
    let Backup { size, tickets, mails } = copying.await.context("copying the database")?.map_err(explained)?;
    // Root's copy is to be put in the place of the database one day.
    if let Ok((uid, gid)) = owner
        && users::is_root()
    {
        chown(target, Some(uid), Some(gid)).with_context(|| format!("`{}`", target.display()))?;
    }
    if output.json() {
        let file = target.to_string_lossy();
        let taken_at = format!("{now:.0}");
        let value = json!({"file": file, "size": size, "tickets": tickets, "mails": mails, "taken_at": taken_at});
        return Ok(output.value(&value)?);
    }
    let secret = policy.desk.secret_file.display();
    Ok(output.text(&format!(
        "`{}`: {} and {}, {size} bytes, integrity checked\nhint: keep a copy of `{secret}` too, it signs reply addresses\n",
        target.display(),
        counted(u64::try_from(tickets).unwrap_or(0), "ticket"),
        counted(u64::try_from(mails).unwrap_or(0), "mail"),
    ))?)
}

/// Says what to do where the store's own words do not.
fn explained(error: StoreError) -> anyhow::Error {
    let exists =
        matches!(&error, StoreError::File { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists);
    if exists {
        return anyhow!("{error}\nhint: a backup never overwrites a file, name another one");
    }
    let full = error.is_full();
    let error = anyhow::Error::from(error);
    if full {
        error.context("no room for the copy, nothing was left behind; hint: name a file on another disk")
    } else {
        error
    }
}

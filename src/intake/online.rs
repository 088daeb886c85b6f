//! Looks at a mailbox for people: `postroom check --online` (log in, open each folder, say what is there) and
//! `postroom doctor` (compare the server with the ledger).
//!
//! Never changes anything and takes no mail.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::imap::error::ImapError;
use super::imap::session::Session;
use super::maildir::files::{self, MailFile};
use crate::heartbeat::Heartbeat;
use crate::intake::fault::Fault;
use crate::model::policy::{ImapAccount, Mailbox, Source};
use crate::store::ledger::FolderKey;
use crate::store::{Store, StoreError};

/// How long a mail may be on its way from the server into the ledger.
const TAKING_TIME: Duration = Duration::from_secs(5);

/// Folders that are named when one is missing.
const NAMED: usize = 20;

/// A line such as ``logged in, `INBOX` has 1,204 mails, server has IDLE MOVE UIDPLUS``.
pub async fn try_login(mailbox: &Mailbox) -> Result<String, Fault> {
    match &mailbox.source {
        Source::Imap(account) => try_imap(mailbox, account).await,
        Source::Maildir(root) => {
            let mut line = "readable".to_owned();
            for folder in mailbox.watched() {
                let count = list(files::directory(root, folder)).await?.len();
                line.push_str(&holding(folder, count as u64));
            }
            Ok(line)
        }
    }
}

/// How many mails of each folder the server has and the ledger of the database at `database` lacks. What comes in at this
/// moment does not count: it is looked at twice.
pub async fn missing(mailbox: &Mailbox, database: &Path) -> Result<Vec<(String, u64)>, Fault> {
    let first = lacking(mailbox, database).await?;
    if first.iter().all(|(_, uids)| uids.is_empty()) {
        return Ok(first.into_iter().map(|(folder, _)| (folder, 0)).collect());
    }
    tokio::time::sleep(TAKING_TIME).await;
    let second = lacking(mailbox, database).await?;
    let still = |((folder, before), (_, now)): ((String, BTreeSet<u64>), (String, BTreeSet<u64>))| {
        (folder, before.intersection(&now).count() as u64)
    };
    Ok(first.into_iter().zip(second).map(still).collect())
}

/// UIDs of each folder that the ledger lacks.
async fn lacking(mailbox: &Mailbox, database: &Path) -> Result<Vec<(String, BTreeSet<u64>)>, Fault> {
    let mut session = match &mailbox.source {
        Source::Imap(account) => Some(Session::open(account, &Arc::new(Heartbeat::default())).await?),
        Source::Maildir(_) => None,
    };
    let mut found = Vec::new();
    for folder in mailbox.watched() {
        let (uid_validity, uids) = match (&mut session, &mailbox.source) {
            (Some(session), _) => {
                let selected = session.select(folder).await?;
                let uids = session.uids_from(1).await?;
                (selected.uid_validity, uids.into_iter().map(u64::from).collect::<Vec<_>>())
            }
            (None, Source::Maildir(root)) => {
                let mails = list(files::directory(root, folder)).await?;
                (1, mails.into_iter().map(|mail| mail.uid).collect())
            }
            (None, Source::Imap(_)) => continue,
        };
        let key = FolderKey { mailbox: mailbox.id.clone(), folder: folder.clone(), uid_validity };
        let database = database.to_owned();
        let reading = tokio::task::spawn_blocking(move || Store::known_to_ledger(&database, &key));
        let known = reading.await.map_err(|error| StoreError::Panicked(error.to_string())).flatten();
        let known: BTreeSet<u64> = known.map_err(Fault::Store)?.into_iter().collect();
        found.push((folder.clone(), uids.into_iter().filter(|uid| !known.contains(uid)).collect()));
    }
    if let Some(session) = &mut session {
        session.logout().await;
    }
    Ok(found)
}

/// The mails of a Maildir's folder.
async fn list(directory: PathBuf) -> Result<Vec<MailFile>, Fault> {
    let at = directory.clone();
    let listed = tokio::task::spawn_blocking(move || files::list(&at)).await;
    let fault = |source| Fault::Maildir { path: directory, source };
    listed.map_err(std::io::Error::other).and_then(|listed| listed).map_err(fault)
}

async fn try_imap(mailbox: &Mailbox, account: &ImapAccount) -> Result<String, Fault> {
    let mut session = Session::open(account, &Arc::new(Heartbeat::default())).await?;
    let mut line = "logged in".to_owned();
    for folder in mailbox.watched() {
        let selected = match session.select(folder).await {
            Err(error) if error.is_refusal() => return Err(with_names(&mut session, folder, &error).await?.into()),
            selected => selected?,
        };
        line.push_str(&holding(folder, selected.exists.into()));
        if selected.read_only {
            line.push_str(" (read-only)");
        }
    }
    let useful: Vec<&str> = ["IDLE", "MOVE", "UIDPLUS"].into_iter().filter(|word| session.has(word)).collect();
    if useful.is_empty() {
        line.push_str(", server has none of IDLE MOVE UIDPLUS");
    } else {
        line.push_str(", server has ");
        line.push_str(&useful.join(" "));
    }
    session.logout().await;
    Ok(line)
}

/// A refusal to open a folder, with the names of those that there are.
async fn with_names(session: &mut Session, folder: &str, refusal: &ImapError) -> Result<ImapError, ImapError> {
    let names: Vec<String> = session.folder_names().await?.iter().map(|name| format!("`{name}`")).collect();
    let (some, more) = names.split_at(names.len().min(NAMED));
    let rest = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let names = some.join(", ") + &rest;
    Ok(ImapError::Folder { folder: folder.to_owned(), reason: refusal.to_string(), names })
}

fn holding(folder: &str, count: u64) -> String {
    let noun = if count == 1 { "mail" } else { "mails" };
    format!(", `{folder}` has {} {noun}", grouped(count))
}

/// A number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            ["0", "12", "999", "1,204", "1,000,000"].map(str::to_owned),
            [0, 12, 999, 1204, 1_000_000].map(grouped)
        );
    }
}

//! Tries a mailbox for `postroom check --online`: log in, open each folder, say what is there.
//!
//! Never changes anything and takes no mail.

use std::sync::Arc;

use super::error::ImapError;
use super::files;
use super::mailbox::Fault;
use super::session::Session;
use crate::heartbeat::Heartbeat;
use crate::model::policy::{ImapAccount, Mailbox, Source};

/// Folders that are named when one is missing.
const NAMED: usize = 20;

/// A line such as ``logged in, `INBOX` has 1,204 mails, server has IDLE MOVE UIDPLUS``.
pub async fn try_login(mailbox: &Mailbox) -> Result<String, Fault> {
    match &mailbox.source {
        Source::Imap(account) => try_imap(mailbox, account).await,
        Source::Maildir(root) => {
            let mut line = "readable".to_owned();
            for folder in &mailbox.folders {
                let directory = files::directory(root, folder);
                let at = directory.clone();
                let listed = tokio::task::spawn_blocking(move || files::list(&at)).await;
                let fault = |source| Fault::Maildir { path: directory, source };
                let count = listed.map_err(std::io::Error::other).and_then(|listed| listed).map_err(fault)?.len();
                line.push_str(&holding(folder, count as u64));
            }
            Ok(line)
        }
    }
}

async fn try_imap(mailbox: &Mailbox, account: &ImapAccount) -> Result<String, Fault> {
    let mut session = Session::open(account, &Arc::new(Heartbeat::default())).await?;
    let mut line = "logged in".to_owned();
    for folder in &mailbox.folders {
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

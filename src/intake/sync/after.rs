//! What is done to a mail on the server once it is safely stored: nothing, `\Seen`, or moved to a folder.
//!
//! Never acts on a mail whose decision is not committed, never by sequence number, and never by a plain EXPUNGE, which
//! would delete what other people have marked.

use crate::intake::fault::Fault;
use crate::intake::imap::error::ImapError;
use crate::intake::imap::session::{Session, UIDS_PER_COMMAND};
use crate::intake::imap::wire::uid_set;
use crate::model::id::LedgerId;
use crate::model::policy::After;
use crate::store::Store;
use crate::store::ledger::FolderKey;

/// Does what is due in the selected folder. What the server refuses stays due; its refusal is returned.
pub async fn act(
    session: &mut Session,
    store: &Store,
    key: &FolderKey,
    after: &After,
) -> Result<Option<ImapError>, Fault> {
    if *after == After::Keep {
        return Ok(None);
    }
    loop {
        let due = store.pending_actions(key, UIDS_PER_COMMAND).await.map_err(Fault::Store)?;
        if due.is_empty() {
            return Ok(None);
        }
        let (rows, mut uids): (Vec<LedgerId>, Vec<u32>) =
            due.into_iter().filter_map(|(row, uid)| Some((row, u32::try_from(uid).ok()?))).unzip();
        uids.sort_unstable();
        match session.act(after, &key.folder, &uids).await {
            Ok(()) => store.actions_done(rows).await.map_err(Fault::Store)?,
            Err(error) if error.is_refusal() && !error.is_server_trouble() => return Ok(Some(error)),
            Err(error) => return Err(error.into()),
        }
    }
}

impl Session {
    /// Does it to these mails of the selected folder. Mails that are gone count as done.
    pub async fn act(&mut self, after: &After, folder: &str, uids: &[u32]) -> Result<(), ImapError> {
        match after {
            After::Keep => Ok(()),
            After::Seen => self.flag(uids, "\\Seen").await,
            After::Move(target) if target == folder => Ok(()),
            After::Move(target) => self.move_to(target, uids).await,
        }
    }

    async fn flag(&mut self, uids: &[u32], flag: &str) -> Result<(), ImapError> {
        let set = uid_set(uids.iter().copied());
        self.command("STORE", &format!("UID STORE {set} +FLAGS.SILENT ({flag})")).await
    }

    /// UID MOVE (RFC 6851); without it COPY and `\Deleted`, expunged only where UIDs can be named (RFC 4315).
    async fn move_to(&mut self, target: &str, uids: &[u32]) -> Result<(), ImapError> {
        let set = uid_set(uids.iter().copied());
        if self.has("MOVE") {
            return self.fill_folder("MOVE", &format!("UID MOVE {set}"), target).await;
        }
        self.fill_folder("COPY", &format!("UID COPY {set}"), target).await?;
        self.flag(uids, "\\Deleted").await?;
        if self.has("UIDPLUS") {
            self.command("EXPUNGE", &format!("UID EXPUNGE {set}")).await?;
        }
        Ok(())
    }

    /// Runs a command that ends with the name of `target`, which is created if it is missing, also when it was deleted
    /// since it was looked up.
    async fn fill_folder(&mut self, name: &'static str, begin: &str, target: &str) -> Result<(), ImapError> {
        let located = self.locate_or_create(target).await?;
        match self.command(name, &format!("{begin} {located}")).await {
            Err(ImapError::No { code, .. }) if matches!(code.as_str(), "TRYCREATE" | "NONEXISTENT") => {
                self.names.forget(target);
                let located = self.locate_or_create(target).await?;
                self.command(name, &format!("{begin} {located}")).await
            }
            other => other,
        }
    }
}

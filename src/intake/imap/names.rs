//! Where a folder of the config is on the server: hierarchy separators, the `INBOX.` that some servers put before all
//! names, folders that are missing.
//!
//! Never guesses when the server has the folder as it is written, and creates none but the target of `after`.

use std::collections::BTreeMap;

use imap_proto::{MailboxDatum, NameAttribute, Response};

use super::error::ImapError;
use super::executor::Command;
use super::session::Session;
use super::sieve::Kind;
use super::wire::{folder_name, from_modified_utf7};

/// Folder names that are kept for hints.
const MOST_NAMES: usize = 1000;

/// What is known of the folders' names over one connection.
#[derive(Debug, Default)]
pub struct Names {
    /// The hierarchy separator; empty for a server without a hierarchy, `None` until it was asked.
    separator: Option<String>,
    /// By the name in the config, how it stands in a command.
    located: BTreeMap<String, String>,
}

impl Names {
    /// The folder is looked up anew when it is needed next.
    pub fn forget(&mut self, folder: &str) {
        self.located.remove(folder);
    }
}

impl Session {
    /// The folder's name as it stands in a command. One that is missing is named as it is written.
    pub async fn locate(&mut self, folder: &str) -> Result<String, ImapError> {
        match self.find(folder).await? {
            Some(found) => Ok(found),
            None => folder_name(folder),
        }
    }

    /// The folder's name as it stands in a command, after the folder was created if it was missing.
    pub async fn locate_or_create(&mut self, folder: &str) -> Result<String, ImapError> {
        if let Some(found) = self.find(folder).await? {
            return Ok(found);
        }
        let candidates = self.candidates(folder).await?;
        // a `/` where the server has another separator would make an odd name, so as written comes first only if it is
        // the server's own way
        let odd = candidates.len().saturating_sub(2);
        let mut refusal = None;
        for name in candidates.into_iter().skip(odd) {
            match self.command("CREATE", &format!("CREATE {name}")).await {
                Ok(()) => return self.created(folder, name).await,
                Err(ImapError::No { code, .. }) if code == "ALREADYEXISTS" => return self.created(folder, name).await,
                Err(error) if error.is_refusal() && !error.is_server_trouble() => {
                    refusal.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or_else(|| ImapError::FolderName(folder.to_owned())))
    }

    /// Names of the folders on the server, decoded, at most a thousand.
    pub async fn folder_names(&mut self) -> Result<Vec<String>, ImapError> {
        let mut names = Vec::new();
        let on = |response: &Response<'_>| {
            if let Some((name, _)) = listed_folder(response)
                && names.len() < MOST_NAMES
            {
                names.push(from_modified_utf7(name));
            }
        };
        self.executor.run(Command::asking("LIST", "LIST \"\" \"*\"", Kind::List), on).await?;
        Ok(names.iter().map(|name| self.executor.shown(name)).collect())
    }

    async fn created(&mut self, folder: &str, name: String) -> Result<String, ImapError> {
        // most mail programs show subscribed folders only
        match self.command("SUBSCRIBE", &format!("SUBSCRIBE {name}")).await {
            Err(error) if !error.is_refusal() => return Err(error),
            Ok(()) | Err(_) => {}
        }
        self.names.located.insert(folder.to_owned(), name.clone());
        Ok(name)
    }

    /// The first of the folder's possible names that the server has.
    async fn find(&mut self, folder: &str) -> Result<Option<String>, ImapError> {
        let written = folder_name(folder)?;
        // LIST takes `*` and `%` for patterns
        if folder.eq_ignore_ascii_case("INBOX") || folder.contains(['*', '%']) {
            return Ok(Some(written));
        }
        if let Some(found) = self.names.located.get(folder) {
            return Ok(Some(found.clone()));
        }
        for name in self.candidates(folder).await? {
            if self.exists(&name).await? {
                self.names.located.insert(folder.to_owned(), name.clone());
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// How the server may name the folder: as written, with its own separator, below `INBOX`. Without repetition.
    async fn candidates(&mut self, folder: &str) -> Result<Vec<String>, ImapError> {
        let mut names = Vec::from([folder.to_owned()]);
        if let Some(separator) = self.separator().await? {
            let own = folder.replace('/', &separator);
            let below = format!("INBOX{separator}{own}");
            let is_below = own.to_ascii_uppercase().starts_with(&format!("INBOX{separator}"));
            names.push(own);
            names.extend((!is_below).then_some(below));
        }
        names.dedup();
        names.iter().map(|name| folder_name(name)).collect()
    }

    /// The hierarchy separator (RFC 3501 §6.3.8); `None` if the server has or tells none.
    async fn separator(&mut self) -> Result<Option<String>, ImapError> {
        if let Some(known) = &self.names.separator {
            return Ok(Some(known.clone()).filter(|known| !known.is_empty()));
        }
        let mut separator: Option<String> = None;
        let on = |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::List(listed)) = response {
                separator = listed.delimiter.as_ref().map(|found| found.clone().into_owned());
            }
        };
        self.ask_list("LIST \"\" \"\"", on).await?;
        self.names.separator = Some(separator.clone().unwrap_or_default());
        Ok(separator)
    }

    async fn exists(&mut self, name: &str) -> Result<bool, ImapError> {
        let mut exists = false;
        let on = |response: &Response<'_>| {
            exists |= listed_folder(response).is_some_and(|(_, usable)| usable);
        };
        self.ask_list(&format!("LIST \"\" {name}"), on).await?;
        Ok(exists)
    }

    /// A server that will not list tells nothing; one that is busy or broken is an error.
    async fn ask_list(&mut self, line: &str, on: impl FnMut(&Response<'_>)) -> Result<(), ImapError> {
        match self.executor.run(Command::asking("LIST", line, Kind::List), on).await {
            Err(error) if !error.is_refusal() || error.is_server_trouble() => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// A folder's name on the wire, and whether it can be opened.
fn listed_folder<'a>(response: &'a Response<'_>) -> Option<(&'a str, bool)> {
    let Response::MailboxData(MailboxDatum::List(listed)) = response else { return None };
    let usable = !listed.name_attributes.iter().any(|attribute| {
        *attribute == NameAttribute::NoSelect
            || matches!(attribute, NameAttribute::Extension(word) if word.eq_ignore_ascii_case("\\NonExistent"))
    });
    Some((&listed.name, usable))
}

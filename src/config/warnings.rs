//! What is allowed and hardly meant: senders that nobody reads, accounts watched twice, keywords that never decide or that
//! are written for another program, variables that nobody fills in. Warnings alone.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::Report;
use super::tables::mailbox::{MailboxDraft, same_folder};
use super::tables::{Drafts, shown_id, without_detail};
use crate::model::policy::{Mailbox, Source};

/// Warns of everything between the tables that is hardly meant.
pub fn check(drafts: &Drafts, report: &Report<'_>) {
    unread_senders(drafts, report);
    accounts_watched_twice(drafts, report);
    keywords_behind_addresses(drafts, report);
    starred_agents(drafts, report);
}

/// Customers answer to `from`: an address that no mailbox has and no department lists as its own is read by nobody.
fn unread_senders(drafts: &Drafts, report: &Report<'_>) {
    for department in &drafts.departments {
        let Some(from) = &department.from else { continue };
        let bare = without_detail(&from.get_ref().address, drafts);
        let watched = drafts.mailboxes.iter().filter_map(|mailbox| mailbox.address.as_ref());
        let mut listed = drafts.departments.iter().flat_map(|department| &department.addresses);
        let read = watched.map(Spanned::get_ref).any(|address| address.same_as(&bare))
            || listed.any(|pattern| pattern.get_ref().matches(&bare));
        if !read {
            let message = format!("`{bare}` is watched by nothing: what customers answer to this `from` is lost");
            let hint = "write the address of a mailbox; if its mail arrives in one, add it to `addresses`";
            report.warning(from.span(), message, hint);
        }
    }
}

/// The same folder of the same account in two mailboxes: every mail comes twice.
fn accounts_watched_twice(drafts: &Drafts, report: &Report<'_>) {
    let known: Vec<(&Spanned<_>, &Mailbox)> =
        drafts.mailboxes.iter().filter_map(|mailbox| Some((mailbox.id.as_ref()?, mailbox.checked.as_ref()?))).collect();
    let mut seen: HashMap<String, Vec<&Mailbox>> = HashMap::new();
    for (id, mailbox) in known {
        let account = match &mailbox.source {
            Source::Imap(account) => {
                let (host, user) = (account.endpoint.host.to_lowercase(), account.login.username.to_lowercase());
                format!("the account `{user}` at `{host}`")
            }
            Source::Maildir(path) => format!("the maildir `{}`", path.display()),
        };
        let others = seen.entry(account.clone()).or_default();
        let shared = others.iter().filter(|other| other.id != mailbox.id).find_map(|other| {
            let folder = mailbox.folders.iter().find(|one| other.folders.iter().any(|two| same_folder(one, two)))?;
            Some((other.id.clone(), folder.clone()))
        });
        if let Some((other, folder)) = shared {
            let message = format!("the mailboxes `{other}` and `{}` watch the same account", mailbox.id);
            let hint = format!("both read `{folder}` of {account}: keep one, or give each `folders` of its own");
            report.warning(id.span(), message, hint);
        }
        others.push(mailbox);
    }
}

/// Addresses decide before keywords: where every mailbox's address is a department's, keywords are never asked.
fn keywords_behind_addresses(drafts: &Drafts, report: &Report<'_>) {
    let owned = |mailbox: &MailboxDraft| {
        let address = mailbox.address.as_ref().map(Spanned::get_ref)?;
        let mut all = drafts.departments.iter();
        let owner =
            all.find(|department| department.addresses.iter().any(|pattern| pattern.get_ref().matches(address)))?;
        Some((address.to_string(), shown_id(owner.id.as_ref())))
    };
    let owners: Vec<Option<(String, String)>> = drafts.mailboxes.iter().map(owned).collect();
    let Some(Some((address, owner))) = owners.first().filter(|_| owners.iter().all(Option::is_some)) else { return };
    for department in drafts.departments.iter().filter(|department| !department.keywords.is_empty()) {
        let Some(first) = department.keywords.first() else { continue };
        let id = shown_id(department.id.as_ref());
        let message =
            format!("the keywords of `{id}` can never decide: the address of every mailbox belongs to a department");
        let hint = format!(
            "take `{address}` out of the `addresses` of `{owner}`: its mailbox names the department that gets the rest"
        );
        report.warning(first.span(), message, hint);
    }
}

fn starred_agents(drafts: &Drafts, report: &Report<'_>) {
    for address in drafts.agents.iter().flat_map(|agent| &agent.addresses) {
        if address.get_ref().as_str().contains('*') {
            let message = format!("`*` in the agent's address `{}` stands for itself", address.get_ref());
            report.warning(address.span(), message, "name each address of the agent");
        }
    }
}

/// Warns of `${NAME}` in any text: nobody fills it in.
pub fn variables(table: &DeTable<'_>, report: &Report<'_>) {
    for (_, value) in table {
        variables_in(value, report);
    }
}

fn variables_in(value: &Spanned<DeValue<'_>>, report: &Report<'_>) {
    match value.get_ref() {
        DeValue::Table(inner) => variables(inner, report),
        DeValue::Array(items) => items.iter().for_each(|item| variables_in(item, report)),
        DeValue::String(text) => {
            let name = text.split_once("${").and_then(|(_, rest)| rest.split_once('}')).map(|(name, _)| name);
            if let Some(name) =
                name.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
            {
                let message = format!("`${{{name}}}` stays as it is: variables of the environment are not filled in");
                let hint = "write the value itself; for a password name a file in `password_file`";
                report.warning(value.span(), message, hint);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

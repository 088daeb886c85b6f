//! The tables of the config, one file a kind: each key is read, checked by itself and kept with its place in the file.
//!
//! `login`, `secrets` and `endpoint` serve those that name a server. What concerns several tables at once is not checked here.

pub mod department;
pub mod desk;
pub mod endpoint;
pub mod habits;
pub mod keyword;
pub mod login;
pub mod mailbox;
pub mod oauth;
pub mod secrets;
pub mod signature_html;

use std::fmt::Display;

use toml::Spanned;

use self::department::{AgentDraft, DepartmentDraft};
use self::mailbox::MailboxDraft;
use crate::model::address::Address;

/// All tables that refer to each other.
pub struct Drafts {
    pub mailboxes: Vec<MailboxDraft>,
    pub agents: Vec<AgentDraft>,
    pub departments: Vec<DepartmentDraft>,
}

pub fn shown_id<T: Display>(id: Option<&Spanned<T>>) -> String {
    id.map_or_else(|| "?".to_owned(), |id| id.get_ref().to_string())
}

/// As [`crate::model::policy::Policy::without_detail`], before there is a policy.
pub fn without_detail(address: &Address, drafts: &Drafts) -> Address {
    let separators = drafts.mailboxes.iter().filter_map(|mailbox| {
        let own = mailbox.address.as_ref()?.get_ref();
        (own.domain() == address.domain()).then_some(mailbox.subaddress.as_str())
    });
    separators
        .map(|separator| address.without_detail(separator))
        .find(|bare| bare != address)
        .unwrap_or_else(|| address.clone())
}

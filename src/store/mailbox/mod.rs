//! What is known of mails as servers have them: folders, UIDs, what became of each, where it lies now.

pub mod accounts;
pub mod folders;
pub mod ledger;
pub mod mirror;
pub mod outcome;
pub mod quarantine;

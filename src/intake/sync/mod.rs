//! The folders of an IMAP mailbox, kept level with the ledger.
//!
//! `connection` (from login until something breaks), `folder` (one look at one folder), `admission` and `first_contact` (what is
//! taken, what was there before us), `collect` (many mails in order, the odd one alone), `history` (what is remembered of the odd
//! ones), `after` (what is done to a mail that is stored).

pub mod admission;
mod after;
mod collect;
pub mod connection;
pub mod first_contact;
pub mod folder;
mod history;

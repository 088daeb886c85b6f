//! One loop a mailbox: wait, fetch, spool, ingest, act on the server.
//!
//! `mailbox` is the loop. What it watches: `sync` (the folders of an IMAP server, over a connection of `imap`), `maildir` (the same
//! from disk), and beside them `mirror` (tickets as folders and marks). `spooler` is the store's side of all three: raw mails in,
//! durable and decided out. `health` says how the mailbox is, `fault` and `backoff` why and how long to wait.
//!
//! Never changes anything on a server before the decision on the mail is committed; never advances past a mail that was
//! not spooled or recorded; never takes an answer for complete without its tagged OK.

mod backoff;
mod fault;
mod health;
pub mod imap;
mod mailbox;
mod maildir;
mod mirror;
mod online;
mod spooler;
mod sync;

pub use fault::Fault;
pub use imap::error::ImapError;
pub use imap::session::Session;
pub use mailbox::MailboxLoop;
pub use online::{missing, try_login};

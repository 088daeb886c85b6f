//! One loop a mailbox: wait, fetch, spool, ingest, act on the server.
//!
//! In the order of the flow: `login` (from an endpoint to a connection that is logged in) on `executor` (one command at
//! a time, truthfully) on `frame` and `cut` (bytes into responses), `sieve` (what of them reaches the parser) and `talk` (how much may be said unasked); `session`, `fetch` and `action` (questions and orders); `names` (folders on the server);
//! `admission` (what is taken); `first_contact` (what was there before us); `collect` (many mails in order, the odd one alone); `doubts` (what is remembered of the odd ones); `taker` (the store's side);
//! `folder` and `watch` (one look, one connection); `maildir` (the same from disk); `mirror` (tickets as folders and marks); `mailbox` (the loop around it).
//!
//! Never changes anything on a server before the decision on the mail is committed; never advances past a mail that was
//! not spooled or recorded; never takes an answer for complete without its tagged OK.

mod action;
mod admission;
mod backoff;
mod collect;
pub mod cut;
mod doubts;
pub mod error;
pub mod executor;
pub mod fetch;
mod files;
mod first_contact;
mod folder;
mod frame;
mod login;
mod mailbox;
mod maildir;
mod mirror;
mod moving;
mod names;
mod online;
mod sasl;
pub mod session;
pub mod sieve;
mod taker;
mod talk;
mod wait;
mod watch;
mod wire;

pub use error::ImapError;
pub use mailbox::{Fault, MailboxLoop};
pub use online::{missing, try_login};
pub use session::Session;

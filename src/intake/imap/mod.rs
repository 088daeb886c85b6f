//! A connection to an IMAP server.
//!
//! From the wire up: `cut` and `frame` (bytes into responses), `sieve` (what of them reaches the parser), `talk` (how much may be
//! said unasked), `executor` (one command at a time, truthfully), `login`, `session` (questions), `names` (where folders are),
//! `fetch` (mails), `wire` (small notations).

pub mod cut;
pub mod error;
pub mod executor;
pub mod fetch;
mod frame;
mod login;
mod names;
pub mod session;
pub mod sieve;
pub(super) mod talk;
pub(super) mod wire;

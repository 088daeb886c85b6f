//! How mail leaves: the outbox loop, SMTP step by step with the phase on record, retries, or files in a directory.
//!
//! ```text
//! store ─ take ─▶ OutboxLoop ─ queue ─▶ Lane (two) ─▶ Connection (SMTP) or Directory
//!   ▲                                    │
//!   └──── uncertain, sent, deferred … ───┘
//! ```
//!
//! Each mail goes to one recipient in one transaction. Before its final dot it is on record that the server may have it; a
//! reply lost after the dot is answered by sending again (what people wrote) or by letting it be (what machines wrote). Failures
//! of the account (no connection, no login) pause the account and are never counted against a mail.
//!
//! Never changes a mail, never decides what is sent, never opens more than two connections.

mod directory;
mod error;
mod online;
mod queue;
mod smtp;
#[cfg(test)]
mod tests;

pub use error::SendError;
pub use online::{Probe, Probed, try_login, try_server};
pub use queue::outbox::OutboxLoop;
pub use queue::retry::{GIVE_UP_AFTER, Retry, next_attempt};
pub use smtp::connection::Connection;
pub use smtp::features::Features;
pub use smtp::timeouts::Timeouts;

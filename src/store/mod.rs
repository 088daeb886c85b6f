//! The database: one writer thread with group commit, readers, the ledger, tickets, the outbox, reports.
//!
//! The only place with SQL. What a method that writes has returned `Ok` for is durable (WAL, `synchronous = FULL`).

mod breakers;
mod engine;
mod mailbox;
mod notifications;
pub mod outbox;
pub mod reports;
#[cfg(test)]
mod tests;
mod tickets;
mod timers;

pub use self::breakers::stopped;
pub use self::engine::backup::{Backup, Restored, SECRET_IS_NEWER, SECRET_IS_OLDER, Settled};
pub use self::engine::disk::Room;
pub use self::engine::error::StoreError;
pub use self::engine::store::Store;
pub use self::engine::view::{Tx, View};
pub use self::mailbox::outcome::Standing;
pub use self::mailbox::{accounts, ledger, mirror, quarantine};
pub use self::notifications::Waiting;
pub use self::outbox::unreachable;
pub use self::reports::health::{Health, Look, StuckMail};
pub use self::reports::lost_words::LostWords;
pub use self::reports::running;
pub use self::tickets::apply::Application;
pub use self::tickets::history;
pub use self::timers::{DueWork, FailedDelivery, Timer, Unseen};

//! The outbox loop: SMTP step by step, retries, or files in a directory.

mod connection;
mod error;
mod features;
mod login;
mod retry;
mod starttls;
mod timeouts;
mod transaction;
mod wire;

#[cfg(test)]
mod liar;
#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use error::SendError;
pub use features::Features;
pub use retry::{GIVE_UP_AFTER, Retry, next_attempt};
pub use timeouts::Timeouts;

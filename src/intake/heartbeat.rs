//! The sign of life of a mailbox's loop.

pub use crate::heartbeat::{BEAT, Heartbeat};

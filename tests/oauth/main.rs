//! Accounts that log in with tokens: the token endpoint and what is kept of its answers, IMAP, and real servers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/scripted.rs"]
mod scripted;

mod endpoint;
mod imap;
mod servers;

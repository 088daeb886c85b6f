//! Work from an ordinary mail program on real servers: customers' and agents' mail goes through Postfix into Dovecot, agents
//! answer what really arrived as their programs do, and somebody else marks, moves and deletes mails in the shared mailboxes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod assignment;
mod collisions;
mod commands;
mod held_kills;
mod letter;
mod office;
mod programs;
mod queue;
mod second_person;

//! `postroom demo`: the whole main job on mails that ship inside the program, with a Maildir for a mailbox and a directory
//! for SMTP.
//!
//! What is here is the play: the config, the people and what they do (`cast`), how that becomes mails (`script`), how their
//! programs write (`letters`), and how the result is shown (`show`). None of it reads a clock or touches a file.

pub mod cast;
pub mod letters;
pub mod script;
pub mod show;

#[cfg(test)]
mod script_tests;

pub use cast::STEPS;

/// The config of the demo's desk; its paths are relative to the directory that it is written to.
pub const CONFIG: &str = include_str!("demo.toml");
/// Where the config goes, relative to the demo's directory.
pub const CONFIG_FILE: &str = "postroom.toml";
/// The Maildir of the demo's mailbox, as in [`CONFIG`].
pub const MAILBOX: &str = "mailbox";
/// Where the mails that would go out are written to, as in [`CONFIG`].
pub const OUTBOX: &str = "outbox";

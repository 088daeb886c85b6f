//! `postroom demo`: the whole main job on mails that ship inside the program, with a Maildir for a mailbox and a directory
//! for SMTP.
//!
//! What is here is the play: the config, the people and what they do (`cast`), how that becomes mails (`script`), how their
//! programs write (`letters`), the stage (`stage`: the real intake, pipeline and outbox), and how the result is shown (`show`).

mod cast;
mod letters;
mod script;
mod show;
mod stage;

#[cfg(test)]
mod script_tests;

use cast::STEPS;
pub(super) use stage::run;

/// The config of the demo's desk; its paths are relative to the directory that it is written to.
const CONFIG: &str = include_str!("demo.toml");
/// Where the config goes, relative to the demo's directory.
const CONFIG_FILE: &str = "postroom.toml";
/// The Maildir of the demo's mailbox, as in [`CONFIG`].
const MAILBOX: &str = "mailbox";
/// Where the mails that would go out are written to, as in [`CONFIG`].
const OUTBOX: &str = "outbox";

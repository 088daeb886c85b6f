//! A Maildir: `watch` has the duties of an IMAP mailbox, `files` touches the disk.

pub mod files;
pub mod watch;

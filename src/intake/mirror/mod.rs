//! The shared mailbox as the queue: `watch` sees what people move, `moves` brings mails where their tickets are.

mod moves;
pub mod watch;

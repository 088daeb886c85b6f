//! Commands in agents' mails: what they are (`table`), how they are written (`lines`, `arguments`), what a mail asks for with them
//! (`request`), and why they may not be carried out (`checks`).

mod arguments;
mod checks;
pub(super) mod greeting;
mod lines;
mod needs;
pub(super) mod permissions;
mod request;
mod table;

pub(super) use self::arguments::SpamWish;
pub use self::arguments::read_tags;
pub(super) use self::arguments::written;
pub(super) use self::checks::faults;
pub(super) use self::lines::{blank, looks_like_command};
pub use self::needs::needs;
pub use self::request::{Instructions, Request};
pub(super) use self::table::{Command, Field, Right};

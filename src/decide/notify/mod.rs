//! Who hears of what, when, and in which words.

pub(super) mod audience;
pub(super) mod collected;
pub(super) mod digest;
pub(super) mod drafts;
pub(super) mod pace;
pub(super) mod stopped;
pub(super) mod successors;
pub(super) mod ticket_view;
pub(super) mod undelivered;

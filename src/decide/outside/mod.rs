//! What happens to tickets past the desk: answers from the shared account, hands in the mailbox and on the command line.

pub(super) mod author;
pub(super) mod by_hand;
pub(super) mod copies;
pub(super) mod outbound;

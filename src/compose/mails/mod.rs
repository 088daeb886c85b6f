//! What each mail says, from its draft: answers and receipts to customers, notifications, digests and notices to agents.

pub mod audience;
pub mod brief;
pub mod confirmation;
pub mod conversation;
pub mod customer;
pub mod digest;
pub mod episodes;
pub mod held;
pub mod history;
pub mod labels;
pub mod links;
pub mod notice;
pub mod notification;
pub mod refusal;
pub mod staff;

//! A customer's mail, and what else comes from outside: reports on deliveries, floods, mails that cannot be handled.

pub(super) mod acknowledge;
pub(super) mod below;
pub(super) mod bounce;
pub(super) mod flood;
pub(super) mod follow_up;
pub(super) mod leaked_key;
pub(super) mod open;
pub(super) mod own_text;
pub(super) mod quarantine;
pub(super) mod robot;

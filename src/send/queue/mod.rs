//! The outbox: `outbox` takes what is due and spreads it over `lane`s; `account` pauses all of them; `outcome` and `retry` say what
//! one attempt means for a mail.

mod account;
mod lane;
pub mod outbox;
pub mod outcome;
pub mod retry;

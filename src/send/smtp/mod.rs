//! One connection to a submission server.
//!
//! `connection` goes by `wire` (bytes), `starttls`, `features` (what the server announces), `login` and `sasl`; `transaction` brings
//! one mail to one recipient; `timeouts` ends every wait.

pub mod connection;
pub mod features;
pub mod login;
pub mod sasl;
mod starttls;
pub mod timeouts;
pub mod transaction;
mod wire;

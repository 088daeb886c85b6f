//! Plain values that every other module speaks: ids, addresses, mails, tickets, policy, facts, plans.
//!
//! Nothing here does I/O, reads a clock or knows a database, a wire protocol or a file format.

pub mod address;
pub mod breaker;
pub mod command_words;
pub mod correspondent;
pub mod digest;
pub mod done;
pub mod event;
mod event_words;
pub mod facts;
pub mod fold;
pub mod habits;
pub mod held;
pub mod hidden;
pub mod id;
pub mod language;
pub mod link;
pub mod list;
pub mod lookalike;
pub mod mail;
pub mod mirror;
pub mod news;
pub mod oauth;
pub mod outgoing;
pub mod phrases;
pub mod plan;
pub mod policy;
pub mod proposal;
pub mod provider;
pub mod reader;
pub mod refusal;
mod refusal_words;
pub mod repeated;
pub mod rich;
pub mod staff;
pub mod step;
pub mod subject;
pub mod suggest;
pub mod surroundings;
#[cfg(test)]
pub mod testing;
pub mod text;
pub mod ticket;
pub mod ticket_state;
pub mod token;
pub mod visibility;
pub mod written;

pub use address::{Address, AddressPattern, Person};
pub use id::{
    AgentId, DepartmentId, LedgerId, MailId, MailKey, MailboxId, MessageKey, OutboxId, QuarantineId, TicketNumber,
};
pub use language::Language;

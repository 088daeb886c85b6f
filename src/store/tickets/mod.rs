//! Tickets: what is known for a decision, how a plan is written, and what people ask for.

pub mod agents;
pub mod apply;
pub mod conversation;
pub mod hands;
pub mod held_answers;
pub mod history;
pub mod lists;
pub mod merges;
pub mod splits_and_mutes;
pub mod thread_facts;
pub mod withdraw;

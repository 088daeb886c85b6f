//! What circuit breakers count, and what they kept back.

pub mod counts;
pub mod stopped;

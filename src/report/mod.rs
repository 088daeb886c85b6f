//! Figures for people and scripts: tables, readable tickets, exact JSON. Turns values into text; prints nothing.

pub mod agents;
pub mod explain;
pub mod json;
pub mod status;
pub mod tickets;
pub mod trouble;

#[cfg(test)]
mod tests;

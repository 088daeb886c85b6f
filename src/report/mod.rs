//! Figures for people and scripts: tables, readable tickets, exact JSON. Turns values into text; prints nothing.

pub mod agents;
pub mod explain;
pub mod json;
pub mod status;
pub mod table;
pub mod tickets;
pub mod trouble;

pub use self::table::{Paint, Table, USUAL_WIDTH};

#[cfg(test)]
mod tests;

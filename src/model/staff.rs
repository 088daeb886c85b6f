//! The staff: what an agent is allowed to do beside his departments' work.

use super::ticket::word_enum;

word_enum!(
    /// What an agent is (`role` of an `[[agent]]`). Leads are named by their departments, as one leads one and works in another.
    AgentRole {
        /// Works on the tickets of his departments.
        Agent = "agent",
        /// Works on all tickets, and assigns them, whatever department they are in.
        Manager = "manager",
    }
);

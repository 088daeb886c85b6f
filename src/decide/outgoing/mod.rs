//! What an agent's words may carry to a customer.

pub(super) mod closings;
pub(super) mod leaks;
pub(super) mod notes;
pub(super) mod pictures;
pub(super) mod signature;

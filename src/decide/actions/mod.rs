//! What agents do to tickets, by command or because they go away.

pub(super) mod absence;
pub(super) mod assignment;
pub(super) mod giving_out;
pub(super) mod handover;
pub(super) mod merge;
pub(super) mod orphaned;
pub(super) mod people;
pub(super) mod spam;
pub(super) mod split;

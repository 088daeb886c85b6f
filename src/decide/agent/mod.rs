//! An agent's mail: what it asks for, whether it may have its way, and word about it to its agent.

pub(super) mod answer;
pub(super) mod confirmation;
pub(super) mod doubts;
pub(super) mod dropped_words;
pub(super) mod held_answer;
pub(super) mod judgement;
pub(super) mod loop_limits;
pub(super) mod notices;
pub(super) mod out_of_office;
pub(super) mod recipients;
pub(super) mod repeats;
pub(super) mod reply;
pub(super) mod understood;
pub(super) mod unproven;
pub(super) mod unticketed;
pub(super) mod work;

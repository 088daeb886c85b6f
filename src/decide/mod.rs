//! What happens because of a mail, a command or the time: pure functions from facts, policy and `now` to a plan.

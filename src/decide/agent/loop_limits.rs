//! Brakes on robots that hide what they are: an answering machine behind an agent's token, or behind a customer's address.
//!
//! Marks in the header stop honest robots; what strips its marks is stopped by counting.

use jiff::{SignedDuration, Timestamp};

use crate::decide::Incoming;
use crate::model::breaker::{Breaker, Stopped};
use crate::model::id::AgentId;
use crate::model::mail::ParsedMail;
use crate::model::refusal::Refusal;
use crate::model::ticket::Ticket;

/// Answers on one ticket in [`WINDOW`]; no human conversation by mail needs more.
pub(in crate::decide) const MAX_ANSWERS: usize = 25;
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Notices to one agent's address in 24 hours, when their mails answer notices.
const MAX_NOTICES: u32 = 60;
/// The same about mails that stand on no ticket, of which nothing else is known.
const MAX_NOTICES_ON_NONE: u32 = 3;
/// Notices to one agent's address in 24 hours, whatever their mails answer: more than a human asks for.
const MAX_NOTICES_AT_ALL: u32 = 200;

/// Why no further answer goes out on `ticket` for now.
pub(in crate::decide) fn answers_spent(ticket: &Ticket, now: Timestamp) -> Option<Refusal> {
    let recent = ticket.answered_at.iter().filter(|at| now.duration_since(**at) < WINDOW).count();
    (recent >= MAX_ANSWERS).then_some(Refusal::TooManyAnswers(recent))
}

/// Whether a mail answers a notice. Who was just told why nothing goes out need not be told again: a machine would go on
/// answering.
pub(in crate::decide) fn answers_a_notice(mail: &ParsedMail) -> bool {
    mail.in_reply_to.iter().any(|id| id.as_str().starts_with("notice."))
}

/// Whether the agent who wrote has been sent so many automatic mails that a machine must be reading them.
pub(in crate::decide) fn notices_spent(case: &Incoming<'_>) -> bool {
    let sent = case.counters.machine_mails_to_sender;
    sent >= MAX_NOTICES_AT_ALL || (sent >= MAX_NOTICES && answers_a_notice(case.mail))
}

/// That word to an agent is kept back.
pub(in crate::decide) fn stopped(agent: &AgentId) -> Stopped {
    Stopped { breaker: Breaker::Notices, whose: agent.to_string(), limit: MAX_NOTICES }
}

/// The same for mails that stand on no ticket: whoever goes on answering the notices about them does not read.
pub(in crate::decide) fn notices_on_none_spent(case: &Incoming<'_>) -> bool {
    let sent = case.counters.machine_mails_to_sender;
    notices_spent(case) || (sent >= MAX_NOTICES_ON_NONE && answers_a_notice(case.mail))
}

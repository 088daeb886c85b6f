//! A mail met for the second time. From quarantine: the minimal ticket that shows it says what became of it, and no second
//! one is opened. After a restore: it says nothing again.

use crate::model::event::{Event, EventKind, Retried, Withheld};
use crate::model::id::TicketNumber;
use crate::model::outgoing::Draft;
use crate::model::plan::{Fate, Plan};

/// The mail could not be handled this time either.
pub fn held_again(minimal: TicketNumber, reason: &str) -> Plan {
    Plan {
        events: vec![retried(minimal, Retried::Failed, None, Some(reason))],
        fate: Some(Fate::Quarantined(minimal, reason.to_owned())),
        ..Plan::default()
    }
}

/// The line of history for a mail that was held and is not any more.
pub fn released(minimal: TicketNumber, fate: &Fate) -> Event {
    match fate {
        Fate::Ticket(number) => retried(minimal, Retried::Ticket, Some(*number), None),
        Fate::Duplicate(number) => retried(minimal, Retried::Duplicate, *number, None),
        Fate::Ignored(reason) => retried(minimal, Retried::Ignored, None, Some(reason)),
        Fate::Quarantined(_, reason) => retried(minimal, Retried::Failed, None, Some(reason)),
    }
}

/// Sends nothing of a plan: the mail that caused it came before the database was restored from a backup, so that what it led
/// to may have been sent already. An agent's answer is held in the outbox, colleagues are told in one mail of all that was
/// found again, and the rest is not said. What was said stands on the ticket.
pub fn say_nothing_again(plan: &mut Plan) {
    const WHY: &str =
        "the database was restored from a backup after this mail came: what it led to may have been sent then";
    // What an agent wrote about a ticket that is not known any more comes back to them now: nobody else has it.
    let comes_back = |draft: &Draft| matches!(draft, Draft::Notice(notice) if notice.ticket.is_none());
    if plan.mails.is_empty() || (plan.fate.as_ref().is_some_and(is_ignored) && plan.mails.iter().all(comes_back)) {
        return;
    }
    plan.again = true;
    plan.mails.retain(|draft| match draft {
        Draft::Answer(_) | Draft::Notification(_) => true,
        Draft::Acknowledgement(_) | Draft::Digest(_) | Draft::Notice(_) => false,
    });
    plan.withheld.push(WHY.to_owned());
    if let Some(Fate::Ticket(ticket) | Fate::Quarantined(ticket, _)) = plan.fate {
        plan.events.push(Event::of_desk(ticket, EventKind::withheld(Withheld::Repetition, WHY)));
    }
}

fn is_ignored(fate: &Fate) -> bool {
    matches!(fate, Fate::Ignored(_))
}

fn retried(minimal: TicketNumber, retried: Retried, ticket: Option<TicketNumber>, reason: Option<&str>) -> Event {
    Event::of_desk(minimal, EventKind::Retried { retried, ticket, reason: reason.map(str::to_owned) })
}

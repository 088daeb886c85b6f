//! A quarantined mail tried again: the minimal ticket that shows it says what became of it, and no second one is opened.

use crate::model::id::TicketNumber;
use crate::model::plan::{Event, Fate, Plan};

/// The mail could not be handled this time either.
pub fn held_again(minimal: TicketNumber, reason: &str) -> Plan {
    Plan {
        events: vec![event(minimal, format!("tried again, without success: {reason}"))],
        fate: Some(Fate::Quarantined(minimal, reason.to_owned())),
        ..Plan::default()
    }
}

/// The line of history for a mail that was held and is not any more.
pub fn released(minimal: TicketNumber, fate: &Fate) -> Event {
    let detail = match fate {
        Fate::Ticket(number) => format!("tried again: the mail is on ticket #{number}"),
        Fate::Duplicate(Some(number)) => format!("tried again: the mail was taken before, it is on ticket #{number}"),
        Fate::Duplicate(None) => "tried again: the mail was taken before, and ignored".to_owned(),
        Fate::Ignored(reason) => format!("tried again: nothing had to be done, {reason}"),
        Fate::Quarantined(_, reason) => format!("tried again, without success: {reason}"),
    };
    event(minimal, detail)
}

fn event(ticket: TicketNumber, detail: String) -> Event {
    Event { ticket, actor: "postroom".to_owned(), kind: "quarantined", detail }
}

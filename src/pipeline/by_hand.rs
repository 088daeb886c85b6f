//! A ticket is changed by whoever runs commands on the machine: one transaction, beside a running daemon too.

use std::sync::Arc;

use super::Pipeline;
use crate::decide::{self, HandChange, Knowledge};
use crate::model::event::EventKind;
use crate::model::id::TicketNumber;
use crate::store::StoreError;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedByHand {
    /// There is no such ticket.
    NoTicket,
    /// It is part of this one, which lives on.
    PartOf(TicketNumber),
    /// What its history says of it now; nothing when it stood like that already.
    Done(Vec<EventKind>),
}

impl Pipeline {
    /// Changes a ticket as the admin wants it, and tells the agents whom it concerns.
    pub async fn change_by_admin(&self, number: TicketNumber, change: HandChange) -> Result<ChangedByHand, StoreError> {
        let (parts, now) = (Arc::clone(&self.parts), self.clock.now());
        let changing = move |tx: &crate::store::Tx<'_>| {
            let lead = tx.lead(number)?;
            if lead != number {
                return Ok(ChangedByHand::PartOf(lead));
            }
            let Some(ticket) = tx.ticket(number)? else { return Ok(ChangedByHand::NoTicket) };
            let last_words = parts.told_words(tx, number)?;
            let counters = tx.counters(None, &ticket.mailbox, now)?;
            let (staff, file) = (tx.staff()?, tx.case_file(number)?);
            let last_words = last_words.as_ref();
            let knowledge = Knowledge { last_words, staff: &staff, file: &file, counters, now };
            let plan = decide::change_by_admin(&parts.policy, &ticket, &change, knowledge);
            let done: Vec<EventKind> = plan.events.iter().map(|event| event.kind.clone()).collect();
            if !done.is_empty() {
                parts.apply(tx, plan, None, &ticket.mailbox, now)?;
            }
            Ok(ChangedByHand::Done(done))
        };
        self.store.write(changing).await
    }
}

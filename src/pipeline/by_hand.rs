//! An admin changes a ticket from the command line: one transaction, beside a running daemon too.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Parts, Pipeline};
use crate::decide::{self, HandChange, Knowledge};
use crate::model::event::EventKind;
use crate::model::id::TicketNumber;
use crate::model::plan::Plan;
use crate::model::ticket::Ticket;
use crate::store::{StoreError, Tx};

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
        let changing = move |tx: &Tx<'_>| {
            let lead = tx.lead(number)?;
            if lead != number {
                return Ok(ChangedByHand::PartOf(lead));
            }
            let Some(ticket) = tx.ticket(number)? else { return Ok(ChangedByHand::NoTicket) };
            let decide = |knowledge: Knowledge<'_>| decide::change_by_admin(&parts.policy, &ticket, &change, knowledge);
            let plan = parts.with_knowledge(tx, &ticket, now, decide)?;
            let done: Vec<EventKind> = plan.events.iter().map(|event| event.kind.clone()).collect();
            if !done.is_empty() {
                parts.apply(tx, plan, None, &ticket.mailbox, now)?;
            }
            Ok(ChangedByHand::Done(done))
        };
        self.store.write(changing).await
    }
}

impl Parts {
    /// What `decide` makes of a change without a mail, from what it has to know of the ticket.
    pub(super) fn with_knowledge(
        &self,
        tx: &Tx<'_>,
        ticket: &Ticket,
        now: Timestamp,
        decide: impl FnOnce(Knowledge<'_>) -> Plan,
    ) -> Result<Plan, StoreError> {
        let last_words = self.told_words(tx, ticket.number)?;
        let counters = tx.counters(None, &ticket.mailbox, now)?;
        let (staff, file) = (tx.staff()?, tx.case_file(ticket.number)?);
        Ok(decide(Knowledge { last_words: last_words.as_ref(), staff: &staff, file: &file, counters, now }))
    }
}

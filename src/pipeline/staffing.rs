//! What `postroom agent` does: who goes away, who is back, whose tickets another one has. Each in one transaction.

use jiff::Timestamp;

use super::{Parts, Pipeline};
use crate::decide;
use crate::model::id::{AgentId, DepartmentId, MailboxId};
use crate::model::plan::Plan;
use crate::model::staff::{Absence, AwayBy};
use crate::store::{StoreError, Tx};

impl Parts {
    fn leave(
        &self,
        tx: &Tx<'_>,
        agent: &AgentId,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut staff = tx.staff()?;
        staff.unanswered = tx.unanswered(agent)?;
        let mailbox = self.first_mailbox();
        let absence = Absence { since: now, until, by: AwayBy::Admin };
        let plan = decide::leaves(&self.policy, &staff, agent, absence, tx.counters(None, &mailbox, now)?);
        self.carry_out(tx, plan, &mailbox, now)
    }

    fn hand_over(
        &self,
        tx: &Tx<'_>,
        from: &AgentId,
        to: &AgentId,
        department: Option<&DepartmentId>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut items = tx.tickets_of(from)?;
        items.retain(|item| department.is_none_or(|department| item.ticket.department == *department));
        let mailbox = self.first_mailbox();
        let plan = decide::hand_over(&self.policy, from, to, &items, tx.counters(None, &mailbox, now)?);
        self.carry_out(tx, plan, &mailbox, now)
    }

    /// Returns how many tickets changed hands.
    fn carry_out(&self, tx: &Tx<'_>, plan: Plan, mailbox: &MailboxId, now: Timestamp) -> Result<usize, StoreError> {
        let changed = plan.changes.len();
        self.apply(tx, plan, None, mailbox, now)?;
        Ok(changed)
    }

    fn first_mailbox(&self) -> MailboxId {
        self.policy.mailboxes.first().map_or_else(|| MailboxId::new(""), |mailbox| mailbox.id.clone())
    }
}

impl Pipeline {
    /// `agent` goes away; what they have not answered goes on to others. Returns how many tickets did.
    pub async fn agent_leaves(&self, agent: AgentId, until: Option<Timestamp>) -> Result<usize, StoreError> {
        let (parts, now) = (std::sync::Arc::clone(&self.parts), self.clock.now());
        self.store.write(move |tx| parts.leave(tx, &agent, until, now)).await
    }

    /// `agent` is back.
    pub async fn agent_returns(&self, agent: AgentId) -> Result<(), StoreError> {
        self.store.write(move |tx| tx.set_absence(&agent, None)).await
    }

    /// All open tickets of `from` are `to`'s from now on, those of one department if there is one. Returns how many.
    pub async fn hand_over(
        &self,
        from: AgentId,
        to: AgentId,
        department: Option<DepartmentId>,
    ) -> Result<usize, StoreError> {
        let (parts, now) = (std::sync::Arc::clone(&self.parts), self.clock.now());
        self.store.write(move |tx| parts.hand_over(tx, &from, &to, department.as_ref(), now)).await
    }
}

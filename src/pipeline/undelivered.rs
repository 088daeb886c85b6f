//! Notifications that failed for good: who is told instead, in the transaction that notes it.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::{error, warn};

use super::Parts;
use crate::decide::{self, FailedNotification, Remedy};
use crate::model::id::{AgentId, MailboxId};
use crate::model::outgoing::Objection;
use crate::model::plan::Plan;
use crate::model::staff::{AwayBy, WorkItem};
use crate::model::ticket::Ticket;
use crate::store::{FailedDelivery, StoreError, Tx};

impl Parts {
    /// A notification will never arrive: its agent gets it again with less, or others hear of it.
    pub(super) fn notification_failed(
        &self,
        tx: &Tx<'_>,
        delivery: &FailedDelivery,
        agent: &AgentId,
        ticket: Option<&Ticket>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_news = self.note_refusal(tx, delivery, agent, now)?;
        let Some(ticket) = ticket else { return Ok(()) };
        let item = WorkItem {
            ticket: ticket.clone(),
            words: tx.last_customer_words(ticket.number)?,
            attachments: Arc::from([]),
        };
        let WorkItem { words, attachments, .. } = self.whole(tx, item)?;
        let unreachable: Vec<AgentId> = tx.unreachable()?.into_iter().map(|gone| gone.agent).collect();
        let (reached, tried) = tx.told_beside(delivery)?;
        let staff = unreachable.contains(agent).then(|| tx.staff()).transpose()?;
        let failed = FailedNotification {
            agent,
            recipient: &delivery.recipient,
            reason: &delivery.reason,
            objection: delivery.objection,
            instead: delivery.instead,
            words: words.as_ref(),
            attachments: &attachments,
            reached: &reached,
            tried: &tried,
            unreachable: &unreachable,
            staff: staff.as_ref(),
            is_news,
        };
        let counters = tx.counters(None, &ticket.mailbox, now)?;
        let Remedy { plan, instead, untold } = decide::notification_failed(&self.policy, ticket, &failed, counters);
        let before = tx.last_outgoing()?;
        // At once, whatever the hour: it was late before it was written.
        self.write(tx, plan, None, &ticket.mailbox, now)?;
        tx.mark_instead(before, instead)?;
        if untold {
            error!(ticket = %ticket.number, "a notification failed and nobody is left to be told: {}", delivery.reason);
            tx.mark_untold(delivery.id)?;
        }
        Ok(())
    }

    /// Notes that an agent cannot be reached, when that is what the server says; whether people are to hear of it.
    fn note_refusal(
        &self,
        tx: &Tx<'_>,
        delivery: &FailedDelivery,
        agent: &AgentId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let first = self.policy.agent(agent).and_then(|agent| agent.addresses.first());
        let current = first.is_some_and(|address| address.same_as(&delivery.recipient));
        if delivery.objection != Some(Objection::Address) || !current {
            return Ok(false);
        }
        let is_news = tx.agent_refuses(agent, delivery, now)?;
        if is_news {
            warn!(%agent, "the server refuses mail to this agent, who counts as absent: {}", delivery.reason);
        }
        if tx.absences()?.get(agent).is_none_or(|absence| absence.by == AwayBy::Refused) {
            let absences = vec![(agent.clone(), Some(decide::refused_since(now)))];
            let plan = Plan { absences, ..Plan::default() };
            self.apply(tx, plan, None, &self.any_mailbox(), now)?;
        }
        Ok(is_news)
    }

    /// Agents whose address in the config is another one by now can be reached.
    pub(super) fn forget_refusals(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for gone in tx.unreachable()? {
            let first = self.policy.agent(&gone.agent).and_then(|agent| agent.addresses.first());
            if first.is_none_or(|address| !address.same_as(&gone.address)) {
                tx.agent_is_reachable(&gone.agent)?;
            }
        }
        Ok(())
    }

    fn any_mailbox(&self) -> MailboxId {
        self.policy.mailboxes.first().map_or_else(|| MailboxId::new(""), |mailbox| mailbox.id.clone())
    }
}

//! Circuit breakers in time: who was told already that a limit is reached, and when there is too much news for single mails.

use jiff::Timestamp;

use super::Parts;
use crate::decide;
use crate::model::breaker::{Breaker, Stopped};
use crate::model::id::MailboxId;
use crate::model::outgoing::{Draft, News, NotificationDraft};
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::store::{StoreError, Tx};

/// Whose news waits to be told in one list.
pub(super) struct Crowd {
    customers: bool,
    /// Somebody hears of an agent's mails in the agent's place, and not for the first time within a day.
    agents: bool,
}

impl Crowd {
    /// Whether it waits. Lists go to those alone who work in the department.
    pub(super) fn holds(&self, draft: &NotificationDraft, policy: &Policy) -> bool {
        let member =
            || policy.department(&draft.department).is_some_and(|department| department.has_agent(&draft.agent));
        let waits = (self.customers && draft.news.shows_a_mail())
            || (self.agents && matches!(draft.news, News::NotTold { .. }));
        waits && member()
    }
}

impl Parts {
    /// Counts the mail that agents are told of, and says whether there were too many within the hour.
    pub(super) fn crowd(
        &self,
        tx: &Tx<'_>,
        plan: &mut Plan,
        mailbox: &MailboxId,
        now: Timestamp,
    ) -> Result<Crowd, StoreError> {
        let mut agents = false;
        for stopped in plan.stopped.iter().filter(|stopped| stopped.breaker == Breaker::Notices) {
            agents |= tx.is_told_of(stopped, now)?;
        }
        let told = plan.mails.iter().find_map(|mail| match mail {
            Draft::Notification(draft) if draft.news.shows_a_mail() => Some(&draft.author),
            Draft::Notification(_)
            | Draft::Answer(_)
            | Draft::Acknowledgement(_)
            | Draft::Digest(_)
            | Draft::Notice(_) => None,
        });
        let Some(author) = told.filter(|_| !plan.again) else { return Ok(Crowd { customers: false, agents }) };
        let limits = &self.policy.limits;
        let (of_domain, of_mailbox) = (limits.tickets_per_domain_per_hour, limits.per_mailbox_per_hour);
        let most = of_domain.max(of_mailbox);
        let (by_domain, by_mailbox) = tx.told_within_hour(&author.address, mailbox, most, now)?;
        tx.count_told(&author.address, mailbox, now)?;
        let stopped = if by_domain >= of_domain {
            let whose = author.address.domain().to_owned();
            Some(Stopped { breaker: Breaker::NewsOfDomain, whose, limit: of_domain })
        } else {
            let whose = mailbox.to_string();
            (by_mailbox >= of_mailbox).then_some(Stopped { breaker: Breaker::NewsOfMailbox, whose, limit: of_mailbox })
        };
        let customers = stopped.is_some();
        plan.stopped.extend(stopped);
        Ok(Crowd { customers, agents })
    }

    /// Counts what breakers kept back; of what nobody heard within a day, those hear who see to it.
    pub(super) fn tell_of_stopped(
        &self,
        tx: &Tx<'_>,
        plan: &mut Plan,
        mailbox: &MailboxId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for stopped in std::mem::take(&mut plan.stopped) {
            let known = tx.is_told_of(&stopped, now)?;
            tx.count_stopped(&stopped, !known, now)?;
            if known || plan.again {
                continue;
            }
            let serial = plan.next_serial(tx.counters(None, mailbox, now)?.next_serial);
            plan.mails.extend(decide::stopped(&self.policy, mailbox, &stopped, serial));
        }
        Ok(())
    }
}

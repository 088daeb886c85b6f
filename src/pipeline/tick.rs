//! What time brings: failed deliveries are told, mails that could not be fetched are shown, timers do what they were set for.
//!
//! Each in a savepoint of its own; one that cannot be done does not keep the others from being done.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::{Parts, Pipeline};
use crate::decide;
use crate::model::id::{MessageKey, TicketNumber};
use crate::model::outgoing::OutgoingKind;
use crate::model::text::counted;
use crate::model::ticket::Status;
use crate::store::{DueWork, FailedDelivery, StoreError, Timer, Tx, Unseen};

impl Pipeline {
    /// Does what is due: tells of failed deliveries, wakes tickets, shows quarantined mails. Returns how many things it did.
    ///
    /// Each in a savepoint of its own; one that cannot be done does not keep the others from being done, and is the error
    /// returned.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        if self.parts.looked_at.is_first_or_back(now) {
            self.due(|_, tx, now| tx.review_news(now)).await?;
            self.take_in_orphans().await?;
            self.due(|parts, tx, _| parts.forget_refusals(tx)).await?;
        }
        let DueWork { deliveries, unseen, timers } = self.store.read(move |view| view.due_work(now)).await?;
        let mut tally = Tally::default();
        for delivery in deliveries {
            tally.count(self.due(move |parts, tx, now| parts.tell_of_delivery(tx, &delivery, now)).await)?;
        }
        for mail in unseen {
            tally.count(self.due(move |parts, tx, now| parts.show_unfetched(tx, &mail, now)).await)?;
        }
        for timer in timers {
            tally.count(self.due(move |parts, tx, now| parts.is_due(tx, &timer, now)).await)?;
        }
        tally.result()
    }

    /// Tickets whose department left the config go to the department of their mailbox.
    async fn take_in_orphans(&self) -> Result<(), StoreError> {
        let known = self.parts.policy.departments.iter().map(|department| department.id.clone()).collect();
        let orphans = self.store.read(move |view| view.tickets_of_others(&known)).await?;
        if !orphans.is_empty() {
            let count = counted(orphans.len(), "ticket");
            tracing::warn!(
                "{count} of departments that are not in the config go to the departments of their mailboxes"
            );
        }
        for number in orphans {
            self.due(move |parts, tx, now| parts.take_in(tx, number, now)).await?;
        }
        Ok(())
    }

    /// Forgets what nobody needs any more.
    pub async fn tidy_up(&self) -> Result<(), StoreError> {
        let passed = self.parts.running.take();
        self.due(move |_, tx, now| tx.keep_time(passed, now).and_then(|()| tx.tidy_up(now))).await
    }

    async fn due<F>(&self, job: F) -> Result<(), StoreError>
    where
        F: FnOnce(&Parts, &Tx<'_>, Timestamp) -> Result<(), StoreError> + Send + 'static,
    {
        let (parts, now) = (Arc::clone(&self.parts), self.clock.now());
        self.store.write(move |tx| job(&parts, tx, now)).await
    }
}

impl Parts {
    fn tell_of_delivery(&self, tx: &Tx<'_>, delivery: &FailedDelivery, now: Timestamp) -> Result<(), StoreError> {
        if !tx.told_of_delivery(delivery)? {
            return Ok(());
        }
        let ticket = match delivery.ticket {
            Some(number) => tx.ticket(tx.lead(number)?)?,
            None => None,
        };
        if let (OutgoingKind::Notification, true, Some(agent)) = (delivery.kind, delivery.permanent, &delivery.agent) {
            return self.notification_failed(tx, delivery, agent, ticket.as_ref(), now);
        }
        let Some(ticket) = ticket else { return Ok(()) };
        let counters = tx.counters(None, &ticket.mailbox, now)?;
        let undelivered = decide::Undelivered {
            kind: delivery.kind,
            agent: delivery.agent.as_ref(),
            recipient: &delivery.recipient,
            reason: &delivery.reason,
            permanent: delivery.permanent,
            answered: self.signer.check_mail_id(&delivery.message_id).and_then(|own| own.reader),
        };
        let plan = decide::delivery_failed(&self.policy, &ticket, &undelivered, counters);
        self.apply(tx, plan, None, &ticket.mailbox, now).map(drop)
    }

    fn take_in(&self, tx: &Tx<'_>, number: TicketNumber, now: Timestamp) -> Result<(), StoreError> {
        let Some(ticket) = tx.ticket(number)? else { return Ok(()) };
        let plan = decide::taken_in(&self.policy, &ticket);
        self.apply(tx, plan, None, &ticket.mailbox, now).map(drop)
    }

    /// Does what a timer was set for.
    fn is_due(&self, tx: &Tx<'_>, timer: &Timer, now: Timestamp) -> Result<(), StoreError> {
        match timer {
            Timer::Absence(agent) => tx.end_absence(agent, now)?,
            Timer::Wait(ticket) => self.wake(tx, *ticket, now)?,
            Timer::News(waiting) => self.tell_kept(tx, waiting, now)?,
            Timer::Held(message) => self.drop_held(tx, *message, now)?,
        }
        tx.timer_is_done(timer, now)
    }

    fn wake(&self, tx: &Tx<'_>, number: TicketNumber, now: Timestamp) -> Result<(), StoreError> {
        let Some(ticket) = tx.ticket(number)? else { return Ok(()) };
        if ticket.status != Status::Waiting || ticket.wait_until.is_none_or(|until| until > now) {
            return Ok(());
        }
        let last_words = self.told_words(tx, number)?;
        let counters = tx.counters(None, &ticket.mailbox, now)?;
        let plan = decide::wait_over(&self.policy, &ticket, last_words.as_ref(), counters);
        self.apply(tx, plan, None, &ticket.mailbox, now).map(drop)
    }

    fn drop_held(&self, tx: &Tx<'_>, message: MessageKey, now: Timestamp) -> Result<(), StoreError> {
        let Some(overdue) = tx.still_held(message)? else { return Ok(()) };
        let Some(ticket) = tx.ticket(overdue.ticket)? else { return Ok(()) };
        let counters = tx.counters(None, &ticket.mailbox, now)?;
        let plan = decide::expired(&self.policy, &ticket, &overdue, counters);
        self.apply(tx, plan, None, &ticket.mailbox, now).map(drop)
    }

    fn show_unfetched(&self, tx: &Tx<'_>, unseen: &Unseen, now: Timestamp) -> Result<(), StoreError> {
        let counters = tx.counters(None, &unseen.mailbox, now)?;
        let place = format!("folder `{}` of mailbox `{}`, UID {}", unseen.folder, unseen.mailbox, unseen.uid);
        let mut plan = decide::never_fetched(&self.policy, &unseen.mailbox, &place, &unseen.reason, counters, now);
        decide::spare_the_absent(&mut plan, &tx.absences()?);
        let Some(ticket) = plan.open.first() else { return Ok(()) };
        if !tx.quarantine_ticket(unseen.id, ticket.number)? {
            return Ok(());
        }
        self.apply(tx, plan, None, &unseen.mailbox, now).map(drop)
    }
}

/// Jobs done, and the fault of one that could not be done.
#[derive(Default)]
struct Tally {
    done: usize,
    fault: Option<StoreError>,
}

impl Tally {
    /// Counts a job. The fault of one job is remembered, a fault of the database ends the tick.
    fn count(&mut self, job: Result<(), StoreError>) -> Result<(), StoreError> {
        match job {
            Ok(()) => self.done += 1,
            Err(error) if error.concerns_one_job() => self.fault = Some(error),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// How many jobs were done, or the fault of one.
    fn result(self) -> Result<usize, StoreError> {
        self.fault.map_or(Ok(self.done), Err)
    }
}

/// When a tick last looked at what is due.
#[derive(Default)]
pub(super) struct LastLook(Mutex<Option<Timestamp>>);

impl LastLook {
    /// Whether nobody looked before with this config, or the clock was put back since: then times that were worked out
    /// earlier are worth nothing.
    pub(super) fn is_first_or_back(&self, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.replace(now);
        before.is_none_or(|before| now < before)
    }
}

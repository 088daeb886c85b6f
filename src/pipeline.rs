//! The flow: parse → facts → thread → classify → decide → compose → apply, one transaction a mail (a batch shares its commit).
//!
//! What goes wrong with one mail (a panic, an odd value) never concerns another: it is tried alone, then quarantined.

mod answers;
mod below;
mod by_hand;
mod deliveries;
mod direct;
mod forward;
mod knowledge;
mod mirror;
mod planning;
mod staffing;
mod stopped;
mod tally;
mod telling;
mod undelivered;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

use self::answers::{name_answers, ticket_keys, wait_together};
pub use self::by_hand::ChangedByHand;
use self::tally::{LastLook, Tally};
use crate::classify::Classifier;
use crate::clock::{Clock, Stopwatch};
use crate::compose::{compose_within, own_phrases};
use crate::decide;
use crate::model::address::Address;
use crate::model::held::Overdue;
use crate::model::id::{LedgerId, MailboxId, QuarantineId, TicketNumber};
use crate::model::link::{Link, Route};
use crate::model::mail::{Arrival, Attachment, ParsedMail, RawMail};
use crate::model::outgoing::{Outgoing, OutgoingKind, OwnPhrases};
use crate::model::plan::{Fate, Plan};
use crate::model::policy::Policy;
use crate::model::text::counted;
use crate::model::ticket::Status;
use crate::model::token::Signer;
use crate::parse::parse;
use crate::store::ledger::Spooled;
use crate::store::quarantine::Retry;
use crate::store::{Application, DueWork, FailedDelivery, Standing, Store, StoreError, Tx, Unseen};

/// Attempts to decide a mail before it is quarantined; counted before trying, so that an abort counts too.
const MAX_ATTEMPTS: u32 = 3;

/// The parts of one config, ready to take mails. Replaced as a whole on reload; cheap to clone.
#[derive(Clone)]
pub struct Pipeline {
    parts: Arc<Parts>,
    store: Store,
    clock: Clock,
}

struct Parts {
    policy: Policy,
    phrases: OwnPhrases,
    classifier: Classifier,
    signer: Signer,
    running: Stopwatch,
    looked_at: LastLook,
}

/// A mail read, ready to be decided.
struct Read {
    ledger: LedgerId,
    raw: RawMail,
    /// The mail, or why it could not be read.
    mail: Result<ParsedMail, String>,
    /// The mail's attachments, taken out of it so that all mails that carry them on share them.
    attachments: Arc<[Attachment]>,
}

/// What would become of a mail.
pub struct Explanation {
    /// How it is understood.
    pub mail: ParsedMail,
    /// Which ticket it belongs to.
    pub link: Link,
    /// Where it goes.
    pub route: Route,
    /// What would happen.
    pub plan: Plan,
}

impl Pipeline {
    /// Builds what a config needs to take mails, the keyword automaton among it.
    pub fn new(policy: Policy, signer: Signer, store: Store, clock: Clock) -> Self {
        let classifier = Classifier::new(&policy);
        let phrases = own_phrases(&policy);
        let running = Stopwatch::start();
        Self {
            parts: Arc::new(Parts { policy, phrases, classifier, signer, running, looked_at: LastLook::default() }),
            store,
            clock,
        }
    }

    /// The config.
    pub fn policy(&self) -> &Policy {
        &self.parts.policy
    }

    /// Decides each mail of the batch, in order; durable when it returns. A mail that cannot be handled is quarantined.
    pub async fn ingest(&self, batch: Vec<Spooled>) -> Result<Vec<Fate>, StoreError> {
        let parts = Arc::clone(&self.parts);
        let reading = self.store.in_turn(move || batch.into_iter().map(|mail| parts.read(mail)).collect::<Vec<_>>());
        let batch = Arc::new(reading.await?);
        match self.decide(Arc::clone(&batch)).await {
            Err(error) if error.concerns_one_job() => self.decide_one_by_one(&batch).await,
            result => result,
        }
    }

    async fn decide(&self, batch: Arc<Vec<Read>>) -> Result<Vec<Fate>, StoreError> {
        let (parts, now, passed) = (Arc::clone(&self.parts), self.clock.now(), self.parts.running.take());
        let deciding = move |tx: &Tx<'_>| {
            tx.keep_time(passed, now)?;
            batch.iter().map(|read| parts.take(tx, read, now)).collect()
        };
        self.store.write(deciding).await
    }

    async fn decide_one_by_one(&self, batch: &Arc<Vec<Read>>) -> Result<Vec<Fate>, StoreError> {
        let mut fates = Vec::with_capacity(batch.len());
        for index in 0..batch.len() {
            let fate = match self.with_one(batch, index, Parts::take).await {
                Err(error) if error.concerns_one_job() => self.hold_one(batch, index, &error).await?,
                result => result?,
            };
            fates.extend(fate);
        }
        Ok(fates)
    }

    /// Quarantines a mail that could not be decided: with a minimal ticket, else by itself, so that it is never tried for ever.
    async fn hold_one(
        &self,
        batch: &Arc<Vec<Read>>,
        index: usize,
        error: &StoreError,
    ) -> Result<Option<Fate>, StoreError> {
        if let Some(read) = batch.get(index) {
            tracing::error!(mailbox = %read.raw.mailbox, "a mail could not be decided and is quarantined: {error}");
        }
        let reason = error.to_string();
        let shown = self.with_one(batch, index, move |parts, tx, read, now| parts.quarantine(tx, read, &reason, now));
        match shown.await {
            Err(again) if again.concerns_one_job() => {
                let reason = error.to_string();
                let hold = move |_: &Parts, tx: &Tx<'_>, read: &Read, _| {
                    tx.hold_unshown(read.ledger, &reason)?;
                    Ok(Fate::Quarantined(TicketNumber(0), reason))
                };
                self.with_one(batch, index, hold).await
            }
            result => result,
        }
    }

    /// Runs a job with one mail of a batch, in a savepoint of its own.
    async fn with_one<F>(&self, batch: &Arc<Vec<Read>>, index: usize, job: F) -> Result<Option<Fate>, StoreError>
    where
        F: FnOnce(&Parts, &Tx<'_>, &Read, Timestamp) -> Result<Fate, StoreError> + Send + 'static,
    {
        let (parts, batch, now) = (Arc::clone(&self.parts), Arc::clone(batch), self.clock.now());
        self.store.write(move |tx| batch.get(index).map(|read| job(&parts, tx, read, now)).transpose()).await
    }

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
        let DueWork { deliveries, waits, unseen, news, overdue } =
            self.store.read(move |view| view.due_work(now)).await?;
        let mut tally = Tally::default();
        for delivery in deliveries {
            tally.count(self.due(move |parts, tx, now| parts.tell_of_delivery(tx, &delivery, now)).await)?;
        }
        for agent in self.store.read(move |view| view.absences_over(now)).await? {
            tally.count(self.due(move |_, tx, now| tx.end_absence(&agent, now)).await)?;
        }
        for wait in waits {
            tally.count(self.due(move |parts, tx, now| parts.wake(tx, wait.0, now)).await)?;
        }
        for mail in unseen {
            tally.count(self.due(move |parts, tx, now| parts.show_unfetched(tx, &mail, now)).await)?;
        }
        for waiting in news {
            tally.count(self.due(move |parts, tx, now| parts.tell_kept(tx, &waiting, now)).await)?;
        }
        for answer in overdue {
            tally.count(self.due(move |parts, tx, now| parts.drop_held(tx, &answer, now)).await)?;
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

    /// Tries a quarantined mail again; `None` when it has to be fetched first, which the daemon does. The minimal ticket
    /// stays in its place and says what became of the mail.
    pub async fn retry_quarantined(&self, id: QuarantineId) -> Result<Option<Fate>, StoreError> {
        match self.store.write(move |tx| tx.quarantine_retry(id)).await? {
            Retry::Fetch => Ok(None),
            Retry::Decide(spooled) => Ok(self.ingest(vec![spooled]).await?.into_iter().next()),
        }
    }

    /// What would become of `bytes`, found in `mailbox`; changes nothing. Without a store there are no tickets to join.
    pub async fn explain(&self, bytes: Vec<u8>, mailbox: MailboxId) -> Result<Explanation, StoreError> {
        let now = self.clock.now();
        let (folder, arrival) = ("INBOX".to_owned(), Arrival::Live);
        let raw = RawMail { mailbox, folder, bytes: bytes.into(), received_at: now, arrival, omitted: None };
        let parts = Arc::clone(&self.parts);
        self.store
            .read(move |view| {
                let mut mail = parse(&raw.bytes, Some(&parts.signer));
                let attachments: Arc<[Attachment]> = std::mem::take(&mut mail.attachments).into();
                let (link, route, plan) = parts.plan(view, &raw, &mail, &attachments, now)?;
                mail.attachments = attachments.to_vec();
                Ok(Explanation { mail, link, route, plan })
            })
            .await
    }
}

impl Parts {
    /// Parses a mail; a panic while reading it is caught and becomes the reason for its quarantine.
    fn read(&self, spooled: Spooled) -> Read {
        let Spooled { ledger, attempts, mail: raw, .. } = spooled;
        let mail = if attempts > MAX_ATTEMPTS {
            Err(format!("{MAX_ATTEMPTS} attempts to handle it ended before they were done"))
        } else {
            catch_unwind(AssertUnwindSafe(|| parse(&raw.bytes, Some(&self.signer))))
                .map_err(|_| "reading it failed, which is a fault of postroom: please report it".to_owned())
                .and_then(readable)
        };
        let (mail, attachments) = match mail {
            Ok(mut mail) => {
                let attachments = std::mem::take(&mut mail.attachments).into();
                (Ok(mail), attachments)
            }
            Err(reason) => (Err(reason), Arc::from([])),
        };
        Read { ledger, raw, mail, attachments }
    }

    /// One mail, inside the write transaction. A mail decided before (by a command beside us) is not decided again.
    fn take(&self, tx: &Tx<'_>, read: &Read, now: Timestamp) -> Result<Fate, StoreError> {
        let Standing { fate, shown_by } = tx.standing(read.ledger)?;
        if let Some(fate) = fate {
            return Ok(fate);
        }
        let mail = match &read.mail {
            Ok(mail) => mail,
            Err(reason) => return self.quarantine(tx, read, reason, now),
        };
        let (_, _, mut plan) = self.plan(tx, &read.raw, mail, &read.attachments, now)?;
        if let Some(minimal) = shown_by {
            plan.events.extend(plan.fate.as_ref().map(|fate| decide::released(minimal, fate)));
        }
        // What is ignored in the Sent folder may be a mail to us: the copy that arrives is judged by itself.
        let forgotten = self.policy.is_sent(&read.raw) && matches!(plan.fate, Some(Fate::Ignored(_)));
        let fingerprint = if forgotten { [0; 32] } else { mail.fingerprint };
        self.apply(tx, plan, Some((read.ledger, fingerprint)), &read.raw.mailbox, now)
    }

    /// Writes a plan with its mails; notifications that have to wait are kept.
    fn apply(
        &self,
        tx: &Tx<'_>,
        mut plan: Plan,
        cause: Option<(LedgerId, [u8; 32])>,
        mailbox: &MailboxId,
        now: Timestamp,
    ) -> Result<Fate, StoreError> {
        let held_back = self.hold_back(tx, &mut plan, mailbox, now)?;
        self.tell_of_stopped(tx, &mut plan, mailbox, now)?;
        let hands = telling::hands(&plan, &held_back);
        let fate = self.write(tx, plan, cause, mailbox, now)?;
        for (draft, due, gathered) in &held_back {
            tx.keep_news(draft, *due, *gathered, now)?;
        }
        self.redirect_pending(tx, &hands, now)?;
        Ok(fate)
    }

    fn write(
        &self,
        tx: &Tx<'_>,
        mut plan: Plan,
        cause: Option<(LedgerId, [u8; 32])>,
        mailbox: &MailboxId,
        now: Timestamp,
    ) -> Result<Fate, StoreError> {
        let keys = ticket_keys(tx, &plan)?;
        let largest_mail = if plan.mails.is_empty() { None } else { tx.largest_mail()? };
        let written = |draft| compose_within(draft, &self.policy, &self.signer, &keys, now, largest_mail);
        let mut outgoing: Vec<Outgoing> = plan.mails.iter().map(written).collect();
        wait_together(&mut outgoing);
        name_answers(&mut plan, &outgoing);
        let fallback_from = self.address_of(mailbox);
        let application =
            Application { plan: &plan, outgoing: &outgoing, cause, mailbox, fallback_from: &fallback_from, now };
        tx.apply(&application)?;
        Ok(plan.fate.unwrap_or_else(|| Fate::Ignored(String::new())))
    }

    fn quarantine(&self, tx: &Tx<'_>, read: &Read, reason: &str, now: Timestamp) -> Result<Fate, StoreError> {
        let plan = if let Some(minimal) = tx.standing(read.ledger)?.shown_by {
            decide::held_again(minimal, reason)
        } else {
            let counters = tx.counters(None, &read.raw.mailbox, now)?;
            let mut plan = decide::quarantined(&self.policy, &read.raw, reason, counters, now);
            decide::spare_the_absent(&mut plan, &tx.absences()?);
            plan
        };
        self.apply(tx, plan, Some((read.ledger, [0; 32])), &read.raw.mailbox, now)
    }

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

    fn drop_held(&self, tx: &Tx<'_>, overdue: &Overdue, now: Timestamp) -> Result<(), StoreError> {
        let Some(ticket) = tx.ticket(overdue.ticket)? else { return Ok(()) };
        if !tx.is_held(overdue.message)? {
            return Ok(());
        }
        let counters = tx.counters(None, &ticket.mailbox, now)?;
        let plan = decide::expired(&self.policy, &ticket, overdue, counters);
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

    fn address_of(&self, mailbox: &MailboxId) -> Address {
        let own = self.policy.mailbox(mailbox).or(self.policy.mailboxes.first());
        own.map_or_else(Address::unknown_sender, |mailbox| mailbox.address.clone())
    }
}

/// A mail without anything that a mail has cannot be shown to anybody as a message: it is held.
fn readable(mail: ParsedMail) -> Result<ParsedMail, String> {
    let nameless = mail.from.is_none() && mail.message_id.is_none() && mail.date.is_none();
    if nameless && mail.subject.is_empty() && mail.to.is_empty() {
        return Err("it has none of the headers that a mail has".to_owned());
    }
    Ok(mail)
}

#[cfg(test)]
mod tests;

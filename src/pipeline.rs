//! The flow: parse → facts → thread → classify → decide → compose → apply, one transaction a mail (a batch shares its commit).
//!
//! What goes wrong with one mail (a panic, an odd value) never concerns another: it is tried alone, then quarantined.

mod by_hand;
mod deliveries;
mod forward;
mod gather;
mod letter;
mod mirror;
mod planning;
mod staffing;
mod stopped;
mod telling;
mod threading;
mod tick;
mod undelivered;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

pub use self::by_hand::ChangedByHand;
use self::letter::Letter;
use self::planning::Planned;
use self::tick::LastLook;
use crate::classify::Classifier;
use crate::clock::{Clock, Stopwatch};
use crate::compose::{TicketKeys, compose_within, own_phrases};
use crate::decide;
use crate::model::address::Address;
use crate::model::id::{LedgerId, MailboxId, QuarantineId, TicketNumber};
use crate::model::link::{Link, Route};
use crate::model::mail::{Arrival, ParsedMail, RawMail};
use crate::model::outgoing::{Draft, Outgoing, OutgoingKind, OwnPhrases};
use crate::model::plan::{Fate, Plan};
use crate::model::policy::Policy;
use crate::model::ticket::MessageKind;
use crate::model::token::Signer;
use crate::store::ledger::Spooled;
use crate::store::quarantine::Retry;
use crate::store::{Application, Standing, Store, StoreError, Tx};

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
    letter: Result<Letter, String>,
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
                let letter = parts.letter(&raw);
                let Planned { link, route, plan } = parts.plan(view, &raw, &letter, now)?;
                let Letter { mail, attachments, marked, .. } = letter;
                let mail = ParsedMail { attachments: attachments.to_vec(), automated: marked, ..mail };
                Ok(Explanation { mail, link, route, plan })
            })
            .await
    }
}

impl Parts {
    /// Parses a mail; a panic while reading it is caught and becomes the reason for its quarantine.
    fn read(&self, spooled: Spooled) -> Read {
        let Spooled { ledger, attempts, mail: raw, .. } = spooled;
        let letter = if attempts > MAX_ATTEMPTS {
            Err(format!("{MAX_ATTEMPTS} attempts to handle it ended before they were done"))
        } else {
            catch_unwind(AssertUnwindSafe(|| self.letter(&raw)))
                .map_err(|_| "reading it failed, which is a fault of postroom: please report it".to_owned())
                .and_then(readable)
        };
        Read { ledger, raw, letter }
    }

    /// One mail, inside the write transaction. A mail decided before (by a command beside us) is not decided again.
    fn take(&self, tx: &Tx<'_>, read: &Read, now: Timestamp) -> Result<Fate, StoreError> {
        let Standing { fate, shown_by } = tx.standing(read.ledger)?;
        if let Some(fate) = fate {
            return Ok(fate);
        }
        let letter = match &read.letter {
            Ok(letter) => letter,
            Err(reason) => return self.quarantine(tx, read, reason, now),
        };
        let Planned { mut plan, .. } = self.plan(tx, &read.raw, letter, now)?;
        if let Some(minimal) = shown_by {
            plan.events.extend(plan.fate.as_ref().map(|fate| decide::released(minimal, fate)));
        }
        // What is ignored in the Sent folder may be a mail to us: the copy that arrives is judged by itself.
        let forgotten = self.policy.is_sent(&read.raw) && matches!(plan.fate, Some(Fate::Ignored(_)));
        let fingerprint = if forgotten { [0; 32] } else { letter.mail.fingerprint };
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
        let reassignments = decide::Reassignments::of(&plan, held_back.iter().map(|(draft, ..)| draft.as_ref()));
        let fate = self.write(tx, plan, cause, mailbox, now)?;
        for (draft, due, gathered) in &held_back {
            tx.keep_news(draft, *due, *gathered, now)?;
        }
        self.kept_changes_hands(tx, &reassignments, now)?;
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

    fn address_of(&self, mailbox: &MailboxId) -> Address {
        let own = self.policy.mailbox(mailbox).or(self.policy.mailboxes.first());
        own.map_or_else(Address::unknown_sender, |mailbox| mailbox.address.clone())
    }
}

/// A mail without anything that a mail has cannot be shown to anybody as a message: it is held.
fn readable(letter: Letter) -> Result<Letter, String> {
    let mail = &letter.mail;
    let nameless = mail.from.is_none() && mail.message_id.is_none() && mail.date.is_none();
    if nameless && mail.subject.is_empty() && mail.to.is_empty() {
        return Err("it has none of the headers that a mail has".to_owned());
    }
    Ok(letter)
}

/// Colleagues are told of an answer when it leaves: it may be withdrawn until then.
fn wait_together(outgoing: &mut [Outgoing]) {
    let answer = outgoing.iter().find(|mail| mail.kind == OutgoingKind::Answer);
    let Some(not_before) = answer.and_then(|answer| answer.not_before) else { return };
    for mail in outgoing.iter_mut().filter(|mail| mail.kind == OutgoingKind::Notification) {
        mail.not_before = Some(not_before);
    }
}

/// An answer stands on its ticket under the Message-ID that it is sent with.
fn name_answers(plan: &mut Plan, outgoing: &[Outgoing]) {
    let Some(answer) = outgoing.iter().find(|mail| mail.kind == OutgoingKind::Answer) else { return };
    for message in plan.messages.iter_mut().filter(|message| message.kind == MessageKind::Agent) {
        message.message_id = Some(answer.message_id.clone());
    }
}

/// The keys of the tickets that the mails of a plan bear tokens for.
fn ticket_keys(tx: &Tx<'_>, plan: &Plan) -> Result<TicketKeys, StoreError> {
    let mut keys = TicketKeys::default();
    for number in plan.mails.iter().flat_map(Draft::tickets) {
        if let Some(key) = tx.ticket_key(number)? {
            keys.tickets.insert(number, key);
        }
        let renewed = tx.renewed_keys(number)?;
        keys.renewed.extend(renewed.into_iter().map(|(agent, key)| ((number, agent), key)));
    }
    keys.tickets.extend(plan.open.iter().map(|ticket| (ticket.number, ticket.key)));
    keys.renewed.extend(plan.renewed.iter().map(|(number, agent, key)| ((*number, agent.clone()), *key)));
    Ok(keys)
}

#[cfg(test)]
mod tests;

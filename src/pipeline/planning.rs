//! From a mail to what happens because of it: thread, classify, gather, decide. Reads the store, changes nothing.

use jiff::Timestamp;

use super::forward::{self, Handed};
use super::letter::Letter;
use super::threading::Threaded;
use super::{Parts, deliveries};
use crate::decide::{self, Case, Incoming, Traces};
use crate::model::address::Address;
use crate::model::correspondent::author;
use crate::model::facts::Counters;
use crate::model::id::TicketNumber;
use crate::model::link::{Clues, Link, Route, TokenClue};
use crate::model::mail::{ParsedMail, RawMail};
use crate::model::plan::Plan;
use crate::model::ticket::SenderVerdict;
use crate::store::{StoreError, View};
use crate::thread;

/// What is to become of a mail.
pub(super) struct Planned {
    pub(super) link: Link,
    pub(super) route: Route,
    pub(super) plan: Plan,
}

impl Parts {
    /// What a mail belongs to, where it goes, what happens.
    pub(super) fn plan(
        &self,
        view: &View<'_>,
        raw: &RawMail,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<Planned, StoreError> {
        let mut threaded = self.thread(view, raw, letter, now)?;
        // What an agent passes on with `#fwd` is taken as if the customer had written it to us.
        let handed = forward::unwrap(&threaded.link, &letter.mail, &letter.attachments, raw);
        let (mail, attachments) = match &handed {
            Some(Handed { mail, attachments, .. }) => (mail, attachments),
            None => (&letter.mail, &letter.attachments),
        };
        // Our server judged the agent's mail and not the customer's inside it.
        let sender = if handed.is_some() { SenderVerdict::Unknown } else { letter.verdict };
        self.lead_to_sibling(view, mail, &mut threaded)?;
        let mut route = self.route(raw, mail, &threaded);
        if let Some(plan) = self.needs_no_decision(view, raw, mail, &threaded)? {
            return Ok(Planned { link: threaded.link, route, plan });
        }

        let (mut counters, named) = self.counters(view, raw, mail, &threaded, now)?;
        let robot = robot(self, view, mail, &threaded.link, &counters, now)?;
        if self.folds(view, raw, mail, &mut threaded, &mut counters, robot.as_deref(), now)? {
            route = self.route(raw, mail, &threaded);
        }
        let traces = self.traces(mail, &threaded.clues);
        let mut known = self.gather(view, letter, mail, &threaded, &route, traces)?;
        known.forward = handed.as_ref().map(|handed| handed.on.clone());

        let incoming = Incoming {
            policy: &self.policy,
            phrases: &self.phrases,
            raw,
            mail,
            attachments,
            verified: letter.verdict == SenderVerdict::Verified,
            sender,
            traces,
            link: &threaded.link,
            route: &route,
            sent_words: &known.sent_words,
            below: known.below.as_deref(),
            robot: robot.as_deref(),
            staff: &known.staff,
            counters,
            now,
        };
        let mut plan = decide::decide(&Case::of(incoming, threaded.ticket(), &known));
        plan.sender = sender;
        if matches!(threaded.link, Link::Ticket { agent: Some(_), .. }) {
            if let Some((author, keys)) = thread::shown(mail, &threaded.clues, &self.policy) {
                self.dead_keys(view, &author, &keys, &counters, &mut plan)?;
            }
        } else if matches!(threaded.link, Link::New { .. } | Link::Ticket { .. }) {
            let keys = thread::leaked(mail, attachments, &threaded.clues, &self.policy, &self.signer);
            self.dead_keys(view, &author(mail).address, &keys, &counters, &mut plan)?;
        }
        plan.came_for = known.came_for.as_ref().map(|merged| merged.number);
        plan.named = named;
        if view.restored_at()?.is_some_and(|restored_at| raw.received_at.as_second() <= restored_at.as_second()) {
            decide::say_nothing_again(&mut plan);
        }
        Ok(Planned { link: threaded.link, route, plan })
    }

    fn route(&self, raw: &RawMail, mail: &ParsedMail, threaded: &Threaded) -> Route {
        self.classifier.route(&self.policy, mail, &raw.mailbox, threaded.stays())
    }

    /// What becomes of a mail that was taken before, or that nobody wants to read.
    fn needs_no_decision(
        &self,
        view: &View<'_>,
        raw: &RawMail,
        mail: &ParsedMail,
        threaded: &Threaded,
    ) -> Result<Option<Plan>, StoreError> {
        let duplicate_of = match threaded.facts.duplicate_of {
            Some(_) if deliveries::is_nameless(mail) => deliveries::copy_of(view, raw, mail)?,
            known => known,
        };
        if let Some(known) = duplicate_of
            && !deliveries::proves_more(view, threaded, mail)?
        {
            return Ok(Some(decide::duplicate(known.ticket)));
        }
        let Some(address) = decide::mutable(&self.policy, mail, &threaded.link) else { return Ok(None) };
        let muted = view.muted_by(&address)?;
        Ok(muted.map(|(agent, number)| decide::from_muted(address, &agent, number)))
    }

    /// The next numbers and what was counted; and the number of a ticket that this database does not know any more.
    fn counters(
        &self,
        view: &View<'_>,
        raw: &RawMail,
        mail: &ParsedMail,
        threaded: &Threaded,
        now: Timestamp,
    ) -> Result<(Counters, Option<TicketNumber>), StoreError> {
        let correspondent = decide::correspondent(&self.policy, mail, &threaded.link);
        let mut counters = view.counters(correspondent.as_ref(), &raw.mailbox, now)?;
        let named = threaded.clues.named.filter(|number| *number >= counters.next_ticket);
        if let Some(number) = named {
            counters.next_ticket = TicketNumber(number.0.saturating_add(1));
        }
        if let Some(domain) = decide::writes_for_another(&self.policy, mail) {
            counters.domain.for_others = view.receipts_for_others(&domain, now)?;
        }
        Ok((counters, named))
    }

    /// Whether a mail shows a key of an agent, of whatever ticket.
    pub(super) fn traces(&self, mail: &ParsedMail, clues: &Clues) -> Traces {
        let signed = !clues.tokens.is_empty() || !clues.void.is_empty();
        let shown = || !thread::leaked(mail, &[], clues, &self.policy, &self.signer).is_empty();
        if signed || shown() { Traces::Key } else { Traces::None }
    }

    /// Keys of agents that `holder` has, who is none of us, count no more.
    fn dead_keys(
        &self,
        view: &View<'_>,
        holder: &Address,
        keys: &[TokenClue],
        counters: &Counters,
        plan: &mut Plan,
    ) -> Result<(), StoreError> {
        for token in keys {
            let Some(ticket) = view.ticket(token.ticket)? else { continue };
            if self.policy.agent(&token.agent).is_some() && ticket.made_for(token.seal, &token.agent) {
                let (fresh, serial) = (counters.fresh_key, counters.next_serial);
                decide::key_is_dead(plan, &self.policy, &ticket, &token.agent, holder, fresh, serial);
            }
        }
        Ok(())
    }
}

/// Why a robot behind ever other addresses must have written the mail.
fn robot(
    parts: &Parts,
    view: &View<'_>,
    mail: &ParsedMail,
    link: &Link,
    counters: &Counters,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let Some(address) = decide::suspect(&parts.policy, mail, link, counters) else { return Ok(None) };
    let before = view.begun_texts(&address, now)?;
    Ok(decide::robot(mail, &address, link, counters, &before))
}

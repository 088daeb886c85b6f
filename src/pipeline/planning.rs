//! From a mail to what happens because of it: thread, classify, decide. Reads the store, changes nothing.

use std::sync::Arc;

use jiff::Timestamp;

use super::knowledge::Knowledge;
use super::{Parts, below, deliveries, direct, forward};
use crate::decide::{self, Case, Traces};
use crate::model::address::Address;
use crate::model::correspondent::{author, speaks_for_a_human};
use crate::model::facts::{Counters, ThreadFacts};
use crate::model::id::{MessageKey, TicketNumber};
use crate::model::link::{Clues, Link, Route, ThreadReason, TokenClue};
use crate::model::mail::{Attachment, ParsedMail, RawMail};
use crate::model::plan::Plan;
use crate::model::surroundings::Surroundings;
use crate::model::ticket::{SenderVerdict, Ticket};
use crate::parse::{addresses_in, formatted, new_words, new_words_of_html};
use crate::store::{StoreError, View};
use crate::thread::{self, Moment};

impl Parts {
    /// What a mail belongs to, where it goes, what happens.
    pub(super) fn plan(
        &self,
        view: &View<'_>,
        raw: &RawMail,
        mail: &ParsedMail,
        attachments: &Arc<[Attachment]>,
        now: Timestamp,
    ) -> Result<(Link, Route, Plan), StoreError> {
        let human;
        let mail = if speaks_for_a_human(&self.policy, mail) {
            human = ParsedMail { automated: None, ..mail.clone() };
            &human
        } else {
            mail
        };
        let verdict = thread::verdict(mail, &self.policy);
        let verified = verdict == SenderVerdict::Verified;
        let mut clues = thread::clues(mail, &self.policy, &self.signer);
        let facts = view.thread_facts(&clues, &mail.fingerprint)?;
        thread::prove(&mut clues, &facts);
        let sent = self.policy.is_sent(raw);
        let moment = Moment { now, silent: decide::says_nothing(mail, attachments), sent };
        let (mut link, came_for) = thread::lead(thread::resolve(mail, &clues, &facts, &self.policy, moment), &facts);
        // What an agent passes on with `#fwd` is taken as if the customer had written it to us.
        let handed = forward::unwrap(&link, mail, attachments, raw);
        let (handed_on, mail, attachments) = match &handed {
            Some(handed) => (Some(&handed.on), &handed.mail, &handed.attachments),
            None => (None, mail, attachments),
        };
        // Our server judged the agent's mail and not the customer's inside it.
        let sender = if handed_on.is_some() { SenderVerdict::Unknown } else { verdict };
        let ticket = on(&link).and_then(|number| facts.ticket(number));
        let sibling = direct::sibling(view, &self.policy, &mut link, ticket, mail)?;
        let ticket = sibling.as_ref().or(ticket);
        let kept_by = ticket.or_else(|| followed(&link, &facts));
        let follow_up = kept_by.map(|ticket| (ticket.number, &ticket.department));
        let mut route = self.classifier.route(&self.policy, mail, &raw.mailbox, follow_up);
        let direct = direct::facts(view, &link, ticket, mail)?;
        let duplicate_of = match facts.duplicate_of {
            Some(_) if deliveries::is_nameless(mail) => deliveries::copy_of(view, raw, mail)?,
            known => known,
        };
        if let Some(known) = duplicate_of
            && !direct::proves_more(&link, direct.as_ref())
        {
            return Ok((link, route, decide::duplicate(known.ticket)));
        }
        if let Some(address) = decide::mutable(&self.policy, mail, &link)
            && let Some((agent, number)) = view.muted_by(&address)?
        {
            return Ok((link, route, decide::from_muted(address, &agent, number)));
        }
        let mut others = match (&link, follow_up) {
            (Link::New { .. } | Link::Forward { .. }, None) => self.classifier.others(&self.policy, mail, &route),
            _ => Vec::new(),
        };
        let is_customer = matches!(link, Link::Ticket { agent: None, .. });
        let is_agent = matches!(link, Link::Ticket { agent: Some(_), .. });
        let rich = is_agent.then(|| formatted(&raw.bytes)).flatten();
        let beside = (is_agent && !mail.html).then(|| new_words_of_html(&raw.bytes)).flatten();
        let asked = match (ticket, &link) {
            (Some(ticket), Link::Ticket { agent: Some(agent), .. }) => {
                let verbs = clues.tokens.iter().filter(|token| token.agent == *agent && token.ticket == ticket.number);
                let verbs: Vec<String> = verbs.filter_map(|token| token.verb.clone()).collect();
                decide::Request::of(mail, &self.policy).on(ticket, &verbs, &self.policy)
            }
            _ => decide::Instructions::default(),
        };
        let needs = decide::needs(&asked, mail);
        let Knowledge { last_words, notes, answered, reading, held } = match (ticket, &link) {
            (Some(ticket), Link::Ticket { agent: Some(agent), .. }) => {
                self.knowledge(view, mail, ticket, agent, &clues, &asked)?
            }
            _ => Knowledge::default(),
        };
        let told_words = match ticket.filter(|_| is_agent && needs.told_words) {
            Some(ticket) => self.told_words(view, ticket.number)?,
            None => last_words.clone(),
        };
        let read_by = if let Link::Ticket { number, agent: Some(agent), .. } = &link {
            thread::reader(&clues, &facts, *number, agent)
        } else {
            None
        };
        let sent_words = match ticket.filter(|_| is_customer) {
            Some(ticket) => view.sent_words(ticket.number)?,
            None => Vec::new(),
        };
        let traces = self.traces(mail, &clues);
        let below = match ticket.filter(|_| is_customer) {
            Some(ticket) => Some(below::unseen(view, mail, ticket.number, MessageKey(i64::MAX), traces)?),
            None => None,
        };
        let mut family = Vec::new();
        let came_for = came_for.and_then(|number| facts.ticket(number));
        let written_to = came_for.or(ticket).filter(|_| is_customer);
        for sibling in written_to.into_iter().flat_map(|ticket| &ticket.siblings) {
            if on(&link) != Some(sibling.number) {
                family.extend(view.ticket(sibling.number)?);
            }
        }
        let mut surroundings = match ticket.filter(|_| matches!(link, Link::Ticket { agent: Some(_), .. })) {
            Some(ticket) => view.surroundings(ticket, &needs)?,
            None => Surroundings::default(),
        };
        surroundings.cut_quotes(new_words);
        let correspondent = decide::correspondent(&self.policy, mail, &link);
        let mut counters = view.counters(correspondent.as_ref(), &raw.mailbox, now)?;
        let named = clues.named.filter(|number| *number >= counters.next_ticket);
        if let Some(number) = named {
            // It was given in a state of the database that is lost.
            counters.next_ticket = TicketNumber(number.0.saturating_add(1));
        }
        if let Some(domain) = decide::writes_for_another(&self.policy, mail) {
            counters.domain.for_others = view.receipts_for_others(&domain, now)?;
        }
        let robot = match decide::suspect(&self.policy, mail, &link, &counters) {
            Some(address) => {
                let before = view.begun_texts(&address, now)?;
                decide::robot(mail, &address, &link, &counters, &before)
            }
            None => None,
        };
        let flooded = decide::folds_into(&self.policy, &link, raw.arrival, &counters, robot.as_deref());
        let flooded_into =
            flooded.map(|number| view.lead(number).and_then(|lead| view.ticket(lead))).transpose()?.flatten();
        if let Some(newest) = &flooded_into {
            link = Link::Ticket { number: newest.number, reason: ThreadReason::Flood, agent: None };
            let stays = Some((newest.number, &newest.department));
            route = self.classifier.route(&self.policy, mail, &raw.mailbox, stays);
            others.clear();
        }
        let stray = mail.bounce.is_some() && matches!(link, Link::New { .. });
        if stray {
            counters.stray = view.stray_count(&decide::unreached(mail), now)?;
        }
        let others_like_it = decide::stands_with(&counters.stray).filter(|_| stray);
        let others_like_it = others_like_it.map(|number| view.lead(number).and_then(|lead| view.ticket(lead)));
        let newest = others_like_it.transpose()?.flatten().inspect(|found| {
            link = Link::Ticket { number: found.number, reason: ThreadReason::StrayBounce, agent: None };
            let stays = Some((found.number, &found.department));
            route = self.classifier.route(&self.policy, mail, &raw.mailbox, stays);
            others.clear();
        });
        let newest = newest.or(flooded_into);
        let staff = self.staff(view, &link, &needs)?;
        let mut plan = decide::decide(&Case {
            policy: &self.policy,
            phrases: &self.phrases,
            raw,
            mail,
            attachments,
            verified,
            sender,
            rich: rich.as_ref(),
            link: &link,
            route: &route,
            others: &others,
            ticket: newest.as_ref().or(ticket),
            family: &family,
            came_for,
            asked: &asked,
            surroundings: &surroundings,
            forward: handed_on,
            sent_words: &sent_words,
            traces,
            below: below.as_deref(),
            last_words: last_words.as_ref(),
            told_words: told_words.as_ref(),
            notes: &notes,
            answered: &answered,
            beside: beside.as_deref(),
            addresses_in,
            direct: direct.as_ref(),
            staff: &staff,
            read_by,
            reading: &reading,
            held: held.as_ref(),
            robot: robot.as_deref(),
            counters,
            now,
        });
        plan.sender = sender;
        if is_agent {
            if let Some((author, keys)) = thread::shown(mail, &clues, &self.policy) {
                self.dead_keys(view, &author, &keys, &counters, &mut plan)?;
            }
        } else if matches!(link, Link::New { .. } | Link::Ticket { .. }) {
            let keys = thread::leaked(mail, attachments, &clues, &self.policy, &self.signer);
            self.dead_keys(view, &author(mail).address, &keys, &counters, &mut plan)?;
        }
        plan.came_for = came_for.map(|merged| merged.number);
        plan.named = named;
        if view.restored_at()?.is_some_and(|restored_at| raw.received_at.as_second() <= restored_at.as_second()) {
            decide::say_nothing_again(&mut plan);
        }
        Ok((link, route, plan))
    }
}

impl Parts {
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

fn on(link: &Link) -> Option<TicketNumber> {
    match link {
        Link::Ticket { number, .. } | Link::Bounce { number, .. } => Some(*number),
        Link::Direct { number, .. } => *number,
        Link::Own | Link::Unticketed { .. } | Link::Unproven { .. } | Link::New { .. } | Link::Forward { .. } => None,
    }
}

/// The closed ticket that a new one follows: it keeps the mail in its department.
fn followed<'f>(link: &Link, facts: &'f ThreadFacts) -> Option<&'f Ticket> {
    match link {
        Link::New { reason: ThreadReason::Closed, possibly_related: Some(number) } => facts.ticket(*number),
        Link::Own
        | Link::Unticketed { .. }
        | Link::Unproven { .. }
        | Link::New { .. }
        | Link::Forward { .. }
        | Link::Ticket { .. }
        | Link::Direct { .. }
        | Link::Bounce { .. } => None,
    }
}

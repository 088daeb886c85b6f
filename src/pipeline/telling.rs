//! Notifications in time: what has to wait is kept in the transaction that decided it, and told by a tick when it is due.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::Parts;
use crate::decide::{self, Heard, Meanwhile, Pace, Reassignments, Telling};
use crate::model::habits::Notify;
use crate::model::id::{MailboxId, MessageKey};
use crate::model::news::{Gathered, Kept, KeptNews};
use crate::model::outgoing::{Draft, NotificationDraft};
use crate::model::plan::Plan;
use crate::model::ticket::Priority;
use crate::store::{StoreError, Tx, Waiting};

/// How long what was found again after a restore is collected, to be told in one mail.
const COLLECT_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// How long is collected what there is too much of for single mails.
const COLLECT_CROWD: SignedDuration = SignedDuration::from_mins(30);

/// Notifications that wait, each with the moment until which, and whether with others.
pub(super) type HeldBack = Vec<(Box<NotificationDraft>, Timestamp, Gathered)>;

impl Parts {
    /// Takes out of a plan the notifications that have to wait. One that goes now takes along what waits for its reader.
    pub(super) fn hold_back(
        &self,
        tx: &Tx<'_>,
        plan: &mut Plan,
        mailbox: &MailboxId,
        now: Timestamp,
    ) -> Result<HeldBack, StoreError> {
        let crowd = self.crowd(tx, plan, mailbox, now)?;
        let mut held = Vec::new();
        let mut goes = BTreeSet::new();
        for mail in std::mem::take(&mut plan.mails) {
            let Draft::Notification(draft) = mail else {
                plan.mails.push(mail);
                continue;
            };
            let last = tx.last_told(&draft.agent, draft.ticket)?;
            let after = |time| Pace::NotBefore(now.saturating_add(time).unwrap_or(now));
            let (pace, gathered) = if plan.again {
                (after(COLLECT_AGAIN), Gathered::Again)
            } else if crowd.holds(&draft, &self.policy) {
                (after(COLLECT_CROWD), Gathered::Crowd)
            } else if goes.contains(&(draft.agent.clone(), draft.ticket)) {
                (Pace::NotBefore(decide::after_one(&self.policy, now)), Gathered::No)
            } else {
                (decide::pace_of(&self.policy, &draft, last, now), Gathered::No)
            };
            match pace {
                Pace::NotBefore(due) => held.push((draft, due, gathered)),
                Pace::Now => {
                    goes.insert((draft.agent.clone(), draft.ticket));
                    plan.mails.push(Draft::Notification(Box::new(self.with_kept(tx, *draft, now)?)));
                }
            }
        }
        Ok(held)
    }

    fn with_kept(
        &self,
        tx: &Tx<'_>,
        draft: NotificationDraft,
        now: Timestamp,
    ) -> Result<NotificationDraft, StoreError> {
        let waiting = Waiting { agent: draft.agent.clone(), ticket: draft.ticket };
        if !tx.keeps_news(&waiting.agent, waiting.ticket)? {
            return Ok(draft);
        }
        let kept = tx.kept_news(&waiting.agent, waiting.ticket)?;
        tx.forget_news(&waiting)?;
        let answered = tx.answered_since(waiting.ticket, first_shown(&kept))?;
        let away = tx.absences()?;
        let meanwhile = Meanwhile { policy: &self.policy, answered: &answered, away: &away, now };
        Ok(decide::with_kept(draft, kept, now, meanwhile))
    }

    /// What is kept for agents who lose a ticket, or go away, is kept for others.
    pub(super) fn kept_changes_hands(
        &self,
        tx: &Tx<'_>,
        reassignments: &Reassignments,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for number in &reassignments.tickets {
            let Some(ticket) = tx.ticket(*number)? else { continue };
            let latest = tx.latest_of_customer(*number)?.unwrap_or(MessageKey(0));
            for agent in tx.keepers(*number)? {
                let successors = decide::successors(&self.policy, &ticket, &agent, latest, reassignments);
                let waiting = Waiting { agent, ticket: *number };
                for (heir, up_to) in successors {
                    tx.pass_on_news(&waiting, &heir, up_to, now)?;
                }
            }
        }
        for agent in &reassignments.leaving {
            for number in tx.kept_tickets(agent)? {
                let Some(ticket) = tx.ticket(number)? else { continue };
                let waiting = Waiting { agent: agent.clone(), ticket: number };
                let since = tx.kept_news(agent, number)?.news.first().map(|first| first.at);
                for other in decide::stand_ins(&self.policy, &ticket, agent) {
                    let last = tx.last_told(&other, number)?.map(|last| last.at);
                    let heard = Heard { last, keeps: tx.keeps_news(&other, number)? };
                    if decide::takes_over(&ticket, agent, since, heard) {
                        tx.share_news(&waiting, &other, now)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells an agent what was kept for them of a ticket, unless it has to wait longer.
    pub(super) fn tell_kept(&self, tx: &Tx<'_>, waiting: &Waiting, now: Timestamp) -> Result<(), StoreError> {
        let agent = self.policy.agent(&waiting.agent);
        let gathered = tx.is_gathered(&waiting.agent, waiting.ticket)?;
        if gathered || agent.is_some_and(|agent| agent.habits.notify == Notify::Digest) {
            return self.tell_digest(tx, waiting, now);
        }
        let kept = tx.kept_news(&waiting.agent, waiting.ticket)?;
        let (Some(first), Some(ticket)) = (kept.news.first(), tx.ticket(waiting.ticket)?) else {
            return tx.forget_news(waiting);
        };
        let last = tx.last_told(&waiting.agent, waiting.ticket)?;
        let telling = Telling { agent: &waiting.agent, priority: ticket.priority, since: first.at, last };
        if let Pace::NotBefore(due) = decide::pace(&self.policy, &telling, now) {
            return tx.postpone_news(waiting, due);
        }
        if let Some(leaves) = tx.tells_of_answer_until(waiting, now)? {
            return tx.postpone_news(waiting, leaves);
        }
        let answered = tx.answered_since(waiting.ticket, first_shown(&kept))?;
        let away = tx.absences()?;
        let meanwhile = Meanwhile { policy: &self.policy, answered: &answered, away: &away, now };
        let counters = tx.counters(None, &ticket.mailbox, now)?;
        let plan = decide::collected(&ticket, &waiting.agent, kept, meanwhile, counters);
        tx.forget_news(waiting)?;
        self.write(tx, plan, None, &ticket.mailbox, now).map(drop)
    }
}

impl Parts {
    /// Tells an agent all that was kept for them, once one ticket of it is due.
    fn tell_digest(&self, tx: &Tx<'_>, due: &Waiting, now: Timestamp) -> Result<(), StoreError> {
        let kept = tx.kept_news(&due.agent, due.ticket)?;
        let Some(first) = kept.news.first() else { return tx.forget_news(due) };
        let telling = Telling { agent: &due.agent, priority: Priority::Normal, since: first.at, last: None };
        if let Pace::NotBefore(moment) = decide::pace(&self.policy, &telling, now) {
            return tx.postpone_news(due, moment);
        }
        let (mut listed, mut again) = (Vec::new(), false);
        for ticket in tx.kept_tickets(&due.agent)? {
            let waiting = Waiting { agent: due.agent.clone(), ticket };
            again |= tx.found_again(&due.agent, waiting.ticket)?;
            if let Some(ticket) = tx.ticket(ticket)? {
                listed.push((ticket, tx.kept_news(&due.agent, waiting.ticket)?));
            }
            tx.forget_news(&waiting)?;
        }
        let Some(mailbox) = listed.first().map(|(ticket, _)| ticket.mailbox.clone()) else { return Ok(()) };
        let counters = tx.counters(None, &mailbox, now)?;
        let plan = decide::digest(&self.policy, &due.agent, listed, again, counters);
        self.write(tx, plan, None, &mailbox, now).map(drop)
    }
}

/// The message from which on answers count.
fn first_shown(kept: &Kept) -> MessageKey {
    kept.news.iter().map(|KeptNews { shows, .. }| *shows).min().unwrap_or(MessageKey(0))
}

//! The staff: what a decision about a mail needs to know of it, and what `postroom agent` does, each in one transaction.

use jiff::Timestamp;

use super::{Parts, Pipeline, below};
use crate::decide;
use crate::model::address::Person;
use crate::model::id::{AgentId, DepartmentId, MailboxId, MessageKey, TicketNumber};
use crate::model::link::Link;
use crate::model::mail::ParsedMail;
use crate::model::plan::Plan;
use crate::model::staff::{Absence, Assignment, AwayBy, Staff, WorkItem};
use crate::model::surroundings::Needs;
use crate::parse::parse;
use crate::store::{StoreError, Tx, View};
use crate::thread;

impl Parts {
    /// What is known of the staff, as far as a mail with this link needs it.
    pub(super) fn staff(&self, view: &View<'_>, link: &Link, needs: &Needs) -> Result<Staff, StoreError> {
        match link {
            Link::New { .. } | Link::Forward { .. } | Link::Direct { .. } => {
                let by_hand = |how: Assignment| how == Assignment::None;
                if self.policy.departments.iter().all(|department| by_hand(department.giving_out.how)) {
                    return Ok(Staff { away: view.absences()?, ..Staff::default() });
                }
                view.staff()
            }
            Link::Ticket { agent: Some(agent), .. } | Link::Unticketed { agent } => {
                let mut staff = view.staff()?;
                if needs.next {
                    let next = view.next_in_queue(&decide::queues(&self.policy, agent))?;
                    staff.next = next.map(|next| self.whole(view, next)).transpose()?.map(Box::new);
                }
                if needs.unanswered {
                    staff.unanswered = view.unanswered(agent)?;
                }
                Ok(staff)
            }
            Link::Own | Link::Bounce { .. } | Link::Unproven { .. } | Link::Ticket { agent: None, .. } => {
                Ok(Staff::default())
            }
        }
    }

    /// The last words of a customer on a ticket as a notification of them shows them: without what they quote.
    pub(super) fn told_words(
        &self,
        view: &View<'_>,
        number: TicketNumber,
    ) -> Result<Option<(Person, String)>, StoreError> {
        let Some((author, words)) = view.last_customer_words(number)? else { return Ok(None) };
        let Some(bytes) = view.last_customer_mail(number)? else { return Ok(Some((author, words))) };
        let told = self.told(view, &parse(&bytes, Some(&self.signer)), number)?;
        Ok(Some((author, told.unwrap_or(words))))
    }

    /// What is told of a customer's last mail: the new words, and what stands below them and nowhere before on the ticket.
    fn told(&self, view: &View<'_>, mail: &ParsedMail, number: TicketNumber) -> Result<Option<String>, StoreError> {
        if mail.reply.trim().is_empty() {
            return Ok(None);
        }
        let before = view.latest_of_customer(number)?.unwrap_or(MessageKey(0));
        let traces = self.traces(mail, &thread::clues(mail, &self.policy, &self.signer));
        let below = below::unseen(view, mail, number, before, traces)?;
        Ok(Some([mail.reply.as_str(), &below].join("\n\n").trim_end().to_owned()))
    }

    /// The ticket with all that a notification of its customer's last mail tells: their new words and their files.
    pub(super) fn whole(&self, view: &View<'_>, mut item: WorkItem) -> Result<WorkItem, StoreError> {
        let Some(bytes) = view.last_customer_mail(item.ticket.number)? else { return Ok(item) };
        let mut mail = parse(&bytes, Some(&self.signer));
        item.attachments = std::mem::take(&mut mail.attachments).into();
        let told = self.told(view, &mail, item.ticket.number)?;
        if let Some(((_, words), told)) = item.words.as_mut().zip(told) {
            *words = told;
        }
        Ok(item)
    }

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

//! All that a decision needs to know beside the mail and its ticket, looked up at once: for each kind of mail what it needs.

use std::sync::Arc;

use super::Parts;
use super::letter::{Letter, WordsOfAgent};
use super::threading::Threaded;
use crate::decide::{self, HeldMail, Instructions, Known, KnownOfAgent, Request, Traces, Verdict};
use crate::model::address::Person;
use crate::model::held::{Held, HeldState};
use crate::model::id::{AgentId, MailId, MessageKey, TicketNumber};
use crate::model::link::{Link, Route, ThreadReason};
use crate::model::mail::ParsedMail;
use crate::model::staff::{Assignment, Staff, WorkItem};
use crate::model::surroundings::Needs;
use crate::model::ticket::Ticket;
use crate::parse::{addresses_in, every_text, formatted, new_words, parse, without_introductions};
use crate::store::{StoreError, View};
use crate::thread;

impl Parts {
    /// What is known of a mail of this kind.
    pub(super) fn gather(
        &self,
        view: &View<'_>,
        letter: &Letter,
        mail: &ParsedMail,
        threaded: &Threaded,
        route: &Route,
        traces: Traces,
    ) -> Result<Known, StoreError> {
        let came_for = threaded.came_for.and_then(|number| threaded.facts.ticket(number)).cloned();
        let mut known = Known { came_for, ..Known::default() };
        match (&threaded.link, threaded.ticket()) {
            // A ticket that a flood is folded into is told nothing of it but that there is one more.
            (
                Link::Own
                | Link::Unproven { .. }
                | Link::Bounce { .. }
                | Link::Ticket { reason: ThreadReason::Flood | ThreadReason::StrayBounce, .. },
                _,
            )
            | (Link::Ticket { .. }, None) => {}
            (Link::Unticketed { agent }, _) => {
                known.staff = self.staff_for(view, agent, &decide::needs(&Instructions::default(), mail))?;
            }
            (Link::New { .. } | Link::Forward { .. }, _) => {
                if threaded.stays().is_none() {
                    known.others = self.classifier.others(&self.policy, mail, route);
                }
                known.staff = self.staff_for_new(view)?;
            }
            (Link::Direct { .. }, ticket) => {
                if let Some(ticket) = ticket {
                    known.direct = view.direct_facts(ticket.number, mail.message_id.as_ref())?;
                }
                known.staff = self.staff_for_new(view)?;
            }
            (Link::Ticket { agent: None, .. }, Some(ticket)) => {
                known.sent_words = view.sent_words(ticket.number)?;
                known.below = Some(unseen_below(view, mail, ticket.number, MessageKey(i64::MAX), traces)?);
                let written_to = known.came_for.as_ref().unwrap_or(ticket);
                for sibling in written_to.siblings.iter().filter(|sibling| sibling.number != ticket.number) {
                    known.family.extend(view.ticket(sibling.number)?);
                }
            }
            (Link::Ticket { agent: Some(agent), .. }, Some(ticket)) => {
                let words = letter.of_agent.clone().unwrap_or_default();
                let (of_agent, needs) = self.of_agent(view, (mail, words), threaded, ticket, agent)?;
                known.agent = Some(Box::new(of_agent));
                known.direct = view.direct_facts(ticket.number, mail.message_id.as_ref())?;
                known.staff = self.staff_for(view, agent, &needs)?;
            }
        }
        Ok(known)
    }

    /// What a decision about a mail of `agent` on `ticket` needs.
    fn of_agent(
        &self,
        view: &View<'_>,
        (mail, words): (&ParsedMail, WordsOfAgent),
        threaded: &Threaded,
        on: &Ticket,
        agent: &AgentId,
    ) -> Result<(KnownOfAgent, Needs), StoreError> {
        let (ticket, clues) = (on.number, &threaded.clues);
        let own = clues.tokens.iter().filter(|token| token.agent == *agent && token.ticket == ticket);
        let verbs: Vec<String> = own.clone().filter_map(|token| token.verb.clone()).collect();
        let asked = words.request.on(on, &verbs, &self.policy);
        let needs = decide::needs(&asked, mail);

        let ids: Vec<&MailId> = clues.ids.iter().map(|clue| &clue.id).collect();
        let mut reading = view.reading(ticket, agent, &ids, own.filter_map(|token| token.shows).max())?;
        let verdict = decide::verdict_of(&asked, reading.held.as_ref());
        let waiting = reading.held.as_ref().filter(|held| held.state == HeldState::Held);
        let mut notes_after = MessageKey(0);
        let mut held = None;
        let counts = matches!(verdict, Some(Verdict::Send | Verdict::Note));
        if let Some(waiting) = waiting.filter(|waiting| counts || waiting.is_asked_about()) {
            held = self.held_mail(view, waiting, on)?;
            if verdict == Some(Verdict::Send) {
                // They have read what the notice told them, and insist.
                reading.seen = reading.seen.max(Some(waiting.shows));
                notes_after = if waiting.leak { waiting.shows } else { notes_after };
            }
        }
        if let Some(seen) = reading.seen {
            reading.newer = view.newer(ticket, agent, seen)?;
            for newer in reading.newer.iter_mut().filter(|newer| newer.agent.is_none()) {
                newer.text = new_words(&newer.text);
            }
        }
        reading.said = view.said(ticket, agent)?;
        reading.said.customers.iter_mut().for_each(|text| *text = new_words(text));

        let quotes = !mail.quoted.trim().is_empty() || !mail.html;
        let told = if quotes { view.mails_told(ticket, agent, &ids)? } else { Vec::new() };
        let last_words = view.last_customer_words(ticket)?;
        let told_words = if needs.told_words { self.told_words(view, ticket)? } else { last_words.clone() };
        let mut surroundings = view.surroundings(on, &needs)?;
        surroundings.cut_quotes(new_words);
        let known = KnownOfAgent {
            asked,
            rich: words.rich,
            beside: words.beside,
            read_by: thread::reader(clues, &threaded.facts, ticket, agent),
            surroundings,
            last_words,
            told_words,
            notes: view.notes(ticket, notes_after)?,
            answered: told.iter().map(|bytes| every_text(bytes)).collect(),
            reading,
            held,
            addresses_in,
        };
        Ok((known, needs))
    }

    fn held_mail(&self, view: &View<'_>, held: &Held, on: &Ticket) -> Result<Option<HeldMail>, StoreError> {
        let Some(bytes) = view.bytes_of_message(held.message)? else { return Ok(None) };
        let mut mail = parse(&bytes, Some(&self.signer));
        let attachments: Arc<[_]> = std::mem::take(&mut mail.attachments).into();
        let asked = Request::of(&mail, &self.policy).on(on, &[], &self.policy);
        Ok(Some(HeldMail { mail, attachments, rich: formatted(&bytes), asked }))
    }

    /// The staff, for whatever gives out a ticket.
    fn staff_for_new(&self, view: &View<'_>) -> Result<Staff, StoreError> {
        let by_hand = |how: Assignment| how == Assignment::None;
        if self.policy.departments.iter().all(|department| by_hand(department.giving_out.how)) {
            return Ok(Staff { away: view.absences()?, ..Staff::default() });
        }
        view.staff()
    }

    /// The staff, for what `agent` asks for.
    fn staff_for(&self, view: &View<'_>, agent: &AgentId, needs: &Needs) -> Result<Staff, StoreError> {
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
        let below = unseen_below(view, mail, number, before, traces)?;
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
}

/// What stands below the words of a mail and in no earlier message of the ticket than `before`.
fn unseen_below(
    view: &View<'_>,
    mail: &ParsedMail,
    ticket: TicketNumber,
    before: MessageKey,
    traces: Traces,
) -> Result<String, StoreError> {
    if !decide::is_anything_below(mail) {
        return Ok(String::new());
    }
    let quoted = without_introductions(&mail.quoted);
    let mut known = view.public_texts(ticket, before)?;
    let left = decide::unseen_below(mail, &quoted, &known, traces);
    if left.is_empty() || known.is_empty() {
        return Ok(left);
    }
    // Our own mails carry more than the words on the ticket: a signature, a receipt.
    let sent = view.sent_mails(ticket)?;
    known.extend(sent.iter().map(|bytes| parse(bytes, None).text));
    Ok(decide::unseen_below(mail, &quoted, &known, traces))
}

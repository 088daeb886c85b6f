//! What an agent knew of a ticket when they wrote, and what is known of the answer of theirs that is held.

use std::sync::Arc;

use super::Parts;
use crate::decide::{HeldMail, Instructions, Request, Verdict, verdict_of};
use crate::model::address::Person;
use crate::model::held::{AgentContext, Held, HeldState};
use crate::model::id::{AgentId, MailId, MessageKey};
use crate::model::link::Clues;
use crate::model::mail::ParsedMail;
use crate::model::ticket::Ticket;
use crate::parse::{every_text, formatted, new_words, parse};
use crate::store::{StoreError, View};

/// Facts for a decision about an agent's mail.
#[derive(Default)]
pub(super) struct Knowledge {
    /// The last words of a customer.
    pub(super) last_words: Option<(Person, String)>,
    /// Notes that their answer must not carry.
    pub(super) notes: Vec<String>,
    /// What they had seen.
    pub(super) reading: AgentContext,
    /// All that the mails say which theirs answers.
    pub(super) answered: Vec<String>,
    /// The mail with their held answer, when this one says what to do with it.
    pub(super) held: Option<HeldMail>,
}

impl Parts {
    /// Looks up what a decision about a mail of `agent` on `ticket` needs.
    pub(super) fn knowledge(
        &self,
        view: &View<'_>,
        mail: &ParsedMail,
        on: &Ticket,
        agent: &AgentId,
        clues: &Clues,
        asked: &Instructions,
    ) -> Result<Knowledge, StoreError> {
        let ticket = on.number;
        let ids: Vec<&MailId> = clues.ids.iter().map(|clue| &clue.id).collect();
        let own = clues.tokens.iter().filter(|token| token.agent == *agent && token.ticket == ticket);
        let shown = own.filter_map(|token| token.shows).max();
        let mut reading = view.reading(ticket, agent, &ids, shown)?;
        let verdict = verdict_of(asked, reading.held.as_ref());
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
        let notes = view.notes(ticket, notes_after)?;
        let quotes = !mail.quoted.trim().is_empty() || !mail.html;
        let told = if quotes { view.mails_told(ticket, agent, &ids)? } else { Vec::new() };
        let answered = told.iter().map(|bytes| every_text(bytes)).collect();
        Ok(Knowledge { answered, last_words: view.last_customer_words(ticket)?, notes, reading, held })
    }

    fn held_mail(&self, view: &View<'_>, held: &Held, on: &Ticket) -> Result<Option<HeldMail>, StoreError> {
        let Some(bytes) = view.bytes_of_message(held.message)? else { return Ok(None) };
        let mut mail = parse(&bytes, Some(&self.signer));
        let attachments: Arc<[_]> = std::mem::take(&mut mail.attachments).into();
        let asked = Request::of(&mail, &self.policy).on(on, &[], &self.policy);
        Ok(Some(HeldMail { mail, attachments, rich: formatted(&bytes), asked }))
    }
}

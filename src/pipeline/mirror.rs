//! Moves of mails in a mailbox become changes of their tickets.

use std::sync::Arc;

use jiff::SignedDuration;

use super::Pipeline;
use crate::decide;
use crate::model::mirror::Place;
use crate::store::StoreError;
use crate::store::ledger::FolderKey;

/// After a restore from a backup, mails that were moved since it was taken are found within this time.
const FOUND_AGAIN: SignedDuration = SignedDuration::from_hours(1);

impl Pipeline {
    /// Takes note of the mails that have come to lie in the folder; those that a person put into a folder which stands for
    /// `place` change their tickets. One commit.
    pub async fn note_arrivals(&self, key: &FolderKey, place: Option<&Place>) -> Result<(), StoreError> {
        if !self.store.mirror_has_news(key).await? {
            return Ok(());
        }
        let (parts, now) = (Arc::clone(&self.parts), self.clock.now());
        let (key, place) = (key.clone(), place.cloned());
        let noting = move |tx: &crate::store::Tx<'_>| {
            for arrived in tx.mirror_arrivals(&key)? {
                let (Some(place), true) = (&place, arrived.by_person) else { continue };
                let Some(ticket) = tx.ticket(tx.lead(arrived.ticket)?)? else { continue };
                let mut plan = parts.with_knowledge(tx, &ticket, now, |knowledge| {
                    decide::moved_in_mailbox(&parts.policy, &ticket, place, &key.mailbox, knowledge)
                })?;
                if tx.restored_at()?.is_some_and(|restored_at| now.duration_since(restored_at) < FOUND_AGAIN) {
                    decide::say_nothing_again(&mut plan);
                }
                parts.apply(tx, plan, None, &ticket.mailbox, now)?;
            }
            Ok(())
        };
        self.store.write(noting).await
    }
}

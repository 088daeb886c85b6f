//! What has to agree between an answer's plan and the mails written for it.

use crate::compose::TicketKeys;
use crate::model::outgoing::{Draft, OutgoingKind};
use crate::model::plan::Plan;
use crate::model::ticket::MessageKind;
use crate::model::written::Outgoing;
use crate::store::{StoreError, Tx};

/// Colleagues are told of an answer when it leaves: it may be withdrawn until then.
pub(super) fn wait_together(outgoing: &mut [Outgoing]) {
    let answer = outgoing.iter().find(|mail| mail.kind == OutgoingKind::Answer);
    let Some(not_before) = answer.and_then(|answer| answer.not_before) else { return };
    for mail in outgoing.iter_mut().filter(|mail| mail.kind == OutgoingKind::Notification) {
        mail.not_before = Some(not_before);
    }
}

/// An answer stands on its ticket under the Message-ID that it is sent with.
pub(super) fn name_answers(plan: &mut Plan, outgoing: &[Outgoing]) {
    let Some(answer) = outgoing.iter().find(|mail| mail.kind == OutgoingKind::Answer) else { return };
    for message in plan.messages.iter_mut().filter(|message| message.kind == MessageKind::Agent) {
        message.message_id = Some(answer.message_id.clone());
    }
}

/// The keys of the tickets that the mails of a plan bear tokens for.
pub(super) fn ticket_keys(tx: &Tx<'_>, plan: &Plan) -> Result<TicketKeys, StoreError> {
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

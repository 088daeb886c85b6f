//! Whether a mail was taken before.
//!
//! Which of the mails that we have it is, when it has neither Message-ID nor Date: alarms of devices are alike to the letter.
//!
//! Two are one when the server received both within a minute, or when the same first server passed them on: one delivery
//! reaches several mailboxes, late perhaps. All others are two.

use jiff::SignedDuration;

use super::threading::Threaded;
use crate::model::facts::Known;
use crate::model::link::{AgentProof, Link};
use crate::model::mail::{ParsedMail, RawMail};
use crate::parse::first_hop;
use crate::store::{StoreError, View};

/// Copies of one delivery arrive within this time.
const ONE_DELIVERY: SignedDuration = SignedDuration::from_mins(1);

/// Whether only its words tell a mail from others.
pub(super) fn is_nameless(mail: &ParsedMail) -> bool {
    mail.message_id.is_none() && mail.date.is_none()
}

/// Of which delivery with the same words `raw` is a copy; `None` when it is another one.
pub(super) fn copy_of(view: &View<'_>, raw: &RawMail, mail: &ParsedMail) -> Result<Option<Known>, StoreError> {
    let hop = first_hop(&raw.bytes);
    for delivery in view.alike(&mail.fingerprint)? {
        let apart = raw.received_at.duration_since(delivery.received_at).abs();
        if apart <= ONE_DELIVERY || (hop.is_some() && hop == first_hop(&view.delivered(&delivery)?)) {
            return Ok(Some(delivery.known));
        }
    }
    Ok(None)
}

/// Whether a mail that was taken before counts all the same: its copy that arrived was only noted, and the one in the Sent
/// folder proves who wrote it.
pub(super) fn proves_more(view: &View<'_>, threaded: &Threaded, mail: &ParsedMail) -> Result<bool, StoreError> {
    let Some(ticket) = threaded.ticket() else { return Ok(false) };
    if !matches!(threaded.link, Link::Direct { number: Some(_), proof: AgentProof::SentFolder, .. }) {
        return Ok(false);
    }
    let facts = view.direct_facts(ticket.number, mail.message_id.as_ref())?;
    Ok(facts.is_unproven && !facts.is_answer)
}

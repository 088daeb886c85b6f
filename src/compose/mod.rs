//! Outgoing mail as bytes: identity, signature, localised texts, threading headers, reply tokens.

use crate::model::outgoing::{Draft, Outgoing};
use crate::model::policy::Policy;
use crate::model::token::Signer;
use jiff::Timestamp;

/// Writes `draft` as a mail. `now` becomes its Date.
pub fn compose(draft: &Draft, policy: &Policy, signer: &Signer, now: Timestamp) -> Outgoing {
    let _ = (draft, policy, signer, now);
    unimplemented!()
}

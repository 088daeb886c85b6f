//! What stands below a customer's words and that nobody at the desk has read yet: compared with what stands on the ticket and
//! with what we sent.

use crate::decide::{self, Traces};
use crate::model::id::{MessageKey, TicketNumber};
use crate::model::mail::ParsedMail;
use crate::parse::{parse, without_introductions};
use crate::store::{StoreError, View};

/// What stands below the words of a mail and in no earlier message of the ticket than `before`.
pub(super) fn unseen(
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

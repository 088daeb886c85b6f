//! Texts without the keys of agents: whoever reads a log, a ticket's history or `explain` cannot write in an agent's name.
//!
//! A key is known by its form alone (`info+1042.anna.<key>@`, `notification.1042.anna.….<key>@`): nothing here has the secret.

use std::borrow::Cow;

use super::outgoing::OutgoingKind;

/// Stands where a key was.
const MARK: &str = "…";
/// Letters of a key: a signature, and what it may say beside itself.
const KEY: std::ops::RangeInclusive<usize> = 16..=48;
/// Letters before an `@` that are looked at: an address has 64, an id of ours twice that.
const MAX_LOCAL: usize = 160;

/// `text` with all keys of agents taken out of its addresses and ids.
pub fn without_keys(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        let Some(key) = text.get(from..at).map(local_part).and_then(key_of) else { continue };
        kept.push_str(text.get(from..at - key).unwrap_or_default());
        kept.push_str(MARK);
        from = at;
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(kept)
}

/// The local part of an address or id at the end of `text`, which stands before its `@`.
pub fn local_part(text: &str) -> &str {
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-+=%".contains(byte);
    let length = text.bytes().rev().take(MAX_LOCAL).take_while(is_local).count();
    text.get(text.len() - length..).unwrap_or_default()
}

/// The length of the key at the end of what stands before an `@`.
fn key_of(local: &str) -> Option<usize> {
    let (claim, key) = local.rsplit_once('.')?;
    let is_key = KEY.contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut fields = claim.split('.');
    let (first, second, third) = (fields.next()?, fields.next(), fields.next());
    let is_kind = first == "ticket" || OutgoingKind::from_word(first).is_some();
    let of_id = is_kind && second.is_some_and(is_number) && third.is_some_and(|agent| agent != "-");
    let digits = first.bytes().rev().take_while(u8::is_ascii_digit).count();
    let mailbox = first.get(..first.len() - digits).unwrap_or_default();
    let parted =
        mailbox.ends_with(|c: char| !c.is_ascii_alphanumeric()) || mailbox.to_ascii_uppercase().ends_with("%2B");
    let of_address = digits > 0 && parted && second.is_some();
    (is_key && (of_id || of_address)).then_some(key.len())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{AgentId, MessageKey, TicketNumber};
    use crate::model::outgoing::OutgoingKind;
    use crate::model::reader::Reader;
    use crate::model::testing::{address, opening};
    use crate::model::token::{MailClaim, Signer};

    #[test]
    fn what_we_sign_for_an_agent_is_taken_out_wherever_it_stands() {
        let (signer, anna) = (Signer::new([7; 32], "shop.example"), AgentId::new("anna"));
        let ticket = opening(TicketNumber(1042));
        let reply = signer.reply_detail(ticket, &anna, Reader::Customer, Some(MessageKey(77)));
        let verb = signer.verb_address(&address("info@shop.example"), "+", ticket, &anna, "close").unwrap();
        let claim =
            |agent| MailClaim { kind: OutgoingKind::Notification, ticket, agent, reader: Reader::Note, serial: 88 };
        let id = signer.mail_id(&claim(Some(&anna)));
        let root = signer.thread_root(ticket, &anna);
        let text = format!(
            "to info+{reply}@shop.example, {verb} or <mailto:{}> <{id}> {root}",
            verb.as_str().replace('+', "%2B")
        );
        let hidden = without_keys(&text);
        assert_eq!(hidden.matches('…').count(), 5, "{hidden}");
        let keys = [reply.as_str(), verb.local(), id.as_str(), root.as_str()];
        for key in keys.map(|key| key.split('@').next().unwrap_or_default().rsplit('.').next().unwrap_or_default()) {
            assert!(!hidden.contains(key), "{key}: {hidden}");
        }
    }

    #[test]
    fn other_addresses_and_ids_stay_as_they_are() {
        let (signer, ticket) = (Signer::new([7; 32], "shop.example"), opening(TicketNumber(1042)));
        let claim = MailClaim { kind: OutgoingKind::Answer, ticket, agent: None, reader: Reader::Customer, serial: 88 };
        for text in [
            "ewa.nowak@client.example and ola+shop@client.example",
            "<20261122.123456789012345678901@mail.client.example>",
            "@@ a@ .@ x",
            signer.mail_id(&claim).as_str(),
        ] {
            assert_eq!(without_keys(text), text);
        }
    }
}

//! What agents read of tickets that are merged, split, handed over or spam.

use super::page::Block;
use super::texts::{TextKey, Texts};
use crate::model::address::Address;
use crate::model::id::TicketNumber;
use crate::model::outgoing::Regrouping;
use crate::model::text::{clean_line, clean_name};

/// Characters of an address in a list.
const MAX_LINE: usize = 320;

/// A headline that names a colleague and another ticket.
pub(super) fn headline(key: TextKey, by: &str, number: TicketNumber, texts: &Texts<'_>) -> String {
    texts.fill(key, &[("agent", &clean_name(by)), ("number", &number.to_string())])
}

/// The notice to the agent who regrouped; `ticket` is the one that it is about.
pub(super) fn notice(regrouping: &Regrouping, ticket: TicketNumber, texts: &Texts<'_>) -> Vec<Block> {
    let number = ticket.to_string();
    let of = |key| texts.fill(key, &[("number", &number)]);
    match regrouping {
        Regrouping::Merged { merged, customer, strangers } => {
            let (merged, customer) = (merged.to_string(), customer.address.to_string());
            let values = [("merged", merged.as_str()), ("number", number.as_str()), ("customer", customer.as_str())];
            let mut blocks = vec![Block::Headline(texts.fill(TextKey::NoticeMerged, &values))];
            if !strangers.is_empty() {
                blocks.push(Block::Text(texts.get(TextKey::NoticeMergedStrangers).to_owned()));
                blocks.push(Block::List(addresses(strangers)));
            }
            blocks
        }
        Regrouping::Spam { muted: None } => vec![Block::Headline(of(TextKey::NoticeSpam))],
        Regrouping::Spam { muted: Some(address) } => {
            let values = [("number", number.as_str()), ("address", address.as_str())];
            vec![Block::Headline(texts.fill(TextKey::NoticeSpamMuted, &values))]
        }
        Regrouping::NoSpam => vec![Block::Headline(of(TextKey::NoticeNoSpam))],
    }
}

fn addresses(addresses: &[Address]) -> Vec<String> {
    addresses.iter().map(|address| clean_line(address.as_str(), MAX_LINE)).collect()
}

//! Outgoing mail as bytes: identity, signature, localised texts, threading headers, reply tokens.
//!
//! A mail to a customer is written from a draft that holds nothing internal, so nothing internal can get into it. Nothing here
//! reads a clock or draws a random number: the same draft gives the same bytes. It cannot fail: what cannot be written as
//! it is (an odd name, a department gone from the config) is written more plainly.

mod layout;
mod mails;
mod texts;
mod when;

#[cfg(test)]
mod audience_tests;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod rule_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod words_tests;

pub use self::texts::{TextEntry, TextFault};

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::layout::fit;
use self::mails::{customer, digest, notice, notification};
use crate::model::fold::fold;
use crate::model::id::{AgentId, MailId, TicketNumber};
use crate::model::language::Language;
use crate::model::outgoing::{Draft, Outgoing, OwnPhrases};
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::token::{NO_TICKET, Opening, Signer, TicketKey};

/// Characters of a line at the foot by which it is known again.
const HINT_BEGINNING: usize = 40;

/// The keys of tickets, which tokens are bound to.
#[derive(Clone, Debug, Default)]
pub struct TicketKeys {
    /// Those of tickets.
    pub tickets: BTreeMap<TicketNumber, TicketKey>,
    /// Those of agents who have one of their own there.
    pub renewed: BTreeMap<(TicketNumber, AgentId), TicketKey>,
}

/// What every mail is written with.
struct Desk<'a> {
    policy: &'a Policy,
    signer: &'a Signer,
    keys: &'a TicketKeys,
    now: Timestamp,
    /// The largest mail in bytes that the server takes.
    largest_mail: usize,
}

impl Desk<'_> {
    /// A ticket as tokens name it, those of `agent` or those that are nobody's.
    fn opening(&self, ticket: Option<TicketNumber>, agent: Option<&AgentId>) -> Opening {
        let opening = |number| {
            let own = agent.and_then(|agent| self.keys.renewed.get(&(number, agent.clone())));
            let key = own.or_else(|| self.keys.tickets.get(&number)).copied().unwrap_or(Opening::NONE.key);
            Opening { number, key }
        };
        ticket.filter(|number| *number != NO_TICKET).map_or(Opening::NONE, opening)
    }

    /// The root of the thread in which all mails of a ticket to `agent` stand. It stays when their key is another, and proves
    /// nothing then.
    fn thread_root(&self, ticket: TicketNumber, agent: &AgentId) -> MailId {
        self.signer.thread_root(self.opening(Some(ticket), None), agent)
    }
}

/// Writes `draft` as a mail for a server that does not say what it takes.
pub fn compose(draft: &Draft, policy: &Policy, signer: &Signer, keys: &TicketKeys, now: Timestamp) -> Outgoing {
    compose_within(draft, policy, signer, keys, now, None)
}

/// Writes `draft` as a mail. `now` becomes its Date, in the desk's time zone; `keys` has those of all tickets that the draft
/// names (`Draft::tickets`). A notification fits into `largest_mail` bytes (RFC 1870), into 10 MB where the server does not say.
///
/// [`Outgoing::recipients`] is empty when the agent it is for is no longer in the config: there is nobody to write to.
pub fn compose_within(
    draft: &Draft,
    policy: &Policy,
    signer: &Signer,
    keys: &TicketKeys,
    now: Timestamp,
    largest_mail: Option<u64>,
) -> Outgoing {
    let largest_mail = largest_mail.map_or(fit::USUAL_LIMIT, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let desk = Desk { policy, signer, keys, now, largest_mail };
    match draft {
        Draft::Answer(answer) => customer::answer(answer, &desk),
        Draft::Acknowledgement(acknowledgement) => customer::acknowledgement(acknowledgement, &desk),
        Draft::Notification(notification) => notification::write(notification, &desk),
        Draft::Digest(draft) => digest::write(draft, &desk),
        Draft::Notice(notice) => notice::write(notice, &desk),
    }
}

/// Phrases that only our mails to agents carry, in all languages and as the config has them.
pub fn own_phrases(policy: &Policy) -> OwnPhrases {
    let of = |key| Language::all().map(move |language| fold(texts::Texts::new(policy, language).get(key)));
    let beginning = |text: String| text.chars().take(HINT_BEGINNING).collect();
    OwnPhrases {
        labels: of(texts::TextKey::LabelTicket).collect(),
        hints: Reader::ALL.iter().flat_map(|reader| of(texts::hint(*reader))).map(beginning).collect(),
    }
}

/// What is wrong with the texts of `[texts.LANGUAGE]`: unknown keys, unknown placeholders, an empty text, a marker line that
/// could not be found again. Empty when all is well.
pub fn check_texts(overrides: &[(Language, String, String)]) -> Vec<TextFault> {
    texts::check(overrides)
}

/// Every text that postroom writes, with its key for the config.
pub fn all_texts() -> Vec<TextEntry> {
    texts::entries()
}

//! By which address an agent answers, and one-click `mailto:` links (RFC 6068).

use crate::compose::Desk;
use crate::model::address::Address;
use crate::model::id::{AgentId, MailId, MailboxId, MessageKey, TicketNumber};
use crate::model::reader::Reader;

/// Where an agent's reply goes.
pub enum ReplyTo {
    /// The agent's own address, which proves who writes.
    Signed(Address),
    /// The mailbox itself: the server has no plus addressing, the proof is in our Message-ID.
    Plain(Address),
}

impl ReplyTo {
    /// The address.
    pub fn address(&self) -> &Address {
        match self {
            Self::Signed(address) | Self::Plain(address) => address,
        }
    }

    /// The address, for an envelope.
    pub fn into_address(self) -> Address {
        match self {
            Self::Signed(address) | Self::Plain(address) => address,
        }
    }
}

/// Where `agent`'s reply about `ticket` goes; the first mailbox stands in for one that is gone from the config.
pub fn reply_address(
    mailbox: &MailboxId,
    ticket: TicketNumber,
    agent: &AgentId,
    audience: Reader,
    shows: Option<MessageKey>,
    desk: &Desk,
) -> Option<ReplyTo> {
    let mailbox = desk.policy.mailbox(mailbox).or_else(|| desk.policy.mailboxes.first())?;
    let opening = desk.opening(Some(ticket), Some(agent));
    let signed = desk.signer.reply_address(&mailbox.address, &mailbox.subaddress, opening, agent, audience, shows);
    Some(signed.map_or_else(|| ReplyTo::Plain(mailbox.address.clone()), ReplyTo::Signed))
}

/// What the links of a mail to an agent have in common.
pub struct ReplyLinks<'a> {
    /// Where their reply goes.
    pub reply: &'a ReplyTo,
    /// The mailbox whose address carries tokens.
    pub mailbox: &'a MailboxId,
    /// The ticket.
    pub ticket: TicketNumber,
    /// Who clicks.
    pub agent: &'a AgentId,
    /// The subject of the mail that opens.
    pub subject: &'a str,
    /// Our mail's own id.
    pub id: &'a MailId,
}

impl ReplyLinks<'_> {
    /// A link that does what `verb` says as soon as the mail is sent: an address that means it, with nothing to keep in the
    /// mail; else the command in its body.
    pub fn verb(&self, verb: &str, desk: &Desk) -> String {
        self.verb_or(verb, &format!("#{verb}"), desk)
    }

    /// The same for a verb that stands for other `words` than its own.
    pub fn verb_or(&self, verb: &str, words: &str, desk: &Desk) -> String {
        let mailbox = desk.policy.mailbox(self.mailbox).or_else(|| desk.policy.mailboxes.first());
        let own = mailbox.and_then(|mailbox| {
            desk.signer.verb_address(
                &mailbox.address,
                &mailbox.subaddress,
                desk.opening(Some(self.ticket), Some(self.agent)),
                self.agent,
                verb,
            )
        });
        match own {
            Some(address) => mailto(&address, self.subject, "", None),
            None => self.words(words),
        }
    }

    /// A link that opens a reply with these words.
    pub fn words(&self, words: &str) -> String {
        let proof = match self.reply {
            ReplyTo::Signed(_) => None,
            ReplyTo::Plain(_) => Some(self.id),
        };
        mailto(self.reply.address(), self.subject, words, proof)
    }
}

/// A link that opens a mail to `to` with this subject and body. `in_reply_to` is for servers without plus addressing, where
/// the token is in the Message-ID: some programs honour it.
pub fn mailto(to: &Address, subject: &str, body: &str, in_reply_to: Option<&MailId>) -> String {
    let mut link = String::with_capacity(160);
    link.push_str("mailto:");
    encode(to.local(), &mut link);
    link.push('@');
    encode(to.domain(), &mut link);
    link.push_str("?subject=");
    encode(subject, &mut link);
    if !body.is_empty() {
        link.push_str("&body=");
        encode(body, &mut link);
    }
    if let Some(id) = in_reply_to {
        link.push_str("&in-reply-to=");
        encode(&format!("<{id}>"), &mut link);
    }
    link
}

/// Percent-encodes all but the unreserved characters of RFC 3986; `+` too, which some programs read as a blank.
fn encode(text: &str, link: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            link.push(char::from(byte));
        } else {
            link.push('%');
            link.extend(
                [byte >> 4, byte & 15]
                    .map(|half| char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase()),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_means_something_in_a_link_is_encoded() {
        let to = Address::parse("info+1042.anna.x@shop.example").unwrap();
        assert_eq!(
            mailto(&to, "Re: [#1] ż&body=x", "#move ", None),
            "mailto:info%2B1042.anna.x@shop.example?subject=Re%3A%20%5B%231%5D%20%C5%BC%26body%3Dx&body=%23move%20"
        );
        assert!(mailto(&to, "", "", Some(&MailId::new("a+b@c"))).ends_with("&in-reply-to=%3Ca%2Bb%40c%3E"));
    }
}

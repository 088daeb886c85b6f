//! Keys of agents in a mail that is not theirs: in its headers, its text, what it quotes, its attached texts and mails; and in a
//! mail of theirs that others get too.
//!
//! Says only that they are there. Bounded: so many signs of an address, so many keys, so many bytes of attachments.

use crate::model::address::Address;
use crate::model::hidden::local_part;
use crate::model::id::MailId;
use crate::model::link::{Clues, TokenClue, TokenPlace};
use crate::model::mail::{Attachment, ParsedMail};
use crate::model::policy::Policy;
use crate::model::token::{NO_TICKET, ReplyProof, Signer};

use super::authenticity::is_verified;
use super::clues::message_token;

/// Addresses and ids of ours that are checked in one mail, and keys that are reported.
const MAX_CHECKS: usize = 60;
const MAX_KEYS: usize = 10;
/// Bytes of attachments that are looked at.
const MAX_ATTACHED: usize = 1024 * 1024;
/// Letters of the shortest signature.
const SHORTEST_KEY: usize = 16;

/// The keys that whoever wrote the mail has, though they are none of us. What machines write is no customer's: a server that
/// reports on a notification quotes it.
pub fn leaked(
    mail: &ParsedMail,
    attachments: &[Attachment],
    clues: &Clues,
    policy: &Policy,
    signer: &Signer,
) -> Vec<TokenClue> {
    let ours = mail.from.as_ref().map(|from| &from.address);
    let ours = ours.is_some_and(|from| policy.is_own(from) || policy.agent_by_address(from).is_some());
    if ours || mail.automated.is_some() || mail.bounce.is_some() {
        return Vec::new();
    }
    let mut search = Search { policy, signer, checks: MAX_CHECKS, found: Vec::new() };
    clues.tokens.iter().for_each(|token| search.add(token.clone()));
    search.text(&mail.text);
    search.text(&unwrapped(&mail.text));
    let mut room = MAX_ATTACHED;
    for file in
        attachments.iter().filter(|file| file.media_type.starts_with("text/") || file.media_type == "message/rfc822")
    {
        let content = file.content.get(..room.min(file.content.len())).unwrap_or_default();
        room -= content.len();
        // Quoted-printable breaks a line behind `=`.
        search.text(&String::from_utf8_lossy(content).replace("=\r\n", "").replace("=\n", ""));
    }
    search.found
}

/// The keys that an agent's own mail shows to the first of the people beside us whom it names in To or Cc. Where our mail server
/// vouches for the agent's mails, whoever copies such an address is found out by it, and the key stays.
pub fn shown(mail: &ParsedMail, clues: &Clues, policy: &Policy) -> Option<(Address, Vec<TokenClue>)> {
    if is_verified(mail, policy) {
        return None;
    }
    let named = || mail.to.iter().chain(&mail.cc).map(|someone| &someone.address);
    let outsider = named().find(|address| !policy.is_own(address) && policy.agent_by_address(address).is_none())?;
    let keys = clues.tokens.iter().filter(|token| token.place == TokenPlace::Address && token.ticket != NO_TICKET);
    Some((outsider.clone(), keys.cloned().collect()))
}

/// The lines of a text as one, without the marks of quotes: programs break long words too.
fn unwrapped(text: &str) -> String {
    text.lines().map(|line| line.trim_start_matches(['>', '|', ' ']).trim_end()).collect()
}

struct Search<'a> {
    policy: &'a Policy,
    signer: &'a Signer,
    checks: usize,
    found: Vec<TokenClue>,
}

impl Search<'_> {
    fn add(&mut self, token: TokenClue) {
        let known = self.found.iter().any(|known| (known.ticket, &known.agent) == (token.ticket, &token.agent));
        if !known && self.found.len() < MAX_KEYS {
            self.found.push(token);
        }
    }

    fn text(&mut self, text: &str) {
        for (at, _) in text.match_indices('@') {
            if self.checks == 0 || self.found.len() >= MAX_KEYS {
                return;
            }
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            if let Some(token) = self.key(local_part(before), after) {
                self.add(token);
            }
        }
    }

    /// The key that `local@after…` is.
    fn key(&mut self, local: &str, after: &str) -> Option<TokenClue> {
        let begins = |domain: &str| {
            after.get(..domain.len()).is_some_and(|head| head.eq_ignore_ascii_case(domain)).then(|| domain.to_owned())
        };
        let mailboxes = self.policy.mailboxes.iter().map(|mailbox| mailbox.address.domain());
        let domain = mailboxes.chain([self.signer.domain()]).find_map(begins)?;
        let (_, key) = local.rsplit_once('.')?;
        if key.len() < SHORTEST_KEY {
            return None;
        }
        self.checks -= 1;
        let local = local.replace("%2B", "+").replace("%2b", "+");
        let whole = format!("{local}@{domain}");
        message_token(&MailId::new(&whole), self.signer).or_else(|| self.of_address(&Address::parse(&whole)?))
    }

    fn of_address(&self, address: &Address) -> Option<TokenClue> {
        let mut details = self.policy.mailboxes.iter().filter_map(|mailbox| address.detail(&mailbox.subaddress));
        let ReplyProof { ticket, seal, agent, reader, shows, verb } =
            details.find_map(|detail| self.signer.check_reply_detail(detail))?;
        Some(TokenClue { ticket, seal, agent, reader, place: TokenPlace::Address, shows, verb })
    }
}

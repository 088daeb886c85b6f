//! What in a mail may point to a ticket. Reads headers only; whether it is proof is decided later.

use crate::model::address::Address;
use crate::model::correspondent::{NamedBy, correspondent};
use crate::model::id::{MailId, TicketNumber};
use crate::model::link::{Clues, HeaderClue, IdClue, TokenClue, TokenPlace};
use crate::model::list::list_of;
use crate::model::mail::{Automated, ParsedMail};
use crate::model::outgoing::OutgoingKind;
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::subject::{conversation, is_reply, tagged_ticket, tagged_tickets};
use crate::model::text::beginning;
use crate::model::token::{NO_TICKET, OwnId, ReplyProof, Seal, Signer, looks_signed};

/// Ids looked up at most: In-Reply-To, and the nearest of a long chain of References.
const MAX_IDS: usize = 30;
/// Quoted lines looked at for the subject of the mail that is quoted, and letters of what stands before its colon.
const MAX_QUOTED: usize = 60;
const MAX_LABEL: usize = 20;
/// Bytes of a report in which tags are looked for, and people of whom it says that they were not reached.
const MAX_REPORT: usize = 20_000;
const MAX_UNREACHED: usize = 10;
/// Recipients looked at for tokens.
const MAX_RECIPIENTS: usize = 200;

/// Collects the clues of `mail`.
pub fn clues(mail: &ParsedMail, policy: &Policy, signer: &Signer) -> Clues {
    let ids = referred_ids(mail, signer);
    let mut tokens = address_tokens(mail, policy, signer);
    tokens.extend(ids.iter().filter_map(|clue| message_token(&clue.id, signer)));
    let answers = answered(&ids, signer);
    date_old_addresses(&mut tokens);
    let named = named(mail, &ids, &tokens, signer);
    let (bounced_id, bounced) = bounced(mail, &ids, signer).unzip();
    Clues {
        bounced_id: bounced_id.cloned(),
        bounced: bounced.or_else(|| returned(mail, &tokens)),
        minted: ids.iter().map(|clue| &clue.id).filter(|id| signer.is_minted(id)).cloned().collect(),
        authors: authors(mail, policy),
        own_id: mail.message_id.clone(),
        written: mail.from.as_ref().map(|from| from.address.clone()).zip(mail.date),
        thread_index: mail.thread_index.clone(),
        tokens,
        answers,
        void: Vec::new(),
        unknown: bears_unknown(mail, &ids, policy, signer),
        quotes_us: mail.text.lines().any(is_marker),
        named,
        tags: tags(mail),
        unreached: unreached(mail, policy),
        relay: relay(mail, policy),
        quoted_tag: quoted_tag(mail),
        list_subject: list_subject(mail, policy),
        ids,
    }
}

/// All tags in the subject; in a report on delivery those in its words too.
fn tags(mail: &ParsedMail) -> Vec<TicketNumber> {
    let mut found = tagged_tickets(&mail.subject);
    if mail.automated == Some(Automated::Bounce) {
        let head = beginning(&mail.text, MAX_REPORT);
        let returned = mail.bounce.as_ref().map_or("", |bounce| bounce.original_subject.as_str());
        found.extend([returned, head].into_iter().flat_map(tagged_tickets));
    }
    found
}

/// Who writes for another.
fn relay(mail: &ParsedMail, policy: &Policy) -> Option<Address> {
    let for_another = correspondent(policy, mail).named_by != NamedBy::From;
    mail.from.as_ref().filter(|_| for_another).map(|from| from.address.clone())
}

/// Those whom a report on delivery says that a mail did not reach.
fn unreached(mail: &ParsedMail, policy: &Policy) -> Vec<Address> {
    let recipients = mail.bounce.iter().flat_map(|bounce| &bounce.recipients).map(|recipient| &recipient.address);
    recipients.filter(|address| !policy.is_own(address)).take(MAX_UNREACHED).cloned().collect()
}

/// The ticket in the subject that programs write above the mail that they quote (`Subject: Re: [#1042] Lamp`). It is what
/// remains when somebody writes another subject and the headers of the thread were lost.
fn quoted_tag(mail: &ParsedMail) -> Option<(TicketNumber, String)> {
    if mail.automated.is_some() || tagged_ticket(&mail.subject).is_some() {
        return None;
    }
    mail.quoted.lines().take(MAX_QUOTED).find_map(|line| {
        let (label, subject) = line.trim_start_matches(['>', ' ', '*', '|', '\u{a0}']).split_once(':')?;
        let is_label = label.chars().count() <= MAX_LABEL && label.chars().all(|c| c.is_alphabetic() || c == '*');
        let number = tagged_ticket(subject).filter(|_| is_label)?;
        Some((number, subject.trim_matches(['*', ' ', '\u{a0}']).to_owned()))
    })
}

/// What finds the conversation of a list's mail whose parent never came here: it is an answer, and the list keeps its
/// subjects.
fn list_subject(mail: &ParsedMail, policy: &Policy) -> Option<(String, String)> {
    let answers = !mail.in_reply_to.is_empty() || !mail.references.is_empty() || is_reply(&mail.subject);
    let subject = conversation(&mail.subject);
    let list = list_of(mail, policy).filter(|_| answers && !subject.is_empty())?;
    Some((list, subject))
}

/// The author, and the human for whom they write.
fn authors(mail: &ParsedMail, policy: &Policy) -> Vec<Address> {
    let behind = correspondent(policy, mail).person.address;
    let author = mail.from.as_ref().map(|from| from.address.clone());
    let mut authors: Vec<Address> = author.into_iter().chain([behind]).collect();
    authors.dedup_by(|one, other| one.same_as(other));
    authors
}

/// The mail of ours that a bounce is about: named in the report, or in the bounce's own In-Reply-To or References.
fn bounced<'m>(mail: &'m ParsedMail, ids: &'m [IdClue], signer: &Signer) -> Option<(&'m MailId, OwnId)> {
    if mail.automated != Some(Automated::Bounce) {
        return None;
    }
    let reported = mail.bounce.as_ref().and_then(|bounce| bounce.original_message_id.as_ref());
    reported.into_iter().chain(ids.iter().map(|clue| &clue.id)).find_map(|id| Some((id, signer.check_mail_id(id)?)))
}

/// The notification of ours that a report is about which names none, but came to the address that it was sent from.
fn returned(mail: &ParsedMail, tokens: &[TokenClue]) -> Option<OwnId> {
    if mail.automated != Some(Automated::Bounce) {
        return None;
    }
    let token = tokens.iter().find(|token| token.place == TokenPlace::Address && token.ticket != NO_TICKET)?;
    Some(OwnId {
        kind: OutgoingKind::Notification,
        ticket: token.ticket,
        seal: token.seal,
        agent: Some(token.agent.clone()),
        reader: token.reader,
    })
}

fn referred_ids(mail: &ParsedMail, signer: &Signer) -> Vec<IdClue> {
    let in_reply_to = mail.in_reply_to.iter().map(|id| (id, HeaderClue::InReplyTo));
    let references = mail.references.iter().rev().map(|id| (id, HeaderClue::References));
    let mut ids: Vec<IdClue> = Vec::new();
    for (id, header) in in_reply_to.chain(references) {
        if ids.len() >= MAX_IDS {
            break;
        }
        // Where a relay replaced our Message-ID, the id that stands in for it says which it was.
        for id in [Some(id.clone()), signer.behind(id)].into_iter().flatten() {
            if ids.iter().all(|known| known.id != id) {
                ids.push(IdClue { id, header });
            }
        }
    }
    ids
}

fn address_tokens(mail: &ParsedMail, policy: &Policy, signer: &Signer) -> Vec<TokenClue> {
    let mut tokens: Vec<TokenClue> = Vec::new();
    for recipient in mail.recipients().take(MAX_RECIPIENTS) {
        for mailbox in &policy.mailboxes {
            if mailbox.address.domain() != recipient.domain() {
                continue;
            }
            let Some(detail) = recipient.detail(&mailbox.subaddress) else { continue };
            if let Some(ReplyProof { ticket, seal, agent, reader, shows, verb }) = signer.check_reply_detail(detail) {
                let token = TokenClue { ticket, seal, agent, reader, place: TokenPlace::Address, shows, verb };
                if !tokens.contains(&token) {
                    tokens.push(token);
                }
            }
        }
    }
    tokens
}

/// The tokens of the mail that is answered. Where In-Reply-To names none of ours, it is the last one in References: those
/// before it are older mails of the conversation, or the root of its thread.
fn answered(ids: &[IdClue], signer: &Signer) -> Vec<TokenClue> {
    let of = |header| {
        let ids = ids.iter().filter(move |clue| clue.header == header);
        ids.filter_map(|clue| message_token(&clue.id, signer)).filter(|token| token.reader.is_some())
    };
    let named: Vec<TokenClue> = of(HeaderClue::InReplyTo).collect();
    if named.is_empty() { of(HeaderClue::References).next().into_iter().collect() } else { named }
}

pub(super) fn message_token(id: &MailId, signer: &Signer) -> Option<TokenClue> {
    let (ticket, seal, agent, reader) = match signer.check_mail_id(id) {
        Some(OwnId { kind, ticket, seal, agent, reader }) => {
            // Mails of older versions did not say so in their ids; what they promised in words was this.
            let promised = (kind == OutgoingKind::Notification && ticket != NO_TICKET).then_some(Reader::Customer);
            (ticket, seal, agent?, reader.or(promised))
        }
        None => signer.check_thread_root(id).map(|(ticket, seal, agent)| (ticket, seal, agent, None))?,
    };
    Some(TokenClue { ticket, seal, agent, reader, place: TokenPlace::MessageId, shows: None, verb: None })
}

/// The highest number in what we signed, of whatever ticket: answers to customers bear it too, and our own mail come back.
fn named(mail: &ParsedMail, ids: &[IdClue], tokens: &[TokenClue], signer: &Signer) -> Option<TicketNumber> {
    let ids = ids.iter().map(|clue| &clue.id).chain(&mail.message_id);
    let minted = ids.filter_map(|id| signer.check_mail_id(id)).map(|own| own.ticket);
    minted.chain(tokens.iter().map(|token| token.ticket)).max().filter(|number| *number != NO_TICKET)
}

/// Whether an address or an id looks as ours do, and another secret signed it.
fn bears_unknown(mail: &ParsedMail, ids: &[IdClue], policy: &Policy, signer: &Signer) -> bool {
    let address = mail.recipients().take(MAX_RECIPIENTS).any(|recipient| {
        policy.mailboxes.iter().filter(|mailbox| mailbox.address.domain() == recipient.domain()).any(|mailbox| {
            let detail = recipient.detail(&mailbox.subaddress);
            detail.is_some_and(|detail| looks_signed(detail) && signer.check_reply_detail(detail).is_none())
        })
    });
    address || ids.iter().any(|clue| signer.looks_minted(&clue.id) && !signer.is_minted(&clue.id))
}

/// The line above which agents reply, however it is quoted.
fn is_marker(line: &str) -> bool {
    line.trim_start_matches(['>', ' ', '\t', '\u{a0}', '|', '*']).starts_with("##- ")
}

/// An address made before tickets had keys does not say when; the Message-ID of the same mail does.
fn date_old_addresses(tokens: &mut [TokenClue]) {
    let dated: Vec<TokenClue> =
        tokens.iter().filter(|token| matches!(token.seal, Seal::Old { minted: Some(_) })).cloned().collect();
    for token in tokens.iter_mut().filter(|token| token.seal == Seal::Old { minted: None }) {
        let same = |other: &&TokenClue| other.ticket == token.ticket && other.agent == token.agent;
        if let Some(other) = dated.iter().find(same) {
            token.seal = other.seal;
        }
    }
}

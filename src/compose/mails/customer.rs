//! Mails to customers: an agent's answer in the department's name, and the receipt for a new ticket.
//!
//! Takes nothing internal: an answer's words are `Public`, a receipt has none. No agent's name or address is written here.

use jiff::Timestamp;

use crate::compose::Desk;
use crate::compose::layout::blocks::{self, Block};
use crate::compose::layout::html;
use crate::compose::layout::mime::{Head, Text, recipients};
use crate::compose::layout::rich::{self, Written};
use crate::compose::layout::sender::{Identity, department_name, identity};
use crate::compose::layout::subject;
use crate::compose::texts::{TextKey, Texts};
use crate::model::id::TicketNumber;
use crate::model::language::Language;
use crate::model::mail::Attachment;
use crate::model::outgoing::{AcknowledgementDraft, AnswerDraft, Outgoing, OutgoingKind, SubjectWords};
use crate::model::reader::Reader;
use crate::model::text::clean_name;
use crate::model::token::MailClaim;

/// An agent's answer. Bears no mark of a machine: a human wrote it.
pub fn answer(draft: &AnswerDraft, desk: &Desk) -> Outgoing {
    let kind = OutgoingKind::Answer;
    let id = desk.signer.mail_id(&claim(kind, draft.ticket, draft.answered, draft.serial, desk));
    let identity = identity(&draft.department, desk);
    let mut head = Head::new(desk.now, &desk.policy.desk.timezone, &id);
    head.from(identity.from.as_ref());
    head.to(&draft.to);
    head.cc(&draft.cc);
    head.subject(subject::reply(draft.ticket, &draft.subject));
    head.answers(&draft.references);
    let language = desk.policy.department(&draft.department).map_or(desk.policy.desk.language, |found| found.language);
    let words = draft.body.as_str().trim().to_owned();
    let written =
        draft.formatted.as_ref().map(|text| rich::write(text.rich(), &draft.attachments, desk.signer.domain()));
    let (body, shown) = match written {
        Some(Written { html, pictures }) => (Block::Designed { plain: words, html }, pictures),
        None => (Block::Text(words), Vec::new()),
    };
    let blocks = signed(body, &identity);
    let pictures: Vec<(&str, &Attachment)> =
        shown.iter().filter_map(|(id, place)| Some((id.as_str(), draft.attachments.get(*place)?))).collect();
    let files = draft.attachments.iter().enumerate().filter(|(place, _)| shown.iter().all(|(_, known)| known != place));
    let files: Vec<&Attachment> = files.map(|(_, file)| file).collect();
    Outgoing {
        kind,
        ticket: Some(draft.ticket),
        serial: draft.serial,
        envelope_from: identity.from.map(|from| from.address),
        recipients: recipients(draft.to.iter().chain(&draft.cc)),
        bytes: head.with_pictures(&id, &text(language, &blocks), &pictures, &files),
        agent: Some(draft.agent.clone()),
        shows: None,
        held: None,
        not_before: held_until(desk),
        message_id: id,
    }
}

/// The id says who reads a reply to the mail that it answers: should it come back, its agent writes to the same again.
fn claim<'a>(kind: OutgoingKind, ticket: TicketNumber, reader: Reader, serial: i64, desk: &Desk) -> MailClaim<'a> {
    MailClaim { kind, ticket: desk.opening(Some(ticket), None), agent: None, reader, serial }
}

/// Until when its agent can take an answer back.
fn held_until(desk: &Desk) -> Option<Timestamp> {
    let hold = desk.policy.desk.hold;
    (!hold.is_zero()).then(|| desk.now.checked_add(hold).unwrap_or(desk.now))
}

/// The receipt for a new ticket: fixed words and the number. The subject alone may be the customer's.
pub fn acknowledgement(draft: &AcknowledgementDraft, desk: &Desk) -> Outgoing {
    let kind = OutgoingKind::Acknowledgement;
    let id = desk.signer.mail_id(&claim(kind, draft.ticket, Reader::Customer, draft.serial, desk));
    let identity = identity(&draft.department, desk);
    let mut head = Head::new(desk.now, &desk.policy.desk.timezone, &id);
    head.from(identity.from.as_ref());
    head.to([&draft.to]);
    let texts = Texts::new(desk.policy, draft.language);
    head.subject(match draft.words {
        SubjectWords::Theirs => subject::automatic_reply(draft.ticket, &draft.subject),
        SubjectWords::Ours => {
            let words = texts.get(TextKey::ReceiptSubject);
            subject::of_our_own(draft.ticket, &draft.subject, &desk.policy.desk.name, words)
        }
    });
    head.answers(&draft.references);
    head.automatic("auto-replied", &id, desk);
    let body = texts.fill(
        TextKey::AcknowledgementBody,
        &[
            ("number", &draft.ticket.to_string()),
            ("department", &department_name(&draft.department, &texts, desk)),
            ("desk", &clean_name(&desk.policy.desk.name)),
        ],
    );
    let blocks = signed(Block::Text(body), &identity);
    Outgoing {
        kind,
        ticket: Some(draft.ticket),
        serial: draft.serial,
        envelope_from: None,
        recipients: recipients([&draft.to]),
        bytes: head.with(&id, &text(draft.language, &blocks), &[]),
        agent: None,
        shows: None,
        held: None,
        not_before: None,
        message_id: id,
    }
}

fn signed(body: Block, identity: &Identity) -> Vec<Block> {
    let mut blocks = vec![body];
    if !identity.signature.is_empty() {
        blocks.push(Block::Signature { plain: identity.signature.clone(), html: identity.signature_html.clone() });
    }
    blocks
}

fn text(language: Language, blocks: &[Block]) -> Text {
    Text { plain: blocks::plain(blocks), html: html::document(language, blocks) }
}

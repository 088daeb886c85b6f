//! News of a ticket to one agent: the facts, what happened, the words, what one can do about it.
//!
//! The first line is the marker at which `parse` cuts the agent's reply. Goes to colleagues only, so it may carry internal text.

use super::audience::{Audience, written_out};
use super::labels::{MAX_LINE, priority_text, status_text, why_here};
use super::links::{ReplyLinks, ReplyTo, reply_address};
use super::{brief, episodes};
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::fit::{self, LeftOut};
use crate::compose::layout::mime::{Head, recipients};
use crate::compose::layout::sender::{agent_name, department_name, identity, reader};
use crate::compose::layout::subject;
use crate::compose::texts::{TextKey, Texts};
use crate::model::address::{Address, Person};
use crate::model::id::MailId;
use crate::model::outgoing::{NotificationDraft, Outgoing, OutgoingKind};
use crate::model::proposal::include_verb;
use crate::model::text::{clean_line, clean_name};
use crate::model::ticket::{Priority, Sibling};
use crate::model::token::MailClaim;

/// People who were proposed and whom a link includes; the others are included by `#cc`.
const MAX_INCLUDE: usize = 5;
/// Writes the notification.
pub fn write(draft: &NotificationDraft, desk: &Desk) -> Outgoing {
    let kind = OutgoingKind::Notification;
    let ticket = desk.opening(Some(draft.ticket), Some(&draft.agent));
    let audience = Audience { reader: draft.reader(), ticket: draft.ticket, customers: &draft.customers };
    let claim = MailClaim { kind, ticket, agent: Some(&draft.agent), reader: audience.reader, serial: draft.serial };
    let id = desk.signer.mail_id(&claim);
    let identity = identity(&draft.department, desk);
    let reader = reader(&draft.agent, desk);
    let texts = Texts::new(desk.policy, reader.language);
    let department = department_name(&draft.department, &texts, desk);
    let reply = reply_address(&draft.mailbox, draft.ticket, &draft.agent, audience.reader, Some(draft.shows), desk);

    let mut head = Head::new(desk.now, &desk.policy.desk.timezone, &id);
    let author = clean_name(episodes::face(draft).label());
    let sender = identity.from.map(|from| Person { name: format!("{author} via {department}"), address: from.address });
    head.from(sender.as_ref());
    head.to(&reader.person);
    audience.write(&mut head, reply.as_ref(), &texts);
    head.subject(subject::notification(draft.ticket, &draft.subject));
    head.under(Some(&desk.thread_root(draft.ticket, &draft.agent)), &desk.signer.stand_in(&claim), &[]);
    head.automatic("auto-generated", &id, desk);
    head.mark("X-Postroom-Ticket", &draft.ticket.to_string());
    head.mark("X-Postroom-Department", draft.department.as_str());
    head.mark("X-Postroom-Reason", &episodes::reason_mark(draft));
    head.mark("X-Postroom-Sender", draft.sender.as_str());

    let written = |left_out: &LeftOut<'_>| {
        let blocks = blocks(draft, &audience, &department, left_out, reply.as_ref(), &id, &texts, desk);
        fit::text(blocks, Some(draft.ticket), &texts, desk)
    };
    let (attached, text) = fit::beside(&draft.attachments, written, desk);
    Outgoing {
        kind,
        ticket: Some(draft.ticket),
        serial: draft.serial,
        // Where a report goes that it did not arrive after all: its own address says whose it was.
        envelope_from: reply.map(ReplyTo::into_address),
        recipients: recipients(&reader.person),
        bytes: head.with(&id, &text, &attached),
        agent: Some(draft.agent.clone()),
        shows: Some(draft.shows),
        held: None,
        not_before: None,
        message_id: id,
    }
}

#[expect(clippy::too_many_arguments, reason = "all that a notification is written from")]
fn blocks(
    draft: &NotificationDraft,
    audience: &Audience,
    department: &str,
    left_out: &LeftOut<'_>,
    reply: Option<&ReplyTo>,
    id: &MailId,
    texts: &Texts,
    desk: &Desk,
) -> Vec<Block> {
    let mut blocks = vec![audience.marker(texts), Block::Facts(facts(draft, audience, department, texts, desk))];
    blocks.extend(episodes::told(draft, department, texts, desk));
    blocks.extend(left_out.blocks(&draft.left_out, texts, desk).into_iter().flatten());
    if episodes::is_bare(draft) {
        let number = draft.ticket.to_string();
        blocks.push(Block::Hint(texts.fill(TextKey::WithoutWords, &[("number", &number)])));
    }
    if let Some(brief) = episodes::brief(draft) {
        blocks.extend(brief::blocks(brief, texts, desk));
    }
    blocks.push(Block::Rule);
    blocks.extend(reply.map(|reply| Block::Buttons(buttons(draft, reply, id, texts, desk))));
    blocks.push(audience.hint(texts));
    if !draft.proposed.is_empty() {
        blocks.push(Block::Hint(texts.get(TextKey::HintProposed).to_owned()));
    }
    blocks
}

fn facts(
    draft: &NotificationDraft,
    audience: &Audience,
    department: &str,
    texts: &Texts,
    desk: &Desk,
) -> Vec<(String, String)> {
    let assignee = draft.assignee.as_ref().map(|id| agent_name(id, desk));
    let mut facts = vec![
        (TextKey::LabelTicket, format!("#{} {}", draft.ticket, subject::bare(&draft.subject)).trim_end().to_owned()),
        (TextKey::LabelDepartment, department.to_owned()),
        (TextKey::LabelStatus, texts.get(status_text(draft.status)).to_owned()),
        (TextKey::LabelAssignee, assignee.unwrap_or_else(|| texts.get(TextKey::Nobody).to_owned())),
    ];
    if draft.priority != Priority::Normal {
        facts.push((TextKey::LabelPriority, texts.get(priority_text(draft.priority)).to_owned()));
    }
    if episodes::shows_customer(draft) {
        facts.push((TextKey::LabelFrom, written_out(episodes::face(draft))));
    }
    if let Some(route) = &draft.route {
        facts.push((TextKey::LabelReason, clean_line(&why_here(route, texts), MAX_LINE)));
    }
    if let Some(followed) = draft.follows {
        facts.push((TextKey::LabelFollows, format!("#{followed}")));
    } else if let Some(related) = draft.possibly_related {
        facts.push((TextKey::LabelRelated, format!("#{related}")));
    }
    if !draft.siblings.is_empty() {
        let sibling =
            |sibling: &Sibling| format!("#{} {}", sibling.number, department_name(&sibling.department, texts, desk));
        let siblings: Vec<String> = draft.siblings.iter().map(sibling).collect();
        facts.push((TextKey::LabelSiblings, clean_line(&siblings.join(", "), MAX_LINE)));
    }
    if !draft.proposed.is_empty() {
        let addresses: Vec<String> = draft.proposed.iter().map(Address::to_string).collect();
        facts.push((TextKey::LabelProposed, clean_line(&addresses.join(", "), MAX_LINE)));
    }
    if let (Some(relay), Some(requester)) = (&draft.relay, draft.customers.first()) {
        let (customer, writer) = (written_out(requester), relay.to_string());
        let value = texts.fill(TextKey::AnswersGoTo, &[("customer", &customer), ("writer", &writer)]);
        facts.push((TextKey::LabelAnswersGoTo, value));
    }
    let facts = facts.into_iter().map(|(label, value)| (texts.get(label).to_owned(), value));
    facts.chain(audience.goes_to(episodes::shows_customer(draft).then(|| episodes::face(draft)), texts)).collect()
}

fn buttons(
    draft: &NotificationDraft,
    reply: &ReplyTo,
    id: &MailId,
    texts: &Texts,
    desk: &Desk,
) -> Vec<(String, String)> {
    let subject = subject::reply(draft.ticket, &draft.subject);
    let (mailbox, ticket, agent) = (&draft.mailbox, draft.ticket, &draft.agent);
    let way = ReplyLinks { reply, mailbox, ticket, agent, subject: &subject, id };
    let named = |key: TextKey, link: String| (texts.get(key).to_owned(), link);
    let include = |address: &Address| {
        let label = texts.fill(TextKey::LinkInclude, &[("address", &address.to_string())]);
        (label, way.verb_or(&include_verb(address), &format!("#cc +{address}"), desk))
    };
    let links = [
        named(TextKey::LinkTake, way.verb("take", desk)),
        named(TextKey::LinkClose, way.verb("close", desk)),
        named(TextKey::LinkMove, way.words("#move ")),
    ];
    links.into_iter().chain(draft.proposed.iter().take(MAX_INCLUDE).map(include)).collect()
}

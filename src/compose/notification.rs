//! News of a ticket to one agent: the facts, what happened, the words, what one can do about it.
//!
//! The first line is the marker at which `parse` cuts the agent's reply. Goes to colleagues only, so it may carry internal text.

use super::audience::{Audience, written_out};
use super::fit::{self, LeftOut};
use super::frame::{Head, recipients};
use super::links::Way;
use super::page::Block;
use super::sender::{agent_name, department_name, identity, reader};
use super::texts::{TextKey, Texts};
use super::{Desk, brief, episodes, regroup, subject};
use crate::model::address::{Address, Person};
use crate::model::id::{AgentId, MailId, MailboxId, MessageKey, TicketNumber};
use crate::model::link::{Route, RouteKind};
use crate::model::outgoing::{News, NotificationDraft, Outgoing, OutgoingKind};
use crate::model::proposal::include_verb;
use crate::model::reader::Reader;
use crate::model::text::{clean_line, clean_name};
use crate::model::ticket::{Priority, Sibling, Status};
use crate::model::token::MailClaim;

/// People who were proposed and whom a link includes; the others are included by `#cc`.
const MAX_INCLUDE: usize = 5;
/// Characters of a reason or another line of facts.
pub const MAX_LINE: usize = 300;

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

    fn into_address(self) -> Address {
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

/// What happened, in one line.
pub fn headline(news: &News, author: &Person, department: &str, texts: &Texts) -> String {
    let customer = clean_name(author.label());
    let by = |name: &str| clean_name(name);
    match news {
        News::Opened => texts.fill(TextKey::NewsOpened, &[("customer", &customer)]),
        News::CustomerWrote { reopened: false } => texts.fill(TextKey::NewsCustomerWrote, &[("customer", &customer)]),
        News::CustomerWrote { reopened: true } => texts.fill(TextKey::NewsReopened, &[("customer", &customer)]),
        News::ColleagueAnswered(name) => texts.fill(TextKey::NewsColleagueAnswered, &[("agent", &by(name))]),
        News::Unproven(name) => texts.fill(TextKey::NewsUnproven, &[("agent", &by(name))]),
        News::Note(name) => texts.fill(TextKey::NewsNote, &[("agent", &by(name))]),
        News::AssignedToYou(name) => texts.fill(TextKey::NewsAssigned, &[("agent", &by(name))]),
        News::NoLongerYours(name) => texts.fill(TextKey::NewsNoLongerYours, &[("agent", &by(name))]),
        News::Moved(name) | News::HandedOver { by: name, .. } => {
            texts.fill(TextKey::NewsMoved, &[("agent", &by(name)), ("department", department)])
        }
        News::Accepted(name) => texts.fill(TextKey::NewsAccepted, &[("agent", &by(name))]),
        News::Returned(name) => texts.fill(TextKey::NewsReturned, &[("agent", &by(name))]),
        News::Split { by, from } => regroup::headline(TextKey::NewsSplit, by, *from, texts),
        News::DeliveryFailed(_) => texts.get(TextKey::NewsDeliveryFailed).to_owned(),
        News::Quarantined(reason) => texts.fill(TextKey::NewsQuarantined, &[("reason", &clean_line(reason, MAX_LINE))]),
        News::WaitOver => texts.get(TextKey::NewsWaitOver).to_owned(),
        News::Flood => texts.fill(TextKey::NewsFlood, &[("customer", &customer)]),
        News::Absorbed { by, merged } => regroup::headline(TextKey::NewsAbsorbed, by, *merged, texts),
        News::MergedInto { by, lead } => regroup::headline(TextKey::NewsMergedInto, by, *lead, texts),
        News::Unmerged { by, lead } => regroup::headline(TextKey::NewsUnmerged, by, *lead, texts),
        News::Next => texts.get(TextKey::NewsNext).to_owned(),
        News::YoursAsAway(name) => texts.fill(TextKey::NewsYoursAsAway, &[("agent", &by(name))]),
        News::FreeAsAway(name) => texts.fill(TextKey::NewsFreeAsAway, &[("agent", &by(name))]),
        News::Taken(name) => texts.fill(TextKey::NewsTaken, &[("agent", &by(name))]),
        News::YoursAsReleased(name) => texts.fill(TextKey::NewsYoursAsReleased, &[("agent", &by(name))]),
        News::FreeAsReleased(name) => texts.fill(TextKey::NewsFreeAsReleased, &[("agent", &by(name))]),
        News::NotTold { agent, reason } => {
            let reason = clean_line(reason, MAX_LINE);
            texts.fill(TextKey::NewsNotTold, &[("agent", &by(agent)), ("reason", &reason)])
        }
        News::KeyDead(by) => texts.fill(TextKey::NewsKeyDead, &[("by", &clean_line(by, MAX_LINE))]),
        News::WithoutWords(reason) => {
            texts.fill(TextKey::NewsWithoutWords, &[("reason", &clean_line(reason, MAX_LINE))])
        }
    }
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
    let way = Way { reply, mailbox, ticket, agent, subject: &subject, id };
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

/// The text of a status.
pub fn status_text(status: Status) -> TextKey {
    match status {
        Status::New => TextKey::StatusNew,
        Status::Open => TextKey::StatusOpen,
        Status::Waiting => TextKey::StatusWaiting,
        Status::Resolved => TextKey::StatusResolved,
        Status::Closed => TextKey::StatusClosed,
    }
}

/// The text of a priority.
pub fn priority_text(priority: Priority) -> TextKey {
    match priority {
        Priority::Low => TextKey::PriorityLow,
        Priority::Normal => TextKey::PriorityNormal,
        Priority::High => TextKey::PriorityHigh,
        Priority::Urgent => TextKey::PriorityUrgent,
    }
}

/// What decided, in the reader's language: the keywords as found, or the address or mailbox. The whole reason, which is
/// English, stands in `X-Postroom-Reason` and on the ticket.
fn why_here(route: &Route, texts: &Texts) -> String {
    let kind = texts.get(route_text(route.kind));
    let found = match route.kind {
        RouteKind::Keywords => {
            let score = route.scores.iter().find(|score| score.department == route.department);
            let hits = score.into_iter().flat_map(|score| &score.hits);
            let found = hits.map(|hit| format!("{} ({})", hit.keyword, hit.text)).collect::<Vec<_>>().join(", ");
            // The hits are not kept with news that waits; the first keyword stands in the reason.
            if found.is_empty() { in_backticks(&route.detail) } else { found }
        }
        RouteKind::FollowUp | RouteKind::Rule | RouteKind::Form | RouteKind::Address | RouteKind::Mailbox => {
            in_backticks(&route.detail)
        }
    };
    if found.is_empty() { kind.to_owned() } else { format!("{kind}: {found}") }
}

fn in_backticks(detail: &str) -> String {
    detail.split('`').nth(1).unwrap_or_default().to_owned()
}

fn route_text(kind: RouteKind) -> TextKey {
    match kind {
        RouteKind::FollowUp => TextKey::RouteFollowUp,
        RouteKind::Rule => TextKey::RouteRule,
        RouteKind::Form => TextKey::RouteForm,
        RouteKind::Address => TextKey::RouteAddress,
        RouteKind::Keywords => TextKey::RouteKeywords,
        RouteKind::Mailbox => TextKey::RouteMailbox,
    }
}

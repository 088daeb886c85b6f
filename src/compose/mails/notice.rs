//! Word to an agent about their own mail: refused commands with their text intact, answers to `#status` and `#help`, a failed
//! delivery. Never goes to a customer.

use super::audience::{Audience, listed, written_out};
use super::labels::{MAX_LINE, priority_text, status_text};
use super::links::{ReplyTo, reply_address};
use super::{confirmation, conversation, held, refusal, staff};
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::fit::{self, LeftOut};
use crate::compose::layout::mime::{Head, recipients};
use crate::compose::layout::sender::{agent_name, department_name, identity, reader};
use crate::compose::layout::subject;
use crate::compose::texts::{TextKey, Texts};
use crate::compose::when::moment;
use crate::model::address::Address;
use crate::model::command_words::local;
use crate::model::id::MailId;
use crate::model::language::Language;
use crate::model::mail::Attachment;
use crate::model::outgoing::{HelpLine, NoticeBody, NoticeDraft, Outgoing, OutgoingKind};
use crate::model::refusal::Refusal;
use crate::model::text::clean_line;
use crate::model::ticket_state::TicketState;
use crate::model::token::{MailClaim, NO_TICKET};
use crate::model::visibility::Internal;

/// Characters of a reason.
const MAX_REASON: usize = 500;

/// Writes the notice.
pub fn write(draft: &NoticeDraft, desk: &Desk) -> Outgoing {
    let kind = OutgoingKind::Notice;
    let ticket = desk.opening(draft.ticket, Some(&draft.agent));
    let audience = Audience { reader: draft.reader(), ticket: ticket.number, customers: &draft.customers };
    let claim = MailClaim { kind, ticket, agent: Some(&draft.agent), reader: audience.reader, serial: draft.serial };
    let id = desk.signer.mail_id(&claim);
    let reader = reader(&draft.agent, desk);
    let texts = Texts::new(desk.policy, reader.language);

    let mut head = Head::new(desk.now, &desk.policy.desk.timezone, &id);
    head.from(identity(&draft.department, desk).from.as_ref());
    head.to(&reader.person);
    let reply = reply_address(&draft.mailbox, ticket.number, &draft.agent, audience.reader, draft.shows, desk);
    audience.write(&mut head, reply.as_ref(), &texts);
    head.subject(match draft.ticket {
        Some(ticket) => subject::notification(ticket, &draft.subject),
        None => unticketed(draft, &texts, desk),
    });
    let root = draft.ticket.map(|ticket| desk.thread_root(ticket, &draft.agent));
    head.under(root.as_ref(), &desk.signer.stand_in(&claim), &draft.references);
    head.automatic("auto-generated", &id, desk);
    if let Some(ticket) = draft.ticket {
        head.mark("X-Postroom-Ticket", &ticket.to_string());
    }
    head.mark("X-Postroom-Department", draft.department.as_str());
    head.mark("X-Postroom-Reason", reason_mark(&draft.body));

    let written = |left_out: &LeftOut<'_>| {
        let mut blocks = blocks(draft, &audience, reply.as_ref(), &id, &texts, desk);
        blocks.extend(left_out.blocks(&[], &texts, desk).into_iter().flatten());
        fit::text(blocks, draft.ticket, &texts, desk)
    };
    let (attached, text) = fit::beside(attachments(&draft.body), written, desk);
    Outgoing {
        kind,
        ticket: draft.ticket,
        serial: draft.serial,
        envelope_from: None,
        recipients: recipients(&reader.person),
        bytes: head.with(&id, &text, &attached),
        agent: Some(draft.agent.clone()),
        shows: draft.shows,
        held: match &draft.body {
            NoticeBody::Held { message, .. } => Some(*message),
            NoticeBody::Refused { .. }
            | NoticeBody::Unticketed { .. }
            | NoticeBody::Expired { .. }
            | NoticeBody::State(_)
            | NoticeBody::Conversation(_)
            | NoticeBody::Help(_)
            | NoticeBody::Done(_)
            | NoticeBody::NoteReached(_)
            | NoticeBody::Staff(_)
            | NoticeBody::NotDelivered { .. }
            | NoticeBody::Regrouped(_) => None,
        },
        not_before: None,
        message_id: id,
    }
}

/// A refused mail comes back whole, as far as the server takes it.
fn attachments(body: &NoticeBody) -> &[Attachment] {
    match body {
        NoticeBody::Refused { attachments, .. } | NoticeBody::Unticketed { attachments, .. } => attachments,
        NoticeBody::Held { .. }
        | NoticeBody::Expired { .. }
        | NoticeBody::State(_)
        | NoticeBody::Conversation(_)
        | NoticeBody::Help(_)
        | NoticeBody::Done(_)
        | NoticeBody::NoteReached(_)
        | NoticeBody::Staff(_)
        | NoticeBody::NotDelivered { .. }
        | NoticeBody::Regrouped(_) => &[],
    }
}

/// The subject of a notice that stands on no ticket.
fn unticketed(draft: &NoticeDraft, texts: &Texts, desk: &Desk) -> String {
    let NoticeBody::Staff(notice) = &draft.body else { return subject::again(&draft.subject) };
    staff::subject(notice, texts, desk).unwrap_or_else(|| subject::bare(&draft.subject))
}

fn blocks(
    draft: &NoticeDraft,
    audience: &Audience,
    reply: Option<&ReplyTo>,
    id: &MailId,
    texts: &Texts,
    desk: &Desk,
) -> Vec<Block> {
    let mut blocks = vec![audience.marker(texts)];
    blocks.extend(audience.goes_to(None, texts).map(|people| Block::Facts(vec![people])));
    match &draft.body {
        NoticeBody::Refused { reasons, text, .. } => {
            blocks.push(Block::Headline(texts.get(TextKey::RefusedIntro).to_owned()));
            let line = |reason| clean_line(&refusal::line(reason, texts, desk), MAX_REASON);
            blocks.push(Block::List(reasons.iter().map(line).collect()));
            blocks.push(Block::Text(texts.get(TextKey::RefusedText).to_owned()));
            // Anybody can have written what proves nothing.
            let theirs = reasons.iter().any(|reason| matches!(reason, Refusal::Unproven(_)));
            let text = text.as_str().to_owned();
            blocks.push(if theirs { Block::Words(text) } else { Block::Own(text) });
        }
        NoticeBody::Unticketed { text, .. } => {
            blocks.push(Block::Headline(texts.get(TextKey::RefusedIntro).to_owned()));
            blocks.push(Block::Text(texts.get(TextKey::RefusedOnNoTicket).to_owned()));
            let ways =
                [TextKey::RefusedOnNoTicketAnswer, TextKey::RefusedOnNoTicketSelf, TextKey::RefusedOnNoTicketForward];
            blocks.push(Block::List(ways.map(|way| texts.get(way).to_owned()).into()));
            blocks.push(Block::Text(texts.get(TextKey::RefusedOnNoTicketText).to_owned()));
            blocks.push(Block::Own(text.as_str().to_owned()));
        }
        NoticeBody::Held { newer, doubts, text, also, until, .. } => {
            let also = also.as_ref().map(Internal::as_str);
            let held = held::Held { newer, doubts, text: text.as_str(), also, until: *until };
            blocks.extend(held::blocks(&held, texts, desk));
            blocks.extend(reply.and_then(|reply| held::buttons(draft, reply, id, texts, desk)));
        }
        NoticeBody::Expired { text } => blocks.extend(held::expired(text.as_str(), texts)),
        NoticeBody::State(stands) => {
            blocks.push(Block::Headline(texts.get(TextKey::StateIntro).to_owned()));
            blocks.push(Block::Facts(state(stands, texts, desk)));
        }
        NoticeBody::Conversation(conversation) => blocks.extend(conversation::blocks(conversation, texts, desk)),
        NoticeBody::Help(lines) => {
            blocks.push(Block::Text(texts.get(TextKey::HelpIntro).to_owned()));
            let line =
                |line: &HelpLine| (in_both_forms(&line.commands, texts.language), texts.get(line.text).to_owned());
            blocks.push(Block::Facts(lines.iter().map(line).collect()));
        }
        NoticeBody::Done(told) => {
            let ticket = draft.ticket.unwrap_or(NO_TICKET);
            blocks.push(confirmation::block(told, ticket, &draft.agent, texts, desk));
        }
        NoticeBody::NoteReached(people) => {
            blocks.push(confirmation::note_reached(people, draft.ticket.unwrap_or(NO_TICKET), texts));
        }
        NoticeBody::Staff(notice) => blocks.extend(staff::notice(notice, &draft.agent, texts, desk)),
        NoticeBody::NotDelivered { recipient, reason, permanent } => {
            let key = if *permanent { TextKey::NotDelivered } else { TextKey::NotDeliveredYet };
            blocks.push(Block::Headline(texts.fill(key, &[("recipient", recipient.as_str())])));
            blocks.push(Block::Text(texts.get(TextKey::ServerSaid).to_owned()));
            blocks.push(Block::Words(clean_line(reason, MAX_REASON)));
        }
        NoticeBody::Regrouped(regrouping) => {
            blocks.extend(confirmation::regrouped(regrouping, draft.ticket.unwrap_or(NO_TICKET), texts));
        }
    }
    blocks
}

/// `#note` as it is, and as the reader's language has it.
fn in_both_forms(commands: &[&str], language: Language) -> String {
    let word = |command: &str| command.trim_start_matches('#').split(' ').next().and_then(|word| local(word, language));
    let both = |command: &str| match word(command) {
        Some(local) => format!("{command} / #{local}"),
        None => command.to_owned(),
    };
    commands.iter().map(|command| both(command)).collect::<Vec<_>>().join(", ")
}

fn reason_mark(body: &NoticeBody) -> &'static str {
    match body {
        NoticeBody::Refused { .. } | NoticeBody::Unticketed { .. } => "refused",
        NoticeBody::Held { .. } => "held",
        NoticeBody::Expired { .. } => "expired",
        NoticeBody::State(_) => "status",
        NoticeBody::Conversation(_) => "conversation",
        NoticeBody::Help(_) => "help",
        NoticeBody::Done(_) => "done",
        NoticeBody::NoteReached(_) => "note-reached",
        NoticeBody::Staff(_) => "staff",
        NoticeBody::NotDelivered { .. } => "not-delivered",
        NoticeBody::Regrouped(_) => "regrouped",
    }
}

/// How a ticket stands: names and values, in the reader's language.
fn state(state: &TicketState, texts: &Texts, desk: &Desk) -> Vec<(String, String)> {
    let TicketState {
        department,
        status,
        wait_until,
        priority,
        assignee,
        customer,
        others,
        proposed,
        tags,
        opened_at,
        changed_at,
    } = state;
    let nobody = || texts.get(TextKey::Nobody).to_owned();
    let mut facts = vec![
        (texts.get(TextKey::LabelDepartment), department_name(department, texts, desk)),
        (texts.get(TextKey::LabelStatus), texts.get(status_text(*status)).to_owned()),
    ];
    if let Some(until) = wait_until {
        facts.push((texts.get(TextKey::BriefDeadline), moment(*until, texts, desk)));
    }
    facts.push((texts.get(TextKey::LabelPriority), texts.get(priority_text(*priority)).to_owned()));
    let assignee = assignee.as_ref().map_or_else(nobody, |agent| agent_name(agent, desk));
    facts.push((texts.get(TextKey::LabelAssignee), assignee));
    facts.push((texts.get(TextKey::LabelCustomer), written_out(customer)));
    let mut facts = cleaned(facts);
    if !others.is_empty() {
        facts.push((texts.get(TextKey::LabelParticipants).to_owned(), listed(others)));
    }
    let mut rest = Vec::new();
    if !proposed.is_empty() {
        let addresses: Vec<String> = proposed.iter().map(Address::to_string).collect();
        rest.push((texts.get(TextKey::LabelProposed), addresses.join(", ")));
    }
    if !tags.is_empty() {
        rest.push((texts.get(TextKey::LabelTags), tags.join(", ")));
    }
    rest.push((texts.get(TextKey::BriefOpened), moment(*opened_at, texts, desk)));
    rest.push((texts.get(TextKey::LabelChanged), moment(*changed_at, texts, desk)));
    facts.extend(cleaned(rest));
    facts
}

fn cleaned(facts: Vec<(&str, String)>) -> Vec<(String, String)> {
    facts.into_iter().map(|(name, value)| (name.to_owned(), clean_line(&value, MAX_LINE))).collect()
}

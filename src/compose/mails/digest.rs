//! One mail a day: what happened, ticket by ticket, each with a link to answer it. Goes to colleagues only.
//!
//! It belongs to no ticket's thread: an answer to it reaches no customer, and it says so.

use super::audience::Audience;
use super::labels::{MAX_LINE, headline, priority_text, status_text};
use super::links::{self, ReplyTo, reply_address};
use crate::compose::Desk;
use crate::compose::layout::blocks::{self, Block};
use crate::compose::layout::html;
use crate::compose::layout::mime::{Head, Text, recipients};
use crate::compose::layout::sender::{agent_name, department_name, identity, reader};
use crate::compose::layout::subject;
use crate::compose::texts::{CountedKey, TextKey, Texts};
use crate::compose::when::{moment, today};
use crate::model::id::{MailId, TicketNumber};
use crate::model::news::{DigestDraft, DigestTicket};
use crate::model::outgoing::{Outgoing, OutgoingKind};
use crate::model::reader::Reader;
use crate::model::text::clean_line;
use crate::model::ticket::{Priority, SenderVerdict};
use crate::model::token::{MailClaim, NO_TICKET};

/// Characters of what somebody wrote that are shown of it.
const MAX_SNIPPET: usize = 160;
/// Numbers of tickets that are named and not listed.
const MAX_NAMED: usize = 40;

/// Writes the digest.
pub fn write(draft: &DigestDraft, desk: &Desk) -> Outgoing {
    let kind = OutgoingKind::Notification;
    let own = claim(draft, None, desk);
    let id = desk.signer.mail_id(&own);
    let identity = identity(&draft.department, desk);
    let reader = reader(&draft.agent, desk);
    let texts = Texts::new(desk.policy, reader.language);

    let mut head = Head::new(desk.now, &desk.policy.desk.timezone, &id);
    head.from(identity.from.as_ref());
    head.to(&reader.person);
    let count = draft.tickets.len() + draft.beyond.len();
    head.subject(texts.count(CountedKey::DigestSubject, ("count", count), &[("date", &today(&texts, desk))]));
    head.under(None, &desk.signer.stand_in(&own), &[]);
    head.automatic("auto-generated", &id, desk);
    let audience = Audience { reader: DigestDraft::READER, ticket: NO_TICKET, customers: &[] };
    let reply = reply_address(&draft.mailbox, NO_TICKET, &draft.agent, audience.reader, None, desk);
    audience.write(&mut head, reply.as_ref(), &texts);
    head.mark("X-Postroom-Department", draft.department.as_str());
    head.mark("X-Postroom-Reason", "digest");
    let told = draft.tickets.iter().flat_map(|ticket| &ticket.episodes).filter(|episode| episode.news.shows_a_mail());
    let sender = told.map(|episode| episode.sender).max().unwrap_or_default();
    head.mark("X-Postroom-Sender", sender.as_str());

    let mut blocks = blocks(draft, &texts, desk);
    blocks.insert(0, audience.marker(&texts));
    let text = Text { plain: blocks::plain(&blocks), html: html::document(reader.language, &blocks) };
    Outgoing {
        kind,
        ticket: None,
        serial: draft.serial,
        envelope_from: None,
        recipients: recipients(&reader.person),
        bytes: head.with(&id, &text, &[]),
        agent: Some(draft.agent.clone()),
        shows: None,
        held: None,
        not_before: None,
        message_id: id,
    }
}

fn claim<'a>(draft: &'a DigestDraft, ticket: Option<TicketNumber>, desk: &Desk) -> MailClaim<'a> {
    MailClaim {
        kind: OutgoingKind::Notification,
        ticket: desk.opening(ticket, Some(&draft.agent)),
        agent: Some(&draft.agent),
        // Where a ticket is named, the id stands for an answer to its customers.
        reader: if ticket.is_some() { Reader::Customer } else { DigestDraft::READER },
        serial: draft.serial,
    }
}

fn blocks(draft: &DigestDraft, texts: &Texts, desk: &Desk) -> Vec<Block> {
    let mut blocks = vec![Block::Hint(texts.get(TextKey::DigestIntro).to_owned())];
    if draft.again {
        blocks.push(Block::Hint(texts.get(TextKey::DigestAgain).to_owned()));
    }
    for ticket in &draft.tickets {
        blocks.push(Block::Rule);
        blocks.extend(one(ticket, draft, texts, desk));
    }
    if !draft.beyond.is_empty() {
        let named: Vec<String> = draft.beyond.iter().take(MAX_NAMED).map(|number| format!("#{number}")).collect();
        let more = if draft.beyond.len() > MAX_NAMED { ", …" } else { "" };
        let tickets = format!("{}{more}", named.join(", "));
        blocks.push(Block::Rule);
        blocks.push(Block::Hint(texts.count(
            CountedKey::DigestBeyond,
            ("count", draft.beyond.len()),
            &[("tickets", &tickets)],
        )));
    }
    blocks
}

/// A ticket with what happened on it.
fn one(listed: &DigestTicket, draft: &DigestDraft, texts: &Texts, desk: &Desk) -> Vec<Block> {
    let department = department_name(&listed.department, texts, desk);
    let title = format!("#{} {}", listed.ticket, subject::bare(&listed.subject));
    let assignee = listed.assignee.as_ref().map(|id| agent_name(id, desk));
    let mut state = vec![department.clone(), texts.get(status_text(listed.status)).to_owned()];
    if listed.priority != Priority::Normal {
        state.push(texts.get(priority_text(listed.priority)).to_owned());
    }
    state.push(assignee.unwrap_or_else(|| texts.get(TextKey::Nobody).to_owned()));
    let mut blocks = vec![Block::Headline(title.trim_end().to_owned()), Block::Hint(state.join(" · "))];
    if listed.older > 0 {
        blocks.push(Block::Hint(texts.count(CountedKey::OlderNews, ("count", listed.older), &[])));
    }
    let entry = |episode: &crate::model::news::NotificationItem| {
        let line = headline(&episode.news, &episode.author, &department, texts);
        let words = snippet(episode.words.as_str());
        let quoted = if words.is_empty() { String::new() } else { format!(": “{words}”") };
        let failed = episode.news.shows_a_mail() && episode.sender == SenderVerdict::Failed;
        let warning = if failed { "[dmarc=fail] " } else { "" };
        clean_line(&format!("{} · {warning}{line}{quoted}", moment(episode.at, texts, desk)), MAX_LINE)
    };
    blocks.push(Block::List(listed.episodes.iter().map(entry).collect()));
    let reply = reply_address(&listed.mailbox, listed.ticket, &draft.agent, Reader::Customer, None, desk);
    blocks.extend(reply.map(|reply| Block::Buttons(buttons(listed, draft, &reply, texts, desk))));
    blocks
}

fn buttons(
    listed: &DigestTicket,
    draft: &DigestDraft,
    reply: &ReplyTo,
    texts: &Texts,
    desk: &Desk,
) -> Vec<(String, String)> {
    let subject = subject::reply(listed.ticket, &listed.subject);
    // Where the address proves nothing, an id that names this ticket does.
    let proof: Option<MailId> = match reply {
        ReplyTo::Signed(_) => None,
        ReplyTo::Plain(_) => Some(desk.signer.mail_id(&claim(draft, Some(listed.ticket), desk))),
    };
    [(TextKey::LinkAnswer, ""), (TextKey::LinkTake, "#take"), (TextKey::LinkClose, "#close")]
        .map(|(key, body)| (texts.get(key).to_owned(), links::mailto(reply.address(), &subject, body, proof.as_ref())))
        .into()
}

/// The beginning of what somebody wrote, in one line.
fn snippet(words: &str) -> String {
    let line = words.split_whitespace().take(MAX_SNIPPET).collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(MAX_SNIPPET).collect();
    if cut.len() < line.len() { format!("{}…", cut.trim_end()) } else { cut }
}

//! What a notice says about an agent's work as a whole: the queue, their absence, tickets that they were handed.

use super::labels::status_text;
use super::links::reply_address;
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::sender::agent_name;
use crate::compose::texts::{CountedKey, TextKey, Texts};
use crate::compose::when;
use crate::model::breaker::{Breaker, Stopped};
use crate::model::id::AgentId;
use crate::model::outgoing::{HandedOver, StaffNotice};
use crate::model::reader::Reader;
use crate::model::text::{clean_line, clean_name};

/// Tickets of which each has a line, and further ones that are named.
const MAX_LISTED: usize = 200;
const MAX_NAMED: usize = 500;
/// Characters of a subject in a list.
const MAX_SUBJECT: usize = 80;
/// Characters of a domain or the id of a mailbox.
const MAX_WHOSE: usize = 100;

/// The notice, below its marker.
pub fn notice(notice: &StaffNotice, reader: &AgentId, texts: &Texts, desk: &Desk) -> Vec<Block> {
    match notice {
        StaffNotice::Said(text) => vec![Block::Headline(texts.get(*text).to_owned())],
        StaffNotice::Away { until, handed_on } => {
            let headline = match until {
                Some(day) => texts.fill(TextKey::NoticeAwayUntil, &[("day", &when::day(*day, texts))]),
                None => texts.get(TextKey::NoticeAway).to_owned(),
            };
            let mut blocks = vec![Block::Headline(headline)];
            if *handed_on > 0 {
                blocks.push(Block::Text(texts.count(CountedKey::NoticeHandedOn, ("count", *handed_on), &[])));
            }
            blocks
        }
        StaffNotice::HandedOver { from, tickets } => handed_over(from, tickets, reader, texts, desk),
        StaffNotice::Stopped(stopped) => {
            let hint = texts.get(TextKey::StoppedHint).to_owned();
            vec![Block::Headline(what_stopped(stopped, texts, desk)), Block::Text(hint)]
        }
    }
}

/// What a breaker keeps back, in one line.
fn what_stopped(stopped: &Stopped, texts: &Texts, desk: &Desk) -> String {
    let key = match stopped.breaker {
        Breaker::ReceiptsOfDomain | Breaker::ReceiptsOfMailbox => CountedKey::StoppedReceipts,
        Breaker::ReceiptsForOthers => CountedKey::StoppedForOthers,
        Breaker::TicketsOfDomain => CountedKey::StoppedTickets,
        Breaker::NewsOfDomain | Breaker::NewsOfMailbox => CountedKey::StoppedNews,
        Breaker::Notices => CountedKey::StoppedNotices,
        Breaker::Returned => CountedKey::StoppedReturned,
    };
    let whose = match stopped.breaker {
        Breaker::Notices | Breaker::Returned => agent_name(&AgentId::new(&stopped.whose), desk),
        Breaker::ReceiptsOfDomain
        | Breaker::ReceiptsOfMailbox
        | Breaker::ReceiptsForOthers
        | Breaker::TicketsOfDomain
        | Breaker::NewsOfDomain
        | Breaker::NewsOfMailbox => clean_line(&stopped.whose, MAX_WHOSE),
    };
    texts.count(key, ("limit", stopped.limit), &[("whose", &whose)])
}

fn handed_over(from: &str, tickets: &[HandedOver], reader: &AgentId, texts: &Texts, desk: &Desk) -> Vec<Block> {
    let line = |ticket: &HandedOver| {
        let reply = reply_address(&ticket.mailbox, ticket.number, reader, Reader::Customer, None, desk);
        let address = reply.map(|reply| format!(": {}", reply.address())).unwrap_or_default();
        let (subject, customer) = (clean_line(&ticket.subject, MAX_SUBJECT), clean_name(ticket.customer.label()));
        let status = texts.get(status_text(ticket.status));
        format!("#{} {subject} ({status}, {customer}){address}", ticket.number)
    };
    let (listed, named) = tickets.split_at_checked(MAX_LISTED).unwrap_or((tickets, &[]));
    let mut lines: Vec<String> = listed.iter().map(line).collect();
    if !named.is_empty() {
        let numbers: Vec<String> = named.iter().take(MAX_NAMED).map(|ticket| format!("#{}", ticket.number)).collect();
        let more = if named.len() > MAX_NAMED { ", …" } else { "" };
        let numbers = format!("{}{more}", numbers.join(", "));
        lines.push(texts.count(CountedKey::NoticeAndMore, ("count", named.len()), &[("tickets", &numbers)]));
    }
    let headline = what_changed_hands(from, tickets, texts);
    let hint = texts.get(TextKey::NoticeHandedOverHint).to_owned();
    vec![Block::Headline(headline), Block::List(lines), Block::Hint(hint)]
}

fn what_changed_hands(from: &str, tickets: &[HandedOver], texts: &Texts) -> String {
    texts.count(CountedKey::NoticeHandedOver, ("count", tickets.len()), &[("agent", &clean_name(from))])
}

/// The first line of such a notice as a subject, where it stands on no ticket.
pub fn subject(notice: &StaffNotice, texts: &Texts, desk: &Desk) -> Option<String> {
    match notice {
        StaffNotice::HandedOver { from, tickets } => Some(what_changed_hands(from, tickets, texts)),
        StaffNotice::Stopped(stopped) => Some(what_stopped(stopped, texts, desk)),
        StaffNotice::Said(_) | StaffNotice::Away { .. } => None,
    }
}

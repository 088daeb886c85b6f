//! What a notice says about an agent's work as a whole: the queue, his absence, tickets that he was handed.

use super::Desk;
use super::notification::{reply_address, status_text};
use super::page::Block;
use super::sender::agent_name;
use super::texts::{StaffText, Texts};
use crate::model::breaker::{Breaker, Stopped};
use crate::model::id::AgentId;
use crate::model::outgoing::{HandedOver, StaffNotice};
use crate::model::reader::Reader;
use crate::model::text::{clean_line, clean_name};

/// Tickets that are named one by one.
const MAX_NAMED: usize = 200;
/// Characters of a subject in a list.
const MAX_SUBJECT: usize = 80;
/// Characters of a domain or the id of a mailbox.
const MAX_WHOSE: usize = 100;

/// The notice, below its marker.
pub fn notice(notice: &StaffNotice, reader: &AgentId, texts: &Texts, desk: &Desk) -> Vec<Block> {
    match notice {
        StaffNotice::QueueIsEmpty => vec![Block::Headline(texts.get(StaffText::QueueIsEmpty).to_owned())],
        StaffNotice::Away { until, handed_on } => {
            let headline = match until {
                Some(day) => texts.fill(StaffText::AwayUntil, &[("day", &day.to_string())]),
                None => texts.get(StaffText::Away).to_owned(),
            };
            let mut blocks = vec![Block::Headline(headline)];
            if *handed_on > 0 {
                blocks.push(Block::Text(texts.fill(StaffText::HandedOn, &[("count", &handed_on.to_string())])));
            }
            blocks
        }
        StaffNotice::Back => vec![Block::Headline(texts.get(StaffText::Back).to_owned())],
        StaffNotice::HandedOver { from, tickets } => handed_over(from, tickets, reader, texts, desk),
        StaffNotice::Stopped(stopped) => {
            let hint = texts.get(StaffText::StoppedHint).to_owned();
            vec![Block::Headline(what_stopped(stopped, texts, desk)), Block::Text(hint)]
        }
    }
}

/// What a breaker keeps back, in one line.
fn what_stopped(stopped: &Stopped, texts: &Texts, desk: &Desk) -> String {
    let key = match stopped.breaker {
        Breaker::ReceiptsOfDomain | Breaker::ReceiptsOfMailbox => StaffText::StoppedReceipts,
        Breaker::ReceiptsForOthers => StaffText::StoppedForOthers,
        Breaker::TicketsOfDomain => StaffText::StoppedTickets,
        Breaker::NewsOfDomain | Breaker::NewsOfMailbox => StaffText::StoppedNews,
        Breaker::Notices => StaffText::StoppedNotices,
        Breaker::Returned => StaffText::StoppedReturned,
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
    texts.fill(key, &[("whose", &whose), ("limit", &stopped.limit.to_string())])
}

fn handed_over(from: &str, tickets: &[HandedOver], reader: &AgentId, texts: &Texts, desk: &Desk) -> Vec<Block> {
    let line = |ticket: &HandedOver| {
        let reply = reply_address(&ticket.mailbox, ticket.number, reader, Reader::Customer, None, desk);
        let address = reply.map(|reply| format!(": {}", reply.address())).unwrap_or_default();
        let (subject, customer) = (clean_line(&ticket.subject, MAX_SUBJECT), clean_name(ticket.customer.label()));
        let status = texts.get(status_text(ticket.status));
        format!("#{} {subject} ({status}, {customer}){address}", ticket.number)
    };
    let mut lines: Vec<String> = tickets.iter().take(MAX_NAMED).map(line).collect();
    if let Some(more) = tickets.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
        lines.push(texts.fill(StaffText::AndMore, &[("count", &more.to_string())]));
    }
    let count = tickets.len().to_string();
    let headline = texts.fill(StaffText::HandedOver, &[("agent", &clean_name(from)), ("count", &count)]);
    let hint = texts.get(StaffText::HandedOverHint).to_owned();
    vec![Block::Headline(headline), Block::List(lines), Block::Hint(hint)]
}

/// The first line of such a notice as a subject, where it stands on no ticket.
pub fn subject(notice: &StaffNotice, texts: &Texts, desk: &Desk) -> Option<String> {
    match notice {
        StaffNotice::HandedOver { from, tickets } => {
            let count = tickets.len().to_string();
            Some(texts.fill(StaffText::HandedOver, &[("agent", &clean_name(from)), ("count", &count)]))
        }
        StaffNotice::Stopped(stopped) => Some(what_stopped(stopped, texts, desk)),
        StaffNotice::QueueIsEmpty | StaffNotice::Away { .. } | StaffNotice::Back => None,
    }
}

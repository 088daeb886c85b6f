//! One mail a day for an agent who wants no more: what happened, ticket by ticket.
//!
//! Lists no ticket that the agent may not read, and says nothing when nothing happened.

use super::audience;
use super::collected::news_dropped;
use super::drafts::Drafts;
use super::ticket_view::TicketView;
use crate::model::event::Event;
use crate::model::facts::Counters;
use crate::model::id::AgentId;
use crate::model::news::{DigestDraft, DigestTicket, Kept, NotificationItem};
use crate::model::outgoing::Draft;
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::ticket::Ticket;

/// Tickets that are listed with what happened on them.
const MAX_TICKETS: usize = 50;
/// Things that are listed of one ticket: the latest.
const MAX_ENTRIES: usize = 8;

/// The digest for `agent`, of all that was kept for them, some of which may have been found `again`; or lines of history that
/// say why there is none.
pub fn digest(policy: &Policy, agent: &AgentId, kept: Vec<(Ticket, Kept)>, again: bool, counters: Counters) -> Plan {
    let mut plan = Plan::default();
    let mut tickets: Vec<(Ticket, Kept)> = Vec::new();
    for (ticket, news) in kept {
        match audience::gone(policy, &TicketView::of(&ticket), agent) {
            Some(why) => {
                plan.events.push(Event::of_desk(ticket.number, news_dropped(agent, news.count(), 0, why)));
            }
            None => tickets.push((ticket, news)),
        }
    }
    // What is urgent first, then their own, then by number.
    tickets.sort_by_key(|(ticket, _)| {
        let own = ticket.assignee.as_ref() == Some(agent);
        (std::cmp::Reverse(ticket.priority), !own, ticket.number)
    });
    let beyond = tickets.split_off(tickets.len().min(MAX_TICKETS));
    let Some((first, _)) = tickets.first() else { return plan };
    let (department, mailbox) = (first.department.clone(), first.mailbox.clone());
    let mut drafts = Drafts::new(counters.next_serial);
    plan.mails.push(Draft::Digest(Box::new(DigestDraft {
        agent: agent.clone(),
        department,
        mailbox,
        tickets: tickets.into_iter().map(|(ticket, kept)| listed(ticket, kept)).collect(),
        beyond: beyond.into_iter().map(|(ticket, _)| ticket.number).collect(),
        again,
        serial: drafts.serial(),
    })));
    plan
}

fn listed(ticket: Ticket, kept: Kept) -> DigestTicket {
    let before = kept.news.len().saturating_sub(MAX_ENTRIES);
    let episode = |kept: crate::model::news::KeptNews| {
        let files = kept.files.into_iter().map(|file| file.name);
        NotificationItem {
            at: kept.at,
            news: kept.news,
            author: kept.author,
            words: kept.words,
            below: kept.below,
            files: files.chain(kept.left_out.into_iter().map(|(name, _)| name)).collect(),
            since: None,
            sender: kept.sender,
        }
    };
    DigestTicket {
        ticket: ticket.number,
        subject: ticket.subject,
        department: ticket.department,
        status: ticket.status,
        priority: ticket.priority,
        assignee: ticket.assignee,
        mailbox: ticket.mailbox,
        older: kept.older + before,
        episodes: kept.news.into_iter().skip(before).map(episode).collect(),
    }
}

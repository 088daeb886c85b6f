//! What time brings: answers that could not be delivered, tickets whose wait is over.

use super::actions::orphaned::settle;
use super::notify::drafts::{Drafts, NotificationContent, nothing_attached};
use super::notify::ticket_view::TicketView;
use super::ticket::{TicketEditor, finish};
use crate::model::address::{Address, Person};
use crate::model::event::{Event, EventKind, Failure, StatusWhy};
use crate::model::facts::Counters;
use crate::model::id::AgentId;
use crate::model::outgoing::{News, NoticeBody, OutgoingKind};
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::ticket::{Status, Ticket};

/// A mail of ours that failed or is late.
pub struct Undelivered<'a> {
    /// What it was.
    pub kind: OutgoingKind,
    /// Who wrote it.
    pub agent: Option<&'a AgentId>,
    /// To whom it was.
    pub recipient: &'a Address,
    /// What the server said.
    pub reason: &'a str,
    /// Whether it will never arrive.
    pub permanent: bool,
    /// Who reads a reply to the mail that it answered, as its id says.
    pub answered: Option<Reader>,
}

/// An answer that failed reopens its ticket and is told to the agent who wrote it; other mails leave a line of history.
pub fn delivery_failed(policy: &Policy, ticket: &Ticket, mail: &Undelivered<'_>, counters: Counters) -> Plan {
    let mut plan = Plan::default();
    let kind = EventKind::Delivery {
        mail: mail.kind,
        to: mail.recipient.clone(),
        failure: if mail.permanent { Failure::Final } else { Failure::Late },
        reason: mail.reason.to_owned(),
    };
    plan.events.push(Event::of_desk(ticket.number, kind));
    if mail.kind != OutgoingKind::Answer {
        return plan;
    }
    let mut shown = TicketView::of(ticket);
    settle(&mut shown, policy, None, &mut plan);
    if mail.permanent && ticket.status != Status::Open {
        TicketEditor::of_desk(&mut shown, &mut plan).reopen(StatusWhy::NotDelivered);
    }
    let mut drafts = Drafts::new(counters.next_serial);
    let answered = mail.answered.unwrap_or(Reader::Customer);
    drafts.answered = answered;
    if let Some(agent) = mail.agent.filter(|agent| policy.agent(agent).is_some()) {
        let body = NoticeBody::NotDelivered {
            recipient: mail.recipient.clone(),
            reason: mail.reason.to_owned(),
            permanent: mail.permanent,
        };
        drafts.notice(policy, &shown, agent, body, Vec::new());
    } else {
        let words = format!("{}: {}", mail.recipient, mail.reason);
        let author = Person { name: String::new(), address: mail.recipient.clone() };
        let story = NotificationContent {
            news: News::DeliveryFailed(answered),
            author: &author,
            words: &words,
            attachments: &nothing_attached(),
            route: None,
        };
        let readers = shown.readers(policy);
        TicketEditor::of_desk(&mut shown, &mut plan).notify(&mut drafts, policy, readers, &story);
    }
    finish(plan, drafts)
}

/// A ticket comes back from `#wait`.
pub fn wait_over(policy: &Policy, ticket: &Ticket, last_words: Option<&(Person, String)>, counters: Counters) -> Plan {
    let mut plan = Plan::default();
    let mut shown = TicketView::of(ticket);
    settle(&mut shown, policy, None, &mut plan);
    TicketEditor::of_desk(&mut shown, &mut plan).reopen(StatusWhy::WaitOver);
    let (author, words) = last_words.map_or((&ticket.requester, ""), |(author, words)| (author, words.as_str()));
    let mut drafts = Drafts::new(counters.next_serial);
    let story =
        NotificationContent { news: News::WaitOver, author, words, attachments: &nothing_attached(), route: None };
    let readers = shown.readers(policy);
    TicketEditor::of_desk(&mut shown, &mut plan).notify(&mut drafts, policy, readers, &story);
    finish(plan, drafts)
}

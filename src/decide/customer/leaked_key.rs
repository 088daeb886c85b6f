//! The key of an agent is in other hands, as a customer's mail or the agent's own Cc shows: it proves nothing any more, the agent is told and has a new one.
//!
//! Whoever holds the old one does nothing with it: from the agent's own address it comes back to the agent, from any other it
//! never did anything.

use crate::decide::actions::orphaned::settle;
use crate::decide::notify::drafts::{Drafts, NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::TicketView;
use crate::model::address::{Address, Person};
use crate::model::event::{Event, EventKind};
use crate::model::id::AgentId;
use crate::model::outgoing::News;
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::ticket::Ticket;
use crate::model::token::TicketKey;

/// The key of `agent` on `ticket` is dead: `holder` has it, who is none of us. `serial` numbers a mail of the plan.
pub fn key_is_dead(
    plan: &mut Plan,
    policy: &Policy,
    ticket: &Ticket,
    agent: &AgentId,
    holder: &Address,
    fresh: TicketKey,
    serial: i64,
) {
    plan.renewed.push((ticket.number, agent.clone(), fresh));
    let kind = EventKind::KeyDead { agent: agent.clone(), author: holder.clone() };
    plan.events.push(Event::of_desk(ticket.number, kind));
    let mut shown = TicketView::of(ticket);
    settle(&mut shown, policy, None, &mut Plan::default());
    let mut drafts = Drafts::new(plan.next_serial(serial));
    let story = NotificationContent {
        news: News::KeyDead(holder.to_string()),
        author: &Person { name: String::new(), address: holder.clone() },
        words: "",
        attachments: &nothing_attached(),
        route: None,
    };
    drafts.notify(plan, policy, &shown, [agent.clone()], &story);
    plan.mails.extend(drafts.mails);
}

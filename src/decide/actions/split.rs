//! `#split`: one mail of a ticket becomes a ticket of its own, its author the customer. `#merge` or `#unmerge` there takes
//! it back.
//!
//! Nobody learns of it but agents; nothing is acknowledged.

use crate::decide::AgentReply;
use crate::decide::agent::work::Work;
use crate::decide::commands::permissions::{self, Action, Standing};
use crate::decide::notify::drafts::{NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::TicketView;
use crate::model::event::EventKind;
use crate::model::id::{MessageKey, TicketNumber};
use crate::model::link::{Route, RouteKind};
use crate::model::outgoing::News;
use crate::model::plan::NewTicket;
use crate::model::refusal::{Refusal, Splittable};
use crate::model::step::Step;
use crate::model::surroundings::MailHead;
use crate::model::text::clean_line;
use crate::model::ticket::{Participant, Priority, Role, Status, Ticket};
use crate::model::token::TicketKey;

/// Mails that are named when the agent has to say which.
const MAX_NAMED: usize = 8;
/// Characters of the words by which a mail is known again.
const MAX_WORDS: usize = 40;

/// Why no mail of `ticket` can be split off.
pub(in crate::decide) fn refusal(case: &AgentReply<'_>, ticket: &Ticket, named: Option<MessageKey>) -> Option<Refusal> {
    let mails = &case.surroundings.mails;
    if mails.len() < 2 {
        return Some(Refusal::NothingToSplit(ticket.number).of("#split"));
    }
    if meant(case, named).is_some() {
        return None;
    }
    let choice = |mail: &MailHead| Splittable {
        key: mail.key,
        author: mail.author.clone(),
        words: clean_line(&mail.text, MAX_WORDS),
    };
    let choices = mails.iter().rev().take(MAX_NAMED).map(choice).collect();
    Some(match named {
        Some(key) => Refusal::NoSuchMail(ticket.number, choices).of(format!("#split {key}")),
        None => Refusal::WhichMail(choices).of("#split"),
    })
}

/// The mail named, else the one that the notification showed which the agent answers.
fn meant<'c>(case: &AgentReply<'c>, named: Option<MessageKey>) -> Option<&'c MailHead> {
    let mails = &case.surroundings.mails;
    if let Some(key) = named {
        return mails.iter().find(|mail| mail.key == key);
    }
    let answered = case.surroundings.answered?;
    mails.iter().find(|mail| mail.key == answered)
}

impl Work<'_> {
    /// The mail stands on a new ticket from now on.
    pub(in crate::decide) fn split(&mut self, named: Option<MessageKey>) {
        let (case, from) = (self.case, self.before);
        let Some(mail) = meant(case, named) else { return };
        let number = case.counters.next_ticket;
        let route = Route {
            department: self.shown.department.clone(),
            kind: RouteKind::FollowUp,
            found: Vec::new(),
            detail: format!("split from #{}", from.number),
            scores: Vec::new(),
        };
        self.plan.open.push(new_ticket(from, mail, number, case.counters.fresh_key, route));
        let mut shown = TicketView {
            ticket: number,
            status: Status::New,
            priority: Priority::Normal,
            assignee: None,
            possibly_related: None,
            follows: None,
            siblings: Vec::new(),
            people: vec![mail.author.clone()],
            proposed: Vec::new(),
            relay: None,
            shows: mail.key,
            department: self.shown.department.clone(),
            ..TicketView::of(from)
        };
        self.edit_other(&mut shown).step(Step::Split { from: from.number, message: mail.key });
        let author = mail.author.address.clone();
        self.event(EventKind::Split { author, ticket: number, message: mail.key });
        self.edit_other(&mut shown).record(EventKind::SplitFrom { split_from: from.number, message: mail.key });
        let mut readers = self.members();
        // Who had the ticket from another department has no right to the new one, which nobody has.
        let department = &self.shown.department;
        let standing = Standing { number, department, assignee: None, away: &[] };
        let may_read = permissions::refusal(case.policy, standing, self.agent, Action::Work).is_none();
        if may_read && !readers.contains(self.agent) {
            readers.push(self.agent.clone());
        }
        let news = News::Split { by: self.name.clone(), from: from.number };
        let (author, words) = (&mail.author, mail.text.as_str());
        let story = NotificationContent { news, author, words, attachments: &nothing_attached(), route: None };
        self.drafts.notify(&mut self.plan, self.case.policy, &shown, readers, &story);
    }
}

fn new_ticket(from: &Ticket, mail: &MailHead, number: TicketNumber, key: TicketKey, route: Route) -> NewTicket {
    NewTicket {
        number,
        key,
        subject: from.subject.clone(),
        route,
        requester: mail.author.clone(),
        participants: vec![Participant { person: mail.author.clone(), role: Role::Requester }],
        language: from.language,
        mailbox: from.mailbox.clone(),
        possibly_related: None,
        list: None,
        follows: None,
        family: None,
    }
}

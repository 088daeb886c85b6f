//! `#merge` and `#unmerge`: two tickets about one matter become one, and are two again.
//!
//! The ticket that the command names lives on; the one that the agent writes on becomes part of it. Nobody learns of a merge
//! but agents. Who was on the merged ticket is only proposed on the other: answers go to them when an agent names them in To or
//! Cc, and whoever else they are, earlier words never do.

use crate::decide::AgentReply;
use crate::decide::agent::work::Work;
use crate::decide::commands::permissions::{self, Action, Standing};
use crate::decide::notify::drafts::{NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::TicketView;
use crate::model::address::{Address, Person};
use crate::model::event::{EventKind, StatusWhy};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::outgoing::{News, NoticeBody, Regrouping};
use crate::model::plan::Fate;
use crate::model::refusal::Refusal;
use crate::model::step::Step;
use crate::model::surroundings::Merged;
use crate::model::ticket::{Role, Status, Ticket};

/// Tickets that one may consist of; a bound for all that walks along merges.
const MAX_PARTS: usize = 100;

/// Why `ticket` cannot be merged into the one named.
pub(in crate::decide) fn refusal(
    case: &AgentReply<'_>,
    ticket: &Ticket,
    agent: &AgentId,
    named: TicketNumber,
) -> Option<Refusal> {
    let why = if named == ticket.number {
        Some(Refusal::SameTicket)
    } else if let Some(lead) = case.surroundings.living(named) {
        if lead.number == ticket.number {
            Some(Refusal::PartAlready(named, ticket.number))
        } else if case.surroundings.merged.len() >= MAX_PARTS {
            Some(Refusal::TooManyParts(ticket.number, MAX_PARTS))
        } else {
            permissions::refusal(case.policy, Standing::of(lead), agent, Action::Work)
        }
    } else {
        Some(Refusal::NoSuchTicket(named))
    };
    why.map(|why| why.of(format!("#merge {named}")))
}

/// Why what was merged into `ticket` cannot be taken apart.
pub(in crate::decide) fn undo_refusal(
    case: &AgentReply<'_>,
    agent: &AgentId,
    ticket: &Ticket,
    named: Option<TicketNumber>,
) -> Option<Refusal> {
    let merged = &case.surroundings.merged;
    if let Some(part) = undone(case, named) {
        let number = part.ticket.number;
        let why = permissions::refusal(case.policy, Standing::of(&part.ticket), agent, Action::Work)?;
        return Some(why.of(format!("#unmerge {number}")));
    }
    if let Some(origin) = case.surroundings.split_from.filter(|_| named.is_none()) {
        return refusal(case, ticket, agent, origin);
    }
    let parts: Vec<TicketNumber> = merged.iter().map(|part| part.ticket.number).collect();
    Some(match named {
        _ if parts.is_empty() => Refusal::NothingMerged(ticket.number).of("#unmerge"),
        Some(number) => Refusal::NoPart(number, ticket.number, parts).of(format!("#unmerge {number}")),
        None => Refusal::WhichPart(parts).of("#unmerge"),
    })
}

/// The part that `#unmerge` is about: the one named, else the one that the agent's mail was written to, else the latest.
fn undone<'c>(case: &AgentReply<'c>, named: Option<TicketNumber>) -> Option<&'c Merged> {
    let merged = &case.surroundings.merged;
    let part = |number: TicketNumber| merged.iter().find(|part| part.ticket.number == number);
    match (named, case.came_for) {
        (Some(number), _) => part(number),
        (None, Some(came_for)) => part(came_for.number),
        (None, None) => merged.last(),
    }
}

/// Why an answer would reach the wrong person: whose words it answers is not on the ticket that lives on. On a ticket that
/// nothing was merged into, whoever is only proposed wrote beside its people, and the notification says whom an answer reaches.
pub(in crate::decide) fn answers_a_stranger(case: &AgentReply<'_>, ticket: &Ticket) -> Option<Refusal> {
    if ticket.merged_subjects.is_empty() && case.came_for.is_none() {
        return None;
    }
    let wrote = case.last_words.map(|(author, _)| &author.address);
    let meant = case.came_for.map(|merged| &merged.requester.address);
    let written_to =
        |address: &Address| case.mail.to.iter().chain(&case.mail.cc).any(|person| person.address.same_as(address));
    let proposed = |address: &Address| ticket.proposed().any(|person| person.address.same_as(address));
    let stranger = wrote.into_iter().chain(meant).find(|address| proposed(address) && !written_to(address))?;
    let (customer, stranger) = (ticket.requester.address.clone(), stranger.clone());
    Some(Refusal::AnswersStranger { customer, stranger, ticket: ticket.number })
}

impl Work<'_> {
    /// The ticket becomes part of the one named.
    pub(in crate::decide) fn merge(&mut self, named: TicketNumber) {
        let (case, merged) = (self.case, self.before);
        let Some(lead) = case.surroundings.living(named) else { return };
        self.edit().step(Step::Merge { lead: lead.number });
        self.event(EventKind::MergedInto { into: lead.number });
        let mut shown = TicketView::of(lead);
        shown.shows = case.counters.next_message;
        let strangers: Vec<Address> = strangers(merged, lead).map(|person| person.address.clone()).collect();
        let (subject, proposed) = (merged.subject.clone(), strangers.clone());
        self.edit_other(&mut shown).record(EventKind::Absorbed { part: merged.number, subject, proposed });
        let unanswered = matches!(merged.status, Status::New | Status::Open);
        if unanswered && matches!(lead.status, Status::Waiting | Status::Resolved | Status::Closed) {
            let why = Some(StatusWhy::Merged);
            self.edit_other(&mut shown).set_status_with(Status::Open, None, why, Some(merged.number));
        }
        shown.proposed.extend(strangers.iter().cloned());
        self.stands_on = lead.number;
        self.plan.fate = Some(Fate::Ticket(lead.number));
        let former = std::mem::replace(&mut self.shown, shown);
        let customer = lead.requester.clone();
        self.notice(NoticeBody::Regrouped(Regrouping::Merged { merged: merged.number, customer, strangers }));
        let readers = self.shown.readers(case.policy);
        let former = TicketView { status: Status::Closed, ..former };
        let losers = former.assignee.iter().filter(|agent| !readers.contains(agent)).cloned().collect();
        self.tell_of(&self.shown.clone(), readers, News::Absorbed { by: self.name.clone(), merged: merged.number });
        self.tell_of(&former, losers, News::MergedInto { by: self.name.clone(), lead: lead.number });
    }

    /// A part of the ticket stands alone again, as it stood.
    pub(in crate::decide) fn unmerge(&mut self, named: Option<TicketNumber>) {
        let (case, lead) = (self.case, self.before);
        let Some(part) = undone(case, named) else {
            // A ticket that was split off goes back where it was.
            return case.surroundings.split_from.into_iter().for_each(|origin| self.merge(origin));
        };
        let number = part.ticket.number;
        // Its readers see the latest words of it, wherever these came in: an answer to them is up to date.
        let shows = case.counters.next_message;
        let mut shown = TicketView { status: part.status, shows, ..TicketView::of(&part.ticket) };
        self.edit_other(&mut shown).step(Step::Unmerge);
        self.event(EventKind::Unmerged { part: number, subject: part.ticket.subject.clone() });
        if part.written_to && !matches!(part.status, Status::New | Status::Open) {
            self.edit_other(&mut shown).stand(Status::Open);
        }
        let status = shown.status;
        self.edit_other(&mut shown).record(EventKind::UnmergedFrom { from: lead.number, status });
        if let Some((before, wait_until)) = part.lead_before.filter(|_| part.ticket.merged_into == Some(lead.number)) {
            self.edit().set_status_with(before, wait_until, Some(StatusWhy::Unmerged), Some(number));
        }
        let mut readers = shown.readers(case.policy);
        readers.retain(|reader| reader != self.agent);
        readers.push(self.agent.clone());
        let nobody = (part.ticket.requester.clone(), String::new());
        let (author, words) = part.last_words.as_ref().unwrap_or(&nobody);
        let news = News::Unmerged { by: self.name.clone(), lead: lead.number };
        let story = NotificationContent { news, author, words, attachments: &nothing_attached(), route: None };
        self.drafts.notify(&mut self.plan, case.policy, &shown, readers, &story);
    }

    /// One notification to each of `readers` but the agent, with the customer's latest words.
    fn tell_of(&mut self, shown: &TicketView, readers: Vec<AgentId>, news: News) {
        let me = self.me();
        let (author, words) = self.case.told_words.map_or((&me, ""), |(author, words)| (author, words.as_str()));
        let story = NotificationContent { news, author, words, attachments: &nothing_attached(), route: None };
        let others = readers.into_iter().filter(|reader| reader != self.agent);
        self.drafts.notify(&mut self.plan, self.case.policy, shown, others, &story);
    }
}

/// Who is on the merged ticket and not on the one that lives on.
fn strangers<'t>(merged: &'t Ticket, lead: &'t Ticket) -> impl Iterator<Item = &'t Person> {
    let on_lead = |address: &Address| lead.participants.iter().any(|someone| someone.person.address.same_as(address));
    let told = merged.participants.iter().filter(|someone| someone.role != Role::Proposed);
    told.map(|someone| &someone.person).filter(move |person| !on_lead(&person.address))
}

//! A notification that failed for good: its agent gets it again without what the server objects to, else others hear of it.
//!
//! Never goes on for ever: what is sent instead fails to fewer people each time, and tells nobody twice of the same.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::drafts::{Drafts, NotificationContent, nothing_attached};
use super::ticket_view::TicketView;
use crate::decide::actions::giving_out;
use crate::decide::actions::orphaned::settle;
use crate::decide::ticket::TicketEditor;
use crate::model::address::{Address, Person};
use crate::model::event::{AssignedWhy, Event, EventKind, Failure};
use crate::model::facts::Counters;
use crate::model::id::AgentId;
use crate::model::mail::Attachment;
use crate::model::outgoing::{Draft, Instead, News, Objection, OutgoingKind};
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::staff::{Absence, AwayBy, Staff};
use crate::model::ticket::{Status, Ticket};

/// How long an agent counts as absent after one refusal: then the next mail is tried.
pub const BELIEVED: SignedDuration = SignedDuration::from_hours(24);

/// A notification that will never arrive, and what is known of the others.
pub struct FailedNotification<'a> {
    /// Whose it was.
    pub agent: &'a AgentId,
    /// To which address.
    pub recipient: &'a Address,
    /// What the server said.
    pub reason: &'a str,
    /// What it objected to; `None` when nobody knows.
    pub objection: Option<Objection>,
    /// Whether it was sent instead of another one.
    pub instead: Instead,
    /// The last words of a customer on its ticket.
    pub words: Option<&'a (Person, String)>,
    /// What came with them.
    pub attachments: &'a Arc<[Attachment]>,
    /// Others who were told as much of the ticket, or are about to be.
    pub reached: &'a [AgentId],
    /// Others to whom this was passed on before.
    pub tried: &'a [AgentId],
    /// Agents whose address takes no mail, this one among them if so.
    pub unreachable: &'a [AgentId],
    /// The staff, when its agent's address takes no mail: what they have not begun goes to somebody else.
    pub staff: Option<&'a Staff>,
    /// Nobody heard in the last day that this agent cannot be reached.
    pub is_news: bool,
}

/// What is done about it.
pub struct Remedy {
    /// What happens.
    pub plan: Plan,
    /// What its mails are sent for.
    pub instead: Instead,
    /// Nobody knows of the ticket by mail, and nobody is left to be told.
    pub untold: bool,
}

/// What is done about a notification that failed for good.
pub fn notification_failed(
    policy: &Policy,
    ticket: &Ticket,
    failed: &FailedNotification<'_>,
    counters: Counters,
) -> Remedy {
    let mut plan = Plan::default();
    let kind = EventKind::Delivery {
        mail: OutgoingKind::Notification,
        to: failed.recipient.clone(),
        failure: Failure::Final,
        reason: failed.reason.to_owned(),
    };
    plan.events.push(Event::of_desk(ticket.number, kind));
    let mut shown = TicketView::of(ticket);
    settle(&mut shown, policy, None, &mut plan);
    let refused = failed.unreachable.contains(failed.agent);
    if refused && failed.is_news {
        let kind = EventKind::Away { agent: failed.agent.clone(), until: None, by: AwayBy::Refused };
        plan.events.push(Event::of_desk(ticket.number, kind));
    }
    let heir = hand_on(policy, &mut shown, failed, &mut plan);
    let mut drafts = Drafts::new(counters.next_serial);
    let bare = match (failed.objection, failed.instead) {
        // No mail of ours passes: another one would not either.
        (Some(Objection::Sender), _) => {
            return Remedy { plan, instead: Instead::No, untold: failed.reached.is_empty() };
        }
        (Some(Objection::Size), Instead::No) => {
            let new = shown.status == Status::New;
            let news = if new { News::Opened } else { News::CustomerWrote { reopened: false } };
            let told = tell(policy, &mut drafts, &shown, vec![failed.agent.clone()], news, Some(failed));
            plan.mails = drafts.mails.into_iter().map(without_files).collect();
            return Remedy { plan, instead: Instead::Smaller, untold: !told };
        }
        (Some(Objection::Content), Instead::No) | (Some(Objection::Content | Objection::Size), Instead::Smaller) => {
            let news = News::WithoutWords(failed.reason.to_owned());
            let told = tell(policy, &mut drafts, &bared(shown), vec![failed.agent.clone()], news, None);
            plan.mails = drafts.mails;
            return Remedy { plan, instead: Instead::Bare, untold: !told };
        }
        (Some(Objection::Content | Objection::Size), _) | (_, Instead::Bare | Instead::PassedBare) => true,
        (Some(Objection::Address) | None, Instead::No | Instead::Smaller | Instead::Passed) => false,
    };
    let mut readers = others(policy, &shown, failed);
    if let Some(heir) = heir.filter(|heir| !readers.contains(heir) && !failed.reached.contains(heir)) {
        readers.insert(0, heir);
    }
    let name = policy.agent_name(failed.agent);
    let news = News::NotTold { agent: name, reason: failed.reason.to_owned() };
    let instead = if bare { Instead::PassedBare } else { Instead::Passed };
    let told = if bare {
        tell(policy, &mut drafts, &bared(shown), readers, news, None)
    } else {
        tell(policy, &mut drafts, &shown, readers, news, Some(failed))
    };
    plan.mails = drafts.mails;
    Remedy { plan, instead, untold: !told && failed.reached.is_empty() }
}

/// The absence of an agent whose address takes no mail.
pub fn refused_since(now: Timestamp) -> Absence {
    Absence { since: now, until: now.checked_add(BELIEVED).ok(), by: AwayBy::Refused }
}

/// A ticket that nobody has answered does not stay with an agent who cannot hear of it: it is given to another one, or is
/// nobody's when others can take it. Returns who has it.
fn hand_on(
    policy: &Policy,
    shown: &mut TicketView,
    failed: &FailedNotification<'_>,
    plan: &mut Plan,
) -> Option<AgentId> {
    let staff =
        failed.staff.filter(|_| shown.assignee.as_ref() == Some(failed.agent) && shown.status == Status::New)?;
    let department = policy.department(&shown.department)?;
    let but: Vec<&AgentId> = failed.unreachable.iter().chain([failed.agent]).collect();
    let heir = giving_out::choose(policy, department, staff, &but).agent();
    let can_take = |agent: &AgentId| !but.contains(&agent) && policy.agent(agent).is_some() && !staff.is_away(agent);
    if heir.is_some() || department.agents.iter().any(can_take) {
        TicketEditor::of_desk(shown, plan).pass_on(department, heir.clone(), AssignedWhy::Refused);
    }
    heir
}

/// The same with all files named alone.
fn without_files(draft: Draft) -> Draft {
    let Draft::Notification(mut told) = draft else { return draft };
    let size = |file: &Attachment| u64::try_from(file.content.len()).unwrap_or(u64::MAX);
    told.left_out = told.attachments.iter().map(|file| (file.name.clone(), size(file))).collect();
    told.attachments = nothing_attached();
    Draft::Notification(told)
}

/// The ticket without anything that a customer wrote.
fn bared(shown: TicketView) -> TicketView {
    TicketView { subject: String::new(), proposed: Vec::new(), ..shown }
}

/// Who hears instead: colleagues who are there, leads, managers. Once they know that the agent cannot be reached, only those
/// who have to see to the ticket, and nobody when somebody does already.
fn others(policy: &Policy, shown: &TicketView, failed: &FailedNotification<'_>) -> Vec<AgentId> {
    let may = |agent: &&AgentId| {
        *agent != failed.agent
            && policy.agent(agent).is_some()
            && !failed.unreachable.contains(agent)
            && !failed.tried.contains(agent)
    };
    let department = policy.department(&shown.department);
    let members: Vec<AgentId> =
        department.iter().flat_map(|department| &department.agents).filter(may).cloned().collect();
    let here: Vec<AgentId> = members.iter().filter(|agent| !shown.away.contains(agent)).cloned().collect();
    let leads = department.iter().flat_map(|department| &department.leads);
    let chiefs = leads.chain(policy.managers()).filter(may).cloned();
    let mut readers = here;
    if failed.is_news {
        readers.extend(chiefs);
    } else if !failed.reached.is_empty() {
        return Vec::new();
    } else if readers.is_empty() {
        readers.extend(chiefs);
    }
    if readers.is_empty() { members } else { readers }
}

/// One notification to each of `readers`, nobody twice, whatever they asked for: nobody else may hear of it. Returns whether
/// there was anybody.
fn tell(
    policy: &Policy,
    drafts: &mut Drafts,
    shown: &TicketView,
    readers: Vec<AgentId>,
    news: News,
    words: Option<&FailedNotification<'_>>,
) -> bool {
    let ours = policy.mailbox(&shown.mailbox).or(policy.mailboxes.first()).map(|mailbox| mailbox.address.clone());
    let Some(ours) = ours else { return false };
    let postroom = Person { name: "postroom".to_owned(), address: ours };
    let (nothing, files) = (nothing_attached(), words.map(|failed| failed.attachments));
    let (author, words) =
        words.and_then(|failed| failed.words).map_or((&postroom, ""), |(who, words)| (who, words.as_str()));
    let story = NotificationContent { news, author, words, attachments: files.unwrap_or(&nothing), route: None };
    let mut told: Vec<AgentId> = Vec::new();
    for reader in readers {
        if !told.contains(&reader) {
            let notification = drafts.notification(policy, shown, reader.clone(), &story);
            drafts.mails.push(Draft::Notification(Box::new(notification)));
            told.push(reader);
        }
    }
    !told.is_empty()
}

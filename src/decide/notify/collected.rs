//! Kept news of a ticket in one mail, worded as things stand when it is written.
//!
//! Nothing is dropped without a line of history that says why.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::audience;
use super::drafts::{Drafts, NotificationContent};
use super::ticket_view::TicketView;
use crate::model::event::{Event, EventKind, Withheld};
use crate::model::facts::{Answered, Counters};
use crate::model::habits::Notify;
use crate::model::id::{AgentId, MessageKey};
use crate::model::mail::Attachment;
use crate::model::news::{Kept, KeptNews, NotificationItem, Since};
use crate::model::outgoing::{Draft, News, NotificationDraft};
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::staff::Absence;
use crate::model::ticket::Ticket;
use crate::model::visibility::Internal;

/// What waited longer than this is told with its time.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// What has happened since news was kept.
#[derive(Clone, Copy)]
pub struct Meanwhile<'a> {
    /// The config.
    pub policy: &'a Policy,
    /// Who answered the customer since the first of it.
    pub answered: &'a [Answered],
    /// Who is away: a ticket of theirs is not taken care of.
    pub away: &'a BTreeMap<AgentId, Absence>,
    /// Now.
    pub now: Timestamp,
}

/// The one mail that tells `agent` all that was kept for them of `ticket`; or a line of history that says why there is none.
pub fn collected(
    ticket: &Ticket,
    agent: &AgentId,
    mut kept: Kept,
    meanwhile: Meanwhile<'_>,
    counters: Counters,
) -> Plan {
    let policy = meanwhile.policy;
    let mut shown = TicketView::of(ticket);
    let mut plan = Plan::default();
    if let Some(why) = audience::gone(policy, &shown, agent) {
        let count = kept.count();
        kept = farewell(policy, agent, kept);
        plan.events.push(Event::of_desk(ticket.number, news_dropped(agent, count, kept.count(), why)));
    }
    let Some(latest) = kept.news.pop() else { return plan };
    shown.shows = latest.shows;
    if latest.news.shows_a_mail() {
        shown.sender = latest.sender;
    }
    let mut drafts = Drafts::new(counters.next_serial);
    let files: Arc<[Attachment]> = latest.files.into();
    let story = NotificationContent {
        news: latest.news,
        author: &latest.author,
        words: latest.words.as_str(),
        attachments: &files,
        route: latest.route.as_ref(),
    };
    let mut draft = drafts.notification(policy, &shown, agent.clone(), &story);
    draft.left_out = latest.left_out;
    draft.below = latest.below;
    plan.mails.push(Draft::Notification(Box::new(with_kept(draft, kept, latest.at, meanwhile))));
    plan
}

/// That of the news kept for `agent` only some is told.
pub(in crate::decide) fn news_dropped(agent: &AgentId, kept: usize, told: usize, why: String) -> EventKind {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    EventKind::NewsDropped {
        what: Withheld::Notification,
        agent: agent.clone(),
        kept: number(kept),
        told: number(told),
        why,
    }
}

/// Somebody who may not read the ticket any more hears that it is no longer theirs, or that what they handed over was accepted,
/// and none of its words.
fn farewell(policy: &Policy, agent: &AgentId, kept: Kept) -> Kept {
    let listens = policy.agent(agent).is_some_and(|agent| agent.habits.notify != Notify::None);
    let last = kept
        .news
        .into_iter()
        .rev()
        .find(|kept| listens && matches!(kept.news, News::NoLongerYours(_) | News::Accepted(_)));
    let silent = |kept| KeptNews {
        words: Internal::new(""),
        below: Internal::new(""),
        files: Vec::new(),
        left_out: Vec::new(),
        ..kept
    };
    Kept { news: last.map(silent).into_iter().collect(), older: 0 }
}

/// Puts what was kept before it into `draft`, whose own news is of the moment `at`.
pub fn with_kept(
    mut draft: NotificationDraft,
    kept: Kept,
    at: Timestamp,
    meanwhile: Meanwhile<'_>,
) -> NotificationDraft {
    let own = NotificationItem {
        at,
        news: draft.news.clone(),
        author: draft.author.clone(),
        words: draft.body.clone(),
        below: draft.below.clone(),
        files: draft.attachments.iter().map(|file| file.name.clone()).collect(),
        since: None,
        sender: draft.sender,
    };
    let mut shows = Vec::new();
    let mut files: Vec<Attachment> = Vec::new();
    let (mut episodes, mut left_out) = (Vec::new(), Vec::new());
    for kept in kept.news {
        shows.push(kept.shows);
        draft.route = draft.route.or(kept.route);
        episodes.push(NotificationItem {
            at: kept.at,
            news: kept.news,
            author: kept.author,
            words: kept.words,
            below: kept.below,
            files: kept
                .files
                .iter()
                .map(|file| &file.name)
                .chain(kept.left_out.iter().map(|(name, _)| name))
                .cloned()
                .collect(),
            since: None,
            sender: kept.sender,
        });
        files.extend(kept.files);
        left_out.extend(kept.left_out);
    }
    shows.push(draft.shows);
    episodes.push(own);
    for index in 0..episodes.len() {
        let since = became(&draft, &episodes, &shows, index, meanwhile);
        if let Some(episode) = episodes.get_mut(index) {
            episode.since = since;
        }
    }
    let told = episodes.iter().filter(|episode| episode.news.shows_a_mail()).map(|episode| episode.sender).max();
    draft.sender = told.unwrap_or(draft.sender);
    let late =
        episodes.iter().any(|episode| episode.since.is_some() || meanwhile.now.duration_since(episode.at) > FRESH);
    if episodes.len() > 1 || late {
        draft.episodes = episodes;
    }
    draft.older = kept.older;
    draft.shows = shows.iter().max().copied().unwrap_or(draft.shows);
    if !files.is_empty() {
        files.extend(draft.attachments.iter().cloned());
        draft.attachments = files.into();
    }
    left_out.append(&mut draft.left_out);
    draft.left_out = left_out;
    draft
}

/// What became of the words of one episode by now.
fn became(
    draft: &NotificationDraft,
    episodes: &[NotificationItem],
    shows: &[MessageKey],
    index: usize,
    meanwhile: Meanwhile<'_>,
) -> Option<Since> {
    let (episode, shown) = (episodes.get(index)?, shows.get(index)?);
    let told_below = episodes.iter().skip(index + 1).any(|later| matches!(later.news, News::ColleagueAnswered(_)));
    if !episode.news.wants_an_answer() || told_below {
        return None;
    }
    let name = |agent: &AgentId| meanwhile.policy.agent_name(agent);
    if let Some(answer) = meanwhile.answered.iter().find(|answer| answer.message > *shown) {
        return Some(if answer.agent == draft.agent {
            Since::YouAnswered
        } else {
            Since::Answered(name(&answer.agent))
        });
    }
    let taken_by = draft.assignee.as_ref();
    let taken_by = taken_by.filter(|assignee| **assignee != draft.agent && !meanwhile.away.contains_key(*assignee));
    taken_by.map(|assignee| Since::Taken(name(assignee)))
}

//! Who goes away and comes back: by command, by an answering machine that answered a notification, by `postroom agent`.
//!
//! What an absent agent has not answered yet goes on to the others: tickets that they answered stay with them, and their department hears of
//! it too.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::giving_out;
use crate::decide::Incoming;
use crate::decide::agent::out_of_office;
use crate::decide::agent::work::Work;
use crate::decide::commands::Command;
use crate::decide::customer::follow_up::is_old_import;
use crate::decide::notify::drafts::{Drafts, NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::{TicketEditor, finish};
use crate::model::event::{Actor, AssignedWhy, BackWhy, Event, EventKind};
use crate::model::facts::Counters;
use crate::model::id::AgentId;
use crate::model::language::TextKey;
use crate::model::link::{AgentProof, Link};
use crate::model::mail::Automated;
use crate::model::outgoing::{Draft, News, NoticeBody, StaffNotice};
use crate::model::plan::{Fate, Plan};
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::staff::{Absence, AwayBy, Staff, WorkItem};
use crate::model::ticket::Status;

/// The longest absence that is taken for meant.
pub const MAX_DAYS: i64 = 366;
/// How long an answering machine is believed that names no day: its next answer is believed again.
const UNTIL_NEXT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The beginning of `day`, when who is away until then is back.
pub fn back_on(day: Date, timezone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(timezone.clone()).ok()?.timestamp())
}

/// Why nobody can be away until `until`.
pub fn impossible(until: Timestamp, now: Timestamp) -> Option<Refusal> {
    if until <= now {
        return Some(Refusal::NotAhead);
    }
    let longest = SignedDuration::from_hours(MAX_DAYS * 24);
    (until.duration_since(now) > longest).then_some(Refusal::TooFarAhead)
}

/// `agent` goes away, as whoever runs `postroom agent away` says.
pub fn leaves(policy: &Policy, staff: &Staff, agent: &AgentId, absence: Absence, counters: Counters) -> Plan {
    let mut plan = Plan { absences: vec![(agent.clone(), Some(absence))], ..Plan::default() };
    let mut drafts = Drafts::new(counters.next_serial);
    hand_on(policy, staff, agent, &Actor::Admin, &mut plan, &mut drafts);
    finish(plan, drafts)
}

/// Takes out of a plan by which a whole department is told what goes to agents who are away, unless nobody is there.
pub fn spare_the_absent(plan: &mut Plan, away: &BTreeMap<AgentId, Absence>) {
    let reader = |draft: &Draft| match draft {
        Draft::Notification(notification) => Some(away.contains_key(&notification.agent)),
        Draft::Answer(_) | Draft::Acknowledgement(_) | Draft::Digest(_) | Draft::Notice(_) => None,
    };
    if plan.mails.iter().any(|draft| reader(draft) == Some(false)) {
        plan.mails.retain(|draft| reader(draft) != Some(true));
    }
}

/// All of `items`, tickets of `from`, are `to`'s from now on, who gets one mail about them all.
pub fn hand_over(policy: &Policy, from: &AgentId, to: &AgentId, items: &[WorkItem], counters: Counters) -> Plan {
    let mut plan = Plan::default();
    let Some(first) = items.first() else { return plan };
    for WorkItem { ticket, .. } in items {
        let (mut shown, actor) = (TicketView::of(ticket), Actor::Admin);
        let mut editor = TicketEditor { ticket: ticket.number, actor, shown: &mut shown, plan: &mut plan };
        editor.assign(Some(to.clone()), Some(AssignedWhy::HandedOver));
    }
    let mut drafts = Drafts::new(counters.next_serial);
    let name = policy.agent_name(from);
    let tickets = items.iter().map(|WorkItem { ticket, .. }| ticket.into()).collect();
    let body = NoticeBody::Staff(StaffNotice::HandedOver { from: name, tickets });
    drafts.notice_beside(policy, &TicketView::of(&first.ticket), to, body);
    finish(plan, drafts)
}

/// What `agent` has not answered yet goes on to the others, as its departments give out tickets; by hand where they do not.
/// What nobody else could take stays theirs. Returns how many tickets went.
fn hand_on(
    policy: &Policy,
    staff: &Staff,
    agent: &AgentId,
    actor: &Actor,
    plan: &mut Plan,
    drafts: &mut Drafts,
) -> usize {
    let mut staff = staff.clone();
    let name = policy.agent_name(agent);
    let mut count = 0;
    for WorkItem { ticket, words, .. } in std::mem::take(&mut staff.unanswered) {
        let Some(department) = policy.department(&ticket.department).filter(|_| ticket.status == Status::New) else {
            continue;
        };
        let mut shown = TicketView::of(&ticket);
        let given = giving_out::choose(policy, department, &staff, &[agent]).agent();
        let others = department.agents.iter().filter(|other| *other != agent && !staff.is_away(other));
        let (news, readers) = if let Some(to) = &given {
            giving_out::note_given(&mut staff, &department.id, to);
            (News::YoursAsAway(name.clone()), vec![to.clone()])
        } else {
            (News::FreeAsAway(name.clone()), others.cloned().collect::<Vec<_>>())
        };
        if readers.is_empty() {
            continue;
        }
        let (number, actor) = (ticket.number, actor.clone());
        let mut editor = TicketEditor { ticket: number, actor, shown: &mut shown, plan };
        editor.pass_on(department, given, AssignedWhy::Away);
        let (author, words) = words.as_ref().map_or((&ticket.requester, ""), |(who, words)| (who, words));
        let story = NotificationContent { news, author, words, attachments: &nothing_attached(), route: None };
        editor.notify(drafts, policy, readers, &story);
        count += 1;
    }
    count
}

/// The first mail that an agent themselves writes ends an absence that only their answering machine spoke of, whatever it says
/// and wherever it goes, once it is proved to be theirs.
pub(in crate::decide) fn end_by_presence(case: &Incoming<'_>, plan: &mut Plan) {
    let (Link::Ticket { agent: Some(agent), .. }
    | Link::Unticketed { agent }
    | Link::Forward { agent, proof: AgentProof::Token | AgentProof::Dmarc }
    | Link::Direct {
        agent: Some(agent),
        proof: AgentProof::Token | AgentProof::Dmarc | AgentProof::SentFolder,
        ..
    }) = case.link
    else {
        return;
    };
    let Some(absence) = case.staff.away.get(agent).filter(|absence| absence.by == AwayBy::AutoReply) else { return };
    let proved = !case.policy.desk.require_dmarc || case.verified;
    let said = plan.absences.iter().any(|(who, _)| who == agent);
    if said || !proved || case.mail.automated.is_some() || case.raw.received_at < absence.since {
        return;
    }
    plan.absences.push((agent.clone(), None));
    if let Some(Fate::Ticket(ticket)) = plan.fate {
        let kind = EventKind::Back { agent: agent.clone(), why: BackWhy::Mail };
        plan.events.push(Event { ticket, actor: Actor::Agent(agent.clone()), kind });
    }
}

/// The absence that an out-of-office from the agent's own address speaks of: until the day that it names.
fn told_by_machine(case: &Incoming<'_>, agent: &AgentId) -> Option<Absence> {
    let from = case.mail.from.as_ref().map(|from| &from.address);
    let own = case
        .policy
        .agent(agent)
        .is_some_and(|agent| from.is_some_and(|from| agent.addresses.iter().any(|address| address.same_as(from))));
    let believed = !case.policy.desk.require_dmarc || case.verified;
    if case.mail.automated != Some(Automated::AutoReply) || !own || !believed || is_old_import(case) {
        return None;
    }
    let timezone = &case.policy.desk.timezone;
    // Not what it quotes: a customer's `until Friday` is no day of return.
    let words = case.mail.words();
    let named = out_of_office::read(words, case.now.to_zoned(timezone.clone()).date());
    let named = named.and_then(|day| back_on(day, timezone)).filter(|day| impossible(*day, case.now).is_none());
    let until = named.or_else(|| case.now.checked_add(UNTIL_NEXT).ok());
    let known = case.staff.away.get(agent);
    if known.is_some_and(|known| known.by != AwayBy::AutoReply || (named.is_some() && known.until == named)) {
        return None;
    }
    Some(Absence { since: case.now, until, by: AwayBy::AutoReply })
}

/// The same for one that stands on no ticket: what they have not answered goes on to the others.
pub(in crate::decide) fn believe_machine(case: &Incoming<'_>, agent: &AgentId) -> Plan {
    let mut plan = Plan::default();
    let Some(absence) = told_by_machine(case, agent) else { return plan };
    plan.absences.push((agent.clone(), Some(absence)));
    let mut drafts = Drafts::new(case.counters.next_serial);
    hand_on(case.policy, case.staff, agent, &Actor::Agent(agent.clone()), &mut plan, &mut drafts);
    finish(plan, drafts)
}

impl Work<'_> {
    /// Why `#away` cannot be meant as it stands.
    pub(in crate::decide) fn cannot_be_away(&self, commands: &[Command]) -> Option<Refusal> {
        commands.iter().find_map(|command| {
            let Command::Away(Some(day)) = command else { return None };
            let until = back_on(*day, &self.case.policy.desk.timezone)?;
            Some(impossible(until, self.case.now)?.of(format!("#away until {day}")))
        })
    }

    /// `#away`, until that day.
    pub(in crate::decide) fn go_away(&mut self, day: Option<Date>) {
        let until = day.and_then(|day| back_on(day, &self.case.policy.desk.timezone));
        let handed_on = self.away(Absence { since: self.case.now, until, by: AwayBy::Command });
        self.notice(NoticeBody::Staff(StaffNotice::Away { until: day, handed_on }));
    }

    /// `#back`.
    pub(in crate::decide) fn come_back(&mut self) {
        self.event(EventKind::Back { agent: self.agent.clone(), why: BackWhy::Command });
        self.plan.absences.push((self.agent.clone(), None));
        self.say(TextKey::NoticeBack);
    }

    /// An out-of-office that answers a notification.
    pub(in crate::decide) fn believe_machine(&mut self) {
        if let Some(absence) = told_by_machine(self.case, self.agent) {
            self.away(absence);
        }
    }

    fn away(&mut self, absence: Absence) -> usize {
        let day = |until: Timestamp| until.to_zoned(self.case.policy.desk.timezone.clone()).date();
        let until = absence.until.map(day);
        self.event(EventKind::Away { agent: self.agent.clone(), until, by: absence.by });
        self.plan.absences.push((self.agent.clone(), Some(absence)));
        let actor = Actor::Agent(self.agent.clone());
        hand_on(self.case.policy, self.case.staff, self.agent, &actor, &mut self.plan, &mut self.drafts)
    }
}

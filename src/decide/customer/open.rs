//! A mail that belongs to no ticket opens one: in its department, and in every other that it was written to by name.
//!
//! All of them are decided with the first copy that arrives, so that it does not matter which mailbox brings it and how often.

use std::collections::BTreeSet;

use super::acknowledge::{self, NoReceipt};
use super::flood;
use super::follow_up::{
    MAX_PARTICIPANTS, author, below, is_old_import, is_outsider, judge, message, referred, requester, sender,
    stands_in, without_author, words,
};
use super::robot::writes_for_another;
use crate::decide::actions::giving_out::{self, Choice};
use crate::decide::notify::drafts::{Drafts, NotificationContent};
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::{TicketEditor, finish};
use crate::decide::{Incoming, NewMatter};
use crate::model::address::{Address, Person};
use crate::model::correspondent::{Correspondent, Doors, NamedBy, correspondent};
use crate::model::event::{Actor, Event, EventKind, ProposedWhy, Withheld};
use crate::model::id::{AgentId, MessageKey, TicketNumber};
use crate::model::language::Language;
use crate::model::link::{Link, Route, ThreadReason};
use crate::model::outgoing::{Draft, News};
use crate::model::plan::{Fate, INTERNAL_NOTE, NewMessage, NewOrFolded, NewTicket, Plan};
use crate::model::staff::Staff;
use crate::model::subject::own_words;
use crate::model::text::marked;
use crate::model::ticket::{MessageKind, Participant, Role, SenderVerdict, Sibling, Visibility};

/// Stands where a mail has no subject.
pub(in crate::decide) const NO_SUBJECT: &str = "(no subject)";

/// What has been decided so far for the tickets of one mail.
struct Opening<'a> {
    case: &'a NewMatter<'a>,
    reason: ThreadReason,
    related: Option<TicketNumber>,
    /// Every ticket of the mail with its department.
    family: Vec<Sibling>,
    next_message: MessageKey,
    drafts: Drafts,
    /// The staff as the tickets given out so far leave it.
    staff: Staff,
    /// The ticket that was acknowledged.
    acknowledged: Option<TicketNumber>,
    plan: Plan,
}

/// A mail that belongs to no ticket opens one in each department that it goes to.
pub(in crate::decide) fn new_ticket(case: &NewMatter<'_>) -> Plan {
    let first = case.counters.next_ticket;
    let (reason, related) = if let Link::New { reason, possibly_related } = case.link {
        (*reason, *possibly_related)
    } else {
        (ThreadReason::Nothing, None)
    };
    let routes: Vec<&Route> = std::iter::once(case.route).chain(case.others).collect();
    let numbers = (first.0..).map(TicketNumber);
    let family = numbers.zip(&routes).map(|(number, route)| Sibling { number, department: route.department.clone() });
    let mut opening = Opening {
        case,
        reason,
        related,
        family: family.collect(),
        next_message: case.counters.next_message,
        drafts: Drafts::new(case.counters.next_serial).above(below(case)),
        staff: case.staff.clone(),
        acknowledged: None,
        plan: Plan {
            begun: flood::begun(case, first, NewOrFolded::Opened),
            fate: Some(Fate::Ticket(first)),
            ..Plan::default()
        },
    };
    for (number, route) in (first.0..).map(TicketNumber).zip(routes) {
        opening.one(number, route);
    }
    finish(opening.plan, opening.drafts)
}

impl Opening<'_> {
    fn one(&mut self, number: TicketNumber, route: &Route) {
        let ticket = self.ticket(number, route);
        let key = self.key();
        let about = NewMessage { key, ..message(self.case, number, &ticket.requester, self.reason) };
        self.plan.messages.push(about);
        self.plan.refers.extend(referred(self.case).map(|id| (number, id)));
        let kind = opened(self.case, self.reason, key);
        self.plan.events.push(Event { ticket: number, actor: Actor::Customer, kind });
        self.name_requester(number);
        judge(self.case, number, &mut self.plan);
        let failed = self.case.sender == SenderVerdict::Failed;
        let why = if failed { ProposedWhy::AuthorFailed } else { ProposedWhy::ReplyTo };
        for person in proposed(&ticket) {
            let kind = EventKind::Proposed { person: person.address.clone(), why };
            self.plan.events.push(Event::of_desk(number, kind));
        }
        self.plan.events.push(Event::of_desk(number, routed(&ticket.route)));
        self.name_kin(&ticket);
        self.note_remark(number);
        self.acknowledge(&ticket);
        let mut shown = self.shown(&ticket, key);
        self.give_out(&ticket, &mut shown);
        self.tell(&ticket, &shown);
        self.plan.open.push(ticket);
    }

    fn key(&mut self) -> MessageKey {
        let key = self.next_message;
        self.next_message = MessageKey(key.0 + 1);
        key
    }

    fn ticket(&self, number: TicketNumber, route: &Route) -> NewTicket {
        let case = self.case;
        let requester = requester(case.policy, case.mail);
        let department = case.policy.department(&route.department);
        let language = case.mail.language.as_deref().and_then(Language::from_tag);
        let language = language.or(department.map(|department| department.language));
        let subject = crate::model::text::clean_subject(&own_words(&case.mail.subject, self.own_tag()));
        NewTicket {
            number,
            key: case.counters.fresh_key,
            subject: if subject.is_empty() { NO_SUBJECT.to_owned() } else { subject },
            route: route.clone(),
            participants: participants(case, &requester),
            requester,
            language: language.unwrap_or(case.policy.desk.language),
            mailbox: case.raw.mailbox.clone(),
            possibly_related: self.related,
            list: crate::model::list::list_of(case.mail, case.policy),
            follows: self.related.filter(|_| self.reason == ThreadReason::Closed),
            family: self.family.first().filter(|_| self.family.len() > 1).map(|first| first.number),
        }
    }

    /// The ticket whose tag in the subject is ours. A number above another subject is another helpdesk's, and theirs to keep.
    fn own_tag(&self) -> Option<TicketNumber> {
        self.related.filter(|_| self.reason != ThreadReason::OtherSubject)
    }

    fn siblings(&self, number: TicketNumber) -> Vec<Sibling> {
        self.family.iter().filter(|sibling| sibling.number != number).cloned().collect()
    }

    /// Why the requester is not the author.
    fn name_requester(&mut self, number: TicketNumber) {
        let case = self.case;
        let Correspondent { person, named_by } = correspondent(case.policy, case.mail);
        let Some(kind) = stands_in(case.mail, named_by, &person) else { return };
        let why = kind.to_string();
        self.plan.events.push(Event::of_desk(number, kind));
        self.plan.relays.extend(relay(case).map(|relay| (number, relay)));
        if !self.plan.because.contains(&why) {
            self.plan.because.push(why);
        }
    }

    /// The history names the tickets that this one has to do with.
    fn name_kin(&mut self, ticket: &NewTicket) {
        let number = ticket.number;
        if let Some(related) = self.related {
            let why = self.reason;
            let kind = match ticket.follows {
                Some(_) => EventKind::Follows { ticket: related, why },
                None => EventKind::PossiblyRelated { ticket: related, why },
            };
            self.plan.events.push(Event::of_desk(number, kind));
        }
        let siblings = self.siblings(number);
        if !siblings.is_empty() {
            let (tickets, departments) =
                siblings.into_iter().map(|sibling| (sibling.number, sibling.department)).unzip();
            self.plan.events.push(Event::of_desk(number, EventKind::Sibling { tickets, departments }));
        }
    }

    /// The words that an agent put above a customer's mail when they passed it on.
    fn note_remark(&mut self, number: TicketNumber) {
        let Some(forward) = self.case.forward else { return };
        let customer = sender(self.case.mail).address;
        let actor = Actor::Agent(forward.agent.clone());
        let kind = EventKind::Forwarded { customer, proof: forward.proof };
        self.plan.events.push(Event { ticket: number, actor: actor.clone(), kind });
        if forward.remark.is_empty() {
            return;
        }
        let key = self.key();
        let note = NewMessage {
            key,
            ticket: number,
            kind: MessageKind::Note,
            visibility: Visibility::Internal,
            from: forward.from.clone(),
            to: Vec::new(),
            cc: Vec::new(),
            date: forward.date,
            message_id: forward.message_id.clone(),
            agent: Some(forward.agent.clone()),
            text: forward.remark.clone(),
            attachments: Vec::new(),
            thread_reason: INTERNAL_NOTE.to_owned(),
            defects: Vec::new(),
        };
        self.plan.messages.push(note);
        self.plan.events.push(Event { ticket: number, actor, kind: EventKind::Note { message: key } });
    }

    /// One acknowledgement for all tickets of the mail.
    fn acknowledge(&mut self, ticket: &NewTicket) {
        let number = ticket.number;
        if let Some(with) = self.acknowledged {
            let why = format!("the one of #{with} is for this ticket too");
            let kind = EventKind::withheld(Withheld::Acknowledgement, why);
            self.plan.events.push(Event::of_desk(number, kind));
            return;
        }
        if let Some(robot) = self.case.robot {
            if self.plan.because.iter().all(|known| known != robot) {
                self.plan.because.push(robot.to_owned());
            }
            return self.withhold(number, Withheld::Acknowledgement, robot);
        }
        match acknowledge::receipt(self.case, ticket, &mut self.drafts) {
            Ok(()) => {
                self.plan.receipt_for_another = writes_for_another(self.case.policy, self.case.mail);
                self.acknowledged = Some(number);
                let to = ticket.requester.address.clone();
                let kind = EventKind::Acknowledged { to, language: ticket.language };
                self.plan.events.push(Event::of_desk(number, kind));
            }
            Err(no_receipt) => {
                self.withhold(number, Withheld::Acknowledgement, no_receipt.why());
                if let NoReceipt::Limit(_, stopped) = no_receipt {
                    self.plan.stopped.push(stopped);
                }
            }
        }
    }

    /// How the ticket begins.
    fn shown(&self, ticket: &NewTicket, shows: MessageKey) -> TicketView {
        TicketView {
            siblings: self.siblings(ticket.number),
            relay: relay(self.case),
            sender: self.case.sender,
            ..TicketView::of_new(ticket, shows)
        }
    }

    /// The department gives the ticket to somebody, if it gives out its tickets by itself.
    fn give_out(&mut self, ticket: &NewTicket, shown: &mut TicketView) {
        let case = self.case;
        let department = case.policy.department(&ticket.route.department).filter(|_| !is_old_import(case));
        let Some(department) = department else { return };
        let mut editor = TicketEditor::of_desk(shown, &mut self.plan);
        match giving_out::choose(case.policy, department, &self.staff, author(case).as_slice()) {
            Choice::ByHand => {}
            Choice::Nobody(why) => editor.record(EventKind::Assigned { from: None, to: None, why: Some(why) }),
            Choice::Agent(agent) => {
                editor.give(department, agent.clone(), None);
                giving_out::note_given(&mut self.staff, &department.id, &agent);
            }
        }
    }

    fn tell(&mut self, ticket: &NewTicket, shown: &TicketView) {
        match self.tell_of_new(ticket, shown) {
            Ok(agents) if agents.is_empty() => {
                self.plan.withheld.push("notification: there is nobody to tell".to_owned());
            }
            Ok(agents) => {
                self.plan.events.push(Event::of_desk(ticket.number, EventKind::Notified { agents }));
            }
            Err(why) => self.withhold(ticket.number, Withheld::Notification, why),
        }
    }

    fn withhold(&mut self, number: TicketNumber, what: Withheld, why: &str) {
        let kind = EventKind::withheld(what, why);
        let words = kind.to_string();
        self.plan.events.push(Event::of_desk(number, kind));
        if !self.plan.withheld.contains(&words) {
            self.plan.withheld.push(words);
        }
    }

    fn tell_of_new(&mut self, ticket: &NewTicket, shown: &TicketView) -> Result<Vec<AgentId>, &'static str> {
        let case = self.case;
        if is_old_import(case) {
            return Err("the mail is older than a day and was imported");
        }
        let department =
            case.policy.department(&ticket.route.department).ok_or("its department is not in the config")?;
        let words = words(case);
        let remark = case.forward.filter(|forward| !forward.remark.is_empty());
        let both = remark.map(|forward| {
            let (agent, customer) = (forward.from.label(), ticket.requester.label());
            format!("{agent}:\n{}\n\n{customer}:\n{}", forward.remark, marked(&words))
        });
        let story = NotificationContent {
            news: News::Opened,
            author: &ticket.requester,
            words: both.as_deref().unwrap_or(&words),
            attachments: case.attachments,
            route: Some(&ticket.route),
        };
        let readers = match &shown.assignee {
            Some(assignee) => vec![assignee.clone()],
            None => readers_of_new(case, ticket, giving_out::told_of_new(department, &self.staff)),
        };
        let before = self.drafts.mails.len();
        self.drafts.notify(&mut self.plan, case.policy, shown, readers, &story);
        let told = self.drafts.mails.iter().skip(before).filter_map(|mail| match mail {
            Draft::Notification(mail) => Some(mail.agent.clone()),
            Draft::Answer(_) | Draft::Acknowledgement(_) | Draft::Digest(_) | Draft::Notice(_) => None,
        });
        Ok(told.collect())
    }
}

/// Everyone on a first mail: the requester, and whom they wrote to beside us. Whoever else stands in Reply-To is elsewhere than
/// the requester and only proposed; so are all others where our own mail server says that the author is somebody else.
fn participants(case: &NewMatter<'_>, requester: &Person) -> Vec<Participant> {
    let mut participants = vec![Participant { person: requester.clone(), role: Role::Requester }];
    if case.mail.automated.is_none() && case.forward.is_none() {
        let mut seen = BTreeSet::from([requester.address.key()]);
        let doors = Doors::of(case.policy, case.mail);
        // Who writes in somebody's name, a form or an agency, is told nothing of the matter.
        seen.extend(relay(case).map(|relay| relay.key()));
        let role = |welcome: bool| if welcome { Role::Participant } else { Role::Proposed };
        let trusted = case.sender != SenderVerdict::Failed;
        let at_home = |person: &Person| person.address.domain().eq_ignore_ascii_case(requester.address.domain());
        let answered = case.mail.reply_to.iter().map(|person| (person, role(trusted && at_home(person))));
        let written = case.mail.to.iter().chain(&case.mail.cc).map(|person| (person, role(trusted)));
        for (person, role) in answered.chain(written) {
            if is_outsider(case.policy, &person.address)
                && !doors.lead_from(&person.address)
                && participants.len() < MAX_PARTICIPANTS
                && seen.insert(person.address.key())
            {
                participants.push(Participant { person: person.clone(), role });
            }
        }
    }
    participants
}

fn proposed(ticket: &NewTicket) -> impl Iterator<Item = &Person> {
    let proposed = ticket.participants.iter().filter(|someone| someone.role == Role::Proposed);
    proposed.map(|someone| &someone.person)
}

/// Who wrote in the requester's name.
fn relay(case: &Incoming<'_>) -> Option<Address> {
    let for_another = correspondent(case.policy, case.mail).named_by != NamedBy::From;
    for_another.then(|| sender(case.mail).address)
}

/// Those who are to be told. An agent who writes as a customer is told of their own new matter only when nobody else could
/// take it, and never when their mail may be an answer to one of ours.
fn readers_of_new(case: &Incoming<'_>, ticket: &NewTicket, told: Vec<AgentId>) -> Vec<AgentId> {
    let others = without_author(case, told.clone());
    let spent = case.counters.machine_mails_to_sender >= case.policy.limits.per_address_per_day;
    if others.is_empty() && !spent && ticket.possibly_related.is_none() { told } else { others }
}

fn opened(case: &Incoming<'_>, reason: ThreadReason, message: MessageKey) -> EventKind {
    EventKind::Opened {
        by: sender(case.mail).address,
        machine: case.mail.automated.map(|machine| machine.as_str().to_owned()),
        why: reason,
        message,
    }
}

pub(in crate::decide) fn routed(route: &Route) -> EventKind {
    EventKind::Routed { to: route.department.clone(), by: route.kind, found: route.found.clone() }
}

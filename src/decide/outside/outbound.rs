//! What one of us wrote to a customer before the customer wrote: a ticket that waits for them, so that their answer finds one.
//!
//! Sends nothing to anybody. Whoever got a blind copy stays unseen by the others.

use jiff::SignedDuration;

use super::author::{Author, author};
use super::copies::{TO_US, actor, message};
use crate::decide::customer::follow_up::{MAX_PARTICIPANTS, is_old_import, is_outsider, referred, sender};
use crate::decide::customer::open::{NO_SUBJECT, new_ticket, routed};
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::TicketEditor;
use crate::decide::{CopyOfOurs, Incoming, NewMatter, ignored};
use crate::model::address::Person;
use crate::model::event::{Event, EventKind};
use crate::model::id::AgentId;
use crate::model::language::Language;
use crate::model::link::{AgentProof, Route, RouteKind};
use crate::model::plan::{Fate, NewMessage, NewTicket, Plan};
use crate::model::ticket::{Participant, Role, Status};

const TO_NOBODY: &str = "written to colleagues or machines only";
const MAILING: &str = "written to many at once: who answers gets a ticket of their own";
const BEFORE_US: &str = "it is old, and belongs to no ticket";
const BY_A_MACHINE: &str = "no human wrote it";

/// A mail this old that appears in the Sent folder was put in order there, not written.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A mail that belongs to no ticket: the customer's answer to it will.
pub(in crate::decide) fn words(case: &CopyOfOurs<'_>) -> Plan {
    let CopyOfOurs { agent, proof, .. } = *case;
    let named: Vec<&Person> = case.mail.to.iter().chain(&case.mail.cc).collect();
    let mut customers: Vec<Person> = Vec::new();
    // Who got a blind copy is not to be seen by others: they count only when they are alone.
    let blind = if named.is_empty() { case.mail.bcc.as_slice() } else { &[] };
    for person in named.into_iter().chain(blind).filter(|person| is_outsider(case.policy, &person.address)) {
        if customers.iter().all(|known| !known.address.same_as(&person.address)) {
            customers.push(person.clone());
        }
    }
    let many = customers.len() > MAX_PARTICIPANTS || (!blind.is_empty() && blind.len() > 1);
    let why_not = if proof == AgentProof::SentFolder && case.mail.to.iter().any(|to| case.policy.is_own(&to.address)) {
        Some(TO_US)
    } else if case.mail.automated.is_some() {
        Some(BY_A_MACHINE)
    } else if many {
        Some(MAILING)
    } else if is_old_import(case) || case.now.duration_since(case.raw.received_at) > LONG_AGO {
        Some(BEFORE_US)
    } else {
        None
    };
    match (why_not, customers.split_first()) {
        (Some(why), _) if proof == AgentProof::SentFolder => ignored(why),
        (None, None) if proof == AgentProof::SentFolder => ignored(TO_NOBODY),
        (None, Some((requester, others))) => open(case, agent, proof, requester, others),
        // What arrived is nobody's to ignore.
        (_, _) => new_ticket(&NewMatter::alone(&case.incoming)),
    }
}

/// Opens a ticket that waits for the customer.
fn open(
    case: &Incoming<'_>,
    agent: Option<&AgentId>,
    proof: AgentProof,
    requester: &Person,
    others: &[Person],
) -> Plan {
    let route = route(case);
    let department = case.policy.department(&route.department);
    let Author { agent, how } = author(case, department, agent);
    let number = case.counters.next_ticket;
    let subject = crate::model::text::clean_subject(&crate::model::subject::own_words(&case.mail.subject, None));
    let language = case.mail.language.as_deref().and_then(Language::from_tag);
    let on = |person: &Person, role| Participant { person: person.clone(), role };
    let actor = actor(case, agent.as_ref());
    let mut plan = Plan { fate: Some(Fate::Ticket(number)), ..Plan::default() };
    let ticket = NewTicket {
        number,
        key: case.counters.fresh_key,
        subject: if subject.is_empty() { NO_SUBJECT.to_owned() } else { subject },
        route: route.clone(),
        requester: requester.clone(),
        participants: std::iter::once(on(requester, Role::Requester))
            .chain(others.iter().map(|person| on(person, Role::Participant)))
            .collect(),
        language: language.or(department.map(|department| department.language)).unwrap_or(case.policy.desk.language),
        mailbox: case.raw.mailbox.clone(),
        possibly_related: None,
        list: None,
        follows: None,
        family: None,
    };
    let mut shown = TicketView::of_new(&ticket, case.counters.next_message);
    plan.open.push(ticket);
    let mut editor = TicketEditor { ticket: number, actor: actor.clone(), shown: &mut shown, plan: &mut plan };
    editor.stand(Status::Waiting);
    let takes = |agent: &AgentId| department.is_some_and(|department| department.takes_by_answer(agent));
    if let Some(agent) = agent.clone().filter(takes) {
        editor.begin_with(agent);
    }
    plan.messages.push(NewMessage { ticket: number, ..message(case, agent.as_ref(), "written to the customer first") });
    plan.refers.extend(referred(case).map(|id| (number, id)));
    let kind = EventKind::WroteFirst {
        to: requester.address.clone(),
        proof,
        author: how,
        message: case.counters.next_message,
    };
    plan.events.push(Event { ticket: number, actor, kind });
    plan.events.push(Event::of_desk(number, routed(&route)));
    plan.withheld.push("acknowledgement: we wrote first".to_owned());
    plan.withheld.push("notification: nothing is to be done before the customer answers".to_owned());
    plan
}

/// The department that writes from the mail's address, else as for any mail.
fn route(case: &Incoming<'_>) -> Route {
    let from = sender(case.mail).address;
    let writes = case.policy.department_of(&from).map(|department| department.id.clone());
    match writes {
        Some(department) => {
            let (kind, detail) = (RouteKind::Address, format!("written from `{from}`"));
            Route { department, kind, found: vec![from.to_string()], detail, scores: vec![] }
        }
        None => case.route.clone(),
    }
}

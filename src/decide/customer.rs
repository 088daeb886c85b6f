//! A customer's mail: a new ticket, or more on one that exists.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::acknowledge::{self, FRESH, is_machine};
use super::draft::{Drafts, Shown, Story};
use super::home::settle;
use super::{Case, attachment_infos, flood};
use crate::model::address::{Address, Person};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::language::Language;
use crate::model::link::{Link, Route, ThreadReason};
use crate::model::mail::{Arrival, Automated, ParsedMail};
use crate::model::outgoing::News;
use crate::model::plan::{Beginning, Change, Event, Fate, NewMessage, NewTicket, Plan};
use crate::model::policy::{Agent, Department, Policy};
use crate::model::ticket::{MessageKind, Participant, Role, Status, Ticket, Visibility};

/// People taken over from To and Cc of one mail.
const MAX_PARTICIPANTS: usize = 20;
/// Stands where a mail has no subject.
const NO_SUBJECT: &str = "(no subject)";

/// A mail that belongs to no ticket opens one.
pub(super) fn new_ticket(case: &Case<'_>) -> Plan {
    let number = case.counters.next_ticket;
    let (reason, possibly_related) = match case.link {
        Link::New { reason, possibly_related } => (*reason, *possibly_related),
        Link::Own | Link::Bounce { .. } | Link::Ticket { .. } => (ThreadReason::Nothing, None),
    };
    let ticket = open(case, number, possibly_related);
    let mut drafts = Drafts::new(case.counters.next_serial);
    let receipt = acknowledge::receipt(case, &ticket, &mut drafts);
    let told = tell_of_new(case, &ticket, &mut drafts);
    let mut events = vec![
        event(number, "customer", "opened", opened_detail(case, reason)),
        event(number, "postroom", "routed", routed_detail(&ticket.route)),
    ];
    if let Some(related) = possibly_related {
        events.push(event(number, "postroom", "possibly-related", format!("to #{related}: {}", reason.as_str())));
    }
    let mut withheld = Vec::new();
    match receipt {
        Ok(()) => events.push(event(
            number,
            "postroom",
            "acknowledged",
            format!("to {}, in `{}`", ticket.requester.address, ticket.language),
        )),
        Err(why) => {
            withheld.push(format!("acknowledgement: {why}"));
            events.push(event(number, "postroom", "withheld", format!("acknowledgement: {why}")));
        }
    }
    match told {
        Ok(agents) if agents.is_empty() => withheld.push("notification: there is nobody to tell".to_owned()),
        Ok(agents) => events.push(event(number, "postroom", "notified", agents.join(", "))),
        Err(why) => {
            withheld.push(format!("notification: {why}"));
            events.push(event(number, "postroom", "withheld", format!("notification: {why}")));
        }
    }
    Plan {
        messages: vec![message(case, number, &ticket.requester, reason)],
        open: Some(ticket),
        begun: flood::begun(case, number, Beginning::Opened),
        events,
        mails: drafts.mails,
        fate: Some(Fate::Ticket(number)),
        withheld,
        ..Plan::default()
    }
}

/// A customer's mail on a ticket that exists. It reopens it, unless a machine wrote it.
pub(super) fn follow_up(case: &Case<'_>, ticket: &Ticket) -> Plan {
    let reason = match case.link {
        Link::Ticket { reason, .. } => *reason,
        Link::Own | Link::Bounce { .. } | Link::New { .. } => ThreadReason::Nothing,
    };
    let author = sender(case.mail);
    let mut plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
    plan.messages.push(message(case, ticket.number, &author, reason));
    plan.events.push(event(ticket.number, "customer", "wrote", format!("{}: {}", author.address, reason.as_str())));
    if let Some(machine) = says_nothing(case) {
        plan.withheld.push(format!("notification: {machine} changes nothing"));
        plan.events.push(event(
            ticket.number,
            "postroom",
            "withheld",
            format!("{machine}: status and people left alone"),
        ));
        return plan;
    }
    propose_new_people(case, ticket, &mut plan);
    let mut shown = Shown::of(ticket);
    shown.shows = case.counters.next_message;
    settle(&mut shown, case.policy, Some(case.route), &mut plan);
    let reopened = matches!(ticket.status, Status::Waiting | Status::Resolved | Status::Closed);
    if reopened {
        shown.status = Status::Open;
        plan.changes.push((ticket.number, Change::Status(Status::Open, None)));
        plan.events.push(event(
            ticket.number,
            "postroom",
            "status",
            format!("{} to open: the customer answered", ticket.status),
        ));
    }
    if is_old_import(case) {
        plan.withheld.push("notification: the mail is older than a day and was imported".to_owned());
        return plan;
    }
    let mut drafts = Drafts::new(case.counters.next_serial);
    let story = Story {
        news: News::CustomerWrote { reopened },
        author: &author,
        words: &words(case),
        attachments: case.attachments,
        route: None,
    };
    drafts.notify(&shown, without_author(case, shown.readers(case.policy)), &story);
    if drafts.mails.is_empty() {
        plan.withheld.push("notification: nobody but the writer is to be told".to_owned());
    }
    plan.mails = drafts.mails;
    plan
}

/// What a machine wrote that answers nothing. A human's answer out of another desk bears marks of a machine too, so a
/// mail is silent only when its kind says so.
fn says_nothing(case: &Case<'_>) -> Option<&'static str> {
    let receipt = case.attachments.iter().any(|part| part.media_type == "message/disposition-notification");
    match case.mail.automated? {
        Automated::AutoReply => Some("an automatic reply"),
        Automated::Bounce => Some("a report on delivery"),
        Automated::Notice if receipt => Some("a receipt that the mail was shown"),
        Automated::Notice | Automated::List | Automated::Bulk | Automated::Own => None,
    }
}

/// Nobody is told of his own words: an agent's answering machine would answer them for ever.
pub(super) fn without_author(case: &Case<'_>, readers: Vec<AgentId>) -> Vec<AgentId> {
    let author = case.mail.from.as_ref().and_then(|from| agent_behind(case.policy, &from.address));
    readers.into_iter().filter(|reader| author.is_none_or(|author| author.id != *reader)).collect()
}

fn open(case: &Case<'_>, number: TicketNumber, possibly_related: Option<TicketNumber>) -> NewTicket {
    let requester = requester(case.policy, case.mail);
    let department = case.policy.department(&case.route.department);
    let language = case.mail.language.as_deref().and_then(Language::from_tag);
    let language = language.or(department.map(|department| department.language)).unwrap_or(case.policy.desk.language);
    let subject = crate::model::text::clean_subject(&crate::model::subject::bare_subject(&case.mail.subject));
    NewTicket {
        number,
        subject: if subject.is_empty() { NO_SUBJECT.to_owned() } else { subject },
        route: case.route.clone(),
        participants: participants(case, &requester),
        requester,
        language,
        mailbox: case.raw.mailbox.clone(),
        possibly_related,
    }
}

/// Who wants something from us: the author, or for a form or a robot the one human it names in Reply-To.
pub(super) fn requester(policy: &Policy, mail: &ParsedMail) -> Person {
    let author = sender(mail);
    let stands_in = is_machine(&author.address) || policy.is_own(&author.address) || mail.from.is_none();
    let named = mail.reply_to.iter().find(|person| !policy.is_own(&person.address) && !is_machine(&person.address));
    match named {
        Some(person) if stands_in => person.clone(),
        _ => author,
    }
}

pub(super) fn sender(mail: &ParsedMail) -> Person {
    let unknown = || Person { name: String::new(), address: Address::unknown_sender() };
    mail.from.clone().unwrap_or_else(unknown)
}

/// Everyone on a first mail: the requester, where he wants answers, and whom he wrote to beside us.
fn participants(case: &Case<'_>, requester: &Person) -> Vec<Participant> {
    let mut participants = vec![Participant { person: requester.clone(), role: Role::Requester }];
    if case.mail.automated.is_none() {
        let mut seen = BTreeSet::from([requester.address.key()]);
        let others = case.mail.from.iter().chain(&case.mail.reply_to).chain(&case.mail.to).chain(&case.mail.cc);
        for person in others.filter(|person| is_outsider(case.policy, &person.address)) {
            if participants.len() < MAX_PARTICIPANTS && seen.insert(person.address.key()) {
                participants.push(Participant { person: person.clone(), role: Role::Participant });
            }
        }
    }
    participants
}

/// Whether a customer can be behind an address: it is none of ours or of an agent, and a human may read it.
pub(super) fn is_outsider(policy: &Policy, address: &Address) -> bool {
    !policy.is_own(address) && agent_behind(policy, address).is_none() && !is_machine(address) && address.is_reachable()
}

/// The agent whose mail arrives at `address`, written with a plus part or without.
fn agent_behind<'p>(policy: &'p Policy, address: &Address) -> Option<&'p Agent> {
    policy.agent_by_address(address).or_else(|| policy.agent_by_address(&address.without_detail("+")))
}

/// Someone new in To or Cc of a later mail is recorded and told nothing.
fn propose_new_people(case: &Case<'_>, ticket: &Ticket, plan: &mut Plan) {
    let known =
        |address: &Address| ticket.participants.iter().any(|participant| participant.person.address.same_as(address));
    let mut seen = BTreeSet::new();
    for person in case.mail.to.iter().chain(&case.mail.cc).filter(|person| is_outsider(case.policy, &person.address)) {
        if known(&person.address) || seen.len() >= MAX_PARTICIPANTS || !seen.insert(person.address.key()) {
            continue;
        }
        let participant = Participant { person: person.clone(), role: Role::Proposed };
        plan.changes.push((ticket.number, Change::Participant(participant)));
        plan.events.push(event(
            ticket.number,
            "postroom",
            "proposed",
            format!("{} was named in a later mail and is told nothing", person.address),
        ));
    }
}

fn tell_of_new(case: &Case<'_>, ticket: &NewTicket, drafts: &mut Drafts) -> Result<Vec<String>, &'static str> {
    if is_old_import(case) {
        return Err("the mail is older than a day and was imported");
    }
    let department = case.policy.department(&ticket.route.department).ok_or("its department is not in the config")?;
    let shown = Shown {
        ticket: ticket.number,
        department: department.id.clone(),
        subject: ticket.subject.clone(),
        status: Status::New,
        priority: crate::model::ticket::Priority::Normal,
        assignee: None,
        mailbox: ticket.mailbox.clone(),
        possibly_related: ticket.possibly_related,
        shows: case.counters.next_message,
    };
    let story = Story {
        news: News::Opened,
        author: &ticket.requester,
        words: &words(case),
        attachments: case.attachments,
        route: Some(&ticket.route),
    };
    let readers = readers_of_new(case, ticket, department);
    let told = readers.iter().map(|agent| format!("agent {agent}")).collect();
    drafts.notify(&shown, readers, &story);
    Ok(told)
}

/// All agents of the department. An agent who writes as a customer is told of his own new matter only when nobody else
/// could take it, and never when his mail may be an answer to one of ours.
fn readers_of_new(case: &Case<'_>, ticket: &NewTicket, department: &Department) -> Vec<AgentId> {
    let others = without_author(case, department.agents.clone());
    let spent = case.counters.machine_mails_to_sender >= case.policy.limits.per_address_per_day;
    if others.is_empty() && !spent && ticket.possibly_related.is_none() { department.agents.clone() } else { others }
}

fn is_old_import(case: &Case<'_>) -> bool {
    case.raw.arrival == Arrival::Import && case.now.duration_since(case.raw.received_at) > FRESH
}

/// What an agent needs to read: the new words; everything when splitting left nothing; and what is missing.
pub(super) fn words<'a>(case: &'a Case<'_>) -> Cow<'a, str> {
    let words = if case.mail.reply.trim().is_empty() { &case.mail.text } else { &case.mail.reply };
    match left_on_server(case) {
        Some(missing) => Cow::Owned(format!("{words}\n\n[{missing}]").trim_start().to_owned()),
        None => Cow::Borrowed(words),
    }
}

/// What is said of a mail of which the headers alone were fetched.
fn left_on_server(case: &Case<'_>) -> Option<String> {
    let size = case.raw.omitted?;
    Some(format!("its body of {size} bytes was left in mailbox `{}`: it exceeds `max_message`", case.raw.mailbox))
}

pub(super) fn message(case: &Case<'_>, ticket: TicketNumber, author: &Person, reason: ThreadReason) -> NewMessage {
    let mut defects = case.mail.defects.clone();
    defects.extend(left_on_server(case));
    NewMessage {
        key: case.counters.next_message,
        ticket,
        kind: if case.mail.automated.is_some() { MessageKind::Automatic } else { MessageKind::Customer },
        visibility: Visibility::Public,
        from: author.clone(),
        to: case.mail.to.clone(),
        cc: case.mail.cc.clone(),
        date: case.mail.date.unwrap_or(case.raw.received_at),
        message_id: case.mail.message_id.clone(),
        agent: None,
        text: if case.raw.omitted.is_some() { words(case).into_owned() } else { case.mail.text.clone() },
        attachments: attachment_infos(case.attachments),
        thread_reason: reason.as_str().to_owned(),
        defects,
    }
}

fn opened_detail(case: &Case<'_>, reason: ThreadReason) -> String {
    match case.mail.automated {
        Some(machine) => format!("by {} ({}): {}", sender(case.mail).address, machine.as_str(), reason.as_str()),
        None => format!("by {}: {}", sender(case.mail).address, reason.as_str()),
    }
}

/// `to returns by address: …`; a detail that begins with its kind (`mailbox info`) is not introduced twice.
fn routed_detail(route: &Route) -> String {
    let Route { department, kind, detail, .. } = route;
    let kind = kind.as_str();
    if detail.starts_with(kind) {
        return format!("to `{department}` by {detail}");
    }
    format!("to `{department}` by {kind}: {detail}")
}

fn event(ticket: TicketNumber, actor: &str, kind: &'static str, detail: String) -> Event {
    Event { ticket, actor: actor.to_owned(), kind, detail }
}

//! A customer's mail on a ticket that exists, and what all mails of customers have in common.

use std::borrow::Cow;

use super::acknowledge::FRESH;
use super::{below, own_text};
use crate::decide::actions::orphaned::settle;
use crate::decide::notify::drafts::{Drafts, NotificationContent};
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::{TicketEditor, finish};
use crate::decide::{CustomerReply, Incoming, attachment_infos};
use crate::model::address::{Address, Person};
pub(in crate::decide) use crate::model::correspondent::is_outsider;
use crate::model::correspondent::{Correspondent, Doors, NamedBy, answers_to, correspondent};
use crate::model::event::{Actor, Event, EventKind, ProposedWhy, StatusWhy, Stead, Withheld};
use crate::model::id::{AgentId, MailId, MessageKey, TicketNumber};
use crate::model::link::{Link, ThreadReason};
use crate::model::mail::{Arrival, Attachment, Automated, ParsedMail};
use crate::model::outgoing::News;
use crate::model::plan::{Fate, NewMessage, Plan};
use crate::model::policy::{Agent, Policy};
use crate::model::ticket::{MessageKind, SenderVerdict, Status, Ticket, Visibility};

/// Ids that are kept of those that one mail refers to.
const MAX_REFERRED: usize = 30;
/// People taken over from To and Cc of one mail.
pub(in crate::decide) const MAX_PARTICIPANTS: usize = 20;

/// Nobody is told of their own words: an agent's answering machine would answer them for ever.
pub(in crate::decide) fn without_author(case: &Incoming<'_>, readers: Vec<AgentId>) -> Vec<AgentId> {
    let author = author(case);
    readers.into_iter().filter(|reader| author != Some(reader)).collect()
}

/// The agent who wrote the mail as a customer.
pub(in crate::decide) fn author<'a>(case: &Incoming<'a>) -> Option<&'a AgentId> {
    let from = case.mail.from.as_ref()?;
    agent_behind(case.policy, &from.address).map(|agent| &agent.id)
}

/// How much of a mail a ticket gets that it was not written to alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// It is the ticket's own mail: it opens the ticket again and is told.
    Whole,
    /// Colleagues are told; the ticket goes on waiting.
    Heard,
    /// It stands on the ticket.
    Recorded,
}

/// A customer's mail on a ticket that exists. It reopens it, unless a machine wrote it. The tickets that the same first mail
/// opened in other departments get it too.
pub(in crate::decide) fn follow_up(case: &CustomerReply<'_>) -> Plan {
    let ticket = case.ticket;
    let mut plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
    let mut drafts = Drafts::new(case.counters.next_serial).above(below(case));
    let author = speaker(case, ticket);
    let mut key = case.counters.next_message;
    go_on(case, ticket, Share::Whole, key, &mut plan, &mut drafts);
    for sibling in case.family.iter().filter(|sibling| sibling.is_participant(&author.address)) {
        key = MessageKey(key.0 + 1);
        go_on(case, sibling, share(case, sibling), key, &mut plan, &mut drafts);
    }
    finish(plan, drafts)
}

/// What a sibling gets: all of a mail that is written to its department or answers a mail that stands on it; of others no
/// more than it needs to know, and nothing that is done there is opened again.
fn share(case: &Incoming<'_>, sibling: &Ticket) -> Share {
    let department = case.policy.department(&sibling.department);
    let written = department.is_some_and(|department| case.policy.is_written_to(case.mail, department));
    let answered = case.mail.in_reply_to.iter().any(|id| sibling.public_ids.contains(id));
    match sibling.status {
        Status::New | Status::Open => Share::Whole,
        Status::Waiting | Status::Resolved | Status::Closed if written || answered => Share::Whole,
        Status::Waiting => Share::Heard,
        Status::Resolved | Status::Closed => Share::Recorded,
    }
}

fn go_on(case: &Incoming<'_>, ticket: &Ticket, share: Share, key: MessageKey, plan: &mut Plan, drafts: &mut Drafts) {
    let reason = if let Link::Ticket { reason, .. } = case.link { *reason } else { ThreadReason::Nothing };
    let author = speaker(case, ticket);
    plan.messages.push(NewMessage { key, ..message(case, ticket.number, &author, reason) });
    plan.refers.extend(referred(case).map(|id| (ticket.number, id)));
    let wrote = EventKind::Wrote {
        by: author.address.clone(),
        through: Some(sender(case.mail).address).filter(|through| !through.same_as(&author.address)),
        why: reason,
        message: key,
    };
    plan.events.push(Event { ticket: ticket.number, actor: Actor::Customer, kind: wrote });
    if let Some(machine) = silence(case.mail, case.attachments) {
        plan.withheld.push(format!("notification: {machine} changes nothing"));
        let why = format!("{machine}: status and people left alone");
        plan.events.push(Event::of_desk(ticket.number, EventKind::withheld(Withheld::Effect, why)));
        return;
    }
    let mut shown = TicketView::of(ticket);
    shown.shows = key;
    shown.sender = case.sender;
    judge(case, ticket.number, plan);
    propose_new_people(case, ticket, reason, &mut shown, plan);
    settle(&mut shown, case.policy, Some(case.route), plan);
    if share == Share::Recorded {
        plan.withheld.push(format!("notification: #{} is {} and was not written to", ticket.number, ticket.status));
        return;
    }
    let reopened =
        share == Share::Whole && matches!(ticket.status, Status::Waiting | Status::Resolved | Status::Closed);
    if reopened {
        TicketEditor::of_desk(&mut shown, plan).reopen(StatusWhy::CustomerAnswered);
    }
    if is_old_import(case) {
        plan.withheld.push("notification: the mail is older than a day and was imported".to_owned());
        return;
    }
    let story = NotificationContent {
        news: News::CustomerWrote { reopened },
        author: &author,
        words: &words(case),
        attachments: case.attachments,
        route: None,
    };
    let before = drafts.mails.len();
    let readers = without_author(case, shown.readers(case.policy));
    TicketEditor::of_desk(&mut shown, plan).notify(drafts, case.policy, readers, &story);
    if drafts.mails.len() == before && plan.withheld.is_empty() {
        plan.withheld.push("notification: nobody but the writer is to be told".to_owned());
    }
}

/// The history says that our own mail server does not take the author for who they say they are.
pub(in crate::decide) fn judge(case: &Incoming<'_>, number: TicketNumber, plan: &mut Plan) {
    if case.sender == SenderVerdict::Failed {
        plan.events.push(Event::of_desk(number, EventKind::SenderFailed { from: sender(case.mail).address }));
    }
}

/// What a machine wrote that answers nothing. A human's answer out of another desk bears marks of a machine too, so a
/// mail is silent only when its kind says so.
pub(in crate::decide) fn silence(mail: &ParsedMail, attachments: &[Attachment]) -> Option<&'static str> {
    let receipt = attachments.iter().any(|part| part.media_type == "message/disposition-notification");
    match mail.automated? {
        Automated::AutoReply => Some("an automatic reply"),
        Automated::Bounce => Some("a report on delivery"),
        Automated::Notice if receipt => Some("a receipt that the mail was shown"),
        Automated::Notice | Automated::List | Automated::Bulk | Automated::Own => None,
    }
}

/// The ids by which other mails of the conversation are known, the nearest of a long chain.
pub(in crate::decide) fn referred(case: &Incoming<'_>) -> impl Iterator<Item = MailId> {
    let ids = case.mail.thread_index.iter().chain(&case.mail.in_reply_to).chain(case.mail.references.iter().rev());
    ids.take(MAX_REFERRED).cloned()
}

/// Who wants something from us.
pub(in crate::decide) fn requester(policy: &Policy, mail: &ParsedMail) -> Person {
    correspondent(policy, mail).person
}

pub(in crate::decide) use crate::model::correspondent::author as sender;

/// Who speaks on a ticket: the author; the human in whose name a form or a relay wrote, when that one is on it and the author is not.
fn speaker(case: &Incoming<'_>, ticket: &Ticket) -> Person {
    let author = sender(case.mail);
    let Correspondent { person, .. } = correspondent(case.policy, case.mail);
    let stands_in = case.mail.automated.is_none()
        && !ticket.is_participant(&author.address)
        && ticket.is_participant(&person.address);
    if stands_in { person } else { author }
}

/// That answers go to somebody else than the author, and why; `None` when they do not.
pub(in crate::decide) fn stands_in(mail: &ParsedMail, named_by: NamedBy, person: &Person) -> Option<EventKind> {
    let why = match named_by {
        NamedBy::From => return None,
        NamedBy::ReplyTo => Stead::ReplyTo,
        NamedBy::FormLine => Stead::FormLine,
    };
    Some(EventKind::Requester { requester: person.address.clone(), author: sender(mail).address, why })
}

/// The agent whose mail arrives at `address`, written with a plus part or without.
fn agent_behind<'p>(policy: &'p Policy, address: &Address) -> Option<&'p Agent> {
    policy.agent_by_address(address).or_else(|| policy.agent_by_address(&address.without_detail("+")))
}

/// Someone new in To, Cc or Reply-To of a later mail, and a colleague of the requester whom our mail server vouches for, is
/// recorded and told nothing, until an agent includes them.
fn propose_new_people(
    case: &Incoming<'_>,
    ticket: &Ticket,
    reason: ThreadReason,
    shown: &mut TicketView,
    plan: &mut Plan,
) {
    let author = speaker(case, ticket);
    let doors = Doors::of(case.policy, case.mail);
    let colleague = (reason == ThreadReason::Colleague).then_some(&author);
    let named = answers_to(case.policy, case.mail).into_iter().chain(&case.mail.to).chain(&case.mail.cc);
    let named = named.filter(|person| !person.address.same_as(&author.address) && !doors.lead_from(&person.address));
    let known =
        |address: &Address| ticket.participants.iter().any(|participant| participant.person.address.same_as(address));
    let mut proposed: Vec<Address> = Vec::new();
    for person in colleague.into_iter().chain(named) {
        let again = proposed.iter().any(|address| address.same_as(&person.address));
        let outsider = is_outsider(case.policy, &person.address);
        if known(&person.address) || again || !outsider || proposed.len() >= MAX_PARTICIPANTS {
            continue;
        }
        let is_author = person.address.same_as(&author.address);
        let why = if is_author { ProposedWhy::Colleague } else { ProposedWhy::LaterMail };
        TicketEditor::of_desk(shown, plan).propose(person, why);
        proposed.push(person.address.clone());
    }
}

pub(in crate::decide) fn is_old_import(case: &Incoming<'_>) -> bool {
    case.raw.arrival == Arrival::Import && case.now.duration_since(case.raw.received_at) > FRESH
}

/// What an agent needs to read: the new words; everything when splitting left nothing; and what is missing.
pub(in crate::decide) fn words<'a>(case: &'a Incoming<'_>) -> Cow<'a, str> {
    let words = case.mail.words();
    match left_on_server(case) {
        Some(missing) => Cow::Owned(format!("{words}\n\n[{missing}]").trim_start().to_owned()),
        None => own_text::without(words, case.sent_words),
    }
}

/// What stands below those words and nobody has read yet.
pub(in crate::decide) fn below(case: &Incoming<'_>) -> String {
    match case.below {
        Some(unseen) => unseen.to_owned(),
        None if case.raw.omitted.is_some() => String::new(),
        None => below::whole(case.mail, case.traces),
    }
}

/// What is said of a mail of which the headers alone were fetched.
fn left_on_server(case: &Incoming<'_>) -> Option<String> {
    let size = case.raw.omitted?;
    Some(format!("its body of {size} bytes was left in mailbox `{}`: it exceeds `max_message`", case.raw.mailbox))
}

pub(in crate::decide) fn message(
    case: &Incoming<'_>,
    ticket: TicketNumber,
    author: &Person,
    reason: ThreadReason,
) -> NewMessage {
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
        thread_reason: reason.in_words().to_owned(),
        defects,
    }
}

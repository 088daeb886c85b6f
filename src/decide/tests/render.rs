//! A plan as text that a support lead can read: one line a thing that happens.

use crate::model::address::Person;
use crate::model::held::HeldStep;
use crate::model::outgoing::{Draft, News, NoticeBody};
use crate::model::plan::{Change, Fate, Plan};
use crate::model::refusal::in_one_line;
use crate::model::ticket::Role;

pub(super) fn render(plan: &Plan) -> String {
    let mut lines = vec![format!("fate: {}", fate(plan.fate.as_ref()))];
    for ticket in &plan.open {
        lines.push(format!("open: #{} \"{}\" in {}", ticket.number, ticket.subject, ticket.route.department));
        lines.push(format!("language: {}", ticket.language));
        lines.extend(ticket.participants.iter().map(|someone| {
            let word = if someone.role == Role::Requester { "requester" } else { "participant" };
            format!("{word}: {}", who(&someone.person))
        }));
        lines.extend(ticket.possibly_related.map(|number| format!("possibly related: #{number}")));
    }
    lines.extend(plan.changes.iter().map(|(_, change)| format!("change: {}", self::change(change))));
    lines.extend(plan.absences.iter().map(|(agent, absence)| match absence {
        Some(absence) => {
            let until = absence.until.map(|until| format!(" until {until}")).unwrap_or_default();
            format!("absent: {agent} away{until} ({})", absence.by)
        }
        None => format!("absent: {agent} back"),
    }));
    for message in &plan.messages {
        let head = format!("message: {} {} from {}", message.kind, message.visibility, who(&message.from));
        lines.push(format!("{head}: {}", one_line(&message.text)));
    }
    lines.extend(
        plan.events.iter().map(|event| format!("event: {} {}: {}", event.actor, event.kind.word(), event.kind)),
    );
    lines.extend(plan.mails.iter().flat_map(mail));
    lines.extend(plan.held.iter().map(|step| match step {
        HeldStep::Hold { message, agent, shows, leak, asked_in } => {
            let asked = asked_in.as_ref().map(|department| format!(", asked in {department}")).unwrap_or_default();
            format!(
                "held: message {message} of {agent}, shown up to {shows}{}{asked}",
                if *leak { ", words of a note" } else { "" }
            )
        }
        HeldStep::Leave { message, before, after, joined: _ } => {
            format!("leaves: message {message}, {} to {}", before.status, after.status)
        }
        HeldStep::Withdraw(message) => format!("withdrawn: message {message}"),
        HeldStep::End(message, state) => format!("held: message {message} is {state}"),
    }));
    lines.extend(plan.withheld.iter().map(|why| format!("withheld: {why}")));
    lines.join("\n")
}

fn fate(fate: Option<&Fate>) -> String {
    match fate {
        Some(Fate::Ticket(number)) => format!("ticket #{number}"),
        Some(Fate::Duplicate(_)) => "duplicate".to_owned(),
        Some(Fate::Ignored(reason)) => format!("ignored: {reason}"),
        Some(Fate::Quarantined(number, reason)) => format!("quarantined as #{number}: {reason}"),
        None => "no mail".to_owned(),
    }
}

fn change(change: &Change) -> String {
    match change {
        Change::Status(status, None) => format!("status {status}"),
        Change::Status(status, Some(until)) => format!("status {status} until {until}"),
        Change::Assignee(agent) => format!("assignee {}", agent.as_ref().map_or("nobody", |agent| agent.as_str())),
        Change::Given(department, agent) => format!("{agent} is given it by {department}"),
        Change::Department(department) => format!("department {department}"),
        Change::Priority(priority) => format!("priority {priority}"),
        Change::AddTag(tag) => format!("tag +{tag}"),
        Change::RemoveTag(tag) => format!("tag -{tag}"),
        Change::Step(step) => format!("{step:?}"),
        Change::Participant(someone) => format!("{} {}", someone.role, who(&someone.person)),
        Change::NoParticipant(address) => format!("without {address}"),
        Change::Requester(person) => format!("requester {}", who(person)),
    }
}

fn mail(draft: &Draft) -> Vec<String> {
    match draft {
        Draft::Acknowledgement(mail) => vec![format!("acknowledgement to {}, {}", mail.to.address, mail.language)],
        Draft::Answer(mail) => {
            let mut lines =
                vec![format!("answer to {} as {}: {}", all(&mail.to), mail.department, one_line(mail.body.as_str()))];
            if !mail.cc.is_empty() {
                lines.push(format!("answer cc {}", all(&mail.cc)));
            }
            lines.extend(mail.attachments.iter().map(|file| format!("answer with {}", file.name)));
            lines.extend(mail.references.last().map(|id| format!("answer follows {id}")));
            lines
        }
        Draft::Notification(mail) => {
            vec![format!("tell {}: {}: {}", mail.agent, news(&mail.news), one_line(mail.body.as_str()))]
        }
        Draft::Digest(mail) => vec![format!("digest to {}: {} tickets", mail.agent, mail.tickets.len())],
        Draft::Notice(mail) => vec![format!("notice to {}: {}", mail.agent, notice(&mail.body))],
    }
}

fn news(news: &News) -> String {
    match news {
        News::Opened => "new ticket".to_owned(),
        News::CustomerWrote { reopened: true } => "customer wrote, open again".to_owned(),
        News::CustomerWrote { reopened: false } => "customer wrote".to_owned(),
        News::ColleagueAnswered(name) => format!("{name} answered"),
        News::Unproven(name) => format!("unproven, in the name of {name}"),
        News::Note(name) => format!("note by {name}"),
        News::AssignedToYou(name) => format!("{name} assigned it to you"),
        News::NoLongerYours(name) => format!("{name} took it away"),
        News::Moved(by) | News::HandedOver { by, .. } => format!("{by} moved it"),
        News::Accepted(name) => format!("{name} accepted it"),
        News::Returned(name) => format!("{name} returned it"),
        News::Split { by, from } => format!("{by} split it from #{from}"),
        News::DeliveryFailed(_) => "delivery failed".to_owned(),
        News::NotTold { agent, reason } => format!("{agent} was not told: {reason}"),
        News::KeyDead(by) => format!("key seen in a mail of {by}"),
        News::WithoutWords(reason) => format!("without words: {reason}"),
        News::Quarantined(reason) => format!("quarantined ({reason})"),
        News::WaitOver => "the wait is over".to_owned(),
        News::Flood => "flood".to_owned(),
        News::Absorbed { by, merged } => format!("{by} merged #{merged} into it"),
        News::MergedInto { by, lead } => format!("{by} merged it into #{lead}"),
        News::Unmerged { by, lead } => format!("{by} took it out of #{lead}"),
        News::Next => "the next one".to_owned(),
        News::YoursAsAway(name) => format!("yours as {name} is away"),
        News::FreeAsAway(name) => format!("free as {name} is away"),
        News::Taken(name) => format!("{name} has taken it"),
        News::YoursAsReleased(name) => format!("yours as {name} released it"),
        News::FreeAsReleased(name) => format!("free as {name} released it"),
    }
}

fn notice(body: &NoticeBody) -> String {
    match body {
        NoticeBody::Refused { reasons, text, .. } => {
            format!("refused, {}: {}", in_one_line(reasons), one_line(text.as_str()))
        }
        NoticeBody::Held { newer, doubts, text, .. } => {
            let newer: Vec<&str> = newer.iter().map(|newer| newer.text.as_str()).collect();
            let newer = std::iter::once(format!("newer [{}]", newer.join(" | ")));
            let why: Vec<String> = newer.chain(doubts.iter().map(|doubt| doubt.to_string())).collect();
            format!("held, {}: {}", why.join(", "), one_line(text.as_str()))
        }
        NoticeBody::Unticketed { text, .. } => format!("on no ticket: {}", one_line(text.as_str())),
        NoticeBody::Expired { text } => format!("expired: {}", one_line(text.as_str())),
        NoticeBody::State(state) => format!(
            "state: {}, {}, {}, {}, tags [{}]",
            state.department,
            state.status,
            state.priority,
            state.assignee.as_ref().map_or("nobody", crate::model::AgentId::as_str),
            state.tags.join(" ")
        ),
        NoticeBody::Conversation(conversation) => {
            format!("conversation of {}, {} events", conversation.said.len(), conversation.events.len())
        }
        NoticeBody::Help(_) => "help".to_owned(),
        NoticeBody::Done(told) => format!("done {}, undo {}", told.done.len(), told.undo.join(" ")),
        NoticeBody::NoteReached(people) => format!("note reached {people:?}"),
        NoticeBody::Regrouped(regrouping) => format!("{regrouping:?}"),
        NoticeBody::Staff(word) => format!("{word:?}"),
        NoticeBody::NotDelivered { recipient, reason, permanent } => {
            format!("{} {recipient}: {reason}", if *permanent { "never reached" } else { "has not reached" })
        }
    }
}

fn who(person: &Person) -> String {
    format!("{} <{}>", person.name, person.address).trim_start().to_owned()
}

fn all(people: &[Person]) -> String {
    people.iter().map(|person| person.address.to_string()).collect::<Vec<_>>().join(", ")
}

fn one_line(text: &str) -> String {
    text.trim().replace('\n', " / ")
}

//! A ticket's history in English, for the command line, JSON and logs. Mails tell it in their reader's language.

use std::fmt;

use super::event::{
    AssignedWhy, BackWhy, EventKind, Failure, JoinedWhy, MovedWhy, ProposedWhy, Retried, StatusWhy, Stead, Withheld,
};
use super::id::{AgentId, TicketNumber};
use super::link::ThreadReason;
use super::staff::AwayBy;
use super::text::plus_minus;

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Legacy { words, .. } => f.write_str(words),
            Self::SplitFrom { split_from, .. } => write!(f, "split from #{split_from}"),
            Self::WroteFirst { to, proof, author, .. } => {
                write!(f, "to {to}, written past the desk, {}; {author}", proof.in_words())
            }
            Self::Opened { by, machine, why, .. } => match machine {
                Some(machine) => write!(f, "by {by} ({machine}): {}", why.in_words()),
                None => write!(f, "by {by}: {}", why.in_words()),
            },
            Self::Routed { to, by, found } if found.is_empty() => write!(f, "to `{to}` by {}", by.as_str()),
            Self::Routed { to, by, found } => {
                let found: Vec<String> = found.iter().map(|found| format!("`{found}`")).collect();
                write!(f, "to `{to}` by {}: {}", by.as_str(), found.join(", "))
            }
            Self::Requester { requester, author, why } => {
                write!(f, "{requester}: {}; {author} wrote in their name and is not on the ticket", stead(*why))
            }
            Self::NewRequester { from, to } => write!(f, "{to} in the place of {from}: #cc"),
            Self::Follows { ticket, why } | Self::PossiblyRelated { ticket, why } => {
                write!(f, "to #{ticket}: {}", why.in_words())
            }
            Self::Sibling { tickets, departments } => {
                let named = tickets.iter().zip(departments).map(|(ticket, there)| format!("#{ticket} in `{there}`"));
                write!(f, "the same mail opened {}", named.collect::<Vec<_>>().join(", "))
            }
            Self::Forwarded { customer, proof } => write!(f, "a mail of {customer}, {}", proof.in_words()),
            Self::Retried { retried, ticket, reason } => retry(f, *retried, *ticket, reason.as_deref()),
            Self::Quarantined { reason } => f.write_str(reason),
            Self::Wrote { by, through: Some(through), why, .. } => {
                write!(f, "{by}, by way of {through}: {}", why.in_words())
            }
            Self::Wrote { by, through: None, why, .. } => write!(f, "{by}: {}", why.in_words()),
            Self::Folded { by, limit, .. } => {
                write!(f, "{limit} by {by}: its further mails are added here, without a word to anybody")
            }
            Self::Note { .. } => f.write_str("an internal note"),
            Self::NoteReached { to, .. } => write!(f, "the agent's own program sent the note to {} too", list(to)),
            Self::AnsweredAside { to, proof, author, overtaken, .. } => {
                write!(f, "to {}, past the desk, {}; {author}", list(to), proof.in_words())?;
                if *overtaken { f.write_str("; the customer wrote again since") } else { Ok(()) }
            }
            Self::Answered { to, .. } => write!(f, "to {}", list(to)),
            Self::Cut { parts } => f.write_str(&parts.join("; ")),
            Self::Refused { why } | Self::Withheld { what: Withheld::Effect | Withheld::Repetition, why } => {
                f.write_str(why)
            }
            Self::Aside { to, author, .. } => {
                write!(f, "a mail about the ticket to {}, who is not on it: {author}", list(to))
            }
            Self::Unproven { to, why, .. } => {
                write!(f, "a mail in our name to {}, {why}: kept for colleagues, nothing changed", list(to))
            }
            Self::Held { why, .. } => write!(f, "an answer: {why}"),
            Self::Replaced { .. } => f.write_str("the held answer is dropped: another one takes its place"),
            Self::Cancelled { .. } => f.write_str("the held answer is dropped, as its agent says"),
            Self::Sent { .. } => f.write_str("the answer that was held, as its agent says"),
            Self::Expired { agent, days, .. } => {
                write!(f, "an answer of {agent} was held for {days} days and is dropped")
            }
            Self::Withdrawn { .. } => f.write_str("an answer that had not left is taken back, as its agent says"),
            Self::Status { from, to, until, why, ticket } => {
                if from != to {
                    write!(f, "{from} to ")?;
                }
                write!(f, "{to}")?;
                until.iter().try_for_each(|until| write!(f, " until {}", until.strftime("%Y-%m-%d %H:%M UTC")))?;
                why.iter().try_for_each(|why| write!(f, ": {}", status_why(*why, *ticket)))
            }
            Self::Priority { from, to } => write!(f, "{from} to {to}"),
            Self::Tags { added, removed } => {
                f.write_str(&plus_minus(added, removed))
            }
            Self::Assigned { from, to, why } => {
                if from != to {
                    write!(f, "{} ", somebody(from.as_ref()))?;
                }
                write!(f, "to {}", somebody(to.as_ref()))?;
                why.iter().try_for_each(|why| write!(f, ": {}", assigned_why(*why, from.as_ref())))
            }
            Self::Moved { from, to, why, route, hand_over } => {
                write!(f, "{from} to {to}")?;
                match (route, why) {
                    (Some(route), _) => write!(f, ": {route}")?,
                    (None, Some(why)) => write!(f, ": {}", moved_why(*why))?,
                    (None, None) => {}
                }
                hand_over.iter().try_for_each(|nth| write!(f, ", hand-over {nth}"))
            }
            Self::Accepted { from: Some(from) } => write!(f, "the hand-over from {from}"),
            Self::Accepted { from: None } => f.write_str("the hand-over"),
            Self::Away { agent, by: AwayBy::Refused, .. } => {
                write!(f, "{agent}: the server refuses mail to their address")
            }
            Self::Away { agent, until: Some(until), by } => write!(f, "{agent} until {until}: {by}"),
            Self::Away { agent, until: None, by } => write!(f, "{agent}: {by}"),
            Self::Back { agent, why } => match why {
                BackWhy::Command => write!(f, "{agent}: #back"),
                BackWhy::Mail => write!(f, "{agent}: they write again"),
            },
            Self::Joined { person, why } => {
                let why = match why {
                    JoinedWhy::Command => "#cc",
                    JoinedWhy::Answer => "named in the answer",
                };
                write!(f, "{person} is on the ticket from now on: {why}")
            }
            Self::Left { person } => write!(f, "{person} is not on the ticket any more: #cc"),
            Self::Proposed { person, why } => {
                write!(f, "{person} gets nothing until an agent includes them: {}", proposed_why(*why))
            }
            Self::KeyDead { agent, author } => write!(
                f,
                "the reply address of {agent} stands in a mail of {author}: it counts no more, a new one follows"
            ),
            Self::SenderFailed { from } => {
                write!(f, "our own mail server says that the mail does not come from {from} (dmarc=fail)")
            }
            Self::MergedInto { into } => write!(f, "into #{into}"),
            Self::Absorbed { part, subject, proposed } if proposed.is_empty() => {
                write!(f, "#{part} \"{subject}\" is part of it: the same people")
            }
            Self::Absorbed { part, subject, proposed } => {
                write!(f, "#{part} \"{subject}\" is part of it: {} proposed, told nothing", list(proposed))
            }
            Self::UnmergedFrom { from, status } => write!(f, "from #{from}: {status} again"),
            Self::Unmerged { part, subject } => write!(f, "#{part} \"{subject}\" stands alone again"),
            Self::Split { author, ticket, .. } => write!(f, "a mail of {author} is #{ticket} now"),
            Self::Spam { customer } => write!(f, "a mail of {customer}"),
            Self::Muted { customer } => write!(f, "further mails of {customer} are ignored"),
            Self::Unmuted { customer } => write!(f, "mails of {customer} are taken again"),
            Self::Acknowledged { to, language } => write!(f, "to {to}, in `{language}`"),
            Self::Notified { agents } => {
                f.write_str(&agents.iter().map(|agent| format!("agent {agent}")).collect::<Vec<_>>().join(", "))
            }
            Self::NewsDropped { what, agent, kept, told: 0, why } => {
                write!(f, "{what}: {kept} kept for {agent}, none told: {why}")
            }
            Self::NewsDropped { what, agent, kept, told, why } => {
                write!(f, "{what}: {kept} kept for {agent}, {told} told: {why}")
            }
            Self::Withheld { what, why } => write!(f, "{what}: {why}"),
            Self::Delivery { mail, to, failure: Failure::Final, reason } => {
                write!(f, "{mail} to {to} not delivered: {reason}")
            }
            Self::Delivery { mail, to, failure: Failure::Late, reason } => {
                write!(f, "{mail} to {to} not delivered yet: {reason}")
            }
            Self::Bounced { mail, outcome } if outcome.is_empty() => write!(f, "of our {mail}: no details given"),
            Self::Bounced { mail, outcome } => write!(f, "of our {mail}: {outcome}"),
            Self::HeldByRecipient { held_by } => write!(f, "{held_by} holds our mail back until a human confirms it"),
            Self::StrayAgain { reporter } => write!(f, "one more report like this one, of {reporter}"),
            Self::Stray {} => f.write_str(
                "it reports on a mail that stands on no ticket: no Message-ID of ours, and no ticket of its recipient under its subject",
            ),
        }
    }
}

fn list<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn somebody(agent: Option<&AgentId>) -> &str {
    agent.map_or("nobody", AgentId::as_str)
}

fn stead(why: Stead) -> &'static str {
    match why {
        Stead::ReplyTo => "Reply-To names them alone",
        Stead::FormLine => "our own form names them in a line",
    }
}

fn retry(
    f: &mut fmt::Formatter<'_>,
    retried: Retried,
    ticket: Option<TicketNumber>,
    reason: Option<&str>,
) -> fmt::Result {
    let reason = reason.unwrap_or_default();
    match (retried, ticket) {
        (Retried::Failed, _) => write!(f, "tried again, without success: {reason}"),
        (Retried::Ignored, _) => write!(f, "tried again: nothing had to be done, {reason}"),
        (Retried::Ticket, Some(ticket)) => write!(f, "tried again: the mail is on ticket #{ticket}"),
        (Retried::Ticket, None) => f.write_str("tried again: the mail is on a ticket"),
        (Retried::Duplicate, Some(ticket)) => {
            write!(f, "tried again: the mail was taken before, it is on ticket #{ticket}")
        }
        (Retried::Duplicate, None) => f.write_str("tried again: the mail was taken before, and ignored"),
    }
}

fn status_why(why: StatusWhy, ticket: Option<TicketNumber>) -> String {
    let number = ticket.map(|ticket| format!("#{ticket}")).unwrap_or_default();
    let words = match why {
        StatusWhy::Answered => "answered",
        StatusWhy::CustomerAnswered => "the customer answered",
        StatusWhy::Flood => "more mail of a flood came",
        StatusWhy::NotDelivered => "an answer was not delivered",
        StatusWhy::HeldByRecipient => "our mail is held back until a human confirms it",
        StatusWhy::WaitOver => "the wait is over",
        StatusWhy::Mailbox => "moved in the mailbox",
        StatusWhy::Merged => return format!("{number} is not answered"),
        StatusWhy::Unmerged => return format!("as it was before {number} was merged"),
    };
    words.to_owned()
}

fn assigned_why(why: AssignedWhy, from: Option<&AgentId>) -> String {
    let words = match why {
        AssignedWhy::RoundRobin | AssignedWhy::LeastOpen => why.as_str(),
        AssignedWhy::NobodyThere => "nobody is there",
        AssignedWhy::MaxOpen => "everybody has as many open tickets as `max_open` allows",
        AssignedWhy::FirstToAnswer => "the first to answer",
        AssignedWhy::Next => "the next in the queue",
        AssignedWhy::Mailbox => "moved in the mailbox",
        AssignedWhy::OtherDepartment => "the assignee does not work in the new department",
        AssignedWhy::LeftConfig => return format!("{} is not in the config", somebody(from)),
        AssignedWhy::HandedOver => return format!("all tickets of {} are handed over", somebody(from)),
        AssignedWhy::Away => return format!("{} is away", somebody(from)),
        AssignedWhy::Returned => "returned",
        AssignedWhy::Refused => return format!("the server refuses mail to {}", somebody(from)),
    };
    words.to_owned()
}

fn proposed_why(why: ProposedWhy) -> &'static str {
    match why {
        ProposedWhy::Colleague => ThreadReason::Colleague.in_words(),
        ProposedWhy::LaterMail => "named in a later mail",
        ProposedWhy::AuthorFailed => "named in a mail whose author is not proved",
        ProposedWhy::ReplyTo => "Reply-To names them beside others",
    }
}

fn moved_why(why: MovedWhy) -> &'static str {
    match why {
        MovedWhy::Mailbox => "moved in the mailbox",
        MovedWhy::Returned => "returned",
        MovedWhy::LeftConfig => "the former is not in the config",
    }
}

//! What became of an agent's commands: one line with the commands that take it back, and what else a merge or spam means.

use super::labels::{MAX_LINE, priority_text, status_text};
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::sender::{agent_name, department_name};
use crate::compose::texts::{TextKey, Texts};
use crate::compose::when::moment;
use crate::model::address::Address;
use crate::model::done::{Confirmation, Done};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::outgoing::Regrouping;
use crate::model::text::{clean_line, plus_minus};

/// Characters of an address in a list.
const MAX_ADDRESS: usize = 320;

/// The line.
pub fn block(told: &Confirmation, ticket: TicketNumber, reader: &AgentId, texts: &Texts, desk: &Desk) -> Block {
    let what: Vec<String> = told.done.iter().map(|done| clause(done, reader, texts, desk)).collect();
    let what = if what.is_empty() { texts.get(TextKey::DoneNothing).to_owned() } else { what.join("; ") };
    let (number, undo) = (ticket.to_string(), told.undo.join(", "));
    let values = [("number", number.as_str()), ("what", what.as_str()), ("undo", undo.as_str())];
    let key = if undo.is_empty() { TextKey::Done } else { TextKey::DoneUndo };
    Block::Headline(clean_line(&texts.fill(key, &values), MAX_LINE))
}

/// That a customer got a note from the agent's own program.
pub fn note_reached(people: &[Address], ticket: TicketNumber, texts: &Texts) -> Block {
    let people = people.iter().map(Address::to_string).collect::<Vec<_>>().join(", ");
    let values = [("number", &*ticket.to_string()), ("people", &*clean_line(&people, MAX_LINE))];
    Block::Headline(texts.fill(TextKey::NoteReached, &values))
}

fn clause(done: &Done, reader: &AgentId, texts: &Texts, desk: &Desk) -> String {
    match done {
        Done::Status(status, until) => {
            let status = texts.get(status_text(*status)).to_owned();
            match until {
                Some(until) => {
                    texts.fill(TextKey::DoneUntil, &[("status", &status), ("date", &moment(*until, texts, desk))])
                }
                None => status,
            }
        }
        Done::Assignee(None) => texts.get(TextKey::DoneNobodys).to_owned(),
        Done::Assignee(Some(agent)) if agent == reader => texts.get(TextKey::DoneYours).to_owned(),
        Done::Assignee(Some(agent)) => texts.fill(TextKey::DoneAssigned, &[("agent", &agent_name(agent, desk))]),
        Done::Department(id) => {
            texts.fill(TextKey::DoneDepartment, &[("department", &department_name(id, texts, desk))])
        }
        Done::Priority(priority) => {
            texts.fill(TextKey::DonePriority, &[("priority", texts.get(priority_text(*priority)))])
        }
        Done::Tags(tags) => texts.fill(TextKey::DoneTags, &[("tags", &tags.join(" "))]),
        Done::People { added, removed } => texts.fill(TextKey::DonePeople, &[("people", &plus_minus(added, removed))]),
        Done::Sent => texts.get(TextKey::DoneSent).to_owned(),
        Done::Dropped => texts.get(TextKey::DoneDropped).to_owned(),
        Done::Noted => texts.get(TextKey::DoneNoted).to_owned(),
        Done::Withdrawn => texts.get(TextKey::DoneWithdrawn).to_owned(),
    }
}

/// The notice to the agent who regrouped; `ticket` is the one that it is about.
pub fn regrouped(regrouping: &Regrouping, ticket: TicketNumber, texts: &Texts<'_>) -> Vec<Block> {
    let number = ticket.to_string();
    let of = |key| texts.fill(key, &[("number", &number)]);
    match regrouping {
        Regrouping::Merged { merged, customer, strangers } => {
            let (merged, customer) = (merged.to_string(), customer.address.to_string());
            let values = [("merged", merged.as_str()), ("number", number.as_str()), ("customer", customer.as_str())];
            let mut blocks = vec![Block::Headline(texts.fill(TextKey::NoticeMerged, &values))];
            if !strangers.is_empty() {
                blocks.push(Block::Text(texts.get(TextKey::NoticeMergedStrangers).to_owned()));
                blocks.push(Block::List(addresses(strangers)));
            }
            blocks
        }
        Regrouping::Spam { muted: None } => vec![Block::Headline(of(TextKey::NoticeSpam))],
        Regrouping::Spam { muted: Some(address) } => {
            let values = [("number", number.as_str()), ("address", address.as_str())];
            vec![Block::Headline(texts.fill(TextKey::NoticeSpamMuted, &values))]
        }
        Regrouping::NoSpam => vec![Block::Headline(of(TextKey::NoticeNoSpam))],
    }
}

fn addresses(addresses: &[Address]) -> Vec<String> {
    addresses.iter().map(|address| clean_line(address.as_str(), MAX_ADDRESS)).collect()
}

//! One line about what an agent's commands did, with the commands that take it back.

use super::Desk;
use super::notification::{MAX_LINE, priority_text, status_text};
use super::page::Block;
use super::sender::{agent_name, department_name};
use super::texts::{TextKey, Texts};
use super::when::moment;
use crate::model::address::Address;
use crate::model::done::{Confirmation, Done};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::text::{clean_line, plus_minus};

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

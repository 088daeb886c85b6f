//! How a ticket stands, for the agent who asks with `#status`.

use super::Desk;
use super::audience::{listed, written_out};
use super::notification::{MAX_LINE, priority_text, status_text};
use super::sender::{agent_name, department_name};
use super::texts::{TextKey, Texts};
use super::when::moment;
use crate::model::address::Address;
use crate::model::text::clean_line;
use crate::model::ticket_state::TicketState;

/// Names and values, in the reader's language.
pub fn facts(state: &TicketState, texts: &Texts, desk: &Desk) -> Vec<(String, String)> {
    let TicketState {
        department,
        status,
        wait_until,
        priority,
        assignee,
        customer,
        others,
        proposed,
        tags,
        opened_at,
        changed_at,
    } = state;
    let nobody = || texts.get(TextKey::Nobody).to_owned();
    let mut facts = vec![
        (texts.get(TextKey::LabelDepartment), department_name(department, texts, desk)),
        (texts.get(TextKey::LabelStatus), texts.get(status_text(*status)).to_owned()),
    ];
    if let Some(until) = wait_until {
        facts.push((texts.get(TextKey::BriefDeadline), moment(*until, texts, desk)));
    }
    facts.push((texts.get(TextKey::LabelPriority), texts.get(priority_text(*priority)).to_owned()));
    let assignee = assignee.as_ref().map_or_else(nobody, |agent| agent_name(agent, desk));
    facts.push((texts.get(TextKey::LabelAssignee), assignee));
    facts.push((texts.get(TextKey::LabelCustomer), written_out(customer)));
    let mut facts = cleaned(facts);
    if !others.is_empty() {
        facts.push((texts.get(TextKey::LabelParticipants).to_owned(), listed(others)));
    }
    let mut rest = Vec::new();
    if !proposed.is_empty() {
        let addresses: Vec<String> = proposed.iter().map(Address::to_string).collect();
        rest.push((texts.get(TextKey::LabelProposed), addresses.join(", ")));
    }
    if !tags.is_empty() {
        rest.push((texts.get(TextKey::LabelTags), tags.join(", ")));
    }
    rest.push((texts.get(TextKey::BriefOpened), moment(*opened_at, texts, desk)));
    rest.push((texts.get(TextKey::LabelChanged), moment(*changed_at, texts, desk)));
    facts.extend(cleaned(rest));
    facts
}

fn cleaned(facts: Vec<(&str, String)>) -> Vec<(String, String)> {
    facts.into_iter().map(|(name, value)| (name.to_owned(), clean_line(&value, MAX_LINE))).collect()
}

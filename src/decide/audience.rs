//! Who is told, by what he asked for in the config: the one place that says so, for what is sent at once and for what was kept.

use super::draft::TicketView;
use super::pace;
use crate::model::habits::Notify;
use crate::model::id::AgentId;
use crate::model::outgoing::News;
use crate::model::policy::{Agent, Policy};
use crate::model::ticket::Ticket;

/// Why `reader` is not told of `news` that he is a reader of; `None` when he is.
pub(super) fn spared(
    policy: &Policy,
    shown: &TicketView,
    reader: &AgentId,
    news: &News,
    words: &str,
) -> Option<String> {
    let agent = policy.agent(reader)?;
    let own = shown.assignee.as_ref() == Some(reader) || pace::concerns(news);
    let named = matches!(news, News::Note(_)) && mentions(words, agent);
    let wanted = match agent.habits.notify {
        Notify::All | Notify::Digest => true,
        Notify::Mine => own || named,
        Notify::None => news.is_asked_for(),
    };
    (!wanted).then(|| format!("{reader} has `notify = \"{}\"`", agent.habits.notify))
}

/// Who hears in the place of `agent`, who is away, what is kept for him of a ticket: the others of its department who are
/// there, as of a new mail, unless somebody else has it and is told himself.
pub fn stand_ins(policy: &Policy, ticket: &Ticket, agent: &AgentId) -> Vec<AgentId> {
    let is_there = |other: &AgentId| policy.agent(other).is_some() && !ticket.away.contains(other);
    if ticket.assignee.as_ref().is_some_and(|assignee| assignee != agent && is_there(assignee)) {
        return Vec::new();
    }
    let members = policy.department(&ticket.department).map(|department| department.agents.as_slice());
    let listens = |other: &AgentId| {
        let habits = policy.agent(other).map(|agent| agent.habits.notify);
        matches!(habits, Some(Notify::All | Notify::Digest))
    };
    let others = members.unwrap_or_default().iter().filter(|other| *other != agent);
    others.filter(|other| is_there(other) && listens(other)).cloned().collect()
}

/// Why news that was kept is not told any more: the rights are those at the time of telling.
pub(super) fn gone(policy: &Policy, shown: &TicketView, reader: &AgentId) -> Option<String> {
    let Some(agent) = policy.agent(reader) else { return Some(format!("{reader} is not in the config any more")) };
    if agent.habits.notify == Notify::None {
        return Some(format!("{reader} has `notify = \"none\"`"));
    }
    let member = policy.department(&shown.department).is_some_and(|department| department.has_agent(reader));
    let concerned = member || shown.assignee.as_ref() == Some(reader);
    (!concerned).then(|| format!("{reader} does not work in `{}`", shown.department))
}

/// Who is told in the place of `reader` what customers wrote and he was not told yet, now that he may not read the ticket;
/// `None` while he may.
pub fn heirs(policy: &Policy, ticket: &Ticket, reader: &AgentId) -> Option<Vec<AgentId>> {
    let shown = TicketView::of(ticket);
    gone(policy, &shown, reader)?;
    let mut heirs = shown.readers(policy);
    heirs.retain(|heir| {
        heir != reader && spared(policy, &shown, heir, &News::CustomerWrote { reopened: false }, "").is_none()
    });
    Some(heirs)
}

/// Whether a note names the agent: `@anna`, as a word of its own.
pub(super) fn mentions(words: &str, agent: &Agent) -> bool {
    let words = words.to_lowercase();
    let name = format!("@{}", agent.id);
    words.match_indices(&name).any(|(start, name)| {
        let before = words.get(..start).and_then(|text| text.chars().next_back());
        let after = words.get(start + name.len()..).and_then(|text| text.chars().next());
        let joined = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_');
        // `x@anna.example` is an address.
        !joined(before) && !joined(after) && after != Some('-') && !is_domain(words.get(start + name.len()..))
    })
}

/// Whether what follows a name makes it the beginning of a domain.
fn is_domain(rest: Option<&str>) -> bool {
    rest.and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::policy;

    #[test]
    fn a_note_names_an_agent_by_a_word_of_its_own() {
        let policy = policy();
        let anna = &policy.agents[0];
        for words in ["@anna, please look", "for @Anna.", "(@anna)", "see @anna"] {
            assert!(mentions(words, anna), "{words}");
        }
        for words in ["anna", "@annabel", "ewa@anna", "@anna.example", "@anna-maria", "@ anna"] {
            assert!(!mentions(words, anna), "{words}");
        }
    }
}

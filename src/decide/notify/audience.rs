//! Who is told, by what they asked for in the config: the one place that says so, for what is sent at once and for what was kept.

use super::pace;
use super::ticket_view::TicketView;
use crate::model::habits::Notify;
use crate::model::id::AgentId;
use crate::model::outgoing::News;
use crate::model::policy::{Agent, Policy};

/// Why `reader` is not told of `news` that they are a reader of; `None` when they are.
pub(in crate::decide) fn spared(
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

/// Why news that was kept is not told any more: the rights are those at the time of telling.
pub(in crate::decide) fn gone(policy: &Policy, shown: &TicketView, reader: &AgentId) -> Option<String> {
    let Some(agent) = policy.agent(reader) else { return Some(format!("{reader} is not in the config any more")) };
    if agent.habits.notify == Notify::None {
        return Some(format!("{reader} has `notify = \"none\"`"));
    }
    let member = policy.department(&shown.department).is_some_and(|department| department.has_agent(reader));
    let concerned = member || shown.assignee.as_ref() == Some(reader);
    (!concerned).then(|| format!("{reader} does not work in `{}`", shown.department))
}

/// Whether a note names the agent: `@anna`, as a word of its own.
pub(in crate::decide) fn mentions(words: &str, agent: &Agent) -> bool {
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

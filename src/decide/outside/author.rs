//! Who wrote a mail from the shared account: the agent whose address it bears, or whose name stands where authors sign.
//!
//! Never guesses: what fits two agents of the department, or none, is nobody's.

use std::collections::BTreeSet;

use crate::decide::Incoming;
use crate::decide::outgoing::closings;
use crate::model::fold::fold;
use crate::model::id::AgentId;
use crate::model::policy::{Agent, Department};

/// Filled lines at the end of the words, and at the beginning of the signature, where a name may stand.
const MAX_LINES: usize = 3;

/// The author, as far as is known.
pub(in crate::decide) struct Author {
    /// Which agent; `None` when that cannot be told.
    pub(in crate::decide) agent: Option<AgentId>,
    /// What shows it, in words.
    pub(in crate::decide) how: String,
}

/// Who wrote the mail; `agent` is the one whose address stands in From.
pub(in crate::decide) fn author(
    case: &Incoming<'_>,
    department: Option<&Department>,
    agent: Option<&AgentId>,
) -> Author {
    if let Some(agent) = agent {
        return Author { agent: Some(agent.clone()), how: format!("From is an address of {agent}") };
    }
    let sender = case.mail.sender.as_ref();
    if let Some((agent, sender)) =
        sender.and_then(|sender| Some((case.policy.agent_by_address(&sender.address)?, sender)))
    {
        return found(agent, &format!("Sender is {}", sender.address));
    }
    let members: Vec<&Agent> = department
        .map_or_else(Vec::new, |department| department.agents.iter().filter_map(|id| case.policy.agent(id)).collect());
    let name = words(case.mail.from.as_ref().map_or("", |from| from.name.as_str()));
    if let Some(agent) = only(members.iter().copied().filter(|agent| names(&name, agent))) {
        return found(agent, "From bears the name");
    }
    let lines = signed_lines(case);
    if let Some(agent) = only(members.into_iter().filter(|agent| lines.iter().any(|line| signs(line, agent)))) {
        return found(agent, "the signature bears the name");
    }
    Author { agent: None, how: "which agent wrote it is not known".to_owned() }
}

fn found(agent: &Agent, how: &str) -> Author {
    Author { agent: Some(agent.id.clone()), how: format!("written by {}: {how}", agent.id) }
}

/// The one that there is; `None` when there are more.
fn only<'p>(mut agents: impl Iterator<Item = &'p Agent>) -> Option<&'p Agent> {
    let first = agents.next()?;
    agents.next().is_none().then_some(first)
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the display name holds all words of the agent's name (`Nowak, Anna (Example Shop)`).
fn names(display: &[String], agent: &Agent) -> bool {
    let own = words(&agent.name);
    let display: BTreeSet<&String> = display.iter().collect();
    !own.is_empty() && own.iter().all(|word| display.contains(word))
}

/// Whether a line is how the agent signs: the full name with what follows it, or the first name, a closing before it or not.
fn signs(line: &[String], agent: &Agent) -> bool {
    let own = words(&agent.name);
    if own.is_empty() || line.is_empty() {
        return false;
    }
    if own.len() > 1 && line.starts_with(&own) {
        return true;
    }
    let ends = [own.as_slice(), own.get(..1).unwrap_or_default()];
    ends.into_iter()
        .filter_map(|name| line.strip_suffix(name))
        .any(|rest| rest.is_empty() || closings::is_closing(&rest.join(" ")))
}

/// The lines where a name would stand.
fn signed_lines(case: &Incoming<'_>) -> Vec<Vec<String>> {
    let filled = |text: &str| -> Vec<Vec<String>> { text.lines().map(words).filter(|line| !line.is_empty()).collect() };
    let mut lines = filled(&case.mail.reply);
    let mut lines = lines.split_off(lines.len().saturating_sub(MAX_LINES));
    lines.extend(filled(&case.mail.signature).into_iter().take(MAX_LINES));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::policy;

    fn check(line: &str, signed: bool) {
        assert_eq!(signs(&words(line), &policy().agents[0]), signed, "{line}");
    }

    #[test]
    fn a_line_signs_when_it_is_the_name_with_or_without_a_closing() {
        check("Anna", true);
        check("Anna Nowak", true);
        check("— Anna Nowak, Example Shop", true);
        check("Pozdrawiam, Anna", true);
        check("Kind regards, Anna Nowak", true);
        check("Ask Anna", false);
        check("Anna will call you", false);
        check("Nowak", false);
        check("", false);
    }

    #[test]
    fn a_display_name_names_whose_whole_name_it_holds() {
        let anna = policy().agents[0].clone();
        assert!(names(&words("Nowak, ANNA (Example Shop)"), &anna));
        assert!(!names(&words("Anna from Example Shop"), &anna));
    }

    #[test]
    fn what_fits_two_agents_is_nobodys() {
        let policy = policy();
        let agents: Vec<&Agent> = policy.agents.iter().collect();
        assert!(only(agents.iter().copied()).is_none());
        assert_eq!(only(agents.into_iter().take(1)).map(|agent| agent.id.as_str()), Some("anna"));
    }
}

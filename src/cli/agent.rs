//! `agent list`, `agent away ID`, `agent back ID`, `agent handover ID ID`. The daemon sees a change with the next mail.

use std::path::Path;

use anyhow::Context as _;

use super::Failure;
use super::arguments::AgentCommand;
use super::desk::open;
use super::output::Output;
use crate::clock::Clock;
use crate::daemon::secret;
use crate::decide;
use crate::model::id::{AgentId, DepartmentId};
use crate::model::policy::Policy;
use crate::pipeline::Pipeline;
use crate::report;
use crate::store::Store;

pub(super) async fn run(path: &Path, command: AgentCommand, output: &Output) -> Result<(), Failure> {
    let (policy, store) = open(path)?;
    let text = match command {
        AgentCommand::List { .. } => {
            let staff = store.read(|view| view.staff()).await?;
            if output.json() {
                format!("{:#}\n", report::agents::json(&policy, &staff))
            } else {
                report::agents::list(&policy, &staff, output.paint())
            }
        }
        AgentCommand::Away { agent, until } => {
            let agent = known(&policy, &agent)?;
            let at = until.and_then(|day| decide::back_on(day, &policy.desk.timezone));
            if let Some(why) = at.and_then(|at| decide::impossible(at, Clock::System.now())) {
                return Err(anyhow::anyhow!("`--until`: {why}\nhint: name the day on which `{agent}` is back").into());
            }
            let count = pipeline(policy, &store)?.agent_leaves(agent.clone(), at).await?;
            let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
            format!("{agent} is away{until}; unanswered tickets that went on to colleagues: {count}\n")
        }
        AgentCommand::Back { agent } => {
            let agent = known(&policy, &agent)?;
            pipeline(policy, &store)?.agent_returns(agent.clone()).await?;
            format!("{agent} is back\n")
        }
        AgentCommand::Handover { from, to, department } => {
            let (from, to) = (AgentId::new(&from), known(&policy, &to)?);
            let department = department.map(|id| known_department(&policy, &id)).transpose()?;
            if from == to {
                return Err(anyhow::anyhow!("`{from}` has these tickets already\nhint: name two agents").into());
            }
            let is_agent = policy.agent(&from).is_some();
            let count = pipeline(policy.clone(), &store)?.hand_over(from.clone(), to.clone(), department).await?;
            if count == 0 && !is_agent {
                known(&policy, from.as_str())?;
            }
            let away = store.read(|view| view.absences()).await?.contains_key(&to);
            let away = if away { format!("note: {to} is away\n") } else { String::new() };
            format!("tickets of {from} that are {to}'s now: {count}\n{away}")
        }
    };
    store.close().await;
    Ok(output.text(&text)?)
}

pub(super) fn known(policy: &Policy, id: &str) -> anyhow::Result<AgentId> {
    let agent = policy.agent(&AgentId::new(id)).map(|agent| agent.id.clone());
    agent.with_context(|| {
        let hint = ids(policy.agents.iter().map(|agent| agent.id.as_str()));
        format!("no agent `{id}` in the config\nhint: there are {hint}")
    })
}

pub(super) fn known_department(policy: &Policy, id: &str) -> anyhow::Result<DepartmentId> {
    let department = policy.department(&DepartmentId::new(id)).map(|department| department.id.clone());
    department.with_context(|| {
        let hint = ids(policy.departments.iter().map(|department| department.id.as_str()));
        format!("no department `{id}` in the config\nhint: there are {hint}")
    })
}

fn ids<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

/// The pipeline of a config on a store, to change something.
pub(super) fn pipeline(policy: Policy, store: &Store) -> anyhow::Result<Pipeline> {
    let signer = secret::load(&policy.desk)?.context("there is no secret yet\nhint: start the daemon once")?;
    Ok(Pipeline::new(policy, signer, store.clone(), Clock::System))
}

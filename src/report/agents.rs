//! `agent list`: who works where, who is away, who has how much to do.

use serde_json::{Value, json};

use super::json::time;
use crate::model::id::AgentId;
use crate::model::policy::Policy;
use crate::model::staff::Staff;
use crate::terminal::{Paint, Table};

/// As a table. Who is gone from the config and still has tickets stands at the end.
pub fn list(policy: &Policy, staff: &Staff, paint: Paint) -> String {
    let mut table = Table::new(&["AGENT", "NAME", "ROLE", "DEPARTMENTS", "OPEN", "AWAY"]);
    for agent in &policy.agents {
        let away = staff.away.get(&agent.id).map_or("-".to_owned(), |absence| match absence.until {
            Some(until) => {
                let day = until.to_zoned(policy.desk.timezone.clone()).date();
                format!("until {day} ({})", absence.by)
            }
            None => format!("yes ({})", absence.by),
        });
        let departments = departments(policy, &agent.id, |lead| if lead { " (lead)" } else { "" });
        table.row(vec![
            agent.id.to_string(),
            agent.name.clone(),
            agent.role.to_string(),
            if departments.is_empty() { "-".to_owned() } else { departments.join(", ") },
            staff.open_of(&agent.id).to_string(),
            away,
        ]);
    }
    for (agent, open) in gone(policy, staff) {
        let cells = [agent.as_str(), "-", "not in the config", "-", &open.to_string(), "-"];
        table.row(cells.map(str::to_owned).to_vec());
    }
    if table.is_empty() { "no agents\n".to_owned() } else { table.render(paint) }
}

/// As JSON, for `agent list --json`.
pub fn json(policy: &Policy, staff: &Staff) -> Value {
    let agents = policy.agents.iter().map(|agent| {
        let leads = policy.departments.iter().filter(|department| department.leads.contains(&agent.id));
        let away = staff.away.get(&agent.id).map(|absence| {
            json!({"since": time(absence.since), "until": absence.until.map(time), "by": absence.by.as_str()})
        });
        json!({
            "id": agent.id.as_str(),
            "name": agent.name,
            "role": agent.role.as_str(),
            "departments": departments(policy, &agent.id, |_| ""),
            "leads": leads.map(|department| department.id.as_str()).collect::<Vec<_>>(),
            "open": staff.open_of(&agent.id),
            "away": away,
        })
    });
    let gone = gone(policy, staff).map(|(agent, open)| {
        json!({"id": agent.as_str(), "name": null, "role": null, "departments": [], "leads": [], "open": open, "away": null})
    });
    agents.chain(gone).collect()
}

fn departments(policy: &Policy, agent: &AgentId, mark: impl Fn(bool) -> &'static str) -> Vec<String> {
    let own = policy.departments.iter().filter(|department| department.has_agent(agent));
    own.map(|department| format!("{}{}", department.id, mark(department.leads.contains(agent)))).collect()
}

fn gone<'a>(policy: &'a Policy, staff: &'a Staff) -> impl Iterator<Item = (&'a AgentId, u32)> {
    let gone = staff.open.iter().filter(|(agent, _)| policy.agent(agent).is_none());
    gone.map(|(agent, open)| (agent, *open))
}

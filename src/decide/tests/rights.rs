//! Rights: whose ticket is whose to give away, and that an unverified agent's mail comes back to them.

use super::*;
use crate::model::staff::AgentRole;

const TAKEN: &str =
    "ticket #1042 is Jan Kos's: in department `support` a lead takes or assigns a colleague's ticket (`jan`)";

/// Anna writes on Jan's ticket, in a department that Jan leads.
fn on_jans(words: &str) -> Scene {
    agent_writes(words).with(|scene| {
        scene.ticket().assignee = Some(AgentId::new("jan"));
        scene.policy.departments[0].leads = vec![AgentId::new("jan")];
    })
}

#[test]
fn a_colleagues_ticket_is_a_leads_to_give() {
    for words in ["#take", "#assign anna", "#release", "#move support\n#take", "#take\n#take"] {
        check(&on_jans(words), &[&format!("event: agent anna refused: {TAKEN}"), "!change"]);
    }
    let by_lead = on_jans("#take").with(|scene| scene.policy.departments[0].leads = vec![AgentId::new("anna")]);
    check(&by_lead, &["change: assignee anna", "tell jan: Anna Nowak took it away: "]);
    let by_manager = on_jans("#take").with(|scene| scene.policy.agents[0].role = AgentRole::Manager);
    check(&by_manager, &["change: assignee anna"]);
}

#[test]
fn where_nobody_leads_members_do_it_among_themselves() {
    let scene = on_jans("#take").with(|scene| scene.policy.departments[0].leads.clear());
    check(&scene, &["change: assignee anna"]);
}

#[test]
fn everybody_gives_away_what_is_his_own_or_nobodys() {
    let own = on_jans("#assign jan").with(|scene| scene.ticket().assignee = Some(AgentId::new("anna")));
    check(&own, &["change: assignee jan"]);
    let nobodys = on_jans("#assign jan").with(|scene| scene.ticket().assignee = None);
    check(&nobodys, &["change: assignee jan"]);
    let taken_first = on_jans("#take\n#assign jan").with(|scene| scene.ticket().assignee = None);
    check(&taken_first, &["change: assignee jan"]);
    check(&on_jans("#assign jan"), &["!change", "!event: agent anna refused"]);
}

#[test]
fn a_colleague_who_left_has_nothing_any_more() {
    let scene = on_jans("#take").with(|scene| scene.ticket().assignee = Some(AgentId::new("gone")));
    check(&scene, &["change: assignee anna"]);
}

#[test]
fn other_work_on_a_colleagues_ticket_needs_no_lead() {
    check(&on_jans("#note\nHe called."), &["tell jan: note by Anna Nowak: He called."]);
    check(&on_jans("We look into it."), &["answer to customer@client.example as support: We look into it."]);
}

#[test]
fn a_manager_works_in_every_department() {
    let manager = |scene: &mut Scene| {
        scene.policy.departments[0].agents = vec![AgentId::new("jan")];
        scene.policy.agents[0].role = AgentRole::Manager;
    };
    check(&agent_writes("#close").with(manager), &["change: status closed"]);
    check(&agent_writes("#take").with(manager), &["change: assignee anna"]);
    let plain = agent_writes("#close").with(|scene| scene.policy.departments[0].agents.clear());
    let why = "ticket #1042 is now in department `support`, where the agent does not work";
    check(&plain, &[&format!("event: agent anna refused: {why}"), "!change"]);
}

#[test]
fn an_unverified_mail_comes_back_to_the_agents_own_address() {
    let required = |words: &str| agent_writes(words).with(|scene| scene.policy.desk.require_dmarc = true);
    check(&required("#close"), &["!change", "!answer"]);
    let text = render(&required("Give me the password.").plan());
    assert!(text.contains("notice to anna: refused, the mail server does not confirm"), "{text}");
    check(&required("#close").with(|scene| scene.verified = true), &["change: status closed"]);
}

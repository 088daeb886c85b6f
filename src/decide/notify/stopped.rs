//! Who hears that a circuit breaker keeps something back: managers, else leads, else whoever works there.
//!
//! Nobody is told of a single mail: once a day for each limit and whose it is. What is kept back is on its ticket all the same.

use crate::model::breaker::{Breaker, Stopped};
use crate::model::id::{AgentId, DepartmentId, MailboxId};
use crate::model::outgoing::{Draft, NoticeBody, NoticeDraft, StaffNotice};
use crate::model::policy::Policy;
use crate::model::reader::Reader;

/// Word to those who see to it. `serial` numbers the first of the mails.
pub fn stopped(policy: &Policy, mailbox: &MailboxId, stopped: &Stopped, serial: i64) -> Vec<Draft> {
    let Some(mailbox) = policy.mailbox(mailbox).or_else(|| policy.mailboxes.first()) else { return Vec::new() };
    let concerned = match stopped.breaker {
        Breaker::Notices | Breaker::Returned => Some(stopped.whose.as_str()),
        Breaker::ReceiptsOfDomain
        | Breaker::ReceiptsOfMailbox
        | Breaker::ReceiptsForOthers
        | Breaker::TicketsOfDomain
        | Breaker::NewsOfDomain
        | Breaker::NewsOfMailbox => None,
    };
    let notice = |(agent, serial): (AgentId, i64)| {
        Draft::Notice(NoticeDraft {
            ticket: None,
            subject: String::new(),
            agent,
            mailbox: mailbox.id.clone(),
            department: mailbox.department.clone(),
            body: NoticeBody::Staff(StaffNotice::Stopped(stopped.clone())),
            references: Vec::new(),
            answered: Reader::Nobody,
            customers: Vec::new(),
            shows: None,
            serial,
        })
    };
    overseers(policy, &mailbox.department, concerned).into_iter().zip(serial..).map(notice).collect()
}

/// Who sees to it that a desk runs: managers, else the department's leads, else its agents; never `but`, whom `status` names.
fn overseers(policy: &Policy, department: &DepartmentId, but: Option<&str>) -> Vec<AgentId> {
    let [managers, leads, members] = ranks(policy, department, but);
    first_of([managers, leads, members])
}

/// Who may read a ticket in the place of `but`: the department's leads, else its agents, else managers.
pub(in crate::decide) fn stand_ins(policy: &Policy, department: &DepartmentId, but: &AgentId) -> Vec<AgentId> {
    let [managers, leads, members] = ranks(policy, department, Some(but.as_str()));
    first_of([leads, members, managers])
}

fn first_of(ranks: [Vec<AgentId>; 3]) -> Vec<AgentId> {
    ranks.into_iter().find(|agents| !agents.is_empty()).unwrap_or_default()
}

/// Managers, leads of a department, its agents.
fn ranks(policy: &Policy, department: &DepartmentId, but: Option<&str>) -> [Vec<AgentId>; 3] {
    let department = policy.department(department);
    let leads = || department.iter().flat_map(|department| &department.leads);
    let members = || department.iter().flat_map(|department| &department.agents);
    let others = |agents: Vec<&AgentId>| -> Vec<AgentId> {
        agents
            .into_iter()
            .filter(|agent| Some(agent.as_str()) != but && policy.agent(agent).is_some())
            .cloned()
            .collect()
    };
    [others(policy.managers().collect()), others(leads().collect()), others(members().collect())]
}
